"""The file that repeats a paper: request, versions, seed, and sha256 of every input."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from welcomemap.describe.contract import encode
from welcomemap.errors import InputError, JsonError, Place, StudyFileError
from welcomemap.files import hash_file, parse_json, read_input, shape_json
from welcomemap.region.pack import MANIFEST_NAME, RegionPack, list_resources
from welcomemap.report.request import PaperRequest, read_request, write_request

STUDY_SUFFIX = ".study.json"
FORM = "welcomemap paper study"
FORM_VERSION = 1
MOST_BYTES = 5_000_000
PACKAGES = (
    "welcomemap", "babel", "font-source-sans-pro", "geopandas", "matplotlib", "numpy", "pandas",
    "pyproj", "scipy", "shapely", "typst",
)  # fmt: skip
"""Whose version can change the bytes of a paper."""


class StudyFile(msgspec.Struct, forbid_unknown_fields=True):
    """What the file holds; input files are named as seen from its folder, digests are sha256."""

    form: str
    form_version: int
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
class SavedStudy:
    """A study file as it was read; files are named as seen from the working folder."""

    request: PaperRequest
    inputs: Inputs
    versions: Mapping[str, str]
    outputs: Mapping[str, str]


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
    """Return the versions of the packages that make the bytes of a paper."""
    return {name: version(name) for name in PACKAGES}


def make_study_file(
    request: PaperRequest, inputs: Inputs, contents: Mapping[Path, bytes], out: Path
) -> bytes:
    """Return the study file; input files are named relative to it, never by a whole path."""
    folder = out.parent.resolve()
    names = {name: _name_from(folder, name) for name in request.files}
    saved = StudyFile(
        form=FORM,
        form_version=FORM_VERSION,
        request=write_request(request.with_files(names)),
        seeds=_list_seeds(request),
        versions=list_versions(),
        manifest=inputs.manifest,
        layers=dict(inputs.layers),
        files={names[name]: digest for name, digest in inputs.files.items()},
        outputs={
            name_output(path, out): hashlib.sha256(content).hexdigest()
            for path, content in contents.items()
        },
    )
    return f"{encode(saved, indent=1)}\n".encode()


def _list_seeds(request: PaperRequest) -> dict[str, int]:
    return {"uncertainty": request.seed}


def name_output(path: Path, out: Path) -> str:
    """Return what a file of a paper is called, whatever the paper is: ``.pdf``, ``.gaps.csv``."""
    return path.name.removeprefix(out.stem)


def _name_from(folder: Path, name: str) -> str:
    return Path(os.path.relpath(Path(name).resolve(), folder)).as_posix()


def read_study_file(path: Path) -> SavedStudy:
    """Read a study file; the input files it names are looked for beside it.

    Raises
    ------
    StudyFileError
        If it cannot be read, is no study file of this version, holds a key that nobody reads, or
        names another seed than its request.
    UsageError
        If the request in it cannot be read.
    """
    saved = _load(path)
    request = read_request(saved.request, Place(path))
    if saved.seeds != _list_seeds(request):
        raise _fault("its seeds are not the seed of its request, {seed}", path, seed=request.seed)
    placed = {name: os.path.relpath(path.parent / name) for name in saved.files}
    files = {placed[name]: digest for name, digest in saved.files.items()}
    inputs = Inputs(saved.layers, files, saved.manifest)
    return SavedStudy(request.with_files(placed), inputs, saved.versions, saved.outputs)


def _load(path: Path) -> StudyFile:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _fault("the file is too large for a study file", path)
        values = parse_json(read_input(path))
        found = (values.get("form"), values.get("form_version")) if isinstance(values, dict) else ()
        if found != (FORM, FORM_VERSION):
            raise _fault("this is no study file that this version can read", path)
        return shape_json(values, StudyFile)
    except OSError as error:
        raise _fault("the study file cannot be read: {error}", path, error=error) from error
    except JsonError as error:
        raise _fault("{error}", path, error=error) from error


def _fault(what: str, path: Path, **values: object) -> StudyFileError:
    return StudyFileError(
        what,
        where=Place(path),
        how="Use the .study.json file that welcomemap report wrote.",
        **values,
    )
