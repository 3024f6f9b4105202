"""The best sets of sites with their proof, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from welcomemap.cli.output import print_lines
from welcomemap.cli.tables import print_assumptions
from welcomemap.describe.siting import describe_choice, describe_infeasibility
from welcomemap.study.siting import SitingAnswer
from welcomemap.wording import Language, Phrase, say, say_number, say_share

if TYPE_CHECKING:
    from welcomemap.study.siting import MatrixAnswer, SitePlace

SHOWN_SETS = 20


def print_siting(answer: SitingAnswer | MatrixAnswer, lang: Language) -> None:
    """Print the best sets, what is proven about them, and how they change."""
    result = answer.result
    places = answer.places if isinstance(answer, SitingAnswer) else {}
    if result.status == "infeasible":
        if result.reason is not None:
            print_lines([describe_infeasibility(result.reason).in_language(lang)])
        return
    count = say_number(result.n_optimal_sets)
    if not result.is_n_optimal_exact:
        count = say("at least {number}", number=count)
    objective, bound = (_number(value) for value in (result.objective, result.bound))
    told = (
        say(
            "Model {model}: objective {objective}, bound {bound}, gap {gap}.",
            model=result.model,
            objective=objective,
            bound=bound,
            gap=say_share(result.gap),
        ),
        say("Optimal sets: {count}.", count=count),
    )
    print_lines(one.in_language(lang) for one in told)
    for members in result.optimal_sets[:SHOWN_SETS]:
        print_lines(["  " + "; ".join(_name_site(name, places) for name in members)])
    print_lines(["", *(sentence.in_language(lang) for sentence in describe_choice(answer))])
    if isinstance(answer, SitingAnswer):
        if answer.spent is not None:
            spent, budget = (_number(value) for value in (answer.spent, answer.request.budget))
            cost = say("Cost: {spent} of {budget}.", spent=spent, budget=budget)
            print_lines([cost.in_language(lang)])
        print_assumptions(answer.assumptions, lang)


def _name_site(name: str, places: Mapping[str, SitePlace]) -> str:
    label = places[name].name if name in places else ""
    return f"{name} ({label})" if label and label != name else name


def _number(value: float | None) -> Phrase:
    is_whole = value is not None and float(value).is_integer()
    return say_number(value, 0 if is_whole else 1)
