"""The exported page as HTML: nothing from a host, nothing unsaid, the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import folium
import pytest
from branca.element import Element, Figure
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cartography.drawn import Outline, make_site, make_study, read_outline
from welcomemap.cartography import sheet
from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import Fact, MapStudy, TileServer
from welcomemap.cartography.page import render_html, write_map_html
from welcomemap.cartography.sheet import TextPopup, to_script_json
from welcomemap.cartography.views import draw_overview
from welcomemap.describe.gaps import state_finding
from welcomemap.errors import OutputError, UsageError
from welcomemap.style import Sign

ADDRESS = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?!data:|#)([^"')\s>]+)""", re.IGNORECASE)


@pytest.fixture
def written(tmp_path: Path, study: MapStudy, basemap: Basemap) -> Path:
    path = tmp_path / "map.html"
    write_map_html(draw_overview(study, basemap), path)
    return path


def test_says_what_was_written(tmp_path: Path, study: MapStudy, basemap: Basemap) -> None:
    path = tmp_path / "map.html"
    told = write_map_html(draw_overview(study, basemap), path)
    content = path.read_bytes()
    assert (told.bytes, told.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_the_same_map_is_the_same_bytes(tmp_path: Path, study: MapStudy, basemap: Basemap) -> None:
    one, two = (
        write_map_html(draw_overview(study, basemap), tmp_path / name)
        for name in ("a.html", "b.html")
    )
    assert one.sha256 == two.sha256


def test_no_element_names_another_address(written: Path) -> None:
    outline = read_outline(written)
    for tag, attributes in outline.elements:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            value = attributes.get(name)
            assert value is None or value.startswith(("data:", "#")), (tag, name, value)
    for style in outline.text_of("style"):
        assert ADDRESS.findall(style) == []


def test_every_script_and_style_is_named_by_its_hash(written: Path) -> None:
    outline = read_outline(written)
    policy = next(m["content"] or "" for m in outline.all("meta") if "http-equiv" in m)
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'; ")
    assert "unsafe" not in policy
    assert "img-src data:" in policy
    bodies = re.findall(
        r"<(script|style)>(.*?)</\1>", written.read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(bodies) == 5
    for kind, text in bodies:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        directive = next(part for part in policy.split("; ") if part.startswith(kind))
        assert f"'sha256-{digest}'" in directive


def test_no_handler_or_style_is_written_into_an_element(written: Path) -> None:
    for _, attributes in read_outline(written).elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


def test_language_title_and_heading(written: Path) -> None:
    outline = read_outline(written)
    assert outline.all("html")[0]["lang"] == "de"
    assert outline.text_of("title") == ["Bezirk 3 ohne Stelle"]
    assert outline.text_of("h1") == ["Bezirk 3 ohne Stelle"]
    viewport = next(m for m in outline.all("meta") if m.get("name") == "viewport")
    assert "user-scalable" not in (viewport["content"] or "")


def test_english_and_right_to_left(study: MapStudy, basemap: Basemap) -> None:
    english = Outline(render_html(draw_overview(study, basemap, "en")))
    assert english.all("html")[0]["lang"] == "en"
    drawn = draw_overview(study, basemap, "ar")  # type: ignore[arg-type]
    turned = Outline(render_html(drawn))
    assert turned.all("html")[0]["dir"] == "rtl"


def test_tables_hold_every_area_and_site_also_without_a_place(written: Path) -> None:
    outline = read_outline(written)
    heads = outline.text_of("th")
    for name in (
        "Bezirk 1",
        "Bezirk 2",
        "Bezirk 3",
        "Stelle a",
        "Stelle b",
        "Stelle c",
        "Stelle d",
    ):
        assert name in heads
    cells = outline.text_of("td")
    assert "Presse: geschlossen (2023)." in cells
    assert "kein Standort im Gebiet · Nur geplant." in cells
    assert "Ort nicht bekannt" in cells
    assert "" not in cells
    buttons = [b["data-wm-show"] for b in outline.all("button") if "data-wm-show" in b]
    assert "site:d" not in buttons
    assert {"area:1", "area:2", "area:3", "site:a", "site:b", "site:c"} == set(buttons)


def test_legend_names_what_is_there_and_nothing_else(written: Path) -> None:
    texts = read_outline(written).text_of("span")
    expected = (
        "geöffnet",
        "Quellen widersprechen sich",
        "möglicher Standort",
        "kein Standort im Gebiet",
        "0 bis unter 20\u00a0%",
        "80 bis 100\u00a0%",
        "Anteil nicht bekannt",
        "Fluss (schematisch)",
        "Hauptstraße, wo bekannt",
    )
    for text in expected:
        assert text in texts
    assert "geplant" not in texts
    assert "bester Standort nach Rechnung" not in texts


def test_sources_and_licence_texts_travel_with_the_file(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert "Amt (dl-de/zero-2-0)" in text
    assert "Redistributions of source code must retain" in text
    assert "BSD 2-Clause License" in text


def test_a_tile_server_is_allowed_only_when_it_is_given(study: MapStudy, basemap: Basemap) -> None:
    url = "https://{s}.tiles.example.org/{z}/{x}/{y}.png"
    tiles = TileServer(url, "© <b>Example</b>")
    frame = replace(study.frame, tiles=tiles)
    html = render_html(draw_overview(replace(study, frame=frame), basemap))
    policy = next(m["content"] for m in Outline(html).all("meta") if "http-equiv" in m)
    assert "img-src data: https://*.tiles.example.org" in (policy or "")
    assert "<b>Example" not in html
    assert "example.org" not in render_html(draw_overview(study, basemap))


@pytest.mark.parametrize(
    ("url", "attribution"),
    [
        ("ftp://example.org/{z}/{x}/{y}", "x"),
        ("javascript:alert(1)//{z}{x}{y}", "x"),
        ("https://example.org/tile.png", "x"),
        ("https://example.org/{z}/{x}/{y};script-src *", "x"),
        ("https://x;script-src */{z}/{x}/{y}", "x"),
        ("https://example.org 'unsafe-inline'/{z}/{x}/{y}", "x"),
        ("https:///{z}/{x}/{y}", "x"),
        ("https://example.org/{z}/{x}/{y}.png", "  "),
    ],
)
def test_a_wrong_tile_server_is_refused(url: str, attribution: str) -> None:
    with pytest.raises(UsageError):
        TileServer(url, attribution)


def test_an_element_that_loads_from_a_host_is_refused(
    tmp_path: Path, study: MapStudy, basemap: Basemap
) -> None:
    from folium.plugins import MarkerCluster

    map_ = draw_overview(study, basemap)
    MarkerCluster().add_to(map_)
    path = tmp_path / "map.html"
    with pytest.raises(OutputError, match=r"an element of the map would load .*markercluster"):
        write_map_html(map_, path)
    assert not path.exists()


def test_popups_of_added_elements_need_no_jquery(study: MapStudy, basemap: Basemap) -> None:
    map_ = draw_overview(study, basemap)
    (lat, lon), _ = map_.sheet.bounds
    group = folium.FeatureGroup()
    icon = folium.DivIcon(html="x")
    folium.Marker([lat, lon], popup=TextPopup("folium"), icon=icon).add_to(group)
    group.add_to(map_)
    for text in (render_html(map_), map_.get_root().render()):
        assert "folium" in text
        assert "$(" not in text.replace(sheet.leaflet_script(), "")
        assert "jquery" not in text.lower()


def test_no_private_name_of_folium_is_read() -> None:
    """Such as an element's ``_parent``; ``_name`` is what folium has its elements set."""
    texts = [path.read_text("utf-8") for path in sorted(Path(sheet.__file__).parent.glob("*.py"))]
    assert len(texts) > 5
    found = {name for text in texts for name in re.findall(r"\b\w+\.(_[a-z]\w*)", text)}
    elements = (folium.Map, folium.Popup, folium.map.Layer, Figure, Element)
    private = {name for kind in elements for name in [*vars(kind), *vars(kind())]}
    assert "_parent" in private
    assert {name for name in found & private if name.startswith("_")} <= {"_name"}


def test_a_popup_of_folium_is_refused_wherever_it_hangs(study: MapStudy, basemap: Basemap) -> None:
    """It needs jQuery, and a text in it would be read as a template."""
    map_ = draw_overview(study, basemap)
    (lat, lon), _ = map_.sheet.bounds
    group = folium.FeatureGroup()
    folium.Marker([lat, lon], popup="{{ 2 + 2 }}", icon=folium.DivIcon(html="x")).add_to(group)
    group.add_to(map_)
    with pytest.raises(OutputError, match="TextPopup"):
        render_html(map_)


def test_what_folium_does_with_jquery_only_is_refused(study: MapStudy, basemap: Basemap) -> None:
    with pytest.raises(UsageError, match="jQuery"):
        draw_overview(study, basemap).keep_in_front(folium.FeatureGroup())


def test_a_missing_folder_leaves_nothing_behind(
    tmp_path: Path, study: MapStudy, basemap: Basemap
) -> None:
    with pytest.raises(OutputError):
        write_map_html(draw_overview(study, basemap), tmp_path / "none" / "map.html")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=200)
@given(st.text(), st.text(alphabet="{}%#<>&`$\\'\"/ \u2028\u2029ab"))
def test_json_survives_scripts_and_templates(one: str, other: str) -> None:
    from jinja2 import Template

    value = {"a": [one, {"b": other}], one: {"c": {}}}
    text = to_script_json(value)
    assert json.loads(text) == value
    assert Template(text).render() == text
    assert not set("<>&`$\u2028\u2029") & set(text)
    assert text.isascii()


def test_leaflet_style_names_no_file() -> None:
    style = sheet.leaflet_style()
    assert style.count("url(data:image/png;base64,") == 3
    assert ADDRESS.findall(style) == []
    assert "sourceMappingURL" not in sheet.leaflet_script()
    assert "\r" not in style + sheet.leaflet_script()


def test_defaults_of_the_folium_map_are_data_addresses(study: MapStudy, basemap: Basemap) -> None:
    map_ = draw_overview(study, basemap)
    assert isinstance(map_, folium.Map)
    assert [name for name, _ in map_.default_js] == ["leaflet", "welcomemap"]
    assert all(url.startswith("data:") for _, url in (*map_.default_js, *map_.default_css))
    assert folium.Map.default_js[0][1].startswith("https:"), "folium itself stays as it was"


@pytest.mark.parametrize(
    ("names", "language", "title"),
    [
        ([], "de", "Jeder Stadtbezirk hat einen Welcome Point"),
        (["7"], "de", "Stadtbezirk 7 ohne Welcome Point"),
        (["7", "10"], "de", "Stadtbezirke 7 und 10 ohne Welcome Point"),
        (["5", "7", "10"], "de", "Stadtbezirke 5, 7 und 10 ohne Welcome Point"),
        (["7"], "en", "District 7 without a Welcome Point"),
        (["5", "7", "10"], "en", "Districts 5, 7 and 10 without a Welcome Point"),
    ],
)
def test_the_title_states_the_finding(names: list[str], language: str, title: str) -> None:
    word = "Stadtbezirk" if language == "de" else "District"
    assert state_finding(names, "Welcome Point", area_word=word).in_language(language) == title


def test_a_map_of_nothing_is_still_a_map(basemap: Basemap) -> None:
    study = replace(make_study(), areas=(), sites=())
    outline = Outline(render_html(draw_overview(study, basemap)))
    assert outline.text_of("h1") == ["Bezirk 3 ohne Stelle"]
    assert len(outline.all("table")) == 1, "of areas; an empty table of sites is none"


def test_a_map_zooms_no_farther_than_there_is_ground(written: Path) -> None:
    page = written.read_text("utf-8")
    (options,) = re.findall(r"L\.map\(\s*\S+,\s*(\{.*?\n\s*\})\s*\);", page, re.DOTALL)
    assert re.search(r'"maxZoom": 19\b', options)
    assert re.search(r'"minZoom": 8\b', options)


def test_missing_facts_are_said_to_be_missing(basemap: Basemap) -> None:
    full = make_site("x", Sign.OPEN, (500, 500))
    bare = replace(make_site("y", Sign.OPEN, (900, 500)), facts=(Fact("Adresse", ""),))
    study = replace(make_study(), sites=(full, bare))
    cells = Outline(render_html(draw_overview(study, basemap))).text_of("td")
    assert cells.count("keine Angabe") >= 2
