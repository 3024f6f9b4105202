"""Mistyped rows of the published list are mended as the data's README names them."""

from __future__ import annotations

import pytest

from welcomemap.ingest.addresses import (
    NameCorrections,
    mend_name,
    normalise_house_number,
    order_house_number,
)
from welcomemap.ingest.duesseldorf import _read_corrections, read_recipe

NO_CORRECTIONS = NameCorrections({}, {}, {})


@pytest.mark.parametrize(
    ("published", "number"),
    [
        ("2A", "2a"),
        ("2 a", "2a"),
        ("026", "26"),
        ("99- 103", "99-103"),
        ("54- 54a", "54-54a"),
        ("1- Hochhaus", "1"),
        ("0", ""),
        ("", ""),
        ("FH", ""),
        (" 7 ", "7"),
    ],
)
def test_house_numbers(published: str, number: str) -> None:
    assert normalise_house_number(published) == number


@pytest.mark.parametrize(
    ("street", "number", "expected"),
    [
        ("Kölner Weg17a", "", ("Kölner Weg", "17a")),
        ("Leierbachweg18", "", ("Leierbachweg", "18")),
        ("Am Heerdter Busch (KiTa)", "22", ("Am Heerdter Busch", "22")),
        ("Kölner  Straße ", "2 A", ("Kölner Straße", "2a")),
        ("Platz der Diakonie", "2a", ("Platz der Diakonie", "2a")),
    ],
)
def test_rules_without_corrections(street: str, number: str, expected: tuple[str, str]) -> None:
    assert mend_name(street, number, NO_CORRECTIONS) == expected


@pytest.mark.parametrize(
    ("street", "number", "expected"),
    [
        ("Fleher Stra0e", "222", ("Fleher Straße", "222")),
        ("Nach den", "12Morgen 9", ("Nach den 12 Morgen", "9")),
        ("Johannstraße B1 B7 B8", "", ("Johannstraße", "")),
        ("Niederrheinstraße  B", "8243", ("Niederrheinstraße", "243")),
        ("Merowingerstraße", "24", ("Merowinger Straße", "24")),
        ("Radeberger Straße6", "", ("Radeberger Straße", "6")),
    ],
)
def test_corrections_of_the_recipe(street: str, number: str, expected: tuple[str, str]) -> None:
    corrections = _read_corrections(read_recipe()["addresses"])
    assert mend_name(street, number, corrections) == expected


def test_numbers_sort_as_people_count() -> None:
    numbers = ["10", "2a", "2", "", "10-12", "9"]
    assert sorted(numbers, key=order_house_number) == ["", "2", "2a", "9", "10", "10-12"]
