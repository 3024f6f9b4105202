"""The command line. Exit status: 0 done, 1 a check failed, 2 bad input, 3 no answer exists."""

from __future__ import annotations

import gc
import io
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import typer

from welcomemap import __version__
from welcomemap.cli import address, data, paper, reach, siting
from welcomemap.cli.options import Lang, find_language
from welcomemap.cli.output import word_fault, word_notice
from welcomemap.errors import (
    NoAnswerError,
    Notice,
    Place,
    WelcomemapError,
    WelcomemapWarning,
    fault,
)

FAILED_CHECK, BAD_INPUT, NO_ANSWER = 1, 2, 3
INTERRUPTED = 130
SELDOM = (100_000, 20, 20)
"""How often unused memory is looked for: most of what a command makes lives to its end."""

app = typer.Typer(
    name="welcomemap",
    help="Locate service points, find who is left out, and prove where the next one should open.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"welcomemap {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version."),
    ] = False,
) -> None:
    pass


app.add_typer(data.app, name="data")
for room in (reach, address, siting, paper, data):
    for command in room.COMMANDS:
        app.command(command.__name__.rstrip("_").replace("_", "-"))(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    gc.set_threshold(*SELDOM)
    _prepare_streams()
    status = run(arguments)
    # Else the end of the process would look through everything once more, to free what ends anyway.
    gc.freeze()
    sys.exit(status)


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
    language = find_language(sys.argv[1:] if arguments is None else arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("default", WelcomemapWarning)
        warnings.showwarning = _WarningPrinter(language).show
        try:
            return _invoke(arguments)
        except WelcomemapError as error:
            _tell(word_notice(error, language))
            return NO_ANSWER if isinstance(error, NoAnswerError) else BAD_INPUT
        except (typer.Abort, KeyboardInterrupt):
            _tell(word_fault(fault("interrupted; nothing was left half written"), language))
            return INTERRUPTED
        except typer.TyperException as error:
            if said := error.format_message().rstrip("."):
                _tell(f"{said}. Try --help.")
            return BAD_INPUT
        except (OSError, MemoryError) as error:
            return _stop(error, language)


def _invoke(arguments: Sequence[str] | None) -> int:
    try:
        status = app(args=arguments, standalone_mode=False)
    except typer.Exit as leave:
        status = leave.exit_code
    if status == INTERRUPTED:  # typer has caught the interrupt and says so in its own way
        raise KeyboardInterrupt
    sys.stdout.flush()
    return status if isinstance(status, int) else 0


def _stop(error: OSError | MemoryError, language: Lang) -> int:
    """End on what the machine refuses; that nobody reads on (``| head``) is no fault."""
    _discard_output()
    if isinstance(error, BrokenPipeError):
        return 0
    if isinstance(error, MemoryError):
        small = fault("the memory is too small for this. Give fewer sites, candidates or rows.")
        _tell(word_fault(small, language))
    else:
        where = None if error.filename is None else Place(str(error.filename))
        mend = fault("Check the path, its permissions and the space on the disk.")
        told = WelcomemapError("{error}", error=error, where=where, how=mend)
        _tell(word_notice(told, language))
    return BAD_INPUT


def _discard_output() -> None:
    """Send what is still buffered nowhere, so that the end of the program does not fail on it."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _tell(what: str) -> None:
    sys.stderr.write(f"welcomemap: {_on_one_line(what)}\n")


class _WarningPrinter:
    """Prints each warning once a run, although a list may be read several times."""

    def __init__(self, language: Lang) -> None:
        self._language = language
        self._told: set[str] = set()

    def show(self, message: Warning | str, *_: object, **__: object) -> None:
        """Print a warning as one line on standard error, unless it was printed before."""
        told = word_notice(message, self._language) if isinstance(message, Notice) else message
        line = _on_one_line(str(told))
        if line not in self._told:
            self._told.add(line)
            sys.stderr.write(f"{word_fault(fault('warning'), self._language)}: {line}\n")


def _on_one_line(what: str) -> str:
    return " ".join(what.split())
