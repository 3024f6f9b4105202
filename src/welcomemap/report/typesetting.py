"""Set a paper as PDF: tagged, PDF/UA-1 and PDF/A-2a, the same bytes from the same study."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

import welcomemap
from welcomemap.errors import OutputError
from welcomemap.extras import require_extra
from welcomemap.report.document import Block, PaperText
from welcomemap.report.fonts import find_font_folders
from welcomemap.report.paper_study import PaperStudy, find_timestamp, tell_status
from welcomemap.report.print_map import DrawnMap
from welcomemap.report.request import tell_own_files
from welcomemap.wording import format_iso_date, say

require_extra("paper", by=__name__)

import typst  # noqa: E402 - what the extra brings

TEMPLATE = Path(__file__).with_name("paper.typ")
STANDARDS: list[Any] = ["ua-1", "a-2a"]
LONG_WORD = re.compile(r"\S{28}(?=\S)")
ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"
TITLE_SIZES = ((70, 22.0), (140, 18.0), (260, 15.0))
SMALLEST_TITLE_PT = 12.5


def set_pdf(study: PaperStudy, text: PaperText, drawn: Mapping[str, DrawnMap]) -> bytes:
    """Return the paper as PDF.

    Raises
    ------
    OutputError
        If typst refuses, which it does for instance without an alternative text.
    """
    content = _soften(_describe(study, text, drawn))
    files: Any = {
        "main.typ": TEMPLATE.read_bytes(),
        "paper.json": json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"),
    }
    files |= {f"map-{key}.svg": picture.svg for key, picture in drawn.items()}
    try:
        pdf = typst.compile(
            files,
            format="pdf",
            font_paths=[str(folder) for folder in find_font_folders()],
            ignore_system_fonts=True,
            pdf_standards=STANDARDS,
            timestamp=find_timestamp(study.request, study.pack),
        )
    except (typst.TypstError, RuntimeError) as error:
        raise OutputError(
            "the paper cannot be set: {error}", error=error, how="Report this with the study file."
        ) from error
    return bytes(pdf)


MAP_TEXTS = ("key", "title", "subtitle", "alt", "status", "remark", "sources")


def _describe(study: PaperStudy, text: PaperText, drawn: Mapping[str, DrawnMap]) -> dict[str, Any]:
    language, request = text.language, study.request
    kicker = [study.pack.name, request.reference]
    own = tell_own_files(request)
    if own is not None:
        kicker.append(own.in_language(language))
    if request.date:
        kicker.append(format_iso_date(request.date, language))
    words = {
        "page_word": say("Page"),
        "table_word": say("Table"),
        "map_word": say("Map"),
        "poster": say("Share within reach"),
        "status": tell_status(study),
    }
    return {
        "title": text.title,
        "title_pt": next((pt for most, pt in TITLE_SIZES if len(text.title) <= most),
                         SMALLEST_TITLE_PT),
        "lang": language,
        "keywords": [study.pack.name, study.words.service_point.in_language(language)],
        "running": text.title if len(text.title) <= 90 else f"{text.title[:89]}…",
        "reference": request.reference[:60],
        "kicker": " · ".join(part for part in kicker if part),
        "made": f"welcomemap {welcomemap.__version__}",
        "blocks": [_describe_block(block, drawn) for block in text.blocks],
        **{key: word.in_language(language) for key, word in words.items()},
    }  # fmt: skip


def _describe_block(block: Block, drawn: Mapping[str, DrawnMap]) -> dict[str, Any]:
    """Return a block; of a map its texts and its width."""
    shown: dict[str, Any] = msgspec.to_builtins(replace(block, map=None))
    if block.map is not None:
        shown["map"] = {name: getattr(block.map, name) for name in MAP_TEXTS}
        shown["map"]["width"] = drawn[block.map.key].width_mm
    return shown


def _soften(value: Any) -> Any:
    """Let very long words break: an invisible blank every 28 signs, nothing else changes."""
    if isinstance(value, str):
        return LONG_WORD.sub(rf"\g<0>{ZERO_WIDTH_SPACE}", value)
    if isinstance(value, list | tuple):
        return [_soften(item) for item in value]
    if isinstance(value, dict):
        return {
            key: item if key in ("anchor", "key", "alt", "marks") else _soften(item)
            for key, item in value.items()
        }
    return value
