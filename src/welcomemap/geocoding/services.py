"""Geocoding services of the operator: Nominatim, Photon, Pelias, or a server of one's own.

Off by default. Nothing here writes an address to a log: geopy's own debug lines, which hold the
full request, are dropped while a request runs, and errors never carry one.
"""

from __future__ import annotations

import logging
import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote_plus, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from geopy.adapters import AdapterHTTPError, BaseSyncAdapter, get_retry_after
from geopy.exc import (
    GeocoderParseError,
    GeocoderQueryError,
    GeocoderTimedOut,
    GeocoderUnavailable,
    GeopyError,
)
from geopy.geocoders import Nominatim, Pelias, Photon
from geopy.geocoders.base import Geocoder as GeopyGeocoder

from welcomemap import __version__
from welcomemap.errors import JsonError, ServiceFailedError
from welcomemap.geocoding.fallback import FallbackGeocoder, GuardedService
from welcomemap.geocoding.outcome import AddressGeocoder
from welcomemap.geocoding.service_address import check_address
from welcomemap.geocoding.service_answer import ServiceAnswer, ServiceRegion
from welcomemap.geocoding.service_cache import AnswerCache
from welcomemap.geocoding.service_policy import Guard, ServicePolicy
from welcomemap.geocoding.service_reading import (
    read_generic,
    read_nominatim,
    read_pelias,
    read_photon,
)
from welcomemap.strict_json import parse_json

USER_AGENT = f"welcomemap/{__version__}"
MAX_ANSWER_BYTES = 1_000_000
CHUNK_BYTES = 1 << 16
MAX_ANSWERS = 5
KEY_VARIABLE = "WELCOMEMAP_PELIAS_KEY"
PUBLIC_ADDRESSES = {
    "nominatim": "https://nominatim.openstreetmap.org",
    "photon": "https://photon.komoot.io",
}
BROKEN_ANSWER = (KeyError, TypeError, ValueError, IndexError, AttributeError)
"""What reading an answer of unexpected shape raises."""

_IS_ASKING: ContextVar[bool] = ContextVar("welcomemap_is_asking", default=False)


class _DropWhileAsking(logging.Filter):
    """Drops every line while this program asks: geopy writes the whole request into them."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002  (logging's interface)
        return not _IS_ASKING.get()


_NO_ADDRESSES = _DropWhileAsking()


class BoundedAdapter(BaseSyncAdapter):  # type: ignore[misc]  # geopy has no types
    """Fetches answers with a deadline and a bound on their size, and writes no log.

    Redirects are refused: an address goes to the server the operator named and to no other.
    """

    def __init__(self, *, proxies: Mapping[str, str] | None, ssl_context: Any) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._opener = OpenerDirector()
        for handler in (
            ProxyHandler(dict(proxies) if proxies is not None else None),
            HTTPHandler(),
            HTTPSHandler(context=ssl_context),
            HTTPDefaultErrorHandler(),
            HTTPErrorProcessor(),
        ):
            self._opener.add_handler(handler)

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:
        """Fetch and read JSON."""
        text = self.get_text(url, timeout=timeout, headers=headers)
        try:
            return parse_json(text)
        except JsonError as error:
            raise GeocoderParseError("the answer is not JSON") from error

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        """Fetch a text of at most :data:`MAX_ANSWER_BYTES` within ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        request = Request(url, headers=dict(headers))  # noqa: S310  (scheme checked before)
        try:
            with self._opener.open(request, timeout=timeout) as response:
                content = bytearray()
                while chunk := response.read1(CHUNK_BYTES):
                    content += chunk
                    if len(content) > MAX_ANSWER_BYTES:
                        raise GeocoderParseError("the answer is too large")
                    if time.monotonic() > deadline:
                        raise GeocoderTimedOut("the answer took too long")
            if response.length:
                raise GeocoderParseError("the answer is cut off")
            return content.decode("utf-8")
        except HTTPError as error:
            known = {name.lower(): value for name, value in error.headers.items()}
            error.close()
            raise AdapterHTTPError(
                f"HTTP {error.code}", status_code=error.code, headers=known, text=""
            ) from None
        except UnicodeDecodeError as error:
            raise GeocoderParseError("the answer is not UTF-8") from error
        except (TimeoutError, URLError, OSError, HTTPException) as error:
            is_late = isinstance(getattr(error, "reason", error), TimeoutError)
            raise (GeocoderTimedOut if is_late else GeocoderUnavailable)("no answer") from None


class OwnServer(GeopyGeocoder):  # type: ignore[misc]  # geopy has no types
    """A server of the operator's own, by an address with ``{query}`` in it."""

    def __init__(self, address: str, **options: Any) -> None:
        super().__init__(scheme=urlsplit(address).scheme, **options)
        self._address = address

    def geocode(self, query: str, **_: Any) -> Any:
        """Return the answer as the server gave it."""
        url = self._address.replace("{query}", quote_plus(query))
        return self._call_geocoder(url, lambda answer: answer)


