"""Take along: paper, maps, tables and the study file, with which a planner goes on elsewhere."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from welcomemap.cartography.page import render_html
from welcomemap.cartography.study_maps import describe_study
from welcomemap.cartography.views import draw_overview
from welcomemap.errors import WelcomemapError, WelcomemapWarning
from welcomemap.files import zip_parts
from welcomemap.limits import run_limited
from welcomemap.pages import linked, own
from welcomemap.pages.candidate_input import choose_listed
from welcomemap.pages.choices import join
from welcomemap.pages.figures import gaps_request
from welcomemap.pages.own_data import ask_upload, read_upload, refuse
from welcomemap.pages.planning import Setting, begin_page, choose_setting, label_choice, make_offer
from welcomemap.pages.widgets import escape_markdown, show_error
from welcomemap.report import PaperRequest, write_paper
from welcomemap.report.request import MAX_TITLE, name_scenario
from welcomemap.report.study_file import (
    MOST_BYTES,
    STUDY_SUFFIX,
    SavedStudy,
    carry,
    read_study,
    write_study,
)
from welcomemap.wording import Language, format_number, say, say_as, say_counted

FILE_NAME = "welcomemap-study.json"
NAMED = ("scenario", "since")
"""Choices that may name an own list."""


def show_save(language: Language) -> None:
    """Offer the study as a file."""
    st.header(say("Save the study").in_language(language), anchor=False)
    st.caption(
        say(
            "The file holds your settings, own lists and own candidates. Whoever gets it can read "
            "all of it. The link in your browser holds the settings only."
        ).in_language(language)
    )
    content = write_study(collect())
    if len(content) >= MOST_BYTES:
        large = say("Your lists together are too large for one file. Please remove one of them.")
        st.warning(large.in_language(language))
        return
    st.download_button(
        say("Save the study as a file").in_language(language),
        content, FILE_NAME, "application/json", on_click="ignore",
    )  # fmt: skip


def collect() -> SavedStudy:
    """Return what this visitor has set and brought along."""
    mine = own.open_own()
    return SavedStudy(
        pack_id=str(own.open_own_study().pack.region["id"]),
        choices=linked.held(),
        lists=tuple((name, file, content) for name, (file, content) in mine.files.items()),
        candidates=mine.candidates,
    )


def show_open(language: Language) -> None:
    """Take a study file and put everything in it in place."""
    st.header(say("Open a study").in_language(language), anchor=False)
    label, button = say("Saved study (JSON)"), say("Open the study")
    file = ask_upload("open_study", label, ["json"], button, language)
    message = st.session_state.pop("study_opened", None)
    if message:
        st.success(message)
    if file is None:
        return
    content = read_upload(file, language, MOST_BYTES)
    if content is None:
        return
    try:
        put_in_place(run_limited(read_study, content), language)
    except WelcomemapError as error:
        refuse(error, language)
        return
    linked.run_again()


def put_in_place(saved: SavedStudy, language: Language) -> None:
    """Replace what this visitor has by what a study holds; on a fault nothing is replaced.

    Raises
    ------
    WelcomemapError
        If a list in it cannot be used.
    """
    study = own.open_region_study()
    read = [
        (name, file, content, own.read_own_list(study, file, content))
        for name, file, content in saved.lists
    ]
    mine = own.open_own()
    mine.lists.clear()
    mine.files.clear()
    names = {
        name: own.add_list(f"{name}.csv" if "." not in file else file, content, scenario,
                           study.pack.scenarios)
        for name, file, content, scenario in read
    }  # fmt: skip
    is_inside = [
        own.is_inside(study.pack, float(row["lat"]), float(row["lon"]))
        for row in saved.candidates.to_dict("records")
    ]
    outside = [str(name) for name in saved.candidates["name"][[not i for i in is_inside]]]
    mine.candidates = saved.candidates.loc[is_inside].reset_index(drop=True)
    mine.forget_answers()
    choices, typed = saved.choices or _choose_as(saved), _type_as(saved)
    linked.replace_all(
        {name: names.get(text, text) if name in NAMED else text for name, text in choices.items()},
        typed,
    )
    said = say("The study is open.").in_language(language)
    if saved.pack_id != str(study.pack.region["id"]):
        other = say("It was made with another data pack:").in_language(language)  # fmt: skip
        said += f" {other} {escape_markdown(saved.pack_id)}."
    if outside:
        left_out = say("Outside {name} and therefore left out:", name=study.pack.name)  # fmt: skip
        said += " " + escape_markdown(f"{left_out.in_language(language)} {', '.join(outside)}.")
    files = () if saved.paper is None else saved.paper.request.files
    beside = [Path(name).name for name in files if name not in saved.files]
    if beside:
        lacking = say("It names files that lie beside it. Bring them along on the page “Data”:")
        said += " " + escape_markdown(f"{lacking.in_language(language)} {', '.join(beside)}.")
    st.session_state["study_opened"] = said


def _choose_as(saved: SavedStudy) -> dict[str, str]:
    """Return the choices with which a paper was asked for that was not made on the pages."""
    if saved.paper is None:
        return {}
    request = saved.paper.request
    made = (name.rpartition(".")[2] for name in saved.paper.outputs)
    named = {"candidates": join(request.candidate_ids)} if request.candidates else {}
    return named | {
        "scenario": name_scenario(request.scenario),
        "since": name_scenario(request.compare or ""),
        "mode": request.mode,
        "group": request.group,
        "threshold": str(request.threshold),
        "focus": "" if request.focus_district is None else str(request.focus_district),
        "forms": join(tuple(dict.fromkeys(form for form in made if form in FORMS))),
    }


def _type_as(saved: SavedStudy) -> dict[str, str]:
    request = saved.paper and saved.paper.request
    return {"title": request.title, "reference": request.reference} if request else {}


MAP = "html"
STEM = "welcomemap"
MIME_TYPES: Mapping[str, str] = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".gpkg": "application/geopackage+sqlite3",
    ".geojson": "application/geo+json",
    ".csv": "text/csv",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".html": "text/html",
    ".json": "application/json",
    ".zip": "application/zip",
}


@dataclass(frozen=True)
class Order:
    """What a planner wants written.

    Attributes
    ----------
    forms
        ``html`` for the interactive map, and forms of the report room, in order.
    candidates
        Ids of the list's candidates; own candidates always go along.
    """

    setting: Setting
    forms: tuple[str, ...]
    candidates: tuple[str, ...]
    language: Language
    compare: str | None = None
    focus: int | None = None
    title: str = ""
    reference: str = ""


def make_files(order: Order, tell: Callable[[str, float], None]) -> dict[str, bytes]:
    """Return the files by name; nothing stays on the disk.

    Parameters
    ----------
    tell
        Is told what is made next and the share (0-1) that is done.

    Raises
    ------
    WelcomemapError
        If something cannot be made; then there are no files.
    """
    found: dict[str, bytes] = {}
    if MAP in order.forms:
        tell(say("map").in_language(order.language), 0.0)
        found[f"{STEM}.html"] = _make_map(order)
    forms = tuple(form for form in order.forms if form != MAP)
    if forms:
        found |= _make_paper(order, forms, tell)
    return found


def _make_map(order: Order) -> bytes:
    study, request = own.open_own_study(), gaps_request(order.setting)
    content = describe_study(study, request, study.find_gaps(request), order.language)
    drawn = draw_overview(content, own.open_own_basemap(), order.language)
    return render_html(drawn).encode("utf-8")


def _make_paper(
    order: Order, forms: tuple[str, ...], tell: Callable[[str, float], None]
) -> dict[str, bytes]:
    study, setting = own.open_region_study(), order.setting
    with carry(collect()) as carried:
        lists = {name: carried.paths[file] for name, file in carried.study.list_files.items()}
        file = carried.study.candidates_file
        request = PaperRequest(
            scenario=lists.get(setting.scenario, setting.scenario),
            compare=None if order.compare is None else lists.get(order.compare, order.compare),
            candidates=(*order.candidates, *(() if file is None else (carried.paths[file],))),
            threshold=setting.threshold,
            mode=setting.mode,
            focus_district=order.focus,
            title=order.title,
            reference=order.reference,
            formats=forms[1:],
            language=order.language,
            group=setting.group,
        )
        out = carried.folder / "out"
        out.mkdir()
        with warnings.catch_warnings():
            # They were shown when the list was checked; a log must not hold what a planner brought.
            warnings.simplefilter("ignore", WelcomemapWarning)
            written = write_paper(
                study.pack, request, out / f"{STEM}.{forms[0]}", study=study, tell=tell,
                carried=carried,
            )  # fmt: skip
        return {file.path.name: file.path.read_bytes() for file in written}


def bundle(files: Mapping[str, bytes]) -> bytes:
    """Return all files as one zip; the same files give the same bytes."""
    return zip_parts(dict(sorted(files.items())))


FORMS = {
    "pdf": say("Council paper (PDF, accessible)"),
    "docx": say("Council paper (Word)"),
    MAP: say("Interactive map (HTML)"),
    "xlsx": say("All tables (Excel)"),
    "csv": say("All tables (CSV)"),
    "gpkg": say("Layers for GIS (GeoPackage)"),
    "geojson": say("Layers for GIS (GeoJSON)"),
    "png": say("Maps as pictures (PNG)"),
    "svg": say("Maps as drawings (SVG)"),
}
FILES = "export_files"


def show() -> None:
    """Show the page."""
    language = begin_page(say("Export"))
    order = _choose_order(choose_setting(language), language)
    pressed = st.button(say("Make the files").in_language(language), type="primary")
    if pressed:
        st.session_state.pop(FILES, None)
        _make(order, language)
    _offer(_find_files(order), language)
    show_save(language)
    show_open(language)


def _choose_order(setting: Setting, language: Language) -> Order:
    candidates = choose_listed(own.open_own_study(), language)
    nothing = say_as("comparison", "none").in_language(language)
    forms = linked.choose_some(
        "forms", label_choice("forms", language), lambda name: FORMS[name].in_language(language),
        placeholder=say("Please choose").in_language(language),
    )  # fmt: skip
    left, right = st.columns(2)
    with left:
        title = linked.type_in(
            "title", say("Title (empty: the finding itself)")
            .in_language(language), max_chars=MAX_TITLE,
        )  # fmt: skip
        compare = linked.select(
            "since", label_choice("since", language), lambda name: name or nothing
        )
    with right:
        reference = linked.type_in(
            "reference", say("File number").in_language(language), max_chars=MAX_TITLE
        )
        focus = linked.select(
            "focus", label_choice("focus", language), lambda number: number or nothing
        )
    return Order(
        setting, tuple(forms), candidates, language, compare or None,
        int(focus) if focus else None, title.strip(), reference.strip(),
    )  # fmt: skip


def _make(order: Order, language: Language) -> None:
    if not order.forms:
        none = say("Please choose at least one form.")
        st.warning(none.in_language(language))
        return
    has_list = bool(make_offer().candidates)
    if has_list and not order.candidates and own.open_own().candidates.empty:
        # A paper for which none is named would tell of all.
        none = say("Choose at least one candidate.")
        st.warning(none.in_language(language))
        return
    bar = st.progress(0.0, say("The figures are computed …").in_language(language))
    word = say("Being made:").in_language(language)

    def tell(form: str, share: float) -> None:
        said = FORMS[form].in_language(language) if form in FORMS else form
        bar.progress(share, f"{word} {said}")

    try:
        st.session_state[FILES] = (order, own.open_own().answers, make_files(order, tell))
    except WelcomemapError as error:
        show_error(error, language)
    bar.empty()


def _find_files(order: Order) -> dict[str, bytes]:
    """Return the files made of exactly this; of anything else none are offered."""
    made_of, answers, files = st.session_state.get(FILES) or (None, None, {})
    is_same = made_of == order and answers is own.open_own().answers
    return dict(files) if is_same else {}


def _offer(files: dict[str, bytes], language: Language) -> None:
    if not files:
        return
    if own.open_own().files or not own.open_own().candidates.empty:
        carried = say(
            "The file {name} repeats the paper and opens here again. It holds your own lists and "
            "candidates; whoever gets it can read them.", name=f"{STEM}{STUDY_SUFFIX}",
        )  # fmt: skip
        st.caption(carried.in_language(language))
    ready = say_counted("{count} file is ready.", "{count} files are ready.", count=len(files))
    st.success(ready.in_language(language))
    columns = st.columns(2)
    if len(files) > 1:
        columns[0].download_button(
            say("All files as ZIP").in_language(language),
            bundle(files), f"{STEM}.zip", MIME_TYPES[".zip"],
            type="primary", on_click="ignore", width="stretch",
        )  # fmt: skip
    for number, (name, content) in enumerate(files.items(), start=1):
        size = format_number(max(len(content) / 1000, 1), language)
        columns[number % 2].download_button(
            escape_markdown(f"{name} ({size} kB)"), content, name,
            MIME_TYPES.get(Path(name).suffix, "application/octet-stream"),
            key=f"file_{name}", on_click="ignore", width="stretch",
        )  # fmt: skip
