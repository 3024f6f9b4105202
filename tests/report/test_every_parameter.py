"""Scenario, mode, threshold and group: change one, and every figure of every output follows.

The figures come from the library, asked for just that request; the outputs are read as people and
programs read them. In a world where no two requests share a large number, a figure of another
request in an output is one that stood still.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, redirect_stdout
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import docx
import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import typer

from tests import worlds
from welcomemap.cartography.basemap import load_basemap
from welcomemap.cartography.sheet import SheetMap
from welcomemap.cartography.study_maps import describe_ranked, write_study_map
from welcomemap.cli import app, run
from welcomemap.coverage.coverage_table import CoverageResult
from welcomemap.coverage.gaps import GapsResult
from welcomemap.crs import Points
from welcomemap.describe.contract import to_builtins
from welcomemap.describe.words import (
    GROUP_LABELS,
    GROUP_WORDS,
    head_gained,
    word_cost,
    word_group,
    word_of_group,
    word_the_group,
)
from welcomemap.pages import compare, figures, linked, own
from welcomemap.pages import coverage as coverage_map
from welcomemap.pages import coverage as coverage_sheet
from welcomemap.pages import coverage as coverage_tables
from welcomemap.pages.coverage import VIEWS
from welcomemap.pages.export import FORMS, MAP, STEM, Order, make_files
from welcomemap.pages.planning import Setting
from welcomemap.pages.widgets import escape_html, render_table
from welcomemap.region.pack import load_pack
from welcomemap.region.schemas import GROUPS
from welcomemap.report import PaperRequest
from welcomemap.report.paper import Paper
from welcomemap.report.paper_study import ask_study
from welcomemap.report.write import MAKERS
from welcomemap.siting.problem import Floats
from welcomemap.study.requests import (
    CompareRequest,
    CoverageRequest,
    DifferenceRequest,
    GapsRequest,
)
from welcomemap.study.study import Study
from welcomemap.travel.impedance import Mode, Threshold, parse_threshold
from welcomemap.wording import Given, Language, Phrase, format_number, format_share

TEN_MINUTES = parse_threshold("10min")
LEAST = 1000
"""Smaller numbers stand in an output for many things."""
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63646060"
    "f80f00010401005fe5c34b0000000049454e44ae426082"
)


@dataclass(frozen=True)
class Asked:
    """A request with the four parameters, and the language it is told in."""

    scenario: str = "2025"
    mode: Mode = "walk"
    threshold: Threshold = TEN_MINUTES
    group: str = "residents"
    language: Language = "de"

    @property
    def before(self) -> str:
        """The scenario to compare with."""
        return "2020" if self.scenario == "2025" else "2025"

    @property
    def compare(self) -> CompareRequest:
        return CompareRequest((), None, self.scenario, self.threshold, self.mode, group=self.group)

    @property
    def difference(self) -> DifferenceRequest:
        return DifferenceRequest(
            self.before, self.scenario, (self.threshold,), (self.group,), self.mode
        )

    @property
    def gaps(self) -> GapsRequest:
        return GapsRequest(self.scenario, self.threshold, self.mode, self.group)

    @property
    def paper(self) -> PaperRequest:
        return PaperRequest(
            self.scenario, compare=self.before, threshold=self.threshold, mode=self.mode,
            group=self.group, language=self.language,
        )  # fmt: skip

    @property
    def options(self) -> tuple[str, ...]:
        return ("--scenario", self.scenario, "--mode", self.mode, "--threshold",
                str(self.threshold), "--group", self.group, "--lang", self.language)  # fmt: skip


BASE = Asked()
REQUESTS = {
    "base": BASE,
    "scenario": replace(BASE, scenario="2020"),
    "mode": replace(BASE, mode="cycle"),
    "threshold": replace(BASE, threshold=parse_threshold("20min")),
    "group": replace(BASE, group="under_18"),
    "group in English": replace(BASE, group="under_18", language="en"),
    "another group": replace(BASE, group="foreign_citizens"),
}
FURTHER = ("another group", "group in English")
"""Requests that differ from a former one in a way that it stands for."""
each_request = pytest.mark.parametrize(
    "asked",
    [pytest.param(asked, id=name, marks=[pytest.mark.long] if name in FURTHER else [])
     for name, asked in REQUESTS.items()],
)  # fmt: skip


def make_world(folder: Path) -> Path:
    """Write Rechteckstadt with many people, each group more at home somewhere else."""
    cells = worlds._demand_cells()
    x, y = (cells.geometry.x - worlds.ORIGIN_X) / 6000, (cells.geometry.y - worlds.ORIGIN_Y) / 2000
    people = 200.0 + (cells.index * 37 % 101)
    cells["residents"] = people
    cells["foreign_citizens"] = (people * (0.05 + 0.2 * y)).round(3)
    cells["migration_background"] = (people * (0.1 + 0.2 * y + 0.2 * x)).round(3)
    cells["under_18"] = (people * (0.35 - 0.2 * x)).round(3)
    cells["over_65"] = (people * (0.1 + 0.2 * x * y)).round(3)
    sites = worlds._service_points()
    # Without its second site the list of 2020 reaches others than that of 2025.
    is_left_out = (sites["scenario"] == "2020") & (sites["id"] == "b")
    assert is_left_out.sum() == 1
    replaced: dict[str, Any] = {"demand_cells": cells, "service_points": sites[~is_left_out]}
    for name, table in (("district", worlds._districts()), ("quarter", worlds._quarters())):
        sums = cells.groupby(name)[list(GROUPS)].sum().loc[table[name]]
        for group in GROUPS:
            table[group] = sums[group].round().astype(int).to_numpy()
        replaced[f"{name}s"] = table
    return worlds.write_rechteckstadt(folder, **replaced)


@dataclass(frozen=True)
class World:
    """The pack, and what the library answers and the outputs are, each made once."""

    folder: Path

    @cached_property
    def study(self) -> Study:
        return Study(load_pack(self.folder / "pack"))

    @cached_property
    def _papers(self) -> dict[Asked, Paper]:
        return {}

    def paper(self, asked: Asked) -> Paper:
        if asked not in self._papers:
            paper = Paper(ask_study(self.study, asked.paper))
            # Pictures at 300 dpi are the slowest part and hold no text that can be read.
            drawn = (*paper.maps, *paper.large_maps)
            paper.__dict__["pictures"] = {one.key: (b"<svg/>", PIXEL) for one in drawn}
            self._papers[asked] = paper
        return self._papers[asked]

    @cached_property
    def _answers(self) -> dict[Asked, tuple[GapsResult, CoverageResult]]:
        return {}

    @cached_property
    def _changes(self) -> dict[Asked, tuple[list[float], list[float]]]:
        return {}

    def changes(self, asked: Asked) -> tuple[list[float], list[float]]:
        """Return what candidates gain, with intervals, and what a difference gains and loses."""
        plain = replace(asked, language="de")
        if plain not in self._changes:
            answer = self.study.compare_candidates(asked.compare)
            number = answer.gains.groups.index(asked.group)
            gains = [
                n
                for k, candidate in enumerate(answer.comparison.candidates)
                for n in (candidate.reach.gained[asked.group], *answer.gains.interval(k, number))
            ]
            rows = self.study.compare_scenarios(asked.difference).rows
            self._changes[plain] = gains, [
                n
                for row in rows
                for n in (row.gained, row.lost, *row.gained_interval, *row.lost_interval,
                          *(one for r in row.readings for one in (r.gained, r.lost)))
            ]  # fmt: skip
        return self._changes[plain]

    def ways(self, asked: Asked, to: Points | None = None) -> tuple[Floats, Floats, Floats]:
        """Return people of the group, their ways to the list's sites, and to these places.

        Without places, to the candidates.
        """
        study, unit = Study(self.study.pack), asked.threshold.unit
        people = np.asarray(study.demand.weight_of(asked.group), dtype=float)
        nearest = study.read_accessibility(asked.scenario, asked.mode, unit).nearest().cost
        places = study.find_candidates("list").points if to is None else to
        impedance = study.impedance(asked.mode, unit)
        return people, nearest, impedance.cost_matrix(study.demand.points, places).cost

    def gain_anywhere(self, asked: Asked) -> list[float]:
        """Count, place by place, who would be newly within reach of a site there."""
        points = self.study.demand.points
        people, nearest, cost = self.ways(asked, points)
        most = asked.threshold.value
        return [
            sum(people[i] for i in range(len(points)) if cost[i, j] <= most < nearest[i])
            for j in range(len(points))
        ]

    def best_of(self, asked: Asked, model: str) -> float | None:
        """Try every choice of candidates beside the list's sites; ``None`` where none is enough."""
        people, nearest, cost = self.ways(asked)
        near = np.minimum(nearest[:, None], cost)
        lived = people > 0
        if model == "mclp":
            return max(people[near[:, k] <= asked.threshold.value].sum() for k in (0, 1))
        if model == "p-median":
            return min((people * near[:, k]).sum() for k in (0, 1))
        if model == "p-center":
            return min(near[lived, k].max() for k in (0, 1))
        enough = [
            len(chosen)
            for chosen in ([], [0], [1], [0, 1])
            if (np.minimum(nearest, cost[:, chosen].min(axis=1, initial=np.inf))[lived]
                <= asked.threshold.value).all()
        ]  # fmt: skip
        return min(enough, default=None)

    def answer(self, asked: Asked) -> tuple[GapsResult, CoverageResult]:
        """Ask the library, past all outputs."""
        plain = replace(asked, language="de")
        if plain not in self._answers:
            request = CoverageRequest(
                asked.scenario, (asked.threshold,), (asked.group,), asked.mode
            )
            fresh = Study(self.study.pack)
            self._answers[plain] = fresh.find_gaps(asked.gaps), fresh.measure_coverage(request)
        return self._answers[plain]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("every")
    make_world(folder / "pack")
    return World(folder)


