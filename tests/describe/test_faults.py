"""Errors and warnings: one plain English line, and the same in the reader's language."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from welcomemap.cli import run
from welcomemap.cli.options import LOCALE_VARIABLES, Lang, find_language
from welcomemap.describe.reasons import describe_fault, describe_notice
from welcomemap.errors import (
    MAX_LISTED,
    MAX_QUOTED,
    ColumnValueError,
    Fault,
    ListRowWarning,
    Notice,
    OutputError,
    Place,
    ServiceFailedError,
    UsageError,
    either,
    fault,
)
from welcomemap.region.scenario import ClosedBefore
from welcomemap.tabular import read_table

WHERE = Place("list.csv", 3, "lat")
NOT_A_COORDINATE = ColumnValueError(
    "{text!r} is no coordinate",
    text="5x",
    where=WHERE,
    how="Expected degrees such as 51.2241, or nothing.",
)


def test_an_error_is_one_line_in_both_languages() -> None:
    assert str(NOT_A_COORDINATE) == (
        "'5x' is no coordinate (list.csv, row 3, column lat). Expected degrees such as 51.2241, or "
        "nothing."
    )
    assert describe_notice(NOT_A_COORDINATE).in_language("de") == (
        "„5x“ ist keine Koordinate (list.csv, Zeile 3, Spalte lat). Erwartet werden Grad wie "
        "51.2241 oder eine leere Zelle."
    )


def test_numbers_are_written_as_the_language_writes_them() -> None:
    told = fault("the file is larger than {most:,} bytes", most=1234567)
    assert str(told) == "the file is larger than 1,234,567 bytes"
    assert describe_fault(told).in_language("de") == "die Datei ist größer als 1.234.567 Byte"
    near = fault(
        "only {near_share:.1%} of the people live within {distance_m:.0f} m of a street in it",
        near_share=0.123,
        distance_m=50.0,
    )
    assert "only 12.3% of" in describe_fault(near).in_language("en")
    assert "nur 12,3\N{NO-BREAK SPACE}% der" in describe_fault(near).in_language("de")


def test_a_fault_inside_another_is_said_in_the_same_language() -> None:
    inner = fault("it is nested too deeply")
    outer = UsageError("this is no JSON that can be used: {reason}", reason=inner)
    assert describe_notice(outer).in_language("de") == (
        "das ist kein verwendbares JSON: es ist zu tief verschachtelt."
    )
    again = OutputError("cannot write: {error}", error=outer)
    assert str(again) == "cannot write: this is no JSON that can be used: it is nested too deeply."


def test_a_list_is_told_in_part_and_by_semicolons_where_items_hold_commas() -> None:
    assert str(fault("{names}", names=["a", "b"])) == "a, b"
    assert str(fault("{names}", names=["a, b", "c"])) == "a, b; c"
    many = str(fault("{names}", names=[str(i) for i in range(100)]))
    assert many.endswith(f"{MAX_LISTED - 1}, …")
    assert describe_fault(either([".png", ".svg"])).in_language("de") == ".png oder .svg"


@given(st.text())
def test_text_from_data_stays_one_short_printable_line(text: str) -> None:
    for language in ("de", "en"):
        told = describe_fault(fault("no site {name!r}", name=text)).in_language(language)
        assert told.isprintable()
        assert len(told) <= 40 + 4 * MAX_QUOTED


@given(st.text(), st.integers(1, 10**6))
def test_english_words_are_those_of_the_error_itself(text: str, row: int) -> None:
    error = ColumnValueError("no file {path!r}", path=text, where=Place(text, row), how="Mend it.")
    assert describe_notice(error).in_language("en") == str(error)


@pytest.mark.parametrize(
    "notice",
    [
        NOT_A_COORDINATE,
        ServiceFailedError("{name} did not answer in time", name="x", is_passing=True),
        ListRowWarning("a", [ClosedBefore("2024", "2026")], WHERE),
        OutputError("cannot write: {error}", error=OSError(28, "No space left on device")),
    ],
)
def test_a_notice_comes_whole_out_of_another_process(notice: Notice) -> None:
    again = pickle.loads(pickle.dumps(notice))  # noqa: S301 - its own
    assert type(again) is type(notice)
    assert str(again) == str(notice)
    assert vars(again) == vars(notice)


def test_a_warning_about_a_row_is_told_in_the_reader_s_language() -> None:
    warning = ListRowWarning("a", [ClosedBefore("2024", "2026-01-01")], Place("list.csv", 2))
    assert describe_notice(warning).in_language("de") == (
        "a: Laut Liste galt der Standort bis 2024; Stichtag ist 1. Januar 2026. Er zählt als "
        "geschlossen. (list.csv, Zeile 2)"
    )


@pytest.fixture
def _no_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in LOCALE_VARIABLES:
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.usefixtures("_no_locale")
def test_the_language_is_the_option_s_else_the_machine_s(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_language(["gaps"]) is Lang.EN
    assert find_language(["gaps", "--lang", "de"]) is Lang.DE
    assert find_language(["gaps", "--lang=de"]) is Lang.DE
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert find_language(["gaps"]) is Lang.DE
    assert find_language(["gaps", "--lang", "en"]) is Lang.EN
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert find_language(["gaps"]) is Lang.EN


@pytest.mark.usefixtures("_no_locale")
def test_the_command_line_fails_in_the_language_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["gaps", "--threshold", "5x", "--lang", "de"]) == 2
    assert capsys.readouterr().err == (
        "welcomemap: die Schwelle „5x“ ist nicht verständlich. Schreiben Sie zum Beispiel "
        "1000m, 1.5km oder 15min: eine Zahl ohne Tausendertrennzeichen, in Metern, Kilometern oder "
        "Minuten.\n"
    )
    assert run(["gaps", "--threshold", "5x"]) == 2
    assert capsys.readouterr().err == (
        "welcomemap: threshold '5x' is not understood. Write it as 1000m, 1.5km or 15min: one "
        "number without thousands separators, in metres, kilometres or minutes.\n"
    )


@pytest.mark.usefixtures("_no_locale")
def test_the_command_line_warns_in_the_language_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "list.csv"
    table.write_text("Straße;Hausnummer\nMarktplatz;1\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    assert run(["geocode", str(table), "--out", str(out), "--lang", "de"]) == 0
    told = capsys.readouterr().err
    assert "Warnung: das Trennzeichen der Spalten ist Semikolon, nicht Komma (list.csv)." in told
    assert "Hinweis: die Adresse wurde gelesen aus: Straße Straße, Hausnummer Hausnummer" in told


def test_tables_that_cannot_be_read_say_so_in_german(tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    table.write_bytes(b"a,b\n1,2,3\n")
    with pytest.raises(Exception, match="cells in the row: 3, in the header: 2") as raised:
        read_table(table)
    assert isinstance(raised.value, Notice)
    assert describe_notice(raised.value).in_language("de").startswith("Zahl der Zellen: in dieser")
    table.write_bytes(b"a;b\n1;2\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (warning,) = read_table(table).warnings
    assert isinstance(warning.fault, Fault)
    assert "Semikolon" in describe_notice(warning).in_language("de")
