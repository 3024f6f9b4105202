"""Answers of services kept on disk, so that nothing is asked twice.

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
from dataclasses import asdict
from pathlib import Path

from welcomemap.errors import OutputError, Place
from welcomemap.geocoding.service_answer import ServiceAnswer

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
                f"the cache of answers cannot be created: {error.strerror or error}",
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
