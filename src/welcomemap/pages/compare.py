"""Candidates side by side: tables, weights, the optimiser, and places anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from welcomemap.cartography.content import MapReach
from welcomemap.cartography.elements import Scene
from welcomemap.cartography.study_maps import (
    describe_best_places,
    describe_candidate_reaches,
    describe_existing,
    describe_gain,
    describe_ranked,
    frame_request,
    outline_districts,
)
from welcomemap.cartography.views import draw_candidates, draw_gain_surface
from welcomemap.describe.comparison import MOST_IN_DRAWS, describe_comparison, name_criterion
from welcomemap.describe.reasons import word_place
from welcomemap.describe.siting import describe_infeasibility
from welcomemap.describe.words import (
    GROUP_LABELS,
    NO,
    YES,
    head_gained,
    word_cost,
    word_group,
    word_the_group,
)
from welcomemap.errors import WelcomemapError
from welcomemap.pages import linked, own
from welcomemap.pages.candidate_input import add_candidates, add_click, choose_listed, tell_refused
from welcomemap.pages.choices import read_weights, write_weights
from welcomemap.pages.figures import gaps_request
from welcomemap.pages.map_view import show_map
from welcomemap.pages.planning import Setting, begin_page, choose_setting, label_choice
from welcomemap.pages.widgets import Bar, Cell, escape_markdown, show_error, show_table
from welcomemap.region.schemas import without_groups
from welcomemap.study.anywhere import AnywhereRequest, AnywhereResult, find_gain_anywhere
from welcomemap.study.comparison import (
    CRITERIA,
    ComparisonAnswer,
    usual_weights,
    weigh_again,
)
from welcomemap.study.own import OWN_CANDIDATES
from welcomemap.study.requests import CompareRequest, SiteRequest
from welcomemap.study.siting import SitingAnswer
from welcomemap.wording import (
    UNKNOWN,
    Language,
    Phrase,
    Verbatim,
    format_metres,
    format_number,
    format_share,
    open_translator,
    say,
    say_as,
    say_counted,
    say_number,
    say_share,
)

NAME = "weights"


def choose_weights(group: str, language: Language) -> tuple[tuple[str, float], ...]:
    """Show one slider for each criterion and return the weights above 0.

    Where none were chosen they are the usual ones of the group.
    """
    known = without_groups(CRITERIA, own.open_own_study().pack.groups)
    given = read_weights(linked.read(NAME))
    chosen = {name: given[name] for name in known}
    title = say("What counts how much? Change the weights")
    with st.expander(title.in_language(language)):
        st.caption(
            say(
                "0 means: does not count. Only the proportions matter. Equal weights are no "
                "advice; weighing is for people to decide."
            ).in_language(language)
        )
        columns = st.columns(2)
        for number, name in enumerate(known):
            with columns[number % 2]:
                label = name_criterion(name, group).in_language(language)
                linked.weigh(label, _part(name), chosen[name], _take)
    weights = tuple((name, float(weight)) for name, weight in chosen.items() if weight)
    if weights:
        return weights
    st.info(say("All weights are 0; so the usual criteria count equally.").in_language(language))
    return usual_weights(group)


def _part(name: str) -> str:
    return f"weight_{name}"


def _take() -> None:
    known = without_groups(CRITERIA, own.open_own_study().pack.groups)
    linked.hold(NAME, write_weights({name: linked.shown(_part(name)) for name in known}))


SHOWN_SIDE_BY_SIDE, SHOWN_RANKED = 5, 12


def _flag(value: bool | None, language: Language) -> str:
    return (UNKNOWN if value is None else YES if value else NO).in_language(language)


def tell_verdict(answer: ComparisonAnswer, language: Language) -> None:
    """Say which candidate is best, or that the data cannot decide."""
    sentences = [sentence.in_language(language) for sentence in describe_comparison(answer)]
    (st.success if answer.comparison.is_decided else st.info)(escape_markdown(" ".join(sentences)))
    if answer.left_out:
        names = escape_markdown(", ".join(answer.left_out))
        left_out = say("Without a known place and therefore not compared: {names}", names=names)
        st.warning(left_out.in_language(language))


def show_ranking(answer: ComparisonAnswer, language: Language) -> None:
    """Show rank, score, and how far the rank can be trusted."""
    comparison = answer.comparison
    ranking, p_best = comparison.ranking, comparison.p_best
    rows: list[list[Cell]] = []
    for k in np.argsort(ranking.rank, kind="stable"):
        low, high = float(ranking.low[k]), float(ranking.high[k])
        score = f"{format_number(100 * low, language)}"
        if round(100 * low) != round(100 * high):
            score += f" – {format_number(100 * high, language)}"
        first = float(ranking.first_share[k])
        best = None if p_best is None else float(p_best[k])
        rows.append(
            [
                str(int(ranking.rank[k])),
                comparison.candidates[k].name,
                Bar(score, low, low, high),
                Bar(format_share(first, language), first),
                Bar(format_share(best, language), best),
                _flag(bool(ranking.pareto[k]), language),
            ]
        )
    heads = (
        say("Rank"), say("Candidate"),
        say("Points of 100 with these weights"),
        say("First under random weights"),
        MOST_IN_DRAWS.capitalised(),
        say("Surpassed by none"),
    )  # fmt: skip
    caption = say("Ranking and how far it can be trusted")
    show_table(caption, heads, rows[:SHOWN_RANKED], language, numbers={0})
    if others := rows[SHOWN_RANKED:]:
        label = say_counted("{count} more candidate", "{count} more candidates", count=len(others))
        with st.expander(label.in_language(language)):
            show_table(caption, heads, others, language, numbers={0})
    st.caption(
        say(
            "Unknown values turn the points into an interval (black line). “Draws” are 1,000 "
            "calculations in which everything uncertain is left to chance; told is the share of "
            "them in which this candidate gains the most {people}.",
            people=word_the_group(answer.request.group),
        ).in_language(language)
    )


def show_gains(answer: ComparisonAnswer, language: Language) -> None:
    """Show how many more people of each group each candidate reaches, with intervals, as bars."""
    chosen = _first(answer)
    largest = max((answer.gains.interval(k, 0)[1] for k in chosen), default=0.0) or 1.0
    rows: list[list[Cell]] = []
    for number, group in enumerate(answer.gains.groups):
        cells: list[Cell] = [GROUP_LABELS[group].in_language(language)]
        for k in chosen:
            low, high = answer.gains.interval(k, number)
            gain = answer.comparison.candidates[k].reach.gained[group]
            text = (
                f"{format_number(gain, language)} "
                f"({format_number(low, language)} – {format_number(high, language)})"
            )
            cells.append(Bar(text, gain / largest, low / largest, high / largest))
        rows.append(cells)
    heads = (say("Group"), *_names(answer, chosen))
    show_table(say("More people within reach, with interval (90%)"), heads, rows, language)


def show_side_by_side(answer: ComparisonAnswer, language: Language) -> None:
    """Show the candidates' other figures and facts, one column each."""
    chosen, request = _first(answer), answer.request
    group, unit = request.group, request.threshold.unit
    candidates, unknown = answer.comparison.candidates, UNKNOWN.in_language(language)

    def word(cost: float | None) -> str:
        return word_cost(cost, unit).in_language(language)

    def lines(k: int) -> str:
        stop = answer.stops[k]
        return unknown if stop is None else ", ".join(stop.lines) or unknown

    def area(k: int) -> str:
        size = candidates[k].area_m2
        return unknown if size is None else f"{format_number(size, language)} m²"

    area_word = own.read_own_words().district
    told: tuple[tuple[Phrase, Callable[[int], str]], ...] = (
        (say("Address"), lambda k: answer.sites.facts[k].get("address") or unknown),
        (say("Place known as"), lambda k: _tell_place(answer, k, language)),
        (
            say("lies in {district}", district=area_word),
            lambda k: str(answer.places[k].district or unknown),
        ),
        (
            say("serves {districts} without a site", districts=area_word.several()),
            lambda k: _tell_served(answer, k, language),
        ),
        (name_criterion("mean_cost", group), lambda k: word(candidates[k].reach.mean_cost)),
        (name_criterion("p90_cost", group), lambda k: word(candidates[k].reach.p90_cost)),
        (
            name_criterion("overlap_share", group),
            lambda k: format_share(candidates[k].reach.overlap_share, language),
        ),
        (say("nearest stop"), lambda k: _tell_stop(answer, k, language)),
        (say("known lines there"), lines),
        (say_as("size", "Area"), area),
        (say("Rooms"), lambda k: format_number(candidates[k].rooms, language)),
        (say("step-free"), lambda k: _flag(candidates[k].is_step_free, language)),
        (
            say("meets the space needed"),
            lambda k: _flag(candidates[k].meets_requirements, language),
        ),
    )
    rows = [[label.in_language(language), *map(tell, chosen)] for label, tell in told]
    heads = (say("Property"), *_names(answer, chosen))
    show_table(say("Side by side"), heads, rows, language)
    more = len(candidates) - len(chosen)
    if more > 0:
        st.caption(
            say_counted(
                "{count} more is in the ranking and in the export only.",
                "{count} more are in the ranking and in the export only.",
                count=more,
            ).in_language(language)
        )


