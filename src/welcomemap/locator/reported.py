"""What do dated reports say of the service points of a list, and where have these moved to?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from welcomemap.errors import UnreadableAddressError
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.pack.disputes import Dispute, OtherReading, find_disputes
from welcomemap.pack.load import RegionPack
from welcomemap.pack.scenario import Scenario

Locate = Callable[[Sequence[str], Sequence[int | None]], Sequence[GeocodeResult]]
NOWHERE = (Outcome.AMBIGUOUS, Outcome.OUTSIDE, Outcome.NOT_FOUND, Outcome.STREET)


@dataclass(frozen=True)
class Reported:
    """What dated reports say of one service point.

    Attributes
    ----------
    reports
        Those that contradict the list, the latest last.
    moved_to
        Address to which it has moved by the latest of them, as the report has it.
    place
        Where that is; ``None`` where nobody knows, or where it has not moved.
    """

    reports: tuple[Dispute, ...] = ()
    moved_to: str | None = None
    place: GeocodeResult | None = None


def read_reports(
    pack: RegionPack, scenario: Scenario, day: date, locate: Locate
) -> Mapping[str, Reported]:
    """Return what is reported up to a day, by the ids of the sites that a report speaks of.

    Later reports than the list's own date count too: who asks on that day wants to go there.
    """
    told: dict[str, list[Dispute]] = {}
    for dispute in find_disputes(pack, scenario, until=day.isoformat()):
        for site in dispute.site_ids:
            told.setdefault(site, []).append(dispute)
    return {site: _sum_up(reports, locate) for site, reports in told.items()}


def _sum_up(reports: Sequence[Dispute], locate: Locate) -> Reported:
    ordered = tuple(sorted(reports, key=lambda report: report.date))
    last = ordered[-1]
    if last.reading is not OtherReading.MOVED:
        return Reported(ordered)
    return Reported(ordered, last.address, _find(last, locate))


def _find(report: Dispute, locate: Locate) -> GeocodeResult | None:
    """Locate the new address, with the old district as a hint only where it takes one."""
    for district in (None, *report.districts):
        try:
            found = locate([report.address], [district])[0]
        except UnreadableAddressError:
            return None
        if found.is_located and found.outcome not in NOWHERE:
            return found
    return None
