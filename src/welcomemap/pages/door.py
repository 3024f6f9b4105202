"""Who may come in: hosts, origins, headers, connections, uploads and their traces.

Streamlit lets any name in, and asks other hosts who it is when a page of a foreign origin knocks.
So each request is judged here before Streamlit sees it (DNS rebinding, cross-site websockets).

Files of visitors that must lie on a disk do so in one folder of the server. It is removed when the
server stops; what a server left that was killed, the next one removes.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ipaddress
import math
import os
import re
import shutil
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import streamlit
import uvicorn.config
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from welcomemap.errors import BusyOutputError, OutputError, UsageError
from welcomemap.files import claimed
from welcomemap.serving import HOSTS_VARIABLE

PREFIX = "welcomemap-visitors-"


@contextmanager
def scratch_folder() -> Iterator[None]:
    """Keep a private folder for as long as the server runs; every temporary file goes there.

    The folder is claimed, so that another server on this machine, which clears away what is claimed
    by nobody, leaves it alone.
    """
    outside = Path(tempfile.gettempdir())
    clear_remains(outside)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=outside))
    before = tempfile.tempdir
    try:
        with claimed([folder]):
            tempfile.tempdir = str(folder)
            yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)


def clear_remains(outside: Path) -> None:
    """Remove the folders of servers that no longer run."""
    for folder in outside.glob(f"{PREFIX}*"):
        if folder.is_symlink() or not folder.is_dir() or not _is_own(folder):
            continue
        try:
            with claimed([folder]):
                shutil.rmtree(folder, ignore_errors=True)
        except (BusyOutputError, OutputError):
            continue


def _is_own(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


UPLOAD_PATH = "/_stcore/upload_file/"
MAX_BODY_BYTES = 65_536
"""The most that any other request may carry; none of the app's own carries more."""
MOST_DIGITS = 20
TOO_LARGE, TOO_SLOW, TOO_MANY = 413, 408, 429


@dataclass(frozen=True)
class Bounds:
    """What uploads may take at once.

    Attributes
    ----------
    session_bytes, session_files, server_bytes
        Kept for one visitor, and for all of them.
    file_bytes
        Of one request: the app's 10 MB and what an upload wraps around them.
    arriving
        Uploads that arrive at once, of all visitors.
    seconds
        In which a request has to arrive.
    """

    session_bytes: int = 40_000_000
    session_files: int = 20
    server_bytes: int = 400_000_000
    file_bytes: int = 10_600_000
    arriving: int = 8
    seconds: float = 120.0


Kept = Callable[[], Mapping[str, int]]
"""Tells the sizes in bytes of the files that are kept, by session and file (``session/file``)."""


class UploadBook:
    """Counts what is kept and what arrives, and refuses what would be too much.

    Parameters
    ----------
    kept
        Tells what is kept now.
    """

    def __init__(self, kept: Kept, bounds: Bounds | None = None) -> None:
        self._kept = kept
        self.bounds = bounds or Bounds()
        self._arriving: Counter[str] = Counter()

    @contextmanager
    def admitted(self, scope: Scope, receive: Receive) -> Iterator[Receive]:
        """Give a ``receive`` that ends a request whose body is too large or too slow.

        Raises
        ------
        HTTPException
            At once, if a body is said to be too large, or an upload may be too much for its visitor
            or for the server; in ``receive``, if it turns out so or does not arrive in time.
        """
        bounds = self.bounds
        _, is_upload, place = scope["path"].partition(UPLOAD_PATH)
        if scope["type"] != "http":
            yield receive
        elif scope["method"] in ("PUT", "POST") and is_upload:
            session = place.split("/")[0]
            _refuse_stated(scope, bounds.file_bytes)
            self._refuse_too_much(session)
            self._arriving[session] += 1
            try:
                yield _bounded(receive, bounds.file_bytes, bounds.seconds)
            finally:
                self._arriving[session] -= 1
                self._arriving += Counter()
        else:
            _refuse_stated(scope, MAX_BODY_BYTES)
            yield _bounded(receive, MAX_BODY_BYTES, bounds.seconds)

    def _refuse_too_much(self, session: str) -> None:
        """Count what arrives as large as it may be: nobody knows yet how large it is."""
        bounds = self.bounds
        if self._arriving.total() >= bounds.arriving:
            raise HTTPException(TOO_MANY, "Too many uploads at once. Try again in a moment.")
        kept = self._kept()
        own = [size for name, size in kept.items() if name.startswith(f"{session}/")]
        own_arriving = self._arriving[session] + 1
        all_arriving = self._arriving.total() + 1
        if (
            len(own) + own_arriving > bounds.session_files
            or sum(own) + own_arriving * bounds.file_bytes > bounds.session_bytes
            or sum(kept.values()) + all_arriving * bounds.file_bytes > bounds.server_bytes
        ):
            raise HTTPException(TOO_LARGE, "Too much was uploaded. Remove a file, then try again.")


