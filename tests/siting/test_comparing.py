"""Candidates side by side, gains anywhere, variations and draws."""

from typing import ClassVar

import numpy as np
import pytest

from tests.coverage.small import StraightLine, make_demand
from welcomemap.describe.comparison import describe_verdict
from welcomemap.errors import UsageError
from welcomemap.siting.compare import (
    Candidate,
    CandidateCoverage,
    compare,
    describe_reach,
    judge_space,
)
from welcomemap.siting.enumeration import fold_subsets, list_subsets
from welcomemap.siting.problem import SitingProblem, SitingRequest
from welcomemap.siting.ranking import Criterion, find_pareto, rank_candidates, share_best
from welcomemap.siting.solve import solve, vary_group, vary_p, vary_threshold
from welcomemap.study.siting import gain_by_cell

INF = np.inf


def criterion(key, *, is_more_better=True, weight=1.0) -> Criterion:
    return Criterion(key, is_more_better, weight)


def candidate(name, gained=0.0) -> Candidate:
    return Candidate(
        name, name, "exact", CandidateCoverage({"residents": gained}, 0.5, 300.0, 900.0)
    )


class TestReach:
    cost = np.array([100.0, 1000.0, 1000.1, INF])
    people: ClassVar = {
        "residents": np.array([10.0, 20.0, 30.0, 40.0]),
        "over_65": np.array([1.0, 2, 3, 4]),
    }

    def test_by_hand(self):
        covered = np.array([True, False, False, False])
        reach = describe_reach(self.cost, covered, self.people, 1000.0)
        assert reach.gained == {"residents": 20, "over_65": 2}
        assert reach.overlap_share == pytest.approx(10 / 30)
        assert reach.mean_cost == pytest.approx((1000 + 20000 + 30003) / 60)
        assert reach.p90_cost == 1000.1

    def test_nobody_reached_is_unknown_not_zero(self):
        reach = describe_reach(np.full(4, INF), np.zeros(4, bool), self.people, 1000.0)
        assert (reach.overlap_share, reach.mean_cost, reach.p90_cost) == (None, None, None)
        assert reach.gained["residents"] == 0

    def test_unknown_group(self):
        with pytest.raises(UsageError):
            describe_reach(self.cost, np.zeros(4, bool), {}, 1000.0)

    def test_space(self):
        assert judge_space(700, 2, 600, 2) is True
        assert judge_space(599, None, 600, 2) is False
        assert judge_space(700, None, 600, 2) is None
        assert judge_space(None, None, None, None) is None


class TestRanking:
    def test_by_hand(self):
        ranking = rank_candidates(
            {"gain": [10, 0, 5], "way": [100, 0, 50]},
            [criterion("gain", weight=3), criterion("way", is_more_better=False, weight=1)],
        )
        np.testing.assert_allclose(ranking.low, [0.75, 0.25, 0.5])
        np.testing.assert_array_equal(ranking.low, ranking.high)
        np.testing.assert_array_equal(ranking.rank, [1, 3, 2])
        assert ranking.pareto.all()
        # the first two lead in half of all weightings each, the middle one never
        np.testing.assert_allclose(ranking.first_share, [0.5, 0.5, 0.0], atol=0.04)
        assert ranking.first_share.sum() == pytest.approx(1)

    def test_unknown_is_an_interval_and_never_zero(self):
        ranking = rank_candidates({"gain": [10, 0, None]}, [criterion("gain")])
        np.testing.assert_allclose(ranking.low, [1, 0, 0])
        np.testing.assert_allclose(ranking.high, [1, 0, 1])
        np.testing.assert_array_equal(ranking.rank, [1, 3, 2])
        assert ranking.pareto[2]

    def test_equal_values_decide_nothing(self):
        ranking = rank_candidates({"gain": [4, 4]}, [criterion("gain")])
        np.testing.assert_array_equal(ranking.rank, [1, 1])
        np.testing.assert_allclose(ranking.first_share, [0.5, 0.5])

    def test_pareto_against_definition(self):
        rng = np.random.default_rng(0)
        table = rng.integers(0, 4, (40, 3)).astype(float)
        table[rng.random(table.shape) < 0.1] = np.nan
        for k, kept in enumerate(find_pareto(table)):
            dominated = any(
                all(o >= v for o, v in zip(other, table[k], strict=True))
                and any(o > v for o, v in zip(other, table[k], strict=True))
                for other in table
            )
            assert kept == (not dominated)

    @pytest.mark.parametrize(
        ("values", "criteria"),
        [
            ({}, [criterion("gain")]),
            ({"gain": [1]}, [criterion("gain", weight=0)]),
            ({"gain": [1, 2], "way": [1]}, [criterion("gain"), criterion("way")]),
        ],
    )
    def test_impossible_rankings(self, values, criteria):
        with pytest.raises(UsageError):
            rank_candidates(values, criteria)

    def test_share_best_splits_ties(self):
        draws = np.array([[1.0, 1.0], [2.0, 1.0]])
        np.testing.assert_allclose(share_best(draws), [0.75, 0.25])
        np.testing.assert_allclose(share_best(-draws), [0.25, 0.75])
        with pytest.raises(UsageError):
            share_best(np.empty((0, 2)))


