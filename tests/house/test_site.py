"""The documentation site: built without a warning, whole, and asking no other host for anything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from docs.site_hooks import PACKAGE, ROOMS, list_modules

from tests.browser import WatchedPage, browser_page, chromium, is_local
from tests.house.checkout import ROOT

__all__ = ["browser_page", "chromium"]

PARTS = ["Start", "Tutorial", "How-to", "Reference", "Explanation"]
CSS_ADDRESS = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")
LOADS = {"src", "srcset", "data", "poster", "action"}


class Loaded(HTMLParser):
    """Whatever a page loads by itself: a link to follow is none of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.found += [value for name, value in given.items() if name in LOADS]
        if tag == "link" and given.get("rel") not in {"canonical", "next", "prev"}:
            self.found.append(given.get("href", ""))


def is_elsewhere(address: str) -> bool:
    return re.match(r"(?:[a-z]+:)?//", address) is not None and not is_local(address)


def build(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder, *options],
        cwd=ROOT, check=False, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = build(folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        text = page.read_text("utf-8")
        assert [x for x in Loaded(text).found if is_elsewhere(x)] == [], page
        # The theme fetches a script from elsewhere for diagrams of this kind alone.
        assert "mermaid" not in text, page
    for sheet in site.rglob("*.css"):
        found = ["".join(pair) for pair in CSS_ADDRESS.findall(sheet.read_text("utf-8"))]
        assert [x for x in found if is_elsewhere(x)] == [], sheet


def test_the_search_for_such_pages_would_find_one() -> None:
    page = (
        '<link rel="stylesheet" href="//fonts.example/a.css"><script src="https://cdn.example/a">'
    )
    assert [is_elsewhere(x) for x in Loaded(page).found] == [True, True]
    assert not any(is_elsewhere(x) for x in ("assets/a.js", "../a", "data:image/png;base64,AA"))
    assert Loaded('<a href="https://example.org">x</a>').found == []


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.browser
def test_a_browser_asks_no_other_host_and_finds_by_searching(
    address: str, browser_page: WatchedPage
) -> None:
    page = browser_page.page
    page.goto(f"{address}/reference/travel/")
    page.get_by_role("textbox", name="Search").fill("parse_threshold")
    found = page.locator(".md-search-result__link").first
    # The index of all pages is built in the browser, which takes long on a busy machine.
    found.wait_for(timeout=120_000)
    assert "/reference/travel/" in (found.get_attribute("href") or "")
    page.goto(f"{address}/")
    assert page.locator("body").evaluate("e => getComputedStyle(e).fontFamily") != ""


FAULTY = '''"""A module."""


def double(number: int) -> int:
    """Double it.

    Parameters
    ----------
    figure
        What is no parameter.
    """
    return 2 * number
'''


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("[x](missing.md)", "'missing.md'"),
        ("[x](index.md#nowhere)", "#nowhere"),
        ("[x][welcomemap.no_such_name]", "welcomemap.no_such_name"),
        ("::: faulty", "Parameter 'figure' does not appear"),
    ],
    ids=["link", "heading", "name", "docstring"],
)
def test_a_fault_ends_the_build(tmp_path: Path, page: str, told: str) -> None:
    """With the settings of the site, and one page of its own."""
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    python = next(x["mkdocstrings"] for x in settings["plugins"] if "mkdocstrings" in x)
    python["handlers"]["python"]["paths"] = [str(tmp_path)]
    python["handlers"]["python"]["options"]["extensions"] = [f"{ROOT}/docs/site_hooks.py:Roles"]
    settings |= {"docs_dir": "pages", "nav": ["index.md"], "hooks": [], "watch": []}
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(settings), "utf-8")
    (tmp_path / "faulty.py").write_text(FAULTY)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "index.md").write_text(f"# Title\n\n{page}\n")
    built = build(tmp_path / "site", "--config-file", str(tmp_path / "mkdocs.yml"))
    assert built.returncode == 1
    assert told in built.stdout + built.stderr
    assert "warnings in strict mode" in built.stdout + built.stderr


def test_the_site_has_its_four_parts() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    nav = yaml.safe_load(text)["nav"]
    assert [next(iter(part)) for part in nav] == PARTS


def test_schemas_and_notebook_are_one_click_from_where_one_looks(site: Path) -> None:
    """They are no pages: what nothing links to, nobody finds."""
    schemas = [f"../schema/{path.name}" for path in (ROOT / "docs" / "schema").glob("*.json")]
    assert len(schemas) > 10
    expected = {
        "reference": [*schemas, "../python/"],
        "python": ["../addresses.ipynb", "../columns/"],
        "": ["addresses.ipynb", "python/", "reference/#json"],
    }
    for page, links in expected.items():
        text = (site / page / "index.html").read_text("utf-8")
        main = text.partition("<article")[2].partition("</article>")[0]
        for link in links:
            assert f'href="{link}"' in main, (page, link)
            assert (site / page / link.partition("#")[0]).exists(), (page, link)


def test_every_room_of_the_reference_has_a_page_with_its_functions(site: Path) -> None:
    for room in ROOMS:
        text = (site / "reference" / room / "index.html").read_text("utf-8")
        for module in list_modules(room):
            assert f'id="{module}"' in text, module
    text = (site / "reference" / "travel" / "index.html").read_text("utf-8")
    assert 'id="welcomemap.travel.impedance.parse_threshold"' in text
    assert all((PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").is_file() for room in ROOMS)


def test_roles_of_docstrings_are_links(site: Path) -> None:
    texts = [page.read_text("utf-8") for page in (site / "reference").rglob("index.html")]
    assert [re.findall(r":(?:func|class|mod|data|meth|attr):", text) for text in texts] == [
        [] for _ in texts
    ]
    (region,) = (text for text in texts if 'id="welcomemap.region.pack"' in text)
    assert 'href="#welcomemap.region.verify.check_pack"' in region


def test_the_command_line_is_told_whole(site: Path) -> None:
    text = (site / "reference" / "command-line" / "index.html").read_text("utf-8")
    for command in ("gaps", "site", "geocode", "report", "replay", "serve", "data-check"):
        assert f'id="welcomemap-{command}"' in text, command
    assert "--threshold" in text
    assert "whether it is..." not in text


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("deployment", "../checkout/deploy/nginx.conf"),
        ("deployment", "../checkout/streamlit/config.toml"),
        ("contributing", "../dependencies/"),
        ("contributing", "../checkout/benchmarks/README.md.txt"),
    ],
)
def test_what_a_page_links_to_in_the_checkout_comes_along(site: Path, page: str, link: str) -> None:
    assert f'href="{link}"' in (site / page / "index.html").read_text("utf-8")
    assert (site / page / link).exists()
