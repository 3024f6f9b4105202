"""The verdict of a comparison and its reason, in sentences that hold in every case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from welcomemap.describe.candidates import tell_candidates, tell_mixture, tell_status
from welcomemap.describe.words import (
    ALL_RESIDENTS,
    LEAST_PEOPLE,
    head_gained,
    is_part,
    word_draws,
    word_group,
    word_the_group,
)
from welcomemap.region.schemas import GROUPS
from welcomemap.siting.compare import DECISION_SHARE, WEIGHTING_SHARE, Comparison
from welcomemap.study.alike import is_mixed
from welcomemap.wording import (
    NOTHING,
    Phrase,
    Verbatim,
    join_phrases,
    say,
    say_list,
    say_number,
    say_quoted,
    say_share,
)

if TYPE_CHECKING:
    from welcomemap.study.comparison import ComparisonAnswer


def describe_comparison(answer: ComparisonAnswer) -> tuple[Phrase, ...]:
    """Return the verdict, what is decided about those who come first, and what it rests on."""
    verdict, *others = describe_verdict(answer.comparison)
    sites = answer.sites
    told = [
        status
        for number in np.flatnonzero(answer.comparison.ranking.rank == 1)
        for status in tell_status(sites.names[int(number)], sites.facts[int(number)])
    ]
    mixed = [tell_mixture(sites)] if is_mixed(sites) else []
    return (verdict, *told, *mixed, *others)


def describe_notes(answer: ComparisonAnswer) -> tuple[Phrase, ...]:
    """Return what the list says of the candidates: standing, place, space; nothing said twice."""
    said = describe_comparison(answer)
    told = tell_candidates(answer.comparison.candidates, answer.sites, answer.requirements)
    return tuple(note for note in told if note not in said)


def name_criterion(name: str, group: str) -> Phrase:
    """Return what a criterion is called where a group was asked for: it says whom it counts."""
    if name in GROUPS:
        if name == group or is_part(name):
            return head_gained(name)
        return say("more {residents} within reach", residents=ALL_RESIDENTS)  # fmt: skip
    people, counted = word_the_group(group), word_group(group)
    of_them = say(" ({counted})", counted=counted) if is_part(group) else NOTHING
    words = {
        "mean_cost": say("mean way (average) of all {people}", people=people),
        "p90_cost": say("way that 90% of all {people} stay within", people=people),
        "stop_distance_m": say("way to the nearest stop"),
        "n_lines": say("lines at the nearest stop"),
        "overlap_share": say("overlap with existing sites{of_them}", of_them=of_them),
    }  # fmt: skip
    return words.get(name, Verbatim(name))


MOST_IN_DRAWS = say("gains the most in the draws")
"""What ``p_best`` is called wherever people read it."""


def word_mean_way(group: str) -> Phrase:
    """Return what the mean way of a group is called."""
    return name_criterion("mean_cost", group)


def describe_verdict(facts: Comparison) -> list[Phrase]:
    """Return which candidate comes first and why, what it gains, and how sure that is."""
    order = np.lexsort((-facts.ranking.first_share, facts.ranking.rank))
    lead = int(order[0])
    if len(facts.candidates) == 1:
        only = facts.candidates[0].name
        alone = say(
            "“{only}” is the only candidate: there is nothing to compare it with.", only=only
        )
        return [alone, _tell_gain(facts, lead)]
    verdict = _tell_best(facts, lead) if facts.is_decided else _tell_undecided(facts, lead)
    level = [int(k) for k in np.flatnonzero(facts.ranking.rank == 1)]
    if len(level) > 1:
        return [verdict, *_tell_level(facts, level)]
    return [verdict, *_tell_reason(facts, lead), _tell_gain(facts, lead), *_tell_draws(facts, lead)]


def _tell_level(facts: Comparison, level: Sequence[int]) -> list[Phrase]:
    """Say of each that comes first what it gains; none of them is put before the others."""
    if max(facts.gained) < LEAST_PEOPLE:
        return [_tell_gain(facts, level[0])]
    told = [_tell_gain(facts, number) for number in level]
    if facts.p_best is not None:
        best = int(np.argmax(facts.p_best))
        others = [best] if facts.p_best[best] > facts.p_best[list(level)].max() else []
        told += [_word_draws(facts, number) for number in (*level, *others)]
    return told


def _tell_best(facts: Comparison, lead: int) -> Phrase:
    name = facts.candidates[lead].name
    return say(
        "“{name}” is the best site of those compared; it comes first in {share} of all weightings.",
        share=say_share(float(facts.ranking.first_share[lead])),
        name=name,
    )


def _tell_undecided(facts: Comparison, lead: int) -> Phrase:
    ranking = facts.ranking
    begin = say("The data cannot decide which site is best: ")
    level = [int(k) for k in np.flatnonzero(ranking.rank == 1)]
    if len(level) > 1:
        names = _list([facts.candidates[k].name for k in level])
        if all(len({values[k] for k in level}) == 1 for values in facts.values.values()):
            return say("{begin}{names} are level.", begin=begin, names=names)
        return say(
            "If all criteria count the same, {names} are level; the data cannot decide which of "
            "them counts more.",
            names=names,
        )
    name = facts.candidates[lead].name
    rival = _find_rival(facts, lead)
    if rival is not None:
        return _tell_rival(facts, lead, rival, begin)
    reasons = [*_doubt_order(facts, lead), *_doubt_gain(facts, lead)]
    return say(
        "{begin}“{name}” leads, but {reasons}.",
        begin=begin,
        name=name,
        reasons=join_phrases(*reasons, joint=say(", and ")),
    )


def _find_rival(facts: Comparison, lead: int) -> int | None:
    """Return who gains the most people in more draws than the first by weights, if anybody does."""
    if facts.p_best is None:
        return None
    best = int(np.argmax(facts.p_best))
    return best if facts.p_best[best] > facts.p_best[lead] else None


def _tell_rival(facts: Comparison, lead: int, rival: int, begin: Phrase) -> Phrase:
    """Say in one sentence who is first by the weights and who by the draws: nobody leads."""
    name, other = facts.candidates[lead].name, facts.candidates[rival].name
    people = word_the_group(facts.group)
    draws = word_draws(0.0 if facts.p_best is None else float(facts.p_best[rival]))
    doubts = [say(", and {doubt}", doubt=doubt) for doubt in _doubt_order(facts, lead)]
    return say(
        "{begin}by the weights “{name}” comes first, but {draws} “{other}” gains the most "
        "{people}{doubts}.",
        doubts=join_phrases(*doubts, joint=""),
        begin=begin,
        name=name,
        people=people,
        draws=draws,
        other=other,
    )


def _doubt_order(facts: Comparison, lead: int) -> list[Phrase]:
    """Say what could bring another one to the first place."""
    ranking, name, doubts = facts.ranking, facts.candidates[lead].name, []
    if ranking.low[lead] <= np.delete(ranking.high, lead).max():
        doubts.append(say("values that are not known could change the order"))
    share = float(ranking.first_share[lead])
    if share < WEIGHTING_SHARE:
        doubts.append(
            say(
                "“{name}” comes first in only {share} of all weightings",
                share=say_share(share),
                name=name,
            )
        )
    return doubts


def _doubt_gain(facts: Comparison, lead: int) -> list[Phrase]:
    """Say that the first may not gain the most."""
    name = facts.candidates[lead].name
    if max(facts.gained) < LEAST_PEOPLE:
        return [say("none brings any more {people} within reach", people=word_group(facts.group))]
    if facts.p_best is None or facts.p_best[lead] >= DECISION_SHARE:
        return []
    p_best, people = float(facts.p_best[lead]), word_the_group(facts.group)
    return [
        say(
            "in only {p_best} of the draws “{name}” gains the most {people}",
            p_best=say_share(p_best),
            name=name,
            people=people,
        )
    ]


def _tell_reason(facts: Comparison, lead: int) -> list[Phrase]:
    """Say in one sentence in what the first is better than every other, and in what it is not."""
    better: list[Phrase] = []
    worse: list[Phrase] = []
    for criterion in facts.criteria:
        column = facts.values[criterion.key]
        mine = column[lead]
        others = [value for k, value in enumerate(column) if k != lead]
        if mine is None:
            continue
        sign = 1 if criterion.is_more_better else -1
        if any(value is not None and sign * value > sign * mine for value in others):
            worse.append(name_criterion(criterion.key, facts.group))
        elif all(value is not None and sign * value < sign * mine for value in others):
            better.append(name_criterion(criterion.key, facts.group))
    name = facts.candidates[lead].name
    if not better and not worse:
        return []
    good, bad = (join_phrases(*texts, joint=" · ") for texts in (better, worse))
    if not worse:
        return [say("Reason: “{name}” is the best in: {good}.", name=name, good=good)]
    if not better:
        return [say("Reason: another candidate is better in: {bad}.", bad=bad)]
    return [
        say(
            "Reason: “{name}” is the best in: {good}; another candidate is better in: {bad}.",
            name=name,
            good=good,
            bad=bad,
        )
    ]


def _tell_gain(facts: Comparison, lead: int) -> Phrase:
    name, gained = facts.candidates[lead].name, facts.gained[lead]
    people = word_group(facts.group)
    if max(facts.gained) < LEAST_PEOPLE and len(facts.gained) > 1:
        return say("None of the candidates brings any more {people} within reach.", people=people)
    if gained < LEAST_PEOPLE:
        return say(
            "“{name}” would bring no more {people} within reach.",
            name=name,
            people=people,
            the_people=word_the_group(facts.group),
        )
    return say(
        "“{name}” would bring {gained} more {people} within reach.",
        name=name,
        gained=say_number(gained),
        people=people,
    )


def _tell_draws(facts: Comparison, lead: int) -> list[Phrase]:
    if facts.p_best is None or max(facts.gained) < LEAST_PEOPLE:
        return []
    if _find_rival(facts, lead) is not None:
        return []
    return [_word_draws(facts, lead)]


def _word_draws(facts: Comparison, number: int) -> Phrase:
    if facts.p_best is None:
        return NOTHING
    name, share = facts.candidates[number].name, float(facts.p_best[number])
    draws, people = word_draws(share).capitalised(), word_the_group(facts.group)
    if share <= 0:
        return say(
            "“{name}” gains the most {people} in none of the draws.",
            draws=draws,
            name=name,
            people=people,
        )
    return say("{draws} “{name}” gains the most {people}.", draws=draws, name=name, people=people)


def _list(names: Sequence[str]) -> Phrase:
    return say_list([say_quoted(name) for name in names])
