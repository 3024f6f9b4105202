"""What a candidate list says of each candidate: standing, place and space, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from welcomemap.describe.kinds import word_kind
from welcomemap.describe.reasons import describe_note
from welcomemap.geocoding.outcome import GIVEN, SET_ON_MAP
from welcomemap.region.scenario import SURE_OUTCOMES
from welcomemap.study.alike import status_of
from welcomemap.study.comparison import list_requirements
from welcomemap.wording import (
    NOTHING,
    UNKNOWN,
    Phrase,
    Verbatim,
    join_phrases,
    read_given,
    say,
    say_metres,
    say_number,
    say_quoted,
)

if TYPE_CHECKING:
    from welcomemap.siting.compare import Candidate
    from welcomemap.study.candidates import CandidateSites

STATUS_WORDS = {
    "dropped": say("dropped"),
    "chosen": say("decided"),
    "proposal": say("proposal, not decided"),
}
OUTCOME_WORDS = {
    "interpolated": say("between known house numbers"),
    "nearest_number": say("at the nearest known number"),
    "range": say("the middle of several house numbers"),
    "street": say("only the street is known"),
}


def tell_candidates(
    candidates: Sequence[Candidate],
    sites: CandidateSites,
    requirements: Mapping[str, Mapping[str, Any]],
) -> tuple[Phrase, ...]:
    """Say what is decided about each candidate, how its place is known, and what its kind needs."""
    told: list[Phrase] = []
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


def tell_status(name: str, facts: Mapping[str, str]) -> Iterator[Phrase]:
    """Say what the list says is decided about a candidate, if it says anything."""
    status = facts.get("status") or ""
    if not status:
        return
    word = STATUS_WORDS.get(status, Verbatim(status))
    yield say("Status of “{name}” in the list: {word}.", name=name, word=word)


def tell_doubts(sites: CandidateSites, number: int) -> Iterator[Phrase]:
    """Say what speaks against the place of a candidate, if anything does."""
    told = join_phrases(*map(describe_note, sites.notes_of(number)))
    if told == NOTHING:
        return
    name = sites.names[number]
    yield say("About the place of “{name}”: {told}", name=name, told=told)


def _tell_place(candidate: Candidate, radius_m: float) -> Iterator[Phrase]:
    outcome = candidate.location_outcome
    if outcome is None or outcome in (*SURE_OUTCOMES, GIVEN, SET_ON_MAP):
        return
    known = math.isfinite(radius_m)
    up_m = 10 * math.ceil(radius_m / 10) if known else math.nan
    word = OUTCOME_WORDS.get(outcome, Verbatim(outcome))
    if not known:
        yield say(
            "The place of “{name}” is itself an estimate ({word}).", name=candidate.name, word=word
        )
        return
    yield say(
        "The place of “{name}” is itself an estimate ({word}, right to within {radius}).",
        name=candidate.name,
        word=word,
        radius=say_metres(up_m),
    )


def _tell_needs(candidates: Sequence[Candidate], needed: Mapping[str, Any]) -> Iterator[Phrase]:
    text, source = needed.get("text"), needed.get("source")
    if text is not None:
        by = say(" ({source})", source=read_given(source)) if source else NOTHING
        yield say("What is needed{by}: {text}", by=by, text=read_given(text))
    words = {"area_m2": say("area"), "rooms": say("rooms")}
    verdicts = {
        True: say("enough"), False: say("too little"),
        None: UNKNOWN,
    }  # fmt: skip
    for candidate in candidates:
        parts = []
        for one in list_requirements(candidate, needed):
            unit = " m²" if one.name == "area_m2" else ""
            shown = (
                NOTHING
                if one.given is None
                else join_phrases(say_number(one.given), f"{unit}, ", joint="")
            )
            parts.append(
                say(
                    "{what}: {shown}{verdict}",
                    what=words[one.name],
                    shown=shown,
                    verdict=verdicts[one.is_met],
                )
            )
        if parts:
            yield say(
                "“{name}”: {parts}.", name=candidate.name, parts=join_phrases(*parts, joint="; ")
            )


def tell_mixture(sites: CandidateSites) -> Phrase:
    """Say that unlike candidates stand in one ranking."""
    named = describe_kinds(sites)
    return say(
        "Unlike things stand side by side here: {named}. The order does not say which of them is "
        "needed, and changes no decision.",
        named=named,
    )


def describe_kinds(sites: CandidateSites) -> Phrase:
    """Name each candidate with its purpose and what is decided about it."""
    said = []
    for name, facts in zip(sites.names, sites.facts, strict=True):
        purpose: Phrase = Verbatim(facts.get("purpose") or "")
        if purpose == NOTHING:
            purpose = word_kind(facts.get("kind") or "")
        status = STATUS_WORDS.get(status_of(facts), Verbatim(status_of(facts)))
        about = [what for what in (purpose, status) if what != NOTHING]
        if about:
            said.append(
                say("“{name}” ({about})", name=name, about=join_phrases(*about, joint=", "))
            )
        else:
            said.append(say_quoted(name))
    return join_phrases(*said, joint="; ")
