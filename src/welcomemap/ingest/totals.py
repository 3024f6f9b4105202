"""Official figures of areas, and the cells of a grid raked to them.

A town's register is newer than a census, and counts groups that no grid has. Where it gives a
figure of an area, the cells of the area are scaled until whole people sum to it
(:mod:`welcomemap.ingest.raking`): residents in proportion, and each group within the residents of
its cell, in proportion to what the grid knows of it; evenly, where the grid knows nothing. So where
people live inside of an area is still what the grid says. Of an area without a figure nothing
changes; a group whose figure alone is missing keeps its share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from welcomemap.errors import (
    ColumnValueError,
    DuplicateIdError,
    Fault,
    MissingColumnError,
    Place,
    TableError,
    fault,
)
from welcomemap.ingest.large_table import NOTHING, first_row
from welcomemap.ingest.raking import UNITS_PER_PERSON, Counts, fit_groups, round_to_total
from welcomemap.ingest.spread import SpreadPeople
from welcomemap.region.schemas import DEMAND_CELL_COLUMNS, GROUPS, without_groups
from welcomemap.tabular.read import read_table

NUMBER_COLUMNS = ("number", "district", "nummer", "nr")
WHOLE = re.compile(r"[0-9]{1,9}")
USUAL = (0.67, 1.5)
"""Totals over the grid's people outside of these are told: another base, year or area."""
AGES = ("under_18", "over_65")
FOREIGN, MIGRATION = "foreign_citizens", "migration_background"
WRITE_WHOLE = fault("Write whole people without separators, and leave empty what is not known.")


@dataclass(frozen=True)
class Totals:
    """Official whole people of areas.

    Attributes
    ----------
    table
        Index ``district``; the groups that the file names, in the order of
        :data:`welcomemap.region.schemas.GROUPS`, NaN where it does not know.
    warnings
        What was left out, and which areas are missing.
    """

    path: Path
    table: pd.DataFrame
    warnings: tuple[Fault, ...]


def read_totals(path: Path, areas: pd.DataFrame) -> Totals:
    """Return the official totals of a CSV or XLSX file.

    Parameters
    ----------
    path
        A row for each area: ``number`` or ``name``, and any of the groups as they are called in
        :data:`welcomemap.region.schemas.GROUPS`.
    areas
        ``district`` and ``name``.

    Raises
    ------
    MissingColumnError
        If the file names neither areas nor a group.
    ColumnValueError
        If a figure is none, or a group has more people than it can have.
    DuplicateIdError
        If an area stands twice.
    InputError
        As :func:`welcomemap.tabular.read.read_table`.
    """
    sheet = read_table(path)
    rows = sheet.frame.set_axis(range(1, len(sheet.frame) + 1))
    rows = rows[(rows != "").any(axis=1)]
    names = {str(name).strip().casefold(): str(name) for name in rows.columns}
    groups = [group for group in GROUPS if group in names]
    if not groups:
        raise MissingColumnError(
            "the totals name no group; the file has {names}",
            names=list(names.values()),
            groups=GROUPS,
            where=Place(path),
            how="Call the columns {groups}.",
        )
    key = next((name for name in (*NUMBER_COLUMNS, "name") if name in names), "")
    if not key:
        raise MissingColumnError(
            "the totals name no areas; the file has {names}",
            names=list(names.values()),
            where=Place(path),
            how="Call the column of the areas number or name.",
        )
    district, strangers = _match(rows[names[key]], areas, path, by_name=key == "name")
    table = pd.DataFrame({group: _read_counts(rows[names[group]], path) for group in groups})
    _refuse_contradictions(table, names, path)
    table = table[district > 0]
    table.index = pd.Index(district[district > 0], name="district")
    unread = [
        given for name, given in names.items() if name not in (*GROUPS, *NUMBER_COLUMNS, "name")
    ]
    told = _tell_gaps(table, areas, strangers, unread)
    return Totals(path, table.dropna(how="all"), told)


def _match(
    column: pd.Series, areas: pd.DataFrame, path: Path, *, by_name: bool
) -> tuple[pd.Series, list[str]]:
    """Return the number of each row's area, 0 for none of the town's, and what those are called."""
    given = column.str.strip()
    if by_name:
        known = areas["name"].astype(str).str.strip().str.casefold()
        if known.duplicated().any():
            raise TableError(
                "two areas are called {name}",
                name=str(areas["name"][known.duplicated()].iloc[0]),
                where=Place(path, column=str(column.name)),
                how="Give the totals by number.",
            )
        numbers = dict(zip(known, areas["district"], strict=True))
        district = given.str.casefold().map(numbers)
    else:
        _refuse_other(given, path, fault("the number of an area"))
        district = given.astype(int).where(lambda number: number.isin(areas["district"]))
    district = district.fillna(0).astype(int)
    is_again = district.duplicated() & (district > 0)
    if is_again.any():
        row = first_row(is_again)
        raise DuplicateIdError(
            "the area {name} stands twice in the totals",
            name=given[row],
            where=Place(path, row=row, column=str(column.name)),
            how="Keep one row for each area.",
        )
    return district, given[district == 0].tolist()


