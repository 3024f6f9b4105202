"""The tables of a paper, taken from the study's answers as they are."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from welcomemap.coverage.gap_result import AreaGap
from welcomemap.coverage.headings import ALL_RESIDENTS, add_counted, head_people, is_part
from welcomemap.coverage.nouns import name_area
from welcomemap.coverage.rounding import round_people
from welcomemap.coverage.words import word_group, word_the_group
from welcomemap.maps.from_study import point_text
from welcomemap.report.candidate_table import tabulate_candidates
from welcomemap.report.lists import head_list
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.request import is_table_file
from welcomemap.report.source_tables import tabulate_formulas, tabulate_layers
from welcomemap.report.table import NOTHING, RANGE, Column, PaperTable, word_place
from welcomemap.wording import UNKNOWN, Language, Text, format_iso_date, join_texts

PRINTED_GAPS = 12
STATUS_WORDS = {
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
    row = dict(gap.to_json())
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
        notes = [note for note in study.notes if note.site == point.id]
        status = "disputed" if point.is_disputed and point.status == "open" else point.status
        rows.append(
            {
                "id": point.id, "name": point.name, "address": point.address,
                "operator": point_text(row, "operator"), "district": point.district,
                "stated": "; ".join(map(str, point.stated_districts)),
                "status_word": STATUS_WORDS.get(status, status),
                "disputes": join_texts(*point.reports) if point.reports else Text("–", "–"),
                "opening_hours": point_text(row, "opening_hours"),
                "validity": word_validity(row),
                "list_notes": join_texts(*(n.text for n in notes)) if notes else Text("–", "–"),
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
    told = dict.fromkeys(text for point in study.omitted for text in point.disputes)
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
