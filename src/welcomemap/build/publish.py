"""Put a finished pack in its place: the whole of it or nothing, and never none at any moment."""

from __future__ import annotations

import ctypes
import glob
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from welcomemap.claims import check_outputs, claimed
from welcomemap.errors import OutputError, Place, UsageError, quote
from welcomemap.pack.load import MANIFEST_NAME, replaced_folder

FRESH = ".fresh-"


def parts_folder(out: Path) -> Path:
    """Return the folder beside a pack in which downloads gather."""
    return out.resolve().parent / f".{out.resolve().name}.parts"


@contextmanager
def claim_target(out: Path, inputs: Iterable[Path] = ()) -> Iterator[None]:
    """Keep a pack's folder to this run, after refusing one that holds something other than a pack.

    Parameters
    ----------
    inputs
        Files and folders the run reads: none may lie in ``out``, which is replaced as a whole.

    Raises
    ------
    UsageError
        If ``out`` is a file, a folder with other content, or holds an input.
    BusyOutputError
        If another run is making this pack.
    OutputError
        If its parent cannot be written.
    """
    out = out.resolve()
    _check_target(out)
    check_outputs([out], inputs)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _output_error(out, error) from error
    with claimed([out]):
        _clear_remains(out)
        yield


def _check_target(out: Path) -> None:
    is_free = not out.exists() or (out.is_dir() and not any(out.iterdir()))
    if not is_free and not (out / MANIFEST_NAME).is_file():
        raise UsageError(
            f"{quote(out.name)} is there already and is no region pack",
            where=Place(out),
            how="Give the name of a new folder, or the folder of a pack that may be replaced.",
        )


@contextmanager
def publish_pack(out: Path) -> Iterator[Path]:
    """Give a fresh folder beside ``out``; on success it takes the place of ``out`` by a rename.

    Raises
    ------
    OutputError
        If the folder cannot be made or renamed. ``out`` is then as it was.
    """
    out = out.resolve()
    try:
        fresh = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}{FRESH}"))
    except OSError as error:
        raise _output_error(out, error) from error
    try:
        yield fresh
        fresh.chmod(0o755)
        _swap(fresh, out)
    except OSError as error:
        raise _output_error(out, error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, out: Path) -> None:
    """Put the fresh pack at its name; the older one is then at the name of the fresh one."""
    if not out.exists():
        fresh.rename(out)
    elif not _exchange(fresh, out):
        # Where two folders cannot change places in one step, the older one is found at the name
        # that load.find_pack looks at until the fresh one stands.
        aside = replaced_folder(out)
        out.rename(aside)
        try:
            fresh.rename(out)
        except OSError:
            aside.rename(out)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    _sync_folder(out.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step (renameat2); ``False`` where that is unknown."""
    try:
        change = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    here = -100  # AT_FDCWD
    exchange = 2  # RENAME_EXCHANGE
    return bool(change(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _clear_remains(out: Path) -> None:
    """Remove what a run that was killed has left; only the one that has claimed ``out`` may."""
    aside = replaced_folder(out)
    if aside.is_dir() and not out.exists():
        aside.rename(out)
    for remains in (aside, *out.parent.glob(f".{glob.escape(out.name)}{FRESH}*")):
        shutil.rmtree(remains, ignore_errors=True)


def _output_error(out: Path, error: OSError) -> OutputError:
    return OutputError(
        f"the pack cannot be put in its place: {error.strerror or error}",
        where=Place(out),
        how="Choose a folder that is writable and has space; nothing was changed.",
    )