class TestCompare:
    pair = (candidate("A-Straße", 100.0), candidate("B-Platz", 50.0))

    def test_a_clear_lead_is_decided(self):
        draws = np.column_stack([np.full(10, 100.0), np.full(10, 50.0)])
        result = compare(self.pair, [criterion("gain")], {"gain": [100, 50]}, gained_draws=draws)
        assert result.is_decided
        assert result.ranking.rank.tolist() == [1, 2]
        assert result.p_best.tolist() == [1, 0]
        assert result.pareto == ["A-Straße"]
        assert "A-Straße" in describe_verdict(result)[0].in_language("de")
        assert "best site" in describe_verdict(result)[0].in_language("en")

    @pytest.mark.parametrize(
        ("values", "draws"),
        [
            ([100, 50], [[100.0, 50.0], [50.0, 100.0]]),
            ([100, None], [[100.0, 50.0]]),
            ([100, 100], [[100.0, 50.0]]),
        ],
    )
    def test_the_data_cannot_decide(self, values, draws):
        result = compare(
            self.pair, [criterion("gain")], {"gain": values}, gained_draws=np.array(draws)
        )
        assert not result.is_decided
        assert "cannot decide" in describe_verdict(result)[0].in_language("en")
        assert "können nicht entscheiden" in describe_verdict(result)[0].in_language("de")

    def test_without_draws_p_best_is_unknown(self):
        assert compare(self.pair, [criterion("gain")], {"gain": [100, 50]}).p_best is None

    def test_impossible_comparisons(self):
        with pytest.raises(UsageError):
            compare([], [criterion("gain")], {"gain": []})
        with pytest.raises(UsageError):
            compare(self.pair, [criterion("gain")], {"gain": [1]})
        with pytest.raises(UsageError):
            compare(self.pair, [criterion("gain")], {"gain": [1, 2]}, gained_draws=np.ones((3, 5)))


def test_gain_surface_against_the_whole_matrix():
    rng = np.random.default_rng(1)
    places, people = rng.uniform(0, 5000, (50, 2)), rng.uniform(0, 5000, (300, 2))
    places[0] = people[0] + [1000.0, 0.0]
    weights, covered = rng.integers(0, 90, (300, 2)).astype(float), rng.random(300) < 0.4
    dense = np.hypot(*(places[:, None] - people[None]).transpose(2, 0, 1)) <= 1000.0
    demand = make_demand(people, weights, groups=("residents", "over_65"))
    for g, group in enumerate(demand.groups):
        gain = gain_by_cell(demand, group, covered, 1000.0, StraightLine(), places=places, chunk=7)
        np.testing.assert_allclose(gain, [weights[d & ~covered, g].sum() for d in dense])
    nowhere = gain_by_cell(
        demand, "over_65", covered, 10.0, StraightLine(), places=np.empty((0, 2))
    )
    assert nowhere.shape == (0,)


class TestVariations:
    problem = SitingProblem(
        cost=np.array([[0.0, 5, 9], [5, 0, 4], [9, 4, 0]]),
        weights=np.array([1.0, 1, 3]),
        demand_ids=("x", "y", "z"),
        facility_ids=("a", "b", "c"),
    )
    request = SitingRequest("mclp", p=1, threshold=4.0)

    def test_p(self):
        chosen = solve(self.problem, self.request).optimal_sets[0]
        one, two = vary_p(self.problem, self.request, chosen, [1, 2])
        assert (one.chosen_loss_share, two.chosen_loss_share) == (0, None)
        assert [v.result.objective for v in (one, two)] == [4, 5]
        assert set(two.sites_kept) <= set(chosen)

    def test_threshold(self):
        narrow, wide = vary_threshold(self.problem, self.request, ("b",), [0.0, 5.0])
        assert (narrow.chosen_objective, narrow.result.objective) == (1, 3)
        assert narrow.chosen_loss_share == pytest.approx(2 / 3)
        assert (wide.chosen_objective, wide.chosen_loss_share) == (5, 0)

    def test_group(self):
        (other,) = vary_group(self.problem, self.request, ("c",), {"old": np.array([9.0, 0, 0])})
        assert (other.value, other.result.optimal_sets) == ("old", (("a",),))
        assert other.chosen_loss_share == 1


class TestScoringEverySet:
    @pytest.mark.parametrize("p", [1, 2, 3, 4, 5, 8])
    def test_three_objectives_against_the_definition(self, p):
        rng = np.random.default_rng(p)
        cost = rng.integers(0, 50, (20, 8)).astype(float)
        cost[rng.random(cost.shape) < 0.05] = INF
        weights = rng.integers(0, 5, 20).astype(float)
        counted = weights > 0
        cost, weights = cost[counted], weights[counted]
        nearest = fold(cost.T, INF, p, np.minimum)
        within = fold((cost <= 20).T.astype(float), 0.0, p, np.add)
        for k, subset in enumerate(list_subsets(8, p)):
            expected = cost[:, subset].min(axis=1)
            assert nearest[k] @ weights == (expected * weights).sum()
            assert (within[k] >= 1) @ weights == weights[expected <= 20].sum()
            assert nearest[k].max() == expected.max()


def fold(columns, start, p, by):
    columns = np.ascontiguousarray(columns)
    start = np.full(columns.shape[1], start)
    return np.concatenate([block.copy() for block in fold_subsets(columns, start, p, by)])
