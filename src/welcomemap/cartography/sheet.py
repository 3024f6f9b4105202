"""A map sheet: layers, legend and tables, and the folium map that carries them.

A map carries its scripts and style sheets, so that it asks no host for anything. Leaflet comes from
the package ``django-js-lib-leaflet`` (which needs no Django), installed with this program; nothing
is downloaded.

Layers are plain JSON. The scripts in ``assets/`` draw them with ``textContent``, so that no
text from data is ever read as HTML or as a script, in popups and labels as little as anywhere else.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from html import escape
from importlib import resources
from importlib.metadata import distribution
from typing import Any, Final

import folium
from branca.element import Element, Figure, MacroElement
from folium.map import Layer

from welcomemap.cartography.content import Frame, LegendBlock
from welcomemap.cartography.signs import draw_hatches, draw_north_arrow, draw_sign
from welcomemap.errors import OutputError, UsageError
from welcomemap.style import Sign
from welcomemap.wording import Translator

LEAFLET_PACKAGE: Final = "django-js-lib-leaflet"
_LEAFLET_FOLDER: Final = ("js_lib_leaflet", "static", "js_lib_leaflet")
_SOURCE_MAP = re.compile(r"^//[#@] sourceMappingURL=.*$", re.MULTILINE)
_IMAGE = re.compile(r"url\((images/[\w.-]+\.png)\)")
_VML_RULE = re.compile(r"\.lvml\s*\{[^}]*\}")


def _read_text(package: str, *path: str) -> str:
    # A browser reads line ends as \n before it compares a script with its hash.
    return _read(package, *path).decode("utf-8").replace("\r\n", "\n")


def _read(package: str, *path: str) -> bytes:
    file = resources.files(package).joinpath(*path)
    try:
        return file.read_bytes()
    except OSError as error:
        raise OutputError(
            "the script or style sheet {file} is missing from the installation",
            file=path[-1],
            how="Install the program again with all its dependencies.",
        ) from error


def as_data_uri(content: bytes, media_type: str) -> str:
    """Return content as a ``data:`` address."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


@cache
def leaflet_script() -> str:
    """Return Leaflet's script without the address of its source map."""
    return _SOURCE_MAP.sub("", _read_text(*_LEAFLET_FOLDER, "leaflet.js"))


@cache
def leaflet_style() -> str:
    """Return Leaflet's style sheet with every image it names written into it."""

    def inline(match: re.Match[str]) -> str:
        image = _read(*_LEAFLET_FOLDER, *match.group(1).split("/"))
        return f"url({as_data_uri(image, 'image/png')})"

    text = _read_text(*_LEAFLET_FOLDER, "leaflet.css")
    # The rule for Internet Explorer's VML names an address that no present browser knows.
    return _IMAGE.sub(inline, _VML_RULE.sub("", text))


@cache
def map_script() -> str:
    """Return the script that draws a map sheet."""
    names = ("layers.js", "arrange.js", "map.js")
    return "\n".join(_read_text("welcomemap.cartography", "assets", name) for name in names)


@cache
def component_script() -> str:
    """Return the script that keeps one map in a page and redraws it."""
    return _read_text("welcomemap.cartography", "assets", "component.js")


@cache
def page_style() -> str:
    """Return the style sheet of an exported page and of the map in it."""
    return _read_text("welcomemap.cartography", "assets", "page.css")


@cache
def leaflet_licence() -> str:
    """Return the licence text of Leaflet (BSD 2-Clause) as its package carries it."""
    for path in distribution(LEAFLET_PACKAGE).files or ():
        if path.name.upper().startswith("LICENSE"):
            return path.read_text(encoding="utf-8")
    raise OutputError(
        "the package {package} is installed without its licence text",
        package=LEAFLET_PACKAGE,
        how="Install the program again with all its dependencies.",
    )


def _embed(texts: Mapping[str, str], media_type: str) -> list[tuple[str, str]]:
    """Return scripts or style sheets as folium shall load them: names and ``data:`` addresses."""
    return [
        (name, as_data_uri(text.encode("utf-8"), f"{media_type};charset=utf-8"))
        for name, text in texts.items()
    ]


LayerSpec = Mapping[str, Any]
Bounds = list[list[float]]
_TEMPLATE_MARK = re.compile(r"\{(?=[{%#])")


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
    translate: Translator
    bounds: Bounds
    layers: tuple[LayerSpec, ...]
    legend: tuple[LegendBlock, ...]
    tables: tuple[MapTable, ...]

    def settings(self) -> dict[str, Any]:
        """Return what the script needs besides the layers, as JSON values."""
        translate = self.translate
        tiles = self.frame.tiles
        return {
            "label": translate("Map") + f": {self.frame.title}",
            "words": {
                "zoom_in": translate("Zoom in"),
                "zoom_out": translate("Zoom out"),
                "whole_area": translate("Show the whole area"),
                "pan_north": translate("Move north"),
                "pan_south": translate("Move south"),
                "pan_west": translate("Move west"),
                "pan_east": translate("Move east"),
                "north": translate("North is up"),
                "close": translate("Close"),
                "map_label": translate("Map"),
            },
            "bounds": self.bounds,
            "signs": {sign.value: draw_sign(sign) for sign in Sign},
            "hatches": draw_hatches(),
            "north": draw_north_arrow(),
            "tiles": None if tiles is None else asdict(tiles),
        }


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


