"""Areas of a GeoPackage and of a zipped Shapefile are those of the same areas as GeoJSON."""

from __future__ import annotations

import io
import os
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import shapefile
from pyproj import CRS
from shapely.geometry import MultiPolygon, box

from welcomemap.errors import CrsError, EncodingError, InputError, TooLargeError
from welcomemap.ingest import gis_files as module
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
    folder: Path, *, without: str = "", encoding: str = "UTF-8", prefix: str = "",
    crs: str = METRIC, more_fields: int = 0,
) -> Path:  # fmt: skip
    more = {f"field{k}": "a" for k in range(more_fields)}
    drawn = draw(crs).assign(**more)
    drawn.to_file(folder / "areas.shp", engine="pyogrio", encoding=encoding)
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


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "LDID/2"])
@pytest.mark.parametrize("more_fields", [0, 1, 4])
def test_names_without_a_stated_encoding_are_read_beside_any_number_of_fields(
    tmp_path: Path, encoding: str, more_fields: int
) -> None:
    """The header's length is no text: with three to six fields its first byte is no UTF-8."""
    path = write_zip(tmp_path, encoding=encoding, without=".cpg", more_fields=more_fields)
    same(read_areas(path, METRIC, number="nr", name="bezirk"), tmp_path)


@pytest.mark.parametrize(
    ("stated", "encoding"),
    [
        ("ANSI 1252", "CP1252"), ("1252", "CP1252"), ("ISO 88591", "ISO-8859-1"),
        ("88591", "ISO-8859-1"), ("65001", "UTF-8"), ("OEM 850", "CP850"), ("LDID/87", "CP1252"),
        ("UTF-8\r\n", "UTF-8"), ("\0", "UTF-8"),
    ],
)  # fmt: skip
def test_encodings_are_read_as_programs_spell_them(
    tmp_path: Path, stated: str, encoding: str
) -> None:
    path = write_zip(tmp_path, encoding=encoding, without=".cpg")
    add(path, "areas.cpg", stated.encode())
    same(read_areas(path, METRIC, number="nr", name="bezirk"), tmp_path)


@pytest.mark.parametrize("crs", [METRIC, "EPSG:4326", "EPSG:4647", "EPSG:4258", "EPSG:3035"])
@pytest.mark.parametrize("prefix", ["", "./", "../"])
def test_a_shapefile_is_read_in_the_crs_of_its_prj(tmp_path: Path, crs: str, prefix: str) -> None:
    path = write_zip(tmp_path, crs=crs, prefix=prefix)
    same(read_areas(path, METRIC, number="nr", name="bezirk"), tmp_path)


def test_rings_that_run_the_wrong_way_round_print_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shapes, table = io.BytesIO(), io.BytesIO()
    with shapefile.Writer(shp=shapes, dbf=table, shapeType=shapefile.POLYGON) as writer:
        writer.field("name", "C")
        e, n = EAST, NORTH
        writer.poly([[(e, n), (e + 1000, n), (e + 1000, n + 1000), (e, n + 1000), (e, n)]])
        writer.record("Alt")
    path = tmp_path / "areas.zip"
    add(path, "x.shp", shapes.getvalue())
    add(path, "x.dbf", table.getvalue())
    add(path, "x.prj", draw().crs.to_wkt("WKT1_ESRI").encode())  # type: ignore[union-attr]
    assert look_at_areas(path).n_features == 1
    assert caplog.text == ""


def add(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)


def change(path: Path, *statements: str) -> Path:
    """Change a GeoPackage without the functions that its triggers call."""
    with closing(sqlite3.connect(path)) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            statements = (f'DROP TRIGGER "{name}"', *statements)
        for statement in statements:
            database.execute(statement)
    return path


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE areas SET geom = 'hello world'", "row 1, column geometry"),
        ("UPDATE areas SET geom = 5", "row 1, column geometry"),
        ("UPDATE areas SET geom = X'4750'", "row 1, column geometry"),
        ("UPDATE areas SET geom = X'4750000fe6100000'", "row 1, column geometry"),
        ("UPDATE areas SET geom = NULL", "row 1, column geometry"),
        ("UPDATE gpkg_geometry_columns SET column_name = 'none'", "row 1, column geometry"),
        ("UPDATE areas SET bezirk = CAST(X'4DF672' AS TEXT)", "cannot be read"),
        ("DELETE FROM areas", "holds no areas"),
    ],
)
def test_a_damaged_geopackage_is_named(tmp_path: Path, statement: str, told: str) -> None:
    path = change(write_geopackage(tmp_path), statement)
    with pytest.raises(InputError, match=told):
        look_at_areas(path)


@pytest.mark.parametrize(
    "work",
    [
        "(WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c)",
        "zeroblob(900000000)",
        "zeroblob(200000000)",
    ],
    ids=["counts for ever", "a value of 900 MB", "two values of 200 MB"],
)
def test_a_geopackage_that_holds_more_work_than_bytes_is_refused(tmp_path: Path, work: str) -> None:
    view = f"CREATE VIEW areas AS SELECT nr, bezirk, geom, {work} FROM b"  # noqa: S608
    path = change(write_geopackage(tmp_path), "ALTER TABLE areas RENAME TO b", view)
    with pytest.raises(InputError, match=r"cannot be read|more than 300 MB"):
        look_at_areas(path)


def test_an_archive_of_zeros_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path, without=".dbf")
    add(path, "areas.dbf", bytes(module.MAX_LAYER_BYTES))
    with pytest.raises(TooLargeError, match=r"areas.dbf has more than 300 MB"):
        look_at_areas(path)


def test_what_else_is_in_the_archive_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path)
    add(path, "areas.other", bytes(2_000_000))
    monkeypatch.setattr(module, "MAX_LAYER_BYTES", 100_000)
    assert look_at_areas(path).n_features == 2


def test_a_grid_file_that_the_data_name_is_not_opened(tmp_path: Path) -> None:
    """PROJ would: it reads the file when positions are moved, and a pipe would never end."""
    grid = tmp_path / "grid.gsb"
    os.mkfifo(grid)
    name = f"+proj=longlat +ellps=bessel +nadgrids={grid} +type=crs +x"
    path = write_geopackage(tmp_path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "UPDATE gpkg_spatial_ref_sys SET organization = ? WHERE srs_id = 25832", (name,)
        )
    with pytest.raises(CrsError, match="does not say"):
        look_at_areas(path)
    path = write_zip(tmp_path, without=".prj", crs="EPSG:4326")
    add(path, "areas.prj", CRS.from_user_input(f"{name} +no_defs").to_wkt().encode())
    with pytest.raises(CrsError, match="does not say"):
        look_at_areas(path)


def test_an_encoding_that_nobody_knows_is_named(tmp_path: Path) -> None:
    path = write_zip(tmp_path, without=".cpg")
    add(path, "areas.cpg", b"KLINGON")
    with pytest.raises(EncodingError, match="KLINGON"):
        look_at_areas(path)


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
