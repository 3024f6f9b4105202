"""The page around a map, as one file that carries everything, or as a component of a page.

Texts from data are escaped here, once. The page forbids by its content security policy whatever it
does not carry itself: scripts and style sheets are named by their hash, so that even a script that
slipped in would not run.

As a component (script, style sheet and data) it lives in a page that keeps running: mounted once,
with every new :func:`component_data` the same map is redrawn, so that nothing reloads, flickers or
loses its zoom. What a visitor picks comes back as ``picked`` (``area:7``, ``site:wp-1``), a click
on the ground as ``place`` with ``lat`` and ``lon``, if wanted.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from branca.element import Figure

from welcomemap import files
from welcomemap.cartography.content import Source, TileServer
from welcomemap.cartography.elements import write_legend
from welcomemap.cartography.sheet import (
    MapTable,
    Sheet,
    SheetMap,
    component_script,
    leaflet_licence,
    leaflet_script,
    leaflet_style,
    map_script,
    page_style,
)
from welcomemap.cartography.signs import draw_key
from welcomemap.errors import OutputError
from welcomemap.wording import Translator

LONG_TEXT = 40


def write_page(sheet: Sheet, *, map_html: str, scripts: Sequence[str]) -> str:
    """Return a whole HTML page.

    Parameters
    ----------
    map_html
        The element the map is drawn into.
    scripts
        Scripts in the order they run.
    """
    translate, frame = sheet.translate, sheet.frame
    styles = [leaflet_style(), page_style()]
    tag, direction = translate.language.tag, translate.language.direction
    head = (
        f'<!DOCTYPE html>\n<html lang="{escape(tag)}" dir="{direction}">\n<head>\n'
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="'
        f'{escape(_write_policy(scripts, styles, frame.tiles))}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(frame.title)}</title>\n"
        + "".join(f"<style>{style}</style>\n" for style in styles)
        + "</head>\n"
    )
    without_script = translate("The map needs JavaScript. The table holds the same facts.")
    map_part = (
        f'<div class="wm-holder"><div class="wm-sheet"><div class="wm-frame">{map_html}'
        f'<noscript><p class="wm-noscript">{escape(without_script)}</p></noscript></div>'
        f"{write_legend(sheet.legend, translate)}</div></div>"
    )
    body = _write_body(sheet, map_part)
    run = "".join(f"<script>{script}</script>\n" for script in scripts)
    return f'{head}<body class="wm-page">\n{body}\n{run}</body>\n</html>\n'


def _write_policy(scripts: Sequence[str], styles: Sequence[str], tiles: TileServer | None) -> str:
    images = "data:"
    if tiles is not None:
        parts = urlsplit(tiles.url)
        images += f" {parts.scheme}://{parts.netloc.replace('{s}', '*')}"
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src {' '.join(map(_hash, scripts))}; "
        f"style-src {' '.join(map(_hash, styles))}; img-src {images}"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _write_body(sheet: Sheet, map_part: str) -> str:
    translate, frame = sheet.translate, sheet.frame
    subtitle = f'<p class="wm-subtitle">{escape(frame.subtitle)}</p>' if frame.subtitle else ""
    remarks = "".join(f'<p class="wm-remark">{escape(remark)}</p>' for remark in frame.remarks)
    skip = translate("Skip the map, go to the table")
    tables = "".join(_write_table(table, translate) for table in sheet.tables)
    return (
        f'<a class="wm-skip" href="#wm-facts">{escape(skip)}</a>\n'
        f'<header class="wm-head"><h1>{escape(frame.title)}</h1>{subtitle}{remarks}</header>\n'
        f'<main class="wm-main">{map_part}\n{_write_credits(frame.sources, translate)}\n'
        f'<div id="wm-facts" tabindex="-1">{tables}</div></main>\n'
        f'<footer class="wm-foot">{_write_licences(translate)}</footer>'
    )


def _write_credits(sources: Sequence[Source], translate: Translator) -> str:
    if not sources:
        return ""
    named = " · ".join(
        f"{source.name} ({source.licence})" if source.licence else source.name for source in sources
    )
    heading = translate("Sources and licences")
    return f'<p class="wm-credits">{escape(heading)}: {escape(named)}</p>'


def _write_licences(translate: Translator) -> str:
    shown = f"<h2>Leaflet 1.9.4</h2><pre>{escape(leaflet_licence())}</pre>"
    heading = translate("Licences of the programs inside")
    return f"<details><summary>{escape(heading)}</summary>{shown}</details>"


def _write_table(table: MapTable, translate: Translator) -> str:
    has_buttons = any(key for key, _ in table.rows)

    def cell(tag: str, column: int, text: str, extra: str = "") -> str:
        kind = "wm-number" if column in table.number_columns else ""
        if tag == "td" and len(text) > LONG_TEXT:
            kind = "wm-long"
        look = f' class="{kind}"' if kind else ""
        return f"<{tag}{look}{extra}>{escape(text)}</{tag}>"

    heads = "".join(
        cell("th", column, name, ' scope="col"') for column, name in enumerate(table.columns)
    )
    if has_buttons:
        heads += '<th scope="col" class="wm-show">' + escape(translate("Map")) + "</th>"
    rows = []
    for key, cells in table.rows:
        row = cell("th", 0, cells[0], ' scope="row"')
        row += "".join(cell("td", column, text) for column, text in enumerate(cells[1:], start=1))
        if has_buttons:
            row += f'<td class="wm-show">{_write_button(key, cells[0], translate)}</td>'
        rows.append(f"<tr>{row}</tr>")
    return (
        f'<div class="wm-table" role="region" tabindex="0" aria-label="{escape(table.caption)}">'
        f"<table><caption>{escape(table.caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _write_button(key: str, name: str, translate: Translator) -> str:
    if not key:
        return escape(translate("place not known"))
    show, label = translate("Show"), translate("Show {name} on the map", name=name)
    return (
        f'<button type="button" data-wm-show="{escape(key)}" aria-label="{escape(label)}">'
        f"{escape(show)}</button>"
    )


def render_html(map_: SheetMap) -> str:
    """Return the map as a whole HTML page that makes no request.

    Raises
    ------
    OutputError
        If an element that was added to the map would load something from a host.
    """
    root = map_.get_root()
    if not isinstance(root, Figure):
        raise OutputError("the map belongs to no page", how="Do not take the map out of its page.")
    root.render()
    _refuse_hosts(str(root.header.render()))
    return write_page(
        map_.sheet,
        map_html=f'<div class="folium-map" id="{map_.get_name()}"></div>',
        scripts=[leaflet_script(), map_script(), str(root.script.render())],
    )


def write_map_html(map_: SheetMap, path: Path) -> files.Written:
    """Write the map, its legend and the same facts as tables into one HTML file.

    Raises
    ------
    OutputError
        If the file cannot be written, or an added element would load something from a host.
    """
    return files.write_bytes(path, render_html(map_).encode("utf-8"))


_LOADED = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=["']?([^"'\s>]+)""")


