"""``welcomemap serve``: the app's server with its own settings, reachable and asking nobody."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import welcomemap
from tests.house.checkout import ROOT
from tests.pages.app_server import find_free_port
from tests.worlds import write_rechteckstadt
from welcomemap import serving
from welcomemap.cli import run
from welcomemap.errors import UsageError
from welcomemap.serving import (
    HEALTH_PATH,
    PUBLIC_NAME_VARIABLE,
    app_command,
    app_environment,
    check_address,
    find_app,
)


def test_the_app_is_found_where_the_package_is_installed_or_checked_out() -> None:
    embedded = Path(str(welcomemap.__file__)).parent / "_embedded" / "app.py"
    # An editable installation has the checkout's; the suite also runs against a wheel.
    assert find_app() == (embedded if embedded.is_file() else ROOT / "app.py")
    assert find_app().read_bytes() == (ROOT / "app.py").read_bytes()


def test_only_place_and_port_stand_on_the_command_line() -> None:
    command = app_command(Path("x/app.py"), port=8600, address="127.0.0.1")
    assert command[1:] == [
        "-m",
        "welcomemap.pages",
        "x/app.py",
        "--server.port",
        "8600",
        "--server.address",
        "127.0.0.1",
    ]


def test_the_pack_reaches_the_app(tmp_path: Path) -> None:
    environment = app_environment({"A": "b"}, address="127.0.0.1", pack=tmp_path)
    assert environment == {"A": "b", "WELCOMEMAP_PACK": str(tmp_path.resolve())}


def test_the_names_that_visitors_use_reach_the_app() -> None:
    environment = app_environment(
        {}, address="127.0.0.1", pack=None, hosts="welcome.example.org,welcome.example.com"
    )
    assert environment == {"WELCOMEMAP_HOSTS": "welcome.example.org,welcome.example.com"}


def test_who_may_change_the_list_reaches_the_app() -> None:
    asked = app_environment({}, address="127.0.0.1", pack=None, editable="1")
    assert asked == {"WELCOMEMAP_EDITABLE": "1"}


@pytest.mark.parametrize(
    ("editable", "address", "names"),
    [("", "0.0.0.0", ["a.example"]), ("0", "", []), ("all", "0.0.0.0", ["a.example"]),
     ("1", "127.0.0.1", ["", "localhost", "127.0.0.2"]), ("1", "localhost", []), ("1", "::1", [])],
)  # fmt: skip
def test_the_list_may_be_changed_from_this_machine_or_by_all_that_it_is_said_of(
    editable: str, address: str, names: list[str]
) -> None:
    serving.require_alone(editable, address=address, names=names)


@pytest.mark.parametrize(
    ("editable", "address", "names"),
    [("1", "0.0.0.0", []), ("1", "", []), ("1", "::", []), ("1", "10.0.0.4", []),
     ("1", "127.0.0.1", ["welcome.example.org"]), ("yes", "127.0.0.1", []),
     ("1", "localhost.example.org", [])],
)  # fmt: skip
def test_the_list_is_not_opened_to_others_by_chance(
    editable: str, address: str, names: list[str]
) -> None:
    with pytest.raises(UsageError):
        serving.require_alone(editable, address=address, names=names)


def test_serve_refuses_to_edit_for_others_or_the_pack_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[dict[str, str]] = []
    monkeypatch.setattr(serving, "CAN_BE_REPLACED", False)
    monkeypatch.setattr(serving.subprocess, "call", lambda _, env: started.append(env) or 0)
    for name in ("WELCOMEMAP_PACK", "WELCOMEMAP_EDITABLE", "WELCOMEMAP_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    port = ["--port", str(find_free_port())]
    assert run(["serve", "--editable", *port]) == 2
    assert "comes with the program" in capsys.readouterr().err
    mine = ["--pack", str(write_rechteckstadt(tmp_path)), *port]
    assert run(["serve", "--editable", "--address", "0.0.0.0", *mine]) == 2
    assert run(["serve", "--editable", "--host-name", "a.example", *mine]) == 2
    assert started == []
    for asked in (["--editable"], ["--editable-by-all", "--host-name", "a.example"], []):
        with pytest.raises(SystemExit):
            run(["serve", *asked, *mine])
    assert [env.get("WELCOMEMAP_EDITABLE") for env in started] == ["1", "all", None]


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_no_service_is_asked_for_the_public_address(address: str) -> None:
    assert app_environment({}, address=address, pack=None) == {PUBLIC_NAME_VARIABLE: "localhost"}
    named = {PUBLIC_NAME_VARIABLE: "welcome.example"}
    assert app_environment(named, address=address, pack=None) == named


def test_settings_are_private_and_safe() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["headless"] is True
    assert settings["server"]["enableXsrfProtection"] is True
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["server"]["maxUploadSize"] <= 10
    assert settings["client"] == {"toolbarMode": "minimal", "showErrorDetails": "none"}
    assert "http" not in str(settings["theme"])


@pytest.mark.parametrize(
    "place",
    [("192.0.2.1", 8501), ("nowhere.invalid", 8501), ("", 70_000), ("1.2.3.", 80), ("a\0", 1)],
)
def test_an_address_of_another_machine_is_one_line(
    place: tuple[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    address, port = place
    with pytest.raises(UsageError, match="cannot listen on"):
        check_address(port=port, address=address)
    if 0 < port < 65_536 and "\0" not in address:
        assert run(["serve", "--address", address, "--port", str(port)]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(UsageError, match="cannot listen on 127"):
            check_address(port=other.getsockname()[1], address="127.0.0.1")


def test_the_machine_itself_may_be_called_by_its_name() -> None:
    check_address(port=find_free_port(), address="localhost")


def test_a_host_that_is_no_name_is_one_line() -> None:
    done = subprocess.run(
        app_command(find_app(), port=1, address="127.0.0.1"), capture_output=True, text=True,
        env={**os.environ, "WELCOMEMAP_HOSTS": "https://welcome.example"}, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "is no name of a host" in done.stderr


def test_a_damaged_pack_is_not_served(tmp_path: Path) -> None:
    pack = write_rechteckstadt(tmp_path / "pack")
    content = bytearray((pack / "line_stops.csv").read_bytes())
    content[3] ^= 4
    (pack / "line_stops.csv").write_bytes(content)
    done = subprocess.run(
        app_command(find_app(), port=1, address="127.0.0.1"), capture_output=True, text=True,
        env=app_environment(os.environ, address="127.0.0.1", pack=pack), check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "line_stops.csv" in line
    assert "sha256" in line


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Start the app from a folder that is not the checkout; yield its port and log."""
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = f"from welcomemap.serving import serve; serve(port={port}, address='127.0.0.1')"
    log = folder / "log.txt"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HOME": str(folder)},
        )
    try:
        wait_until_healthy(port, log)
        yield port, log
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_until_healthy(port: int, log: Path) -> None:
    for _ in range(600):
        try:
            fetch(port, HEALTH_PATH)
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail(f"the server did not start:\n{log.read_text()}")


