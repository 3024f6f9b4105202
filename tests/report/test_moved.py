"""A report that a site moved or closed stands wherever planners or the council read of the site."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.cases import long
from tests.report.test_truth import make, say
from tests.worlds import load_rechteckstadt
from welcomemap.cartography.study_maps import describe_site
from welcomemap.coverage.accessibility import read_service_points
from welcomemap.region.disputes import find_disputes, read_other_way
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import load_scenario
from welcomemap.report import PaperRequest
from welcomemap.study.study import Study
from welcomemap.style import Sign
from welcomemap.wording import Language


def tell(pack: RegionPack, scenario: str, language: Language) -> dict[str, str]:
    """Return the warnings in the popup of each site of a list."""
    listed = load_scenario(pack, scenario)
    rows = {str(row["id"]): row for row in listed.frame.to_dict("records")}
    points = read_service_points(pack, listed, find_disputes(pack, listed))
    return {
        point.id: " ".join(describe_site(point, rows[point.id], pack, language).warnings)
        for point in points
        if point.id in rows
    }


@pytest.mark.parametrize(
    ("scenario", "site", "language"),
    [("2019", "wp2019-08", "de"), long("2019", "wp2019-08", "en"), ("2026", "wp2026-08", "en"),
     long("2026", "wp2026-08", "de")],
)  # fmt: skip
def test_popup_and_paper_know_that_an_office_moved(
    default_pack: RegionPack, scenario: str, site: str, language: Language
) -> None:
    date = {"de": "25. August 2022", "en": "25 August 2022"}[language]
    paper = say(make(Study(default_pack), PaperRequest(scenario, language=language)))
    for text in (tell(default_pack, scenario, language)[site], paper):
        for part in ("ddorf-aktuell.de 2022/08/25", date, "Gumbertstraße 119"):
            assert part in text
    is_later = "Since the date of the list" in paper or "Nach dem Stand der Liste" in paper
    assert is_later is (scenario == "2019")


def test_what_is_younger_than_the_list_is_told_and_changes_no_reading(tmp_path: Path) -> None:
    def report(event: str, date: str, sites: str) -> dict[str, str]:
        return {"address": "Hauptstraße 151", "event": event, "date": date, "districts": "1",
                "detail": "", "source": "Rechteckbote", "site_ids": sites}  # fmt: skip

    history = pd.DataFrame([report("moved", "2024", "a"), report("opened", "2019", "b")])
    pack = load_rechteckstadt(tmp_path, site_history=history)
    listed = load_scenario(pack, "2020")
    disputes = find_disputes(pack, listed)
    points = {point.id: point for point in read_service_points(pack, listed, disputes)}
    assert [len(points["a"].disputes), len(points["a"].later)] == [0, 1]
    assert [len(points["b"].disputes), len(points["b"].later)] == [1, 0]
    assert not points["a"].is_disputed and points["a"].runs_in_other_reading
    told = tell(pack, "2020", "en")
    assert "Since the date of the list" in told["a"] and "2024" in told["a"]
    assert "Since the date" not in told["b"]
    other = read_other_way(pack, listed, disputes).frame.set_index("id")
    assert other.loc["a", "status"] == "open"


def test_a_site_that_a_report_disputes_is_drawn_so_where_the_list_calls_it_open(
    tmp_path: Path,
) -> None:
    pack = load_rechteckstadt(tmp_path)
    published = load_scenario(pack, "2025")
    listed = replace(published, frame=published.frame.assign(status="open"))
    rows = {str(row["id"]): row for row in listed.frame.to_dict("records")}
    signs = {
        point.id: describe_site(point, rows[point.id], pack, "de").sign
        for point in read_service_points(pack, listed, find_disputes(pack, listed))
    }
    # The history of Rechteckstadt has b2 closed in 2024, and nothing of a2.
    assert signs == {"a2": Sign.OPEN, "b2": Sign.DISPUTED}
