"""The page around a map: heading, legend, the same facts as tables, sources and licences.

Texts from data are escaped here, once. The page forbids by its content security policy whatever it
does not carry itself: scripts and style sheets are named by their hash, so that even a script that
slipped in would not run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from welcomemap.maps import offline
from welcomemap.maps.content import Source, TileServer
from welcomemap.maps.legend import write_legend
from welcomemap.maps.sheet import MapTable, Sheet
from welcomemap.maps.words import MapWords

LONG_TEXT = 40


def write_page(sheet: Sheet, *, map_html: str, scripts: Sequence[str], is_embedded: bool) -> str:
    """Return a whole HTML page.

    Parameters
    ----------
    map_html
        The element the map is drawn into.
    scripts
        Scripts in the order they run.
    is_embedded
        Leave out heading, tables and licences: the page around the frame has them.
    """
    words, frame = sheet.words, sheet.frame
    styles = [offline.leaflet_style(), offline.page_style()]
    direction = "rtl" if words.is_right_to_left else "ltr"
    head = (
        f'<!DOCTYPE html>\n<html lang="{escape(words.lang)}" dir="{direction}">\n<head>\n'
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="'
        f'{escape(_write_policy(scripts, styles, frame.tiles))}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(frame.title)}</title>\n"
        + "".join(f"<style>{style}</style>\n" for style in styles)
        + "</head>\n"
    )
    map_part = (
        f'<div class="wm-holder"><div class="wm-sheet"><div class="wm-frame">{map_html}'
        f'<noscript><p class="wm-noscript">{escape(words.without_script)}</p></noscript></div>'
        f"{write_legend(sheet.legend, words)}</div></div>"
    )
    if is_embedded:
        body = f'<main class="wm-main">{map_part}</main>'
    else:
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
    words, frame = sheet.words, sheet.frame
    subtitle = f'<p class="wm-subtitle">{escape(frame.subtitle)}</p>' if frame.subtitle else ""
    remarks = "".join(f'<p class="wm-remark">{escape(remark)}</p>' for remark in frame.remarks)
    tables = "".join(_write_table(table, words) for table in sheet.tables)
    return (
        f'<a class="wm-skip" href="#wm-facts">{escape(words.skip_map)}</a>\n'
        f'<header class="wm-head"><h1>{escape(frame.title)}</h1>{subtitle}{remarks}</header>\n'
        f'<main class="wm-main">{map_part}\n{_write_credits(frame.sources, words)}\n'
        f'<div id="wm-facts" tabindex="-1">{tables}</div></main>\n'
        f'<footer class="wm-foot">{_write_licences(words)}</footer>'
    )


def _write_credits(sources: Sequence[Source], words: MapWords) -> str:
    if not sources:
        return ""
    named = " · ".join(
        f"{source.name} ({source.licence})" if source.licence else source.name for source in sources
    )
    return f'<p class="wm-credits">{escape(words.sources)}: {escape(named)}</p>'


def _write_licences(words: MapWords) -> str:
    shown = f"<h2>Leaflet 1.9.4</h2><pre>{escape(offline.leaflet_licence())}</pre>"
    return f"<details><summary>{escape(words.software)}</summary>{shown}</details>"


def _write_table(table: MapTable, words: MapWords) -> str:
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
        heads += f'<th scope="col" class="wm-show">{escape(words.map_label)}</th>'
    rows = []
    for key, cells in table.rows:
        row = cell("th", 0, cells[0], ' scope="row"')
        row += "".join(cell("td", column, text) for column, text in enumerate(cells[1:], start=1))
        if has_buttons:
            row += f'<td class="wm-show">{_write_button(key, cells[0], words)}</td>'
        rows.append(f"<tr>{row}</tr>")
    return (
        f'<div class="wm-table" role="region" tabindex="0" aria-label="{escape(table.caption)}">'
        f"<table><caption>{escape(table.caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _write_button(key: str, name: str, words: MapWords) -> str:
    if not key:
        return escape(words.not_located)
    label = words.show_on_map.replace("{name}", name)
    return (
        f'<button type="button" data-wm-show="{escape(key)}" aria-label="{escape(label)}">'
        f"{escape(words.show)}</button>"
    )
