"""Every language's catalogue holds what the code says, and nothing in it can fail when read."""

from __future__ import annotations

import ast
import re
import shutil
import zlib
from gettext import GNUTranslations
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from hatch_build import compile_catalogues

from tests import catalogues
from tests.catalogues import (
    CODES,
    COMPLETE,
    FOLDER,
    OF_ALL,
    SOURCE,
    list_calls,
    list_fault_calls,
    list_fault_words,
    list_faults,
    read_catalogue,
    read_message,
    renew,
)
from welcomemap.cartography.words import SIGN_WORDS
from welcomemap.style import Sign
from welcomemap.wording import PAGE_LANGUAGES, open_translator, say, say_as, say_counted


def list_entries(code: str) -> list[Message]:
    return [entry for entry in read_catalogue(code) if entry.id]


def list_texts(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def read_placeholders(text: str) -> set[str]:
    """Return the names in braces; a text that is no format raises ``ValueError``."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_a_compiled_catalogue_says_what_the_text_says_and_outdated_ones_go(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "de.po", tmp_path)
    (tmp_path / "de.00000000.mo").write_bytes(b"of other words")
    compile_catalogues(tmp_path)
    (compiled,) = tmp_path.glob("*.mo")
    assert compiled.name == f"de.{zlib.crc32((tmp_path / 'de.po').read_bytes()):08x}.mo"
    with compiled.open("rb") as file:
        words = GNUTranslations(file)
    for entry in list_entries("de"):
        one, *several = list_texts(entry.id)
        if several and entry.context:
            found = [words.npgettext(entry.context, one, *several, n) for n in (1, 2)]
        elif several:
            found = [words.ngettext(one, *several, n) for n in (1, 2)]
        else:
            found = [words.pgettext(entry.context, one) if entry.context else words.gettext(one)]
        assert found == list_texts(entry.string), entry.id


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_is_what_the_code_says_today_and_is_whole(code: str) -> None:
    assert (FOLDER / f"{code}.po").read_bytes() == renew(code), "./run words writes it anew"
    for entry in list_entries(code):
        assert all(list_texts(entry.string)), f"{entry.id!r} is not translated"
        assert not entry.fuzzy, entry.id


@pytest.mark.parametrize("code", [code for code in CODES if code != COMPLETE])
def test_residents_read_the_same_values_in_every_language(code: str) -> None:
    for entry in list_entries(code):
        for text in list_texts(entry.string):
            assert read_placeholders(text) == read_placeholders(list_texts(entry.id)[0]), text


def test_a_message_that_gets_a_plural_loses_its_old_translation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing of one form can stand for two; the writer would fail on it."""
    first = next(entry for entry in list_entries(COMPLETE) if isinstance(entry.id, str))
    grown = [(first.context, (str(first.id), "several"), "a.py")]
    monkeypatch.setattr(catalogues, "list_messages", lambda _: grown)
    assert b'msgstr[0] ""' in renew(COMPLETE)


def read_german() -> dict[tuple[str | None, str], list[str]]:
    return {
        (entry.context, list_texts(entry.id)[0]): list_texts(entry.string)
        for entry in list_entries(COMPLETE)
    }


def test_every_placeholder_has_its_value_where_the_message_is_said() -> None:
    """German may need values that English does not, such as a group after an article."""
    german, checked = read_german(), 0
    for file, call, name in list_calls(OF_ALL):
        context, texts = read_message(call, name)
        given = {one.arg for one in call.keywords} | ({"count"} if name == "say_counted" else set())
        if None in given or file == "describe/reasons.py":  # **values; the fields of a reason.
            continue
        needed = set().union(*map(read_placeholders, (*texts, *german[context, texts[0]])))
        assert needed <= given, (file, texts[0], needed - given)
        assert given <= needed | {"count"}, (file, texts[0], given - needed)
        checked += 1
    assert checked > 500


APART = {"where", "how", "is_passing", "retry_after_s", "wait_s"}
"""Arguments of an error that stand in no words of it."""


def test_every_fault_has_its_words_written_out_and_a_value_for_each_placeholder() -> None:
    """Words put together when a fault is found could not be found in a catalogue."""
    german, checked = read_german(), 0
    for file, call, _ in list_faults():
        at = (file, call.lineno)
        parts = [*call.args, *(one.value for one in call.keywords if one.arg == "how")]
        assert not any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in parts), at
        words = list_fault_words(call)
        given = {one.arg for one in call.keywords}
        if not words or None in given:
            continue
        said = [*words, *(german[None, one][0] for one in words)]
        needed = set().union(*map(read_placeholders, said))
        own = [one for one in call.keywords if one.arg == "how"]
        is_whole = all(isinstance(one.value, ast.Constant) for one in own)
        assert needed <= given, (at, needed - given)
        assert given - APART <= needed or not is_whole, (at, given - APART - needed)
        checked += 1
    assert checked > 300


