"""Commands about addresses: ``geocode``, ``nearest``, ``suggest``."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from welcomemap.cli import options, output
from welcomemap.errors import UsageError
from welcomemap.wording import NOTHING, say, say_as

if TYPE_CHECKING:
    from welcomemap.geocoding.outcome import AddressGeocoder
    from welcomemap.region.pack import RegionPack
    from welcomemap.study.nearest import LocatorAnswer, NearbySite
    from welcomemap.wording import Language


def geocode_one(
    region: RegionPack, address: str, services: str, *, json: bool, lang: options.Lang
) -> None:
    """Geocode one address and print the result."""
    from welcomemap.describe.answers import show_address
    from welcomemap.describe.reasons import describe_reasons, list_reasons

    result = _open_geocoder(region, services).geocode(address)
    if json:
        output.print_json(show_address(result, region.crs, region.quarter_names))
        return
    output.print_lines([describe_reasons(result.explanation).in_language(lang.value)])
    said = list_reasons((*result.contradictions, *result.notes))
    output.print_lines(text.in_language(lang.value) for text in said)
    output.print_lines(choice.label for choice in result.alternatives)


def geocode_table(
    region: RegionPack, source: Path, out: Path, *, columns: tuple[str, ...], services: str,
    review_map: Path | None, fresh: bool, json: bool, lang: options.Lang, told_in: options.Lang,
) -> None:  # fmt: skip
    """Geocode a table, write it with the outcome columns, and print the summary."""
    from welcomemap.describe.reasons import RowWords
    from welcomemap.files import check_outputs, hash_file
    from welcomemap.geocoding.batch import geocode_file
    from welcomemap.geocoding.gazetteer import SEARCHED

    check_outputs([out], [source, *region.files])
    searched = [hash_file(region.layer_path(n)) for n in SEARCHED if region.has_layer(n)]
    if review_map is not None:
        check_outputs([review_map], [source, out, *region.files], option="--review-map")
    summary = geocode_file(
        source, out, _open_geocoder(region, services), region.crs, columns=columns or None,
        tell=RowWords(lang.value), resume=not fresh, progress=not json,
        geocoder_version=f"{' '.join(searched)} {services}",
    )  # fmt: skip
    if summary.columns is not None:
        output.note(summary.columns.told, told_in)
    for warning in summary.warnings:
        warnings.warn(warning, stacklevel=1)
    if review_map is not None:
        from welcomemap.cartography.study_maps import write_review_map

        doubtful = {row.row for row in summary.review}
        write_review_map(region, out, doubtful, review_map, lang.value)
    if json:
        from welcomemap.describe.answers import show_address_table

        output.print_json(show_address_table(summary))
    else:
        output.print_table(("outcome", "rows"), [(k, str(n)) for k, n in summary.outcomes.items()])


def _open_geocoder(region: RegionPack, services: str) -> AddressGeocoder:
    """Open the gazetteer, with the operator's services behind it where they are switched on."""
    from welcomemap.geocoding.geocoder import Geocoder

    geocoder = Geocoder.from_pack(region)
    if not services:
        return geocoder
    from welcomemap.geocoding.service_answers import ServiceRegion, default_cache_path
    from welcomemap.geocoding.services import switch_on

    inside = ServiceRegion.from_pack(region, geocoder.gazetteer.find_area)
    return switch_on(geocoder, services, inside, cache_path=default_cache_path())


