"""The embedded region at scale: messy forms, impossible forms, hidden houses, official points."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from benchmarks.calibrate_geocoding import ESSEN, hide_upper, read_essen, summarise, table_of

from tests.cases import long
from tests.geocoding.messy import ELSEWHERE, House, impossible_forms, messy_forms
from welcomemap.crs import project
from welcomemap.geocoding.gazetteer import GOOD, Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.geocoding.street_match import bare_key, street_key
from welcomemap.region.pack import RegionPack

RAW = Path(
    os.environ.get("WELCOMEMAP_RAW", Path(__file__).parents[2].parent / "shared" / "geodata")
)
needs_raw = pytest.mark.skipif(not RAW.is_dir(), reason="the raw data folder is absent")
N_MESSY, N_IMPOSSIBLE = 6000, 3000


@pytest.fixture(scope="module")
def gazetteer(default_pack: RegionPack) -> Gazetteer:
    return Gazetteer.from_pack(default_pack)


@pytest.fixture(scope="module")
def geocoder(gazetteer: Gazetteer) -> Geocoder:
    return Geocoder(gazetteer)


@pytest.fixture(scope="module")
def houses(gazetteer: Gazetteer) -> list[House]:
    """Every located house whose postcode and quarter are known."""
    g = gazetteer
    return [
        House(g.streets[g.row_street[r]], g.number[r], g.postcode[r] or "", g.quarter_names[q])
        for r in range(len(g.number))
        if g.quality[r] == GOOD and g.postcode[r] and (q := g.quarter[r]) in g.quarter_names
        and g.number[r] and g.parts[r] is not None
        and not re.search(r"[0-9(]", g.streets[g.row_street[r]])
    ]  # fmt: skip


def is_street(result: GeocodeResult, house: House) -> bool:
    return result.street is not None and street_key(result.street) == street_key(house.street)


@pytest.mark.parametrize("misspelt_share", [0.0, 0.3])
def test_messy_forms(
    geocoder: Geocoder, houses: list[House], gazetteer: Gazetteer, misspelt_share: float
) -> None:
    town = gazetteer.region.town
    forms = list(messy_forms(houses, town, N_MESSY, misspelt_share=misspelt_share))
    assert len({form.kind for form in forms}) >= 20
    results = geocoder.geocode_many([form.text for form in forms])
    pairs = list(zip(forms, results, strict=True))
    right_street = [is_street(r, f.house) for f, r in pairs]
    right_house = [
        s and r.house_number == f.house.number
        for s, (f, r) in zip(right_street, pairs, strict=True)
    ]
    false_exact = [
        (f.text, r.matched)
        for ok, (f, r) in zip(right_house, pairs, strict=True)
        if r.outcome is Outcome.EXACT and not ok
    ]
    assert false_exact == []
    assert np.mean(right_street) >= 0.99
    assert np.mean(right_house) >= 0.98
    assert not [f.text for f, r in pairs if f.is_misspelt and r.outcome is Outcome.EXACT]


def test_impossible_forms_are_refused_or_downgraded(
    geocoder: Geocoder, houses: list[House], gazetteer: Gazetteer
) -> None:
    known = frozenset(street_key(name) for name in gazetteer.streets)
    forms = list(impossible_forms(houses, gazetteer.region.town, N_IMPOSSIBLE, known=known))
    results = geocoder.geocode_many([form.text for form in forms])
    refused = {Outcome.OUTSIDE, Outcome.NOT_FOUND, Outcome.AMBIGUOUS}
    wrong = Counter[str]()
    for form, result in zip(forms, results, strict=True):
        if form.kind in {"no_such_number", "no_such_suffix"}:
            is_right = result.outcome not in {Outcome.EXACT, Outcome.CORRECTED}
            is_right = is_right and result.house_number != form.asked
        elif form.kind in ELSEWHERE or form.kind == "towns_only":
            is_right = result.outcome is Outcome.OUTSIDE
        else:
            is_right = result.outcome in refused
        wrong[form.kind] += not is_right
    assert sum(wrong.values()) <= 0.005 * len(forms), wrong


def test_hidden_houses_lie_within_their_radius(gazetteer: Gazetteer) -> None:
    summary = summarise(table_of(gazetteer)).reset_index()
    for outcome in ("interpolated", "nearest_number", "street"):
        rows = summary[summary["outcome"] == outcome]
        share = float(np.average(rows["share_inside"], weights=rows["n"]))
        assert rows["n"].sum() >= 500
        assert share >= 0.95, (outcome, share)
    median_m = summary.loc[summary["outcome"] == "interpolated", "p50_m"].iloc[0]
    assert median_m <= 10


@pytest.mark.raw
@pytest.mark.skipif(not ESSEN.is_file(), reason="the house coordinates of Essen are absent")
def test_the_radius_holds_for_official_coordinates_of_another_city() -> None:
    summary = summarise(read_essen()).reset_index()
    for outcome in ("interpolated", "nearest_number", "street"):
        rows = summary[summary["outcome"] == outcome]
        share = float(np.average(rows["share_inside"], weights=rows["n"]))
        assert share >= 0.95, (outcome, share)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_numbers_far_beyond_the_last_known_lie_within_the_street_s_radius(
    gazetteer: Gazetteer, share: float
) -> None:
    rows = hide_upper(table_of(gazetteer), share)
    assert len(rows) >= 100
    assert (rows["beyond"] > 20).mean() > 0.9
    assert (rows["error_m"] <= rows["radius_m"]).mean() >= 0.95


def _read(name: str, delimiter: str) -> list[dict[str, str]]:
    path = RAW / "service_points" / name
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.mark.raw
@needs_raw
def test_the_register_without_its_own_points(default_pack: RegionPack) -> None:
    geocoder = Geocoder(Gazetteer.from_pack(default_pack, has_facilities=False))
    errors = {}
    for row in _read("advice_offices_register_2026.csv", ";"):
        text = f"{row['STRASSE']} {row['HAUSNUMMER']}, {row['PLZ']} {row['STADT']}"
        result = geocoder.geocode(text, stated_district=int(row["STADTBEZIRK"]))
        official = project(float(row["LONGITUDE"]), float(row["LATITUDE"]))[0]
        assert result.is_located, text
        assert result.contradictions == (), text
        assert result.x is not None
        assert result.y is not None
        errors[text] = float(np.hypot(result.x - official[0], result.y - official[1]))
    assert len(errors) >= 20
    assert max(errors.values()) <= 40, errors
    assert np.median(list(errors.values())) <= 8


@pytest.mark.raw
@needs_raw
def test_the_seed_lists_are_located(geocoder: Geocoder) -> None:
    rows = _read("welcome_points_2019.csv", ",") + _read("candidate_sites.csv", ",")
    found = {
        row["address_as_published"]: geocoder.geocode(row["address_as_published"])
        for row in rows
        if row["address_as_published"]
    }
    assert all(result.is_located for result in found.values())
    assert found["Rather Familienzentrum"].outcome is Outcome.PLACE
    assert found["Münsterstraße 446"].outcome is Outcome.INTERPOLATED
    assert found["Yorckstraße 19-21"].outcome is Outcome.RANGE
    assert found["Platz der Diakonie 2a"].outcome is Outcome.EXACT
    assert found["Telleringstraße 56"].district == 9


@pytest.mark.raw
@needs_raw
def test_a_street_without_any_place_is_street_with_its_number(geocoder: Geocoder) -> None:
    result = geocoder.geocode("Corneliusstraße 5")
    assert (result.outcome, result.house_number) == (Outcome.STREET, "5")
    assert result.error_radius_m is not None
    assert result.error_radius_m > 300


@pytest.mark.raw
@pytest.mark.skipif(not ESSEN.is_file(), reason="the house coordinates of Essen are absent")
@pytest.mark.parametrize(("of_street", "least"), [(1, 2_000), long(5, 10_000)])
def test_addresses_on_streets_that_only_another_city_has(
    geocoder: Geocoder, gazetteer: Gazetteer, of_street: int, least: int
) -> None:
    """Real names, some one letter from a street here, without a town: no house may be named."""
    table = read_essen()
    own = {street_key(s) for s in gazetteer.streets} | {bare_key(s) for s in gazetteer.streets}
    drawn = (
        table.groupby("street").sample(of_street, replace=True, random_state=3).drop_duplicates()
    )
    outcomes = Counter[str]()
    for row in drawn.itertuples(index=False):
        if not {street_key(row.street), bare_key(row.street)} & own:
            outcomes[geocoder.geocode(f"{row.street} {row.house_number}").outcome] += 1
    assert outcomes.total() > least
    assert outcomes["exact"] == 0
    assert outcomes["corrected"] <= 0.005 * outcomes.total(), outcomes
    refused = outcomes["not_found"] + outcomes["ambiguous"] + outcomes["outside"]
    assert refused >= 0.99 * outcomes.total(), outcomes
