"""Read JSON that somebody else wrote: strictly, within bounds, with one named error."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NoReturn

from welcomemap.errors import JsonError, Place, quote

MAX_DIGITS = 18
"""More digits than any count or id of ours has; a longer integer only costs time."""


def parse_json(content: bytes | str, *, name: str | Path | None = None, how: str = "") -> Any:
    """Return the value of a JSON text, which is UTF-8 and may begin with a byte-order mark.

    Stricter than :func:`json.loads`, as RFC 8259 allows a reader to be: every number is finite,
    integers have at most :data:`MAX_DIGITS` digits, no text holds half a character (a lone
    surrogate), and no object names a key twice.

    Parameters
    ----------
    name
        The file's name, for the message.
    how
        How the reader may mend it; a general sentence if empty.

    Raises
    ------
    JsonError
        If it is anything else, nested too deeply included.

    Examples
    --------
    >>> parse_json(b'{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    """
    where = None if name is None else Place(name)
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        value = json.loads(
            text, parse_int=_parse_integer, parse_float=_parse_number,
            parse_constant=_refuse_constant, object_pairs_hook=_make_object,
        )  # fmt: skip
        if "\\ud" in text or "\\uD" in text or isinstance(content, str):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise _fault(
            "a text in it holds half a character (a lone surrogate)", where, how
        ) from error
    except RecursionError as error:
        raise _fault("it is nested too deeply", where, how) from error
    except ValueError as error:
        raise _fault(quote(error), where, how) from error
    return value


def _fault(what: str, where: Place | None, how: str) -> JsonError:
    return JsonError(
        f"this is no JSON that can be used: {what}",
        where=where,
        how=how or "Save it again with the program that made it.",
    )


def _parse_integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


def _parse_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("an object names a key twice")
    return made
