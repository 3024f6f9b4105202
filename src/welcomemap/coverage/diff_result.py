"""The difference between two scenarios, as a result that other rooms draw and print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from welcomemap.coverage.demand import AreaId, AreaKind
from welcomemap.coverage.reach import Interval, round_people
from welcomemap.region.disputes import Dispute
from welcomemap.region.scenario import RowNote
from welcomemap.travel.impedance import Assumption, Mode, Threshold

ListReading = Literal["published", "reports"]
"""A list as it is published, or with the dated reports believed that contradict it."""
READINGS: tuple[ListReading, ...] = ("published", "reports")


@dataclass(frozen=True)
class DiffReading:
    """People who come within reach and who fall out of it, in one reading of each list."""

    earlier: ListReading
    later: ListReading
    gained: float
    lost: float

    def to_json(self) -> dict[str, object]:
        """Return the reading as JSON values."""
        return {
            "from": self.earlier,
            "to": self.later,
            "gained": round_people(self.gained),
            "lost": round_people(self.lost),
        }


@dataclass(frozen=True)
class DiffRow:
    """People of a group in an area who come within reach, and who fall out of it.

    Attributes
    ----------
    gained, lost
        With both lists as they are published.
    rests_on_disputed
        The service points whose dispute decides the figures.
    readings
        Gained and lost in both readings of both lists, as published first.
    gained_reached_before
        Of those gained, the people who reached a service point before already, if the dated reports
        are right that contradict the earlier list.
    """

    area_kind: AreaKind
    area: AreaId
    name: str
    group: str
    threshold: Threshold
    gained: float
    lost: float
    gained_interval: Interval
    lost_interval: Interval
    rests_on_disputed: tuple[str, ...]
    readings: tuple[DiffReading, ...] = ()
    gained_reached_before: float = 0.0

    @property
    def by_reports(self) -> DiffReading | None:
        """Both lists with the dated reports believed; ``None`` where no reading is known."""
        wanted = ("reports", "reports")
        return next((r for r in self.readings if (r.earlier, r.later) == wanted), None)

    def to_json(self) -> dict[str, object]:
        """Return the keys of the command-line contract and a few more."""
        return {
            "area_kind": self.area_kind,
            "area": self.area,
            "name": self.name,
            "group": self.group,
            "threshold": str(self.threshold),
            "gained": round_people(self.gained),
            "lost": round_people(self.lost),
            "gained_interval": [round_people(bound) for bound in self.gained_interval],
            "lost_interval": [round_people(bound) for bound in self.lost_interval],
            "rests_on_disputed": list(self.rests_on_disputed),
            "readings": [reading.to_json() for reading in self.readings],
            "gained_reached_before_by_reports": round_people(self.gained_reached_before),
        }


@dataclass(frozen=True)
class LocatedChange:
    """Whether a service point lies in a district, in the earlier list and in the later one.

    ``reported`` is the same with the dated reports believed that contradict the lists.
    """

    district: int
    published: tuple[bool, bool]
    reported: tuple[bool, bool]


@dataclass(frozen=True)
class DiffResult:
    """Who gained and who lost.

    Attributes
    ----------
    located
        In which districts a service point lies: location, not reach.
    disputed
        Disputed service points that figures rest on: by id, street and number.
    reports
        What dated sources say against the lists about those.
    """

    from_scenario: str
    to_scenario: str
    mode: Mode
    rows: tuple[DiffRow, ...]
    located: tuple[LocatedChange, ...] = ()
    disputed: Mapping[str, str] = field(default_factory=dict)
    reports: tuple[Dispute, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    list_notes: tuple[RowNote, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the keys of the command-line contract, and ``mode``."""
        return {
            "from": self.from_scenario,
            "to": self.to_scenario,
            "mode": self.mode,
            "rows": [row.to_json() for row in self.rows],
        }