def test_german_quotes_what_english_shows_as_code() -> None:
    for entry in list_entries(COMPLETE):
        assert not any("!r" in text for text in list_texts(entry.string)), entry.id


BELOW_DESCRIBE = (
    "study/", "siting/", "coverage/", "travel/", "geocoding/", "region/", "tabular/", "ingest/",
    "reasons.py", "errors.py", "files.py", "limits.py", "crs.py", "dates.py", "serving.py",
)  # fmt: skip
NO_SENTENCE = (
    # Logged for the operator, or an error of programming, which nobody is told.
    "the cache of answers", "a coordinate is not finite", "a share lies between", "is no number",
    "this is no plain file",
    "the answer is ", "Is a directory or a device", "field limit", "the answer took",
    "nobody to serve", "census estimate", "demand cells", "river and streets", "not plain",
    # Methods and sources as data, in the manifest and in certificates.
    "HiGHS", "exchanges, Lagrangian", "walking 1.2 m/s", "welcomemap (update", "official borders",
    "tiled to about", "welcomemap data build", "ways open to people", "ways split where",
    "bisection with", "licence not stated",
)  # fmt: skip
PROSE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")


def test_below_describe_nothing_but_a_fault_holds_a_sentence() -> None:
    for path in sorted(SOURCE.rglob("*.py")):
        file = str(path.relative_to(SOURCE))
        if not file.startswith(BELOW_DESCRIBE) or file.startswith("geocoding/address.py"):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        told = {id(part) for call in list_fault_calls(tree) for part in ast.walk(call)}
        for text in list_prose(tree):
            words = str(text.value)
            if id(text) not in told and PROSE.search(words):
                assert words.startswith("(?") or any(part in words for part in NO_SENTENCE), (
                    file, text.lineno, words,
                )  # fmt: skip


READ_OR_INFLECTED = ("describe/nouns.py", "geocoding/")
"""Their German is read in addresses, or is grammar: articles and endings of a region's words."""
GERMAN = re.compile(r"[äöüß]|\b(und|oder|der|das|ist|sind|nicht|mit|für|von|kein|keine)\b", re.I)


def list_prose(tree: ast.Module) -> list[ast.Constant]:
    """Return the texts of several words that are no docstring."""
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node for node in ast.walk(tree)
             if isinstance(node, ast.Constant) and isinstance(node.value, str)]  # fmt: skip
    return [text for text in texts if " " in str(text.value).strip() and id(text) not in apart]


def test_no_german_stands_in_the_code() -> None:
    for path in sorted(SOURCE.rglob("*.py")):
        file = str(path.relative_to(SOURCE))
        if file.startswith(READ_OR_INFLECTED):
            continue
        for text in list_prose(ast.parse(path.read_text("utf-8"))):
            assert not GERMAN.search(str(text.value)), (file, text.lineno, text.value)


def test_a_message_is_said_with_context_count_and_capital() -> None:
    assert say("none").in_language("de") == "keine"
    assert say_as("districts", "none").in_language("de") == "keinen"
    assert say_as("districts", "none").in_language("en") == "none"
    told = [
        say_counted(
            "the list omits {count} site that dated reports have open: {places}",
            "the list omits {count} sites that dated reports have open: {places}",
            count=count,
            places="a",
        )
        for count in (1, 1200)
    ]
    assert told[0].in_language("en") == "the list omits 1 site that dated reports have open: a"
    assert told[1].in_language("de").startswith("1.200 Standorte nennt die Liste nicht")
    opened = say("{every:capital} has {one}", every=say("none"), one="{x}")
    assert opened.in_language("de") == "Keine hat {x}"


def test_a_phrase_is_never_written_without_a_language() -> None:
    with pytest.raises(TypeError, match="in which language"):
        f"{say('none')}"
    with pytest.raises(TypeError, match="in which language"):
        str(say("none"))


@pytest.mark.parametrize("code", PAGE_LANGUAGES)
def test_the_map_speaks_every_language(code: str) -> None:
    translate = open_translator(code)
    assert translate.language.direction == ("rtl" if code == "ar" else "ltr")
    assert (translate("Legend") == "Legend") is (code == "en")
    assert "<b>" in translate("Show {name} on the map", name="<b>")
    assert set(SIGN_WORDS) == set(Sign)


def test_easy_german_keeps_sentences_short() -> None:
    for entry in list_entries("leicht"):
        for sentence in re.split(r"[.!?:]\s", str(entry.string)):
            assert len(sentence.split()) <= 12, (entry.id, sentence)
