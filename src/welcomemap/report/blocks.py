"""The paper as a list of blocks, which PDF and DOCX both show: the reading order is the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from welcomemap.report import headings
from welcomemap.report.answer import Told, answer_question, ask_question, tell_finding
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.print_map.content import PrintMap
from welcomemap.report.proofs import tell_proofs
from welcomemap.report.prose import (
    describe_method,
    explain_terms,
    list_limits,
    tell_apart,
    tell_own_sources,
)
from welcomemap.report.table import Column, PaperTable, print_cell
from welcomemap.study.candidate_words import tell_doubts
from welcomemap.wording import Language, Text

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
    level: int = 2
    marks: tuple[str, ...] = ()
    head: tuple[Cell, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    weights: tuple[float, ...] = ()
    note: str = ""
    map: PrintMap | None = None
    is_large: bool = False
    size_pt: float = 9.0

    def to_json(self) -> dict[str, Any]:
        """Return the block for the typesetter; a map is told by its key."""
        shown: dict[str, Any] = {
            "kind": self.kind, "text": self.text, "level": self.level, "marks": list(self.marks),
            "head": [_cell(cell) for cell in self.head],
            "rows": [[_cell(cell) for cell in row] for row in self.rows],
            "weights": list(self.weights), "note": self.note, "large": self.is_large,
            "size": self.size_pt,
        }  # fmt: skip
        if self.map is not None:
            shown["map"] = {
                "key": self.map.key, "title": self.map.title, "subtitle": self.map.subtitle,
                "alt": self.map.alt,
                "status": self.map.status, "remark": self.map.remark, "sources": self.map.sources,
            }  # fmt: skip
        return shown


def _cell(cell: Cell) -> dict[str, Any]:
    return {"text": cell.text, "marks": list(cell.marks), "anchor": cell.anchor}


@dataclass(frozen=True)
class PaperText:
    """All a paper shows: heading, blocks in reading order, tables for workbooks, maps."""

    title: str
    language: Language
    blocks: tuple[Block, ...]
    tables: tuple[PaperTable, ...]
    maps: tuple[PrintMap, ...]
    large_maps: tuple[PrintMap, ...] = field(default=())


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
        *(Block("map", headings.LARGE_MAP.in_language(language), map=drawn, is_large=True,
                head=writer.poster().head, rows=writer.poster().rows,
                weights=writer.poster().weights) for drawn in large),
    ]  # fmt: skip
    title = study.request.title or tell_finding(study).in_language(language)
    return PaperText(title, language, tuple(blocks), tuple(tables), tuple(maps), tuple(large))


@dataclass(frozen=True)
class _Writer:
    study: PaperStudy
    language: Language
    tables: dict[str, PaperTable]
    maps: dict[str, PrintMap]

    def say(self, text: Text) -> str:
        return text.in_language(self.language)

    def heading(self, text: Text) -> Block:
        return Block("heading", self.say(text))

    def lines(self, kind: str, told: Sequence[Told]) -> Block:
        rows = tuple((Cell(self.say(one.text), one.marks),) for one in told)
        return Block(kind, rows=rows)

    def open(self) -> list[Block]:
        answers = answer_question(self.study)
        heading = headings.ANSWER if len(answers) == 5 else headings.SHORT_ANSWER
        return [
            self.heading(headings.QUESTION),
            Block("question", self.say(ask_question(self.study))),
            self.heading(heading),
            self.lines("numbered", answers),
        ]

    def districts(self) -> list[Block]:
        return [
            self.heading(headings.DISTRICTS), self.table("districts", size_pt=8.5),
            Block("map", self.say(headings.MAP), map=self.maps["reach"]),
        ]  # fmt: skip

    def poster(self) -> Block:
        keys = ("district", "residents", "people", "sites_located", "covered_share",
                "covered_share_if_disputed_false")  # fmt: skip
        return self.table("districts", keys=keys)

    def gaps(self) -> list[Block]:
        focus = self.study.focus
        told = [Block("paragraph", self.say(focus.reason))] if focus is not None else []
        if not self.tables["gaps"].shown_rows:
            none = headings.tell_no_gaps(self.study.group)
            return [self.heading(headings.GAPS), Block("paragraph", self.say(none))]
        return [self.heading(headings.GAPS), *told, self.table("gaps", size_pt=8.5)]

    def change(self) -> list[Block]:
        if self.study.difference is None:
            return []
        disputes = {text for point in self.study.points for text in point.disputes}
        told = [
            Told(text, ("F6",) if text in disputes else ("F8", "F5"))
            for text in self.study.difference.sentences
        ]
        return [
            self.heading(headings.CHANGE), self.lines("bullets", told),
            Block("map", self.say(headings.MAP), map=self.maps["change"]), self.table("change"),
        ]  # fmt: skip

    def candidates(self) -> list[Block]:
        comparison = self.study.comparison
        if comparison is None:
            apart = tell_apart(self.study)
            said = headings.NO_CANDIDATES if apart is None else apart
            return [self.heading(headings.CANDIDATES), Block("paragraph", self.say(said))]
        told = [*tell_proofs(self.study)]
        told += [Told(text, ("F9", "F11")) for text in comparison.comparison.sentences]
        sites = comparison.sites
        told += [Told(text, ()) for k in range(len(sites)) for text in tell_doubts(sites, k)]
        blocks = [self.heading(headings.CANDIDATES), self.lines("bullets", told)]
        apart = tell_apart(self.study)
        if apart is not None:
            blocks.append(Block("paragraph", self.say(apart)))
        if comparison.left_out:
            names = ", ".join(comparison.left_out)
            blocks.append(Block("paragraph", f"{self.say(headings.LEFT_OUT)}: {names}."))
        return [*blocks, Block("map", self.say(headings.MAP), map=self.maps["candidates"]),
                *self.side_by_side("candidates")]  # fmt: skip

    def sites(self) -> list[Block]:
        return [self.heading(headings.SITES), self.table("sites", size_pt=8.5)]

    def method(self) -> list[Block]:
        return [
            self.heading(headings.METHOD),
            *(Block("paragraph", self.say(text)) for text in describe_method(self.study)),
            self.heading(headings.LIMITS),
            Block("bullets", rows=tuple((Cell(self.say(t)),) for t in list_limits(self.study))),
            self.heading(headings.GLOSSARY),
            Block("terms", rows=tuple(
                (Cell(self.say(term)), Cell(self.say(meaning)))
                for term, meaning in explain_terms(self.study)
            )),
        ]  # fmt: skip

    def sources(self) -> list[Block]:
        return [
            self.heading(headings.FORMULAS), self.table("formulas", size_pt=8.0),
            self.heading(headings.LAYERS),
            *(Block("paragraph", self.say(text)) for text in tell_own_sources(self.study)),
            self.table("layers", size_pt=8.0),
        ]  # fmt: skip

    def table(self, name: str, *, keys: Sequence[str] = (), size_pt: float = 9.0) -> Block:
        table = self.tables[name]
        columns = [c for c in table.printed_columns if not keys or c.key in keys]
        rows = tuple(
            tuple(self.cell(column, row) for column in columns) for row in table.shown_rows
        )
        return Block(
            "table", self.say(table.title), head=tuple(self.head(column) for column in columns),
            rows=rows, weights=tuple(_weight(column) for column in columns),
            note="" if keys else self.say(table.note), size_pt=size_pt,
        )  # fmt: skip

    def side_by_side(self, name: str) -> list[Block]:
        table = self.tables[name]
        first, second, *others = table.printed_columns
        blocks = []
        for start in range(0, len(table.rows), SIDE_BY_SIDE):
            shown = table.rows[start : start + SIDE_BY_SIDE]
            head = [Cell(self.say(headings.CRITERION))]
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
