"""The elements of a paper in reading order: headings, prose, tables, maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from welcomemap.describe.assumptions import describe_assumptions
from welcomemap.describe.candidates import describe_kinds, tell_doubts
from welcomemap.describe.changes import describe_difference
from welcomemap.describe.comparison import describe_comparison, name_criterion
from welcomemap.describe.disputes import describe_disputes
from welcomemap.describe.gaps import describe_district
from welcomemap.describe.headings import is_part
from welcomemap.describe.words import MODE_WORDS, word_the_group, word_threshold
from welcomemap.report.answer import Told, answer_question, ask_question, tell_finding
from welcomemap.report.formulas import MODEL
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.print_map import PrintMap
from welcomemap.report.proofs import tell_proofs
from welcomemap.report.tables import Column, PaperTable, print_cell
from welcomemap.siting.compare import Comparison
from welcomemap.wording import LANGUAGES, Language, Text, format_number, join_texts, list_words

ANSWER = Text("Die Antwort in fünf Punkten", "The answer in five points")
SHORT_ANSWER = Text("Die Antwort", "The answer")
QUESTION = Text("Die Frage", "The question")
DISTRICTS = Text("Drei Bedeutungen von „versorgt“", "Three meanings of “served”")
GAPS = Text("Die größten Lücken", "The largest gaps")
CHANGE = Text("Wer gewonnen und wer verloren hat", "Who gained and who lost")
CANDIDATES = Text("Mögliche Standorte", "Candidate sites")
NO_CANDIDATES = Text(
    "Es sind keine möglichen Standorte mit bekanntem Ort genannt; verglichen ist darum nichts.",
    "No candidate sites with a known place are named, so nothing is compared.",
)
LEFT_OUT = Text("Ohne bekannten Ort und darum nicht verglichen", "Left out, no known place")
SITES = Text("Die Standorte und was strittig ist", "The sites and what is disputed")
METHOD = Text("Wie gerechnet wurde", "How it was counted")
LIMITS = Text("Was die Zahlen nicht sagen", "What the numbers do not say")
GLOSSARY = Text("Wörter", "Words")
FORMULAS = Text("Woher jede Zahl kommt", "Where each number comes from")
LAYERS = Text("Quellen und Lizenzen", "Sources and licences")
MAP = Text("Karte", "Map")
LARGE_MAP = Text("Karte im Format A3", "Map in A3")
CRITERION = Text("Kriterium", "Criterion")


def tell_no_gaps(group: str) -> Text:
    """Say that nobody who is counted lives out of reach."""
    if not is_part(group):
        return Text(
            "Niemand lebt außer Reichweite, soweit bekannt.",
            "Nobody lives out of reach, as far as known.",
        )
    people = word_the_group(group)
    return Text(
        f"Keine {people.de} leben außer Reichweite, soweit bekannt.",
        f"No {people.en} live out of reach, as far as known.",
    )


def describe_method(study: PaperStudy) -> tuple[Text, ...]:
    """Return the method, one paragraph each."""
    request, pack = study.request, study.pack
    cells = len(pack.demand_cells)
    threshold = Text(
        word_threshold(request.threshold, "de"), word_threshold(request.threshold, "en")
    )
    paragraphs = [
        Text(
            "Wo die Menschen leben. Die Menschen jedes Gebiets sind auf "
            f"{format_number(cells, 'de')} bewohnte Zellen verteilt. Die Summen der Gebiete sind "
            "amtlich; wie sich die Menschen innerhalb eines Gebiets verteilen, ist geschätzt.",
            f"Where people live. The people of each area are spread over "
            f"{format_number(cells, 'en')} inhabited cells. The sums of the areas are official; "
            "how people are spread inside an area is estimated.",
        ),
        _describe_base(study),
        _describe_ways(study),
        Text(
            f"In Reichweite ist, wer {MODE_WORDS[request.mode].de} höchstens {threshold.de} bis "
            "zum nächsten geöffneten Standort hat. Wer genau auf der Grenze liegt, zählt dazu. "
            "Gezählt werden Menschen, nicht Flächen.",
            f"Within reach is who has at most {threshold.en} to the nearest open site "
            f"{MODE_WORDS[request.mode].en}. Who is exactly at the limit counts. People are "
            "counted, not areas.",
        ),
        Text(
            "Drei Bedeutungen von „versorgt“ bleiben getrennt: Ein Standort liegt im Bezirk. Ein "
            "Standort ist laut Liste für den Bezirk zuständig. Menschen erreichen einen Standort. "
            "Keine folgt aus der anderen.",
            "Three meanings of “served” are kept apart: a site lies in the district. The list says "
            "a site serves the district. People reach a site. None follows from another.",
        ),
        Text("", "")
        if not study.has_other_reading
        else Text(
            "Strittige Standorte zählen, wie die Liste sie nennt; daneben steht die andere Lesart, "
            "in der die datierten Berichte stimmen. Wie wahrscheinlich welche Lesart ist, weiß "
            "niemand; deshalb steht dafür keine Zahl.",
            "Disputed sites count as the list has them; beside it stands the other reading, in "
            "which the dated reports are right. Nobody knows how probable either is, so there is "
            "no number for it.",
        ),
        Text(
            f"Wie sicher. Jede Spanne kommt aus {format_number(MODEL.draws, 'de')} Ziehungen mit "
            f"dem Startwert {request.seed}, in denen alles schwankt, was unsicher ist; sie "
            f"enthält {format_number(100 * MODEL.interval, 'de')} % von ihnen.",
            f"How sure. Each interval comes from {format_number(MODEL.draws, 'en')} draws with the "
            f"seed {request.seed}, in which everything unsure varies; it holds "
            f"{format_number(100 * MODEL.interval, 'en')}% of them.",
        ),
    ]
    return tuple(text for text in paragraphs if text.de)


def _describe_base(study: PaperStudy) -> Text:
    base = study.pack.region.get("residents_base")
    said = []
    if is_part(study.group):
        people = word_the_group(study.group)
        said.append(
            Text(
                f"Alle Zahlen zählen die {people.de}, wo nichts anderes dabeisteht; wie viele von "
                "ihnen in einer Zelle leben, ist geschätzt.",
                f"All numbers count the {people.en} unless they say otherwise; how many of them "
                "live in a cell is an estimate.",
            )
        )
    if isinstance(base, dict) and "de" in base and "en" in base:
        said.append(Text(base["de"], base["en"]))
    if not said:
        return Text("", "")
    return join_texts(Text("Wer gezählt wird.", "Who is counted."), *said)


def _describe_ways(study: PaperStudy) -> Text:
    assumed = describe_assumptions(study.gaps.assumptions)
    if study.request.mode == "transit":
        told = Text(
            "Wie lang der Weg ist. Wege mit Bus und Bahn sind aus Haltestellen und Linien "
            "geschätzt, nicht aus einem Fahrplan.",
            "How long the way is. Ways by bus and train are estimated from stops and lines, not "
            "from a timetable.",
        )
        return join_texts(told, assumed)
    if study.gaps.detour_factor is None:
        return join_texts(assumed)
    factor = [Text(*(format_number(v, k, 2) for k in LANGUAGES)) for v in study.gaps.detour_factor]
    bridges = Text("", "")
    if study.pack.has_layer("river"):
        bridges = Text(
            "; Flüsse werden nur auf Brücken gequert", "; rivers are crossed on bridges only"
        )
    streets = Text("Der Weg ist geschätzt", "The way is estimated")
    if study.pack.has_layer("street_edges"):
        streets = Text(
            "Wo das Straßennetz bekannt ist, folgt der Weg den Straßen. Sonst ist er geschätzt",
            "Where the streets are known, the way follows them. Elsewhere it is estimated",
        )
    told = Text(
        f"Wie lang der Weg ist. {streets.de}: Luftlinie mal {factor[0].de} (Spanne {factor[1].de} "
        f"bis {factor[2].de}){bridges.de}.",
        f"How long the way is. {streets.en}: straight line times {factor[0].en} (interval "
        f"{factor[1].en} to {factor[2].en}){bridges.en}.",
    )
    return join_texts(told, assumed)


def tell_apart(study: PaperStudy) -> Text | None:
    """Name the candidates of the list that are not ranked with the others, and why."""
    if study.apart is None or not len(study.apart):
        return None
    named = describe_kinds(study.apart)
    return Text(
        "Nicht mitverglichen, weil es um etwas anderes geht oder schon entschieden ist: "
        f"{named.de}.",
        f"Not compared, being something else or decided already: {named.en}.",
    )


def tell_own_sources(study: PaperStudy) -> tuple[Text, ...]:
    """Name the planner's own files with their whole checksums."""
    return tuple(
        Text(
            f"Eigene Datei, kein amtliches Verzeichnis: {name}, Prüfsumme SHA-256 {digest}",
            f"The planner's own file, not an official register: {name}, checksum SHA-256 {digest}",
        )
        for name, digest in study.inputs.items()
    )


