"""One reader of dates, numbers of any size in words, and signs that no paper can show."""

from __future__ import annotations

import calendar
import datetime as dt
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from welcomemap.dates import read_iso_date
from welcomemap.errors import find_unprintable
from welcomemap.wording import LANGUAGES, UNKNOWN, format_iso_date, format_number


@given(st.dates())
def test_a_day_its_month_and_its_year_are_read(day: dt.date):
    text = f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
    read = [read_iso_date(part) for part in (text, text[:7], text[:4])]
    last = calendar.monthrange(day.year, day.month)[1]
    assert [(date.first, date.last) for date in read if date] == [
        (day, day),
        (day.replace(day=1), day.replace(day=last)),
        (dt.date(day.year, 1, 1), dt.date(day.year, 12, 31)),
    ]


@pytest.mark.parametrize(
    "text",
    ["", " ", "20261130", "2026-W10-1", "2026-W10", "2026-334", "2026-13", "2026-02-30", "0000",
     "2026-11-30T00:00", "26-11-30", "2026-1-3", "2026-11-30 ", "２０２６", "2026\n", "+2026",
     "-2026"],
)  # fmt: skip
def test_whatever_else_a_library_takes_for_a_date_is_none(text: str):
    assert read_iso_date(text) is None
    assert format_iso_date(text, "de") == UNKNOWN.in_language("de")


@given(st.text(st.sampled_from("0123456789-W:TZ "), max_size=12))
def test_what_is_no_date_raises_nothing_and_what_is_one_is_written_as_such(text: str):
    date = read_iso_date(text)
    shown = [format_iso_date(text, language) for language in LANGUAGES]
    if date is None:
        assert shown == [UNKNOWN.in_language(language) for language in LANGUAGES]
    else:
        assert all(str(date.first.year) in one for one in shown)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 3))
def test_every_finite_number_is_written_and_read_back(value: float, digits: int):
    for language, (group, point) in (("de", (".", ",")), ("en", (",", "."))):
        shown = format_number(value, language, digits)
        mantissa, _, power = shown.replace(group, "").replace(point, ".").partition(" × 10")
        read = Decimal(mantissa) * Decimal(10) ** int(unicodedata.normalize("NFKC", power) or 0)
        slack = Decimal("0.51") * Decimal(10) ** -digits
        assert abs(read - Decimal(value)) <= max(slack, abs(Decimal(value)) / 200)
        assert len(shown) < 30


def test_large_numbers_are_powers_of_ten():
    assert format_number(1e300, "de") == "1 × 10³⁰⁰"
    assert format_number(-1.5e21, "de") == "-1,5 × 10²¹"
    assert format_number(1.5e21, "en") == "1.5 × 10²¹"
    assert format_number(123456789012345.0, "en") == "123,456,789,012,345"


@given(st.characters())
def test_a_sign_is_printable_unless_unicode_says_that_it_controls_or_is_none(sign: str):
    is_refused = unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\t\n\r"
    is_refused |= ord(sign) % 0x10000 in (0xFFFE, 0xFFFF) or "\ufdd0" <= sign <= "\ufdef"
    assert (find_unprintable(f"a{sign}b") is not None) == is_refused