class _Script(Element):
    """A finished script: unlike branca's own elements it is not read as a template again."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Script"
        self.text = text

    def render(self, **kwargs: object) -> str:  # noqa: ARG002  # branca passes options on
        """Return the script as it is."""
        return self.text


class _Call(MacroElement):
    """A call of a function of ``assets/`` with the map and JSON values."""

    def __init__(self, function: str, map_name: str, value: object = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca leaves it untyped
        self._name = "Call"
        self.function = function
        self.map_name = map_name
        self.json = "" if value is None else f", {to_script_json(value)}"

    def get_name(self) -> str:
        """Return a name that is the same in every run."""
        return f"{self.function}_{self.map_name}"

    def render(self, **kwargs: object) -> str:  # noqa: ARG002  # branca passes options on
        """Add the call to the scripts of the page."""
        return _add_script(self, f"welcomemap.{self.function}({self.map_name}{self.json});")


class SheetLayer(Layer):
    """One layer of a sheet as an element of folium.

    Parameters
    ----------
    number
        Its place among the layers of the map.
    """

    def __init__(self, spec: LayerSpec, map_name: str, number: int) -> None:
        self.map_name = map_name
        self.number = number
        super().__init__(overlay=True, control=False, show=False)
        self._name = "SheetLayer"
        self.json = to_script_json(spec)

    def get_name(self) -> str:
        """Return a name that is the same in every run."""
        return f"layer_{self.number}_{self.map_name}"

    def render(self, **kwargs: object) -> str:  # noqa: ARG002  # branca passes options on
        """Add the layer to the scripts of the page."""
        call = f"welcomemap.addLayer({self.map_name}, {self.json})"
        return _add_script(self, f"var {self.get_name()} = {call};")


class TextPopup(folium.Popup):
    """A popup for an element that somebody adds to a map; it shows a text as text.

    folium's own makes its content with jQuery, which the map does not carry, and reads what is
    written in it as a template.
    """

    def __init__(self, text: str, *, show: bool = False) -> None:
        super().__init__(show=show)
        self._name = "TextPopup"
        # folium binds a popup without HTML to its element and runs what hangs at the script.
        content = to_script_json(escape(text))
        self.script.add_child(_Script(f"{self.get_name()}.setContent({content});"))


def _add_script(element: Element, text: str) -> str:
    page = element.get_root()
    if not isinstance(page, Figure):
        raise OutputError("the map belongs to no page", how="Do not take the map out of its page.")
    page.script.add_child(_Script(text), name=element.get_name())
    return ""


class SheetMap(folium.Map):
    """A folium map that carries a sheet and asks no host for anything.

    Further folium elements can be added, with a :class:`TextPopup` if they are to have one; what
    they would load from a host is refused on export.

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
            # As options of the map, for folium hands max_zoom and min_zoom to its tiles alone.
            maxZoom=19,
            minZoom=8,
            zoom_snap=0.25,
            zoom_delta=0.5,
            wheel_px_per_zoom_level=90,
            zoom_control=False,
            attribution_control=False,
            world_copy_jump=False,
        )
        self.sheet = sheet
        scripts = {"leaflet": leaflet_script(), "welcomemap": map_script()}
        styles = {"leaflet_css": leaflet_style(), "welcomemap_css": page_style()}
        self.default_js = _embed(scripts, "text/javascript")
        self.default_css = _embed(styles, "text/css")
        name = self.get_name()
        self.add_child(_Call("prepare", name, sheet.settings()))
        for number, spec in enumerate(sheet.layers, start=1):
            self.add_child(SheetLayer(spec, name, number))
        self.add_child(_Call("finish", name))

    def get_name(self) -> str:
        """Return a name that is the same in every run: the same map, the same bytes."""
        return "welcomemap_sheet"

    def render(self, **kwargs: object) -> str:
        """Render the map.

        Raises
        ------
        OutputError
            If somebody added a popup of folium's own.
        """
        if "Popup" in _list_kinds(self.to_dict()):
            raise OutputError(
                "a popup of folium needs jQuery, which the map does not carry",
                how="Give the element a TextPopup.",
            )
        super().render(**kwargs)  # type: ignore[no-untyped-call]  # folium leaves it untyped
        return ""

    def keep_in_front(self, *args: Layer) -> None:  # noqa: ARG002  # folium names them
        """Refuse what folium can do with jQuery only.

        Raises
        ------
        UsageError
            Always: the map carries no jQuery.
        """
        raise UsageError(
            "folium keeps layers in front with jQuery, which the map does not carry",
            how="Add the layer last, or give it a pane of its own.",
        )


def _list_kinds(described: Mapping[str, Any]) -> set[str]:
    """Return the kinds of all elements in what folium says of one."""
    inner = (_list_kinds(child) for child in described.get("children", {}).values())
    return {str(described["name"])}.union(*inner)
