"""People of a GeoTIFF, such as GHS-POP and WorldPop: pixels of a town as cells with a count.

Of a raster of the globe only the window of the town is read. GHS-POP
(https://human-settlement.emergency.copernicus.eu/ghs_pop2023.php) has pixels of 100 m or 1 km in
World Mollweide (ESRI:54009) or of 3 or 30 arc seconds in EPSG:4326, WorldPop
(https://hub.worldpop.org/project/categories?id=3) of 3 or 30 arc seconds; both count people per
pixel, fractions of people too, and mark pixels without a value. GDAL is told to open nothing but
this one GeoTIFF. No real file of either was met: the tests write theirs.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from welcomemap.crs import WGS84
from welcomemap.errors import (
    ColumnValueError,
    CoordinateError,
    CrsError,
    GeometryError,
    Place,
    TableError,
    TooLargeError,
    fault,
)
from welcomemap.extras import require_extra
from welcomemap.ingest.places import measure_size

ENDINGS = (".tif", ".tiff")
MOLLWEIDE = "ESRI:54009"
MAX_PIXELS = 4_000_000
"""A town of 200 km × 200 km in pixels of 100 m."""
MAX_BLOCK_PIXELS = 64_000_000
"""A block is unpacked as a whole, however little of it is wanted."""
CACHE_MB = 64
MEND = fault("Give the GeoTIFF as its publisher gives it, unpacked.")
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class RasterFacts:
    """What a GeoTIFF says of itself.

    Attributes
    ----------
    size_m
        How wide a pixel is: the root of the area of the one in the middle, in whole metres.
    bounds
        West, south, east and north edge in ``crs``.
    """

    crs: str
    size_m: float
    n_pixels: int
    bounds: Bounds


def look_at_raster(path: Path) -> RasterFacts:
    """Return what a GeoTIFF of people holds, without reading its pixels.

    Raises
    ------
    MissingExtraError, TableError, CrsError, GeometryError, TooLargeError
        As :func:`read_pixels`.
    """
    with _opened(path) as raster:
        crs = _name_crs(raster, path)
        west, south, east, north = (float(edge) for edge in raster.bounds)
        size_m = _measure(raster, crs, raster.height // 2, raster.width // 2)
        n_pixels = raster.height * raster.width
        return RasterFacts(crs, size_m, n_pixels, (west, south, east, north))


def read_pixels(path: Path, bounds: Bounds) -> tuple[gpd.GeoDataFrame, float]:
    """Return the pixels around a town as cells with people, and how wide one is in metres.

    Parameters
    ----------
    bounds
        Of the town: west, south, east and north in degrees (EPSG:4326).

    Returns
    -------
    geopandas.GeoDataFrame
        ``cell_id`` (row and column in the whole raster), ``x, y`` (the middle), ``residents`` and
        the pixel, in the CRS of the raster. Pixels without a value are left out.

    Raises
    ------
    MissingExtraError
        If the extra ``ingest`` is not installed.
    TableError
        If the file is no GeoTIFF with one band, or damaged.
    CrsError
        If it names no CRS by a code.
    GeometryError
        If its rows do not run from west to east and north to south.
    CoordinateError
        If it does not reach the town.
    TooLargeError
        If the town has too many pixels.
    ColumnValueError
        If a pixel holds what is no number of people.
    """
    with _opened(path) as raster:
        crs = _name_crs(raster, path)
        window = _find_window(raster, bounds, path)
        counts = _read_counts(raster, window, path)
        row, column = np.nonzero(counts)
        people = counts[row, column]
        row, column = row + window.row_off, column + window.col_off
        west, south, east, north = _find_edges(raster, row, column)
        size_m = _measure(
            raster, crs, window.row_off + window.height // 2, window.col_off + window.width // 2
        )
    names = [f"r{r}c{c}" for r, c in zip(row, column, strict=True)]
    cells = gpd.GeoDataFrame(
        {"cell_id": names, "x": (west + east) / 2, "y": (south + north) / 2, "residents": people},
        geometry=shapely.box(west, south, east, north),
        crs=crs,
    )
    cells.index += 1
    return cells, size_m


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a GeoTIFF by the one driver, without looking at the files beside it."""
    require_extra("raster", by=__name__)
    import rasterio  # noqa: PLC0415 - what the extra brings
    from rasterio.errors import NotGeoreferencedWarning, RasterioError  # noqa: PLC0415 - as above

    settings = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_CACHEMAX": CACHE_MB}
    try:
        with rasterio.Env(**settings), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path.resolve(), driver="GTiff") as raster:
                _check_form(raster, path)
                yield raster
    except RasterioError as error:
        raise TableError(
            "the file cannot be read as a GeoTIFF: {error}",
            error=str(error),
            where=Place(path),
            how=MEND,
        ) from error


