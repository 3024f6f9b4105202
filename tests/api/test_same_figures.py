"""One request, one figure: in the API, on the command line, in the app and in the paper's tables.

That the paper's text and workbook hold the command line's: ``tests/report/test_numbers.py``.
"""

from __future__ import annotations

import csv
import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import welcomemap as wm
from welcomemap import cli
from welcomemap.crs import unproject_point
from welcomemap.pages.figures import Setting, _compute
from welcomemap.region.pack import RegionPack
from welcomemap.study.study import Study
from welcomemap.travel.impedance import Threshold

SCENARIO, THRESHOLD, GROUP = "2026", "1000m", "migration_background"
ASKED = ("--scenario", SCENARIO, "--threshold", THRESHOLD, "--group", GROUP)


def ask(*arguments: str) -> Any:
    """Return what a command prints as JSON."""
    with redirect_stdout(StringIO()) as told:
        assert cli.run([*arguments, "--json"]) == 0
    return json.loads(told.getvalue())


def people(told: list[float]) -> Any:
    """Return what figures of people must be, where JSON has three decimals."""
    return pytest.approx(told, abs=6e-4)


@pytest.fixture(scope="module")
def region(default_pack: RegionPack) -> wm.Region:
    return wm.Region(Study(default_pack))


def test_coverage(region: wm.Region) -> None:
    told = ask("coverage", *ASKED)["rows"]
    rows = region.coverage(SCENARIO, THRESHOLD, group=GROUP)
    assert rows["area_id"].tolist() == [str(row["area"]) for row in told]
    for name in ("total", "covered"):
        assert rows[name].tolist() == people([row[name] for row in told])
    for name in ("share", "share_if_disputed_false", "probability_unserved"):
        assert rows[name].tolist() == pytest.approx([row[name] for row in told], abs=6e-5)
    bounds = rows[["share_lower", "share_upper"]].to_numpy()
    assert bounds == pytest.approx(np.array([row["interval"] for row in told]), abs=6e-5)


def test_gaps_here_on_the_command_line_and_in_the_app(region: wm.Region) -> None:
    told = ask("gaps", *ASKED)
    gaps = region.gaps(SCENARIO, THRESHOLD, group=GROUP)
    shown = _compute(region.study, Setting(SCENARIO, "walk", Threshold(1000.0, "m"), GROUP)).gaps
    districts = gaps.districts
    for number, row, mine in zip(districts.index, told["districts"], shown.districts, strict=True):
        here = districts.loc[number]
        assert number == row["district"] == mine.district
        assert (here["people"], here["covered"]) == (mine.people, mine.covered)
        assert [here["people"], here["covered"]] == people([row["people"], row["covered_people"]])
        assert here["share"] == pytest.approx(row["covered_share"], abs=6e-5)
        assert here["share"] == mine.share
        assert here["located_unserved"] == row["located_unserved"] == mine.is_located_unserved
        assert list(here["disputed"]) == row["disputed"]
    assert gaps.areas["rank"].tolist() == [area["rank"] for area in told["areas"]]
    out = [area["out_of_reach"] for area in told["areas"]]
    assert gaps.areas["out_of_reach"].tolist() == people(out)
    assert gaps.areas["nearest_site"].tolist() == [a["nearest_site"] for a in told["areas"]]
    sentences = [row["reason"]["en"] for row in (*told["districts"], *told["areas"])]
    assert gaps.tell("en") == sentences


def test_difference(region: wm.Region) -> None:
    told = ask("diff", "2019", "2026", "--threshold", THRESHOLD)
    difference = region.diff("2019", "2026", THRESHOLD)
    for name in ("gained", "lost"):
        assert difference.rows[name].tolist() == people([row[name] for row in told["rows"]])
    assert difference.tell("de") == told["sentences"]["de"]


