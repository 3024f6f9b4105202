"""Runs of houses that carry other streets' points are found; odd but right streets stay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.surveyed_town import (
    N_HOUSES,
    N_STREETS,
    STEP_M,
    finish,
    lose,
    make_town,
    misplace,
    name_of,
    rows_of,
    street_y,
    survey,
)
from welcomemap.ingest.addresses import (
    FAR_M,
    KINDS,
    count_evidence,
    find_displaced,
    find_misplaced,
    find_suspects,
    measure_away,
    merge_places,
)
from welcomemap.ingest.raw import fold_street

TOWN = make_town()
XY = ["x", "y"]


def find(table: pd.DataFrame, ways: dict[str, shapely.Geometry] | None = None) -> list[int]:
    """Return the rows found misplaced."""
    found = find_misplaced(table, measure_away(table)["away_m"].to_numpy(), ways or {})
    return np.flatnonzero(found).tolist()


def displaced(table: pd.DataFrame) -> list[int]:
    """Return the rows of addresses found displaced on their own street."""
    places = merge_places(table)
    found = places[find_displaced(places, table.join(measure_away(table)))]
    of_row = pd.MultiIndex.from_frame(table[["street", "house_number"]])
    is_found = of_row.isin(pd.MultiIndex.from_frame(found[["street", "house_number"]]))
    return np.flatnonzero(is_found).tolist()


def houses(table: pd.DataFrame, street: int, numbers: Sequence[int]) -> np.ndarray:
    """Return the rows of some houses of a street, in the order of ``numbers``."""
    row = {int(table.loc[k, "house_number"]): int(k) for k in rows_of(table, street)}
    return np.array([row[number] for number in numbers])


def not_good(table: pd.DataFrame) -> list[int]:
    """Return the rows whose address keeps no good point: misplaced, or suspect by its neighbours.

    A lone house of a run, far from the rest of it, is suspect rather than misplaced.
    """
    kept = table.copy()
    kept.loc[find(table), XY] = np.nan
    places = merge_places(kept)
    places.loc[find_suspects(places), "quality"] = "suspect"
    bad = places[places["quality"].isin(["suspect", "none"])][["street", "house_number"]]
    is_bad = pd.MultiIndex.from_frame(table[["street", "house_number"]]).isin(
        pd.MultiIndex.from_frame(bad)
    )
    return np.flatnonzero(is_bad & table["x"].notna()).tolist()


def way_of(street: int) -> dict[str, shapely.Geometry]:
    line = shapely.LineString([(0, street_y(street)), (STEP_M * N_HOUSES, street_y(street))])
    return {fold_street(name_of(street)): line}


def test_a_town_that_is_right_loses_nothing() -> None:
    away = measure_away(TOWN)["away_m"]
    assert find(TOWN) == []
    assert displaced(TOWN) == []
    assert np.isfinite(away).mean() > 0.9
    assert np.nanmax(away) < 1000


def test_streets_next_in_the_alphabet_lie_far_apart() -> None:
    assert all(abs(street_y(k) - street_y(k + 1)) > FAR_M for k in range(10, 50))


@pytest.mark.parametrize("count", [5, 12, N_HOUSES])
def test_a_run_beside_a_missing_block_with_the_block_s_points(count: int) -> None:
    """Streets 31 and 32 have no points; the first houses of 33 carry those of 32."""
    points = TOWN.loc[rows_of(TOWN, 32, count), XY].to_numpy()
    run = rows_of(TOWN, 33, count)
    table = lose(TOWN, np.concatenate([rows_of(TOWN, 31), rows_of(TOWN, 32)]))
    assert not_good(misplace(table, run, points)) == run.tolist()


def test_several_runs_on_the_points_of_several_streets() -> None:
    """A street may carry the points of three others, a run may end in the middle of a street."""
    table, wrong = TOWN, []
    for street, of in ((20, 21), (44, 43), (40, 41)):
        run = rows_of(TOWN, street, 18)
        table = misplace(table, run, TOWN.loc[rows_of(TOWN, of, 18), XY].to_numpy())
        wrong += run.tolist()
    assert not_good(table) == sorted(wrong)


def test_the_true_houses_are_not_drawn_into_the_fault() -> None:
    """The houses whose points were copied keep them, though others stand on the same spot."""
    run = rows_of(TOWN, 33)
    table = misplace(TOWN, run, TOWN.loc[rows_of(TOWN, 32), XY].to_numpy() + 1.0)
    assert find(table) == run.tolist()


def test_a_street_in_two_places_keeps_both() -> None:
    """The survey's numbers go along to both: half of street 12 lies 4 km from the other half."""
    moved = TOWN.copy()
    half = rows_of(TOWN, 12)[20:]
    moved.loc[half, "y"] += 4000 if street_y(12) < 3000 else -4000
    assert find(survey(moved)) == []


