"""Which layers the pack holds, and addresses to be reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from welcomemap.cartography.study_maps import draw_table
from welcomemap.describe.reasons import RowWords
from welcomemap.errors import WelcomemapError
from welcomemap.geocoding.batch import OUTCOME_COLUMNS, PipelineSummary, ReviewRow
from welcomemap.geocoding.columns import find_columns, read_addresses
from welcomemap.geocoding.outcome import Outcome
from welcomemap.limits import run_limited
from welcomemap.pages import linked, own
from welcomemap.pages.map_view import show_map
from welcomemap.pages.own_data import (
    PRIVATE,
    ask_upload,
    read_upload_table,
    refuse,
    show_check,
    show_district_layer,
    show_own_list,
    show_own_pack,
)
from welcomemap.pages.pack_quality import check_shared, show_quality
from welcomemap.pages.planning import begin_page, label_choice
from welcomemap.pages.widgets import (
    Cell,
    Figure,
    escape_html,
    escape_markdown,
    show_figures,
    show_table,
)
from welcomemap.region.verify import CheckedLayer
from welcomemap.study.own import geocode_own_table
from welcomemap.tabular import Sheet, make_csv, make_xlsx
from welcomemap.wording import UNKNOWN, Language, format_number, format_share, say, say_counted

MAX_ROWS = 20_000
ROWS_AT_ONCE = 8
MAX_ADDRESS = 200
KEY = "address_review"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass
class Review:
    """A table that is being reviewed, in this session only.

    Attributes
    ----------
    given
        The address of each row as the table has it.
    frame, summary
        The table with its outcome columns, and what became of its rows.
    mended, accepted
        New spellings by row number (from 1), and rows a person found right as they are.
    """

    name: str
    given: list[str]
    frame: pd.DataFrame
    summary: PipelineSummary
    mended: dict[int, str] = field(default_factory=dict)
    accepted: set[int] = field(default_factory=set)

    @property
    def open_rows(self) -> list[ReviewRow]:
        """Rows a person still has to look at."""
        return [row for row in self.summary.review if row.row not in self.accepted]


def show_review(language: Language) -> None:
    """Show the upload, then what became of the rows, the rows to mend, and the way to save."""
    st.caption(PRIVATE.in_language(language))
    _take_table(language)
    review = st.session_state.get(KEY)
    if not isinstance(review, Review):
        return
    _show_summary(review, language)
    _offer_download(review, language)
    _show_rows(review, language)
    numbers = [row.row for row in review.open_rows]
    if len(review.frame) <= MAX_ROWS // 4:
        drawn = draw_table(own.open_own_study().pack, review.frame, numbers, language)
        show_map(drawn, key="review_map")


def _take_table(language: Language) -> None:
    label = say("Table of addresses (CSV or XLSX, up to 10 MB)")
    button = say("Look up the addresses")
    file = ask_upload("review_upload", label, ["csv", "xlsx"], button, language, type="primary")
    if file is None:
        return
    sheet = read_upload_table(file, language)
    if sheet is None:
        return
    if len(sheet.frame) > MAX_ROWS:
        many = say(
            "The table has {frame} rows, at most {max_rows} are taken here. The command line "
            "takes larger ones: welcomemap geocode.",
            frame=len(sheet.frame),
            max_rows=MAX_ROWS,
        )
        st.error(many.in_language(language))
        return
    try:
        with st.spinner(say("Looking up …").in_language(language)):
            st.session_state[KEY] = _look_up(sheet, language)
    except WelcomemapError as error:
        refuse(error, language)


def _look_up(sheet: Sheet, language: Language) -> Review:
    study = own.open_own_study()
    found = run_limited(geocode_own_table, study.pack.folder, sheet, RowWords(language))
    given = [row.text for row in read_addresses(sheet.frame, find_columns(sheet))]
    return Review(sheet.name, given, found.frame, found.summary)


def _show_summary(review: Review, language: Language) -> None:
    summary = review.summary
    show_figures(
        [
            Figure(say("Rows").in_language(language),
                   format_number(summary.rows, language), review.name),
            Figure(say("With a place").in_language(language),
                   format_share(summary.match_rate, language)),
            Figure(say("To look at").in_language(language),
                   format_number(len(review.open_rows), language)),
            Figure(say("With a contradiction").in_language(language),
                   format_number(summary.contradictions, language)),
        ]
    )  # fmt: skip
    rows: list[list[Cell]] = [
        [outcome.value, format_number(count, language)]
        for outcome, count in summary.outcomes.items()
    ]
    heads = (say("Outcome"), say("Rows"))
    with st.expander(say("All outcomes").in_language(language)):
        show_table(say("Outcomes"), heads, rows, language, numbers={1})


def _show_rows(review: Review, language: Language) -> None:
    st.header(say("Rows to mend").in_language(language), anchor=False)
    rows = review.open_rows
    if not rows:
        st.success(say("Nothing left to do.").in_language(language))
        return
    shown = rows[:ROWS_AT_ONCE]
    with st.form("review_rows"):
        for row in shown:
            _show_row(review, row, language)
        left = len(rows) - len(shown)
        if left:
            more = say_counted("{count} more row follows.", "{count} more rows follow.", count=left)
            st.caption(more.in_language(language))
        st.form_submit_button(
            say("Apply and look up again").in_language(language),
            type="primary", on_click=_apply, args=(review, shown, language),
        )  # fmt: skip


def _show_row(review: Review, row: ReviewRow, language: Language) -> None:
    number = row.row
    label = say("Row {number}: address", number=number).in_language(language)
    st.text_input(
        label, value=review.mended.get(number, review.given[number - 1]), max_chars=MAX_ADDRESS,
        key=f"mend_{number}", autocomplete="off",
    )  # fmt: skip
    said = " ".join(filter(None, (row.explanation, row.contradictions)))
    st.caption(escape_markdown(f"{row.outcome.value}: {said}"))
    if row.outcome not in (Outcome.NOT_FOUND, Outcome.AMBIGUOUS, Outcome.OUTSIDE):
        st.checkbox(
            say("Row {number} is right as it is", number=number)
            .in_language(language), key=f"accept_{number}",
        )  # fmt: skip


def _apply(review: Review, rows: list[ReviewRow], language: Language) -> None:
    for row in rows:
        if st.session_state.get(f"accept_{row.row}"):
            review.accepted.add(row.row)
        typed = str(st.session_state.get(f"mend_{row.row}") or "").strip()
        if typed and typed != review.given[row.row - 1]:
            review.mended[row.row] = typed
    look_up_again(review, language)


def look_up_again(review: Review, language: Language) -> None:
    """Look up all rows with their new spellings; the table's own columns stay as they were."""
    study = own.open_own_study()
    texts = [review.mended.get(number, text) for number, text in enumerate(review.given, start=1)]
    sheet = Sheet(pd.DataFrame({"address": texts}, dtype=str), review.name, ",", "utf-8")
    found = run_limited(geocode_own_table, study.pack.folder, sheet, RowWords(language))
    frame = review.frame.copy()
    for column in OUTCOME_COLUMNS:
        frame[column] = found.frame[column].to_numpy()
    review.frame, review.summary = frame, found.summary


