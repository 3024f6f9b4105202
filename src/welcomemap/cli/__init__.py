"""The command line. Exit status: 0 done, 1 a check failed, 2 bad input, 3 no answer exists."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import typer

from welcomemap.cli.app import app
from welcomemap.errors import NoAnswerError, WelcomemapError, WelcomemapWarning, quote

FAILED_CHECK, BAD_INPUT, NO_ANSWER = 1, 2, 3
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; faults become one line on standard error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("default", WelcomemapWarning)
        warnings.showwarning = _show_warning
        try:
            return _invoke(arguments)
        except WelcomemapError as error:
            _tell(error)
            return NO_ANSWER if isinstance(error, NoAnswerError) else BAD_INPUT
        except (typer.Abort, KeyboardInterrupt):
            _tell("interrupted; nothing was left half written")
            return INTERRUPTED
        except typer.TyperException as error:
            _tell(f"{error.format_message().rstrip('.')}. Try --help.")
            return BAD_INPUT
        except (OSError, MemoryError) as error:
            return _stop(error)


def _invoke(arguments: Sequence[str] | None) -> int:
    try:
        status = app(args=arguments, standalone_mode=False)
    except typer.Exit as leave:
        status = leave.exit_code
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


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    sys.stderr.write(f"warning: {_on_one_line(message)}\n")


def _on_one_line(what: object) -> str:
    return " ".join(str(what).split())
