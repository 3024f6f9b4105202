"""Is every row of a list of service points what its column promises?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from welcomemap.dates import read_iso_date
from welcomemap.errors import (
    ColumnValueError,
    DelimiterError,
    DuplicateIdError,
    EmptyTableError,
    MarkupWarning,
    MissingColumnError,
    Place,
    quote,
)
from welcomemap.tables import (
    SERVICE_POINT_COLUMNS,
    SERVICE_POINT_OPTIONAL_COLUMNS,
    SITE_STATUSES,
)
from welcomemap.wording import find_unprintable

MARKUP = re.compile(r"<[a-zA-Z/!?]|&(?:[a-zA-Z]{2,8}|#\w{1,6});|javascript:", re.IGNORECASE)
DISTRICT_SEPARATOR = re.compile(r"[;,\s]+")
LINK = re.compile(r"https?://\S+", re.IGNORECASE)


@dataclass(frozen=True)
class ListedRows:
    """Rows of a list with the name of its file, for messages.

    Attributes
    ----------
    frame
        All cells text; ``row_number`` counts the file's data rows from 1 (index of the frame).
    file_name
        For messages.
    """

    frame: pd.DataFrame
    file_name: str

    def __iter__(self) -> Iterator[tuple[Place, pd.Series]]:
        for row, cells in self.frame.iterrows():
            yield Place(self.file_name, int(str(row))), cells


def take_columns(frame: pd.DataFrame, file_name: str) -> pd.DataFrame:
    """Bring the columns under their contract names, add the optional ones, drop blank rows.

    Returns
    -------
    pandas.DataFrame
        Trimmed text; index is the number of the row in the file, 1 is the first data row.

    Raises
    ------
    DelimiterError
        If the header is one piece.
    MissingColumnError
        If a required column is absent.
    EmptyTableError
        If all rows are blank.
    """
    known = (*SERVICE_POINT_COLUMNS, *SERVICE_POINT_OPTIONAL_COLUMNS)
    names = {c: c.strip().casefold() for c in frame.columns if c.strip().casefold() in known}
    missing = [c for c in SERVICE_POINT_COLUMNS if c not in names.values()]
    if missing and len(frame.columns) == 1:
        raise DelimiterError(
            f"the header is one column, {quote(frame.columns[0])}",
            where=Place(file_name, column="header"),
            how="Separate the columns by comma, semicolon, tab or vertical bar.",
        )
    if missing:
        raise MissingColumnError(
            f"required column(s) missing: {', '.join(missing)}",
            where=Place(file_name, column=missing[0]),
            how=f"A list of service points has the columns {', '.join(SERVICE_POINT_COLUMNS)}.",
        )
    table = frame.rename(columns=names).apply(lambda column: column.str.strip())
    table.index = pd.RangeIndex(1, len(table) + 1)
    table = table[(table != "").any(axis=1)]
    if table.empty:
        raise EmptyTableError(
            "the list has no rows", where=Place(file_name), how="Add one row for each site."
        )
    absent = [c for c in SERVICE_POINT_OPTIONAL_COLUMNS if c not in table.columns]
    completed: pd.DataFrame = table.assign(**dict.fromkeys(absent, ""))
    return completed


def check_ids(rows: ListedRows) -> None:
    """Check that every row has an id of its own.

    Raises
    ------
    ColumnValueError
        If an id is empty.
    DuplicateIdError
        If two rows share an id.
    """
    seen: dict[str, int] = {}
    for place, cells in rows:
        key = cells["id"]
        where = Place(place.path, place.row, "id")
        if not key:
            raise ColumnValueError(
                "the id is empty", where=where, how="Give every site an id of its own."
            )
        if key in seen:
            raise DuplicateIdError(
                f"the id {quote(key)} stands in row {seen[key]} too",
                where=where,
                how="Give every site an id of its own.",
            )
        seen[key] = place.row or 0


def check_scenario_column(rows: ListedRows) -> None:
    """Refuse a file that mixes several scenarios.

    Raises
    ------
    ColumnValueError
        If the column ``scenario`` holds more than one name.
    """
    names = sorted(set(rows.frame["scenario"]) - {""})
    if len(names) > 1:
        first = str(rows.frame["scenario"].ne(names[0]).idxmax())
        raise ColumnValueError(
            f"the file holds {len(names)} scenarios: {quote(', '.join(names))}",
            where=Place(rows.file_name, int(first), "scenario"),
            how="Keep the rows of one scenario in one file.",
        )


def read_statuses(rows: ListedRows) -> list[str]:
    """Return the status of each row in lower case.

    Raises
    ------
    ColumnValueError
        If a status is none of open, planned, closed, disputed.
    """
    for place, cells in rows:
        if cells["status"].casefold() not in SITE_STATUSES:
            raise ColumnValueError(
                f"the status {quote(cells['status'])!r} is unknown",
                where=Place(place.path, place.row, "status"),
                how=f"Expected one of {', '.join(SITE_STATUSES)}.",
            )
    return [str(status).casefold() for status in rows.frame["status"]]


def read_stated_districts(rows: ListedRows, known: frozenset[int]) -> list[str]:
    """Return the stated districts of each row as ``"1;2"``, empty where the list states nothing.

    Raises
    ------
    ColumnValueError
        If something is no number of a district of the region.
    """
    stated = []
    for place, cells in rows:
        parts = [part for part in DISTRICT_SEPARATOR.split(cells["stated_districts"]) if part]
        for part in parts:
            if not (part.isascii() and part.isdigit() and len(part) < 6 and int(part) in known):
                raise ColumnValueError(
                    f"the stated district {quote(part)!r} is no district of the region",
                    where=Place(place.path, place.row, "stated_districts"),
                    how=f"Expected numbers of {min(known)} to {max(known)} separated by a"
                    " semicolon, such as 1;2, or nothing.",
                )
        stated.append(";".join(str(int(part)) for part in parts))
    return stated


def check_dates(rows: ListedRows) -> None:
    """Check that dates are ISO years, months or days, and periods do not end before they start.

    Raises
    ------
    ColumnValueError
        If a date is something else.
    """
    for place, cells in rows:
        for column in ("valid_from", "valid_to"):
            if cells[column] and read_iso_date(cells[column]) is None:
                raise ColumnValueError(
                    f"the date {quote(cells[column])!r} cannot be read",
                    where=Place(place.path, place.row, column),
                    how="Expected year, month or day as 2019, 2019-03 or 2019-03-31, or nothing.",
                )
        start, end = cells["valid_from"], cells["valid_to"]
        width = min(len(start), len(end))
        if end and end[:width] < start[:width]:
            raise ColumnValueError(
                f"the site ends ({end}) before it starts ({start})",
                where=Place(place.path, place.row, "valid_to"),
                how="Exchange or mend the two dates.",
            )


def check_links(rows: ListedRows) -> None:
    """Check that links lead to web pages, so that no map carries a script as a link.

    Raises
    ------
    ColumnValueError
        If ``url`` is filled and does not begin with http:// or https://.
    """
    for place, cells in rows:
        if cells["url"] and not LINK.fullmatch(cells["url"]):
            raise ColumnValueError(
                f"the link {quote(cells['url'])!r} is no web address",
                where=Place(place.path, place.row, "url"),
                how="Expected an address that begins with https:// or http://, or nothing.",
            )


def check_printable(rows: ListedRows) -> None:
    """Check that no cell holds a sign that no paper, map or page can show.

    Raises
    ------
    ColumnValueError
        If one does, such as a NUL.
    """
    for place, cells in rows:
        for column, text in cells.items():
            unprintable = find_unprintable(text) if isinstance(text, str) else None
            if unprintable is not None:
                raise ColumnValueError(
                    f"{quote(text)!r} holds a sign that cannot be printed ({unprintable})",
                    where=Place(place.path, place.row, str(column)),
                    how="Take it out of the cell, and write what is meant in letters.",
                )


def find_markup(rows: ListedRows) -> tuple[MarkupWarning, ...]:
    """Return a warning for each cell that holds HTML; the text stays and is shown as text."""
    found = []
    for place, cells in rows:
        for column, text in cells.items():
            if isinstance(text, str) and MARKUP.search(text):
                where = Place(place.path, place.row, str(column))
                found.append(
                    MarkupWarning(
                        f"{quote(text)} looks like HTML ({where}). Expected plain text: it is kept"
                        " and shown letter by letter; delete the markup if it is a mistake."
                    )
                )
    return tuple(found)
