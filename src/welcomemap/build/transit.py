"""Stops and lines of public transport."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from welcomemap.build.raw import RawFolder
from welcomemap.crs import METRIC_CRS, project
from welcomemap.tables import LINE_COLUMNS, LINE_STOP_COLUMNS, STOP_COLUMNS

STOPS_FILE = "transit/stops.csv"
LINES_FILE = "transit/lines_2026.json"


@dataclass(frozen=True)
class Transit:
    """The layers ``stops``, ``lines`` and ``line_stops``."""

    stops: gpd.GeoDataFrame
    lines: pd.DataFrame
    line_stops: pd.DataFrame


def build_transit(raw: RawFolder, *, stops_source: str, lines_source: str) -> Transit:
    """Build stops and lines.

    The lines come with stops of their own, under ids of their own; both lists are kept, so that
    every stop of a line has its place. The mode of a line's stop is that of its lines.
    """
    feed = raw.read_json(LINES_FILE)
    lines = sorted(feed["lines"], key=lambda line: (line["mode"], line["line"]))
    modes: dict[str, set[str]] = {}
    for line in lines:
        for stop in line["stops"]:
            modes.setdefault(stop, set()).add(line["mode"])
    rows = raw.read_rows(STOPS_FILE, ("id", "name", "lat", "lon", "modes"))
    listed = pd.DataFrame(
        {
            "stop_id": rows["id"],
            "name": rows["name"],
            "modes": rows["modes"].str.replace("|", ";"),
            "source": stops_source,
            "lon": rows["lon"].astype(float),
            "lat": rows["lat"].astype(float),
        }
    )
    served = pd.DataFrame(
        {
            "stop_id": [s["id"] for s in feed["stops"]],
            "name": [s["name"] for s in feed["stops"]],
            "modes": [";".join(sorted(modes.get(s["id"], ()))) for s in feed["stops"]],
            "source": lines_source,
            "lon": [s["lon"] for s in feed["stops"]],
            "lat": [s["lat"] for s in feed["stops"]],
        }
    )
    table = pd.concat([served, listed]).sort_values("stop_id", ignore_index=True)
    points = np.round(project(table["lon"], table["lat"]), 1)
    stops = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(points[:, 0], points[:, 1]), crs=METRIC_CRS
    )
    return Transit(
        stops=stops[list(STOP_COLUMNS)],
        lines=pd.DataFrame(
            [(x["line"], x["mode"], str(x["feedTripCount"])) for x in lines],
            columns=list(LINE_COLUMNS),
        ),
        line_stops=pd.DataFrame(
            [(x["line"], str(k), stop) for x in lines for k, stop in enumerate(x["stops"])],
            columns=list(LINE_STOP_COLUMNS),
        ),
    )
