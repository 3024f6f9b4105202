"""How good the data are, on the planners' pages: the page of ``data check`` with its tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from tests.pages.visitor import Visitor
from tests.worlds import write_rechteckstadt
from welcomemap.pages import pack_quality
from welcomemap.region.pack import PACK_VARIABLE, load_pack
from welcomemap.region.verify import seal_pack


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    made = write_rechteckstadt(tmp_path / "pack")
    seal_pack(load_pack(made))
    monkeypatch.setenv(PACK_VARIABLE, str(made))
    st.cache_resource.clear()
    yield made
    st.cache_resource.clear()


@pytest.mark.usefixtures("folder")
def test_planners_see_grades_and_figures_and_the_pack_is_measured_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured: list[object] = []
    measure = pack_quality.measure_quality

    def note(*asked: object) -> object:
        measured.append(asked)
        return measure(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(pack_quality, "measure_quality", note)
    visitor = Visitor("layers", part="quality", lang="en")
    rows = [row.replace("\u00a0", " ") for row in visitor.figures()]
    assert any(row.startswith("District 1 Westviertel|not reliable|reliable|") for row in rows)
    assert any(row.startswith("District 2 Mitte|400|10.0%|0.0%|0.0%|not known|") for row in rows)
    assert "in 3 of 3 areas" in visitor.app.header[0].value
    Visitor("layers", part="quality", lang="en")
    assert len(measured) == 1


@pytest.mark.usefixtures("folder")
def test_a_part_of_the_page_has_a_link() -> None:
    visitor = Visitor("layers", lang="en")
    visitor.set("radio", "part", "quality")
    assert visitor.address["part"] == "quality"
