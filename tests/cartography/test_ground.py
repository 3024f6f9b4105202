"""The ground lies under the data of every map, on the screen and on paper, and hides nothing."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Point, box

from tests.cartography.drawn import make_study
from tests.cartography.test_style import contrast, luminance
from tests.worlds import at, load_rechteckstadt
from welcomemap import style
from welcomemap.cartography.basemap import Basemap, load_basemap
from welcomemap.cartography.content import list_sources
from welcomemap.cartography.page import render_html
from welcomemap.cartography.views import draw_overview
from welcomemap.crs import METRIC_CRS
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.style import GROUND_LOOKS, SHARE_COLOURS, SIGN_FORMS, Sign, mix

TINTS = [
    mix(look.colour, ground, look.opacity)
    for look in GROUND_LOOKS if not look.is_line
    for ground in (*SHARE_COLOURS, style.LAND_COLOUR, style.WHITE)
]  # fmt: skip


def make_ground(*more: tuple[str, str, str, Any]) -> gpd.GeoDataFrame:
    rows = [
        ("water", "water", "See", box(*at(200, 200), *at(900, 700))),
        ("green", "wood", "", box(*at(1000, 200), *at(1500, 900))),
        ("built_up", "residential", "", box(*at(2000, 0), *at(4000, 2000))),
        ("street", "primary", "", LineString([at(0, 1000), at(6000, 1000)])),
        ("street", "tertiary", "", LineString([at(0, 1500), at(6000, 1500)])),
        ("railway", "rail", "", LineString([at(0, 1200), at(6000, 1200)])),
        *more,
    ]
    columns = ["kind", "class", "name", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=METRIC_CRS)


def make_places(*names: str) -> gpd.GeoDataFrame:
    spots = [Point(at(1000 + 900 * k, 1700)) for k in range(len(names))]
    return gpd.GeoDataFrame(
        {"name": names, "place": "suburb", "rank": range(1, len(names) + 1), "population": ""},
        geometry=spots, crs=METRIC_CRS,
    )[["name", "place", "rank", "population", "geometry"]]  # fmt: skip


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> RegionPack:
    folder = tmp_path_factory.mktemp("grounded") / "pack"
    places = make_places("Rechteckstadt", "Vorort", "Bezirk 2")
    return load_rechteckstadt(folder, ground=make_ground(), place_names=places)


@pytest.fixture(scope="module")
def basemap(pack: RegionPack) -> Basemap:
    return load_basemap(pack)


def panes(basemap: Basemap) -> list[str]:
    drawn = draw_overview(make_study(), basemap)
    return [str(layer.get("pane", layer["kind"])) for layer in drawn.sheet.layers]


@pytest.mark.parametrize("tint", TINTS)
def test_text_and_signs_keep_their_contrast_on_every_tint(tint: str) -> None:
    assert contrast(style.TEXT_COLOUR, tint) >= 4.5
    for sign in Sign:
        form = SIGN_FORMS[sign]
        layers = (tint, form.edge, form.ring, form.body)
        assert max(contrast(a, b) for a, b in itertools.pairwise(layers)) >= 3.0


def test_names_keep_their_contrast_on_land_and_on_their_halo() -> None:
    for colour in (style.PLACE_COLOUR, style.WATER_NAME_COLOUR):
        assert contrast(colour, style.WHITE) >= 4.5
        assert contrast(colour, style.WATER_COLOUR) >= 4.5
    assert contrast(style.PLACE_COLOUR, mix(style.WOOD_COLOUR, style.LAND_COLOUR, 0.3)) >= 4.5


def test_the_ground_can_be_told_apart_without_colour() -> None:
    looks = {look.key: look for look in GROUND_LOOKS}
    seen = [
        mix(looks[key].colour, style.LAND_COLOUR, looks[key].opacity)
        for key in ("green", "built_up", "wood")
    ]
    darker = [luminance(colour) for colour in (style.LAND_COLOUR, *seen)]
    assert darker == sorted(darker, reverse=True)
    assert all(contrast(a, b) >= 1.06 for a, b in itertools.pairwise(seen))
    assert looks["railway"].dash
    assert looks["water"].edge


def test_no_tint_makes_a_step_of_the_shares_lighter() -> None:
    for look in GROUND_LOOKS:
        if look.key in ("built_up", "green", "wood"):
            for step in SHARE_COLOURS:
                assert luminance(mix(look.colour, step, look.opacity)) <= luminance(step) + 0.01


def test_the_ground_lies_over_the_coloured_areas_and_under_borders_and_signs(
    basemap: Basemap,
) -> None:
    assert set(basemap.ground) == {"water", "wood", "built_up", "main_street", "railway"}
    assert panes(basemap)[:8] == [
        "fills", "borders", "hatch", "fills", "fills", "fills", "streets", "streets",
    ]  # fmt: skip
    assert panes(basemap)[-1] == "signs"


def test_streets_of_the_ground_take_the_place_of_guessed_ones(basemap: Basemap) -> None:
    (line,) = shapely.get_parts(basemap.streets)
    assert shapely.get_coordinates(line)[:, 1] - at(0, 0)[1] == pytest.approx([1500, 1500])


def test_names_stand_once_and_the_region_is_named_above_the_map(basemap: Basemap) -> None:
    assert [(name.name, name.is_water) for name in basemap.names] == [
        ("Vorort", False), ("Bezirk 2", False), ("See", True),
    ]  # fmt: skip
    (layer,) = basemap.write_names({"Stadtbezirk 2", "Bezirk 2 Ost"})
    assert [feature["label"] for feature in layer["features"]] == ["Vorort", "See"]
    assert all(feature["may_hide"] for feature in layer["features"])


def test_the_legend_and_the_sources_name_the_ground(basemap: Basemap, pack: RegionPack) -> None:
    legend = draw_overview(make_study(), basemap, "en").sheet.legend
    texts = [row.text for row in legend[-1].rows]
    assert texts == [
        "border", "main street, where known", "river (schematic)", "built-up land", "wood",
        "water", "railway",
    ]  # fmt: skip
    named = {str(r["name"]) for r in pack.manifest["resources"]}
    assert {"ground", "place_names"} <= named
    assert list_sources(pack, ("ground",)) == list_sources(pack, ("place_names",)) != ()


@pytest.mark.long
def test_a_page_stays_small_whatever_the_ground_holds(tmp_path: Path) -> None:
    """400,000 vertices in teeth a few centimetres wide; as they are, they would take 3 MB."""
    k = np.arange(200_000)
    teeth = np.column_stack([k * 0.03, 500 + 400 * (k % 2) + 50 * np.sin(k)])
    comb = shapely.Polygon([*(np.array(at(0, 0)) + teeth), at(6000, 0), at(0, 0)])
    lines = shapely.linestrings(np.array(at(0, 1000)) + teeth)
    pack = load_rechteckstadt(
        tmp_path / "pack",
        ground=make_ground(("green", "open", "", comb), ("street", "motorway", "", lines)),
    )
    html = render_html(draw_overview(make_study(), load_basemap(pack)))
    assert len(html.encode()) <= 1_500_000


def test_the_embedded_pack_shows_streets_and_where_it_lacks_some() -> None:
    pack = load_pack()
    basemap = load_basemap(pack)
    assert set(basemap.ground) == {"main_street", "named", "incomplete"}
    assert basemap.names == ()
    assert {layer["pane"] for layer in (*basemap.earth, *basemap.tinted)} == {"streets"}
    assert basemap.write_names(()) == []
    assert panes(basemap) == [
        "fills", "borders", "hatch", *["streets"] * 3, "water", "labels", "ways", "labels", "signs",
    ]  # fmt: skip
    legend = draw_overview(make_study(), basemap, "en").sheet.legend
    rows = {row.text: row.key for row in legend[-1].rows}
    assert rows["street where the map lacks some"].is_dashed
    assert not rows["street"].is_dashed
    # Whole ones begin where the network of the pack is, dashed ones lie outside.
    area = pack.read_features("street_extent").to_crs(pack.crs).geometry.iloc[0]
    named, incomplete = (basemap.ground[look] for look in ("named", "incomplete"))
    assert shapely.intersection(named, area.buffer(300)).length > 0.95 * named.length
    assert shapely.intersection(incomplete, area).length < 0.01 * incomplete.length


def test_names_on_paper_give_way_to_labels_and_signs(basemap: Basemap) -> None:
    """At one spot a district's label, a sign and a place: the place goes without its name."""
    pytest.importorskip("matplotlib")
    from welcomemap.report.print_map import PrintArea, PrintMap, PrintSign, draw_map

    spot = at(1000, 1700)
    area = PrintArea("1", box(*at(0, 0), *at(6000, 2000)), "#FFFFFF", label=("Bezirk 2", "5 %"))
    content = PrintMap(
        key="reach", title="", subtitle="", alt="", areas=(area,), borders=(area.geometry,),
        signs=(PrintSign("a", *spot, Sign.OPEN),), legend=(), ground=basemap, sources="",
        remark="", status="", language="de",
    )  # fmt: skip
    drawn = draw_map(content)
    shown = {placed.label.lines[0] for placed in drawn.labels}
    assert {"Bezirk 2", "See"} <= shown
    assert "Rechteckstadt" not in shown
    boxes = [placed.box for placed in drawn.labels] + list(drawn.obstacles)
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    without = draw_map(replace(content, ground=replace(basemap, ground={}, names=())))
    assert without.labels == tuple(p for p in drawn.labels if p.label.key == "1")
    for colour in (style.WOOD_COLOUR, style.BUILT_COLOUR, style.RAIL_COLOUR):
        assert colour.lower() in drawn.svg.decode()
        assert colour.lower() not in without.svg.decode()
