"""Answers of services: believed only where they fit, and kept so that nothing is asked twice.

What people type is not stored. Only a run whose operator switched a service on has a cache, and
only with a path given does it reach the disk. A key is a keyed hash (HMAC-SHA-256, key drawn at
random for each file) of service and query; the value is what the service answered: places, as in
its own public data. Who holds the file can still test a guessed address against it, as the key lies
beside: the file is therefore readable by its owner only, rows expire and are overwritten when
deleted (``secure_delete``), and :meth:`AnswerCache.clear` empties it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from math import hypot
from pathlib import Path
from typing import Literal

from rapidfuzz.distance import OSA

from welcomemap.crs import project
from welcomemap.errors import OutputError, Place, UnreadableAddressError
from welcomemap.geocoding import reasons
from welcomemap.geocoding.address import ParsedAddress, parse_house_number
from welcomemap.geocoding.outcome import Alternative, GeocodeResult, Outcome
from welcomemap.geocoding.street_match import clean_text, street_key
from welcomemap.reasons import Reason
from welcomemap.region.pack import RegionPack

FindArea = Callable[[float, float], tuple[int | None, str | None]]
Precision = Literal["house", "interpolated", "street", "area"]

HOUSE_RADIUS_M = 100.0
INTERPOLATED_RADIUS_M = 250.0
STREET_RADIUS_M = 1_500.0
"""Radii for answers of services. They are not measured here, as no service is asked in building:
wide on purpose, about twice what the embedded gazetteer needs for the same outcome."""

SAME_PLACE_M = 250.0
LENGTH_PER_EDIT = 5
MAX_EDITS = 3
ORDER = (Outcome.EXACT, Outcome.CORRECTED, Outcome.RANGE, Outcome.INTERPOLATED,
         Outcome.NEAREST_NUMBER, Outcome.STREET)  # fmt: skip


@dataclass(frozen=True)
class ServiceAnswer:
    """One place a service found, in the words of this program.

    Attributes
    ----------
    lat, lon
        WGS 84 degrees.
    precision
        What the service says the place is: a house, a place between houses, a street, or an area.
    """

    lat: float
    lon: float
    street: str | None
    house_number: str | None
    postcode: str | None
    town: str | None
    precision: Precision


@dataclass(frozen=True)
class ServiceRegion:
    """What is needed of the region to ask and to judge.

    Attributes
    ----------
    town
        Name, for messages and for queries.
    crs
        Metric CRS.
    bbox
        West, south, east, north in WGS 84 degrees.
    find_area
        District and quarter at x, y; ``None`` outside.
    """

    town: str
    crs: str
    bbox: tuple[float, float, float, float]
    find_area: FindArea

    @classmethod
    def from_pack(cls, pack: RegionPack, find_area: FindArea) -> ServiceRegion:
        """Take town, CRS and box from a pack; ``find_area`` is the gazetteer's."""
        west, south, east, north = (float(value) for value in pack.region["bbox"])
        return cls(pack.name, pack.crs, (west, south, east, north), find_area)


def judge_answers(
    answers: Sequence[ServiceAnswer],
    parsed: ParsedAddress,
    region: ServiceRegion,
    source: str,
) -> GeocodeResult | None:
    """Turn the answers of a service into a result, or ``None`` if none of them is believable.

    An answer outside the region or on another street is refused. One that differs in house number
    or postcode, or is less precise than asked, is downgraded, and the difference is said. Two
    equally good answers far apart make the address ambiguous.
    """
    judged = [r for answer in answers if (r := _judge(answer, parsed, region, source)) is not None]
    if not judged:
        return None
    best = min(judged, key=lambda result: ORDER.index(result.outcome))
    rivals = [
        r for r in judged if r.outcome is best.outcome and _distance_m(r, best) > SAME_PLACE_M
    ]
    if rivals and best.outcome is not Outcome.STREET:
        options = tuple(
            Alternative(r.matched or "", r.street or "", r.house_number, r.x, r.y)
            for r in (best, *rivals)
        )
        return GeocodeResult(
            Outcome.AMBIGUOUS,
            (reasons.Ambiguous(len(options)),),
            alternatives=options,
            source=source,
        )
    return best


