"""Damage files as accidents and attackers do: seeded mutators that any format's test can use.

A mutator takes the bytes of a sound file and a random generator, and returns other bytes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Mutator = Callable[[bytes, random.Random], bytes]

HOSTILE: tuple[object, ...] = (
    None, True, False, 0, -1, 1e308, -1e308, 10**17, 10**400, float("nan"), float("inf"), "", " ",
    "nan", "Infinity", "1e999", "1_000", "\0", "\ud800", "\u0130",
    "A" * 70_000, "../../x", "/dev/zero", "=1+1", "<b>", [], {}, [[[]]], [None], [1, "x", None],
    {"type": "Point"}, {"type": "Point", "coordinates": []},
    {"type": "Point", "coordinates": [float("nan"), 1]},
    {"type": "GeometryCollection", "geometries": []},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]},
)  # fmt: skip
"""What no field of a file of ours expects."""


def flip_bit(content: bytes, chance: random.Random) -> bytes:
    """Flip one bit."""
    if not content:
        return content
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]


def truncate(content: bytes, chance: random.Random) -> bytes:
    """Cut the end off."""
    return content[: chance.randrange(len(content) + 1)]


def splice(content: bytes, chance: random.Random) -> bytes:
    """Copy a part of the file to another place in it."""
    start, at = chance.randrange(len(content) + 1), chance.randrange(len(content) + 1)
    part = content[start : start + chance.randrange(1, 200)]
    return content[:at] + part + content[at + chance.choice((0, len(part))) :]


def insert_noise(content: bytes, chance: random.Random) -> bytes:
    """Put bytes in that no text holds."""
    noise = chance.choice((b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1a", b'"', b"[" * 5000, b"\r"))
    at = chance.randrange(len(content) + 1)
    return content[:at] + noise + content[at:]


def replace_value(content: bytes, chance: random.Random) -> bytes:
    """Replace, drop or rename one value of a JSON text; other texts lose a bit instead.

    So do those that an earlier damage nested too deep for Python's own reader.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return flip_bit(content, chance)
    nodes = list(_walk(value))
    if not nodes:
        return json.dumps(chance.choice(HOSTILE)).encode()
    holder, key = chance.choice(nodes)
    action = chance.random()
    if action < 0.75:
        holder[key] = chance.choice(HOSTILE)
    elif action < 0.9:
        del holder[key]
    elif isinstance(holder, dict):
        holder[str(chance.choice(HOSTILE))[:500]] = holder.pop(key)
    else:
        holder.insert(key, holder[key])
    return json.dumps(value).encode()


def _walk(value: Any) -> Iterator[tuple[Any, Any]]:
    keys: Sequence[Any] = ()
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from _walk(value[key])


def replace_cell(content: bytes, chance: random.Random) -> bytes:
    """Replace one cell of a CSV text, its header included."""
    lines = content.decode("utf-8", "replace").split("\n")
    at = chance.randrange(len(lines))
    cells = lines[at].split(",")
    cells[chance.randrange(len(cells))] = str(chance.choice(HOSTILE))
    lines[at] = ",".join(cells)
    return "\n".join(lines).encode("utf-8", "surrogatepass")


BYTE_MUTATORS: tuple[Mutator, ...] = (flip_bit, truncate, splice, insert_noise)
JSON_MUTATORS: tuple[Mutator, ...] = (*BYTE_MUTATORS, replace_value, replace_value, replace_value)
CSV_MUTATORS: tuple[Mutator, ...] = (*BYTE_MUTATORS, replace_cell, replace_cell)


def mutators_of(name: str) -> tuple[Mutator, ...]:
    """Return the mutators that fit a file, by its ending."""
    if name.endswith((".json", ".geojson")):
        return JSON_MUTATORS
    return CSV_MUTATORS if name.endswith(".csv") else BYTE_MUTATORS


def mutate(content: bytes, name: str, chance: random.Random) -> bytes:
    """Damage a file once or a few times, as fits its ending."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        content = chance.choice(mutators_of(name))(content, chance)
    return content