def _first(answer: ComparisonAnswer) -> list[int]:
    order = np.argsort(answer.comparison.ranking.rank, kind="stable")
    return [int(k) for k in order[:SHOWN_SIDE_BY_SIDE]]


def _names(answer: ComparisonAnswer, chosen: list[int]) -> list[Phrase]:
    rank, candidates = answer.comparison.ranking.rank, answer.comparison.candidates
    return [Verbatim(f"{int(rank[k])}. {candidates[k].name}") for k in chosen]


def _tell_place(answer: ComparisonAnswer, k: int, language: Language) -> str:
    known = answer.comparison.candidates[k].location_outcome
    outcome = (word_place(known) if known else UNKNOWN).in_language(language)
    radius = float(answer.sites.error_radius_m[k])
    return f"{outcome}, ± {format_metres(radius, language)}" if np.isfinite(radius) else outcome


def _tell_served(answer: ComparisonAnswer, k: int, language: Language) -> str:
    served = answer.comparison.candidates[k].districts_served
    reached = [str(number) for number, is_served in served.items() if is_served]
    return ", ".join(reached) or say_as("districts", "none").in_language(language)


def _tell_stop(answer: ComparisonAnswer, k: int, language: Language) -> str:
    stop = answer.stops[k]
    if stop is None:
        return UNKNOWN.in_language(language)
    return f"{stop.name}, {format_metres(stop.distance_m, language)}"