def _refuse_stated(scope: Scope, most: int) -> None:
    """Refuse a body by the length its head states; one of twenty digits is no length."""
    for stated in _values(scope, b"content-length"):
        if not stated.isdecimal() or len(stated) >= MOST_DIGITS or int(stated) > most:
            raise HTTPException(TOO_LARGE, "The file is too large.")


def _bounded(receive: Receive, most: int, seconds: float) -> Receive:
    """Return a ``receive`` for a body of at most ``most`` bytes that arrives within ``seconds``."""
    end: float | None = None
    received = 0
    is_whole = False

    async def bounded() -> Message:
        nonlocal end, received, is_whole
        if is_whole:
            return await receive()
        clock = asyncio.get_running_loop().time
        end = clock() + seconds if end is None else end
        try:
            message = await asyncio.wait_for(receive(), max(end - clock(), 0.001))
        except TimeoutError as error:
            raise HTTPException(TOO_SLOW, "The upload took too long.") from error
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(TOO_LARGE, "The file is too large.")
        is_whole = not message.get("more_body", False)
        return message

    return bounded


PAGE_SCRIPTS = ("page.js", "planners.js")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
EVERY_INTERFACE = ("", "0.0.0.0", "::")  # noqa: S104 - compared with, never listened on
NEUTRAL_ORIGIN = b"http://localhost"
"""What Streamlit is told of an origin that was judged here: it knows it without asking anybody."""


def _list_scripts() -> list[str]:
    """Return the scripts that stand in pages: of Streamlit's own page, and ours."""
    page = Path(streamlit.__file__).with_name("static") / "index.html"
    framework = re.findall(r"<script>(.*?)</script>", page.read_text("utf-8"), re.DOTALL)
    room = files(__package__)
    return [*framework, *(room.joinpath(name).read_text("utf-8") for name in PAGE_SCRIPTS)]


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


POLICY = (
    "default-src 'self'; "
    f"script-src 'self' {' '.join(map(_hash, _list_scripts()))} blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; frame-src 'none'; media-src 'none'; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Nothing from any other host, no frame, no evaluated text, and no script written into a page but
those whose hashes it names. Streamlit makes modules of the app's own components from blobs, hence
``blob:``, and writes styles into its pages, hence ``unsafe-inline`` for these."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Sent with every answer, also where no proxy stands in front."""

METRICS_PATH = "/_stcore/metrics"
"""How many visitors there are, and what they hold: for who sits at the machine itself."""

_AUTHORITY = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_-][a-z0-9._-]{0,252})(?::([0-9]{1,5}))?")
_ORIGIN = re.compile(r"(https?)://([^/?#@\s]+)")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True)
class Authority:
    """A host, in the one spelling that is compared, and its port (``""`` where none is given)."""

    host: str
    port: str

    @classmethod
    def read(cls, text: str) -> Authority | None:
        """Return host and port of what stands in a ``Host`` header; ``None`` if it is none."""
        match = _AUTHORITY.fullmatch(text.lower())
        if match is None:
            return None
        host, port = match[1].removesuffix("."), match[2] or ""
        if host.startswith("["):
            try:
                host = str(ipaddress.IPv6Address(host[1:-1]))
            except ValueError:
                return None
        return cls(host, port)


