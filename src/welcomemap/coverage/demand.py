"""Where people live and which areas they belong to, as arrays, and contiguous clusters of cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from welcomemap.brief import Brief
from welcomemap.crs import Points
from welcomemap.errors import Fault, MissingGroupError, PackError, UsageError, fault
from welcomemap.region.areas import divide_districts
from welcomemap.region.pack import RegionPack
from welcomemap.region.schemas import GROUPS

AreaKind = Literal["city", "district", "quarter"]
AreaId = int | str
AREA_KINDS: tuple[AreaKind, ...] = ("city", "district", "quarter")
PEOPLE_ERROR = (6.4, 0.25)
"""Of a pack that states none: measured on cells modelled from the census of 2011; and how much a
quarter may change inside within thirteen years."""


@dataclass(frozen=True, eq=False)
class AreaSet:
    """Areas that tile the city, and the area each demand cell belongs to.

    Attributes
    ----------
    ids, names
        One entry per area; districts are ints, quarters texts, the city its name.
    index
        Number of the area of each demand cell, shape (n_cells,).
    """

    kind: AreaKind
    ids: tuple[AreaId, ...]
    names: tuple[str, ...]
    index: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False, repr=False)
class Demand(Brief):
    """Weighted origins and their areas.

    Attributes
    ----------
    points
        Where the people of each cell live on average, (n_cells, 2), metres in the metric CRS.
    weights
        People per cell and group, (n_cells, n_groups); not negative.
    groups
        Names of the columns of ``weights``.
    city, districts, quarters
        The three tilings; each quarter lies in one district.
    district_of_quarter
        Number of the district of each quarter, (n_quarters,).
    grid
        Row and column of each cell in its grid, (n_cells, 2); parts of one cell share them.
        ``None`` where the cells' ids do not tell.
    everybody
        People of each cell where ``weights`` hold some groups only, (n_cells,).
    people_error
        How far the people of a cell may be off: mean error in people, and a share, 0-1, besides.
    """

    points: Points
    weights: NDArray[np.float64]
    groups: tuple[str, ...]
    city: AreaSet
    districts: AreaSet
    quarters: AreaSet
    district_of_quarter: NDArray[np.intp]
    grid: NDArray[np.int64] | None = None
    everybody: NDArray[np.float64] | None = None
    people_error: tuple[float, float] = PEOPLE_ERROR

    def __len__(self) -> int:
        return len(self.points)

    @property
    def has_quarters(self) -> bool:
        """Whether quarters divide the districts; without them each district is its own quarter."""
        return divide_districts(self.quarters.ids, self.districts.ids)

    def areas(self, kind: AreaKind) -> AreaSet:
        """Return the tiling of one kind."""
        return {"city": self.city, "district": self.districts, "quarter": self.quarters}[kind]

    def weight_of(self, group: str) -> NDArray[np.float64]:
        """Return the people of one group per cell, (n_cells,).

        Raises
        ------
        UsageError
            If the demand has no such group.
        """
        return self.weights[:, self._column(group)]

    def select_groups(self, groups: Sequence[str]) -> Demand:
        """Return the same demand with only some groups, in the order given."""
        columns = [self._column(group) for group in groups]
        return replace(
            self,
            weights=self.weights[:, columns],
            groups=tuple(groups),
            everybody=self.count_everybody(),
        )

    def count_everybody(self) -> NDArray[np.float64]:
        """Return the people of each cell, whatever groups are asked for: the largest group."""
        if self.everybody is not None:
            return self.everybody
        largest: NDArray[np.float64] = self.weights.max(axis=1, initial=0)
        return largest

    def totals(self, kind: AreaKind) -> NDArray[np.float64]:
        """Return the people per area and group, (n_areas, n_groups)."""
        return self.sum_by_area(self.weights, kind)

    def sum_by_area(self, cell_values: NDArray[np.float64], kind: AreaKind) -> NDArray[np.float64]:
        """Sum values of cells, (n_cells, k), over the areas of a kind: (n_areas, k)."""
        areas = self.areas(kind)
        columns = [
            np.bincount(areas.index, weights=column, minlength=len(areas))
            for column in np.atleast_2d(cell_values.T)
        ]
        return np.column_stack(columns) if columns else np.zeros((len(areas), 0))

    def _column(self, group: str) -> int:
        require_group(group, self.groups)
        return self.groups.index(group)


GROUPS_TOLD = {
    "residents": fault("all residents"),
    "migration_background": fault("people with a migration background"),
    "foreign_citizens": fault("foreign citizens"),
    "under_18": fault("under 18"),
    "over_65": fault("65 and over"),
}


def list_groups(known: Sequence[str]) -> tuple[Fault, ...]:
    """Return groups as a fault lists them: the name that is asked for, and what it means."""
    return tuple(
        fault("{name} ({told})", name=name, told=GROUPS_TOLD.get(name, name)) for name in known
    )


def require_group(group: str, known: Sequence[str]) -> None:
    """Require that a group is one of those whose people are known.

    Where nobody is counted at all, what reads the layer of people says so.

    Raises
    ------
    MissingGroupError
        If the region does not know it.
    UsageError
        If nobody does.
    """
    if not known and group in GROUPS:
        return
    if group in GROUPS and group not in known:
        raise MissingGroupError(
            "how many people the group {group} has is not known in this region",
            group=group,
            known=list_groups(known),
            how="Choose from: {known}; or add the column {group} to districts, quarters and "
            "demand_cells of the pack, and its name to groups of the region.",
        )
    if group not in known:
        raise UsageError(
            "unknown group {group!r}",
            group=group,
            known=list_groups(known),
            how="Choose from: {known}.",
        )


def read_demand(pack: RegionPack) -> Demand:
    """Turn the demand cells of a pack into arrays.

    Raises
    ------
    PackError
        If a cell names a quarter, or a quarter a district, that the pack does not have.
    """
    cells, quarters, districts = pack.demand_cells, pack.quarters, pack.districts
    quarter_ids = [str(quarter) for quarter in quarters["quarter"]]
    district_ids = [int(district) for district in districts["district"]]
    of_cell = _look_up(
        quarter_ids, cells["quarter"].astype(str), fault("demand cell"), fault("quarter")
    )
    of_quarter = _look_up(
        district_ids, quarters["district"].astype(int), fault("quarter"), fault("district")
    )
    n_cells, groups = len(cells), pack.groups
    return Demand(
        points=shapely.get_coordinates(cells.geometry.to_numpy()).reshape(n_cells, 2),
        weights=cells[list(groups)].to_numpy(dtype=np.float64).reshape(n_cells, len(groups)),
        groups=groups,
        city=AreaSet("city", (pack.name,), (pack.name,), np.zeros(n_cells, dtype=np.intp)),
        districts=AreaSet(
            "district", tuple(district_ids), _names(districts["name"]), of_quarter[of_cell]
        ),
        quarters=AreaSet("quarter", tuple(quarter_ids), _names(quarters["name"]), of_cell),
        district_of_quarter=of_quarter,
        grid=place_in_grid(cells["cell_id"]),
        people_error=_read_people_error(pack),
    )


def _read_people_error(pack: RegionPack) -> tuple[float, float]:
    people, share = pack.region.get("people_error", PEOPLE_ERROR)
    return float(people), float(share)


def place_in_grid(cell_ids: pd.Series[str]) -> NDArray[np.int64] | None:
    """Read row and column of grid cells from ids such as ``100mN31234E40987``.

    The last two numbers of an id are taken, in steps of the smallest difference that occurs.
    Returns ``None`` where an id has no two numbers, or there is no id.
    """
    numbers = cell_ids.astype(str).str.extract(r"(\d+)\D+(\d+)\D*$")
    if numbers.empty or numbers.isna().to_numpy().any():
        return None
    place = numbers.to_numpy(dtype=np.int64)
    steps = [np.diff(np.unique(column)) for column in place.T]
    step = min((int(step.min()) for step in steps if len(step)), default=1)
    grid: NDArray[np.int64] = (place - place.min(axis=0)) // step
    return grid


def _look_up(
    known: Sequence[AreaId], wanted: pd.Series[int] | pd.Series[str], of: Fault, kind: Fault
) -> NDArray[np.intp]:
    index = np.asarray(pd.Index(known).get_indexer(pd.Index(wanted)), dtype=np.intp)
    if (index < 0).any():
        row = int(np.argmax(index < 0))
        value = wanted.iloc[row]
        raise PackError(
            "{of} {row} lies in {kind} {value}, which the pack does not have",
            of=of,
            row=row + 1,
            kind=kind,
            value=value,
            how="Build the pack again with: welcomemap data build.",
        )
    return index


def _names(column: pd.Series[str]) -> tuple[str, ...]:
    return tuple(str(name) for name in column)


NEIGHBOUR_M = 150.0
"""Where ids do not tell the grid, points nearer than one and a half 100 m cells are neighbours."""


def find_neighbours(demand: Demand) -> NDArray[np.intp]:
    """Return pairs of neighbouring demand cells, (n_pairs, 2).

    Neighbours share a side or a corner, or are parts of the same cell in two quarters.
    """
    if len(demand) < 2:
        return np.zeros((0, 2), dtype=np.intp)
    if demand.grid is not None:
        return _find_grid_neighbours(demand.grid)
    # Imported here, because it takes long and few regions need it.
    from scipy.spatial import KDTree  # noqa: PLC0415 - see above

    return np.asarray(KDTree(demand.points).query_pairs(NEIGHBOUR_M, output_type="ndarray"))


def _find_grid_neighbours(grid: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return pairs of cells at most one step apart in both directions; steps count from 0."""
    # One column more than there are keeps the ends of two rows apart.
    width = int(grid[:, 1].max()) + 2
    place = grid[:, 0] * width + grid[:, 1]
    order = np.argsort(place, kind="stable")
    place = place[order]
    pairs = []
    for step in (0, 1, width - 1, width, width + 1):
        end = np.searchsorted(place, place + step, side="right")
        begin = np.searchsorted(place, place + step) if step else np.arange(1, len(place) + 1)
        count = end - begin
        first = np.repeat(np.arange(len(place)), count)
        second = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - begin, count)
        pairs.append(np.column_stack([order[first], order[second]]))
    return np.concatenate(pairs)


