"""Nobody comes in under a foreign name or from a foreign page, and nobody fills the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, expect
from starlette.exceptions import HTTPException

from tests.cases import long
from tests.pages.app_server import find_free_port, wait_until_healthy
from tests.pages.planners import LIST, go_to, open_planners, planner, upload
from tests.pages.residents import ADDRESS, NEAREST, ask, open_page
from tests.pages.test_planners_data import make_zip
from welcomemap.errors import UsageError
from welcomemap.files import claimed
from welcomemap.pages.door import (
    HEAD_SECONDS,
    HEADERS,
    MAX_CONNECTIONS,
    METRICS_PATH,
    MIN_FILES,
    PREFIX,
    UPLOAD_PATH,
    Bounds,
    Door,
    Names,
    UploadBook,
    scratch_folder,
)
from welcomemap.serving import HEALTH_PATH, app_command, app_environment, find_app

STREAM = "/_stcore/stream"
ROOT = Path(__file__).parents[2]


def scope(kind: str, *headers: tuple[str, str]) -> dict[str, object]:
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return {"type": kind, "headers": encoded, "method": "GET", "path": "/"}


@pytest.mark.parametrize(
    ("host", "origin", "is_let_in"),
    [
        ("localhost:8501", "http://localhost:8501", True),
        ("LOCALHOST:8501", "http://localhost:8501", True),
        ("localhost.:8501", "http://localhost:8501", True),
        ("127.0.0.1:8501", "http://127.0.0.1:8501", True),
        ("[::1]:8501", "http://[::1]:8501", True),
        ("[0:0:0:0:0:0:0:1]:8501", "http://[::1]:8501", True),
        ("welcome.example.org", "https://welcome.example.org", True),
        ("welcome.example.org", "https://welcome.example.org:8443", True),
        ("Welcome.Example.org:443", "https://welcome.example.org", True),
        # Another program of the same machine is another site.
        ("localhost:8501", "http://localhost:9999", False),
        ("localhost:8501", "http://127.0.0.1:8501", False),
        ("localhost:8501", "https://localhost", False),
        ("evil.example", "http://evil.example", False),
        ("evil.example", "http://localhost:8501", False),
        ("localhost:8501", "http://evil.example", False),
        ("localhost:8501", "null", False),
        ("localhost:8501", "file://", False),
        ("localhost:8501", "", False),
        ("localhost:8501", "http://localhost:8501.evil.example", False),
        ("localhost:8501", "http://localhost:8501@evil.example", False),
        ("localhost:8501", "http://evil.example/http://localhost:8501", False),
        ("localhost.evil.example", "http://localhost.evil.example", False),
        ("evil.example#localhost", "http://localhost", False),
        ("localhost@evil.example", "http://localhost", False),
        ("localhost:8501,evil.example", "http://localhost:8501", False),
        ("localhost evil.example", "http://localhost", False),
        ("0.0.0.0:8501", "http://0.0.0.0:8501", False),
        ("192.168.1.7:8501", "http://192.168.1.7:8501", False),
        ("2130706433:8501", "http://2130706433:8501", False),
        ("127.0.0.1.nip.io", "http://127.0.0.1.nip.io", False),
        ("", "http://localhost", False),
    ],
)  # fmt: skip
def test_names_and_origins(host: str, origin: str, is_let_in: bool) -> None:
    names = Names(["welcome.example.org", " ", "0.0.0.0", "::", "127.0.0.1"])
    asked = scope("websocket", ("Host", host), ("Origin", origin))
    assert names.lets_in(asked) is is_let_in
    assert names.lets_in(scope("http", ("Host", host), ("Origin", origin))) is is_let_in


def test_a_websocket_says_where_it_comes_from_and_each_says_one_host() -> None:
    names = Names()
    assert names.lets_in(scope("http", ("host", "localhost")))
    assert not names.lets_in(scope("websocket", ("host", "localhost")))
    assert not names.lets_in(scope("http"))
    assert not names.lets_in(scope("http", ("host", "localhost"), ("host", "evil.example")))
    origins = [("origin", "http://localhost"), ("origin", "http://evil.example")]
    assert not names.lets_in(scope("websocket", ("host", "localhost"), *origins))


def test_a_name_beyond_ascii_is_known_as_browsers_send_it() -> None:
    names = Names(["Düsseldorf.example"])
    assert names.lets_in(scope("http", ("host", "xn--dsseldorf-q9a.example")))


def test_a_sharp_s_stays_as_in_browsers_and_a_port_or_dot_is_left_out() -> None:
    """UTS 46, non-transitional, as browsers do: gießen is not giessen."""
    names = Names(["Gießen.example", "welcome.example.:8443", "FE80::1"])
    for host in ("xn--gieen-nqa.example", "welcome.example", "[fe80:0::1]:80"):
        assert names.lets_in(scope("http", ("host", host)))
    assert not names.lets_in(scope("http", ("host", "giessen.example")))


@pytest.mark.parametrize("name", ["https://a.example", "a b", "*.example", "a/b", "u@a.example"])
def test_what_is_no_name_is_said_and_not_passed_over(name: str) -> None:
    with pytest.raises(UsageError, match="is no name of a host"):
        Names([name])


def test_a_target_that_is_an_address_of_its_own_is_refused() -> None:
    asked = scope("http", ("host", "localhost")) | {"path": "http://evil.example/"}
    assert not Names().lets_in(asked)


@given(st.text(max_size=40))
def test_no_other_text_is_a_name(text: str) -> None:
    names = Names()
    sent = text.encode("utf-8", "surrogatepass").decode("latin-1")
    known = {"localhost", "127.0.0.1", "[::1]"}
    plain = re.sub(r":[0-9]{1,5}$", "", sent.lower()).removesuffix(".")
    if plain not in known:
        assert not names.lets_in(scope("http", ("host", sent)))


# --- uploads -------------------------------------------------------------------------------------

BOUNDS = Bounds(session_bytes=100, session_files=5, server_bytes=200, file_bytes=30, arriving=3,
                seconds=0.2)  # fmt: skip


def put(book: UploadBook, session: str, *chunks: bytes, is_slow: bool = False) -> bytes:
    """Send an upload through the book and return its body; refusals are raised."""
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]

    async def receive() -> dict[str, object]:
        if is_slow:
            await asyncio.sleep(5)
        return messages.pop(0) if messages else {"type": "http.request", "body": b""}

    async def run() -> bytes:
        asked = {
            "type": "http", "method": "PUT", "path": f"{UPLOAD_PATH}{session}/file", "headers": []
        }  # fmt: skip
        body = b""
        with book.admitted(asked, receive) as bounded:
            while True:
                message = await bounded()
                body += message["body"]
                if not message.get("more_body"):
                    return body

    return asyncio.run(run())


def test_an_upload_within_the_bounds_arrives_whole() -> None:
    book = UploadBook(dict, BOUNDS)
    assert put(book, "a", b"12345", b"678") == b"12345678"


@pytest.mark.parametrize(
    ("kept", "session"),
    [
        ({"a/1": 71}, "a"),
        ({f"a/{n}": 1 for n in range(5)}, "a"),
        ({"b/1": 90, "c/1": 81}, "a"),
    ],
)
def test_what_would_be_too_much_with_what_is_kept_is_refused_unread(
    kept: dict[str, int], session: str
) -> None:
    with pytest.raises(HTTPException) as refused:
        put(UploadBook(lambda: kept, BOUNDS), session)
    assert refused.value.status_code == 413
    assert put(UploadBook(lambda: {"a1/1": 71}, BOUNDS), "a", b"x") == b"x"


@pytest.mark.parametrize("stated", ["10600001", "9" * 30, "-1", "²", "1e9", ""])
def test_a_body_that_is_said_to_be_too_large_is_refused_unread(stated: str) -> None:
    """One of twenty digits, or none at all, is no length."""
    book = UploadBook(dict)
    for path in ("/", f"{UPLOAD_PATH}a/file"):
        asked = {**scope("http", ("content-length", stated)), "method": "PUT", "path": path}
        with pytest.raises(HTTPException) as refused, book.admitted(asked, never):
            pass
        assert refused.value.status_code == 413


async def never() -> dict[str, object]:
    raise AssertionError("the body was read")


def test_a_body_that_grows_too_large_or_never_ends_is_stopped() -> None:
    book = UploadBook(dict, BOUNDS)
    with pytest.raises(HTTPException) as refused:
        put(book, "a", b"x" * 20, b"x" * 20)
    assert refused.value.status_code == 413
    with pytest.raises(HTTPException) as refused:
        put(book, "a", is_slow=True)
    assert refused.value.status_code == 408
    assert put(book, "a", b"x") == b"x"


def test_no_more_than_so_many_arrive_at_once_and_all_count() -> None:
    book = UploadBook(dict, BOUNDS)
    asked = {"type": "http", "method": "PUT", "path": f"{UPLOAD_PATH}a/file", "headers": []}

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    with contextlib.ExitStack() as arriving:
        for _ in range(3):
            arriving.enter_context(book.admitted(asked, receive))
        with pytest.raises(HTTPException) as refused, book.admitted(asked, receive):
            pass
        assert refused.value.status_code == 429
    with book.admitted(asked, receive):
        pass


# --- files of visitors ---------------------------------------------------------------------------


def test_the_folder_of_visitors_files_goes_with_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, alive, other = (tmp_path / name for name in (f"{PREFIX}left", f"{PREFIX}alive", "mine"))
    for folder in (left, alive, other):
        (folder / "welcomemap-pack").mkdir(parents=True)
    (tmp_path / f"{PREFIX}link").symlink_to(other)
    with claimed([alive]), scratch_folder():
        assert not left.exists()
        assert alive.exists()
        (made,) = [
            path for path in tmp_path.glob(f"{PREFIX}*") if path != alive and not path.is_symlink()
        ]
        assert made.stat().st_mode & 0o077 == 0
    assert not made.exists()
    assert other.exists()


# --- the real server -----------------------------------------------------------------------------


def knock(
    url: str,
    path: str,
    *,
    host: str | None,
    origin: str | None,
    is_websocket: bool = True,
    method: str = "GET",
    body: bytes = b"",
) -> int:
    """Send one request with these very headers and return the status of its answer."""
    port = int(url.rsplit(":", 1)[1])
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"Host: {host}"] if host is not None else []
    lines += [f"Origin: {origin}"] if origin is not None else []
    if is_websocket:
        lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]  # fmt: skip
    else:
        lines += ["Connection: close", f"Content-Length: {len(body)}"]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        answer = connection.recv(4096)
    return int(answer.split(b" ", 2)[1])


def test_a_foreign_page_or_name_gets_no_answer_from_the_real_server(app_url: str) -> None:
    own = app_url.removeprefix("http://")
    assert knock(app_url, STREAM, host=own, origin=app_url) == 101
    for host, origin in [
        (own, "http://other.example"), ("evil.example", "http://evil.example"), (own, "null"),
        (own, None), (own, "http://localhost:1"), ("evil.example", app_url),
    ]:  # fmt: skip
        assert knock(app_url, STREAM, host=host, origin=origin) == 403, (host, origin)
    for path in ("/", HEALTH_PATH, "/_stcore/host-config"):
        assert knock(app_url, path, host="evil.example", origin=None, is_websocket=False) == 403
        assert knock(app_url, path, host=own, origin="http://o.example", is_websocket=False) == 403
        assert knock(app_url, path, host=own, origin=None, is_websocket=False) == 200
    whole = f"http://evil.example{HEALTH_PATH}"
    for host in ("evil.example", own):
        assert knock(app_url, whole, host=host, origin=None, is_websocket=False) == 403


def test_a_refusal_has_the_headers_of_every_answer(app_url: str) -> None:
    request = urllib.request.Request(app_url, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    with refused.value as answer:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


HANDSHAKE = (
    "Host: {own}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["GET / HTTP/1.1", "Host: {own}"], b"200"),
        (["GET /nowhere HTTP/1.1", "Host: {own}"], b"200"),
        (["PUT /_stcore/upload_file/x/y HTTP/1.1", "Host: {own}"], b"403"),
        (["GET / HTTP/1.1", "Host: evil.example"], b"403"),
        (["GET / HTTP/1.1", "Host: {own}", "Host: evil.example"], b"400"),
        (["no HTTP at all"], b"400"),
        (["GET /_stcore/stream HTTP/1.1", "Host: evil.example", "Origin: http://evil.example",
          "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="], b"403"),
        (["GET /elsewhere HTTP/1.1", *HANDSHAKE, "Origin: http://{own}"], b"403"),
        (["GET /_stcore/stream HTTP/1.1", *HANDSHAKE, "Origin: http://{own}",
          "Origin: http://evil.example"], b"400"),
        (["GET /_stcore/stream HTTP/1.1", *HANDSHAKE, "Origin: http://{own}",
          "Sec-WebSocket-Protocol: a b"], b"400"),
        (["POST / HTTP/1.1", "Host: {own}", "Content-Length: 6",
          "Transfer-Encoding: chunked"], b"400"),
    ],
)  # fmt: skip
def test_every_answer_has_the_headers(app_url: str, lines: list[str], status: bytes) -> None:
    own = app_url.removeprefix("http://")
    sent = "\r\n".join([*lines, "", ""]).format(own=own).encode()
    with socket.create_connection(("127.0.0.1", int(own.split(":")[1])), timeout=20) as connection:
        connection.sendall(sent)
        answer = b""
        while b"\r\n\r\n" not in answer and (part := connection.recv(65536)):
            answer += part
    first, *head = answer.split(b"\r\n\r\n")[0].split(b"\r\n")
    assert first.split()[1] == status
    told = dict(line.decode().lower().split(": ", 1) for line in head)
    assert {name: told.get(name.lower()) for name in HEADERS} == {
        name: value.lower() for name, value in HEADERS.items()
    }


def test_a_request_with_two_ends_is_the_last_of_its_connection(app_url: str) -> None:
    own = app_url.removeprefix("http://")
    first = f"POST / HTTP/1.1\r\nHost: {own}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked"
    second = f"GET {HEALTH_PATH} HTTP/1.1\r\nHost: {own}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(own.split(":")[1])), timeout=20) as connection:
        connection.sendall(f"{first}\r\n\r\n0\r\n\r\n{second}".encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"400"]


@pytest.mark.parametrize(
    ("length", "body", "statuses"),
    [
        ("Content-Length: 1000000", b"x" * 100_000, {b"413"}),
        # Nobody knows beforehand how long it is: the answer may be sent before that is seen.
        ("Transfer-Encoding: chunked", b"186a0\r\n" + b"x" * 100_000 + b"\r\n", {b"200", b"413"}),
    ],
)
def test_a_body_too_long_that_never_ends_is_no_fault_of_the_server(
    app_url: str, app_log: Path, length: str, body: bytes, statuses: set[bytes]
) -> None:
    own = app_url.removeprefix("http://")
    told = app_log.read_text(errors="replace").count("Traceback")
    with socket.create_connection(("127.0.0.1", int(own.split(":")[1])), timeout=20) as connection:
        head = f"GET / HTTP/1.1\r\nHost: {own}\r\n{length}\r\n\r\n"
        connection.sendall(head.encode() + body)
        assert connection.recv(65536).split()[1] in statuses
        with contextlib.suppress(ConnectionError):
            connection.sendall(body)
        time.sleep(1)
    assert app_log.read_text(errors="replace").count("Traceback") == told


@pytest.mark.parametrize(
    ("host", "is_let_in"), [("localhost", True), ("welcome.example.org", False)]
)
def test_what_the_server_counts_is_for_who_sits_at_it(host: str, is_let_in: bool) -> None:
    for path in (METRICS_PATH, f"/x{METRICS_PATH}"):
        asked = {**scope("http", ("host", host)), "path": path}
        assert Names(["welcome.example.org"]).lets_in(asked) is is_let_in


def test_a_fault_of_the_framework_has_them_too() -> None:
    sent: list[dict[str, object]] = []

    async def fail(*_: object) -> None:
        raise ValueError

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    door = Door(fail, Names(), UploadBook(dict), lambda: None)
    with pytest.raises(ValueError):
        asyncio.run(door(scope("http", ("host", "localhost")), receive, send))
    assert sent[0]["status"] == 500
    assert {name.lower().encode() for name in HEADERS} <= {name for name, _ in sent[0]["headers"]}


def test_fifty_foreign_handshakes_at_once_delay_nobody(app_url: str) -> None:
    port = int(app_url.rsplit(":", 1)[1])
    head = (
        f"GET {STREAM} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://other.example\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.sendall(head)
        with urllib.request.urlopen(app_url + HEALTH_PATH, timeout=10) as answer:
            assert answer.status == 200


def test_an_upload_without_a_visitor_is_refused(app_url: str) -> None:
    own = app_url.removeprefix("http://")
    for session in ("nobody", "..", ""):
        status = knock(
            app_url, f"{UPLOAD_PATH}{session}/x", host=own, origin=app_url, is_websocket=False,
            method="PUT", body=b"x",
        )  # fmt: skip
        assert status in (400, 403, 404, 405)


def test_half_open_connections_stop_nobody_and_end(app_url: str) -> None:
    port = int(app_url.rsplit(":", 1)[1])
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < MIN_FILES:
        pytest.skip(f"this process may open {hard} files only")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before, MIN_FILES), hard))
    begun = [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "]
    with contextlib.ExitStack() as stack:
        silent = []
        # More than the app holds open at once: those that are silent longest go first.
        for number in range(MAX_CONNECTIONS + 300):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            with contextlib.suppress(ConnectionError):
                connection.sendall(begun[number % len(begun)])
            silent.append(connection)
        with urllib.request.urlopen(app_url + HEALTH_PATH, timeout=20) as answer:
            assert answer.status == 200
        for connection in silent:
            connection.settimeout(6 * HEAD_SECONDS)
            with contextlib.suppress(ConnectionError):
                assert connection.recv(1) in (b"", b"H")


@contextlib.contextmanager
def running(tmp: Path, *before: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start a server of one's own whose temporary files lie in ``tmp``."""
    port = find_free_port()
    environment = app_environment(
        {**os.environ, "TMPDIR": str(tmp)}, address="127.0.0.1", pack=None
    )
    log = tmp.parent / f"{tmp.name}.log"
    with log.open("wb") as output, subprocess.Popen(
        [*before, *app_command(find_app(), port=port, address="127.0.0.1")], env=environment,
        stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, stdin=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}", server, log)
            yield f"http://127.0.0.1:{port}", server
        finally:
            server.kill()


