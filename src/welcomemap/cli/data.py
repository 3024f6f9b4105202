"""``welcomemap data check | build | update | seal``, and ``serve``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from welcomemap.cli import options, output

if TYPE_CHECKING:
    from welcomemap.ingest.pack_folder import BuildResult
    from welcomemap.ingest.refresh import Update

app = typer.Typer(help="Check, seal, build or update a region pack.", no_args_is_help=True)
FAILED_CHECK = 1


@app.command()
def check(
    json: options.Json = False, lang: options.Language = None, pack: options.Pack = None
) -> None:
    """Verify schemas, hashes, tiling of the districts, and that every site lies in its district."""
    from welcomemap.describe.reasons import describe_fault
    from welcomemap.region.verify import check_pack
    from welcomemap.wording import say, say_as

    result = check_pack(options.open_pack(pack))
    language = lang or options.find_language(())
    if json:
        output.print_json(result.to_json())
    else:
        heads = (say("layer"), say("rows"), say("licence"), say("date"), say_as("check", "ok"))
        sound, faulty = (word.in_language(language) for word in (say("yes"), say("NO")))
        output.print_table(
            [head.in_language(language) for head in heads],
            [
                (
                    layer.name,
                    str(layer.rows),
                    layer.licence,
                    layer.date,
                    sound if layer.ok else faulty,
                )
                for layer in result.layers
            ],
        )
        output.print_lines(
            f"{layer.name}: {describe_fault(problem).in_language(language)}"
            for layer in result.layers
            for problem in layer.problems
        )
    if not result.ok:
        raise typer.Exit(FAILED_CHECK)


@app.command()
def seal(
    json: options.Json = False, lang: options.Language = None, pack: options.Pack = None
) -> None:
    """Record rows, bytes and sha256 of all layers in the manifest, after editing one by hand."""
    from welcomemap.region.pack import load_pack
    from welcomemap.region.verify import seal_pack
    from welcomemap.wording import Verbatim, say

    sealed = seal_pack(load_pack(pack, is_verified=False))
    if json:
        output.print_json({"layers": [layer.to_json() for layer in sealed]})
        return
    language = lang or options.find_language(())
    heads = (say("layer"), say("rows"), Verbatim("sha256"), say("changed"))
    changed, same = (word.in_language(language) for word in (say("yes"), say("no")))
    output.print_table(
        [head.in_language(language) for head in heads],
        [
            (
                layer.name,
                str(layer.rows),
                layer.sha256[:12],
                changed if layer.is_changed else same,
            )
            for layer in sealed
        ],
    )


@app.command()
def build(
    raw: Annotated[Path, typer.Option("--raw", help="Folder of the raw files.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the new pack.")],
    json: options.Json = False,
    lang: options.Language = None,
) -> None:
    """Compute a region pack from raw files, the same bytes each time."""
    from welcomemap.ingest.recipe import build_pack

    _print_layers(build_pack(raw, out), json, lang)


@app.command()
def update(
    out: Annotated[Path, typer.Option("--out", help="Folder for what is fetched.")],
    sources: Annotated[
        Path | None, typer.Option("--sources", help="Your own list of addresses (TOML).")
    ] = None,
    json: options.Json = False,
    lang: options.Language = None,
) -> None:
    """Fetch the official files for a fresh pack. This is the one command that uses the network."""
    from welcomemap.ingest.fetch import update_sources

    _print_layers(update_sources(out, sources=sources), json, lang)


def _print_layers(result: BuildResult | Update, json: bool, lang: options.Lang | None) -> None:
    if json:
        output.print_json(result.to_json())
        return
    from welcomemap.errors import fault
    from welcomemap.wording import Verbatim, say

    language = lang or options.find_language(())
    heads = (say("layer"), say("rows"), Verbatim("sha256"), say("source"))
    rows = [(x.name, str(x.rows), x.sha256[:12], x.source) for x in result.layers]
    output.print_table([head.in_language(language) for head in heads], rows)
    for warning in result.warnings:
        output.print_lines(
            [
                f"{output.word_fault(fault('warning'), language)}: "
                f"{output.word_fault(warning, language)}"
            ]
        )


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