def _tell_weights(comparison: Comparison) -> Text:
    """Say by what candidates are ranked, and who should decide that."""
    names = [name_criterion(one.key, comparison.group) for one in comparison.criteria]
    de, en = (list_words([name.in_language(k) for name in names], k) for k in LANGUAGES)
    return Text(
        "Wie mögliche Standorte gewichtet werden, ist eine Entscheidung des Rates; hier haben alle "
        f"Kriterien dasselbe Gewicht: {de}.",
        "How candidate sites are weighted is a decision of the council; here all criteria have "
        f"equal weight: {en}.",
    )


def list_limits(study: PaperStudy) -> tuple[Text, ...]:
    """Return what the numbers do not say."""
    limits = [
        Text(
            "Umsteigen, Wartezeiten und Ausfälle sind nur im Mittel geschätzt; ein Fahrplan lag "
            "nicht vor.",
            "Changing, waiting and cancelled trips are estimated on average only; there was no "
            "timetable.",
        )
        if study.request.mode == "transit"
        else Text(
            "Wege, die geschätzt sind, können in Wirklichkeit länger sein: Treppen, Steigungen, "
            "Ampeln und gesperrte Wege sind nicht eingerechnet.",
            "Ways that are estimated may be longer in fact: stairs, slopes, traffic lights and "
            "closed paths are not counted.",
        ),
        Text(
            "Erreichbar heißt nicht geöffnet, nicht barrierefrei und nicht in der eigenen Sprache.",
            "Within reach does not mean open, step-free or in one's own language.",
        ),
        Text(
            "Ob die Zahl der Beratungsplätze reicht, ist nicht gerechnet.",
            "Whether there is enough advice for all is not counted.",
        ),
    ]
    if study.comparison is not None:
        limits.append(_tell_weights(study.comparison.comparison))
    if any(point.is_disputed for point in (*study.published, *study.omitted)):
        limits.insert(
            0,
            Text(
                "Die Liste der Standorte ist in Teilen strittig. Vor einem Beschluss sollte das "
                "Amt die strittigen Standorte klären.",
                "The list of sites is disputed in parts. The office should settle the disputed "
                "sites before a decision.",
            ),
        )
    return tuple(limits)


