"""The recipe for Düsseldorf: same bytes each time, those committed, and the official figures."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from tests.ingest.raw_files import require_raw
from welcomemap.crs import project
from welcomemap.describe.contract import Built, shape, to_builtins
from welcomemap.ingest.addresses import infer_postcodes, read_postcodes
from welcomemap.ingest.boundaries import read_quarter_figures
from welcomemap.ingest.demand_cells import measure_census_change, measure_growth, name_cells
from welcomemap.ingest.duesseldorf import build_pack
from welcomemap.ingest.pack_folder import BuildResult
from welcomemap.ingest.raw import RawFolder
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.region.schemas import GROUPS
from welcomemap.region.verify import check_pack

pytestmark = pytest.mark.raw

COMMITTED = Path(__file__).parents[2] / "geodata"
ROUNDED_TO_M = 0.1
REGISTER = "service_points/advice_offices_register_2026.csv"
CENSUS = "population/zensus2022_100m.csv"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    return build_pack(require_raw(), tmp_path_factory.mktemp("built") / "pack")


@pytest.fixture(scope="module")
def pack() -> RegionPack:
    return load_pack(COMMITTED)


@pytest.fixture(scope="module")
def raw() -> RawFolder:
    return RawFolder(require_raw())


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.long  # a build takes half a minute; what it gives is committed and held to below
def test_twice_the_same_bytes(built: BuildResult, tmp_path: Path) -> None:
    again = build_pack(require_raw(), tmp_path / "pack")
    assert (again.layers, again.warnings) == (built.layers, built.warnings)
    assert read_files(again.folder) == read_files(built.folder)


@pytest.mark.long
def test_the_committed_pack_is_what_the_recipe_gives(built: BuildResult) -> None:
    ours, theirs = read_files(built.folder), read_files(COMMITTED)
    assert sorted(ours) == sorted(theirs)
    differing = [name for name in ours if ours[name] != theirs[name]]
    if is_locked("pyproj"):
        assert differing == []
        return
    # Another PROJ writes a CRS in other words, and rounds some places to the next step each way.
    assert all(Path(name).suffix == ".parquet" or name == "datapackage.json" for name in differing)
    for name in ours:
        if name.endswith(".parquet"):
            assert_same_layer(built.folder / name, COMMITTED / name)
    assert read_manifest(built.folder) == read_manifest(COMMITTED)


def is_locked(package: str) -> bool:
    """Tell whether a package is installed in the version of the lock."""
    lock = (COMMITTED.parent / "requirements-dev.txt").read_text("utf-8")
    return f"\n{package}=={version(package)} " in lock


def assert_same_layer(ours: Path, theirs: Path) -> None:
    one, other = gpd.read_parquet(ours), gpd.read_parquet(theirs)
    assert one.crs == other.crs
    pd.testing.assert_frame_equal(one.drop(columns="geometry"), other.drop(columns="geometry"))
    has_place = one.geometry.notna() & ~one.geometry.is_empty
    assert (has_place == (other.geometry.notna() & ~other.geometry.is_empty)).all()
    placed = one.geometry[has_place], other.geometry[has_place]
    assert shapely.equals_exact(*placed, tolerance=1.5 * ROUNDED_TO_M).all()


def read_manifest(folder: Path) -> object:
    """Return the manifest without what only says how the bytes of a layer are."""
    manifest = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for part in (manifest, *manifest["resources"]):
        for key in ("bytes", "hash", "sha256"):
            part.pop(key, None)
    return manifest


def test_the_pack_passes_its_own_check(pack: RegionPack) -> None:
    result = check_pack(pack)
    assert [problem for layer in result.layers for problem in layer.problems] == []


def test_no_raw_file_is_copied_in() -> None:
    raw_contents = {p.read_bytes() for p in require_raw().rglob("*") if p.is_file()}
    assert not raw_contents & set(read_files(COMMITTED).values())


@pytest.mark.long
def test_contract_of_the_result(built: BuildResult) -> None:
    value = to_builtins(shape(Built, built))
    assert set(value) == {"layers", "missing", "warnings"}
    assert all(set(layer) == {"name", "rows", "sha256", "source"} for layer in value["layers"])


def test_cells_sum_to_the_official_figures_group_by_group(pack: RegionPack, raw: RawFolder) -> None:
    official = read_quarter_figures(raw)
    sums = pack.demand_cells.groupby("quarter")[list(GROUPS)].sum()
    assert sorted(sums.index) == sorted(official.index)
    for group in GROUPS:
        assert np.abs(sums[group] - official[group]).max() < 1e-6
    assert pack.demand_cells["residents"].sum() == pytest.approx(658_350, abs=1e-6)


def test_groups_of_a_cell_fit_together(pack: RegionPack) -> None:
    cells = pack.demand_cells
    assert (cells[list(GROUPS)].to_numpy() >= 0).all()
    assert (cells["migration_background"] <= cells["residents"] + 1e-9).all()
    assert (cells["foreign_citizens"] <= cells["migration_background"] + 1e-9).all()
    assert (cells["under_18"] + cells["over_65"] <= cells["residents"] + 1e-9).all()
    assert 7_500 <= len(cells) <= 8_500


def test_cells_lie_where_their_name_says(pack: RegionPack) -> None:
    cells = pack.demand_cells.to_crs("EPSG:3035")
    corner = cells["cell_id"].str.extract(r"^100mN(\d{5})E(\d{5})$").astype(float) * 100
    assert (cells.geometry.y - corner[0]).between(-0.2, 100.2).all()
    assert (cells.geometry.x - corner[1]).between(-0.2, 100.2).all()


def test_people_live_where_the_census_of_2022_counted_them(
    pack: RegionPack, raw: RawFolder
) -> None:
    """The raw data's README: 611,053 people in 7,652 cells whose centre lies in the city."""
    counted = raw.read_rows(CENSUS, ("x_mp_100m", "y_mp_100m", "Einwohner"), delimiter=";")
    x, y, people = (counted[name].to_numpy(dtype=float) for name in counted.columns[1:4])
    names = name_cells(x, y)
    assert set(pack.demand_cells["cell_id"]) <= set(names)
    city = pack.districts.to_crs("EPSG:3035").union_all()
    is_inside = shapely.intersects_xy(city, x, y)
    assert (int(is_inside.sum()), people[is_inside].sum()) == (7_652, 611_053)
    ours = pack.demand_cells.groupby("cell_id")["residents"].sum()
    both = pd.Series(people, index=names)[is_inside]
    assert np.corrcoef(ours.reindex(both.index).fillna(0.0), both)[0, 1] > 0.99


