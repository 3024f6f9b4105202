"""Geocoding services of the operator: Nominatim, Photon, Pelias, or a server of one's own.

Off by default. Nothing here writes an address to a log: geopy's own debug lines, which hold the
full request, are dropped while a request runs, and errors never carry one.

Field names of answers as documented: Nominatim (nominatim.org, "Place output"), Photon (GeoJSON
with ``properties``), Pelias (github.com/pelias/documentation, "response"). Anything of another
shape raises the errors listed in ``BROKEN_ANSWER``.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, quote_plus, urlsplit
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
from welcomemap.errors import (
    BudgetSpentError,
    CircuitOpenError,
    JsonError,
    NetworkError,
    ServiceFailedError,
    UsageError,
    fault,
)
from welcomemap.files import parse_json
from welcomemap.geocoding.address import ParsedAddress, parse_address
from welcomemap.geocoding.municipality import Region
from welcomemap.geocoding.outcome import AddressGeocoder, GeocodeResult, Outcome
from welcomemap.geocoding.reasons import ServiceSilent, ServiceUnsure
from welcomemap.geocoding.service_answers import (
    AnswerCache,
    Precision,
    ServiceAnswer,
    ServiceRegion,
    judge_answers,
)
from welcomemap.geocoding.unread_columns import region_of
from welcomemap.reasons import Reason

SERVICE_NAMES = ("nominatim", "photon", "pelias", "generic")


EXAMPLE = fault("Write for example nominatim=https://geo.example.org.")


def check_address(name: str, address: str) -> SplitResult:
    """Check where addresses would be sent: https, or http inside the operator's own network.

    Returns
    -------
    urllib.parse.SplitResult
        The parts of the address.

    Raises
    ------
    UsageError
        If it cannot be used.
    """
    if name not in SERVICE_NAMES:
        raise UsageError(
            "there is no service {name}",
            name=name,
            services=SERVICE_NAMES,
            how="Known: {services}.",
        )
    if not address:
        raise UsageError(
            "the service {name} needs the address of a server",
            name=name,
            how=EXAMPLE,
        )
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError("{address} is no address of a server", address=address, how=EXAMPLE)
    if parts.scheme == "http" and not _is_own_network(parts.hostname):
        raise UsageError(
            "{address} would send addresses unencrypted through the internet",
            address=address,
            how="Use https.",
        )
    if name == "generic" and "{query}" not in address:
        raise UsageError(
            "the address of a generic service lacks {{query}}",
            how="Write for example generic=https://geo.example.org/search?q={{query}}.",
        )
    return parts


def _is_own_network(host: str) -> bool:
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return number.is_loopback or number.is_private


Deadline = Callable[[], float]
Sleep = Callable[[float], None]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class ServicePolicy:
    """Limits for one service.

    Attributes
    ----------
    timeout_s
        For one whole request.
    min_interval_s
        Between the starts of two requests; the public Nominatim allows one a second
        (OSMF Nominatim Usage Policy).
    max_attempts, first_backoff_s, max_wait_s
        Attempts for one address; waits double; a Retry-After above ``max_wait_s`` opens the circuit
        instead of keeping a person waiting.
    failures_to_open, open_s
        Addresses in a row that failed before the circuit opens, and for how long.
    budget
        Requests a run may make altogether, repeated ones counted.
    """

    timeout_s: float = 10.0
    min_interval_s: float = 1.0
    max_attempts: int = 3
    first_backoff_s: float = 1.0
    max_wait_s: float = 30.0
    failures_to_open: int = 4
    open_s: float = 120.0
    budget: int = 1_000


class Guard:
    """Lets requests through one at a time, as the policy allows. Safe among threads.

    Parameters
    ----------
    policy
        The limits.
    clock, sleep
        Monotonic seconds and waiting; replaced in tests.
    """

    def __init__(
        self, policy: ServicePolicy, *, clock: Deadline = time.monotonic, sleep: Sleep = time.sleep
    ) -> None:
        self.policy = policy
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next_start = clock()
        self._open_until = clock()
        self._failures = 0
        self.spent = 0
        """Requests made so far."""

    def call(self, request: Callable[[], Answer]) -> Answer:
        """Make a request, again where that may help.

        Raises
        ------
        BudgetSpentError, CircuitOpenError
            Before anything is sent.
        ServiceFailedError
            If the last attempt failed too, or trying again cannot help.
        """
        with self._lock:
            if self._clock() < self._open_until:
                raise CircuitOpenError("the service failed repeatedly and is left alone for now")
            for attempt in range(1, self.policy.max_attempts + 1):
                try:
                    answer = self._request_once(request)
                except ServiceFailedError as error:
                    if not self._wait_to_retry(error, attempt):
                        self._count_failure(error)
                        raise
                else:
                    self._failures = 0
                    return answer
        raise CircuitOpenError("the policy allows no attempt", how="Set max_attempts to 1 or more.")

    def _request_once(self, request: Callable[[], Answer]) -> Answer:
        if self.spent >= self.policy.budget:
            raise BudgetSpentError(
                "the budget of {budget} requests is used up",
                budget=self.policy.budget,
                how="Raise the budget, or go on with the rows that are left later.",
            )
        wait_s = self._next_start - self._clock()
        if wait_s > 0:
            self._sleep(wait_s)
        self._next_start = self._clock() + self.policy.min_interval_s
        self.spent += 1
        return request()

    def _wait_to_retry(self, error: ServiceFailedError, attempt: int) -> bool:
        """Wait before the next attempt; tell whether there is one."""
        if not error.is_passing or attempt >= self.policy.max_attempts:
            return False
        wait_s = self.policy.first_backoff_s * 2 ** (attempt - 1)
        wait_s = max(wait_s, error.retry_after_s or 0.0)
        if wait_s > self.policy.max_wait_s:
            return False
        self._sleep(wait_s)
        return True

    def _count_failure(self, error: ServiceFailedError) -> None:
        self._failures += 1
        retry_after_s = error.retry_after_s or 0.0
        if retry_after_s > self.policy.max_wait_s:
            self._open_until = self._clock() + retry_after_s
        elif self._failures >= self.policy.failures_to_open:
            self._open_until = self._clock() + self.policy.open_s
            self._failures = self.policy.failures_to_open - 1


MAX_FIELD_CHARACTERS = 200
NOMINATIM_STREETS = ("road", "pedestrian", "footway", "square", "path", "residential", "place")
TOWNS = ("city", "town", "village", "municipality", "locality", "ort", "stadt", "gemeinde")
GENERIC_FIELDS = {
    "street": ("street", "road", "strasse", "straße", "streetname", "street_name", "str"),
    "house_number": ("house_number", "housenumber", "hausnummer", "hnr", "number", "hausnr"),
    "postcode": ("postcode", "postalcode", "postal_code", "plz", "zip"),
    "town": TOWNS,
    "lat": ("lat", "latitude", "breite"),
    "lon": ("lon", "lng", "longitude", "laenge"),
}
LISTS = ("features", "results", "candidates", "items", "data")


def read_nominatim(locations: Iterable[Any] | None) -> tuple[ServiceAnswer, ...]:
    """Read geopy locations whose ``raw`` is Nominatim's JSON with address details."""
    answers = []
    for location in locations or ():
        raw = location.raw
        address = raw["address"]
        number = _text(address.get("house_number"))
        if raw.get("class") == "highway" or (number is None and raw.get("class") == "place"):
            precision: Precision = "street"
        elif number is None:
            precision = "area"
        else:
            precision = "interpolated" if raw.get("type") == "houses" else "house"
        answers.append(
            _build(raw["lat"], raw["lon"], _first(address, NOMINATIM_STREETS), number,
                   address.get("postcode"), _first(address, TOWNS), precision)
        )  # fmt: skip
    return tuple(answers)


