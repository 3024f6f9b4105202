"""GIS formats of a paper: GeoJSON, GeoPackage and its QGIS styles."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from welcomemap.crs import WGS84
from welcomemap.dates import read_iso_date
from welcomemap.describe.contract import Finite, ReachFigures, shape, to_builtins
from welcomemap.describe.words import add_counted, head_people, head_reached, word_group
from welcomemap.report.paper import Paper
from welcomemap.report.paper_study import EARLIEST, find_data_date
from welcomemap.report.tables import Column, PaperTable, print_plain
from welcomemap.style import (
    BORDER_COLOUR,
    CANDIDATE_COLOUR,
    HATCH_ANGLE_DEGREES,
    OPEN_COLOUR,
    SHARE_COLOURS,
    TEXT_COLOUR,
    UNSERVED_COLOUR,
    WHITE,
)
from welcomemap.wording import say, say_as


@dataclass(frozen=True)
class ResultLayer:
    """A layer: its table in the pack's metric CRS, and what its columns are called."""

    name: str
    title: str
    frame: gpd.GeoDataFrame
    aliases: Mapping[str, str]


def list_layers(paper: Paper) -> tuple[ResultLayer, ...]:
    """Return the layers of a paper; those without a row are left out."""
    study = paper.study
    tables = {table.name: table for table in paper.tables}
    districts, quarters = study.pack.districts, study.pack.quarters
    shapes = dict(zip(districts["district"].astype(int), districts.geometry, strict=True))
    layers = [
        _layer(paper, tables["districts"], [shapes[g.district] for g in study.gaps.districts]),
        _quarters(paper, dict(zip(quarters["quarter"], quarters.geometry, strict=True))),
        _sites(paper, tables["sites"]),
    ]
    if study.comparison is not None:
        sites, listed = study.comparison.sites, tables["candidates"]
        places = dict(zip(sites.ids, gpd.points_from_xy(*sites.points.T), strict=True))
        layers.append(_layer(paper, listed, [places[row["id"]] for row in listed.rows]))
    gaps = tables["gaps"]
    if gaps.rows:
        at = gpd.GeoSeries(
            gpd.points_from_xy([r["lon"] for r in gaps.rows], [r["lat"] for r in gaps.rows]),
            crs=WGS84,
        ).to_crs(study.pack.crs)
        layers.append(_layer(paper, gaps, list(at)))
    return tuple(layer for layer in layers if len(layer.frame))


def _layer(paper: Paper, table: PaperTable, geometry: list[Any]) -> ResultLayer:
    language = paper.language
    columns: dict[str, list[Any]] = {}
    aliases: dict[str, str] = {}
    for column in table.columns:
        keys = (column.low, column.high) if column.low else (column.key,)
        for key, word in zip(keys, ("min", "max"), strict=False):
            heading = column.heading.in_language(language)
            aliases[key] = f"{heading} ({word})" if column.low else heading
            columns[key] = [_value(column, row.get(key), language) for row in table.rows]
    frame = gpd.GeoDataFrame(pd.DataFrame(columns), geometry=geometry, crs=paper.study.pack.crs)
    return ResultLayer(table.name, table.title.in_language(language), frame, aliases)


def _quarters(paper: Paper, shapes: Mapping[str, Any]) -> ResultLayer:
    group, language = paper.study.group, paper.language
    rows = []
    for row in paper.study.quarters:
        figures = to_builtins(shape(ReachFigures, row))
        figures["interval_low"], figures["interval_high"] = figures["interval"] or (None, None)
        rows.append(figures | {"group_word": word_group(row.group).in_language(language)})
    heads = {
        "area": say("id"),
        "name": say("name"),
        "group_word": say("counted"),
        "total": head_people(group),
        "covered": head_reached(group),
        "share": say_as("column", "share"),
        "share_if_disputed_false": say("share, other reading"),
        "basis": say("basis of the ways"),
        "interval_low": say("interval from"),
        "interval_high": say("interval to"),
    }
    frame = gpd.GeoDataFrame(
        pd.DataFrame({key: [row[key] for row in rows] for key in heads}),
        geometry=[shapes[str(row["area"])] for row in rows], crs=paper.study.pack.crs,
    )  # fmt: skip
    aliases = {key: head.in_language(language) for key, head in heads.items()}
    title = add_counted(paper.study.words.quarter, group).in_language(language)
    return ResultLayer("quarters", title, frame, aliases)


