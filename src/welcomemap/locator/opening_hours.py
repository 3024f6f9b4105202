"""Is a service point open now? Hours in the syntax of OpenStreetMap's ``opening_hours``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import opening_hours as osm_hours

from welcomemap.dates import read_iso_date
from welcomemap.errors import ColumnValueError, Place, quote

MAX_AGE = timedelta(days=2 * 365)
"""Hours that were reported longer ago than this are shown with their date, never judged."""


@dataclass(frozen=True)
class Hours:
    """Opening hours as stated, and when they were stated (``None``: with the list itself)."""

    text: str
    as_of: date | None = None


def read_hours(text: str, as_of: str = "") -> Hours | None:
    """Read a cell of ``opening_hours``; empty means that none are stated.

    Parameters
    ----------
    text
        ``Mo-Fr 09:00-17:00; Sa 10:00-14:00`` (https://wiki.openstreetmap.org/wiki/Key:opening_hours).
    as_of
        ISO date, month or year of the statement; empty where it stands in a current list.

    Raises
    ------
    ColumnValueError
        If the text is not in that syntax.
    """
    if not text.strip():
        return None
    if not osm_hours.validate(text):
        raise ColumnValueError(
            f"opening hours {quote(text)!r} are not understood",
            where=Place(column="opening_hours"),
            how="Write them like Mo-Fr 09:00-17:00; Sa 10:00-14:00.",
        )
    return Hours(text.strip(), _read_date(as_of))


def is_open(hours: Hours | None, moment: datetime, timezone: str) -> bool | None:
    """Tell whether the hours include a moment; ``None`` where nobody can know.

    Nobody can know it where no hours are stated, or where the statement is older than
    :data:`MAX_AGE`. Public holidays are not considered.

    Parameters
    ----------
    moment
        A time with zone.
    timezone
        Zone of the region, such as ``Europe/Berlin``.
    """
    local = moment.astimezone(ZoneInfo(timezone))
    if hours is None or (hours.as_of is not None and local.date() - hours.as_of > MAX_AGE):
        return None
    return bool(osm_hours.OpeningHours(hours.text).is_open(local.replace(tzinfo=None)))


def _read_date(text: str) -> date | None:
    if not text.strip():
        return None
    read = read_iso_date(text.strip())
    if read is None:
        raise ColumnValueError(
            f"date {quote(text)!r} is not understood",
            where=Place(column="opening_hours_as_of"),
            how="Write it as 2026, 2026-11 or 2026-11-22.",
        )
    return read.first
