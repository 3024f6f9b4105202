"""Files of visitors that must lie on a disk: in one folder of the server, which goes with it.

It is removed when the server stops; what a server left that was killed, the next one removes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from welcomemap.claims import claimed
from welcomemap.errors import BusyOutputError, OutputError

PREFIX = "welcomemap-visitors-"


@contextmanager
def scratch_folder() -> Iterator[None]:
    """Keep a private folder for as long as the server runs; every temporary file goes there.

    The folder is claimed, so that another server on this machine, which clears away what is claimed
    by nobody, leaves it alone.
    """
    outside = Path(tempfile.gettempdir())
    clear_remains(outside)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=outside))
    before = tempfile.tempdir
    try:
        with claimed([folder]):
            tempfile.tempdir = str(folder)
            yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)


def clear_remains(outside: Path) -> None:
    """Remove the folders of servers that no longer run."""
    for folder in outside.glob(f"{PREFIX}*"):
        if folder.is_symlink() or not folder.is_dir() or not _is_own(folder):
            continue
        try:
            with claimed([folder]):
                shutil.rmtree(folder, ignore_errors=True)
        except (BusyOutputError, OutputError):
            continue


def _is_own(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
