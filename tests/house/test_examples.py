"""Every example runs: in the docstrings, in the Python documents, and in the notebook."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
from pathlib import Path

import pandas as pd
import pytest

import welcomemap
from tests.house.checkout import ROOT

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
DOCUMENTS = (ROOT / "docs" / "python.md",)
NOTEBOOKS = tuple(sorted((ROOT / "docs").glob("*.ipynb")))


def list_modules() -> list[str]:
    found = pkgutil.walk_packages(welcomemap.__path__, "welcomemap.")
    return sorted(module.name for module in found if ">>>" in read_source(module.name))


def read_source(name: str) -> str:
    path = ROOT / "src" / Path(*name.split("."))
    file = path.with_suffix(".py")
    return (file if file.is_file() else path / "__init__.py").read_text("utf-8")


@pytest.mark.parametrize("name", ["welcomemap", *list_modules()])
def test_the_examples_of_a_module_run(name: str) -> None:
    done = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert done.attempted
    assert not done.failed


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_examples_of_a_document_run(
    document: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pd.option_context("display.width", 120):
        done = doctest.testfile(str(document), module_relative=False, optionflags=FLAGS)
    assert done.attempted > 15
    assert not done.failed


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_from_top_to_bottom(
    notebook: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without Jupyter: its cells are Python, one after the other."""
    for beside in notebook.parent.glob("*.csv"):
        (tmp_path / beside.name).write_bytes(beside.read_bytes())
    monkeypatch.chdir(tmp_path)
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert len(code) >= 5
    names: dict[str, object] = {}
    for number, source in enumerate(code):
        exec(compile(source, f"{notebook.name}[{number}]", "exec"), names)  # noqa: S102 - its own
    assert (tmp_path / "map.html").is_file()
    assert not any(cell.get("outputs") for cell in cells)
