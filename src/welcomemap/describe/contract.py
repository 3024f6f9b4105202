"""The contract of the command line: the shape of each command's JSON, and how it is written.

A class is the shape of an answer or of a row in it, in the order in which it is written. A field
has the name that its value has in the result; where the JSON calls it otherwise, the field says so.
Numbers are rounded by their types. The JSON Schemas in ``docs/schema`` are made of these classes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar

import msgspec
from msgspec import UNSET, UnsetType, field

from welcomemap.crs import DEGREE_DECIMALS, unproject_point
from welcomemap.files import Written
from welcomemap.geocoding.outcome import Outcome
from welcomemap.travel.impedance import Mode, Unit

if TYPE_CHECKING:
    from welcomemap.geocoding.outcome import Alternative, GeocodeResult
    from welcomemap.geocoding.suggest import Suggestion
    from welcomemap.study.nearest import NearbySite

Shaped = TypeVar("Shaped", bound=msgspec.Struct)
# Written again, for the rooms that have them take long to import; a test holds them together.
AreaKind = Literal["city", "district", "quarter"]
Model = Literal["lscp", "mclp", "backup", "p-median", "p-center", "p-dispersion"]
Status = Literal["optimal", "feasible", "infeasible"]
LARGEST_WHOLE = 2**53
"""From here on not every whole number is a float of its own."""


class Number(float):
    """A number, rounded when it is made; numpy's are welcome."""

    decimals: ClassVar[int | None] = None
    has_ints: ClassVar[bool] = False
    schema: ClassVar[Mapping[str, object]] = {"type": "number"}

    def __init_subclass__(
        cls, *, decimals: int | None = None, has_ints: bool = False, **schema: object
    ) -> None:
        """Set to how many decimals it is rounded, and whether whole numbers are written as ints."""
        cls.decimals, cls.has_ints = decimals, has_ints
        cls.schema = {"type": "number", **schema}

    def __new__(cls, value: Any) -> Self:
        """Round a number."""
        number = float(value)
        return super().__new__(cls, number if cls.decimals is None else round(number, cls.decimals))

    def write(self) -> float | None:
        """Return the number as JSON has it."""
        is_int = self.has_ints and self.is_integer() and abs(self) < LARGEST_WHOLE
        return int(self) if is_int else float(self)


class Finite(Number, has_ints=True, type=["number", "null"]):
    """A number in the unit of the matrix or the model; ``null`` where it has no end."""

    def write(self) -> float | None:
        """Return ``None`` for what JSON has no number for."""
        return super().write() if math.isfinite(self) else None


class People(Number, decimals=3, has_ints=True):
    """People; an estimate with decimals, so that sums over areas still agree after rounding."""


class Share(Number, decimals=6, minimum=0, maximum=1):
    """A share or a probability, 0-1."""


class Tenth(Number, decimals=1):
    """Metres or minutes, to a tenth."""


class Index(Number, decimals=4):
    """A figure without a unit, or a rate."""


class Degrees(Number, decimals=DEGREE_DECIMALS, minimum=-180, maximum=180):
    """Latitude or longitude, WGS 84."""


class Centre(Number, decimals=6, minimum=-180, maximum=180):
    """Latitude or longitude of where people live on average, WGS 84."""


class Told(str):
    """What has a text of its own: a threshold such as ``1000m``, a path, an English sentence."""


def encode(value: object, indent: int = 2) -> str:
    """Return the JSON text of an answer; ``NaN`` and infinities are refused.

    Raises
    ------
    ValueError
        If a number in it is none of JSON.
    """
    return json.dumps(to_builtins(value), ensure_ascii=False, indent=indent, allow_nan=False)


def to_builtins(value: object) -> Any:
    """Return the JSON values of an answer or of one of its rows."""
    return msgspec.to_builtins(value, str_keys=True, enc_hook=_write)


