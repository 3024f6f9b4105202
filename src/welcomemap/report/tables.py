"""The tables of a paper."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from welcomemap.cartography.study_maps import point_text
from welcomemap.coverage.gap_result import AreaGap
from welcomemap.coverage.reach import round_people
from welcomemap.describe.addresses import describe_note
from welcomemap.describe.candidates import STATUS_WORDS
from welcomemap.describe.comparison import word_mean_way
from welcomemap.describe.disputes import describe_disputes, describe_reports
from welcomemap.describe.gaps import name_area as name_gap
from welcomemap.describe.headings import ALL_RESIDENTS, add_counted, head_people, is_part
from welcomemap.describe.nouns import name_area
from welcomemap.describe.words import GROUP_PARTS, word_group, word_the_group
from welcomemap.region.pack import list_resources
from welcomemap.region.scenario import SURE_OUTCOMES
from welcomemap.region.schemas import GROUPS
from welcomemap.report.formulas import list_formulas, list_layers
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.request import head_list, is_table_file, quote_data, replace_layers
from welcomemap.wording import (
    NO_BREAK_SPACE,
    UNKNOWN,
    Language,
    Text,
    format_iso_date,
    format_metres,
    format_minutes,
    format_number,
    format_share,
    join_texts,
)

Kind = Literal["text", "number", "people", "share", "metres", "minutes", "flag", "square_metres"]
NOTHING = Text("", "")
RANGE = Text("Spanne", "Interval")
OUTCOME_WORDS = {
    "exact": Text("genaue Adresse", "exact address"),
    "corrected": Text("Adresse, berichtigt", "address, corrected"),
    "interpolated": Text("zwischen Hausnummern geschätzt", "estimated between house numbers"),
    "nearest_number": Text("nächste bekannte Hausnummer", "nearest known house number"),
    "range": Text("Mitte eines Hausnummernbereichs", "middle of a range of house numbers"),
    "street": Text("nur die Straße", "street only"),
    "place": Text("benannter Ort", "named place"),
}
CONTRADICTED = Text("Angaben widersprechen sich", "contradicts itself")
RESERVED = Text("Adresse mit Vorbehalt, siehe Hinweis", "address with a reservation, see note")
YES = {"de": "ja", "en": "yes"}
NO = {"de": "nein", "en": "no"}
PEOPLE = Text("Menschen", "people")
UNITS: dict[Kind, Text] = {
    "metres": Text("m", "m"),
    "minutes": Text("min", "min"),
    "square_metres": Text("m²", "m²"),
}
NUMBER_FORMATS: dict[Kind, str] = {
    "people": "#,##0", "number": "#,##0", "share": "0.0%", "metres": "#,##0",
    "minutes": "#,##0", "square_metres": "#,##0",
}  # fmt: skip


def word_place(outcome: str, kinds: Collection[str]) -> Text | str:
    """Return how a place is known; an address that has notes against it is no exact one.

    ``kinds`` are those of the notes on its row.
    """
    if "contradiction" in kinds:
        return CONTRADICTED
    if "place" in kinds and outcome in SURE_OUTCOMES:
        return RESERVED
    return OUTCOME_WORDS.get(outcome, outcome)


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
    heading: Text
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
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    note: Text = NOTHING
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
        return UNKNOWN[language]
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
        return UNKNOWN[language]
    if isinstance(value, bool):
        return (YES if value else NO)[language]
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "–"
    return str(value)


def _print_interval(column: Column, row: Mapping[str, Any], language: Language) -> str:
    low, high = row.get(column.low), row.get(column.high)
    if low is None or high is None:
        return UNKNOWN[language]
    joint = " bis " if language == "de" else " to "
    bounds = _print_bounds(column, float(low), float(high), language)
    return bounds[0] if bounds[0] == bounds[1] else joint.join(bounds)


def _print_bounds(column: Column, low: float, high: float, language: Language) -> list[str]:
    if column.kind == "share":
        return [format_share(bound, language, (low, high)) for bound in (low, high)]
    return [format_number(bound, language) for bound in (low, high)]


def raw_cell(column: Column, row: Mapping[str, Any], language: Language) -> Any:
    """Return a cell for workbooks: numbers stay numbers, what is not known says so."""
    value = row.get(column.key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return print_plain(value, language)
    return value


def tabulate_formulas(study: PaperStudy) -> PaperTable:
    """Return the formulas that the marks in the paper refer to."""
    columns = (
        Column("mark", Text("Marke", "Mark"), width=0.9),
        Column("number", Text("Zahl", "Number")),
        Column("says", Text("Formel", "Formula"), width=5.0),
        Column("layers", Text("Ebenen", "Layers")),
        Column("source", Text("Quelle", "Source")),
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
    title, note = Text("Woher jede Zahl kommt", "Where each number comes from"), NOTHING
    if is_part(study.group):
        people = word_group(study.group)
        note = Text(
            f"„Menschen“ heißt in den Formeln: {people.de}.",
            f"“People” means in the formulas: {people.en}.",
        )
    return PaperTable("formulas", title, columns, tuple(rows), note)


def tabulate_layers(study: PaperStudy) -> PaperTable:
    """Return the layers of the pack: date, licence, source and checksum."""
    columns = (
        Column("name", Text("Ebene", "Layer")),
        Column("date", Text("Stand", "As of")),
        Column("rows", Text("Zeilen", "Rows"), "number"),
        Column("licence", Text("Lizenz", "Licence")),
        Column("source", Text("Quelle", "Source"), width=5.0),
        Column("short_sha256", Text("Prüfsumme (Anfang)", "Checksum (start)")),
        Column("sha256", Text("Prüfsumme SHA-256", "Checksum SHA-256"), is_printed=False),
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
    title = Text("Quellen und Lizenzen", "Sources and licences")
    return PaperTable("layers", title, columns, tuple(rows))


def tabulate_candidates(study: PaperStudy) -> PaperTable:
    """Return the candidates side by side."""
    if study.comparison is None:
        return PaperTable("candidates", Text("", ""), (), ())
    is_metres = study.request.threshold.unit == "m"
    cost: Kind = "metres" if is_metres else "minutes"
    group = study.group
    gains = tuple(
        Column(f"gained_{one}", _head_gain(one, group), "people", "F9", is_named=True)
        for one in (group, *(one for one in GROUPS if one != group))
    )
    columns = (
        Column("letter", Text("Auf der Karte", "On the map")),
        Column("name", Text("Name", "Name")),
        Column("id", Text("Kennung", "Id"), is_printed=False),
        Column("purpose", Text("Zweck", "Purpose")),
        Column("status_word", Text("Stand des Vorhabens", "State of the plan")),
        Column("note", Text("Vermerk der Liste", "Note in the list")),
        Column("district", Text(f"liegt in {study.words.district.de}",
                                f"lies in {study.words.district.en}"), "number"),
        Column("location", Text("Ort bekannt als", "Place known as")),
        Column("rank", Text("Rang bei gleichen Gewichten", "Rank with equal weights"), "number",
               "F11"),
        gains[0],
        Column("gained_interval", RANGE, "people", "F5", low="gained_low", high="gained_high"),
        *gains[1:],
        Column("overlap_share", Text("Überschneidung mit Bestehendem",
                                     "Overlap with present sites"), "share", "F9"),
        Column("mean_cost", word_mean_way(group), cost, "F12"),
        Column("p90_cost", Text("90 % haben höchstens diesen Weg", "90% have at most this way"),
               cost, "F12"),
        Column("stop", Text("nächste Haltestelle", "nearest stop"), "text", "F12"),
        Column("stop_distance_m", Text("Weg zur Haltestelle", "way to the stop"), "metres", "F12"),
        Column("n_lines", Text("bekannte Linien dort", "known lines there"), "number", "F12"),
        Column("area_m2", Text("Fläche", "Floor area"), "square_metres"),
        Column("rooms", Text("Räume", "Rooms"), "number"),
        Column("p_best", Text("gewinnt in den Ziehungen", "wins in the draws"), "share", "F11"),
        Column("is_pareto", Text("von keinem in allem übertroffen", "beaten in all by none"),
               "flag", "F11"),
    )  # fmt: skip
    answer = study.comparison.to_json()
    rows = [
        _candidate_row(row, k, group, answer["pareto"])
        for k, row in enumerate(answer["candidates"])
    ]
    title = Text("Mögliche Standorte im Vergleich", "Candidate sites side by side")
    return PaperTable("candidates", add_counted(title, group), columns, tuple(rows), group=group)


def _head_gain(group: str, asked: str) -> Text:
    """Head a gain: that of the group asked for, of everybody, and of parts of everybody."""
    if group == asked or group not in GROUP_PARTS:
        people = word_group(group) if group == asked else ALL_RESIDENTS
        return Text(f"mehr {people.de} in Reichweite", f"more {people.en} within reach")
    return GROUP_PARTS[group]


def _candidate_row(
    row: Mapping[str, Any], number: int, group: str, pareto: Sequence[str]
) -> dict[str, Any]:
    facts, stop, gained = row["facts"], row["stop"], row["gained"]
    low, high = row["gained_interval"][group]
    outcome = row["location_outcome"] or ""
    return {
        **row,
        **{f"gained_{one}": gained[one] for one in GROUPS},
        "letter": letter_of(number),
        "gained_low": low,
        "gained_high": high,
        "purpose": facts.get("purpose"),
        "status_word": STATUS_WORDS.get(facts.get("status") or "", facts.get("status")),
        "note": quote_data(facts.get("note")),
        "location": word_place(outcome, {note.kind for note in row["place_notes"]}),
        "stop": None if stop is None else stop["name"],
        "is_pareto": row["id"] in pareto,
    }


def letter_of(number: int) -> str:
    """Return A, B, … Z, A1, B1, … for the candidates in order."""
    turn, place = divmod(number, 26)
    return f"{chr(ord('A') + place)}{turn or ''}"


PRINTED_GAPS = 12
SITE_STATUS_WORDS = {
    "open": Text("geöffnet", "open"),
    "disputed": Text("Quellen widersprechen sich", "sources disagree"),
    "planned": Text("geplant", "planned"),
    "closed": Text("geschlossen", "closed"),
}


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
            Column(covered, Text(f"{ALL_RESIDENTS.de} in Reichweite",
                                 f"{ALL_RESIDENTS.en.capitalize()} within reach"),
                   "people", "F3", False, is_named=True),
        )  # fmt: skip
        people, covered = "people", "covered_people"
    columns = (
        Column("district", district, "number"),
        Column("name", Text("Name", "Name"), is_printed=False),
        Column("group_word", Text("Gezählt", "Counted"), is_printed=False),
        Column(people, head_people(group), "people", width=_width_of(group)),
        Column("sites_located", Text("Standorte im Bezirk", "Sites located"), "number", "F1"),
        Column("located_unserved", Text("ohne Standort", "without a site"), "flag", "F1", False),
        Column("sites_stated", Text("Laut Liste zuständig", "Said to serve"), "number", "F2"),
        Column("stated_unserved", Text("ohne zuständigen Standort", "none said to serve"), "flag",
               "F2", False),
        Column("stated_elsewhere", Text("zuständig, aber in anderem Bezirk",
                                        "said to serve, elsewhere"), "text", "F2", False),
        Column(covered, Text("In Reichweite", "Within reach"), "people", "F3"),
        Column("covered_share", Text("Anteil", "Share"), "share", "F4"),
        Column("interval", RANGE, "share", "F5", low="interval_low", high="interval_high"),
        Column("covered_share_if_disputed_false", Text("Anteil, andere Lesart",
               "Share, other reading"), "share", "F6", study.is_list_disputed),
        Column("disputed", Text("strittige Standorte", "disputed sites"), "text", "F6", False),
        Column("located_unserved_if_disputed_false", Text("ohne Standort, andere Lesart",
               "without a site, other reading"), "flag", "F6", False),
        Column("planned", Text("geplante Standorte", "planned sites"), "text", "F1", False),
        *everybody,
    )  # fmt: skip
    rows = []
    for gap in study.gaps.districts:
        row = dict(gap.to_json())
        row["_interval"], row["group_word"] = gap.interval, word_group(gap.group)
        row["interval_low"], row["interval_high"] = _bounds(row["interval"])
        rows.append(row)
    title = Text(
        f"{district.de}e: im Bezirk, zuständig, in Reichweite"
        if district.de == "Stadtbezirk"
        else f"{district.de}: im Gebiet, zuständig, in Reichweite",
        f"{district.en}s: located, said to serve, within reach",
    )
    title = add_counted(title, group)
    note = _explain_districts(study, rows)
    return PaperTable("districts", title, columns, tuple(rows), note, group=group)


def _explain_districts(study: PaperStudy, rows: Sequence[Mapping[str, Any]]) -> Text:
    """Explain what the table of districts shows, and nothing that it does not."""
    people = head_people(study.group)
    told = [
        Text(
            f"{people.de} und Anteile in Reichweite sind Schätzungen.",
            f"{people.en} and shares within reach are estimates.",
        )
    ]
    if any(row["sites_stated"] is None for row in rows):
        told.append(
            Text(
                "„Keine Angabe“ unter „Laut Liste zuständig“: Diese Liste nennt keine "
                "Zuständigkeiten.",
                "“Not known” under “Said to serve”: this list names no responsibilities.",
            )
        )
    if study.is_list_disputed:
        told.append(
            Text(
                "„Andere Lesart“: Anteil, wenn die Berichte stimmen, die der Liste widersprechen.",
                "“Other reading”: share if the reports are right that contradict the list.",
            )
        )
    return join_texts(*told)


def tabulate_gaps(study: PaperStudy) -> PaperTable:
    """Return the areas with people out of reach, most people first."""
    unit, group = study.request.threshold.unit, study.group
    columns = (
        Column("rank", Text("Rang", "Rank"), "number", "F7", False),
        Column("position", Text("Rang", "Rank"), "number", "F7"),
        Column("kind", Text("Art", "Kind"), is_printed=False),
        Column("area", Text("Kennung", "Id"), is_printed=False),
        Column("name", study.words.quarter.capitalised()),
        Column("district", study.words.district.capitalised(), "number"),
        Column("group_word", Text("Gezählt", "Counted"), is_printed=False),
        Column("people", head_people(group), "people", width=_width_of(group)),
        Column("out_of_reach", Text("Außer Reichweite", "Out of reach"), "people", "F7"),
        Column("interval", RANGE, "people", "F5", low="interval_low", high="interval_high"),
        Column("median_cost", Text("Median des Wegs zum nächsten Standort",
               "Median way to the nearest site"), "metres" if unit == "m" else "minutes", "F7"),
        Column("lat", Text("Breite", "Latitude"), "number", "", False),
        Column("lon", Text("Länge", "Longitude"), "number", "", False),
    )  # fmt: skip
    printed = _printed_gaps(study.gaps.areas)
    others = [gap for gap in study.gaps.areas if gap not in printed]
    rows = [_gap_row(gap, position) for position, gap in enumerate((*printed, *others), start=1)]
    by = f", nach {study.words.quarter.de}en" if study.words.quarter.de == "Stadtteil" else ""
    most = f"the most {word_group(group).en}" if is_part(group) else "most people"
    title = Text(
        f"Wo die meisten {word_the_group(group).de} außer Reichweite leben{by}",
        f"Where {most} live out of reach",
    )
    note = Text(
        "Die Arbeitsmappe nennt alle Gebiete, auch Bezirke und zusammenhängende Lücken; sie "
        "überschneiden sich.",
        "The workbook lists all areas, districts and contiguous gaps too; they overlap.",
    )
    shown = min(PRINTED_GAPS, len(printed))
    return PaperTable("gaps", title, columns, tuple(rows), note, shown, group)


def _width_of(group: str) -> float:
    """Return the width of the number of people in print: the name of a part is long."""
    return -1.8 if is_part(group) else 0.0


def _printed_gaps(areas: Sequence[AreaGap]) -> list[AreaGap]:
    quarters = [gap for gap in areas if gap.kind == "quarter" and gap.out_of_reach > 0]
    return quarters or [gap for gap in areas if gap.kind == "district" and gap.out_of_reach > 0]


def _gap_row(gap: AreaGap, position: int) -> dict[str, Any]:
    row = dict(gap.to_json()) | {"name": name_gap(gap).de}
    row["interval_low"], row["interval_high"] = _bounds(row["interval"])
    return row | {"position": position, "group_word": word_group(gap.group)}


def tabulate_change(study: PaperStudy) -> PaperTable:
    """Return who gained and who lost, by district and quarter; those without change left out."""
    changes = () if study.difference is None else study.difference.rows
    is_disputed = any(changed.rests_on_disputed for changed in changes)
    columns = (
        Column("area_kind", Text("Art", "Kind"), is_printed=False),
        Column("area", Text("Kennung", "Id"), is_printed=False),
        Column("name", Text("Gebiet", "Area")),
        Column("group_word", Text("Gezählt", "Counted"), is_printed=False),
        Column("gained", Text("Neu in Reichweite", "Newly within reach"), "people", "F8"),
        Column("gained_interval", RANGE, "people", "F5", low="gained_low", high="gained_high"),
        Column("lost", Text("Nicht mehr in Reichweite", "No longer within reach"), "people", "F8"),
        Column("lost_interval", RANGE, "people", "F5", low="lost_low", high="lost_high"),
        Column("reports_gained", Text("Neu in Reichweite, andere Lesart",
               "Newly within reach, other reading"), "people", "F6", is_disputed),
        Column("reports_lost", Text("Nicht mehr, andere Lesart", "No longer, other reading"),
               "people", "F6", is_disputed),
        Column("rests_on", Text("Hängt an strittigen Standorten", "Rests on disputed sites"),
               "text", "F6", is_disputed),
    )  # fmt: skip
    rows = []
    for changed in changes:
        reports = changed.by_reports
        figures = [changed.gained, changed.lost]
        figures += [] if reports is None else [reports.gained, reports.lost]
        if not any(figures) and changed.area_kind != "city":
            continue
        row = dict(changed.to_json())
        if changed.area_kind == "district":
            named = name_area(study.words.district, changed.area, changed.name)
            row["name"] = named.capitalised()
        row["reports_gained"] = None if reports is None else round_people(reports.gained)
        row["reports_lost"] = None if reports is None else round_people(reports.lost)
        row["gained_low"], row["gained_high"] = _bounds(row["gained_interval"])
        row["lost_low"], row["lost_high"] = _bounds(row["lost_interval"])
        row["group_word"] = word_group(changed.group)
        row["rests_on"] = name_sites(study, changed.rests_on_disputed)
        rows.append(row)
    title = add_counted(
        Text("Wer gewonnen und wer verloren hat", "Who gained and who lost"), study.group
    )
    note = Text(
        "„Andere Lesart“: beide Listen, wenn die datierten Berichte stimmen, die ihnen "
        "widersprechen.",
        "“Other reading”: both lists, if the dated reports are right that contradict them.",
    )
    return PaperTable(
        "change", title, columns, tuple(rows), note if is_disputed else NOTHING, group=study.group
    )


def tabulate_sites(study: PaperStudy) -> PaperTable:
    """Return the service points of the list, with what other sources say."""
    has_dates = study.has_own_list and any(
        point_text(row, "valid_from") or point_text(row, "valid_to") for row in study.rows.values()
    )
    columns = (
        Column("id", Text("Kennung", "Id"), is_printed=False),
        Column("name", Text("Name", "Name")),
        Column("address", Text("Adresse", "Address")),
        Column("operator", Text("Träger", "Operator"), is_printed=False),
        Column("district", Text("Bezirk", "district"), "number", "F1", width=-0.9),
        Column("stated", Text("zuständig laut Liste", "said to serve"), "text", "F2", False),
        Column("status_word", Text("Stand", "Status"), width=1.6),
        Column("validity", Text("Gilt laut Liste", "Valid by the list"), "text", "", has_dates,
               width=1.6),
        Column("disputes", Text("Was andere Quellen sagen", "What other sources say"), "text",
               "F6", study.is_list_disputed or not study.has_own_list, width=5.0),
        Column("list_notes", Text("Was zu dieser Zeile zu wissen ist",
               "What to know of this row"), "text", "", bool(study.notes), width=4.0),
        Column("opening_hours", Text("Öffnungszeiten", "Opening hours"), is_printed=False),
        Column("location", Text("Ort bekannt als", "Place known as"), is_printed=False),
        Column("error_radius_m", Text("Genauigkeit des Ortes", "Precision of the place"),
               "metres", "", False),
        Column("source", Text("Quelle", "Source"), is_printed=False),
    )  # fmt: skip
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
                "status_word": SITE_STATUS_WORDS.get(status, status),
                "disputes": join_texts(*reports) if reports else Text("–", "–"),
                "opening_hours": point_text(row, "opening_hours"),
                "validity": word_validity(row),
                "list_notes": join_texts(*map(describe_note, notes)) if notes else Text("–", "–"),
                "location": word_place(outcome, {note.kind for note in notes}),
                "error_radius_m": point.error_radius_m, "source": point_text(row, "source"),
            }
        )  # fmt: skip
    title = Text("Standorte der Liste", "Sites of the list")
    if is_table_file(study.request.scenario):
        own = head_list(study.request.scenario)
        title = Text(f"Standorte: {own.de}", f"Sites: {own.en}")
    return PaperTable("sites", title, columns, tuple(rows), _tell_omitted(study))


def word_validity(row: Mapping[Hashable, Any]) -> Text:
    """Write from when to when a row is valid: ab 2020, bis 31. Dezember 2021."""
    said: dict[Language, str] = {}
    spans: dict[Language, tuple[str, str]] = {"de": ("ab", "bis"), "en": ("from", "until")}
    for language, words in spans.items():
        parts = [
            f"{word} {format_iso_date(point_text(row, column), language)}"
            for word, column in zip(words, ("valid_from", "valid_to"), strict=True)
            if point_text(row, column)
        ]
        said[language] = ", ".join(parts) or UNKNOWN[language]
    return Text(said["de"], said["en"])


def _tell_omitted(study: PaperStudy) -> Text:
    """Say which sites the list omits that dated reports have open."""
    told = describe_disputes(study.omitted)
    if not told:
        return NOTHING
    begin = Text("Was die Liste nicht nennt:", "What the list omits:")
    return join_texts(begin, *told)


def name_sites(study: PaperStudy, ids: Sequence[str]) -> str:
    """Return names of service points for people; an unknown id stands for itself."""
    names = {point.id: point.address.split(",")[0] or point.name for point in study.points}
    return ", ".join(names.get(name, name) for name in ids) or "–"


def _bounds(interval: object) -> tuple[float | None, float | None]:
    if not isinstance(interval, list) or len(interval) != 2:
        return None, None
    return interval[0], interval[1]
