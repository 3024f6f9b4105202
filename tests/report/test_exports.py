"""The other forms of the paper, read with other libraries than wrote them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import docx
import pyogrio
import pytest
from PIL import Image
from shapely.geometry import shape

from tests.report.conftest import Made
from welcomemap.describe.answers import show_district
from welcomemap.report.gis import make_geopackage
from welcomemap.report.paper import Paper

LAYERS = {"districts": 10, "quarters": 50, "sites": 11, "candidates": 2}


def test_the_geopackage_holds_all_layers_with_their_numbers(made: Made, paper: Paper):
    path = made.file("gpkg")
    names = {name for name, _ in pyogrio.list_layers(path)}
    assert set(LAYERS) < names
    for name, rows in LAYERS.items():
        assert pyogrio.read_info(path, layer=name)["features"] == rows
        assert pyogrio.read_info(path, layer=name)["crs"] == made.pack.crs
    table = pyogrio.read_dataframe(path, layer="districts").set_index("district")
    for gap in paper.study.gaps.districts:
        assert table.loc[gap.district, "residents"] == pytest.approx(gap.residents, abs=1e-6)
        assert bool(table.loc[gap.district, "located_unserved"]) is gap.is_located_unserved
    assert table["sites_stated"].isna().all()


def test_the_geopackage_has_the_same_bytes_however_often_it_was_written_to(
    made: Made, paper: Paper, monkeypatch: pytest.MonkeyPatch
):
    """A clock decides how many of its transactions change something; here there are more."""
    write = pyogrio.write_dataframe

    def write_often(frame: object, path: Path, **options: object) -> None:
        write(frame, path, **options)
        with closing(sqlite3.connect(path)) as database:
            for moment in ("2020-01-01T00:00:00.000Z", "2021-01-01T00:00:00.000Z"):
                database.execute("UPDATE gpkg_contents SET last_change = ?", (moment,))
                database.commit()

    monkeypatch.setattr(pyogrio, "write_dataframe", write_often)
    assert make_geopackage(paper)[""] == made.file("gpkg").read_bytes()


def test_the_geopackage_brings_styles_and_aliases(made: Made):
    with closing(sqlite3.connect(made.file("gpkg"))) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        styles = database.execute(
            "SELECT f_table_name, styleQML, useAsDefault, f_geometry_column FROM layer_styles"
        ).fetchall()
        geometry = dict(
            database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
        )
        aliases = database.execute(
            "SELECT name FROM gpkg_data_columns WHERE table_name = 'districts' "
            "AND column_name = 'covered_share'"
        ).fetchall()
        columns = {row[1] for row in database.execute("PRAGMA table_info(districts)")}
    assert aliases == [("Anteil",)]
    for name, qml, is_default, column in styles:
        assert is_default == 1
        assert geometry[name] == column
        root = ET.fromstring(qml)  # noqa: S314 - written by this very test run
        rules = root.findall("./renderer-v2/rules/rule")
        symbols = {s.get("name") for s in root.findall("./renderer-v2/symbols/symbol")}
        assert {rule.get("symbol") for rule in rules} == symbols
        if name == "districts":
            assert {alias.get("field") for alias in root.iter("alias")} <= columns
            assert any(rule.get("filter") == '"located_unserved"' for rule in rules)


def test_geojson_is_wgs84_and_has_the_numbers(made: Made, paper: Paper):
    told = json.loads(made.file("districts.geojson").read_text("utf-8"))
    assert len(told["features"]) == 10
    for feature, gap in zip(told["features"], paper.study.gaps.districts, strict=True):
        assert feature["properties"]["covered_share"] == show_district(gap).share
        outline = shape(feature["geometry"])
        assert outline.is_valid
        west, south, east, north = outline.bounds
        assert 6.6 < west < east < 7.0
        assert 51.1 < south < north < 51.4


def test_the_document_has_real_headings_tables_and_described_maps(made: Made, paper: Paper):
    document = docx.Document(str(made.file("docx")))
    headings = [p for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings[0].text == paper.text.title
    wanted = [block for block in paper.text.blocks if block.kind == "heading"]
    assert len(headings) == 1 + len(wanted) + 1
    tables = [block for block in paper.text.blocks if block.kind == "table"]
    assert len(document.tables) == len(tables)
    first = document.tables[0]
    assert first.cell(1, 1).text == "89.759"
    assert first.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    described = [s._inline.docPr.get("descr") for s in document.inline_shapes]
    assert len(described) == 4
    assert all("Stadtbezirk 7" in text or "Gewonnen" in text for text in described)


@pytest.mark.parametrize("key", ["reach", "change", "candidates", "detail"])
def test_pictures_have_300_dots_an_inch(made: Made, key: str):
    with Image.open(made.file(f"{key}.png")) as picture:
        assert round(picture.info["dpi"][0]) == 300
        width_px = picture.width
    root = ET.fromstring(made.file(f"{key}.svg").read_bytes())  # noqa: S314
    width_pt = float(root.get("width").removesuffix("pt"))
    assert width_px == pytest.approx(width_pt / 72 * 300, abs=2)
    assert not [e for e in root.iter() if e.tag.endswith(("script", "image", "foreignObject"))]


def test_a_map_says_what_other_sources_dispute(paper: Paper):
    for content in (*paper.maps, *paper.large_maps):
        assert "Andere Quellen widersprechen" in content.remark
        assert "ODbL" in content.sources
        assert "Januar 2026" in content.status
