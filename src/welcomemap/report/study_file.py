"""The study file: what was asked and brought along, and what repeats a paper.

There is one format. The app saves what a planner has set and brought: choices, own lists and own
candidates. A paper saves what it was made of: request, seed, versions, and sha256 of every input
and output. A paper of the app holds both, so that one file repeats it and opens it again. It is
JSON and holds values only: no code, and no path but of files that lie beside it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import msgspec
import pandas as pd

from welcomemap.describe.contract import encode
from welcomemap.errors import (
    InputError,
    JsonError,
    Place,
    StudyFileError,
    TooLargeError,
    fault,
)
from welcomemap.files import hash_file, parse_json, read_input, shape_json
from welcomemap.region.pack import MANIFEST_NAME, RegionPack, list_resources
from welcomemap.report.request import PaperRequest, read_request, write_request
from welcomemap.study.own import CANDIDATE_COLUMNS, MAX_CANDIDATES, MAX_LISTS
from welcomemap.tabular import make_csv

STUDY_SUFFIX = ".study.json"
FORM = "welcomemap study"
FORM_VERSION = 2
OLD_PAPER = ("welcomemap paper study", 1)
OLD_PLANNER = ("welcomemap-planner-study", 1)
MOST_BYTES = 10_000_000
MAX_TEXT = 500
MAX_CHOICE = 10_000
MAX_CHOICES = 50
CANDIDATES_NAME = "candidates"
LONGEST_NAME = 200
OF_PATHS = frozenset('/\\:*?"<>|')
MEND = fault("Use a study file as welcomemap saved it, unchanged.")
PACKAGES = (
    "welcomemap", "babel", "font-source-sans-pro", "geopandas", "matplotlib", "numpy", "pandas",
    "pyproj", "scipy", "shapely", "typst",
)  # fmt: skip
"""Whose version can change the bytes of a paper."""
OF_PRINT = frozenset({"font-source-sans-pro", "matplotlib", "typst"})
"""Those among them that tables and layers do not need, so that they may not be installed."""

Short = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]


class OwnList(msgspec.Struct, frozen=True):
    """An own list; its content is written as base64."""

    name: Short
    file: Short
    content: bytes


class OwnCandidate(msgspec.Struct, frozen=True):
    """An own candidate as text; the columns of :data:`welcomemap.study.own.CANDIDATE_COLUMNS`."""

    id: Short = ""
    name: Short = ""
    address: Short = ""
    lat: Short = ""
    lon: Short = ""
    location_outcome: Short = ""
    error_radius_m: Short = ""


class StudyFile(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the file of a planner holds, with the bounds of each part; a paper's holds more."""

    form: str
    form_version: int
    pack: Short = ""
    choices: Annotated[
        dict[Short, Annotated[str, msgspec.Meta(max_length=MAX_CHOICE)]],
        msgspec.Meta(max_length=MAX_CHOICES),
    ] = {}
    lists: Annotated[list[OwnList], msgspec.Meta(max_length=MAX_LISTS)] = []
    candidates: Annotated[list[OwnCandidate], msgspec.Meta(max_length=MAX_CANDIDATES)] = []


