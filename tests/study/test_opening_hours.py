from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from welcomemap.errors import ColumnValueError
from welcomemap.study.nearest import Hours, is_open, read_hours

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN), True),
        (datetime(2026, 11, 23, 8, 59, tzinfo=BERLIN), False),
        (datetime(2026, 11, 23, 17, 0, tzinfo=BERLIN), False),
        (datetime(2026, 11, 28, 13, 59, tzinfo=BERLIN), True),
        (datetime(2026, 11, 29, 12, 0, tzinfo=BERLIN), False),
        (datetime(2026, 7, 6, 7, 30, tzinfo=ZoneInfo("UTC")), True),
    ],
)
def test_a_monday_and_a_weekend_by_the_calendar(moment: datetime, expected: bool) -> None:
    hours = read_hours("Mo-Fr 09:00-17:00; Sa 10:00-14:00")
    assert is_open(hours, moment, "Europe/Berlin") is expected


def test_no_hours_and_old_hours_are_unknown() -> None:
    monday = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)
    assert is_open(read_hours(""), monday, "Europe/Berlin") is None
    assert is_open(read_hours("Mo 09:00-17:00", "2015-09"), monday, "Europe/Berlin") is None
    assert is_open(read_hours("Mo 09:00-17:00", "2026"), monday, "Europe/Berlin") is True


def test_a_date_may_be_a_year_a_month_or_a_day() -> None:
    assert read_hours("24/7", "2015") == Hours("24/7", date(2015, 1, 1))
    assert read_hours("24/7", "2015-09-02") == Hours("24/7", date(2015, 9, 2))


def test_another_syntax_is_refused_with_the_mend() -> None:
    with pytest.raises(ColumnValueError, match="Write them like Mo-Fr"):
        read_hours("Mon-Fri 9-17")
