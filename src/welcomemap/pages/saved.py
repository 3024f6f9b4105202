"""A study as a file: the choices, the planner's own lists and candidates, checked when opened.

The file is JSON and holds values only: no paths, no code, nothing the planner did not bring along.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from welcomemap.errors import InputError, JsonError, TooLargeError, quote
from welcomemap.pages.own import CANDIDATE_COLUMNS, MAX_CANDIDATES, MAX_LISTS
from welcomemap.strict_json import parse_json

FORMAT = "welcomemap-planner-study"
VERSION = 1
MAX_STUDY_BYTES = 10_000_000
MAX_TEXT = 500
MAX_CHOICE = 10_000
MEND = "Open a file that was saved on the export page, unchanged."


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


def write_study(study: SavedStudy) -> bytes:
    """Return the bytes of a study file; the same study gives the same bytes."""
    value = {
        "format": FORMAT,
        "version": VERSION,
        "pack": study.pack_id,
        "choices": dict(sorted(study.choices.items())),
        "lists": [
            {"name": name, "file": file, "content": base64.b64encode(content).decode("ascii")}
            for name, file, content in study.lists
        ],
        "candidates": study.candidates.to_dict("records"),
    }
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


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
            f"the study file is larger than {MAX_STUDY_BYTES / 1e6:g} MB", how="Save fewer lists."
        )
    try:
        value = parse_json(content)
    except JsonError as error:
        raise _fault(error.what) from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise InputError("the file is not a study file of welcomemap", how=MEND)
    if value.get("version") != VERSION:
        raise InputError(
            f"the study file has version {quote(value.get('version'))}, {VERSION} is understood",
            how="Save it again with this version of welcomemap.",
        )
    return SavedStudy(
        pack_id=_text(value.get("pack"), "pack"),
        choices=_read_choices(value.get("choices")),
        lists=_read_lists(value.get("lists")),
        candidates=_read_candidates(value.get("candidates")),
    )


def _fault(what: str) -> InputError:
    return InputError(f"the study file is damaged: {what}", how=MEND)


def _text(value: Any, what: str, most: int = MAX_TEXT) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise _fault(f"{what} is not a short text")
    return value


def _read_choices(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > 50:
        raise _fault("choices is not an object")
    return {
        _text(name, "a choice"): _text(text, "a choice", MAX_CHOICE) for name, text in value.items()
    }


def _read_lists(value: Any) -> tuple[tuple[str, str, bytes], ...]:
    if not isinstance(value, list) or len(value) > MAX_LISTS:
        raise _fault(f"lists is not a list of at most {MAX_LISTS}")
    found = []
    for entry in value:
        if not isinstance(entry, dict) or not isinstance(entry.get("content"), str):
            raise _fault("a list has no content")
        try:
            content = base64.b64decode(entry["content"], validate=True)
        except ValueError as error:
            raise _fault("the content of a list is not base64") from error
        found.append((_text(entry.get("name"), "name"), _text(entry.get("file"), "file"), content))
    return tuple(found)


def _read_candidates(value: Any) -> pd.DataFrame:
    if not isinstance(value, list) or len(value) > MAX_CANDIDATES:
        raise _fault(f"candidates is not a list of at most {MAX_CANDIDATES}")
    rows = []
    for entry in value:
        if not isinstance(entry, dict):
            raise _fault("a candidate is not an object")
        row = {column: _text(entry.get(column, ""), column) for column in CANDIDATE_COLUMNS}
        _check_place(row)
        rows.append(row)
    return pd.DataFrame(rows, columns=list(CANDIDATE_COLUMNS), dtype=str)


def _check_place(row: Mapping[str, str]) -> None:
    try:
        lat, lon = float(row["lat"]), float(row["lon"])
    except ValueError as error:
        raise _fault("a candidate has no place") from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise _fault("the place of a candidate is not on earth")
