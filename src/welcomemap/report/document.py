"""The elements of a paper in reading order: headings, prose, tables, maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from welcomemap.describe.assumptions import describe_assumptions
from welcomemap.describe.candidates import describe_kinds, tell_doubts
from welcomemap.describe.changes import describe_difference
from welcomemap.describe.comparison import describe_comparison, name_criterion
from welcomemap.describe.disputes import describe_disputes
from welcomemap.describe.gaps import describe_district
from welcomemap.describe.words import MODE_WORDS, is_part, word_the_group, word_threshold
from welcomemap.report.answer import Told, answer_question, ask_question, tell_finding, tell_proofs
from welcomemap.report.formulas import MODEL
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.tables import Column, PaperTable, print_cell
from welcomemap.siting.compare import Comparison
from welcomemap.wording import (
    NOTHING,
    Language,
    Phrase,
    join_phrases,
    read_given,
    say,
    say_as,
    say_list,
    say_number,
)

if TYPE_CHECKING:
    from welcomemap.region.pack import RegionPack
    from welcomemap.report.print_map import PrintMap

CANDIDATES = say("Candidate sites")
NO_CANDIDATES = say("No candidate sites with a known place are named, so nothing is compared.")
LEFT_OUT = say("Left out, no known place")
CRITERION = say("Criterion")
MAP = say("Map")


def tell_no_gaps(group: str) -> Phrase:
    """Say that nobody who is counted lives out of reach."""
    if not is_part(group):
        return say("Nobody lives out of reach, as far as known.")
    return say("No {people} live out of reach, as far as known.", people=word_the_group(group))


def describe_method(study: PaperStudy) -> tuple[Phrase, ...]:
    """Return the method, one paragraph each."""
    request, pack = study.request, study.pack
    paragraphs = [
        say(
            "Where people live. The people of each area are spread over {cells} inhabited cells. "
            "{sums}",
            cells=say_number(len(pack.demand_cells)),
            sums=_tell_sums(pack),
        ),
        _describe_base(study),
        _describe_ways(study),
        say(
            "Within reach is who has at most {threshold} to the nearest open site {mode}. Who is "
            "exactly at the limit counts. People are counted, not areas.",
            mode=MODE_WORDS[request.mode],
            threshold=word_threshold(request.threshold),
        ),
        say(
            "Three meanings of “served” are kept apart: a site lies in the district. The list says "
            "a site serves the district. People reach a site. None follows from another."
        ),
        NOTHING
        if not study.has_other_reading
        else say(
            "Disputed sites count as the list has them; beside it stands the other reading, in "
            "which the dated reports are right. Nobody knows how probable either is, so there is "
            "no number for it."
        ),
        say(
            "How sure. Each interval comes from {draws} draws with the seed {seed}, in which "
            "everything unsure varies; it holds {interval}% of them.",
            draws=say_number(MODEL.draws),
            seed=request.seed,
            interval=say_number(100 * MODEL.interval),
        ),
    ]
    return tuple(text for text in paragraphs if text != NOTHING)


def _tell_sums(pack: RegionPack) -> Phrase:
    if pack.region.get("has_official_totals"):
        return say(
            "The sums of the areas are official; how people are spread inside an area is estimated."
        )
    return say(
        "The sums of the areas are those of the cells of a grid, no official figures; how people "
        "are spread inside a cell is estimated."
    )


def _describe_base(study: PaperStudy) -> Phrase:
    base = study.pack.region.get("residents_base")
    said = []
    if is_part(study.group):
        said.append(
            say(
                "All numbers count the {people} unless they say otherwise; how many of them live "
                "in a cell is an estimate.",
                people=word_the_group(study.group),
            )
        )
    if isinstance(base, dict) and "de" in base and "en" in base:
        said.append(read_given(base))
    if not said:
        return NOTHING
    return join_phrases(say("Who is counted."), *said)


def _describe_ways(study: PaperStudy) -> Phrase:
    assumed = describe_assumptions(study.gaps.assumptions)
    if study.request.mode == "transit":
        told = say(
            "How long the way is. Ways by bus and train are estimated from stops and lines, not "
            "from a timetable."
        )
        return join_phrases(told, assumed)
    if study.gaps.detour_factor is None:
        return join_phrases(assumed)
    factor = [say_number(v, 2) for v in study.gaps.detour_factor]
    bridges = NOTHING
    if study.pack.has_layer("river"):
        bridges = say("; rivers are crossed on bridges only")
    streets = say("The way is estimated")
    if study.pack.has_layer("street_edges"):
        streets = say(
            "Where the streets are known, the way follows them. Elsewhere it is estimated"
        )
    told = say(
        "How long the way is. {streets}: straight line times {factor} (interval {low} to "
        "{high}){bridges}.",
        streets=streets,
        factor=factor[0],
        low=factor[1],
        high=factor[2],
        bridges=bridges,
    )
    return join_phrases(told, assumed)


def tell_apart(study: PaperStudy) -> Phrase | None:
    """Name the candidates of the list that are not ranked with the others, and why."""
    if study.apart is None or not len(study.apart):
        return None
    named = describe_kinds(study.apart)
    return say("Not compared, being something else or decided already: {named}.", named=named)


def tell_own_sources(study: PaperStudy) -> tuple[Phrase, ...]:
    """Name the planner's own files with their whole checksums."""
    return tuple(
        say(
            "The planner's own file, not an official register: {name}, checksum SHA-256 {digest}",
            name=name,
            digest=digest,
        )
        for name, digest in study.inputs.items()
    )


