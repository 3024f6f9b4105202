"""What an analyst gives as an argument: read as what it means, or refused by name.

Whole numbers may be numpy's, thresholds and numbers of districts texts; one may stand for a list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from welcomemap.errors import AddressCharacterError, ColumnValueError, Place, UsageError
from welcomemap.region.schemas import GROUPS
from welcomemap.study.requests import default_threshold
from welcomemap.travel.impedance import Mode, Threshold, parse_threshold

Scenarios: TypeAlias = str | Path | dt.date | pd.DataFrame | None
Origins: TypeAlias = str | Sequence[str] | pd.Series | pd.DataFrame


def read_addresses(addresses: Origins) -> pd.DataFrame:
    """Return addresses as a frame; what is missing in a list or series is an empty address.

    Raises
    ------
    UsageError
        If something is no text, or two columns share a name.
    AddressCharacterError
        If a text holds half a character.

    Examples
    --------
    >>> read_addresses(["Kölner Str. 26", None])["address"].tolist()
    ['Kölner Str. 26', '']
    """
    if isinstance(addresses, pd.DataFrame):
        names = pd.Index([str(label) for label in addresses.columns])
        if names.has_duplicates:
            twice = str(names[names.duplicated()][0])
            raise UsageError(
                "the frame has two columns {name!r}", name=twice, how="Give each its own name."
            )
        return pd.DataFrame(addresses)
    listed = [addresses] if isinstance(addresses, str) else addresses
    if not isinstance(listed, Iterable) or isinstance(listed, Mapping | bytes):
        raise UsageError(
            "{value!r} is no address", value=str(listed), how="Give a text, or several."
        )
    texts = ["" if text is None or text is pd.NA or text != text else text for text in listed]  # noqa: PLR0124 - NaN
    for text in texts:
        if not isinstance(text, str):
            raise UsageError(
                "{value!r} is no address", value=str(text),
                how="Give texts; points are given as a GeoDataFrame or GeoSeries.",
            )  # fmt: skip
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise AddressCharacterError(
                "{value!r} holds half a character (a lone surrogate)",
                value=text.encode("ascii", "backslashreplace").decode(),
                how="Read the file again with its own encoding.",
            )
    index = listed.index if isinstance(listed, pd.Series) else None
    return pd.DataFrame({"address": pd.Series(texts, index=index, dtype=object)})


def rename_given(columns: Sequence[Any], taken: Collection[str]) -> list[Any]:
    """Return names of given columns, with ``_given`` behind those that an answer has as well.

    Examples
    --------
    >>> rename_given(["address", "outcome", "outcome_given"], {"outcome"})
    ['address', 'outcome_given_given', 'outcome_given']
    """
    used = {*taken, *columns}
    names = []
    for column in columns:
        name = column
        while name in taken or (name != column and name in used):
            name = f"{name}_given"
        used.add(name)
        names.append(name)
    return names


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that nothing else has: the name itself, else with a number behind it.

    Examples
    --------
    >>> free_name("plan", {"plan", "plan (2)"})
    'plan (3)'
    """
    names = (f"{name} ({number})" for number in count(2))
    return name if name not in taken else next(one for one in names if one not in taken)


def as_tuple(value: str | Path | Sequence[str]) -> tuple[str, ...]:
    """Return one text or several as several."""
    return (str(value),) if isinstance(value, str | Path) else tuple(value)


