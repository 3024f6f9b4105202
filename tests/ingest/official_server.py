"""A server of official files on this machine that also fails in the ways real ones do."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Asked"], None]
HANG_S = 3.0


@dataclass
class Asked:
    """One request, and the way to answer it."""

    handler: BaseHTTPRequestHandler
    released: threading.Event

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.handler.headers.items())

    def start(self, status: int, headers: dict[str, str]) -> None:
        self.handler.send_response(status)
        for name, value in {**headers, "Connection": "close"}.items():
            self.handler.send_header(name, value)
        self.handler.end_headers()

    def write(self, content: bytes) -> None:
        self.handler.wfile.write(content)


@dataclass
class OfficialServer:
    """Paths with the answers they give in turn; the last one is given again and again."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def serve(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.url(path)

    def headers_sent_to(self, path: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.asked if asked == path]


@contextmanager
def running_server() -> Iterator[OfficialServer]:
    served = OfficialServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = True
            asked = Asked(self, served.released)
            served.asked.append((self.path, asked.headers))
            answers = served.answers.get(self.path, [status(404)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            answer(asked)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the tests' output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        served.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def tag_of(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:12]}"'


def whole(content: bytes, *, tag: str | None = None, stop_after: int | None = None) -> Answer:
    """Serve a file as a good server does: versions, parts, news; ``stop_after`` breaks off."""

    def answer(asked: Asked) -> None:
        etag = tag or tag_of(content)
        sent = asked.headers
        if sent.get("If-None-Match") == etag:
            asked.start(304, {"ETag": etag})
            return
        start, status_code = 0, 200
        headers = {"ETag": etag, "Accept-Ranges": "bytes"}
        if "Range" in sent and sent.get("If-Range", etag) == etag:
            start, status_code = int(sent["Range"].removeprefix("bytes=").rstrip("-")), 206
            if start >= len(content):
                asked.start(416, {"Content-Range": f"bytes */{len(content)}"})
                return
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        headers["Content-Length"] = str(len(content) - start)
        asked.start(status_code, headers)
        asked.write(content[start : len(content) if stop_after is None else stop_after])

    return answer


def plain(content: bytes, *, stop_after: int | None = None, length: bool = True) -> Answer:
    """Serve a file as a poor server does: no version, no parts, perhaps no length."""

    def answer(asked: Asked) -> None:
        asked.start(200, {"Content-Length": str(len(content))} if length else {})
        asked.write(content[:stop_after])

    return answer


def careless(content: bytes, tag: str) -> Answer:
    """Serve the part that was asked for whatever version it was asked of."""

    def answer(asked: Asked) -> None:
        start = int(asked.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        part = content[start:]
        headers = {"ETag": tag, "Content-Length": str(len(part))}
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        asked.start(206 if start else 200, headers)
        asked.write(part)

    return answer


def status(code: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda asked: asked.start(code, {"Content-Length": "0", **named})


def hang() -> Answer:
    """Take the question and say nothing."""
    return lambda asked: asked.released.wait(HANG_S) and None


def stall(content: bytes, after: int) -> Answer:
    """Begin an answer and then say nothing more."""

    def answer(asked: Asked) -> None:
        asked.start(200, {"Content-Length": str(len(content)), "ETag": tag_of(content)})
        asked.write(content[:after])
        asked.released.wait(HANG_S)

    return answer
