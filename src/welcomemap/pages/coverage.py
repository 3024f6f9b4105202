"""Coverage: map, tables and the sheet to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import streamlit as st

from welcomemap.cartography.content import Frame, MapSite, MapStudy
from welcomemap.cartography.elements import Scene
from welcomemap.cartography.sheet import SheetMap
from welcomemap.cartography.study_maps import (
    describe_cells,
    describe_changes,
    describe_quarters,
    describe_reaches,
    describe_study,
    find_changed_places,
    outline_districts,
)
from welcomemap.cartography.views import (
    draw_area_shares,
    draw_cell_shares,
    draw_change,
    draw_overview,
    draw_service_areas,
)
from welcomemap.coverage.coverage_table import CoverageRow
from welcomemap.coverage.gaps import AreaGap, DistrictGap, GapsResult
from welcomemap.describe.changes import describe_difference
from welcomemap.describe.gaps import describe_area, describe_district, name_gap_area
from welcomemap.describe.nouns import list_areas
from welcomemap.describe.words import (
    GROUP_LABELS,
    head_gap_areas,
    head_people,
    head_reached,
    head_share,
    head_unreached,
    word_group,
    word_threshold,
)
from welcomemap.errors import WelcomemapError
from welcomemap.pages import linked, own
from welcomemap.pages.choices import steps_of
from welcomemap.pages.figures import (
    Figures,
    gaps_request,
    prepare_next,
    read_changes,
    read_figures,
    read_groups,
)
from welcomemap.pages.map_view import show_map
from welcomemap.pages.planning import Setting, begin_page, choose_setting, label_choice, make_offer
from welcomemap.pages.widgets import (
    Bar,
    Cell,
    Figure,
    escape_html,
    escape_markdown,
    show_error,
    show_figures,
    show_table,
)
from welcomemap.travel.impedance import parse_threshold
from welcomemap.wording import (
    UNKNOWN,
    Language,
    Phrase,
    capitalise,
    format_interval,
    format_number,
    format_share,
    open_translator,
    say,
    say_as,
    say_interval,
    say_number,
    say_share,
)

SHOWN_GAPS = 12


def show_key_figures(figures: Figures, language: Language) -> None:
    """Show the numbers of the whole city, each with how sure it is."""
    city, gaps = figures.city, figures.gaps
    without = [d for d in gaps.districts if d.is_located_unserved]
    unstated = [d for d in gaps.districts if d.is_stated_unserved]
    several = own.read_own_words().district.several()
    is_stated = any(d.stated is not None for d in gaps.districts)
    span = say("interval").in_language(language)
    out_low, out_high = (
        (None, None)
        if city.interval is None
        else (city.total * (1 - city.interval[1]), city.total * (1 - city.interval[0]))
    )
    show_figures(
        [
            Figure(
                head_reached(city.group).in_language(language),
                format_share(city.share, language, city.interval),
                f"{span} {format_interval(city.interval, language)}",
            ),
            Figure(
                head_unreached(city.group).in_language(language),
                format_number(city.total - city.covered, language),
                f"{span} {format_number(out_low, language)} – {format_number(out_high, language)}",
            ),
            Figure(
                say("{districts:capital} without a site", districts=several).in_language(language),
                format_number(len(without), language),
                list_areas([d.district for d in without]).in_language(language),
            ),
            Figure(
                say("{districts:capital} nobody is said to serve", districts=several).in_language(
                    language
                ),
                format_number(len(unstated), language)
                if is_stated
                else UNKNOWN.in_language(language),
                list_areas([d.district for d in unstated]).in_language(language)
                if is_stated
                else say("The list says nothing about it.").in_language(language),
            ),
        ]
    )


def show_districts(gaps: GapsResult, language: Language) -> None:
    """Show one row a district, in the three meanings of served."""
    district = own.read_own_words().district
    heads = (
        district.capitalised(), head_people(gaps.group),
        say("Sites located"), say_as("column", "Said to serve"),
        head_reached(gaps.group), say("Share with interval"),
        say("Note"),
    )  # fmt: skip
    rows = [_district_cells(gap, language) for gap in gaps.districts]
    caption = say("All {districts} in the three meanings", districts=district.several())
    show_table(caption, heads, rows, language, numbers={1, 2, 3, 4})


def _district_cells(gap: DistrictGap, language: Language) -> list[Cell]:
    stated = UNKNOWN.in_language(language) if gap.stated is None else str(len(gap.stated))
    return [
        str(gap.district),
        format_number(gap.people, language),
        str(len(gap.located)),
        stated,
        format_number(gap.covered, language),
        draw_share(gap, language),
        " · ".join(_list_notes(gap, language)) or "–",
    ]


def draw_share(counted: DistrictGap | CoverageRow, language: Language) -> Bar:
    """Return a share with its interval as a bar."""
    low, high = counted.interval or (None, None)
    share = format_share(counted.share, language, counted.interval)
    interval = format_interval(counted.interval, language)
    return Bar(f"{share} ({interval})", counted.share, low, high)


def _list_notes(gap: DistrictGap, language: Language) -> list[str]:
    notes = []
    if gap.is_located_unserved:
        notes.append(say("no site"))
    if gap.disputed:
        notes.append(say("sources disagree"))
    if gap.planned:
        notes.append(say("site planned"))
    if gap.stated_elsewhere:
        notes.append(say("serving site lies elsewhere"))
    if gap.near_border:
        notes.append(say("site near the border"))
    return [note.in_language(language) for note in notes]


def show_ranked(gaps: GapsResult, language: Language) -> None:
    """Show the areas with the most people out of reach, largest first."""
    heads = (say("Rank"), say("Area"), head_unreached(gaps.group), say("Interval"), say("Why"))
    words = own.read_own_words()
    rows = [
        _ranked_cells(area, describe_area(gaps, area, words), language)
        for area in gaps.areas[:SHOWN_GAPS]
    ]
    caption = head_gap_areas(gaps.group, word_threshold(gaps.threshold))
    show_table(caption, heads, rows, language, numbers={0, 2, 3})


def _ranked_cells(area: AreaGap, reason: Phrase, language: Language) -> list[Cell]:
    low, high = (format_number(bound, language) for bound in area.interval)
    return [
        str(area.rank),
        name_gap_area(area).in_language(language) or str(area.area),
        format_number(area.out_of_reach, language),
        f"{low} – {high}",
        reason.in_language(language),
    ]


def show_groups(setting: Setting, language: Language) -> None:
    """Show all groups within several thresholds side by side."""
    steps = steps_of(setting.mode)
    usual = [step for step in ("500m", "1000m", "15min", "30min") if step in steps]
    first = [step for step in usual if parse_threshold(step).unit == setting.threshold.unit]
    chosen = linked.choose_some(
        "thresholds", label_choice("thresholds", language),
        lambda step: word_threshold(parse_threshold(step)).in_language(language), otherwise=first,
        placeholder=say("Choose thresholds").in_language(language),
    )  # fmt: skip
    if not chosen:
        return
    thresholds = tuple(parse_threshold(step) for step in steps if step in chosen)
    result = read_groups(setting, thresholds)
    found = {(row.group, row.threshold): row for row in result.rows if row.area_kind == "city"}
    rows: list[list[Cell]] = []
    for group, words in GROUP_LABELS.items():
        if (group, thresholds[0]) not in found:
            continue
        cells: list[Cell] = [words.in_language(language)]
        cells.append(format_number(found[group, thresholds[0]].total, language))
        cells += [draw_share(found[group, threshold], language) for threshold in thresholds]
        rows.append(cells)
    heads = (say("Group"), say("People"), *map(word_threshold, thresholds))
    caption = say("Share within reach by group and threshold, with interval")
    show_table(caption, heads, rows, language, numbers={1})
    st.caption(
        say("The bar shows the estimate, the black line its interval (90%).").in_language(language)
    )


VIEWS: Mapping[str, Phrase] = MappingProxyType(
    {
        "cell": say("100 m cells"),
        "reach": say("Service areas"),
    }
)


def _name_view(name: str, language: Language) -> str:
    words = own.read_own_words()
    areas = {"district": words.district.several(), "quarter": words.quarter.several()}
    named = VIEWS[name] if name in VIEWS else areas[name].capitalised()
    return escape_markdown(named.in_language(language))


def describe_setting(figures: Figures, language: Language) -> MapStudy:
    """Return areas, sites and heading of a setting."""
    setting, study = figures.setting, own.open_own_study()
    return own.answer(
        ("content", setting, language),
        lambda: describe_study(study, gaps_request(setting), figures.gaps, language),
        is_private=own.is_own(setting.scenario),
    )


def draw_view(view: str, figures: Figures, content: MapStudy, language: Language) -> SheetMap:
    """Draw a setting by district, quarter or cell, or its service areas.

    Raises
    ------
    UsageError
        If service areas cannot be drawn for the mode.
    """
    basemap = own.open_own_basemap()

    def draw() -> SheetMap:
        if view == "district":
            return draw_overview(content, basemap, language)
        return _draw_other(view, figures, content, language)

    return own.answer(
        ("map", view, figures.setting, language),
        draw,
        is_private=own.is_own(figures.setting.scenario),
    )


def _draw_other(view: str, figures: Figures, content: MapStudy, language: Language) -> SheetMap:
    setting, study = figures.setting, own.open_own_study()
    pack, frame = study.pack, _frame(figures, content.frame, language)
    scene = Scene(frame, own.open_own_basemap(), open_translator(language), content.areas)
    accessibility = study.read_accessibility(setting.scenario, setting.mode, setting.threshold.unit)
    heading = head_share(setting.group).in_language(language)
    if view == "quarter":
        quarters = describe_quarters(
            pack, figures.coverage, setting.group, setting.threshold, language
        )
        return draw_area_shares(quarters, content.sites, scene, share_heading=heading)
    if view == "cell":
        cells = describe_cells(pack, accessibility, setting.group, setting.threshold)
        return draw_cell_shares(cells, content.sites, scene, share_heading=heading)
    impedance = study.impedance(setting.mode, setting.threshold.unit)
    reaches = describe_reaches(accessibility, impedance, setting.threshold, language)
    return draw_service_areas(reaches, content.sites, scene)


def _frame(figures: Figures, frame: Frame, language: Language) -> Frame:
    city = figures.city
    title = say(
        "{share} are within reach ({group})",
        share=say_share(city.share, city.interval),
        group=word_group(city.group),
    )
    return replace(frame, title=title.in_language(language))


def draw_changes(setting: Setting, before: str, content: MapStudy, language: Language) -> SheetMap:
    """Draw who gained and who lost since another scenario."""
    study, basemap = own.open_own_study(), own.open_own_basemap()
    result = read_changes(setting, before)

    def draw() -> SheetMap:
        unit = setting.threshold.unit
        gained, lost = find_changed_places(
            study.pack,
            study.read_accessibility(before, setting.mode, unit),
            study.read_accessibility(setting.scenario, setting.mode, unit),
            setting.group,
            setting.threshold,
        )
        areas = outline_districts(study.pack, language)
        frame = replace(content.frame, title=f"{before} → {setting.scenario}")
        return draw_change(
            describe_changes(areas, result, setting.group, setting.threshold), content.sites,
            Scene(frame, basemap, open_translator(language)), gained=gained, lost=lost,
        )  # fmt: skip

    return own.answer(
        ("changes", setting, before, language),
        draw,
        is_private=own.is_own(setting.scenario, before),
    )


PICKED = "area:district-"


def show_sheet(figures: Figures, content: MapStudy, language: Language) -> None:
    """Show the sheet of the district that was picked on the map or chosen in the list."""
    districts = figures.gaps.districts
    word = str(own.open_own_study().pack.region["district_word"][language])
    label = capitalise(word)
    heading = say("One {word} in detail", label=label, word=word).in_language(language)
    st.subheader(escape_markdown(heading), anchor=False)
    first = next((gap for gap in districts if not gap.located), districts[0])
    chosen = linked.select(
        "district",
        escape_markdown(label),
        lambda number: f"{label} {number}",
        otherwise=str(first.district),
        help_text=say("Or click it on the map.").in_language(language),
    )
    gap = next(gap for gap in districts if str(gap.district) == chosen)
    reason = describe_district(figures.gaps, gap, own.read_own_words())
    st.html(render_sheet(gap, content.sites, f"{label} {gap.district}", reason, language))
    if make_offer().has_quarters:
        _show_quarters(figures, gap, language)


def take_picked(picked: str) -> None:
    """Let a click on the map choose the district."""
    if picked.startswith(PICKED):
        linked.hold("district", picked.removeprefix(PICKED))


def render_sheet(
    gap: DistrictGap, sites: Sequence[MapSite], title: str, reason: Phrase, language: Language
) -> str:
    """Return the facts of a district as HTML; every text is escaped."""
    names = {site.key: site.name for site in sites}

    def name_all(ids: Sequence[str]) -> str:
        none = say("none").in_language(language)
        return "; ".join(names.get(key, key) for key in ids) or none

    reached = say(
        "{people} ({share}, interval {interval})",
        people=say_number(gap.covered),
        share=say_share(gap.share, gap.interval),
        interval=say_interval(gap.interval),
    ).in_language(language)
    facts = [
        (head_people(gap.group), format_number(gap.people, language)),
        (say("Sites located here"), name_all(gap.located)),
        (
            say("Said to serve"),
            UNKNOWN.in_language(language) if gap.stated is None else name_all(gap.stated),
        ),
        (head_reached(gap.group), reached),
    ]
    if gap.disputed:
        other = gap.interval_if_disputed_false
        facts += [
            (say("Sources disagree about"), name_all(gap.disputed)),
            (
                say("If the other sources are right"),
                f"{format_share(gap.share_if_disputed_false, language, other)} "
                f"({format_interval(other, language)})",
            ),
        ]
    if gap.planned:
        facts.append((say("Planned"), name_all(gap.planned)))
    if gap.near_border:
        facts.append((say("Near the border"), name_all(gap.near_border)))
    cells = "".join(
        f"<dt>{escape_html(label.in_language(language))}</dt><dd>{escape_html(value)}</dd>"
        for label, value in facts
    )
    return (
        f'<div class="wm-sheet-card"><h3>{escape_html(title)}</h3>'
        f"<p>{escape_html(reason.in_language(language))}</p><dl>{cells}</dl></div>"
    )


def _show_quarters(figures: Figures, gap: DistrictGap, language: Language) -> None:
    table = own.open_own_study().pack.quarters
    inside = set(table["quarter"].astype(str)[table["district"] == gap.district])
    group = figures.setting.group
    rows: list[list[Cell]] = []
    for row in figures.coverage.rows:
        if row.area_kind != "quarter" or row.group != group or str(row.area) not in inside:
            continue
        rows.append(
            [
                f"{row.area} {row.name}",
                format_number(row.total, language),
                format_number(row.covered, language),
                draw_share(row, language),
            ]
        )
    heads = (say("Quarter"), head_people(group), head_reached(group), say("Share with interval"))
    show_table(say("Its quarters"), heads, rows, language, numbers={1, 2})


def show() -> None:
    """Show the page."""
    language = begin_page(say("Coverage and gaps"))
    setting = choose_setting(language)
    try:
        with st.spinner(say("Computing …").in_language(language)):
            figures = read_figures(setting)
            content = describe_setting(figures, language)
    except WelcomemapError as error:
        show_error(error, language)
        return
    st.header(escape_markdown(content.frame.title), anchor=False)
    show_key_figures(figures, language)
    for remark in content.frame.remarks[:-1]:
        st.warning(escape_markdown(remark))
    explain_meanings(language)
    _show_view(figures, content, language)
    show_sheet(figures, content, language)
    every = say("All {districts}", districts=own.read_own_words().district.several())
    st.subheader(escape_markdown(every.in_language(language)), anchor=False)
    show_districts(figures.gaps, language)
    st.subheader(say("The largest gaps").in_language(language), anchor=False)
    show_ranked(figures.gaps, language)
    st.subheader(say("By group").in_language(language), anchor=False)
    show_groups(setting, language)
    _show_changes(setting, content, language)
    for remark in content.frame.remarks[-1:]:
        st.caption(escape_markdown(remark))
    prepare_next(setting)


def explain_meanings(language: Language) -> None:
    """Explain the three meanings of unserved, where they are used."""
    title = say("What does “unserved” mean? Three meanings")  # fmt: skip
    with st.expander(title.in_language(language)):
        st.markdown(
            say(
                "- **Located**: no site lies in the area.\n- **Stated**: no site is said to "
                "serve the area; where the list says nothing, it reads “not known”.\n- "
                "**Within reach**: the share of people who reach a site within the threshold, "
                "across borders of areas too."
            ).in_language(language)
        )


def _show_view(figures: Figures, content: MapStudy, language: Language) -> None:
    view = linked.choose_one(
        "view", label_choice("view", language), lambda name: _name_view(name, language)
    )
    try:
        drawn = draw_view(view, figures, content, language)
    except WelcomemapError as error:
        show_error(error, language)
        return
    show_map(drawn, key="coverage_map", on_pick=take_picked)


def _show_changes(setting: Setting, content: MapStudy, language: Language) -> None:
    if len(make_offer().scenarios) < 2:
        return
    st.subheader(say("What has changed").in_language(language), anchor=False)
    nothing = say("do not compare").in_language(language)
    before = linked.select("since", label_choice("since", language), lambda name: name or nothing)
    if not before:
        return
    try:
        with st.spinner(say("Comparing …").in_language(language)):
            result = read_changes(setting, before)
            drawn = draw_changes(setting, before, content, language)
    except WelcomemapError as error:
        show_error(error, language)
        return
    for sentence in describe_difference(result, own.read_own_words()):
        st.markdown(f"- {escape_markdown(sentence.in_language(language))}")
    show_map(drawn, key="change_map")
