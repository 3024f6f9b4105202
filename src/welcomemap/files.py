"""Read and write files safely: whole or not at all, claimed by one run, bounded JSON."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from welcomemap.errors import (
    BusyOutputError,
    Fault,
    Notice,
    OutputError,
    Place,
    UsageError,
    either,
    fault,
)

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    fcntl = None  # type: ignore[assignment]  # no such module here
import json
import math
from typing import Any, NoReturn, TypeVar

import msgspec

from welcomemap.errors import JsonError

Shaped = TypeVar("Shaped")
STANDARD_INPUT = 0
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date a zip can hold: nothing in it comes from the clock."""


@dataclass(frozen=True)
class Written:
    """A file that was written: path, size in bytes and sha256 of its content."""

    path: Path
    bytes: int
    sha256: str


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


def check_ending(path: Path, endings: Sequence[str], kind: Fault) -> str:
    """Return the ending of a file to write, lower case with its full stop.

    Parameters
    ----------
    endings
        Those that name a form, such as ``.pdf``.
    kind
        What is written, with its article: "a paper".

    Raises
    ------
    UsageError
        If the file's name ends otherwise: it then is likely to be the name of something else.
    """
    ending = path.suffix.lower()
    if ending not in endings:
        raise UsageError(
            "{kind} cannot be written as {ending!r}",
            kind=kind,
            ending=path.suffix or path.name,
            endings=either(endings),
            where=Place(path),
            how="End the file's name with {endings}.",
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
        raise output_error(path, OSError("Is a directory or a device, not a file"))
    try:
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix
        )
    except OSError as error:
        raise output_error(path, error) from error
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        with beside.open("rb+") as finished:
            os.fsync(finished.fileno())
        beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    except OSError as error:
        raise output_error(path, error) from error
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


def output_error(path: Path, error: OSError) -> OutputError:
    """Return the error of a file or folder that cannot be written, because of another."""
    return OutputError(
        "cannot write: {error}",
        error=error,
        where=Place(path),
        how="Choose a folder that exists, is writable and has space; nothing was changed.",
    )


NO_LOCKS = (errno.ENOTSUP, errno.ENOLCK, errno.ENOSYS)
"""What a file system says that knows no locks; a run on it goes on without one."""
LONGEST_NAME = 200


@contextmanager
def claimed(outputs: Iterable[Path], *, inputs: Iterable[Path | str] = ()) -> Iterator[None]:
    """Keep the outputs to this run while the context is open; :func:`check_outputs` comes first.

    Each output has a lock file beside it, ``.NAME.lock``, which goes with the run: the system frees
    it even when the process is killed, and an empty one that is left over locks nothing.

    Raises
    ------
    UsageError
        If an output is an input.
    BusyOutputError
        If another run is writing one of the outputs.
    OutputError
        If a folder cannot be written.
    """
    wanted = tuple(outputs)
    check_outputs(wanted, inputs)
    with ExitStack() as stack:
        for path in sorted({_real(path) for path in wanted}):
            stack.enter_context(_locked(path))
        yield


def check_outputs(
    outputs: Iterable[Path], inputs: Iterable[Path | str], *, option: str | None = None
) -> None:
    """Refuse to write over what a run reads, however the two are spelled or linked.

    A folder that is written takes the place of the older one with all that lies in it, so it may
    hold no input either. ``option`` is the option that names the output, for the message.

    Raises
    ------
    UsageError
        If an output is an input.
    """
    read = [Path(path) for path in inputs]
    for output in outputs:
        for path in read:
            if _is_same(output, path) or _real(output) in _real(path).parents:
                raise UsageError(
                    "the output is an input of this run",
                    where=Place(output, column=option),
                    how="Give the output another name; the input stays as it is.",
                )


def _is_same(output: Path, read: Path) -> bool:
    try:
        return output.samefile(read)
    except (OSError, ValueError):
        return os.path.normcase(_real(output)) == os.path.normcase(_real(read))