def _check_form(raster: Any, path: Path) -> None:
    if raster.count != 1:
        raise TableError(
            "one band is expected, not {n_bands}",
            n_bands=raster.count,
            where=Place(path),
            how="Give a raster of the number of people alone.",
        )
    if any(height * width > MAX_BLOCK_PIXELS for height, width in raster.block_shapes):
        raise TooLargeError(
            "the blocks of the raster have more than {most:,} pixels",
            most=MAX_BLOCK_PIXELS,
            where=Place(path),
            how="Save it in tiles: gdal_translate -co TILED=YES.",
        )
    at = raster.transform
    if at.b or at.d or at.a <= 0 or at.e >= 0:
        raise GeometryError(
            "the rows of the raster do not run from west to east and from north to south",
            where=Place(path),
            how="Save it upright: gdalwarp.",
        )


def _name_crs(raster: Any, path: Path) -> str:
    """Return the CRS as a code: a definition could name files that PROJ would open."""
    if raster.crs:
        authority = raster.crs.to_authority()
        if authority is not None and authority[0] in ("EPSG", "ESRI"):
            return ":".join(authority)
        if raster.crs.to_dict().get("proj") == "moll":
            return MOLLWEIDE
    raise CrsError(
        "the raster names no CRS by a code",
        where=Place(path),
        how="Name it in the file: gdal_edit.py -a_srs EPSG:4326, or ESRI:54009 for Mollweide.",
    )


def _find_window(raster: Any, bounds: Bounds, path: Path) -> Any:
    """Return the part of the raster that holds the town, in whole pixels."""
    from rasterio.coords import disjoint_bounds  # noqa: PLC0415 - what the extra brings
    from rasterio.warp import transform_bounds  # noqa: PLC0415 - as above
    from rasterio.windows import Window  # noqa: PLC0415 - as above

    town = transform_bounds(WGS84, raster.crs, *bounds, densify_pts=51)
    if disjoint_bounds(town, tuple(raster.bounds)):
        raise CoordinateError(
            "no cell of the file touches the town, which lies within {bounds} (degrees)",
            bounds=[f"{edge:.2f}" for edge in bounds],
            where=Place(path),
            how="Give the raster, or the tile of it, of the town's own country and region.",
        )
    at = raster.transform
    west, south, east, north = town
    first = np.maximum(np.floor([(north - at.f) / at.e, (west - at.c) / at.a]), 0).astype(int)
    last = np.ceil([(south - at.f) / at.e, (east - at.c) / at.a]).astype(int)
    last = np.minimum(last, raster.shape)
    height, width = (int(n) for n in np.maximum(last - first, 1))
    if height * width > MAX_PIXELS:
        raise TooLargeError(
            "the town has too many pixels ({n_pixels:,}; at most {most:,})",
            n_pixels=height * width,
            most=MAX_PIXELS,
            where=Place(path),
            how="Take a raster of wider pixels, such as 1 km.",
        )
    return Window(int(first[1]), int(first[0]), width, height)


def _read_counts(raster: Any, window: Any, path: Path) -> np.ndarray:
    """Return people by row and column, 0 where the raster has no value."""
    band = raster.read(1, window=window, masked=True)
    counts = np.ma.filled(band.astype(np.float64), 0.0) * raster.scales[0]
    counts = np.where(np.ma.getmaskarray(band) | np.isnan(counts), 0.0, counts + raster.offsets[0])
    is_bad = ~(np.isfinite(counts) & (counts >= 0))
    if is_bad.any():
        row, column = (int(axis[0]) for axis in np.nonzero(is_bad))
        raise ColumnValueError(
            "{expected} is expected, not {value!r}",
            expected=fault("a number of people of 0 or more"),
            value=f"{counts[row, column]:g}",
            where=Place(path, row=window.row_off + row + 1,
                        column=str(window.col_off + column + 1)),
            how="Mark pixels without a value: gdal_edit.py -a_nodata VALUE.",
        )  # fmt: skip
    return counts


def _find_edges(
    raster: Any, row: NDArray[np.intp], column: NDArray[np.intp]
) -> tuple[NDArray[np.float64], ...]:
    """Return the west, south, east and north edges of pixels."""
    at = raster.transform
    return (
        at.c + at.a * column, at.f + at.e * (row + 1), at.c + at.a * (column + 1),
        at.f + at.e * row,
    )  # fmt: skip


def _measure(raster: Any, crs: str, row: int, column: int) -> float:
    """Return how wide a pixel is, in whole metres.

    Squares of 100 m in Mollweide, which takes the earth for a sphere, have 99.7 to 100.3 m.
    """
    west, south, east, north = _find_edges(raster, np.array([row]), np.array([column]))
    pixel = gpd.GeoDataFrame(geometry=shapely.box(west, south, east, north), crs=CRS(crs))
    return float(round(measure_size(pixel.to_crs(WGS84))))
