"""What is proven about the best single site, in sentences; sites that tie are alternatives."""

from __future__ import annotations

from collections.abc import Sequence

from welcomemap.describe.siting import describe_infeasibility
from welcomemap.describe.words import word_group
from welcomemap.report.answer import Told
from welcomemap.report.paper_study import PaperStudy
from welcomemap.siting.problem import SitingResult
from welcomemap.wording import LANGUAGES, Text, format_number, format_share, list_words

NAMED_TIES = 6


def tell_proofs(study: PaperStudy) -> tuple[Told, ...]:
    """Say what is proven about the best single site, and what a choice would lose."""
    return tuple(_tell_proof(study, k) for k in range(len(study.proofs)))


def _tell_proof(study: PaperStudy, number: int) -> Told:
    result = study.proofs[number].result
    if not result.optimal_sets or result.objective is None or result.bound is None:
        said = Text("Es gibt keine Lösung.", "There is no answer.")
        if result.reason is not None:
            said = describe_infeasibility(result.reason)
        return Told(said, ("F10",))
    begin = Text("Bewiesen", "Proven")
    if result.status != "optimal":
        begin = Text("Bisher am besten, nicht bewiesen", "Best so far, not proven")
    first = _tell_best(study, number, begin)
    bound = Text(*(format_number(result.bound, k) for k in LANGUAGES))
    most = Text(
        f"Mehr als {bound.de} sind mit einem einzigen weiteren Standort dieser Auswahl nicht "
        "möglich.",
        f"With a single further site of this choice no more than {bound.en} are possible.",
    )
    second = _tell_runner_up(study, number)
    told = Text(
        " ".join(filter(None, (first.de, most.de, second.de))),
        " ".join(filter(None, (first.en, most.en, second.en))),
    )
    return Told(told, ("F10",))


def _tell_best(study: PaperStudy, number: int, begin: Text) -> Text:
    result = study.proofs[number].result
    group = word_group(study.group)
    number_of = Text(*(format_number(result.objective, k) for k in LANGUAGES))
    people = Text(f"{number_of.de} {group.de}", f"{number_of.en} {group.en}")
    if result.n_optimal_sets == 1:
        name = _name(study, number, result.optimal_sets[0])
        return Text(
            f"{begin.de}: Mit {name} sind zusammen mit den Standorten der Liste "
            f"{people.de} in Reichweite.",
            f"{begin.en}: with {name}, {people.en} are within reach together with the sites of "
            "the list.",
        )
    count = _count_ties(result)
    names = [_name(study, number, members) for members in result.optimal_sets[:NAMED_TIES]]
    more = "" if len(result.optimal_sets) <= NAMED_TIES else " …"
    return Text(
        f"{begin.de}: {count.de} Standorte sind gleich gut, die Schätzung unterscheidet "
        f"sie nicht: {'; '.join(names)}{more}. Mit jedem von ihnen allein sind zusammen mit "
        f"den Standorten der Liste {people.de} in Reichweite.",
        f"{begin.en}: {count.en} sites are equally good, the estimate does not tell them "
        f"apart: "
        f"{'; '.join(names)}{more}. With any one of them, {people.en} are within reach "
        "together with the sites of the list.",
    )


def _count_ties(result: SitingResult) -> Text:
    number = Text(*(format_number(result.n_optimal_sets, k) for k in LANGUAGES))
    if result.is_n_optimal_exact:
        return number
    return Text(f"mindestens {number.de}", f"at least {number.en}")


def _tell_runner_up(study: PaperStudy, number: int) -> Text:
    result = study.proofs[number].result
    if result.runner_up is None or result.runner_up_loss_share is None:
        return Text("", "")
    seconds = result.runner_ups or (result.runner_up,)
    names = [_name(study, number, second.members) for second in seconds[:NAMED_TIES]]
    name = _name(study, number, result.runner_up.members)
    reached = Text(*(format_number(result.runner_up.objective, k) for k in LANGUAGES))
    loss = Text(*(format_share(result.runner_up_loss_share, k) for k in LANGUAGES))
    if len(seconds) > 1:
        listed = Text(list_words(names, "de"), list_words(names, "en"))
        if len(seconds) > NAMED_TIES:
            listed = Text(f"{'; '.join(names)} …", f"{'; '.join(names)} …")
        count = Text(*(format_number(len(seconds), k) for k in LANGUAGES))
        return Text(
            f"Danach kommen {count.de} Standorte, die gleich gut sind, {listed.de}: jeder für sich "
            f"mit {reached.de}, {loss.de} weniger.",
            f"After that come {count.en} sites that are equally good, {listed.en}: each by itself "
            f"with {reached.en}, {loss.en} less.",
        )
    if result.n_optimal_sets > 1:
        return Text(
            f"Danach kommt {name} mit {reached.de}, {loss.de} weniger.",
            f"After them comes {name} with {reached.en}, {loss.en} less.",
        )
    return Text(
        f"Der zweitbeste ist {name} mit {reached.de}, {loss.de} weniger.",
        f"The second best is {name} with {reached.en}, {loss.en} less.",
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
