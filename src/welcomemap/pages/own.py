"""A planner's own data in the session, and answers kept for it.

Answers about the published region are kept for all visitors, so that a slider move finds its
figures ready; nothing of a visitor's own is ever among them.
"""

from __future__ import annotations

import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import streamlit as st

from welcomemap.cartography.basemap import Basemap, load_basemap
from welcomemap.crs import project
from welcomemap.describe.words import RegionWords, read_region_words
from welcomemap.limits import run_limited
from welcomemap.pages.map_view import open_basemap
from welcomemap.pages.session import open_study
from welcomemap.region.areas import NO_DISTRICT, find_districts
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import Scenario
from welcomemap.study.changed_sites import ListChange
from welcomemap.study.own import (
    CANDIDATE_COLUMNS,
    MAX_CANDIDATES,
    MAX_LISTS,
    OwnStudy,
    load_own_scenario,
)
from welcomemap.study.own import compare_own_list as compare_list_of_folder
from welcomemap.study.study import Study

Answer = TypeVar("Answer")
KEPT_ANSWERS = 160
AHEAD_AT_MOST = 24


class _Entry:
    """An answer and the lock of whoever computes it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.value: tuple[Any, ...] = ()


class Answers:
    """A bounded store of answers by request; the longest unused goes first.

    Two visitors who ask the same at once wait for one computation. A failed request is not kept.
    """

    def __init__(self, kept: int = KEPT_ANSWERS) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._found: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._ahead = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead")
        self._waiting: set[Hashable] = set()

    def get(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Return the answer of a request, computed now if it is not known yet."""
        with self._lock:
            entry = self._found.setdefault(key, _Entry())
            self._found.move_to_end(key)
            while len(self._found) > self._kept:
                self._found.popitem(last=False)
        with entry.lock:
            if not entry.value:
                entry.value = (compute(),)
            answer: Answer = entry.value[0]
        return answer

    def prepare(self, requests: Iterable[tuple[Hashable, Callable[[], Any]]]) -> None:
        """Compute answers in the background, one at a time, as long as few are waiting."""
        for key, compute in requests:
            with self._lock:
                is_known = key in self._found or key in self._waiting
                if is_known or len(self._waiting) >= AHEAD_AT_MOST:
                    continue
                self._waiting.add(key)
            self._ahead.submit(self._prepare_one, key, compute)

    def _prepare_one(self, key: Hashable, compute: Callable[[], Any]) -> None:
        try:
            self.get(key, compute)
        finally:
            with self._lock:
                self._waiting.discard(key)


@st.cache_resource(show_spinner=False)
def open_answers() -> Answers:
    """Return the answers all visitors share."""
    return Answers()


OWN_ANSWERS = 12


@dataclass
class Own:
    """What one session brought along.

    Attributes
    ----------
    lists, files
        Own lists of service points by name, and the name and bytes of the uploaded file.
    candidates
        Own candidate sites, columns :data:`welcomemap.study.own.CANDIDATE_COLUMNS`, all text.
    region, folder
        The study of an uploaded pack and the private folder it was unpacked into, which is
        deleted when the session ends.
    """

    lists: dict[str, Scenario] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    candidates: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(CANDIDATE_COLUMNS), dtype=str)
    )
    region: Study | None = None
    folder: tempfile.TemporaryDirectory[str] | None = None
    answers: Answers = field(default_factory=lambda: Answers(OWN_ANSWERS))
    study: OwnStudy | None = None

    def forget_answers(self) -> None:
        """Drop what was computed from lists or candidates that have changed."""
        self.answers = Answers(OWN_ANSWERS)
        self.study = None


def open_own() -> Own:
    """Return what this visitor brought along."""
    if "own" not in st.session_state:
        st.session_state["own"] = Own()
    own: Own = st.session_state["own"]
    return own


def open_region_study() -> Study:
    """Return the study of the region: of the uploaded pack where there is one."""
    return open_own().region or open_study()


def open_own_basemap() -> Basemap:
    """Return the ground of the region's maps."""
    own = open_own()
    if own.region is None:
        return open_basemap()
    pack = own.region.pack
    return own.answers.get("basemap", lambda: load_basemap(pack))


def read_own_words() -> RegionWords:
    """Return what the visitor's region calls its areas and service points."""
    return read_region_words(open_region_study().pack.region)


def open_own_study() -> Study:
    """Return the study of the region with this visitor's own lists and candidates."""
    own, shared = open_own(), open_region_study()
    if not own.lists and own.candidates.empty:
        return shared
    if own.study is None or own.study.shared is not shared:
        own.study = OwnStudy(
            shared.pack, shared=shared, lists=dict(own.lists), candidates=own.candidates
        )
    return own.study


