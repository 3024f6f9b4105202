"""The tables of a paper."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from welcomemap.cartography.study_maps import point_text
from welcomemap.coverage.gaps import AreaGap
from welcomemap.describe.answers import show_area, show_district
from welcomemap.describe.candidates import STATUS_WORDS
from welcomemap.describe.comparison import MOST_IN_DRAWS, word_mean_way
from welcomemap.describe.contract import (
    Candidate,
    People,
    ReachChange,
    shape,
    to_builtins,
)
from welcomemap.describe.disputes import describe_disputes, describe_reports
from welcomemap.describe.nouns import Noun, name_area
from welcomemap.describe.reasons import describe_note, word_place, word_status
from welcomemap.describe.words import (
    ALL_RESIDENTS,
    GROUP_PARTS,
    NO,
    YES,
    add_counted,
    head_people,
    is_part,
    word_group,
    word_the_group,
)
from welcomemap.region.pack import list_resources
from welcomemap.region.scenario import is_list_file
from welcomemap.report.formulas import list_formulas, list_layers
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.request import head_list, quote_data, replace_layers
from welcomemap.wording import (
    NO_BREAK_SPACE,
    NOTHING,
    UNKNOWN,
    Language,
    Phrase,
    Verbatim,
    format_metres,
    format_minutes,
    format_number,
    format_share,
    join_phrases,
    say,
    say_as,
    say_date,
)

Kind = Literal["text", "number", "people", "share", "metres", "minutes", "flag", "square_metres"]
RANGE = say("Interval")
PEOPLE = say("people")
UNITS: dict[Kind, Phrase] = {
    "metres": Verbatim("m"),
    "minutes": Verbatim("min"),
    "square_metres": Verbatim("m²"),
}
NUMBER_FORMATS: dict[Kind, str] = {
    "people": "#,##0",
    "number": "#,##0",
    "share": "0.0%",
    "metres": "#,##0",
    "minutes": "#,##0",
    "square_metres": "#,##0",
}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    key
        As in the JSON of the command line.
    mark
        Mark of the formula behind it, such as ``F3``.
    is_printed
        Whether it stands in the paper; all columns stand in workbooks.
    low, high
        Keys of the bounds, for an interval.
    is_named
        Whether the heading names the people that the column counts; else they are the table's
        group, and workbooks say so in the unit.
    width
        Share of the width in print, 0 for that of its kind.
    """

    key: str
    heading: Phrase
    kind: Kind = "text"
    mark: str = ""
    is_printed: bool = True
    low: str = ""
    high: str = ""
    width: float = 0.0
    is_named: bool = False


@dataclass(frozen=True)
class PaperTable:
    """Rows under columns; values are raw, ``None`` is not known.

    Attributes
    ----------
    name
        Short name in ASCII, for files and worksheets.
    printed_rows
        How many rows stand in the paper; all stand in workbooks.
    group
        Who is counted in its columns of people; empty where none counts people.

    Raises
    ------
    ValueError
        If a column counts people and nobody says which.
    """

    name: str
    title: Phrase
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    note: Phrase = NOTHING
    printed_rows: int | None = None
    group: str = ""

    def __post_init__(self) -> None:
        """Refuse people without a name."""
        unnamed = [c.key for c in self.columns if c.kind == "people" and not c.is_named]
        if unnamed and not self.group:
            raise ValueError(f"whose people are counted in {', '.join(unnamed)}?")

    @property
    def printed_columns(self) -> tuple[Column, ...]:
        """Columns that stand in the paper."""
        return tuple(column for column in self.columns if column.is_printed)

    @property
    def shown_rows(self) -> tuple[Mapping[str, Any], ...]:
        """Rows that stand in the paper."""
        return self.rows[: self.printed_rows]


