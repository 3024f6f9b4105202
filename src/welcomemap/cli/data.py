"""``welcomemap data check | build | update | seal``, and ``serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from welcomemap.cli import options, output

app = typer.Typer(help="Check, seal, build or update a region pack.", no_args_is_help=True)
FAILED_CHECK = 1


@app.command()
def check(json: options.Json = False, pack: options.Pack = None) -> None:
    """Verify schemas, hashes, tiling of the districts, and that every site lies in its district."""
    from welcomemap.region.verify import check_pack

    result = check_pack(options.open_pack(pack))
    if json:
        output.print_json(result.to_json())
    else:
        output.print_table(
            ("layer", "rows", "licence", "date", "ok"),
            [
                (
                    layer.name,
                    str(layer.rows),
                    layer.licence,
                    layer.date,
                    "yes" if layer.ok else "NO",
                )
                for layer in result.layers
            ],
        )
        output.print_lines(
            f"{layer.name}: {problem}" for layer in result.layers for problem in layer.problems
        )
    if not result.ok:
        raise typer.Exit(FAILED_CHECK)


@app.command()
def seal(json: options.Json = False, pack: options.Pack = None) -> None:
    """Record rows, bytes and sha256 of all layers in the manifest, after editing one by hand."""
    from welcomemap.region.pack import load_pack
    from welcomemap.region.verify import seal_pack

    sealed = seal_pack(load_pack(pack, is_verified=False))
    if json:
        output.print_json({"layers": [layer.to_json() for layer in sealed]})
        return
    output.print_table(
        ("layer", "rows", "sha256", "changed"),
        [
            (layer.name, str(layer.rows), layer.sha256[:12], "yes" if layer.is_changed else "no")
            for layer in sealed
        ],
    )


@app.command()
def build(
    raw: Annotated[Path, typer.Option("--raw", help="Folder of the raw files.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the new pack.")],
    json: options.Json = False,
) -> None:
    """Compute a region pack from raw files, the same bytes each time."""
    from welcomemap.ingest.recipe import build_pack

    _print_layers(build_pack(raw, out).to_json(), json)


@app.command()
def update(
    out: Annotated[Path, typer.Option("--out", help="Folder for what is fetched.")],
    sources: Annotated[
        Path | None, typer.Option("--sources", help="Your own list of addresses (TOML).")
    ] = None,
    json: options.Json = False,
) -> None:
    """Fetch the official files for a fresh pack. This is the one command that uses the network."""
    from welcomemap.ingest.fetch import update_sources

    _print_layers(update_sources(out, sources=sources).to_json(), json)


def _print_layers(result: dict[str, list[dict[str, object]]], json: bool) -> None:
    if json:
        output.print_json(result)
        return
    rows = [
        (str(x["name"]), str(x["rows"]), str(x["sha256"])[:12], str(x["source"]))
        for x in result["layers"]
    ]
    output.print_table(("layer", "rows", "sha256", "source"), rows)
    output.print_lines(f"warning: {warning}" for warning in result["warnings"])


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