def _offer_download(review: Review, language: Language) -> None:
    stem = review.name.rsplit(".", 1)[0]
    left, right = st.columns(2)
    left.download_button(
        say("Save as CSV").in_language(language),
        make_csv(review.frame, delimiter=";", has_bom=True), f"{stem}-geocoded.csv", "text/csv",
        width="stretch", on_click="ignore",
    )  # fmt: skip
    right.download_button(
        say("Save as Excel file").in_language(language),
        make_xlsx({"addresses": review.frame}), f"{stem}-geocoded.xlsx", XLSX,
        width="stretch", on_click="ignore",
    )  # fmt: skip


PARTS = {
    "about": say("Layers and sources"),
    "quality": say("How good the data are"),
    "addresses": say("Look up and mend addresses"),
    "list": say("Own list of sites"),
    "districts": say("Own borders of areas"),
    "pack": say("Own data pack"),
}


def show() -> None:
    """Show the page."""
    language = begin_page(say("Data"))
    part = linked.choose_one(
        "part", label_choice("part", language), lambda name: PARTS[name].in_language(language)
    )
    if part == "quality":
        show_quality(language)
    elif part == "addresses":
        show_review(language)
    elif part == "list":
        show_own_list(language)
    elif part == "districts":
        show_district_layer(language)
    elif part == "pack":
        show_own_pack(language)
    else:
        _show_layers(language)


def _show_layers(language: Language) -> None:
    pack = own.open_own_study().pack
    with st.spinner(say("Checking …").in_language(language)):
        result = check_shared(pack)
    show_check(result, language)
    st.header(say("Each layer in detail").in_language(language), anchor=False)
    found = {layer.name: layer for layer in result.layers}
    for resource in pack.manifest["resources"]:
        with st.expander(escape_markdown(resource.get("title") or resource["name"])):
            st.html(_render_layer(resource, found[str(resource["name"])], language))


def _render_layer(resource: Mapping[str, Any], layer: CheckedLayer, language: Language) -> str:
    unknown = UNKNOWN.in_language(language)
    licence = resource.get("licence") or {}
    limits = resource.get("limits_de") if language == "de" else None
    facts = (
        (say("File"), layer.path),
        (say("Source"), layer.source),
        (say("Licence"), " · ".join(
            str(licence.get(key)) for key in ("title", "url") if licence.get(key))),
        (say("Date"), layer.date),
        (say("Limits"), str(limits or resource.get("limits") or "")),
        (say("Hash (SHA-256)"), layer.sha256),
        (say("Columns"), _list_columns(resource, language)),
    )  # fmt: skip
    cells = "".join(
        f"<dt>{escape_html(label.in_language(language))}</dt>"
        f"<dd>{escape_html(value or unknown)}</dd>"
        for label, value in facts
    )
    return f'<div class="wm-sheet-card"><dl>{cells}</dl></div>'


def _list_columns(resource: Mapping[str, Any], language: Language) -> str:
    key = "description" if language == "de" else "description_en"
    fields = (resource.get("schema") or {}).get("fields") or ()
    return "; ".join(f"{field['name']}: {field.get(key) or ''}".rstrip(": ") for field in fields)
