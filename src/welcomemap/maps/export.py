"""Write a map as one file that carries everything it needs, or give it to a page as one text."""

from __future__ import annotations

from pathlib import Path

from branca.element import Element, Figure
from folium.elements import JSCSSMixin

from welcomemap import files
from welcomemap.errors import OutputError, quote
from welcomemap.maps import offline
from welcomemap.maps.page import write_page
from welcomemap.maps.sheet import SheetMap


def render_html(map_: SheetMap, *, is_embedded: bool = True) -> str:
    """Return the map as a whole HTML page that makes no request, as text for an inline frame.

    With ``is_embedded`` the heading, the tables and the licences are left out, since the page
    around the frame shows them.

    Raises
    ------
    OutputError
        If an element that was added to the map would load something from a host.
    """
    _refuse_hosts(map_)
    root = map_.get_root()
    if not isinstance(root, Figure):
        raise OutputError("the map belongs to no page", how="Do not take the map out of its page.")
    root.render()
    script = str(root.script.render())
    return write_page(
        map_.sheet,
        map_html=f'<div class="folium-map" id="{map_.get_name()}"></div>',
        scripts=[offline.leaflet_script(), offline.map_script(), script],
        is_embedded=is_embedded,
    )


def write_map_html(map_: SheetMap, path: Path) -> files.Written:
    """Write the map, its legend and the same facts as tables into one HTML file.

    Raises
    ------
    OutputError
        If the file cannot be written, or an added element would load something from a host.
    """
    return files.write_bytes(path, render_html(map_, is_embedded=False).encode("utf-8"))


def _refuse_hosts(element: Element) -> None:
    if isinstance(element, JSCSSMixin):
        for name, url in (*element.default_js, *element.default_css):
            if not url.startswith("data:"):
                raise OutputError(
                    f"{quote(type(element).__name__)} would load {quote(name)} from {quote(url)}",
                    how="Leave the element out, or give it the script as a data: address.",
                )
    for child in element._children.values():
        _refuse_hosts(child)
