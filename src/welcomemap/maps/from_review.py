"""A geocoded table as a map, so that a person finds the rows to look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd

from welcomemap.crs import project
from welcomemap.files import Written
from welcomemap.maps.basemap import load_basemap
from welcomemap.maps.content import Fact, Frame, MapArea, MapSite
from welcomemap.maps.export import write_map_html
from welcomemap.maps.review import draw_review
from welcomemap.maps.sheet import SheetMap
from welcomemap.maps.sources import list_sources
from welcomemap.pack.load import RegionPack
from welcomemap.sheets import read_table
from welcomemap.style import Sign
from welcomemap.wording import UNKNOWN, Language, Text, format_number

LABELS = (
    ("outcome", Text("Ergebnis", "Outcome")),
    ("matched", Text("Gefunden", "Matched")),
    ("error_radius_m", Text("Umkreis in m", "Error radius in m")),
    ("contradictions", Text("Widersprüche", "Contradictions")),
    ("explanation", Text("Erklärung", "Explanation")),
)


def write_review_map(
    pack: RegionPack, table: Path, review: Collection[int], path: Path, language: Language
) -> Written:
    """Write the map of a geocoded table.

    Parameters
    ----------
    table
        The table with its outcome columns.
    review
        Numbers of the rows to look at, from 1.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    return write_map_html(draw_table(pack, read_table(table).frame, review, language), path)


def draw_table(
    pack: RegionPack, frame: pd.DataFrame, review: Collection[int], language: Language
) -> SheetMap:
    """Draw the rows of a geocoded table, those to look at as signs with their explanation."""
    rows = [
        _describe_row(pack, number, row, number in review, language)
        for number, row in enumerate(frame.to_dict("records"), start=1)
    ]
    count = format_number(len(review), language)
    total = format_number(len(rows), language)
    title = Text(
        f"{count} von {total} Adressen bitte ansehen", f"{count} of {total} addresses to look at"
    )
    word = str(pack.region["district_word"][language])
    areas = [
        MapArea(f"district-{d}", f"{word} {d}", f"{word} {d}", shape)
        for d, shape in zip(pack.districts["district"], pack.districts.geometry, strict=True)
    ]
    return draw_review(
        rows,
        frame=Frame(
            title=title.in_language(language),
            sources=list_sources(pack, ("addresses", "districts", "street_edges")),
            crs=pack.crs,
        ),
        basemap=load_basemap(pack),
        districts=areas,
        language=language,
    )


def _describe_row(
    pack: RegionPack,
    number: int,
    row: Mapping[object, object],
    is_doubtful: bool,
    language: Language,
) -> MapSite:
    cells = {str(name): str(value) for name, value in row.items()}
    lat, lon = cells.get("lat"), cells.get("lon")
    point = project(float(lon), float(lat), crs=pack.crs)[0] if lat and lon else None
    said = Text(f"Zeile {number}", f"Row {number}").in_language(language)
    return MapSite(
        key=f"row-{number}",
        name=said,
        sign=Sign.REVIEW if is_doubtful else Sign.OPEN,
        x=None if point is None else float(point[0]),
        y=None if point is None else float(point[1]),
        facts=tuple(
            Fact(label.in_language(language), cells.get(name) or UNKNOWN[language])
            for name, label in LABELS
        ),
    )
