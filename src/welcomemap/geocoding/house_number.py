"""Which house? Numbers with suffix, ranges and lists, read from text and put in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class NumberKind(StrEnum):
    """What a written house number names: one house, the houses from … to, or several houses."""

    SINGLE = "single"
    RANGE = "range"
    LIST = "list"


@dataclass(frozen=True, order=True)
class NumberPart:
    """One house: a number and its suffix (``""``, ``"a"``, ``" 1/2"``, ``"/1"``)."""

    number: int
    suffix: str = ""

    def __str__(self) -> str:
        return f"{self.number}{self.suffix}"


@dataclass(frozen=True)
class HouseNumber:
    """A house number as written: its parts in ascending order, the ends first and last.

    ``unread`` is what was written beside it and not understood, though it may change which house
    is meant (``".1"`` of 7.1); whatever holds such text is never answered as exact.
    """

    parts: tuple[NumberPart, ...]
    kind: NumberKind = NumberKind.SINGLE
    unread: str = ""

    @property
    def first(self) -> NumberPart:
        """The only or lowest house."""
        return self.parts[0]

    @property
    def last(self) -> NumberPart:
        """The only or highest house."""
        return self.parts[-1]

    @property
    def is_single(self) -> bool:
        """Tell whether one house is meant."""
        return self.kind is NumberKind.SINGLE

    def __str__(self) -> str:
        return ("+" if self.kind is NumberKind.LIST else "-").join(map(str, self.parts))


_FRACTION = r"(?:\s?(?:1/2|1/4|3/4)|\s(?:1/[2-9]|2/[3579]|3/[4578]))(?![0-9/])"
_PART = (
    rf"[0-9]{{1,4}}(?:{_FRACTION}"
    r"|[a-z](?![a-z0-9'])|\s[a-z](?![a-z0-9'])(?!\.\s?[a-z0-9])(?!/o)(?!\s(?:[0-9]|und\s)))?"
)
_JOIN = r"\s?(?:[-/+&]|bis|und|oder|od\.?|bzw\.?|sowie|u(?:\.(?!\s?a(?:\W|$))|(?!\.)))\s?"
_SUFFIX_ONLY = r"[a-z](?![a-z0-9'])"
NUMBER = rf"{_PART}(?:{_JOIN}(?:{_PART}|{_SUFFIX_ONLY}))*"
"""Pattern of a house number in small, cleaned text, without what stands before or after it."""

_SIGN = r"(?:hausnummer|hausnr|haus-nr|hnr|nummer|nr|no|#)\.?:?\s?"
_WHOLE = re.compile(rf"\s*(?:{_SIGN})?({NUMBER})[.,\s]*")
_PIECES = re.compile(
    rf"([0-9]{{1,4}})(?:({_FRACTION})|([a-z])(?![a-z])|\s([a-z])(?![a-z.]|\s[0-9]))?"
    rf"|({_JOIN})|([a-z])"
)


def parse_house_number(text: str) -> HouseNumber | None:
    """Read a text that is a house number and nothing else; ``None`` where it is not.

    Examples
    --------
    >>> str(parse_house_number("Nr. 2 A")), str(parse_house_number("12–14"))
    ('2a', '12-14')
    """
    match = _WHOLE.fullmatch(text.lower().replace("–", "-").replace("½", " 1/2"))
    return read_house_number(match.group(1)) if match else None


@lru_cache(maxsize=8192)
def read_house_number(text: str) -> HouseNumber:
    """Read a text that matches :data:`NUMBER`."""
    parts: list[NumberPart] = []
    joins: list[str] = []
    for number, fraction, near, far, join, letter in _PIECES.findall(text):
        if number:
            suffix = f" {fraction.strip()}" if fraction else near or far
            parts.append(NumberPart(int(number), suffix))
        elif join:
            joins.append(join.strip())
        elif letter and parts:
            is_suffix = joins[-1:] == ["/"] and not parts[-1].suffix
            last = parts.pop() if is_suffix else parts[-1]
            joins = joins[:-1] if is_suffix else joins
            parts.append(NumberPart(last.number, letter))
    return _combine(parts, joins)


def _combine(parts: list[NumberPart], joins: list[str]) -> HouseNumber:
    if len(parts) == 1 or len(set(parts)) == 1:
        return HouseNumber((parts[0],))
    if joins == ["/"] and _is_lower(parts[1], parts[0]) and not parts[1].suffix:
        return HouseNumber((NumberPart(parts[0].number, f"{parts[0].suffix}/{parts[1].number}"),))
    ordered = tuple(sorted(set(parts)))
    is_range = len(ordered) == 2 and joins[-1:] in (["-"], ["bis"])
    return HouseNumber(ordered, NumberKind.RANGE if is_range else NumberKind.LIST)


def _is_lower(one: NumberPart, other: NumberPart) -> bool:
    return one.number < other.number or one.number == 1
