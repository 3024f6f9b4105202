"""Every page of a town that lacks a layer says what is missing, and none breaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st

from tests import worlds
from tests.cases import short
from tests.pages.visitor import Visitor
from tests.study.test_pack_quality import drop_layers, set_region
from tests.worlds import write_rechteckstadt
from welcomemap.pages import server
from welcomemap.region.pack import PACK_VARIABLE
from welcomemap.region.schemas import GROUPS

PAGES = (
    ("coverage", {}),
    ("compare", {}),
    ("export", {}),
    ("find", {}),
    *(("layers", {"part": part}) for part in ("about", "quality", "list", "districts", "pack")),
)
LACKING = (
    ("candidate_sites",),
    ("demand_cells",),
    ("addresses", "street_edges", "street_extent"),
    ("advice_offices", "facilities", "site_history", "stops", "lines", "line_stops"),
    ("service_points",),
)


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def open_pages() -> None:
    server._load_ahead()
    st.cache_resource.clear()
    for page, address in PAGES:
        Visitor(page, **address)


@pytest.mark.parametrize("names", short(LACKING[1:3], LACKING), ids=lambda names: names[0])
def test_pages_of_a_town_without_a_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    folder = write_rechteckstadt(tmp_path / "pack")
    drop_layers(folder, *names)
    monkeypatch.setenv(PACK_VARIABLE, str(folder))
    open_pages()


def test_pages_of_a_town_of_which_only_residents_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a grid of the census gives them, and without quarters."""
    others = [group for group in GROUPS if group != "residents"]
    districts = worlds._districts().drop(columns=others)
    cells = worlds._demand_cells().drop(columns=others)
    cells["quarter"] = cells["district"].astype(str)
    folder = write_rechteckstadt(
        tmp_path / "pack", districts=districts, demand_cells=cells,
        quarters=districts.assign(quarter=districts["district"].astype(str)),
    )  # fmt: skip
    monkeypatch.setenv(PACK_VARIABLE, str(set_region(folder, groups=["residents"])))
    open_pages()


def test_of_a_town_with_many_candidates_the_first_are_shown_and_the_rest_unfolds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = worlds._candidate_sites().iloc[0]
    rows = []
    for k in range(30):
        lat, lon = worlds._lat_lon((200 + 190 * k, 1000))
        rows.append({**one, "id": f"h{k}", "name": f"Haus {k}", "lat": lat, "lon": lon})
    folder = write_rechteckstadt(tmp_path / "pack", candidate_sites=pd.DataFrame(rows))
    monkeypatch.setenv(PACK_VARIABLE, str(folder))
    visitor = Visitor("compare")
    (folded,) = [one for one in visitor.app.expander if "weitere Kandidaten" in one.label]
    assert folded.label == "18 weitere Kandidaten"
    assert str(folded.get("html")[0].proto.body).count("<tr>") == 1 + 18
    ranked = [row for row in visitor.figures() if "|Haus " in row]
    assert len(ranked) >= 30
