"""The paper's answer in short: who is without, what is proven, which candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from welcomemap.coverage.accessibility import ServicePoint
from welcomemap.coverage.gaps import DistrictGap
from welcomemap.describe.contract import Candidate
from welcomemap.describe.gaps import (
    describe_district,
    state_finding,
    tell_unlocated,
    tell_without_streets,
)
from welcomemap.describe.nouns import name_areas
from welcomemap.describe.siting import describe_infeasibility
from welcomemap.describe.words import (
    LEAST_PEOPLE,
    MODE_WORDS,
    is_part,
    word_draws,
    word_estimate,
    word_group,
    word_of_group,
    word_the_group,
    word_threshold,
)
from welcomemap.region.scenario import is_list_file, name_unlocated
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.request import by_list, name_scenario, of_list
from welcomemap.siting.problem import SitingResult
from welcomemap.study.siting import SitingAnswer
from welcomemap.travel.factory import list_districts_without_streets
from welcomemap.wording import (
    NOTHING,
    Language,
    Phrase,
    Written,
    join_phrases,
    say,
    say_counted,
    say_list,
    say_number,
    say_quoted,
    say_share,
)

NAMED_TIES = 6


def tell_proofs(study: PaperStudy) -> tuple[Told, ...]:
    """Say what is proven about the best single site, and what a choice would lose."""
    return tuple(_tell_proof(proof, word_group(study.group)) for proof in study.proofs)


def _tell_proof(proof: SitingAnswer, group: Phrase) -> Told:
    result = proof.result
    if not result.optimal_sets or result.objective is None or result.bound is None:
        said = say("There is no answer.")
        if result.reason is not None:
            said = describe_infeasibility(result.reason)
        return Told(said, ("F10",))
    begin = say("Proven")
    if result.status != "optimal":
        begin = say("Best so far, not proven")
    first = _tell_best(proof, group, begin)
    bound = say_number(result.bound)
    most = say(
        "With a single further site of this choice no more than {bound} are possible.", bound=bound
    )
    second = _tell_runner_up(proof)
    return Told(
        join_phrases(*(told for told in (first, most, second) if told != NOTHING)), ("F10",)
    )


def _tell_best(proof: SitingAnswer, group: Phrase, begin: Phrase) -> Phrase:
    result = proof.result
    people = say("{number_of} {group}", number_of=say_number(result.objective), group=group)
    if result.n_optimal_sets == 1:
        return say(
            "{begin}: with {name}, {people} are within reach together with the sites of the list.",
            begin=begin,
            name=_name(proof, result.optimal_sets[0]),
            people=people,
        )
    count = _count_ties(result)
    names = [_name(proof, members) for members in result.optimal_sets[:NAMED_TIES]]
    return say(
        "{begin}: {count} sites are equally good, the estimate does not tell them apart: "
        "{names}{more}. With any one of them, {people} are within reach together with the sites "
        "of the list.",
        begin=begin,
        count=count,
        names="; ".join(names),
        more="" if len(result.optimal_sets) <= NAMED_TIES else " …",
        people=people,
    )


def _count_ties(result: SitingResult) -> Phrase:
    number = say_number(result.n_optimal_sets)
    if result.is_n_optimal_exact:
        return number
    return say("at least {number}", number=number)


def _tell_runner_up(proof: SitingAnswer) -> Phrase:
    result = proof.result
    if result.runner_up is None or result.runner_up_loss_share is None:
        return NOTHING
    seconds = result.runner_ups or (result.runner_up,)
    names = [_name(proof, second.members) for second in seconds[:NAMED_TIES]]
    name = _name(proof, result.runner_up.members)
    reached = say_number(result.runner_up.objective)
    loss = say_share(result.runner_up_loss_share)
    if len(seconds) > 1:
        listed = say_list(names)
        if len(seconds) > NAMED_TIES:
            listed = say("{names} …", names="; ".join(names))
        return say(
            "After that come {count} sites that are equally good, {listed}: each by itself with "
            "{reached}, {loss} less.",
            count=say_number(len(seconds)),
            listed=listed,
            reached=reached,
            loss=loss,
        )
    if result.n_optimal_sets > 1:
        return say(
            "After them comes {name} with {reached}, {loss} less.",
            name=name,
            reached=reached,
            loss=loss,
        )
    return say(
        "The second best is {name} with {reached}, {loss} less.",
        name=name,
        reached=reached,
        loss=loss,
    )


def _name(proof: SitingAnswer, members: Sequence[str]) -> str:
    new = [member for member in members if member not in proof.result.existing]
    return " + ".join(
        (proof.places[member].name if member in proof.places else member) for member in new
    )


def name_single_best(study: PaperStudy) -> str | None:
    """Return the id of the one best site.

    ``None`` where several tie, none adds anybody, or another one gains the most in more draws.
    """
    if len(study.proofs) != 1:
        return None
    proof = study.proofs[0]
    result = proof.result
    if result.status != "optimal" or result.n_optimal_sets != 1 or not result.optimal_sets:
        return None
    new = [name for name in result.optimal_sets[0] if name not in result.existing]
    is_better = proof.standing is None or (result.objective or 0.0) - proof.standing >= 0.5
    if len(new) != 1 or not is_better or not _leads_in_draws(study, new[0]):
        return None
    return new[0]


def _leads_in_draws(study: PaperStudy, name: str) -> bool:
    """Tell whether no other candidate gains the most people in more draws."""
    if study.comparison is None or study.comparison.comparison.p_best is None:
        return True
    shares = dict(
        zip(study.comparison.sites.ids, study.comparison.comparison.p_best.tolist(), strict=True)
    )
    return bool(shares.get(name, 1.0) >= max(shares.values()))


def tell_candidates(study: PaperStudy, unserved: Sequence[int]) -> Phrase | None:
    """Return which candidate brings the most people and who stays without even so.

    ``None`` where none is compared. ``unserved`` are the districts that the title names.
    """
    if study.comparison is None:
        return None
    rows, group = study.candidates, study.group
    most = max(row.gained[group] for row in rows)
    best = [row for row in rows if most - row.gained[group] < LEAST_PEOPLE]
    if most < LEAST_PEOPLE:
        first = _tell_none(rows, group)
    elif len(best) > 1:
        first = _tell_level(best, rows, group)
    else:
        first = _tell_first(best[0], rows, group)
    remaining = _tell_remaining(study, best if most >= LEAST_PEOPLE else rows, unserved)
    return say("{first}.{remaining}", first=first, remaining=remaining)


def _tell_none(rows: Sequence[Candidate], group: str) -> Phrase:
    people = word_group(group)
    if len(rows) > 1:
        return say(
            "None of the candidate sites would bring more {people} within reach", people=people
        )
    name, the = rows[0].name, word_the_group(group)
    return say(
        "“{name}” would bring no more {people} within reach",
        name=name,
        the_people=the,
        people=people,
    )


def _tell_first(best: Candidate, rows: Sequence[Candidate], group: str) -> Phrase:
    count = len(rows)
    near, name = word_estimate(best.gained[group]), best.name
    sure, people, the = (
        _word_people(best.gained_interval[group]), word_group(group), word_the_group(group),
    )  # fmt: skip
    if count == 1:
        return say(
            "The one candidate site, “{name}”, would bring {near} more {people} within reach{sure}",
            name=name,
            near=near,
            people=people,
            sure=sure,
        )
    return say(
        "Of {count} candidate sites “{name}” would bring the most {people} within reach: "
        "{near}{sure}{wins}",
        count=count,
        name=name,
        the_people=the,
        near=near,
        sure=sure,
        wins=_tell_wins(best, rows),
        people=people,
    )


def _tell_level(best: Sequence[Candidate], rows: Sequence[Candidate], group: str) -> Phrase:
    count = len(rows)
    near, people = word_estimate(best[0].gained[group]), word_group(group)
    return say(
        "Of {count} candidate sites {names} would each bring the same number of {people} within "
        "reach, {near}; {apart}",
        names=say_list([say_quoted(row.name) for row in best]),
        count=count,
        people=people,
        near=near,
        apart=_tell_apart(best, rows),
    )


def _tell_wins(best: Candidate, rows: Sequence[Candidate]) -> Phrase:
    """Say how often the first gains the most, and of another that does so in more draws."""
    if best.p_best is None:
        return NOTHING
    wins = say("; {draws} it gains the most", draws=word_draws(best.p_best))
    rival = max(rows, key=lambda row: row.p_best or 0.0)
    if rival.p_best is None or rival.p_best <= best.p_best:
        return wins
    more, name = word_draws(rival.p_best), rival.name
    return say("{wins}, but {more} “{name}” does", wins=wins, more=more, name=name)


def _tell_apart(best: Sequence[Candidate], rows: Sequence[Candidate]) -> Phrase:
    """Say of sites that the estimate has level whether the draws tell them apart, or another."""
    first = max((*best, *rows), key=lambda row: row.p_best or 0.0)
    if first in best and len({row.p_best for row in best}) == 1:
        return say("the data cannot tell them apart")
    return say(
        "the estimate does not tell them apart, but {draws} “{name}” gains the most",
        draws=word_draws(first.p_best or 0.0),
        name=first.name,
    )


def _word_people(interval: Sequence[float]) -> Phrase:
    low, high = (word_estimate(bound) for bound in interval)
    if low == high:
        return NOTHING
    return say(" (interval {low} to {high})", low=low, high=high)


def _tell_remaining(
    study: PaperStudy, best: Sequence[Candidate], unserved: Sequence[int]
) -> Phrase:
    """Say which districts stay without a site even so: the title names them, one site is few."""
    if not unserved:
        return NOTHING
    closed = {row.district for row in best}
    kind = study.words.service_point
    if len(closed) == 1 and not set(unserved) - closed:
        one, every = kind.a("nominative"), study.words.district.every("dative")
        return say(" Then {one} would lie in {every}.", every=every, one=one)
    stays = [number for number in unserved if len(closed) > 1 or number not in closed]
    stays = [number for number in stays if number not in closed] or stays
    where, none = name_areas(study.words.district, stays, "dative"), kind.no("nominative")
    if set(stays) <= closed:
        return say(
            " Depending on the site, {none} would lie in {where} still.", where=where, none=none
        )
    return say(" Even then {none} would lie in {where}.", where=where, none=none)


@dataclass(frozen=True)
class Told:
    """A sentence and the marks of the formulas behind its numbers."""

    text: Phrase
    marks: tuple[str, ...]


def tell_finding(study: PaperStudy) -> Phrase:
    """Return the finding as a title: which districts are without a service point, by which list."""
    numbers = [str(gap.district) for gap in list_unserved(study)]
    words, scenario = study.words, study.request.scenario
    found = state_finding(
        numbers, words.service_point, area_word=words.district,
        has_unlocated=bool(name_unlocated(study.notes)),
    )  # fmt: skip
    if not is_list_file(scenario):
        return found
    return say("Own list “{name}”: {found}", name=name_scenario(scenario), found=found)


def list_unserved(study: PaperStudy) -> list[DistrictGap]:
    """Return the districts in which no service point of the list lies, as published."""
    return [gap for gap in study.gaps.districts if gap.is_located_unserved]


def ask_question(study: PaperStudy) -> Phrase:
    """Return the question the paper answers."""
    request, kind = study.request, study.words.service_point.a("accusative")
    name, people = of_list(request.scenario), word_group(study.group)
    values = {
        "place": study.pack.name, "mode": MODE_WORDS[request.mode], "list": name, "kind": kind,
        "threshold": word_threshold(request.threshold),
    }  # fmt: skip
    asked = say(
        "Who in {place} reaches {kind} {list} {mode} within {threshold}, who does not", **values
    )
    if is_part(study.group):
        asked = say(
            "How many {people} in {place} reach {kind} {list} {mode} within {threshold}, how many "
            "do not",
            people=people,
            **values,
        )
    if study.comparison is None:
        return say("{asked}?", asked=asked)
    return say("{asked}, and what would one more site bring?", asked=asked)


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
            say("{name:capital}, {one} lies in {every}.", name=name, every=every, one=one),
            ("F1",),
        )
    people, group = sum(gap.people for gap in unserved), word_group(study.group)
    told = say(
        "{name:capital}, {none} lies in {where}, where {people} {group} live.",
        where=name_areas(words.district, [gap.district for gap in unserved], "dative"),
        name=name,
        none=words.service_point.no("nominative"),
        people=say_number(people),
        group=group,
    )
    return Told(join_phrases(told, tell_unlocated(study.notes)), ("F1",))


def _tell_reach(study: PaperStudy) -> Told:
    city, request = study.city, study.request
    kind, of_group = study.words.service_point.a("accusative"), word_of_group(study.group)
    if city.share is None:
        told = say(
            "Nothing is known about the {people} who live here, nor how many reach {kind}.",
            people=word_the_group(study.group),
            kind=kind,
        )
        return Told(told, ("F3",))
    near, sure = word_estimate(city.covered), word_interval(city.share, city.interval)
    told = say(
        "In {name}, {near} of {total} {of_people} reach {kind} {mode} within {threshold}; "
        "that is {share}{sure}.",
        name=study.pack.name,
        near=near,
        total=say_number(city.total),
        of_people=of_group,
        mode=MODE_WORDS[request.mode],
        threshold=word_threshold(request.threshold),
        kind=kind,
        share=say_share(city.share, city.interval),
        sure=sure,
    )
    blind = tell_without_streets(list_districts_without_streets(study.pack), study.words)
    return Told(join_phrases(told, blind), ("F3", "F4", "F5"))


def _tell_disputed(study: PaperStudy) -> Told:
    total, omitted = len(study.published), study.omitted
    disputed = [point for point in study.published if point.is_disputed]
    if not disputed and not omitted:
        return Told(join_phrases(_tell_undisputed(study, total), _tell_rows(study)), ("F6",))
    about = NOTHING
    if disputed:
        about = say_counted(
            "Sources disagree about {disputed} of {count} site",
            "Sources disagree about {disputed} of {count} sites",
            count=total,
            disputed=len(disputed),
        )
    if omitted:
        places = [point.address.split(",")[0] or point.name for point in omitted]
        lacks = say_counted(
            "the list omits {count} site that dated reports have open: {places}",
            "the list omits {count} sites that dated reports have open: {places}",
            count=len(omitted),
            places=say_list(places),
        )
        about = say("{about}; {lacks}", about=about, lacks=lacks) if disputed else lacks
    told = say(
        "{about:capital}. If the other reports are right, {consequence}",
        about=about,
        consequence=_tell_consequence(study),
    )
    return Told(join_phrases(told, _tell_rows(study)), ("F6",))


def _tell_rows(study: PaperStudy) -> Phrase | None:
    """Say which rows of the list contradict themselves, and which do not count by their dates."""
    told = []
    doubtful, closed = study.list_noted("contradiction"), study.list_noted("validity")
    count = len(study.published)
    if doubtful:
        told.append(
            say_counted(
                "In {doubtful} of {count} row of the list the parts of the address contradict "
                "each other, so that the place is not sure: {names}.",
                "In {doubtful} of {count} rows of the list the parts of the address contradict "
                "each other, so that the place is not sure: {names}.",
                count=count,
                names=_name_points(doubtful),
                doubtful=len(doubtful),
            )
        )
    lost = {note.site for note in study.notes if name_unlocated([note])}
    reserved = [
        point
        for point in study.list_noted("place")
        if point not in doubtful and point.id not in lost
    ]
    if reserved:
        told.append(
            say(
                "The place of {names} is known with a reservation only; the table of sites says "
                "why.",
                names=_name_points(reserved),
            )
        )
    if closed:
        told.append(
            say(
                "Not counted as open, because by its own dates the list says otherwise: {names}.",
                names=_name_points(closed),
            )
        )
    return join_phrases(*told) if told else None


def _name_points(points: Sequence[ServicePoint]) -> Phrase:
    return say_list([say_quoted(point.name or point.address or point.id) for point in points])


def _tell_undisputed(study: PaperStudy, total: int) -> Phrase:
    if study.has_own_list and total:
        return say(
            "The sites stand here {name}, not by an official register; no dated report against "
            "any of them is at hand.",
            name=by_list(study.request.scenario),
        )
    if not total:
        return say("The list names no site.")
    if not study.pack.has_layer("site_history"):
        return say(
            "Whether other sources contradict the list is not known: there are no dated reports."
        )
    if total == 1:
        return say("No source at hand contradicts the one site of the list.")
    return say(
        "The sources at hand contradict each other about none of the {total} sites.", total=total
    )


def _tell_consequence(study: PaperStudy) -> Phrase:
    other = [gap.district for gap in study.gaps.districts if not gap.located_if_disputed_false]
    where = say_counted(
        "{listed} would have no site",
        "{listed} would have no site",
        count=len(other),
        listed=name_areas(study.words.district, other),
    )
    if not other:
        where = say("every area would have a site")
    if study.city.share_if_disputed_false is None:
        return say("{where}.", where=where)
    return say(
        "{where} and {share} of the {people} would be within reach.",
        where=where,
        share=say_share(study.city.share_if_disputed_false, study.city.interval_if_disputed_false),
        people=word_the_group(study.group),
    )


def _tell_focus(study: PaperStudy) -> Told | None:
    gap = study.focus
    if gap is None:
        return None
    sure = word_interval(gap.share, gap.interval)
    told = Written(_first_sentence, describe_district(study.gaps, gap, study.words))
    if name_unlocated(study.notes):
        sure = say(", by the sites with a known place")
    return Told(say("{told}{sure}.", told=told, sure=sure), ("F3", "F5"))


def _first_sentence(told: Phrase, language: Language) -> str:
    """Return the first sentence without its full stop; inside a number no blank follows one."""
    return told.in_language(language).partition(". ")[0].removesuffix(".")


def word_interval(share: float | None, interval: tuple[float, float] | None) -> Phrase:
    """Return a share's interval in brackets; where it has no width, that it stays so."""
    if share is None or interval is None:
        return NOTHING
    low, high = (say_share(bound, interval) for bound in interval)
    if low == high:
        return say(" (it stays so with all uncertainties)")
    return say(" (interval {low} to {high})", low=low, high=high)


def _tell_candidate(study: PaperStudy) -> Told | None:
    told = tell_candidates(study, [gap.district for gap in list_unserved(study)])
    return None if told is None else Told(told, ("F9", "F5", "F11", "F1"))