class Names:
    """The names under which the app may be asked.

    Parameters
    ----------
    named
        Names that the operator gives, beside those of the machine itself; an address that stands
        for every interface, or for a file, is none.

    Raises
    ------
    UsageError
        If one of them is no name of a host.
    """

    def __init__(self, named: Iterable[str] = ()) -> None:
        told = (name.strip() for name in named)
        self._named = frozenset(map(_plain_name, filter(None, told))) - {*LOOPBACK, ""}

    @cached_property
    def known(self) -> frozenset[str]:
        """Every name that is let in."""
        return self._named | set(LOOPBACK)

    def lets_in(self, scope: Scope) -> bool:
        """Tell whether a request comes under a known name and from a page of the app itself."""
        # A target that is an address of its own would be one more name; no browser sends it here.
        if not scope["path"].startswith("/"):
            return False
        hosts = _values(scope, b"host")
        host = Authority.read(hosts[0]) if len(hosts) == 1 else None
        if host is None or host.host not in self.known:
            return False
        if METRICS_PATH in scope["path"] and host.host not in LOOPBACK:
            return False
        origins = _values(scope, b"origin")
        if not origins:
            return bool(scope["type"] == "http")
        return len(origins) == 1 and self._is_own(origins[0], host)

    def _is_own(self, text: str, host: Authority) -> bool:
        match = _ORIGIN.fullmatch(text.lower())
        origin = None if match is None else Authority.read(match[2])
        if match is None or origin is None:
            return False
        default = _DEFAULT_PORTS[match[1]]
        is_same = origin.host == host.host and (origin.port or default) == (host.port or default)
        # A proxy in front may have another port than the app; on the machine itself each port is
        # another program, whose pages are foreign.
        return is_same or origin.host in self._named


def _plain_name(name: str) -> str:
    """Return a name as browsers send it: letters beyond ASCII as RFC 3492 writes them."""
    if name in EVERY_INTERFACE or name.startswith("unix:"):
        return ""
    labels = unicodedata.normalize("NFC", name.lower()).split(".")
    sent = ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels
    )
    is_bare_ipv6 = sent.count(":") > 1 and not sent.startswith("[")
    authority = Authority.read(f"[{sent}]" if is_bare_ipv6 else sent)
    if authority is None:
        raise UsageError(
            "{name} is no name of a host",
            name=name,
            variable=HOSTS_VARIABLE,
            how="Give {variable} names alone, such as welcome.example.org, with commas.",
        )
    return authority.host


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


@dataclass
class _Answer:
    """What one visitor is sent: with all headers, and known whether it has begun.

    Whoever sends more than is taken has gone, as the app sees it: raising in its midst would end in
    a fault of the app, for its parts may have begun an answer that others still hold back. What it
    says then is not sent; ``broken`` holds what is said instead, unless an answer had begun.
    """

    scope: Scope
    receive: Receive
    connection: Send
    has_begun: bool = False
    broken: HTTPException | None = None

    async def send(self, message: Message) -> None:
        if self.broken is not None and not self.has_begun:
            return
        self.has_begun = True
        if message["type"].endswith("http.response.start"):
            MutableHeaders(scope=message).update(HEADERS)
        await self.connection(message)

    async def refuse(self, status: int, words: str) -> None:
        self.broken = None
        await _refuse(self.scope, self.receive, self.send, status, words)

    async def take(self, bounded: Receive) -> Message:
        """Receive within bounds; whoever breaks them counts as gone."""
        if self.broken is None:
            try:
                return await bounded()
            except HTTPException as error:
                self.broken = error
        return {"type": "http.disconnect"}


class Door:
    """ASGI middleware that judges every request and completes the headers of every answer.

    Parameters
    ----------
    forget_gone
        Called whenever a visitor has left.
    """

    def __init__(
        self, app: ASGIApp, names: Names, uploads: UploadBook, forget_gone: Callable[[], None]
    ) -> None:
        self.app = app
        self.names = names
        self.uploads = uploads
        self.forget_gone = forget_gone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it: 403 (a foreign one), 413 (too much), 400 (two ends)."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, receive, send)
        if not self.names.lets_in(scope):
            await answer.refuse(403, "This name is not served here.")
            return
        if _values(scope, b"content-length") and _values(scope, b"transfer-encoding"):
            # Who reads the one and who the other see two different requests (RFC 9112, 6.3).
            await answer.refuse(400, "The request has two lengths.")
            return
        try:
            with self.uploads.admitted(scope, receive) as bounded:
                take = partial(answer.take, bounded)
                await self.app(_without_origin(scope), take, answer.send)
        except HTTPException as error:
            answer.broken = error
        except Exception:
            if answer.broken is None:
                if not answer.has_begun:
                    await answer.refuse(500, "Something went wrong here.")
                raise
        finally:
            if answer.broken is not None and not answer.has_begun:
                await answer.refuse(answer.broken.status_code, answer.broken.detail)
            if scope["type"] == "websocket":
                self.forget_gone()


