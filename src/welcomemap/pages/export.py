"""For planners: council paper, map and tables to take along, and the study as a file."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from welcomemap.errors import WelcomemapError
from welcomemap.pages import linked, own
from welcomemap.pages.candidate_input import choose_listed
from welcomemap.pages.export_files import MAP, MIME_TYPES, STEM, Order, bundle, make_files
from welcomemap.pages.plain import escape_markdown
from welcomemap.pages.planning import (
    Setting,
    begin_page,
    choose_setting,
    label_choice,
    make_offer,
)
from welcomemap.pages.study_file import show_open, show_save
from welcomemap.wording import Language, Text, format_number

FORMS = {
    "pdf": Text("Ratsvorlage (PDF, barrierefrei)", "Council paper (PDF, accessible)"),
    "docx": Text("Ratsvorlage (Word)", "Council paper (Word)"),
    MAP: Text("Interaktive Karte (HTML)", "Interactive map (HTML)"),
    "xlsx": Text("Alle Tabellen (Excel)", "All tables (Excel)"),
    "csv": Text("Alle Tabellen (CSV)", "All tables (CSV)"),
    "gpkg": Text("Ebenen für GIS (GeoPackage)", "Layers for GIS (GeoPackage)"),
    "geojson": Text("Ebenen für GIS (GeoJSON)", "Layers for GIS (GeoJSON)"),
    "png": Text("Karten als Bild (PNG)", "Maps as pictures (PNG)"),
    "svg": Text("Karten als Zeichnung (SVG)", "Maps as drawings (SVG)"),
}
MAX_TITLE = 200
FILES = "export_files"


def show() -> None:
    """Show the page."""
    language = begin_page(Text("Ausgabe", "Export"))
    order = _choose_order(choose_setting(language), language)
    pressed = st.button(
        Text("Dateien erstellen", "Make the files").in_language(language), type="primary"
    )
    if pressed:
        st.session_state.pop(FILES, None)
        _make(order, language)
    _offer(_find_files(order), language)
    show_save(language)
    show_open(language)


def _choose_order(setting: Setting, language: Language) -> Order:
    candidates = choose_listed(own.open_own_study(), language)
    nothing = Text("nicht", "none").in_language(language)
    forms = linked.choose_some(
        "forms", label_choice("forms", language), lambda name: FORMS[name].in_language(language),
        placeholder=Text("Bitte wählen", "Please choose").in_language(language),
    )  # fmt: skip
    left, right = st.columns(2)
    with left:
        title = linked.type_in(
            "title", Text("Titel (leer: der Befund selbst)", "Title (empty: the finding itself)")
            .in_language(language), max_chars=MAX_TITLE,
        )  # fmt: skip
        compare = linked.select(
            "since", label_choice("since", language), lambda name: name or nothing
        )
    with right:
        reference = linked.type_in(
            "reference", Text("Aktenzeichen", "File number").in_language(language),
            max_chars=MAX_TITLE,
        )  # fmt: skip
        focus = linked.select(
            "focus", label_choice("focus", language), lambda number: number or nothing
        )
    return Order(
        setting, tuple(forms), candidates, language, compare or None,
        int(focus) if focus else None, title.strip(), reference.strip(),
    )  # fmt: skip


def _make(order: Order, language: Language) -> None:
    if not order.forms:
        none = Text("Bitte wählen Sie mindestens eine Form.", "Please choose at least one form.")
        st.warning(none.in_language(language))
        return
    has_list = bool(make_offer().candidates)
    if has_list and not order.candidates and own.open_own().candidates.empty:
        # A paper for which none is named would tell of all.
        none = Text("Wählen Sie mindestens einen Kandidaten.", "Choose at least one candidate.")
        st.warning(none.in_language(language))
        return
    begun = Text("Die Zahlen werden berechnet …", "The figures are computed …")
    bar = st.progress(0.0, begun.in_language(language))
    word = Text("Entsteht gerade:", "Being made:").in_language(language)

    def tell(form: str, share: float) -> None:
        said = FORMS[form].in_language(language) if form in FORMS else form
        bar.progress(share, f"{word} {said}")

    try:
        st.session_state[FILES] = (order, own.open_own().answers, make_files(order, tell))
    except WelcomemapError as error:
        st.error(escape_markdown(str(error)))
    bar.empty()


def _find_files(order: Order) -> dict[str, bytes]:
    """Return the files made of exactly this; of anything else none are offered."""
    made_of, answers, files = st.session_state.get(FILES) or (None, None, {})
    is_same = made_of == order and answers is own.open_own().answers
    return dict(files) if is_same else {}


def _offer(files: dict[str, bytes], language: Language) -> None:
    if not files:
        return
    st.success(
        Text(f"{len(files)} Dateien sind fertig.", f"{len(files)} files are ready.")
        .in_language(language)
    )  # fmt: skip
    columns = st.columns(2)
    if len(files) > 1:
        columns[0].download_button(
            Text("Alle Dateien als ZIP", "All files as ZIP").in_language(language),
            bundle(files), f"{STEM}.zip", MIME_TYPES[".zip"],
            type="primary", on_click="ignore", width="stretch",
        )  # fmt: skip
    for number, (name, content) in enumerate(files.items(), start=1):
        size = format_number(max(len(content) / 1000, 1), language)
        columns[number % 2].download_button(
            escape_markdown(f"{name} ({size} kB)"), content, name,
            MIME_TYPES.get(Path(name).suffix, "application/octet-stream"),
            key=f"file_{name}", on_click="ignore", width="stretch",
        )  # fmt: skip
