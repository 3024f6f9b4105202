"""What was chosen, what is proven about it, and how it changes, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from welcomemap.describe.candidates import tell_mixture
from welcomemap.describe.words import (
    MODE_WORDS,
    word_cost,
    word_group,
    word_of_group,
    word_threshold,
)
from welcomemap.siting.problem import Infeasibility, SitingResult
from welcomemap.siting.solve import Variation
from welcomemap.study.alike import is_mixed
from welcomemap.study.siting import MatrixAnswer, SitingAnswer
from welcomemap.travel.impedance import Mode, Threshold
from welcomemap.wording import LANGUAGES, Language, Text, format_number, format_share, list_words

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
    """

    name: Name
    total_weight: float
    standing: float | None = None
    threshold: Threshold | None = None
    mode: Mode = "walk"
    group: str = ""


def describe_choice(answer: SitingAnswer | MatrixAnswer) -> tuple[Text, ...]:
    """Return what a choice brings, what is proven, what comes close, what would change it."""
    if isinstance(answer, MatrixAnswer):
        plain = Wording(name=str, total_weight=answer.total_weight)
        return tell_choice(answer.result, answer.variations, plain)
    words = Wording(
        name=name_by(answer.places), total_weight=answer.total_weight, standing=answer.standing,
        threshold=answer.request.threshold, mode=answer.request.mode, group=answer.request.group,
    )  # fmt: skip
    told = tell_choice(answer.result, answer.variations, words)
    sites = answer.competing
    if sites is None or answer.result.is_only_choice or not is_mixed(sites):
        return told
    return (*told, tell_mixture(sites))


def describe_infeasibility(reason: Infeasibility) -> Text:
    """Return why there is no answer, as one sentence."""
    needed, available = (
        Text(format_number(value, "de"), format_number(value, "en"))
        for value in (reason.needed, reason.available)
    )
    named = ", ".join(reason.names) + (" …" if reason.needed > len(reason.names) else "")
    return {
        "no_candidates": Text("Es gibt keine Kandidaten.", "There are no candidates."),
        "few_candidates": Text(
            f"{needed.de} Standorte sind verlangt, es gibt aber nur {available.de} Kandidaten.",
            f"{needed.en} sites are asked for, but there are only {available.en} candidates.",
        ),
        "many_required": Text(
            f"{needed.de} Standorte sind Pflicht, aber nur {available.de} sollen eröffnet werden.",
            f"{needed.en} sites are required, but only {available.en} are to be opened.",
        ),
        "group": Text(
            f"„{''.join(reason.names)}“ verlangt {needed.de} Standorte, möglich sind "
            f"{available.de}.",
            f"“{''.join(reason.names)}” asks for {needed.en} sites, {available.en} are possible.",
        ),
        "budget": Text(
            f"Die Mittel ({available.de}) reichen nicht: die günstigste Auswahl kostet "
            f"{needed.de}.",
            f"The budget ({available.en}) is too small: the cheapest choice costs {needed.en}.",
        ),
        "unreachable": Text(
            f"Für {needed.de} Orte ist kein möglicher Standort erreichbar: {named}.",
            f"{needed.en} demand points reach no possible site: {named}.",
        ),
        "together": Text(
            "Keine Auswahl erfüllt alle Bedingungen zugleich.",
            "No choice meets all conditions at once.",
        ),
    }[reason.kind]


def tell_choice(
    result: SitingResult, variations: Sequence[Variation], words: Wording
) -> tuple[Text, ...]:
    """Say what the choice brings, what is proven, what comes close, and what would change it."""
    if not result.optimal_sets:
        return ()
    told = [_tell_objective(result, words), _tell_proof(result, words)]
    if result.is_only_choice:
        return tuple(text for text in told if text is not None)
    told += [_tell_near(result, words)]
    told += [_tell_runner_up(result, words), _tell_variations(variations, words)]
    return tuple(text for text in told if text is not None)


