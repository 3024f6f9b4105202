"""Thresholds as people write them; the figures are the units' own: 1 km has 1000 m."""

from __future__ import annotations

import pytest

import welcomemap as wm
from welcomemap.cli.options import TravelMode, read_threshold, read_thresholds
from welcomemap.errors import UsageError
from welcomemap.travel.impedance import Threshold, parse_threshold

WRITTEN = {
    "1000m": (1000, "m"), "1000 m": (1000, "m"), "1000M": (1000, "m"), "800 Meter": (800, "m"),
    "800 metres": (800, "m"), "1 km": (1000, "m"), "1km": (1000, "m"), "1.5km": (1500, "m"),
    "1,5 km": (1500, "m"), "0.5km": (500, "m"), "0,5km": (500, "m"), "0,125 km": (125, "m"),
    "1.13km": (1130, "m"), "1,25 km": (1250, "m"), "2 Kilometer": (2000, "m"),
    "1\N{NO-BREAK SPACE}km": (1000, "m"), "15min": (15, "min"), "15 min": (15, "min"),
    "15 min.": (15, "min"), "15 minutes": (15, "min"), "15 Minuten": (15, "min"),
    "1 minute": (1, "min"), "7,5 min": (7.5, "min"), "7.5min": (7.5, "min"),
}  # fmt: skip
REFUSED = (
    "", "1000", "km", "900 s", "900 Sekunden", "1h", "0.5 h", "1 Stunde", "4 km/h", "5 m/s",
    "-1km", "1.000m", "1,000m", "1.000 km", "5,10min", "500,1000m", "1e3m", "1 km 5 min", "10 mi",
    "500 mm",
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRITTEN.items())
def test_a_threshold_is_read_as_people_write_it(text: str, expected: tuple[float, str]) -> None:
    found = parse_threshold(text)
    assert (found.value, found.unit) == expected
    assert read_threshold(text, TravelMode.WALK) == found


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_names_what_is_taken(text: str) -> None:
    with pytest.raises(UsageError, match="metres, kilometres or minutes") as refused:
        parse_threshold(text)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500m,1km,15min", ("500m", "1000m", "15min")),
        ("500 m, 1.5 km, 15 minutes", ("500m", "1500m", "15min")),
        ("0,5km", ("500m",)),
        ("500m,0,75 km", ("500m", "750m")),
        ("0,5km,0,75km", ("500m", "750m")),
    ],
)
def test_a_list_is_separated_by_commas(text: str, expected: tuple[str, ...]) -> None:
    assert tuple(map(str, read_thresholds(text, TravelMode.WALK))) == expected


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("1,5km", "Write 1.5km for one, 1km,5km for two"),
        ("5,10min", "Write 5.10min for one, 5min,10min for two"),
        ("500m,1,5 km", "Write 1.5km for one, 1km,5km for two"),
    ],
)
def test_a_comma_that_may_be_either_is_not_guessed_at(text: str, how: str) -> None:
    with pytest.raises(UsageError, match=how):
        read_thresholds(text, TravelMode.WALK)


@pytest.mark.parametrize("text", ["500m,1000m", "5,10min", "10,15,20min", "500m,1,5km"])
def test_where_one_is_taken_no_list_is_read_as_a_decimal(text: str) -> None:
    with pytest.raises(UsageError):
        read_threshold(text, TravelMode.WALK)


def test_kilometres_are_the_same_question_as_metres() -> None:
    region = wm.open_region()
    metres, kilometres = (region.coverage("2026", text) for text in ("1000m", "1 km"))
    assert kilometres.equals(metres)
    assert str(Threshold(1500, "m")) == str(parse_threshold("1,5 km")) == "1500m"
