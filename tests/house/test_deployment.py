"""The shipped samples keep what they promise: nothing logged, nothing fetched from elsewhere."""

from __future__ import annotations

import configparser
import gzip
import re
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.house.checkout import ROOT
from tests.pages.app_server import find_free_port
from welcomemap.pages import door

NGINX = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
CADDY = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
SAMPLES = {"nginx": NGINX, "caddy": CADDY}
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
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
    allowed = {"'self'", "'none'", "'unsafe-inline'", "data:", "blob:"}
    words = {word for words in policy.values() for word in words}
    assert {word for word in words if not word.startswith("'sha256-")} <= allowed
    assert [name for name in policy if "'unsafe-inline'" in policy[name]] == ["style-src"]
    assert "data:" not in policy["script-src"]
    assert policy["default-src"] == ["'self'"]
    assert policy["object-src"] == ["'none'"]


def test_the_samples_and_the_app_have_one_policy_and_send_it_once() -> None:
    assert POLICY.findall(NGINX) == POLICY.findall(CADDY) == [door.POLICY]
    for name in set(door.HEADERS) - {"Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"}:
        assert f"proxy_hide_header {name};" in NGINX
        assert f"header_down -{name}\n" in CADDY


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


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b"x" * 5000 + self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/javascript")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Frame-Options", "SAMEORIGIN")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[int]:
    """Start the sample, without its certificate, before a server that answers everything."""
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("nginx is not installed here; the tests above read the text")
    app = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    thread = threading.Thread(target=app.serve_forever)
    thread.start()
    port = find_free_port()
    site = NGINX.replace("127.0.0.1:8501", f"127.0.0.1:{app.server_port}")
    site = site.replace("/var/log/nginx", str(tmp_path))
    site = re.sub(r"server \{\s+listen 80;.*?\n\}\n", "", site, count=1, flags=re.DOTALL)
    site = re.sub(r"listen 443 ssl http2;", f"listen 127.0.0.1:{port};", site)
    site = re.sub(r".*(listen \[::\]:443|ssl_).*\n", "", site)
    (tmp_path / "site.conf").write_text(site)
    (tmp_path / "nginx.conf").write_text(
        f"daemon off;\npid {tmp_path}/pid;\nevents {{}}\nhttp {{ include {tmp_path}/site.conf;\n"
        + "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in TEMPORARY)
        + "}\n"
    )
    with subprocess.Popen(
        [nginx, "-q", "-c", tmp_path / "nginx.conf", "-e", tmp_path / "main.log"]
    ) as server:
        try:
            for _ in range(100):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.1)
            yield port
        finally:
            server.terminate()
            app.shutdown()
            app.server_close()
            thread.join()


def ask(connection: HTTPConnection, path: str, **headers: str) -> tuple[int, HTTPResponse, bytes]:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer, answer.read()


def test_six_visitors_behind_one_address_are_served(proxied: int) -> None:
    """A first visit is a page, a few questions to the server, and some seventy files."""
    visit = ["/", "/_stcore/host-config", "/_stcore/health", "/?lang=tr", "/coverage"]
    visit += [f"/static/js/index.{number}.js" for number in range(71)]
    with closing(HTTPConnection("127.0.0.1", proxied, timeout=20)) as connection:
        statuses = Counter(ask(connection, path)[0] for path in visit for _ in range(6))
        assert statuses == {200: 6 * len(visit)}
        flood = Counter(ask(connection, "/")[0] for _ in range(1500))
    assert flood[503] > 0


def test_the_proxy_passes_the_name_on_compresses_and_sends_each_header_once(proxied: int) -> None:
    with closing(HTTPConnection("127.0.0.1", proxied, timeout=20)) as connection:
        _, answer, body = ask(
            connection, "/static/a.js", **{"Host": "welcome.example.org", "Accept-Encoding": "gzip"}
        )
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body).endswith(b"xwelcome.example.org")
    assert answer.headers.get_all("X-Frame-Options") == ["SAMEORIGIN"]


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
