"""Signs can be told apart and stand out, by the formula of WCAG 2.2 written out here."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cartography.drawn import Outline
from welcomemap import style
from welcomemap.cartography.signs import HATCHES, draw_sign
from welcomemap.style import SHARE_COLOURS, SIGN_FORMS, Sign, share_class


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_agrees_with_the_extremes_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("sign", list(Sign))
@pytest.mark.parametrize(
    "ground",
    [*SHARE_COLOURS, *style.GAIN_COLOURS, style.WATER_COLOUR, style.LAND_COLOUR, style.WHITE],
)
def test_each_sign_has_an_edge_of_three_to_one_against_any_ground(sign: Sign, ground: str) -> None:
    form = SIGN_FORMS[sign]
    layers = (ground, form.edge, form.ring, form.body)
    steps = [contrast(outer, inner) for outer, inner in itertools.pairwise(layers)]
    assert max(steps) >= 3.0


@pytest.mark.parametrize("sign", [sign for sign in Sign if SIGN_FORMS[sign].glyph])
def test_glyphs_stand_out_from_their_sign(sign: Sign) -> None:
    form = SIGN_FORMS[sign]
    assert contrast(form.glyph_colour, form.body) >= 3.0


def test_signs_differ_in_more_than_colour() -> None:
    forms = {(f.shape, f.ring_style, f.glyph) for f in SIGN_FORMS.values()}
    assert len(forms) == len(SIGN_FORMS)


def test_hatchings_differ_in_angle_and_reach_three_to_one_on_their_white_line() -> None:
    angles = [angle for _, angle in HATCHES.values()]
    assert len(set(angles)) == len(angles)
    assert all(contrast(colour, style.WHITE) >= 3.0 for colour, _ in HATCHES.values())


def test_text_reaches_four_and_a_half_to_one() -> None:
    grounds = (*SHARE_COLOURS, style.LAND_COLOUR, style.WATER_COLOUR)
    assert min(contrast(style.TEXT_COLOUR, ground) for ground in grounds) >= 4.5


def test_shares_grow_darker_and_stay_lighter_than_signs() -> None:
    light = [luminance(colour) for colour in SHARE_COLOURS]
    assert light == sorted(light, reverse=True)
    assert SHARE_COLOURS[-1] == "#6BAED6"


@pytest.mark.parametrize(
    ("share", "step"),
    [
        (0.0, 0),
        (0.1999, 0),
        (0.2, 1),
        (0.4, 2),
        (0.6, 3),
        (0.7999, 3),
        (0.8, 4),
        (1.0, 4),
        (None, None),
        (float("nan"), None),
    ],
)
def test_a_step_holds_its_lower_bound(share: float | None, step: int | None) -> None:
    assert share_class(share) == step


@pytest.mark.parametrize("share", [-0.01, 1.01, 58.0])
def test_a_share_outside_its_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        share_class(share)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_is_never_lighter(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert (share_class(low) or 0) <= (share_class(high) or 0)


@pytest.mark.parametrize("sign", list(Sign))
def test_drawings_are_hidden_from_screen_readers(sign: Sign) -> None:
    outline = Outline(draw_sign(sign, size_px=40))
    (root,) = outline.all("svg")
    assert (root["aria-hidden"], root["width"]) == ("true", "40")
    assert len(outline.elements) >= 3