def test_change_from_census_to_census_worked_out_again(pack: RegionPack, raw: RawFolder) -> None:
    """The two counts of the same cells, joined and compared without the builder."""
    before = pd.read_csv(raw.file("population/zensus2011_100m_true_sample.csv"))
    after = pd.read_csv(raw.file(CENSUS), sep=";")
    both = before.merge(after, left_on=["x", "y"], right_on=["x_mp_100m", "y_mp_100m"])
    scaled = both["Einwohner"] * both["census_pop_100m"].sum() / both["Einwohner"].sum()
    change = measure_census_change(raw)
    assert change.n_cells == len(both) == 133
    off = (scaled - both["census_pop_100m"]).abs()
    assert change.mean_absolute == pytest.approx(off.mean(), abs=0.05)
    assert pack.region["people_error"] == [2.0, pytest.approx(change.relative_sd / 2)]
    (layer,) = [r for r in pack.manifest["resources"] if r["name"] == "demand_cells"]
    assert "13.5 of 71 people" in layer["limits"]


def test_hafen_alone_grew_by_more_than_a_quarter(pack: RegionPack, raw: RawFolder) -> None:
    low, high = measure_growth(raw, pack.demand_cells)
    assert (low, high) == (0.99, 1.82)
    rest = pack.demand_cells[pack.demand_cells["quarter"] != "033"]
    assert measure_growth(raw, rest)[1] <= 1.21


def test_schools_stand_where_their_addresses_do(pack: RegionPack, raw: RawFolder) -> None:
    """187 rows of the register, 9 of them no schools; their places against the addresses."""
    schools = pack.facilities
    assert len(schools) == 164
    (layer,) = [r for r in pack.manifest["resources"] if r["name"] == "facilities"]
    assert "9 rows of the register are seminars and authorities" in layer["limits"]
    assert "178 schools stand at 164 addresses" in layer["limits"]
    assert not schools["name"].str.contains("Seminar|ZfsL|MSB|Bezirksregierung|Schulamt").any()
    points = project(schools["lon"].astype(float), schools["lat"].astype(float))
    street = schools["address"].str.replace("Str.", "Straße").str.replace("str.", "straße")
    known = pack.addresses.set_index(
        pack.addresses["street"] + " " + pack.addresses["house_number"]
    )
    away = [
        float(np.hypot(known.geometry[a].x - x, known.geometry[a].y - y))
        for a, (x, y) in zip(street.str.split(",").str[0], points, strict=True)
        if a in known.index and known.geometry[a] is not None
    ]
    assert len(away) > 80
    assert np.median(away) < 60
    assert sorted(away)[int(0.95 * len(away))] < 250