def test_a_long_road_keeps_all_its_houses() -> None:
    road = pd.DataFrame(
        {
            "street": "Landstraße",
            "house_number": [str(n) for n in range(1, 171)],
            "x": 820.0,
            "y": 40.0 * np.arange(170),
        }
    )
    assert find(survey(pd.concat([TOWN, road], ignore_index=True))) == []


def test_a_single_outlier_is_left_to_its_neighbours() -> None:
    table = TOWN.copy()
    row = rows_of(TOWN, 33)[7]
    table.loc[row, "y"] += 3000 if street_y(33) < 3000 else -3000
    table = finish(table)
    assert find(table) == []
    places = merge_places(table)
    flagged = places[find_suspects(places)]
    assert flagged[["street", "house_number"]].to_numpy().tolist() == [
        table.loc[row, ["street", "house_number"]].tolist()
    ]


def test_a_street_of_two_houses_of_which_one_is_wrong() -> None:
    """Neighbours cannot tell which of two; the survey's numbers can."""
    pair = TOWN.loc[rows_of(TOWN, 33)[[3, 9]]].assign(street="Kurze Gasse")
    table = survey(pd.concat([TOWN, pair], ignore_index=True))
    wrong = len(TOWN) + 1
    far = 3000 if table.loc[wrong, "y"] < 3000 else -3000
    table = misplace(
        table, np.array([wrong]), table.loc[[wrong], XY].to_numpy() + np.array([0, far])
    )
    assert find(table) == [wrong]


def test_numbers_given_anew_move_no_street() -> None:
    """Five of forty houses were built later and took numbers that had become free elsewhere."""
    table = TOWN.copy()
    new, old = rows_of(TOWN, 33, 5), rows_of(TOWN, 32, 5)
    table.loc[new, "building_number"] = TOWN.loc[old, "building_number"].to_numpy() + 0.5
    assert (measure_away(table)["away_m"][new] > FAR_M).sum() >= 3
    assert find(table) == []


def test_a_way_of_its_name_speaks_for_a_street() -> None:
    run = rows_of(TOWN, 33)
    table = misplace(TOWN, run, TOWN.loc[rows_of(TOWN, 32), XY].to_numpy())
    assert find(table, way_of(33)) == run.tolist()
    here = {fold_street(name_of(33)): way_of(32)[fold_street(name_of(32))]}
    assert find(table, here) == []


def test_a_house_nothing_speaks_for_goes_with_the_run_it_stands_in() -> None:
    """Between misplaced rows and rows without a point; not where a right house is its neighbour."""
    run = rows_of(TOWN, 33)
    table = lose(TOWN, rows_of(TOWN, 34))
    last = pd.DataFrame(
        {"street": [f"{name_of(33)} b"], "house_number": ["10"], "x": [500.0], "y": [street_y(32)]}
    )
    first = run[0]
    table = misplace(table, run, TOWN.loc[rows_of(TOWN, 32), XY].to_numpy())
    parts = [table.iloc[: run[-1] + 1], last, table.iloc[run[-1] + 1 :]]
    table = finish(pd.concat(parts, ignore_index=True))
    assert find(table) == [*run.tolist(), run[-1] + 1]
    parts = [table.iloc[:first], last, table.iloc[first:]]
    before = finish(pd.concat(parts, ignore_index=True))
    assert first not in find(before)


def test_without_numbers_nothing_is_judged() -> None:
    table = misplace(TOWN, rows_of(TOWN, 33), TOWN.loc[rows_of(TOWN, 32), XY].to_numpy())
    table["building_number"] = np.nan
    assert measure_away(table).isna().to_numpy().all()
    assert find(table) == []


