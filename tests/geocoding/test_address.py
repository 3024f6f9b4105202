"""Taking addresses apart; the expected pieces are written by hand."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from welcomemap.errors import (
    AddressCharacterError,
    AddressCodeError,
    AddressFormulaError,
    AddressTooLongError,
    UnreadableAddressError,
)
from welcomemap.geocoding.address import (
    NumberKind,
    ParsedAddress,
    parse_address,
    parse_house_number,
)
from welcomemap.geocoding.street_match import bare_keys, clean_text, plain_key, street_key

PIECES = [
    ("Lange Straße 2a", "Lange Straße", "2a", None, None),
    ("Lange Str. 2 A, 12345 Neustadt", "Lange Str", "2a", "12345", "Neustadt"),
    ("12345 Neustadt, Lange Str.2A", "Lange Str", "2a", "12345", "Neustadt"),
    ("D-12345 Neustadt\nLange Straße 12 1/2", "Lange Straße", "12 1/2", "12345", "Neustadt"),
    ("Lange Straße 12½", "Lange Straße", "12 1/2", None, None),
    ("Lange Straße Nr. 7, ,", "Lange Straße", "7", None, None),
    ("Lange Straße, Hausnr. 7", "Lange Straße", "7", None, None),
    ("Lange Straße 6–8", "Lange Straße", "6-8", None, None),
    ("Lange Straße 6 - 8, D-12345 Neustadt", "Lange Straße", "6-8", "12345", "Neustadt"),
    ("Lange Straße 6 bis 8", "Lange Straße", "6-8", None, None),
    ("Lange Straße 8-6", "Lange Straße", "6-8", None, None),
    ("Lange Straße 6+8", "Lange Straße", "6+8", None, None),
    ("Lange Straße 6 u. 8", "Lange Straße", "6+8", None, None),
    ("Lange Straße 1/3", "Lange Straße", "1+3", None, None),
    ("Lange Straße 6, 8", "Lange Straße", "6+8", None, None),
    ("Lange Straße 6a-c", "Lange Straße", "6a-6c", None, None),
    ("Lange Straße 12/1", "Lange Straße", "12/1", None, None),
    ("Lange Straße 7 Hinterhaus", "Lange Straße", "7", None, None),
    ("Lange Straße 7, 3. OG links, 12345 Neustadt", "Lange Straße", "7", "12345", "Neustadt"),
    ("Am Wehr 12 Haus 3", "Am Wehr", "12", None, None),
    ("c/o Müller, Lange Straße 7", "Lange Straße", "7", None, None),
    ("Lange Straße 7 c/o Müller, 12345 Neustadt", "Lange Straße", "7", "12345", "Neustadt"),
    ("Neues Tor 5", "Neues Tor", "5", None, None),
    ("Nach den 12Morgen 9", "Nach den 12Morgen", "9", None, None),
    ("Nach den 12 Morgen 9", "Nach den 12 Morgen", "9", None, None),
    ("Straße des 17. Juni 135", "Straße des 17. Juni", "135", None, None),
    ("135 Lange Straße", "Lange Straße", "135", None, None),
    ("Lange Straße 5 N'stadt", "Lange Straße", "5", None, "N'stadt"),
    ("Lange Straße", "Lange Straße", None, None, None),
    ("Lange Straße\u00a07\u200f", "Lange Straße", "7", None, None),
    ("Ko\u0308nigsweg 7", "Königsweg", "7", None, None),
    ("Lange Straße ٧", "Lange Straße", "7", None, None),
]


@pytest.mark.parametrize(("text", "street", "number", "postcode", "town"), PIECES)
def test_pieces(
    text: str, street: str, number: str | None, postcode: str | None, town: str | None
) -> None:
    parsed = parse_address(text)
    found = (parsed.street, parsed.house_number, parsed.postcode, parsed.town)
    assert found == (street, number, postcode, town)


def test_quarter_district_and_name_are_kept_apart() -> None:
    parsed = parse_address("Haus am Markt, Lange Straße 7, 12345 Neustadt-Aue, Stadtbezirk 3")
    assert (parsed.town, parsed.quarter_hint, parsed.district_hint) == ("Neustadt", "Aue", 3)
    assert parsed.lead == ("Haus am Markt",)


def test_kind_of_number() -> None:
    kinds = {text: parse_house_number(text) for text in ("7", "6-8", "6+8", "12/1", "Markt")}
    assert kinds["Markt"] is None
    found = {text: number.kind for text, number in kinds.items() if number is not None}
    assert found == {
        "7": NumberKind.SINGLE, "6-8": NumberKind.RANGE, "6+8": NumberKind.LIST,
        "12/1": NumberKind.SINGLE,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("x" * 10_000_000, AddressTooLongError),
        ("Lange Straße " + "7" * 5000, AddressTooLongError),
        ("Lange Straße " + "7" * 60, AddressTooLongError),
        ("Lange Straße\x007", AddressCharacterError),
        ("Lange\x1bStraße 7", AddressCharacterError),
        ("Lange Straße \ud800 7", AddressCharacterError),
        ("=HYPERLINK(1)", AddressFormulaError),
        ("@SUM(A1)", AddressFormulaError),
        ("+cmd|' /C calc'!A0", AddressFormulaError),
        ("-2+3+cmd|' /C calc'!A0", AddressFormulaError),
        ("<script>alert(1)</script>", AddressCodeError),
        ("Lange Straße 7<img src=x>", AddressCodeError),
        ("Lange Straße 7'; DROP TABLE houses", AddressCodeError),
        ("x' OR '1'='1", AddressCodeError),
        ("1 UNION SELECT 2", AddressCodeError),
        ("{{7*7}}", AddressCodeError),
    ],
)
def test_hostile_text_is_refused_by_name(text: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        parse_address(text)
    assert isinstance(caught.value, UnreadableAddressError)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "text", ["Rock'n'Roll-Weg 5", "Auf'm Hügel 3", "C&A, Lange Straße 7", "Straße – 7", "#7 Weg"]
)
def test_odd_but_honest_text_is_not_refused(text: str) -> None:
    assert isinstance(parse_address(text), ParsedAddress)


ADDRESS_LIKE = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "äöüÄÖÜß .,-/+()'\n\u00a0\u2013"),
    max_size=80,
)


@given(st.one_of(st.text(max_size=500), ADDRESS_LIKE))
@settings(max_examples=600, deadline=None)
def test_every_text_is_parsed_or_refused(text: str) -> None:
    try:
        parsed = parse_address(text)
    except UnreadableAddressError:
        return
    assert parsed.text == clean_text(text)


@given(st.one_of(st.text(max_size=100), ADDRESS_LIKE))
@settings(max_examples=600, deadline=None)
def test_cleaning_and_keys_are_idempotent(text: str) -> None:
    try:
        cleaned = clean_text(text)
    except UnreadableAddressError:
        return
    assert clean_text(cleaned) == cleaned
    assert plain_key(plain_key(text)) == plain_key(text)


NAMES = st.lists(
    st.sampled_from(["Kölner", "Lange", "Groß", "Am", "Mühlen", "Sankt", "von", "Höhe", "Weg"]),
    min_size=1, max_size=3,
).map(" ".join)  # fmt: skip
NUMBERS = st.sampled_from(["1", "27", "2a", "12 1/2", "6-8", "6+8", "6a-6c", "175f", "12/1"])


@given(NAMES, NUMBERS)
@settings(max_examples=300, deadline=None)
def test_parsing_its_own_writing_changes_nothing(name: str, number: str) -> None:
    once = parse_address(f"{name}straße {number}, 12345 Neustadt")
    written = f"{once.street} {once.house_number}, {once.postcode} {once.town}"
    again = parse_address(written)
    assert (again.street, again.number, again.postcode, again.town) == (
        once.street, once.number, once.postcode, once.town
    )  # fmt: skip
    assert again.house_number == once.house_number


@given(NAMES)
@settings(max_examples=100, deadline=None)
def test_street_keys_are_idempotent(name: str) -> None:
    key = street_key(f"{name}straße")
    assert street_key(key) == key


def test_normal_spellings_share_a_key() -> None:
    spellings = ["Kölner Straße", "KÖLNER STRASSE", "Koelner Str.", "kölner-str", "Kölnerstraße",
                 "Ko\u0308lner Straße", "Kölner Str"]  # fmt: skip
    assert {street_key(s) for s in spellings} == {"koelnerstrasse"}
    assert bare_keys("Kölner Straße") == {"kolnerstrasse"}
    assert street_key("Kölner Landstr.") != street_key("Kölner Str.")
    assert street_key("An St. Anna") == street_key("An Sankt Anna")
