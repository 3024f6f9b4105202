"""Signs and hatchings as SVG, drawn from the forms in :mod:`welcomemap.style` alone.

No text from data enters these drawings, so they are the only mark-up a map carries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from welcomemap.cartography.content import LegendKey
from welcomemap.style import (
    BORDER_COLOUR,
    GAINED_COLOUR,
    HATCH_ANGLE_DEGREES,
    LOST_COLOUR,
    SIGN_FORMS,
    UNSERVED_COLOUR,
    WHITE,
    Ring,
    Sign,
    SignForm,
)

SIGN_SIZE_PX = 28
ESTIMATE_DASH = "7 6"
"""Dashes of what is estimated."""
_CENTRE = SIGN_SIZE_PX / 2
_RING_PX = 2.5
_DASHES: dict[Ring, str] = {
    "solid": "",
    "dashed": ' stroke-dasharray="4.2 2.9"',
    "dotted": ' stroke-dasharray="0.1 4.1" stroke-linecap="round"',
}
_STAR = "M14 8.6l1.6 3.5 3.8.4-2.8 2.6.8 3.8-3.4-1.9-3.4 1.9.8-3.8-2.8-2.6 3.8-.4z"
_CROSS = "M11 11l6 6M17 11l-6 6"
_QUESTION = "M11.6 11.7c0-1.5 1.1-2.4 2.5-2.4s2.5.9 2.5 2.2c0 1.9-2.5 1.9-2.5 3.9"


def draw_sign(sign: Sign, *, size_px: int = SIGN_SIZE_PX) -> str:
    """Return the sign as an SVG element of ``size_px`` pixels, hidden from screen readers."""
    form = SIGN_FORMS[sign]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size_px}" height="{size_px}" '
        f'viewBox="0 0 {SIGN_SIZE_PX} {SIGN_SIZE_PX}" aria-hidden="true" focusable="false">'
        f"{_draw_body(form)}{_draw_glyph(form)}</svg>"
    )


def _draw_body(form: SignForm) -> str:
    dash = _DASHES[form.ring_style]
    if form.shape == "circle":
        return _draw_circle(form, dash)
    if form.shape == "pin":
        return (
            '<path d="M14 26.500C11 21 6.5 17 6.5 11a7.5 7.5 0 0 1 15 0c0 6-4.5 10-7.5 '
            f'15.500z" fill="{form.body}" stroke="{form.ring}" stroke-width="2"/>'
            f'<circle cx="14" cy="11" r="3" fill="{form.ring}"/>'
        )
    path = "M14 3.500L24.5 14 14 24.5 3.5 14z" if form.shape == "diamond" else "M5 5h18v18H5z"
    return (
        f'<path d="{path}" fill="{form.edge}" stroke="{form.edge}" stroke-width="4.5" '
        'stroke-linejoin="round"/>'
        f'<path d="{path}" fill="{form.body}" stroke="{form.ring}" stroke-width="2"{dash} '
        'stroke-linejoin="round"/>'
    )


def _draw_circle(form: SignForm, dash: str) -> str:
    radius = 9.5
    edge = f'<circle cx="{_CENTRE:g}" cy="{_CENTRE:g}" r="{radius + 1.9:g}" fill="{form.edge}"/>'
    body_radius = radius if form.ring_style == "solid" else radius - 1.4
    ring_ground = WHITE if form.ring_style != "solid" else form.body
    return (
        f'{edge}<circle cx="{_CENTRE:g}" cy="{_CENTRE:g}" r="{radius + 0.9:g}" '
        f'fill="{ring_ground}"/>'
        f'<circle cx="{_CENTRE:g}" cy="{_CENTRE:g}" r="{body_radius:g}" fill="{form.body}"/>'
        f'<circle cx="{_CENTRE:g}" cy="{_CENTRE:g}" r="{radius:g}" fill="none" '
        f'stroke="{form.ring}" stroke-width="{_RING_PX:g}"{dash}/>'
    )


def _draw_glyph(form: SignForm) -> str:
    colour = form.glyph_colour
    if form.glyph == "★":
        return f'<path d="{_STAR}" fill="{colour}"/>'
    if form.glyph == "×":
        return f'<path d="{_CROSS}" fill="none" stroke="{colour}" stroke-width="2"/>'
    if form.glyph == "?":
        return (
            f'<path d="{_QUESTION}" fill="none" stroke="{colour}" stroke-width="2" '
            f'stroke-linecap="round"/><circle cx="14.1" cy="18.6" r="1.3" fill="{colour}"/>'
        )
    if form.glyph == "!":
        return (
            f'<path d="M14 8.500v7" stroke="{colour}" stroke-width="2.5" '
            f'stroke-linecap="round"/><circle cx="14" cy="19" r="1.5" fill="{colour}"/>'
        )
    return ""


HATCHES: dict[str, tuple[str, int]] = {
    "unserved": (UNSERVED_COLOUR, HATCH_ANGLE_DEGREES),
    "unknown": ("#767676", -HATCH_ANGLE_DEGREES),
    "gained": (GAINED_COLOUR, 0),
    "lost": (LOST_COLOUR, 90),
}
"""Colour and angle of each hatching; the angle is counted from the vertical, clockwise."""


def hatch_paint(name: str) -> str:
    """Return the SVG paint that fills a shape with a hatching."""
    return f"url(#wm-hatch-{name})"


def draw_hatches() -> str:
    """Return a hidden SVG element with the patterns of all hatchings.

    Each coloured line lies on a wider white one, so that it stands out on every step of the shares.
    """
    patterns = "".join(
        f'<pattern id="wm-hatch-{name}" width="9" height="9" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate({angle})">'
        f'<rect x="0" y="0" width="4" height="9" fill="{WHITE}"/>'
        f'<rect x="1" y="0" width="2" height="9" fill="{colour}"/></pattern>'
        for name, (colour, angle) in HATCHES.items()
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0" class="wm-patterns" '
        f'aria-hidden="true" focusable="false"><defs>{patterns}</defs></svg>'
    )


def draw_north_arrow() -> str:
    """Return an arrow to the north with the letter N."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="44" viewBox="0 0 30 44" '
        'aria-hidden="true" focusable="false"><path d="M15 15l8 26-8-6-8 6z" fill="#1A1A1A" '
        'stroke="#FFFFFF" stroke-width="2" paint-order="stroke"/>'
        '<path d="M11.5 11V2.500l7 8.500V2.5" fill="none" stroke="#FFFFFF" stroke-width="4"/>'
        '<path d="M11.5 11V2.500l7 8.500V2.5" fill="none" stroke="#1A1A1A" stroke-width="1.8"/>'
        "</svg>"
    )