TIME_LIMIT_S = 20.0
SHOWN_SETS = 5
MODELS: Mapping[str, Phrase] = MappingProxyType(
    {
        "mclp": say("as many people within reach as possible (MCLP)"),
        "p-median": say("the shortest mean way (average; p-median)"),
        "p-center": say("the shortest longest way (p-center)"),
        "lscp": say("everybody within reach with as few sites as possible (LSCP)"),
        "p-dispersion": say("as far apart as possible (p-dispersion)"),
    }
)  # fmt: skip
SOURCES: Mapping[str, Phrase] = MappingProxyType(
    {
        "list": say("candidates of the list"),
        OWN_CANDIDATES: say("own candidates"),
        "facilities": say("schools and other facilities"),
        "offices": say("existing advice offices"),
        "stops": say("all stops (takes longer)"),
    }
)


def show_optimiser(setting: Setting, language: Language) -> None:
    """Offer the models and show the last answer with its proof."""
    st.header(
        say_as("button", "Compute the best choice").in_language(language),
        anchor=False,
    )
    request = _choose_request(setting, language)
    if not linked.ask("best", label_choice("best", language)):
        return
    study = own.open_own_study()
    is_private = own.is_own(request.scenario) or request.candidates == OWN_CANDIDATES
    try:
        with st.spinner(say("Computing, at most 20 seconds …").in_language(language)):
            answer = own.answer(request, lambda: study.choose_sites(request), is_private=is_private)
    except WelcomemapError as error:
        show_error(error, language)
        return
    _show_answer(answer, language)


def _choose_request(setting: Setting, language: Language) -> SiteRequest:
    left, right = st.columns(2)
    with left:
        model = linked.select(
            "aim", label_choice("aim", language), lambda name: MODELS[name].in_language(language)
        )
        p = linked.count("sites", label_choice("sites", language))
    with right:
        source = linked.select(
            "source", label_choice("source", language),
            lambda name: SOURCES[name].in_language(language),
        )  # fmt: skip
        is_kept = linked.check("kept", label_choice("kept", language))
    return SiteRequest(
        model, None if model == "lscp" else p, setting.scenario, setting.threshold,
        setting.mode, setting.group, source, is_kept, time_limit_s=TIME_LIMIT_S,
    )  # fmt: skip


