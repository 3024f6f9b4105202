"""The commands and their groups."""

from __future__ import annotations

from typing import Annotated

import typer

from welcomemap import __version__
from welcomemap.cli import address, data, paper, reach, siting

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