def _refuse_other(given: pd.Series, path: Path, expected: Fault) -> None:
    for row, text in given.items():
        if not WHOLE.fullmatch(text):
            raise ColumnValueError(
                "{expected} is expected, not {value!r}",
                expected=expected,
                value=text,
                where=Place(path, row=int(str(row)), column=str(given.name)),
                how=WRITE_WHOLE,
            )


def _read_counts(column: pd.Series, path: Path) -> pd.Series:
    given = column.str.strip()
    is_known = ~given.isin(NOTHING)
    _refuse_other(given.where(is_known, "0"), path, fault("a whole number of people"))
    return given.where(is_known).astype(float)


def _refuse_contradictions(table: pd.DataFrame, names: Mapping[str, str], path: Path) -> None:
    """Refuse groups that are larger than the one they are part of."""
    for parts, whole in (
        *(((group,), "residents") for group in GROUPS[1:]),
        (AGES, "residents"),
        ((FOREIGN,), MIGRATION),
    ):
        if whole not in table or not {*parts} <= {*table.columns}:
            continue
        is_more = table[list(parts)].sum(axis=1, skipna=False) > table[whole]
        if is_more.any():
            row = first_row(is_more)
            raise ColumnValueError(
                "{parts} are more people than {whole}",
                parts=[names[part] for part in parts],
                whole=names[whole],
                where=Place(path, row=row, column=names[parts[0]]),
                how="Take figures of one base and one day.",
            )


def _tell_gaps(
    table: pd.DataFrame, areas: pd.DataFrame, strangers: Sequence[str], unread: Sequence[str]
) -> tuple[Fault, ...]:
    told = []
    missing = areas.loc[~areas["district"].isin(table.dropna(how="all").index), "name"].tolist()
    if missing:
        told.append(
            fault(
                "the totals do not know these areas, which keep the people of the grid: {names}",
                names=missing,
            )
        )
    if strangers:
        told.append(fault("areas of the totals that the town does not have: {names}",
                          names=list(strangers)))  # fmt: skip
    if unread:
        told.append(fault("columns of the totals that are no group: {names}", names=list(unread)))
    return tuple(told)


def meet_totals(
    people: SpreadPeople, official: Totals, areas: pd.DataFrame
) -> tuple[SpreadPeople, tuple[Fault, ...]]:
    """Return people whose cells sum to official totals, and what is unusual about these.

    A group that the grid does not have is taken where the totals have it of every area.

    Parameters
    ----------
    areas
        ``district`` and ``name``.

    Raises
    ------
    TableError
        If an area would have more people of a group than residents.

    Examples
    --------
    >>> cells = gpd.GeoDataFrame(
    ...     {"cell_id": ["a", "b"], "quarter": "1", "district": 1, "residents": [30.0, 10.0],
    ...      "is_from_addresses": False}, geometry=gpd.points_from_xy([0, 9], [0, 9]),
    ... )
    >>> whole = pd.DataFrame({"residents": [40]}, index=pd.Index([1], name="district"))
    >>> people = SpreadPeople(cells, whole, 0.0, 0.0, np.nan)
    >>> table = pd.DataFrame({"residents": [50.0], "under_18": [10.0]}, index=whole.index)
    >>> areas = pd.DataFrame({"district": [1], "name": ["West"]})
    >>> met, _ = meet_totals(people, Totals(Path("t.csv"), table, ()), areas)
    >>> met.cells[["residents", "under_18"]].to_numpy().tolist()
    [[37.5, 7.5], [12.5, 2.5]]
    """
    grid_groups = [group for group in GROUPS if group in people.totals]
    added = _find_added(official.table, people.totals)
    left_out = [g for g in official.table if g not in grid_groups and g not in added]
    warnings = [
        fault("the totals know {group} of some areas only, so it is left out", group=group)
        for group in left_out
    ]
    groups = [group for group in GROUPS if group in grid_groups or group in added]
    names = areas.set_index("district")["name"]
    whole, cells = people.totals.reindex(columns=groups), []
    for district, row in zip(
        map(int, people.totals.index), people.totals.to_dict("records"), strict=True
    ):
        of_grid = {str(group): int(n) for group, n in row.items()}
        part = people.cells[people.cells["district"] == district].reindex(
            columns=without_groups(DEMAND_CELL_COLUMNS, groups)
        )
        given = official.table.reindex([district])[[g for g in groups if g in official.table]]
        known = {str(group): int(n) for group, n in given.iloc[0].dropna().items()}
        if known and part["residents"].sum() == 0:
            warnings.append(
                fault("{name}: the grid knows nobody there, so its totals are not met",
                      name=names[district])
            )  # fmt: skip
            known = {}
        warnings += _tell_unusual(str(names[district]), known, of_grid)
        if known or added:
            totals = _complete(known, of_grid, groups, official.path, str(names[district]))
            part = _rake(part, totals)
            whole.loc[district] = pd.Series(totals)
        cells.append(part)
    table = gpd.GeoDataFrame(pd.concat(cells, ignore_index=True), crs=people.cells.crs)
    return replace(people, cells=table, totals=whole.astype(int)), tuple(warnings)