@pytest.mark.parametrize("way", [signal.SIGTERM, long(signal.SIGINT), signal.SIGKILL])
def test_nothing_of_a_visitor_stays_on_the_disk(tmp_path: Path, way: signal.Signals) -> None:
    tmp = tmp_path / "tmp"
    tmp.mkdir()
    with running(tmp) as (_, server):
        (folder,) = tmp.glob(f"{PREFIX}*")
        (folder / "welcomemap-abc").mkdir()
        (folder / "welcomemap-abc" / "addresses.csv").write_text("mine")
        server.send_signal(way)
        server.wait(timeout=60)
    if way is signal.SIGKILL:
        # Nobody can clear away after that but the next server.
        with running(tmp) as (_, server):
            assert not folder.exists()
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)
    assert [path.name for path in tmp.iterdir() if path.name.startswith("welcomemap")] == []


NEEDS_STRACE = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("strace") is None, reason="strace is not installed"
)
WATCH = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none",
         "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o")  # fmt: skip


def list_foreign(trace: Path) -> set[str]:
    """Return the addresses of other machines in what strace wrote, and who is asked for names."""
    said = trace.read_text("utf-8", errors="replace")
    if "htons(53)" in said:  # The one who knows names may be on this machine, and ask others.
        return {"a question for the address of a name"}
    addresses = re.findall(r'inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"', said)
    return {address for address in addresses if address not in ("127.0.0.1", "::1")}


