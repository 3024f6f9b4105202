"""The results as a GeoPackage that QGIS opens styled, with names and aliases of its columns."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pyogrio

from welcomemap.dates import read_iso_date
from welcomemap.report.dates import EARLIEST, find_data_date
from welcomemap.report.exports.layers import ResultLayer, list_layers
from welcomemap.report.exports.qgis_style import describe_style
from welcomemap.report.paper import Paper

STYLES = """CREATE TABLE layer_styles (
 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
 f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
 styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
 update_time DATETIME)"""
"""The table in which QGIS keeps styles inside a GeoPackage."""
ALIASES = """CREATE TABLE IF NOT EXISTS gpkg_data_columns (
 table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
 mime_type TEXT, constraint_name TEXT,
 CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
 CONSTRAINT gdc_tn UNIQUE (table_name, name))"""
"""GeoPackage schema extension (OGC 12-128, annex F.9)."""
EXTENSION = "http://www.geopackage.org/spec121/#extension_schema"


def make_geopackage(paper: Paper) -> Mapping[str, bytes]:
    """Return one GeoPackage with all layers; the same paper gives the same bytes."""
    layers = list_layers(paper)
    date = read_iso_date(find_data_date(paper.study.pack))
    moment = (EARLIEST if date is None else date.first).isoformat()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.gpkg"
        for layer in layers:
            pyogrio.write_dataframe(
                layer.frame, path, layer=layer.name, driver="GPKG", append=path.exists(),
                layer_options={"IDENTIFIER": layer.title, "GEOMETRY_NAME": "geom"},
            )  # fmt: skip
        with closing(sqlite3.connect(path)) as database:
            _describe(database, layers, f"{moment}T00:00:00.000Z")
        return {"": path.read_bytes()}


def _describe(database: sqlite3.Connection, layers: tuple[ResultLayer, ...], moment: str) -> None:
    with database:
        database.execute(STYLES)
        database.execute(ALIASES)
        database.executemany(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
            "VALUES (?, 'attributes', ?, ?)",
            [("layer_styles", "layer_styles", moment)],
        )
        _name_extension(database)
        for layer in layers:
            _describe_layer(database, layer, moment)
        database.execute("UPDATE gpkg_contents SET last_change = ?", (moment,))
    database.execute("VACUUM")


def _name_extension(database: sqlite3.Connection) -> None:
    database.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, "
        "extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL, "
        "CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))"
    )
    database.execute(
        "INSERT INTO gpkg_extensions VALUES ('gpkg_data_columns', NULL, 'gpkg_schema', ?, "
        "'read-write')",
        (EXTENSION,),
    )


def _describe_layer(database: sqlite3.Connection, layer: ResultLayer, moment: str) -> None:
    titles: set[str] = set()
    for column, alias in layer.aliases.items():
        name = alias if alias not in titles else f"{alias} ({column})"
        titles.add(name)
        database.execute(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) "
            "VALUES (?, ?, ?, ?)",
            (layer.name, column, name, name),
        )
    style = describe_style(layer)
    database.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, "
        "update_time) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '', '', ?)",
        (layer.name, layer.name, style, layer.title, moment),
    )
