"""Put a finished pack in its place: the whole of it, or nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from welcomemap.errors import OutputError, Place, UsageError, quote
from welcomemap.pack.load import MANIFEST_NAME


def parts_folder(out: Path) -> Path:
    """Return the folder beside a pack in which downloads gather."""
    return out.resolve().parent / f".{out.resolve().name}.parts"


def _replaced_folder(out: Path) -> Path:
    return out.parent / f".{out.name}.replaced"


def check_target(out: Path) -> None:
    """Refuse a folder that holds something other than a pack.

    A pack that an interrupted replacement had moved aside is put back first.

    Raises
    ------
    UsageError
        If ``out`` is a file, or a folder with other content.
    """
    out = out.resolve()
    aside = _replaced_folder(out)
    if aside.is_dir() and not out.exists():
        aside.rename(out)
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
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.fresh-"))
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
    if not out.exists():
        fresh.rename(out)
        return
    aside = _replaced_folder(out)
    shutil.rmtree(aside, ignore_errors=True)
    out.rename(aside)
    try:
        fresh.rename(out)
    except OSError:
        aside.rename(out)
        raise
    with suppress(OSError):
        shutil.rmtree(aside)


def _output_error(out: Path, error: OSError) -> OutputError:
    return OutputError(
        f"the pack cannot be put in its place: {error.strerror or error}",
        where=Place(out),
        how="Choose a folder that is writable and has space; nothing was changed.",
    )
