"""Who is open at a date: by the days of both periods, counted one by one."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from welcomemap.dates import read_iso_date
from welcomemap.region.scenario import close_invalid

FIRST = dt.date(2019, 1, 1)
DAYS = [FIRST + dt.timedelta(days=k) for k in range(4 * 366)]
dates = st.sampled_from(DAYS).flatmap(
    lambda day: st.sampled_from([f"{day:%Y}", f"{day:%Y-%m}", f"{day:%Y-%m-%d}"])
)
statuses = st.sampled_from(["open", "disputed", "planned", "closed"])


def is_of(day: dt.date, text: str) -> bool:
    return day.isoformat().startswith(text)


@given(st.one_of(st.just(""), dates), st.one_of(st.just(""), dates), dates, statuses)
def test_a_site_is_open_if_it_is_valid_on_a_day_of_the_reference(start, end, reference, status):
    frame = pd.DataFrame(
        {"id": ["a"], "status": [status], "valid_from": [start], "valid_to": [end]}
    )
    held, notes = close_invalid(frame, read_iso_date(reference), [1])
    asked = [day for day in DAYS if is_of(day, reference)]
    last = max((day for day in DAYS if end and is_of(day, end)), default=DAYS[-1])
    begin = min((day for day in DAYS if start and is_of(day, start)), default=DAYS[0])
    is_over, is_ahead = last < asked[0], begin > asked[-1]
    expected = status
    if status in ("open", "disputed"):
        expected = "closed" if is_over else "planned" if is_ahead else status
    assert held["status"].tolist() == [expected]
    assert [note.kind for note in notes] == (["validity"] if expected != status else [])


def test_a_list_without_a_date_stays_as_it_is():
    frame = pd.DataFrame(
        {"id": ["a"], "status": ["open"], "valid_from": ["2031"], "valid_to": [""]}
    )
    held, notes = close_invalid(frame, None, [1])
    assert held["status"].tolist() == ["open"]
    assert notes == ()
