"""What a person should know about one row of a list: its place, or the time it is valid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import pandas as pd

from welcomemap.dates import IsoDate, read_iso_date
from welcomemap.errors import ListRowWarning, Place, quote
from welcomemap.tables import SERVING_STATUSES
from welcomemap.wording import LANGUAGES, Text, format_iso_date

SURE_OUTCOMES = ("exact", "corrected", "place")
"""Outcomes whose explanation says nothing that a reader of a list has to know."""
NoteKind = Literal["contradiction", "place", "validity"]


@dataclass(frozen=True)
class RowNote:
    """A remark on one row.

    Attributes
    ----------
    site, row
        Id and number of the row in its file, from 1; ``None`` where the number is not known.
    kind
        ``contradiction``: the parts of its address contradict each other. ``place``: how else its
        place is known less well than its address says. ``validity``: by its dates it is not open.
    text
        One sentence.
    """

    site: str
    row: int | None
    kind: NoteKind
    text: Text

    def to_json(self) -> dict[str, object]:
        """Return the note as JSON values."""
        return {"id": self.site, "row": self.row, "kind": self.kind, **self.text.to_json()}

    def warn(self, file: str) -> ListRowWarning:
        """Return the note as a warning about a row of a file."""
        where = Place(file, self.row)
        return ListRowWarning(f"{quote(self.site)}: {self.text.en} ({where})")


class Answered(Protocol):
    """What a geocoder says of an address beside its place; a ``GeocodeResult`` is one."""

    @property
    def outcome(self) -> str:
        """How it was located."""

    @property
    def explanation(self) -> Text:
        """The same in a sentence."""

    @property
    def contradictions(self) -> tuple[Text, ...]:
        """Which parts of the address contradict each other."""

    @property
    def notes(self) -> tuple[Text, ...]:
        """What was read otherwise, or left out."""


def note_answer(site: str, row: int | None, answer: Answered) -> tuple[RowNote, ...]:
    """Return what a row's geocoding answer says against its address."""
    told: list[tuple[NoteKind, Text]] = [("contradiction", text) for text in answer.contradictions]
    if str(answer.outcome) not in SURE_OUTCOMES:
        told.append(("place", answer.explanation))
    told += [("place", text) for text in answer.notes]
    return tuple(RowNote(site, row, kind, text) for kind, text in dict.fromkeys(told))


def close_invalid(
    frame: pd.DataFrame, reference: IsoDate | None, rows: Sequence[int | None]
) -> tuple[pd.DataFrame, tuple[RowNote, ...]]:
    """Take those for closed or planned that serve nobody at a date by the dates of their own row.

    A site whose last day lies before the date is closed whatever its status says, one whose first
    day lies after it is planned. A year or a month counts as a whole on both sides.

    Parameters
    ----------
    frame
        With the columns id, status, valid_from and valid_to (checked ISO dates, or empty).
    reference
        The date of the list; ``None`` leaves all as it is.
    rows
        Numbers of the rows in their file.
    """
    if reference is None:
        return frame, ()
    statuses, notes = [], []
    for number, site in zip(rows, frame.to_dict("records"), strict=True):
        status = str(site["status"])
        found = _find_invalid(site["valid_from"], site["valid_to"], reference)
        if status in SERVING_STATUSES and found is not None:
            status, text = found
            notes.append(RowNote(str(site["id"]), number, "validity", text))
        statuses.append(status)
    return frame.assign(status=statuses), tuple(notes)


def _find_invalid(start: str, end: str, reference: IsoDate) -> tuple[str, Text] | None:
    first, last = read_iso_date(start), read_iso_date(end)
    de, en = (format_iso_date(reference.text, k) for k in LANGUAGES)
    if last is not None and last.last < reference.first:
        until = [format_iso_date(end, k) for k in LANGUAGES]
        return "closed", Text(
            f"Laut Liste galt der Standort bis {until[0]}; Stichtag ist {de}. Er zählt als "
            "geschlossen.",
            f"By the list the site was valid until {until[1]}; the date of reference is {en}. It "
            "counts as closed.",
        )
    if first is not None and first.first > reference.last:
        since = [format_iso_date(start, k) for k in LANGUAGES]
        return "planned", Text(
            f"Laut Liste gilt der Standort ab {since[0]}; Stichtag ist {de}. Er zählt als geplant.",
            f"By the list the site is valid from {since[1]}; the date of reference is {en}. It "
            "counts as planned.",
        )
    return None