def read_groups(group: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names of one group or several.

    Raises
    ------
    UsageError
        If none is given.
    """
    groups = as_tuple(group)
    if not groups:
        raise UsageError("no group is given", groups=GROUPS, how="Choose from {groups}.")
    return groups


def read_group(group: str) -> str:
    """Return the name of one group, also where it stands alone in a list.

    Raises
    ------
    UsageError
        If there are several.
    """
    groups = read_groups(group)
    if len(groups) > 1:
        raise UsageError("several groups are given: {groups}", groups=groups, how="Give one.")
    return groups[0]


def read_numbers(name: str, value: int | str | Sequence[int | str]) -> tuple[int, ...]:
    """Return numbers of districts, of which each may be of numpy or a text.

    Raises
    ------
    UsageError
        If one is no whole number of 0 or more.

    Examples
    --------
    >>> read_numbers("require_districts", "7"), read_numbers("require_districts", [7, "10"])
    ((7,), (7, 10))
    """
    listed = value if isinstance(value, Iterable) and not isinstance(value, str) else [value]
    numbers = [str(one).strip() for one in listed]
    if not all(number.isdecimal() for number in numbers):
        raise UsageError(
            "{name} is {value}", name=name, value=str(value), how="Give numbers of districts."
        )
    return tuple(map(int, numbers))


def read_ids(name: str, value: Iterable[str]) -> tuple[str, ...]:
    """Return ids.

    Raises
    ------
    UsageError
        If it is no list of texts.
    """
    ids = tuple(value) if isinstance(value, Iterable) else (value,)
    if not all(isinstance(one, str) for one in ids):
        raise UsageError(
            "{name} holds something else than ids", name=name,
            how="Give ids, a file, or one frame of sites.",
        )  # fmt: skip
    return ids


def read_whole(name: str, value: Any) -> Any:
    """Return a whole number of 0 or more, or ``None``, as it is.

    Raises
    ------
    UsageError
        If it is anything else.
    """
    if value is None or (isinstance(value, int | np.integer) and value >= 0):
        return value if value is None else int(value)
    raise UsageError(
        "{name} is {value}", name=name, value=str(value), how="Give a whole number of 0 or more."
    )


def read_seconds(name: str, value: Any) -> float:
    """Return a time in seconds.

    Raises
    ------
    UsageError
        If it is no number above 0.
    """
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not is_number or not value > 0:
        raise UsageError(
            "{name} is {value}", name=name, value=str(value), how="Give a number of seconds."
        )
    return float(value)


def read_threshold(text: str | None, mode: Mode) -> Threshold:
    """Return a threshold; where none is given, that of the mode of travel.

    Raises
    ------
    UsageError
        If it is not understood.
    """
    return default_threshold(mode) if text is None else parse_threshold(text)


def read_thresholds(texts: str | Sequence[str] | None, mode: Mode) -> tuple[Threshold, ...]:
    """Return one threshold or several, of any array or series.

    Raises
    ------
    UsageError
        If one is not understood.

    Examples
    --------
    >>> [str(one) for one in read_thresholds(np.array(["500m", "15min"]), "walk")]
    ['500m', '15min']
    """
    if texts is None:
        return (read_threshold(None, mode),)
    listed = texts if isinstance(texts, Iterable) and not isinstance(texts, str) else [texts]
    return tuple(map(parse_threshold, listed))


def read_degrees(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return ``lon`` and ``lat`` of a frame, shape (n_rows, 2), with a decimal point or comma.

    Raises
    ------
    ColumnValueError
        If one is no number.
    """
    return np.column_stack([_read_column(frame, name) for name in ("lon", "lat")])


def read_radii(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return ``error_radius_m`` of a frame, shape (n_rows,), 0 where it is missing or no column.

    Raises
    ------
    ColumnValueError
        If one is no number, or negative.
    """
    if "error_radius_m" not in frame.columns:
        return np.zeros(len(frame))
    radii = np.nan_to_num(_read_column(frame, "error_radius_m"), nan=0.0)
    _refuse(frame, "error_radius_m", radii < 0)
    return radii


def _read_column(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    given = frame[name]
    texts = given.map(lambda value: value.replace(",", ".") if isinstance(value, str) else value)
    is_empty = given.isna() | (given.astype(str).str.strip() == "")
    values = pd.to_numeric(texts.where(~is_empty), errors="coerce").to_numpy(dtype=np.float64)
    _refuse(frame, name, np.isnan(values) & ~is_empty.to_numpy())
    return values


def _refuse(frame: pd.DataFrame, name: str, is_bad: NDArray[np.bool_]) -> None:
    if is_bad.any():
        row = int(is_bad.argmax())
        raise ColumnValueError(
            "{value!r} cannot stand in {name}",
            value=str(frame[name].iloc[row]),
            name=name,
            where=Place(None, row + 1, name),
            how="Give a number, or leave it empty.",
        )


def name_list(scenario: str | Path | dt.date, what: str) -> str:
    """Return the name of a published list, a day or a file, of what has to be found again later.

    Raises
    ------
    UsageError
        If it is a frame, which is in memory only.

    Examples
    --------
    >>> name_list(dt.datetime(2024, 6, 30, 12), "scenario"), name_list("2026", "scenario")
    ('2024-06-30', '2026')
    """
    if isinstance(scenario, pd.DataFrame | pd.Series):
        raise UsageError(
            "{what} is a frame, and a paper can be repeated, so it reads files only",
            what=what,
            how="Write the frame to a CSV file and give its path.",
        )
    return write_day(scenario) if isinstance(scenario, dt.date) else str(scenario)


def write_day(day: str | dt.date) -> str:
    """Return a day as year, month and day; a text stays as it is."""
    if not isinstance(day, dt.date):
        return day
    return (day.date() if isinstance(day, dt.datetime) else day).isoformat()


def is_frame(value: object) -> bool:
    """Tell whether something is a frame, or a series of places."""
    return isinstance(value, pd.DataFrame | gpd.GeoSeries)