def end_watched(server: subprocess.Popen[bytes]) -> None:
    os.kill(int(_child_of(server.pid)), signal.SIGTERM)
    server.wait(timeout=60)


@NEEDS_STRACE
def test_what_is_watched_for_is_seen(tmp_path: Path) -> None:
    """The two tests below would fail if a packet left: a program that sends one is told."""
    trace = tmp_path / "trace.txt"
    send = "import socket; socket.socket(type=socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    subprocess.run([*WATCH, str(trace), sys.executable, "-c", send], check=False)
    assert list_foreign(trace) == {"192.0.2.1"}
    ask = "import socket; socket.socket(type=socket.SOCK_DGRAM).connect(('127.0.0.1', 53))"
    subprocess.run([*WATCH, str(trace), sys.executable, "-c", ask], check=False)
    assert list_foreign(trace) != set()


@NEEDS_STRACE
def test_no_packet_leaves_the_machine_under_attack(tmp_path: Path) -> None:
    """Every address that the server connects or sends to is one of this machine."""
    tmp, trace = tmp_path / "tmp", tmp_path / "trace.txt"
    tmp.mkdir()
    with running(tmp, *WATCH, str(trace)) as (url, server):
        own = url.removeprefix("http://")
        for host, origin in [
            (own, "http://other.example"), ("evil.example", "http://evil.example"), (own, url),
            (own, "http://8.8.8.8"), ("[::1]", "http://[::1]"), (own, None),
        ]:  # fmt: skip
            knock(url, STREAM, host=host, origin=origin)
            knock(url, "/", host=host, origin=origin, is_websocket=False)
        time.sleep(1)
        end_watched(server)
    assert list_foreign(trace) == set()


