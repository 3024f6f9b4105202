"""The results as GIS layers: areas with their figures, sites, candidates and gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from welcomemap.coverage.headings import add_counted, head_people, head_reached
from welcomemap.coverage.words import word_group
from welcomemap.crs import WGS84
from welcomemap.report.paper import Paper
from welcomemap.report.table import Column, PaperTable, print_plain


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
        _layer(paper, tables["districts"], [shapes[g.district] for g in study.gaps.districts])
    ]
    layers.append(_quarters(paper, dict(zip(quarters["quarter"], quarters.geometry, strict=True))))
    layers.append(_sites(paper, tables["sites"]))
    if study.comparison is not None:
        points = gpd.points_from_xy(*study.comparison.sites.points.T)
        layers.append(_layer(paper, tables["candidates"], list(points)))
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
    group = paper.study.group
    people, reached = head_people(group), head_reached(group)
    rows = [
        row.to_json() | {"group_word": word_group(row.group).in_language(paper.language)}
        for row in paper.study.quarters
    ]
    keys = (
        "area",
        "name",
        "group_word",
        "total",
        "covered",
        "share",
        "share_if_disputed_false",
        "basis",
    )
    columns: dict[str, list[Any]] = {key: [row[key] for row in rows] for key in keys}
    for side, key in enumerate(("interval_low", "interval_high")):
        columns[key] = [_bound(row["interval"], side) for row in rows]
    german = ("Kennung", "Name", "Gezählt", people.de, reached.de, "Anteil",
              "Anteil, andere Lesart", "Grundlage der Wege", "Spanne von",
              "Spanne bis")  # fmt: skip
    english = ("id", "name", "counted", people.en, reached.en, "share", "share, other reading",
               "basis of the ways", "interval from", "interval to")  # fmt: skip
    told = german if paper.language == "de" else english
    frame = gpd.GeoDataFrame(
        pd.DataFrame(columns), geometry=[shapes[str(row["area"])] for row in rows],
        crs=paper.study.pack.crs,
    )  # fmt: skip
    title = add_counted(paper.study.words.quarter, group).in_language(paper.language)
    return ResultLayer("quarters", title, frame, dict(zip(columns, told, strict=True)))


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


def _bound(interval: object, side: int) -> float | None:
    return float(interval[side]) if isinstance(interval, list) else None
