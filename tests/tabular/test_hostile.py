"""Tables made to do harm are read as they are or refused by name, in bounded time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.tabular.hostile import BOOKS, TEXTS, Given
from welcomemap.errors import InputError
from welcomemap.tabular import read_table

SECONDS = 10.0
"""Processor time; each takes less than 2 s on an idle machine of 2020."""
MEMORY_BYTES = 1_000_000_000


def check(given: Given) -> None:
    start = time.process_time()
    if isinstance(given.expected, list):
        assert read_table(given.content, name="t").frame.to_numpy().tolist() == given.expected
    else:
        with pytest.raises(given.expected) as refused:
            read_table(given.content, name="t")
        assert "\n" not in str(refused.value)
        assert isinstance(refused.value, InputError)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("kind", TEXTS)
def test_a_hostile_text(kind: str) -> None:
    check(TEXTS[kind])


@pytest.mark.parametrize("kind", BOOKS)
def test_a_hostile_workbook(kind: str) -> None:
    check(BOOKS[kind])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells it this way")
def test_all_of_them_stay_within_memory() -> None:
    code = (
        "from pathlib import Path\n"
        "from tests.tabular.hostile import BOOKS, TEXTS\n"
        "from welcomemap.errors import InputError\n"
        "from welcomemap.tabular import read_table\n"
        "for given in (*TEXTS.values(), *BOOKS.values()):\n"
        "    try:\n"
        "        read_table(given.content)\n"
        "    except InputError:\n"
        "        pass\n"
        # Not getrusage: what that counts begins with the memory of the process that started it.
        "told = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "print(int(told) * 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert int(done.stdout) < MEMORY_BYTES
