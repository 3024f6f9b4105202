"""A map sheet: layers, legend and tables, and the folium map that carries them.

Layers are plain JSON. The scripts in ``assets/`` draw them with ``textContent``, so that no
text from data is ever read as HTML or as a script, in popups and labels as little as anywhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import folium
from branca.element import Element, MacroElement
from folium.map import Layer
from folium.template import Template

from welcomemap.errors import UsageError, quote
from welcomemap.maps import offline
from welcomemap.maps.content import Frame, TileServer
from welcomemap.maps.signs import draw_hatches, draw_north_arrow, draw_sign
from welcomemap.maps.words import MapWords
from welcomemap.style import Sign

LayerSpec = Mapping[str, Any]
Bounds = list[list[float]]
_TILE_ADDRESS = re.compile(r"https?://(\{s\}\.)?[A-Za-z0-9.-]+(:\d+)?/[^\s;,'\"<>\\]*")
_TEMPLATE_MARK = re.compile(r"\{(?=[{%#])")


@dataclass(frozen=True)
class LegendEntry:
    """A key (an SVG drawing of the program's own) and what it means."""

    drawing: str
    text: str


@dataclass(frozen=True)
class LegendGroup:
    """Entries that belong together, with a heading that may be empty."""

    heading: str
    entries: tuple[LegendEntry, ...]


@dataclass(frozen=True)
class MapTable:
    """The facts of a map as a table: one row per thing, with the key the map knows it by.

    Attributes
    ----------
    rows
        Pairs of a key (empty where the thing is not on the map) and the cells.
    number_columns
        Indices of columns that are set flush right.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    number_columns: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Sheet:
    """Everything one map shows."""

    frame: Frame
    words: MapWords
    bounds: Bounds
    layers: tuple[LayerSpec, ...]
    legend: tuple[LegendGroup, ...]
    tables: tuple[MapTable, ...]

    def settings(self) -> dict[str, Any]:
        """Return what the script needs besides the layers, as JSON values."""
        words = self.words
        names = (
            "zoom_in", "zoom_out", "whole_area", "pan_north", "pan_south", "pan_west", "pan_east",
            "north", "close", "layers", "map_label",
        )  # fmt: skip
        tiles = self.frame.tiles
        return {
            "label": f"{words.map_label}: {self.frame.title}",
            "words": {name: getattr(words, name) for name in names},
            "bounds": self.bounds,
            "signs": {sign.value: draw_sign(sign) for sign in Sign},
            "hatches": draw_hatches(),
            "north": draw_north_arrow(),
            "tiles": None if tiles is None else _describe_tiles(tiles),
        }


def _describe_tiles(tiles: TileServer) -> dict[str, str]:
    if not _TILE_ADDRESS.fullmatch(tiles.url) or not all(
        part in tiles.url for part in ("{z}", "{x}", "{y}")
    ):
        raise UsageError(
            f"{quote(tiles.url)} is not a tile server",
            how="Give an address such as https://tiles.example.org/{z}/{x}/{y}.png.",
        )
    if not tiles.attribution.strip():
        raise UsageError(
            "a tile server needs its attribution",
            how="Give the text its licence demands, such as © OpenStreetMap contributors.",
        )
    return {"url": tiles.url, "attribution": tiles.attribution}


def to_script_json(value: object) -> str:
    r"""Write a value as JSON that is inert wherever it stands in a script.

    ``<``, ``>``, ``&``, backticks, dollar signs and all outside ASCII become escapes; so does the
    first brace of ``{{``, ``{%`` and ``{#``, since branca reads what it wrote as a template again.
    JSON itself never holds these pairs outside a text.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&`$":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _TEMPLATE_MARK.sub(r"\\u007b", text)


class SheetLayer(Layer):
    """One layer of a sheet as an element of folium."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = "
        "welcomemap.addLayer({{ this._parent.get_name() }}, {{ this.json }});"
        "{% endmacro %}"
    )

    def __init__(self, spec: LayerSpec) -> None:
        toggle = str(spec.get("toggle", ""))
        super().__init__(name=toggle or None, overlay=True, control=bool(toggle), show=False)
        self._name = "SheetLayer"
        self.json = to_script_json(spec)


class _Prepare(MacroElement):
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "welcomemap.prepare({{ this._parent.get_name() }}, {{ this.json }});"
        "{% endmacro %}"
    )

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca leaves it untyped
        self._name = "Prepare"
        self.json = to_script_json(settings)


class _Finish(MacroElement):
    _template = Template(
        "{% macro script(this, kwargs) %}"
        "welcomemap.finish({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca leaves it untyped
        self._name = "Finish"


class SheetMap(folium.Map):
    """A folium map that carries a sheet and asks no host for anything.

    Further folium elements can be added; what they would load from a host is refused on export.

    Raises
    ------
    UsageError
        If the sheet names a tile server without ``{z}/{x}/{y}`` or without attribution.
    """

    def __init__(self, sheet: Sheet) -> None:
        (south, west), (north, east) = sheet.bounds
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            tiles=None,
            zoom_start=11,
            max_zoom=19,
            min_zoom=8,
            zoom_snap=0.25,
            zoom_delta=0.5,
            wheel_px_per_zoom_level=90,
            zoom_control=False,
            attribution_control=False,
            world_copy_jump=False,
        )
        self.sheet = sheet
        self.default_js = list(offline.default_scripts())
        self.default_css = list(offline.default_styles())
        self.add_child(_Prepare(sheet.settings()))
        for spec in sheet.layers:
            self.add_child(SheetLayer(spec))
        self.add_child(_Finish())
        number_elements(self)


def number_elements(map_: folium.Map) -> None:
    """Replace the random names of folium's elements by numbers: the same map, the same bytes."""
    map_._id = "0"
    elements: Sequence[Element] = list(map_._children.values())
    map_._children.clear()
    for number, element in enumerate(elements, start=1):
        element._id = str(number)
        map_.add_child(element)