# What the library says -----------------------------------------------------------------------


def list_counts(world: World, asked: Asked, kind: str) -> list[tuple[float, float]]:
    """Return people and covered people of the areas of a kind, from the coverage of the group."""
    _, coverage = world.answer(asked)
    return [(row.total, row.covered) for row in coverage.rows if row.area_kind == kind]


def list_shares(world: World, asked: Asked, kind: str) -> list[str]:
    _, coverage = world.answer(asked)
    return [
        format_share(row.share, asked.language, row.interval).replace("\xa0", " ")
        for row in coverage.rows
        if row.area_kind == kind
    ]


def list_all(world: World, asked: Asked) -> set[int]:
    """Return every number of people that the request has an answer for."""
    gaps, coverage = world.answer(asked)
    found = [n for row in coverage.rows
             for n in (row.total, row.covered, row.total - row.covered)]  # fmt: skip
    for area in gaps.areas:
        found += [area.people, area.out_of_reach, area.people - area.out_of_reach, *area.interval]
    gains, changed = world.changes(asked)
    return {round(number) for number in (*found, *gains, *changed)}


def list_stale(world: World, asked: Asked) -> set[int]:
    """Return the exact numbers of all other requests that this one has no answer like."""
    mine = list_all(world, asked)
    others = set().union(*(list_all(world, other) for other in REQUESTS.values()))
    return {n for n in others if n >= LEAST and n % 10 and not mine & {n - 1, n, n + 1}}


