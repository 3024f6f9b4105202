"""Candidates of every source, checked against the hand-worked city."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.worlds import at, write_rechteckstadt
from welcomemap.coverage.demand import read_demand
from welcomemap.crs import unproject_point
from welcomemap.describe.answers import show_candidates, show_choice
from welcomemap.describe.comparison import describe_notes
from welcomemap.describe.contract import to_builtins
from welcomemap.describe.reasons import word_place
from welcomemap.describe.siting import describe_choice
from welcomemap.errors import ColumnValueError, DuplicateIdError, UsageError
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.study.candidates import read_candidate_rows
from welcomemap.study.comparison import find_nearest_stops
from welcomemap.study.requests import CompareRequest, SiteRequest
from welcomemap.study.siting import gain_by_cell
from welcomemap.study.study import Study
from welcomemap.travel.impedance import Threshold


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> RegionPack:
    return load_pack(write_rechteckstadt(tmp_path_factory.mktemp("world") / "pack"))


@pytest.fixture(scope="module")
def study(pack: RegionPack) -> Study:
    return Study(pack)


def test_every_source_gives_placed_candidates_with_their_district(study: Study) -> None:
    stops = study.find_candidates("stops")
    assert stops.ids == tuple(f"s{i}" for i in range(6))
    assert stops.districts.tolist() == [1, 1, 2, 2, 3, 3]
    np.testing.assert_allclose(stops.points, [at(1000.0 * i + 500, 1000.0) for i in range(6)],
                               atol=0.01)  # fmt: skip
    cells = study.find_candidates("cells")
    assert len(cells) == len(set(cells.ids)) == 1200
    offices = study.find_candidates("offices")
    assert offices.ids == ("o1",)
    assert offices.districts.tolist() == [2]
    assert study.find_candidates("list").is_located.all()
    with pytest.raises(UsageError, match="Choose from list, facilities, offices, stops, cells"):
        study.find_candidates("shops")


def test_rows_get_names_ids_and_plain_numbers() -> None:
    frame = pd.DataFrame(
        {" Anschrift ": ["Weg 1", "", "Weg 2"], "Area_M2": ["12,5", "", ""],
         "IS_STEP_FREE": ["Ja", "", "nein"]}
    )  # fmt: skip
    rows = read_candidate_rows(frame, "x.csv").frame
    assert rows["id"].tolist() == ["row-1", "row-3"]
    assert rows["name"].tolist() == rows["address"].tolist() == ["Weg 1", "Weg 2"]
    assert rows["area_m2"].tolist() == ["12.5", ""]
    assert rows["is_step_free"].tolist() == ["true", "false"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("area_m2", "-1"), ("area_m2", "nan"), ("rooms", "1e300"), ("error_radius_m", "5 m"),
     ("is_step_free", "vielleicht")],
)  # fmt: skip
def test_a_cell_that_is_no_number_is_named(column: str, value: str) -> None:
    frame = pd.DataFrame({"id": ["a"], "address": ["Weg 1"], column: [value]})
    with pytest.raises(ColumnValueError) as caught:
        read_candidate_rows(frame, "x.csv")
    assert (caught.value.where.row, caught.value.where.column) == (1, column)


def test_a_double_id_is_named_with_both_rows() -> None:
    frame = pd.DataFrame({"id": ["a", "b", "a"], "address": ["1", "2", "3"]})
    with pytest.raises(DuplicateIdError, match="row 1") as caught:
        read_candidate_rows(frame, "x.csv")
    assert caught.value.where.row == 3


def test_gain_by_cell_is_what_counting_gives(pack: RegionPack, study: Study) -> None:
    demand = read_demand(pack)
    impedance = study.impedance("walk", "m")
    covered = np.zeros(len(demand.points), dtype=bool)
    covered[::3] = True
    places = demand.points[::97]
    costs = impedance.cost_matrix(demand.points, places).cost
    weights = demand.weight_of("over_65")
    expected = [
        sum(w for w, c, done in zip(weights, column, covered, strict=True) if c <= 700 and not done)
        for column in costs.T
    ]
    found = gain_by_cell(demand, "over_65", covered, 700.0, impedance, places=places, chunk=4)
    np.testing.assert_allclose(found, expected)


def test_the_best_single_stop_is_the_one_counting_finds(study: Study) -> None:
    request = SiteRequest(
        model="mclp", p=1, scenario="2020", threshold=Threshold(1000.0, "m"), candidates="stops",
        keep_existing=False,
    )  # fmt: skip
    answer = study.choose_sites(request)
    stops = study.find_candidates("stops")
    costs = study.impedance("walk", "m").cost_matrix(study.demand.points, stops.points).cost
    reached = (costs <= 1000.0).sum(axis=0)
    best = {stops.ids[k] for k in np.flatnonzero(reached == reached.max())}
    chosen = {members[0] for members in answer.result.optimal_sets}
    assert chosen & set(stops.ids) <= best
    assert answer.result.objective >= reached.max()


def test_the_nearest_stop_is_the_one_beside_the_place(pack: RegionPack, study: Study) -> None:
    points = np.array([at(480.0, 1000.0), at(2600.0, 1000.0)])
    found = find_nearest_stops(pack, points, study.impedance("walk", "m"))
    assert [stop.stop_id if stop else None for stop in found] == ["s0", "s2"]


def test_candidates_without_a_place_are_left_out_by_name(study: Study, tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text("id,address\nm,Hauptstraße 300\nn,Nirgendwoweg 9\n", encoding="utf-8")
    answer = study.compare_candidates(CompareRequest((), file=str(table), scenario="2020"))
    assert answer.left_out == ("n",)
    assert answer.sites.ids == ("m",)


@pytest.mark.parametrize("ask", ["compare", "site"])
def test_a_candidate_with_the_id_of_a_site_is_refused_and_both_are_named(
    study: Study, tmp_path: Path, ask: str
) -> None:
    table = tmp_path / "own.csv"
    table.write_text("id,name,address\nm,Mitte,Hauptstraße 300\na,Ost,Hauptstraße 500\n", "utf-8")
    with pytest.raises(DuplicateIdError, match="'a' stands for two places") as caught:
        if ask == "compare":
            study.compare_candidates(CompareRequest((), file=str(table), scenario="2020"))
        else:
            study.choose_sites(
                SiteRequest("mclp", 1, "2020", Threshold(1000.0, "m"), candidates=str(table))
            )
    sites = study.pack.service_points
    site = sites[(sites["id"] == "a") & (sites["scenario"] == "2020")].iloc[0]
    assert str(site["name"]) in str(caught.value)
    assert "Ost, Hauptstraße 500" in str(caught.value)
    assert (caught.value.where.file, caught.value.where.row) == ("own.csv", 2)


def test_a_candidate_of_a_file_with_the_id_of_one_of_the_list_names_both(
    study: Study, tmp_path: Path
) -> None:
    table = tmp_path / "own.csv"
    table.write_text("id,name,address\neast,Mein Ort,Hauptstraße 300\n", encoding="utf-8")
    with pytest.raises(DuplicateIdError) as caught:
        study.compare_candidates(CompareRequest(("east",), file=str(table), scenario="2020"))
    listed = study.pack.candidate_sites.set_index("id").loc["east", "name"]
    assert str(listed) in str(caught.value)
    assert "Mein Ort, Hauptstraße 300" in str(caught.value)
    assert caught.value.where.row == 1


def test_the_id_of_a_site_that_does_not_run_is_free(study: Study, tmp_path: Path) -> None:
    """Planned sites are what one compares; only those in operation count beside a candidate."""
    sites = study.pack.service_points
    planned = sites[(sites["scenario"] == "2020") & (sites["status"] == "planned")].iloc[0]
    table = tmp_path / "own.csv"
    table.write_text(f"id,address\n{planned['id']},Hauptstraße 300\n", encoding="utf-8")
    answer = study.compare_candidates(CompareRequest((), file=str(table), scenario="2020"))
    assert answer.sites.ids == (planned["id"],)


def test_a_place_given_by_coordinates_was_not_looked_up(study: Study, tmp_path: Path) -> None:
    """Nobody has matched an address: it is no exact one, and the JSON has no word for it."""
    lat, lon = unproject_point(*at(3000.0, 1000.0), crs=study.pack.crs)
    table = tmp_path / "own.csv"
    table.write_text(
        f"id,address,lat,lon,location_outcome\nhere,,{lat},{lon},\nclick,,{lat},{lon},set_on_map\n"
        "m,Hauptstraße 300,,,\n",
        encoding="utf-8",
    )
    answer = study.compare_candidates(CompareRequest((), file=str(table), scenario="2020"))
    shown = {row.id: to_builtins(row)["location_outcome"] for row in show_candidates(answer)}
    assert shown == {"here": None, "click": None, "m": "exact"}
    words = [word_place(outcome) for outcome in answer.sites.location_outcomes]
    assert [word.in_language("en") for word in words] == [
        "coordinates given", "set on the map", "exact address",
    ]  # fmt: skip
    assert [word.in_language("de") for word in words[:2]] == [
        "Koordinaten angegeben", "auf der Karte gesetzt",
    ]  # fmt: skip
    told = " ".join(note.in_language("en") for note in describe_notes(answer))
    assert "estimate" not in told


@pytest.mark.parametrize(("candidates", "first"), [("stops", "s"), ("offices", "o")])
def test_sites_chosen_from_a_layer_of_points_have_no_outcome_of_a_lookup(
    study: Study, candidates: str, first: str
) -> None:
    request = SiteRequest("mclp", 1, "2020", Threshold(1000.0, "m"), candidates=candidates)
    places = to_builtins(show_choice(study.choose_sites(request)))["places"]
    outcomes = [row["location_outcome"] for name, row in places.items() if name.startswith(first)]
    assert outcomes
    assert set(outcomes) == {None}


def test_how_much_better_another_choice_may_be_is_never_told_too_low(study: Study) -> None:
    """0.04 % told as 0.0 % would be a proof that there is not."""
    answer = study.choose_sites(SiteRequest("mclp", 1, "2020", Threshold(1000.0, "m")))
    for gap, told in ((0.0004, "at most 0.1%"), (0.0511, "at most 5.2%"), (0.05, "at most 5.0%")):
        unproven = replace(answer, result=replace(answer.result, status="feasible", gap=gap))
        assert told in " ".join(one.in_language("en") for one in describe_choice(unproven))
