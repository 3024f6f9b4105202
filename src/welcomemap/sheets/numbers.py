"""What is a number in a table: digits with a point, not all that a program takes for one."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def read_number(text: str) -> float:
    """Return the number that a text is.

    ``float`` of Python takes more: ``1_000``, digits of other scripts, ``nan`` and ``infinity``.

    Raises
    ------
    ValueError
        If it is anything but digits with an optional point, sign and exponent.

    Examples
    --------
    >>> read_number("12.5")
    12.5
    """
    if len(text) > 400 or _NUMBER.fullmatch(text) is None:
        raise ValueError("not a number")
    return float(text)
