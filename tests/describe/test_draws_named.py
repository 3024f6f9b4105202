"""What ``p_best`` is called: the same words wherever people read it, and the same meaning."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import welcomemap as wm
from tests.schemas import FOLDER
from welcomemap.cli import run
from welcomemap.describe.comparison import MOST_IN_DRAWS
from welcomemap.region.pack import RegionPack
from welcomemap.report.request import PaperRequest
from welcomemap.report.write import write_paper
from welcomemap.siting.ranking import share_best
from welcomemap.tabular import read_table
from welcomemap.wording import Language

NAMED = {"en": "gains the most in the draws", "de": "gewinnt in den Ziehungen am meisten"}
MEANING = "simulated draws in which this candidate gains the most people of the group"


def test_it_is_the_share_of_draws_in_which_it_gains_the_most() -> None:
    # Of four draws the first candidate gains most in two and shares one with the second.
    drawn = np.array([[9.0, 1.0], [5.0, 5.0], [7.0, 2.0], [0.0, 3.0]])
    assert share_best(drawn).tolist() == [2.5 / 4, 1.5 / 4]


@pytest.mark.parametrize("language", ["en", "de"])
def test_it_has_one_name_in_table_and_workbook(
    language: Language, tmp_path: Path, tiny_pack: RegionPack,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    named = NAMED[language]
    assert MOST_IN_DRAWS.in_language(language) == named
    arguments = ["compare", "east", "mid", "--scenario", "2020", "--pack", str(tiny_pack.folder)]
    assert run([*arguments, "--lang", language]) == 0
    head = capsys.readouterr().out.split("───")[0].split()
    assert all(word in head for word in named.split())
    out = tmp_path / "paper.csv"
    files = write_paper(tiny_pack, PaperRequest("2020", language=language), out)
    (listed,) = [file.path for file in files if "candidates" in file.path.name]
    assert any(str(column).startswith(named) for column in read_table(listed).frame.columns)


def test_the_reference_says_what_it_is_and_what_none_means() -> None:
    schema = json.loads((FOLDER / "compare.json").read_text("utf-8"))
    told = {
        "schema": schema["$defs"]["Candidate"]["description"],
        "library": wm.Region.compare.__doc__ or "",
    }
    for where, text in told.items():
        words = " ".join(text.split())
        assert MEANING in words, where
        assert "where nothing was drawn" in words, where