def _sites(paper: Paper, table: PaperTable) -> ResultLayer:
    published = paper.study.published
    x = np.array([np.nan if p.x is None else p.x for p in published], dtype=np.float64)
    y = np.array([np.nan if p.y is None else p.y for p in published], dtype=np.float64)
    layer = _layer(paper, table, list(gpd.points_from_xy(x, y)))
    status = ["disputed" if p.is_disputed and p.status == "open" else p.status for p in published]
    frame = layer.frame.assign(status=status)[np.isfinite(x)].reset_index(drop=True)
    return ResultLayer(layer.name, layer.title, frame, {**layer.aliases, "status": "status"})


def _value(column: Column, value: Any, language: Any) -> Any:
    """Keep numbers and flags as they are (unknown is NULL); all else is text."""
    if column.kind == "flag":
        return None if value is None else bool(value)
    if column.kind != "text":
        return None if value is None else float(value)
    return None if value is None or value == "" else print_plain(value, language)


SHARE_COLUMNS = {"districts": "covered_share", "quarters": "share"}
Rule = tuple[str, str, list[ET.Element]]
"""Filter, label and the layers of its symbol."""


def describe_style(layer: ResultLayer) -> str:
    """Return the style of a layer as QML with its rules, labels and aliases."""
    root = ET.Element("qgis", version="3.28", styleCategories="Symbology|Labeling|Fields|Forms")
    kind, rules = _list_rules(layer.name)
    renderer = ET.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0",
                             forceraster="0", enableorderby="0")  # fmt: skip
    told = ET.SubElement(renderer, "rules", key="root")
    symbols = ET.SubElement(renderer, "symbols")
    for number, (condition, label, parts) in enumerate(rules):
        rule = {"key": f"r{number}", "symbol": str(number), "label": label}
        ET.SubElement(told, "rule", rule | ({"filter": condition} if condition else {}))
        symbol = ET.SubElement(symbols, "symbol", type=kind, name=str(number), alpha="1",
                               clip_to_extent="1", force_rhr="0")  # fmt: skip
        symbol.extend(parts)
    aliases = ET.SubElement(root, "aliases")
    for index, (column, alias) in enumerate(layer.aliases.items(), start=1):
        ET.SubElement(aliases, "alias", index=str(index), field=column, name=alias)
    ET.SubElement(root, "previewExpression").text = '"name"'
    ET.SubElement(root, "layerGeometryType").text = "2" if kind == "fill" else "0"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(
        root, encoding="unicode"
    )


def _list_rules(name: str) -> tuple[str, list[Rule]]:
    if name in SHARE_COLUMNS:
        return "fill", _share_rules(SHARE_COLUMNS[name], has_unserved=name == "districts")
    if name == "sites":
        return "marker", [
            ("\"status\" = 'open'", "open", [_marker("circle", OPEN_COLOUR, WHITE)]),
            ("\"status\" = 'disputed'", "disputed",
             [_marker("circle", OPEN_COLOUR, TEXT_COLOUR, "dot"), _glyph("?")]),
            ("\"status\" NOT IN ('open', 'disputed')", "planned, closed",
             [_marker("circle", WHITE, OPEN_COLOUR, "dash")]),
        ]  # fmt: skip
    if name == "candidates":
        return "marker", [("", "candidate", [_marker("diamond", CANDIDATE_COLOUR, TEXT_COLOUR)])]
    return "marker", [("", "gap", [_marker("square", WHITE, UNSERVED_COLOUR)])]


