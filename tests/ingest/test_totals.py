"""Cells sum to official totals: worked out by hand, in general, and with Düsseldorf's figures."""

from __future__ import annotations

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.people_files import write
from tests.ingest.raw_files import require_raw
from welcomemap import errors
from welcomemap.ingest.people import read_people
from welcomemap.ingest.spread import SpreadPeople, spread_people
from welcomemap.ingest.totals import Totals, meet_totals, read_totals
from welcomemap.region.layers import read_geojson

AREAS = pd.DataFrame({"district": [1, 2, 3], "name": ["West", "Ost", "Süd"]})


def make_people(cells: list[tuple[int, dict[str, float]]]) -> SpreadPeople:
    """Cells by their district."""
    groups = list(cells[0][1])
    table = gpd.GeoDataFrame(
        {"cell_id": [f"c{k}" for k in range(len(cells))], "quarter": [str(d) for d, _ in cells],
         "district": [d for d, _ in cells], "is_from_addresses": False}
        | {group: [float(people[group]) for _, people in cells] for group in groups},
        geometry=gpd.points_from_xy(range(len(cells)), range(len(cells))), crs="EPSG:25832",
    )  # fmt: skip
    whole = table.groupby("district")[groups].sum().reindex(AREAS["district"]).fillna(0)
    return SpreadPeople(table, whole.round().astype(int), 0.0, 0.0, np.nan)


def read(folder: Path, text: str) -> Totals:
    return read_totals(write(folder, text, "totals.csv"), AREAS)


def tell(warnings: tuple[errors.Fault, ...]) -> list[str]:
    return [str(warning) for warning in warnings]


def test_residents_are_scaled_and_groups_keep_their_odds(tmp_path: Path) -> None:
    """Of 20 people each, 10 and 2 are 12 young ones: odds of 1 and 1/9, as in the grid."""
    people = make_people([(1, {"residents": 10, "under_18": 5}),
                          (1, {"residents": 10, "under_18": 1}),
                          (2, {"residents": 7, "under_18": 2})])  # fmt: skip
    met, warnings = meet_totals(people, read(tmp_path, "number;residents;under_18\n1;40;12\n"),
                                AREAS)  # fmt: skip
    assert met.cells["residents"].tolist() == [20, 20, 7]
    assert met.cells["under_18"].tolist() == pytest.approx([10, 2, 2], abs=0.001)
    assert met.totals.to_numpy().tolist() == [[40, 12], [7, 2], [0, 0]]
    assert people.totals["residents"].tolist() == [20, 7, 0], "the input is as it was"
    assert tell(warnings) == [
        "West, residents: 40 people by the totals, 20 by the grid: look whether both mean the same "
        "area, base and year",
        "West, under_18: 12 people by the totals, 6 by the grid: look whether both mean the same "
        "area, base and year",
    ]


def test_a_group_without_a_total_keeps_its_share_and_fits(tmp_path: Path) -> None:
    """Of 20 people 15 are young by the register: of the grid's 10 old ones, 5 fit."""
    people = make_people([(1, {"residents": 20, "under_18": 4, "over_65": 10})])
    met, _ = meet_totals(people, read(tmp_path, "name,under_18\nWEST ,15\n"), AREAS)
    assert met.cells[["residents", "under_18", "over_65"]].to_numpy().tolist() == [[20, 15, 5]]
    met, _ = meet_totals(people, read(tmp_path, "name,residents\nWest,30\n"), AREAS)
    assert met.totals.loc[1].tolist() == [30, 6, 15]


