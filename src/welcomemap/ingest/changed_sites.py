"""Put a changed list of service points into force in a pack, and take it back.

List and manifest are two files and must change together. The manifest decides: the new list is laid
beside under its sha256, into the pack's history, the whole pack is checked with it, and one rename
of the manifest puts it into force. Only then its file is written. Until it is, readers find the
recorded list in the history (:meth:`welcomemap.region.pack.RegionPack.read_bytes`), and so do those
who opened the pack before. Nothing outside the folder is touched and the folder stays the same one,
so that a service into which it is mounted sees the change.

Of each change the history keeps the list before, the manifest before, and what was said of it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec

from welcomemap.dates import read_iso_date
from welcomemap.describe.answers import tell_change
from welcomemap.describe.contract import ToldChange, encode
from welcomemap.errors import (
    ChangedInputError,
    OutputError,
    PackError,
    Place,
    TableError,
    UsageError,
)
from welcomemap.files import (
    Written,
    claimed,
    hash_file,
    output_error,
    parse_json,
    read_input,
    shape_json,
    write_bytes,
)
from welcomemap.region.layers import read_layer_bytes
from welcomemap.region.pack import (
    HISTORY_FOLDER,
    MANIFEST_NAME,
    SHA256,
    RegionPack,
    embedded_pack,
    format_manifest,
    kept_path,
    load_pack,
    read_manifest,
)
from welcomemap.region.verify import check_pack, record_layer
from welcomemap.study.changed_sites import LAYER, ListChange, SiteChange

MAX_STEPS = 20
"""Changes that can be undone; older ones are forgotten."""
Digest = Annotated[str, msgspec.Meta(min_length=64, max_length=64)]
DATES = "scenario_dates"
INSTALLED = "_embedded"
"""Folder of the pack in the installed program."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change on record.

    Attributes
    ----------
    number
        Counts from 1.
    told
        What the command said of it.
    before, after
        sha256 of the list before and after.
    manifest
        The manifest before, as it stood in its file.
    manifest_sha256
        Of the file of the manifest after.
    """

    number: int
    told: ToldChange
    before: Digest
    after: Digest
    manifest: str
    manifest_sha256: Digest

    @property
    def name(self) -> str:
        """Name of its file in the history."""
        return f"{self.number:04d}-{self.told.date}.json"

    def to_bytes(self) -> bytes:
        """Return the content of its file."""
        return f"{encode(self, indent=1)}\n".encode()


def require_own_pack(folder: Path, *, is_named: bool) -> None:
    """Refuse to change the list that comes with the program.

    Parameters
    ----------
    is_named
        Whether somebody named the folder: then a checkout's own pack may be changed too.

    Raises
    ------
    UsageError
        If it is the embedded pack: the next version of the program would replace it.
    """
    real = folder.resolve()
    is_embedded = real == embedded_pack().resolve()
    if is_embedded and (not is_named or real.parent.name == INSTALLED):
        raise UsageError(
            "the pack that comes with the program is not changed; its next version would undo it",
            folder=folder,
            where=Place(folder),
            how="Copy the folder {folder} to one of your own and name that (--pack on the command "
            "line).",
        )


def update_sites(pack: RegionPack, change: ListChange) -> tuple[Written, ...]:
    """Put a changed list into force and return what was written; nothing if nothing changed.

    Raises
    ------
    ChangedInputError
        If the list is another than the one that was compared.
    PackError
        If the pack has a fault once the list is in it; it stays as it was.
    BusyOutputError, OutputError
        If another run is writing the pack, or it cannot be written.
    """
    if not change.changes:
        return ()
    with claimed([pack.folder]):
        _settle(pack.folder)
        now = load_pack(pack.folder)
        if _recorded(now) != change.layer_sha256:
            raise ChangedInputError(
                "the list was changed by somebody else in the meantime",
                where=Place(now.layer_path(LAYER)),
                how="Run the command again.",
            )
        try:
            written = _apply(now, change)
        except BaseException:
            with suppress(OSError, OutputError, PackError):
                _settle(pack.folder)
            raise
        return written


def _apply(pack: RegionPack, change: ListChange) -> tuple[Written, ...]:
    path, content = pack.layer_path(LAYER), pack.read_bytes(LAYER)
    fresh = edit_list(content, change, path)
    manifest = _change_manifest(pack, change, fresh)
    steps = _read_steps(pack.folder)
    step = Step(
        number=steps[-1].number + 1 if steps else 1,
        told=tell_change(change),
        before=change.layer_sha256,
        after=hashlib.sha256(fresh).hexdigest(),
        manifest=read_input(pack.folder / MANIFEST_NAME).decode(),
        manifest_sha256=hashlib.sha256(format_manifest(manifest)).hexdigest(),
    )
    history = pack.folder / HISTORY_FOLDER
    _make_folder(history)
    kept = write_bytes(kept_path(path, pack.folder, step.before), content)
    write_bytes(kept_path(path, pack.folder, step.after), fresh)
    recorded = write_bytes(history / step.name, step.to_bytes())
    _require_sound(RegionPack(pack.folder, manifest))
    # From this rename on the new list is the pack's.
    whole = write_bytes(pack.folder / MANIFEST_NAME, format_manifest(manifest))
    listed = write_bytes(path, fresh)
    for old in [*steps, step][:-MAX_STEPS]:
        (history / old.name).unlink()
    _tidy(pack.folder, path)
    return listed, whole, recorded, kept


def find_last_change(folder: Path) -> ToldChange | None:
    """Return what was said of the last change on record, the one that can be undone.

    Raises
    ------
    PackError
        If its record is damaged.
    """
    steps = _read_steps(folder)
    return steps[-1].told if steps else None


def undo_sites(folder: Path) -> tuple[Step, tuple[Written, ...]]:
    """Put back the list before the last change; returns the change and what was written.

    Where nothing else in the manifest has changed since, the folder is afterwards what it was
    before, byte for byte. Else only the list and its date go back.

    Raises
    ------
    UsageError
        If no change is on record.
    ChangedInputError
        If the list was changed by other means since: undoing would lose that.
    BusyOutputError, OutputError
        If another run is writing the pack, or it cannot be written.
    """
    with claimed([folder]):
        _settle(folder)
        pack, steps = load_pack(folder), _read_steps(folder)
        path = pack.layer_path(LAYER)
        if not steps:
            raise UsageError(
                "there is no change of the list to undo",
                where=Place(folder / HISTORY_FOLDER),
                how="Changes by welcomemap data sites can be undone, up to {most} of them.",
                most=MAX_STEPS,
            )
        step = steps[-1]
        if _recorded(pack) != step.after or hash_file(path) != step.after:
            raise ChangedInputError(
                "the list was changed by hand since the change of {date}; undoing would lose that",
                date=step.told.date,
                where=Place(path),
                how="Give the list as it should be with: welcomemap data sites FILE.",
            )
        content = read_layer_bytes(kept_path(path, folder, step.before), step.before)
        whole = write_bytes(folder / MANIFEST_NAME, _restore_manifest(pack, step))
        listed = write_bytes(path, content)
        _settle(folder)
    return step, (listed, whole)


def _restore_manifest(pack: RegionPack, step: Step) -> bytes:
    if hash_file(pack.folder / MANIFEST_NAME) == step.manifest_sha256:
        return step.manifest.encode()
    before = parse_json(step.manifest)
    manifest = json.loads(json.dumps(pack.manifest))
    entry = _find_entry(manifest)
    entry.clear()
    entry.update(_find_entry(before))
    scenario = step.told.scenario
    date = before["region"].get(DATES, {}).get(scenario)
    dates = {**manifest["region"].get(DATES, {}), scenario: date}
    manifest["region"][DATES] = {name: text for name, text in dates.items() if text is not None}
    if not manifest["region"][DATES]:
        del manifest["region"][DATES]
    return format_manifest(manifest)


def edit_list(content: bytes, change: ListChange, path: Path) -> bytes:
    """Return the layer of service points with the changes in it; other rows keep their bytes.

    Raises
    ------
    TableError
        If it is not the table that was compared.
    """
    text = content.decode("utf-8")
    lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
    header, *records = _split_records(lines)
    columns = [name.strip().casefold() for name in header[1]]
    changes = {one.id: one for one in change.changes}
    ending = "\r\n" if header[0].endswith("\r\n") else "\n"
    edited = [header[0]]
    last = 0
    for raw, cells in records:
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        is_ours = row.get("scenario") == change.scenario
        one = changes.pop(row["id"], None) if is_ours else None
        edited.append(raw)
        if one is not None:
            edited[-1:] = [_format_row(each, cells, columns, ending) for each in _list_rows(one)]
        last = len(edited) if is_ours else last
    if any(one.before is not None for one in changes.values()):
        raise TableError(
            "the list has no row {sites}",
            sites=sorted(changes),
            where=Place(path),
            how="Run the command again.",
        )
    added = [_format_row(one.after, [""] * len(columns), columns, ending)
             for one in changes.values()]  # fmt: skip
    edited[last:last] = added
    ended = [raw if raw.endswith(("\n", "\r")) else raw + ending for raw in edited[:-1]]
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    return (mark + "".join([*ended, edited[-1]])).encode()


def _split_records(lines: io.StringIO) -> list[tuple[str, list[str]]]:
    """Return each record of a CSV text as it is written, and its cells; blank lines have none."""
    pieces = list(lines)
    reader = csv.reader(iter(pieces), strict=True)
    found, start = [], 0
    for cells in reader:
        raw = "".join(pieces[start : reader.line_num])
        start = reader.line_num
        if cells:
            found.append((raw, cells))
        elif found:
            found[-1] = (found[-1][0] + raw, found[-1][1])
    return found


def _list_rows(change: SiteChange) -> Iterable[Mapping[str, str]]:
    return (change.after,) if change.kept is None else (change.after, change.kept)


def _format_row(row: Mapping[str, str], cells: list[str], columns: list[str], ending: str) -> str:
    """Write a row; columns that the program does not know keep their cells."""
    buffer = io.StringIO()
    named = zip(columns, cells, strict=True)
    csv.writer(buffer, lineterminator=ending).writerow([row.get(n, cell) for n, cell in named])
    return buffer.getvalue()


def _change_manifest(pack: RegionPack, change: ListChange, fresh: bytes) -> dict[str, Any]:
    """Return the manifest with the new list, and with the day as the date of list and layer."""
    manifest: dict[str, Any] = json.loads(json.dumps(pack.manifest))
    entry = _find_entry(manifest)
    n_added = sum(len(list(_list_rows(one))) - (one.before is not None) for one in change.changes)
    record_layer(entry, fresh, len(pack.service_points) + n_added)
    entry["date"] = _later(str(entry.get("date", "")), change.day)
    dates = manifest["region"].setdefault(DATES, {})
    dates[change.scenario] = _later(str(dates.get(change.scenario, "")), change.day)
    return manifest


def _later(known: str, day: str) -> str:
    date = read_iso_date(known)
    return known if date is not None and date.is_day and known > day else day


def _require_sound(pack: RegionPack) -> None:
    faults = [problem for layer in check_pack(pack).layers for problem in layer.problems]
    if faults:
        raise PackError(
            "with this list the pack would not be in order: {faults}",
            faults=faults[:3],
            where=Place(pack.folder / MANIFEST_NAME),
            how="Mend the list, or the pack; welcomemap data check lists every fault of it.",
        )


# --- history ---


def _settle(folder: Path) -> None:
    """Finish what a run that was killed has begun: the manifest says which list is in force."""
    steps = _read_steps(folder)
    pack = RegionPack(folder, read_manifest(folder))
    recorded = _recorded(pack)
    path = folder / str(_find_entry(pack.manifest)["path"])
    lists = (steps[-1].before, steps[-1].after) if steps else ()
    if recorded in lists:
        there = hash_file(path) if path.is_file() else None
        kept = kept_path(path, folder, recorded)
        if there != recorded and (there is None or there in lists) and kept.is_file():
            write_bytes(path, read_layer_bytes(kept, recorded))
        if recorded == steps[-1].before:
            (folder / HISTORY_FOLDER / steps[-1].name).unlink()
    _tidy(folder, path)


def _tidy(folder: Path, path: Path) -> None:
    """Remove lists that no change on record goes back to, and a history without any."""
    history = folder / HISTORY_FOLDER
    if not history.is_dir():
        return
    wanted = {kept_path(path, folder, step.before) for step in _read_steps(folder)}
    for kept in history.glob(f"*{path.suffix}"):
        if SHA256.fullmatch(kept.stem) and kept not in wanted:
            kept.unlink()
    with suppress(OSError):
        history.rmdir()


def _read_steps(folder: Path) -> list[Step]:
    """Return the changes on record, the last one last.

    Raises
    ------
    PackError
        If the record of one is damaged.
    """
    steps = []
    for path in sorted((folder / HISTORY_FOLDER).glob("[0-9]*-[0-9]*.json")):
        try:
            step = shape_json(parse_json(read_input(path), name=path.name), Step)
        except (OSError, ValueError) as error:
            raise _damaged(path) from error
        if step.name != path.name:
            raise _damaged(path)
        steps.append(step)
    return steps


def _damaged(path: Path) -> PackError:
    return PackError(
        "the record of a change is damaged",
        where=Place(path),
        how="Restore the file; without it take the whole folder history out of the pack.",
    )


def _recorded(pack: RegionPack) -> str:
    return str(_find_entry(pack.manifest).get("sha256", ""))


def _find_entry(manifest: Mapping[str, Any]) -> dict[str, Any]:
    for entry in manifest["resources"]:
        if entry["name"] == LAYER:
            found: dict[str, Any] = entry
            return found
    raise PackError(
        "the pack has no layer {name}",
        name=LAYER,
        where=Place(MANIFEST_NAME),
        how="Add the layer to the pack.",
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
