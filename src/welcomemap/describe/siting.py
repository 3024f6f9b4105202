"""What was chosen, what is proven about it, and how it changes, in sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from welcomemap.describe.candidates import tell_mixture
from welcomemap.describe.words import (
    MODE_WORDS,
    word_cost,
    word_group,
    word_of_group,
    word_threshold,
)
from welcomemap.study.alike import is_mixed
from welcomemap.study.siting import MatrixAnswer, SitePlace, SitingAnswer
from welcomemap.travel.impedance import Mode, Threshold
from welcomemap.wording import (
    Language,
    Phrase,
    Verbatim,
    Written,
    format_share,
    join_phrases,
    say,
    say_counted,
    say_list,
    say_number,
    say_quoted,
    say_share,
)

if TYPE_CHECKING:
    from welcomemap.siting.problem import Infeasibility, SitingResult
    from welcomemap.siting.solve import Variation

Name = Callable[[str], str]
MOST_LOST_SHARE = 1e-9
NAMED_TIES = 4


@dataclass(frozen=True)
class Wording:
    """What the words of an answer need beside it.

    Attributes
    ----------
    name
        Turns the id of a facility into what people call it.
    threshold
        ``None`` on plain matrices, whose unit is not known.
    total_weight
        People (or other demand) that count.
    standing
        Objective of the existing sites alone, where the model has one.
    covered
        People who reach a site with the first optimal set, where a threshold says what that is.
    """

    name: Name
    total_weight: float
    standing: float | None = None
    covered: float | None = None
    threshold: Threshold | None = None
    mode: Mode = "walk"
    group: str = ""


def describe_choice(answer: SitingAnswer | MatrixAnswer) -> tuple[Phrase, ...]:
    """Return what a choice brings, what is proven, what comes close, what would change it."""
    if isinstance(answer, MatrixAnswer):
        plain = Wording(name=str, total_weight=answer.total_weight)
        return tell_choice(answer.result, answer.variations, plain)
    words = Wording(
        name=name_by(answer.places), total_weight=answer.total_weight, standing=answer.standing,
        covered=answer.covered, threshold=answer.request.threshold, mode=answer.request.mode,
        group=answer.request.group,
    )  # fmt: skip
    told = tell_choice(answer.result, answer.variations, words)
    sites = answer.competing
    if sites is None or answer.result.is_only_choice or not is_mixed(sites):
        return told
    return (*told, tell_mixture(sites))


def describe_infeasibility(reason: Infeasibility) -> Phrase:
    """Return why there is no answer, as one sentence."""
    needed, available = (say_number(value) for value in (reason.needed, reason.available))
    n_needed, n_available = round(reason.needed), round(reason.available)
    named = ", ".join(reason.names) + (" …" if reason.needed > len(reason.names) else "")
    return {
        "no_candidates": say("There are no candidates."),
        "few_candidates": say(
            "{asked}, but {there}.",
            asked=say_counted(
                "{count} site is asked for", "{count} sites are asked for", count=n_needed
            ),
            there=say_counted(
                "there is only {count} candidate",
                "there are only {count} candidates",
                count=n_available,
            ),
        ),
        "many_required": say(
            "{required}, but only {opened}.",
            required=say_counted(
                "{count} site is required", "{count} sites are required", count=n_needed
            ),
            opened=say_counted(
                "{count} is to be opened", "{count} are to be opened", count=n_available
            ),
        ),
        "group": say(
            "“{names}” {asks}, {possible}.",
            names="".join(reason.names),
            asks=say_counted("asks for {count} site", "asks for {count} sites", count=n_needed),
            possible=say_counted("{count} is possible", "{count} are possible", count=n_available),
        ),
        "budget": say(
            "The budget ({available}) is too small: the cheapest choice costs {needed}.",
            available=available,
            needed=needed,
        ),
        "unreachable": say_counted(
            "{count} demand point reaches no possible site: {named}.",
            "{count} demand points reach no possible site: {named}.",
            count=n_needed,
            named=named,
        ),
        "together": say("No choice meets all conditions at once."),
    }[reason.kind]


def tell_choice(
    result: SitingResult, variations: Sequence[Variation], words: Wording
) -> tuple[Phrase, ...]:
    """Say what the choice brings, what is proven, what comes close, and what would change it."""
    if not result.optimal_sets:
        return ()
    told = [_tell_objective(result, words), _tell_covered(result, words)]
    told += [_tell_proof(result, words)]
    if result.is_only_choice:
        return tuple(text for text in told if text is not None)
    told += [_tell_near(result, words)]
    told += [_tell_runner_up(result, words), _tell_variations(variations, words)]
    return tuple(text for text in told if text is not None)


def _tell_objective(result: SitingResult, words: Wording) -> Phrase | None:
    value = result.objective
    if value is None or words.threshold is None:
        return None
    group, mode = word_group(words.group), MODE_WORDS[words.mode]
    unit = words.threshold.unit
    if result.model in ("mclp", "backup"):
        twice = say("at least two sites")
        reached = twice if result.model == "backup" else say("a site")
        more = None if words.standing is None else value - words.standing
        of_group = word_of_group(words.group)
        chosen = say("this choice")
        if result.n_optimal_sets > 1:
            chosen = say("any of the best choices")
        values = {
            "chosen": chosen, "value": say_number(value), "total": say_number(words.total_weight),
            "of_people": of_group, "mode": mode, "threshold": word_threshold(words.threshold),
            "reached": reached,
        }  # fmt: skip
        if more is None:
            return say(
                "With {chosen} {value} of {total} {of_people} reach {reached} {mode} within "
                "{threshold}.",
                **values,
            )
        return say(
            "With {chosen} {value} of {total} {of_people} reach {reached} {mode} within "
            "{threshold}, {more} more than without it.",
            more=say_number(more),
            **values,
        )
    if result.model == "p-median" and words.total_weight > 0:
        mean = word_cost(value / words.total_weight, unit)
        return say(
            "The mean way (average) is then {mean} ({group}, {mode}).",
            mean=mean,
            group=group,
            mode=mode,
        )
    if result.model == "p-center":
        return say(
            "The longest way is then {longest} ({group}, {mode}).",
            longest=word_cost(value, unit),
            group=group,
            mode=mode,
        )
    return None


def _tell_covered(result: SitingResult, words: Wording) -> Phrase | None:
    """Say who reaches a site, where the model's own objective is something else."""
    if words.covered is None or words.threshold is None or result.model in ("mclp", "backup"):
        return None
    chosen = say("this choice")
    if result.n_optimal_sets > 1:
        chosen = say("the first of the best choices")
    return say(
        "With {chosen} {value} of {total} {of_people} reach {reached} {mode} within {threshold}.",
        chosen=chosen,
        reached=say("a site"),
        value=say_number(words.covered),
        total=say_number(words.total_weight),
        of_people=word_of_group(words.group),
        mode=MODE_WORDS[words.mode],
        threshold=word_threshold(words.threshold),
    )


