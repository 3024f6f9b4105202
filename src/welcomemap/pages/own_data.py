"""The page of a planner's own lists, candidates and borders."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from welcomemap.describe.changed_sites import describe_list_change
from welcomemap.describe.layer_checks import CHECKS
from welcomemap.describe.reasons import describe_fault, describe_note, word_place, word_status
from welcomemap.errors import Fault, ListRowWarning, TooLargeError, WelcomemapError
from welcomemap.limits import run_limited
from welcomemap.pages import editing, linked, own
from welcomemap.pages.widgets import Cell, escape_markdown, show_table, show_warning, word_notice
from welcomemap.region.areas import DistrictLayer, check_district_file
from welcomemap.region.pack import load_pack
from welcomemap.region.scenario import Scenario
from welcomemap.region.schemas import SERVICE_POINT_COLUMNS
from welcomemap.region.verify import CheckResult, check_zipped_pack
from welcomemap.study.changed_sites import ListChange
from welcomemap.study.own import try_questions
from welcomemap.study.study import Study
from welcomemap.tabular import MAX_BYTES, Sheet, read_table
from welcomemap.wording import (
    UNKNOWN,
    Language,
    Phrase,
    Verbatim,
    format_number,
    join_phrases,
    say,
    say_as,
    say_counted,
)


def ask_upload(
    key: str, label: Phrase, kinds: list[str], button: Phrase, language: Language, **look: Any
) -> UploadedFile | None:
    """Show a form for one file; ``None`` unless its button was pressed with a file in it."""
    with st.form(key, clear_on_submit=True):
        file = st.file_uploader(label.in_language(language), type=kinds)
        pressed = st.form_submit_button(button.in_language(language), **look)
    return file if pressed else None


def read_upload_table(file: UploadedFile, language: Language) -> Sheet | None:
    """Read an uploaded table; what is wrong with it is said on the page and gives ``None``."""
    content = read_upload(file, language)
    if content is None:
        return None
    try:
        sheet = run_limited(read_table, content, name=file.name)
    except WelcomemapError as error:
        refuse(error, language)
        return None
    for warning in sheet.warnings:
        show_warning(warning, language)
    return sheet


def read_upload(file: UploadedFile, language: Language, max_bytes: int = MAX_BYTES) -> bytes | None:
    """Return the bytes of an upload, or say that it is too large."""
    if file.size >= max_bytes:
        refuse(
            TooLargeError(
                "the file has {megabytes:.1f} MB; less than {most:g} MB is taken",
                megabytes=file.size / 1e6,
                most=max_bytes / 1e6,
                how="Remove what is not needed, or split the file.",
            ),
            language,
        )
        return None
    return file.getvalue()


def refuse(error: WelcomemapError, language: Language) -> None:
    """Say why a file cannot be used and what to do; nothing of it was kept."""
    said = say("This file cannot be used. Nothing of it was kept.")
    st.error(f"{said.in_language(language)}\n\n{word_notice(error, language)}")


def show_check(result: CheckResult, language: Language) -> None:
    """Say whether a pack is whole and right, and show its layers."""
    if result.ok:
        st.success(say("All files are there and unchanged.").in_language(language))
    else:
        st.error(say("At least one layer has faults; see the table.").in_language(language))
    heads = (say("Layer"), say("Rows"), say("Date"), say("Licence"), say("Source"), say("Check"))
    unknown = UNKNOWN.in_language(language)
    sound = say("in order").in_language(language)
    rows: list[list[Cell]] = [
        [
            layer.name, format_number(layer.rows, language), layer.date or unknown,
            layer.licence or unknown, layer.source or unknown,
            sound if layer.ok else _word_faults(layer.problems, " ", language),
        ]
        for layer in result.layers
    ]  # fmt: skip
    show_table(say("Layers of the data pack"), heads, rows, language, numbers={1})


def _word_faults(faults: Iterable[Fault], joint: str, language: Language) -> str:
    return join_phrases(*map(describe_fault, faults), joint=joint).in_language(language)


SHOWN_SITES = 50
USED = "pack_used"
COMPARED = "compared_list"
PRIVATE = say("What you upload stays in this session and is stored nowhere.")


def show_own_list(language: Language) -> None:
    """Take a list of service points, check it and use it as a scenario."""
    kept = editing.KEPT_UNTIL if editing.is_editable() else PRIVATE
    st.caption(kept.in_language(language))
    editing.show_outcome(language)
    editing.offer_undo(language)
    st.markdown(
        say(
            "The table needs the columns {columns}. Coordinates (lat, lon) are optional; without "
            "them the address is looked up.",
            columns=escape_markdown(", ".join(SERVICE_POINT_COLUMNS)),
        ).in_language(language)
    )
    label = say("List of sites (CSV or XLSX, up to 10 MB)")
    button = say("Check and use")
    file = ask_upload("own_list", label, ["csv", "xlsx"], button, language, type="primary")
    if file is not None:
        content = read_upload(file, language)
        if content is not None:
            _take_list(file.name, content, language)
    _list_lists(language)


def _take_list(name: str, content: bytes, language: Language) -> None:
    study = own.open_region_study()
    try:
        with st.spinner(say("Looking up …").in_language(language)):
            scenario = own.read_own_list(study, name, content)
    except WelcomemapError as error:
        refuse(error, language)
        return
    chosen = own.add_list(name, content, scenario, study.pack.scenarios)
    linked.hold("scenario", chosen)
    st.session_state["checked_list"] = chosen
    linked.run_again()


def _list_lists(language: Language) -> None:
    lists = own.open_own().lists
    checked = st.session_state.get("checked_list")
    if checked in lists:
        _report_list(checked, lists[checked], language)
    for name in list(lists):
        said, button = st.columns([4, 1], vertical_alignment="center")
        said.markdown(f"**{escape_markdown(name)}**")
        remove = say("Remove").in_language(language)
        button.button(
            remove, key=f"drop_list_{name}", help=escape_markdown(f"{remove}: {name}"),
            on_click=own.drop_list, args=(name,),
        )  # fmt: skip


def _report_list(name: str, scenario: Scenario, language: Language) -> None:
    frame = scenario.frame
    st.success(
        say_counted(
            "“{shown}” is checked: {count} site, {placed} with a place. It can now be chosen as "
            "a list on all planners' pages.",
            "“{shown}” is checked: {count} sites, {placed} with a place. It can now be chosen as "
            "a list on all planners' pages.",
            count=len(frame),
            shown=escape_markdown(name),
            placed=int(frame["x"].notna().sum()),
        ).in_language(language)
    )
    for warning in scenario.warnings:
        if not isinstance(warning, ListRowWarning):
            show_warning(warning, language)
    for note in scenario.notes:
        row = say("Row {row}", row=note.row).in_language(language)
        st.warning(
            escape_markdown(f"{row}, {note.site}: {describe_note(note).in_language(language)}")
        )
    heads = (
        say("Id"), Verbatim("Name"), say("Address"),
        Verbatim("Status"),
        say("{district:capital} by place", district=own.read_own_words().district),
        say("Place found as"),
    )  # fmt: skip
    rows: list[list[Cell]] = [
        [
            row["id"], row["name"], row["address"],
            word_status(row["status"]).in_language(language),
            str(row["district"]) if row["district"] >= 0 else UNKNOWN.in_language(language),
            _word_location(row["location_outcome"], language),
        ]
        for row in frame.head(SHOWN_SITES).to_dict("records")
    ]  # fmt: skip
    show_table(say("Sites in “{name}”", name=name), heads, rows, language)
    _offer_comparison(name, language)


def _word_location(outcome: str, language: Language) -> str:
    return (word_place(outcome) if outcome else UNKNOWN).in_language(language)


def _offer_comparison(name: str, language: Language) -> None:
    """Show on demand what the list would change in the published one; nothing is written here."""
    compared = st.session_state.get(COMPARED)
    is_shown = isinstance(compared, tuple) and compared[0] == name
    pressed = st.button(
        say("Compare with the published list").in_language(language), key="compare_list"
    )
    if pressed:
        study = own.open_region_study()
        try:
            with st.spinner(say("Comparing …").in_language(language)):
                change = own.compare_own_list(study, name)
        except WelcomemapError as error:
            st.session_state.pop(COMPARED, None)
            st.error(word_notice(error, language))
            return
        st.session_state[COMPARED] = compared = (name, change)
        is_shown = True
    if is_shown and compared is not None:
        _show_comparison(compared[1], language)


def _show_comparison(change: ListChange, language: Language) -> None:
    st.subheader(
        say("Against the published list {scenario}", scenario=change.scenario)
        .in_language(language), anchor=False,
    )  # fmt: skip
    for warning in change.warnings:
        show_warning(warning, language)
    told = describe_list_change(change)
    st.markdown("\n".join(f"- {escape_markdown(one.in_language(language))}" for one in told))
    if change.changes and editing.is_editable():
        editing.offer_force(change, language, after=_forget_comparison)
    elif change.changes:
        st.info(
            say(
                "This page changes nothing. Whoever runs the service puts the list into force with "
                "{command}",
                command="`welcomemap data sites FILE --pack DIR`",
            ).in_language(language)
        )


def _forget_comparison() -> None:
    st.session_state.pop(COMPARED, None)


def show_district_layer(language: Language) -> None:
    """Take a district layer and report every check."""
    st.caption(PRIVATE.in_language(language))
    st.markdown(
        say(
            "GeoJSON in longitude and latitude, with the columns `district` and `name`. The check "
            "says whether these borders could replace those of the data pack."
        ).in_language(language)
    )
    label = say("Borders of areas (GeoJSON, up to 10 MB)")
    kinds, button = ["geojson", "json"], say_as("button", "Check")
    file = ask_upload("own_districts", label, kinds, button, language, type="primary")
    if file is None:
        return
    content = read_upload(file, language)
    if content is None:
        return
    with tempfile.TemporaryDirectory(prefix="welcomemap-") as folder:
        path = Path(folder) / "districts.geojson"
        path.write_bytes(content)
        try:
            layer = run_limited(check_district_file, own.open_own_study().pack.folder, path)
        except WelcomemapError as error:
            refuse(error, language)
            return
    _report_layer(layer, language)


def _report_layer(layer: DistrictLayer, language: Language) -> None:
    if layer.ok:
        st.success(say("The layer is in order.").in_language(language))
    else:
        st.error(say("The layer has faults. Nothing of it was kept.").in_language(language))
    yes = say("in order").in_language(language)
    no = say("please mend").in_language(language)
    rows: list[list[Cell]] = [
        [
            CHECKS[check.kind].in_language(language),
            yes if check.ok else no,
            _word_faults(check.found, " · ", language) or "–",
        ]
        for check in layer.checks
    ]
    heads = (say("Check"), say("Result"), say("Found"))
    show_table(say("Check report"), heads, rows, language)


def show_own_pack(language: Language) -> None:
    """Take a whole region pack as a zip, check it and work with it."""
    st.caption(PRIVATE.in_language(language))
    mine = own.open_own()
    if mine.region is not None:
        shown = escape_markdown(mine.region.pack.name)
        works = say("This session works with your pack “{shown}”.", shown=shown)
        st.info(works.in_language(language))
        back = say("Back to the embedded pack").in_language(language)
        st.button(back, on_click=own.leave_region)
    label = say("Data pack (ZIP with datapackage.json, up to 10 MB)")
    button = say("Check and use")
    file = ask_upload("own_pack", label, ["zip"], button, language, type="primary")
    used = st.session_state.pop(USED, None)
    if used is not None:
        show_check(used, language)
        shown = escape_markdown(own.open_region_study().pack.name)
        works = say("This session now works with the pack “{shown}”.", shown=shown)
        st.success(works.in_language(language))
    if file is None:
        return
    content = read_upload(file, language)
    if content is None:
        return
    folder = tempfile.TemporaryDirectory(prefix="welcomemap-")
    try:
        with st.spinner(say("Checking …").in_language(language)):
            root, result = run_limited(
                check_zipped_pack, content, Path(folder.name), name=file.name
            )
    except WelcomemapError as error:
        folder.cleanup()
        refuse(error, language)
        return
    if not result.ok:
        show_check(result, language)
        folder.cleanup()
        return
    try:
        with st.spinner(say("Trying it …").in_language(language)):
            run_limited(try_questions, root)
    except WelcomemapError as error:
        folder.cleanup()
        refuse(error, language)
        return
    own.use_region(Study(load_pack(root)), folder)
    st.session_state[USED] = result
    # Choices that the other region does not have are replaced when a page begins.
    linked.run_again()