def make_schema(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of an answer."""
    return msgspec.json.schema(kind, schema_hook=_describe)


def _read(kind: type[Any], value: object) -> object:
    if issubclass(kind, Number):
        return kind(value)
    return value if isinstance(value, kind) else kind(str(value))


def _write(value: object) -> object:
    if isinstance(value, Number):
        return value.write()
    if isinstance(value, Told | Path):
        return str(value)
    raise NotImplementedError(type(value))


def _describe(kind: type) -> dict[str, Any]:
    shown = kind.schema if issubclass(kind, Number) else {"type": "string"}
    is_own = kind.__module__ == __name__ and kind is not Number
    return {**shown, "description": kind.__doc__} if is_own else dict(shown)


def shape(kind: type[Shaped], *sources: object, **filled: object) -> Shaped:
    """Return a shape with what is filled in, and what the first of the sources has of the rest."""
    values = {}
    for one in msgspec.structs.fields(kind):
        holder = next((source for source in sources if hasattr(source, one.name)), None)
        if one.name in filled:
            values[one.encode_name] = filled[one.name]
        elif holder is not None:
            values[one.encode_name] = getattr(holder, one.name)
    return msgspec.convert(values, kind, from_attributes=True, dec_hook=_read)


class Shape(msgspec.Struct):
    """An answer, or a part of one."""


class Text(Shape):
    """A sentence in each language."""

    de: str
    en: str


class Texts(Shape):
    """Sentences in each language."""

    de: list[str]
    en: list[str]


Range = tuple[People, People]
"""Lower and upper bound of people."""
ShareRange = tuple[Share, Share]
"""Lower and upper bound of a share."""


class ListNote(Shape):
    """What is to be known of a row of a list; ``row`` counts from 1, ``null`` if not known."""

    id: str
    row: int | None
    kind: Literal["contradiction", "place", "validity"]
    de: str
    en: str


# --- addresses ---


class Spot(Shape):
    """A labelled place."""

    label: str
    street: str
    house_number: str | None
    lat: Degrees | None
    lon: Degrees | None


def show_spot(spot: Alternative | Suggestion, crs: str) -> Spot:
    """Return a suggestion, or one of several readings of an address."""
    return shape(Spot, spot, **locate(spot, crs))


def locate(
    spot: Alternative | Suggestion | GeocodeResult | NearbySite, crs: str
) -> dict[str, float | None]:
    """Return latitude and longitude of something at ``x``, ``y`` in a metric CRS."""
    if spot.x is None or spot.y is None:
        return {"lat": None, "lon": None}
    return dict(zip(("lat", "lon"), unproject_point(spot.x, spot.y, crs=crs), strict=True))


class Address(Shape):
    """Where an address lies (``geocode --address``).

    The true place lies within ``error_radius_m`` metres for at least 95 % of such results.
    """

    outcome: Outcome
    matched: str | None
    street: str | None
    house_number: str | None
    lat: Degrees | None
    lon: Degrees | None
    error_radius_m: Tenth | None
    district: int | None
    quarter: str | None
    quarter_name: str | None
    postcode: str | None
    alternatives: list[Spot]
    source: str
    contradictions: list[Text]
    notes: list[Text]
    explanation: Text


class AddressTable(Shape):
    """What became of the rows of a table (``geocode INPUT``); rows are told by their numbers."""

    rows: int
    outcomes: dict[Outcome, int]
    contradictions: int
    review: list[int]
    stated_district_contradictions: list[int]
    match_rate: Number
    resumed: int
    address_columns: list[str]
    columns: dict[str, str | list[str]]
    warnings: list[Told]


class Report(Shape):
    """A dated source that contradicts a list."""

    reading: Literal["gone", "moved", "omitted", "marked"]
    site_ids: list[str]
    pack_site_ids: list[str]
    districts: list[int]
    address: str
    date: str
    source: str
    sentence: Text


class Site(Shape):
    """A service point as seen from an address: metres, minutes and their intervals.

    Lengths are ``null`` for public transport. ``located_at`` says to which address the way is.
    ``known_within_m`` is not ``null`` where no more than the street of the site is known.
    """

    id: str
    name: str
    operator: str
    address: str
    lat: Degrees
    lon: Degrees
    district: int | None
    status: str
    is_disputed: bool
    moved_to: str | None
    located_at: Literal["address", "moved_to"]
    reports: list[Report]
    distance_m: Tenth | None
    duration_min: Tenth
    interval_m: tuple[Tenth, Tenth] | None
    interval_min: tuple[Tenth, Tenth]
    basis: str
    is_open_now: bool | None
    valid_from: str | None
    valid_to: str | None
    stated_districts: str | None
    phone: str | None
    url: str | None
    opening_hours: str | None
    opening_hours_as_of: str | None
    languages: str | None
    note: str | None
    source: str | None
    known_within_m: Tenth | None


class SiteWithoutPlace(Shape):
    """A service point of the list of which nobody knows where it is, and how to ask there."""

    id: str
    name: str
    operator: str
    address: str
    status: str
    phone: str | None
    url: str | None
    opening_hours: str | None
    note: str | None


class Nearest(Shape):
    """The service points nearest to an address, nearest first (``nearest``)."""

    address: Address
    scenario: str
    mode: Mode
    sites: list[Site]
    without_place: list[SiteWithoutPlace]
    assumptions: Text | None
    list_notes: list[ListNote]


# --- reach ---


class DistrictFigures(Shape):
    """A district in the three meanings of served, without words."""

    district: int
    name: str
    residents: People
    sites_located: int
    sites_stated: int | None
    is_located_unserved: bool = field(name="located_unserved")
    is_stated_unserved: bool | None = field(name="stated_unserved")
    stated_elsewhere: list[str]
    disputed: list[str]
    located_unserved_if_disputed_false: bool
    planned: list[str]
    covered_residents: People
    group: str
    people: People
    covered: People = field(name="covered_people")
    share: Share | None = field(name="covered_share")
    interval: ShareRange | None
    share_if_disputed_false: Share | None = field(name="covered_share_if_disputed_false")
    interval_if_disputed_false: ShareRange | None
    probability_located_unserved: Share
    probability_reach_unserved: Share | None
    located: list[str] = field(name="located_ids")
    stated: list[str] | None = field(name="stated_ids")
    near_border: list[str]


class District(DistrictFigures):
    """A district in the three meanings of served, with the reason why it is or not.

    Numbers named after residents count everybody, all others the group; shares and probabilities
    are 0-1.
    """

    reason: Text


class AreaFigures(Shape):
    """An area with people out of reach, without words."""

    rank: int
    kind: Literal["district", "quarter", "cluster"]
    area: int | str
    name: str
    district: int
    group: str
    people: People
    out_of_reach: People
    interval: Range
    lat: Centre
    lon: Centre
    nearest_site: str | None
    median_cost: Tenth | None


class Area(AreaFigures):
    """An area with people out of reach, and why; ``median_cost`` in the threshold's unit."""

    reason: Text


class Gaps(Shape):
    """Who is left out (``gaps``).

    ``detour_factor`` is the estimate with its lower and upper bound; areas are ranked.
    """

    scenario: str
    threshold: Told
    mode: Mode
    detour_factor: tuple[Number, Number, Number] | None
    districts: list[District]
    areas: list[Area]
    group: str
    assumptions: Text | None
    list_notes: list[ListNote]


class AreaRow(Shape):
    """Figures of one group in one area within one threshold."""

    area_kind: AreaKind
    area: int | str
    name: str
    group: str
    threshold: Told


class ReachFigures(AreaRow):
    """Covered people of one group in one area within one threshold, without words."""

    total: People
    covered: People
    share: Share | None
    interval: ShareRange | None
    share_if_disputed_false: Share | None
    interval_if_disputed_false: ShareRange | None
    probability_unserved: Share | None
    basis: str


class CoverageRow(ReachFigures):
    """Covered people of one group in one area within one threshold; shares are 0-1."""

    certainty: Text


class Spread(Shape):
    """How travel cost to the nearest service point is spread over a group; costs in ``unit``."""

    area_kind: AreaKind
    area: int | str
    group: str
    unit: Unit
    median: Tenth | None
    p90: Tenth | None
    mean: Tenth | None
    unreachable_share: Share | None
    gini: Index | None
    palma: Index | None
    concentration: Index | None


class CatchmentRow(Shape):
    """People of a district and group whose nearest service point is one certain one."""

    district: int
    group: str
    site: str | None
    site_district: int | None
    crosses_border: bool | None
    people: People


class Catchment(Shape):
    """Who is served by whom."""

    scenario: str
    threshold: Told | None
    rows: list[CatchmentRow]
    tied_people: People
    sentences: Texts


class Capacity(Shape):
    """Capacity per 1,000 people of a district and group, in the unit of the capacities."""

    district: int
    group: str
    threshold: Told
    per_1000: Index | None = field(name="capacity_per_1000")


class Coverage(Shape):
    """How many people of each group reach a site (``coverage``)."""

    scenario: str
    mode: Mode
    rows: list[CoverageRow]
    spread: list[Spread]
    catchments: list[Catchment]
    capacities: list[Capacity]
    assumptions: Text | None
    list_notes: list[ListNote]


class Reading(Shape):
    """People gained and lost in one reading of each list."""

    earlier: Literal["published", "reports"] = field(name="from")
    later: Literal["published", "reports"] = field(name="to")
    gained: People
    lost: People


class ReachChange(AreaRow):
    """People of a group in an area who come within reach, and who fall out of it."""

    gained: People
    lost: People
    gained_interval: Range
    lost_interval: Range
    rests_on_disputed: list[str]
    readings: list[Reading]
    gained_reached_before: People = field(name="gained_reached_before_by_reports")


class Difference(Shape):
    """Who gained and who lost between two scenarios (``diff``)."""

    from_scenario: str = field(name="from")
    to_scenario: str = field(name="to")
    mode: Mode
    rows: list[ReachChange]
    sentences: Texts
    assumptions: Text | None
    list_notes: list[ListNote]


# --- sites ---


class SiteSet(Shape):
    """Ids of the sites opened, and what they are worth."""

    members: list[str] = field(name="set")
    objective: Finite


class Varied(Shape, kw_only=True):
    """The answer when one thing is changed, and how the first choice fares then.

    One of ``p``, ``threshold`` and ``group`` is there: what was changed, and to what.
    """

    p: int | UnsetType = UNSET
    threshold: int | float | UnsetType = UNSET
    group: str | UnsetType = UNSET
    status: Status
    objective: Finite | None
    optimal_set: list[str] | None
    n_optimal_sets: int
    chosen_objective: Finite | None
    chosen_loss_share: Finite | None
    sites_kept: list[str]


class Proof(Shape):
    """The best sets of sites, and what is proven of them.

    ``gap`` is the distance between objective and bound as a share of the objective.
    ``assignments`` is the site that serves each demand in the first optimal set.
    """

    model: Model
    p: int | None
    status: Status
    objective: Finite | None
    bound: Finite | None
    gap: Finite | None
    optimal_sets: list[list[str]]
    n_optimal_sets: int
    is_n_optimal_exact: bool = field(name="n_optimal_sets_is_exact")
    near_optimal_sets: list[SiteSet]
    near_share: Number
    is_near_exact: bool = field(name="near_optimal_sets_is_exact")
    runner_up: SiteSet | None
    is_runner_up_proven: bool = field(name="runner_up_is_proven")
    runner_up_loss_share: Finite | None
    runner_ups: list[SiteSet]
    are_runner_ups_exact: bool = field(name="runner_ups_are_exact")
    assignments: dict[str, str | None]
    existing: list[str]
    method: str


class MatrixChoice(Proof):
    """A choice of sites on a plain matrix, in its own unit (``site --cost-matrix``)."""

    sensitivity: list[Varied]
    reason: Text | None
    sentences: Texts


class Place(Shape):
    """Where a candidate lies, and what is to be known of its row.

    ``location_outcome`` is ``null`` where no address was looked up: its coordinates were given.
    """

    name: str
    lat: Degrees | None
    lon: Degrees | None
    district: int | None
    location_outcome: Outcome | None
    address: str | None
    place_notes: list[ListNote]


class Choice(Proof):
    """A choice of sites in a region (``site``); costs and ``budget`` in the planner's own unit.

    ``objective`` is the model's own; ``covered`` are the people of the group who reach an open site
    within the threshold with the first optimal set, as ``coverage`` counts them.
    """

    scenario: str
    mode: Mode
    threshold: Told
    group: str
    keep_existing: bool
    places: dict[str, Place]
    left_out: list[str]
    standing: Finite | None = field(name="existing_objective")
    covered: Finite | None
    budget: Number | None
    spent: Finite | None
    unpriced: list[str]
    sensitivity: list[Varied]
    reason: Text | None
    sentences: Texts
    assumptions: Text | None
    list_notes: list[ListNote]


class Stop(Shape):
    """A stop as seen from a place; no known line is ``null``, not zero lines."""

    stop_id: str
    name: str
    distance_m: Tenth
    lines: list[str] | None = field(name="known_lines")


class Requirement(Shape):
    """What a kind of facility needs in one respect, and what a candidate has."""

    name: str
    needed: Finite | None
    given: Finite | None
    is_met: bool | None


class Candidate(Shape):
    """A candidate as it is compared; unknown is ``null``, never zero.

    ``gained`` are the people of each group newly within reach, costs are in the threshold's unit,
    ``score`` is the lowest and the highest over all weightings, ``p_best`` the share
    of the simulated draws in which this candidate gains the most people of the group, ties split;
    ``null`` where nothing was drawn. ``location_outcome`` is ``null`` where no address was looked
    up: its coordinates were given, or it was set on the map.
    """

    id: str
    name: str
    location_outcome: Outcome | None
    gained: dict[str, People]
    overlap_share: Finite | None
    mean_cost: Finite | None
    p90_cost: Finite | None
    districts_served: dict[int, bool | None]
    stop_distance_m: Finite | None
    n_lines: int | None
    area_m2: Finite | None
    rooms: int | None
    is_step_free: bool | None
    meets_requirements: bool | None
    p_best: Number | None
    rank: int
    score: tuple[Number, Number]
    first_share_of_weightings: Number
    gained_interval: dict[str, Range]
    lat: Degrees | None
    lon: Degrees | None
    district: int | None
    address: str | None
    place_notes: list[ListNote]
    stop: Stop | None
    status: str | None
    requirements: list[Requirement]
    facts: dict[str, str | None]


class Comparison(Shape):
    """Candidates side by side (``compare``); ``pareto`` are those that none beats in all."""

    candidates: list[Candidate]
    weights: dict[str, Number]
    pareto: list[str]
    is_decided: bool
    scenario: str
    mode: Mode
    threshold: Told
    group: str
    left_out: list[str]
    sentences: Texts
    notes: Texts
    assumptions: Text | None
    list_notes: list[ListNote]


# --- packs and files ---


class Output(Shape):
    """What was written (``map``, ``report``)."""

    written: list[Written]


class ReplayedFile(Shape):
    """A file that is not as its study file has it; a sha256 is ``null`` where there is none."""

    file: str
    stored: str | None
    now: str | None
    cause: Told


class Replayed(Output):
    """What was written again, and whether it is the same (``replay``)."""

    equal: bool
    differences: list[ReplayedFile]


class PackFile(Shape):
    """A file of a pack."""

    name: str
    path: str
    rows: int
    sha256: str


class CheckedLayer(PackFile):
    """What was found out about a layer of a pack."""

    licence: str
    source: str
    date: str
    ok: bool
    problems: list[Told]


class AddressCounts(Shape):
    """Addresses of an area by what is known of their place."""

    point: int
    street: int
    suspect: int
    none: int


Grade = Literal["reliable", "with_care", "unreliable"]


class CheckedArea(Shape):
    """What a pack knows in an area; ``null`` where it lacks what a figure is made of.

    Shares are of the people who live there; ``search``, ``ways`` and ``shares`` say how far each
    answer can be trusted.
    """

    area_kind: AreaKind
    area: int | str
    name: str
    residents: People
    addresses: AddressCounts | None
    near_address_share: Share | None
    on_streets_share: Share | None
    by_homes_share: Share | None
    evenly_share: Share | None
    sites_located: list[str] | None
    sites_unlocated: list[str] | None
    sites_disputed: list[str] | None
    candidates: int | None
    share: Share | None = field(name="covered_share")
    interval: ShareRange | None
    search: Grade | None
    ways: Grade | None
    shares: Grade | None


class Checked(Shape):
    """Whether a pack is in order, and how good it is (``data check``)."""

    ok: bool
    layers: list[CheckedLayer]
    scenario: str
    threshold: Told
    missing: list[str]
    areas: list[CheckedArea]
    sentences: Texts


class SealedLayer(Shape):
    """A layer as the manifest records it now, its size in bytes."""

    name: str
    path: str
    rows: int
    bytes: int
    sha256: str
    is_changed: bool


class Sealed(Shape):
    """What the manifest records now (``data seal``)."""

    layers: list[SealedLayer]


class BuiltLayer(Shape):
    """A layer that was written: rows, sha256 of its file, where its facts come from."""

    name: str
    rows: int
    sha256: str
    source: str


class MissingLayer(Shape):
    """A layer that a pack lacks, and what cannot be told without it."""

    layer: str
    costs: Told


class Looked(Shape):
    """A recipe that was written (``data new``), and what its pack will lack."""

    path: str
    missing: list[MissingLayer]


class Built(Shape):
    """A region pack that was written (``data build``)."""

    layers: list[BuiltLayer]
    missing: list[MissingLayer]
    warnings: list[Told]


class FetchedFile(PackFile):
    """An official file that was fetched and is kept in the pack."""

    url: str
    publisher: str
    licence: str
    last_verified: str


class Updated(Built):
    """A fresh region pack, and the files that were fetched for it (``data update``)."""

    files: list[FetchedFile]


class ChangedIds(Shape):
    """Ids of sites by what became of them, the name of their list and the day of the change."""

    added: list[str]
    moved: list[str]
    closed: list[str]
    changed: list[str]
    unchanged: list[str]
    scenario: str
    date: str


class ToldChange(ChangedIds):
    """A change of the list of sites as it is recorded."""

    sentences: Texts


class Effect(Shape):
    """People who come within reach by a change, and who fall out of it."""

    gained: People
    lost: People
    gained_interval: Range
    lost_interval: Range


class ChangedSite(Shape):
    """What became of one site; people are ``null`` where they were not counted."""

    id: str
    kind: Literal["added", "moved", "closed", "changed"]
    address: str | None
    address_before: str | None
    kept_as: str | None
    last_day: str | None
    columns: list[str]
    is_located: bool
    gained: People | None
    lost: People | None
    gained_interval: Range | UnsetType = UNSET
    lost_interval: Range | UnsetType = UNSET


class ChangedList(ChangedIds):
    """A changed list of sites beside the published one (``data sites``)."""

    mode: Mode
    threshold: Told
    changes: list[ChangedSite]
    total: Effect | None
    sentences: Texts
    written: list[Written]


class UndoneChange(ToldChange):
    """The change that was taken back, and what was written (``data sites --undo``)."""

    written: list[Written]


ANSWERS: Mapping[str, Any] = {
    "geocode": Address,
    "geocode-table": AddressTable,
    "nearest": Nearest,
    "suggest": list[Spot],
    "gaps": Gaps,
    "coverage": Coverage,
    "diff": Difference,
    "site": Choice,
    "site-matrix": MatrixChoice,
    "compare": Comparison,
    "data-check": Checked,
    "data-new": Looked,
    "data-build": Built,
    "data-update": Updated,
    "data-seal": Sealed,
    "data-sites": ChangedList,
    "data-sites-undo": UndoneChange,
    "written": Output,
    "replay": Replayed,
}
"""The shape of each command's JSON; ``written`` is that of ``map`` and of ``report``."""