def label_clusters(
    neighbours: NDArray[np.intp],
    is_member: NDArray[np.bool_],
    split_by: NDArray[np.intp] | None = None,
) -> tuple[int, NDArray[np.intp]]:
    """Number the contiguous clusters of the member cells.

    Parameters
    ----------
    neighbours
        Pairs of neighbouring cells, (n_pairs, 2).
    is_member
        Which cells belong to a cluster, (n_cells,).
    split_by
        Area of each cell, (n_cells,): a cluster then ends at the border of an area.

    Returns
    -------
    int
        Number of clusters.
    NDArray[np.intp]
        The cluster of each cell, -1 for others, (n_cells,).
    """
    first, second = neighbours[:, 0], neighbours[:, 1]
    is_link = is_member[first] & is_member[second]
    if split_by is not None:
        is_link &= split_by[first] == split_by[second]
    n_cells = len(is_member)
    links = coo_array(
        (np.ones(int(is_link.sum()), dtype=np.int8), (first[is_link], second[is_link])),
        shape=(n_cells, n_cells),
    )
    component = connected_components(links, directed=False)[1]
    labels = np.full(n_cells, -1, dtype=np.intp)
    found, numbers = np.unique(component[is_member], return_inverse=True)
    labels[is_member] = numbers
    return len(found), labels
