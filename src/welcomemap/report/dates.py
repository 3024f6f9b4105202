"""Dates of the data; nothing in a paper comes from the clock."""

from __future__ import annotations

import datetime as dt

from welcomemap.dates import read_iso_date
from welcomemap.pack.load import RegionPack
from welcomemap.pack.manifest import list_resources
from welcomemap.report.request import PaperRequest
from welcomemap.wording import Text, format_iso_date

STATUS_LAYERS = (
    ("service_points", Text("Standorte", "sites")),
    ("demand_cells", Text("Menschen", "people")),
    ("districts", Text("Grenzen", "borders")),
    ("street_edges", Text("Straßen", "streets")),
)
EARLIEST = dt.date(1970, 1, 1)


def find_data_date(pack: RegionPack) -> str:
    """Return the latest date of any layer as ISO text, as exact as the pack says."""
    dates = [layer.date for layer in list_resources(pack.manifest) if read_iso_date(layer.date)]
    return max(dates, default="")


def find_timestamp(request: PaperRequest, pack: RegionPack) -> int:
    """Return the date of the paper, or of its data, in seconds since 1970 (UTC midnight)."""
    date = read_iso_date(request.date) or read_iso_date(find_data_date(pack))
    day = EARLIEST if date is None else date.first
    return int(dt.datetime.combine(day, dt.time(tzinfo=dt.UTC)).timestamp())


def tell_status(pack: RegionPack) -> Text:
    """Say what date the data have, layer by layer."""
    dates = {layer.name: layer.date for layer in list_resources(pack.manifest)}
    told = [
        Text(
            f"{name.de} {format_iso_date(dates[layer], 'de')}",
            f"{name.en} {format_iso_date(dates[layer], 'en')}",
        )
        for layer, name in STATUS_LAYERS
        if layer in dates
    ]
    return Text(
        "Stand der Daten: " + ", ".join(text.de for text in told) + ".",
        "Data as of: " + ", ".join(text.en for text in told) + ".",
    )
