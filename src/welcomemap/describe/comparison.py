"""The verdict of a comparison and its reason, in sentences that hold in every case."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from welcomemap.describe.candidates import tell_candidates, tell_mixture, tell_status
from welcomemap.describe.headings import ALL_RESIDENTS, head_gained, is_part
from welcomemap.describe.words import word_draws, word_group, word_the_group
from welcomemap.region.schemas import GROUPS
from welcomemap.siting.compare import DECISION_SHARE, WEIGHTING_SHARE, Comparison
from welcomemap.study.alike import is_mixed
from welcomemap.study.comparison import ComparisonAnswer
from welcomemap.wording import LANGUAGES, Language, Text, format_number, format_share

LEAST_PEOPLE = 0.5


def describe_comparison(answer: ComparisonAnswer) -> tuple[Text, ...]:
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


def describe_notes(answer: ComparisonAnswer) -> tuple[Text, ...]:
    """Return what the list says of the candidates: standing, place, space; nothing said twice."""
    said = describe_comparison(answer)
    told = tell_candidates(answer.comparison.candidates, answer.sites, answer.requirements)
    return tuple(note for note in told if note not in said)


def name_criterion(name: str, group: str) -> Text:
    """Return what a criterion is called where a group was asked for: it says whom it counts."""
    if name in GROUPS:
        if name == group or is_part(name):
            return head_gained(name)
        return Text(f"{ALL_RESIDENTS.de} zusätzlich in Reichweite",
                    f"more {ALL_RESIDENTS.en} within reach")  # fmt: skip
    people, counted = word_the_group(group), word_group(group)
    of_them = Text(f" ({counted.de})", f" ({counted.en})") if is_part(group) else Text("", "")
    words = {
        "mean_cost": Text(f"mittlerer Weg (Durchschnitt) aller {people.de}",
                          f"mean way (average) of all {people.en}"),
        "p90_cost": Text(f"Weg, den 90 % aller {people.de} nicht überschreiten",
                         f"way that 90% of all {people.en} stay within"),
        "stop_distance_m": Text("Weg zur nächsten Haltestelle", "way to the nearest stop"),
        "n_lines": Text("Linien an der nächsten Haltestelle", "lines at the nearest stop"),
        "overlap_share": Text(f"Überschneidung mit Bestehendem{of_them.de}",
                              f"overlap with existing sites{of_them.en}"),
    }  # fmt: skip
    return words.get(name, Text(name, name))


def word_mean_way(group: str) -> Text:
    """Return what the mean way of a group is called."""
    return name_criterion("mean_cost", group)


def describe_verdict(facts: Comparison) -> list[Text]:
    """Return which candidate comes first and why, what it gains, and how sure that is."""
    order = np.lexsort((-facts.ranking.first_share, facts.ranking.rank))
    lead = int(order[0])
    if len(facts.candidates) == 1:
        only = facts.candidates[0].name
        alone = Text(
            f"„{only}“ ist der einzige Kandidat: Es gibt nichts, womit er zu vergleichen wäre.",
            f"“{only}” is the only candidate: there is nothing to compare it with.",
        )
        return [alone, _tell_gain(facts, lead)]
    verdict = _tell_best(facts, lead) if facts.is_decided else _tell_undecided(facts, lead)
    level = [int(k) for k in np.flatnonzero(facts.ranking.rank == 1)]
    if len(level) > 1:
        return [verdict, *_tell_level(facts, level)]
    return [verdict, *_tell_reason(facts, lead), _tell_gain(facts, lead), *_tell_draws(facts, lead)]


def _tell_level(facts: Comparison, level: Sequence[int]) -> list[Text]:
    """Say of each that comes first what it gains; none of them is put before the others."""
    if max(facts.gained) < LEAST_PEOPLE:
        return [_tell_gain(facts, level[0])]
    told = [_tell_gain(facts, number) for number in level]
    if facts.p_best is not None:
        best = int(np.argmax(facts.p_best))
        others = [best] if facts.p_best[best] > facts.p_best[list(level)].max() else []
        told += [_word_draws(facts, number) for number in (*level, *others)]
    return told


def _tell_best(facts: Comparison, lead: int) -> Text:
    name = facts.candidates[lead].name
    de, en = (format_share(float(facts.ranking.first_share[lead]), k) for k in LANGUAGES)
    return Text(
        f"„{name}“ ist der beste Standort der verglichenen; in {de} aller Gewichtungen kommt er "
        "auf den ersten Platz.",
        f"“{name}” is the best site of those compared; it comes first in {en} of all weightings.",
    )


def _tell_undecided(facts: Comparison, lead: int) -> Text:
    ranking = facts.ranking
    begin = Text(
        "Die Daten können nicht entscheiden, welcher Standort der beste ist: ",
        "The data cannot decide which site is best: ",
    )
    level = [int(k) for k in np.flatnonzero(ranking.rank == 1)]
    if len(level) > 1:
        de, en = (_list([facts.candidates[k].name for k in level], lang) for lang in LANGUAGES)
        if all(len({values[k] for k in level}) == 1 for values in facts.values.values()):
            return Text(f"{begin.de}{de} liegen gleichauf.", f"{begin.en}{en} are level.")
        return Text(
            f"Zählen alle Merkmale gleich viel, liegen {de} gleichauf; die Daten können nicht "
            "entscheiden, welches Merkmal mehr zählt.",
            f"If all criteria count the same, {en} are level; the data cannot decide which of them "
            "counts more.",
        )
    name = facts.candidates[lead].name
    rival = _find_rival(facts, lead)
    if rival is not None:
        return _tell_rival(facts, lead, rival, begin)
    reasons = [*_doubt_order(facts, lead), *_doubt_gain(facts, lead)]
    return Text(
        f"{begin.de}„{name}“ liegt vorn, aber {', und '.join(text.de for text in reasons)}.",
        f"{begin.en}“{name}” leads, but {', and '.join(text.en for text in reasons)}.",
    )


def _find_rival(facts: Comparison, lead: int) -> int | None:
    """Return who gains the most people in more draws than the first by weights, if anybody does."""
    if facts.p_best is None:
        return None
    best = int(np.argmax(facts.p_best))
    return best if facts.p_best[best] > facts.p_best[lead] else None


def _tell_rival(facts: Comparison, lead: int, rival: int, begin: Text) -> Text:
    """Say in one sentence who is first by the weights and who by the draws: nobody leads."""
    name, other = facts.candidates[lead].name, facts.candidates[rival].name
    people = word_the_group(facts.group)
    draws = word_draws(0.0 if facts.p_best is None else float(facts.p_best[rival]))
    doubts = _doubt_order(facts, lead)
    de = "".join(f", und {text.de}" for text in doubts)
    en = "".join(f", and {text.en}" for text in doubts)
    return Text(
        f"{begin.de}Nach den Gewichten kommt „{name}“ auf den ersten Platz, die meisten "
        f"{people.de} gewinnt aber {draws.de} „{other}“{de}.",
        f"{begin.en}by the weights “{name}” comes first, but {draws.en} “{other}” gains the most "
        f"{people.en}{en}.",
    )


def _doubt_order(facts: Comparison, lead: int) -> list[Text]:
    """Say what could bring another one to the first place."""
    ranking, name, doubts = facts.ranking, facts.candidates[lead].name, []
    if ranking.low[lead] <= np.delete(ranking.high, lead).max():
        doubts.append(
            Text(
                "Angaben, die fehlen, könnten die Reihenfolge ändern",
                "values that are not known could change the order",
            )
        )
    share = float(ranking.first_share[lead])
    if share < WEIGHTING_SHARE:
        doubts.append(
            Text(
                f"nur in {format_share(share, 'de')} aller Gewichtungen kommt „{name}“ auf den "
                "ersten Platz",
                f"“{name}” comes first in only {format_share(share, 'en')} of all weightings",
            )
        )
    return doubts


def _doubt_gain(facts: Comparison, lead: int) -> list[Text]:
    """Say that the first may not gain the most."""
    name = facts.candidates[lead].name
    if max(facts.gained) < LEAST_PEOPLE:
        return [
            Text(
                f"keiner bringt zusätzliche {word_group(facts.group).de} in Reichweite",
                f"none brings any more {word_group(facts.group).en} within reach",
            )
        ]
    if facts.p_best is None or facts.p_best[lead] >= DECISION_SHARE:
        return []
    p_best, people = float(facts.p_best[lead]), word_the_group(facts.group)
    return [
        Text(
            f"nur in {format_share(p_best, 'de')} der Ziehungen gewinnt „{name}“ die meisten "
            f"{people.de}",
            f"in only {format_share(p_best, 'en')} of the draws “{name}” gains the most "
            f"{people.en}",
        )
    ]


def _tell_reason(facts: Comparison, lead: int) -> list[Text]:
    """Say in one sentence in what the first is better than every other, and in what it is not."""
    better: list[Text] = []
    worse: list[Text] = []
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
    said = {}
    for k in LANGUAGES:
        good, bad = ([text.in_language(k) for text in texts] for texts in (better, worse))
        quoted = f"„{name}“" if k == "de" else f"“{name}”"
        said[k] = _word_reason(quoted, good, bad, k)
    return [Text(said["de"], said["en"])]


def _word_reason(name: str, good: list[str], bad: list[str], language: Language) -> str:
    joint = " · "
    if language == "de":
        first = f"Grund: Am besten ist {name} bei: {joint.join(good)}" if good else ""
        other = f"ein anderer Kandidat ist besser bei: {joint.join(bad)}" if bad else ""
        return f"{first}; {other}." if first and other else f"{first or 'Grund: ' + other}."
    first = f"Reason: {name} is the best in: {joint.join(good)}" if good else ""
    other = f"another candidate is better in: {joint.join(bad)}" if bad else ""
    return f"{first}; {other}." if first and other else f"{first or 'Reason: ' + other}."


def _tell_gain(facts: Comparison, lead: int) -> Text:
    name, gained = facts.candidates[lead].name, facts.gained[lead]
    people = word_group(facts.group)
    if max(facts.gained) < LEAST_PEOPLE and len(facts.gained) > 1:
        return Text(
            f"Keiner der Kandidaten bringt zusätzliche {people.de} in Reichweite.",
            f"None of the candidates brings any more {people.en} within reach.",
        )
    if gained < LEAST_PEOPLE:
        return Text(
            f"„{name}“ brächte keine zusätzlichen {word_the_group(facts.group).de} in Reichweite.",
            f"“{name}” would bring no more {people.en} within reach.",
        )
    return Text(
        f"„{name}“ brächte {format_number(gained, 'de')} {people.de} zusätzlich in Reichweite.",
        f"“{name}” would bring {format_number(gained, 'en')} more {people.en} within reach.",
    )


def _tell_draws(facts: Comparison, lead: int) -> list[Text]:
    if facts.p_best is None or max(facts.gained) < LEAST_PEOPLE:
        return []
    if _find_rival(facts, lead) is not None:
        return []
    return [_word_draws(facts, lead)]


def _word_draws(facts: Comparison, number: int) -> Text:
    if facts.p_best is None:
        return Text("", "")
    name, share = facts.candidates[number].name, float(facts.p_best[number])
    draws, people = word_draws(share).capitalised(), word_the_group(facts.group)
    if share <= 0:
        return Text(
            f"{draws.de} gewinnt „{name}“ die meisten {people.de}.",
            f"“{name}” gains the most {people.en} in none of the draws.",
        )
    return Text(
        f"{draws.de} gewinnt „{name}“ die meisten {people.de}.",
        f"{draws.en} “{name}” gains the most {people.en}.",
    )


def _list(names: Sequence[str], language: Language) -> str:
    quoted = [f"„{name}“" if language == "de" else f"“{name}”" for name in names]
    joint = " und " if language == "de" else " and "
    return ", ".join(quoted[:-1]) + joint + quoted[-1]
