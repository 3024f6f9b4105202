"""Styles for QGIS (QML), drawn from the one style that app and paper share."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from welcomemap.report.exports.layers import ResultLayer
from welcomemap.style import (
    BORDER_COLOUR,
    CANDIDATE_COLOUR,
    HATCH_ANGLE_DEGREES,
    OPEN_COLOUR,
    SHARE_COLOURS,
    TEXT_COLOUR,
    UNSERVED_COLOUR,
    WHITE,
)

SHARE_COLUMNS = {"districts": "covered_share", "quarters": "share"}
Rule = tuple[str, str, list[ET.Element]]
"""Filter, label and the layers of its symbol."""


def describe_style(layer: ResultLayer) -> str:
    """Return the style of a layer as QML with its rules, labels and aliases."""
    root = ET.Element("qgis", version="3.28", styleCategories="Symbology|Labeling|Fields|Forms")
    kind, rules = _list_rules(layer.name)
    renderer = ET.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0",
                             forceraster="0", enableorderby="0")  # fmt: skip
    told = ET.SubElement(renderer, "rules", key="root")
    symbols = ET.SubElement(renderer, "symbols")
    for number, (condition, label, parts) in enumerate(rules):
        rule = {"key": f"r{number}", "symbol": str(number), "label": label}
        ET.SubElement(told, "rule", rule | ({"filter": condition} if condition else {}))
        symbol = ET.SubElement(symbols, "symbol", type=kind, name=str(number), alpha="1",
                               clip_to_extent="1", force_rhr="0")  # fmt: skip
        symbol.extend(parts)
    aliases = ET.SubElement(root, "aliases")
    for index, (column, alias) in enumerate(layer.aliases.items(), start=1):
        ET.SubElement(aliases, "alias", index=str(index), field=column, name=alias)
    ET.SubElement(root, "previewExpression").text = '"name"'
    ET.SubElement(root, "layerGeometryType").text = "2" if kind == "fill" else "0"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(
        root, encoding="unicode"
    )


def _list_rules(name: str) -> tuple[str, list[Rule]]:
    if name in SHARE_COLUMNS:
        return "fill", _share_rules(SHARE_COLUMNS[name], has_unserved=name == "districts")
    if name == "sites":
        return "marker", [
            ("\"status\" = 'open'", "open", [_marker("circle", OPEN_COLOUR, WHITE)]),
            ("\"status\" = 'disputed'", "disputed",
             [_marker("circle", OPEN_COLOUR, TEXT_COLOUR, "dot"), _glyph("?")]),
            ("\"status\" NOT IN ('open', 'disputed')", "planned, closed",
             [_marker("circle", WHITE, OPEN_COLOUR, "dash")]),
        ]  # fmt: skip
    if name == "candidates":
        return "marker", [("", "candidate", [_marker("diamond", CANDIDATE_COLOUR, TEXT_COLOUR)])]
    return "marker", [("", "gap", [_marker("square", WHITE, UNSERVED_COLOUR)])]


def _share_rules(column: str, *, has_unserved: bool) -> list[Rule]:
    steps = len(SHARE_COLOURS)
    rules: list[Rule] = []
    for number, colour in enumerate(SHARE_COLOURS):
        low, high = number / steps, (number + 1) / steps
        upper = "<=" if number == steps - 1 else "<"
        condition = f'"{column}" >= {low:g} AND "{column}" {upper} {high:g}'
        rules.append((condition, f"{100 * low:g}–{100 * high:g} %", [_fill(colour)]))
    rules.append((f'"{column}" IS NULL', "?", [_fill(WHITE), _hatching("#767676", -1)]))
    if has_unserved:
        rules.append(('"located_unserved"', "unserved", [_hatching(UNSERVED_COLOUR, 1)]))
    return rules


def _layer(kind: str, options: dict[str, str]) -> ET.Element:
    element = ET.Element("layer", {"class": kind, "enabled": "1", "pass": "0", "locked": "0"})
    listed = ET.SubElement(element, "Option", type="Map")
    for name, value in options.items():
        ET.SubElement(listed, "Option", type="QString", name=name, value=value)
    return element


def _fill(colour: str) -> ET.Element:
    return _layer("SimpleFill", {
        "color": _rgba(colour), "style": "solid", "outline_color": _rgba(BORDER_COLOUR),
        "outline_style": "solid", "outline_width": "0.35", "outline_width_unit": "MM",
    })  # fmt: skip


def _hatching(colour: str, turn: int) -> ET.Element:
    element = _layer("LinePatternFill", {
        "angle": str(turn * HATCH_ANGLE_DEGREES), "color": _rgba(colour), "distance": "2.1",
        "distance_unit": "MM", "line_width": "0.42", "line_width_unit": "MM",
    })  # fmt: skip
    symbol = ET.SubElement(element, "symbol", type="line", name="@0@0", alpha="1")
    symbol.append(_layer("SimpleLine", {
        "line_color": _rgba(colour), "line_width": "0.42", "line_width_unit": "MM",
        "line_style": "solid",
    }))  # fmt: skip
    return element


def _marker(shape: str, colour: str, ring: str, style: str = "solid") -> ET.Element:
    return _layer("SimpleMarker", {
        "name": shape, "color": _rgba(colour), "outline_color": _rgba(ring),
        "outline_style": style, "outline_width": "0.4", "outline_width_unit": "MM",
        "size": "3.8", "size_unit": "MM",
    })  # fmt: skip


def _glyph(sign: str) -> ET.Element:
    return _layer("FontMarker", {
        "chr": sign, "color": _rgba(WHITE), "font": "Sans", "font_style": "Bold", "size": "3",
        "size_unit": "MM",
    })  # fmt: skip


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"{red},{green},{blue},255"
