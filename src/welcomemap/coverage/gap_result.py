"""What the gaps of a scenario are: figures and facts that other rooms word, draw and print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from welcomemap.coverage.accessibility import AreaWay
from welcomemap.coverage.demand import AreaId
from welcomemap.coverage.reach import Interval, round_interval, round_people, round_share
from welcomemap.region.disputes import Dispute
from welcomemap.region.scenario import RowNote
from welcomemap.region.schemas import GROUPS
from welcomemap.travel.impedance import Assumption, Mode, Threshold

GapKind = Literal["district", "quarter", "cluster"]


@dataclass(frozen=True)
class DistrictGap:
    """A district in the three meanings of served, which never mix.

    Attributes
    ----------
    located, stated
        Ids of service points in operation that lie in the district, and that are said to serve it;
        ``stated`` is ``None`` where the list states nothing about any district.
    stated_elsewhere
        Of those, the ones that lie in another district.
    located_if_disputed_false
        Ids of those that lie in the district if the sources are right that dispute the list.
    near_border
        Ids of service points that lie too near the district's border to be sure of it.
    group, people
        Who is counted, and how many of them live here.
    covered, share, interval
        People of the group within the threshold, as a number, a share (0-1) and the share's
        interval; so are all further shares and probabilities of reach.
    residents, covered_residents
        Everybody who lives here, and those of them within the threshold, whatever the group.
    probability_located_unserved, probability_reach_unserved
        How probable it is that no service point lies in the district, given borders and locations,
        and that hardly anybody reaches one; as published.
    way
        The way of the people of the group to their nearest service point.
    reports
        What dated sources say against the list about service points of this district.
    """

    district: int
    name: str
    group: str
    people: float
    residents: float
    located: tuple[str, ...]
    stated: tuple[str, ...] | None
    stated_elsewhere: tuple[str, ...]
    disputed: tuple[str, ...]
    located_if_disputed_false: tuple[str, ...]
    planned: tuple[str, ...]
    near_border: tuple[str, ...]
    covered: float
    covered_residents: float
    share: float | None
    interval: Interval | None
    share_if_disputed_false: float | None
    interval_if_disputed_false: Interval | None
    probability_located_unserved: float
    probability_reach_unserved: float | None
    way: AreaWay
    reports: tuple[Dispute, ...]

    @property
    def is_located_unserved(self) -> bool:
        """Tell whether no service point in operation lies in the district, as published."""
        return not self.located

    @property
    def is_stated_unserved(self) -> bool | None:
        """Tell whether none is said to serve it; ``None`` where the list states nothing."""
        return None if self.stated is None else not self.stated

    def to_json(self) -> dict[str, object]:
        """Return the keys of the command-line contract and a few more.

        Numbers named after residents count everybody, all others the group.
        """
        return {
            "district": self.district,
            "name": self.name,
            "residents": round_people(self.residents),
            "sites_located": len(self.located),
            "sites_stated": None if self.stated is None else len(self.stated),
            "located_unserved": self.is_located_unserved,
            "stated_unserved": self.is_stated_unserved,
            "stated_elsewhere": list(self.stated_elsewhere),
            "disputed": list(self.disputed),
            "located_unserved_if_disputed_false": not self.located_if_disputed_false,
            "planned": list(self.planned),
            "covered_residents": round_people(self.covered_residents),
            "group": self.group,
            "people": round_people(self.people),
            "covered_people": round_people(self.covered),
            "covered_share": round_share(self.share),
            "interval": round_interval(self.interval),
            "covered_share_if_disputed_false": round_share(self.share_if_disputed_false),
            "interval_if_disputed_false": round_interval(self.interval_if_disputed_false),
            "probability_located_unserved": round_share(self.probability_located_unserved),
            "probability_reach_unserved": round_share(self.probability_reach_unserved),
            "located_ids": list(self.located),
            "stated_ids": None if self.stated is None else list(self.stated),
            "near_border": list(self.near_border),
        }


@dataclass(frozen=True, eq=False)
class AreaGap:
    """An area with people out of reach.

    Attributes
    ----------
    rank
        1 for the area with the most people out of reach; districts, quarters and clusters are
        ranked together and overlap.
    area
        Number of the district or quarter, or a name made of district and number for a cluster.
    district
        The district the area lies in.
    out_of_reach, interval
        People of the group beyond the threshold, and that number's interval.
    lat, lon
        Where the people out of reach live on average, WGS 84 (all people where nobody is).
    way
        The way of the people of the area: its median, and the service point that is nearest for the
        most people out of reach.
    share_interval
        Interval of the share within the threshold; ``None`` for a cluster.
    located, is_planned
        Number of service points in operation that lie here, and whether one is planned; ``None``
        where the area is no district.
    quarters
        Names of the quarters that a cluster lies in, the most people first.
    """

    rank: int
    kind: GapKind
    area: AreaId
    name: str
    district: int
    group: str
    people: float
    out_of_reach: float
    interval: Interval
    lat: float
    lon: float
    way: AreaWay
    share_interval: Interval | None = None
    located: int | None = None
    is_planned: bool | None = None
    quarters: tuple[str, ...] = ()

    @property
    def nearest_site(self) -> str | None:
        """Id of the service point that is nearest for the most people out of reach."""
        return self.way.nearest_site

    @property
    def median_cost(self) -> float | None:
        """Median way of all people of the area; ``None`` where it falls on who reaches none."""
        return self.way.median_cost

    @property
    def cells(self) -> NDArray[np.intp]:
        """Numbers of the demand cells beyond the threshold; all of the area where none is."""
        return self.way.cells

    def to_json(self) -> dict[str, object]:
        """Return the area as JSON values, without the single cells."""
        return {
            "rank": self.rank,
            "kind": self.kind,
            "area": self.area,
            "name": self.name,
            "district": self.district,
            "group": self.group,
            "people": round_people(self.people),
            "out_of_reach": round_people(self.out_of_reach),
            "interval": [round_people(bound) for bound in self.interval],
            "lat": round(self.lat, 6),
            "lon": round(self.lon, 6),
            "nearest_site": self.nearest_site,
            "median_cost": None if self.median_cost is None else round(self.median_cost, 1),
        }


@dataclass(frozen=True)
class GapsResult:
    """The gaps of a scenario; to_json() gives the command-line contract.

    All figures are of ``group`` unless named after residents; ``assumptions`` say what the travel
    costs assume.
    """

    scenario: str
    threshold: Threshold
    mode: Mode
    detour_factor: tuple[float, float, float] | None
    districts: tuple[DistrictGap, ...]
    areas: tuple[AreaGap, ...]
    group: str = GROUPS[0]
    assumptions: tuple[Assumption, ...] = ()
    list_notes: tuple[RowNote, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the keys of the command-line contract."""
        return {
            "scenario": self.scenario,
            "threshold": str(self.threshold),
            "mode": self.mode,
            "detour_factor": None if self.detour_factor is None else list(self.detour_factor),
            "districts": [district.to_json() for district in self.districts],
            "areas": [area.to_json() for area in self.areas],
            "group": self.group,
        }