def _tell_objective(result: SitingResult, words: Wording) -> Text | None:
    value = result.objective
    if value is None or words.threshold is None:
        return None
    group, mode = word_group(words.group), MODE_WORDS[words.mode]
    unit = words.threshold.unit
    if result.model in ("mclp", "backup"):
        twice = Text("mindestens zwei Standorte", "at least two sites")
        reached = twice if result.model == "backup" else Text("einen Standort", "a site")
        more = None if words.standing is None else value - words.standing
        of_group = word_of_group(words.group)
        chosen = Text("dieser Auswahl", "this choice")
        if result.n_optimal_sets > 1:
            chosen = Text("jeder der besten Auswahlen", "any of the best choices")
        return Text(
            f"Mit {chosen.de} erreichen {format_number(value, 'de')} von "
            f"{format_number(words.total_weight, 'de')} {of_group.de} {mode.de} innerhalb von "
            f"{word_threshold(words.threshold, 'de')} {reached.de}"
            + ("." if more is None else f", {format_number(more, 'de')} mehr als ohne sie."),
            f"With {chosen.en} {format_number(value, 'en')} of "
            f"{format_number(words.total_weight, 'en')} {of_group.en} reach {reached.en} {mode.en} "
            f"within {word_threshold(words.threshold, 'en')}"
            + ("." if more is None else f", {format_number(more, 'en')} more than without it."),
        )
    if result.model == "p-median" and words.total_weight > 0:
        mean = [word_cost(value / words.total_weight, unit, k) for k in LANGUAGES]
        return Text(
            f"Der mittlere Weg (Durchschnitt) ist dann {mean[0]} lang ({group.de}, {mode.de}).",
            f"The mean way (average) is then {mean[1]} ({group.en}, {mode.en}).",
        )
    if result.model == "p-center":
        longest = [word_cost(value, unit, k) for k in LANGUAGES]
        return Text(
            f"Der längste Weg ist dann {longest[0]} ({group.de}, {mode.de}).",
            f"The longest way is then {longest[1]} ({group.en}, {mode.en}).",
        )
    return None


def _tell_proof(result: SitingResult, words: Wording) -> Text:
    if result.status != "optimal":
        gap = [format_share(result.gap, k) for k in LANGUAGES]
        return Text(
            f"Das ist die beste gefundene Auswahl; höchstens {gap[0]} besser könnte eine andere "
            "noch sein.",
            f"This is the best choice found; another could be better by at most {gap[1]}.",
        )
    n = result.n_optimal_sets
    if result.is_only_choice:
        return Text(
            "Nur diese Auswahl erfüllt alle Bedingungen: Zu wählen gab es nichts.",
            "Only this choice meets all conditions: there was nothing to choose.",
        )
    if n == 1 and result.is_n_optimal_exact:
        return Text(
            "Keine andere Auswahl ist so gut; das ist bewiesen.",
            "No other choice is as good; this is proven.",
        )
    more = ("", "") if result.is_n_optimal_exact else ("mindestens ", "at least ")
    named = [_name_set(members, words.name) for members in result.optimal_sets[:NAMED_TIES]]
    cut = "" if len(result.optimal_sets) <= NAMED_TIES else "; …"
    return Text(
        f"Keine Auswahl ist besser, das ist bewiesen; gleich gut sind {more[0]}{n}, jede für sich: "
        f"{' oder '.join(name.de for name in named)}{cut}. Die Schätzung unterscheidet "
        "sie nicht.",
        f"No choice is better, this is proven; {more[1]}{n} are equally good, each by itself: "
        f"{' or '.join(name.en for name in named)}{cut}. The estimate does not tell "
        "them apart.",
    )


def _tell_near(result: SitingResult, words: Wording) -> Text | None:
    optimal = set(result.optimal_sets)
    near = [found for found in result.near_optimal_sets if found.members not in optimal]
    share = [format_share(result.near_share, k).replace(",0", "").replace(".0", "")
             for k in LANGUAGES]  # fmt: skip
    if not near:
        if not result.is_near_exact:
            return None
        return Text(
            f"Keine weitere Auswahl liegt beim Zielwert höchstens {share[0]} zurück.",
            f"No other choice comes within {share[1]} of the objective.",
        )
    more = ("", "") if result.is_near_exact else ("Mindestens ", "at least ")
    first = _name_set(near[0].members, words.name)
    return Text(
        f"{more[0]}{len(near)} weitere liegen beim Zielwert höchstens {share[0]} zurück, zum "
        f"Beispiel {first.de}: So nahe beieinander entscheiden die Zahlen allein nicht.",
        f"{more[1]}{len(near)} more come within {share[1]} of the objective, for example "
        f"{first.en}: this close, the figures alone do not decide.".strip(),
    )


