"""People whom the districts of a town leave out, though they seem to belong to it.

Two signs that a national grid with a neighbouring town next door does not give:

- people in ground that the districts enclose and that belongs to none of them;
- people outside all districts of a grid that seems made for this town: a file that is read whole,
  at least two thirds of whose people live inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from welcomemap.crs import Points, unproject_point
from welcomemap.errors import CoordinateError, Fault, fault
from welcomemap.ingest.people import PeopleGrid
from welcomemap.ingest.spread import SpreadPeople, spread_people

OWN_SHARE = 2 / 3
"""Share of the people of a file who live inside, from which on it seems made for the town."""
NOTABLE_SHARE = 0.02
NAMED_PLACES = 12
LEAST_PEOPLE = 10.0
"""Fewer people may be those of a border drawn otherwise."""


@dataclass(frozen=True)
class LeftOut:
    """People outside the districts; ``lat``, ``lon`` in degrees (EPSG:4326): a place among them."""

    people: float
    lat: float
    lon: float


def find_enclosed_people(
    grid: PeopleGrid, areas: gpd.GeoDataFrame, homes: Points, crs: str
) -> tuple[LeftOut, ...]:
    """Return the people of each ground that areas enclose and none covers, most people first.

    Parameters
    ----------
    areas
        Polygons with a CRS.
    homes
        Shape (n, 2): x, y in metres in ``crs``; people of wide cells are spread by them.
    crs
        Metric CRS of the town.
    """
    town = shapely.union_all(areas.geometry.to_crs(crs).to_numpy())
    rings = [ring for part in shapely.get_parts(town) for ring in shapely.get_rings(part)[1:]]
    # An area in a hole of others fills it, or a part of it.
    open_ground = shapely.difference(
        shapely.union_all([shapely.Polygon(ring) for ring in rings]), town
    )
    shapes = [part for part in shapely.get_parts(open_ground) if part.area > 0]
    if not shapes:
        return ()
    holes = gpd.GeoDataFrame(
        {"district": range(1, len(shapes) + 1), "name": [""] * len(shapes)},
        geometry=shapes,
        crs=crs,
    )
    try:
        found = spread_people(replace(grid, groups=grid.groups[:1]), holes, homes, crs)
    except CoordinateError:  # nobody lives there
        return ()
    by_hole = found.cells.groupby("district")["residents"].sum()
    told = []
    for number, people in by_hole[by_hole >= LEAST_PEOPLE].items():
        place = shapely.point_on_surface(shapes[int(str(number)) - 1])
        told.append(LeftOut(float(people), *unproject_point(place.x, place.y, crs=crs)))
    return tuple(sorted(told, key=lambda one: (-one.people, one.lat, one.lon)))


def find_people_beyond(
    grid: PeopleGrid, areas: gpd.GeoDataFrame, inside_people: float
) -> LeftOut | None:
    """Return the people of a town's own grid outside all areas, with the cell of most of them.

    ``None`` where the grid does not seem made for the town, or hardly anybody lives outside.

    Parameters
    ----------
    inside_people
        Residents inside, as they were spread.
    """
    if grid.beyond is None:
        return None
    town = shapely.union_all(areas.geometry.to_crs(grid.crs).to_numpy())
    shapely.prepare(town)
    is_out = ~shapely.intersects(town, grid.table.geometry.to_numpy())
    columns = ["x", "y", "residents"]
    outside = pd.concat([grid.table.loc[is_out, columns], grid.beyond[columns]], ignore_index=True)
    everybody = float(grid.table["residents"].sum() + grid.beyond["residents"].sum())
    left = everybody - inside_people
    is_own = inside_people >= OWN_SHARE * everybody
    if not is_own or left < max(NOTABLE_SHARE * everybody, LEAST_PEOPLE) or outside.empty:
        return None
    most = outside.iloc[int(np.argmax(outside["residents"]))]
    lat, lon = unproject_point(float(most["x"]), float(most["y"]), crs=grid.crs)
    return LeftOut(left, lat, lon)


def tell_left_out(
    grid: PeopleGrid,
    people: SpreadPeople,
    areas: gpd.GeoDataFrame,
    homes: Points,
    crs: str,
    texts: Mapping[str, str],
) -> tuple[list[Fault], str]:
    """Return warnings of people whom the areas leave out, and what the pack's limits say of them.

    Parameters
    ----------
    people
        The grid as it was spread over the areas.
    texts
        ``enclosed_people`` and ``people_beyond``, each with a place for ``n_people``.
    """
    warnings, told = [], ""
    enclosed = find_enclosed_people(grid, areas, homes, crs)
    if enclosed:
        n_people = sum(one.people for one in enclosed)
        places = [
            fault("{n_people:,.0f} at {lat:.4f}, {lon:.4f}",
                  n_people=one.people, lat=one.lat, lon=one.lon)
            for one in enclosed[:NAMED_PLACES]
        ]  # fmt: skip
        warnings.append(
            fault(
                "{n_people:,.0f} people of the grid live in ground that the areas enclose and "
                "that belongs to none of them (latitude, longitude): {places}",
                n_people=n_people,
                places=places,
            )
        )
        told += " " + texts["enclosed_people"].format(n_people=n_people)
    beyond = find_people_beyond(grid, areas, float(people.totals["residents"].sum()))
    if beyond is not None:
        warnings.append(
            fault(
                "the grid seems made for this town, and {n_people:,.0f} of its people live outside "
                "the areas, most of a cell at latitude {lat:.4f}, longitude {lon:.4f}",
                n_people=beyond.people,
                lat=beyond.lat,
                lon=beyond.lon,
            )
        )
        told += " " + texts["people_beyond"].format(n_people=beyond.people)
    return warnings, told
