"""How messages are worded: one of a kind is singular, and options are the command line's."""

from __future__ import annotations

import ast
import re
from typing import get_args

import pytest

from tests.catalogues import SOURCE, list_fault_calls, read_catalogue
from welcomemap.cli.siting import _refuse
from welcomemap.describe.reasons import describe_notice
from welcomemap.describe.siting import describe_infeasibility
from welcomemap.describe.words import word_threshold
from welcomemap.siting.problem import Infeasibility, InfeasibleKind
from welcomemap.travel.impedance import parse_threshold

COUNTED = re.compile(
    r"\{(?:n|n_\w+|count|number|needed|available|added|files|left|more|failures|frame|readings"
    r"|draws|total|cells)(?:!r|:[^}]*)?\} (?:[a-z-]+ ){0,2}?(?:[a-z]+[a-rt-z]s|are|have)\b"
)
"""A number of something, and a plural or its verb behind it."""
NAMED_BY_NUMBER = (
    "; {draws} it", "district {number}", "layer {number}", "column {number}", "umber {number}",
)  # fmt: skip
NEVER_ONE = {
    "{n_all:,} candidates by rank": "told of more than twelve",
    "the first {n} by rank": "told of more than twelve",
    "are given": "one file is what compare takes",
    "addresses to look at": "a share: 1 of 3",
    "sources could not be fetched": "the sources of a town",
    "bytes": "the bytes of a file",
    "{n} addresses": "the addresses of a town",
    "{n_addresses} addresses": "the addresses of a town",
    "{n_addresses:,} addresses for": "the addresses of a town",
    "{n_facilities:,} facilities for": "the facilities of a town",
    "({n_rows} rows) and kept": "the rows of a source",
    "numbers of the {n_areas} areas": "the areas of a town",
    "areas; expected 1 to": "told when it is not 1",
    "at most {max_rows}": "told of too many",
    "at most {most}": "told of too many",
    "areas, at most": "told of too many",
    "ways open on foot": "the ways of a town",
    "are too many": "told of too many",
    "{n_parts:,} parts": "told of too many",
    "fits {readings} addresses": "one has a sentence of its own",
    "equally good": "one has a sentence of its own",
    "none of the {total} sites": "one has a sentence of its own",
    "Of {count} candidate sites": "one has a sentence of its own",
    "{n} minutes": "one has a message of its own",
    "{n_scenarios} scenarios": "told of several",
    "{n_worksheets} worksheets": "told of several",
    "{cells} inhabited cells": "the cells of a town",
    "{draws} draws": "draws are some hundred",
    "{n_areas} of {n_all} areas": "a share: 1 of 3",
    "{n_people:,.0f} of its people": "told of ten and more",
    "{n_missing} of the {n_running} sites": "a share: 1 of 3",
}
"""Parts of messages whose number is never 1, and why."""


def test_a_number_before_a_plural_has_a_singular_beside_it() -> None:
    """Else one reads “1 files”: ``say_counted`` has both, and faults put the number last."""
    used = set()
    for entry in read_catalogue("de"):
        if not isinstance(entry.id, str) or not COUNTED.search(entry.id):
            continue
        reasons = {part for part in (*NEVER_ONE, *NAMED_BY_NUMBER) if part in entry.id}
        assert reasons, entry.id
        used |= reasons
    assert set(NEVER_ONE) <= used, "no message needs these any more"


@pytest.mark.parametrize(
    "text", ["{n} files", "{count:capital} more come", "{n_x:,} demand points"]
)
def test_the_search_for_plurals_finds_them(text: str) -> None:
    assert (COUNTED.search(text) is None) is ("come" in text)


NUMBER_AND_PLURAL = re.compile(
    r"\b1 (?:more )?(?:\w+ )?(?:sites|candidates|points|files|minutes|are|Standorte|Orte|Minuten)\b"
)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", get_args(InfeasibleKind))
@pytest.mark.parametrize(("needed", "available"), [(1, 0), (2, 1), (3, 2)])
def test_why_there_is_no_answer_is_one_sentence_each(
    kind: InfeasibleKind, needed: int, available: int, language: str
) -> None:
    reason = Infeasibility(kind, needed, available, ("d1",))
    told = describe_infeasibility(reason).in_language(language)
    assert not NUMBER_AND_PLURAL.search(told), told
    whole = describe_notice(_refuse(reason)).in_language(language)
    assert told in whole
    assert ".." not in whole
    assert whole.endswith((".", "!"))


def test_one_of_each_in_both_languages() -> None:
    few = describe_infeasibility(Infeasibility("few_candidates", 2, 1))
    assert few.in_language("en") == "2 sites are asked for, but there is only 1 candidate."
    assert few.in_language("de") == "2 Standorte sind verlangt, es gibt aber nur 1 Kandidaten."
    group = describe_infeasibility(Infeasibility("group", 1, 0, ("a",)))
    assert group.in_language("en") == "“a” asks for 1 site, 0 are possible."
    assert group.in_language("de") == "„a“ verlangt 1 Standort, möglich sind 0."
    point = describe_infeasibility(Infeasibility("unreachable", 1, names=("d1",)))
    assert point.in_language("en") == "1 demand point reaches no possible site: d1."
    told = [word_threshold(parse_threshold(text)) for text in ("1min", "2min", "0.5min")]
    assert [one.in_language("en") for one in told] == ["1 minute", "2 minutes", "0.5 minutes"]
    assert [one.in_language("de") for one in told] == ["1 Minute", "2 Minuten", "0,5 Minuten"]


# --- options ---

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
IN_BRACKETS = re.compile(r"\((?:--[a-z][a-z-]*) on the command line\)")
OF_COMMANDS = ("cli/", "pages/")
ONLY_COMMANDS_ASK = ("study/siting.py", "study/changed_sites.py", "ingest/look.py")
"""A file of costs, a changed list and the files of a town are given on the command line alone."""


def test_a_message_that_a_notebook_shows_names_options_in_brackets_only() -> None:
    """There is no ``--columns`` in Python; who reads it there has to find the argument."""
    named = 0
    for path in sorted(SOURCE.rglob("*.py")):
        file = str(path.relative_to(SOURCE))
        if file.startswith((*OF_COMMANDS, *ONLY_COMMANDS_ASK)):
            continue
        for call in list_fault_calls(ast.parse(path.read_text("utf-8"))):
            for part in ast.walk(call):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    named += len(IN_BRACKETS.findall(part.value))
                    assert not OPTION.search(IN_BRACKETS.sub("", part.value)), (file, part.value)
    assert named > 5