# How the outputs are read ---------------------------------------------------------------------

OF_OTHERS = re.compile(
    r"Einwohner|\b[Rr]esidents\b|^davon |^of them |davon (mit|unter|65)|of them "
)
"""Headings that say that a figure counts others than the group."""


def read_people(text: str, language: Language) -> set[int]:
    """Return the whole numbers from 1,000 on, as they are written in a language."""
    mark = "." if language == "de" else ","
    pattern = rf"(?<![\d.,])\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+(?![.,]?\d)"
    return {int(found.replace(mark, "")) for found in re.findall(pattern, text)}


def write_table(
    columns: Iterable[str], rows: Iterable[Iterable[Any]], language: Language
) -> Iterator[str]:
    """Write a table of raw values as text; columns that say that they count others are left out."""
    names = list(columns)
    for row in [names, *rows]:
        cells = [
            cell for name, cell in zip(names, row, strict=True) if not OF_OTHERS.search(str(name))
        ]
        yield " | ".join(
            format_number(c, language) if isinstance(c, int | float) and abs(c) > 1 else str(c)
            for c in cells
        )


def drop_others(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if not OF_OTHERS.search(line))


def read_pdf(paper: Paper) -> str:
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=paper.make_pdf(), capture_output=True, check=True
    )
    return drop_others(done.stdout.decode().replace("\xad\n", "").splitlines())


