"""Real towns, each by one recipe: what their files hold is answered, what they lack is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import welcomemap as wm
from tests.cases import long
from tests.ingest.raw_files import require_raw
from tests.ingest.real_towns import TOWNS
from welcomemap.ingest.town import build_town
from welcomemap.region.verify import check_pack
from welcomemap.study.pack_quality import Grade, measure_quality
from welcomemap.study.study import Study

pytestmark = pytest.mark.raw
CHOICES = ["Kaiserslautern", *map(long, ("Munich", "Heidelberg", "Porto Alegre"))]
"""One stands for the others; whole papers are for the long run."""


@dataclass(frozen=True)
class Built:
    region: wm.Region
    warnings: list[str]

    @property
    def pack(self) -> Path:
        return self.region.pack.folder

    def limits(self, layer: str) -> str:
        manifest = json.loads((self.pack / "datapackage.json").read_text("utf-8"))
        return next(r["limits"] for r in manifest["resources"] if r["name"] == layer)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Built]:
    """Build the pack of a town once."""
    raw, made = require_raw(), {}

    def build_once(name: str) -> Built:
        if name not in made:
            folder = tmp_path_factory.mktemp("town")
            result = build_town(TOWNS[name].write(raw, folder), folder / "pack")
            told = [str(warning) for warning in result.warnings]
            made[name] = Built(wm.open_region(result.folder), told)
        return made[name]

    return build_once


def said(town: Built, words: str) -> str:
    (found,) = [warning for warning in town.warnings if words in warning]
    return found


@pytest.mark.parametrize("name", CHOICES)
def test_every_question_is_answered(name: str, build: Callable[[str], Built]) -> None:
    region = build(name).region
    assert [layer.name for layer in check_pack(region.pack).layers if layer.problems] == []
    people = region.districts["residents"].sum()
    assert len(region.gaps().districts) == len(region.districts)
    city = region.coverage(threshold=["500m", "1000m"]).query("area_kind == 'city'")
    low, high = city["covered"]
    assert 0 < low < high < people
    house = region.pack.addresses.query("district > 0").iloc[0]
    near = region.nearest(f"{house['street']} {house['house_number']}", k=1).iloc[0]
    assert near["distance_m"] > 0
    assert len(region.site(p=1).sites) == 1


@pytest.mark.parametrize("name", CHOICES)
def test_stand_ins_are_marked_in_pack_map_and_sentences(
    name: str, build: Callable[[str], Built], tmp_path: Path
) -> None:
    region = build(name).region
    sites = region.sites()
    assert sites["note"].str.startswith("Stand-in:").all()
    assert sites["source"].str.contains("stand-in").all()
    page = region.map(language="en").save(tmp_path / "map.html").read_text("utf-8")
    assert "stand-in (" in page
    assert "advice office" not in page
    assert 'src="http' not in page
    assert any("stand-in (" in sentence for sentence in region.gaps().tell("en"))


@pytest.mark.parametrize("name", [long(name) for name in TOWNS if name != "Essen"])
def test_the_paper_says_what_stands_in(
    name: str, build: Callable[[str], Built], tmp_path: Path
) -> None:
    written = build(name).region.report(tmp_path / "paper.csv", formats=["docx"], language="en")
    (paper,) = (path for path in written if path.suffix == ".docx")
    text = read_word_file(paper)
    assert "stand-in (" in text
    assert "advice office" not in text


def read_word_file(path: Path) -> str:
    import docx

    document = docx.Document(str(path))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_kaiserslautern_says_where_it_is_blind(build: Callable[[str], Built]) -> None:
    """Its extract of 2014 covers the centre only; all addresses lie there.

    The census of 2011 counted 97,162: www.statistikportal.de, municipality key 07312000.
    """
    town = build("Kaiserslautern")
    region = town.region
    assert region.pack.groups == ("residents", "foreign_citizens", "under_18", "over_65")
    assert len(region.districts) == 10
    assert region.districts["residents"].sum() == pytest.approx(97_162, rel=0.03)
    known = set(region.districts["name"]) - {"Innenstadt"}
    for warning in (said(town, "estimated (9 of 10)"), said(town, "without any address")):
        assert all(name in warning for name in known)
        assert "Innenstadt" not in warning
    assert "18%" in said(town, "of the town: elsewhere ways are estimated")
    for layer in ("street_edges", "addresses"):
        assert all(name in town.limits(layer) for name in known)
    numbers = region.districts.set_index("name")["district"]
    addresses = region.pack.addresses
    assert (addresses["district"] == numbers["Innenstadt"]).mean() > 0.99
    assert len(addresses) > 11_000
    # In a district without streets the way is an estimate, and says so.
    rows = region.gaps().districts
    assert (rows["located_unserved"] | (rows["name"] == "Innenstadt")).all()
    assert pd.notna(region.nearest("Fruchthallstraße 10", k=1)["distance_m"]).all()


def test_munich_reports_areas_that_leave_the_extract(build: Callable[[str], Built]) -> None:
    """Its extract holds 16 areas of level 10; squares are crossed in a straight line."""
    town = build("Munich")
    clipped = said(town, "areas that leave the extract are left out")
    assert clipped.count("Bezirksteil") + len(town.region.districts) == 16
    assert "Bezirksteil Graggenau" in set(town.region.districts["name"])
    edges = town.region.pack.street_edges
    assert (edges["name"] == "Marienplatz").any()
    assert not edges["is_step_free"].all()


def test_munich_counts_its_house_numbers(tmp_path: Path) -> None:
    recipe = TOWNS["Munich"].write(require_raw(), tmp_path).read_text("utf-8")
    assert "3267 Adressen" in recipe


@pytest.mark.parametrize(
    ("name", "crs", "language"),
    [long("Porto Alegre", "EPSG:32722", "en"), long("Heidelberg", "EPSG:25832", "de")],
)
def test_a_town_elsewhere_says_that_it_lacks_addresses(
    name: str, crs: str, language: str, build: Callable[[str], Built]
) -> None:
    town = build(name)
    assert (town.region.crs, town.region.language) == (crs, language)
    assert said(town, "most cannot be looked up")
    assert said(town, "too few to say where people live")
    assert said(town, "of the town: elsewhere ways are estimated")


@pytest.mark.long
def test_porto_alegre_has_the_people_of_its_hexagons(build: Callable[[str], Built]) -> None:
    """1,227 hexagons with people, summed; those on the rim reach beyond the areas."""
    town = build("Porto Alegre")
    grid = pd.read_csv(require_raw() / "testbeds" / "porto_alegre" / "poa_hexgrid.csv")
    people = town.region.districts["residents"].sum()
    assert people == pytest.approx(grid["population"].sum(), rel=0.03)
    assert people <= grid["population"].sum()
    assert said(town, "most candidate sites are missing")
    assert town.region.pack.groups == ("residents",)


def test_kaiserslautern_is_graded_by_what_is_known_of_it(build: Callable[[str], Built]) -> None:
    quality = measure_quality(Study(build("Kaiserslautern").region.pack))
    weakest = {area.name: area.weakest for area in quality.districts}
    assert {name for name, grade in weakest.items() if grade is not Grade.UNRELIABLE} <= {
        "Innenstadt"
    }
    assert len(weakest) == 10
    innenstadt, *others = sorted(quality.districts, key=lambda area: area.name != "Innenstadt")
    assert (innenstadt.search, innenstadt.ways) == (Grade.RELIABLE, Grade.RELIABLE)
    for area in others:
        assert (area.search, area.ways) == (Grade.UNRELIABLE, Grade.UNRELIABLE)
        # The census counts by the square kilometre, and no home there is known.
        assert (area.evenly_share or 0.0) > 0.5


@pytest.mark.parametrize(
    ("name", "place", "valid", "n_lines"),
    [long("Heidelberg", "Bismarckplatz", "gtfs_2022.zip, valid from 2022-06-12 to 2022-12-10", 6),
     long("Porto Alegre", "Estacao Mercado",
          "poa_eptc.zip, valid from 2019-04-15 to 2019-07-15; "
          "poa_trensurb.zip, valid from 2019-03-01 to 2019-12-31", 117)],
)  # fmt: skip
def test_people_start_from_a_stop_where_addresses_are_few(
    name: str, place: str, valid: str, n_lines: int, build: Callable[[str], Built]
) -> None:
    """One line of the feed of Heidelberg, bus 757, halts nowhere near the extract."""
    town = build(name)
    (found,) = town.region.geocode([place]).itertuples()
    assert found.outcome == "place"
    assert 30 <= found.error_radius_m <= 100
    assert town.region.nearest(place, k=1)["distance_m"].notna().all()
    assert f"Timetable of {valid}: of other days" in town.limits("timetable")
    pack = town.region.pack
    assert len(pack.lines) == n_lines
    assert set(pack.timetable["stop_id"]) == set(pack.stops["stop_id"])


@pytest.mark.long
def test_a_town_of_a_thousand_hexagons_has_a_paper(
    build: Callable[[str], Built], tmp_path: Path
) -> None:
    """A text beside a map of all areas would not fit into a PDF."""
    region = build("Porto Alegre").region
    assert len(region.districts) == 1227
    (paper, *_) = region.report(tmp_path / "paper.pdf", language="en")
    assert paper.read_bytes()[:5] == b"%PDF-"