def fetch(port: int, path: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read().decode("utf-8")


def test_the_server_is_healthy(served: tuple[int, Path]) -> None:
    assert fetch(served[0], HEALTH_PATH) == (200, "ok")


def test_the_server_prints_its_address(served: tuple[int, Path]) -> None:
    port, log = served
    for _ in range(40):
        if f"http://127.0.0.1:{port}" in log.read_text():
            break
        time.sleep(0.25)
    text = log.read_text()
    assert f"http://127.0.0.1:{port}" in text
    assert not re.search(r"External URL|Network URL|usage statistics", text)


def test_the_page_names_no_other_host(served: tuple[int, Path]) -> None:
    status, page = fetch(served[0], "/")
    assert status == 200
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']+""", page) == []


def test_the_log_holds_no_query(served: tuple[int, Path]) -> None:
    port, log = served
    fetch(port, "/?address=Merowingerplatz")
    assert "Merowinger" not in log.read_text()


def test_where_no_process_can_be_replaced_the_server_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Windows: its ``execve`` would break a path at its spaces and leave the caller at once."""
    script = tmp_path / "Max Mustermanns App" / "äpp.py"
    script.parent.mkdir()
    script.write_text("")
    heard: list[list[str]] = []

    def call(command: list[str], **_: object) -> int:
        heard.append(command)
        return 7

    monkeypatch.setattr(serving, "CAN_BE_REPLACED", False)
    monkeypatch.setattr(serving, "find_app", lambda: script)
    monkeypatch.setattr(serving.subprocess, "call", call)
    with pytest.raises(SystemExit) as left:
        serving.serve(port=find_free_port(), address="127.0.0.1")
    assert left.value.code == 7
    assert str(script) in heard[0]
