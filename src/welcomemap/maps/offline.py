"""Scripts and style sheets a map carries with it, so that it asks no host for anything.

Leaflet comes from the package ``django-js-lib-leaflet`` (which needs no Django), installed with
this program; nothing is downloaded.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib import resources
from importlib.metadata import distribution
from typing import Final

from welcomemap.errors import OutputError

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
            f"the script or style sheet {path[-1]} is missing from the installation",
            how="Install the program again with all its dependencies.",
        ) from error


def as_data_uri(content: bytes, media_type: str) -> str:
    """Return content as a ``data:`` address."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


@cache
def leaflet_script() -> str:
    """Return Leaflet's script without the address of its source map."""
    text = _read_text(_LEAFLET_FOLDER[0], *_LEAFLET_FOLDER[1:], "leaflet.js")
    return _SOURCE_MAP.sub("", text)


@cache
def leaflet_style() -> str:
    """Return Leaflet's style sheet with every image it names written into it."""

    def inline(match: re.Match[str]) -> str:
        path = match.group(1).split("/")
        image = _read(_LEAFLET_FOLDER[0], *_LEAFLET_FOLDER[1:], *path)
        return f"url({as_data_uri(image, 'image/png')})"

    text = _read_text(_LEAFLET_FOLDER[0], *_LEAFLET_FOLDER[1:], "leaflet.css")
    # The rule for Internet Explorer's VML names an address that no present browser knows.
    return _IMAGE.sub(inline, _VML_RULE.sub("", text))


@cache
def map_script() -> str:
    """Return the script that draws a map sheet."""
    names = ("layers.js", "arrange.js", "map.js")
    return "\n".join(_read_text("welcomemap.maps", "assets", name) for name in names)


@cache
def component_script() -> str:
    """Return the script that keeps one map in a page and redraws it."""
    return _read_text("welcomemap.maps", "assets", "component.js")


@cache
def page_style() -> str:
    """Return the style sheet of an exported page and of the map in it."""
    return _read_text("welcomemap.maps", "assets", "page.css")


@cache
def leaflet_licence() -> str:
    """Return the licence text of Leaflet (BSD 2-Clause) as its package carries it."""
    for path in distribution(LEAFLET_PACKAGE).files or ():
        if path.name.upper().startswith("LICENSE"):
            return path.read_text(encoding="utf-8")
    raise OutputError(
        f"the package {LEAFLET_PACKAGE} is installed without its licence text",
        how="Install the program again with all its dependencies.",
    )


@cache
def default_scripts() -> tuple[tuple[str, str], ...]:
    """Return the scripts folium shall load: names and ``data:`` addresses."""
    scripts = {"leaflet": leaflet_script(), "welcomemap": map_script()}
    return tuple(
        (name, as_data_uri(text.encode("utf-8"), "text/javascript;charset=utf-8"))
        for name, text in scripts.items()
    )


@cache
def default_styles() -> tuple[tuple[str, str], ...]:
    """Return the style sheets folium shall load: names and ``data:`` addresses."""
    styles = {"leaflet_css": leaflet_style(), "welcomemap_css": page_style()}
    return tuple(
        (name, as_data_uri(text.encode("utf-8"), "text/css;charset=utf-8"))
        for name, text in styles.items()
    )
