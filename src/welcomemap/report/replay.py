"""Make a paper again from its study file: the same bytes, or the reason why not."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from welcomemap.errors import ChangedInputError, Fault, OtherVersionWarning, Place, fault
from welcomemap.files import Written
from welcomemap.region.pack import RegionPack
from welcomemap.report.study_file import (
    OF_PRINT,
    STUDY_SUFFIX,
    Inputs,
    SavedPaper,
    describe_inputs,
    list_versions,
    name_output,
    opened_paper,
)
from welcomemap.report.write import find_form, require_forms, write_paper
from welcomemap.study.study import Study

OTHER_FORMS = fault(
    "the paper was made in other forms: end the output (--out on the command line) as it was, "
    "with the formats it had"
)
SAME_EVERYTHING = fault(
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
    cause: Fault

    @property
    def told(self) -> Fault:
        """The difference as one line."""
        return fault(
            "differs: {file}  {stored}, {now}  likely cause: {cause}",
            file=self.file,
            stored=fault("not in the study file")
            if self.stored is None
            else fault("stored {sha256}", sha256=self.stored),
            now=fault("not written")
            if self.now is None
            else fault("now {sha256}", sha256=self.now),
            cause=self.cause,
        )


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
    MissingExtraError
        If a form is to be printed or drawn, and what that needs is not installed.
    StudyFileError
        If the study file cannot be read.
    ChangedInputError
        If a layer of the pack or an input file is not the same any more.

    Warns
    -----
    OtherVersionWarning
        If a package has another version than when the paper was made.
    """
    require_forms([find_form(out)])
    with opened_paper(study_file) as (saved, carried):
        if not accept_changes:
            _refuse_changes(saved.inputs, describe_inputs(pack, saved.request), study_file)
        _warn_of_versions(saved)
        return write_paper(
            pack, saved.request, out, study=study, also_read=(study_file,), carried=carried
        )


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
    now = {name_output(file.path, out): file.sha256 for file in written}
    now.pop(STUDY_SUFFIX, None)
    with opened_paper(study_file) as (saved, _):
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


def _explain(saved: SavedPaper, pack: RegionPack) -> Fault:
    """Name what is not as it was: versions first, then inputs."""
    causes = []
    versions = list_other_versions(saved)
    if versions:
        causes.append(fault("another version: {versions}", versions=versions))
    changes = list_changes(saved.inputs, describe_inputs(pack, saved.request))
    if changes:
        causes.append(fault("a changed input: {changes}", changes=changes))
    return fault("{causes}", causes=causes) if causes else SAME_EVERYTHING


def list_changes(before: Inputs, now: Inputs) -> tuple[Fault, ...]:
    """Return what is not the same any more, each named."""
    changed = [
        fault("{kind} {name}", kind=kind, name=Path(name))
        for kind, old, new in (
            (fault("layer"), before.layers, now.layers),
            (fault("file"), before.files, now.files),
        )
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    if not changed and before.manifest != now.manifest:
        changed.append(fault("datapackage.json of the pack"))
    return tuple(changed)


def _refuse_changes(before: Inputs, now: Inputs, path: Path) -> None:
    changed = list_changes(before, now)
    if changed:
        raise ChangedInputError(
            "changed since the paper was made: {changed}",
            changed=changed,
            where=Place(path),
            how="Restore it, or accept it as it is (--accept-changes on the command line); the "
            "numbers may then differ.",
        )


def list_other_versions(saved: SavedPaper) -> tuple[Fault, ...]:
    """Return the packages that have another version than when the paper was made.

    Those that print are not told where there are none now, or were none then: a paper that needs
    them could not be made without.
    """
    now = list_versions()
    return tuple(
        fault(
            "{name} {before} then, {now} now",
            name=name,
            before=saved.versions.get(name, "?"),
            now=now.get(name, "?"),
        )
        for name in sorted(now.keys() | saved.versions.keys())
        if saved.versions.get(name) != now.get(name)
        and not (name in OF_PRINT and (name in now) is not (name in saved.versions))
    )


def _warn_of_versions(saved: SavedPaper) -> None:
    other = list_other_versions(saved)
    if other:
        warnings.warn(
            OtherVersionWarning("the paper may not be the same to the byte: {other}", other=other),
            stacklevel=3,
        )
