"""Columns of the layers; :mod:`welcomemap.region.contracts` checks them, once, at the border.

Names and meanings of the columns of every layer in a region pack. ``geometry`` columns are in the
pack's metric CRS once loaded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

GROUPS = ("residents", "migration_background", "foreign_citizens", "under_18", "over_65")
"""Population groups, each a column of people in districts, quarters and demand cells.

Everybody comes first. A pack may lack the others: it then names those that it has in the list
``groups`` of its region (:attr:`welcomemap.region.pack.RegionPack.groups`).
"""

SITE_STATUSES = ("open", "planned", "closed", "disputed")
SERVING_STATUSES = ("open", "disputed")
"""A planned or closed service point serves nobody; a disputed one counts as published."""

DISTRICT_COLUMNS = ("district", "name", *GROUPS, "area_km2", "geometry")
"""``district`` is an int, ``name`` a text, groups are whole people, ``area_km2`` a float."""

QUARTER_COLUMNS = ("quarter", "name", "district", *GROUPS, "area_km2", "geometry")
"""``quarter`` is a text with leading zeros (``"011"``)."""

DEMAND_CELL_COLUMNS = ("cell_id", "quarter", "district", *GROUPS, "is_from_addresses", "geometry")
"""One row per 100 m census cell and quarter; groups are floats; ``geometry`` is the point where the
people of the cell live on average (mean of its residential addresses, else the cell's centre)."""

SERVICE_POINT_COLUMNS = (
    "id",
    "name",
    "operator",
    "address",
    "stated_districts",
    "status",
    "valid_from",
    "valid_to",
    "source",
)
"""Required of every list of service points. ``stated_districts`` is ``"1;2"`` or empty (the list
states nothing), dates are ISO (year, month or day) or empty."""

SERVICE_POINT_OPTIONAL_COLUMNS = (
    "lat",
    "lon",
    "scenario",
    "kind",
    "note",
    "phone",
    "url",
    "opening_hours",
    "opening_hours_as_of",
    "languages",
    "capacity",
    "location_outcome",
    "location_source",
    "error_radius_m",
    "district",
)
"""``district`` is the one the site lies in: as its source states, else where it was located."""

SITE_HISTORY_COLUMNS = ("address", "event", "date", "districts", "detail", "source", "site_ids")
"""Dated reports of the press; ``site_ids`` are the service points of the pack a row speaks of."""

CANDIDATE_SITE_COLUMNS = (
    "id",
    "kind",
    "name",
    "operator",
    "address",
    "purpose",
    "status",
    "note",
    "source",
    "source_date",
    "lat",
    "lon",
    "location_outcome",
    "error_radius_m",
    "area_m2",
    "rooms",
    "is_step_free",
)
"""Of the layers ``candidate_sites`` (sites that somebody named) and ``facilities`` (houses that
might take one in). The last three are empty where unknown."""

ADVICE_OFFICE_COLUMNS = (
    "id",
    "kind",
    "operator",
    "name",
    "street",
    "house_number",
    "postcode",
    "quarter",
    "district",
    "phone",
    "url",
    "lat",
    "lon",
    "source",
)

ADDRESS_COLUMNS = (
    "street",
    "house_number",
    "is_residential",
    "quarter",
    "district",
    "postcode",
    "is_postcode_inferred",
    "location_quality",
    "geometry",
)
"""One row per street and house number. ``house_number`` is normalised text (``"2a"``, ``"6-8"``),
empty where the list has none. ``location_quality`` is ``point`` (a good point), ``street`` (only
somewhere on the street), ``suspect`` (contradicts its neighbours) or ``none`` (no place known:
geometry is missing)."""

STOP_COLUMNS = ("stop_id", "name", "modes", "source", "geometry")
LINE_COLUMNS = ("line", "mode", "trip_count")
LINE_STOP_COLUMNS = ("line", "sequence", "stop_id")
"""A gap in the sequence of a line begins a branch: no vehicle runs over it."""
TIMETABLE_COLUMNS = (
    "trip_id",
    "line",
    "service_id",
    "sequence",
    "stop_id",
    "arrival_s",
    "departure_s",
    "is_estimated",
)
"""One row per call of a trip at a stop, ordered by trip and sequence from 0.

``trip_id`` numbers the trips from 0, by line and first departure. ``arrival_s`` and ``departure_s``
are seconds after noon less 12 h of the day of service, and reach beyond 86,400. The days of a trip
are those of its ``service_id`` in the layer ``service_days``. ``is_estimated`` marks times that the
feed leaves blank.
"""

SERVICE_DAY_COLUMNS = ("service_id", "first_day", "last_day", "days")
"""``days`` has a mark for each day from the first to the last: ``1`` where trips run."""

RIVER_CROSSING_COLUMNS = ("name", "is_walkable", "is_cyclable", "geometry")
"""``geometry`` is a LineString from bank to bank."""

STREET_EDGE_COLUMNS = ("edge_id", "u", "v", "length_m", "name", "way_id", "geometry")
"""One row per piece of street between two junctions; ``u``, ``v`` are node numbers from 0."""

STREET_EDGE_OPTIONAL_COLUMNS = ("is_step_free",)
"""``is_step_free`` tells whether an edge has neither steps nor a tag against wheelchairs. A pack
without the column knows nothing of steps."""

GROUND_CLASSES: Mapping[str, tuple[str, ...]] = {
    "water": ("water", "river", "canal"),
    "green": ("wood", "open"),
    "built_up": ("residential", "work", "blocks"),
    "railway": ("rail", "tram", "subway"),
    "street": (
        "motorway", "trunk", "primary", "secondary", "tertiary", "main", "named", "incomplete",
    ),
}  # fmt: skip
"""Kind → classes of what lies under the data of a map.

``main`` and ``named`` are streets of a file without classes, ``incomplete`` those of one that lacks
streets there.
"""
GROUND_COLUMNS = ("kind", "class", "name", "geometry")
"""``name`` is that of a water, else empty; areas of all kinds tile, lines have no width."""
PLACES = ("city", "town", "village", "suburb", "quarter", "neighbourhood")
"""Kinds of named places, the most important first (OpenStreetMap wiki, page Key:place)."""
PLACE_NAME_COLUMNS = ("name", "place", "rank", "population", "geometry")
"""``rank`` is 1 for the place to be named first; ``population`` is a text, empty if not known."""

LOCATION_QUALITIES = ("point", "street", "suspect", "none")


@dataclass(frozen=True)
class Contract:
    """What a layer must hold; :data:`welcomemap.region.contracts.RULES` says it of its cells.

    Attributes
    ----------
    columns
        Required columns; of a layer with a geometry and nothing else none is named.
    key
        Columns that together name a row; no two rows may share them.
    geometry
        Allowed types of geometry; empty for tables without one.
    may_lack_geometry
        Whether a row may have no place.
    optional
        Columns that may be absent, and are judged where they are not.
    """

    columns: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    geometry: tuple[str, ...] = ()
    may_lack_geometry: bool = False
    optional: tuple[str, ...] = ()


_AREA = ("Polygon", "MultiPolygon")

CONTRACTS: Mapping[str, Contract] = {
    "districts": Contract(DISTRICT_COLUMNS, ("district",), _AREA),
    "quarters": Contract(QUARTER_COLUMNS, ("quarter",), _AREA),
    "demand_cells": Contract(DEMAND_CELL_COLUMNS, ("cell_id", "quarter"), ("Point",)),
    "service_points": Contract(SERVICE_POINT_COLUMNS, ("id",)),
    "site_history": Contract(SITE_HISTORY_COLUMNS),
    "candidate_sites": Contract(CANDIDATE_SITE_COLUMNS, ("id",)),
    "facilities": Contract(CANDIDATE_SITE_COLUMNS, ("id",)),
    "advice_offices": Contract(ADVICE_OFFICE_COLUMNS, ("id",)),
    "addresses": Contract(
        ADDRESS_COLUMNS, ("street", "house_number"), ("Point",), may_lack_geometry=True
    ),
    "stops": Contract(STOP_COLUMNS, ("stop_id",), ("Point",)),
    "lines": Contract(LINE_COLUMNS, ("line",)),
    "line_stops": Contract(LINE_STOP_COLUMNS, ("line", "sequence")),
    "timetable": Contract(TIMETABLE_COLUMNS, ("trip_id", "sequence")),
    "service_days": Contract(SERVICE_DAY_COLUMNS, ("service_id",)),
    "river": Contract(geometry=("LineString", "MultiLineString")),
    "river_band": Contract(geometry=_AREA),
    "river_crossings": Contract(RIVER_CROSSING_COLUMNS, ("name",), ("LineString",)),
    "street_edges": Contract(
        STREET_EDGE_COLUMNS, ("edge_id",), ("LineString",), optional=STREET_EDGE_OPTIONAL_COLUMNS
    ),
    "street_extent": Contract(geometry=_AREA),
    "ground": Contract(GROUND_COLUMNS, (), ("Polygon", "LineString")),
    "place_names": Contract(PLACE_NAME_COLUMNS, (), ("Point",)),
}


def without_groups(columns: Collection[str], groups: Collection[str]) -> list[str]:
    """Return columns without those of the groups that a pack does not have.

    Examples
    --------
    >>> without_groups(("name", "residents", "under_18"), ("residents",))
    ['name', 'residents']
    """
    return [name for name in columns if name in groups or name not in GROUPS]