def _real(path: Path) -> Path:
    try:
        return Path(os.path.realpath(path))
    except ValueError:  # no name that a file can have
        return path


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = _lock_path(path)
    descriptor = _take(lock, path)
    try:
        yield
    finally:
        # Unlinked while it is still held, so that nobody waits on a name that is gone.
        with suppress(OSError):
            lock.unlink()
        os.close(descriptor)


def _lock_path(path: Path) -> Path:
    name = path.name
    if len(os.fsencode(name)) > LONGEST_NAME:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return path.parent / f".{name}.lock"


def _take(lock: Path, path: Path) -> int:
    """Return a descriptor of the lock file that lies at its name and that nobody else holds."""
    while True:
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            raise output_error(path, error) from error
        try:
            _lock(descriptor)
            if _lies_at(descriptor, lock):
                return descriptor
        except BlockingIOError as error:
            os.close(descriptor)
            raise BusyOutputError(
                "another run is writing this output",
                where=Place(path),
                how="Wait until it has ended, or give the output another name.",
            ) from error
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            raise BlockingIOError from error
        if error.errno not in NO_LOCKS:
            raise


def _lies_at(descriptor: int, lock: Path) -> bool:
    """Tell whether the file is still the one at its name: its last owner may just have gone."""
    try:
        return os.path.samestat(os.fstat(descriptor), lock.stat())
    except FileNotFoundError:
        return False


SAVE_AGAIN = fault("Save it again with the program that made it.")
MAX_DIGITS = 18
"""More digits than any count or id of ours has; a longer integer only costs time."""


def parse_json(
    content: bytes | str, *, name: str | Path | None = None, how: str | Fault = ""
) -> Any:
    """Return the value of a JSON text, which is UTF-8 and may begin with a byte-order mark.

    Stricter than :func:`json.loads`, as RFC 8259 allows a reader to be: every number is finite,
    integers have at most :data:`MAX_DIGITS` digits, no text holds half a character (a lone
    surrogate), and no object names a key twice.

    Parameters
    ----------
    name
        The file's name, for the message.
    how
        How the reader may mend it; a general sentence if empty.

    Raises
    ------
    JsonError
        If it is anything else, nested too deeply included.

    Examples
    --------
    >>> parse_json(b'{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    """
    where = None if name is None else Place(name)
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        value = json.loads(
            text, parse_int=_parse_integer, parse_float=_parse_number,
            parse_constant=_refuse_constant, object_pairs_hook=_make_object,
        )  # fmt: skip
        if "\\ud" in text or "\\uD" in text or isinstance(content, str):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise _fault(
            fault("a text in it holds half a character (a lone surrogate)"), where, how
        ) from error
    except RecursionError as error:
        raise _fault(fault("it is nested too deeply"), where, how) from error
    except ValueError as error:
        raise _fault(error, where, how) from error
    return value


def shape_json(value: object, kind: type[Shaped], *, how: str | Fault = "") -> Shaped:
    """Return values of JSON as a typed object of msgspec.

    Raises
    ------
    JsonError
        If one is missing, of another kind or read by nobody; the message says where.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).rstrip("`").partition(" - at `")
        raise JsonError(
            "{place} cannot be used: {reason}",
            place=place or "$",
            reason=reason,
            how=how or SAVE_AGAIN,
        ) from error


def _fault(reason: Fault | ValueError, where: Place | None, how: str | Fault) -> JsonError:
    return JsonError(
        "this is no JSON that can be used: {reason}",
        reason=reason,
        where=where,
        how=how or SAVE_AGAIN,
    )


class _UnusableError(Notice, ValueError):
    """JSON, but with something in it that nothing of ours has."""


def _parse_integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > MAX_DIGITS:
        raise _UnusableError("a number has more than {most} digits", most=MAX_DIGITS)
    return int(digits)


def _parse_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _UnusableError("a number is too large")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise _UnusableError("{name} is no number of JSON", name=name)


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _UnusableError("an object names a key twice")
    return made
