"""Work on what a stranger sent ends in time and within memory, and nothing else ends with it."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from welcomemap import limits
from welcomemap.errors import EmptyTableError, Place, TooLargeError
from welcomemap.limits import run_limited


def add(one: int, other: int = 1) -> int:
    print("this is no answer")
    return one + other


def refuse() -> None:
    raise EmptyTableError("nothing here", where=Place("a.csv", 3, "x"), how="Fill it.")


def spin() -> None:
    while True:
        pass


def swell() -> int:
    return len(bytearray(6_000_000_000))


def die() -> None:
    os.abort()


def fail() -> None:
    raise KeyError("a fault of the program")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))


def test_the_answer_comes_back() -> None:
    assert run_limited(add, 40, other=2) == 42


def test_more_than_fit_wait_for_each_other() -> None:
    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(lambda n: run_limited(add, n), range(5))) == [1, 2, 3, 4, 5]


def test_a_named_error_comes_back_whole() -> None:
    with pytest.raises(EmptyTableError, match=r"nothing here \(a.csv, row 3, column x\). Fill it."):
        run_limited(refuse)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows bounds neither processor nor memory")
@pytest.mark.parametrize("task", [swell, die, fail])
def test_what_swells_or_dies_is_one_error(task: object) -> None:
    with pytest.raises(TooLargeError, match="too much"):
        run_limited(task)  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows bounds neither processor nor memory")
def test_what_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STARTING_SECONDS", 0.0)
    monkeypatch.setattr(limits, "SECONDS", 3.0)
    with pytest.raises(TooLargeError, match="too"):
        run_limited(spin)