def test_addresses_against_the_register(pack: RegionPack, raw: RawFolder) -> None:
    """21 of 23 register addresses are found, median 6 m, largest 36 m."""
    register = raw.read_rows(
        REGISTER, ("STRASSE", "HAUSNUMMER", "LATITUDE", "LONGITUDE"), delimiter=";"
    )
    register = register.drop_duplicates(["STRASSE", "HAUSNUMMER"])
    places = pack.addresses.set_index(["street", "house_number"]).geometry
    away = []
    for row in register.to_dict("records"):
        key = (row["STRASSE"], row["HAUSNUMMER"].lower())
        if key in places.index:
            official = project(float(row["LONGITUDE"]), float(row["LATITUDE"]))[0]
            away.append(places[key].distance(shapely.Point(official)))
    assert (len(register), len(away)) == (23, 21)
    assert np.median(away) == pytest.approx(6, abs=0.5)
    assert max(away) == pytest.approx(36, abs=0.5)


def test_addresses_are_unique_and_of_stated_quality(pack: RegionPack) -> None:
    addresses = pack.addresses
    assert not addresses.duplicated(["street", "house_number"]).any()
    counts = addresses["location_quality"].value_counts()
    (layer,) = [r for r in pack.manifest["resources"] if r["name"] == "addresses"]
    evidence = layer["evidence"]
    assert sum(evidence.values()) == len(addresses)
    assert 1_700 < evidence["never_placed"] < 1_812
    assert 120 <= evidence["place_withdrawn"] <= 140
    assert counts["none"] == evidence["never_placed"] + evidence["place_withdrawn"]
    assert counts["suspect"] == evidence["contradicted"]
    assert 120 <= counts["suspect"] <= 140
    assert (addresses["location_quality"] == "none").equals(addresses.geometry.isna())
    cornelius = addresses[addresses["street"] == "Corneliusstraße"]
    assert len(cornelius) > 50
    assert (cornelius["location_quality"] == "none").all()
    assert (addresses["is_postcode_inferred"] <= (addresses["postcode"] != "")).all()


def test_half_of_all_addresses_stand_by_a_way_of_their_name(pack: RegionPack) -> None:
    """The raw data's README: a way of the address's own name within 50 m for 50 % of all."""
    (layer,) = [r for r in pack.manifest["resources"] if r["name"] == "addresses"]
    located = pack.addresses.geometry.notna().sum()
    assert layer["evidence"]["way_of_its_name"] / located == pytest.approx(0.50, abs=0.01)


def test_inferred_postcodes_against_the_register(pack: RegionPack, raw: RawFolder) -> None:
    """Of 23 register addresses 22 get the register's postcode or none; Sonnenstraße 14 does not.

    The register puts it into 40233, beyond all of 40227; its street therefore gets none.
    """
    columns = ("STRASSE", "HAUSNUMMER", "PLZ", "STADTTEILNR", "LATITUDE", "LONGITUDE")
    register = raw.read_rows(REGISTER, columns, delimiter=";")
    register = register.drop_duplicates(["STRASSE", "HAUSNUMMER"])
    points = project(register["LONGITUDE"].astype(float), register["LATITUDE"].astype(float))
    areas = read_postcodes(raw, {})
    inferred = infer_postcodes(points, register["STADTTEILNR"].str.zfill(3), areas)
    wrong = [
        street
        for street, code, stated in zip(register["STRASSE"], inferred, register["PLZ"], strict=True)
        if code not in ("", stated)
    ]
    assert wrong == ["Sonnenstraße"]
    assert sum(code != "" for code in inferred) >= 14
    sonne = pack.addresses[pack.addresses["street"] == "Sonnenstraße"].set_index("house_number")
    assert sonne["postcode"].to_dict().pop("14") == "40233"
    assert set(sonne["postcode"]) == {"", "40233"}
    assert not sonne["is_postcode_inferred"].any()


def sites_of(pack: RegionPack, scenario: str) -> pd.DataFrame:
    table = pack.service_points
    return table[table["scenario"] == scenario].set_index("id")