@pytest.mark.parametrize("mode", ["walk", "cycle", "transit"])
def test_nearest(region: wm.Region, mode: Any) -> None:
    address = "Merowingerstr. 20"
    told = ask("nearest", address, "--mode", mode, "--scenario", SCENARIO)["sites"]
    near = region.nearest(address, k=100, mode=mode, scenario=SCENARIO)
    assert near["id"].tolist() == [site["id"] for site in told]
    minutes = [site["duration_min"] for site in told]
    assert near["duration_min"].tolist() == pytest.approx(minutes, abs=0.0501)
    if mode != "transit":
        metres = [site["interval_m"] for site in told]
        bounds = near[["distance_m_lower", "distance_m_upper"]].to_numpy()
        assert bounds == pytest.approx(np.array(metres), abs=0.0501)
    first = near.geometry.iloc[0]
    at = unproject_point(first.x, first.y, crs=region.crs)
    assert at == pytest.approx((told[0]["lat"], told[0]["lon"]), abs=1e-6)


@pytest.mark.parametrize("address", ["Kölner Strase 26", "Merowingerstr. 20", "Nirgendwo 1"])
def test_geocode(region: wm.Region, address: str) -> None:
    told = ask("geocode", "--address", address)
    row = region.geocode(address, language="de").iloc[0]
    assert row["outcome"] == told["outcome"]
    assert (None if pd.isna(row["matched"]) else row["matched"]) == told["matched"]
    # The explanation of a table's row names the alternatives too.
    assert row["explanation"].startswith(told["explanation"]["de"])
    if told["lat"] is not None:
        at = gpd.GeoSeries([row.geometry], crs=region.crs).to_crs("EPSG:4326").iloc[0]
        assert (at.y, at.x) == pytest.approx((told["lat"], told["lon"]), abs=1e-6)


def test_siting_and_the_people_it_covers(region: wm.Region) -> None:
    told = ask("site", "--model", "mclp", "--p", "1", "--scenario", SCENARIO)
    best = region.site("mclp", 1, scenario=SCENARIO)
    assert (best.status, best.objective) == (told["status"], pytest.approx(told["objective"]))
    assert [list(members) for members in best.optimal_sets] == told["optimal_sets"]
    assert best.tell("en") == told["sentences"]["en"]
    # The objective is the weight covered: as coverage counts it with the site open.
    before = region.coverage(SCENARIO, THRESHOLD).iloc[0]["covered"]
    open_ = region.sites(SCENARIO).query("status in ('open', 'disputed')").dropna(subset="geometry")
    rows = gpd.GeoDataFrame(
        {"id": [*open_.index, *best.sites.index]},
        geometry=[*open_.geometry, *best.sites.geometry],
        crs=region.crs,
    )
    after = region.coverage(rows, THRESHOLD).iloc[0]["covered"]
    assert after == pytest.approx(best.objective, abs=1.0)
    assert before == pytest.approx(told["existing_objective"], abs=1.0)


def test_comparison(region: wm.Region) -> None:
    told = ask("compare", "hdk-446", "hdk-york", "--scenario", SCENARIO)["candidates"]
    rows = region.compare(["hdk-446", "hdk-york"], scenario=SCENARIO).candidates
    for candidate in told:
        here = rows.loc[candidate["id"]]
        assert here["rank"] == candidate["rank"]
        assert here["p_best"] == candidate["p_best"]
        for group, gained in candidate["gained"].items():
            assert here[f"gained_{group}"] == pytest.approx(gained, abs=6e-4)


def test_the_paper_s_table_of_districts(region: wm.Region, tmp_path: Path) -> None:
    written = region.report(
        tmp_path / "paper.csv", scenario=SCENARIO, threshold=THRESHOLD, group=GROUP, language="en"
    )
    gaps = region.gaps(SCENARIO, THRESHOLD, group=GROUP)
    with written[0].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    shares = [float(row["Share [0–1]"]) for row in rows]
    assert shares == pytest.approx(gaps.districts["share"].tolist(), abs=6e-7)
