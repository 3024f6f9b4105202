"""Who crosses a district border to the nearest service point, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from welcomemap.describe.words import RegionWords, tell_ways, word_estimate, word_group
from welcomemap.wording import Phrase, join_phrases, say

if TYPE_CHECKING:
    from welcomemap.coverage.catchment import CatchmentResult, CatchmentRow


def describe_crossings(result: CatchmentResult, words: RegionWords) -> tuple[Phrase, ...]:
    """Return one sentence for each row whose people go to another district, in their order."""
    ways = None if result.threshold is None else tell_ways(result.mode, result.threshold)
    rows = [row for row in result.rows if row.crosses_border]
    return tuple(join_phrases(_tell_crossing(row, words), ways) for row in rows)


def _tell_crossing(row: CatchmentRow, words: RegionWords) -> Phrase:
    nearest, district = words.service_point.their_nearest(), words.district
    people, group = word_estimate(row.people).capitalised(), word_group(row.group)
    return say(
        "{people} {group} of {district} {home} have {nearest} in {district} {there}: {address}.",
        people=people,
        group=group,
        district=district,
        home=row.district,
        nearest=nearest,
        there=row.site_district,
        address=row.site_address,
    )