def _tell_runner_up(result: SitingResult, words: Wording) -> Text | None:
    second = result.runner_up
    if second is None or result.objective is None:
        return None
    seconds = result.runner_ups or (second,)
    loss = [format_share(result.runner_up_loss_share, k) for k in LANGUAGES]
    standing = words.standing or 0.0
    is_cover = result.model in ("mclp", "backup")
    people = abs(result.objective - second.objective)
    many = len(seconds) > 1
    told = Text(
        f"{'verlieren' if many else 'verliert'} {loss[0]} des Zielwerts",
        f"{'lose' if many else 'loses'} {loss[1]} of the objective",
    )
    if is_cover and words.threshold is not None:
        group = word_group(words.group)
        won = result.objective - standing
        of_gain = people / won if won > 0 else None
        told = Text(
            f"{'erreichen' if many else 'erreicht'} {format_number(people, 'de')} {group.de} "
            f"weniger, "
            f"{format_share(of_gain, 'de')} des Zugewinns",
            f"{'reach' if many else 'reaches'} {format_number(people, 'en')} {group.en} fewer, "
            f"{format_share(of_gain, 'en')} of the gain",
        )
    named = [_name_set(one.members, words.name) for one in seconds[:NAMED_TIES]]
    cut = "" if len(seconds) <= NAMED_TIES else "; …"
    names = Text(
        f"{' oder '.join(name.de for name in named)}{cut}",
        f"{' or '.join(name.en for name in named)}{cut}",
    )
    begin = _begin_runner_up(result, len(seconds))
    return Text(f"{begin.de}, {names.de}, {told.de}.", f"{begin.en}, {names.en}, {told.en}.")


def _begin_runner_up(result: SitingResult, count: int) -> Text:
    """Say what the runner-up is: the one second best, one of those met, or one of several."""
    if not result.is_runner_up_proven:
        if count > 1:
            return Text(
                "Die nächsten gefundenen, gleich guten Auswahlen",
                "The next choices found, equally good",
            )
        return Text("Die nächste gefundene Auswahl", "The next choice found")
    if count > 1:
        least = Text("", "") if result.are_runner_ups_exact else Text("mindestens ", "at least ")
        return Text(
            f"Die zweitbesten Auswahlen, {least.de}{count} und gleich gut",
            f"The runners-up, {least.en}{count} and equally good",
        )
    if result.are_runner_ups_exact:
        return Text("Die zweitbeste Auswahl", "The runner-up")
    return Text("Eine zweitbeste Auswahl", "A runner-up")


def _tell_variations(variations: Sequence[Variation], words: Wording) -> Text | None:
    """Say under which changes the choice stays, and what is best under the others."""
    if not variations:
        return None
    numbers = [v for v in variations if v.kind == "p" and v.result.optimal_sets]
    stays = [v for v in variations if _is_still_best(v)]
    others = [v for v in variations if v.result.optimal_sets and v not in (*stays, *numbers)]
    without = [v for v in variations if not v.result.optimal_sets]
    told: dict[Language, list[str]] = {"de": [], "en": []}
    for k in LANGUAGES:
        said = {
            "de": ("Die Auswahl bleibt die beste bei {}.", "Anders wäre es bei {}.",
                   "Keine Auswahl erfüllt alles bei {}.", "Mit anderer Zahl: {}."),
            "en": ("The choice stays the best with {}.", "It would be another with {}.",
                   "No choice meets everything with {}.", "With another number: {}."),
        }[k]  # fmt: skip
        if stays:
            told[k].append(said[0].format(list_words([_word(v, words, k) for v in stays], k)))
        if others:
            named = [_word_other(v, words, k) for v in others]
            told[k].append(said[1].format("; ".join(named)))
        if numbers:
            told[k].append(said[3].format("; ".join(_word_other(v, words, k) for v in numbers)))
        if without:
            told[k].append(said[2].format(list_words([_word(v, words, k) for v in without], k)))
    return Text(" ".join(told["de"]), " ".join(told["en"]))


def _is_still_best(variation: Variation) -> bool:
    loss = variation.chosen_loss_share
    return loss is not None and loss <= MOST_LOST_SHARE


def _word_other(variation: Variation, words: Wording, language: Language) -> str:
    named = _name_set(variation.result.optimal_sets[0], words.name).in_language(language)
    return f"{_word(variation, words, language)} ({named})"


def _word(variation: Variation, words: Wording, language: Language) -> str:
    value = variation.value
    if variation.kind == "group":
        return word_group(str(value)).in_language(language)
    number = float(value)
    if variation.kind == "p":
        return f"p = {number:.0f}"
    if words.threshold is None:
        return f"{'Schwelle' if language == 'de' else 'threshold'} {number:g}"
    return word_threshold(Threshold(number, words.threshold.unit), language)


def _name_set(members: Sequence[str], name: Name) -> Text:
    named = [f"„{name(one)}“" for one in members], [f"“{name(one)}”" for one in members]
    return Text(list_words(named[0], "de"), list_words(named[1], "en"))


def name_by(places: Mapping[str, Mapping[str, object]]) -> Name:
    """Return a function that names a facility by its place's name, else by its id.

    Where two places share a name, the id is added.
    """
    counted = Counter(str(place.get("name") or "") for place in places.values())

    def name(one: str) -> str:
        called = str(places.get(one, {}).get("name") or one)
        return f"{called} [{one}]" if counted[called] > 1 else called

    return name
