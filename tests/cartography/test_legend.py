"""The legend explains everything that is drawn, and nothing that is not."""

from __future__ import annotations

import pytest

from tests.cartography.drawn import make_study
from welcomemap.cartography.content import LegendKey
from welcomemap.cartography.legend import explain_areas, explain_changes, explain_shares
from welcomemap.cartography.signs import HATCHES, draw_key
from welcomemap.style import SHARE_COLOURS, Sign
from welcomemap.wording import open_translator, say

GERMAN = open_translator("de")


def test_steps_are_told_where_a_share_is_known_and_a_hatching_where_one_is_not() -> None:
    known = [f"{20 * k} bis unter {20 * k + 20}\N{NO-BREAK SPACE}%" for k in range(4)]
    known.append("80 bis 100\N{NO-BREAK SPACE}%")
    unknown = "Anteil nicht bekannt"
    told = {shares: [row.text for row in explain_shares(shares, "Anteil", GERMAN).rows]
            for shares in [(0.1, 0.9), (0.1, None), (None, None), ()]}  # fmt: skip
    assert told == {
        (0.1, 0.9): known,
        (0.1, None): [*known, unknown],
        (None, None): [unknown],
        (): [],
    }
    keys = [row.key for row in explain_shares((0.1, None), "Anteil", GERMAN).rows]
    assert [key.colour for key in keys[:-1]] == list(SHARE_COLOURS)
    assert keys[-1].hatch == "unknown"


def test_a_hatching_says_what_is_without_a_site() -> None:
    areas = make_study().areas
    assert any(area.is_unserved for area in areas)
    assert [row.text for row in explain_areas(areas, GERMAN).rows] == ["kein Standort im Gebiet"]
    meaning = say("{district:capital} without a site", district="Kreis")
    told = explain_areas(areas, GERMAN, meaning=meaning).rows
    assert [row.text for row in told] == ["Kreis ohne Standort"]


def test_only_changes_that_are_drawn_are_explained() -> None:
    assert [row.key.hatch for row in explain_changes(["lost"], GERMAN).rows] == ["lost"]
    assert len(explain_changes(["gained", "lost"], GERMAN).rows) == 2
    assert explain_changes([], GERMAN).rows == ()


@pytest.mark.parametrize("sign", Sign)
def test_every_sign_has_a_key(sign: Sign) -> None:
    assert draw_key(LegendKey(sign)).startswith("<svg")


@pytest.mark.parametrize("shape", ["swatch", "line", "ring", "dot"])
def test_every_shape_has_a_key(shape: str) -> None:
    drawn = draw_key(LegendKey(shape=shape, colour="#123456"))  # type: ignore[arg-type]
    assert drawn.startswith("<svg")
    assert "#123456" in drawn


def test_every_hatching_can_stand_in_a_swatch() -> None:
    for hatch in HATCHES:
        assert f"wm-hatch-{hatch}" in draw_key(LegendKey(hatch=hatch))  # type: ignore[arg-type]
