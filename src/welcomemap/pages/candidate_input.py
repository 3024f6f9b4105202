"""Candidates from the list, an upload, a click on the map or a typed address."""

from __future__ import annotations

import streamlit as st

from welcomemap.crs import unproject_point
from welcomemap.describe.reasons import RowWords, describe_reasons, word_place
from welcomemap.errors import WelcomemapError
from welcomemap.geocoding.outcome import SET_ON_MAP, GeocodeResult
from welcomemap.limits import run_limited
from welcomemap.pages import linked, own
from welcomemap.pages.own_data import read_upload_table
from welcomemap.pages.planning import label_choice
from welcomemap.pages.widgets import escape_markdown, show_error
from welcomemap.study.own import geocode_own_table
from welcomemap.study.study import Study
from welcomemap.tabular import Sheet
from welcomemap.wording import Language, say, say_counted

MAX_ROWS = 100
MAX_ADDRESS = 200
DECIMALS = 6
"""Of degrees of a click: about 10 cm."""
REFUSED = "click_refused"


def choose_listed(study: Study, language: Language) -> tuple[str, ...]:
    """Show the candidates of the pack's list to choose from; the choice stands in the address."""
    if not study.pack.has_layer("candidate_sites"):
        return ()
    table = study.pack.candidate_sites
    names = dict(zip(table["id"].astype(str), table["name"], strict=True))
    placeholder = say("Choose candidates")
    chosen = linked.choose_some(
        "candidates", label_choice("candidates", language), lambda name: str(names[name]),
        placeholder=placeholder.in_language(language),
    )  # fmt: skip
    return tuple(chosen)


def add_candidates(study: Study, language: Language) -> None:
    """Offer to add candidates by address or file, and to take them out again."""
    with st.expander(
        say("Add more candidates").in_language(language),
        expanded=bool(len(own.open_own().candidates)),
    ):
        left, right = st.columns(2)
        with left:
            _add_by_address(study, language)
        with right:
            _add_by_file(study, language)
        st.caption(
            say(
                "Or click on the map below. Your own candidates stay in this session only; they "
                "are never in the link."
            ).in_language(language)
        )
        _list_own(language)


def _add_by_address(study: Study, language: Language) -> None:
    with st.form("candidate_address", clear_on_submit=True, border=False):
        typed = st.text_input(
            say("Address").in_language(language), max_chars=MAX_ADDRESS,
            autocomplete="off",
        )  # fmt: skip
        pressed = st.form_submit_button(say("Add the address").in_language(language))
    if not pressed or not typed.strip():
        return
    try:
        found = study.geocoder.geocode(typed.strip())
    except WelcomemapError as error:
        show_error(error, language)
        return
    if not found.is_located:
        st.warning(escape_markdown(_tell(found, language)))
        return
    add_place(study, found, typed.strip())
    st.success(escape_markdown(_tell(found, language)))


def _tell(found: GeocodeResult, language: Language) -> str:
    said = describe_reasons(found.explanation).in_language(language)
    if found.alternatives:
        listed = "; ".join(alternative.label for alternative in found.alternatives)
        said += " " + say("It may be:").in_language(language) + f" {listed}."
    return said


def add_place(study: Study, found: GeocodeResult, typed: str) -> None:
    """Keep a located address as an own candidate."""
    if found.x is None or found.y is None:
        return
    lat, lon = unproject_point(found.x, found.y, crs=study.pack.crs)
    own.add_candidate(
        {
            "name": found.matched or typed,
            "address": found.matched or typed,
            "lat": f"{lat:.7f}",
            "lon": f"{lon:.7f}",
            "location_outcome": found.outcome.value,
            "error_radius_m": "" if found.error_radius_m is None else f"{found.error_radius_m:.0f}",
        }
    )


def add_click(lat: float, lon: float, language: Language) -> None:
    """Keep a place clicked on the map as an own candidate; outside the region, say why not."""
    pack = own.open_region_study().pack
    lat, lon = round(lat, DECIMALS), round(lon, DECIMALS)
    st.session_state[REFUSED] = not own.is_inside(pack, lat, lon)
    if st.session_state[REFUSED]:
        return
    number = len(own.open_own().candidates) + 1
    name = say("Point on the map {number}", number=number)
    own.add_candidate(
        {
            "name": name.in_language(language),
            "lat": f"{lat:.{DECIMALS}f}",
            "lon": f"{lon:.{DECIMALS}f}",
            "location_outcome": SET_ON_MAP,
        }
    )


def tell_refused(language: Language) -> None:
    """Say, once, that a click on the map added nothing."""
    if st.session_state.pop(REFUSED, False):
        name = own.open_region_study().pack.name
        said = say("The click was outside {name}; so no candidate was added.", name=name)
        st.warning(escape_markdown(said.in_language(language)))


def _add_by_file(study: Study, language: Language) -> None:
    with st.form("candidate_file", clear_on_submit=True, border=False):
        file = st.file_uploader(
            say("Table of addresses (CSV or XLSX, up to 10 MB)").in_language(language),
            type=["csv", "xlsx"],
        )  # fmt: skip
        pressed = st.form_submit_button(say("Add the file").in_language(language))
    if not pressed or file is None:
        return
    sheet = read_upload_table(file, language)
    if sheet is None:
        return
    try:
        _add_rows(study, sheet, language)
    except WelcomemapError as error:
        show_error(error, language)


def _add_rows(study: Study, sheet: Sheet, language: Language) -> None:
    if len(sheet.frame) > MAX_ROWS:
        many = say(
            "The file has {frame} rows; at most {max_rows} are compared. Please shorten the table.",
            frame=len(sheet.frame),
            max_rows=MAX_ROWS,
        )
        st.error(many.in_language(language))
        return
    with st.spinner(say("Looking up …").in_language(language)):
        located = run_limited(geocode_own_table, study.pack.folder, sheet, RowWords(language))
    columns = {str(name).strip().lower(): name for name in sheet.frame.columns}
    missing = []
    for number, row in enumerate(located.frame.to_dict("records"), start=1):
        if not row["lat"]:
            missing.append(f"{number} ({row['outcome']})")
            continue
        given = str(row.get(columns.get("name", ""), "") or "")
        own.add_candidate(
            {
                "name": given or row["matched"],
                "address": row["matched"],
                "lat": row["lat"],
                "lon": row["lon"],
                "location_outcome": row["outcome"],
                "error_radius_m": row["error_radius_m"],
            }
        )
    added = len(located.frame) - len(missing)
    st.success(
        say_counted("{count} candidate added.", "{count} candidates added.", count=added)
        .in_language(language)
    )  # fmt: skip
    if missing:
        rows = escape_markdown(", ".join(missing))
        st.warning(
            say(
                "Rows without a place: {rows}. You can mend the addresses under “Data”.", rows=rows
            ).in_language(language)
        )


def _list_own(language: Language) -> None:
    table = own.open_own().candidates
    for row in table.to_dict("records"):
        said, button = st.columns([4, 1], vertical_alignment="center")
        known = row["location_outcome"]
        place = f" ({word_place(known).in_language(language)})" if known else ""
        said.markdown(escape_markdown(f"{row['name']}{place}"))
        remove = say("Remove").in_language(language)
        button.button(
            remove, key=f"drop_{row['id']}", help=escape_markdown(f"{remove}: {row['name']}"),
            on_click=own.drop_candidate, args=(str(row["id"]),),
        )  # fmt: skip
