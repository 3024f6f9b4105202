"""What is proven about the best single site, in sentences; sites that tie are alternatives."""

from __future__ import annotations

from collections.abc import Sequence

from welcomemap.describe.siting import describe_infeasibility
from welcomemap.describe.words import word_group
from welcomemap.report.answer import Told
from welcomemap.report.paper_study import PaperStudy
from welcomemap.siting.problem import SitingResult
from welcomemap.wording import NOTHING, Phrase, join_phrases, say, say_list, say_number, say_share

NAMED_TIES = 6


def tell_proofs(study: PaperStudy) -> tuple[Told, ...]:
    """Say what is proven about the best single site, and what a choice would lose."""
    return tuple(_tell_proof(study, k) for k in range(len(study.proofs)))


def _tell_proof(study: PaperStudy, number: int) -> Told:
    result = study.proofs[number].result
    if not result.optimal_sets or result.objective is None or result.bound is None:
        said = say("There is no answer.")
        if result.reason is not None:
            said = describe_infeasibility(result.reason)
        return Told(said, ("F10",))
    begin = say("Proven")
    if result.status != "optimal":
        begin = say("Best so far, not proven")
    first = _tell_best(study, number, begin)
    bound = say_number(result.bound)
    most = say(
        "With a single further site of this choice no more than {bound} are possible.", bound=bound
    )
    second = _tell_runner_up(study, number)
    return Told(
        join_phrases(*(told for told in (first, most, second) if told != NOTHING)), ("F10",)
    )


def _tell_best(study: PaperStudy, number: int, begin: Phrase) -> Phrase:
    result = study.proofs[number].result
    group = word_group(study.group)
    number_of = say_number(result.objective)
    people = say("{number_of} {group}", number_of=number_of, group=group)
    if result.n_optimal_sets == 1:
        name = _name(study, number, result.optimal_sets[0])
        return say(
            "{begin}: with {name}, {people} are within reach together with the sites of the list.",
            begin=begin,
            name=name,
            people=people,
        )
    count = _count_ties(result)
    names = [_name(study, number, members) for members in result.optimal_sets[:NAMED_TIES]]
    more = "" if len(result.optimal_sets) <= NAMED_TIES else " …"
    return say(
        "{begin}: {count} sites are equally good, the estimate does not tell them apart: "
        "{names}{more}. With any one of them, {people} are within reach together with the sites "
        "of the list.",
        begin=begin,
        count=count,
        names="; ".join(names),
        more=more,
        people=people,
    )


def _count_ties(result: SitingResult) -> Phrase:
    number = say_number(result.n_optimal_sets)
    if result.is_n_optimal_exact:
        return number
    return say("at least {number}", number=number)


def _tell_runner_up(study: PaperStudy, number: int) -> Phrase:
    result = study.proofs[number].result
    if result.runner_up is None or result.runner_up_loss_share is None:
        return NOTHING
    seconds = result.runner_ups or (result.runner_up,)
    names = [_name(study, number, second.members) for second in seconds[:NAMED_TIES]]
    name = _name(study, number, result.runner_up.members)
    reached = say_number(result.runner_up.objective)
    loss = say_share(result.runner_up_loss_share)
    if len(seconds) > 1:
        listed = say_list(names)
        if len(seconds) > NAMED_TIES:
            listed = say("{names} …", names="; ".join(names))
        count = say_number(len(seconds))
        return say(
            "After that come {count} sites that are equally good, {listed}: each by itself with "
            "{reached}, {loss} less.",
            count=count,
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


def _name(study: PaperStudy, number: int, members: Sequence[str]) -> str:
    proof = study.proofs[number]
    new = [member for member in members if member not in proof.result.existing]
    return " + ".join(str(proof.places.get(member, {}).get("name", member)) for member in new)


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
