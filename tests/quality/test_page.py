"""The page of how good a pack is: whole, alike each time, read by all, and no text of data runs."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from tests.browser import WatchedPage
from tests.cases import long
from tests.worlds import _districts, load_rechteckstadt, write_rechteckstadt
from welcomemap.cli import run
from welcomemap.errors import OutputError, PackError, UsageError
from welcomemap.quality.page import write_quality_page
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.study.pack_quality import measure_quality
from welcomemap.study.study import Study
from welcomemap.wording import Language

EVIL = "<img src=x onerror=window.hit=1></script><script>window.hit=1</script>"


def write(pack: RegionPack, path: Path, language: Language = "en") -> str:
    write_quality_page(measure_quality(Study(pack)), pack, path, language)
    return path.read_text("utf-8")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> RegionPack:
    return load_rechteckstadt(tmp_path_factory.mktemp("pack"))


@pytest.fixture
def page_file(pack: RegionPack, tmp_path: Path) -> Path:
    write(pack, tmp_path / "page.html")
    return tmp_path / "page.html"


def list_rows(text: str, caption: str) -> list[list[str]]:
    table = text.partition(f"<caption>{caption}</caption>")[2].partition("</table>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
            for row in re.findall(r"<tr>(.*?)</tr>", table)]  # fmt: skip
    return [[read_cell(cell) for cell in row] for row in rows]


def read_cell(cell: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", cell)).replace("\u00a0", " ")


def test_the_page_tells_grades_gaps_figures_layers_and_rules(page_file: Path) -> None:
    text = page_file.read_text("utf-8")
    verdicts = list_rows(text, "Which answers can be trusted")
    assert [row[:3] for row in verdicts[1:]] == [
        ["District 1 Westviertel", "not reliable", "reliable"],
        ["District 2 Mitte", "not reliable", "not reliable"],
        ["District 3 Ostufer", "not reliable", "not reliable"],
    ]
    people = list_rows(text, "People, and what is known where they live")
    assert [row[:4] for row in people[1:]] == [
        ["Rechteckstadt", "1,200", "10.0%", "33.3%"],
        ["District 1 Westviertel", "400", "10.0%", "100.0%"],
        ["District 2 Mitte", "400", "10.0%", "0.0%"],
        ["District 3 Ostufer", "400", "10.0%", "0.0%"],
    ]
    # Not known is never zero.
    assert people[1][5] == "not known"
    sites = list_rows(text, "Addresses and sites")
    assert sites[3] == ["District 2 Mitte", "180", "0", "0", "0", "2.2", "1", "0", "1", "0"]
    layers = list_rows(text, "Layers of the data pack")
    assert len(layers) == 16
    assert layers[1][-1] == "hand-worked"
    assert len(list_rows(text, "How the grades are made")) == 5
    assert "in 3 of 3 areas one answer at least is not reliable" in text


def test_the_same_pack_gives_the_same_bytes(pack: RegionPack, tmp_path: Path) -> None:
    assert write(pack, tmp_path / "a.html") == write(pack, tmp_path / "b.html")


def test_no_own_file_is_written_over_and_only_a_page_is_written(
    pack: RegionPack, tmp_path: Path
) -> None:
    quality = measure_quality(Study(pack))
    with pytest.raises((UsageError, OutputError)):
        write_quality_page(quality, pack, pack.folder / "districts.geojson", "en")
    with pytest.raises(UsageError):
        write_quality_page(quality, pack, tmp_path / "page.pdf", "en")


def test_the_command_writes_the_page_and_tells_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_rechteckstadt(tmp_path / "pack")
    page = tmp_path / "page.html"
    asked = ["data", "check", "--pack", str(folder), "--lang", "en"]
    assert run([*asked, "--page", str(page), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["missing"] == []
    assert [area["near_address_share"] for area in found["areas"][:4]] == [0.1] * 4
    assert {area["ways"] for area in found["areas"]} == {"reliable", "unreliable"}
    assert found["sentences"]["en"][0] in html.unescape(page.read_text("utf-8"))
    assert run(asked) == 0
    assert "District 3 Ostufer" in capsys.readouterr().out


def test_a_pack_without_sound_districts_has_no_page_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_rechteckstadt(tmp_path / "pack")
    (folder / "districts.geojson").write_text("{}")
    page = tmp_path / "page.html"
    asked = ["data", "check", "--pack", str(folder), "--lang", "en", "--page", str(page)]
    assert run(asked) == 1
    assert "no page is written" in capsys.readouterr().err
    assert not page.exists()
    found = load_pack(folder)
    with pytest.raises(PackError, match="districts"):
        write_quality_page(measure_quality(Study(found)), found, page, "en")


# --- in a browser ---


@pytest.mark.browser
@pytest.mark.parametrize("width", [long(1200), 320])
def test_everybody_can_read_it(browser_page: WatchedPage, page_file: Path, width: int) -> None:
    page = browser_page.page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert browser_page.list_violations() == []
    # Not by colour alone: hatched, and in words on the map.
    assert page.locator('path[fill="url(#wm-hatch-unknown)"]').count() == 3
    assert page.locator(".wm-label-value", has_text="not reliable").count() == 3
    addresses = [one for one in browser_page.requests if not one.startswith("data:")]
    assert addresses == [page_file.as_uri()]


@pytest.mark.browser
def test_a_district_opens_with_its_gaps(browser_page: WatchedPage, page_file: Path) -> None:
    page = browser_page.page
    page.goto(page_file.as_uri())
    page.get_by_role("button", name=re.compile("Show District.2 Mitte on the map")).click()
    popup = page.get_by_role("dialog", name="District 2 Mitte")
    popup.wait_for()
    assert "Ways of all people here are estimated" in popup.inner_text()


@pytest.mark.browser
def test_no_text_of_the_data_is_run(browser_page: WatchedPage, tmp_path: Path) -> None:
    districts = _districts()
    districts["name"] = EVIL
    folder = write_rechteckstadt(tmp_path / "pack", districts=districts)
    manifest = json.loads((folder / "datapackage.json").read_text("utf-8"))
    manifest["region"]["name"] = manifest["region"]["district_word"]["en"] = EVIL
    for resource in manifest["resources"]:
        resource |= {"source": EVIL, "limits": EVIL, "title": EVIL, "licence": {"name": EVIL}}
    (folder / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
    text = write(load_pack(folder), tmp_path / "page.html")
    assert "<img src=x" not in text
    page = browser_page.page
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_timeout(300)
    assert page.evaluate("window.hit") is None
    assert page.get_by_role("cell", name="<img src=x", exact=False).first.is_visible()