def read_docx(paper: Paper) -> str:
    document = docx.Document(io.BytesIO(MAKERS["docx"](paper)[""]))
    lines = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        lines += [" | ".join(cell.text for cell in row.cells) for row in table.rows]
    lines += [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    return drop_others(lines)


def read_xlsx(paper: Paper) -> str:
    book = openpyxl.load_workbook(io.BytesIO(MAKERS["xlsx"](paper)[""]))
    lines: list[str] = []
    for sheet in book.worksheets:
        head, *rows = sheet.iter_rows(values_only=True)
        lines += write_table(map(str, head), rows, paper.language)
    return "\n".join(lines)


def read_csv(paper: Paper) -> str:
    is_german = paper.language == "de"
    lines: list[str] = []
    for content in MAKERS["csv"](paper).values():
        text = content.decode("utf-8-sig")
        head, *rows = csv.reader(io.StringIO(text), delimiter=";" if is_german else ",")
        lines += write_table(head, [[_number(c, is_german) for c in r] for r in rows],
                             paper.language)  # fmt: skip
    return "\n".join(lines)


def _number(cell: str, is_german: bool) -> Any:
    try:
        return float(cell.replace(",", ".") if is_german else cell)
    except ValueError:
        return cell


def _read_layer(frame: gpd.GeoDataFrame, aliases: Mapping[str, str], language: Language) -> str:
    table = frame.drop(columns="geometry")
    names = [aliases.get(str(name), str(name)) for name in table.columns]
    return "\n".join(write_table(names, table.itertuples(index=False), language))


def read_gpkg(paper: Paper) -> str:
    path = paper.study.pack.folder.parent / "read.gpkg"
    path.write_bytes(MAKERS["gpkg"](paper)[""])
    parts = []
    for name in ("districts", "quarters", "gaps", "candidates"):
        with closing(sqlite3.connect(path)) as database:
            known = dict(database.execute(
                "SELECT column_name, title FROM gpkg_data_columns WHERE table_name = ?", (name,)
            ).fetchall())  # fmt: skip
        parts.append(_read_layer(pyogrio.read_dataframe(path, layer=name), known, paper.language))
    return "\n".join(parts)


def read_geojson(paper: Paper) -> str:
    parts = []
    for content in MAKERS["geojson"](paper).values():
        layer = json.loads(content)
        rows = [feature["properties"] for feature in layer["features"]]
        names = [layer["aliases"].get(key, key) for key in rows[0]]
        parts += [layer["title"], *write_table(names, [r.values() for r in rows], paper.language)]
    return "\n".join(parts)


def read_drawn(paper: Paper) -> str:
    """Return all words of the maps: pictures are drawn of these and hold them as outlines."""
    lines: list[str] = []
    for one in (*paper.maps, *paper.large_maps):
        lines += [one.title, one.subtitle, one.alt, one.remark]
        lines += [" ".join(area.label) for area in one.areas]
        for block in one.legend:
            lines += [block.heading, *(row.text for row in block.rows)]
    return "\n".join(lines)


READERS: Mapping[str, Callable[[Paper], str]] = {
    "pdf": read_pdf, "docx": read_docx, "xlsx": read_xlsx, "csv": read_csv, "gpkg": read_gpkg,
    "geojson": read_geojson, "png": read_drawn, "svg": read_drawn,
}  # fmt: skip
TABLES = ("pdf", "docx", "xlsx", "csv", "gpkg", "geojson")


# What must stand in them ----------------------------------------------------------------------


def check(world: World, asked: Asked, text: str, wanted: Iterable[float], *, of: str) -> None:
    """Assert that the wanted numbers stand in a text, those of no other request, and the group."""
    found = read_people(text, asked.language)
    missing = {round(n) for n in wanted if round(n) >= LEAST} - found
    assert not missing, f"{of} does not say {sorted(missing)}"
    stale = found & list_stale(world, asked)
    assert not stale, f"{of} says figures of another request: {sorted(stale)}"
    check_named(asked, text, of=of)


def check_named(asked: Asked, text: str, *, of: str) -> None:
    """Assert that a text says who is counted, and counts nobody that it does not name."""
    if asked.group == GROUPS[0]:
        assert not any(
            word_group(group).in_language(asked.language) in text.splitlines()[0]
            for group in GROUPS[1:]
        )
        return
    plain = " ".join(text.split())
    forms = (word_group, word_the_group, word_of_group)
    names = [form(asked.group).in_language(asked.language) for form in forms]
    assert any(name.lower() in plain.lower() for name in names), f"{of} names nobody"
    if asked.group == "under_18" and asked.language == "de":
        count = r"(?<![F\d.,])\d(?:[.,\d]*\d)?"
        unnamed = re.findall(rf"{count} (?:von {count} )?Menschen\b.{{0,30}}", plain)
        unnamed += re.findall(r"(?m)^(?:.*\| )?Menschen(?: \|.*)?$", text)
        assert not unnamed, f"{of} counts people without saying which: {unnamed}"


def check_map(asked: Asked, text: str) -> None:
    """Assert that a map speaks of no people beside the group."""
    if asked.group == "under_18" and asked.language == "de":
        assert "Menschen" not in text


def test_the_requests_differ_where_the_test_looks(world: World) -> None:
    for name, asked in REQUESTS.items():
        if name != "group in English":
            assert len(list_stale(world, asked)) > 20
    shares = {tuple(list_shares(world, asked, "district")) for asked in REQUESTS.values()}
    assert len(shares) >= 5


def test_every_form_of_the_paper_is_read() -> None:
    assert set(READERS) == set(MAKERS)


@pytest.mark.parametrize("form", MAKERS)
@each_request
def test_each_form_of_the_paper(world: World, asked: Asked, form: str) -> None:
    text = READERS[form](world.paper(asked)).replace("\xa0", " ")
    counts = list_counts(world, asked, "district")
    wanted = [n for counted in counts for n in counted] if form in TABLES else []
    gaps, _ = world.answer(asked)
    if form in TABLES:
        wanted += [area.out_of_reach for area in gaps.areas if area.kind == "quarter"]
        wanted += world.changes(asked)[0]
    if form in ("gpkg", "geojson"):
        wanted += [n for counted in list_counts(world, asked, "quarter") for n in counted]
    check(world, asked, text, wanted, of=form)
    if form in ("png", "svg"):
        check_map(asked, text)
    if form in ("pdf", "docx", "png", "svg"):
        for share in list_shares(world, asked, "district"):
            assert share in text


@each_request
def test_the_paper_ranks_as_the_group_is_asked_and_names_by_what(
    world: World, asked: Asked
) -> None:
    paper = world.paper(asked)
    (table,) = (table for table in paper.tables if table.name == "candidates")
    comparison = paper.study.comparison
    assert comparison is not None
    rows = to_builtins(paper.study.candidates)
    assert [row["rank"] for row in table.rows] == rank_by_hand(rows, asked.group)
    assert comparison.request.group == asked.group
    said = {"de": "alle Kriterien dasselbe Gewicht", "en": "all criteria have equal weight"}
    text = " ".join(read_docx(paper).split())
    (named,) = re.findall(rf"{said[asked.language]}: ([^.]*)\.", text)
    assert name_mean_way(asked) in named
    assert named.startswith(head_gained(asked.group).in_language(asked.language))
    assert named.count(",") == 1


@pytest.mark.parametrize("form", ["xlsx", "csv", "gpkg", "geojson"])
def test_everybody_beside_a_group_is_called_residents(world: World, form: str) -> None:
    """Raw tables hold the residents too: under a heading that says so, and nowhere else."""
    asked = REQUESTS["group"]
    (table,) = (t for t in world.paper(asked).tables if t.name == "districts")
    named = {c.key: c.heading.in_language("de") for c in table.columns if "residents" in c.key}
    assert named == {
        "residents": "Einwohnerinnen und Einwohner",
        "covered_residents": "Einwohnerinnen und Einwohner in Reichweite",
    }
    everybody = list_counts(world, BASE, "district")
    assert [(row["residents"], row["covered_residents"]) for row in table.rows] == [
        (pytest.approx(total), pytest.approx(covered, abs=1e-3)) for total, covered in everybody
    ]
    assert "Einwohner" not in READERS[form](world.paper(asked)).splitlines()[0]


def read_visible(page: str) -> str:
    """Return what stands in a page outside its scripts."""
    shown = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "\n", shown)).replace("\xa0", " ")


