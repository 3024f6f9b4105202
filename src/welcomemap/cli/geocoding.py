"""What ``welcomemap geocode`` does once its options are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from welcomemap.cli import options, output

if TYPE_CHECKING:
    from welcomemap.geocoding.outcome import AddressGeocoder
    from welcomemap.region.pack import RegionPack


def geocode_one(
    region: RegionPack, address: str, services: str, *, json: bool, lang: options.Lang
) -> None:
    """Geocode one address and print the result."""
    from welcomemap.describe.addresses import describe_reasons, list_reasons
    from welcomemap.describe.as_json import address_to_json

    result = _open_geocoder(region, services).geocode(address)
    if json:
        output.print_json(address_to_json(result, region.crs, region.quarter_names))
        return
    output.print_lines([describe_reasons(result.explanation).in_language(lang.value)])
    said = list_reasons((*result.contradictions, *result.notes))
    output.print_lines(text.in_language(lang.value) for text in said)
    output.print_lines(choice.label for choice in result.alternatives)


def geocode_table(
    region: RegionPack, source: Path, out: Path, *, columns: tuple[str, ...], services: str,
    review_map: Path | None, fresh: bool, json: bool, lang: options.Lang,
) -> None:  # fmt: skip
    """Geocode a table, write it with the outcome columns, and print the summary."""
    from welcomemap.describe.addresses import RowWords
    from welcomemap.files import check_outputs, hash_file
    from welcomemap.geocoding.batch import geocode_file

    check_outputs([out], [source, *region.files])
    if review_map is not None:
        check_outputs([review_map], [source, out, *region.files], option="--review-map")
    summary = geocode_file(
        source, out, _open_geocoder(region, services), region.crs, columns=columns or None,
        tell=RowWords(lang.value), resume=not fresh, progress=not json,
        geocoder_version=f"{hash_file(region.layer_path('addresses'))} {services}",
    )  # fmt: skip
    output.note(str(summary.columns))
    for warning in summary.warnings:
        output.warn(warning)
    if review_map is not None:
        from welcomemap.cartography.study_maps import write_review_map

        doubtful = {row.row for row in summary.review}
        write_review_map(region, out, doubtful, review_map, lang.value)
    if json:
        output.print_json(summary.to_json())
    else:
        output.print_table(("outcome", "rows"), [(k, str(n)) for k, n in summary.outcomes.items()])


def _open_geocoder(region: RegionPack, services: str) -> AddressGeocoder:
    """Open the gazetteer, with the operator's services behind it where they are switched on."""
    from welcomemap.study.nearest import Locator

    geocoder = Locator(region).geocoder
    if not services:
        return geocoder
    from welcomemap.geocoding.service_answers import ServiceRegion, default_cache_path
    from welcomemap.geocoding.services import switch_on

    inside = ServiceRegion.from_pack(region, geocoder.gazetteer.find_area)
    return switch_on(geocoder, services, inside, cache_path=default_cache_path())