def _tell_weights(comparison: Comparison) -> Phrase:
    """Say by what candidates are ranked, and who should decide that."""
    names = [name_criterion(one.key, comparison.group) for one in comparison.criteria]
    return say(
        "How candidate sites are weighted is a decision of the council; here all criteria have "
        "equal weight: {names}.",
        names=say_list(names),
    )


def list_limits(study: PaperStudy) -> tuple[Phrase, ...]:
    """Return what the numbers do not say."""
    limits = [
        say(
            "Changing, waiting and cancelled trips are estimated on average only; there was no "
            "timetable."
        )
        if study.request.mode == "transit"
        else say(
            "Ways that are estimated may be longer in fact: stairs, slopes, traffic lights and "
            "closed paths are not counted."
        ),
        say("Within reach does not mean open, step-free or in one's own language."),
        say("Whether there is enough advice for all is not counted."),
    ]
    if study.comparison is not None:
        limits.append(_tell_weights(study.comparison.comparison))
    if any(point.is_disputed for point in (*study.published, *study.omitted)):
        limits.insert(
            0,
            say(
                "The list of sites is disputed in parts. The office should settle the disputed "
                "sites before a decision."
            ),
        )
    return tuple(limits)


def explain_terms(study: PaperStudy) -> tuple[tuple[Phrase, Phrase], ...]:
    """Return the glossary: term and meaning."""
    kind = study.words.service_point.to_the_nearest()
    terms = (
        (
            say("Other reading"),
            say("The sites as they are if dated reports are right that contradict the list."),
        ),
        (
            say("Within reach"),
            say("The way {kind} is no longer than the cut-off.", kind=kind),
        ),
        (
            say("Candidate site"),
            say("A place where a site could open; not a decision."),
        ),
        (
            say("Interval"),
            say("The true value probably lies between these two numbers."),
        ),
        (
            say("Disputed"),
            say("The list and another dated source say different things."),
        ),
        (
            say_as("glossary", "Said to serve"),
            say("The list names a site for a district, even if it lies elsewhere."),
        ),
        (
            say("Overlap"),
            say("Share of the people a candidate site reaches who reach a site already."),
        ),
    )
    unused: set[str] = set()
    if study.comparison is None:
        unused |= {"Candidate site", "Overlap"}
    if not study.has_other_reading:
        unused |= {"Other reading", "Disputed"}
    return tuple((term, meaning) for term, meaning in terms if term.in_language("en") not in unused)


NUMBERS = ("number", "people", "share", "metres", "minutes", "square_metres")
WEIGHTS = {"text": 2.2, "flag": 1.1}
SIDE_BY_SIDE = 4
"""Candidates that stand beside each other in one table."""