def _show_answer(answer: SitingAnswer, language: Language) -> None:
    for sentence in tell_proof(answer):
        st.markdown(escape_markdown(sentence.in_language(language)))
    result = answer.result
    if not result.optimal_sets:
        return
    rows: list[list[Cell]] = []
    for number, members in enumerate(result.optimal_sets[:SHOWN_SETS], start=1):
        rows.append([str(number), "; ".join(_name(answer, member) for member in members)])
    for other in result.runner_ups[:SHOWN_SETS]:
        second = say("next best").in_language(language)
        rows.append([second, "; ".join(_name(answer, member) for member in other.members)])
    show_table(say("Best choice"), (say("Choice"), say("New sites")), rows, language)
    if answer.left_out:
        names = escape_markdown(", ".join(answer.left_out))
        st.caption(
            say("Without a known place, therefore left out: {names}", names=names).in_language(
                language
            )
        )


def _name(answer: SitingAnswer, member: str) -> str:
    return (answer.places[member].name if member in answer.places else "") or member


def tell_proof(answer: SitingAnswer) -> list[Phrase]:
    """Say what the best choice is worth and what is proven about it."""
    result = answer.result
    if result.status == "infeasible":
        why: Phrase = UNKNOWN
        if result.reason is not None:
            why = describe_infeasibility(result.reason)
        return [say("There is no solution: {why}", why=why)]
    sentences = [_tell_worth(answer)]
    if result.status == "optimal":
        sentences.append(say("Proven: no other choice is better; objective and bound are equal."))
    else:
        sentences.append(
            say(
                "Not proven: time ran out. A better choice would be at most {gap} better.",
                gap=say_share(result.gap),
            )
        )
    if result.n_optimal_sets > 1:
        count = say_number(result.n_optimal_sets)
        sentences.append(
            say(
                "Exactly {count} choices are equally good; the calculation cannot decide between "
                "them.",
                count=count,
            )
            if result.is_n_optimal_exact
            else say(
                "At least {count} choices are equally good; the calculation cannot decide between "
                "them.",
                count=count,
            )
        )
    elif result.is_n_optimal_exact:
        sentences.append(say("It is the only best one."))
    if result.runner_up is not None and result.runner_up_loss_share is not None:
        loss = say_share(result.runner_up_loss_share)
        second = say("The next best choice is worse by {loss}.", loss=loss)
        if len(result.runner_ups) > 1:
            second = say("The next best choices are equally good and worse by {loss}.", loss=loss)
        sentences.append(second)
    return sentences


def _tell_worth(answer: SitingAnswer) -> Phrase:
    result, unit = answer.result, answer.request.threshold.unit
    group = word_group(answer.request.group)
    value = result.objective
    number, cost = say_number(value), word_cost(value, unit)
    if result.model == "lscp":
        people = word_the_group(answer.request.group)
        return say_counted(
            "To reach all {people}, {number} site is needed.",
            "To reach all {people}, {number} sites are needed.",
            count=round(value or 0),
            number=number,
            people=people,
        )
    if result.model == "mclp":
        return say("With it {number} {group} are within reach.", number=number, group=group)
    if result.model == "p-center":
        return say("The longest way is then {cost} ({group}).", cost=cost, group=group)  # fmt: skip
    if result.model == "p-dispersion":
        return say("The smallest distance of two sites is then {cost}.", cost=cost)  # fmt: skip
    if unit == "m":
        return say(
            "All ways together are then {number} person-metres ({group}).",
            number=number,
            group=group,
        )
    return say(
        "All ways together are then {number} person-minutes ({group}).", number=number, group=group
    )


SHOWN_PLACES = 5


def show_anywhere(setting: Setting, language: Language) -> None:
    """Offer the gain of a new site anywhere; it is computed when asked for."""
    st.header(say("Where would a new site bring the most?").in_language(language), anchor=False)
    request = AnywhereRequest(setting.scenario, setting.threshold, setting.mode, setting.group)
    if not linked.ask("anywhere", label_choice("anywhere", language)):
        return
    try:
        _draw(_find(request, language), setting, language)
    except WelcomemapError as error:
        show_error(error, language)


def _find(request: AnywhereRequest, language: Language) -> AnywhereResult:
    study = own.open_own_study()
    bar = st.progress(0.0, say("Computing …").in_language(language))
    found = own.answer(
        request,
        lambda: find_gain_anywhere(study, request, lambda share: _tell(bar, share)),
        is_private=own.is_own(request.scenario),
    )
    bar.empty()
    return found


