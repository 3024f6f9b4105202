"""Write a file whole or not at all."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from welcomemap.errors import OutputError, Place, UsageError, quote

STANDARD_INPUT = 0
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date a zip can hold: nothing in it comes from the clock."""


@dataclass(frozen=True)
class Written:
    """A file that was written: path, size in bytes and sha256 of its content."""

    path: Path
    bytes: int
    sha256: str

    def to_json(self) -> dict[str, object]:
        """Return the keys of the command-line contract."""
        return {"path": str(self.path), "bytes": self.bytes, "sha256": self.sha256}


def plain_opener(name: str, flags: int) -> int:
    """Return a descriptor of a plain file or of standard input, as an opener of :func:`open`.

    Every input is opened with it: a pipe would wait for ever, and a device never end.

    Raises
    ------
    OSError
        At once, if the name is that of anything else.
    """
    descriptor = os.open(name, flags | getattr(os, "O_NONBLOCK", 0))
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode):
        return descriptor
    os.close(descriptor)
    with suppress(OSError):
        if os.path.samestat(found, os.fstat(STANDARD_INPUT)):
            return os.dup(STANDARD_INPUT)
    raise OSError(None, "this is no plain file")


def read_input(path: Path) -> bytes:
    """Return the content of a plain file or of standard input; raises ``OSError`` for others."""
    with open(path, "rb", opener=plain_opener) as handle:
        return handle.read()


def hash_file(path: Path) -> str:
    """Return the sha256 of a file as 64 lower-case hex digits."""
    with open(path, "rb", opener=plain_opener) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def check_ending(path: Path, endings: Sequence[str], what: str) -> str:
    """Return the ending of a file to write, lower case with its full stop.

    Parameters
    ----------
    endings
        Those that name a form, such as ``.pdf``.
    what
        What is written, with its article: "a paper".

    Raises
    ------
    UsageError
        If the file's name ends otherwise: it then is likely to be the name of something else.
    """
    ending = path.suffix.lower()
    if ending not in endings:
        raise UsageError(
            f"{what} cannot be written as {quote(path.suffix or path.name)!r}",
            where=Place(path),
            how=f"End the file's name with {' or '.join(endings)}.",
        )
    return ending


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder; on success fsync it and rename it over ``path``.

    Raises
    ------
    OutputError
        If the folder is missing or not writable, or the disk is full. Nothing is left behind, and
        an existing file at ``path`` stays as it was.
    """
    if path.exists() and not path.is_file():
        raise _output_error(path, OSError("Is a directory or a device, not a file"))
    try:
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix
        )
    except OSError as error:
        raise _output_error(path, error) from error
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        with beside.open("rb+") as finished:
            os.fsync(finished.fileno())
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    except OSError as error:
        raise _output_error(path, error) from error
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def write_bytes(path: Path, content: bytes) -> Written:
    """Write ``content`` to ``path`` whole or not at all and return what was written."""
    with written_beside(path) as beside:
        beside.write_bytes(content)
    return Written(path, len(content), hashlib.sha256(content).hexdigest())


def zip_parts(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip of the parts in their order, with a fixed date: same parts, same bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unzip_parts(content: bytes) -> dict[str, bytes]:
    """Return the parts of a zip that the program has made itself, by name and in order."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def describe_written(path: Path) -> Written:
    """Return path, size and sha256 of a file that another library has just written."""
    return Written(path, path.stat().st_size, hash_file(path))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _output_error(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot write: {error.strerror or error}",
        where=Place(path),
        how="Choose a folder that exists, is writable and has space; nothing was changed.",
    )