def read_photon(locations: Iterable[Any] | None) -> tuple[ServiceAnswer, ...]:
    """Read geopy locations whose ``raw`` is a feature of Photon."""
    answers = []
    for location in locations or ():
        found = location.raw["properties"]
        lon, lat = location.raw["geometry"]["coordinates"][:2]
        is_street = found.get("osm_key") == "highway" or found.get("type") == "street"
        number = _text(found.get("housenumber"))
        precision: Precision = "house" if number else "street" if is_street else "area"
        street = found.get("street") or (found.get("name") if is_street else None)
        answers.append(
            _build(lat, lon, street, number, found.get("postcode"), _first(found, TOWNS), precision)
        )
    return tuple(answers)


def read_pelias(locations: Iterable[Any] | None) -> tuple[ServiceAnswer, ...]:
    """Read geopy locations whose ``raw`` is a feature of Pelias."""
    answers = []
    for location in locations or ():
        found = location.raw["properties"]
        lon, lat = location.raw["geometry"]["coordinates"][:2]
        number = _text(found.get("housenumber"))
        is_street = found.get("layer") == "street"
        precision: Precision = "street" if is_street else "area"
        if number and found.get("layer") in {"address", "venue"}:
            is_point = found.get("accuracy", "point") == "point"
            is_found = found.get("match_type", "exact") == "exact"
            precision = "house" if is_point and is_found else "interpolated"
        street = found.get("street") or (found.get("name") if is_street else None)
        answers.append(
            _build(lat, lon, street, number, found.get("postalcode"), _first(found, TOWNS),
                   precision)
        )  # fmt: skip
    return tuple(answers)


def read_generic(answer: Any) -> tuple[ServiceAnswer, ...]:
    """Read the answer of an own server: GeoJSON, or a list of objects with usual field names."""
    if isinstance(answer, Mapping):
        answer = next((answer[name] for name in LISTS if name in answer), [answer])
    answers = []
    for entry in list(answer):
        found = {str(k).lower(): v for k, v in (entry.get("properties") or entry).items()}
        nested = found.get("address")
        if isinstance(nested, Mapping):
            found |= {str(k).lower(): v for k, v in nested.items()}
        said = {name: _first(found, names) for name, names in GENERIC_FIELDS.items()}
        geometry, number = entry.get("geometry"), said["house_number"]
        lon, lat = geometry["coordinates"][:2] if geometry else (said["lon"], said["lat"])
        precision: Precision = "house" if number else "street"
        answers.append(
            _build(lat, lon, said["street"], number, said["postcode"], said["town"], precision)
        )
    return tuple(answers)


