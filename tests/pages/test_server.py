"""What the server does around the pages."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import WatchedPage
from tests.pages.app_server import find_free_port, wait_until_healthy
from welcomemap.pages.door import HEADERS
from welcomemap.pages.server import QuietFaults
from welcomemap.serving import app_command, app_environment
from welcomemap.wording import open_translator

ROOT = Path(__file__).parents[2]


def test_every_answer_asks_for_no_referrer(app_url: str) -> None:
    for path in ("/", "/_stcore/health", "/nowhere"):
        with urllib.request.urlopen(app_url + path) as answer:
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_the_log_of_a_fault_knows_the_place_and_not_the_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = logging.getLogger("tests.quiet")
    log.addFilter(QuietFaults())
    known: dict[str, int] = {}
    try:
        known["Zaubernußweg 77"]
    except KeyError:
        log.exception("Uncaught app execution")
    assert "Uncaught app execution: KeyError" in caplog.text
    assert "test_server.py" in caplog.text
    assert "Zaubernuß" not in caplog.text.replace('known["Zaubernußweg 77"]', "")


def test_a_fault_of_a_page_neither_shows_nor_logs_what_was_typed(
    tmp_path: Path, browser_page: WatchedPage
) -> None:
    (tmp_path / "faulty.py").write_text("raise ValueError('Zaubernu' + chr(223) + 'weg 77')\n")
    (tmp_path / "app.py").write_text(
        "import streamlit as st\nfrom welcomemap.pages import server\n"
        "app = st.App('faulty.py', lifespan=server.start, on_script_error=server.say_fault)\n"
    )
    shutil.copytree(ROOT / ".streamlit", tmp_path / ".streamlit")
    port, log = find_free_port(), tmp_path / "app.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            app_command(tmp_path / "app.py", port=port, address="127.0.0.1"),
            env=app_environment(os.environ, address="127.0.0.1", pack=None),
            cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}", server, log)
        browser_page.page.goto(f"http://127.0.0.1:{port}/?lang=tr")
        expect(browser_page.page.get_by_role("alert")).to_have_text(
            open_translator("tr")("Something went wrong here. Please load the page again.")
        )
        assert "Zaubernuß" not in browser_page.page.content()
        browser_page.page.goto("about:blank")  # So that it does not miss the server.
    finally:
        server.terminate()
        server.wait(timeout=20)
    logged = log.read_text("utf-8", errors="replace")
    assert "Uncaught app execution: ValueError" in logged
    assert "Zaubernuß" not in logged
