"""Districts and quarters as one clean tiling, with the city's own figures.

Three bases of figures exist and are never mixed: the register (residents by Stadtteil), the
statistics of migration (residents, migration background, foreign citizens) and the ages by
Wohnquartier, where small numbers are suppressed. What the program calls *residents* is the base of
the migration statistics; age groups sum to the ages as published.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from welcomemap.crs import METRIC_CRS, WGS84
from welcomemap.errors import ColumnValueError, GeometryError, Place
from welcomemap.ingest.raw import RawFolder
from welcomemap.region.schemas import GROUPS

QUARTERS_FILE = "boundaries/stadtteile_2025_simplified.geojson"
GRID_DEGREES = 1e-7
"""About 1 cm: ten times finer than the raw vertices."""


def tile_polygons(polygons: list[shapely.Geometry]) -> list[shapely.Geometry]:
    """Make polygons that nearly tile an area tile it exactly.

    All borders are noded together, the faces between them found, and each face given to the
    polygon that covers it; slivers that none or two cover go to the first neighbour with the
    longest common border. Neighbours then share every vertex of their common border, so the tiling
    stays free of gaps and overlaps in any projection.
    """
    borders = shapely.union_all([shapely.boundary(p) for p in polygons], grid_size=GRID_DEGREES)
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(borders))))
    covered = np.array([shapely.area(shapely.intersection(faces, p)) for p in polygons])
    owner = np.argmax(covered, axis=0)
    is_sliver = (covered > 0.5 * shapely.area(faces)).sum(axis=0) != 1
    for face in np.flatnonzero(is_sliver):
        owner[face] = _nearest_owner(faces, owner, is_sliver, int(face))
    tiles = [shapely.coverage_union_all(faces[owner == k]) for k in range(len(polygons))]
    return [shapely.normalize(shapely.set_precision(t, GRID_DEGREES)) for t in tiles]


def _nearest_owner(faces: np.ndarray, owner: np.ndarray, is_sliver: np.ndarray, face: int) -> int:
    shared = shapely.length(shapely.intersection(faces[~is_sliver], faces[face]))
    return int(owner[np.flatnonzero(~is_sliver)[int(np.argmax(shared))]])


def build_quarters(raw: RawFolder) -> gpd.GeoDataFrame:
    """Read the quarters: ``quarter``, ``name``, ``district``, ``geometry`` (EPSG:4326), by number.

    Raises
    ------
    GeometryError
        If a polygon is invalid or not a polygon.
    """
    table = raw.read_features(QUARTERS_FILE, ("name", "nummer", "bezirk"))
    for row, geometry in enumerate(table.geometry, start=1):
        if geometry is None or geometry.geom_type != "Polygon" or not geometry.is_valid:
            raise GeometryError(
                "a quarter is not one valid polygon",
                where=Place(QUARTERS_FILE, row=row),
                how="Restore the raw boundaries, then build again.",
            )
    table = table.sort_values("nummer", ignore_index=True)
    return gpd.GeoDataFrame(
        {
            "quarter": table["nummer"].astype(str),
            "name": table["name"].astype(str),
            "district": table["bezirk"].astype(int),
        },
        geometry=tile_polygons(list(table.geometry)),
        crs=WGS84,
    )


def build_districts(quarters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Dissolve the quarters into districts: ``district`` and ``geometry`` (EPSG:4326)."""
    numbers = sorted(quarters["district"].unique())
    shapes = [
        shapely.normalize(
            shapely.coverage_union_all(quarters.geometry[quarters["district"] == n].to_numpy())
        )
        for n in numbers
    ]
    return gpd.GeoDataFrame({"district": numbers}, geometry=shapes, crs=WGS84)


def measure_area_km2(areas: gpd.GeoDataFrame) -> list[float]:
    """Return the areas in square kilometres, measured in EPSG:25832, to three decimals."""
    return [round(float(area) / 1e6, 3) for area in areas.to_crs(METRIC_CRS).area]


QUARTER_FIGURES_FILE = "statistics/stadtteil_2024.csv"
AGES_FILE = "statistics/age_wohnquartier_2024.csv"
UNDER_18 = ("unter_6_Jahren", "6_bis_unter_10_jahre", "10_bis_unter_18_jahre")
OVER_65 = ("65_bis unter_75_jahre", "75_jahre_und_aelter")


def read_quarter_figures(raw: RawFolder) -> pd.DataFrame:
    """Return one row per quarter number (index ``"011"``…) with the five groups as whole people.

    Ages are summed here from the Wohnquartiere (suppressed cells count as nobody, as in every
    published sum of them).
    """
    people = raw.read_rows(
        QUARTER_FIGURES_FILE,
        ("Stadtteil_Nummer", "persons_2024", "migration_background_2024", "foreigners_2024"),
    )
    ages = raw.read_rows(AGES_FILE, ("wohnquartier", *UNDER_18, *OVER_65), delimiter=";")
    ages.index = pd.Index(ages["wohnquartier"].str.zfill(9).str[:3])
    figures = pd.DataFrame(
        {
            "residents": _whole(people["persons_2024"], QUARTER_FIGURES_FILE),
            "migration_background": _whole(
                people["migration_background_2024"], QUARTER_FIGURES_FILE
            ),
            "foreign_citizens": _whole(people["foreigners_2024"], QUARTER_FIGURES_FILE),
        }
    )
    figures.index = pd.Index(people["Stadtteil_Nummer"].str.zfill(3), name="quarter")
    for group, columns in (("under_18", UNDER_18), ("over_65", OVER_65)):
        counts = pd.DataFrame({c: _whole(ages[c], AGES_FILE, blank=0) for c in columns})
        total = counts.sum(axis=1).groupby(level=0).sum()
        figures[group] = total.reindex(figures.index)
    return figures[list(GROUPS)].astype(int)


def sum_by_district(figures: pd.DataFrame, district_of: pd.Series) -> pd.DataFrame:
    """Sum quarter figures by district; ``district_of`` maps quarter numbers to districts."""
    return figures.groupby(district_of.reindex(figures.index)).sum()


def _whole(column: pd.Series, path: str, *, blank: int | None = None) -> pd.Series:
    values = column.str.strip()
    if blank is not None:
        values = values.where(values != "", str(blank))
    is_bad = ~values.str.fullmatch(r"\d+")
    if is_bad.any():
        row = int(is_bad.to_numpy().argmax()) + 1
        raise ColumnValueError(
            "a figure is not a whole number",
            where=Place(path, row=row, column=str(column.name)),
            how="Restore the raw table, then build again.",
        )
    return values.astype(int)
