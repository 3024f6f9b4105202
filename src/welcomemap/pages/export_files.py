"""Make the files of the export page: paper, map and tables, in a private folder."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from welcomemap.errors import WelcomemapWarning
from welcomemap.files import zip_parts
from welcomemap.maps.export import render_html
from welcomemap.maps.from_study import describe_study
from welcomemap.maps.overview import draw_overview
from welcomemap.pages import own
from welcomemap.pages.planning import Setting
from welcomemap.report import PaperRequest, write_paper
from welcomemap.sheets import make_csv
from welcomemap.study import GapsRequest
from welcomemap.wording import Language, Text

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
        tell(Text("Karte", "map").in_language(order.language), 0.0)
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
    return render_html(drawn, is_embedded=False).encode("utf-8")


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