def head_column(
    table: PaperTable, column: Column, language: Language, *, has_shares_as_percent: bool = True
) -> str:
    """Return a column's heading with its unit, for workbooks; people are counted by their group."""
    unit = UNITS.get(column.kind, NOTHING).in_language(language)
    if column.kind == "people":
        people = PEOPLE if column.is_named else word_group(table.group)
        unit = people.in_language(language)
    if column.kind == "share":
        unit = "%" if has_shares_as_percent else "0–1"
    heading = column.heading.in_language(language)
    return f"{heading} [{unit}]" if unit and unit != heading else heading


def print_cell(column: Column, row: Mapping[str, Any], language: Language) -> str:
    """Write a cell as people read it; what is not known says so."""
    value = row.get(column.key)
    if column.low:
        return _print_interval(column, row, language)
    if value is None or value == "":
        return UNKNOWN.in_language(language)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return print_plain(value, language)
    return _print_number(column.kind, value, language, row.get("_interval"))


def _print_number(
    kind: Kind, value: float, language: Language, interval: tuple[float, float] | None
) -> str:
    if kind == "share":
        return format_share(value, language, interval)
    if kind == "metres":
        return format_metres(value, language)
    if kind == "minutes":
        return format_minutes(value, language)
    unit = f"{NO_BREAK_SPACE}m²" if kind == "square_metres" else ""
    return f"{format_number(value, language)}{unit}"


def print_plain(value: object, language: Language) -> str:
    """Write a text, a flag or a list."""
    if value is None or value == "":
        return UNKNOWN.in_language(language)
    if isinstance(value, bool):
        return (YES if value else NO).in_language(language)
    if isinstance(value, Phrase):
        return value.in_language(language)
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "–"
    return str(value)


def _print_interval(column: Column, row: Mapping[str, Any], language: Language) -> str:
    low, high = row.get(column.low), row.get(column.high)
    if low is None or high is None:
        return UNKNOWN.in_language(language)
    joint = say(" to ").in_language(language)
    bounds = _print_bounds(column, float(low), float(high), language)
    return bounds[0] if bounds[0] == bounds[1] else joint.join(bounds)


def _print_bounds(column: Column, low: float, high: float, language: Language) -> list[str]:
    if column.kind == "share":
        return [format_share(bound, language, (low, high)) for bound in (low, high)]
    return [format_number(bound, language) for bound in (low, high)]