def explain_terms(study: PaperStudy) -> tuple[tuple[Text, Text], ...]:
    """Return the glossary: term and meaning."""
    kind = study.words.service_point.to_the_nearest()
    terms = (
        (
            Text("Andere Lesart", "Other reading"),
            Text(
                "Der Stand der Standorte, wenn datierte Berichte stimmen, die der Liste "
                "widersprechen.",
                "The sites as they are if dated reports are right that contradict the list.",
            ),
        ),
        (
            Text("In Reichweite", "Within reach"),
            Text(
                f"Der Weg bis {kind.de} ist nicht länger als die Grenze.",
                f"The way {kind.en} is no longer than the cut-off.",
            ),
        ),
        (
            Text("Möglicher Standort", "Candidate site"),
            Text(
                "Ein Ort, an dem ein Standort eröffnen könnte; keine Entscheidung.",
                "A place where a site could open; not a decision.",
            ),
        ),
        (
            Text("Spanne", "Interval"),
            Text(
                "Zwischen diesen beiden Zahlen liegt der wahre Wert wahrscheinlich.",
                "The true value probably lies between these two numbers.",
            ),
        ),
        (
            Text("Strittig", "Disputed"),
            Text(
                "Die Liste und eine andere datierte Quelle sagen Verschiedenes.",
                "The list and another dated source say different things.",
            ),
        ),
        (
            Text("Zuständig", "Said to serve"),
            Text(
                "Die Liste nennt einen Standort für einen Bezirk, auch wenn er anderswo liegt.",
                "The list names a site for a district, even if it lies elsewhere.",
            ),
        ),
        (
            Text("Überschneidung", "Overlap"),
            Text(
                "Anteil der Menschen, die ein möglicher Standort erreicht und die schon heute "
                "einen Standort erreichen.",
                "Share of the people a candidate site reaches who reach a site already.",
            ),
        ),
    )
    unused: set[str] = set()
    if study.comparison is None:
        unused |= {"Candidate site", "Overlap"}
    if not study.has_other_reading:
        unused |= {"Other reading", "Disputed"}
    return tuple((term, meaning) for term, meaning in terms if term.en not in unused)


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
        *(Block("map", LARGE_MAP.in_language(language), map=drawn, is_large=True,
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
        heading = ANSWER if len(answers) == 5 else SHORT_ANSWER
        return [
            self.heading(QUESTION),
            Block("question", self.say(ask_question(self.study))),
            self.heading(heading),
            self.lines("numbered", answers),
        ]

    def districts(self) -> list[Block]:
        return [
            self.heading(DISTRICTS), self.table("districts", size_pt=8.5),
            Block("map", self.say(MAP), map=self.maps["reach"]),
        ]  # fmt: skip

    def poster(self) -> Block:
        keys = ("district", "residents", "people", "sites_located", "covered_share",
                "covered_share_if_disputed_false")  # fmt: skip
        return self.table("districts", keys=keys)

    def gaps(self) -> list[Block]:
        focus = self.study.focus
        told = (
            [
                Block(
                    "paragraph",
                    self.say(describe_district(self.study.gaps, focus, self.study.words)),
                )
            ]
            if focus is not None
            else []
        )
        if not self.tables["gaps"].shown_rows:
            none = tell_no_gaps(self.study.group)
            return [self.heading(GAPS), Block("paragraph", self.say(none))]
        return [self.heading(GAPS), *told, self.table("gaps", size_pt=8.5)]

    def change(self) -> list[Block]:
        if self.study.difference is None:
            return []
        disputes = describe_disputes(self.study.points)
        told = [
            Told(text, ("F6",) if text in disputes else ("F8", "F5"))
            for text in describe_difference(self.study.difference, self.study.words)
        ]
        return [
            self.heading(CHANGE), self.lines("bullets", told),
            Block("map", self.say(MAP), map=self.maps["change"]), self.table("change"),
        ]  # fmt: skip

    def candidates(self) -> list[Block]:
        comparison = self.study.comparison
        if comparison is None:
            apart = tell_apart(self.study)
            said = NO_CANDIDATES if apart is None else apart
            return [self.heading(CANDIDATES), Block("paragraph", self.say(said))]
        told = [*tell_proofs(self.study)]
        told += [Told(text, ("F9", "F11")) for text in describe_comparison(comparison)]
        sites = comparison.sites
        told += [Told(text, ()) for k in range(len(sites)) for text in tell_doubts(sites, k)]
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
        return [self.heading(SITES), self.table("sites", size_pt=8.5)]

    def method(self) -> list[Block]:
        return [
            self.heading(METHOD),
            *(Block("paragraph", self.say(text)) for text in describe_method(self.study)),
            self.heading(LIMITS),
            Block("bullets", rows=tuple((Cell(self.say(t)),) for t in list_limits(self.study))),
            self.heading(GLOSSARY),
            Block("terms", rows=tuple(
                (Cell(self.say(term)), Cell(self.say(meaning)))
                for term, meaning in explain_terms(self.study)
            )),
        ]  # fmt: skip

    def sources(self) -> list[Block]:
        return [
            self.heading(FORMULAS), self.table("formulas", size_pt=8.0),
            self.heading(LAYERS),
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
