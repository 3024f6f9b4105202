"""A running app and a real browser for the tests of the pages."""

from __future__ import annotations

from tests.browser import browser_page, chromium
from tests.pages.app_server import app_log, app_url

__all__ = ["app_log", "app_url", "browser_page", "chromium"]
