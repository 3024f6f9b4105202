"""Pixels of GeoTIFF files, written here to the form of GHS-POP and WorldPop: never a real one."""

from __future__ import annotations

import resource
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from welcomemap import errors
from welcomemap.crs import WGS84
from welcomemap.ingest import raster
from welcomemap.ingest.people import look_at_people, read_people

TOWN = (-51.25, -30.10, -51.15, -30.00)
"""In Porto Alegre, in degrees."""
ARC = 1 / 1200
"""Three arc seconds."""


def from_origin(west: float, north: float, width: float, height: float) -> Affine:
    return Affine(width, 0, west, 0, -height, north)


def write_raster(
    folder: Path, band: np.ndarray, transform: Affine, crs: str | None = WGS84, **options: object
) -> Path:
    path = folder / "people.tif"
    profile = {
        "driver": "GTiff", "height": band.shape[0], "width": band.shape[1], "count": 1,
        "dtype": "float32", "nodata": -99999.0, "crs": crs, "transform": transform,
    } | options  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        for number in range(1, int(str(profile["count"])) + 1):
            target.write(band.astype(str(profile["dtype"])), number)
    return path


def test_pixels_of_a_town_in_degrees(tmp_path: Path) -> None:
    """As WorldPop, no value at sea. At 30° S 3 arc seconds are 92.4 m by 80.4 m: a root of 86 m."""
    band = np.zeros((3, 4))
    band[0] = [-99999, 1.5, 0, 2]
    band[2, 0] = 7.25
    path = write_raster(tmp_path, band, from_origin(-51.2, -30.05, ARC, ARC))
    grid = read_people(path, bounds=TOWN)
    assert grid.table[["cell_id", "residents"]].to_numpy().tolist() == [
        ["r0c1", 1.5], ["r0c3", 2.0], ["r2c0", 7.25],
    ]  # fmt: skip
    assert grid.table.geometry.iloc[0].bounds == pytest.approx(
        (-51.2 + ARC, -30.05 - ARC, -51.2 + 2 * ARC, -30.05)
    )
    assert grid.table[["x", "y"]].iloc[2].tolist() == pytest.approx(
        [-51.2 + ARC / 2, -30.05 - 2.5 * ARC]
    )
    assert (grid.size_m, grid.crs, grid.groups, grid.year) == (86, WGS84, ("residents",), None)
    guess = look_at_people(path)
    assert (guess.kind, guess.size_m, guess.n_rows, guess.crs) == ("raster", 86, 12, WGS84)
    assert guess.bounds == pytest.approx((-51.2, -30.05 - 3 * ARC, -51.2 + 4 * ARC, -30.05))


@pytest.mark.parametrize("size_m", [100, 1000])
def test_pixels_in_mollweide(tmp_path: Path, size_m: int) -> None:
    """As GHS-POP: every pixel that touches the town, and no other, at its place."""
    middle = gpd.GeoSeries.from_xy([-51.2], [-30.05], crs=WGS84).to_crs("ESRI:54009").iloc[0]
    west, north = (round(at / 1000) * 1000 + way for at, way in ((middle.x, -9e3), (middle.y, 9e3)))
    n = 18_000 // size_m
    band = np.arange(1, n * n + 1).reshape(n, n)
    path = write_raster(
        tmp_path, band, from_origin(west, north, size_m, size_m), "ESRI:54009", nodata=-200,
        dtype="float64",
    )  # fmt: skip
    grid = read_people(path, bounds=TOWN)
    # Mollweide takes the earth for a sphere: at 30° S its squares are 0.2 % narrower than they say.
    assert (grid.size_m, grid.crs) == (round(size_m * 0.998), "ESRI:54009")
    frame = gpd.GeoSeries([shapely.box(*TOWN).segmentize(0.001)], crs=WGS84).to_crs("ESRI:54009")
    corner = [(west + size_m * c, north - size_m * r) for r in range(n) for c in range(n)]
    pixels = [shapely.box(x, y - size_m, x + size_m, y) for x, y in corner]
    expected = np.flatnonzero(shapely.intersects(frame.iloc[0], pixels)) + 1
    assert sorted(grid.table["residents"]) == expected.tolist()
    assert 0 < len(expected) < n * n
    for row in grid.table.sample(20, random_state=0).itertuples():
        assert row.geometry.equals(pixels[int(row.residents) - 1])


