"""Short texts of large objects, for whoever works with them at a prompt."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import fields
from numbers import Number
from typing import Any

MAX_SHOWN = 40


class Brief:
    """A dataclass whose ``repr()`` tells its figures and how much the rest holds.

    To be used with ``@dataclass(repr=False)``.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, repr=False)
    ... class Found(Brief):
    ...     name: str
    ...     rows: tuple[int, ...]
    >>> Found("a", (1, 2, 3))
    Found(name='a', rows=<3>)
    """

    def __repr__(self) -> str:
        shown: Any = self
        told = [f"{one.name}={_tell(getattr(self, one.name))}" for one in fields(shown) if one.repr]
        return f"{type(self).__name__}({', '.join(told)})"


def _tell(value: object) -> str:
    if value is None or isinstance(value, Number):
        return repr(value)
    if not isinstance(value, Sized) or isinstance(value, str):
        text = repr(value) if isinstance(value, str) else str(value)
        return text if len(text) <= MAX_SHOWN else f"{type(value).__name__}(…)"
    return f"<{len(value)}>"
