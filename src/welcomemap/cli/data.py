"""``welcomemap data new | check | build | update | seal | sites``, and ``serve``."""

from __future__ import annotations

import datetime as dt
import os
import shlex
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from welcomemap.cli import options, output

if TYPE_CHECKING:
    from welcomemap.ingest.pack_folder import BuildResult, Tell
    from welcomemap.ingest.update import Update
    from welcomemap.region.pack import RegionPack
    from welcomemap.region.verify import CheckResult
    from welcomemap.study.pack_quality import PackQuality

app = typer.Typer(
    help="Make, check, seal or update a region pack, or its list of sites.", no_args_is_help=True
)
FAILED_CHECK = 1


@app.command()
def check(
    page: Annotated[
        Path | None,
        typer.Option("--page", help="Write a page with map and figures (HTML)."),
    ] = None,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Check a pack (schemas, hashes, tiling, sites in districts), and say how good it is."""
    from welcomemap.errors import fault
    from welcomemap.region.verify import check_pack
    from welcomemap.study.pack_quality import measure_quality
    from welcomemap.study.study import Study

    region = options.open_pack(pack)
    result = check_pack(region)
    quality = measure_quality(Study(region), result)
    if json:
        from welcomemap.describe.contract import Checked, shape
        from welcomemap.describe.pack_quality import tell_quality
        from welcomemap.describe.words import read_region_words
        from welcomemap.wording import LANGUAGES

        told = tell_quality(quality, read_region_words(region.region))
        sentences = {one: [each.in_language(one) for each in told] for one in LANGUAGES}
        output.print_json(shape(Checked, result, quality, sentences=sentences))
    else:
        _print_check(result, lang or options.find_language(()))
        _print_quality(quality, region, lang or options.find_language(()))
    if page is not None and (result.ok or quality.areas):
        from welcomemap.quality.page import write_quality_page

        write_quality_page(quality, region, page, options.pick_language(lang, region).value)
    elif page is not None:
        output.note(
            fault("no page is written: districts, quarters or demand cells have faults"),
            lang or options.find_language(()),
        )
    if not result.ok:
        raise typer.Exit(FAILED_CHECK)


def _print_check(result: CheckResult, language: options.Lang) -> None:
    from welcomemap.describe.reasons import describe_fault
    from welcomemap.wording import say, say_as

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


def _print_quality(quality: PackQuality, pack: RegionPack, language: options.Lang) -> None:
    from welcomemap.describe.pack_quality import (
        SEARCH,
        SHARES,
        WAYS,
        name_quality_area,
        summarise_quality,
        word_grade,
    )
    from welcomemap.describe.words import read_region_words
    from welcomemap.wording import say, say_number

    words = read_region_words(pack.region)
    rows = [
        (name_quality_area(area, words), say_number(round(area.residents)),
         word_grade(area.search), word_grade(area.ways), word_grade(area.shares))
        for area in quality.areas if area.area_kind != "quarter"
    ]  # fmt: skip
    output.print_lines([""])
    if rows:
        heads = (say("Area"), say("People"), SEARCH, WAYS, SHARES)
        told = [tuple(cell.in_language(language) for cell in row) for row in rows]
        output.print_table([head.in_language(language) for head in heads], told)
    output.print_lines(one.in_language(language) for one in summarise_quality(quality))


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
        from welcomemap.describe.contract import Sealed, shape

        output.print_json(shape(Sealed, layers=sealed))
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
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for the recipe.")],
    name: Annotated[str, typer.Option("--name", help="Name of the town.")],
    osm: Annotated[
        Path | None, typer.Option("--osm", help="OpenStreetMap extract (.osm.pbf, .osm.gz).")
    ] = None,
    districts: Annotated[
        Path | None, typer.Option("--districts", help="Districts (GeoJSON, GeoPackage, CSV, ZIP).")
    ] = None,
    grid: Annotated[
        Path | None,
        typer.Option("--grid", help="People: census grid, GeoTIFF, or counts at places."),
    ] = None,
    sites: Annotated[
        Path | None, typer.Option("--sites", help="List of service points (CSV, XLSX).")
    ] = None,
    addresses: Annotated[
        Path | None,
        typer.Option(
            "--addresses", help="Official house coordinates, or a list (GeoJSON, CSV, ZIP)."
        ),
    ] = None,
    candidates: Annotated[
        Path | None, typer.Option("--candidates", help="List of candidate sites (CSV, XLSX).")
    ] = None,
    gtfs: Annotated[
        list[Path] | None,
        typer.Option("--gtfs", help="Timetable, a GTFS feed (ZIP); once for each feed."),
    ] = None,
    osm_level: Annotated[
        int | None,
        typer.Option(
            "--osm-level",
            min=1,
            max=12,
            help="Districts: administrative areas of this level of the extract.",
        ),
    ] = None,
    within: Annotated[
        str,
        typer.Option(
            "--within",
            help="Of these, those in the area of this name or id; without a level, that area.",
        ),
    ] = "",
    crs: Annotated[
        str, typer.Option("--crs", help="Metric CRS, such as EPSG:25832 (default: by the place).")
    ] = "",
    json: options.Json = False,
    lang: options.Language = None,
) -> None:
    """Look into the files of a town and write the recipe that its pack is built by."""
    from welcomemap.extras import require_extra

    require_extra("ingest", by="welcomemap data new")
    from welcomemap.describe.reasons import describe_fault
    from welcomemap.ingest.look import TownFiles, write_recipe
    from welcomemap.wording import say

    language = lang or options.find_language(())
    looked = write_recipe(
        folder,
        name,
        TownFiles(
            osm, districts, grid, sites, addresses, tuple(gtfs or ()), candidates, osm_level, within
        ),
        crs=crs,
        language=language.value,
    )
    if json:
        from welcomemap.describe.contract import Looked, MissingLayer, Told, shape

        # Each begins with the part that is missing.
        missing = [
            MissingLayer(text.partition(":")[0], Told(text)) for text in map(str, looked.missing)
        ]
        output.print_json(shape(Looked, path=str(looked.path), missing=missing))
        return
    written = say("Written: {path}. Look at the lines that are guessed, then build the pack:",
                  path=str(looked.path))  # fmt: skip
    output.print_lines([
        *(f"{say('missing').in_language(language)}: {describe_fault(one).in_language(language)}"
          for one in looked.missing),
        written.in_language(language),
        f"    welcomemap data build {shlex.quote(str(looked.path))} --out PACK",
    ])  # fmt: skip


@app.command()
def build(
    out: Annotated[Path, typer.Option("--out", help="Folder of the new pack.")],
    recipe: Annotated[
        Path | None, typer.Argument(metavar="[RECIPE]", help="A recipe of welcomemap data new.")
    ] = None,
    raw: Annotated[
        Path | None,
        typer.Option("--raw", help="Raw files of the embedded region."),
    ] = None,
    json: options.Json = False,
    lang: options.Language = None,
) -> None:
    """Compute a region pack from the files of a recipe, the same bytes each time."""
    from welcomemap.errors import UsageError

    if (recipe is None) is (raw is None):
        raise UsageError(
            "either a recipe or --raw is expected",
            how="Write: welcomemap data build DIR/recipe.toml --out PACK.",
        )
    from welcomemap.cli.progress import shown_progress

    with shown_progress(lang or options.find_language(()), is_silent=json) as shown:
        result = _build(recipe, raw, out, shown.tell_step)
    if json:
        from welcomemap.describe.contract import Built, shape

        output.print_json(shape(Built, result))
    else:
        _print_layers(result, lang)


def _build(recipe: Path | None, raw: Path | None, out: Path, tell: Tell) -> BuildResult:
    if raw is not None:
        from welcomemap.ingest.duesseldorf import build_pack

        return build_pack(raw, out, tell=tell)
    from welcomemap.extras import require_extra

    require_extra("ingest", by="welcomemap data build RECIPE")
    from welcomemap.ingest.town import build_town

    return build_town(recipe or Path(), out, tell=tell)


@app.command()
def update(
    out: Annotated[Path, typer.Option("--out", help="Folder of the new pack.")],
    recipe: Annotated[
        Path | None, typer.Argument(metavar="[RECIPE]", help="A recipe whose parts name addresses.")
    ] = None,
    sources: Annotated[
        Path | None, typer.Option("--sources", help="Your own list of addresses (TOML).")
    ] = None,
    json: options.Json = False,
    lang: options.Language = None,
) -> None:
    """Fetch the files of a recipe, or the official ones of the embedded region, and make the pack.

    This is the one command that uses the network.
    """
    from welcomemap.errors import UsageError
    from welcomemap.extras import require_extra

    require_extra("ingest", by="welcomemap data update")
    if recipe is not None and sources is not None:
        raise UsageError(
            "either a recipe or --sources is expected",
            how="A recipe names its addresses itself: write them into its parts.",
        )
    from welcomemap.cli.progress import shown_progress
    from welcomemap.ingest.update import update_sources, update_town

    with shown_progress(lang or options.find_language(()), is_silent=json) as shown:
        if recipe is None:
            result = update_sources(out, sources=sources, on_progress=shown.tell_bytes)
        else:
            result = update_town(recipe, out, on_progress=shown.tell_bytes, tell=shown.tell_step)
    if json:
        from welcomemap.describe.contract import Updated, shape

        output.print_json(shape(Updated, result))
    else:
        _print_layers(result, lang)


def _print_layers(result: BuildResult | Update, lang: options.Lang | None) -> None:
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


@app.command()
def sites(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="The whole changed list, CSV or XLSX."),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="The published list to change (default: the pack's own).")
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="First day of the changed list, such as 2026-11-30.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Put back the list before.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference and write nothing.")
    ] = False,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Put a changed list of sites into force: say who gains and loses, and date the old rows."""
    from welcomemap.describe.changed_sites import describe_list_change
    from welcomemap.ingest.changed_sites import require_own_pack, update_sites
    from welcomemap.region.pack import PACK_VARIABLE
    from welcomemap.study.changed_sites import compare_list
    from welcomemap.study.study import Study
    from welcomemap.wording import say

    _require_one_task(file, scenario, date, undo=undo, dry_run=dry_run)
    region = options.open_pack(pack)
    if not dry_run:
        is_named = pack is not None or bool(os.environ.get(PACK_VARIABLE))
        require_own_pack(region.folder, is_named=is_named)
    language = options.pick_language(lang, region).value
    if file is None:
        _undo_sites(region.folder, language, json=json)
        return
    change = compare_list(
        Study(region), options.pick_scenario(scenario, region), file, day=_read_day(date)
    )
    for warning in change.warnings:
        warnings.warn(warning, stacklevel=2)
    written = () if dry_run else update_sites(region, change)
    told = describe_list_change(change)
    if json:
        from welcomemap.describe.answers import show_changed_list

        output.print_json(show_changed_list(change, written))
        return
    output.print_lines(one.in_language(language) for one in told)
    if dry_run:
        output.print_lines([say("Nothing was written.").in_language(language)])
    elif written:
        where = "" if pack is None else f" --pack {shlex.quote(str(pack))}"
        back = say("The list is in force. Back to the one before: {command}",
                   command=f"welcomemap data sites --undo{where}")  # fmt: skip
        output.print_lines([back.in_language(language)])


def _require_one_task(
    file: Path | None, scenario: str | None, date: str | None, *, undo: bool, dry_run: bool
) -> None:
    from welcomemap.errors import UsageError

    if undo == (file is not None):
        raise UsageError(
            "either a list or --undo is expected",
            how="Write: welcomemap data sites FILE, or welcomemap data sites --undo.",
        )
    if undo and (scenario is not None or date is not None or dry_run):
        raise UsageError(
            "--undo takes back the last change as it was, and no other option goes with it",
            how="Leave --scenario, --date and --dry-run out.",
        )


def _read_day(date: str | None) -> dt.date:
    """Return the day of the change: a list cannot be in force before its day."""
    from welcomemap.dates import read_iso_date
    from welcomemap.errors import UsageError

    today = dt.date.today()
    read = read_iso_date(today.isoformat() if date is None else date)
    if read is None or not read.is_day:
        raise UsageError(
            "the date {date!r} is no day", date=date, how="Write it as year, month and day: "
            "2026-11-30.",
        )  # fmt: skip
    if read.first > today:
        raise UsageError(
            "the day {date} has not come yet",
            date=date,
            how="Give the list on that day: it is in force at once. --dry-run takes no later day "
            "either, for its figures are those of today.",
        )
    return read.first


def _undo_sites(folder: Path, language: str, *, json: bool) -> None:
    from welcomemap.ingest.changed_sites import undo_sites
    from welcomemap.wording import say, say_date

    step, written = undo_sites(folder)
    if json:
        from welcomemap.describe.contract import UndoneChange, shape

        output.print_json(shape(UndoneChange, step.told, written=written))
        return
    undone = say("Undone is the change of {date}:", date=say_date(step.told.date))
    output.print_lines([undone.in_language(language), *getattr(step.told.sentences, language)])


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    host_name: Annotated[
        str,
        typer.Option(
            help="Names in the visitors' address bar, comma-separated (or WELCOMEMAP_HOSTS)."
        ),
    ] = "",
    editable: Annotated[
        bool,
        typer.Option("--editable", help="Let whoever sits at this machine change the list."),
    ] = False,
    editable_by_all: Annotated[
        bool,
        typer.Option("--editable-by-all", help="Let whoever reaches the app change the list."),
    ] = False,
    pack: options.Pack = None,
) -> None:
    """Start the app with production settings and print its address."""
    from welcomemap.extras import require_extra
    from welcomemap.region.pack import PACK_VARIABLE
    from welcomemap.serving import BY_ALL, BY_ONE, EDITABLE_VARIABLE
    from welcomemap.serving import serve as start

    require_extra("app", by="welcomemap serve")
    folder = options.open_pack(pack).folder
    asked = BY_ALL if editable_by_all else BY_ONE if editable else ""
    may_edit = asked or os.environ.get(EDITABLE_VARIABLE, "")
    if may_edit in (BY_ONE, BY_ALL):
        from welcomemap.ingest.changed_sites import require_own_pack

        is_named = pack is not None or bool(os.environ.get(PACK_VARIABLE))
        require_own_pack(folder, is_named=is_named)
    raise typer.Exit(
        start(port=port, address=address, pack=folder, hosts=host_name, editable=may_edit)
    )


COMMANDS = (serve,)
