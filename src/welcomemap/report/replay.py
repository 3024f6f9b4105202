"""Make a paper again from its study file: the same bytes, or the reason why not."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from welcomemap.errors import ChangedInputError, OtherVersionWarning, Place, quote
from welcomemap.files import Written
from welcomemap.region.pack import RegionPack
from welcomemap.report.study_file import (
    STUDY_SUFFIX,
    Inputs,
    SavedStudy,
    describe_inputs,
    list_versions,
    name_output,
    read_study_file,
)
from welcomemap.report.write import write_paper
from welcomemap.study.study import Study

OTHER_FORMS = "the paper was made in other forms: end --out as it was, with the formats it had"
SAME_EVERYTHING = (
    "the recorded versions and inputs are the same, so the program was changed without a new "
    "version, or the study file was edited"
)


@dataclass(frozen=True)
class Difference:
    """A file of a paper that is not as its study file has it.

    Attributes
    ----------
    stored, now
        sha256 in the study file and of the file written; ``None`` where there is none.
    cause
        What most likely made it, in words.
    """

    file: str
    stored: str | None
    now: str | None
    cause: str

    def to_json(self) -> dict[str, object]:
        """Return the difference as JSON values."""
        return {"file": self.file, "stored": self.stored, "now": self.now, "cause": self.cause}

    def tell(self) -> str:
        """Say the difference in one line."""
        stored = "not in the study file" if self.stored is None else f"stored {self.stored}"
        now = "not written" if self.now is None else f"now {self.now}"
        return f"differs: {self.file}  {stored}, {now}  likely cause: {self.cause}"


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


def find_differences(
    pack: RegionPack, study_file: Path, out: Path, written: Sequence[Written]
) -> tuple[Difference, ...]:
    """Compare the files of a replayed paper with the sha256 that its study file stores.

    Parameters
    ----------
    out
        What the paper was made again as.
    written
        The files that :func:`replay_paper` returned.

    Returns
    -------
    tuple of Difference
        Files with another content, those that the study file does not list, and those it lists that
        were not written; empty where everything is equal.

    Raises
    ------
    StudyFileError
        If the study file cannot be read.
    """
    saved = read_study_file(study_file)
    now = {name_output(file.path, out): file.sha256 for file in written}
    now.pop(STUDY_SUFFIX, None)
    changed = _explain(saved, pack)
    return tuple(
        Difference(
            f"{out.stem}{name}",
            saved.outputs.get(name),
            now.get(name),
            changed if name in saved.outputs and name in now else OTHER_FORMS,
        )
        for name in sorted(saved.outputs.keys() | now.keys())
        if saved.outputs.get(name) != now.get(name)
    )


def _explain(saved: SavedStudy, pack: RegionPack) -> str:
    """Name what is not as it was: versions first, then inputs."""
    causes = []
    versions = list_other_versions(saved)
    if versions:
        causes.append(f"another version: {', '.join(versions)}")
    changes = list_changes(saved.inputs, describe_inputs(pack, saved.request))
    if changes:
        causes.append(f"a changed input: {', '.join(changes)}")
    return "; ".join(causes) or SAME_EVERYTHING


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


def list_other_versions(saved: SavedStudy) -> tuple[str, ...]:
    """Return the packages that have another version than when the paper was made."""
    now = list_versions()
    return tuple(
        f"{quote(name)} {quote(saved.versions.get(name, '?'))} then, {now.get(name, '?')} now"
        for name in sorted(now.keys() | saved.versions.keys())
        if saved.versions.get(name) != now.get(name)
    )


def _warn_of_versions(saved: SavedStudy) -> None:
    other = list_other_versions(saved)
    if other:
        warnings.warn(
            f"the paper may not be the same to the byte: {'; '.join(other)}",
            OtherVersionWarning,
            stacklevel=3,
        )
