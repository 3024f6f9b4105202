"""A local server that replays what geocoding services answer, well and badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Found:
    """One place, before it takes the shape of a service."""

    lat: float
    lon: float
    street: str | None = "Hauptstraße"
    number: str | None = "12a"
    postcode: str | None = "99001"


@dataclass(frozen=True)
class Reply:
    """What the server does with one request."""

    status: int = 200
    body: bytes = b"[]"
    headers: tuple[tuple[str, str], ...] = ()
    is_late: bool = False
    is_cut: bool = False
    is_hanging_up: bool = False


@dataclass
class Server:
    """Replies in turn, the last one again and again; keeps what it was asked."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def take(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@contextmanager
def run_server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            state.queries.append((asked.get("q") or asked.get("text") or [""])[0])
            state.agents.append(self.headers.get("User-Agent", ""))
            reply = state.take()
            if reply.is_late:
                state.is_over.wait(20)
            if reply.is_late or reply.is_hanging_up:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) + 100 * reply.is_cut))
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        state.is_over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def shape_nominatim(found: Sequence[Found]) -> Any:
    return [
        {
            "lat": str(f.lat),
            "lon": str(f.lon),
            "display_name": "…",
            "class": "building" if f.number else "highway",
            "type": "yes" if f.number else "residential",
            "address": {"road": f.street, "city": "Rechteckstadt"}
            | ({"house_number": f.number} if f.number else {})
            | ({"postcode": f.postcode} if f.postcode else {}),
        }
        for f in found
    ]


def _features(found: Sequence[Found], properties: Callable[[Found], dict[str, Any]]) -> Any:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [f.lon, f.lat]},
                "properties": properties(f),
            }
            for f in found
        ],
    }


def shape_photon(found: Sequence[Found]) -> Any:
    def properties(f: Found) -> dict[str, Any]:
        if f.number is None:
            return {
                "osm_key": "highway",
                "type": "street",
                "name": f.street,
                "postcode": f.postcode,
            }
        house = {"osm_key": "building", "type": "house", "city": "Rechteckstadt"}
        return house | {"street": f.street, "housenumber": f.number, "postcode": f.postcode}

    return _features(found, properties)


def shape_pelias(found: Sequence[Found]) -> Any:
    def properties(f: Found) -> dict[str, Any]:
        if f.number is None:
            return {"layer": "street", "name": f.street, "street": f.street}
        return {"layer": "address", "name": f"{f.number} {f.street}", "street": f.street,
                "housenumber": f.number, "postalcode": f.postcode, "accuracy": "point",
                "match_type": "exact", "locality": "Rechteckstadt"}  # fmt: skip

    return _features(found, properties)


def shape_generic(found: Sequence[Found]) -> Any:
    return {
        "results": [
            {"Strasse": f.street, "Hausnummer": f.number, "PLZ": f.postcode, "lat": f.lat,
             "lng": f.lon, "Ort": "Rechteckstadt"}
            for f in found
        ]
    }  # fmt: skip


SHAPES: dict[str, Callable[[Sequence[Found]], Any]] = {
    "nominatim": shape_nominatim,
    "photon": shape_photon,
    "pelias": shape_pelias,
    "generic": shape_generic,
}


def good(kind: str, *found: Found) -> Reply:
    """Return the reply of a service of a kind that found these places."""
    return Reply(body=json.dumps(SHAPES[kind](found)).encode())
