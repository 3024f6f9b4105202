"""The three meanings of served, each by hand, and that none turns into another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from welcomemap.coverage.accessibility import (
    ServicePoint,
    find_disputed,
    find_located,
    find_planned,
    find_sites_near_border,
    find_stated,
    find_stated_elsewhere,
    is_serving,
    name_site,
    place_destinations,
)
from welcomemap.wording import Given


def point(
    name: str, district: int | None, stated: tuple[int, ...] = (), **more: object
) -> ServicePoint:
    made = ServicePoint(
        id=name,
        name=f"Point {name}",
        address=f"Straße {name}, 40000 Stadt",
        status="open",
        x=1.0,
        y=2.0,
        district=district,
        stated_districts=stated,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_point_said_to_serve_another_district_is_located_where_it_lies() -> None:
    points = [point("a", 9, (10,)), point("b", 9, (9,))]
    assert find_located(points, 9) == ("a", "b")
    assert find_located(points, 10) == ()
    assert find_stated(points, 10) == ("a",)
    assert find_stated(points, 9) == ("b",)
    assert find_stated_elsewhere(points, 10) == ("a",)
    assert find_stated_elsewhere(points, 9) == ()


def test_a_list_that_states_nothing_leaves_it_unknown() -> None:
    assert find_stated([point("a", 1)], 1) is None
    assert find_stated([point("a", 1), point("b", 2, (2,))], 1) == ()
    assert find_stated([], 1) is None


@pytest.mark.parametrize("status", ["planned", "closed"])
def test_planned_and_closed_points_serve_nobody_in_any_meaning(status: str) -> None:
    points = [point("a", 7, (7,), status=status)]
    assert not is_serving(points[0])
    assert find_located(points, 7) == ()
    assert find_stated(points, 7) == ()
    assert len(place_destinations(points)[0]) == 0
    assert find_planned(points, 7) == (("a",) if status == "planned" else ())


def test_a_point_without_a_place_may_be_stated_but_is_not_located_nor_reached() -> None:
    points = [point("a", None, (3,), x=None, y=None)]
    assert find_stated(points, 3) == ("a",)
    assert find_located(points, 3) == ()
    assert find_stated_elsewhere(points, 3) == ()
    assert len(place_destinations(points)[0]) == 0


def test_disputed_points_count_as_published_and_the_other_reading_is_beside_it() -> None:
    said = (Given("geschlossen", "closed"),)
    gone = point("gone", 5, runs_in_other_reading=False, disputes=said)
    omitted = point("omitted", 6, is_published=False, disputes=said)
    moved = point("moved", 8, disputes=said)
    points = [gone, omitted, moved, point("plain", 1)]
    assert [find_located(points, d) for d in (5, 6, 8)] == [("gone",), (), ("moved",)]
    other = [find_located(points, d, as_published=False) for d in (5, 6, 8)]
    assert other == [(), ("omitted",), ("moved",)]
    assert [find_disputed(points, d) for d in (5, 6, 8, 1)] == [
        ("gone",),
        ("omitted",),
        ("moved",),
        (),
    ]
    destinations, placed = place_destinations(points)
    assert destinations.ids == ("gone", "omitted", "moved", "plain")
    assert [is_serving(p) for p in placed] == [True, False, True, True]
    assert [is_serving(p, as_published=False) for p in placed] == [False, True, True, True]


def test_points_near_a_border_are_named() -> None:
    points = [point("a", 2, is_near_border=True), point("b", 2)]
    assert find_sites_near_border(points, 2) == ("a",)


def test_sites_are_called_by_street_and_number() -> None:
    assert name_site(point("7", 1)) == "Straße 7"
    assert name_site(point("7", 1, address="")) == "Point 7"
    assert name_site(replace(point("7", 1), address="", name="")) == "7"
