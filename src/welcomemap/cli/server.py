"""``welcomemap serve``."""

from __future__ import annotations

from typing import Annotated

import typer

from welcomemap.cli import options


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    host_name: Annotated[
        str,
        typer.Option(
            help="Names in the visitors' address bar, comma-separated (or WELCOMEMAP_HOSTS)."
        ),
    ] = "",
    pack: options.Pack = None,
) -> None:
    """Start the app with production settings and print its address."""
    from welcomemap.serving import serve as start

    folder = options.open_pack(pack).folder
    raise typer.Exit(start(port=port, address=address, pack=folder, hosts=host_name))


COMMANDS = (serve,)
