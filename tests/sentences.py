"""Read the numbers out of a sentence, and find each among the fields of the result it tells.

Nothing here knows how a sentence is made: it reads what stands there, as a reader would.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

NUMBER = {
    "de": re.compile(r"(?<![\w.,])(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?(?![\d])"),
    "en": re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(?![\d])"),
}
UNIT = re.compile(r"\s*(%|km|m²|min|m\b)")


def list_fields(value: object) -> Iterator[float]:
    """Return every number in a JSON value; a list counts with its length too."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, str):
        yield from (float(part) for part in re.findall(r"\d+(?:\.\d+)?", value))
    elif isinstance(value, dict):
        for item in value.values():
            yield from list_fields(item)
    elif isinstance(value, Iterable):
        items = list(value)
        yield float(len(items))
        for item in items:
            yield from list_fields(item)


def read_numbers(text: str, language: str) -> list[tuple[float, float, str]]:
    """Return each number of a sentence with its step and its unit."""
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    found = []
    for match in NUMBER[language].finditer(text):
        whole, part = re.sub(r"[.,]", "", match[1]), match[2] or ""
        value = float(f"{whole}.{part or 0}")
        unit = UNIT.match(text, match.end())
        step = 10.0 ** -len(part)
        if re.search(r"(etwa|about) $", text[: match.start()]) and not unit:
            step = 100.0 if value >= 1000 else 10.0
        found.append((value, step, unit[1] if unit else ""))
    return found


def is_told(value: float, step: float, unit: str, fields: Iterable[float]) -> bool:
    """Tell whether a number as it is written stands for one of the fields."""
    scale = {"%": 100.0, "km": 0.001}.get(unit, 1.0)
    if unit == "m":
        step = 10.0
    for field in fields:
        shown = field * scale
        if abs(shown - value) <= step / 2 + 1e-6:
            return True
        if unit in ("min", "") and math.isclose(math.ceil(shown - 1e-9), value):
            return True
    return False


def find_untold(
    text: str, language: str, fields: Iterable[float], names: Iterable[str] = ()
) -> list[str]:
    """Return the numbers of a sentence that no field stands behind; names are passed over."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, "…")
    known = list(fields)
    return [
        f"{value:g} {unit} in: {text}"
        for value, step, unit in read_numbers(text, language)
        if not is_told(value, step, unit, known)
    ]