def _tell_proof(result: SitingResult, words: Wording) -> Phrase:
    if result.status != "optimal":
        # A bound is rounded up, or it is none.
        at_most = None if result.gap is None else math.ceil(1000 * result.gap) / 1000
        return say(
            "This is the best choice found; another could be better by at most {gap}.",
            gap=say_share(at_most),
        )
    n = result.n_optimal_sets
    if result.is_only_choice:
        return say("Only this choice meets all conditions: there was nothing to choose.")
    if n == 1 and result.is_n_optimal_exact:
        return say("No other choice is as good; this is proven.")
    if n == 1:
        return say("No choice is better, this is proven; another may be as good.")
    return say(
        "No choice is better, this is proven; {count} are equally good, each by itself: "
        "{choices}. The estimate does not tell them apart.",
        count=_count(n, result.is_n_optimal_exact),
        choices=_name_choices(result.optimal_sets, words.name),
    )


def _tell_near(result: SitingResult, words: Wording) -> Phrase | None:
    optimal = set(result.optimal_sets)
    near = [found for found in result.near_optimal_sets if found.members not in optimal]
    share = Written(_format_briefly, result.near_share)
    if not near:
        if not result.is_near_exact:
            return None
        return say("No other choice comes within {share} of the objective.", share=share)
    number, first = _count(len(near), result.is_near_exact), _name_set(near[0].members, words.name)
    return say_counted(
        "{number:capital} more comes within {share} of the objective, {first}: this close, the "
        "figures alone do not decide.",
        "{number:capital} more come within {share} of the objective, for example {first}: this "
        "close, the figures alone do not decide.",
        count=len(near),
        number=number,
        share=share,
        first=first,
    )


