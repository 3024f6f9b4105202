"""Save what a planner has set and brought along as a file, and open it again."""

from __future__ import annotations

import streamlit as st

from welcomemap.errors import WelcomemapError
from welcomemap.limits import run_limited
from welcomemap.pages import linked, own
from welcomemap.pages.plain import escape_markdown
from welcomemap.pages.saved import MAX_STUDY_BYTES, SavedStudy, read_study, write_study
from welcomemap.pages.upload import read_upload, refuse
from welcomemap.wording import Language, Text

FILE_NAME = "welcomemap-study.json"
NAMED = ("scenario", "since")
"""Choices that may name an own list."""


def show_save(language: Language) -> None:
    """Offer the study as a file."""
    st.header(Text("Studie speichern", "Save the study").in_language(language), anchor=False)
    st.caption(
        Text(
            "Die Datei enthält Ihre Einstellungen, eigene Listen und eigene Kandidaten. Wer sie "
            "bekommt, kann alles darin lesen. Der Link oben im Browser enthält nur die "
            "Einstellungen.",
            "The file holds your settings, own lists and own candidates. Whoever gets it can read "
            "all of it. The link in your browser holds the settings only.",
        ).in_language(language)
    )
    content = write_study(collect())
    if len(content) >= MAX_STUDY_BYTES:
        large = Text(
            "Ihre Listen sind zusammen zu groß für eine Datei. Bitte entfernen Sie eine davon.",
            "Your lists together are too large for one file. Please remove one of them.",
        )
        st.warning(large.in_language(language))
        return
    st.download_button(
        Text("Studie als Datei speichern", "Save the study as a file").in_language(language),
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
    st.header(Text("Studie öffnen", "Open a study").in_language(language), anchor=False)
    with st.form("open_study", clear_on_submit=True):
        file = st.file_uploader(
            Text("Gespeicherte Studie (JSON)", "Saved study (JSON)").in_language(language),
            type=["json"],
        )
        pressed = st.form_submit_button(
            Text("Studie öffnen", "Open the study").in_language(language)
        )
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
    said = Text("Die Studie ist geöffnet.", "The study is open.").in_language(language)
    if saved.pack_id != str(study.pack.region["id"]):
        other = Text("Sie wurde mit einem anderen Datenpaket gemacht:",
                     "It was made with another data pack:").in_language(language)  # fmt: skip
        said += f" {other} {escape_markdown(saved.pack_id)}."
    if outside:
        left_out = Text(f"Außerhalb von {study.pack.name} und darum nicht übernommen:",
                        f"Outside {study.pack.name} and therefore left out:")  # fmt: skip
        said += " " + escape_markdown(f"{left_out.in_language(language)} {', '.join(outside)}.")
    st.session_state["study_opened"] = said