def test_a_group_that_the_grid_does_not_have_is_spread_evenly(tmp_path: Path) -> None:
    people = make_people([(1, {"residents": 30}), (1, {"residents": 10}), (2, {"residents": 8})])
    text = "nummer,residents,migration_background,foreign_citizens\n1,40,20,8\n02,8,2,{}\n"
    met, warnings = meet_totals(people, read(tmp_path, text.format("2")), AREAS)
    columns = ["residents", "migration_background", "foreign_citizens"]
    assert met.totals.columns.tolist() == columns
    assert met.cells[columns].to_numpy().tolist() == [[30, 15, 6], [10, 5, 2], [8, 2, 2]]
    assert warnings == ()
    assert met.cells.columns.tolist() == [
        "cell_id", "quarter", "district", *columns, "is_from_addresses", "geometry",
    ]  # fmt: skip
    met, warnings = meet_totals(people, read(tmp_path, text.format("")), AREAS)
    assert met.totals.columns.tolist() == columns[:2]
    assert tell(warnings) == [
        "the totals know foreign_citizens of some areas only, so it is left out"
    ]


def test_what_the_totals_and_the_town_do_not_share_is_told(tmp_path: Path) -> None:
    people = make_people([(1, {"residents": 30}), (2, {"residents": 10})])
    text = "name,residents,note\nWest,30,\nSüd,5,neu\nNord,9,\n"
    official = read(tmp_path, text)
    assert tell(official.warnings) == [
        "the totals do not know these areas, which keep the people of the grid: Ost",
        "areas of the totals that the town does not have: Nord",
        "columns of the totals that are no group: note",
    ]
    met, warnings = meet_totals(people, official, AREAS)
    assert met.totals["residents"].tolist() == [30, 10, 0]
    assert tell(warnings) == ["Süd: the grid knows nobody there, so its totals are not met"]


def test_an_area_that_is_empty_now(tmp_path: Path) -> None:
    people = make_people(
        [(1, {"residents": 30, "under_18": 3}), (2, {"residents": 5, "under_18": 0})]
    )
    met, warnings = meet_totals(people, read(tmp_path, "number,residents\n1,0\n"), AREAS)
    assert met.cells["district"].tolist() == [2]
    assert met.totals.loc[1].tolist() == [0, 0]
    assert [told.partition(":")[0] for told in tell(warnings)] == ["West, residents"]


@st.composite
def raked(draw: st.DrawFn) -> tuple[SpreadPeople, pd.DataFrame]:
    cells, rows = [], []
    for district in (1, 2):
        for _ in range(draw(st.integers(1, 6))):
            units = draw(st.integers(1, 90_000))
            young, old = draw(st.integers(0, units)), draw(st.integers(0, units))
            old = min(old, units - young)
            foreign = draw(st.integers(0, units))
            cells.append((district, {"residents": units / 1000, "foreign_citizens": foreign / 1000,
                                     "under_18": young / 1000, "over_65": old / 1000}))  # fmt: skip
        residents = draw(st.integers(0, 500))
        young = draw(st.integers(0, residents))
        old = draw(st.integers(0, residents - young))
        migration = draw(st.integers(0, residents))
        foreign = draw(st.integers(0, migration))
        row = {"residents": residents, "migration_background": migration,
               "foreign_citizens": foreign, "under_18": young, "over_65": old}  # fmt: skip
        unknown = draw(st.sets(st.sampled_from(["foreign_citizens", "under_18", "over_65"])))
        rows.append({group: np.nan if group in unknown else float(n) for group, n in row.items()})
    return make_people(cells), pd.DataFrame(rows, index=pd.Index([1, 2], name="district"))


@settings(deadline=None, max_examples=80)
@given(raked())
def test_sums_are_exact_and_no_group_exceeds_the_one_it_is_part_of(
    town: tuple[SpreadPeople, pd.DataFrame],
) -> None:
    people, table = town
    met, _ = meet_totals(people, Totals(Path("t.csv"), table, ()), AREAS)
    groups = list(met.totals.columns)
    units = (met.cells[groups] * 1000).round().astype(int)
    assert (units >= 0).to_numpy().all()
    summed = units.groupby(met.cells["district"]).sum().reindex(AREAS["district"]).fillna(0)
    assert (summed == met.totals * 1000).to_numpy().all()
    for group in table:
        known = table[group].dropna()
        if group in met.totals:
            assert met.totals[group].reindex(known.index).tolist() == known.tolist()
    for one in (units, met.totals):
        assert (one["under_18"] + one["over_65"] <= one["residents"]).all()
        assert (one["foreign_citizens"] <= one["migration_background"]).all()
        assert (one["migration_background"] <= one["residents"]).all()


