"""Commands about the next site: ``site``, ``compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from welcomemap.cli import options, output
from welcomemap.errors import NoAnswerError, UsageError

if TYPE_CHECKING:
    from welcomemap.siting.result import SitingResult
    from welcomemap.study.siting import SitingAnswer

MODELS = ("lscp", "mclp", "p-median", "p-center", "p-dispersion")


def site(
    model: Annotated[str, typer.Option(help=f"One of {', '.join(MODELS)}.")],
    p: Annotated[int | None, typer.Option("--p", help="Number of sites to open.")] = None,
    scenario: options.Scenario = None,
    mode: options.TravelBy = options.TravelMode.WALK,
    threshold: Annotated[str | None, typer.Option(help="Cut-off such as 1000m or 15min.")] = None,
    group: Annotated[options.Group, typer.Option(help="Whose weight counts.")] = (
        options.Group.RESIDENTS
    ),
    candidates: Annotated[
        str, typer.Option(help="list, stops, cells, offices, or a CSV or XLSX file.")
    ] = "list",
    keep_existing: Annotated[
        bool, typer.Option("--fix-existing/--from-scratch", help="Whether existing sites stay.")
    ] = True,
    require_district: Annotated[
        list[int] | None, typer.Option(help="Open at least one in this district.")
    ] = None,
    require: Annotated[str, typer.Option(help="Ids that must be chosen.")] = "",
    exclude: Annotated[str, typer.Option(help="Ids that must not be chosen.")] = "",
    cost_matrix: Annotated[
        Path | None, typer.Option(help="CSV: first column demand, then one a facility.")
    ] = None,
    demand: Annotated[Path | None, typer.Option(help="CSV with the columns demand,weight.")] = None,
    time_limit: Annotated[float, typer.Option(min=0.001, help="Seconds.")] = 60.0,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Choose sites and prove the choice: bound, gap, all optimal sets, runner-up."""
    _check_model(model, p)
    from welcomemap.cli.sites import site_in_region, site_on_matrix
    from welcomemap.study import SiteRequest

    if cost_matrix is not None:
        result: SitingResult | SitingAnswer = site_on_matrix(
            cost_matrix, demand, model, p, threshold, time_limit,
            required=tuple(options.split_list(require)),
            excluded=tuple(options.split_list(exclude)),
        )  # fmt: skip
    else:
        region = options.open_pack(pack)
        result = site_in_region(
            region,
            SiteRequest(
                model=model, p=p, scenario=options.pick_scenario(scenario, region),
                threshold=options.read_thresholds(threshold or "1000m")[0], mode=mode.value,
                group=group.value, candidates=candidates, keep_existing=keep_existing,
                require_districts=tuple(require_district or ()),
                required=tuple(options.split_list(require)),
                excluded=tuple(options.split_list(exclude)), time_limit_s=time_limit,
            ),
        )  # fmt: skip
    if json:
        output.print_json(result.to_json())
    else:
        from welcomemap.cli.tables import print_siting

        print_siting(result, (lang or options.Lang.DE).value)
    if result.status == "infeasible":
        raise NoAnswerError(
            "no set of sites meets the conditions",
            how="Open more sites, raise the threshold or drop a requirement.",
        )


def compare(
    candidates: Annotated[list[str], typer.Argument(metavar="ID… [FILE]")],
    scenario: options.Scenario = None,
    threshold: Annotated[str, typer.Option(help="Cut-off such as 1000m or 15min.")] = "1000m",
    mode: options.TravelBy = options.TravelMode.WALK,
    weight: Annotated[
        list[str] | None, typer.Option(help="Weight of a criterion, such as residents=2.")
    ] = None,
    seed: options.Seed = options.DEFAULT_SEED,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Set candidate sites side by side, with ranking, sensitivity and Pareto set."""
    from welcomemap.study import CompareRequest, Study

    region = options.open_pack(pack)
    files = [text for text in candidates if Path(text).suffix.lower() in (".csv", ".xlsx")]
    request = CompareRequest(
        candidates=tuple(text for text in candidates if text not in files),
        file=files[0] if files else None,
        scenario=options.pick_scenario(scenario, region),
        threshold=options.read_thresholds(threshold)[0],
        mode=mode.value,
        weights=tuple(_read_weight(text) for text in weight or ()),
        seed=seed,
    )
    result = Study(region).compare_candidates(request)
    if json:
        output.print_json(result.to_json())
    else:
        from welcomemap.cli.tables import print_comparison

        print_comparison(result, options.pick_language(lang, region).value)


def _check_model(model: str, p: int | None) -> None:
    if model not in MODELS:
        raise UsageError(f"unknown model {model!r}", how=f"Choose from {', '.join(MODELS)}.")
    if p is None and model != "lscp":
        raise UsageError(f"{model} needs --p", how="Give the number of sites to open.")
    if p is not None and model == "lscp":
        raise UsageError("lscp takes no --p", how="Leave it out: lscp finds the fewest sites.")
    if p is not None and p < 1:
        raise UsageError(f"--p {p} opens no site", how="Give a number from 1.")


def _read_weight(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        weight = float(value)
    except ValueError:
        weight = -1.0
    if not name or not 0 <= weight < 1e9:
        raise UsageError(f"weight {text!r} is not understood", how="Write it as residents=2.")
    return name, weight


COMMANDS = (site, compare)
