"""The app on a free port of this machine, started once for all tests that open it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from welcomemap.serving import HEALTH_PATH, app_command, app_environment, find_app

STARTS_WITHIN_S = 150


def find_free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def app_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything the running app printed."""
    return tmp_path_factory.mktemp("app") / "app.log"


@pytest.fixture(scope="session")
def app_url(app_log: Path) -> Iterator[str]:
    """Address of the running app, with no slash at its end."""
    with running_app(find_free_port(), app_log) as url:
        yield url


@contextmanager
def running_app(port: int, log: Path, *options: str) -> Iterator[str]:
    """Run the app on a port and give its address; what it prints is added to ``log``.

    Parameters
    ----------
    options
        Of ``streamlit run``, such as ``--server.disconnectedSessionTTL=1``.
    """
    environment = app_environment(os.environ, address="127.0.0.1", pack=None)
    with log.open("ab") as output:
        server = subprocess.Popen(
            [*app_command(find_app(), port=port, address="127.0.0.1"), *options],
            env=environment, stdout=output, stderr=subprocess.STDOUT,
            cwd=Path(__file__).parents[2], stdin=subprocess.DEVNULL,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(url, server, log)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the app's health address; what it printed is told if it does not come up."""
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url + HEALTH_PATH, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the app did not come up: {log.read_text(errors='replace')[-2000:]}")