def geocode(
    source: Annotated[Path | None, typer.Argument(metavar="INPUT", help="CSV or XLSX.")] = None,
    address: Annotated[str | None, typer.Option("--address", help="One address.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Table to write.")] = None,
    columns: Annotated[
        str, typer.Option(help="Columns that make up the address, in order, comma-separated.")
    ] = "",
    services: Annotated[
        str, typer.Option(help="Services of the operator to ask for what stays unknown.")
    ] = "",
    review_map: Annotated[
        Path | None, typer.Option("--review-map", help="Map of rows to look at (HTML).")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do not resume an earlier run.")] = False,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """Say where an address lies, or add that to each row of a table."""
    if (source is None) == (address is None):
        raise UsageError(
            "geocode needs one table or one --address",
            how='Write: welcomemap geocode list.csv --out located.csv, or --address "…".',
        )
    region = options.open_pack(pack)

    if address is not None:
        geocode_one(region, address, services, json=json, lang=options.pick_language(lang, region))
        return
    if out is None:
        raise UsageError("geocode INPUT needs --out", how="Name the table to write.")
    geocode_table(
        region, Path(str(source)), out, columns=tuple(options.split_list(columns)),
        services=services, review_map=review_map, fresh=fresh, json=json,
        lang=options.pick_language(lang, region), told_in=lang or options.find_language(()),
    )  # fmt: skip


def nearest(
    address: Annotated[str, typer.Argument(help="An address, as people write it.")],
    mode: options.TravelBy = options.TravelMode.WALK,
    scenario: options.Scenario = None,
    k: Annotated[
        int | None, typer.Option("--k", "-k", min=1, help="So many at most (default: all).")
    ] = None,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """List the service points nearest to an address, nearest first."""
    from welcomemap.study.study import Study

    region = options.open_pack(pack)
    answer = Study(region).find_nearest(address, mode=mode.value, scenario=scenario, limit=k)
    if json:
        from welcomemap.describe.answers import show_nearest

        output.print_json(show_nearest(answer, region.crs, region.quarter_names))
        return
    _print_answer(answer, options.pick_language(lang, region).value)


def suggest(
    text: Annotated[str, typer.Argument(help="The beginning of an address.")],
    limit: Annotated[int, typer.Option(min=1, max=50)] = 8,
    json: options.Json = False,
    pack: options.Pack = None,
) -> None:
    """Suggest addresses for what has been typed so far."""
    from welcomemap.describe.contract import show_spot
    from welcomemap.geocoding.geocoder import Geocoder

    region = options.open_pack(pack)
    found = Geocoder.from_pack(region).suggest(text, limit=limit)
    if json:
        output.print_json([show_spot(suggestion, region.crs) for suggestion in found])
    else:
        output.print_lines(suggestion.label for suggestion in found)


def _print_answer(answer: LocatorAnswer, lang: Language) -> None:
    from welcomemap.describe.assumptions import describe_assumptions
    from welcomemap.describe.reasons import describe_reasons, list_reasons
    from welcomemap.study.nearest import UNSURE_OUTCOMES

    output.print_lines([describe_reasons(answer.address.explanation).in_language(lang)])
    said = list_reasons((*answer.address.contradictions, *answer.address.notes))
    output.print_lines(text.in_language(lang) for text in said)
    if answer.address.outcome in UNSURE_OUTCOMES:
        output.print_lines(choice.label for choice in answer.address.alternatives)
        return
    if answer.sites:
        _print_sites(answer, lang)
    else:
        output.print_lines([NO_SITE.in_language(lang)])
    if answer.without_place:
        output.print_lines(["", WITHOUT_PLACE.in_language(lang)])
        output.print_lines(_tell_contact(site) for site in answer.without_place)
    assumed = describe_assumptions(answer.assumptions)
    if assumed is not None:
        output.print_lines(["", assumed.in_language(lang)])


def _tell_contact(site: NearbySite) -> str:
    told = (site.name, site.address_to_go_to, site.facts.get("phone", ""))
    return "; ".join(text for text in told if text)


def _print_sites(answer: LocatorAnswer, lang: Language) -> None:
    from welcomemap.describe.disputes import describe_dispute
    from welcomemap.describe.reasons import tell_rough_place
    from welcomemap.wording import format_metres, format_minutes

    heads = (
        NOTHING, say("Name"), say("Address"), say("Way"), say_as("column", "Time"),
        say_as("column", "Basis"), say_as("column", "Status"),
    )  # fmt: skip
    rows = [
        (
            str(rank), site.name, site.address_to_go_to, format_metres(site.distance_m, lang),
            format_minutes(site.duration_min, lang), BASIS_WORDS[site.basis].in_language(lang),
            STATUS_WORDS["disputed" if site.is_disputed else site.status].in_language(lang),
        )
        for rank, site in enumerate(answer.sites, start=1)
    ]  # fmt: skip
    output.print_table([head.in_language(lang) for head in heads], rows)
    for rank, site in enumerate(answer.sites, start=1):
        told = [describe_dispute(report).in_language(lang) for report in site.reported.reports]
        told += [OLD_PLACE.in_language(lang)] if site.is_way_to_old_place else []
        if site.known_within_m is not None:
            told.append(tell_rough_place(site.known_within_m).in_language(lang))
        output.print_lines([f"{rank}: {' '.join(told)}"] if told else [])


NO_SITE = say("In this list no site is open that can be reached from here.")
WITHOUT_PLACE = say("Also on the list, but nobody knows where; please ask there:")
OLD_PLACE = say("Where the new address lies is not known: the way is to the old one.")
BASIS_WORDS = {
    "streets": say_as("basis", "streets"),
    "estimate": say("estimated"),
    "mixed": say("partly estimated"),
}
STATUS_WORDS = {
    "open": say_as("site", "open"),
    "disputed": say("sources disagree: please call first"),
}
COMMANDS = (geocode, nearest, suggest)
