"""What is uncertain about a share of people covered, and by how much: all assumptions.

Six things move in each draw of the simulation (:mod:`welcomemap.coverage.uncertainty`):

detour
    The way is longer than the straight line by a factor that is known as a spread only. The travel
    cost's interval is read as its 10th and 90th percentile, and the cost drawn from a two-piece
    log-normal distribution through lower bound, estimate (the median) and upper bound, cut off at
    three standard deviations. Streets known exactly have a narrow interval and hardly move.

    How the errors of different ways hang together decides how wide the interval of a *share* is:
    independent errors would cancel, equal ones would not. Measured on the central street network
    (200 addresses as destinations, 2,000 as origins, 0.3-1.3 km apart; correlation of normal
    scores of the detour between origins of one destination): 0.91 for origins 0-50 m apart, 0.81
    at 50-100 m, 0.66 at 100-200 m, 0.53 at 200-300 m, 0.41 at 300-400 m, 0.25 at 400-600 m, 0.09
    at 600-800 m, 0 beyond. The shares of variance below (squares of 800 m 0.60, squares of 300 m
    0.20, city-wide 0.05, destination 0.05, the single cell the rest) come within 0.10 of these. The
    city-wide part is an assumption: the network of the centre says nothing about other quarters.

access
    Estimated ways leave out how one gets from the door to the street and from the street to the
    site. Compared with streets the estimate therefore covers too many people, the more so the
    shorter the threshold. A draw adds to every estimated way of a destination a length with median
    45 m and a log standard deviation of 0.5. Ways on streets have it already.

location of sites
    Normal, so that ``error_radius_m`` holds 95 % of the errors; 36 m where it is not known (the
    largest error found of the address list against the official coordinates).

location of people
    A cell stands for people spread over 100 m: standard deviation 100 m / sqrt(12) along the way.

borders
    The borders of the pack are known to 30 m (read as the 95 % bound). Cells and sites that lie
    nearer than that may belong to the neighbour.

census
    How the people of a quarter are spread over its cells is modelled. The true cells that lie in
    the city, all at its edge, show a mean error of 6.4 people a cell; how a quarter changed inside
    since 2011 is not known, so 25 % is added. The sum of a quarter is official and stays. Groups
    other than residents get another 30 % a cell.

Checked against the streets of the centre (120 addresses drawn at random as sites, each alone): the
90 % interval made from the estimate held the number of people that streets give in 95 % of cases at
500 m, 91 % at 700 m and 91 % at 1,000 m. The estimate itself lies near the upper end of its
interval there: streets give 0.78, 0.83 and 0.93 of it (medians). Access length and shares of
variance were chosen on this same network, so it is no proof for other quarters.
``benchmarks/calibrate_coverage.py`` measures all of this.

Limits: errors of the official figures, of opening, of steep or unlit ways and of people's pace are
not in it. Ways of one cell to two sites share their local error, so a second site nearby makes no
figure look surer than it is. Disputed sites are not given a probability, as none is known: both
readings are computed instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from welcomemap.errors import UsageError

Z_P90 = 1.2815515655446004
"""Standard normal quantile of 90 %."""
Z_BOTH_95 = 1.959963984540054
"""A normal error stays within this many standard deviations in 95 % of cases."""
R_BOTH_95 = 2.447746830680816
"""The same for the distance of a two-dimensional error: sqrt(-2 ln 0.05)."""


@dataclass(frozen=True)
class UncertaintyModel:
    """Settings of the simulation; the module says where each figure comes from.

    ``access_m`` and ``access_log_sd`` are median and log standard deviation of the access length.
    ``*_variance`` are the parts of the detour's variance shared city-wide, by destination, by
    squares of ``wide_square_m`` and ``narrow_square_m``; the rest belongs to the single cell.
    ``interval`` is the probability an interval holds, half of the rest on either side.
    """

    draws: int = 1000
    seed: int = 1
    interval: float = 0.9
    common_variance: float = 0.05
    destination_variance: float = 0.05
    wide_variance: float = 0.60
    narrow_variance: float = 0.20
    wide_square_m: float = 800.0
    narrow_square_m: float = 300.0
    detour_cut: float = 3.0
    access_m: float = 45.0
    access_log_sd: float = 0.5
    cell_size_m: float = 100.0
    site_error_radius_m: float = 36.0
    border_uncertainty_m: float = 30.0
    census_error_people: float = 6.4
    census_error_share: float = 0.25
    group_error_share: float = 0.30
    unserved_below_share: float = 0.01

    def __post_init__(self) -> None:
        if self.draws < 1 or not 0 < self.interval < 1:
            raise UsageError(
                f"{self.draws} draws and an interval of {self.interval:g} are not possible",
                how="Take at least 1 draw and an interval between 0 and 1.",
            )
        if self.cell_variance < 0:
            raise UsageError(
                "the parts of the detour's variance sum to more than 1", how="Lower one of them."
            )

    @property
    def cell_variance(self) -> float:
        """Part of the detour's variance that belongs to the single cell."""
        shared = self.common_variance + self.destination_variance
        return round(1.0 - shared - self.wide_variance - self.narrow_variance, 9)

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper probability of the interval."""
        return (1 - self.interval) / 2, (1 + self.interval) / 2

    @property
    def cell_spread_m(self) -> float:
        """Standard deviation of where in a cell somebody lives, along one direction."""
        return float(self.cell_size_m / 12**0.5)