def raw_cell(value: Any, language: Language) -> Any:
    """Return a cell for workbooks: numbers stay numbers, what is not known says so."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return print_plain(value, language)
    return value


def tabulate_formulas(study: PaperStudy) -> PaperTable:
    """Return the formulas that the marks in the paper refer to."""
    columns = (
        Column("mark", say("Mark"), width=0.9),
        Column("number", say("Number")),
        Column("says", say("Formula"), width=5.0),
        Column("layers", say("Layers")),
        Column("source", say("Source")),
    )
    replaced = replace_layers(study.request)
    rows = [
        {
            "mark": formula.mark, "number": formula.name, "says": formula.says,
            "layers": list_layers(formula, study.pack, study.request.mode, replaced),
            "source": formula.source,
        }
        for formula in list_formulas(study.pack, study.request)
    ]  # fmt: skip
    title, note = say("Where each number comes from"), NOTHING
    if is_part(study.group):
        note = say("“People” means in the formulas: {people}.", people=word_group(study.group))
    return PaperTable("formulas", title, columns, tuple(rows), note)


def tabulate_layers(study: PaperStudy) -> PaperTable:
    """Return the layers of the pack: date, licence, source and checksum."""
    columns = (
        Column("name", say("Layer")),
        Column("date", say("As of")),
        Column("rows", say("Rows"), "number"),
        Column("licence", say("Licence")),
        Column("source", say("Source"), width=5.0),
        Column("short_sha256", say("Checksum (start)")),
        Column("sha256", say("Checksum SHA-256"), is_printed=False),
    )
    rows = [
        {
            "name": layer.name, "date": layer.date, "rows": layer.rows, "licence": layer.licence,
            "source": layer.source, "sha256": layer.sha256,
            "short_sha256": None if layer.sha256 is None else layer.sha256[:12],
        }
        for layer in list_resources(study.pack.manifest)
        if layer.name not in replace_layers(study.request)
    ]  # fmt: skip
    return PaperTable("layers", say("Sources and licences"), columns, tuple(rows))


def tabulate_candidates(study: PaperStudy) -> PaperTable:
    """Return the candidates side by side."""
    if study.comparison is None:
        return PaperTable("candidates", NOTHING, (), ())
    cost: Kind = "metres" if study.request.threshold.unit == "m" else "minutes"
    group = study.group
    gains = tuple(
        Column(f"gained_{one}", _head_gain(one, group), "people", "F9", is_named=True)
        for one in (group, *(one for one in study.pack.groups if one != group))
    )
    columns = (
        Column("letter", say("On the map")),
        Column("name", Verbatim("Name")),
        Column("id", say("Id"), is_printed=False),
        Column("purpose", say("Purpose")),
        Column("status_word", say("State of the plan")),
        Column("note", say("Note in the list")),
        Column("district", say("lies in {district}", district=study.words.district), "number"),
        Column("location", say("Place known as")),
        Column("rank", say("Rank with equal weights"), "number", "F11"),
        gains[0],
        Column("gained_interval", RANGE, "people", "F5", low="gained_low", high="gained_high"),
        *gains[1:],
        Column("overlap_share", say("Overlap with present sites"), "share", "F9"),
        Column("mean_cost", word_mean_way(group), cost, "F12"),
        Column("p90_cost", say("90% have at most this way"), cost, "F12"),
        Column("stop", say("nearest stop"), "text", "F12"),
        Column("stop_distance_m", say("way to the stop"), "metres", "F12"),
        Column("n_lines", say("known lines there"), "number", "F12"),
        Column("area_m2", say("Floor area"), "square_metres"),
        Column("rooms", say("Rooms"), "number"),
        Column("p_best", MOST_IN_DRAWS, "share", "F11"),
        Column("is_pareto", say("beaten in all by none"), "flag", "F11"),
    )
    sites, pareto = study.comparison.sites, study.comparison.comparison.pareto
    outcomes = dict(zip(sites.ids, sites.location_outcomes, strict=True))
    rows = [
        _candidate_row(one, k, group, outcomes[one.id], is_pareto=one.id in pareto)
        for k, one in enumerate(study.candidates)
    ]
    n_printed = len(study.printed_candidates)
    note = say(
        "The first {n_printed} of {n_all:,} candidates by rank; the workbook lists all.",
        n_printed=n_printed,
        n_all=len(rows),
    )
    return PaperTable(
        "candidates", add_counted(say("Candidate sites side by side"), group), columns,
        tuple(rows), note if n_printed < len(rows) else NOTHING, n_printed, group,
    )  # fmt: skip


def _head_gain(group: str, asked: str) -> Phrase:
    """Head a gain: that of the group asked for, of everybody, and of parts of everybody."""
    if group == asked or group not in GROUP_PARTS:
        people = word_group(group) if group == asked else ALL_RESIDENTS
        return say_as("column", "more {people} within reach", people=people)
    return GROUP_PARTS[group]


def _candidate_row(
    candidate: Candidate, number: int, group: str, outcome: str, *, is_pareto: bool
) -> dict[str, Any]:
    row, facts = to_builtins(candidate), candidate.facts
    low, high = row["gained_interval"][group]
    return {
        **row,
        **{f"gained_{one}": people for one, people in row["gained"].items()},
        "letter": letter_of(number),
        "gained_low": low,
        "gained_high": high,
        "purpose": facts.get("purpose"),
        "status_word": STATUS_WORDS.get(facts.get("status") or "", facts.get("status")),
        "note": quote_data(facts.get("note")),
        "location": word_place(outcome, {note.kind for note in candidate.place_notes}),
        "stop": None if candidate.stop is None else candidate.stop.name,
        "is_pareto": is_pareto,
    }


def letter_of(number: int) -> str:
    """Return A, B, … Z, A1, B1, … for the candidates in order."""
    turn, place = divmod(number, 26)
    return f"{chr(ord('A') + place)}{turn or ''}"


PRINTED_GAPS = 12


def list_tables(study: PaperStudy) -> tuple[PaperTable, ...]:
    """Return all tables of a paper in order; those without an answer are left out."""
    tables = [tabulate_districts(study), tabulate_gaps(study)]
    if study.difference is not None:
        tables.append(tabulate_change(study))
    if study.comparison is not None:
        tables.append(tabulate_candidates(study))
    tables += [tabulate_sites(study), tabulate_formulas(study), tabulate_layers(study)]
    return tuple(tables)


def tabulate_districts(study: PaperStudy) -> PaperTable:
    """Return the districts in the three meanings of served, with share and interval."""
    district, group = study.words.district.capitalised(), study.group
    people, covered = "residents", "covered_residents"
    everybody: tuple[Column, ...] = ()
    if is_part(group):
        everybody = (
            Column(people, ALL_RESIDENTS.capitalised(), "people", "", False, is_named=True),
            Column(covered, say("{residents:capital} within reach", residents=ALL_RESIDENTS),
                   "people", "F3", False, is_named=True),
        )  # fmt: skip
        people, covered = "people", "covered_people"
    columns = (
        Column("district", district, "number"),
        Column("name", Verbatim("Name"), is_printed=False),
        Column("group_word", say("Counted"), is_printed=False),
        Column(people, head_people(group), "people", width=_width_of(group)),
        Column("sites_located", say("Sites located"), "number", "F1"),
        Column("located_unserved", say("without a site"), "flag", "F1", False),
        Column("sites_stated", say("Said to serve"), "number", "F2"),
        Column("stated_unserved", say("none said to serve"), "flag", "F2", False),
        Column("stated_elsewhere", say("said to serve, elsewhere"), "text", "F2", False),
        Column(covered, say("Within reach"), "people", "F3"),
        Column("covered_share", say("Share"), "share", "F4"),
        Column("interval", RANGE, "share", "F5", low="interval_low", high="interval_high"),
        Column(
            "covered_share_if_disputed_false",
            say("Share, other reading"),
            "share",
            "F6",
            study.is_list_disputed,
        ),
        Column("disputed", say("disputed sites"), "text", "F6", False),
        Column(
            "located_unserved_if_disputed_false",
            say("without a site, other reading"),
            "flag",
            "F6",
            False,
        ),
        Column("planned", say("planned sites"), "text", "F1", False),
        *everybody,
    )
    rows = []
    for gap in study.gaps.districts:
        row = to_builtins(show_district(gap))
        row["_interval"], row["group_word"] = gap.interval, word_group(gap.group)
        row["interval_low"], row["interval_high"] = row["interval"] or (None, None)
        rows.append(row)
    several = study.words.district.several()
    title = say("{districts:capital}: located, said to serve, within reach", districts=several)
    title = add_counted(title, group)
    note = _explain_districts(study)
    return PaperTable("districts", title, columns, tuple(rows), note, group=group)


def _explain_districts(study: PaperStudy) -> Phrase:
    """Explain what the table of districts shows, and nothing that it does not."""
    told = [say("{people} and shares within reach are estimates.", people=head_people(study.group))]
    if any(gap.stated is None for gap in study.gaps.districts):
        told.append(say("“Not known” under “Said to serve”: this list names no responsibilities."))
    if study.is_list_disputed:
        told.append(
            say("“Other reading”: share if the reports are right that contradict the list.")
        )
    return join_phrases(*told)


def tabulate_gaps(study: PaperStudy) -> PaperTable:
    """Return the areas with people out of reach, most people first."""
    unit, group = study.request.threshold.unit, study.group
    columns = (
        Column("rank", say("Rank"), "number", "F7", False),
        Column("position", say("Rank"), "number", "F7"),
        Column("kind", say("Kind"), is_printed=False),
        Column("area", say("Id"), is_printed=False),
        Column("name", study.words.quarter.capitalised()),
        Column("district", study.words.district.capitalised(), "number"),
        Column("group_word", say("Counted"), is_printed=False),
        Column("people", head_people(group), "people", width=_width_of(group)),
        Column("out_of_reach", say("Out of reach"), "people", "F7"),
        Column("interval", RANGE, "people", "F5", low="interval_low", high="interval_high"),
        Column(
            "median_cost",
            say("Median way to the nearest site"),
            "metres" if unit == "m" else "minutes",
            "F7",
        ),
        Column("lat", say("Latitude"), "number", "", False),
        Column("lon", say("Longitude"), "number", "", False),
    )
    printed = _printed_gaps(study.gaps.areas)
    others = [gap for gap in study.gaps.areas if gap not in printed]
    rows = [_gap_row(gap, position) for position, gap in enumerate((*printed, *others), start=1)]
    title = _title_gaps(study.words.quarter, group)
    note = say("The workbook lists all areas, districts and contiguous gaps too; they overlap.")
    shown = min(PRINTED_GAPS, len(printed))
    return PaperTable("gaps", title, columns, tuple(rows), note, shown, group)


def _title_gaps(quarter: Noun, group: str) -> Phrase:
    """Return the title; German can name its quarters in it where they are called Stadtteil."""
    people, the_people = word_group(group), word_the_group(group)
    if quarter.german != "Stadtteil":
        if not is_part(group):
            return say("Where most people live out of reach")
        return say(
            "Where the most {people} live out of reach", people=people, the_people=the_people
        )
    if not is_part(group):
        return say_as("Stadtteil", "Where most people live out of reach")
    return say_as(
        "Stadtteil",
        "Where the most {people} live out of reach",
        people=people,
        the_people=the_people,
    )


def _width_of(group: str) -> float:
    """Return the width of the number of people in print: the name of a part is long."""
    return -1.8 if is_part(group) else 0.0


def _printed_gaps(areas: Sequence[AreaGap]) -> list[AreaGap]:
    quarters = [gap for gap in areas if gap.kind == "quarter" and gap.out_of_reach > 0]
    return quarters or [gap for gap in areas if gap.kind == "district" and gap.out_of_reach > 0]


def _gap_row(gap: AreaGap, position: int) -> dict[str, Any]:
    row: dict[str, Any] = to_builtins(show_area(gap))
    row["interval_low"], row["interval_high"] = row["interval"]
    return row | {"position": position, "group_word": word_group(gap.group)}


def tabulate_change(study: PaperStudy) -> PaperTable:
    """Return who gained and who lost, by district and quarter; those without change left out."""
    changes = () if study.difference is None else study.difference.rows
    is_disputed = any(changed.rests_on_disputed for changed in changes)
    columns = (
        Column("area_kind", say("Kind"), is_printed=False),
        Column("area", say("Id"), is_printed=False),
        Column("name", say("Area")),
        Column("group_word", say("Counted"), is_printed=False),
        Column("gained", say("Newly within reach"), "people", "F8"),
        Column("gained_interval", RANGE, "people", "F5", low="gained_low", high="gained_high"),
        Column("lost", say("No longer within reach"), "people", "F8"),
        Column("lost_interval", RANGE, "people", "F5", low="lost_low", high="lost_high"),
        Column(
            "reports_gained", say("Newly within reach, other reading"), "people", "F6", is_disputed
        ),
        Column("reports_lost", say("No longer, other reading"), "people", "F6", is_disputed),
        Column("rests_on", say("Rests on disputed sites"), "text", "F6", is_disputed),
    )
    rows = []
    for changed in changes:
        reports = changed.by_reports
        figures = [changed.gained, changed.lost]
        figures += [] if reports is None else [reports.gained, reports.lost]
        if not any(figures) and changed.area_kind != "city":
            continue
        row = to_builtins(shape(ReachChange, changed))
        if changed.area_kind == "district":
            row["name"] = name_area(study.words.district, changed.area, changed.name).capitalised()
        row["reports_gained"] = None if reports is None else People(reports.gained).write()
        row["reports_lost"] = None if reports is None else People(reports.lost).write()
        row["gained_low"], row["gained_high"] = row["gained_interval"]
        row["lost_low"], row["lost_high"] = row["lost_interval"]
        row["group_word"] = word_group(changed.group)
        row["rests_on"] = name_sites(study, changed.rests_on_disputed)
        rows.append(row)
    title = add_counted(say("Who gained and who lost"), study.group)
    note = say("“Other reading”: both lists, if the dated reports are right that contradict them.")
    return PaperTable(
        "change", title, columns, tuple(rows), note if is_disputed else NOTHING, group=study.group
    )


def tabulate_sites(study: PaperStudy) -> PaperTable:
    """Return the service points of the list, with what other sources say."""
    has_dates = study.has_own_list and any(
        point_text(row, "valid_from") or point_text(row, "valid_to") for row in study.rows.values()
    )
    columns = (
        Column("id", say("Id"), is_printed=False),
        Column("name", Verbatim("Name")),
        Column("address", say("Address")),
        Column("operator", say("Operator"), is_printed=False),
        Column("district", study.words.district.capitalised(), "number", "F1", width=-0.9),
        Column("stated", say_as("column", "said to serve"), "text", "F2", False),
        Column("status_word", say("Status"), width=1.6),
        Column("validity", say("Valid by the list"), "text", "", has_dates, width=1.6),
        Column(
            "disputes",
            say("What other sources say"),
            "text",
            "F6",
            study.is_list_disputed or not study.has_own_list,
            width=5.0,
        ),
        Column(
            "list_notes", say("What to know of this row"), "text", "", bool(study.notes), width=4.0
        ),
        Column("opening_hours", say("Opening hours"), is_printed=False),
        Column("location", say("Place known as"), is_printed=False),
        Column("error_radius_m", say("Precision of the place"), "metres", "", False),
        Column("source", say("Source"), is_printed=False),
    )
    rows = []
    for point in study.published:
        row = study.rows[point.id]
        outcome = point_text(row, "location_outcome")
        reports = describe_reports(point)
        notes = [note for note in study.notes if note.site == point.id]
        status = "disputed" if point.is_disputed and point.status == "open" else point.status
        rows.append(
            {
                "id": point.id, "name": point.name, "address": point.address,
                "operator": point_text(row, "operator"), "district": point.district,
                "stated": "; ".join(map(str, point.stated_districts)),
                "status_word": word_status(status),
                "disputes": join_phrases(*reports) if reports else Verbatim("–"),
                "opening_hours": point_text(row, "opening_hours"),
                "validity": word_validity(row),
                "list_notes": join_phrases(*map(describe_note, notes)) if notes else Verbatim("–"),
                "location": word_place(outcome, {note.kind for note in notes}),
                "error_radius_m": point.error_radius_m, "source": point_text(row, "source"),
            }
        )  # fmt: skip
    title = say("Sites of the list")
    if is_list_file(study.request.scenario):
        title = say("Sites: {own}", own=head_list(study.request.scenario))
    return PaperTable("sites", title, columns, tuple(rows), _tell_omitted(study))


def word_validity(row: Mapping[Hashable, Any]) -> Phrase:
    """Write from when to when a row is valid: ab 2020, bis 31. Dezember 2021."""
    said = []
    if point_text(row, "valid_from"):
        said.append(say("from {date}", date=say_date(point_text(row, "valid_from"))))
    if point_text(row, "valid_to"):
        said.append(say("until {date}", date=say_date(point_text(row, "valid_to"))))
    return join_phrases(*said, joint=", ") if said else UNKNOWN


def _tell_omitted(study: PaperStudy) -> Phrase:
    """Say which sites the list omits that dated reports have open."""
    told = describe_disputes(study.omitted)
    if not told:
        return NOTHING
    return join_phrases(say("What the list omits:"), *told)


def name_sites(study: PaperStudy, ids: Sequence[str]) -> str:
    """Return names of service points for people; an unknown id stands for itself."""
    names = {point.id: point.address.split(",")[0] or point.name for point in study.points}
    return ", ".join(names.get(name, name) for name in ids) or "–"
