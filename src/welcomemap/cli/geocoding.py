"""What ``welcomemap geocode`` does once its options are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from welcomemap.cli import options, output

if TYPE_CHECKING:
    from welcomemap.pack.load import RegionPack


def geocode_one(region: RegionPack, address: str, *, json: bool, lang: options.Lang) -> None:
    """Geocode one address and print the result."""
    from welcomemap.geocoding.result_json import result_to_json
    from welcomemap.locator import Locator

    geocoder = Locator(region).geocoder
    result = geocoder.geocode(address)
    if json:
        output.print_json(result_to_json(result, region.crs))
        return
    output.print_lines([result.explanation.in_language(lang.value)])
    output.print_lines(text.in_language(lang.value) for text in result.contradictions)
    output.print_lines(choice.label for choice in result.alternatives)


def geocode_table(
    region: RegionPack, source: Path, out: Path, *, columns: tuple[str, ...],
    review_map: Path | None, fresh: bool, json: bool, lang: options.Lang,
) -> None:  # fmt: skip
    """Geocode a table, write it with the outcome columns, and print the summary."""
    from welcomemap.files import hash_file
    from welcomemap.geocoding.pipeline import geocode_file
    from welcomemap.locator import Locator

    summary = geocode_file(
        source, out, Locator(region).geocoder, region.crs, columns=columns or None,
        language=lang.value, resume=not fresh, progress=not json,
        geocoder_version=hash_file(region.layer_path("addresses")),
    )  # fmt: skip
    if json:
        output.print_json(summary.to_json())
    else:
        output.print_table(("outcome", "rows"), [(k, str(n)) for k, n in summary.outcomes.items()])