def draw_key(key: LegendKey) -> str:
    """Return what stands before a line of the legend, as an SVG element."""
    if key.sign is not None:
        return draw_sign(key.sign)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIGN_SIZE_PX}" height="{SIGN_SIZE_PX}" '
        f'viewBox="0 0 {SIGN_SIZE_PX} {SIGN_SIZE_PX}" aria-hidden="true" focusable="false">'
        f"{_DRAWINGS[key.shape](key)}</svg>"
    )


def _draw_swatch(key: LegendKey) -> str:
    box = '<rect x="1" y="4" width="26" height="20" '
    lined = f'{box}fill="{hatch_paint(key.hatch)}"/>' if key.hatch else ""
    return (
        f'{box}fill="{key.colour}"/>{lined}{box}fill="none" '
        f'stroke="{key.edge or BORDER_COLOUR}" stroke-width="1.2"{_dash(key)}/>'
    )


def _draw_line(key: LegendKey) -> str:
    below = f'<path d="M1 14h26" stroke="{WHITE}" stroke-width="{key.width + 2:g}"/>'
    return (
        f'{below if key.is_cased else ""}<path d="M1 14h26" stroke="{key.colour}" '
        f'stroke-width="{key.width:g}"{_dash(key)}/>'
    )


def _dash(key: LegendKey) -> str:
    return f' stroke-dasharray="{ESTIMATE_DASH}"' if key.is_dashed else ""


def _draw_ring(key: LegendKey) -> str:
    return (
        f'<circle cx="14" cy="14" r="11" fill="none" stroke="{key.colour}" '
        'stroke-width="1.5" stroke-dasharray="4 4"/>'
    )


def _draw_dot(key: LegendKey) -> str:
    return (
        f'<circle cx="14" cy="14" r="5" fill="{key.colour}" stroke="{WHITE}" stroke-width="1.5"/>'
    )


_DRAWINGS: Mapping[str, Callable[[LegendKey], str]] = MappingProxyType(
    {"swatch": _draw_swatch, "line": _draw_line, "ring": _draw_ring, "dot": _draw_dot}
)
