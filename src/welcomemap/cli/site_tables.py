"""The best sets of sites with their proof, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from welcomemap.cli.output import print_lines
from welcomemap.cli.tables import print_assumptions
from welcomemap.describe.siting import describe_choice, describe_infeasibility
from welcomemap.study.siting import SitingAnswer
from welcomemap.wording import Language, format_number, format_share

if TYPE_CHECKING:
    from welcomemap.study.siting import MatrixAnswer

SHOWN_SETS = 20


def print_siting(answer: SitingAnswer | MatrixAnswer, lang: Language) -> None:
    """Print the best sets, what is proven about them, and how they change."""
    result = answer.result
    places = answer.places if isinstance(answer, SitingAnswer) else {}
    if result.status == "infeasible":
        if result.reason is not None:
            print_lines([describe_infeasibility(result.reason).in_language(lang)])
        return
    more = {"de": "mindestens ", "en": "at least "}[lang]
    count = f"{'' if result.is_n_optimal_exact else more}{result.n_optimal_sets}"
    objective, bound = (_number(value, lang) for value in (result.objective, result.bound))
    gap = format_share(result.gap, lang)
    print_lines(
        {
            "de": [
                f"Modell {result.model}: Zielwert {objective}, Schranke {bound}, Lücke {gap}.",
                f"Optimale Mengen: {count}.",
            ],
            "en": [
                f"Model {result.model}: objective {objective}, bound {bound}, gap {gap}.",
                f"Optimal sets: {count}.",
            ],
        }[lang]
    )
    for members in result.optimal_sets[:SHOWN_SETS]:
        print_lines(["  " + "; ".join(_name_site(name, places) for name in members)])
    print_lines(["", *(sentence.in_language(lang) for sentence in describe_choice(answer))])
    if isinstance(answer, SitingAnswer):
        if answer.spent is not None:
            said = {"de": "Kosten: {} von {}.", "en": "Cost: {} of {}."}[lang]
            print_lines(
                [said.format(*(_number(v, lang) for v in (answer.spent, answer.request.budget)))]
            )
        print_assumptions(answer.assumptions, lang)


def _name_site(name: str, places: Mapping[str, Mapping[str, Any]]) -> str:
    label = places.get(name, {}).get("name")
    return f"{name} ({label})" if label and label != name else name


def _number(value: float | None, lang: Language) -> str:
    is_whole = value is not None and float(value).is_integer()
    return format_number(value, lang, 0 if is_whole else 1)
