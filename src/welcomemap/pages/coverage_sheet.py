"""The sheet of one district: the three meanings, its sites, its quarters and its groups."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from welcomemap.coverage.gap_result import DistrictGap
from welcomemap.coverage.headings import head_people, head_reached
from welcomemap.maps.content import MapSite, MapStudy
from welcomemap.pages import linked, own
from welcomemap.pages.figures import Figures
from welcomemap.pages.html_table import Bar, Cell, show_table
from welcomemap.pages.plain import escape_html, escape_markdown
from welcomemap.wording import (
    UNKNOWN,
    Language,
    Text,
    capitalise,
    format_interval,
    format_number,
    format_share,
)

PICKED = "area:district-"


def show_sheet(figures: Figures, content: MapStudy, language: Language) -> None:
    """Show the sheet of the district that was picked on the map or chosen in the list."""
    districts = figures.gaps.districts
    word = str(own.open_own_study().pack.region["district_word"][language])
    label = capitalise(word)
    heading = Text(f"Ein {label} im Einzelnen", f"One {word} in detail").in_language(language)
    st.subheader(escape_markdown(heading), anchor=False)
    first = next((gap for gap in districts if not gap.located), districts[0])
    hint = Text("Oder auf der Karte anklicken.", "Or click it on the map.").in_language(language)
    chosen = linked.select(
        "district",
        escape_markdown(label),
        lambda number: f"{label} {number}",
        otherwise=str(first.district),
        help_text=hint,
    )
    gap = next(gap for gap in districts if str(gap.district) == chosen)
    st.html(render_sheet(gap, content.sites, f"{label} {gap.district}", language))
    _show_quarters(figures, gap, language)


def take_picked(picked: str) -> None:
    """Let a click on the map choose the district."""
    if picked.startswith(PICKED):
        linked.hold("district", picked.removeprefix(PICKED))


def render_sheet(gap: DistrictGap, sites: Sequence[MapSite], title: str, language: Language) -> str:
    """Return the facts of a district as HTML; every text is escaped."""
    names = {site.key: site.name for site in sites}

    def name_all(ids: Sequence[str]) -> str:
        none = Text("keine", "none").in_language(language)
        return "; ".join(names.get(key, key) for key in ids) or none

    reached = (
        f"{format_number(gap.covered, language)} "
        f"({format_share(gap.share, language, gap.interval)}, "
        f"{Text('Spanne', 'interval').in_language(language)} "
        f"{format_interval(gap.interval, language)})"
    )
    facts = [
        (head_people(gap.group), format_number(gap.people, language)),
        (Text("Standorte im Bezirk", "Sites located here"), name_all(gap.located)),
        (
            Text("Laut Liste zuständig", "Said to serve"),
            UNKNOWN[language] if gap.stated is None else name_all(gap.stated),
        ),
        (head_reached(gap.group), reached),
    ]
    if gap.disputed:
        other = gap.interval_if_disputed_false
        facts += [
            (Text("Quellen widersprechen sich bei", "Sources disagree about"),
             name_all(gap.disputed)),
            (
                Text("Wenn die anderen Quellen recht haben", "If the other sources are right"),
                f"{format_share(gap.share_if_disputed_false, language, other)} "
                f"({format_interval(other, language)})",
            ),
        ]  # fmt: skip
    if gap.planned:
        facts.append((Text("Geplant", "Planned"), name_all(gap.planned)))
    if gap.near_border:
        facts.append((Text("Nahe der Bezirksgrenze", "Near the border"), name_all(gap.near_border)))
    cells = "".join(
        f"<dt>{escape_html(label.in_language(language))}</dt><dd>{escape_html(value)}</dd>"
        for label, value in facts
    )
    reason = escape_html(gap.reason.in_language(language))
    return (
        f'<div class="wm-sheet-card"><h3>{escape_html(title)}</h3>'
        f"<p>{reason}</p><dl>{cells}</dl></div>"
    )


def _show_quarters(figures: Figures, gap: DistrictGap, language: Language) -> None:
    table = own.open_own_study().pack.quarters
    inside = set(table["quarter"].astype(str)[table["district"] == gap.district])
    group = figures.setting.group
    rows: list[list[Cell]] = []
    for row in figures.coverage.rows:
        if row.area_kind != "quarter" or row.group != group or str(row.area) not in inside:
            continue
        low, high = row.interval or (None, None)
        share = format_share(row.share, language, row.interval)
        text = f"{share} ({format_interval(row.interval, language)})"
        rows.append(
            [
                f"{row.area} {row.name}",
                format_number(row.total, language),
                format_number(row.covered, language),
                Bar(text, row.share, low, high),
            ]
        )
    heads = (Text("Stadtteil", "Quarter"), head_people(group), head_reached(group),
             Text("Anteil mit Spanne", "Share with interval"))  # fmt: skip
    show_table(
        Text("Stadtteile darin", "Its quarters").in_language(language),
        [head.in_language(language) for head in heads],
        rows,
        numbers={1, 2},
    )
