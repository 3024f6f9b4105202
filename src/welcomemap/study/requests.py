"""What can be asked of a region: frozen requests, each with its defaults."""

from __future__ import annotations

from dataclasses import dataclass

from welcomemap.travel.impedance import Mode, Threshold

CAPACITY = "capacity"
"""Column of a list or a table of facilities: people a site can serve."""

DEFAULT_SEED = 2026
WALKABLE = Threshold(1000.0, "m")
"""Up to 1,000 m counts as walkable: BBSR, 4 November 2022; BBSR-Analysen KOMPAKT 1/2025."""
BY_LINES = Threshold(15.0, "min")
"""What counts as near by public transport, which knows minutes only."""


def default_threshold(mode: Mode) -> Threshold:
    """Return the threshold that counts where none is given.

    Examples
    --------
    >>> str(default_threshold("walk")), str(default_threshold("transit"))
    ('1000m', '15min')
    """
    return BY_LINES if mode == "transit" else WALKABLE


@dataclass(frozen=True)
class GapsRequest:
    """Which districts and areas are unserved, in all three meanings."""

    scenario: str
    threshold: Threshold = WALKABLE
    mode: Mode = "walk"
    group: str = "residents"
    seed: int = DEFAULT_SEED


@dataclass(frozen=True)
class CoverageRequest:
    """How many people of which groups reach a site within which thresholds.

    ``facilities`` is a table of capacities by id; with it the capacity per 1,000 people is told.
    """

    scenario: str
    thresholds: tuple[Threshold, ...] = (WALKABLE,)
    groups: tuple[str, ...] = ("residents",)
    mode: Mode = "walk"
    seed: int = DEFAULT_SEED
    facilities: str | None = None


@dataclass(frozen=True)
class DifferenceRequest:
    """Who gained and who lost from one scenario to another."""

    before: str
    after: str
    thresholds: tuple[Threshold, ...] = (WALKABLE,)
    groups: tuple[str, ...] = ("residents",)
    mode: Mode = "walk"
    seed: int = DEFAULT_SEED


@dataclass(frozen=True)
class SiteRequest:
    """Where the next sites should open.

    Attributes
    ----------
    candidates
        ``list`` (the pack's candidate sites), ``facilities`` (houses that might take a site in),
        ``offices``, ``stops``, ``cells`` or a file.
    keep_existing
        Whether the scenario's sites stay and count (``--fix-existing``) or not
        (``--from-scratch``).
    require_districts
        At least one chosen site must lie in each of these.
    facilities
        Table of capacities and costs by id; it goes before the columns ``capacity`` and ``cost`` of
        the candidates. Without a stated capacity a site serves any number.
    budget
        Most the new sites may cost together, in the unit of the costs.
    is_varied
        Whether the answer is computed again for other p, thresholds and groups; ``None`` where the
        problem is small.
    """

    model: str
    p: int | None
    scenario: str
    threshold: Threshold = WALKABLE
    mode: Mode = "walk"
    group: str = "residents"
    candidates: str = "list"
    keep_existing: bool = True
    require_districts: tuple[int, ...] = ()
    required: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    time_limit_s: float = 60.0
    facilities: str | None = None
    budget: float | None = None
    is_varied: bool | None = False


@dataclass(frozen=True)
class CompareRequest:
    """Candidates side by side; ``weights`` are named shares of the ranking.

    Without any, the usual criteria of the group count equally.
    """

    candidates: tuple[str, ...]
    file: str | None = None
    scenario: str = ""
    threshold: Threshold = WALKABLE
    mode: Mode = "walk"
    weights: tuple[tuple[str, float], ...] = ()
    group: str = "residents"
    seed: int = DEFAULT_SEED
