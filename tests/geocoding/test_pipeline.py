"""Tables through the pipeline: the same rows out, in order, with what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import at
from welcomemap.crs import METRIC_CRS, project
from welcomemap.describe.answers import show_address_table
from welcomemap.describe.contract import to_builtins
from welcomemap.describe.reasons import RowWords, describe_notice
from welcomemap.errors import (
    ColumnNameWarning,
    MissingColumnError,
    NetworkError,
    OutputError,
    UnreadableAddressError,
    UsageError,
)
from welcomemap.geocoding import batch
from welcomemap.geocoding.batch import OUTCOME_COLUMNS
from welcomemap.geocoding.columns import find_columns, read_addresses
from welcomemap.geocoding.outcome import Alternative, GeocodeResult, Outcome
from welcomemap.geocoding.reasons import NoStreet
from welcomemap.tabular import Sheet, read_table

SAID = NoStreet()
GERMAN_SAID, ENGLISH_SAID = "Es ist keine Straße angegeben.", "No street is given."
GERMAN, ENGLISH = RowWords("de"), RowWords("en")
geocode_file = partial(batch.geocode_file, tell=GERMAN)


def geocode_frame(frame: pd.DataFrame, *arguments: Any, **named: Any) -> batch.GeocodedFrame:
    return batch.geocode_sheet(batch.as_sheet(frame), *arguments, tell=GERMAN, **named)


X, Y = at(1234, 567)


class Fake:
    """Knows three addresses and keeps what it was asked."""

    def __init__(self, breaks_at: int | None = None) -> None:
        self.asked: list[tuple[str, int | None]] = []
        self.breaks_at = breaks_at

    def geocode(self, text: str, *, stated_district: int | None = None) -> GeocodeResult:
        if len(self.asked) == self.breaks_at:
            raise NetworkError("the line is cut")
        self.asked.append((text, stated_district))
        if text.startswith("="):
            raise UnreadableAddressError("a formula")
        exact = GeocodeResult(
            Outcome.EXACT, (SAID,), "Hauptstraße 1, 99001 Rechteckstadt", x=X, y=Y,
            error_radius_m=12.1, district=1, quarter="011",
        )  # fmt: skip
        if text.startswith("Hauptstraße 1"):
            return exact
        if text.startswith("Haupt"):
            options = tuple(Alternative(f"Haupt {i}", "Haupt", None, None, None) for i in (1, 2))
            return GeocodeResult(Outcome.AMBIGUOUS, (SAID,), alternatives=options)
        if text.startswith("Postweg"):
            return replace(exact, outcome=Outcome.CORRECTED, contradictions=(SAID, SAID))
        return GeocodeResult(Outcome.NOT_FOUND, (SAID,))


ROWS = pd.DataFrame(
    {
        "Nr.": ["a", "b", "c", "d", "e", "f"],
        "Adresse": ["Hauptstraße 1", "", "Haupt", "=1+1", "Postweg 3", "Hauptstraße 1"],
        "Bemerkung": ["x", "=cmd()", "", "ä;ö", "", "=cmd()"],
    }
)
OUTCOMES = ["exact", "not_found", "ambiguous", "not_found", "corrected", "exact"]


def write_rows(folder: Path, frame: pd.DataFrame = ROWS, name: str = "in.csv") -> Path:
    path = folder / name
    frame.to_csv(path, index=False)
    return path


def test_same_rows_come_out_with_outcomes(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    summary = geocode_file(write_rows(tmp_path), out, Fake(), METRIC_CRS, progress=False)
    table = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert list(table.columns) == [*ROWS.columns, *OUTCOME_COLUMNS]
    assert table["Nr."].tolist() == ROWS["Nr."].tolist()
    assert table["outcome"].tolist() == OUTCOMES
    # Formulas of the input are defused, all else is kept letter by letter.
    assert table["Bemerkung"].tolist() == ["x", "'=cmd()", "", "ä;ö", "", "'=cmd()"]
    assert table["error_radius_m"].tolist() == ["13", "", "", "", "13", "13"]
    assert table["contradictions"].tolist()[4] == f"{GERMAN_SAID} {GERMAN_SAID}"
    assert table["explanation"].tolist()[2] == (f"{GERMAN_SAID} Möglich: Haupt 1; Haupt 2.")
    x, y = project(float(table["lon"][0]), float(table["lat"][0]))[0]
    assert np.hypot(x - X, y - Y) < 0.02
    assert to_builtins(show_address_table(summary)) | {"warnings": None} == {
        "rows": 6,
        "outcomes": {"exact": 2, "corrected": 1, "ambiguous": 1, "not_found": 2},
        "contradictions": 1,
        "review": [2, 3, 4, 5],
        "stated_district_contradictions": [],
        "match_rate": 0.5,
        "resumed": 0,
        "address_columns": ["Adresse"],
        "columns": {"address": "Adresse", "ignored": ["Nr.", "Bemerkung"]},
        "warnings": None,
    }
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_english_and_workbooks(tmp_path: Path) -> None:
    source, out = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    ROWS.to_excel(source, index=False)
    geocode_file(source, out, Fake(), METRIC_CRS, tell=ENGLISH, progress=False)
    table = pd.read_excel(out)
    assert table["outcome"].tolist() == OUTCOMES
    assert table["explanation"].tolist()[2] == (f"{ENGLISH_SAID} Possible: Haupt 1; Haupt 2.")
    assert table["lat"].dtype == np.float64
    second = tmp_path / "again.xlsx"
    geocode_file(source, second, Fake(), METRIC_CRS, tell=ENGLISH, progress=False)
    assert second.read_bytes() == out.read_bytes()


def test_a_file_from_excel_goes_back_to_excel(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    ROWS.to_csv(source, index=False, sep=";", encoding="cp1252")
    summary = geocode_file(source, out, Fake(), METRIC_CRS, progress=False)
    assert out.read_bytes().startswith(b"\xef\xbb\xbfNr.;Adresse;")
    assert len(summary.warnings) == 2
    assert read_table(out).frame["outcome"].tolist() == OUTCOMES


def test_broken_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    source, out = write_rows(tmp_path), tmp_path / "out.csv"
    with pytest.raises(NetworkError):
        geocode_file(source, out, Fake(breaks_at=3), METRIC_CRS, progress=False)
    journal = tmp_path / ".out.csv.journal"
    assert journal.exists()
    assert journal.stat().st_mode & 0o077 == 0
    assert not out.exists()
    with journal.open("a") as handle:
        handle.write('{"torn')
    second = Fake()
    summary = geocode_file(source, out, second, METRIC_CRS, progress=False)
    # Rows 1 to 4 were done (row 2 is empty and never asked); 5 and 6 are left.
    assert summary.resumed == 4
    assert [text for text, _ in second.asked] == ["Postweg 3", "Hauptstraße 1"]
    assert not journal.exists()
    whole = tmp_path / "whole.csv"
    geocode_file(source, whole, Fake(), METRIC_CRS, progress=False)
    assert whole.read_bytes() == out.read_bytes()


@pytest.mark.parametrize("change", ["input", "language", "version", "fresh", "damage"])
def test_journal_of_another_run_is_not_used(tmp_path: Path, change: str) -> None:
    source, out = write_rows(tmp_path), tmp_path / "out.csv"
    with pytest.raises(NetworkError):
        geocode_file(source, out, Fake(breaks_at=3), METRIC_CRS, progress=False)
    if change == "input":
        write_rows(tmp_path, ROWS.assign(Bemerkung="new"))
    if change == "damage":
        (tmp_path / ".out.csv.journal").write_bytes(b"\xff\x00 not a journal\n")
    summary = geocode_file(
        source, out, Fake(), METRIC_CRS, progress=False,
        tell=ENGLISH if change == "language" else GERMAN,
        geocoder_version="2" if change == "version" else "",
        resume=change != "fresh",
    )  # fmt: skip
    assert summary.resumed == 0
    assert summary.rows == 6


def test_columns_of_the_table_that_clash_are_kept_under_another_name() -> None:
    frame = ROWS.assign(lat="1", lat_given="2", outcome="mine")
    done = geocode_frame(frame, Fake(), METRIC_CRS)
    assert done.frame["lat_given_given"].tolist() == ["1"] * 6
    assert done.frame["lat_given"].tolist() == ["2"] * 6
    assert done.frame["outcome_given"].tolist() == ["mine"] * 6
    assert done.frame["outcome"].tolist() == OUTCOMES
    assert [type(w) for w in done.summary.warnings] == [ColumnNameWarning] * 2


def test_stated_districts_that_contradict_the_place_are_listed() -> None:
    frame = pd.DataFrame(
        {"address": ["Hauptstraße 1"] * 5, "stated_districts": ["1", "10", "2;1", "2;3", "?"]}
    )
    fake = Fake()
    done = geocode_frame(frame, fake, METRIC_CRS)
    assert [stated for _, stated in fake.asked] == [1, 10, None, None, None]
    assert done.summary.stated_district_contradictions == (2, 4)
    assert done.summary.contradictions == 2
    assert done.frame["contradictions"].tolist()[1:4] == [
        "Angegeben ist Gebiet 10, die Adresse liegt in Gebiet 1.",
        "",
        "Angegeben sind die Gebiete 2 und 3, die Adresse liegt in 1.",
    ]
    assert [row.row for row in done.summary.review] == [2, 4]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"Straße": "Kölner Straße", "Hausnr.": "2", "Zusatz": "a", "PLZ": "40227", "Ort": "D"},
         "Kölner Straße 2a, 40227 D"),
        ({"STRASSE": "Am Markt", "HAUSNUMMER": "2A", "PLZ": "99001", "STADT": "Rechteckstadt",
          "STADTTEIL": "Altes Tor"}, "Am Markt 2A, 99001 Rechteckstadt, Altes Tor"),
        ({"Straße und Hausnummer": "Am Markt 1", "Ort": "Rechteckstadt"},
         "Am Markt 1, Rechteckstadt"),
        ({"Anschrift": "Am Markt 1, 99001 Rechteckstadt", "plz": "99001", "ort": "Rechteckstadt"},
         "Am Markt 1, 99001 Rechteckstadt"),
        ({"full address": "Am Markt 1", "Postcode": "99001", "Town": ""}, "Am Markt 1, 99001"),
        ({"address_as_published": " Am Markt 1 "}, "Am Markt 1"),
        ({"street": "", "number": "", "zip": ""}, ""),
    ],
)  # fmt: skip
def test_address_columns_are_found_by_their_names(cells: dict[str, str], expected: str) -> None:
    sheet = Sheet(pd.DataFrame([cells], dtype=str), "t.csv", ",", "utf-8")
    (address,) = read_addresses(sheet.frame, find_columns(sheet))
    assert address.text == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (["wo"], "Kölner Straße"),
        (["WO", "nummerchen", "irgendwas"], "Kölner Straße 26, 40227"),
        (["irgendwas", "wo", "nummerchen"], "40227, Kölner Straße 26"),
    ],
)
def test_columns_can_be_named(named: Sequence[str], expected: str) -> None:
    cells = {"wo": "Kölner Straße", "nummerchen": "26", "irgendwas": "40227"}
    sheet = Sheet(pd.DataFrame([cells], dtype=str), "t.csv", ",", "utf-8")
    (address,) = read_addresses(sheet.frame, find_columns(sheet, named))
    assert address.text == expected


def test_unknown_columns_are_told_with_what_there_is(tmp_path: Path) -> None:
    source = write_rows(tmp_path, pd.DataFrame({"wo": ["x"], "wer": ["y"]}))
    out = tmp_path / "out.csv"
    with pytest.raises(MissingColumnError, match=r"in\.csv.*--columns.*wo, wer"):
        geocode_file(source, out, Fake(), METRIC_CRS, progress=False)
    with pytest.raises(MissingColumnError, match=r"no column was .*wo, wer"):
        geocode_file(source, out, Fake(), METRIC_CRS, progress=False, columns=["was"])
    assert not out.exists()


def test_a_table_without_columns_says_so() -> None:
    """Nothing stands where the names of columns would: that is said in words."""
    empty = Sheet(pd.DataFrame(index=[0]), "", None, None, ())
    with pytest.raises(MissingColumnError) as raised:
        find_columns(empty)
    assert str(raised.value).endswith("in the order of an address; the table has no columns.")
    told = describe_notice(raised.value).in_language("de")
    assert told.endswith("Spalten der Tabelle: keine.")
    with pytest.raises(MissingColumnError, match=r"The table has no columns\."):
        find_columns(empty, ["was"])


def test_output_must_be_another_file_of_a_known_kind(tmp_path: Path) -> None:
    source = write_rows(tmp_path)
    before = source.read_bytes()
    with pytest.raises(UsageError, match="output is an input"):
        geocode_file(source, source, Fake(), METRIC_CRS)
    with pytest.raises(UsageError, match=r"\.csv nor \.xlsx"):
        geocode_file(source, tmp_path / "out.txt", Fake(), METRIC_CRS)
    with pytest.raises(OutputError):
        geocode_file(source, tmp_path / "none" / "out.csv", Fake(), METRIC_CRS, progress=False)
    assert source.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_progress_goes_to_standard_error_only(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    geocode_file(write_rows(tmp_path), tmp_path / "out.csv", Fake(), METRIC_CRS, progress=True)
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "6/6" in captured.err


def test_rows_to_look_at_have_their_place_if_they_have_one() -> None:
    review = geocode_frame(ROWS, Fake(), METRIC_CRS).summary.review
    assert [row.row for row in review] == [2, 3, 4, 5]
    assert (review[0].lat, review[0].lon) == (None, None)
    x, y = project(review[3].lon, review[3].lat)[0]
    assert np.hypot(x - X, y - Y) < 0.02


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=20), st.sampled_from(["Hauptstraße 1", "Haupt", "", "=x", "?"])),
        max_size=8,
    )
)
def test_no_row_is_dropped_moved_or_changed(rows: list[tuple[str, str]]) -> None:
    frame = pd.DataFrame(rows, columns=["key", "Adresse"], dtype=object)
    done = geocode_frame(frame, Fake(), METRIC_CRS)
    assert done.frame["key"].tolist() == [key for key, _ in rows]
    assert done.summary.rows == len(rows) == sum(done.summary.outcomes.values())
    assert set(done.frame["outcome"]) <= {outcome.value for outcome in Outcome}
