"""The check report of a region pack, as a table."""

from __future__ import annotations

import streamlit as st

from welcomemap.pack.verify import CheckResult
from welcomemap.pages.html_table import Cell, show_table
from welcomemap.wording import UNKNOWN, Language, Text, format_number


def show_check(result: CheckResult, language: Language) -> None:
    """Say whether a pack is whole and right, and show its layers."""
    if result.ok:
        st.success(
            Text("Alle Ebenen sind vollständig und unverändert.",
                 "All layers are complete and unchanged.").in_language(language)
        )  # fmt: skip
    else:
        st.error(
            Text("Mindestens eine Ebene hat Fehler; sie stehen in der Tabelle.",
                 "At least one layer has faults; see the table.").in_language(language)
        )  # fmt: skip
    heads = (
        Text("Ebene", "Layer"), Text("Zeilen", "Rows"), Text("Stand", "Date"),
        Text("Lizenz", "Licence"), Text("Quelle", "Source"), Text("Prüfung", "Check"),
    )  # fmt: skip
    unknown = UNKNOWN[language]
    sound = Text("in Ordnung", "in order").in_language(language)
    rows: list[list[Cell]] = [
        [
            layer.name, format_number(layer.rows, language), layer.date or unknown,
            layer.licence or unknown, layer.source or unknown,
            sound if layer.ok else " ".join(layer.problems),
        ]
        for layer in result.layers
    ]  # fmt: skip
    show_table(
        Text("Ebenen des Datenpakets", "Layers of the data pack").in_language(language),
        [head.in_language(language) for head in heads], rows, numbers={1},
    )  # fmt: skip
