"""Areas of a GeoPackage and of a zipped Shapefile are those of the same areas as GeoJSON."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapefile
from shapely.geometry import MultiPolygon, box

from welcomemap.errors import InputError
from welcomemap.ingest.areas import look_at_areas, read_areas

METRIC = "EPSG:25832"
EAST, NORTH = 400_000.0, 5_480_000.0


def draw(crs: str = METRIC) -> gpd.GeoDataFrame:
    """Two squares of 1 km² with umlauts in their names, one of them in two parts."""
    west = box(EAST, NORTH, EAST + 1000, NORTH + 1000)
    east = MultiPolygon([box(EAST + 1000, NORTH, EAST + 2000, NORTH + 500),
                         box(EAST + 1000, NORTH + 500, EAST + 2000, NORTH + 1000)])  # fmt: skip
    table = {"nr": [1, 2], "bezirk": ["Öd", "Süd"]}
    return gpd.GeoDataFrame(table, geometry=[west, east], crs=METRIC).to_crs(crs)


def write_geojson(folder: Path) -> Path:
    path = folder / "areas.geojson"
    path.write_text(draw("EPSG:4326").to_json(), "utf-8")
    return path


def write_geopackage(folder: Path, *layers: str, crs: str = METRIC) -> Path:
    path = folder / "areas.gpkg"
    for layer in layers or ("areas",):
        draw(crs).to_file(path, layer=layer, driver="GPKG", engine="pyogrio")
    return path


def write_zip(
    folder: Path, *, without: str = "", encoding: str = "UTF-8", prefix: str = ""
) -> Path:
    draw().to_file(folder / "areas.shp", engine="pyogrio", encoding=encoding)
    path = folder / "areas.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(folder.glob("areas.*")):
            if part.suffix not in (".zip", without):
                archive.write(part, f"{prefix}{part.name}")
    return path


@pytest.mark.parametrize("crs", [METRIC, "EPSG:4326", "EPSG:4647"])
def test_a_geopackage_holds_the_same_areas(tmp_path: Path, crs: str) -> None:
    same(read_areas(write_geopackage(tmp_path, crs=crs), METRIC, number="nr", name="bezirk"),
         tmp_path)  # fmt: skip


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1"])
def test_a_shapefile_holds_the_same_areas(tmp_path: Path, encoding: str) -> None:
    path = write_zip(tmp_path, encoding=encoding, prefix="folder/")
    same(read_areas(path, METRIC, number="nr", name="bezirk"), tmp_path)


def test_names_without_a_stated_encoding_are_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path, encoding="ISO-8859-1", without=".cpg")
    same(read_areas(path, METRIC, number="nr", name="bezirk"), tmp_path)


def same(areas: object, folder: Path) -> None:
    expected = read_areas(write_geojson(folder), METRIC, number="nr", name="bezirk").table
    table = areas.table  # type: ignore[attr-defined]
    assert table[["district", "name"]].to_numpy().tolist() == [[1, "Öd"], [2, "Süd"]]
    away = table.geometry.to_crs(METRIC).symmetric_difference(expected.geometry.to_crs(METRIC))
    assert (away.area < 100).all(), "the grid of degrees is a few centimetres wide"


def test_what_a_geopackage_holds_is_seen(tmp_path: Path) -> None:
    guess = look_at_areas(write_geopackage(tmp_path))
    assert (guess.n_features, guess.number, guess.name) == (2, "nr", "bezirk")


def test_of_several_layers_one_is_named(tmp_path: Path) -> None:
    path = write_geopackage(tmp_path, "bezirke", "quartiere")
    with pytest.raises(InputError, match="not just one layer of areas: bezirke, quartiere"):
        look_at_areas(path)
    assert look_at_areas(path, "quartiere").n_features == 2


def without_srs(folder: Path) -> Path:
    path = write_geopackage(folder)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE gpkg_geometry_columns SET srs_id = -1")
    database.close()
    return path


def no_geopackage(folder: Path) -> Path:
    path = folder / "areas.gpkg"
    path.write_bytes(b"GIF89a")
    return path


def torn(folder: Path) -> Path:
    path = write_geopackage(folder)
    path.write_bytes(path.read_bytes()[:5000])
    return path


def two_shapefiles(folder: Path) -> Path:
    path = write_zip(folder)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other.shp", b"")
    return path


def torn_shapes(folder: Path) -> Path:
    path = write_zip(folder, without=".shp")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("areas.shp", (folder / "areas.shp").read_bytes()[:150])
    return path


def lines(folder: Path) -> Path:
    shapes, table = io.BytesIO(), io.BytesIO()
    with shapefile.Writer(shp=shapes, dbf=table, shapeType=shapefile.POLYLINE) as writer:
        writer.field("name", "C")
        writer.line([[(EAST, NORTH), (EAST + 9, NORTH)]])
        writer.record("x")
    path = folder / "lines.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.shp", shapes.getvalue())
        archive.writestr("x.dbf", table.getvalue())
        archive.writestr("x.prj", draw().crs.to_wkt("WKT1_ESRI"))  # type: ignore[union-attr]
    return path


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (without_srs, "does not say in which coordinate system"),
        (no_geopackage, "this is no GeoPackage"),
        (torn, "the GeoPackage cannot be read"),
        (lambda folder: write_zip(folder, without=".prj"), "does not say in which coordinate"),
        (lambda folder: write_zip(folder, without=".dbf"), "has no .dbf"),
        (two_shapefiles, "does not hold just one Shapefile"),
        (torn_shapes, "the Shapefile cannot be read"),
        (lines, "the feature is no polygon"),
    ],
    ids=["no CRS", "another kind", "torn", "no prj", "no dbf", "two", "torn shapes", "lines"],
)
def test_a_file_that_is_none_is_named_with_its_mend(
    tmp_path: Path, spoil: object, told: str
) -> None:
    path = spoil(tmp_path)  # type: ignore[operator]
    with pytest.raises(InputError, match=told) as refused:
        look_at_areas(path)
    assert path.name in str(refused.value)
