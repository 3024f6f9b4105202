"""Connections that are opened and say nothing end soon, and there is a most of them."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import uvicorn.config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from welcomemap.pages.door import HEADERS

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
