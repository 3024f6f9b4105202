"""What dated sources say against a list, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from welcomemap.coverage.accessibility import ServicePoint
from welcomemap.region.disputes import Dispute, OtherReading
from welcomemap.wording import Text, format_iso_date


def describe_dispute(dispute: Dispute) -> Text:
    """Return which source says what, in one or two plain sentences."""
    listed = " / ".join(dispute.listed)
    if dispute.reading is OtherReading.MARKED:
        return Text(
            f"Die Liste kennzeichnet {listed} als umstritten.",
            f"The list marks {listed} as disputed.",
        )
    de, en = (format_iso_date(dispute.date, "de"), format_iso_date(dispute.date, "en"))
    by = Text(f"laut {dispute.source} ({de})", f"according to {dispute.source} ({en})")
    if dispute.reading is OtherReading.OMITTED:
        return Text(
            f"Die Liste {dispute.scenario} nennt {dispute.address} nicht; {by.de} gab es dort einen"
            " Standort, und bis dahin ist keine Schließung belegt.",
            f"The list {dispute.scenario} does not have {dispute.address}; {by.en} there was a"
            " site, and no closing up to then is on record.",
        )
    if dispute.reading is OtherReading.MOVED:
        return Text(
            f"Die Liste führt {listed}; {by.de} ist der Standort jetzt in {dispute.address}.",
            f"The list has {listed}; {by.en} the site is now at {dispute.address}.",
        )
    if dispute.names_a_house:
        return Text(
            f"Die Liste führt {listed}; {by.de} wurde der Standort geschlossen.",
            f"The list has {listed}; {by.en} the site closed.",
        )
    by = by.capitalised()
    return Text(
        f"{by.de} wurde in {dispute.address} ein Standort geschlossen; welcher, ist nicht gesagt. "
        f"Die Liste führt dort {listed}.",
        f"{by.en} one site in {dispute.address} closed; which one is not stated. The list has "
        f"{listed} there.",
    )


def describe_disputes(points: Iterable[ServicePoint]) -> tuple[Text, ...]:
    """Return what dated sources say against the list about service points, nothing twice."""
    told = [describe_dispute(dispute) for point in points for dispute in point.disputes]
    return tuple(dict.fromkeys(told))


def describe_reports(point: ServicePoint) -> tuple[Text, ...]:
    """Return what dated sources say that is not in the list, whether older or younger than it."""
    later = [
        Text(f"Nach dem Stand der Liste: {told.de}", f"Since the date of the list: {told.en}")
        for told in map(describe_dispute, point.later)
    ]
    return (*map(describe_dispute, point.disputes), *later)
