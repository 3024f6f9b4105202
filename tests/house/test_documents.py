"""Each example in README.md and docs/ is run, and prints what the document shows."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from tests.cases import short
from tests.house.checkout import ROOT
from tests.house.documents import Example, is_printed, read_examples
from welcomemap import cli
from welcomemap.region.pack import PACK_VARIABLE

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROGRAM = "welcomemap"
# Commands of a new user's first minute: they need a network, so they are read but not run.
PYTHON_FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
FIRST_MINUTE = {"git", "cd", "./run", "pip", "sudo", "apt-get"}
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")


SCREEN = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
SHELL_SIGNS = re.compile(r"[|<>&;$`*]")
CUT = re.compile(
    r"(?P<command>.+) \| (?:sed -n (?P<first>\d+),(?P<last>\d+)p|tail -n (?P<end>\d+))"
)
"""What a document shows a part of: the lines that are left."""


def run_example(example: Example, folder: Path) -> str:
    """Run a command as a shell would, and return what it printed on both channels.

    The program itself is called in this process: starting it anew takes longer than its work.
    """
    cut = CUT.fullmatch(example.command)
    command = cut["command"] if cut else example.command
    if program_of(example) == PROGRAM and not SHELL_SIGNS.search(command):
        told = StringIO()
        with pytest.MonkeyPatch.context() as patched, redirect_stdout(StringIO()) as printed:
            for name, value in SCREEN.items():
                patched.setenv(name, value)
            patched.delenv(PACK_VARIABLE, raising=False)
            patched.chdir(folder)
            with redirect_stderr(told if cut else printed):
                cli.run(shlex.split(command)[1:])
        return told.getvalue() + cut_lines(printed.getvalue(), cut)
    environment = {**os.environ, **SCREEN}
    environment.pop(PACK_VARIABLE, None)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    ran = subprocess.run(
        example.command,
        check=False,
        shell=True,
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=240,
    )
    return ran.stdout


def cut_lines(printed: str, cut: re.Match[str] | None) -> str:
    lines = printed.splitlines(keepends=True)
    if cut is None:
        return printed
    return "".join(
        lines[-int(cut["end"]) :] if cut["end"] else lines[int(cut["first"]) - 1 : int(cut["last"])]
    )


def program_of(example: Example) -> str:
    return shlex.split(example.command)[0]


@pytest.mark.parametrize(
    "document",
    short([one for one in DOCUMENTS if one.name != "siting.md"], DOCUMENTS),
    ids=lambda path: path.name,
)
def test_examples_print_what_is_shown(document: Path, tmp_path: Path) -> None:
    for example in read_examples(document.read_text("utf-8")):
        if program_of(example) in FIRST_MINUTE:
            continue
        printed = run_example(example, tmp_path)
        assert is_printed(example.shown, printed), (
            f"{document.name}:{example.line}: {example.command}\nprinted:\n{printed}"
        )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_examples_of_run_name_its_commands(document: Path) -> None:
    known = set(re.findall(r"^([a-z]+)\) ", (ROOT / "run").read_text("utf-8"), re.MULTILINE))
    known |= set(re.findall(r"^([a-z]+)\)$", (ROOT / "run").read_text("utf-8"), re.MULTILINE))
    assert {"app", "test", "check", "bench", "pins"} <= known
    named = set(re.findall(r"\./run ([a-z]+)", document.read_text("utf-8")))
    assert named <= known


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_within_the_project_lead_somewhere(document: Path) -> None:
    targets = LINK.findall(document.read_text("utf-8"))
    assert [t for t in targets if not (document.parent / t).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_examples_in_python_run(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for block in PYTHON_FENCE.findall(document.read_text("utf-8")):
        with redirect_stdout(StringIO()) as told:
            exec(compile(block, document.name, "exec"), {})  # noqa: S102 - as a reader would
        assert told.getvalue() != ""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_lines_that_nobody_ran_are_called_untested(document: Path) -> None:
    before, *after = re.split(r"^```powershell$", document.read_text("utf-8"), flags=re.MULTILINE)
    assert not after or '!!! warning "Untested"' in before


def test_what_addresses_rest_on_is_what_the_pack_records() -> None:
    manifest = json.loads((ROOT / "geodata" / "datapackage.json").read_text("utf-8"))
    (layer,) = [r for r in manifest["resources"] if r["name"] == "addresses"]
    text = (ROOT / "docs" / "methods.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .* \| ([\d,]+) \|$", text, re.MULTILINE)
    assert {key: int(count.replace(",", "")) for key, count in rows} == layer["evidence"]
    assert sum(layer["evidence"].values()) == layer["row_count"]


def test_examples_are_read_with_their_output() -> None:
    text = "# T\n\n```console\n$ a \\\n> b\nx\n\ny\n$ c\n```\n\n```sh\n$ d\n```\n"
    assert read_examples(text) == [Example(4, "a b", ("x", "", "y")), Example(9, "c", ())]


def test_output_without_a_command_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2"):
        read_examples("```console\nx\n```\n")


@pytest.mark.parametrize(
    ("shown", "printed", "is_same"),
    [
        (("a", "b"), "a\nb\n", True),
        (("a", "b"), "a\nc\n", False),
        (("a",), "a\nb\n", False),
        ((), "a\n", False),
        (("a", "…"), "a\nb\nc\n", True),
        (("a", "…", "c"), "a\nc\n", True),
        (("a", "…", "d"), "a\nb\nc\n", False),
        (("a  ", ""), "a\n", True),
        (("a.c",), "abc\n", False),
    ],
)
def test_shown_and_printed_are_compared(
    shown: tuple[str, ...], printed: str, is_same: bool
) -> None:
    assert is_printed(shown, printed) is is_same


@pytest.mark.parametrize("part", ["sed -n 2,3p", "tail -n 1", "sed -n 4,9p"])
def test_lines_are_cut_as_the_shell_cuts_them(part: str, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("1\n\n3\n4\n")
    by_shell = run_example(Example(1, f"cat x.txt | {part}", ()), tmp_path)
    assert cut_lines("1\n\n3\n4\n", CUT.fullmatch(f"welcomemap x | {part}")) == by_shell


def test_a_real_command_is_run(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hallo\n")
    assert run_example(Example(1, "cat x.txt; echo weg >&2", ()), tmp_path) == "hallo\nweg\n"
