"""Headings and fixed sentences of the paper."""

from __future__ import annotations

from welcomemap.coverage.headings import is_part
from welcomemap.coverage.words import word_the_group
from welcomemap.wording import Text

ANSWER = Text("Die Antwort in fünf Punkten", "The answer in five points")
SHORT_ANSWER = Text("Die Antwort", "The answer")
QUESTION = Text("Die Frage", "The question")
DISTRICTS = Text("Drei Bedeutungen von „versorgt“", "Three meanings of “served”")
GAPS = Text("Die größten Lücken", "The largest gaps")
CHANGE = Text("Wer gewonnen und wer verloren hat", "Who gained and who lost")
CANDIDATES = Text("Mögliche Standorte", "Candidate sites")
NO_CANDIDATES = Text(
    "Es sind keine möglichen Standorte mit bekanntem Ort genannt; verglichen ist darum nichts.",
    "No candidate sites with a known place are named, so nothing is compared.",
)
LEFT_OUT = Text("Ohne bekannten Ort und darum nicht verglichen", "Left out, no known place")
SITES = Text("Die Standorte und was strittig ist", "The sites and what is disputed")
METHOD = Text("Wie gerechnet wurde", "How it was counted")
LIMITS = Text("Was die Zahlen nicht sagen", "What the numbers do not say")
GLOSSARY = Text("Wörter", "Words")
FORMULAS = Text("Woher jede Zahl kommt", "Where each number comes from")
LAYERS = Text("Quellen und Lizenzen", "Sources and licences")
MAP = Text("Karte", "Map")
LARGE_MAP = Text("Karte im Format A3", "Map in A3")
CRITERION = Text("Kriterium", "Criterion")


def tell_no_gaps(group: str) -> Text:
    """Say that nobody who is counted lives out of reach."""
    if not is_part(group):
        return Text(
            "Niemand lebt außer Reichweite, soweit bekannt.",
            "Nobody lives out of reach, as far as known.",
        )
    people = word_the_group(group)
    return Text(
        f"Keine {people.de} leben außer Reichweite, soweit bekannt.",
        f"No {people.en} live out of reach, as far as known.",
    )
