"""A point that a planner sets on the map is no address that was found."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st

from welcomemap.crs import unproject_point
from welcomemap.describe.reasons import word_place
from welcomemap.geocoding.outcome import read_outcome
from welcomemap.pages import candidate_input, own
from welcomemap.region.pack import RegionPack
from welcomemap.study.own import OwnStudy
from welcomemap.study.study import Study


def test_a_click_is_kept_as_set_on_the_map(
    tiny_pack: RegionPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[dict[str, Any]] = []
    study = OwnStudy(tiny_pack, shared=Study(tiny_pack))
    monkeypatch.setattr(own, "open_region_study", lambda: study)
    monkeypatch.setattr(own, "open_own", own.Own)
    monkeypatch.setattr(own, "add_candidate", kept.append)
    monkeypatch.setattr(st, "session_state", {})
    centre = tiny_pack.districts.geometry.iloc[0].centroid
    lat, lon = unproject_point(centre.x, centre.y, crs=tiny_pack.crs)
    candidate_input.add_click(lat, lon, "de")
    (row,) = kept
    assert word_place(row["location_outcome"]).in_language("de") == "auf der Karte gesetzt"
    assert word_place(row["location_outcome"]).in_language("en") == "set on the map"
    assert read_outcome(row["location_outcome"]) is None
