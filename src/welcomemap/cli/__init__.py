"""The command line. Exit status: 0 done, 1 a check failed, 2 bad input, 3 no answer exists."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import typer

from welcomemap.cli.app import app
from welcomemap.errors import (
    ListRowWarning,
    NoAnswerError,
    WelcomemapError,
    WelcomemapWarning,
    quote,
)

FAILED_CHECK, BAD_INPUT, NO_ANSWER = 1, 2, 3
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    _prepare_streams()
    sys.exit(run(arguments))


def _prepare_streams() -> None:
    """Write UTF-8 whatever the locale says, and nowhere where a stream was closed by the caller.

    What UTF-8 cannot carry (lone surrogates of a broken argument) is written as an escape.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; faults become one line on standard error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("default", WelcomemapWarning)
        warnings.showwarning = _WarningPrinter().show
        try:
            return _invoke(arguments)
        except WelcomemapError as error:
            _tell(error)
            return NO_ANSWER if isinstance(error, NoAnswerError) else BAD_INPUT
        except (typer.Abort, KeyboardInterrupt):
            _tell("interrupted; nothing was left half written")
            return INTERRUPTED
        except typer.TyperException as error:
            if said := error.format_message().rstrip("."):
                _tell(f"{said}. Try --help.")
            return BAD_INPUT
        except (OSError, MemoryError) as error:
            return _stop(error)


def _invoke(arguments: Sequence[str] | None) -> int:
    try:
        status = app(args=arguments, standalone_mode=False)
    except typer.Exit as leave:
        status = leave.exit_code
    if status == INTERRUPTED:  # typer has caught the interrupt and says so in its own way
        raise KeyboardInterrupt
    sys.stdout.flush()
    return status if isinstance(status, int) else 0


def _stop(error: OSError | MemoryError) -> int:
    """End on what the machine refuses; that nobody reads on (``| head``) is no fault."""
    _discard_output()
    if isinstance(error, BrokenPipeError):
        return 0
    if isinstance(error, MemoryError):
        _tell("the memory is too small for this. Give fewer sites, candidates or rows.")
    else:
        _tell(f"{_describe(error)}. Check the path, its permissions and the space on the disk.")
    return BAD_INPUT


def _describe(error: OSError) -> str:
    name = "" if error.filename is None else f" ({quote(Path(str(error.filename)).name)})"
    return f"{error.strerror or type(error).__name__}{name}"


def _discard_output() -> None:
    """Send what is still buffered nowhere, so that the end of the program does not fail on it."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _tell(what: object) -> None:
    sys.stderr.write(f"welcomemap: {_on_one_line(what)}\n")


def _word(message: Warning | str) -> Warning | str:
    if not isinstance(message, ListRowWarning):
        return message
    # Imported here, because most commands warn of no row.
    from welcomemap.describe.addresses import describe_warning

    return describe_warning(message)


class _WarningPrinter:
    """Prints each warning once a run, although a list may be read several times."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def show(self, message: Warning | str, *_: object, **__: object) -> None:
        """Print a warning as one line on standard error, unless it was printed before."""
        line = _on_one_line(_word(message))
        if line not in self._told:
            self._told.add(line)
            sys.stderr.write(f"warning: {line}\n")


def _on_one_line(what: object) -> str:
    return " ".join(str(what).split())