def near_edge(at: str) -> list[int]:
    """Return the streets of the two blocks at one end of the town, the outermost street first."""
    in_order = sorted(range(N_STREETS), key=street_y, reverse=at == "top")
    return in_order[:6]


OUTERMOST = {near_edge("bottom")[0], near_edge("top")[0]}
"""Streets whose numbers jump 7 km on one side, all along: no six buildings there speak for them."""


@settings(max_examples=25, deadline=None)
@given(
    pair=st.tuples(st.integers(0, 59), st.integers(0, 59)),
    count=st.integers(4, 30),
    seed=st.integers(0, 99),
)
def test_any_run_on_any_street_far_away(pair: tuple[int, int], count: int, seed: int) -> None:
    street, of = pair
    table = TOWN.copy()
    table[XY] += np.random.default_rng(seed).normal(0, 15, (len(table), 2))
    assert find(table) == []
    run = rows_of(TOWN, street, count)
    wrong = misplace(table, run, table.loc[rows_of(TOWN, of, count), XY].to_numpy())
    assert set(find(wrong)) <= set(run.tolist())
    if street not in OUTERMOST and abs(street_y(street) - street_y(of)) > FAR_M + 1000:
        assert not_good(wrong) == run.tolist()


@pytest.mark.parametrize(
    ("near", "far"),
    [
        ([3, 5, 7], [33, 35, 37]),  # in the middle of a side
        ([2, 4], [36, 38]),  # at its beginning and nearly at its end
        ([1], [39]),  # single houses at both ends, which have a neighbour on one side only
    ],
)
def test_houses_that_took_each_other_s_points_within_a_street(
    near: list[int], far: list[int]
) -> None:
    """As where two lists of one street were joined that were sorted in different ways."""
    run = np.concatenate([houses(TOWN, 33, near), houses(TOWN, 33, far)])
    others = np.concatenate([houses(TOWN, 33, far), houses(TOWN, 33, near)])
    table = misplace(TOWN, run, TOWN.loc[others, XY].to_numpy())
    assert displaced(table) == sorted(run.tolist())
    assert find(table, way_of(33)) == []


def test_a_gap_in_a_street_displaces_nobody() -> None:
    """Both sides of a gap of a kilometre stand where their building numbers say."""
    gap = houses(TOWN, 33, range(11, 31))
    assert displaced(lose(TOWN, gap)) == []


def test_numbers_given_anew_displace_nobody_unless_points_were_exchanged() -> None:
    """Numbers of the beginning of the street for its end, whose own houses stand where they say."""
    gap = np.concatenate([houses(TOWN, 33, range(11, 25)), houses(TOWN, 33, range(29, 35))])
    table = lose(TOWN, gap)
    new, old = houses(TOWN, 33, [35, 37, 39]), houses(TOWN, 33, [1, 3, 5])
    table.loc[new, "building_number"] = TOWN.loc[old, "building_number"].to_numpy() + 0.5
    assert (measure_away(table)["away_m"][new] > 1000).all()
    assert displaced(table) == []


@settings(max_examples=25, deadline=None)
@given(
    street=st.integers(0, 59), start=st.integers(0, 10), count=st.integers(1, 10),
    shift=st.integers(9, 19), side=st.integers(0, 1), seed=st.integers(0, 99),
)  # fmt: skip
def test_any_two_runs_exchanged_within_any_street(
    street: int, start: int, count: int, shift: int, side: int, seed: int
) -> None:
    """Of one side, up to both its ends, or of both sides."""
    table = TOWN.copy()
    table[XY] += np.random.default_rng(seed).normal(0, 15, (len(table), 2))
    assert displaced(table) == []
    near = [2 * k + 1 for k in range(start, min(start + count, start + shift))]
    far = [number + 2 * shift + side for number in near if number + 2 * shift <= N_HOUSES]
    near = near[: len(far)]
    run = np.concatenate([houses(table, street, near), houses(table, street, far)])
    others = np.concatenate([houses(table, street, far), houses(table, street, near)])
    wrong = misplace(table, run, table.loc[others, XY].to_numpy())
    assert set(displaced(wrong)) <= set(run.tolist())
    if street not in OUTERMOST:
        assert displaced(wrong) == sorted(run.tolist())


