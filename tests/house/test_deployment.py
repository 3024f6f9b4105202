"""The shipped samples keep what they promise: nothing logged, nothing fetched from elsewhere."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

NGINX = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
CADDY = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
SAMPLES = {"nginx": NGINX, "caddy": CADDY}
POLICY = re.compile(r'Content-Security-Policy "([^"]*)"')


def read_policy(text: str) -> dict[str, list[str]]:
    (policy,) = POLICY.findall(text)
    return {words[0]: words[1:] for words in (part.split() for part in policy.split(";"))}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    "line",
    [
        'Referrer-Policy "no-referrer"',
        'X-Content-Type-Options "nosniff"',
        'X-Frame-Options "SAMEORIGIN"',
    ],
)
def test_every_answer_carries(name: str, line: str) -> None:
    assert line in SAMPLES[name]


@pytest.mark.parametrize("name", SAMPLES)
def test_no_page_may_load_from_another_host(name: str) -> None:
    policy = read_policy(SAMPLES[name])
    allowed = {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "'wasm-unsafe-eval'"}
    assert {word for words in policy.values() for word in words} <= allowed | {"data:", "blob:"}
    assert policy["default-src"] == ["'self'"]
    assert policy["object-src"] == ["'none'"]


def test_both_samples_have_one_policy() -> None:
    assert read_policy(NGINX) == read_policy(CADDY)


def test_nginx_logs_neither_query_nor_visitor() -> None:
    (layout,) = re.findall(r"log_format without_query '([^']*)'", NGINX)
    named = set(re.findall(r"\$\w+", layout))
    assert named & {"$request", "$request_uri", "$args", "$query_string", "$http_referer"} == set()
    assert named & {"$remote_addr", "$http_x_forwarded_for", "$http_cookie"} == set()
    logs = re.findall(r"access_log ([^;]*);", NGINX)
    assert logs
    assert all(log == "off" or log.endswith(" without_query") for log in logs)
    assert re.findall(r"error_log \S+ (\w+);", NGINX) == ["crit"]
    assert "$request_uri" not in NGINX


def test_caddy_logs_neither_query_nor_visitor() -> None:
    assert 'request>uri regexp "[?].*$" ""' in CADDY
    for field in ("headers", "remote_ip", "client_ip"):
        assert f"request>{field} delete" in CADDY
    assert "exclude http.log.error" in CADDY


@pytest.mark.parametrize("name", SAMPLES)
def test_the_proxy_takes_what_the_app_takes(name: str) -> None:
    assert re.search(r"(client_max_body_size|max_size) 11m", SAMPLES[name], re.IGNORECASE)


def test_nginx_passes_the_websocket_on() -> None:
    assert "proxy_set_header Upgrade $http_upgrade;" in NGINX
    assert "proxy_http_version 1.1;" in NGINX


def read_unit() -> configparser.RawConfigParser:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(ROOT / "deploy" / "welcomemap.service")
    return unit


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DynamicUser", "yes"),
        ("ProtectSystem", "strict"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("IPAddressDeny", "any"),
        ("IPAddressAllow", "localhost"),
    ],
)
def test_the_service_is_confined(name: str, value: str) -> None:
    assert read_unit()["Service"][name] == value


def test_the_service_starts_the_documented_command() -> None:
    command = read_unit()["Service"]["ExecStart"].split()
    assert command[1:] == ["serve", "--port", "8501", "--address", "127.0.0.1"]


def test_the_container_copies_files_that_exist_and_runs_as_nobody() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
    copied = [line.split()[1:-1] for line in text.splitlines() if re.match(r"COPY (?!--)", line)]
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    assert re.search(r"^USER \d+$", text, re.MULTILINE)
    assert "/_stcore/health" in text


def test_nginx_itself_accepts_the_sample(tmp_path: Path) -> None:
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if nginx is None or openssl is None:
        pytest.skip("nginx or openssl is not installed here; the tests above read the text")
    subprocess.run(
        [
            openssl,
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=welcome",
            "-keyout",
            tmp_path / "privkey.pem",
            "-out",
            tmp_path / "fullchain.pem",
        ],
        check=True,
        capture_output=True,
    )
    site = NGINX.replace("/etc/ssl/welcomemap", str(tmp_path))
    site = site.replace("/var/log/nginx", str(tmp_path))
    (tmp_path / "site.conf").write_text(site)
    main = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ include {tmp_path}/site.conf; }}\n"
    (tmp_path / "nginx.conf").write_text(main)
    checked = subprocess.run(
        [nginx, "-t", "-q", "-c", tmp_path / "nginx.conf", "-e", tmp_path / "main.log"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr
