"""What is `exact` was typed so: known inputs, all of Unicode, a grammar, mutated texts."""

from __future__ import annotations

import csv
import random
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import examples
from tests.geocoding.hostile import hostile_addresses, run
from tests.geocoding.tiny import tiny_geocoder
from welcomemap.describe.reasons import describe_reasons, list_reasons
from welcomemap.errors import UnreadableAddressError
from welcomemap.geocoding.address import parse_address
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.geocoding.street_match import clean_text
from welcomemap.region.pack import RegionPack

CASES = Path(__file__).parents[2].parent / "shared" / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the folder of cases is absent")


@pytest.fixture(scope="module")
def tiny() -> Geocoder:
    return tiny_geocoder()


@pytest.fixture(scope="module")
def town(default_pack: RegionPack) -> Geocoder:
    return Geocoder(Gazetteer.from_pack(default_pack))


def is_plain_exact(result: GeocodeResult) -> bool:
    said = result.notes or result.contradictions
    return result.outcome is Outcome.EXACT and not said


SAID = [
    ("AN DER LİNDE 99001 DÜNEBURG", {"street"}, None),
    ("An der Linde 99001 Düneburg", {"street"}, None),
    ("An der Linde DE-99001 Düneburg", {"street"}, None),
    ("AN DER LİNDE 1 99001 DÜNEBURG", {"exact"}, "1"),
    ("GARTENWEG İ", {"street", "corrected", "ambiguous", "not_found"}, None),
    ("An der Lınde 1", {"corrected"}, "1"),
    ("Kölner Straße 4 6", {"range"}, "4+6"),
    ("Kölner Straße 4 oder 6", {"range"}, "4+6"),
    ("Kölner Straße 4 bzw. 6", {"range"}, "4+6"),
    ("Kölner Straße 4|6", {"range"}, "4+6"),
    ("Kölner Straße 4 (6)", {"range"}, "4+6"),
    ("Kölner Straße 4a 6+8", {"range"}, "4a+6+8"),
    ("Kölner Straße 4 12-14", {"range"}, "4+12+14"),
    ("Am Wehr 1 5", {"range"}, "1+5"),
    ("Kölner Straße 4 1/3", {"nearest_number"}, None),
    ("Kölner Straße 4a, E", {"range"}, "4a+4e"),
    ("Kölner Straße 4 (u)", {"range"}, None),
    ("Kölner Straße 4 - A", {"range"}, "4-4a"),
    ("Kölner Straße 4 a - e", {"range"}, "4a-4e"),
    ("Kölner Straße 4а", {"nearest_number"}, "4"),
    ("Kölner Straße 4 а", {"nearest_number"}, "4"),
    ("Kölner Straße 4ب", {"nearest_number"}, "4"),
    ("Kölner Straße 4α", {"nearest_number"}, "4"),
    ("Kölner Straße 4ª", {"nearest_number"}, "4"),
    ("Kölner Straße 4²", {"nearest_number"}, "4"),
    ("Kölner Straße 4⅓", {"nearest_number"}, "4"),
    ("Kölner Straße 4.1", {"nearest_number"}, "4"),
    ("Kölner Straße 4:1", {"nearest_number"}, "4"),
    ("Kölner Straße 4~6", {"nearest_number"}, "4"),
    ("Kölner Straße 4 ff.", {"nearest_number"}, "4"),
    ("Kölner Straße 4 neben 6", {"nearest_number"}, "4"),
    ("Kölner Straße 4 Tel. 0211 899", {"nearest_number"}, "4"),
    ("4.1 Kölner Straße", {"nearest_number"}, "4"),
    ("Kölner Straße, 4.1", {"nearest_number"}, "4"),
    ("Kölner Straße ٤", {"exact"}, "4"),
    ("Kölner Straße ④", {"street", "ambiguous", "not_found"}, None),
    ("4, Kölner Straße, 99001", {"exact"}, "4"),
    ("Verein am Fluss, 4, Kölner Straße, Aue, Stadtbezirk 1, Düneburg", {"exact"}, "4"),
    ("Kölner Straße 4 A 3. OG", {"exact"}, "4a"),
    ("Kölner Straße 4/EG", {"exact"}, "4"),
    ("Kölner Straße 4/3. OG", {"exact"}, "4"),
    ("Kölner Straße 4 2. OG", {"exact"}, "4"),
    ("Kölner Straße 4, 3. Etage, Düneburg", {"exact"}, "4"),
    ("Kölner Straße Nr. 4 Whg 6", {"exact"}, "4"),
    ("Kölner Straße 4 Haus 6", {"nearest_number"}, "4"),
    ("Kölner Straße 4-Düneburg", {"exact"}, "4"),
]


