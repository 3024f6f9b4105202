"""Each map of a subject says what it should, and no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from tests.browser import WatchedPage
from tests.cartography.drawn import Outline, at, make_area, make_basemap, make_site, make_study
from welcomemap.cartography.basemap import Basemap, choose_main_streets, load_basemap
from welcomemap.cartography.content import Fact, MapCell, MapChange, MapReach, MapWay
from welcomemap.cartography.elements import Scene
from welcomemap.cartography.page import render_html, write_map_html
from welcomemap.cartography.sheet import SheetMap
from welcomemap.cartography.views import (
    MOST_FACTS,
    choose_breaks,
    draw_answer,
    draw_area_shares,
    draw_candidates,
    draw_cell_shares,
    draw_change,
    draw_gain_surface,
    draw_review,
    draw_service_areas,
)
from welcomemap.crs import METRIC_CRS, unproject
from welcomemap.errors import UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.style import SHARE_COLOURS, Sign
from welcomemap.wording import open_translator

FRAME = make_study().frame
GERMAN = open_translator("de")
STUDY = make_study()
ADDRESS = make_site("you", Sign.ADDRESS, (1200, 400), name="Hauptstraße 1", error_radius_m=120.0)


def features(map_: SheetMap, pane: str) -> list[dict[str, Any]]:
    return [
        feature
        for layer in map_.sheet.layers
        if layer.get("pane") == pane
        for feature in layer["features"]
    ]


def labels(map_: SheetMap) -> list[list[str]]:
    return [
        [text for _, text in feature["lines"]]
        for layer in map_.sheet.layers
        if layer["kind"] == "labels"
        for feature in layer["features"]
    ]


def legend_texts(map_: SheetMap) -> list[str]:
    return [row.text for block in map_.sheet.legend for row in block.rows]


def line(*points: tuple[float, float]) -> LineString:
    return LineString([at(*point) for point in points])


def make_answer(basemap: Basemap) -> SheetMap:
    sites = [replace(site, rank=str(k)) for k, site in enumerate(STUDY.sites[:2], start=1)]
    ways = (
        MapWay(line((1200, 400), (500, 400), (500, 1000)), is_estimate=False),
        MapWay(line((1200, 400), (3000, 1200)), True, (Fact("Weg", "2,4 km"),)),
    )
    return draw_answer(ADDRESS, sites, ways, Scene(FRAME, basemap, GERMAN, STUDY.areas))


def make_cells() -> list[MapCell]:
    values = [0.0, 0.1, 0.5, 1.0, None]
    return [
        MapCell(box(*at(100 * k, 0), *at(100 * k + 100, 100)), value)
        for k, value in enumerate(values)
    ]


def make_reaches() -> list[MapReach]:
    return [
        MapReach("a", "Stelle a", Point(at(500, 1000)).buffer(400), is_estimate=False),
        MapReach("b", "Stelle b", Point(at(3000, 1200)).buffer(400), is_estimate=True),
    ]


def make_change(basemap: Basemap) -> SheetMap:
    changes = [
        MapChange(STUDY.areas[0], 1234, 0),
        MapChange(STUDY.areas[1], 10, 56),
        MapChange(STUDY.areas[2], 0, 0),
    ]
    gained = Point(at(500, 1000)).buffer(300)
    return draw_change(changes, STUDY.sites, Scene(FRAME, basemap, GERMAN), gained=gained)


def make_candidates(basemap: Basemap) -> SheetMap:
    ranked = [
        make_site("x", Sign.CHOSEN, (5000, 500), rank="1"),
        make_site("y", Sign.CANDIDATE, (5200, 1500), rank="2"),
        make_site("z", Sign.CANDIDATE, None),
    ]
    return draw_candidates(
        ranked, STUDY.sites, Scene(FRAME, basemap, GERMAN), reaches=make_reaches()
    )


def make_surface(basemap: Basemap) -> SheetMap:
    cells = [
        replace(cell, value=None if k == 4 else 450.0 * k) for k, cell in enumerate(make_cells())
    ]
    best = [make_site("x", Sign.CHOSEN, (350, 50))]
    return draw_gain_surface(
        cells, best, STUDY.sites, Scene(FRAME, basemap, GERMAN), gain_heading="mehr Menschen"
    )


def make_review(basemap: Basemap, sure: int = 5) -> SheetMap:
    rows = [make_site(f"r{k}", Sign.OPEN, (100 + k % 50, 900)) for k in range(sure)]
    rows += [make_site("q1", Sign.REVIEW, (700, 700)), make_site("q2", Sign.REVIEW, None)]
    return draw_review(rows, Scene(FRAME, basemap, GERMAN), located_text="sicher gefunden")


ALL_MAPS = {
    "answer": make_answer,
    "areas": lambda ground: draw_area_shares(STUDY.areas, (), Scene(FRAME, ground, GERMAN)),
    "cells": lambda ground: draw_cell_shares(
        make_cells(), STUDY.sites, Scene(FRAME, ground, GERMAN, STUDY.areas)
    ),
    "service areas": lambda ground: draw_service_areas(
        make_reaches(), STUDY.sites, Scene(FRAME, ground, GERMAN)
    ),
    "change": make_change,
    "candidates": make_candidates,
    "gain": make_surface,
    "review": make_review,
}


def test_an_estimated_way_is_dashed_and_called_so(basemap: Basemap) -> None:
    map_ = make_answer(basemap)
    ways = [f for f in features(map_, "ways") if f.get("style")]
    assert [way["style"]["dashArray"] is not None for way in ways] == [False, True]
    assert "Weg geschätzt (gerade Linie, kein Straßenverlauf)" in legend_texts(map_)
    assert "Weg über bekannte Straßen" in legend_texts(map_)


def test_the_answer_shows_address_and_sites_and_keeps_the_address_out_of_the_table(
    basemap: Basemap,
) -> None:
    map_ = make_answer(basemap)
    (south, west), (north, east) = map_.sheet.bounds
    lat, lon = unproject(np.array([at(1200, 400), at(500, 1000), at(3000, 1200)]))
    assert south < lat.min()
    assert lat.max() < north
    assert west < lon.min()
    assert lon.max() < east
    rows = [cells[0] for _, cells in map_.sheet.tables[0].rows]
    assert rows == ["1. Stelle a", "2. Stelle b"]
    assert "Presse: geschlossen (2023)." in map_.sheet.tables[0].rows[1][1]


def test_an_address_that_is_not_exact_has_a_circle(basemap: Basemap) -> None:
    map_ = make_answer(basemap)
    assert [f["radius_m"] for f in features(map_, "ways") if "radius_m" in f] == [120.0]
    assert "Der Standort liegt irgendwo in diesem Kreis" in legend_texts(map_)


def test_an_address_without_a_place_is_refused(basemap: Basemap) -> None:
    nowhere = replace(ADDRESS, x=None, y=None)
    with pytest.raises(UsageError, match="without a place"):
        draw_answer(nowhere, (), (), Scene(FRAME, basemap, GERMAN))


def test_cells_of_one_class_are_one_shape_and_unknown_is_not_zero(basemap: Basemap) -> None:
    map_ = ALL_MAPS["cells"](basemap)
    fills = {f["style"]["fillColor"]: f for f in features(map_, "fills")}
    assert set(fills) == {
        "url(#wm-hatch-unknown)",
        SHARE_COLOURS[0],
        SHARE_COLOURS[2],
        SHARE_COLOURS[4],
    }
    assert len(fills[SHARE_COLOURS[0]]["polygons"]) == 1
    assert "Anteil nicht bekannt" in legend_texts(map_)


def test_a_share_over_one_is_refused(basemap: Basemap) -> None:
    area = make_area(0, 58.0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        draw_area_shares([area], (), Scene(FRAME, basemap, GERMAN))


def test_estimated_service_areas_are_dashed_and_called_so(basemap: Basemap) -> None:
    map_ = ALL_MAPS["service areas"](basemap)
    exact, estimate = features(map_, "reach")
    assert exact["style"]["dashArray"] is None
    assert estimate["style"]["dashArray"]
    assert estimate["facts"]["title"] == "Stelle b, geschätzt"
    assert "erreichbares Gebiet, geschätzt" in legend_texts(map_)


def test_gains_and_losses_carry_their_signs(basemap: Basemap) -> None:
    map_ = make_change(basemap)
    shown = [lines[-1] for lines in labels(map_) if "Fluss" not in lines]
    assert shown == ["+1.234", "+10 / −56", "±0"]
    assert "+ neu in Reichweite" in legend_texts(map_)
    assert "− nicht mehr in Reichweite" not in legend_texts(map_)
    assert [f["polygons"] for f in features(map_, "hatch")]


def test_candidates_come_first_in_the_tables_also_without_a_place(basemap: Basemap) -> None:
    first = make_candidates(basemap).sheet.tables[0]
    assert [(key, cells[0]) for key, cells in first.rows] == [
        ("site:x", "1. Stelle x"),
        ("site:y", "2. Stelle y"),
        ("", "Stelle z"),
    ]


def test_the_gain_surface_tells_its_steps_in_round_numbers(basemap: Basemap) -> None:
    texts = legend_texts(make_surface(basemap))
    assert "0 bis unter 500" in texts
    assert "2.000 bis unter 2.500" in texts


@given(st.floats(0, 1e7))
def test_steps_are_round_evenly_spaced_and_reach_over_the_largest(largest: float) -> None:
    breaks = choose_breaks(largest)
    steps = np.diff(breaks)
    assert len(breaks) == 6
    assert breaks[0] == 0
    assert breaks[-1] > largest
    assert np.allclose(steps, steps[0])
    assert breaks[-1] <= max(5.0, 2.6 * largest + 5)


def test_the_review_lists_only_what_someone_should_look_at(basemap: Basemap) -> None:
    map_ = make_review(basemap)
    assert [(key, cells[0]) for key, cells in map_.sheet.tables[0].rows] == [
        ("site:q1", "Stelle q1"),
        ("", "Stelle q2"),
    ]
    assert len(features(map_, "dots")) == 5


def test_a_long_review_stays_small(basemap: Basemap) -> None:
    map_ = make_review(basemap, sure=MOST_FACTS + 1)
    assert "facts" not in features(map_, "dots")[0]
    assert len(render_html(map_)) < 600_000


def test_main_streets_are_those_whose_name_is_long_enough() -> None:
    edges = gpd.GeoDataFrame(
        {"name": ["Lange Straße", "Lange Straße", "Kurze Gasse", None, ""]},
        geometry=[
            line((0, 0), (900, 0)),
            line((900, 0), (1800, 0)),
            line((0, 50), (700, 50)),
            line((0, 90), (5000, 90)),
            line((0, 95), (5000, 95)),
        ],
        crs=METRIC_CRS,
    )
    chosen = choose_main_streets(edges)
    assert chosen.length == pytest.approx(1800)
    assert len(chosen.geoms) == 1
    assert choose_main_streets(edges, length_m=9000).is_empty


def test_the_ground_of_a_tiny_pack_is_what_it_has(tiny_pack: RegionPack) -> None:
    ground = load_basemap(tiny_pack)
    assert ground.outline.area == pytest.approx(12e6)
    assert ground.river.is_empty or ground.river.intersects(ground.outline)


def test_the_ground_of_the_default_pack_has_river_and_streets(default_pack: RegionPack) -> None:
    ground = load_basemap(default_pack)
    assert ground.river_name == "Rhein"
    assert ground.outline.area == pytest.approx(217.3e6, rel=0.001)
    assert not ground.ground["main_street"].is_empty
    (south, west), (north, east) = ground.bounds()
    assert (south, west) == pytest.approx((51.124, 6.689), abs=0.01)
    assert (north, east) == pytest.approx((51.352, 6.940), abs=0.01)


@pytest.mark.parametrize("name", ALL_MAPS)
@pytest.mark.parametrize("language", ["de"])
def test_every_map_says_all_in_its_tables_and_is_small(name: str, language: str) -> None:
    html = render_html(ALL_MAPS[name](make_basemap()))
    outline = Outline(html)
    assert outline.all("html")[0]["lang"] == language
    assert outline.all("table")
    assert "" not in outline.text_of("td")
    assert len(html) < 400_000


@pytest.mark.browser
def test_axe_finds_no_violation_on_any_map(
    browser_page: WatchedPage, tmp_path: Path, basemap: Basemap
) -> None:
    for name, draw in ALL_MAPS.items():
        path = tmp_path / f"{name}.html"
        write_map_html(draw(basemap), path)
        browser_page.page.goto(path.as_uri())
        assert browser_page.list_violations() == [], name
