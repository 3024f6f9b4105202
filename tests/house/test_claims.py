"""No run writes over what it reads, and two runs never write one output at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from welcomemap.errors import BusyOutputError, OutputError, UsageError
from welcomemap.files import check_outputs, claimed

HOLD = """
import signal, sys, time
from pathlib import Path
from welcomemap.files import claimed
signal.signal(signal.SIGINT, signal.default_int_handler)  # Runs in the background ignore it.
with claimed([Path(sys.argv[1])]):
    print("held", flush=True)
    time.sleep(60)
"""
COUNT = """
import sys
from pathlib import Path
from welcomemap.files import claimed
from welcomemap.errors import BusyOutputError
out, inside, done = Path(sys.argv[1]), Path(sys.argv[2]), 0
while done < 40:
    try:
        with claimed([out]):
            inside.mkdir()
            inside.rmdir()
            done += 1
    except BusyOutputError:
        pass
"""


@contextmanager
def started(code: str, *arguments: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a program beside this one; it is killed at the end if it still runs."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        try:
            yield run
        finally:
            run.kill()


@contextmanager
def holding(output: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a program that has claimed the output."""
    with started(HOLD, output) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "held\n"
        yield run


def spellings(folder: Path) -> list[Path]:
    """Every way to name ``folder/list.csv`` that a person may hit on."""
    target = folder / "list.csv"
    target.write_text("id\n1\n")
    (folder / "link.csv").symlink_to(target)
    os.link(target, folder / "hard.csv")
    (folder / "inner").mkdir()
    (folder / "way").symlink_to(folder, target_is_directory=True)
    return [
        target,
        folder / "link.csv",
        folder / "hard.csv",
        folder / "inner" / ".." / "list.csv",
        folder / "." / "list.csv",
        folder / "way" / "list.csv",
        Path(os.path.relpath(target)),
    ]


def test_an_input_is_known_however_it_is_spelled_or_linked(tmp_path: Path) -> None:
    names = spellings(tmp_path)
    for output in names:
        for read in names:
            with pytest.raises(UsageError, match="output is an input"):
                check_outputs([output], [read])


def test_a_folder_that_holds_an_input_is_not_replaced(tmp_path: Path) -> None:
    raw = tmp_path / "pack" / "raw"
    raw.mkdir(parents=True)
    for output in (tmp_path / "pack", raw, tmp_path):
        with pytest.raises(UsageError):
            check_outputs([output], [raw])
    check_outputs([raw / "new.csv", tmp_path / "packs"], [raw])


def test_what_is_no_file_is_no_input(tmp_path: Path) -> None:
    check_outputs([tmp_path / "2026.html"], ["2026", "", "a\0b", "x" * 5000])


def test_a_second_run_on_an_output_is_refused(tmp_path: Path) -> None:
    both = claimed([tmp_path / "other.csv", tmp_path / "out.csv"])
    with holding(tmp_path / "out.csv"):
        with pytest.raises(BusyOutputError, match=r"another run .*out\.csv"), both:
            pytest.fail("both runs write")
        with claimed([tmp_path / "other.csv"]):
            pass
    # The system frees the lock of a process that was killed.
    with claimed([tmp_path / "out.csv"]):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_that_is_left_over_locks_nothing(tmp_path: Path) -> None:
    (tmp_path / ".out.csv.lock").write_bytes(b"")
    with claimed([tmp_path / "out.csv"]):
        assert (tmp_path / ".out.csv.lock").exists()
    assert list(tmp_path.iterdir()) == []


def test_however_many_runs_want_an_output_one_at_a_time_has_it(tmp_path: Path) -> None:
    with ExitStack() as stack:
        names = (tmp_path / "out", tmp_path / "inside")
        runs = [stack.enter_context(started(COUNT, *names)) for _ in range(3)]
        assert [run.wait(timeout=300) for run in runs] == [0, 0, 0]
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_interrupted_leaves_no_lock(tmp_path: Path) -> None:
    with holding(tmp_path / "out.csv") as run:
        run.send_signal(signal.SIGINT)
        run.wait(timeout=60)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["missing/out.csv", "file/out.csv"])
def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError), claimed([tmp_path / name]):
        pass


def test_a_name_as_long_as_the_system_allows_can_be_claimed(tmp_path: Path) -> None:
    with claimed([tmp_path / ("ä" * 120 + ".csv")]):
        pass
