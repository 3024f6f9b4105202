"""The command line. Exit status: 0 done, 1 a check failed, 2 bad input, 3 no answer exists."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence

import typer

from welcomemap.cli.app import app
from welcomemap.errors import NoAnswerError, WelcomemapError, WelcomemapWarning

FAILED_CHECK, BAD_INPUT, NO_ANSWER = 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; faults become one line on standard error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", WelcomemapWarning)
        warnings.showwarning = _show_warning
        try:
            status = app(args=arguments, standalone_mode=False)
        except NoAnswerError as error:
            _tell(error)
            return NO_ANSWER
        except WelcomemapError as error:
            _tell(error)
            return BAD_INPUT
        except typer.Exit as leave:
            return leave.exit_code
        except typer.Abort:
            _tell("interrupted; nothing was left half written")
            return 130
        except typer.TyperException as error:
            _tell(f"{error.format_message()} Try --help.")
            return BAD_INPUT
    return status if isinstance(status, int) else 0


def _tell(what: object) -> None:
    sys.stderr.write(f"welcomemap: {_on_one_line(what)}\n")


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    sys.stderr.write(f"warning: {_on_one_line(message)}\n")


def _on_one_line(what: object) -> str:
    return " ".join(str(what).split())