def is_own(*scenarios: str) -> bool:
    """Tell whether an answer about these scenarios is this visitor's own."""
    own = open_own()
    return own.region is not None or any(name in own.lists for name in scenarios)


def answer(key: Hashable, compute: Callable[[], Answer], *, is_private: bool) -> Answer:
    """Return an answer from the shared store, or from this visitor's where it is private."""
    store = open_own().answers if is_private else open_answers()
    return store.get((*_published(), key), compute)


def prepare(requests: Iterable[tuple[Hashable, Callable[[], Any]]]) -> None:
    """Compute answers about the published region in the background."""
    published = _published()
    open_answers().prepare(((*published, key), compute) for key, compute in requests)


def _published() -> tuple[str, str]:
    """Return whose answers are kept: those of a pack until it changes."""
    pack = open_study().pack
    return str(pack.folder), pack.seal


def read_own_list(study: Study, name: str, content: bytes) -> Scenario:
    """Read an uploaded list of service points; its bytes lie in a private folder for a moment.

    Raises
    ------
    TableError, TooLargeError, CoordinateError
        If the list cannot be used; the message names row and column.
    """
    with tempfile.TemporaryDirectory(prefix="welcomemap-") as folder:
        path = Path(folder) / _plain_name(name)
        path.write_bytes(content)
        return run_limited(load_own_scenario, study.pack.folder, path)


def compare_own_list(study: Study, name: str) -> ListChange:
    """Compare an own list with the one the region publishes, as if it came into force today.

    Raises
    ------
    WelcomemapError
        If it is no list that could take the place of the published one.
    """
    file, content = open_own().files[name]
    scenario = study.pack.default_scenario
    with tempfile.TemporaryDirectory(prefix="welcomemap-") as folder:
        path = Path(folder) / file
        path.write_bytes(content)
        return run_limited(compare_list_of_folder, study.pack.folder, path, scenario, date.today())


def add_list(name: str, content: bytes, scenario: Scenario, taken: tuple[str, ...]) -> str:
    """Keep an own list under a name that is not taken, and return that name."""
    own = open_own()
    stem = Path(_plain_name(name)).stem
    chosen = stem if stem not in taken else f"{stem} 2"
    own.lists[chosen] = scenario
    own.files[chosen] = (_plain_name(name), content)
    while len(own.lists) > MAX_LISTS:
        oldest = next(iter(own.lists))
        del own.lists[oldest], own.files[oldest]
    own.forget_answers()
    return chosen


def use_region(study: Study, folder: tempfile.TemporaryDirectory[str]) -> None:
    """Work with an uploaded pack from now on, in this session only."""
    leave_region()
    mine = Own(region=study, folder=folder)
    weakref.finalize(mine, folder.cleanup)
    st.session_state["own"] = mine


def leave_region() -> None:
    """Go back to the region all visitors share, and forget the uploaded pack."""
    folder = open_own().folder
    st.session_state["own"] = Own()
    if folder is not None:
        folder.cleanup()


def drop_list(name: str) -> None:
    """Forget an own list."""
    own = open_own()
    own.lists.pop(name, None)
    own.files.pop(name, None)
    own.forget_answers()


def is_inside(pack: RegionPack, lat: float, lon: float) -> bool:
    """Tell whether a place, in degrees, lies in the region: only there candidates are compared."""
    point = project(lon, lat, crs=pack.crs)
    return bool(np.isfinite(point).all() and find_districts(pack, point).district[0] != NO_DISTRICT)


def add_candidate(row: Mapping[str, Any]) -> str:
    """Add a candidate under a fresh id and return the id."""
    own = open_own()
    number = 1 + max(
        (int(name.split("-")[1]) for name in own.candidates["id"] if name.startswith("own-")),
        default=0,
    )
    name = f"own-{number}"
    cells = {column: str(row.get(column) or "") for column in CANDIDATE_COLUMNS} | {"id": name}
    table = pd.concat([own.candidates, pd.DataFrame([cells], dtype=str)], ignore_index=True)
    own.candidates = table.tail(MAX_CANDIDATES).reset_index(drop=True)
    own.forget_answers()
    return name


def drop_candidate(name: str) -> None:
    """Forget an own candidate."""
    own = open_own()
    own.candidates = own.candidates[own.candidates["id"] != name].reset_index(drop=True)
    own.forget_answers()


def _plain_name(name: str) -> str:
    """Return a file name without folders, separators, dots and signs, with its ending."""
    path = Path(name.replace("\\", "/").rsplit("/", 1)[-1])
    stem = "".join(c if c.isalnum() or c in " -_" else "_" for c in path.stem).strip()[:60]
    suffix = path.suffix.lower() if path.suffix.lower() in (".csv", ".xlsx") else ".csv"
    return f"{stem or 'liste'}{suffix}"