@dataclass(frozen=True)
class Cell:
    """A cell with the marks of the formulas behind it."""

    text: str
    marks: tuple[str, ...] = ()
    anchor: str = ""


@dataclass(frozen=True)
class Block:
    """A part of the paper.

    Attributes
    ----------
    kind
        ``heading``, ``question``, ``paragraph``, ``numbered``, ``bullets``, ``terms``, ``table``
        or ``map``.
    rows
        Lines of a list (one cell each), terms (two cells), or rows of a table.
    weights
        Widths of a table's columns as shares; negative for numbers, which stand to the right.
    """

    kind: str
    text: str = ""
    head: tuple[Cell, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    weights: tuple[float, ...] = ()
    note: str = ""
    map: PrintMap | None = None
    is_large: bool = False
    size_pt: float = 9.0


@dataclass(frozen=True)
class PaperText:
    """All a paper shows: heading, blocks in reading order, maps."""

    title: str
    language: Language
    blocks: tuple[Block, ...]
    maps: tuple[PrintMap, ...]
    large_maps: tuple[PrintMap, ...]


def write_text(
    study: PaperStudy,
    tables: Sequence[PaperTable],
    maps: Sequence[PrintMap],
    large: Sequence[PrintMap],
) -> PaperText:
    """Put a paper together."""
    language = study.request.language
    writer = _Writer(study, language, {table.name: table for table in tables},
                     {drawn.key: drawn for drawn in maps})  # fmt: skip
    blocks = [
        *writer.open(), *writer.districts(), *writer.gaps(), *writer.change(),
        *writer.candidates(), *writer.sites(), *writer.method(), *writer.sources(),
        *(replace(writer.poster(), kind="map", text=say("Map in A3").in_language(language),
                  map=drawn, is_large=True) for drawn in large),
    ]  # fmt: skip
    title = study.request.title or tell_finding(study).in_language(language)
    return PaperText(title, language, tuple(blocks), tuple(maps), tuple(large))


@dataclass(frozen=True)
class _Writer:
    study: PaperStudy
    language: Language
    tables: dict[str, PaperTable]
    maps: dict[str, PrintMap]

    def say(self, text: Phrase) -> str:
        return text.in_language(self.language)

    def heading(self, text: Phrase) -> Block:
        return Block("heading", self.say(text))

    def paragraph(self, text: Phrase) -> Block:
        return Block("paragraph", self.say(text))

    def lines(self, kind: str, told: Sequence[Told]) -> Block:
        return Block(kind, rows=tuple((Cell(self.say(one.text), one.marks),) for one in told))

    def open(self) -> list[Block]:
        answers = answer_question(self.study)
        heading = say("The answer in five points") if len(answers) == 5 else say("The answer")
        return [
            self.heading(say("The question")),
            Block("question", self.say(ask_question(self.study))),
            self.heading(heading),
            self.lines("numbered", answers),
        ]

    def districts(self) -> list[Block]:
        return [
            self.heading(say("Three meanings of “served”")), self.table("districts", size_pt=8.5),
            Block("map", self.say(MAP), map=self.maps["reach"]),
        ]  # fmt: skip

    def poster(self) -> Block:
        keys = ("district", "residents", "people", "sites_located", "covered_share",
                "covered_share_if_disputed_false")  # fmt: skip
        return self.table("districts", keys=keys)

    def gaps(self) -> list[Block]:
        focus, heading = self.study.focus, self.heading(say("The largest gaps"))
        if not self.tables["gaps"].shown_rows:
            return [heading, self.paragraph(tell_no_gaps(self.study.group))]
        if focus is None:
            return [heading, self.table("gaps", size_pt=8.5)]
        told = describe_district(self.study.gaps, focus, self.study.words)
        return [heading, self.paragraph(told), self.table("gaps", size_pt=8.5)]

    def change(self) -> list[Block]:
        if self.study.difference is None:
            return []
        disputes = describe_disputes(self.study.points)
        told = [
            Told(text, ("F6",) if text in disputes else ("F8", "F5"))
            for text in describe_difference(self.study.difference, self.study.words)
        ]
        return [
            self.heading(say("Who gained and who lost")), self.lines("bullets", told),
            Block("map", self.say(MAP), map=self.maps["change"]), self.table("change"),
        ]  # fmt: skip

    def candidates(self) -> list[Block]:
        comparison = self.study.comparison
        if comparison is None:
            apart = tell_apart(self.study)
            return [self.heading(CANDIDATES), self.paragraph(apart or NO_CANDIDATES)]
        told = [*tell_proofs(self.study)]
        told += [Told(text, ("F9", "F11")) for text in describe_comparison(comparison)]
        sites = comparison.sites
        printed = {row.id for row in self.study.printed_candidates}
        told += [
            Told(text, ())
            for k, name in enumerate(sites.ids)
            if name in printed
            for text in tell_doubts(sites, k)
        ]
        blocks = [self.heading(CANDIDATES), self.lines("bullets", told)]
        apart = tell_apart(self.study)
        if apart is not None:
            blocks.append(Block("paragraph", self.say(apart)))
        if comparison.left_out:
            names = ", ".join(comparison.left_out)
            blocks.append(Block("paragraph", f"{self.say(LEFT_OUT)}: {names}."))
        return [*blocks, Block("map", self.say(MAP), map=self.maps["candidates"]),
                *self.side_by_side("candidates")]  # fmt: skip

    def sites(self) -> list[Block]:
        return [
            self.heading(say("The sites and what is disputed")),
            self.table("sites", size_pt=8.5),
        ]

    def method(self) -> list[Block]:
        return [
            self.heading(say("How it was counted")),
            *(self.paragraph(text) for text in describe_method(self.study)),
            self.heading(say("What the numbers do not say")),
            Block("bullets", rows=tuple((Cell(self.say(t)),) for t in list_limits(self.study))),
            self.heading(say("Words")),
            Block("terms", rows=tuple(
                (Cell(self.say(term)), Cell(self.say(meaning)))
                for term, meaning in explain_terms(self.study)
            )),
        ]  # fmt: skip

    def sources(self) -> list[Block]:
        return [
            self.heading(say("Where each number comes from")), self.table("formulas", size_pt=8.0),
            self.heading(say("Sources and licences")),
            *(self.paragraph(text) for text in tell_own_sources(self.study)),
            self.table("layers", size_pt=8.0),
        ]  # fmt: skip

    def table(self, name: str, *, keys: Sequence[str] = (), size_pt: float = 9.0) -> Block:
        table = self.tables[name]
        columns = [c for c in table.printed_columns if not keys or c.key in keys]
        return Block(
            "table", self.say(table.title), head=tuple(map(self.head, columns)),
            rows=tuple(tuple(self.cell(c, row) for c in columns) for row in table.shown_rows),
            weights=tuple(map(_weight, columns)), note="" if keys else self.say(table.note),
            size_pt=size_pt,
        )  # fmt: skip

    def side_by_side(self, name: str) -> list[Block]:
        table = self.tables[name]
        first, second, *others = table.printed_columns
        blocks = []
        for start in range(0, len(table.shown_rows), SIDE_BY_SIDE):
            shown = table.shown_rows[start : start + SIDE_BY_SIDE]
            head = [Cell(self.say(CRITERION))]
            head += [Cell(f"{row[first.key]} {row[second.key]}") for row in shown]
            rows = tuple(
                (self.head(column), *(self.cell(column, row) for row in shown)) for column in others
            )
            blocks.append(
                Block("table", self.say(table.title), head=tuple(head), rows=rows,
                      weights=(1.6, *(1.6,) * len(shown)), note=self.say(table.note),
                      size_pt=8.5)
            )  # fmt: skip
        return blocks

    def head(self, column: Column) -> Cell:
        return Cell(self.say(column.heading), (column.mark,) if column.mark else ())

    def cell(self, column: Column, row: Any) -> Cell:
        anchor = str(row["mark"]) if column.key == "mark" else ""
        return Cell(print_cell(column, row, self.language), anchor=anchor)


def _weight(column: Column) -> float:
    if column.width:
        return column.width
    if column.low:
        return -1.5
    return -1.1 if column.kind in NUMBERS else WEIGHTS[column.kind]
