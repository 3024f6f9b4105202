"""Who crosses a district border to the nearest service point, in sentences."""

from __future__ import annotations

from welcomemap.coverage.catchment import CatchmentResult, CatchmentRow
from welcomemap.describe.words import RegionWords, tell_ways, word_estimate, word_group
from welcomemap.wording import Text, join_texts


def describe_crossings(result: CatchmentResult, words: RegionWords) -> tuple[Text, ...]:
    """Return one sentence for each row whose people go to another district, in their order."""
    ways = None if result.threshold is None else tell_ways(result.mode, result.threshold)
    rows = [row for row in result.rows if row.crosses_border]
    return tuple(join_texts(_tell_crossing(row, words), ways) for row in rows)


def _tell_crossing(row: CatchmentRow, words: RegionWords) -> Text:
    nearest, district = words.service_point.their_nearest(), words.district
    number, group = word_estimate(row.people).capitalised(), word_group(row.group)
    return Text(
        f"{number.de} {group.de} aus {district.de} {row.district} haben {nearest.de} in "
        f"{district.de} {row.site_district}: {row.site_address}.",
        f"{number.en} {group.en} of {district.en} {row.district} have {nearest.en} in "
        f"{district.en} {row.site_district}: {row.site_address}.",
    )
