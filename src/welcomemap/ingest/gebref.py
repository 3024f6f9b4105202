"""House coordinates of North Rhine-Westphalia as the state publishes them: ``gebref.txt``.

The product *Gebäudereferenzen* of opengeodata.nrw.de holds all addresses of the state, 4.7 million,
in a table without a header: 21 columns parted by ``;``, UTF-8, decimal commas, ETRS89 / UTM zone 32
(EPSG:25832, or EPSG:4647 with the number of the zone before the easting). Its columns are those of
the reader in OpenAddresses, source ``de/nw/statewide``. It lies in an archive beside a table of
keys. Lines are read one after the other, and those of one municipality are kept.

How sure a place is (``qua``) is not taken over: what its letters mean is not stated in the file.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

import pandas as pd

from welcomemap.errors import (
    EmptyTableError,
    EncodingError,
    Place,
    TableError,
    TooLargeError,
    fault,
)
from welcomemap.files import plain_opener

MEMBER = "gebref.txt"
COLUMNS = (
    "nba", "oid", "qua", "landschl", "land", "regbezschl", "regbez", "kreisschl", "kreis",
    "gmdschl", "gmd", "ottschl", "ott", "strschl", "str", "hnr", "adz", "zone", "ostwert",
    "nordwert", "datum",
)  # fmt: skip
KEPT = ("gmd", "str", "hnr", "adz", "ostwert", "nordwert")
MUNICIPALITY = COLUMNS.index("gmd")
EAST, NORTH = COLUMNS.index("ostwert"), COLUMNS.index("nordwert")
METRES = re.compile(r"\d{6,8}[.,]?\d*")
ZONE_M = 32_000_000.0
"""What EPSG:4647 adds to the eastings of EPSG:25832."""
MOST_BYTES = 4_000_000_000
LONGEST_LINE = 10_000
NAMED = 8
MEND = fault("Give the file as the state publishes it, or one of your town with a row of headings.")


def is_gebref(path: Path) -> bool:
    """Tell whether a file, or the one in an archive, is such a table: by its first line.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> line = "N;DENW1;A;05;NW;1;D;13;Essen;000;Essen;;;1;Weg;3;a;32;360000,1;5700000,2;2024"
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "gebref.txt")
    ...     _ = path.write_text(line)
    ...     is_gebref(path)
    True
    """
    try:
        with _opened(path) as lines:
            first = lines.readline(LONGEST_LINE) if lines is not None else b""
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return False
    cells = first.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").strip().split(";")
    return len(cells) == len(COLUMNS) and all(
        METRES.fullmatch(cells[place]) for place in (EAST, NORTH)
    )


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | None]:
    """Open the table, unpacked while it is read; ``None`` where an archive has none."""
    with open(path, "rb", opener=plain_opener) as file:
        if path.suffix.lower() != ".zip":
            yield file
            return
        archive = zipfile.ZipFile(file)
        names = (name for name in archive.namelist() if PurePosixPath(name).name == MEMBER)
        name = next(names, None)
        if name is None:
            yield None
            return
        with archive.open(name) as lines:
            yield lines


def read_gebref(path: Path, municipality: str = "") -> pd.DataFrame:
    """Return the addresses of a municipality as texts, columns :data:`KEPT`, by line from 0.

    Eastings begin with the number of the zone, whichever of the two forms the file has.

    Parameters
    ----------
    path
        ``.txt`` or ``.csv``, or the ``.zip`` in which it is published.
    municipality
        Its name as the file spells it (column ``gmd``); may be empty where the file has one alone.

    Raises
    ------
    EmptyTableError
        If the file has no address of the municipality.
    TableError
        If it is damaged, or has several municipalities and none is named.
    EncodingError, TooLargeError
        If it is not UTF-8, or has more than 4 GB.
    """
    rows: dict[int, list[str]] = {}
    others: dict[str, None] = {}
    for number, cells in _read_lines(path, municipality):
        if municipality and cells[MUNICIPALITY] != municipality:
            if len(others) < NAMED:
                others[cells[MUNICIPALITY]] = None
            continue
        rows[number - 1] = [cells[COLUMNS.index(name)] for name in KEPT]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=list(KEPT))
    known = list(dict.fromkeys(found["gmd"]))
    if len(known) > 1:
        raise TableError(
            "the file holds addresses of several municipalities: {names}",
            names=[*known[:NAMED], *["…"] * (len(known) > NAMED)],
            where=Place(path),
            how="Name the one that is meant: municipality in the part addresses of the recipe.",
        )
    if found.empty:
        raise EmptyTableError(
            "the file holds no address of the municipality {name}",
            name=municipality,
            names=list(others) or ["-"],
            where=Place(path, column="gmd"),
            how="Spell it as the file does (--name on the command line), or name it as "
            "municipality in the part addresses of the recipe. The file begins with {names}.",
        )
    return found.assign(ostwert=found["ostwert"].map(_add_zone))


def _add_zone(east: str) -> str:
    metres = east.replace(",", ".")
    is_short = METRES.fullmatch(east) and float(metres) < ZONE_M
    return f"{float(metres) + ZONE_M:.3f}" if is_short else east


def _read_lines(path: Path, municipality: str) -> Iterator[tuple[int, list[str]]]:
    """Give number and cells of lines: the first ones, and those that hold the municipality."""
    wanted = f";{municipality};".encode() if municipality else b""
    n_bytes = 0
    try:
        with _opened(path) as lines:
            for number, line in enumerate(iter(lambda: _next_line(lines), b""), start=1):
                n_bytes += len(line)
                if len(line) >= LONGEST_LINE:
                    raise _no_table(path, number)
                if n_bytes > MOST_BYTES:
                    raise TooLargeError(
                        "the file has more than {gigabytes:g} GB",
                        gigabytes=MOST_BYTES / 1e9,
                        where=Place(path),
                        how="Give a file of one town.",
                    )
                if number > 1000 and wanted not in line:
                    continue
                yield number, _split(line, path, number)
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise TableError(
            "the file cannot be read: {error}", error=error, where=Place(path), how=MEND
        ) from error


def _next_line(lines: IO[bytes] | None) -> bytes:
    return b"" if lines is None else lines.readline(LONGEST_LINE)


def _split(line: bytes, path: Path, number: int) -> list[str]:
    try:
        text = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise EncodingError(
            "the file is not UTF-8", where=Place(path, row=number), how="Save it as UTF-8."
        ) from error
    cells = [cell.strip() for cell in text.rstrip("\r\n").split(";")]
    if len(cells) != len(COLUMNS):
        raise _no_table(path, number)
    return cells


def _no_table(path: Path, number: int) -> TableError:
    return TableError(
        "the line has not the columns of the state's house coordinates: {n}",
        n=len(COLUMNS),
        where=Place(path, row=number),
        how=MEND,
    )