@pytest.mark.parametrize(("text", "outcomes", "number"), SAID)
def test_what_stands_behind_a_number_is_read_or_forbids_exact(
    tiny: Geocoder, text: str, outcomes: set[str], number: str | None
) -> None:
    result = tiny.geocode(text)
    assert result.outcome in outcomes, result
    if number is not None:
        assert result.house_number == number


@pytest.mark.parametrize("text", ["Kölner Straße 4.1", "Kölner Straße 4ب", "Kölner Straße 4 am 9"])
def test_what_was_not_understood_is_quoted_in_both_languages(tiny: Geocoder, text: str) -> None:
    said = describe_reasons(tiny.geocode(text).explanation)
    unread = text.removeprefix("Kölner Straße 4").strip()
    assert f"„{unread}“ zur Hausnummer 4" in said.in_language("de")
    assert f"“{unread}” beside number 4" in said.in_language("en")
    assert "Gezeigt wird Nummer 4." in said.in_language("de")


def test_digits_of_another_script_are_said(tiny: Geocoder) -> None:
    (note,) = list_reasons(tiny.geocode("Kölner Straße ١٢").notes)
    assert note.in_language("de") == "Die Ziffern „١٢“ wurden als 12 gelesen."
    assert note.in_language("en") == "The digits “١٢” were read as 12."


def test_a_number_before_the_street_is_said_if_another_follows(tiny: Geocoder) -> None:
    result = tiny.geocode("9, Kölner Straße 4")
    assert result.outcome is Outcome.NEAREST_NUMBER
    assert "„9“" in describe_reasons((*result.explanation, *result.notes)).in_language("de")


@needs_cases
def test_attacked_addresses_are_answered_as_demanded(town: Geocoder) -> None:
    path = CASES / "security" / "addresses.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) >= 14
    for row in rows:
        result, demanded = town.geocode(row["input"]), row["must be"]
        said = bool(result.notes or result.contradictions)
        is_note = "note" in demanded and (said or result.outcome is not Outcome.EXACT)
        is_right = result.outcome.value in demanded or is_note
        if demanded.startswith("anything but"):
            is_right = result.house_number != row["must never be"]
        assert is_right, (row, result)


@needs_cases
def test_collected_numbers_are_neither_lost_nor_changed(town: Geocoder) -> None:
    def read(name: str) -> list[dict[str, str]]:
        with (CASES / "geocoding" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))

    for row in read("number_lost.csv"):
        result = town.geocode(row["address"])
        assert (result.street, result.house_number) == (row["street"], row["number"]), row
    for row in read("false_exact.csv"):
        result = town.geocode(row["address"])
        assert f"{result.outcome.value} {result.house_number}" != row["must_not_be"], row


SIGNS = "ー\uff70№"
"""Not letters to who types them: the dashes of Japanese keyboards, the sign for a number."""


def characters() -> Iterator[str]:
    """Yield assigned characters: all to U+07FF, then every third, in the long run all.

    Of the large blocks of ideographs it is every fiftieth.
    """
    step = examples(3, 1)
    for code in (*range(0x800), *range(0x800, 0x110000, step)):
        character = chr(code)
        kind = unicodedata.category(character)
        if kind in {"Cn", "Co", "Cs"} or (kind == "Lo" and code > 0x3100 and code % 50):
            continue
        yield character


def test_no_character_grows_when_made_small() -> None:
    for character in characters():
        try:
            cleaned = clean_text(f"A{character}b")
        except UnreadableAddressError:
            continue
        assert len(cleaned.lower()) == len(cleaned), hex(ord(character))


