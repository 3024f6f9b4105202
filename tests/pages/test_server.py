"""What the server does around the pages."""

from __future__ import annotations

import logging
import urllib.request

import pytest

from welcomemap.pages.server import HEADERS, QuietFaults


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
