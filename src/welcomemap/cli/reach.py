"""Commands about reach: ``gaps``, ``coverage``, ``diff``."""

from __future__ import annotations

from typing import Annotated

import typer

from welcomemap.cli import options, output
from welcomemap.cli.tables import print_coverage, print_difference, print_gaps
from welcomemap.describe.words import read_region_words


def gaps(
    scenario: options.Scenario = None,
    threshold: options.OneThreshold = None,
    mode: options.TravelBy = options.TravelMode.WALK,
    group: options.CountedGroup = options.RESIDENTS,
    seed: options.Seed = options.DEFAULT_SEED,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Say for each district whether it is served: located, stated, and within reach."""
    from welcomemap.study.requests import GapsRequest
    from welcomemap.study.study import Study

    region = options.open_pack(pack)
    request = GapsRequest(
        scenario=options.pick_scenario(scenario, region),
        threshold=options.read_threshold(threshold, mode),
        mode=mode.value,
        group=group,
        seed=seed,
    )
    result = Study(region).find_gaps(request)
    if json:
        from welcomemap.describe.answers import show_gaps

        output.print_json(show_gaps(result, read_region_words(region.region)))
    else:
        print_gaps(result, options.pick_language(lang, region).value, region)


def coverage(
    scenario: options.Scenario = None,
    mode: options.TravelBy = options.TravelMode.WALK,
    threshold: options.Thresholds = None,
    group: Annotated[str, typer.Option(help="One or more population groups.")] = "residents",
    facilities: options.Facilities = None,
    seed: options.Seed = options.DEFAULT_SEED,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Say how many people of each group reach a site, by district, quarter and city."""
    from welcomemap.study.requests import CoverageRequest
    from welcomemap.study.study import Study

    region = options.open_pack(pack)
    request = CoverageRequest(
        scenario=options.pick_scenario(scenario, region),
        thresholds=options.read_thresholds(threshold or None, mode),
        groups=options.read_groups(group, region),
        mode=mode.value,
        seed=seed,
        facilities=None if facilities is None else str(facilities),
    )
    result = Study(region).measure_coverage(request)
    if json:
        from welcomemap.describe.answers import show_coverage

        output.print_json(show_coverage(result, read_region_words(region.region)))
    else:
        print_coverage(result, options.pick_language(lang, region).value, region)


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="Scenario or file before.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Scenario or file after.")],
    threshold: options.Thresholds = None,
    group: Annotated[str, typer.Option(help="One or more population groups.")] = "residents",
    mode: options.TravelBy = options.TravelMode.WALK,
    seed: options.Seed = options.DEFAULT_SEED,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Say who gained and who lost between two scenarios."""
    from welcomemap.study.requests import DifferenceRequest
    from welcomemap.study.study import Study

    region = options.open_pack(pack)
    request = DifferenceRequest(
        before=before,
        after=after,
        thresholds=options.read_thresholds(threshold or None, mode),
        groups=options.read_groups(group, region),
        mode=mode.value,
        seed=seed,
    )
    result = Study(region).compare_scenarios(request)
    words = read_region_words(region.region)
    if json:
        from welcomemap.describe.answers import show_difference

        output.print_json(show_difference(result, words))
    else:
        print_difference(result, words, options.pick_language(lang, region).value)


COMMANDS = (gaps, coverage, diff)