def _build(
    lat: Any, lon: Any, street: Any, number: Any, postcode: Any, town: Any, precision: Precision
) -> ServiceAnswer:
    latitude, longitude = float(lat), float(lon)
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        raise ValueError("a coordinate is not finite")
    return ServiceAnswer(
        latitude, longitude, _text(street), _text(number), _text(postcode), _text(town), precision
    )


def _first(fields: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((text for name in names if (text := _text(fields.get(name))) is not None), None)


def _text(value: Any) -> str | None:
    if not isinstance(value, str | int | float):
        return None
    return str(value).strip()[:MAX_FIELD_CHARACTERS] or None


class GuardedService:
    """A service behind its policy and its cache."""

    def __init__(self, service: NetworkService, guard: Guard, cache: AnswerCache) -> None:
        self.name = service.name
        self.guard = guard
        self._service, self._cache = service, cache

    def search(self, query: str) -> tuple[ServiceAnswer, ...]:
        """Return the answers kept, or ask.

        Raises
        ------
        NetworkError
            If the service failed, is left alone for a while, or the budget is spent.
        """
        key = f"{self.name} {self._service.address}"
        kept = self._cache.get(key, query)
        if kept is not None:
            return kept
        answers = self.guard.call(lambda: self._service.search(query))
        self._cache.put(key, query, answers)
        return answers


class FallbackGeocoder:
    """The gazetteer first; services, in order, only where it has ``not_found``.

    What is sent is the street, number, postcode and town as understood, and nothing else of what
    was typed (no names, floors or remarks). A text without street and house number, or with a
    person's name before the street, is not sent at all.
    """

    def __init__(
        self,
        gazetteer: AddressGeocoder,
        services: Sequence[GuardedService],
        region: ServiceRegion,
    ) -> None:
        self._gazetteer, self._services, self._region = gazetteer, tuple(services), region

    @property
    def region(self) -> Region:
        """Return the names and postcodes by which addresses here are known."""
        return region_of(self._gazetteer)

    def geocode(self, text: str, *, stated_district: int | None = None) -> GeocodeResult:
        """Locate one address.

        Raises
        ------
        UnreadableAddressError
            If the text is no address anybody could have meant.
        """
        result = self._gazetteer.geocode(text, stated_district=stated_district)
        if result.outcome is not Outcome.NOT_FOUND:
            return result
        parsed = parse_address(text)
        if parsed.street is None or parsed.number is None or parsed.is_named_recipient:
            return result
        query = build_query(parsed, self._region.town)
        notes: list[Reason] = []
        for service in self._services:
            try:
                found = judge_answers(service.search(query), parsed, self._region, service.name)
            except NetworkError as error:
                notes.append(ServiceSilent(service.name, error.fault))
                continue
            if found is not None:
                return replace(
                    found,
                    contradictions=(*result.contradictions, *found.contradictions),
                    notes=(*found.notes, *result.notes),
                )
            notes.append(ServiceUnsure(service.name))
        return replace(result, notes=(*result.notes, *notes))


def build_query(parsed: ParsedAddress, town: str) -> str:
    """Write what is sent: ``street number, postcode town``."""
    house = " ".join(part for part in (parsed.street or "", parsed.house_number or "") if part)
    place = " ".join(part for part in (parsed.postcode or "", town) if part)
    return f"{house}, {place}"


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
    """One geocoding service on the network, asked through geopy.

    ``name`` is what people call it, such as ``nominatim``; ``address`` is where it is, so that
    answers of two servers are kept apart.
    """

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
                "the answer of {name} has an unexpected shape", name=self.name, is_passing=False
            ) from None
        finally:
            _IS_ASKING.reset(token)


def _explain_failure(name: str, error: GeopyError) -> ServiceFailedError:
    cause = error.__cause__
    if isinstance(cause, AdapterHTTPError):
        is_passing = cause.status_code in {408, 425, 429} or cause.status_code >= 500
        return ServiceFailedError(
            "{name} answered HTTP {status_code}",
            name=name,
            status_code=cause.status_code,
            is_passing=is_passing,
            retry_after_s=get_retry_after(cause.headers),
        )
    if isinstance(error, GeocoderTimedOut):
        return ServiceFailedError("{name} did not answer in time", name=name, is_passing=True)
    if isinstance(error, GeocoderParseError):
        return ServiceFailedError("the answer of {name} is broken", name=name, is_passing=True)
    return ServiceFailedError(
        "{name} cannot be reached", name=name, is_passing=not isinstance(error, GeocoderQueryError)
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
