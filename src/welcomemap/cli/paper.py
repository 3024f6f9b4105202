"""Commands that write what people take along: ``map``, ``report``, ``replay``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from welcomemap.cli import options, output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from welcomemap.files import Written


def map_(
    out: options.Out,
    scenario: options.Scenario = None,
    threshold: options.OneThreshold = None,
    mode: options.TravelBy = options.TravelMode.WALK,
    group: options.CountedGroup = options.RESIDENTS,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Write one self-contained map page that asks no other host for anything."""
    from welcomemap.cartography.study_maps import write_study_map
    from welcomemap.study.requests import GapsRequest
    from welcomemap.study.study import Study

    region = options.open_pack(pack)
    study = Study(region)
    request = GapsRequest(
        scenario=options.pick_scenario(scenario, region),
        threshold=options.read_threshold(threshold, mode),
        mode=mode.value,
        group=group,
    )
    written = write_study_map(study, request, out, options.pick_language(lang, region).value)
    _show_written([written], json)


def report(
    out: options.Out,
    scenario: options.Scenario = None,
    compare: Annotated[
        str | None, typer.Option("--compare", help="Earlier scenario to compare with.")
    ] = None,
    candidates: Annotated[
        str, typer.Option("--candidates", help="Candidate ids, comma-separated, or a file.")
    ] = "",
    threshold: options.OneThreshold = None,
    mode: options.TravelBy = options.TravelMode.WALK,
    group: options.CountedGroup = options.RESIDENTS,
    focus: Annotated[
        str | None, typer.Option("--focus", help="Number or name of the district in focus.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="Title of the paper.")] = "",
    reference: Annotated[str, typer.Option("--reference", help="File number.")] = "",
    date: Annotated[
        str, typer.Option("--date", help="Date of the paper, such as 2026-11-30.")
    ] = "",
    seed: options.Seed = options.DEFAULT_SEED,
    formats: Annotated[
        str, typer.Option("--format", help="pdf, xlsx, gpkg, geojson, csv, png, svg, docx.")
    ] = "",
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Make the council paper, and beside it the file that repeats it."""
    from welcomemap.report import PaperRequest, write_paper

    region = options.open_pack(pack)
    request = PaperRequest(
        scenario=options.pick_scenario(scenario, region),
        compare=compare,
        candidates=tuple(options.split_list(candidates)),
        threshold=options.read_threshold(threshold, mode),
        mode=mode.value,
        focus_district=options.read_district(focus, region),
        title=title,
        reference=reference,
        date=date,
        seed=seed,
        group=group,
        formats=tuple(options.split_list(formats)),
        language=options.pick_language(lang, region).value,
    )
    _show_written(write_paper(region, request, out), json)


def replay(
    study: Annotated[Path, typer.Argument(metavar="F", help="A .study.json file.")],
    out: options.Out,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Go on although an input has changed.")
    ] = False,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Make a paper again from its study file and compare: status 1 if a file is not the same."""
    from welcomemap.report import find_differences, replay_paper
    from welcomemap.wording import say_counted

    region = options.open_pack(pack)
    written = replay_paper(region, study, out, accept_changes=accept_changes)
    differences = find_differences(region, study, out, written)
    if json:
        from welcomemap.describe.contract import Replayed, shape

        output.print_json(
            shape(Replayed, written=written, equal=not differences, differences=differences)
        )
    else:
        _show_written(written, json)
        language = lang or options.find_language(())
        equal = say_counted(
            "equal: {count} file has the sha256 that the study file stores",
            "equal: {count} files have the sha256 that the study file stores",
            count=len(written) - 1,
        )
        told = [output.word_fault(difference.told, language) for difference in differences]
        output.print_lines(told or [equal.in_language(language.value)])
    if differences:
        raise typer.Exit(1)


def _show_written(files: Iterable[Written], json: bool) -> None:
    written = list(files)
    if json:
        from welcomemap.describe.contract import Output

        output.print_json(Output(written))
    else:
        output.print_lines(f"{file.path}  {file.bytes} bytes" for file in written)


COMMANDS = (map_, report, replay)
