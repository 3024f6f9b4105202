"""What a candidate list says of each candidate: standing, place and space, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from welcomemap.describe.addresses import describe_note
from welcomemap.region.scenario import SURE_OUTCOMES
from welcomemap.siting.compare import Candidate
from welcomemap.study.alike import status_of
from welcomemap.study.candidates import CandidateSites
from welcomemap.study.comparison import list_requirements
from welcomemap.wording import LANGUAGES, UNKNOWN, Text, format_metres, format_number, join_texts

STATUS_WORDS = {
    "dropped": Text("verworfen", "dropped"),
    "chosen": Text("beschlossen", "decided"),
    "proposal": Text("Vorschlag, nicht beschlossen", "proposal, not decided"),
}
OUTCOME_WORDS = {
    "interpolated": Text("zwischen bekannten Hausnummern", "between known house numbers"),
    "nearest_number": Text("bei der nächsten bekannten Hausnummer", "at the nearest known number"),
    "range": Text("Mitte mehrerer Hausnummern", "the middle of several house numbers"),
    "street": Text("nur die Straße ist bekannt", "only the street is known"),
}


def tell_candidates(
    candidates: Sequence[Candidate],
    sites: CandidateSites,
    requirements: Mapping[str, Mapping[str, Any]],
) -> tuple[Text, ...]:
    """Say what is decided about each candidate, how its place is known, and what its kind needs."""
    told: list[Text] = []
    for number, candidate in enumerate(candidates):
        facts = sites.facts[number]
        told += tell_status(candidate.name, facts)
        told += _tell_place(candidate, float(sites.error_radius_m[number]))
        told += tell_doubts(sites, number)
    for kind in dict.fromkeys(facts.get("kind") or "" for facts in sites.facts):
        if kind in requirements:
            mine = [
                c for c, f in zip(candidates, sites.facts, strict=True) if f.get("kind") == kind
            ]
            told += _tell_needs(mine, requirements[kind])
    return tuple(told)


def tell_status(name: str, facts: Mapping[str, str]) -> Iterator[Text]:
    """Say what the list says is decided about a candidate, if it says anything."""
    status = facts.get("status") or ""
    if not status:
        return
    word = STATUS_WORDS.get(status, Text(status, status))
    yield Text(
        f"Stand von „{name}“ laut Liste: {word.de}.",
        f"Status of “{name}” in the list: {word.en}.",
    )


def tell_doubts(sites: CandidateSites, number: int) -> Iterator[Text]:
    """Say what speaks against the place of a candidate, if anything does."""
    told = join_texts(*map(describe_note, sites.notes_of(number)))
    if not told.de:
        return
    name = sites.names[number]
    yield Text(f"Zum Ort von „{name}“: {told.de}", f"About the place of “{name}”: {told.en}")


def _tell_place(candidate: Candidate, radius_m: float) -> Iterator[Text]:
    outcome = candidate.location_outcome
    if outcome is None or outcome in SURE_OUTCOMES:
        return
    known = math.isfinite(radius_m)
    up_m = 10 * math.ceil(radius_m / 10) if known else math.nan
    word = OUTCOME_WORDS.get(outcome, Text(outcome, outcome))
    de, en = (format_metres(up_m, "de"), format_metres(up_m, "en"))
    yield Text(
        f"Der Ort von „{candidate.name}“ ist selbst geschätzt ({word.de}"
        + (f", bis auf {de} genau)." if known else ")."),
        f"The place of “{candidate.name}” is itself an estimate ({word.en}"
        + (f", right to within {en})." if known else ")."),
    )


def _tell_needs(candidates: Sequence[Candidate], needed: Mapping[str, Any]) -> Iterator[Text]:
    text, source = needed.get("text"), needed.get("source")
    if text is not None:
        de = f" ({source['de']})" if source else ""
        en = f" ({source['en']})" if source else ""
        yield Text(f"Gebraucht wird{de}: {text['de']}", f"What is needed{en}: {text['en']}")
    words = {"area_m2": Text("Fläche", "area"), "rooms": Text("Räume", "rooms")}
    verdicts = {
        True: Text("reicht", "enough"), False: Text("zu wenig", "too little"),
        None: Text(UNKNOWN["de"], UNKNOWN["en"]),
    }  # fmt: skip
    for candidate in candidates:
        parts_de, parts_en = [], []
        for one in list_requirements(candidate, needed):
            verdict, unit = verdicts[one.is_met], " m²" if one.name == "area_m2" else ""
            shown = "" if one.given is None else f"{format_number(one.given, 'de')}{unit}, "
            parts_de.append(f"{words[one.name].de}: {shown}{verdict.de}")
            shown = "" if one.given is None else f"{format_number(one.given, 'en')}{unit}, "
            parts_en.append(f"{words[one.name].en}: {shown}{verdict.en}")
        if parts_de:
            yield Text(
                f"„{candidate.name}“: {'; '.join(parts_de)}.",
                f"“{candidate.name}”: {'; '.join(parts_en)}.",
            )


def tell_mixture(sites: CandidateSites) -> Text:
    """Say that unlike candidates stand in one ranking."""
    named = describe_kinds(sites)
    return Text(
        f"Verschiedenes steht hier nebeneinander: {named.de}. Die Reihenfolge sagt nicht, was "
        "davon gebraucht wird, und ändert nichts an Beschlüssen.",
        f"Unlike things stand side by side here: {named.en}. The order does not say which of them "
        "is needed, and changes no decision.",
    )


def describe_kinds(sites: CandidateSites) -> Text:
    """Name each candidate with its purpose and what is decided about it."""
    said = {}
    for language in LANGUAGES:
        quotes = "„{}“" if language == "de" else "“{}”"
        parts = []
        for name, facts in zip(sites.names, sites.facts, strict=True):
            what = facts.get("purpose") or (facts.get("kind") or "").replace("_", " ")
            status = STATUS_WORDS.get(status_of(facts), Text(status_of(facts), status_of(facts)))
            about = ", ".join(filter(None, (what, status.in_language(language))))
            parts.append(quotes.format(name) + (f" ({about})" if about else ""))
        said[language] = "; ".join(parts)
    return Text(said["de"], said["en"])