def _judge(
    answer: ServiceAnswer, parsed: ParsedAddress, region: ServiceRegion, source: str
) -> GeocodeResult | None:
    if not (-90 <= answer.lat <= 90 and -180 <= answer.lon <= 180):
        return None
    x, y = (float(value) for value in project(answer.lon, answer.lat, crs=region.crs)[0])
    district, quarter = region.find_area(x, y)
    try:
        street = clean_text(answer.street or "")
    except UnreadableAddressError:
        return None
    is_same = _is_same_street(parsed.street or "", street)
    if district is None or is_same is None:
        return None
    outcome, number, notes = _grade(answer, parsed)
    contradictions: tuple[Reason, ...] = ()
    if parsed.postcode and answer.postcode and parsed.postcode != answer.postcode:
        contradictions = (reasons.OtherPostcode(parsed.postcode, answer.postcode),)
        outcome, number = Outcome.STREET, None
    if not is_same:
        outcome = Outcome.CORRECTED if outcome is Outcome.EXACT else outcome
        notes = (reasons.Corrected(parsed.street or "", street), *notes)
    place = " ".join(part for part in (answer.postcode or "", region.town) if part)
    return GeocodeResult(
        outcome, (reasons.FoundByService(source),),
        f"{' '.join(p for p in (street, number or '') if p)}, {place}", street,
        number, answer.postcode, x, y, RADII_M[outcome], district, quarter,
        contradictions=contradictions, source=source, notes=notes,
    )  # fmt: skip


RADII_M = {
    Outcome.EXACT: HOUSE_RADIUS_M,
    Outcome.CORRECTED: HOUSE_RADIUS_M,
    Outcome.RANGE: INTERPOLATED_RADIUS_M,
    Outcome.INTERPOLATED: INTERPOLATED_RADIUS_M,
    Outcome.NEAREST_NUMBER: INTERPOLATED_RADIUS_M,
    Outcome.STREET: STREET_RADIUS_M,
}


