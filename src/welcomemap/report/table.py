"""A table of the paper: defined once, shown as PDF, DOCX, XLSX, CSV and in GIS layers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from welcomemap.coverage.words import word_group
from welcomemap.pack.row_notes import SURE_OUTCOMES
from welcomemap.wording import (
    NO_BREAK_SPACE,
    UNKNOWN,
    Language,
    Text,
    format_metres,
    format_minutes,
    format_number,
    format_share,
)

Kind = Literal["text", "number", "people", "share", "metres", "minutes", "flag", "square_metres"]
NOTHING = Text("", "")
RANGE = Text("Spanne", "Interval")
OUTCOME_WORDS = {
    "exact": Text("genaue Adresse", "exact address"),
    "corrected": Text("Adresse, berichtigt", "address, corrected"),
    "interpolated": Text("zwischen Hausnummern geschätzt", "estimated between house numbers"),
    "nearest_number": Text("nächste bekannte Hausnummer", "nearest known house number"),
    "range": Text("Mitte eines Hausnummernbereichs", "middle of a range of house numbers"),
    "street": Text("nur die Straße", "street only"),
    "place": Text("benannter Ort", "named place"),
}
CONTRADICTED = Text("Angaben widersprechen sich", "contradicts itself")
RESERVED = Text("Adresse mit Vorbehalt, siehe Hinweis", "address with a reservation, see note")
YES = {"de": "ja", "en": "yes"}
NO = {"de": "nein", "en": "no"}
PEOPLE = Text("Menschen", "people")
UNITS: dict[Kind, Text] = {
    "metres": Text("m", "m"),
    "minutes": Text("min", "min"),
    "square_metres": Text("m²", "m²"),
}
NUMBER_FORMATS: dict[Kind, str] = {
    "people": "#,##0", "number": "#,##0", "share": "0.0%", "metres": "#,##0",
    "minutes": "#,##0", "square_metres": "#,##0",
}  # fmt: skip


def word_place(outcome: str, kinds: Collection[str]) -> Text | str:
    """Return how a place is known; an address that has notes against it is no exact one.

    ``kinds`` are those of the notes on its row.
    """
    if "contradiction" in kinds:
        return CONTRADICTED
    if "place" in kinds and outcome in SURE_OUTCOMES:
        return RESERVED
    return OUTCOME_WORDS.get(outcome, outcome)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    key
        As in the JSON of the command line.
    mark
        Mark of the formula behind it, such as ``F3``.
    is_printed
        Whether it stands in the paper; all columns stand in workbooks.
    low, high
        Keys of the bounds, for an interval.
    is_named
        Whether the heading names the people that the column counts; else they are the table's
        group, and workbooks say so in the unit.
    width
        Share of the width in print, 0 for that of its kind.
    """

    key: str
    heading: Text
    kind: Kind = "text"
    mark: str = ""
    is_printed: bool = True
    low: str = ""
    high: str = ""
    width: float = 0.0
    is_named: bool = False


@dataclass(frozen=True)
class PaperTable:
    """Rows under columns; values are raw, ``None`` is not known.

    Attributes
    ----------
    name
        Short name in ASCII, for files and worksheets.
    printed_rows
        How many rows stand in the paper; all stand in workbooks.
    group
        Who is counted in its columns of people; empty where none counts people.

    Raises
    ------
    ValueError
        If a column counts people and nobody says which.
    """

    name: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    note: Text = NOTHING
    printed_rows: int | None = None
    group: str = ""

    def __post_init__(self) -> None:
        """Refuse people without a name."""
        unnamed = [c.key for c in self.columns if c.kind == "people" and not c.is_named]
        if unnamed and not self.group:
            raise ValueError(f"whose people are counted in {', '.join(unnamed)}?")

    @property
    def printed_columns(self) -> tuple[Column, ...]:
        """Columns that stand in the paper."""
        return tuple(column for column in self.columns if column.is_printed)

    @property
    def shown_rows(self) -> tuple[Mapping[str, Any], ...]:
        """Rows that stand in the paper."""
        return self.rows[: self.printed_rows]


def head_column(
    table: PaperTable, column: Column, language: Language, *, has_shares_as_percent: bool = True
) -> str:
    """Return a column's heading with its unit, for workbooks; people are counted by their group."""
    unit = UNITS.get(column.kind, NOTHING).in_language(language)
    if column.kind == "people":
        people = PEOPLE if column.is_named else word_group(table.group)
        unit = people.in_language(language)
    if column.kind == "share":
        unit = "%" if has_shares_as_percent else "0–1"
    heading = column.heading.in_language(language)
    return f"{heading} [{unit}]" if unit and unit != heading else heading


def print_cell(column: Column, row: Mapping[str, Any], language: Language) -> str:
    """Write a cell as people read it; what is not known says so."""
    value = row.get(column.key)
    if column.low:
        return _print_interval(column, row, language)
    if value is None or value == "":
        return UNKNOWN[language]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return print_plain(value, language)
    return _print_number(column.kind, value, language, row.get("_interval"))


def _print_number(
    kind: Kind, value: float, language: Language, interval: tuple[float, float] | None
) -> str:
    if kind == "share":
        return format_share(value, language, interval)
    if kind == "metres":
        return format_metres(value, language)
    if kind == "minutes":
        return format_minutes(value, language)
    unit = f"{NO_BREAK_SPACE}m²" if kind == "square_metres" else ""
    return f"{format_number(value, language)}{unit}"


def print_plain(value: object, language: Language) -> str:
    """Write a text, a flag or a list."""
    if value is None or value == "":
        return UNKNOWN[language]
    if isinstance(value, bool):
        return (YES if value else NO)[language]
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "–"
    return str(value)


def _print_interval(column: Column, row: Mapping[str, Any], language: Language) -> str:
    low, high = row.get(column.low), row.get(column.high)
    if low is None or high is None:
        return UNKNOWN[language]
    joint = " bis " if language == "de" else " to "
    bounds = _print_bounds(column, float(low), float(high), language)
    return bounds[0] if bounds[0] == bounds[1] else joint.join(bounds)


def _print_bounds(column: Column, low: float, high: float, language: Language) -> list[str]:
    if column.kind == "share":
        return [format_share(bound, language, (low, high)) for bound in (low, high)]
    return [format_number(bound, language) for bound in (low, high)]


def raw_cell(column: Column, row: Mapping[str, Any], language: Language) -> Any:
    """Return a cell for workbooks: numbers stay numbers, what is not known says so."""
    value = row.get(column.key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return print_plain(value, language)
    return value
