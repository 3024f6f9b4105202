"""The paper's answer in short: who is without, what is proven, which candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from welcomemap.cartography.views import state_finding
from welcomemap.coverage.accessibility import ServicePoint
from welcomemap.coverage.gap_result import DistrictGap
from welcomemap.describe.gaps import describe_district
from welcomemap.describe.headings import is_part
from welcomemap.describe.nouns import name_areas
from welcomemap.describe.words import (
    MODE_WORDS,
    word_draws,
    word_estimate,
    word_group,
    word_of_group,
    word_the_group,
    word_threshold,
)
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.request import by_list, is_table_file, name_scenario, of_list
from welcomemap.wording import LANGUAGES, Text, format_number, format_share, join_texts, list_words

LEAST_PEOPLE = 0.5
"""Gains that differ by less than half a person are one gain."""


def tell_candidates(study: PaperStudy, unserved: Sequence[int]) -> Text | None:
    """Return which candidate brings the most people and who stays without even so.

    ``None`` where none is compared. ``unserved`` are the districts that the title names.
    """
    if study.comparison is None:
        return None
    rows = study.comparison.to_json()["candidates"]
    group = study.group
    most = max(row["gained"][group] for row in rows)
    best = [row for row in rows if most - row["gained"][group] < LEAST_PEOPLE]
    if most < LEAST_PEOPLE:
        first = _tell_none(rows, group)
    elif len(best) > 1:
        first = _tell_level(best, rows, group)
    else:
        first = _tell_first(best[0], rows, group)
    remaining = _tell_remaining(study, best if most >= LEAST_PEOPLE else rows, unserved)
    return Text(f"{first.de}.{remaining.de}", f"{first.en}.{remaining.en}")


def _tell_none(rows: Sequence[dict[str, Any]], group: str) -> Text:
    people = word_group(group)
    if len(rows) > 1:
        return Text(
            f"Keiner der verglichenen Standorte brächte mehr {people.de} in Reichweite",
            f"None of the candidate sites would bring more {people.en} within reach",
        )
    name, the = rows[0]["name"], word_the_group(group)
    return Text(
        f"„{name}“ brächte keine zusätzlichen {the.de} in Reichweite",
        f"“{name}” would bring no more {people.en} within reach",
    )


def _tell_first(best: dict[str, Any], rows: Sequence[dict[str, Any]], group: str) -> Text:
    count = len(rows)
    near, name = word_estimate(best["gained"][group]), best["name"]
    sure, people, the = (
        _word_people(best["gained_interval"][group]), word_group(group), word_the_group(group),
    )  # fmt: skip
    if count == 1:
        return Text(
            f"Der eine mögliche Standort, „{name}“, brächte {near.de} {people.de} zusätzlich in "
            f"Reichweite{sure.de}",
            f"The one candidate site, “{name}”, would bring {near.en} more {people.en} within "
            f"reach{sure.en}",
        )
    wins = _tell_wins(best, rows)
    return Text(
        f"Von {count} verglichenen Standorten brächte „{name}“ die meisten {the.de} zusätzlich "
        f"in Reichweite: {near.de}{sure.de}{wins.de}",
        f"Of {count} candidate sites “{name}” would bring the most {people.en} within reach: "
        f"{near.en}{sure.en}{wins.en}",
    )


def _tell_level(best: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]], group: str) -> Text:
    count = len(rows)
    near, people = word_estimate(best[0]["gained"][group]), word_group(group)
    apart = _tell_apart(best, rows)
    de = list_words([f"„{row['name']}“" for row in best], "de")
    en = list_words([f"“{row['name']}”" for row in best], "en")
    return Text(
        f"Von {count} verglichenen Standorten brächten {de} gleich viele {people.de} zusätzlich in "
        f"Reichweite, jeder für sich {near.de}; {apart.de}",
        f"Of {count} candidate sites {en} would each bring the same number of {people.en} within "
        f"reach, {near.en}; {apart.en}",
    )


def _tell_wins(best: dict[str, Any], rows: Sequence[dict[str, Any]]) -> Text:
    """Say how often the first gains the most, and of another that does so in more draws."""
    if best["p_best"] is None:
        return Text("", "")
    draws = word_draws(best["p_best"])
    wins = Text(f"; {draws.de} sind es bei ihm die meisten", f"; {draws.en} it gains the most")
    rival = max(rows, key=lambda row: row["p_best"])
    if rival["p_best"] <= best["p_best"]:
        return wins
    more, name = word_draws(rival["p_best"]), rival["name"]
    return Text(
        f"{wins.de}, {more.de} aber bei „{name}“",
        f"{wins.en}, but {more.en} “{name}” does",
    )


def _tell_apart(best: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> Text:
    """Say of sites that the estimate has level whether the draws tell them apart, or another."""
    first = max((*best, *rows), key=lambda row: row["p_best"] or 0.0)
    if first in best and len({row["p_best"] for row in best}) == 1:
        return Text("die Daten können sie nicht unterscheiden", "the data cannot tell them apart")
    draws = word_draws(first["p_best"])
    return Text(
        f"die Schätzung unterscheidet sie nicht, {draws.de} gewinnt aber „{first['name']}“ die "
        "meisten",
        f"the estimate does not tell them apart, but {draws.en} “{first['name']}” gains the most",
    )


def _word_people(interval: Sequence[float]) -> Text:
    low, high = (word_estimate(bound) for bound in interval)
    if low == high:
        return Text("", "")
    return Text(f" (Spanne {low.de} bis {high.de})", f" (interval {low.en} to {high.en})")


def _tell_remaining(
    study: PaperStudy, best: Sequence[dict[str, Any]], unserved: Sequence[int]
) -> Text:
    """Say which districts stay without a site even so: the title names them, one site is few."""
    if not unserved:
        return Text("", "")
    closed = {row["district"] for row in best}
    kind = study.words.service_point
    if len(closed) == 1 and not set(unserved) - closed:
        one, every = kind.a("nominative"), study.words.district.every("dative")
        return Text(
            f" Dann läge in {every.de} {one.de}.", f" Then {one.en} would lie in {every.en}."
        )
    stays = [number for number in unserved if len(closed) > 1 or number not in closed]
    stays = [number for number in stays if number not in closed] or stays
    where, none = name_areas(study.words.district, stays), kind.no("nominative")
    if set(stays) <= closed:
        return Text(
            f" In {where.de} läge je nach Standort weiterhin {none.de}.",
            f" Depending on the site, {none.en} would lie in {where.en} still.",
        )
    return Text(
        f" In {where.de} läge auch dann {none.de}.",
        f" Even then {none.en} would lie in {where.en}.",
    )


@dataclass(frozen=True)
class Told:
    """A sentence and the marks of the formulas behind its numbers."""

    text: Text
    marks: tuple[str, ...]


def tell_finding(study: PaperStudy) -> Text:
    """Return the finding as a title: which districts are without a service point, by which list."""
    numbers = [str(gap.district) for gap in list_unserved(study)]
    words, scenario = study.words, study.request.scenario
    found = Text(
        *(state_finding(numbers, words.service_point, k, area_word=words.district)
          for k in LANGUAGES)
    )  # fmt: skip
    if not is_table_file(scenario):
        return found
    name = name_scenario(scenario)
    return Text(f"Eigene Liste „{name}“: {found.de}", f"Own list “{name}”: {found.en}")


def list_unserved(study: PaperStudy) -> list[DistrictGap]:
    """Return the districts in which no service point of the list lies, as published."""
    return [gap for gap in study.gaps.districts if gap.is_located_unserved]


def ask_question(study: PaperStudy) -> Text:
    """Return the question the paper answers."""
    request, kind = study.request, study.words.service_point.a("accusative")
    name, people = of_list(request.scenario), word_group(study.group)
    who, other = Text("Wer erreicht", "Who"), Text("wer", "who does")
    verb = "reaches"
    if is_part(study.group):
        who = Text(f"Wie viele {people.de} erreichen", f"How many {people.en}")
        other, verb = Text("wie viele", "how many do"), "reach"
    de = (
        f"{who.de} in {study.pack.name} {MODE_WORDS[request.mode].de} innerhalb von "
        f"{word_threshold(request.threshold, 'de')} {kind.de} {name.de}, {other.de} nicht"
    )
    en = (
        f"{who.en} in {study.pack.name} {verb} {kind.en} {name.en} {MODE_WORDS[request.mode].en} "
        f"within {word_threshold(request.threshold, 'en')}, {other.en} not"
    )
    if study.comparison is None:
        return Text(f"{de}?", f"{en}?")
    return Text(
        f"{de}, und was brächte ein weiterer Standort?",
        f"{en}, and what would one more site bring?",
    )


def answer_question(study: PaperStudy) -> tuple[Told, ...]:
    """Return the answer: located, within reach, disputed, the focus, the best candidate."""
    told = [_tell_located(study), _tell_reach(study), _tell_disputed(study), _tell_focus(study)]
    told.append(_tell_candidate(study))
    return tuple(sentence for sentence in told if sentence is not None)


def _tell_located(study: PaperStudy) -> Told:
    words, name = study.words, by_list(study.request.scenario)
    unserved = list_unserved(study)
    if not unserved:
        one, every = words.service_point.a("nominative"), words.district.every("dative")
        return Told(
            Text(
                f"{name.capitalised().de} liegt in {every.de} {one.de}.",
                f"{name.capitalised().en}, {one.en} lies in {every.en}.",
            ),
            ("F1",),
        )
    people, group = sum(gap.people for gap in unserved), word_group(study.group)
    where = name_areas(words.district, [gap.district for gap in unserved])
    none = words.service_point.no("nominative")
    return Told(
        Text(
            f"In {where.de} liegt {name.de} {none.de}; dort leben {format_number(people, 'de')} "
            f"{group.de}.",
            f"{name.capitalised().en}, {none.en} lies in {where.en}, where "
            f"{format_number(people, 'en')} {group.en} live.",
        ),
        ("F1",),
    )


def _tell_reach(study: PaperStudy) -> Told:
    city, request = study.city, study.request
    kind, of_group = study.words.service_point.a("accusative"), word_of_group(study.group)
    if city.share is None:
        people = word_the_group(study.group)
        return Told(
            Text(
                f"Über die {people.de}, die hier leben, liegen keine Angaben vor; wie viele "
                f"{kind.de} erreichen, ist nicht bekannt.",
                f"Nothing is known about the {people.en} who live here, nor how many reach "
                f"{kind.en}.",
            ),
            ("F3",),
        )
    near, sure = word_estimate(city.covered), word_interval(city.share, city.interval)
    share = _both(city.share, city.interval)
    return Told(
        Text(
            f"In {study.pack.name} erreichen {near.de} von {format_number(city.total, 'de')} "
            f"{of_group.de} {MODE_WORDS[request.mode].de} innerhalb von "
            f"{word_threshold(request.threshold, 'de')} {kind.de}, das sind "
            f"{share.de}{sure.de}.",
            f"In {study.pack.name}, {near.en} of {format_number(city.total, 'en')} {of_group.en} "
            f"reach {kind.en} {MODE_WORDS[request.mode].en} within "
            f"{word_threshold(request.threshold, 'en')}; that is "
            f"{share.en}{sure.en}.",
        ),
        ("F3", "F4", "F5"),
    )


def _tell_disputed(study: PaperStudy) -> Told:
    total, omitted = len(study.published), study.omitted
    disputed = [point for point in study.published if point.is_disputed]
    if not disputed and not omitted:
        return Told(join_texts(_tell_undisputed(study, total), _tell_rows(study)), ("F6",))
    about = Text("", "")
    if disputed:
        about = Text(
            f"Über {len(disputed)} von {total} Standorten widersprechen sich die Quellen",
            f"Sources disagree about {len(disputed)} of {total} sites",
        )
    if omitted:
        places = [point.address.split(",")[0] or point.name for point in omitted]
        lacks = Text(
            f"{len(omitted)} Standort{'e' if len(omitted) > 1 else ''} nennt die Liste nicht, laut "
            f"datierten Berichten {'sind' if len(omitted) > 1 else 'ist'} dort aber geöffnet: "
            f"{list_words(places, 'de')}",
            f"the list omits {len(omitted)} site{'s' if len(omitted) > 1 else ''} that dated "
            f"reports have open: {list_words(places, 'en')}",
        )
        about = Text(f"{about.de}; {lacks.de}", f"{about.en}; {lacks.en}") if disputed else lacks
    consequence = _tell_consequence(study)
    told = Text(
        f"{about.capitalised().de}. Stimmen die anderen Berichte, {consequence.de}",
        f"{about.capitalised().en}. If the other reports are right, {consequence.en}",
    )
    return Told(join_texts(told, _tell_rows(study)), ("F6",))


def _tell_rows(study: PaperStudy) -> Text | None:
    """Say which rows of the list contradict themselves, and which do not count by their dates."""
    told = []
    doubtful, closed = study.list_noted("contradiction"), study.list_noted("validity")
    count = len(study.published)
    if doubtful:
        de, en = _name_points(doubtful)
        told.append(
            Text(
                f"Bei {len(doubtful)} von {count} Zeilen der Liste widersprechen sich die Angaben "
                f"zur Adresse, ihr Ort ist darum nicht sicher: {de}.",
                f"In {len(doubtful)} of {count} rows of the list the parts of the address "
                f"contradict each other, so that the place is not sure: {en}.",
            )
        )
    reserved = [point for point in study.list_noted("place") if point not in doubtful]
    if reserved:
        de, en = _name_points(reserved)
        told.append(
            Text(
                f"Nur mit Vorbehalt bekannt ist der Ort von {de}; warum, steht in der Tabelle der "
                "Standorte.",
                f"The place of {en} is known with a reservation only; the table of sites says why.",
            )
        )
    if closed:
        de, en = _name_points(closed)
        told.append(
            Text(
                f"Nicht als geöffnet gezählt, weil die Liste selbst für den Stichtag anderes sagt: "
                f"{de}.",
                f"Not counted as open, because by its own dates the list says otherwise: {en}.",
            )
        )
    return join_texts(*told) if told else None


def _name_points(points: Sequence[ServicePoint]) -> tuple[str, str]:
    names = [point.name or point.address or point.id for point in points]
    return (
        list_words([f"„{name}“" for name in names], "de"),
        list_words([f"“{name}”" for name in names], "en"),
    )


def _tell_undisputed(study: PaperStudy, total: int) -> Text:
    if study.has_own_list and total:
        name = by_list(study.request.scenario)
        return Text(
            f"Die Standorte stehen hier {name.de}, nicht nach einem "
            "amtlichen Verzeichnis; datierte Berichte gegen einen von ihnen liegen nicht vor.",
            f"The sites stand here {name.en}, not by an official "
            "register; no dated report against any of them is at hand.",
        )
    if not total:
        return Text("Die Liste nennt keinen Standort.", "The list names no site.")
    if not study.pack.has_layer("site_history"):
        return Text(
            "Ob andere Quellen der Liste widersprechen, ist nicht bekannt: Datierte Berichte "
            "liegen nicht vor.",
            "Whether other sources contradict the list is not known: there are no dated reports.",
        )
    if total == 1:
        return Text(
            "Dem einen Standort der Liste widerspricht keine Quelle, die uns vorliegt.",
            "No source at hand contradicts the one site of the list.",
        )
    return Text(
        f"Über keinen der {total} Standorte der Liste widersprechen sich die Quellen, die "
        "uns vorliegen.",
        f"The sources at hand contradict each other about none of the {total} sites.",
    )


def _tell_consequence(study: PaperStudy) -> Text:
    other = [gap.district for gap in study.gaps.districts if not gap.located_if_disputed_false]
    listed = name_areas(study.words.district, other)
    where = Text(
        f"{'wären' if len(other) > 1 else 'wäre'} {listed.de} ohne Standort",
        f"{listed.en} would have no site",
    )
    if not other:
        where = Text("hätte jedes Gebiet einen Standort", "every area would have a site")
    if study.city.share_if_disputed_false is None:
        return Text(f"{where.de}.", f"{where.en}.")
    people = word_the_group(study.group)
    share = _both(study.city.share_if_disputed_false, study.city.interval_if_disputed_false)
    return Text(
        f"{where.de} und es wären {share.de} der {people.de} in Reichweite.",
        f"{where.en} and {share.en} of the {people.en} would be within reach.",
    )


def _tell_focus(study: PaperStudy) -> Told | None:
    gap = study.focus
    if gap is None:
        return None
    sure = word_interval(gap.share, gap.interval)
    told = Text(
        *(
            _first_sentence(describe_district(study.gaps, gap, study.words).in_language(k))
            for k in LANGUAGES
        )
    )
    return Told(Text(f"{told.de}{sure.de}.", f"{told.en}{sure.en}."), ("F3", "F5"))


def _first_sentence(text: str) -> str:
    """Return the first sentence without its full stop; inside a number no blank follows one."""
    return text.partition(". ")[0].removesuffix(".")


def word_interval(share: float | None, interval: tuple[float, float] | None) -> Text:
    """Return a share's interval in brackets; where it has no width, that it stays so."""
    if share is None or interval is None:
        return Text("", "")
    low, high = (_both(bound, interval) for bound in interval)
    if low == high:
        return Text(
            " (mit allen Unsicherheiten bleibt es dabei)", " (it stays so with all uncertainties)"
        )
    return Text(f" (Spanne {low.de} bis {high.de})", f" (interval {low.en} to {high.en})")


def _tell_candidate(study: PaperStudy) -> Told | None:
    told = tell_candidates(study, [gap.district for gap in list_unserved(study)])
    return None if told is None else Told(told, ("F9", "F5", "F11", "F1"))


def _both(share: float | None, interval: tuple[float, float] | None) -> Text:
    return Text(format_share(share, "de", interval), format_share(share, "en", interval))
