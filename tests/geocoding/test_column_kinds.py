"""No column and no cell that is not understood makes a house sure: whatever they are called.

What is expected comes from the reader of one address, given the same words, or is worked by hand.
"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geocoding.tiny import CRS, tiny_geocoder
from welcomemap.describe.reasons import RowWords
from welcomemap.errors import CellReadingWarning, OtherPlaceWarning
from welcomemap.geocoding.batch import GeocodedFrame, geocode_sheet
from welcomemap.geocoding.columns import find_role, is_nothing, is_thing, read_vocabulary
from welcomemap.geocoding.outcome import Outcome
from welcomemap.tabular import Sheet

GEOCODER = tiny_geocoder()
SURE = {"exact", "corrected"}
SIGNS = ["/", " / ", "+", " & ", ", ", ";", " und ", " u. ", "/\n", " mit "]
QUALIFIERS = ["", "Wohn", "Adress-", "Anschrift ", "contact:", "addr:", "Schul", "Aktuelle "]
TOWNS = ["Ort", "Stadt", "Gemeinde", "Town", "City", "Wohnort", "Ortschaft", "Kommune", "Ortsname"]
QUARTERS = ["Stadtteil", "Ortsteil", "Quarter", "Viertel"]
POSTCODES = ["PLZ", "Postleitzahl", "Zip", "Postcode"]
STREETS = ["Straße", "Str.", "Strasse", "street", "Straßenname"]
NUMBERS = ["Hausnummer", "Hausnr.", "HsNr", "Haus-Nr.", "hnr"]
SUFFIXES = ["Zusatz", "Buchstabe", "Ergänzung", "Zus.", "adz", "Erweiterung"]
CASES = st.sampled_from([str, str.upper, str.lower])


def geocode(header: list[str], *rows: list[str]) -> GeocodedFrame:
    frame = pd.DataFrame(list(rows), columns=header, dtype=str)
    return geocode_sheet(Sheet(frame, "t.csv", ";", "utf-8"), GEOCODER, CRS, tell=RowWords("de"))


def outcome_of(header: list[str], *rows: list[str]) -> str:
    return str(geocode(header, *rows).frame["outcome"].iloc[0])


def pair(one: list[str], other: list[str]) -> st.SearchStrategy[str]:
    """Names of two kinds, tied by a sign or word, in either order."""
    both = st.tuples(st.sampled_from(one), st.sampled_from(other)).flatmap(st.permutations)
    tied = st.tuples(both, st.sampled_from(SIGNS)).map(lambda t: t[1].join(t[0]))
    return st.tuples(tied, CASES).map(lambda t: t[1](t[0]))


@given(st.sampled_from(QUALIFIERS), st.sampled_from(TOWNS), CASES)
def test_a_town_is_read_whatever_stands_before_it(before: str, name: str, case: object) -> None:
    assert callable(case)
    heading = case(before + (name.lower() if before[-1:].isalpha() else name))
    assert find_role(heading) == "town", heading


@pytest.mark.parametrize(
    ("one", "other", "role"),
    [
        (TOWNS, TOWNS, "town"), (TOWNS, QUARTERS, "town"), (POSTCODES, TOWNS, "postcode_town"),
        (POSTCODES, QUARTERS, "postcode_town"), (STREETS, NUMBERS, "street"),
        (STREETS, TOWNS, "full"), (STREETS, POSTCODES, "full"),
        (NUMBERS, SUFFIXES, "number_suffix"),
    ],
)  # fmt: skip
def test_two_names_tied_are_a_column_of_both(one: list[str], other: list[str], role: str) -> None:
    @settings(max_examples=60)
    @given(pair(one, other))
    def check(heading: str) -> None:
        assert find_role(heading) == role, heading

    check()


@given(st.sampled_from(NUMBERS), st.sampled_from(["", " ", "-", "_"]),
       st.sampled_from(SUFFIXES), CASES)  # fmt: skip
def test_a_compound_is_the_suffix_of_the_number(
    number: str, link: str, suffix: str, case: object
) -> None:
    assert callable(case)
    assert find_role(case(f"{number}{link}{suffix}")) == "suffix"


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("Str. u. Nr.", "street"), ("Wohnstraße", "street"), ("Straße neu", "street"),
        ("Lage", "vague"), ("HsNrZ", "suffix"), ("Hausnummernergänzung", "suffix"),
        ("HsNr von", "number_from"), ("bis", "to"),
        ("Zusatz bis", "suffix_to"), ("Land", "country"), ("GEN", "town"), ("Firmensitz", "town"),
        ("Hausnummer (mit Zusatz)", "number_suffix"), ("Straße, Hausnummer, PLZ, Ort", "full"),
        ("Bezirk/Stadtteil", "quarter"), ("Nr./Buchstabe", "number_suffix"),
        # Parts of other words, other places, and numbers of places.
        ("Antwort", ""), ("Sport", ""), ("Telefonnr.", ""), ("Geburtsort", ""), ("Z", ""),
        ("Herkunftsland", ""), ("Bundesland", ""), ("alter Wohnort", ""), ("Stadtteilnummer", ""),
        ("Telefon Ort", ""), ("gültig bis", ""), ("Rechnungsort", ""),
    ],
)  # fmt: skip
def test_names_of_columns(heading: str, role: str) -> None:
    assert find_role(heading) == role


def test_a_name_stands_for_one_role_only() -> None:
    roles = {r: n for r, n in read_vocabulary().items() if r != "identifier"}
    names = [name for found in roles.values() for name in found]
    assert sorted(names) == sorted(set(names))


@settings(max_examples=60)
@given(st.text(st.characters(categories=["L", "N", "Zs", "Po"]), min_size=1, max_size=25))
def test_under_any_heading_another_town_is_no_sure_house(heading: str) -> None:
    if not heading.strip() or heading.strip() in {"Straße", "Nr"}:
        return
    header = ["Straße", "Nr", heading]
    first = geocode(header, ["Am Wehr", "1", "Hilden"]).frame.iloc[0]
    if is_thing(heading):
        assert f"„{heading.strip()}“ steht „Hilden“" in first["explanation"], heading
    else:
        assert first["outcome"] not in SURE, heading
    assert outcome_of(header, ["Am Wehr", "1", "Düneburg"]) == "exact", heading


@pytest.mark.parametrize(
    "heading", ["Wo", "Einzugsgebiet", "xy", "Adresse Ort", "Ort", "Stadtteil"]
)
@pytest.mark.parametrize("cell", ["Hilden", "40724 Hilden", "Stadt Hilden", "Hilden / Berg"])
def test_a_column_of_places_is_held_against_the_row(heading: str, cell: str) -> None:
    header = ["Straße", "Nr", heading]
    done = geocode(header, ["Am Wehr", "1", cell], ["Am Wehr", "1", "Düneburg"])
    first, second = done.frame["outcome"]
    assert first in {"outside", "ambiguous"}
    assert second == "exact"
    if not find_role(heading):
        (told,) = [w for w in done.summary.warnings if isinstance(w, OtherPlaceWarning)]
        assert heading in str(told)
        assert cell in str(told)
        assert cell in done.frame["explanation"].iloc[0]


@pytest.mark.parametrize(
    "heading",
    ["Träger", "Träger:", "Name des Trägers", "Schulträger", "Kostenträger", "Betreiber", "Firma",
     "Kontakt", "Ansprechpartner", "Ansprechpartner*in", "E-Mail", "Website", "Homepage", "Telefon",
     "Bemerkung", "Bemerkungen (intern)", "Hinweis", "Operator", "contact", "Hausverwaltung"],
)  # fmt: skip
def test_a_column_of_something_else_is_told_and_not_held_against_the_row(heading: str) -> None:
    header = ["Straße", "Nr", heading, "Ort"]
    rows = [["Am Wehr", "1", cell, "Düneburg"] for cell in ("Stadt Düneburg", "Hilden", "Neuss")]
    done = geocode(header, *rows)
    assert done.frame["outcome"].tolist() == ["exact"] * 3
    assert not done.frame["contradictions"].any()
    for i, cell in ((1, "Hilden"), (2, "Neuss")):
        assert f"„{heading}“ steht „{cell}“" in done.frame["explanation"].iloc[i]
    (told,) = [w for w in done.summary.warnings if isinstance(w, OtherPlaceWarning)]
    assert heading in str(told)
    assert "not held against any row" in str(told)
    held = geocode(header, ["Am Wehr", "1", "Düneburg", "Hilden"])
    assert held.frame["outcome"].tolist() == ["outside"]


@pytest.mark.parametrize("heading", ["Träger Ort", "Ort des Trägers", "Telefon Ort", "Gebiet"])
def test_a_column_of_somebodys_place_is_still_held_against_the_row(heading: str) -> None:
    assert outcome_of(["Straße", "Nr", heading], ["Am Wehr", "1", "Hilden"]) not in SURE


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        # Countries, keys of municipalities, and postcodes.
        (["Straße", "Nr", "Land"], ["Am Wehr", "1", "Österreich"], {"outside"}),
        (["Straße", "Nr", "Land"], ["Am Wehr", "1", "Deutschland"], {"exact"}),
        (["Straße", "Nr", "Land"], ["Am Wehr", "1", "NRW"], {"exact"}),
        (["Straße", "Nr", "Gemeinde"], ["Am Wehr", "1", "05158016"], {"outside"}),
        (["Straße", "Nr", "AGS"], ["Am Wehr", "1", "05158016"], {"ambiguous"}),
        (["Straße", "Nr", "PLZ"], ["Am Wehr", "1", "99001 / 99002"], {"ambiguous"}),
        (["Straße", "Nr", "PLZ"], ["Am Wehr", "1", "99.001"], {"exact"}),
        (["Straße", "Nr", "PLZ"], ["Am Wehr", "1", "99 001"], {"exact"}),
        (["Straße", "Nr", "PLZ"], ["Am Wehr", "1", "099001"], {"exact"}),
        (["Straße", "Nr", "PLZ"], ["Am Wehr", "1", "'99001"], {"exact"}),
        (["Straße", "Nr", "Zustellung"], ["Am Wehr", "1", "40724"], {"ambiguous"}),
        # Where people come from is not where the house is.
        (["Straße", "Nr", "Herkunftsland"], ["Am Wehr", "1", "Syrien"], {"exact"}),
        (["Straße", "Nr", "Geburtsort"], ["Am Wehr", "1", "Hilden"], {"exact"}),
        (["Straße", "Nr", "Gruppe"], ["Am Wehr", "1", "Syrien"], {"exact"}),
        (["Straße", "Nr", "Kundennummer"], ["Am Wehr", "1", "40724"], {"exact"}),
        (["Straße", "Nr", "Einwohner"], ["Am Wehr", "1", "40724"], {"exact"}),
        (["Straße", "Nr", "Name"], ["Am Wehr", "1", "Tafel Hilden"], {"exact"}),
        # A second column of the same part.
        (["Straße", "Nr", "Stadt", "Ort"], ["Am Wehr", "1", "Düneburg", "Hilden"], {"ambiguous"}),
        (["Adresse", "Zusatz"], ["Kölner Straße 4", "a"], {"nearest_number"}),
        (["Adresse", "Hausnummer"], ["Kölner Straße 4", "6"], {"nearest_number"}),
        (["Adresse", "Hausnummer"], ["Kölner Straße 4", "4"], {"exact"}),
        (["homeStreet", "homeNumber", "homeCity", "officeStreet", "officeCity"],
         ["Am Wehr", "1", "Düneburg", "Kölner Straße 3", "Hilden"], {"exact"}),
        # Ranges in several columns.
        (["Straße", "Hausnummer", "bis"], ["Kölner Straße", "2", "4"], {"range"}),
        (["Straße", "Hausnummer", "bis"], ["Kölner Straße", "2", ""], {"exact"}),
        (["Straße", "von", "bis"], ["Kölner Straße", "2", "4"], {"range"}),
        (["Straße", "Nr", "von", "bis"], ["Kölner Straße", "2", "08:00", "16:00"], {"exact"}),
        (["Straße", "Hausnummer", "Hausnummer bis"], ["Kölner Straße", "2", "4"], {"range"}),
        (["Straße", "HsNr von", "HsNr bis", "Zusatz von", "Zusatz bis"],
         ["Kölner Straße", "4", "4", "a", "e"], {"range"}),
        (["Straße", "HsNr von", "HsNr bis"], ["Kölner Straße", "4", "4"], {"exact"}),
        (["Straße", "Hausnummer/Zusatz"], ["Kölner Straße", "4a"], {"exact"}),
        (["Straße", "Hausnummer Zusatz"], ["Kölner Straße", "4a"], {"exact"}),
        (["Straße", "HsNrZ", "Hausnummer"], ["Kölner Straße", "a", "4"], {"exact"}),
        # Refused although plain.
        (["Str. u. Nr."], ["Am Wehr 1"], {"exact"}),
        (["Lage"], ["Am Wehr 1"], {"exact"}),
        (["Straße Antragsteller"], ["Am Wehr 1"], {"exact"}),
    ],
)  # fmt: skip
def test_what_becomes_of_a_row(header: list[str], row: list[str], expected: set[str]) -> None:
    assert outcome_of(header, row) in expected


@pytest.mark.parametrize(
    ("cell", "stated"),
    [("Bezirk 2", True), ("2.0", True), ("SB 2", True), ("2. Bezirk", True), ("1", False),
     ("Bezirk 1", False), ("1.0", False), ("", False), ("?", False)],
)  # fmt: skip
def test_a_district_is_read_however_it_is_written(cell: str, *, stated: bool) -> None:
    done = geocode(["Straße", "Nr", "Bezirk"], ["Am Wehr", "1", cell])
    assert done.summary.stated_district_contradictions == ((1,) if stated else ())
    assert done.summary.warnings == ()


def test_a_district_that_is_none_is_told() -> None:
    done = geocode(["Straße", "Nr", "Bezirk"], ["Am Wehr", "1", "Nordost"])
    assert ["Nordost (row 1)" in str(w) for w in done.summary.warnings] == [True]


ADDED = st.sampled_from(
    ["bis 9", "-9", "und 9", "+9", ", 9", "ff", "aa", "gegenüber", "а", "hinten", "II", "/ 6", "*",
     "6", "e", "a", "a-e", "1/2", "oder 6", "ff.", "#6", "(6)", "6-8", "etc.", "nebenan"]
)  # fmt: skip


@settings(max_examples=150)
@given(st.sampled_from(["4", "4a", "2"]), ADDED | st.text(min_size=1, max_size=8))
def test_no_suffix_makes_a_house_surer_than_the_same_words_in_one_cell(
    number: str, added: str
) -> None:
    """A table of columns answers as one cell does, or less surely."""
    if not added.isprintable() or not added.strip():
        return
    done = geocode(["Straße", "Hausnummer", "Zusatz"], ["Kölner Straße", number, added])
    row = done.frame.iloc[0]
    if row["outcome"] not in SURE:
        return
    shown = str(row["matched"]).split(",")[0]
    joined = {f"Kölner Straße {number}{link}{added.strip()}" for link in ("", " ", "/")}
    ones = [r for r in GEOCODER.geocode_many(sorted(joined)) if r.outcome is Outcome.EXACT]
    is_as_one = shown in [str(r.matched).split(",")[0] for r in ones]
    is_part_of_building = bool(done.summary.warnings)
    is_repeated = shown == f"Kölner Straße {number}" and number.endswith(added.strip())
    assert is_as_one or is_part_of_building or is_repeated or is_nothing(added.strip())


@pytest.mark.parametrize("cell", ["gegenüber", "ff", "aa", "а", "hinten", "nebenan", "II", "bis 6"])
def test_a_suffix_that_is_none_weakens_its_row_and_is_counted(cell: str) -> None:
    header = ["Straße", "Hausnummer", "Zusatz", "PLZ"]
    rows = [["Kölner Straße", "4", cell, "99001"], ["Kölner Straße", "4", "a", "99001"]]
    done = geocode(header, *rows, *[rows[0]] * 4)
    assert done.frame["outcome"].iloc[0] in {"nearest_number", "range"}
    assert done.frame["outcome"].iloc[1] == "exact"
    (told,) = [w for w in done.summary.warnings if isinstance(w, CellReadingWarning)]
    assert str(told).startswith("5 row(s)")
    assert str(told).count("(row ") == 3


@pytest.mark.parametrize("cell", ["-4", "4 hinten", "4 gegenüber", "=4"])
def test_a_number_with_more_is_not_sure(cell: str) -> None:
    assert outcome_of(["Straße", "Hausnummer"], ["Kölner Straße", cell]) not in SURE
