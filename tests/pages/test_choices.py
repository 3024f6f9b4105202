"""A planner's choices in any order of clicks: widgets, links, files and requests say the same.

The pages are the real ones; what they should hold is kept in a plain dictionary beside them.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests import worlds
from tests.conftest import LONG_VARIABLE
from tests.pages.visitor import Visitor
from tests.worlds import load_rechteckstadt
from welcomemap.describe.comparison import describe_comparison
from welcomemap.describe.words import GROUP_LABELS
from welcomemap.pages.choices import LABELS, Offer, join, list_options, settle, split
from welcomemap.pages.planning import Setting
from welcomemap.pages.widgets import escape_markdown
from welcomemap.region.pack import PACK_VARIABLE, RegionPack, load_pack
from welcomemap.region.verify import check_pack
from welcomemap.report import PaperRequest, write_paper
from welcomemap.study.anywhere import AnywhereRequest
from welcomemap.study.comparison import ComparisonAnswer
from welcomemap.study.requests import (
    CompareRequest,
    CoverageRequest,
    DifferenceRequest,
    GapsRequest,
    SiteRequest,
)
from welcomemap.study.study import Study
from welcomemap.travel.impedance import Mode, parse_threshold
from welcomemap.wording import format_interval, format_number, format_share

MINUTES = ["5min", "10min", "15min", "20min", "30min", "45min", "60min"]
METRES = ["300m", "500m", "700m", "1000m", "1500m", "2000m", "3000m"]
GROUPS = ["residents", "migration_background", "foreign_citizens", "under_18", "over_65"]
FORMS = ["pdf", "docx", "html", "xlsx", "csv", "gpkg", "geojson", "png", "svg"]
FIRST_UNSERVED = {"2020": "3", "2025": "3", "plan": "2"}
"""By hand: sites lie in districts 1 and 2; those of the own list in 1 and 3."""
LIST = (
    "id,name,operator,address,stated_districts,status,valid_from,valid_to,source,lat,lon\n"
    "p,P,Stadt,,,open,2025-01-01,,Plan,51.2575,6.7145\n"
    "q,Q,Stadt,,,open,2025-01-01,,Plan,51.2583,6.7860\n"
)
USUAL = {
    "view": "district", "since": "", "aim": "mclp", "sites": 1,
    "source": "list", "kept": True, "forms": ["pdf", "html", "xlsx"], "focus": "", "part": "about",
}  # fmt: skip
CRITERIA = ["residents", "migration_background", "foreign_citizens", "under_18", "over_65",
            "mean_cost", "p90_cost", "stop_distance_m", "n_lines", "overlap_share"]  # fmt: skip
SETTING = {"scenario": "selectbox", "mode": "selectbox", "group": "selectbox",
           "threshold": "select_slider"}  # fmt: skip
WIDGETS: dict[str, dict[str, str]] = {
    "coverage": SETTING | {"view": "radio", "district": "selectbox", "thresholds": "multiselect",
                           "since": "selectbox"},
    "compare": SETTING | {"candidates": "multiselect", "aim": "selectbox", "sites": "number_input",
                          "source": "selectbox", "kept": "checkbox"},
    "export": SETTING | {"candidates": "multiselect", "forms": "multiselect", "since": "selectbox",
                         "focus": "selectbox"},
    "layers": {"part": "radio"},
}  # fmt: skip
PAGES = sorted(WIDGETS)


REGION = {"scenario": ["2020", "2025"], "candidates": ["east", "mid"]}
OTHER_REGION = {"scenario": ["2025"], "candidates": ["mid"]}


@cache
def zip_other_region() -> bytes:
    """Return a pack without the list of 2020 and without one of the candidates."""
    sites, candidates = worlds._service_points(), worlds._candidate_sites()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        worlds.write_rechteckstadt(
            place,
            service_points=sites[sites["scenario"] == "2025"],
            candidate_sites=candidates[candidates["id"] == "mid"],
        )
        manifest = json.loads((place / "datapackage.json").read_text("utf-8"))
        manifest["region"]["scenarios"] = OTHER_REGION["scenario"]
        (place / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
        assert check_pack(load_pack(place)).ok
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for path in sorted(place.iterdir()):
                archive.write(path, path.name)
    return content.getvalue()


class Model:
    """What a planner has chosen and brought along, and what that means for each page."""

    def __init__(self) -> None:
        self.choices = {"scenario": "2025", "mode": "walk", "group": "residents",
                        "threshold": "1000m"}  # fmt: skip
        self.lists: list[str] = []
        self.own: list[str] = []
        self.region = REGION

    def steps(self) -> list[str]:
        return MINUTES if self.choices["mode"] == "transit" else METRES + MINUTES

    def options(self, name: str) -> list[Any]:
        scenarios = [*self.region["scenario"], *self.lists]
        others = [one for one in scenarios if one != self.choices["scenario"]]
        views = ["district", "quarter", "cell"]
        if self.choices["mode"] != "transit":
            views.append("reach")
        return {
            "scenario": scenarios, "mode": ["walk", "cycle", "transit"], "group": GROUPS,
            "threshold": self.steps(), "thresholds": self.steps(), "view": views,
            "district": ["1", "2", "3"], "focus": ["", "1", "2", "3"], "since": ["", *others],
            "candidates": self.region["candidates"], "forms": FORMS, "sites": list(range(1, 11)),
            "aim": ["mclp", "p-median", "p-center", "lscp", "p-dispersion"],
            "source": ["list", *(["own"] if self.own else []), "offices", "stops"],
            "kept": [True, False], "part": ["about", "addresses", "list", "districts", "pack"],
        }[name]  # fmt: skip

    def value(self, name: str) -> Any:
        """Return what a widget shows."""
        if name in self.choices:
            text = self.choices[name]
            if name in ("thresholds", "candidates", "forms"):
                return text.split(",") if text else []
            return {"sites": int, "kept": "1".__eq__}.get(name, str)(text)
        if name == "district":
            return FIRST_UNSERVED[self.choices["scenario"]]
        if name == "thresholds":
            is_metres = self.choices["threshold"] in METRES
            return ["500m", "1000m"] if is_metres else ["15min", "30min"]
        return self.region["candidates"] if name == "candidates" else USUAL[name]

    def usual_weights(self) -> dict[str, int]:
        return {self.choices["group"]: 1, "mean_cost": 1, "stop_distance_m": 1}

    def weights(self) -> dict[str, int]:
        if "weights" not in self.choices:
            return self.usual_weights()
        parts = self.choices["weights"].split(",") if self.choices["weights"] else []
        return {name: int(weight) for name, weight in (part.split(".") for part in parts)}

    def choose(self, name: str, value: Any) -> None:
        if value == self.value(name):
            return
        if isinstance(value, list):
            self.choices[name] = ",".join(value)
        else:
            self.choices[name] = {True: "1", False: "0"}[value] if name == "kept" else str(value)
        if name in SETTING:
            self.choices.pop("anywhere", None)
        if name in SETTING or name in ("aim", "sites", "source", "kept"):
            self.choices.pop("best", None)
        self.mend()

    def weigh(self, name: str, weight: int) -> None:
        weights = self.weights() | {name: weight}
        if weights.get(name, 0) != self.weights().get(name, 0):
            self.choices["weights"] = ",".join(
                f"{one}.{weights[one]}" for one in CRITERIA if weights.get(one)
            )

    def mend(self) -> None:
        """Let what is no longer possible fall to its default."""
        gone = []
        if self.choices["scenario"] not in self.options("scenario"):
            self.choices["scenario"] = "2025"
            gone += ["anywhere", "best"]
        if self.choices["threshold"] not in self.steps():
            self.choices["threshold"] = "15min"
            gone += ["anywhere", "best"]
        for name in ("view", "since"):
            if self.value(name) not in self.options(name):
                gone.append(name)
        if self.value("source") not in self.options("source"):
            gone += ["source", "best"]
        for name in ("thresholds", "candidates"):
            if self.choices.get(name):
                left = [one for one in self.value(name) if one in self.options(name)]
                self.choices[name] = ",".join(left)
                gone += [] if left else [name]
        for name in gone:
            self.choices.pop(name, None)


class Planner(RuleBasedStateMachine):
    """A planner who clicks about."""

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        self.visitor = Visitor()
        self.file: tuple[bytes, dict[str, str], list[str], list[str]] | None = None

    @property
    def page(self) -> str:
        return self.visitor.page

    def widgets(self) -> dict[str, str]:
        """Return the page's widgets; one list alone is compared with none on the coverage page."""
        shown = dict(WIDGETS[self.page])
        if self.on("coverage") and len(self.model.options("scenario")) < 2:
            del shown["since"]
        return shown

    def on(self, page: str) -> bool:
        return self.visitor.page == page

    # --- clicks ---

    @rule(data=st.data())
    def use_a_widget(self, data: st.DataObject) -> None:
        self.draw_a_choice(data, sorted(self.widgets()))

    @precondition(lambda self: not self.on("layers"))
    @rule(data=st.data())
    def change_the_setting(self, data: st.DataObject) -> None:
        self.draw_a_choice(data, sorted(SETTING))

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        there = [*(page for page in PAGES if page != self.page), "back", "forward", "reload"]
        chosen = data.draw(st.sampled_from(there))
        if chosen == "reload":
            self.reload()
        elif chosen in PAGES:
            self.visitor.follow(chosen)
        else:
            self.go(-1 if chosen == "back" else 1)

    @precondition(lambda self: self.on("compare"))
    @rule(data=st.data())
    def compare(self, data: st.DataObject) -> None:
        acts = [self.add_a_candidate, self.click_outside, self.drop_the_last_candidate]
        act = data.draw(st.sampled_from([*acts, "weigh", "anywhere", "best"]))
        if act == "weigh":
            self.weigh(data.draw(st.sampled_from(CRITERIA)), data.draw(st.integers(0, 5)))
        elif isinstance(act, str):
            self.ask(act)
        else:
            act()

    @precondition(lambda self: self.on("export"))
    @rule(data=st.data())
    def export(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from([self.save, self.open_the_study, self.make_a_paper]))()

    @precondition(lambda self: self.on("layers"))
    @rule(data=st.data())
    def bring_or_drop(self, data: st.DataObject) -> None:
        acts = [self.bring_a_list, self.drop_the_list, self.bring_a_pack, self.leave_the_pack]
        data.draw(st.sampled_from(acts))()

    def draw_a_choice(self, data: st.DataObject, names: list[str]) -> None:
        name = data.draw(st.sampled_from(names))
        options = self.model.options(name)
        if isinstance(self.model.value(name), list):
            value = data.draw(st.lists(st.sampled_from(options), unique=True, max_size=3))
        else:
            value = data.draw(st.sampled_from(options))
        self.choose(name, value)

    def choose(self, name: str, value: Any) -> None:
        self.model.choose(name, value)
        self.visitor.set(WIDGETS[self.page][name], name, value)

    def go(self, by: int) -> None:
        if self.visitor.step(by):
            self.take(self.visitor.entered)

    def reload(self) -> None:
        self.change_the_region(REGION)
        self.visitor.reload()

    def change_the_region(self, region: dict[str, list[str]]) -> None:
        self.model.lists, self.model.own, self.model.region = [], [], region
        self.model.mend()

    def bring_a_pack(self) -> None:
        if self.model.value("part") != "pack":
            self.model.choose("part", "pack")
            self.visitor.set("radio", "part", "pack")
        self.visitor.upload("paket.zip", zip_other_region(), "Prüfen und verwenden")
        self.change_the_region(OTHER_REGION)

    def leave_the_pack(self) -> None:
        if self.model.region is OTHER_REGION and self.model.value("part") == "pack":
            self.visitor.press("Zurück zum eingebauten Paket")
            self.change_the_region(REGION)

    def bring_a_list(self) -> None:
        if self.model.value("part") != "list":
            self.model.choose("part", "list")
            self.visitor.set("radio", "part", "list")
        self.visitor.upload("plan.csv", LIST.encode(), "Prüfen und verwenden")
        self.model.lists = ["plan"]
        self.model.choose("scenario", "plan")

    def drop_the_list(self) -> None:
        if not self.model.lists or self.model.value("part") != "list":
            return
        self.visitor.press("drop_list_plan")
        self.model.lists = []
        self.model.mend()

    def add_a_candidate(self) -> None:
        if self.model.value("candidates") or self.model.own:
            self.visitor.press("compare_map inside")
            self.model.own.append(f"Punkt auf der Karte {len(self.model.own) + 1}")

    def click_outside(self) -> None:
        if self.model.value("candidates") or self.model.own:
            self.visitor.press("compare_map outside")
            assert any("außerhalb" in said for said in self.visitor.said())

    def drop_the_last_candidate(self) -> None:
        if not self.model.own:
            return
        keys = [one.key for one in self.visitor.app.button if str(one.key).startswith("drop_own")]
        self.visitor.press(keys[-1])
        del self.model.own[-1]
        self.model.mend()

    def weigh(self, name: str, weight: int) -> None:
        if self.model.value("candidates") or self.model.own:
            self.model.weigh(name, weight)
            self.visitor.set("slider", f"weight_{name}", weight)

    def ask(self, name: str) -> None:
        self.visitor.press(f"compare_{name}")
        self.model.choices[name] = "1"

    @precondition(lambda self: self.on("coverage"))
    @rule(number=st.sampled_from("123"))
    def pick_a_district(self, number: str) -> None:
        self.visitor.press(f"coverage_map {number}")
        self.model.choices["district"] = number

    def save(self) -> None:
        model = self.model
        self.file = (self.visitor.saved, dict(model.choices), list(model.lists), list(model.own))

    def open_the_study(self) -> None:
        if self.file is None:
            return
        content, choices, lists, candidates = self.file
        self.visitor.upload("studie.json", content, "Studie öffnen")
        self.model.choices, self.model.lists = dict(choices), list(lists)
        self.model.own = list(candidates)
        self.model.mend()

    def make_a_paper(self) -> None:
        self.visitor.papers.clear()
        self.visitor.press("Dateien erstellen")
        value, forms = self.model.value, [f for f in self.model.value("forms") if f != "html"]
        if not forms or not (value("candidates") or self.model.own):
            assert self.visitor.papers == []
            return
        (paper,) = self.visitor.papers
        listed = value("candidates")
        named = (Path(paper.scenario).stem, Path(paper.compare or "").stem)
        assert named == (value("scenario"), value("since"))
        setting = (paper.mode, paper.threshold, paper.group)
        assert setting == (value("mode"), self.threshold, value("group"))
        assert (str(paper.focus_district or ""), list(paper.formats)) == (value("focus"), forms[1:])
        assert list(paper.candidates[: len(listed)]) == listed
        assert [Path(one).name for one in paper.candidates[len(listed) :]] == (
            ["candidates.csv"] if self.model.own else []
        )

    # --- what must hold ---

    def take(self, address: dict[str, str]) -> None:
        asked = {name: text for name, text in address.items() if name != "lang"}
        if asked:
            self.model.choices = {"scenario": "2025", "mode": "walk", "group": "residents",
                                  "threshold": "1000m"} | asked  # fmt: skip
        self.model.mend()

    @property
    def threshold(self) -> Any:
        return parse_threshold(self.model.value("threshold"))

    @invariant()
    def the_address_holds_the_choices(self) -> None:
        expected = {"lang": "de", **self.model.choices}
        assert self.visitor.address == expected
        for page, address in self.visitor.links().items():
            assert address == (expected if page in WIDGETS else {"lang": "de"})

    @invariant()
    def every_widget_shows_its_choice(self) -> None:
        for name, kind in self.widgets().items():
            assert self.visitor.widget(kind, name).value == self.model.value(name), name
        if self.on("compare") and (self.model.value("candidates") or self.model.own):
            for name in CRITERIA:
                shown = self.visitor.widget("slider", f"weight_{name}").value
                assert shown == self.model.weights().get(name, 0), name

    @invariant()
    def the_library_is_asked_for_the_choices(self) -> None:
        value = self.model.value
        setting = Setting(value("scenario"), value("mode"), self.threshold, value("group"))
        request = (setting.scenario, setting.threshold, setting.mode, setting.group)
        if self.on("coverage"):
            self.asked_of_coverage(setting)
        if self.on("compare"):
            self.asked_of_compare(request)

    def asked_of_coverage(self, setting: Setting) -> None:
        asked, value = self.visitor.asked, self.model.value
        assert ("figures", setting) in asked
        steps = [step for step in self.model.steps() if step in value("thresholds")]
        groups = [one.thresholds for one in asked if isinstance(one, CoverageRequest)]
        assert groups == ([tuple(parse_threshold(step) for step in steps)] if steps else [])
        since = [one.before for one in asked if isinstance(one, DifferenceRequest)]
        assert set(since) == ({value("since")} if value("since") else set())

    def asked_of_compare(self, request: tuple[Any, ...]) -> None:
        asked, value = self.visitor.asked, self.model.value
        scenario, threshold, mode, group = request
        expected: list[Any] = []
        if value("candidates") or self.model.own:
            weights = {name: n for name, n in self.model.weights().items() if n}
            weights = weights or self.model.usual_weights()
            expected = [
                CompareRequest(tuple(value("candidates")), "own" if self.model.own else None,
                               scenario, threshold, mode, group=group),
                tuple((name, float(weights[name])) for name in CRITERIA if name in weights),
            ]  # fmt: skip
        if "anywhere" in self.model.choices:
            expected.append(AnywhereRequest(*request))
        if "best" in self.model.choices:
            p = None if value("aim") == "lscp" else value("sites")
            expected.append(SiteRequest(value("aim"), p, *request, value("source"), value("kept"),
                                        time_limit_s=20.0))  # fmt: skip
        assert asked == expected

    @invariant()
    def the_saved_study_holds_all_of_it(self) -> None:
        if not self.on("export"):
            return
        saved = json.loads(self.visitor.saved)
        assert saved["choices"] == self.model.choices
        assert [one["name"] for one in saved.get("lists", [])] == self.model.lists
        assert [one["name"] for one in saved.get("candidates", [])] == self.model.own


