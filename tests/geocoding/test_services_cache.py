"""The cache of answers: kept, expired, damaged, and silent about what was typed."""

from __future__ import annotations

import gc
import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from welcomemap.errors import OutputError
from welcomemap.geocoding.service_answers import (
    DAY_S,
    AnswerCache,
    ServiceAnswer,
    default_cache_path,
)

ANSWER = ServiceAnswer(51.2, 6.8, "Hauptstraße", "12a", "99001", "Rechteckstadt", "house")


@dataclass
class Deadline:
    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def test_answers_outlive_the_run_until_they_expire(tmp_path: Path) -> None:
    path, clock = tmp_path / "deep" / "answers.sqlite", Deadline()
    first = AnswerCache(path, clock=clock)
    first.put("photon a", "query", [ANSWER])
    first.put("photon a", "nothing", [])
    first.close()
    second = AnswerCache(path, clock=clock)
    assert second.get("photon a", "query") == (ANSWER,)
    assert second.get("photon a", "nothing") == ()
    assert second.get("photon b", "query") is None
    assert second.get("photon a", "other") is None
    clock.now += DAY_S + 1
    assert second.get("photon a", "nothing") is None
    assert second.get("photon a", "query") == (ANSWER,)
    clock.now += 30 * DAY_S
    assert second.get("photon a", "query") is None
    second.close()
    AnswerCache(path, clock=clock).close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM answers").fetchone() == (0,)
    connection.close()


def test_what_was_typed_is_not_in_the_file_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    cache = AnswerCache(path)
    cache.put("photon", "Geheimgasze 7, 99001", [ANSWER])
    cache.close()
    content = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert b"Geheimgasze" not in content
    assert path.stat().st_mode & 0o077 == 0


def test_two_files_have_different_keys(tmp_path: Path) -> None:
    keys = []
    for name in ("a", "b"):
        cache = AnswerCache(tmp_path / name)
        cache.put("photon", "query", [])
        cache.close()
        connection = sqlite3.connect(tmp_path / name)
        keys.append(connection.execute("SELECT key FROM answers").fetchone()[0])
        connection.close()
    assert keys[0] != keys[1]


@pytest.mark.parametrize("name", [None, "answers.sqlite"])
def test_a_cache_that_is_dropped_closes_its_file(tmp_path: Path, name: str | None) -> None:
    cache = AnswerCache(tmp_path / name if name else None)
    connection = cache._connection
    del cache
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_clear_empties_the_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    cache = AnswerCache(path)
    cache.put("photon", "query", [ANSWER])
    cache.clear()
    assert cache.get("photon", "query") is None
    cache.close()
    assert b"Hauptstra" not in path.read_bytes()


def test_damaged_file_is_begun_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "answers.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with caplog.at_level(logging.WARNING):
        cache = AnswerCache(path)
    cache.put("photon", "query", [ANSWER])
    assert cache.get("photon", "query") == (ANSWER,)
    cache.close()
    assert "begun anew" in caplog.text


def test_row_of_another_shape_counts_as_missing(tmp_path: Path) -> None:
    path = tmp_path / "answers.sqlite"
    cache = AnswerCache(path)
    cache.put("photon", "query", [ANSWER])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE answers SET answers = '[{\"other\": 1}]'")
    connection.close()
    assert cache.get("photon", "query") is None
    cache.close()


def test_broken_cache_never_stops_the_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = AnswerCache(tmp_path / "answers.sqlite")
    cache.close()
    with caplog.at_level(logging.WARNING):
        cache.put("photon", "Geheimgasse 7", [ANSWER])
        assert cache.get("photon", "Geheimgasse 7") is None
    assert "cannot be used" in caplog.text
    assert "Geheim" not in caplog.text


def test_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cache"):
        AnswerCache(tmp_path / "file" / "answers.sqlite")


def test_memory_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cache = AnswerCache()
    cache.put("photon", "query", [ANSWER])
    assert cache.get("photon", "query") == (ANSWER,)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_path() == tmp_path / "welcomemap" / "answers.sqlite"