class PaperFile(StudyFile, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the file of a paper holds; input files are named as seen from its folder.

    Digests are sha256.
    """

    request: dict[str, Any]
    seeds: dict[str, int]
    versions: dict[str, str]
    manifest: str
    layers: dict[str, str]
    files: dict[str, str]
    outputs: dict[str, str]


@dataclass(frozen=True)
class Inputs:
    """What a paper was made of: sha256 by layer, by file and of the manifest."""

    layers: Mapping[str, str]
    files: Mapping[str, str]
    manifest: str


@dataclass(frozen=True)
class SavedPaper:
    """What repeats a paper; files are named as the request names them."""

    request: PaperRequest
    inputs: Inputs
    versions: Mapping[str, str]
    outputs: Mapping[str, str]

    def with_files(self, renamed: Mapping[str, str]) -> SavedPaper:
        """Return the same with its input files named otherwise."""
        files = {renamed.get(name, name): digest for name, digest in self.inputs.files.items()}
        return replace(
            self,
            request=self.request.with_files(renamed),
            inputs=replace(self.inputs, files=files),
        )


@dataclass(frozen=True, eq=False)
class SavedStudy:
    """What a study file holds.

    Attributes
    ----------
    pack_id
        Which region it was made with.
    choices
        What was set on the pages, as names and values.
    lists
        Own lists: name, file name and bytes of the file.
    candidates
        Own candidates, columns :data:`welcomemap.study.own.CANDIDATE_COLUMNS`.
    paper
        What repeats a paper; ``None`` where none was made.
    """

    pack_id: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    lists: tuple[tuple[str, str, bytes], ...] = ()
    candidates: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(CANDIDATE_COLUMNS), dtype=str)
    )
    paper: SavedPaper | None = None

    @property
    def list_files(self) -> dict[str, str]:
        """The file of each own list by the list's name."""
        return {name: f"{name}{PurePosixPath(file).suffix}" for name, file, _ in self.lists}

    @property
    def candidates_file(self) -> str | None:
        """The file of the own candidates; another name where an own list has the usual one."""
        if self.candidates.empty:
            return None
        taken, name = self.list_files.values(), f"{CANDIDATES_NAME}.csv"
        numbers = iter(range(2, MAX_LISTS + 3))
        while name in taken:
            name = f"{CANDIDATES_NAME} {next(numbers)}.csv"
        return name

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """What the file carries, by the names under which a paper reads it."""
        names = self.list_files
        found = {names[name]: content for name, _, content in self.lists}
        if self.candidates_file is not None:
            found[self.candidates_file] = make_csv(self.candidates)
        return found


@dataclass(frozen=True, eq=False)
class Carried:
    """What a study carries, lying in a folder for as long as a paper is made of it."""

    study: SavedStudy
    folder: Path

    @property
    def paths(self) -> dict[str, str]:
        """Where each carried file lies, by its name."""
        return {name: str(self.folder / name) for name in self.study.files}

    def name(self, path: str) -> str | None:
        """Return the name of a file that is carried; ``None`` of one that lies elsewhere."""
        return Path(path).name if path in self.paths.values() else None


@contextmanager
def carry(study: SavedStudy) -> Iterator[Carried]:
    """Put what a study carries into a folder of its own, which goes when it is left.

    Raises
    ------
    StudyFileError
        If a list has a name that no file may have.
    """
    with tempfile.TemporaryDirectory(prefix="welcomemap-") as name:
        folder = Path(name)
        for file, content in study.files.items():
            if not _is_plain(file):
                raise _fault("the name of an own list is none of a file: {name!r}", name=file)
            (folder / file).write_bytes(content)
        yield Carried(study, folder)


def _is_plain(name: str) -> bool:
    """Tell whether every system takes a name for that of a file in a folder."""
    is_short = len(name.encode("utf-8", "replace")) <= LONGEST_NAME
    return name.isprintable() and is_short and name.strip(".") != "" and not set(name) & OF_PATHS


def describe_inputs(pack: RegionPack, request: PaperRequest) -> Inputs:
    """Hash every layer of the pack and the planner's own files.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    layers = {}
    for layer in list_resources(pack.manifest):
        path = pack.folder / layer.path
        layers[layer.name] = hash_file(path) if path.is_file() else ""
    return Inputs(
        layers,
        {name: _hash_input(Path(name)) for name in request.files},
        hash_file(pack.folder / MANIFEST_NAME),
    )


def _hash_input(path: Path) -> str:
    try:
        return hash_file(path)
    except OSError as error:
        raise InputError(
            "the file cannot be read: {error}",
            error=error,
            where=Place(path),
            how="Name a file that exists.",
        ) from error


def list_versions() -> dict[str, str]:
    """Return the versions of the packages that make the bytes of a paper, as far as installed."""
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def write_study(study: SavedStudy) -> bytes:
    """Return the bytes of a study file; the same study gives the same bytes."""
    parts: dict[str, Any] = {
        "form": FORM,
        "form_version": FORM_VERSION,
        "pack": study.pack_id,
        "choices": dict(sorted(study.choices.items())),
        "lists": [OwnList(*one) for one in study.lists],
        "candidates": [OwnCandidate(*row) for row in study.candidates.itertuples(index=False)],
    }
    paper = study.paper
    if paper is None:
        return _encode(StudyFile(**parts))
    return _encode(
        PaperFile(
            **parts,
            request=write_request(paper.request),
            seeds=_list_seeds(paper.request),
            versions=dict(paper.versions),
            manifest=paper.inputs.manifest,
            layers=dict(paper.inputs.layers),
            files=dict(paper.inputs.files),
            outputs=dict(paper.outputs),
        )
    )


def _encode(file: StudyFile) -> bytes:
    return f"{encode(file, indent=1)}\n".encode()


def make_study_file(
    request: PaperRequest,
    inputs: Inputs,
    contents: Mapping[Path, bytes],
    out: Path,
    carried: Carried,
) -> bytes:
    """Return the study file of a paper.

    Input files that it carries have their names, others are named relative to it, never by a whole
    path.
    """
    folder = out.parent.resolve()
    names = {name: carried.name(name) or _name_from(folder, name) for name in request.files}
    outputs = {
        name_output(path, out): hashlib.sha256(content).hexdigest()
        for path, content in contents.items()
    }
    paper = SavedPaper(request, inputs, list_versions(), outputs).with_files(names)
    return write_study(replace(carried.study, paper=paper))


def _list_seeds(request: PaperRequest) -> dict[str, int]:
    return {"uncertainty": request.seed}


def name_output(path: Path, out: Path) -> str:
    """Return what a file of a paper is called, whatever the paper is: ``.pdf``, ``.gaps.csv``."""
    return path.name.removeprefix(out.stem)


def _name_from(folder: Path, name: str) -> str:
    return Path(os.path.relpath(Path(name).resolve(), folder)).as_posix()


def read_study(content: bytes, where: Place | None = None) -> SavedStudy:
    """Read a study file; everything in it is checked. Files of older versions are read too.

    Raises
    ------
    TooLargeError
        If the file is larger than it may be.
    StudyFileError
        If it is no study file, of a newer version, damaged, holds a key of a paper that nobody
        reads, or names another seed than its request.
    UsageError
        If the request in it cannot be read.
    """
    if len(content) > MOST_BYTES:
        raise _too_large(where)
    try:
        values = _renew(parse_json(content), where)
        saved = shape_json(values, PaperFile if "request" in values else StudyFile)
    except JsonError as error:
        raise _damaged(fault("{error}", error=error), where) from error
    rows = [msgspec.structs.asdict(row) for row in saved.candidates]
    for row in rows:
        _check_place(row, where)
    return SavedStudy(
        pack_id=saved.pack,
        choices=saved.choices,
        lists=tuple((one.name, one.file, one.content) for one in saved.lists),
        candidates=pd.DataFrame(rows, columns=list(CANDIDATE_COLUMNS), dtype=str),
        paper=_read_paper(saved, where) if isinstance(saved, PaperFile) else None,
    )


def _renew(values: Any, where: Place | None) -> dict[str, Any]:
    """Return the values of a study file of any version as this version has them."""
    if not isinstance(values, dict):
        raise _fault("this is no study file of welcomemap", where)
    now = {"form": FORM, "form_version": FORM_VERSION}
    if (values.get("form"), values.get("form_version")) == OLD_PAPER:
        return values | now
    if (values.get("format"), values.get("version")) == OLD_PLANNER:
        return {name: values[name] for name in values.keys() - {"format", "version"}} | now
    if values.get("form") != FORM:
        raise _fault("this is no study file of welcomemap", where)
    if values.get("form_version") != FORM_VERSION:
        raise StudyFileError(
            "the study file has version {found}, {version} is understood",
            found=values.get("form_version"),
            version=FORM_VERSION,
            where=where,
            how="Save it again with this version of welcomemap.",
        )
    return values


def _read_paper(saved: PaperFile, where: Place | None) -> SavedPaper:
    request = read_request(saved.request, where)
    if saved.seeds != _list_seeds(request):
        raise _fault("its seeds are not the seed of its request, {seed}", where, seed=request.seed)
    inputs = Inputs(saved.layers, saved.files, saved.manifest)
    return SavedPaper(request, inputs, saved.versions, saved.outputs)


def _check_place(row: Mapping[str, str], where: Place | None) -> None:
    try:
        lat, lon = float(row["lat"]), float(row["lon"])
    except ValueError as error:
        raise _damaged(fault("a candidate has no place"), where) from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise _damaged(fault("the place of a candidate is not on earth"), where)


def read_study_file(path: Path) -> tuple[SavedStudy, SavedPaper]:
    """Read a study file with a paper; files that it does not carry are looked for beside it.

    Raises
    ------
    TooLargeError, StudyFileError, UsageError
        As :func:`read_study`; also if it cannot be opened or no paper was made of it.
    """
    where = Place(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _too_large(where)
        content = read_input(path)
    except OSError as error:
        raise _fault("the study file cannot be read: {error}", where, error=error) from error
    study = read_study(content, where)
    if study.paper is None:
        raise StudyFileError(
            "the study file holds no paper",
            where=where,
            how="Open it in the app and make the paper there; its study file repeats it.",
        )
    beside = study.paper.inputs.files.keys() - study.files.keys()
    placed = {name: os.path.relpath(path.parent / name) for name in beside}
    return study, study.paper.with_files(placed)


@contextmanager
def opened_paper(path: Path) -> Iterator[tuple[SavedPaper, Carried]]:
    """Give what repeats a paper, with all its files in their places.

    Raises
    ------
    TooLargeError, StudyFileError, UsageError
        As :func:`read_study_file`.
    """
    study, paper = read_study_file(path)
    with carry(study) as carried:
        yield paper.with_files(carried.paths), carried


def _too_large(where: Place | None) -> TooLargeError:
    return TooLargeError(
        "the study file is larger than {megabytes:g} MB",
        megabytes=MOST_BYTES / 1e6,
        where=where,
        how="Save fewer lists.",
    )


def _damaged(reason: object, where: Place | None) -> StudyFileError:
    return _fault("the study file is damaged: {reason}", where, reason=reason)


def _fault(what: str, where: Place | None = None, **values: object) -> StudyFileError:
    return StudyFileError(what, where=where, how=MEND, **values)