@pytest.fixture
def tiny_region(tiny_pack: RegionPack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the pages work with Rechteckstadt."""
    monkeypatch.setenv(PACK_VARIABLE, str(tiny_pack.folder))
    yield


OFFER = Offer(("2019", "2026", "plan"), "2026", ("a", "b,c", "d%2C"), ("1", "7"), True)
TEXTS = st.one_of(
    st.sampled_from(["", "1", "2019", "plan", "transit", "walk", "1000m", "30min", "reach", "a",
                     "b%2Cc,a", "own", "residents.2", "pdf,svg", "a,a", "500m,15min,x"]),
    st.text(max_size=12),
)  # fmt: skip


@given(st.dictionaries(st.one_of(st.sampled_from(sorted(LABELS)), st.text(max_size=5)), TEXTS))
def test_any_link_settles_to_choices_that_are_possible_and_says_what_it_replaced(
    held: dict[str, str],
) -> None:
    settled, replaced = settle(held, OFFER)
    assert settle(settled, OFFER) == (settled, ())
    assert set(SETTING) <= set(settled) <= set(LABELS)
    told = {one.name: one.used for one in replaced}
    for name in set(held) & set(LABELS) - {"anywhere", "best"}:
        assert (settled.get(name) == held[name]) == (name not in told)
        assert name not in told or told[name] == settled.get(name)


def test_a_town_without_quarters_offers_no_map_of_them() -> None:
    assert "quarter" in list_options("view", {}, OFFER)
    assert "quarter" not in list_options("view", {}, replace(OFFER, has_quarters=False))


@given(st.lists(st.text(min_size=1, max_size=4), unique=True))
def test_ids_with_any_sign_come_back_from_a_link(ids: list[str]) -> None:
    assert split(join(ids)) == ids


BASE = {"scenario": "2025", "mode": "walk", "threshold": "1000m", "group": "residents"}
CHANGES = [
    {}, {"scenario": "2020"}, {"mode": "cycle", "threshold": "10min"},
    {"mode": "transit", "threshold": "15min"}, {"threshold": "500m"}, {"threshold": "10min"},
    {"group": "over_65"},
    {"scenario": "2020", "mode": "cycle", "threshold": "700m", "group": "under_18"},
]  # fmt: skip


def test_the_pages_figures_are_those_of_the_library_for_what_was_chosen(
    tiny_pack: RegionPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The list of 2020 without its site in district 2: else both lists give the same figures.
    sites = tiny_pack.service_points
    pack = load_rechteckstadt(tmp_path, service_points=sites[sites["id"] != "b"])
    monkeypatch.setenv(PACK_VARIABLE, str(pack.folder))
    study, visitor, seen = Study(pack), Visitor(), set()
    for change in CHANGES:
        chosen = BASE | change
        # The mode first: it decides which thresholds there are.
        for name in ("mode", "scenario", "threshold", "group"):
            visitor.set(SETTING[name], name, chosen[name])
        # What each is called names the group; the numbers are what is compared here.
        key_figures = [row.split("|", 1)[1] for row in visitor.figures()[:3]]
        assert key_figures == expect_key_figures(study, chosen), change
        seen.add(tuple(key_figures))
        visitor.follow("compare")
        shown = visitor.figures()
        for row in expect_gains(study, chosen):
            assert row in shown, change
        (verdict,) = [one.value for one in (*visitor.app.success, *visitor.app.info)]
        assert verdict == expect_verdict(study, chosen), change
        visitor.follow("coverage")
    assert len(seen) == len(CHANGES)


@pytest.mark.usefixtures("tiny_region")
def test_what_is_typed_stays_in_the_session_and_goes_with_its_study() -> None:
    visitor = Visitor("export")
    empty = visitor.saved
    visitor.set("text_input", "title", "Geheimer Titel")
    visitor.follow("compare")
    visitor.follow("export")
    assert visitor.widget("text_input", "title").value == "Geheimer Titel"
    visitor.press("Dateien erstellen")
    assert visitor.papers[-1].title == "Geheimer Titel"
    assert "Geheim" not in str((visitor.history, visitor.links()))
    visitor.upload("studie.json", empty, "Studie öffnen")
    assert visitor.widget("text_input", "title").value == ""


@pytest.mark.usefixtures("tiny_region")
def test_a_paper_of_the_command_line_opens_with_what_it_was_asked(
    tiny_pack: RegionPack, tmp_path: Path
) -> None:
    request = PaperRequest(
        "2025", compare="2020", threshold=parse_threshold("500m"), mode="cycle", group="under_18",
        focus_district=2, title="Eigener Titel", reference="A 7", formats=("xlsx",),
    )  # fmt: skip
    write_paper(tiny_pack, request, tmp_path / "paper.csv")
    visitor = Visitor("export")
    saved = (tmp_path / "paper.study.json").read_bytes()
    visitor.upload("paper.study.json", saved, "Studie öffnen")
    (said,) = [one.value for one in visitor.app.success]
    assert said == "Die Studie ist geöffnet."
    visitor.press("Dateien erstellen")
    asked = visitor.papers[-1]
    assert asked == replace(request, candidates=asked.candidates)
    assert set(asked.candidates) == set(tiny_pack.candidate_sites["id"])


@pytest.mark.usefixtures("tiny_region")
def test_a_study_that_names_a_file_beside_it_says_what_is_missing(
    tiny_pack: RegionPack, tmp_path: Path
) -> None:
    (tmp_path / "eigene.csv").write_text(
        "id,name,operator,address,stated_districts,status,valid_from,valid_to,source,lat,lon\n"
        "x1,Eins,,,1,open,,,eigene,51.2500,6.7100\n", "utf-8",
    )  # fmt: skip
    request = PaperRequest(str(tmp_path / "eigene.csv"))
    write_paper(tiny_pack, request, tmp_path / "paper.csv")
    visitor = Visitor("export")
    saved = (tmp_path / "paper.study.json").read_bytes()
    visitor.upload("paper.study.json", saved, "Studie öffnen")
    (said,) = [one.value for one in visitor.app.success]
    assert escape_markdown("Bringen Sie sie auf der Seite „Daten“ mit: eigene.csv.") in said


@pytest.mark.usefixtures("tiny_region")
def test_no_paper_tells_of_candidates_that_nobody_chose() -> None:
    visitor = Visitor("export", candidates="")
    visitor.press("Dateien erstellen")
    assert visitor.papers == []
    assert "Wählen Sie mindestens einen Kandidaten." in visitor.said()


@pytest.mark.usefixtures("tiny_region")
def test_a_study_with_a_place_outside_opens_without_it_and_says_so() -> None:
    visitor = Visitor("compare")
    visitor.press("compare_map inside")
    visitor.follow("export")
    saved = json.loads(visitor.saved)
    far = saved["candidates"][0] | {"id": "own-2", "name": "Weit weg", "lat": "48.1"}
    saved["candidates"].append(far)
    other = Visitor("export")
    other.upload("studie.json", json.dumps(saved).encode(), "Studie öffnen")
    (said,) = [one.value for one in other.app.success]
    assert "Außerhalb von Rechteckstadt und darum nicht übernommen" in said
    assert "Weit weg" in said
    other.follow("compare")
    assert not other.app.error
    ranked = [row for row in other.figures() if "|Punkt auf der Karte 1|" in row]
    assert ranked


@pytest.mark.usefixtures("tiny_region")
def test_a_value_from_a_link_that_is_not_possible_is_told_with_what_holds() -> None:
    visitor = Visitor("coverage", scenario="geheim", threshold="3min", group="over_65")
    assert visitor.said()[:2] == [
        escape_markdown("„Verzeichnis der Standorte“: „geheim“ ist hier nicht möglich. Es gilt "
                        "2025."),
        escape_markdown("„In Reichweite heißt: höchstens“: „3 Minuten“ ist hier nicht möglich. "
                        "Es gilt 1.000\u00a0m."),
    ]  # fmt: skip
    assert visitor.widget("selectbox", "group").value == "over_65"


def expect_key_figures(study: Study, chosen: dict[str, str]) -> list[str]:
    """Ask the library and write its figures as a planner reads them."""
    scenario, mode, group = chosen["scenario"], cast("Mode", chosen["mode"]), chosen["group"]
    threshold = parse_threshold(chosen["threshold"])
    rows = study.measure_coverage(CoverageRequest(scenario, (threshold,), (group,), mode)).rows
    (city,) = [row for row in rows if (row.area_kind, row.group) == ("city", group)]
    assert city.interval is not None
    out = [city.total * (1 - bound) for bound in reversed(city.interval)]
    gaps = study.find_gaps(GapsRequest(scenario, threshold, mode, group))
    without = [str(gap.district) for gap in gaps.districts if gap.is_located_unserved]
    return [
        f"{format_share(city.share, 'de', city.interval)}|"
        f"Spanne {format_interval(city.interval, 'de')}",
        f"{format_number(city.total - city.covered, 'de')}|"
        f"Spanne {format_number(out[0], 'de')} – {format_number(out[1], 'de')}",
        f"{len(without)}|{' und '.join(without)}",
    ]


def ask_comparison(study: Study, chosen: dict[str, str]) -> ComparisonAnswer:
    """Ask the library for the comparison of the listed candidates."""
    request = CompareRequest(
        ("east", "mid"), None, chosen["scenario"], parse_threshold(chosen["threshold"]),
        cast("Mode", chosen["mode"]), group=chosen["group"],
    )  # fmt: skip
    return study.compare_candidates(request)


def expect_gains(study: Study, chosen: dict[str, str]) -> list[str]:
    """Return the rows of gains by group, the better candidate first."""
    answer = ask_comparison(study, chosen)
    order = sorted(range(2), key=lambda k: int(answer.comparison.ranking.rank[k]))
    return [
        "|".join(
            [
                GROUP_LABELS[group].in_language("de"),
                *(
                    f"{format_number(answer.comparison.candidates[k].reach.gained[group], 'de')} "
                    f"({' – '.join(format_number(n, 'de') for n in answer.gains.interval(k, g))})"
                    for k in order
                ),
            ]
        )
        for g, group in enumerate(GROUPS)
    ]


def expect_verdict(study: Study, chosen: dict[str, str]) -> str:
    """Return the sentences about the candidates."""
    sentences = describe_comparison(ask_comparison(study, chosen))
    return escape_markdown(" ".join(sentence.in_language("de") for sentence in sentences))


def walk(planner: Planner, *steps: Callable[[], None]) -> None:
    """Do steps in order; after each of them everything must hold."""
    for step in (planner.begin, *steps):
        step()
        for name in dir(Planner):
            if hasattr(getattr(Planner, name), "hypothesis_stateful_invariant"):
                getattr(planner, name)()


@pytest.mark.long
@pytest.mark.usefixtures("tiny_region")
def test_choices_hold_on_a_walk_through_all_pages() -> None:
    planner = Planner()

    def choose(name: str, value: Any) -> Callable[[], None]:
        return lambda: planner.choose(name, value)

    def follow(page: str) -> Callable[[], None]:
        return lambda: planner.visitor.follow(page)

    def go(by: int) -> Callable[[], None]:
        return lambda: planner.go(by)

    walk(
        planner,
        choose("threshold", "1500m"), choose("scenario", "2020"), choose("group", "over_65"),
        choose("since", "2025"), choose("view", "reach"), choose("thresholds", ["300m", "5min"]),
        lambda: planner.pick_a_district("2"), follow("export"), planner.save, planner.make_a_paper,
        follow("compare"), planner.add_a_candidate, planner.add_a_candidate,
        planner.click_outside, lambda: planner.weigh("n_lines", 5), choose("candidates", ["mid"]),
        choose("aim", "p-center"), choose("sites", 3), choose("kept", False),
        choose("source", "own"), lambda: planner.ask("best"), lambda: planner.ask("anywhere"),
        follow("layers"), planner.bring_a_list, follow("compare"), lambda: planner.ask("anywhere"),
        follow("export"), choose("forms", ["xlsx", "pdf"]), choose("focus", "3"),
        choose("mode", "cycle"), planner.make_a_paper, planner.open_the_study,
        follow("layers"), planner.bring_a_list, follow("compare"), planner.add_a_candidate,
        planner.add_a_candidate, follow("export"), planner.save,
        follow("coverage"), choose("mode", "transit"),
        choose("since", "2020"), go(-1), go(-1), go(1), planner.reload, go(-1),
        follow("compare"), planner.add_a_candidate, choose("candidates", []),
        planner.drop_the_last_candidate, follow("export"), planner.open_the_study,
        follow("compare"), planner.drop_the_last_candidate, planner.drop_the_last_candidate,
        lambda: planner.ask("best"), choose("aim", "lscp"), choose("candidates", []),
        follow("layers"), planner.drop_the_list, follow("coverage"), choose("scenario", "2020"),
        follow("compare"), choose("candidates", ["east"]), planner.add_a_candidate,
        follow("layers"), planner.bring_a_list, planner.bring_a_pack, follow("compare"),
        planner.add_a_candidate, follow("export"), planner.make_a_paper, planner.open_the_study,
        follow("layers"), planner.bring_a_pack, planner.leave_the_pack, follow("export"),
        go(-1), go(-1), go(-1), planner.reload,
    )  # fmt: skip


@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("tiny_region")
def test_choices_hold_in_any_order_of_clicks() -> None:
    examples, steps = (100, 30) if os.environ.get(LONG_VARIABLE) else (6, 10)
    run_state_machine_as_test(
        Planner,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, derandomize=True, deadline=None,
            suppress_health_check=list(HealthCheck), print_blob=False,
        ),
    )  # fmt: skip