@pytest.mark.parametrize(("street", "of", "count", "seed"), [(47, 5, 7, 43), (26, 55, 17, 8)])
def test_a_run_at_the_edge_of_the_town_costs_no_other_street_its_places(
    street: int, of: int, count: int, seed: int
) -> None:
    """Three streets share a block there: a run of one is a third of what the numbers say."""
    table = TOWN.copy()
    table[XY] += np.random.default_rng(seed).normal(0, 15, (len(table), 2))
    run = rows_of(table, street, count)
    wrong = misplace(table, run, table.loc[rows_of(table, of, count), XY].to_numpy())
    assert set(find(wrong)) <= set(run.tolist())


@settings(max_examples=25, deadline=None)
@given(
    at=st.sampled_from(["bottom", "top"]), street=st.integers(1, 5), of=st.integers(0, 5),
    start=st.integers(0, N_HOUSES - 4), count=st.integers(4, 30), seed=st.integers(0, 99),
)  # fmt: skip
def test_any_run_at_one_edge_of_the_town_with_points_at_the_other(
    at: str, street: int, of: int, start: int, count: int, seed: int
) -> None:
    """The numbers jump there to the other edge: what lies there seems to agree with the run."""
    here, there = near_edge(at)[street], near_edge("top" if at == "bottom" else "bottom")[of]
    table = TOWN.copy()
    table[XY] += np.random.default_rng(seed).normal(0, 15, (len(table), 2))
    run = rows_of(table, here)[start : start + count]
    points = table.loc[rows_of(table, there)[start : start + count], XY].to_numpy()
    assert not_good(misplace(table, run, points)) == run.tolist()


def test_six_houses_exchanged_with_six_that_lie_near() -> None:
    """The first six of a side have no run before them, and the three behind do not reach far."""
    near, far = [1, 3, 5, 7, 9, 11], [19, 21, 23, 25, 27, 29]
    table = TOWN.copy()
    table[XY] += np.random.default_rng(1).normal(0, 15, (len(table), 2))
    run = np.concatenate([houses(table, 1, near), houses(table, 1, far)])
    others = np.concatenate([houses(table, 1, far), houses(table, 1, near)])
    assert displaced(misplace(table, run, table.loc[others, XY].to_numpy())) == sorted(run.tolist())


@pytest.mark.parametrize(
    ("near", "far"),
    [
        (range(1, 19, 2), range(19, 37, 2)),  # the first nine of a side with the next nine
        (range(1, 21, 2), range(21, 41, 2)),  # its halves: no run is left that is right
        (range(7, 21, 2), range(27, 41, 2)),  # up to its end
        (range(1, 19, 2), range(20, 38, 2)),  # with nine of the other side
    ],
)
def test_long_runs_exchanged_of_which_no_end_lies_near_a_right_run(near: range, far: range) -> None:
    run = np.concatenate([houses(TOWN, 33, near), houses(TOWN, 33, far)])
    others = np.concatenate([houses(TOWN, 33, far), houses(TOWN, 33, near)])
    table = misplace(TOWN, run, TOWN.loc[others, XY].to_numpy())
    assert displaced(table) == sorted(run.tolist())


def test_evidence_counts_every_address_once() -> None:
    run = rows_of(TOWN, 33, 12)
    table = misplace(TOWN, run, TOWN.loc[rows_of(TOWN, 32, 12), XY].to_numpy())
    table = lose(table, rows_of(TOWN, 40, 7))
    table = table.join(measure_away(table))
    table["is_misplaced"] = find_misplaced(table, table["away_m"].to_numpy(), {})
    table.loc[table["is_misplaced"], XY] = np.nan
    places = merge_places(table)
    counts = count_evidence(places, table, way_of(10))
    assert tuple(counts) == KINDS
    assert sum(counts.values()) == len(places)
    assert counts["way_of_its_name"] == N_HOUSES
    assert (counts["place_withdrawn"], counts["never_placed"]) == (12, 7)
    assert counts["building_numbers"] > 2000