ELSEWHERE = "http://192.0.2.1:18801/x"
VRT = f"""<OGRVRTDataSource><OGRVRTLayer name="districts">
<SrcDataSource>/vsicurl/{ELSEWHERE}.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""
GDALG = json.dumps({"type": "gdal_streamed_alg",
                    "command_line": f"gdal vector convert /vsicurl/{ELSEWHERE} out"})  # fmt: skip


@NEEDS_STRACE
@pytest.mark.browser
@pytest.mark.timeout(300)
def test_no_packet_leaves_the_machine_in_a_whole_session(tmp_path: Path, chromium: Browser) -> None:
    """A resident asks, a planner uploads what names other hosts, and a paper is made of it."""
    tmp, trace = tmp_path / "tmp", tmp_path / "trace.txt"
    tmp.mkdir()
    named = LIST.replace("Neuer Punkt Gerresheim", f"![x]({ELSEWHERE}.png) <img src={ELSEWHERE}>")
    with running(tmp, *WATCH, str(trace)) as (url, server):
        with planner(chromium) as watched:
            page = open_page(watched, f"{url}/?lang=de")
            ask(page, ADDRESS)
            expect(page.get_by_role("article").first).to_contain_text(NEAREST)
            page = open_planners(watched, f"{url}/layers?lang=de&part=districts")
            for content in (VRT, GDALG, f"WFS:{ELSEWHERE}"):
                upload(page, "grenzen.geojson", content.encode(), "Prüfen")
                expect(page.get_by_role("alert").first).to_be_visible()
            page = open_planners(watched, f"{url}/layers?lang=de&part=pack")
            layer = make_zip(**{"districts.geojson": VRT.encode()})
            upload(page, "paket.zip", layer, "Prüfen und verwenden")
            expect(page.get_by_role("alert").first).to_be_visible()
            page = open_planners(watched, f"{url}/layers?lang=de&part=list")
            upload(page, "plan.csv", named.encode(), "Prüfen und verwenden")
            expect(page.get_by_text("2 Standorte, 2 mit Ort")).to_be_visible()
            go_to(page, "Abdeckung und Lücken")
            go_to(page, "Standorte vergleichen")
            go_to(page, "Ausgabe")
            page.get_by_role("button", name="Dateien erstellen").click()
            expect(page.get_by_text("Dateien sind fertig")).to_be_visible(timeout=120_000)
        end_watched(server)
    assert list_foreign(trace) == set()


PUT_FILES = """async ([path, files, bytes]) => {
  const token = document.cookie.match(/_streamlit_xsrf=([^;]*)/)?.[1] ?? "";
  const statuses = [];
  for (let number = 0; number < files; number += 1) {
    const body = new FormData();
    body.append("file", new Blob([new Uint8Array(bytes)]), "x.bin");
    const headers = { "X-Xsrftoken": token };
    statuses.push((await fetch(`${path}/x${number}`, { method: "PUT", body, headers })).status);
  }
  return statuses;
}"""


@pytest.mark.browser
def test_what_a_visitor_uploads_is_bounded_and_goes_with_them(
    tmp_path: Path, chromium: Browser
) -> None:
    """A real visitor with a pack of their own, who then sends more than one may leave."""
    tmp = tmp_path / "tmp"
    tmp.mkdir()
    with running(tmp) as (url, server):
        with planner(chromium) as watched:
            page = open_planners(watched, f"{url}/layers?lang=de&part=pack")
            upload(page, "pack.zip", make_zip(), "Prüfen und verwenden")
            expect(page.get_by_text("Diese Sitzung arbeitet jetzt mit dem Paket")).to_be_visible()
            assert list(tmp.glob(f"{PREFIX}*/welcomemap-*/**/datapackage.json"))
            place = next(path for path in watched.requests if UPLOAD_PATH in path)
            statuses = page.evaluate(PUT_FILES, [place.rsplit("/", 1)[0], 12, 9_900_000])
            assert statuses[0] == 204
            assert set(statuses[3:]) == {413}
            assert "UploadedFileManager" in read_metrics(url)
            watched.errors.clear()  # The browser notes each refusal.
            page.goto("about:blank")
            for _ in range(50):
                if "UploadedFileManager" not in read_metrics(url):
                    break
                time.sleep(0.1)
            assert "UploadedFileManager" not in read_metrics(url)
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
    assert [path.name for path in tmp.iterdir() if path.name.startswith("welcomemap")] == []


def read_metrics(url: str) -> str:
    with urllib.request.urlopen(f"{url}/_stcore/metrics") as answer:
        return str(answer.read().decode())


def _child_of(pid: int) -> str:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