def test_no_character_behind_a_number_is_dropped(tiny: Geocoder) -> None:
    """Exact 4, 4a or 4e must have been typed so; 4² is not 42, 4с not 4c, 4٢ is 42."""
    for character in characters():
        try:
            result = tiny.geocode(f"Kölner Straße 4{character}")
        except UnreadableAddressError:
            continue
        if not is_plain_exact(result) and not unicodedata.decimal(character, None):
            assert result.outcome is not Outcome.EXACT or result.house_number == "4"
            continue
        if result.outcome is not Outcome.EXACT:
            continue
        same = unicodedata.normalize("NFKC", character).lower()
        is_letter_or_sign = unicodedata.category(character)[0] in "LNS" and character not in SIGNS
        expected = f"4{same}" if is_letter_or_sign and same.strip(" `|⁄∕−") else "4"
        assert result.house_number == expected, (hex(ord(character)), result)


def test_no_character_before_a_number_becomes_a_part_of_it(tiny: Geocoder) -> None:
    for character in characters():
        try:
            result = tiny.geocode(f"Kölner Straße {character}2")
        except UnreadableAddressError:
            continue
        if result.outcome is Outcome.EXACT:
            value = unicodedata.decimal(character, None)
            expected = "2" if value is None else str(10 * value + 2)
            assert result.house_number == expected, (hex(ord(character)), result)
            shown = unicodedata.normalize("NFKC", character)
            is_letter = character.isalpha() and any(map(str.isalpha, shown))
            is_letter = is_letter and character not in SIGNS
            assert not is_letter, hex(ord(character))


KNOWN = ("KÖLNER STRASSE 99001", "Kölner Straße 4", "Gartenweg, 99002 Düneburg", "Rosenstraße 1")


@given(
    st.sampled_from(KNOWN),
    st.integers(0, 30),
    st.text(st.characters(exclude_categories=["Nd"]), max_size=6),
)
@settings(max_examples=1500, deadline=None)
def test_no_number_arises_that_was_not_typed(text: str, at: int, inserted: str) -> None:
    try:
        parsed = parse_address(text[:at] + inserted + text[at:])
    except UnreadableAddressError:
        return
    typed = re.findall(r"\d+", text) + re.findall(r"\d+", text[:at] + " " + text[at:])
    if any(c in "½¼¾⁄∕/／" for c in inserted):
        return
    for part in parsed.number.parts if parsed.number else ():
        assert part.number in map(int, typed), (text, inserted, parsed)


JOINS = (
    " ", "  ", " oder ", " und ", " u. ", " bis ", " bzw. ", " sowie ", "+", " + ", "&", " & ", "-",
    " - ", "–", " – ", "—", "−", "/", " / ", ", ", ",", ";", " | ", "|", "\n", ".", ":", "~", "_",
    "=", "…", " neben ", " Nr. ", " (", "·", "\\", "→", "*", " x ", " ca. ", "#", "^", "<", "'",
)  # fmt: skip
HARMLESS = ("", ", 3. OG", " EG", " HH", ", Wohnung 6", " Hinterhaus", ", 2. Etage links", "/EG",
            " c/o Müller", ", Whg. 12b", " (Vorderhaus)")  # fmt: skip
PLACES = ("", ", 99001 Düneburg", " 99001 Düneburg", ", Düneburg", " (Aue)", "\n99001 Düneburg")
LEADS = ("", "99001 Düneburg, ", "Düneburg, ", "c/o Müller, ")
HOUSES = ("1", "2", "4", "4a", "4e", "5", "6", "8", "12", "14")


def test_addresses_of_a_grammar_mean_what_they_were_made_of(tiny: Geocoder) -> None:
    r = random.Random(11)  # noqa: S311
    n_exact = 0
    for _ in range(6000):
        houses = r.sample(HOUSES, r.choice((1, 1, 2, 2, 3)))
        numbers = houses[0] + "".join(r.choice(JOINS) + house for house in houses[1:])
        place = r.choice(PLACES)
        lead = r.choice(LEADS) if not place else ""
        text = f"{lead}Kölner Straße {numbers}{r.choice(HARMLESS)}{place}"
        try:
            result = tiny.geocode(text)
        except UnreadableAddressError:
            continue
        if len(houses) == 1:
            assert (result.outcome, result.house_number) == (Outcome.EXACT, houses[0]), text
            n_exact += 1
        else:
            assert result.outcome is not Outcome.EXACT, (text, result)
    assert n_exact > 1000


def test_mutated_addresses_are_answered_or_refused_by_name(tiny: Geocoder) -> None:
    report = run(tiny.geocode, hostile_addresses(5000))
    assert report.faults == []
    assert report.n == 5000
    assert 0 < report.refused < 4000
    assert report.exact > 100
