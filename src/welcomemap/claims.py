"""May a run write these files? Not over what it read, and not while another run writes them."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from welcomemap.errors import BusyOutputError, OutputError, Place, UsageError

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    fcntl = None  # type: ignore[assignment]  # no such module here

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
            raise OutputError(
                f"cannot write: {error.strerror or error}",
                where=Place(path),
                how="Choose a folder that exists, is writable and has space; nothing was changed.",
            ) from error
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
