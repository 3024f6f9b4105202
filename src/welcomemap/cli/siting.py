"""Commands about the next site: ``site``, ``compare``."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from welcomemap.cli import options, output
from welcomemap.errors import CoordinateWarning, NoAnswerError, UsageError

if TYPE_CHECKING:
    from welcomemap.region.pack import RegionPack
    from welcomemap.siting.problem import Infeasibility, Model
    from welcomemap.study.requests import SiteRequest
    from welcomemap.study.siting import MatrixAnswer, SitingAnswer


def site_on_matrix(
    costs: Path, demand: Path | None, model: str, p: int | None, threshold: str | None,
    time_limit_s: float, *, required: tuple[str, ...], excluded: tuple[str, ...],
    facilities: Path | None, budget: float | None, is_varied: bool | None,
) -> MatrixAnswer:  # fmt: skip
    """Solve a siting problem on plain matrices, in the matrix's own unit."""
    from welcomemap.siting.problem import SitingRequest
    from welcomemap.study.siting import MatrixRequest, choose_on_matrix

    if demand is None:
        raise UsageError(
            "--cost-matrix needs --demand", how="Name a CSV file with the columns demand,weight."
        )
    asked = SitingRequest(
        cast("Model", model), p, None if threshold is None else _read_cutoff(threshold),
        time_limit_s,
    )  # fmt: skip
    return choose_on_matrix(
        MatrixRequest(
            costs, demand, asked, required, excluded,
            None if facilities is None else str(facilities), budget, is_varied,
        )
    )  # fmt: skip


def site_in_region(region: RegionPack, request: SiteRequest) -> SitingAnswer:
    """Solve a siting problem of a region."""
    from welcomemap.study.study import Study

    return Study(region).choose_sites(request)


def _read_cutoff(text: str) -> float:
    match = re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*(?:m|min)?\s*", text)
    if match is None:
        raise UsageError(
            "threshold {text!r} is not understood", text=text, how="Write a number such as 5000."
        )
    return float(match[1])


MODELS = ("lscp", "mclp", "backup", "p-median", "p-center", "p-dispersion")


