"""What dated sources say against a list, in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from welcomemap.region.disputes import Dispute, OtherReading
from welcomemap.wording import Phrase, say, say_date

if TYPE_CHECKING:
    from welcomemap.coverage.accessibility import ServicePoint


def describe_dispute(dispute: Dispute) -> Phrase:
    """Return which source says what, in one or two plain sentences."""
    listed = " / ".join(dispute.listed)
    if dispute.reading is OtherReading.MARKED:
        return say("The list marks {listed} as disputed.", listed=listed)
    by = say("according to {source} ({date})", source=dispute.source, date=say_date(dispute.date))
    if dispute.reading is OtherReading.OMITTED:
        return say(
            "The list {scenario} does not have {address}; {by} there was a site, and no closing "
            "up to then is on record.",
            scenario=dispute.scenario,
            address=dispute.address,
            by=by,
        )
    if dispute.reading is OtherReading.MOVED:
        return say(
            "The list has {listed}; {by} the site is now at {address}.",
            listed=listed,
            by=by,
            address=dispute.address,
        )
    if dispute.names_a_house:
        return say("The list has {listed}; {by} the site closed.", listed=listed, by=by)
    by = by.capitalised()
    return say(
        "{by} one site in {address} closed; which one is not stated. The list has {listed} there.",
        by=by,
        address=dispute.address,
        listed=listed,
    )


def describe_disputes(points: Iterable[ServicePoint]) -> tuple[Phrase, ...]:
    """Return what dated sources say against the list about service points, nothing twice."""
    told = [describe_dispute(dispute) for point in points for dispute in point.disputes]
    return tuple(dict.fromkeys(told))


def describe_reports(point: ServicePoint) -> tuple[Phrase, ...]:
    """Return what dated sources say that is not in the list, whether older or younger than it."""
    later = [
        say("Since the date of the list: {told}", told=told)
        for told in map(describe_dispute, point.later)
    ]
    return (*map(describe_dispute, point.disputes), *later)