class NetworkService:
    """A service asked through geopy; see :class:`welcomemap.geocoding.fallback.AddressService`."""

    def __init__(
        self,
        name: str,
        address: str,
        geocoder: Any,
        options: Mapping[str, Any],
        read: Callable[[Any], tuple[ServiceAnswer, ...]],
    ) -> None:
        self.name, self.address = name, address
        self._geocoder, self._options, self._read = geocoder, dict(options), read

    def search(self, query: str) -> tuple[ServiceAnswer, ...]:
        """Ask once.

        Raises
        ------
        ServiceFailedError
            If the answer is late, refused, broken or none.
        """
        logging.getLogger("geopy").addFilter(_NO_ADDRESSES)
        token = _IS_ASKING.set(True)
        try:
            with warnings.catch_warnings(action="ignore", category=UserWarning):
                return self._read(self._geocoder.geocode(query, **self._options))[:MAX_ANSWERS]
        except GeopyError as error:
            raise _explain_failure(self.name, error) from None
        except BROKEN_ANSWER:
            raise ServiceFailedError(
                f"the answer of {self.name} has an unexpected shape", is_passing=False
            ) from None
        finally:
            _IS_ASKING.reset(token)


def _explain_failure(name: str, error: GeopyError) -> ServiceFailedError:
    cause = error.__cause__
    if isinstance(cause, AdapterHTTPError):
        is_passing = cause.status_code in {408, 425, 429} or cause.status_code >= 500
        return ServiceFailedError(
            f"{name} answered HTTP {cause.status_code}",
            is_passing=is_passing,
            retry_after_s=get_retry_after(cause.headers),
        )
    if isinstance(error, GeocoderTimedOut):
        return ServiceFailedError(f"{name} did not answer in time", is_passing=True)
    if isinstance(error, GeocoderParseError):
        return ServiceFailedError(f"the answer of {name} is broken", is_passing=True)
    return ServiceFailedError(
        f"{name} cannot be reached", is_passing=not isinstance(error, GeocoderQueryError)
    )


def open_service(
    name: str, address: str, region: ServiceRegion, policy: ServicePolicy
) -> NetworkService:
    """Open one service by its kind and address.

    Parameters
    ----------
    name
        ``nominatim``, ``photon``, ``pelias`` or ``generic``.
    address
        ``https://host[:port][/path]``; for ``generic`` with ``{query}`` where the address goes.

    Raises
    ------
    UsageError
        If the kind is unknown or the address would send addresses in the clear.
    """
    parts = check_address(name, address)
    common = {
        "timeout": policy.timeout_s, "user_agent": USER_AGENT, "adapter_factory": BoundedAdapter,
    }  # fmt: skip
    west, south, east, north = region.bbox
    box = [(south, west), (north, east)]
    domain = f"{parts.netloc}{parts.path}".rstrip("/")
    if name == "generic":
        return NetworkService(name, address, OwnServer(address, **common), {}, read_generic)
    server = {"domain": domain, "scheme": parts.scheme} | common
    if name == "photon":
        options = {"exactly_one": False, "limit": MAX_ANSWERS, "bbox": box}
        return NetworkService(name, address, Photon(**server), options, read_photon)
    if name == "pelias":
        geocoder = Pelias(api_key=os.environ.get(KEY_VARIABLE), **server)
        options = {"exactly_one": False, "boundary_rect": box}
        return NetworkService(name, address, geocoder, options, read_pelias)
    options = {
        "exactly_one": False, "limit": MAX_ANSWERS, "addressdetails": True, "viewbox": box,
        "bounded": True,
    }  # fmt: skip
    return NetworkService(name, address, Nominatim(**server), options, read_nominatim)


def switch_on(
    gazetteer: AddressGeocoder,
    services: str | Sequence[str],
    region: ServiceRegion,
    *,
    policy: ServicePolicy | None = None,
    cache_path: Path | None = None,
) -> AddressGeocoder:
    """Put services behind the gazetteer, in the order given.

    Parameters
    ----------
    services
        Such as ``"nominatim"`` or ``"photon=https://geo.example.org,nominatim"``; empty leaves
        the gazetteer alone and nothing ever leaves the machine.
    policy
        For each service; the default respects the public Nominatim's rules.
    cache_path
        SQLite file for answers; without it they are kept in memory for this run.

    Raises
    ------
    UsageError
        If a service is unknown or lacks a usable address.
    OutputError
        If the cache cannot be created.
    """
    wanted = services.split(",") if isinstance(services, str) else list(services)
    wanted = [text.strip() for text in wanted if text.strip()]
    if not wanted:
        return gazetteer
    limits = policy or ServicePolicy()
    opened = []
    for text in wanted:
        name, _, address = text.partition("=")
        kind = name.strip().lower()
        place = address.strip() or PUBLIC_ADDRESSES.get(kind, "")
        opened.append(open_service(kind, place, region, limits))
    cache = AnswerCache(cache_path)
    guarded = [GuardedService(service, Guard(limits), cache) for service in opened]
    return FallbackGeocoder(gazetteer, guarded, region)
