"""For planners: every layer with its source and limits, own data with its check, geocoding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from welcomemap.pack.verify import CheckedLayer, check_pack
from welcomemap.pages import linked, own
from welcomemap.pages.address_review import show_review
from welcomemap.pages.own_data import show_district_layer, show_own_list, show_own_pack
from welcomemap.pages.pack_check import show_check
from welcomemap.pages.plain import escape_html, escape_markdown
from welcomemap.pages.planning import begin_page, label_choice
from welcomemap.wording import UNKNOWN, Language, Text

PARTS = {
    "about": Text("Ebenen und Quellen", "Layers and sources"),
    "addresses": Text("Adressen suchen und nachbessern", "Look up and mend addresses"),
    "list": Text("Eigene Liste von Standorten", "Own list of sites"),
    "districts": Text("Eigene Bezirksgrenzen", "Own district borders"),
    "pack": Text("Eigenes Datenpaket", "Own data pack"),
}


def show() -> None:
    """Show the page."""
    language = begin_page(Text("Daten", "Data"))
    part = linked.choose_one(
        "part", label_choice("part", language), lambda name: PARTS[name].in_language(language)
    )
    if part == "addresses":
        show_review(language)
    elif part == "list":
        show_own_list(language)
    elif part == "districts":
        show_district_layer(language)
    elif part == "pack":
        show_own_pack(language)
    else:
        _show_layers(language)


def _show_layers(language: Language) -> None:
    pack = own.open_own_study().pack
    with st.spinner(Text("Wird geprüft …", "Checking …").in_language(language)):
        result = own.answer("check", lambda: check_pack(pack), is_private=own.is_own())
    show_check(result, language)
    st.header(Text("Jede Ebene im Einzelnen", "Each layer in detail").in_language(language),
                 anchor=False)  # fmt: skip
    found = {layer.name: layer for layer in result.layers}
    for resource in pack.manifest["resources"]:
        with st.expander(escape_markdown(resource.get("title") or resource["name"])):
            st.html(_render_layer(resource, found[str(resource["name"])], language))


def _render_layer(resource: Mapping[str, Any], layer: CheckedLayer, language: Language) -> str:
    unknown = UNKNOWN[language]
    licence = resource.get("licence") or {}
    limits = resource.get("limits_de") if language == "de" else None
    facts = (
        (Text("Datei", "File"), layer.path),
        (Text("Quelle", "Source"), layer.source),
        (Text("Lizenz", "Licence"), " · ".join(
            str(licence.get(key)) for key in ("title", "url") if licence.get(key))),
        (Text("Stand", "Date"), layer.date),
        (Text("Grenzen der Daten", "Limits"), str(limits or resource.get("limits") or "")),
        (Text("Prüfsumme (SHA-256)", "Hash (SHA-256)"), layer.sha256),
        (Text("Spalten", "Columns"), _list_columns(resource, language)),
    )  # fmt: skip
    cells = "".join(
        f"<dt>{escape_html(label.in_language(language))}</dt>"
        f"<dd>{escape_html(value or unknown)}</dd>"
        for label, value in facts
    )
    return f'<div class="wm-sheet-card"><dl>{cells}</dl></div>'


def _list_columns(resource: Mapping[str, Any], language: Language) -> str:
    key = "description" if language == "de" else "description_en"
    fields = (resource.get("schema") or {}).get("fields") or ()
    return "; ".join(f"{field['name']}: {field.get(key) or ''}".rstrip(": ") for field in fields)