def _without_origin(scope: Scope) -> Scope:
    """Return the request as Streamlit is to see it: from nowhere in particular."""
    kept = [(name, value) for name, value in scope["headers"] if name.lower() != b"origin"]
    if scope["type"] == "websocket":
        kept.append((b"origin", NEUTRAL_ORIGIN))
    return {**scope, "headers": kept}


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, words: str) -> None:
    body = f"{words}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"),
               (b"content-length", str(len(body)).encode()), (b"connection", b"close")]  # fmt: skip
    kind = "http.response"
    if scope["type"] == "websocket":
        await receive()
        kind = "websocket.http.response"
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})


HEAD_SECONDS = 10.0
"""In which a request's head has to arrive; a browser sends it at once."""
MAX_CONNECTIONS = 2000
MIN_FILES = 4096
"""Open files the process needs to be allowed for that many connections and its own."""


class PatientProtocol(H11Protocol):
    """HTTP that closes a connection which sends no whole head of a request in time.

    uvicorn waits for ever for the first request of a connection, and for the rest of each that has
    begun, so that a few hundred half-open ones took every place.
    """

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as narrow as uvicorn's own
        """Begin to wait; where there are too many, the one that has been silent longest goes."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > MAX_CONNECTIONS:
            min(self.connections, key=_silent_until).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        if not self.transport.is_closing():
            self._wait()

    def _wait(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(HEAD_SECONDS, self._end_if_silent)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    @property
    def is_silent(self) -> bool:
        """Whether no request is being answered, nor has become a websocket."""
        is_asked = self.cycle is not None and not self.cycle.response_complete
        is_upgraded = self.transport.get_protocol() is not self
        return not is_asked and not is_upgraded

    @property
    def patience_ends(self) -> float:
        """When the connection is closed if it stays silent, in seconds of the loop's clock."""
        return math.inf if self._patience is None else self._patience.when()

    def _end_if_silent(self) -> None:
        if self.is_silent:
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, with the headers of every answer."""
        if self.cycle is None or self.cycle.response_complete:
            said = {**HEADERS, "Content-Type": "text/plain; charset=utf-8", "Connection": "close",
                    "Content-Length": str(len(msg))}  # fmt: skip
            lines = [
                "HTTP/1.1 400 Bad Request",
                *(f"{name}: {said[name]}" for name in said),
                "",
                msg,
            ]
            self.transport.write("\r\n".join(lines).encode("ascii"))
        self.transport.close()


class HeadedWebSocketProtocol(WebSocketsSansIOProtocol):
    """Websockets whose refusals have the headers of every answer.

    A handshake that is none is refused before the app, and its door, hear of it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        send = self.conn.send_response

        def send_with_headers(response: Any) -> None:
            if response.status_code != 101:
                for name in HEADERS:
                    if name not in response.headers:
                        response.headers[name] = HEADERS[name]
            send(response)

        self.conn.send_response = send_with_headers  # type: ignore[method-assign]  # it has no hook


def _silent_until(connection: object) -> float:
    """Tell when a connection's patience ends; one that is served has no end."""
    if isinstance(connection, PatientProtocol) and connection.is_silent:
        return connection.patience_ends
    return math.inf


def use_patient_connections() -> None:
    """Let uvicorn use the two protocols here, and let it open as many files as that needs."""
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{__name__}:{PatientProtocol.__name__}"
    uvicorn.config.WS_PROTOCOLS["websockets-sansio"] = (
        f"{__name__}:{HeadedWebSocketProtocol.__name__}"
    )
    try:
        import resource  # noqa: PLC0415 - Windows has none, and no such limit
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MIN_FILES if hard == resource.RLIM_INFINITY else min(MIN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
