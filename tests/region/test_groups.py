"""A region that does not know every group answers for those it knows, and says so of the others.

The tiny city of ``tests/worlds.py`` without its four other groups must give, for everybody, the
very figures that it gives with them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.worlds import write_rechteckstadt
from welcomemap.api import Region, open_region
from welcomemap.cli import run
from welcomemap.errors import MissingGroupError, PackError
from welcomemap.region.pack import load_pack
from welcomemap.region.schemas import GROUPS
from welcomemap.region.verify import check_pack
from welcomemap.report import FORMATS, PaperRequest, write_paper

AREAS = ("districts", "quarters", "demand_cells")
OTHERS = list(GROUPS[1:])


def leave_out(folder: Path, groups: list[str]) -> Path:
    """Take the columns of groups out of a pack, and name those that it still has."""
    pack = load_pack(write_rechteckstadt(folder / "whole"))
    tables = {name: getattr(pack, name).drop(columns=groups) for name in AREAS}
    written = write_rechteckstadt(folder / "pack", **tables)
    path = written / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["region"]["groups"] = [group for group in GROUPS if group not in groups]
    path.write_text(json.dumps(manifest), "utf-8")
    return written


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return leave_out(tmp_path_factory.mktemp("lacking"), OTHERS)


@pytest.fixture(scope="module")
def region(folder: Path) -> Region:
    return open_region(folder)


@pytest.fixture(scope="module")
def whole(folder: Path) -> Region:
    return open_region(folder.parent / "whole")


def test_the_pack_is_sound(folder: Path) -> None:
    assert [
        layer.problems for layer in check_pack(load_pack(folder)).layers if layer.problems
    ] == []


def test_a_pack_that_names_no_groups_has_all(whole: Region) -> None:
    assert whole.pack.groups == GROUPS


def test_a_column_that_is_named_and_absent_is_a_fault(tmp_path: Path) -> None:
    path = leave_out(tmp_path, ["under_18"]) / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    del manifest["region"]["groups"]
    path.write_text(json.dumps(manifest), "utf-8")
    checked = check_pack(load_pack(path.parent))
    faulty = {layer.name: [str(problem) for problem in layer.problems] for layer in checked.layers}
    for name in AREAS:
        assert any("under_18 is absent" in problem for problem in faulty[name]), name


@pytest.mark.parametrize(
    "groups",
    [None, "residents", ["under_18"], ["residents", "dogs"], ["residents", "residents"],
     ["residents", "over_65", "under_18"], {"residents": 1}],
)  # fmt: skip
def test_groups_that_are_none_are_refused(folder: Path, tmp_path: Path, groups: Any) -> None:
    manifest = json.loads((folder / "datapackage.json").read_text("utf-8"))
    manifest["region"]["groups"] = groups
    (tmp_path / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(PackError, match="groups"):
        load_pack(tmp_path)


def test_everybody_is_counted_as_with_the_other_groups(region: Region, whole: Region) -> None:
    for ask in (
        lambda r: r.coverage(threshold=["500m", "10min"]),
        lambda r: r.gaps().districts,
        lambda r: r.gaps().areas,
        lambda r: r.diff("2020", "2025").rows,
        lambda r: r.site(p=1, candidates="cells").sites,
        lambda r: r.nearest(r.demand_cells.head(3)),
    ):
        # The borders went through degrees once more, the figures did not.
        left, right = (ask(one).drop(columns="geometry") for one in (region, whole))
        pd.testing.assert_frame_equal(pd.DataFrame(left), pd.DataFrame(right))
    found, wanted = region.compare().candidates, whole.compare().candidates
    unknown = [f"gained_{group}" for group in OTHERS]
    assert found[unknown].isna().all(axis=None)
    left, right = (one.drop(columns=[*unknown, "geometry"]) for one in (found, wanted))
    pd.testing.assert_frame_equal(pd.DataFrame(left), pd.DataFrame(right))
    assert region.districts[OTHERS].isna().all(axis=None)


@pytest.mark.parametrize(
    "ask",
    [
        lambda region, group: region.coverage(group=["residents", group]),
        lambda region, group: region.gaps(group=group),
        lambda region, group: region.diff("2020", "2025", group=group),
        lambda region, group: region.site(p=1, candidates="cells", group=group),
        lambda region, group: region.compare(group=group),
        lambda region, group: region.compare(weights={"residents": 1, group: 2}),
        lambda region, group: region.map(group=group),
        lambda region, group: region.report("never.csv", group=group),
    ],
    ids=["coverage", "gaps", "diff", "site", "compare", "weights", "map", "report"],
)
@pytest.mark.parametrize("group", OTHERS)
def test_a_group_that_is_not_known_is_said_to_be(
    region: Region, ask: Any, group: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        MissingGroupError, match=rf"{group}.*Choose from: residents \(all residents\);"
    ):
        ask(region, group)
    assert list(tmp_path.iterdir()) == []


def test_every_form_of_a_paper_is_written_without_the_others(
    region: Region, tmp_path: Path
) -> None:
    request = PaperRequest("2025", compare="2020", formats=FORMATS, language="en")
    written = write_paper(region.pack, request, tmp_path / "paper.pdf", study=region.study)
    text = (tmp_path / "paper.districts.csv").read_text("utf-8")
    assert {file.path.suffix.lstrip(".") for file in written} >= set(FORMATS)
    assert "under_18" not in text


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_command_line_tells_it(
    folder: Path, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run(["coverage", "--group", "over_65", "--pack", str(folder), "--lang", lang])
    told = capsys.readouterr()
    assert (status, told.out) == (2, "")
    assert told.err.count("\n") == 1
    assert "residents" in told.err
    for command in (["coverage", "--group", "residents"], ["gaps"], ["data", "check"]):
        assert run([*command, "--pack", str(folder), "--lang", lang]) == 0
