"""Make a paper again from its study file: the same bytes, or the reason why not."""

from __future__ import annotations

import warnings
from pathlib import Path

from welcomemap.errors import ChangedInputError, OtherVersionWarning, Place
from welcomemap.files import Written
from welcomemap.pack.load import RegionPack
from welcomemap.report.study_file import (
    Inputs,
    SavedStudy,
    describe_inputs,
    list_versions,
    read_study_file,
)
from welcomemap.report.write import write_paper
from welcomemap.study import Study


def replay_paper(
    pack: RegionPack,
    study_file: Path,
    out: Path,
    *,
    accept_changes: bool,
    study: Study | None = None,
) -> tuple[Written, ...]:
    """Make a paper again.

    Parameters
    ----------
    accept_changes
        Go on although an input has changed; the new study file then names the new input.

    Raises
    ------
    StudyFileError
        If the study file cannot be read.
    ChangedInputError
        If a layer of the pack or an input file is not the same any more.

    Warns
    -----
    OtherVersionWarning
        If a package has another version than when the paper was made.
    """
    saved = read_study_file(study_file)
    if not accept_changes:
        _refuse_changes(saved.inputs, describe_inputs(pack, saved.request), study_file)
    _warn_of_versions(saved)
    return write_paper(pack, saved.request, out, study=study, also_read=(study_file,))


def list_changes(before: Inputs, now: Inputs) -> tuple[str, ...]:
    """Return what is not the same any more, each named."""
    changed = [
        f"{kind} {name}"
        for kind, old, new in (
            ("layer", before.layers, now.layers),
            ("file", before.files, now.files),
        )
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    if not changed and before.manifest != now.manifest:
        changed.append("datapackage.json of the pack")
    return tuple(changed)


def _refuse_changes(before: Inputs, now: Inputs, path: Path) -> None:
    changed = list_changes(before, now)
    if changed:
        raise ChangedInputError(
            f"changed since the paper was made: {', '.join(changed)}",
            where=Place(path),
            how="Restore it, or go on with --accept-changes; the numbers may then differ.",
        )


def _warn_of_versions(saved: SavedStudy) -> None:
    now = list_versions()
    other = [
        f"{name} {saved.versions.get(name, '?')} then, {now[name]} now"
        for name in now
        if saved.versions.get(name) != now[name]
    ]
    if other:
        warnings.warn(
            f"the paper may not be the same to the byte: {'; '.join(other)}",
            OtherVersionWarning,
            stacklevel=3,
        )
