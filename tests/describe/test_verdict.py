"""The verdict of a comparison in every case that could make a sentence untrue."""

from __future__ import annotations

import numpy as np
import pytest

from welcomemap.describe.comparison import describe_verdict
from welcomemap.siting.compare import Candidate, CandidateCoverage, Comparison, compare
from welcomemap.siting.ranking import Criterion


def judge(
    gains: list[float],
    columns: dict[str, list[float | None]],
    draws: list[list[float]] | None = None,
    weights: dict[str, float] | None = None,
) -> Comparison:
    names = "ABCDEF"
    candidates = [
        Candidate(
            names[k], names[k], "exact", CandidateCoverage({"residents": gain}, None, None, None)
        )
        for k, gain in enumerate(gains)
    ]
    criteria = [Criterion(key, key != "way", (weights or {}).get(key, 1.0)) for key in columns]
    drawn = None if draws is None else np.array(draws, dtype=np.float64)
    return compare(candidates, criteria, columns, gained_draws=drawn)


def english(found: Comparison) -> str:
    return " ".join(sentence.in_language("en") for sentence in describe_verdict(found))


def test_a_dominated_candidate_never_leads_and_is_never_a_reason() -> None:
    found = judge([9, 5], {"gain": [9, 5], "way": [100, 300]}, [[9, 5]] * 4)
    assert found.is_decided
    assert list(found.ranking.pareto) == [True, False]
    assert "Reason: “A” is the best in: gain · way." in english(found)
    assert "another candidate is better" not in english(found)


def test_draws_and_ranking_that_disagree_are_both_told() -> None:
    """B brings the most people in every draw, but A is weighed first for its way."""
    found = judge(
        [5, 6], {"gain": [5, 6], "way": [100, 900]}, [[5, 6]] * 10, {"gain": 1.0, "way": 9.0}
    )
    assert not found.is_decided
    told = english(found)
    assert "by the weights “A” comes first, but in all draws “B” gains the most people" in told
    assert told.count("draws") == 1
    assert " leads" not in told
    assert "“A” is the best in: way; another candidate is better in: gain." in told


def test_nobody_gains() -> None:
    found = judge([0, 0], {"gain": [0, 0], "way": [100, 300]}, [[0, 0]] * 4)
    told = english(found)
    assert "None of the candidates brings any more people within reach." in told
    assert "gains the most people." not in told
    assert "Keiner der Kandidaten" in describe_verdict(found)[2].in_language("de")


def test_one_candidate_alone_is_neither_best_nor_undecided() -> None:
    found = judge([7], {"gain": [7]}, [[7]])
    assert describe_verdict(found)[0].in_language("en").startswith("“A” is the only candidate")
    assert "“A” would bring 7 more people within reach." in english(found)
    assert "best" not in english(found)
    assert not found.is_decided


def test_candidates_that_are_level_by_weights_alone_are_not_called_equal() -> None:
    """Each is better in one criterion: that they are level follows from equal weights only."""
    found = judge([4, 1], {"gain": [4, 1], "stop": [1, 4]}, [[4, 1]])
    assert (
        describe_verdict(found)[0]
        .in_language("en")
        .startswith("If all criteria count the same, “A” and “B” are level")
    )
    assert "gleichauf; die Daten können nicht" in describe_verdict(found)[0].in_language("de")


def test_level_candidates_are_all_named() -> None:
    found = judge([4, 4, 1], {"gain": [4, 4, 1]}, [[4, 4, 1]])
    assert describe_verdict(found)[0].in_language("en").endswith("“A” and “B” are level.")
    assert describe_verdict(found)[0].in_language("de").endswith("„A“ und „B“ liegen gleichauf.")
    assert "Reason" not in english(found)


def test_unknown_values_are_the_reason_only_where_they_are() -> None:
    unknown = judge([9, 5], {"gain": [9, 5], "way": [200, None]}, [[9, 5]] * 4, {"way": 9})
    assert not unknown.is_decided
    assert "values that are not known could change the order" in describe_verdict(unknown)[
        0
    ].in_language("en")
    known = judge([9, 8], {"gain": [9, 8]}, [[9, 8], [8, 9]])
    assert not known.is_decided
    assert "not known" not in describe_verdict(known)[0].in_language("en")
    assert "in only 50.0% of the draws “A” gains the most people" in describe_verdict(known)[
        0
    ].in_language("en")


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_choice_that_hangs_on_the_weights_is_not_decided_by_data(share: float) -> None:
    """A leads by the weights given; over all weightings the other way of weighing prevails."""
    columns: dict[str, list[float | None]] = {
        "gain": [9, 5],
        "way": [900, 100],
        "lines": [1, 5],
        "space": [1, 5],
    }
    heavy = {"gain": 50.0} if share > 0.5 else {"gain": 0.1}
    found = judge([9, 5], columns, [[9, 5]] * 10, heavy)
    lead = int(np.argmin(found.ranking.rank))
    assert lead == (0 if share > 0.5 else 1)
    assert not found.is_decided
    if lead == 0:
        assert found.ranking.first_share[0] < 0.5
        assert "of all weightings" in describe_verdict(found)[0].in_language("en")
