"""A regional OpenStreetMap extract of any size, written in seconds.

Written to https://wiki.openstreetmap.org/wiki/PBF_Format with numpy. Every varint has a fixed width
(protocol buffers allow leading groups of zero), so that a whole blob of elements is one array.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NODES_A_WAY = 7
BLOB_WAYS = 8000
STEP = 1500
"""About 11 m from node to node, in units of 1e-7 degrees."""
WAYS_A_ROW = 400
ID_STEP = 150
"""Ids of nodes lie as far apart as those of a region out of 13 billion: it decides the memory."""
WIDTH = 5
STRINGS = (b"", b"highway", b"residential", b"building", b"yes")


def write_large_extract(path: Path, size: int, corner: tuple[float, float]) -> int:
    """Write about ``size`` bytes and return the number of ways.

    Ways run from west to east, row by row to the north, from a corner (lon, lat); every second one
    is a street, the others are buildings.
    """
    a_blob = sum(len(_frame(b"OSMData", one)) for one in (_make_nodes(1, corner), _make_ways(1)))
    n_blobs = size // a_blob + 1
    with path.open("wb") as file:
        file.write(_frame(b"OSMHeader", _make_header()))
        for number in range(n_blobs):
            file.write(_frame(b"OSMData", _make_nodes(number, corner)))
        for number in range(n_blobs):
            file.write(_frame(b"OSMData", _make_ways(number)))
    return n_blobs * BLOB_WAYS


def _make_header() -> bytes:
    return b"".join(_field(4, text) for text in (b"OsmSchema-V0.6", b"DenseNodes"))


def _make_nodes(number: int, corner: tuple[float, float]) -> bytes:
    first = number * BLOB_WAYS
    way = np.repeat(np.arange(first, first + BLOB_WAYS), NODES_A_WAY)
    step = np.tile(np.arange(NODES_A_WAY), BLOB_WAYS)
    noise = np.random.default_rng(number).integers(-400, 400, (2, len(way)))
    row, place = np.divmod(way, WAYS_A_ROW)
    lon = round(corner[0] * 1e7) + (place * (NODES_A_WAY - 1) + step) * STEP + noise[0]
    lat = round(corner[1] * 1e7) + row * STEP + noise[1]
    ids = (first * NODES_A_WAY + 1 + np.arange(len(way))) * ID_STEP
    info = _field(1, b"\x01" * len(way)) + _field(2, _pack_deltas(_make_times(number, len(way))))
    columns = ((1, ids), (8, lat), (9, lon))
    dense = b"".join(_field(n, _pack_deltas(v)) for n, v in columns)
    return _block(_field(2, dense + _field(5, info)))


def _make_times(number: int, n: int) -> NDArray[np.int64]:
    """Return seconds of the years 2009 to 2022: what real extracts compress least."""
    return np.random.default_rng(-number - 1 & 0xFFFF).integers(1_230_000_000, 1_640_000_000, n)


def _make_ways(number: int) -> bytes:
    first = number * BLOB_WAYS
    ids = number * BLOB_WAYS + 1 + np.arange(BLOB_WAYS)
    refs = np.full((BLOB_WAYS, NODES_A_WAY), ID_STEP)
    refs[:, 0] = ((first + np.arange(BLOB_WAYS)) * NODES_A_WAY + 1) * ID_STEP
    is_street = ids % 2 == 1
    key, value = np.where(is_street, 1, 3), np.where(is_street, 2, 4)
    message = [
        _constant(b"\x08"), _varints(ids), _constant(b"\x12\x01"), key[:, None].astype(np.uint8),
        _constant(b"\x1a\x01"), value[:, None].astype(np.uint8),
        _constant(bytes([0x22, 3 + WIDTH, 0x08, 0x01, 0x10])),
        _varints(_make_times(number, BLOB_WAYS)),
        _constant(bytes([0x42, NODES_A_WAY * WIDTH])),
        _varints(_zigzag(refs).ravel()).reshape(BLOB_WAYS, -1),
    ]  # fmt: skip
    body = np.hstack(message)
    framed = np.hstack([_constant(bytes([0x1A, body.shape[1]])), body])
    return _block(framed.tobytes())


def _constant(content: bytes) -> NDArray[np.uint8]:
    return np.tile(np.frombuffer(content, dtype=np.uint8), (BLOB_WAYS, 1))


def _block(group: bytes) -> bytes:
    strings = b"".join(_field(1, text) for text in STRINGS)
    return _field(1, strings) + _field(2, group)


def _frame(kind: bytes, content: bytes) -> bytes:
    blob = b"\x10" + _varint(len(content)) + _field(3, zlib.compress(content, 1))
    header = _field(1, kind) + b"\x18" + _varint(len(blob))
    return len(header).to_bytes(4, "big") + header + blob


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    return bytes(_list_groups(value))


def _list_groups(value: int) -> Iterator[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value


def _pack_deltas(values: NDArray[np.int64]) -> bytes:
    return _varints(_zigzag(np.diff(values, prepend=0))).tobytes()


def _zigzag(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return (values << 1) ^ (values >> 63)


def _varints(values: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return varints of five bytes each, shape (n, 5)."""
    groups = (values[:, None] >> (7 * np.arange(WIDTH))) & 0x7F
    groups[:, :-1] |= 0x80
    return groups.astype(np.uint8)
