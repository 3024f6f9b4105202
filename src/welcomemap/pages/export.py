"""Take along: paper, maps, tables and the study file.

The study file holds choices, own lists and candidates, and is checked when opened. It is JSON and
holds values only: no paths, no code, nothing the planner did not bring along.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import pandas as pd
import streamlit as st

from welcomemap.cartography.page import render_html
from welcomemap.cartography.study_maps import describe_study
from welcomemap.cartography.views import draw_overview
from welcomemap.describe.contract import encode
from welcomemap.errors import (
    InputError,
    JsonError,
    TooLargeError,
    WelcomemapError,
    WelcomemapWarning,
    fault,
)
from welcomemap.files import parse_json, shape_json, zip_parts
from welcomemap.limits import run_limited
from welcomemap.pages import linked, own
from welcomemap.pages.candidate_input import choose_listed
from welcomemap.pages.own import CANDIDATE_COLUMNS, MAX_CANDIDATES, MAX_LISTS
from welcomemap.pages.own_data import read_upload, refuse
from welcomemap.pages.planning import Setting, begin_page, choose_setting, label_choice, make_offer
from welcomemap.pages.widgets import escape_markdown, show_error
from welcomemap.report import PaperRequest, write_paper
from welcomemap.study.requests import GapsRequest
from welcomemap.tabular import make_csv
from welcomemap.wording import Language, format_number, say, say_as

FORMAT = "welcomemap-planner-study"
VERSION = 1
MAX_STUDY_BYTES = 10_000_000
MAX_TEXT = 500
MAX_CHOICE = 10_000
MAX_CHOICES = 50
MEND = fault("Open a file that was saved on the export page, unchanged.")


@dataclass(frozen=True)
class SavedStudy:
    """What a study file holds.

    Attributes
    ----------
    pack_id
        Which region it was made with.
    choices
        The page's address as names and values.
    lists
        Own lists: name, file name and bytes of the file.
    candidates
        Own candidates, columns :data:`welcomemap.pages.own.CANDIDATE_COLUMNS`.
    """

    pack_id: str
    choices: Mapping[str, str]
    lists: tuple[tuple[str, str, bytes], ...]
    candidates: pd.DataFrame


Short = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]


class OwnList(msgspec.Struct):
    """An own list in a study file; its content is written as base64."""

    name: Short
    file: Short
    content: bytes


OwnCandidate = msgspec.defstruct("OwnCandidate", [(name, Short, "") for name in CANDIDATE_COLUMNS])


class StudyFile(msgspec.Struct):
    """What a study file holds, with the bounds of each part."""

    format: str
    version: int
    pack: Short
    choices: Annotated[
        dict[Short, Annotated[str, msgspec.Meta(max_length=MAX_CHOICE)]],
        msgspec.Meta(max_length=MAX_CHOICES),
    ]
    lists: Annotated[list[OwnList], msgspec.Meta(max_length=MAX_LISTS)]
    candidates: Annotated[
        list[OwnCandidate],  # type: ignore[valid-type]  # made of the columns
        msgspec.Meta(max_length=MAX_CANDIDATES),
    ]


def write_study(study: SavedStudy) -> bytes:
    """Return the bytes of a study file; the same study gives the same bytes."""
    value = StudyFile(
        format=FORMAT,
        version=VERSION,
        pack=study.pack_id,
        choices=dict(sorted(study.choices.items())),
        lists=[OwnList(*one) for one in study.lists],
        candidates=[OwnCandidate(*row) for row in study.candidates.itertuples(index=False)],
    )
    return f"{encode(value, indent=1)}\n".encode()


def read_study(content: bytes) -> SavedStudy:
    """Read a study file; everything in it is checked.

    Raises
    ------
    TooLargeError
        If the file is larger than it may be.
    InputError
        If it is no study file, of a newer version, or damaged.
    """
    if len(content) > MAX_STUDY_BYTES:
        raise TooLargeError(
            "the study file is larger than {megabytes:g} MB",
            megabytes=MAX_STUDY_BYTES / 1e6,
            how="Save fewer lists.",
        )
    try:
        value = parse_json(content)
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise InputError("the file is not a study file of welcomemap", how=MEND)
        if value.get("version") != VERSION:
            raise InputError(
                "the study file has version {found}, {version} is understood",
                found=value.get("version"),
                version=VERSION,
                how="Save it again with this version of welcomemap.",
            )
        saved = shape_json(value, StudyFile)
    except JsonError as error:
        raise _fault("{error}", error=error) from error
    rows = [msgspec.structs.asdict(row) for row in saved.candidates]
    for row in rows:
        _check_place(row)
    return SavedStudy(
        pack_id=saved.pack,
        choices=saved.choices,
        lists=tuple((one.name, one.file, one.content) for one in saved.lists),
        candidates=pd.DataFrame(rows, columns=list(CANDIDATE_COLUMNS), dtype=str),
    )


def _fault(what: str, **values: object) -> InputError:
    return InputError("the study file is damaged: {reason}", reason=fault(what, **values), how=MEND)


def _check_place(row: Mapping[str, str]) -> None:
    try:
        lat, lon = float(row["lat"]), float(row["lon"])
    except ValueError as error:
        raise _fault("a candidate has no place") from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise _fault("the place of a candidate is not on earth")


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
    if len(content) >= MAX_STUDY_BYTES:
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
    with st.form("open_study", clear_on_submit=True):
        file = st.file_uploader(
            say("Saved study (JSON)").in_language(language),
            type=["json"],
        )
        pressed = st.form_submit_button(say("Open the study").in_language(language))
    message = st.session_state.pop("study_opened", None)
    if message:
        st.success(message)
    if not pressed or file is None:
        return
    content = read_upload(file, language, MAX_STUDY_BYTES)
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
    linked.replace_all(
        {
            name: names.get(text, text) if name in NAMED else text
            for name, text in saved.choices.items()
        }
    )
    said = say("The study is open.").in_language(language)
    if saved.pack_id != str(study.pack.region["id"]):
        other = say("It was made with another data pack:").in_language(language)  # fmt: skip
        said += f" {other} {escape_markdown(saved.pack_id)}."
    if outside:
        left_out = say("Outside {name} and therefore left out:", name=study.pack.name)  # fmt: skip
        said += " " + escape_markdown(f"{left_out.in_language(language)} {', '.join(outside)}.")
    st.session_state["study_opened"] = said


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
    setting, study = order.setting, own.open_own_study()
    request = GapsRequest(setting.scenario, setting.threshold, setting.mode, setting.group)
    content = describe_study(study, request, study.find_gaps(request), order.language)
    drawn = draw_overview(content, own.open_own_basemap(), order.language)
    return render_html(drawn).encode("utf-8")


def _make_paper(
    order: Order, forms: tuple[str, ...], tell: Callable[[str, float], None]
) -> dict[str, bytes]:
    study = own.open_region_study()
    with tempfile.TemporaryDirectory(prefix="welcomemap-") as name:
        folder = Path(name)
        lists = _write_lists(folder)
        setting = order.setting
        request = PaperRequest(
            scenario=lists.get(setting.scenario, setting.scenario),
            compare=None if order.compare is None else lists.get(order.compare, order.compare),
            candidates=(*order.candidates, *_write_candidates(folder)),
            threshold=setting.threshold,
            mode=setting.mode,
            focus_district=order.focus,
            title=order.title,
            reference=order.reference,
            formats=forms[1:],
            language=order.language,
            group=setting.group,
        )
        out = folder / "out"
        out.mkdir()
        with warnings.catch_warnings():
            # They were shown when the list was checked; a log must not hold what a planner brought.
            warnings.simplefilter("ignore", WelcomemapWarning)
            written = write_paper(
                study.pack, request, out / f"{STEM}.{forms[0]}", study=study, tell=tell
            )
        return {file.path.name: file.path.read_bytes() for file in written}


def _write_lists(folder: Path) -> dict[str, str]:
    paths = {}
    for name, (file, content) in own.open_own().files.items():
        path = folder / f"{name}{Path(file).suffix}"
        path.write_bytes(content)
        paths[name] = str(path)
    return paths


def _write_candidates(folder: Path) -> tuple[str, ...]:
    table = own.open_own().candidates
    if table.empty:
        return ()
    path = folder / "candidates.csv"
    path.write_bytes(make_csv(table))
    return (str(path),)


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
MAX_TITLE = 200
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
            "reference", say("File number").in_language(language),
            max_chars=MAX_TITLE,
        )  # fmt: skip
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
    begun = say("The figures are computed …")
    bar = st.progress(0.0, begun.in_language(language))
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
    st.success(
        say("{files} files are ready.", files=len(files))
        .in_language(language)
    )  # fmt: skip
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
