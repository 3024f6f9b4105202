"""A module stands alone for a reason: what only one other imports is named here with why."""

from __future__ import annotations

import ast
import importlib
from types import FunctionType, ModuleType

import pytest
from benchmarks.house import find_code_lines, find_only_importers, read_modules

from tests.house.checkout import ROOT
from welcomemap.coverage import gaps

PAGE = "a page, reached through the navigation alone"
COMMANDS = "a group of commands, joined in the application alone"
WORK = "the work of a command: what it imports takes long and is needed by that command alone"
MODEL = "a model of its own, reached through the door of its room alone"
WORDS = "words, kept apart from the figures they tell"
QUESTION = "a question of its own, reached through the door of the studies alone"
STEP = "a step of its own between raw data and pack"
FORM = "a form in which the same result is written"
ALONE = {
    "answers": "what comes back, apart from what is asked",
    "arguments": "what an analyst gives, read or refused, apart from what is asked of it",
    "api": "the package's own door for analysts",
    "columns": "what frames hold, which the door for analysts alone makes",
    "cli": "the command line's own door",
    "cli.address": COMMANDS,
    "cli.data": COMMANDS,
    "cli.paper": COMMANDS,
    "cli.progress": WORK,
    "cli.reach": COMMANDS,
    "cli.site_tables": WORK,
    "cli.siting": COMMANDS,
    "coverage.marginal": QUESTION,
    "describe.layer_checks": WORDS,
    "frames": "the border at which an analyst's frames are checked, whoever asks with them",
    "geocoding.locate": "the place on a street, judged apart from the choice of the street",
    "geocoding.services": "the one module here that may open connections",
    "ingest.gebref": "the format of one state, apart from lists of any other",
    "ingest.refresh": "what of a pack is made anew, apart from how files are fetched",
    "ingest.update": "files are fetched and a pack is built by one command",
    "ingest.duesseldorf": "the recipe of one region, where all steps come together",
    "ingest.hexagons": "a library of its own: ids become polygons, for whatever has them",
    "ingest.gis_files": "two formats of their own, for whatever is drawn in one",
    "ingest.ground": STEP,
    "ingest.lists": "what lists of places become, apart from the order of a build",
    "ingest.look": "the recipe of a town is written by one command",
    "ingest.raster": "the one module that runs rasterio",
    "ingest.sites": STEP,
    "ingest.totals": STEP,
    "ingest.uncovered": STEP,
    "pages.compare": PAGE,
    "pages.coverage": PAGE,
    "pages.export": PAGE,
    "pages.find": PAGE,
    "pages.layers": PAGE,
    "pages.pack_quality": "a part of the data page with a map and tables of its own",
    "pages.search": "a component with script and style sheet of its own",
    "pages.switch": "a component with script and style sheet of its own",
    "region.contracts": "the one module that loads pandera, which takes long",
    "report.drawing": "what can be drawn, apart from what a map shows",
    "report.gis": FORM,
    "report.map_content": "what a map shows, apart from how it is drawn",
    "report.office": FORM,
    "report.replay": "a command of its own",
    "report.text_document": FORM,
    "report.typesetting": "the one module that runs typst",
    "siting.certificate": "checks solutions without the solvers, so it must not know them",
    "siting.matrix_files": "the files of a plain matrix, which a region never reads",
    "siting.p_center": MODEL,
    "siting.p_dispersion": MODEL,
    "siting.p_median": MODEL,
    "study.anywhere": QUESTION,
    "tabular.workbook": FORM,
}


def test_what_one_other_imports_has_a_reason() -> None:
    found = {name.removeprefix("welcomemap.") for name in find_only_importers(read_modules(ROOT))}
    assert found == set(ALONE)


ROOMS_ABOVE = (
    "cli",
    "pages",
    "report",
    "quality",
    "serving",
    "cartography",
    "describe",
    "answers",
    "api",
)
MEASURING = ("coverage", "siting", "travel")
NO_FIGURES = {
    "parse_threshold", "is_within", "make_service_area", "require_group",
    "list_districts_without_streets",
}  # fmt: skip
"""Reads what was typed; tells where a limit lies; draws an area for the eye; refuses a group that
is not known; names where nothing is known."""


def list_asked_functions(source: str) -> set[str]:
    """Return the functions of the measuring rooms that a module imports, not their classes."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        module = node.module if isinstance(node, ast.ImportFrom) else None
        if module is None or not module.startswith(tuple(f"welcomemap.{r}" for r in MEASURING)):
            continue
        loaded = importlib.import_module(module)
        named = {one.name: getattr(loaded, one.name) for one in node.names}
        found |= {key for key, one in named.items() if isinstance(one, FunctionType | ModuleType)}
    return found


@pytest.mark.parametrize("room", ROOMS_ABOVE)
def test_figures_are_asked_of_the_study_alone(room: str) -> None:
    """So that app, command line, paper and API cannot tell two numbers for one question."""
    source = ROOT / "src" / "welcomemap" / room
    files = sorted(source.rglob("*.py")) if source.is_dir() else [source.with_suffix(".py")]
    assert files
    asked = {path.name: list_asked_functions(path.read_text("utf-8")) for path in files}
    assert {name: found - NO_FIGURES for name, found in asked.items() if found - NO_FIGURES} == {}


def test_a_figure_asked_past_the_study_is_seen() -> None:
    line = "from welcomemap.coverage.gaps import DistrictGap, {}"
    name = next(key for key, one in vars(gaps).items() if isinstance(one, FunctionType))
    assert list_asked_functions(line.format(name)) == {name}
    assert list_asked_functions("from welcomemap.coverage import gaps") == {"gaps"}


def test_lines_of_code_are_neither_docstring_nor_comment_nor_blank() -> None:
    text = '"""Says\nmuch."""\n\n# why\nx = [\n    1,\n\n]  # end\n'
    text += 'def f():\n    """Doc."""\n    return x\n'
    assert find_code_lines(text) == {5, 6, 8, 9, 11}
