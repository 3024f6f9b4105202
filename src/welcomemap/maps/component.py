"""The map as a component of a page that keeps running (script, style sheet and data).

A page mounts the component once; with every new :func:`component_data` the same map is redrawn, so
that nothing reloads, flickers or loses its zoom. What a visitor picks comes back as ``picked``
(``area:7``, ``site:wp-1``), a click on the ground as ``place`` with ``lat`` and ``lon``, if wanted.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from welcomemap.maps import offline
from welcomemap.maps.sheet import SheetMap


def component_script() -> str:
    """Return the script: an ES module whose default export draws ``data.sheet``."""
    parts = (offline.leaflet_script(), offline.map_script(), offline.component_script())
    return "\n".join(parts)


def component_style() -> str:
    """Return the style sheet, with every image it names inside."""
    return offline.leaflet_style() + offline.page_style()


def component_data(map_: SheetMap, *, wants_place: bool = False) -> dict[str, Any]:
    """Return what the component draws, as JSON values.

    Parameters
    ----------
    wants_place
        Report a click on the ground as ``place``, for choosing a site on the map.
    """
    sheet = map_.sheet
    words = sheet.words
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
        "legend_title": words.legend,
        "hint": words.keyboard_hint,
        "legend": [
            {
                "heading": group.heading,
                "entries": [[entry.drawing, entry.text] for entry in group.entries],
            }
            for group in sheet.legend
            if group.entries
        ],
        "language": words.lang,
        "direction": "rtl" if words.is_right_to_left else "ltr",
        "wants_place": wants_place,
    }
    text = json.dumps(described, sort_keys=True, allow_nan=False)
    stamp = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return {"sheet": {**described, "stamp": stamp}}