def _tell_runner_up(result: SitingResult, words: Wording) -> Phrase | None:
    second = result.runner_up
    if second is None or result.objective is None:
        return None
    seconds = result.runner_ups or (second,)
    loss = say_share(result.runner_up_loss_share)
    standing = words.standing or 0.0
    is_cover = result.model in ("mclp", "backup")
    people = abs(result.objective - second.objective)
    many = len(seconds) > 1
    told = (
        say("lose {loss} of the objective", loss=loss)
        if many
        else say("loses {loss} of the objective", loss=loss)
    )
    if is_cover and words.threshold is not None:
        group = word_group(words.group)
        won = result.objective - standing
        of_gain = people / won if won > 0 else None
        values = {"people": say_number(people), "group": group, "of_gain": say_share(of_gain)}
        told = say("reaches {people} {group} fewer, {of_gain} of the gain", **values)
        if many:
            told = say("reach {people} {group} fewer, {of_gain} of the gain", **values)
    names = _name_choices([one.members for one in seconds], words.name)
    begin = _begin_runner_up(result, len(seconds))
    return say("{begin}, {names}, {told}.", begin=begin, names=names, told=told)


def _begin_runner_up(result: SitingResult, count: int) -> Phrase:
    """Say what the runner-up is: the one second best, one of those met, or one of several."""
    if not result.is_runner_up_proven:
        if count > 1:
            return say("The next choices found, equally good")
        return say("The next choice found")
    if count > 1:
        return say(
            "The runners-up, {count} and equally good",
            count=_count(count, result.are_runner_ups_exact),
        )
    if result.are_runner_ups_exact:
        return say("The runner-up")
    return say("A runner-up")


def _tell_variations(variations: Sequence[Variation], words: Wording) -> Phrase | None:
    """Say under which changes the choice stays, and what is best under the others."""
    if not variations:
        return None
    numbers = [v for v in variations if v.kind == "p" and v.result.optimal_sets]
    stays = [v for v in variations if _is_still_best(v)]
    others = [v for v in variations if v.result.optimal_sets and v not in (*stays, *numbers)]
    without = [v for v in variations if not v.result.optimal_sets]
    told = []
    if stays:
        named = say_list([_word(one, words) for one in stays])
        told.append(say("The choice stays the best with {named}.", named=named))
    if others:
        told.append(say("It would be another with {named}.", named=_word_others(others, words)))
    if numbers:
        told.append(say("With another number: {named}.", named=_word_others(numbers, words)))
    if without:
        named = say_list([_word(one, words) for one in without])
        told.append(say("No choice meets everything with {named}.", named=named))
    return join_phrases(*told)


def _is_still_best(variation: Variation) -> bool:
    loss = variation.chosen_loss_share
    return loss is not None and loss <= MOST_LOST_SHARE


def _word_others(variations: Sequence[Variation], words: Wording) -> Phrase:
    said = [
        say(
            "{change} ({choice})",
            change=_word(one, words),
            choice=_name_set(one.result.optimal_sets[0], words.name),
        )
        for one in variations
    ]
    return join_phrases(*said, joint="; ")


def _word(variation: Variation, words: Wording) -> Phrase:
    value = variation.value
    if variation.kind == "group":
        return word_group(str(value))
    number = float(value)
    if variation.kind == "p":
        return Verbatim(f"p = {number:.0f}")
    if words.threshold is None:
        return say("threshold {number:g}", number=number)
    return word_threshold(Threshold(number, words.threshold.unit))


def _name_set(members: Sequence[str], name: Name) -> Phrase:
    return say_list([say_quoted(name(one)) for one in members])


def _name_choices(choices: Sequence[Sequence[str]], name: Name) -> Phrase:
    named = [_name_set(members, name) for members in choices[:NAMED_TIES]]
    cut = None if len(choices) <= NAMED_TIES else "; …"
    return join_phrases(join_phrases(*named, joint=say(" or ")), cut, joint="")


def _count(number: int, is_exact: bool) -> Phrase:
    return Verbatim(str(number)) if is_exact else say("at least {number}", number=number)


def _format_briefly(share: float, language: Language) -> str:
    return format_share(share, language).replace(",0", "").replace(".0", "")


def name_by(places: Mapping[str, SitePlace]) -> Name:
    """Return a function that names a facility by its place's name, else by its id.

    Where two places share a name, the id is added.
    """
    counted = Counter(place.name for place in places.values())

    def name(one: str) -> str:
        called = (places[one].name if one in places else "") or one
        return f"{called} [{one}]" if counted[called] > 1 else called

    return name