def test_a_raster_of_a_continent_is_read_in_the_window_of_the_town(tmp_path: Path) -> None:
    """900 million pixels of 4 bytes would be 3.6 GB."""
    path = tmp_path / "people.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=30_000, width=30_000, count=1, dtype="float32",
        crs=WGS84, transform=from_origin(-60, -20, ARC, ARC), tiled=True, sparse_ok=True,
        blockxsize=512, blockysize=512,
    ) as target:  # fmt: skip
        window = rasterio.windows.Window(10_560, 12_060, 2, 2)
        target.write(np.full((2, 2), 3, dtype="float32"), 1, window=window)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grid = read_people(path, bounds=TOWN)
    assert grid.table["residents"].tolist() == [3, 3, 3, 3]
    assert grid.table["cell_id"].iloc[0] == "r12060c10560"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_scaled_values_are_unpacked(tmp_path: Path) -> None:
    path = write_raster(tmp_path, np.array([[50]]), from_origin(-51.2, -30.05, ARC, ARC))
    with rasterio.open(path, "r+") as target:
        target.scales = (0.1,)
    assert read_people(path, bounds=TOWN).table["residents"].tolist() == pytest.approx([5])


HERE = from_origin(-51.2, -30.05, ARC, ARC)
TURNED = Affine(ARC * 0.8, ARC * 0.6, -51.2, ARC * 0.6, -ARC * 0.8, -30.05)
BAD = {
    "two bands": ({"count": 2}, errors.TableError, "one band is expected, not 2"),
    "no CRS": ({"crs": None}, errors.CrsError, "names no CRS by a code"),
    "CRS without a code": ({"crs": "+proj=aea +lat_1=1 +lat_2=9 +lon_0=3"}, errors.CrsError,
                           "names no CRS by a code"),
    "turned": ({"transform": TURNED}, errors.GeometryError, "do not run"),
    "upside down": ({"transform": from_origin(-51.2, -30.05, ARC, -ARC)}, errors.GeometryError,
                    "do not run"),
    "another country": ({"transform": from_origin(7, 51, ARC, ARC)}, errors.CoordinateError,
                        "no cell of the file touches the town"),
    "metres read as degrees": ({"transform": from_origin(478_000, 6_677_000, 100, 100)},
                               errors.CoordinateError, "no cell of the file touches the town"),
    "negative": ({"nodata": None}, errors.ColumnValueError, "not '-99999'"),
    "wide blocks": ({"tiled": True, "blockxsize": 16, "blockysize": 16}, errors.TooLargeError,
                    "the blocks of the raster have more than"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_rasters_are_named(tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options, kind, told = BAD[case]
    if case == "wide blocks":
        monkeypatch.setattr(raster, "MAX_BLOCK_PIXELS", 100)
    given = {"transform": HERE, **options}
    path = write_raster(tmp_path, np.array([[1.0, -99999]]), **given)  # type: ignore[arg-type]
    with pytest.raises(kind, match=told) as caught:
        read_people(path, bounds=TOWN)
    assert caught.value.where is not None
    assert caught.value.where.file == "people.tif"
    if case == "negative":
        assert (caught.value.where.row, caught.value.where.column) == (1, "2")


def test_a_town_of_too_many_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "MAX_PIXELS", 10)
    path = write_raster(tmp_path, np.ones((4, 4)), HERE)
    with pytest.raises(errors.TooLargeError, match=r"too many pixels \(16; at most 10\)"):
        read_people(path, bounds=TOWN)


def test_nobody_and_other_bytes(tmp_path: Path) -> None:
    path = write_raster(tmp_path, np.zeros((4, 4)), HERE)
    with pytest.raises(errors.EmptyTableError, match="nobody lives in the cells of the town"):
        read_people(path, bounds=TOWN)
    with pytest.raises(errors.UsageError, match="tif are of the kind raster, not polygons"):
        read_people(path, bounds=TOWN, kind="polygons")
    whole = path.read_bytes()
    for damaged in (b"", b"a;b\n1;2\n", whole[:-60], whole[:40]):
        path.write_bytes(damaged)
        with pytest.raises(errors.TableError, match="cannot be read as a GeoTIFF"):
            read_people(path, bounds=TOWN)
    with pytest.raises(errors.TableError, match="cannot be read as a GeoTIFF"):
        look_at_people(tmp_path / "nothing.tif")


def test_no_other_format_is_opened(tmp_path: Path) -> None:
    """A VRT names other files: it is no GeoTIFF, whatever its ending."""
    real = write_raster(tmp_path, np.ones((2, 2)), HERE)
    trap = tmp_path / "trap.tif"
    trap.write_text(
        '<VRTDataset rasterXSize="2" rasterYSize="2"><VRTRasterBand dataType="Float32" band="1">'
        f"<SimpleSource><SourceFilename>{real}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>",
        "utf-8",
    )
    with pytest.raises(errors.TableError, match="cannot be read as a GeoTIFF"):
        read_people(trap, bounds=TOWN)
