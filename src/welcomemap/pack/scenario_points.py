"""Do the coordinates of a list of service points lie in the region?"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from welcomemap.crs import Points, project
from welcomemap.errors import CoordinateError, Place, SwappedCoordinatesError, quote
from welcomemap.pack.districts import NO_DISTRICT, find_districts
from welcomemap.pack.load import RegionPack
from welcomemap.pack.scenario_rows import ListedRows


def read_points(rows: ListedRows, pack: RegionPack) -> Points:
    """Return x, y of each row in metres in the pack's CRS, NaN where the list has no coordinate.

    Raises
    ------
    CoordinateError
        If a coordinate is no number, half of it is missing, or it lies outside the region.
    SwappedCoordinatesError
        If it lies in the region once latitude and longitude are exchanged.
    """
    lat_lon = np.full((len(rows.frame), 2), np.nan)
    for i, (place, cells) in enumerate(rows):
        lat_lon[i] = [_read_degrees(cells, column, place) for column in ("lat", "lon")]
        if np.isnan(lat_lon[i]).any() and not np.isnan(lat_lon[i]).all():
            column = "lat" if np.isnan(lat_lon[i, 0]) else "lon"
            raise CoordinateError(
                "one of latitude and longitude is missing",
                where=Place(place.path, place.row, column),
                how="Fill both, or neither: then the address is looked up.",
            )
    points = _project_known(lat_lon, pack)
    is_outside = ~np.isnan(lat_lon[:, 0]) & ~_is_inside(points, pack)
    if is_outside.any():
        i = int(is_outside.argmax())
        swapped = _project_known(lat_lon[[i]][:, ::-1], pack)
        where = Place(rows.file_name, int(rows.frame.index[i]), "lat")
        raise _outside(lat_lon[i], bool(_is_inside(swapped, pack)[0]), where, pack)
    return points


def _read_degrees(cells: pd.Series, column: str, place: Place) -> float:
    text = str(cells[column])
    if not text:
        return np.nan
    if re.fullmatch(r"[+-]?\d{1,12}(?:[.,]\d{0,20})?", text, re.ASCII) is None:
        raise CoordinateError(
            f"{quote(text)!r} is no coordinate",
            where=Place(place.path, place.row, column),
            how="Expected degrees such as 51.2241, or nothing.",
        )
    return float(text.replace(",", "."))


def _project_known(lat_lon: NDArray[np.float64], pack: RegionPack) -> Points:
    points = np.full(lat_lon.shape, np.nan)
    is_on_earth = (np.abs(lat_lon[:, 0]) <= 90) & (np.abs(lat_lon[:, 1]) <= 180)
    if is_on_earth.any():
        known = lat_lon[is_on_earth]
        points[is_on_earth] = project(known[:, 1], known[:, 0], crs=pack.crs)
    points[~np.isfinite(points).all(axis=1)] = np.nan
    return points


def _is_inside(points: Points, pack: RegionPack) -> NDArray[np.bool_]:
    return np.asarray(find_districts(pack, points).district != NO_DISTRICT)


def _outside(
    lat_lon: NDArray[np.float64], is_swapped: bool, where: Place, pack: RegionPack
) -> CoordinateError:
    shown = f"latitude {lat_lon[0]:g}, longitude {lat_lon[1]:g}"
    if is_swapped:
        return SwappedCoordinatesError(
            f"latitude and longitude are exchanged: {shown}",
            where=where,
            how="Exchange the two values; lat is the one of about"
            f" {lat_lon[1]:.0f}, lon of about {lat_lon[0]:.0f}.",
        )
    return CoordinateError(
        f"{shown} lies outside {quote(pack.name)}",
        where=where,
        how="Expected degrees (WGS 84, EPSG:4326) inside the region: mend the coordinate, or leave"
        " lat and lon empty and give the address.",
    )
