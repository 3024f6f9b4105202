"""The table of tags in the documents is what the program does, row by row."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from welcomemap.travel import osm
from welcomemap.travel.osm import is_node_blocked, is_step_free, read_directions

TEXT = (Path(__file__).parents[2] / "docs" / "streets.md").read_text("utf-8")
DIRECTIONS = {"both": (True, True), "no": (False, False), "ahead": (True, False),
              "back": (False, True)}  # fmt: skip


def read_rows(heading: str) -> Iterator[list[str]]:
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            cells = line.replace("\\|", "\0").strip("| ").split("|")
            yield [cell.strip().strip("`").replace("\0", "|") for cell in cells]


def spell_out(text: str) -> Iterator[dict[str, str]]:
    """``a=b|c d=e`` is two sets of tags."""
    pairs = [pair.split("=", 1) for pair in text.split(" ")]
    for values in itertools.product(*(value.split("|") for _, value in pairs)):
        yield {key: value for (key, _), value in zip(pairs, values, strict=True)}


WAYS, POINTS = list(read_rows("Ways")), list(read_rows("Points on a way"))


@pytest.mark.parametrize("row", WAYS, ids=lambda row: row[0])
def test_a_way_of_the_table(row: list[str]) -> None:
    told, on_foot, by_bicycle, step_free, source = row
    assert source
    for tags in spell_out(told):
        assert read_directions(tags, "walk") == DIRECTIONS[on_foot], tags
        assert read_directions(tags, "cycle") == DIRECTIONS[by_bicycle], tags
        assert is_step_free(tags) == {"yes": True, "no": False}[step_free], tags


@pytest.mark.parametrize("row", POINTS, ids=lambda row: row[0])
def test_a_point_of_the_table(row: list[str]) -> None:
    told, on_foot, by_bicycle, _ = row
    for tags in spell_out(told):
        for mode, state in (("walk", on_foot), ("cycle", by_bicycle)):
            assert is_node_blocked(tags, mode) == {"closed": True, "open": False}[state], tags


@pytest.mark.parametrize(
    "values",
    [osm.NEVER, osm.WALK_ON_REQUEST, osm.CYCLE_ON_REQUEST, osm.ALLOWED, osm.FORBIDDEN,
     osm.SIDEWALKS, osm.AGAINST_TRAFFIC, osm.YES, osm.REVERSE],
)  # fmt: skip
def test_every_value_the_program_knows_stands_in_the_table(values: frozenset[str]) -> None:
    told = {v for row in (*WAYS, *POINTS) for tags in spell_out(row[0]) for v in tags.values()}
    assert values - told == set()
