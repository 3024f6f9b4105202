"""Which service points do dated sources dispute, and what does each source say?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import pandas as pd

from welcomemap.dates import read_iso_date
from welcomemap.region.areas import place_in_districts
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import Scenario, load_scenario

OPENING_EVENTS = frozenset({"opened", "moved", "open", "confirmed", "running"})
CLOSING_EVENTS = frozenset({"closed"})
SEPARATOR = re.compile(r"[;,\s]+")
HOUSE_NUMBER = re.compile(r"\d")


class OtherReading(StrEnum):
    """What the other source says of a site as the list has it."""

    GONE = "gone"
    MOVED = "moved"
    OMITTED = "omitted"
    MARKED = "marked"


@dataclass(frozen=True)
class Dispute:
    """One source that contradicts a scenario as published.

    Attributes
    ----------
    reading
        ``gone``: the list has the site, the source says it closed. ``moved``: it runs at another
        address. ``omitted``: it ran, and the list does not have it. ``marked``: the list itself
        calls the site disputed, and no source is known.
    site_ids
        Sites of the scenario that the source speaks of, empty where the list omits the site.
    pack_site_ids
        Service points of the pack (any scenario) that the source speaks of.
    districts
        Districts concerned, ascending.
    address, date, source
        As the source has them; ``date`` is ISO (year, month or day).
    listed
        Addresses that the list has for the sites that the source speaks of.
    scenario
        Name of the list.
    """

    reading: OtherReading
    site_ids: tuple[str, ...]
    pack_site_ids: tuple[str, ...]
    districts: tuple[int, ...]
    address: str
    date: str
    source: str
    listed: tuple[str, ...]
    scenario: str

    @property
    def names_a_house(self) -> bool:
        """Tell whether the source speaks of one house, and not of a quarter as a whole."""
        return HOUSE_NUMBER.search(self.address) is not None


@dataclass(frozen=True)
class _Report:
    """A row of the history."""

    address: str
    is_closing: bool
    date: str
    districts: tuple[int, ...]
    source: str
    pack_site_ids: tuple[str, ...]

    @property
    def names_a_house(self) -> bool:
        return HOUSE_NUMBER.search(self.address) is not None


def find_disputes(
    pack: RegionPack, scenario: Scenario, *, until: str | None = None
) -> tuple[Dispute, ...]:
    """Compare a scenario with the dated reports of the pack.

    Only reports from before the scenario's date count: they speak of the list as it was published.
    Of the reports about one site at one address the latest decides. A row that begins on the day of
    a report or later (``valid_from``) has taken it in and is not disputed by it. A planner's own
    file is a plan and not a claim about what exists: there, sites are recognised by their address,
    and nothing counts as omitted.

    Parameters
    ----------
    until
        ISO date up to which reports count instead, for whoever asks what there is on that day.

    Returns
    -------
    tuple of Dispute
        In the order of the history, then sites the list itself marks.
    """
    if not pack.has_layer("site_history"):
        return _marked(scenario, frozenset())
    reports = [r for r in _read_reports(pack) if _is_before(r.date, until or scenario.as_of)]
    found: list[Dispute] = []
    for report in _latest(reports):
        dispute = _judge(report, scenario, pack)
        if dispute is not None:
            found.append(dispute)
    told = frozenset(i for dispute in found for i in dispute.site_ids)
    return (*found, *_marked(scenario, told))


def read_other_way(pack: RegionPack, scenario: Scenario, disputes: Sequence[Dispute]) -> Scenario:
    """Return the scenario as the disputing sources describe it: the other of the two readings.

    Sites that are gone (or only marked as disputed) become ``closed``. Omitted ones join as
    ``open`` with the place the pack knows from another scenario. Moved ones stay where the list has
    them: the move within a district closes no gap and opens none.
    """
    frame = scenario.frame.copy()
    closing = {OtherReading.GONE, OtherReading.MARKED}
    gone = {i for d in disputes if d.reading in closing for i in d.site_ids}
    frame.loc[frame["id"].isin(gone), "status"] = "closed"
    moved = {i for d in disputes if d.reading is OtherReading.MOVED for i in d.site_ids} - gone
    frame.loc[frame["id"].isin(moved), "status"] = "open"
    added = [i for d in disputes if d.reading is OtherReading.OMITTED for i in d.pack_site_ids[:1]]
    rows = _borrow_sites(pack, scenario, added)
    if rows is not None:
        frame = pd.concat([frame, rows], ignore_index=True)
    placed, borders = place_in_districts(frame, pack)
    return replace(scenario, frame=placed, warnings=(*scenario.warnings, *borders))


def _borrow_sites(pack: RegionPack, scenario: Scenario, ids: Sequence[str]) -> pd.DataFrame | None:
    parts = []
    for name in pack.scenarios:
        if ids and name != scenario.name:
            other = load_scenario(pack, name).frame
            parts.append(other[other["id"].isin(ids)])
    if not parts:
        return None
    rows = pd.concat(parts, ignore_index=True).drop_duplicates("id")
    return rows.assign(status="open", stated_districts="", scenario=scenario.name)


def _read_reports(pack: RegionPack) -> Iterator[_Report]:
    for row in pack.site_history.to_dict("records"):
        event = str(row["event"]).strip().casefold()
        if event in OPENING_EVENTS | CLOSING_EVENTS:
            numbers = [part for part in SEPARATOR.split(str(row["districts"])) if part.isdecimal()]
            yield _Report(
                address=str(row["address"]),
                is_closing=event in CLOSING_EVENTS,
                date=str(row["date"]),
                districts=tuple(sorted({int(number) for number in numbers})),
                source=str(row["source"]),
                pack_site_ids=tuple(i for i in SEPARATOR.split(str(row["site_ids"])) if i),
            )


def _is_before(date: str, as_of: str | None) -> bool:
    return as_of is None or date[: len(as_of)] <= as_of[: len(date)]


def _latest(reports: Sequence[_Report]) -> list[_Report]:
    """Keep the last report on each site: who later opened elsewhere is not judged by the old place.

    Reports without a site are kept all; so is every report that names a set of sites of its own.
    """
    last: dict[tuple[str, ...], _Report] = {}
    for report in sorted(reports, key=lambda r: r.date):
        last[report.pack_site_ids or (report.address, report.date)] = report
    return [report for report in reports if report in last.values()]


def _judge(report: _Report, scenario: Scenario, pack: RegionPack) -> Dispute | None:
    sites = _sites_of(report, scenario, pack)
    running = sites[sites["status"].isin(["open", "disputed"])]
    known = running[[_is_later(str(start), report.date) for start in running["valid_from"]]]
    if report.is_closing:
        running = running.drop(known.index)
        return None if running.empty else _dispute(OtherReading.GONE, report, scenario, running)
    if running.empty:
        is_listed = not sites.empty or not scenario.is_published
        return None if is_listed else _dispute(OtherReading.OMITTED, report, scenario, None)
    elsewhere = running[
        [
            report.names_a_house
            and HOUSE_NUMBER.search(address) is not None
            and address_key(address) != address_key(report.address)
            for address in running["address"]
        ]
    ]
    elsewhere = elsewhere.drop(known.index, errors="ignore")
    if elsewhere.empty:
        return None
    return _dispute(OtherReading.MOVED, report, scenario, elsewhere)


def _is_later(start: str, reported: str) -> bool:
    """Tell whether a site is where it is since the day of a report, or later.

    Such a row knows of what was reported: the site has moved or opened again since, or just then.
    A report that names a month or a year only may be of its last day.
    """
    since, day = read_iso_date(start), read_iso_date(reported)
    return since is not None and day is not None and since.first >= day.last


def _sites_of(report: _Report, scenario: Scenario, pack: RegionPack) -> pd.DataFrame:
    frame = scenario.frame
    if scenario.is_published and frame["id"].isin(report.pack_site_ids).any():
        return frame[frame["id"].isin(report.pack_site_ids)]
    known = pack.service_points
    addresses = set(known.loc[known["id"].isin(report.pack_site_ids), "address"])
    if report.names_a_house:
        addresses.add(report.address)
    keys = {address_key(address) for address in addresses} - {""}
    return frame[frame["address"].map(address_key).isin(keys)]


def address_key(address: str) -> str:
    """Reduce an address to its letters and digits, so that spellings of one address agree."""
    folded = unicodedata.normalize("NFKC", address).casefold()
    folded = folded.split(",")[0].replace("straße", "str").replace("strasse", "str")
    return "".join(c for c in folded if c.isalnum())


def _districts(report: _Report, sites: pd.DataFrame) -> tuple[int, ...]:
    located = {int(number) for number in sites["district"] if number >= 0}
    return tuple(sorted(located)) or report.districts


def _dispute(
    reading: OtherReading, report: _Report, scenario: Scenario, sites: pd.DataFrame | None
) -> Dispute:
    return Dispute(
        reading=reading,
        site_ids=() if sites is None else tuple(sites["id"]),
        pack_site_ids=report.pack_site_ids,
        districts=report.districts if sites is None else _districts(report, sites),
        address=report.address,
        date=report.date,
        source=report.source,
        listed=() if sites is None else tuple(sites["address"]),
        scenario=scenario.name,
    )


def _marked(scenario: Scenario, told: frozenset[str]) -> tuple[Dispute, ...]:
    sites = scenario.frame[scenario.frame["status"] == "disputed"]
    return tuple(
        Dispute(
            reading=OtherReading.MARKED,
            site_ids=(str(site["id"]),),
            pack_site_ids=(),
            districts=(int(site["district"]),) if site["district"] >= 0 else (),
            address=str(site["address"]),
            date="",
            source=str(site["source"]),
            listed=(str(site["address"]),),
            scenario=scenario.name,
        )
        for _, site in sites.iterrows()
        if site["id"] not in told
    )
