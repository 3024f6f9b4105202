"""Known points land where the projection says, and the scale bar is right, to half a millimetre."""

from __future__ import annotations

import re
from io import BytesIO
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pyproj import Geod

from tests.report.conftest import Made
from welcomemap.report.drawing import choose_bar_m, frame_region
from welcomemap.report.paper import Paper
from welcomemap.report.print_map import A3_LANDSCAPE, A4, draw_map

GEOD = Geod(ellps="GRS80")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
MM_PER_PT = 25.4 / 72
TOLERANCE_MM = 0.5


def middle_mm(svg: bytes, name: str) -> np.ndarray:
    """Return the middle of a named part of an SVG in millimetres from its upper left corner."""
    low, high = extent_mm(svg, name)
    return (low + high) / 2


def extent_mm(svg: bytes, name: str) -> tuple[np.ndarray, np.ndarray]:
    root = ET.fromstring(svg)  # noqa: S314 - written by this very test run
    part = next(e for e in root.iter() if e.get("id") == name)
    path = next(e for e in part.iter() if e.tag.endswith("path"))
    numbers = np.array([float(n) for n in NUMBER.findall(path.get("d"))]).reshape(-1, 2)
    return numbers.min(axis=0) * MM_PER_PT, numbers.max(axis=0) * MM_PER_PT


@pytest.fixture(scope="module")
def maps(paper: Paper) -> dict:
    return paper.drawn


def bar_length_mm(svg: bytes) -> float:
    return extent_mm(svg, "scale-bar-3")[1][0] - extent_mm(svg, "scale-bar-0")[0][0]


@pytest.mark.parametrize(("key", "bar_km"), [("reach", 5), ("candidates", 5), ("detail", 5)])
def test_distances_between_sites_agree_with_the_scale_bar(maps, made: Made, key, bar_km):
    """Geodesic distances (GRS 80) against millimetres on paper, measured with the bar itself."""
    svg = maps[key].svg
    rows = made.pack.service_points.query("scenario == '2026'")
    mm_per_km = bar_length_mm(svg) / bar_km
    first = rows.iloc[0]
    start = middle_mm(svg, f"sign-{first['id']}")
    for _, row in rows.iloc[1:].iterrows():
        there = middle_mm(svg, f"sign-{row['id']}")
        ends = (float(first["lon"]), float(first["lat"]), float(row["lon"]), float(row["lat"]))
        metres = GEOD.inv(*ends)[2]
        assert np.hypot(*(there - start)) == pytest.approx(metres / 1000 * mm_per_km, abs=0.5)


def test_north_is_up(maps, made: Made):
    rows = made.pack.service_points.query("scenario == '2026'").astype({"lat": float})
    north, south = rows.loc[rows["lat"].idxmax(), "id"], rows.loc[rows["lat"].idxmin(), "id"]
    svg = maps["reach"].svg
    assert middle_mm(svg, f"sign-{north}")[1] < middle_mm(svg, f"sign-{south}")[1]


def test_the_scale_bar_is_as_long_as_it_says(maps):
    for drawn in maps.values():
        length = bar_length_mm(drawn.svg)
        metres = choose_bar_m(drawn.frame.scale, min(45.0, drawn.frame.width_mm * 0.4))
        assert length == pytest.approx(metres * 1000 / drawn.frame.scale, abs=0.01)
        assert metres in {1000, 2000, 5000, 10000}


def test_signs_lie_on_the_picture_where_they_belong(made: Made, maps):
    """Find the orange diamonds in the PNG and compare with the positions in the list."""
    picture = np.asarray(
        Image.open(BytesIO(made.file("candidates.png").read_bytes())).convert("RGB")
    )
    per_mm = 300 / 25.4
    orange = np.abs(picture.astype(int) - [0xE6, 0x9F, 0x00]).sum(axis=2) < 12
    rows = made.pack.candidate_sites.query("status == 'proposal'").set_index("id")
    svg = made.file("candidates.svg").read_bytes()
    for name in rows.index:
        x, y = middle_mm(svg, f"sign-{name}") * per_mm
        reach = round(1.6 * per_mm)
        near = orange[round(y) - reach : round(y) + reach, round(x) - reach : round(x) + reach]
        found = np.argwhere(near)
        assert len(found) > 100
        middle = (found.min(axis=0) + found.max(axis=0)) / 2 - reach
        assert np.hypot(*middle) / per_mm < TOLERANCE_MM


@given(
    west=st.floats(-1e6, 1e6), south=st.floats(0, 6e6),
    across=st.floats(10, 3e5), along=st.floats(10, 3e5),
)  # fmt: skip
def test_every_region_fits_its_box_at_a_round_scale(west, south, across, along):
    frame = frame_region(
        (west, south, west + across, south + along),
        left_mm=3, bottom_mm=7, width_mm=120, height_mm=180,
    )  # fmt: skip
    corners = frame.to_mm(np.array([[west, south], [west + across, south + along]]))
    assert (corners >= [3 - 1e-6, 7 - 1e-6]).all()
    assert (corners <= [123 + 1e-6, 187 + 1e-6]).all()
    digits = f"{frame.scale:.6e}".split("e")[0].replace(".", "").rstrip("0")
    assert len(digits) <= 3


@given(scale=st.floats(500, 5e6), most=st.floats(10, 80))
def test_the_bar_is_the_longest_round_one(scale, most):
    metres = choose_bar_m(scale, most)
    assert metres * 1000 / scale <= most * (1 + 1e-9)
    assert str(int(f"{metres:.0e}"[0])) in "125"
    assert metres * 2.5 * 1000 / scale > most * (1 - 1e-9)


@pytest.mark.parametrize("sheet", [A4, A3_LANDSCAPE])
def test_labels_do_not_collide(paper: Paper, sheet):
    for content in (*paper.maps, *paper.large_maps):
        drawn = draw_map(content, sheet)
        boxes = [placed.box for placed in drawn.labels]
        for k, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[k + 1 :])
            assert not any(box.overlaps(sign) for sign in drawn.obstacles)
        districts = {gap.district for gap in paper.study.gaps.districts}
        if content.key != "detail":
            named = {p.label.key for p in drawn.labels if p.label.key.startswith("district")}
            assert named == {f"district-{number}" for number in districts}


def test_the_same_map_is_the_same_bytes(paper: Paper):
    content = paper.maps[0]
    assert draw_map(content).svg == draw_map(content).svg