def _find_added(official: pd.DataFrame, of_grid: pd.DataFrame) -> list[str]:
    lived = of_grid.index[of_grid["residents"] > 0]
    return [
        group for group in map(str, official)
        if group not in of_grid and official[group].reindex(lived).notna().all()
    ]  # fmt: skip


def _tell_unusual(name: str, known: Mapping[str, int], of_grid: Mapping[str, int]) -> list[Fault]:
    low, high = USUAL
    return [
        fault(
            "{name}, {group}: {official:,} people by the totals, {grid:,} by the grid: look "
            "whether both mean the same area, base and year",
            name=name,
            group=group,
            official=total,
            grid=of_grid[group],
        )
        for group, total in known.items()
        if group in of_grid and not low * of_grid[group] <= total <= high * of_grid[group]
    ]


def _complete(
    known: Mapping[str, int],
    of_grid: Mapping[str, int],
    groups: Sequence[str],
    path: Path,
    name: str,
) -> dict[str, int]:
    """Return totals of all groups: as known, else with the share that the grid gives."""
    residents = known.get("residents", of_grid["residents"])
    scale = residents / of_grid["residents"] if of_grid["residents"] else 0.0
    totals = {"residents": residents}
    for group in groups[1:]:
        totals[group] = known.get(group, round(of_grid.get(group, 0) * scale))
    for group, room in (
        *((age, residents - totals.get(other, 0)) for age, other in (AGES, AGES[::-1])),
        (MIGRATION, residents),
        (FOREIGN, totals.get(MIGRATION, residents)),
    ):
        if group in totals and group not in known:
            totals[group] = max(min(totals[group], room), 0)
    if sum(totals.get(age, 0) for age in AGES) > residents or any(
        totals[group] > residents for group in groups
    ):
        raise TableError(
            "{name}: the totals of a group are more people than live there by the grid",
            name=name,
            where=Place(path),
            how="Give the total of residents, too.",
        )
    return totals


def _rake(part: gpd.GeoDataFrame, totals: Mapping[str, int]) -> gpd.GeoDataFrame:
    """Return the cells of an area with people to 1/1000 that sum to its totals."""
    units = {group: total * UNITS_PER_PERSON for group, total in totals.items()}
    weight = part["residents"].to_numpy()
    scaled = weight * units["residents"] / max(weight.sum(), 1.0 / UNITS_PER_PERSON)
    residents = round_to_total(scaled, units["residents"]) if len(part) else np.zeros(0, dtype=int)
    part, residents = part[residents > 0], residents[residents > 0]
    counts: dict[str, Counts] = {"residents": residents}
    if len(part):
        nested = {group: units[group] for group in (FOREIGN, MIGRATION) if group in units}
        if len(nested) == 2:
            nested[MIGRATION] -= nested[FOREIGN]
        for apart in ({age: units[age] for age in AGES if age in units}, nested):
            if apart:
                found = fit_groups(_share(part, apart, residents), residents, list(apart.values()))
                counts |= {group: found[:, k] for k, group in enumerate(apart)}
        if len(nested) == 2:
            counts[MIGRATION] = counts[MIGRATION] + counts[FOREIGN]
    return part.assign(**{group: count / UNITS_PER_PERSON for group, count in counts.items()})


def _share(part: pd.DataFrame, totals: Mapping[str, int], residents: Counts) -> np.ndarray:
    """Return shares before raking by cell and group: the grid's; else those of the area."""
    even = {group: total / residents.sum() for group, total in totals.items()}
    return np.column_stack([
        (part[group] / part["residents"]).fillna(even[group]).to_numpy(dtype=float)
        for group in totals
    ])  # fmt: skip
