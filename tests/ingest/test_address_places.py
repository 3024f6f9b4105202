"""A point is good, street-level or suspect for the reasons the data's README gives."""

from __future__ import annotations

import numpy as np
import pandas as pd

from welcomemap.ingest.addresses import find_street_level, find_suspects, merge_places

NAN = float("nan")


def make_rows(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["street", "house_number", "x", "y"])
    table["is_residential"] = True
    table["is_street_level"] = find_street_level(table)
    return table


def test_a_point_of_four_different_numbers_is_the_street() -> None:
    rows = make_rows(*[("A", str(n), 5.0, 5.0) for n in (1, 2, 3, 4)], ("A", "9", 50.0, 5.0))
    assert rows["is_street_level"].tolist() == [True] * 4 + [False]


def test_a_point_of_three_different_numbers_is_good() -> None:
    rows = make_rows(*[("A", str(n), 5.0, 5.0) for n in (1, 2, 3)])
    assert not rows["is_street_level"].any()


def test_one_number_with_many_buildings_is_good() -> None:
    rows = make_rows(*[("A", "1", 5.0, 5.0)] * 6)
    assert not rows["is_street_level"].any()


def test_a_row_without_number_makes_its_point_the_street() -> None:
    rows = make_rows(("A", "", 5.0, 5.0), ("A", "1", 5.0, 5.0), ("A", "2", 9.0, 5.0))
    assert rows["is_street_level"].tolist() == [True, True, False]


def test_rows_without_place_are_not_street_level_together() -> None:
    rows = make_rows(*[("A", str(n), NAN, NAN) for n in range(1, 7)])
    assert not rows["is_street_level"].any()
    assert merge_places(rows)["quality"].tolist() == ["none"] * 6


def test_buildings_of_one_number_are_averaged_and_any_home_counts() -> None:
    rows = make_rows(("A", "1", 0.0, 0.0), ("A", "1", 40.0, 0.0), ("A", "1", NAN, NAN))
    rows["is_residential"] = [False, True, False]
    place = merge_places(rows).iloc[0]
    assert (place["x"], place["y"], place["quality"]) == (20.0, 0.0, "point")
    assert place["is_residential"]


def test_buildings_far_apart_are_suspect_and_keep_the_middle_one() -> None:
    rows = make_rows(("A", "1", 0.0, 0.0), ("A", "1", 10.0, 0.0), ("A", "1", 900.0, 0.0))
    place = merge_places(rows).iloc[0]
    assert place["quality"] == "suspect"
    assert place["x"] == 10.0


def test_a_good_point_wins_over_a_street_level_one() -> None:
    rows = make_rows(*[("A", str(n), 5.0, 5.0) for n in (1, 2, 3, 4)], ("A", "1", 100.0, 5.0))
    merged = merge_places(rows).set_index("house_number")
    assert merged.loc["1", "x"] == 100.0
    assert merged.loc["1", "quality"] == "point"
    assert merged.loc["2", "quality"] == "street"


def make_street(positions: dict[str, tuple[float, float]]) -> pd.DataFrame:
    rows = [("A", number, x, y) for number, (x, y) in positions.items()]
    return merge_places(make_rows(*rows))


def list_suspects(places: pd.DataFrame) -> set[str]:
    return set(places.loc[find_suspects(places), "house_number"])


def test_a_number_away_from_both_sides_is_suspect() -> None:
    street = {str(n): (10.0 * n, 0.0) for n in range(1, 40, 2)}
    assert list_suspects(make_street(street)) == set()
    assert list_suspects(make_street(street | {"11": (110.0, 300.0)})) == {"11"}


def test_the_other_side_of_the_street_does_not_confuse() -> None:
    """Even numbers a kilometre away from the odd ones: a long street, nobody is wrong."""
    street = {str(n): (10.0 * n, 1000.0 * (n % 2)) for n in range(1, 40)}
    assert list_suspects(make_street(street)) == set()


def test_a_gap_in_the_row_of_houses_is_not_suspect() -> None:
    street = {str(n): (10.0 * n + (600 if n > 20 else 0), 0.0) for n in range(1, 40, 2)}
    assert list_suspects(make_street(street)) == set()


def test_the_last_number_far_from_the_whole_street_is_suspect() -> None:
    street = {str(n): (10.0 * n, 0.0) for n in range(1, 20, 2)}
    assert list_suspects(make_street(street | {"21": (9000.0, 0.0)})) == {"21"}


def test_two_houses_are_never_suspect() -> None:
    assert list_suspects(make_street({"1": (0.0, 0.0), "3": (9000.0, 0.0)})) == set()


def test_flags_follow_the_rows_whatever_their_index() -> None:
    street = {str(n): (10.0 * n, 0.0) for n in range(1, 40, 2)} | {"11": (110.0, 300.0)}
    places = make_street(street)
    shuffled = places.sample(frac=1.0, random_state=np.random.default_rng(1))
    shuffled = shuffled.reset_index(drop=True)
    assert list_suspects(shuffled) == {"11"}
