"""Who may come in: requests under a known name, from the app's own pages, and bounded uploads.

Streamlit lets any name in, and asks other hosts who it is when a page of a foreign origin knocks.
So each request is judged here before Streamlit sees it (DNS rebinding, cross-site websockets).
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from welcomemap.errors import UsageError, quote
from welcomemap.pages.uploads import UploadBook
from welcomemap.serving import HOSTS_VARIABLE

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
            f"{quote(name)} is no name of a host",
            how=f"Give {HOSTS_VARIABLE} names alone, such as welcome.example.org, with commas.",
        )
    return authority.host


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


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
        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if message["type"].endswith("http.response.start"):
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if not self.names.lets_in(scope):
            await _refuse(scope, receive, send_with_headers, 403, "This name is not served here.")
            return
        if _values(scope, b"content-length") and _values(scope, b"transfer-encoding"):
            # Who reads the one and who the other see two different requests (RFC 9112, 6.3).
            await _refuse(scope, receive, send_with_headers, 400, "The request has two lengths.")
            return
        try:
            with self.uploads.admitted(scope, receive) as bounded:

                async def receive_or_end() -> Message:
                    try:
                        return await bounded()
                    except HTTPException:
                        if has_begun:  # Nobody can be told any more: the visitor counts as gone.
                            return {"type": "http.disconnect"}
                        raise

                await self.app(_without_origin(scope), receive_or_end, send_with_headers)
        except HTTPException as error:
            await _refuse(scope, receive, send_with_headers, error.status_code, error.detail)
        except Exception:
            if not has_begun:
                await _refuse(scope, receive, send_with_headers, 500, "Something went wrong here.")
            raise
        finally:
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
