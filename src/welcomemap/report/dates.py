"""Dates of the data; nothing in a paper comes from the clock."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from welcomemap.dates import read_iso_date
from welcomemap.pack.load import RegionPack
from welcomemap.pack.manifest import list_resources
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.request import PaperRequest
from welcomemap.wording import LANGUAGES, Text, format_iso_date

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


def tell_status(study: PaperStudy) -> Text:
    """Say what date the data have, layer by layer; an own list says its file and its own date."""
    pack, own = study.pack, _date_own_list(study)
    dates = {layer.name: layer.date for layer in list_resources(pack.manifest)}
    told = [
        Text(
            f"{name.de} {format_iso_date(dates[layer], 'de')}",
            f"{name.en} {format_iso_date(dates[layer], 'en')}",
        )
        for layer, name in STATUS_LAYERS
        if layer in dates and not (own and layer == "service_points")
    ]
    told = told if own is None else [own, *told]
    return Text(
        "Stand der Daten: " + ", ".join(text.de for text in told) + ".",
        "Data as of: " + ", ".join(text.en for text in told) + ".",
    )


def _date_own_list(study: PaperStudy) -> Text | None:
    """Say of which file the sites are and at which date they are counted; ``None`` if published."""
    if not study.has_own_list:
        return None
    name = Path(study.request.scenario).name
    digest = study.inputs.get(name, "")[:12]
    day = [format_iso_date(study.reference or "", k) for k in LANGUAGES]
    file = f"{name}, SHA-256 {digest}…" if digest else name
    return Text(
        f"Standorte nach eigener Liste ({file}; Stichtag {day[0]})",
        f"sites by the planner's own list ({file}; date of reference {day[1]})",
    )
