"""What a cell may hold: one rule, one sentence, checked over a whole column."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

import numpy as np
import pandas as pd
import pandera.pandas as pa

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_NUMBER_LIST = re.compile(r"\d+(;\d+)*")


def number(
    low: float = -np.inf, high: float = np.inf, *, unit: str = "", may_be_empty: bool = False
) -> pa.Check:
    """Require a finite number in a range, as a number or as text."""
    if np.isfinite(high):
        sentence = f"a number from {low:g} to {high:g}"
    else:
        sentence = f"a number of {low:g} or more" if np.isfinite(low) else "a number"
    if unit:
        sentence += f" ({unit})"

    def holds(column: pd.Series) -> pd.Series:
        values = pd.to_numeric(column, errors="coerce")
        return values.between(low, high) & values.abs().lt(np.inf)

    return _check(holds, sentence, may_be_empty)


def whole_number(low: int = 0, *, may_be_empty: bool = False) -> pa.Check:
    """Require a whole number, as a number or as text."""

    def holds(column: pd.Series) -> pd.Series:
        values = pd.to_numeric(column, errors="coerce")
        return values.ge(low) & values.lt(np.inf) & values.mod(1).eq(0)

    return _check(holds, f"a whole number of {low} or more", may_be_empty)


def filled_text() -> pa.Check:
    """Require text that is not blank."""
    return _check(_each(lambda v: isinstance(v, str) and bool(v.strip())), "text that is not empty")


def text() -> pa.Check:
    """Require text, which may be empty."""
    return _check(_each(lambda v: isinstance(v, str)), "text")


def flag() -> pa.Check:
    """Require true or false."""
    return _check(_each(lambda v: isinstance(v, bool | np.bool_)), "true or false")


def one_of(values: Collection[str]) -> pa.Check:
    """Require one of a closed set of words."""
    words = ", ".join(value or "nothing" for value in values)
    return _check(lambda column: column.isin(list(values)), f"one of {words}")


def date() -> pa.Check:
    """Require an ISO date: year, month or day; may be empty."""
    return _check(
        _each(lambda v: isinstance(v, str) and _DATE.fullmatch(v) is not None),
        "a date like 2019, 2019-03 or 2019-03-31",
        may_be_empty=True,
    )


def district_list() -> pa.Check:
    """Require district numbers separated by semicolons; may be empty."""
    return _check(
        _each(lambda v: isinstance(v, str) and _NUMBER_LIST.fullmatch(v) is not None),
        "district numbers separated by semicolons, like 1;2",
        may_be_empty=True,
    )


def _each(holds: Callable[[object], bool]) -> Callable[[pd.Series], pd.Series]:
    return lambda column: column.map(holds).astype(bool)


def _check(
    holds: Callable[[pd.Series], pd.Series], sentence: str, may_be_empty: bool = False
) -> pa.Check:
    """Make a rule that also judges missing values, unless the cell may be empty."""
    if not may_be_empty:
        return pa.Check(holds, error=sentence, ignore_na=False)
    return pa.Check(
        lambda column: holds(column) | column.eq(""),
        error=f"{sentence}, or nothing",
        ignore_na=False,
    )