def test_sites_by_location_as_published(pack: RegionPack) -> None:
    """Columns 'sites 2019 by location' and 'sites 2026 by location' of the README's table."""
    for scenario, expected in (
        ("2019", {1: 1, 2: 1, 3: 2, 4: 1, 6: 1, 8: 1, 9: 2}),
        ("2026", {1: 1, 2: 1, 3: 3, 4: 1, 5: 1, 6: 1, 8: 1, 9: 2}),
    ):
        sites = sites_of(pack, scenario)
        located = sites[sites["lat"] != ""]
        points = project(located["lon"].astype(float), located["lat"].astype(float))
        found: dict[int, int] = {}
        for x, y in points:
            (row,) = np.flatnonzero(pack.districts.contains(shapely.Point(x, y)))
            number = int(pack.districts["district"].iloc[row])
            found[number] = found.get(number, 0) + 1
        assert found == expected


def test_how_the_sites_of_2019_were_located(pack: RegionPack) -> None:
    sites = sites_of(pack, "2019")
    assert sites["location_outcome"].to_dict() == {
        "wp2019-01": "exact",
        "wp2019-02": "exact",
        "wp2019-03a": "exact",
        "wp2019-03b": "exact",
        "wp2019-04": "exact",
        "wp2019-06": "place",
        "wp2019-07": "",
        "wp2019-08": "exact",
        "wp2019-09": "exact",
        "wp2019-10": "exact",
    }
    assert sites.loc["wp2019-07", ["status", "lat", "address"]].tolist() == ["planned", "", ""]
    assert sites.loc["wp2019-10", ["stated_districts", "district"]].tolist() == ["10", "9"]


def test_the_register_has_eleven_sites_of_which_four_are_disputed(pack: RegionPack) -> None:
    sites = sites_of(pack, "2026")
    assert len(sites) == 11
    disputed = sites[sites["status"] == "disputed"]["address"].str.split(",").str[0]
    assert sorted(disputed) == [
        "Gumbertstraße 160",
        "Merowinger Straße 24",
        "Münsterstraße 6",
        "Niederrheinstraße 20",
    ]
    assert (sites["stated_districts"] == "").all()
    assert sites.loc["wp2026-05", "valid_from"] == "2015-09-02"
    assert sites["phone"].str.split("; ").map(len).sum() == 17


def test_reports_are_linked_to_the_sites_they_speak_of(pack: RegionPack) -> None:
    history = pack.site_history.set_index(["address", "event"])["site_ids"]
    assert history["Pempelfort", "closed"] == "wp2019-01;wp2026-01"
    assert history["Bilk", "closed"] == "wp2026-03c"
    assert history["Gumbertstraße 119", "opened"] == "wp2019-08;wp2026-08"
    assert history["Rather Kreuzweg 43", "opened"] == "wp2019-06;wp2026-06"
    assert history["Niederrheinstraße 20", "closed"] == "wp2026-05"


def test_candidates_say_how_sure_their_place_is(pack: RegionPack) -> None:
    sites = pack.candidate_sites.set_index("id")
    assert sites["location_outcome"].to_dict() == {
        "hdk-446": "interpolated",
        "hdk-york": "range",
        "wp07-katharinen": "exact",
        "wp10-stettiner": "exact",
    }
    assert "444 and 446a" in sites.loc["hdk-446", "location_source"]
    assert sites.loc["hdk-york", ["area_m2", "usable_area_m2"]].tolist() == ["800", "600"]


def test_offices_have_official_coordinates(pack: RegionPack, raw: RawFolder) -> None:
    register = raw.read_rows(REGISTER, ("ART", "STRASSE", "LATITUDE", "LONGITUDE"), delimiter=";")
    offices = pack.advice_offices
    assert len(offices) == len(register.drop_duplicates(["ART", "STRASSE", "LATITUDE"]))
    for office in offices.to_dict("records"):
        own = register[
            (register["STRASSE"] == office["street"]) & (register["ART"] == office["kind"])
        ]
        assert float(office["lat"]) == pytest.approx(float(own["LATITUDE"].iloc[0]), abs=2e-6)
        assert float(office["lon"]) == pytest.approx(float(own["LONGITUDE"].iloc[0]), abs=2e-6)


def test_lines_stop_at_stops_that_are_there(pack: RegionPack) -> None:
    assert len(pack.lines) == 45
    assert pack.lines["mode"].value_counts()["stadtbahn"] == 12
    assert set(pack.line_stops["stop_id"]) <= set(pack.stops["stop_id"])
    assert set(pack.line_stops["line"]) == set(pack.lines["line"])