HEADER = "number,residents,under_18,over_65\n"
BAD = {
    "no group": ("number,people\n1,5\n", errors.MissingColumnError, "name no group", None),
    "no areas": ("area,residents\n1,5\n", errors.MissingColumnError, "name no areas", None),
    "a word": (HEADER + "1,5,,\n2,viele,,\n", errors.ColumnValueError, "not 'viele'", 2),
    "thousands": (HEADER + "1,89.669,,\n", errors.ColumnValueError, "whole number of people", 1),
    "negative": (HEADER + "1,-5,,\n", errors.ColumnValueError, "not '-5'", 1),
    "no number": (HEADER + "1,5,,\n\nWest,5,,\n", errors.ColumnValueError,
                  "the number of an area is expected, not 'West'", 3),
    "twice": (HEADER + "1,5,,\n01,6,,\n", errors.DuplicateIdError, "area 01 stands twice", 2),
    "more young than all": (HEADER + "2,5,6,\n", errors.ColumnValueError,
                            "under_18 are more people than residents", 1),
    "more young and old than all": (HEADER + "1,9,1,1\n2,9,5,5\n", errors.ColumnValueError,
                                    "under_18, over_65 are more people than residents", 2),
    "more foreign than migrated": (
        "number,migration_background,foreign_citizens\n1,5,6\n", errors.ColumnValueError,
        "foreign_citizens are more people than migration_background", 1),
    "empty": ("", errors.EmptyTableError, "empty", None),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_totals_are_named(tmp_path: Path, case: str) -> None:
    text, kind, told, row = BAD[case]
    with pytest.raises(kind, match=told) as caught:
        read(tmp_path, text)
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.row) == ("totals.csv", row)


def test_totals_that_contradict_the_grid_or_the_names(tmp_path: Path) -> None:
    people = make_people([(1, {"residents": 30, "under_18": 3})])
    with pytest.raises(errors.TableError, match="West: the totals of a group are more people"):
        meet_totals(people, read(tmp_path, "name,under_18\nWest,31\n"), AREAS)
    path = write(tmp_path, "name,residents\nWest,31\n")
    with pytest.raises(errors.TableError, match="two areas are called West"):
        read_totals(path, AREAS.assign(name="West"))


def test_duesseldorf_by_the_register(tmp_path: Path) -> None:
    """The base of the migration statistics of 2024, upon the census of 2022."""
    raw = require_raw()
    with (raw / "statistics" / "stadtbezirk_2024.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    columns = {"residents": "pop_migbg_base_2024", "foreign_citizens": "foreigners_2024",
               "migration_background": "migration_background_2024"}  # fmt: skip
    lines = [",".join(["number", *columns])]
    lines += [
        ",".join([row["stadtbezirk"], *(row[name] for name in columns.values())]) for row in rows
    ]
    path = raw / "boundaries" / "stadtbezirke_2025_simplified.geojson"
    areas = read_geojson(path.read_bytes(), path)
    areas["district"] = areas["bezirk"].astype(int)
    west, south, east, north = areas.total_bounds
    grid = read_people(
        raw / "population" / "zensus2022_100m.csv", bounds=(west, south, east, north)
    )
    people = spread_people(grid, areas, np.empty((0, 2)), "EPSG:25832")
    official = read_totals(write(tmp_path, "\n".join(lines) + "\n", "totals.csv"), areas)
    met, warnings = meet_totals(people, official, areas)
    # README of the raw data: the city's sums, and 0.90-0.98 of the register by district.
    assert met.totals.sum()[["residents", "migration_background", "foreign_citizens"]].tolist() == [
        658_350, 302_839, 167_613,
    ]  # fmt: skip
    assert met.cells["residents"].sum() == pytest.approx(658_350)
    assert (official.warnings, warnings) == ((), ())
    assert (people.totals["residents"] / met.totals["residents"]).between(0.89, 0.99).all()