@each_request
def test_the_html_map(world: World, asked: Asked) -> None:
    path = world.folder / "map.html"
    write_study_map(world.study, asked.gaps, path, asked.language)
    page = path.read_text("utf-8")
    shown = read_visible(page)
    wanted = [n for counted in list_counts(world, asked, "district") for n in counted]
    check(world, asked, shown, wanted, of="table and legend")
    check_map(asked, shown)
    rows = re.findall(r'"rows":(\[\[.*?\]\])', page)
    popups = "\n".join(" | ".join(fact) for found in rows for fact in json.loads(found))
    assert popups
    check(world, asked, f"{popups}\n{shown}", wanted, of="popups")
    for share in list_shares(world, asked, "district"):
        assert share in shown


# Pages ----------------------------------------------------------------------------------------


@pytest.fixture
def shown(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the pages the study without a browser, and note the tables that they show."""
    basemap, noted = load_basemap(world.study.pack), []

    def note(caption: Phrase, columns: Any, rows: Any, language: Language, **_: Any) -> None:
        heads = [column.in_language(language) for column in columns]
        noted.append(render_table(caption.in_language(language), heads, rows))

    def note_figures(figures: Iterable[Any]) -> None:
        noted.extend(f"{f.label} {f.value} {f.remark}" for f in figures)

    monkeypatch.setattr(own, "open_own_study", lambda: world.study)
    monkeypatch.setattr(own, "open_own_basemap", lambda: basemap)
    monkeypatch.setattr(own, "is_own", lambda *_: False)
    monkeypatch.setattr(own, "answer", lambda _, compute, **__: compute())
    monkeypatch.setattr(coverage_tables, "show_table", note)
    monkeypatch.setattr(coverage_tables, "show_figures", note_figures)
    monkeypatch.setattr(coverage_sheet, "show_table", note)
    monkeypatch.setattr(compare, "show_table", note)
    monkeypatch.setattr(compare.st, "caption", noted.append)
    return noted


def read_page(noted: Iterable[str]) -> str:
    text = re.sub(r"<[^>]+>", "\n", "\n".join(noted))
    return html.unescape(text).replace("\xa0", " ")


def read_figures_of(asked: Asked) -> figures.Figures:
    return figures.read_figures(Setting(asked.scenario, asked.mode, asked.threshold, asked.group))


@each_request
def test_the_tables_of_the_coverage_page(world: World, shown: list[str], asked: Asked) -> None:
    found, language = read_figures_of(asked), asked.language
    districts = list_counts(world, asked, "district")
    quarters = [n for counted in list_counts(world, asked, "quarter") for n in counted]
    (city,) = list_counts(world, asked, "city")
    outs = [area.out_of_reach for area in world.answer(asked)[0].areas[:12]]
    sites = coverage_map.describe_setting(found, language).sites
    reason, render_sheet = Given("", ""), coverage_sheet.render_sheet
    parts: dict[str, tuple[Callable[[], object], list[float]]] = {
        "key figures": (lambda: coverage_tables.show_key_figures(found, language),
                        [city[0] - city[1]]),
        "districts": (lambda: coverage_tables.show_districts(found.gaps, language),
                      [n for counted in districts for n in counted]),
        "ranked gaps": (lambda: coverage_tables.show_ranked(found.gaps, language), outs),
        "quarters": (lambda: [coverage_sheet._show_quarters(found, gap, language)
                              for gap in found.gaps.districts], quarters),
        "sheets": (lambda: shown.extend(render_sheet(gap, sites, "", reason, language)
                                        for gap in found.gaps.districts),
                   [n for counted in districts for n in counted]),
    }  # fmt: skip
    for name, (show, wanted) in parts.items():
        shown.clear()
        show()
        check(world, asked, read_page(shown), wanted, of=name)


def name_mean_way(asked: Asked) -> str:
    """Return what the mean way must be called, in words of the test's own."""
    names = {
        ("residents", "de"): "Menschen", ("under_18", "en"): "children and young people under 18",
        ("under_18", "de"): "Kinder und Jugendlichen unter 18",
        ("foreign_citizens", "de"): "Menschen ohne deutschen Pass",
    }  # fmt: skip
    people = names[asked.group, asked.language]
    if asked.language == "de":
        return f"mittlerer Weg (Durchschnitt) aller {people}"
    return f"mean way (average) of all {people}"


def read_sheet(drawn: SheetMap) -> str:
    """Return every text of a map: heading, legend, tables, popups and labels."""
    sheet = drawn.sheet
    lines = [sheet.frame.title, sheet.frame.subtitle, *sheet.frame.remarks]
    for group in sheet.legend:
        lines += [group.heading, *(row.text for row in group.rows)]
    for table in sheet.tables:
        lines += [table.caption, " | ".join(table.columns)]
        lines += [" | ".join(cells) for _, cells in table.rows]
    lines += _list_texts(sheet.layers)
    return "\n".join(lines).replace("\xa0", " ")


def _list_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in ("polygons", "lines", "style"):
                yield from _list_texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _list_texts(item)


@pytest.mark.parametrize("view", VIEWS)
@each_request
@pytest.mark.usefixtures("shown")
def test_each_view_of_the_map(world: World, asked: Asked, view: str) -> None:
    found = read_figures_of(asked)
    content = coverage_map.describe_setting(found, asked.language)
    text = read_sheet(coverage_map.draw_view(view, found, content, asked.language))
    kind = "quarter" if view == "quarter" else "district"
    wanted = [n for counted in list_counts(world, asked, kind) for n in counted]
    check(world, asked, text, wanted, of=view)
    check_map(asked, text)
    if view in ("district", "quarter"):
        for share in list_shares(world, asked, kind):
            assert share in text


@each_request
@pytest.mark.usefixtures("shown")
def test_the_map_of_changes(world: World, asked: Asked) -> None:
    setting = read_figures_of(asked).setting
    content = coverage_map.describe_setting(read_figures_of(asked), asked.language)
    text = read_sheet(coverage_map.draw_changes(setting, asked.before, content, asked.language))
    result = world.study.compare_scenarios(asked.difference)
    found = read_people(text, asked.language)
    rows = [row for row in result.rows if row.area_kind == "district"]
    assert {round(n) for row in rows for n in (row.gained, row.lost) if n >= LEAST} == found
    check_named(asked, text, of="changes")


@each_request
def test_the_tables_and_signs_of_the_compare_page(
    world: World, shown: list[str], asked: Asked
) -> None:
    answer = world.study.compare_candidates(asked.compare)
    large = {round(n) for n in world.changes(asked)[0] if n >= LEAST}
    assert large
    facts = [f"{f.label}: {f.value}" for site in describe_ranked(answer, asked.language)
             for f in site.facts]  # fmt: skip
    assert read_people("\n".join(facts), asked.language) == large
    check_named(asked, "\n".join(facts), of="signs")
    for show in (compare.show_ranking, compare.show_side_by_side):
        shown.clear()
        show(answer, asked.language)
        check_named(asked, read_page(shown), of=show.__name__)
    assert name_mean_way(asked) in read_page(shown)
    shown.clear()
    compare.show_gains(answer, asked.language)
    (row,) = re.findall(
        rf"<tr>(?:(?!</tr>).)*>{escape_html(GROUP_LABELS[asked.group].in_language(asked.language))}"
        r"<.*?</tr>", shown[0],
    )  # fmt: skip
    assert read_people(read_page([row]), asked.language) == large


def set_of(asked: Asked) -> Setting:
    return Setting(asked.scenario, asked.mode, asked.threshold, asked.group)


@each_request
@pytest.mark.usefixtures("shown")
def test_the_best_places_anywhere(
    world: World, monkeypatch: pytest.MonkeyPatch, asked: Asked
) -> None:
    tables: list[tuple[Any, ...]] = []
    maps: list[SheetMap] = []
    drawn: list[Any] = []
    draw = compare.draw_gain_surface

    def draw_gains(cells: Any, *rest: Any, **named: Any) -> SheetMap:
        drawn.extend(cells)
        return draw(cells, *rest, **named)

    monkeypatch.setattr(linked, "ask", lambda *_: True)
    monkeypatch.setattr(compare, "draw_gain_surface", draw_gains)
    monkeypatch.setattr(compare, "show_table", lambda *told, **_: tables.append(told))
    monkeypatch.setattr(compare, "show_map", lambda one, **_: maps.append(one))
    compare.show_anywhere(set_of(asked), asked.language)
    gains = world.gain_anywhere(asked)
    best = [format_number(n, asked.language) for n in sorted(gains, reverse=True)[:5]]
    ((_, columns, rows, language),) = tables
    assert language == asked.language
    assert [row[1] for row in rows] == best
    gained = head_gained(asked.group).in_language(asked.language)
    assert columns[1].in_language(language) == gained[:1].upper() + gained[1:]
    assert sorted(cell.value for cell in drawn) == pytest.approx(sorted(gains))
    (shown,) = maps
    text = read_sheet(shown)
    assert gained in text
    assert set(best) <= set(re.findall(r"\d[\d.,]*", text))
    check_named(asked, f"{gained}\n{text}", of="best places")


def test_the_best_places_differ_where_the_test_looks(world: World) -> None:
    gains = {tuple(world.gain_anywhere(asked)) for asked in REQUESTS.values()}
    assert len(gains) == len(REQUESTS) - 1  # one is asked in two languages


MODELS = ("mclp", "p-median", "p-center", "lscp")


@pytest.mark.parametrize("model", MODELS)
@each_request
@pytest.mark.usefixtures("shown")
def test_the_optimiser(
    world: World, monkeypatch: pytest.MonkeyPatch, asked: Asked, model: str
) -> None:
    said: list[str] = []
    monkeypatch.setattr(linked, "ask", lambda *_: True)
    monkeypatch.setattr(linked, "select", lambda name, *_: {"aim": model, "source": "list"}[name])
    monkeypatch.setattr(linked, "count", lambda *_: 1)
    monkeypatch.setattr(linked, "check", lambda *_: True)
    monkeypatch.setattr(compare, "show_table", lambda *_, **__: None)
    monkeypatch.setattr(compare, "escape_markdown", said.append)
    compare.show_optimiser(set_of(asked), asked.language)
    worth, *_ = said
    best = world.best_of(asked, model)
    if best is None:
        assert worth.startswith(("Es gibt keine Lösung", "There is no solution"))
        return
    told = format_number(best, asked.language)
    if model == "p-center":
        told = word_cost(best, asked.threshold.unit).in_language(asked.language)
    assert re.search(rf"(?<![\d.,]){re.escape(told)}(?![\d])", worth)
    check_named(asked, worth, of=model)
    if asked.group == GROUPS[0]:
        assert re.search(r"Menschen|people", worth)


def test_what_is_best_differs_where_the_test_looks(world: World) -> None:
    for model in ("mclp", "p-median"):
        values = {world.best_of(asked, model) for asked in REQUESTS.values()}
        assert len(values) >= len(REQUESTS) - 2  # a threshold changes no mean way
    assert any(world.best_of(asked, "lscp") is not None for asked in REQUESTS.values())


@pytest.mark.parametrize("asked", [REQUESTS["group"], REQUESTS["threshold"], REQUESTS["mode"]],
                         ids=["group", "threshold", "mode"])  # fmt: skip
@pytest.mark.usefixtures("shown")
def test_the_files_of_the_export_page(
    world: World, monkeypatch: pytest.MonkeyPatch, asked: Asked
) -> None:
    assert set(FORMS) == {*MAKERS, MAP}
    monkeypatch.setattr(own, "open_own", own.Own)
    monkeypatch.setattr(own, "open_region_study", lambda: world.study)
    setting = Setting(asked.scenario, asked.mode, asked.threshold, asked.group)
    order = Order(setting, ("csv", MAP), (), asked.language, asked.before)
    files = make_files(order, lambda form, share: None)
    for part, content in MAKERS["csv"](world.paper(asked)).items():
        name = f"{STEM}.csv" if part == "districts" else f"{STEM}.{part}.csv"
        assert files[name] == content
    text = read_visible(files[f"{STEM}.html"].decode())
    wanted = [n for counted in list_counts(world, asked, "district") for n in counted]
    check(world, asked, text, wanted, of="map of the export page")


# Command line ---------------------------------------------------------------------------------


def ask(world: World, *arguments: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        assert run([*arguments, "--pack", str(world.study.pack.folder)]) == 0
    return out.getvalue().replace("\xa0", " ")


def list_gap_figures(world: World, asked: Asked) -> list[float]:
    gaps, _ = world.answer(asked)
    return [
        *(n for counted in list_counts(world, asked, "district") for n in counted),
        *(area.out_of_reach for area in gaps.areas if area.kind == "quarter"),
    ]


def tell_gaps(world: World, asked: Asked) -> None:
    told = ask(world, "gaps", *asked.options)
    check(world, asked, told, [n for c in list_counts(world, asked, "district") for n in c],
          of="gaps")  # fmt: skip
    for share in list_shares(world, asked, "district"):
        assert share in told
    found = json.loads(ask(world, "gaps", *asked.options, "--json"))
    assert found["group"] == asked.group
    _, coverage = world.answer(asked)
    rows = [row for row in coverage.rows if row.area_kind == "district"]
    everybody = list_counts(world, replace(asked, group=GROUPS[0]), "district")
    for told_row, row, counted in zip(found["districts"], rows, everybody, strict=True):
        assert told_row["group"] == asked.group
        assert told_row["people"] == pytest.approx(row.total, abs=1e-3)
        assert told_row["covered_people"] == pytest.approx(row.covered, abs=1e-3)
        assert told_row["covered_share"] == pytest.approx(row.share, abs=1e-6)
        assert told_row["interval"] == pytest.approx(row.interval, abs=1e-6)
        assert (told_row["residents"], told_row["covered_residents"]) == pytest.approx(
            counted, abs=1e-3
        )


def tell_coverage(world: World, asked: Asked) -> None:
    told = ask(world, "coverage", *asked.options)
    kinds = ("city", "district", "quarter")
    wanted = [n for kind in kinds for c in list_counts(world, asked, kind) for n in c]
    check(world, asked, f"\n{told} {word_group(asked.group).in_language(asked.language)}", wanted,
          of="coverage")  # fmt: skip
    assert asked.group in told
    found = json.loads(ask(world, "coverage", *asked.options, "--json"))
    assert {row["group"] for row in found["rows"]} == {asked.group}


def tell_difference(world: World, asked: Asked) -> None:
    options, before = asked.options[2:], asked.before
    found = json.loads(ask(world, "diff", before, asked.scenario, *options, "--json"))
    result = world.study.compare_scenarios(asked.difference)
    assert [(row["group"], row["gained"], row["lost"]) for row in found["rows"]] == [
        (asked.group, pytest.approx(row.gained, abs=1e-3), pytest.approx(row.lost, abs=1e-3))
        for row in result.rows
    ]
    check_named(asked, ask(world, "diff", before, asked.scenario, *options), of="diff")


def rank_by_hand(rows: Sequence[Mapping[str, Any]], group: str) -> list[int]:
    """Rank by what the group gains, its mean way and the stop, each between worst and best."""
    columns = [[row["gained"][group] for row in rows], [-row["mean_cost"] for row in rows],
               [-row["stop_distance_m"] for row in rows]]  # fmt: skip
    scores = [0.0] * len(rows)
    for column in columns:
        low, high = min(column), max(column)
        for k, value in enumerate(column):
            scores[k] += (value - low) / (high - low) if high > low else 0.5
    return [1 + sum(other > score + 1e-9 for other in scores) for score in scores]


def tell_comparison(world: World, asked: Asked) -> None:
    found = json.loads(ask(world, "compare", "east", "mid", *asked.options, "--json"))
    assert found["group"] == asked.group
    assert found["weights"] == {asked.group: 1.0, "mean_cost": 1.0, "stop_distance_m": 1.0}
    ranks = [row["rank"] for row in found["candidates"]]
    assert ranks == rank_by_hand(found["candidates"], asked.group)
    told = ask(world, "compare", "east", "mid", *asked.options)
    head = " ".join(told.split("─", maxsplit=1)[0].split())
    assert set(name_mean_way(asked).split()) <= set(head.split())
    wanted = [row["gained"][asked.group] for row in found["candidates"]]
    assert {round(n) for n in wanted if n >= LEAST} <= read_people(told, asked.language)
    check_named(asked, told, of="compare")


def tell_siting(world: World, asked: Asked) -> None:
    options = ("site", "--model", "mclp", "--p", "1", "--no-sensitivity", *asked.options)
    found = json.loads(ask(world, *options, "--json"))
    (city,) = list_counts(world, asked, "city")
    assert found["group"] == asked.group
    assert found["existing_objective"] == pytest.approx(city[1], abs=1e-2)
    told = ask(world, *options)
    assert {round(found["objective"]), round(city[0])} <= read_people(told, asked.language)
    check_named(asked, told, of="site")
    for model in MODELS:
        p = () if model == "lscp" else ("--p", "1")
        options = ("site", "--model", model, *p, "--no-sensitivity", *asked.options)
        best = world.best_of(asked, model)
        if best is not None:
            found = json.loads(ask(world, *options, "--json"))
            assert found["objective"] == pytest.approx(best, abs=1e-2)
            check_named(asked, ask(world, *options), of=model)


def tell_map(world: World, asked: Asked) -> None:
    path, other = world.folder / "by_command.html", world.folder / "by_library.html"
    ask(world, "map", "--out", str(path), *asked.options)
    write_study_map(world.study, asked.gaps, other, asked.language)
    pattern = r"\b[0-9a-f]{32}\b|sha256-\S+"  # folium names its parts by chance
    assert re.sub(pattern, "", path.read_text()) == re.sub(pattern, "", other.read_text())


def tell_report(world: World, asked: Asked) -> None:
    path = world.folder / "paper.csv"
    ask(world, "report", "--out", str(path), "--compare", asked.before, *asked.options)
    assert path.read_bytes() == MAKERS["csv"](world.paper(asked))["districts"]
    saved = json.loads(path.with_suffix(".study.json").read_bytes())
    assert saved["request"]["group"] == asked.group
    again = world.folder / "again.csv"
    ask(world, "replay", str(path.with_suffix(".study.json")), "--out", str(again))
    assert again.read_bytes() == path.read_bytes()


COMMANDS: Mapping[str, Callable[[World, Asked], None]] = {
    "gaps": tell_gaps, "coverage": tell_coverage, "diff": tell_difference, "site": tell_siting,
    "compare": tell_comparison, "map": tell_map, "report": tell_report,
}  # fmt: skip


@cache
def list_commands_with_a_group() -> set[str]:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return {name for name, one in commands.items() if any(p.name == "group" for p in one.params)}


def test_every_command_with_a_group_is_read() -> None:
    assert set(COMMANDS) == list_commands_with_a_group()


@pytest.mark.parametrize("command", COMMANDS)
@each_request
def test_each_command(world: World, asked: Asked, command: str) -> None:
    COMMANDS[command](world, asked)


def test_every_group_has_its_words() -> None:
    assert set(GROUP_WORDS) == set(GROUPS)
