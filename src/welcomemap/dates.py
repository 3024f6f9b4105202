"""ISO dates as lists, packs and papers write them: a year, a month or a day, and nothing else."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True)
class IsoDate:
    """A year, a month or a day.

    Attributes
    ----------
    first, last
        The first and the last day that it means; the same for a day.
    """

    text: str
    first: dt.date
    last: dt.date

    @property
    def is_day(self) -> bool:
        """Tell whether it names a day, and not a month or a year."""
        return self.first == self.last


def read_iso_date(text: str) -> IsoDate | None:
    """Return the date of ``2026``, ``2026-11`` or ``2026-11-30``; ``None`` for all other texts.

    Other ways in which ISO 8601 writes a day (``20261130``, ``2026-W10-1``) are no dates here: this
    is the only reader, so that what one part accepts no other part stumbles over.
    """
    match = ISO_DATE.fullmatch(text)
    if match is None:
        return None
    month, day = (None if part is None else int(part) for part in match.groups()[1:])
    try:
        first = dt.date(int(match[1]), month or 1, day or 1)
    except ValueError:
        return None
    last = first
    if day is None:
        month = month or 12
        last = dt.date(first.year, month, calendar.monthrange(first.year, month)[1])
    return IsoDate(text, first, last)