def _is_same_street(typed: str, found: str) -> bool | None:
    """Tell whether two names are one street: yes, only nearly so (``False``), or no (``None``)."""
    typed_key, found_key = street_key(typed), street_key(found)
    if not typed_key or not found_key:
        return None
    if typed_key == found_key:
        return True
    limit = min(MAX_EDITS, min(len(typed_key), len(found_key)) // LENGTH_PER_EDIT)
    return False if 0 < OSA.distance(typed_key, found_key) <= limit else None


def _grade(
    answer: ServiceAnswer, parsed: ParsedAddress
) -> tuple[Outcome, str | None, tuple[Reason, ...]]:
    """Compare precision and house number with what was asked; the street is the same."""
    asked = parsed.number
    found = parse_house_number(answer.house_number or "")
    if asked is None or found is None or answer.precision in {"street", "area"}:
        notes = () if asked is None else (reasons.NotConfirmed(str(asked)),)
        return Outcome.STREET, None, notes
    if str(asked) == str(found) and not asked.is_single:
        return Outcome.RANGE, str(found), (reasons.NumberRange(tuple(map(str, asked.parts))),)
    if str(asked) == str(found) and asked.unread:
        unread = reasons.NumberPartlyRead(str(found), asked.unread)
        return Outcome.NEAREST_NUMBER, str(found), (unread,)
    if str(asked) == str(found):
        is_house = answer.precision == "house"
        return (Outcome.EXACT if is_house else Outcome.INTERPOLATED), str(found), ()
    if asked.first.number == found.first.number:
        note = reasons.NearestNumber(str(asked), str(found))
        return Outcome.NEAREST_NUMBER, str(found), (note,)
    return Outcome.STREET, None, (reasons.NotConfirmed(str(asked)),)


def _distance_m(one: GeocodeResult, other: GeocodeResult) -> float:
    if one.x is None or one.y is None or other.x is None or other.y is None:
        return 0.0
    return hypot(one.x - other.x, one.y - other.y)


LOGGER = logging.getLogger(__name__)
DAY_S = 86_400.0
SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS salt (value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    key BLOB PRIMARY KEY, expires REAL NOT NULL, answers TEXT NOT NULL
) WITHOUT ROWID;
"""


def default_cache_path() -> Path:
    """Return the usual file: ``welcomemap/answers.sqlite`` in the cache folder of the person."""
    folder = os.environ.get("XDG_CACHE_HOME")
    return (Path(folder) if folder else Path.home() / ".cache") / "welcomemap" / "answers.sqlite"


class AnswerCache:
    """Answers by service and query, with expiry. Safe among threads and processes.

    Parameters
    ----------
    path
        SQLite file; ``None`` keeps answers in memory, for this run only.
    keep_s, keep_nothing_s
        How long answers and "found nothing" are kept, in seconds.
    clock
        Seconds since 1970; replaced in tests.

    Raises
    ------
    OutputError
        If the file cannot be created.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        keep_s: float = 30 * DAY_S,
        keep_nothing_s: float = DAY_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._clock = path, clock
        self._keep_s, self._keep_nothing_s = keep_s, keep_nothing_s
        self._lock = threading.Lock()
        self._connection = self._open()
        # Who forgets to close the cache leaves no open file: from 3.13 on Python warns of that.
        weakref.finalize(self, self._connection.close)
        self._salt = self._read_salt()
        self._run("DELETE FROM answers WHERE expires <= ?", (clock(),))

    def get(self, service: str, query: str) -> tuple[ServiceAnswer, ...] | None:
        """Return the answers kept for a query, ``None`` if there are none or they expired."""
        rows = self._run(
            "SELECT answers FROM answers WHERE key = ? AND expires > ?",
            (self._key(service, query), self._clock()),
        )
        if not rows:
            return None
        try:
            return tuple(ServiceAnswer(**answer) for answer in json.loads(rows[0][0]))
        except (ValueError, TypeError):
            return None

    def put(self, service: str, query: str, answers: Sequence[ServiceAnswer]) -> None:
        """Keep the answers to a query."""
        expires = self._clock() + (self._keep_s if answers else self._keep_nothing_s)
        text = json.dumps([asdict(answer) for answer in answers])
        self._run(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?)",
            (self._key(service, query), expires, text),
        )

    def clear(self) -> None:
        """Delete all answers."""
        self._run("DELETE FROM answers", ())

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _key(self, service: str, query: str) -> bytes:
        return hmac.digest(self._salt, f"{service}\0{query}".encode(), hashlib.sha256)

    def _run(self, statement: str, values: tuple[object, ...]) -> list[tuple[str]]:
        """Run a statement; a cache that is locked or broken slows the work and never stops it."""
        with self._lock:
            try:
                with self._connection:
                    return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                LOGGER.warning("the cache of answers cannot be used: %s", type(error).__name__)
                return []

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return self._connect(":memory:")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise OutputError(
                "the cache of answers cannot be created: {error}",
                error=error,
                where=Place(self._path),
                how="Choose a file in a folder that exists and is writable.",
            ) from error
        try:
            return self._connect(str(self._path))
        except sqlite3.DatabaseError:
            LOGGER.warning("the cache of answers was damaged and is begun anew")
            for suffix in ("", "-wal", "-shm", "-journal"):
                with suppress(FileNotFoundError):
                    Path(f"{self._path}{suffix}").unlink()
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            return self._connect(str(self._path))

    def _connect(self, name: str) -> sqlite3.Connection:
        connection = sqlite3.connect(name, timeout=5.0, check_same_thread=False)
        try:
            connection.execute("PRAGMA secure_delete = ON")
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version not in {0, SCHEMA_VERSION}:
                connection.execute("DROP TABLE IF EXISTS answers")
            connection.executescript(SCHEMA)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION:d}")
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    def _read_salt(self) -> bytes:
        with self._lock, self._connection:
            self._connection.execute(
                "INSERT INTO salt SELECT ? WHERE NOT EXISTS (SELECT 1 FROM salt)",
                (secrets.token_bytes(32),),
            )
            row = self._connection.execute("SELECT value FROM salt").fetchone()
        return bytes(row[0])
