"""Every input is a plain file or standard input; a pipe without a writer is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import long

PROGRAM = "import sys; from welcomemap.cli import main; sys.exit(main())"
LIMIT_S = 60
"""A run that waits for the pipe would wait for ever."""


def run(
    *arguments: str, folder: Path, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=folder, input=given, check=False,
        capture_output=True, text=True, timeout=LIMIT_S,
    )  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize(
    "arguments",
    [
        ["geocode", "f.csv", "--out", "o.csv"],
        ["gaps", "--scenario", "./f.csv"],
        long(["replay", "f.csv", "--out", "o.pdf"]),
        long(
            [
                "site",
                "--model",
                "p-median",
                "--p",
                "1",
                "--cost-matrix",
                "f.csv",
                "--demand",
                "f.csv",
            ]
        ),
    ],
)
def test_a_pipe_is_refused_at_once(tmp_path: Path, arguments: list[str]) -> None:
    os.mkfifo(tmp_path / "f.csv")
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert "f.csv" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="standard input has no name here")
def test_standard_input_is_read(tmp_path: Path) -> None:
    done = run(
        "geocode", "/dev/stdin", "--out", "o.csv", folder=tmp_path,
        given="Adresse\nBenrather Straße 7\n",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "exact" in (tmp_path / "o.csv").read_text(encoding="utf-8")