def _share_rules(column: str, *, has_unserved: bool) -> list[Rule]:
    steps = len(SHARE_COLOURS)
    rules: list[Rule] = []
    for number, colour in enumerate(SHARE_COLOURS):
        low, high = number / steps, (number + 1) / steps
        upper = "<=" if number == steps - 1 else "<"
        condition = f'"{column}" >= {low:g} AND "{column}" {upper} {high:g}'
        rules.append((condition, f"{100 * low:g}–{100 * high:g} %", [_fill(colour)]))
    rules.append((f'"{column}" IS NULL', "?", [_fill(WHITE), _hatching("#767676", -1)]))
    if has_unserved:
        rules.append(('"located_unserved"', "unserved", [_hatching(UNSERVED_COLOUR, 1)]))
    return rules


def _symbol_layer(kind: str, options: dict[str, str]) -> ET.Element:
    element = ET.Element("layer", {"class": kind, "enabled": "1", "pass": "0", "locked": "0"})
    listed = ET.SubElement(element, "Option", type="Map")
    for name, value in options.items():
        ET.SubElement(listed, "Option", type="QString", name=name, value=value)
    return element


def _fill(colour: str) -> ET.Element:
    return _symbol_layer("SimpleFill", {
        "color": _rgba(colour), "style": "solid", "outline_color": _rgba(BORDER_COLOUR),
        "outline_style": "solid", "outline_width": "0.35", "outline_width_unit": "MM",
    })  # fmt: skip


def _hatching(colour: str, turn: int) -> ET.Element:
    element = _symbol_layer("LinePatternFill", {
        "angle": str(turn * HATCH_ANGLE_DEGREES), "color": _rgba(colour), "distance": "2.1",
        "distance_unit": "MM", "line_width": "0.42", "line_width_unit": "MM",
    })  # fmt: skip
    symbol = ET.SubElement(element, "symbol", type="line", name="@0@0", alpha="1")
    symbol.append(_symbol_layer("SimpleLine", {
        "line_color": _rgba(colour), "line_width": "0.42", "line_width_unit": "MM",
        "line_style": "solid",
    }))  # fmt: skip
    return element


def _marker(shape: str, colour: str, ring: str, style: str = "solid") -> ET.Element:
    return _symbol_layer("SimpleMarker", {
        "name": shape, "color": _rgba(colour), "outline_color": _rgba(ring),
        "outline_style": style, "outline_width": "0.4", "outline_width_unit": "MM",
        "size": "3.8", "size_unit": "MM",
    })  # fmt: skip


def _glyph(sign: str) -> ET.Element:
    return _symbol_layer("FontMarker", {
        "chr": sign, "color": _rgba(WHITE), "font": "Sans", "font_style": "Bold", "size": "3",
        "size_unit": "MM",
    })  # fmt: skip


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"{red},{green},{blue},255"


DIGITS = 6
"""Decimals of a degree: about 0.1 m."""


def make_geojson(paper: Paper) -> Mapping[str, bytes]:
    """Return each layer as a FeatureCollection."""
    return {layer.name: _write(layer) for layer in list_layers(paper)}


def _write(layer: ResultLayer) -> bytes:
    placed = layer.frame.to_crs(WGS84)
    shapes = shapely.set_precision(placed.geometry.to_numpy(), 10.0**-DIGITS)
    turned = shapely.orient_polygons(shapes)
    names = [name for name in layer.frame.columns if name != "geometry"]
    rows = placed[names].to_dict("records")
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(shapely.to_geojson(shape)),
            "properties": {str(name): _plain(value) for name, value in row.items()},
        }
        for shape, row in zip(turned, rows, strict=True)
    ]
    collection = {
        "type": "FeatureCollection",
        "name": layer.name,
        "title": layer.title,
        "aliases": dict(layer.aliases),
        "features": features,
    }
    return (json.dumps(collection, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    return Finite(value).write() if isinstance(value, float) else value


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
            # A new file, for a file counts its transactions, and a clock decides how many there
            # are: setting the moment of the last change twice within a millisecond is none.
            fresh = path.with_name("fresh.gpkg")
            database.execute("VACUUM INTO ?", (str(fresh),))
        return {"": fresh.read_bytes()}


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
    database.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, "
        "update_time) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '', '', ?)",
        (layer.name, layer.name, describe_style(layer), layer.title, moment),
    )