def _refuse_hosts(header: str) -> None:
    """Refuse what an added element would load from a host; the map's own parts are inside."""
    for address in _LOADED.findall(header):
        if not address.startswith("data:"):
            raise OutputError(
                "an element of the map would load {address}",
                address=address,
                how="Leave the element out, or give it the script as a data: address.",
            )


def component_module() -> str:
    """Return the script: an ES module whose default export draws ``data.sheet``."""
    parts = (leaflet_script(), map_script(), component_script())
    return "\n".join(parts)


def component_style() -> str:
    """Return the style sheet, with every image it names inside."""
    return leaflet_style() + page_style()


def component_data(map_: SheetMap, *, wants_place: bool = False) -> dict[str, Any]:
    """Return what the component draws, as JSON values.

    Parameters
    ----------
    wants_place
        Report a click on the ground as ``place``, for choosing a site on the map.
    """
    sheet = map_.sheet
    translate = sheet.translate
    options = {
        "center": map_.location,
        "zoom": 11,
        "maxZoom": 19,
        "minZoom": 8,
        "zoomSnap": 0.25,
        "zoomDelta": 0.5,
        "wheelPxPerZoomLevel": 90,
        "zoomControl": False,
        "attributionControl": False,
    }
    described = {
        **sheet.settings(),
        "options": options,
        "layers": list(sheet.layers),
        "legend_title": translate("Legend"),
        "hint": translate(
            "Tab moves to the signs, Enter opens the facts, the arrow keys move the map."
        ),
        "legend": [
            {
                "heading": block.heading,
                "entries": [[draw_key(row.key), row.text] for row in block.rows],
            }
            for block in sheet.legend
            if block.rows
        ],
        "language": translate.language.tag,
        "direction": translate.language.direction,
        "wants_place": wants_place,
    }
    text = json.dumps(described, sort_keys=True, allow_nan=False)
    return {"sheet": {**described, "stamp": hashlib.sha256(text.encode("utf-8")).hexdigest()}}
