"""Dates of the data; nothing in a paper comes from the clock."""

from __future__ import annotations

import datetime as dt

from welcomemap.pack.load import RegionPack
from welcomemap.pack.manifest import list_resources
from welcomemap.report.request import PaperRequest
from welcomemap.wording import UNKNOWN, Text, format_iso_date

STATUS_LAYERS = (
    ("service_points", Text("Standorte", "sites")),
    ("demand_cells", Text("Menschen", "people")),
    ("districts", Text("Grenzen", "borders")),
    ("street_edges", Text("Straßen", "streets")),
)
EARLIEST = "1970-01-01"


def find_data_date(pack: RegionPack) -> str:
    """Return the latest date of any layer as ISO text, as exact as the pack says."""
    dates = [layer.date for layer in list_resources(pack.manifest) if _is_date(layer.date)]
    return max(dates, default="")


def find_timestamp(request: PaperRequest, pack: RegionPack) -> int:
    """Return the date of the paper, or of its data, in seconds since 1970 (UTC midnight)."""
    text = request.date or find_data_date(pack) or EARLIEST
    parts = [int(part) for part in text.split("-")]
    day = dt.datetime(*(*parts, 1, 1)[:3], tzinfo=dt.UTC)  # type: ignore[misc, arg-type]
    return int(day.timestamp())


def tell_status(pack: RegionPack) -> Text:
    """Say what date the data have, layer by layer."""
    dates = {layer.name: layer.date for layer in list_resources(pack.manifest)}
    told = [
        Text(f"{name.de} {_word(dates[layer], 'de')}", f"{name.en} {_word(dates[layer], 'en')}")
        for layer, name in STATUS_LAYERS
        if layer in dates
    ]
    return Text(
        "Stand der Daten: " + ", ".join(text.de for text in told) + ".",
        "Data as of: " + ", ".join(text.en for text in told) + ".",
    )


def _word(date: str, language: str) -> str:
    key = "de" if language == "de" else "en"
    return format_iso_date(date, "de" if key == "de" else "en") if _is_date(date) else UNKNOWN[key]


def _is_date(text: str) -> bool:
    parts = text.split("-")
    if not all(part.isdecimal() for part in parts) or len(parts[0]) != 4 or len(parts) > 3:
        return False
    try:
        dt.date(*(*map(int, parts), 1, 1)[:3])
    except ValueError:
        return False
    return True