def site(
    model: Annotated[str, typer.Option(help=f"One of {', '.join(MODELS)}.")],
    p: Annotated[int | None, typer.Option("--p", help="Number of sites to open.")] = None,
    scenario: options.Scenario = None,
    mode: options.TravelBy = options.TravelMode.WALK,
    threshold: options.OneThreshold = None,
    group: Annotated[
        str, typer.Option(metavar=options.GROUP_NAMES, help="Whose weight counts.")
    ] = options.RESIDENTS,
    candidates: Annotated[
        str, typer.Option(help="list, facilities, offices, stops, cells, or a CSV or XLSX file.")
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
    facilities: options.Facilities = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="Most the new sites may cost (see --facilities).")
    ] = None,
    sensitivity: Annotated[
        bool | None,
        typer.Option(
            help="Answer again with other p, thresholds and groups (default: if the problem is "
            "small)."
        ),
    ] = None,
    time_limit: Annotated[float, typer.Option(min=0.001, help="Seconds.")] = 60.0,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Choose sites and prove the choice: bound, gap, all optimal sets, runner-up."""
    _check_model(model, p, budget)
    from welcomemap.study.requests import SiteRequest

    if cost_matrix is not None:
        _refuse_on_matrix(
            scenario=scenario, pack=pack, require_district=require_district,
            candidates=None if candidates == "list" else candidates,
        )  # fmt: skip
        result: MatrixAnswer | SitingAnswer = site_on_matrix(
            cost_matrix, demand, model, p, threshold, time_limit,
            required=tuple(options.split_list(require)),
            excluded=tuple(options.split_list(exclude)), facilities=facilities, budget=budget,
            is_varied=sensitivity,
        )  # fmt: skip
    else:
        if demand is not None:
            raise UsageError("--demand needs --cost-matrix", how="Give both files, or neither.")
        region = options.open_pack(pack)
        result = site_in_region(
            region,
            SiteRequest(
                model=model, p=p, scenario=options.pick_scenario(scenario, region),
                threshold=options.read_threshold(threshold, mode), mode=mode.value,
                group=group, candidates=candidates, keep_existing=keep_existing,
                require_districts=tuple(require_district or ()),
                required=tuple(options.split_list(require)),
                excluded=tuple(options.split_list(exclude)), time_limit_s=time_limit,
                facilities=None if facilities is None else str(facilities), budget=budget,
                is_varied=sensitivity,
            ),
        )  # fmt: skip
        _tell_left_out(result.left_out)
    if json:
        from welcomemap.describe.answers import show_choice

        output.print_json(show_choice(result))
    else:
        from welcomemap.cli.site_tables import print_siting

        print_siting(result, (lang or options.Lang.DE).value)
    if result.result.status == "infeasible":
        raise _refuse(result.result.reason)


def _refuse(reason: Infeasibility | None) -> NoAnswerError:
    from welcomemap.describe.siting import describe_infeasibility
    from welcomemap.errors import fault

    mend = fault("Open more sites, raise the threshold or drop a requirement.")
    if reason is None:
        return NoAnswerError("no set of sites meets the conditions", how=mend)
    return NoAnswerError(
        "no set of sites meets the conditions",
        how=fault("{reason} {mend}", reason=describe_infeasibility(reason), mend=mend),
    )


def compare(
    candidates: Annotated[list[str], typer.Argument(metavar="ID… [FILE]")],
    scenario: options.Scenario = None,
    threshold: options.OneThreshold = None,
    mode: options.TravelBy = options.TravelMode.WALK,
    group: Annotated[
        str, typer.Option(metavar=options.GROUP_NAMES, help="Whose gain the draws judge.")
    ] = options.RESIDENTS,
    weight: Annotated[
        list[str] | None, typer.Option(help="Weight of a criterion, such as residents=2.")
    ] = None,
    seed: options.Seed = options.DEFAULT_SEED,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Set candidate sites side by side, with ranking, sensitivity and Pareto set.

    "Gains the most in the draws" (p_best in the JSON) is the share of the simulated draws in which
    this candidate gains the most people of the group; null where nothing was drawn.
    """
    from welcomemap.study.requests import CompareRequest
    from welcomemap.study.study import Study

    region = options.open_pack(pack)
    files = [text for text in candidates if Path(text).suffix.lower() in (".csv", ".xlsx")]
    if len(files) > 1:
        raise UsageError(
            "compare takes one file, {n_files} are given",
            n_files=len(files),
            how="Put all rows into one table.",
        )
    request = CompareRequest(
        candidates=tuple(text for text in candidates if text not in files),
        file=files[0] if files else None,
        scenario=options.pick_scenario(scenario, region),
        threshold=options.read_threshold(threshold, mode),
        mode=mode.value,
        weights=_read_weights(weight or ()),
        group=group,
        seed=seed,
    )
    result = Study(region).compare_candidates(request)
    _tell_left_out(result.left_out)
    if json:
        from welcomemap.describe.answers import show_comparison

        output.print_json(show_comparison(result))
    else:
        from welcomemap.cli.tables import print_comparison

        print_comparison(result, options.pick_language(lang, region).value)


def _tell_left_out(names: Sequence[str]) -> None:
    """Name on standard error the candidates that take no part, so that nobody misses one."""
    for name in names:
        warnings.warn(
            CoordinateWarning(
                "candidate {name} takes no part: its address has no known place",
                name=name,
                how="Give lat and lon, or a full address.",
            ),
            stacklevel=2,
        )


def _check_model(model: str, p: int | None, budget: float | None) -> None:
    if model not in MODELS:
        raise UsageError(
            "unknown model {model!r}", model=model, models=MODELS, how="Choose from {models}."
        )
    if p is None and model != "lscp" and budget is None:
        raise UsageError("{model} needs --p", model=model, how="Give the number of sites to open.")
    if p is not None and model == "lscp":
        raise UsageError("lscp takes no --p", how="Leave it out: lscp finds the fewest sites.")
    if p is not None and p < 1:
        raise UsageError("--p {p} opens no site", p=p, how="Give a number from 1.")


def _refuse_on_matrix(**region_options: object) -> None:
    """Refuse what a plain matrix does not know, instead of passing over it in silence."""
    for name, value in region_options.items():
        if value:
            raise UsageError(
                "--{option} does not go with --cost-matrix",
                option=name.replace("_", "-"),
                how="Leave it out: a plain matrix knows no region.",
            )


def _read_weights(texts: Sequence[str]) -> tuple[tuple[str, float], ...]:
    weights = tuple(_read_weight(text) for text in texts)
    names = [name for name, _ in weights]
    if len(set(names)) < len(names):
        raise UsageError("a criterion is weighed twice", how="Give each --weight once.")
    return weights


def _read_weight(text: str) -> tuple[str, float]:
    from welcomemap.tabular import read_number

    name, _, value = text.partition("=")
    try:
        weight = read_number(value)
    except ValueError:
        weight = -1.0
    if not name or not 0 <= weight < 1e9:
        raise UsageError(
            "weight {text!r} is not understood", text=text, how="Write it as residents=2."
        )
    return name, weight


COMMANDS = (site, compare)
