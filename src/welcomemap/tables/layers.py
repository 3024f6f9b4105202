"""Columns, rules, keys and geometries that each layer of a region pack must have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandera.pandas as pa

from welcomemap import tables
from welcomemap.tables import rules

Checks = dict[str, pa.Check]

_PEOPLE: Checks = {group: rules.number(0, unit="people") for group in tables.GROUPS}
_PLACE: Checks = {
    "lat": rules.number(-90, 90, unit="degrees", may_be_empty=True),
    "lon": rules.number(-180, 180, unit="degrees", may_be_empty=True),
    "error_radius_m": rules.number(0, unit="metres", may_be_empty=True),
    "location_outcome": rules.text(),
}
_NAMED: Checks = {"name": rules.filled_text()}


@dataclass(frozen=True)
class Contract:
    """What a layer must hold.

    Attributes
    ----------
    columns
        Required columns.
    checks
        Rule of each column that is there, required or not.
    key
        Columns that together name a row; no two rows may share them.
    geometry
        Allowed types of geometry; empty for tables without one.
    may_lack_geometry
        Whether a row may have no place.
    """

    columns: tuple[str, ...]
    checks: Checks
    key: tuple[str, ...] = ()
    geometry: tuple[str, ...] = ()
    may_lack_geometry: bool = False


AREA = ("Polygon", "MultiPolygon")
LINE = ("LineString", "MultiLineString")

CONTRACTS: Mapping[str, Contract] = {
    "districts": Contract(
        tables.DISTRICT_COLUMNS,
        _PEOPLE | _NAMED | {"district": rules.whole_number(1), "area_km2": rules.number(0)},
        ("district",),
        AREA,
    ),
    "quarters": Contract(
        tables.QUARTER_COLUMNS,
        _PEOPLE
        | _NAMED
        | {
            "quarter": rules.filled_text(),
            "district": rules.whole_number(1),
            "area_km2": rules.number(0),
        },
        ("quarter",),
        AREA,
    ),
    "demand_cells": Contract(
        tables.DEMAND_CELL_COLUMNS,
        _PEOPLE
        | {
            "cell_id": rules.filled_text(),
            "quarter": rules.filled_text(),
            "district": rules.whole_number(1),
            "is_from_addresses": rules.flag(),
        },
        ("cell_id", "quarter"),
        ("Point",),
    ),
    "service_points": Contract(
        tables.SERVICE_POINT_COLUMNS,
        _PLACE
        | _NAMED
        | {
            "id": rules.filled_text(),
            "stated_districts": rules.district_list(),
            "status": rules.one_of(tables.SITE_STATUSES),
            "valid_from": rules.date(),
            "valid_to": rules.date(),
            "opening_hours_as_of": rules.date(),
            "source": rules.filled_text(),
            "district": rules.whole_number(1, may_be_empty=True),
            "capacity": rules.number(0, may_be_empty=True),
        },
        ("id",),
    ),
    "site_history": Contract(
        tables.SITE_HISTORY_COLUMNS,
        {
            "event": rules.one_of(("opened", "closed")),
            "date": rules.date(),
            "districts": rules.district_list(),
            "source": rules.filled_text(),
        },
    ),
    "candidate_sites": Contract(
        tables.CANDIDATE_SITE_COLUMNS,
        _PLACE
        | _NAMED
        | {
            "id": rules.filled_text(),
            "source_date": rules.date(),
            "area_m2": rules.number(0, unit="m²", may_be_empty=True),
            "usable_area_m2": rules.number(0, unit="m²", may_be_empty=True),
            "rooms": rules.whole_number(0, may_be_empty=True),
            "is_step_free": rules.one_of(("true", "false", "")),
        },
        ("id",),
    ),
    "advice_offices": Contract(
        tables.ADVICE_OFFICE_COLUMNS,
        _PLACE
        | _NAMED
        | {"id": rules.filled_text(), "district": rules.whole_number(1, may_be_empty=True)},
        ("id",),
    ),
    "addresses": Contract(
        tables.ADDRESS_COLUMNS,
        {
            "street": rules.filled_text(),
            "house_number": rules.text(),
            "is_residential": rules.flag(),
            "quarter": rules.text(),
            "district": rules.whole_number(0),
            "postcode": rules.text(),
            "is_postcode_inferred": rules.flag(),
            "location_quality": rules.one_of(tables.LOCATION_QUALITIES),
        },
        ("street", "house_number"),
        ("Point",),
        may_lack_geometry=True,
    ),
    "stops": Contract(
        tables.STOP_COLUMNS,
        {"stop_id": rules.filled_text(), "name": rules.filled_text(), "modes": rules.text()},
        ("stop_id",),
        ("Point",),
    ),
    "lines": Contract(
        tables.LINE_COLUMNS,
        {
            "line": rules.filled_text(),
            "mode": rules.filled_text(),
            "trip_count": rules.whole_number(0),
        },
        ("line",),
    ),
    "line_stops": Contract(
        tables.LINE_STOP_COLUMNS,
        {
            "line": rules.filled_text(),
            "sequence": rules.whole_number(0),
            "stop_id": rules.filled_text(),
        },
        ("line", "sequence"),
    ),
    "river": Contract(("geometry",), {}, (), LINE),
    "river_band": Contract(("geometry",), {}, (), AREA),
    "river_crossings": Contract(
        tables.RIVER_CROSSING_COLUMNS,
        _NAMED | {"is_walkable": rules.flag(), "is_cyclable": rules.flag()},
        ("name",),
        ("LineString",),
    ),
    "street_edges": Contract(
        tables.STREET_EDGE_COLUMNS,
        {
            "edge_id": rules.whole_number(0),
            "u": rules.whole_number(0),
            "v": rules.whole_number(0),
            "length_m": rules.number(0, unit="metres"),
            "name": rules.text(),
        },
        ("edge_id",),
        ("LineString",),
    ),
    "street_extent": Contract(("geometry",), {}, (), AREA),
}
