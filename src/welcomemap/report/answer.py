"""The question and its answer in five plain sentences, every number from the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from welcomemap.coverage.words import MODE_WORDS, word_estimate, word_threshold
from welcomemap.maps.overview import state_finding
from welcomemap.report.paper_study import PaperStudy
from welcomemap.tables import GROUPS
from welcomemap.wording import LANGUAGES, Language, Text, format_number, format_share, list_words


@dataclass(frozen=True)
class Told:
    """A sentence and the marks of the formulas behind its numbers."""

    text: Text
    marks: tuple[str, ...]


def name_scenario(scenario: str) -> str:
    """Return what a scenario is called: its name, or its file's without folder and ending."""
    return Path(scenario).stem


def tell_finding(study: PaperStudy) -> Text:
    """Return the finding as a title: which districts are without a service point."""
    unserved = [str(gap.district) for gap in study.gaps.districts if gap.is_located_unserved]
    words = study.words

    def told(language: Language) -> str:
        return state_finding(
            unserved,
            words.service_point.in_language(language),
            language,
            area_word=words.district.capitalised().in_language(language),
        )

    return Text(told("de"), told("en"))


def ask_question(study: PaperStudy) -> Text:
    """Return the question the paper answers."""
    request, kind = study.request, study.words.service_point
    name = name_scenario(request.scenario)
    de = (
        f"Wer erreicht in {study.pack.name} {MODE_WORDS[request.mode].de} innerhalb von "
        f"{word_threshold(request.threshold, 'de')} einen {kind.de} des Verzeichnisses {name}, "
        "wer nicht"
    )
    en = (
        f"Who in {study.pack.name} reaches a {kind.en} of the list of {name} "
        f"{MODE_WORDS[request.mode].en} within {word_threshold(request.threshold, 'en')}, who "
        "does not"
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
    words, name = study.words, name_scenario(study.request.scenario)
    unserved = [gap for gap in study.gaps.districts if gap.is_located_unserved]
    if not unserved:
        return Told(
            Text(
                f"Nach dem Verzeichnis {name} liegt in jedem {words.district.de} ein "
                f"{words.service_point.de}.",
                f"By the list of {name} a {words.service_point.en} lies in every "
                f"{words.district.en}.",
            ),
            ("F1",),
        )
    people = sum(gap.residents for gap in unserved)
    numbers = [str(gap.district) for gap in unserved]
    return Told(
        Text(
            f"In {words.district.de} {list_words(numbers, 'de')} liegt nach dem Verzeichnis {name} "
            f"kein {words.service_point.de}; dort leben {format_number(people, 'de')} Menschen.",
            f"By the list of {name}, no {words.service_point.en} lies in {words.district.en} "
            f"{list_words(numbers, 'en')}, where {format_number(people, 'en')} people live.",
        ),
        ("F1",),
    )


def _tell_reach(study: PaperStudy) -> Told:
    city, request, kind = study.city, study.request, study.words.service_point
    if city.share is None:
        return Told(
            Text(
                "Über die Menschen, die hier leben, liegen keine Angaben vor; wie viele einen "
                f"{kind.de} erreichen, ist nicht bekannt.",
                f"Nothing is known about the people who live here, nor how many reach a {kind.en}.",
            ),
            ("F3",),
        )
    near, sure = word_estimate(city.covered), _word_interval(city.share, city.interval)
    share = _both(city.share, city.interval)
    return Told(
        Text(
            f"In {study.pack.name} erreichen {near.de} von {format_number(city.total, 'de')} "
            f"Menschen {MODE_WORDS[request.mode].de} innerhalb von "
            f"{word_threshold(request.threshold, 'de')} einen {kind.de}, das sind "
            f"{share.de}{sure.de}.",
            f"In {study.pack.name}, {near.en} of {format_number(city.total, 'en')} people reach a "
            f"{kind.en} {MODE_WORDS[request.mode].en} within "
            f"{word_threshold(request.threshold, 'en')}; that is "
            f"{share.en}{sure.en}.",
        ),
        ("F3", "F4", "F5"),
    )


def _tell_disputed(study: PaperStudy) -> Told:
    disputed = [point for point in study.published if point.is_disputed]
    total = len(study.published)
    if not disputed:
        return Told(
            Text(
                f"Über keinen der {total} Standorte der Liste widersprechen sich die Quellen, die "
                "uns vorliegen.",
                f"The sources at hand contradict each other about none of the {total} sites.",
            ),
            ("F6",),
        )
    other = [str(gap.district) for gap in study.gaps.districts if not gap.located_if_disputed_false]
    listed = Text(*(f"{study.words.district.in_language(k)} {list_words(other, k)}"
                    for k in LANGUAGES))  # fmt: skip
    where = Text(f"wären {listed.de} ohne Standort und es", f"{listed.en} would have no site and")
    if not other:
        where = Text("hätte jedes Gebiet einen Standort und es", "every area would have a site and")
    share = _both(study.city.share_if_disputed_false, study.city.interval_if_disputed_false)
    return Told(
        Text(
            f"Über {len(disputed)} von {total} Standorten widersprechen sich die Quellen: Stimmen "
            f"die anderen Berichte, {where.de} wären {share.de} der Menschen in Reichweite.",
            f"Sources disagree about {len(disputed)} of {total} sites: if the other reports are "
            f"right, {where.en} {share.en} of the people would be within reach.",
        ),
        ("F6",),
    )


def _tell_focus(study: PaperStudy) -> Told | None:
    gap = study.focus
    if gap is None:
        return None
    sure = _word_interval(gap.share, gap.interval)
    told = Text(*(_first_sentence(gap.reason.in_language(k)) for k in LANGUAGES))
    return Told(Text(f"{told.de}{sure.de}.", f"{told.en}{sure.en}."), ("F3", "F5"))


def _first_sentence(text: str) -> str:
    """Return the first sentence without its full stop; inside a number no blank follows one."""
    return text.partition(". ")[0].removesuffix(".")


def _word_interval(share: float | None, interval: tuple[float, float] | None) -> Text:
    if share is None or interval is None:
        return Text("", "")
    low, high = (_both(bound, interval) for bound in interval)
    return Text(f" (Spanne {low.de} bis {high.de})", f" (interval {low.en} to {high.en})")


def _tell_candidate(study: PaperStudy) -> Told | None:
    if study.comparison is None:
        return None
    answer = study.comparison.to_json()
    best = max(answer["candidates"], key=lambda row: row["gained"][GROUPS[0]])
    near = word_estimate(best["gained"][GROUPS[0]])
    low, high = (word_estimate(bound) for bound in best["gained_interval"][GROUPS[0]])
    count = len(answer["candidates"])
    wins = Text("", "")
    if best["p_best"] is not None and count > 1:
        share = _both(best["p_best"], None)
        wins = Text(
            f"; in {share.de} der Ziehungen sind es bei ihm die meisten",
            f"; in {share.en} of the draws it gains the most",
        )
    name = best["name"]
    return Told(
        Text(
            f"Von {count} verglichenen Standorten brächte „{name}“ die meisten Menschen zusätzlich "
            f"in Reichweite: {near.de} (Spanne {low.de} bis {high.de}){wins.de}.",
            f"Of {count} candidate sites “{name}” would bring the most people within reach: "
            f"{near.en} (interval {low.en} to {high.en}){wins.en}.",
        ),
        ("F9", "F5", "F11"),
    )


def tell_proofs(study: PaperStudy) -> tuple[Told, ...]:
    """Say what is proven about the best single site, and what a choice would lose."""
    return tuple(_tell_proof(study, k) for k in range(len(study.proofs)))


def _tell_proof(study: PaperStudy, number: int) -> Told:
    proof = study.proofs[number]
    result = proof.result
    if not result.optimal_sets or result.objective is None or result.bound is None:
        said = result.reason or Text("Es gibt keine Lösung.", "There is no answer.")
        return Told(said, ("F10",))
    names = [_name(study, number, members) for members in result.optimal_sets]
    best = Text(list_words(names, "de"), list_words(names, "en"))
    objective, bound = (
        Text(format_number(v, "de"), format_number(v, "en"))
        for v in (result.objective, result.bound)
    )
    proven = result.status == "optimal"
    first = Text(
        f"{'Bewiesen' if proven else 'Bisher am besten, nicht bewiesen'}: Mit {best.de} "
        f"sind zusammen mit den heutigen Standorten {objective.de} Menschen in Reichweite. "
        f"Mehr als {bound.de} sind mit einem einzigen weiteren Standort dieser Auswahl nicht "
        "möglich.",
        f"{'Proven' if proven else 'Best so far, not proven'}: with {best.en}, {objective.en} "
        f"people are within reach together with the present sites. With a single further site of "
        f"this choice no more than {bound.en} are possible.",
    )
    return Told(_with_runner_up(study, number, first), ("F10",))


def _with_runner_up(study: PaperStudy, number: int, first: Text) -> Text:
    result = study.proofs[number].result
    if result.runner_up is None or result.runner_up_loss_share is None:
        return first
    name = _name(study, number, result.runner_up.members)
    reached = Text(
        format_number(result.runner_up.objective, "de"),
        format_number(result.runner_up.objective, "en"),
    )
    loss = _both(result.runner_up_loss_share, None)
    return Text(
        f"{first.de} Der zweitbeste ist {name} mit {reached.de}, {loss.de} weniger.",
        f"{first.en} The second best is {name} with {reached.en}, {loss.en} less.",
    )


def _name(study: PaperStudy, number: int, members: Sequence[str]) -> str:
    proof = study.proofs[number]
    new = [member for member in members if member not in proof.result.existing]
    return " + ".join(str(proof.places.get(member, {}).get("name", member)) for member in new)


def _both(share: float | None, interval: tuple[float, float] | None) -> Text:
    return Text(format_share(share, "de", interval), format_share(share, "en", interval))
