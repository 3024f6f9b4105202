"""Commands about addresses: ``geocode``, ``nearest``, ``suggest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from welcomemap.cli import options, output
from welcomemap.errors import UsageError

if TYPE_CHECKING:
    from welcomemap.study.nearest import LocatorAnswer
    from welcomemap.wording import Language


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
    from welcomemap.cli.geocoding import geocode_one, geocode_table

    if address is not None:
        geocode_one(region, address, services, json=json, lang=options.pick_language(lang, region))
        return
    if out is None:
        raise UsageError("geocode INPUT needs --out", how="Name the table to write.")
    geocode_table(
        region, Path(str(source)), out, columns=tuple(options.split_list(columns)),
        services=services, review_map=review_map, fresh=fresh, json=json,
        lang=options.pick_language(lang, region),
    )  # fmt: skip


def nearest(
    address: Annotated[str, typer.Argument(help="An address, as people write it.")],
    mode: options.TravelBy = options.TravelMode.WALK,
    scenario: options.Scenario = None,
    json: options.Json = False,
    lang: options.Language = None,
    pack: options.Pack = None,
) -> None:
    """List the service points nearest to an address, nearest first."""
    from welcomemap.study.nearest import Locator

    region = options.open_pack(pack)
    answer = Locator(region).find(address, mode=mode.value, scenario=scenario)
    if json:
        from welcomemap.describe.as_json import nearest_to_json

        output.print_json(nearest_to_json(answer, region.crs, region.quarter_names))
        return
    _print_answer(answer, options.pick_language(lang, region).value)


def suggest(
    text: Annotated[str, typer.Argument(help="The beginning of an address.")],
    limit: Annotated[int, typer.Option(min=1, max=50)] = 8,
    json: options.Json = False,
    pack: options.Pack = None,
) -> None:
    """Suggest addresses for what has been typed so far."""
    from welcomemap.geocoding.result_json import suggestion_to_json
    from welcomemap.study.nearest import Locator

    region = options.open_pack(pack)
    found = Locator(region).geocoder.suggest(text, limit=limit)
    if json:
        output.print_json([suggestion_to_json(suggestion, region.crs) for suggestion in found])
    else:
        output.print_lines(suggestion.label for suggestion in found)


def _print_answer(answer: LocatorAnswer, lang: Language) -> None:
    from welcomemap.describe.addresses import describe_reasons, list_reasons
    from welcomemap.describe.assumptions import describe_assumptions
    from welcomemap.describe.disputes import describe_dispute
    from welcomemap.study.nearest import UNSURE_OUTCOMES
    from welcomemap.wording import format_metres, format_minutes

    output.print_lines([describe_reasons(answer.address.explanation).in_language(lang)])
    said = list_reasons((*answer.address.contradictions, *answer.address.notes))
    output.print_lines(text.in_language(lang) for text in said)
    if not answer.sites:
        if answer.address.is_located and answer.address.outcome not in UNSURE_OUTCOMES:
            output.print_lines([NO_SITE[lang]])
        return
    heads = {
        "de": ("", "Name", "Adresse", "Weg", "Dauer", "Grundlage", "Stand"),
        "en": ("", "Name", "Address", "Way", "Time", "Basis", "Status"),
    }
    rows = [
        (
            str(rank), site.name, site.address_to_go_to, format_metres(site.distance_m, lang),
            format_minutes(site.duration_min, lang), BASIS_WORDS[lang][site.basis],
            STATUS_WORDS[lang]["disputed" if site.is_disputed else site.status],
        )
        for rank, site in enumerate(answer.sites, start=1)
    ]  # fmt: skip
    output.print_table(heads[lang], rows)
    for rank, site in enumerate(answer.sites, start=1):
        told = [describe_dispute(report).in_language(lang) for report in site.reported.reports]
        told += [OLD_PLACE[lang]] if site.is_way_to_old_place else []
        output.print_lines([f"{rank}: {' '.join(told)}"] if told else [])
    assumed = describe_assumptions(answer.assumptions)
    if assumed is not None:
        output.print_lines(["", assumed.in_language(lang)])


NO_SITE = {
    "de": "In diesem Verzeichnis ist kein Standort offen, der von hier erreichbar ist.",
    "en": "In this list no site is open that can be reached from here.",
}
OLD_PLACE = {
    "de": "Wo die neue Adresse liegt, ist nicht bekannt: Der Weg führt zur alten.",
    "en": "Where the new address lies is not known: the way is to the old one.",
}
BASIS_WORDS = {
    "de": {"streets": "Straßen", "estimate": "geschätzt", "mixed": "teils geschätzt"},
    "en": {"streets": "streets", "estimate": "estimated", "mixed": "partly estimated"},
}
STATUS_WORDS = {
    "de": {"open": "offen", "disputed": "Quellen widersprechen sich: bitte vorher anrufen"},
    "en": {"open": "open", "disputed": "sources disagree: please call first"},
}
COMMANDS = (geocode, nearest, suggest)