def _tell(bar: DeltaGenerator, share: float) -> None:
    bar.progress(share)


def _draw(result: AnywhereResult, setting: Setting, language: Language) -> None:
    study, request = own.open_own_study(), result.request
    pack = study.pack
    accessibility = study.read_accessibility(request.scenario, request.mode, request.threshold.unit)
    cells = [int(cell) for cell in result.best(SHOWN_PLACES)]
    gains = [float(result.gain[cell]) for cell in cells]
    best = describe_best_places(accessibility, request.group, gains, cells, language)
    rows: list[list[Cell]] = [
        [site.name, format_number(gain, language)] for site, gain in zip(best, gains, strict=True)
    ]
    gained = head_gained(request.group)
    heads = (say("Place"), gained.capitalised())
    show_table(say("The best places, each alone"), heads, rows, language, numbers={1})
    title = say("Gain of a new site at each place")
    drawn = draw_gain_surface(
        describe_gain(pack, result.gain), best,
        describe_existing(pack, accessibility, study.load_scenario(request.scenario), language),
        _set_scene(title, setting, language), gain_heading=gained.in_language(language),
    )  # fmt: skip
    show_map(drawn, key="anywhere_map")
    st.caption(
        say(
            "A calculation that knows nothing of buildings, rents and plots. Neighbouring places "
            "reach almost the same people; their gains do not add up."
        ).in_language(language)
    )


def _set_scene(title: Phrase, setting: Setting, language: Language) -> Scene:
    pack = own.open_own_study().pack
    frame = frame_request(pack, gaps_request(setting), title.in_language(language), language)
    districts = outline_districts(pack, language)
    return Scene(frame, own.open_own_basemap(), open_translator(language), districts)


def show() -> None:
    """Show the page."""
    language = begin_page(say("Compare sites"))
    setting = choose_setting(language)
    study = own.open_own_study()
    listed = choose_listed(study, language)
    add_candidates(study, language)
    if not listed and own.open_own().candidates.empty:
        st.info(say("Choose at least one candidate.").in_language(language))
    else:
        _show_comparison(setting, listed, language)
    show_anywhere(setting, language)
    show_optimiser(setting, language)


def read_comparison(setting: Setting, listed: tuple[str, ...]) -> ComparisonAnswer:
    """Return the comparison of listed and own candidates with equal weights.

    Raises
    ------
    WelcomemapError
        If the study has no answer.
    """
    study, mine = own.open_own_study(), own.open_own()
    has_own = not mine.candidates.empty
    request = CompareRequest(
        listed, OWN_CANDIDATES if has_own else None, setting.scenario, setting.threshold,
        setting.mode, group=setting.group,
    )  # fmt: skip
    return own.answer(
        request,
        lambda: study.compare_candidates(request),
        is_private=has_own or own.is_own(setting.scenario),
    )


def _show_comparison(setting: Setting, listed: tuple[str, ...], language: Language) -> None:
    verdict = st.container()
    weights = choose_weights(setting.group, language)
    try:
        with st.spinner(say("Comparing …").in_language(language)):
            answer = weigh_again(read_comparison(setting, listed), weights)
    except WelcomemapError as error:
        show_error(error, language)
        return
    with verdict:
        tell_verdict(answer, language)
    show_ranking(answer, language)
    show_gains(answer, language)
    _show_map(answer, setting, language)
    show_side_by_side(answer, language)


def _show_map(answer: ComparisonAnswer, setting: Setting, language: Language) -> None:
    study = own.open_own_study()
    pack = study.pack
    accessibility = study.read_accessibility(setting.scenario, setting.mode, setting.threshold.unit)
    sites = describe_existing(pack, accessibility, study.load_scenario(setting.scenario), language)
    reaches: tuple[MapReach, ...] = ()
    if setting.mode != "transit":
        impedance = study.impedance(setting.mode, setting.threshold.unit)
        reaches = describe_candidate_reaches(answer, impedance)
    title = describe_comparison(answer)[0]
    drawn = draw_candidates(
        describe_ranked(answer, language), sites, _set_scene(title, setting, language),
        reaches=reaches,
    )  # fmt: skip
    tell_refused(language)
    show_map(drawn, key="compare_map", on_place=lambda lat, lon: add_click(lat, lon, language))
