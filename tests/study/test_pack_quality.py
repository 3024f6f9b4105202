"""What a pack is good for: figures of a hand-worked city, gaps that are told, edges of grades.

One person lives in each cell of Rechteckstadt (see :mod:`tests.worlds`): of the 20 rows of cells in
a district two lie within 100 m of its one street with addresses, and streets are known in district
1 alone.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.worlds import _addresses, _service_points, load_rechteckstadt, write_rechteckstadt
from welcomemap.describe.pack_quality import describe_quality, state_quality, tell_quality
from welcomemap.describe.words import read_region_words
from welcomemap.region.pack import load_pack
from welcomemap.region.verify import seal_pack
from welcomemap.study.pack_quality import (
    AddressCounts,
    AreaQuality,
    Grade,
    PackQuality,
    find_weakest,
    grade_interval,
    grade_share,
    measure_quality,
)
from welcomemap.study.requests import CoverageRequest
from welcomemap.study.study import Study
from welcomemap.wording import Phrase

BAD, CARE, GOOD = Grade.UNRELIABLE, Grade.WITH_CARE, Grade.RELIABLE


def measure(folder: Path) -> PackQuality:
    return measure_quality(Study(load_pack(folder)))


def plain(phrase: Phrase) -> str:
    return phrase.in_language("en").replace("\u00a0", " ")


def drop_layers(folder: Path, *names: str) -> Path:
    manifest = json.loads((folder / "datapackage.json").read_text("utf-8"))
    manifest["resources"] = [one for one in manifest["resources"] if one["name"] not in names]
    (folder / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def set_region(folder: Path, **settings: object) -> Path:
    manifest = json.loads((folder / "datapackage.json").read_text("utf-8"))
    manifest["region"] |= settings
    (folder / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
    return folder


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> PackQuality:
    return measure_quality(Study(load_rechteckstadt(tmp_path_factory.mktemp("pack"))))


def test_the_figures_of_the_tiny_city_are_those_worked_by_hand(found: PackQuality) -> None:
    assert found.is_sound
    assert found.missing == ()
    assert [area.residents for area in found.districts] == [400, 400, 400]
    assert [area.near_address_share for area in found.districts] == pytest.approx([0.1] * 3)
    assert [area.on_streets_share for area in found.districts] == [1.0, 0.0, 0.0]
    # 200 numbers a district, without the 20 that end in 7; the one without a place lies nowhere.
    assert [area.addresses for area in found.districts] == [AddressCounts(point=180)] * 3
    assert [area.candidates for area in found.districts] == [1, 0, 1]
    assert [area.sites_located for area in found.districts] == [("a2",), ("b2",), ()]
    assert [area.sites_disputed for area in found.districts] == [(), ("b2",), ()]
    assert found.city is not None
    assert found.city.addresses == AddressCounts(point=540, none=1)
    assert found.city.on_streets_share == pytest.approx(1 / 3)
    assert found.city.candidates == 2
    assert [area.area for area in found.quarters] == ["011", "012", "021", "031"]
    assert [area.residents for area in found.quarters] == [200, 200, 400, 400]
    assert [area.on_streets_share for area in found.quarters] == [1.0, 1.0, 0.0, 0.0]


def test_an_answer_is_graded_by_what_is_known_where_people_live(found: PackQuality) -> None:
    assert [area.search for area in found.districts] == [BAD] * 3
    assert [area.ways for area in found.districts] == [GOOD, BAD, BAD]
    assert [area.weakest for area in found.districts] == [BAD] * 3
    assert found.frame["ways"].tolist()[1:4] == [GOOD, BAD, BAD]


def test_shares_are_those_of_the_coverage_table(found: PackQuality, tmp_path: Path) -> None:
    study = Study(load_rechteckstadt(tmp_path))
    told = {(row.area_kind, row.area): row for row in study.measure_coverage(
        CoverageRequest("2025")).rows}  # fmt: skip
    assert len(found.areas) == 8
    for area in found.areas:
        row = told[area.area_kind, area.area]
        assert (area.share, area.interval) == (row.share, row.interval)


def test_a_wide_interval_or_another_reading_makes_a_share_unsure(found: PackQuality) -> None:
    area = replace(found.districts[0], interval=(0.4, 0.44), evenly_share=None)
    assert area.shares is GOOD
    assert replace(area, interval=(0.4, 0.6)).shares is CARE
    assert replace(area, interval=(0.4, 0.61)).shares is BAD
    assert replace(area, is_other_reading_apart=True).shares is CARE
    assert replace(area, sites_unlocated=("x",)).shares is CARE
    assert replace(area, evenly_share=0.05).shares is GOOD
    assert replace(area, evenly_share=0.06).shares is CARE
    assert replace(area, evenly_share=0.6).shares is BAD
    assert replace(area, interval=None).shares is None


@pytest.mark.parametrize(
    ("share", "grade"), [(1.0, GOOD), (0.95, GOOD), (0.949, CARE), (0.5, CARE), (0.499, BAD),
                         (0.0, BAD), (None, None)],
)  # fmt: skip
def test_the_edges_of_the_grades_belong_to_the_better_one(
    share: float | None, grade: Grade | None
) -> None:
    assert grade_share(share) is grade


def test_the_edges_of_an_interval_are_not_lost_in_the_last_digit() -> None:
    # 0.15 - 0.1 and 0.3 - 0.1 are a little more than 0.05 and 0.2 as floats.
    assert grade_interval((0.1, 0.15)) is GOOD
    assert grade_interval((0.1, 0.3)) is CARE
    assert grade_interval((0.1, 0.3001)) is BAD


def test_the_weakest_is_the_worst_of_those_known() -> None:
    assert find_weakest(GOOD, None, CARE) is CARE
    assert find_weakest(CARE, BAD, GOOD) is BAD
    assert find_weakest(None, GOOD) is GOOD
    assert find_weakest(None, None) is None


def test_a_layer_that_is_missing_makes_its_figures_unknown_and_says_its_cost(
    tmp_path: Path,
) -> None:
    folder = drop_layers(
        write_rechteckstadt(tmp_path), "addresses", "street_edges", "service_points",
        "candidate_sites",
    )  # fmt: skip
    found = measure(folder)
    assert found.missing == ("addresses", "street_edges", "service_points", "candidate_sites")
    for area in found.districts:
        assert (area.addresses, area.near_address_share, area.candidates) == (None, None, None)
        assert (area.sites_located, area.share, area.interval) == (None, None, None)
        # Nothing is found, and every way is an estimate: that is known, and bad.
        assert (area.search, area.ways, area.shares) == (BAD, BAD, None)
    told = [one.in_language("en") for one in tell_quality(found, read_region_words({}))]
    assert any("no house number" in one for one in told)
    assert any("estimate from the straight line" in one for one in told)
    assert any("who reaches one" in one for one in told)


def test_people_spread_evenly_over_wide_cells_are_told(tmp_path: Path) -> None:
    found = measure(set_region(write_rechteckstadt(tmp_path), people_grid_m=1000))
    assert [area.evenly_share for area in found.districts] == [1.0, 1.0, 1.0]
    assert [area.shares for area in found.districts] == [BAD] * 3
    told = describe_quality(found.districts[0], found)
    assert any("spread evenly over cells of 1.0 km" in plain(one) for one in told)


@pytest.mark.parametrize(("width", "share"), [(100, 0.0), ("1000", None), (True, None), (-5, None)])
def test_a_fine_grid_spreads_nobody_and_a_strange_width_says_nothing(
    tmp_path: Path, width: object, share: float | None
) -> None:
    found = measure(set_region(write_rechteckstadt(tmp_path), people_grid_m=width))
    assert {area.evenly_share for area in found.areas} == {share}


def test_where_shares_cannot_be_computed_the_reason_is_told(tmp_path: Path) -> None:
    folder = write_rechteckstadt(tmp_path)
    manifest = json.loads((folder / "datapackage.json").read_text("utf-8"))
    del manifest["region"]["detour_factor"]
    (folder / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
    found = measure(folder)
    assert found.is_sound
    assert {area.interval for area in found.areas} == {None}
    told = [plain(one) for one in tell_quality(found, read_region_words({}))]
    assert any("cannot be told" in one and "detour factor" in one for one in told)


def test_without_a_good_place_no_address_is_near(tmp_path: Path) -> None:
    addresses = _addresses().assign(location_quality="street")
    found = measure_quality(Study(load_rechteckstadt(tmp_path, addresses=addresses)))
    assert {area.near_address_share for area in found.areas} == {0.0}
    assert found.districts[0].addresses == AddressCounts(street=180)


def test_a_site_without_a_place_is_told_where_it_is_said_to_serve(tmp_path: Path) -> None:
    sites = _service_points()
    row = sites["id"] == "b2"
    sites.loc[row, ["lat", "lon", "location_outcome"]] = ["", "", "not_found"]
    sites.loc[row, ["stated_districts", "status"]] = ["3", "open"]
    found = measure_quality(Study(load_rechteckstadt(tmp_path, service_points=sites)))
    assert [area.sites_unlocated for area in found.districts] == [(), (), ("b2",)]
    assert found.districts[2].shares in (CARE, BAD)
    told = [one.in_language("en") for one in describe_quality(found.districts[2], found)]
    assert "Sites without a place, which count for nobody: b2." in told


def test_figures_that_rest_on_a_faulty_layer_are_not_told(tmp_path: Path) -> None:
    folder = write_rechteckstadt(tmp_path)
    (folder / "addresses.parquet").write_bytes(b"junk")
    found = measure(folder)
    assert not found.is_sound
    assert "addresses" in found.missing
    assert {area.addresses for area in found.areas} == {None}
    assert {area.interval for area in found.areas} == {None}
    assert found.districts[0].on_streets_share == 1.0
    (layer,) = [one for one in found.layers if one.name == "addresses"]
    assert layer.problems
    (folder / "districts.geojson").write_text("{}")
    broken = measure(folder)
    assert broken.areas == ()
    assert broken.city is None
    assert "no figure" in state_quality(broken).in_language("en")


def test_an_estimated_way_is_told_with_its_spread(found: PackQuality) -> None:
    """The detour factor is 1.23 (1.13 to 1.47): 1,000 m may be 919 m, or 1,195 m, to the ten."""
    said = [plain(one) for one in describe_quality(found.districts[1], found)]
    assert (
        "Ways of all people here are estimated: one told as 1,000 m is 920 m to 1,200 m long in "
        "eight of ten cases."
    ) in said
    assert not any("Ways of" in one.in_language("en")
                   for one in describe_quality(found.districts[0], found))  # fmt: skip


def test_where_nothing_is_missing_that_is_said(found: PackQuality) -> None:
    area: AreaQuality = replace(
        found.districts[0], near_address_share=1.0, interval=(0.2, 0.21), sites_disputed=()
    )
    assert [one.in_language("en") for one in describe_quality(area, found)] == [
        "No gap is known that changes an answer."
    ]
    nobody = replace(area, residents=0.0)
    assert nobody.search is None
    assert "Nobody lives here" in describe_quality(nobody, found)[0].in_language("en")


def test_the_embedded_pack_is_half_blind_and_says_so() -> None:
    """Against its layers read plainly: the rectangle of streets, the list of addresses."""
    study = Study(load_pack())
    found = measure_quality(study)
    assert found.is_sound
    assert found.city is not None
    assert found.city.residents == pytest.approx(658_350)
    rows = study.pack.addresses
    assert found.city.addresses is not None
    assert found.city.addresses.total == len(rows)
    assert found.city.addresses.none == (rows["location_quality"] == "none").sum()
    cells = study.pack.demand_cells
    (extent,) = study.pack.street_extent.geometry
    people = cells["residents"].where(cells.within(extent), 0.0).groupby(cells["district"]).sum()
    people /= cells.groupby("district")["residents"].sum()
    told = {int(area.area): area.on_streets_share for area in found.districts}
    assert told == pytest.approx(people.to_dict(), abs=0.002)
    assert len(found.quarters) == 50


def test_sealing_changes_no_figure(tmp_path: Path, found: PackQuality) -> None:
    folder = write_rechteckstadt(tmp_path)
    seal_pack(load_pack(folder))
    pd.testing.assert_frame_equal(measure(folder).frame, found.frame)
