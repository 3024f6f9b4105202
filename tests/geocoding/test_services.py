"""One contract for all services, against a local server: good, late, wrong, empty, broken."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.geocoding.replay import SHAPES, Found, Reply, Server, good, run_server
from tests.worlds import at
from welcomemap.crs import METRIC_CRS, unproject
from welcomemap.describe.reasons import RowWords, describe_reason, describe_reasons
from welcomemap.errors import (
    BudgetSpentError,
    CircuitOpenError,
    ServiceFailedError,
    UnreadableAddressError,
    UsageError,
)
from welcomemap.geocoding import services as service_reading
from welcomemap.geocoding.batch import as_sheet, geocode_sheet
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.geocoding.reasons import NoStreet, StreetOnly
from welcomemap.geocoding.service_answers import AnswerCache, ServiceRegion
from welcomemap.geocoding.services import (
    BROKEN_ANSWER,
    FallbackGeocoder,
    Guard,
    GuardedService,
    ServicePolicy,
    open_service,
    switch_on,
)

KINDS = sorted(SHAPES)
TYPED = "Hauptstr. 12a, 99001 Rechteckstadt"
HOUSE = (500.0, 1000.0)


def find_area(x: float, y: float) -> tuple[int | None, str | None]:
    west, south = at(0, 0)
    is_inside = 0 <= x - west <= 6000 and 0 <= y - south <= 2000
    return (1, "011") if is_inside else (None, None)


def place(x: float, y: float, **changes: str | None) -> Found:
    lat, lon = unproject(np.array([at(x, y)]))
    return replace(Found(float(lat[0]), float(lon[0])), **changes)


SOUTH_WEST, NORTH_EAST = place(0, 0), place(6000, 2000)
REGION = ServiceRegion(
    "Rechteckstadt", METRIC_CRS,
    (SOUTH_WEST.lon, SOUTH_WEST.lat, NORTH_EAST.lon, NORTH_EAST.lat), find_area,
)  # fmt: skip


class Gazetteer:
    """Knows one address, refuses one text, and has found nothing else."""

    def geocode(self, text: str, *, stated_district: int | None = None) -> GeocodeResult:
        if text == "Bekannte Gasse 1":
            return GeocodeResult(Outcome.STREET, (StreetOnly("Hauptstraße"),))
        if text.startswith("="):
            raise UnreadableAddressError("a formula")
        return GeocodeResult(Outcome.NOT_FOUND, (NoStreet(),))


@dataclass
class Time:
    """A clock that only moves when somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def server() -> Iterator[Server]:
    with run_server() as running:
        yield running


POLICY = ServicePolicy(timeout_s=5.0, min_interval_s=0.0)


def open_geocoder(
    kind: str, server: Server, time: Time | None = None, policy: ServicePolicy = POLICY
) -> tuple[FallbackGeocoder, GuardedService]:
    path = "/find?q={query}" if kind == "generic" else ""
    service = open_service(kind, server.url + path, REGION, policy)
    clock = time or Time()
    guarded = GuardedService(
        service, Guard(policy, clock=clock, sleep=clock.sleep), AnswerCache(clock=clock)
    )
    return FallbackGeocoder(Gazetteer(), [guarded], REGION), guarded


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_good_answer(kind: str, server: Server) -> None:
    server.replies = [good(kind, place(*HOUSE))]
    geocoder, _ = open_geocoder(kind, server)
    result = geocoder.geocode(TYPED)
    assert result.outcome is Outcome.EXACT
    assert (result.street, result.house_number, result.postcode) == ("Hauptstraße", "12a", "99001")
    assert result.matched == "Hauptstraße 12a, 99001 Rechteckstadt"
    assert np.hypot(result.x - at(*HOUSE)[0], result.y - at(*HOUSE)[1]) < 0.1
    assert (result.district, result.quarter, result.source) == (1, "011", kind)
    assert result.error_radius_m >= 100
    assert kind in describe_reasons(result.explanation).in_language("de")
    assert server.agents[0].startswith("welcomemap/")


def test_only_what_was_understood_is_sent(kind: str, server: Server) -> None:
    server.replies = [good(kind)]
    geocoder, _ = open_geocoder(kind, server)
    geocoder.geocode("c/o Erika Muster, Hauptstr. 12 a, 3. OG, 99001 Rechteckstadt")
    assert server.queries == ["Hauptstr 12a, 99001 Rechteckstadt"]


def test_what_the_gazetteer_knows_or_refuses_is_not_asked(kind: str, server: Server) -> None:
    server.replies = [good(kind, place(*HOUSE))]
    geocoder, _ = open_geocoder(kind, server)
    assert geocoder.geocode("Bekannte Gasse 1").outcome is Outcome.STREET
    with pytest.raises(UnreadableAddressError):
        geocoder.geocode("=1+1")
    for text in ("99001", "Erika Muster", "Frau Erika Muster Hauptstr. 12a"):
        assert geocoder.geocode(text).outcome is Outcome.NOT_FOUND
    assert server.queries == []


@pytest.mark.parametrize(
    ("changes", "outcome", "number"),
    [
        ({"street": "Haupt Strasse"}, Outcome.EXACT, "12a"),
        ({"street": "Hauptstrase"}, Outcome.CORRECTED, "12a"),
        ({"number": "12b"}, Outcome.NEAREST_NUMBER, "12b"),
        ({"number": "12"}, Outcome.NEAREST_NUMBER, "12"),
        ({"number": "14"}, Outcome.STREET, None),
        ({"number": None}, Outcome.STREET, None),
        ({"postcode": "99003"}, Outcome.STREET, None),
        ({"street": "Nebenstraße"}, Outcome.NOT_FOUND, None),
        ({"street": None}, Outcome.NOT_FOUND, None),
        ({"street": "<script>alert(1)</script>"}, Outcome.NOT_FOUND, None),
        ({"street": "Hauptstraße\0"}, Outcome.NOT_FOUND, None),
    ],
)
def test_wrong_answers_are_downgraded_or_refused(
    kind: str, server: Server, changes: dict[str, str | None], outcome: Outcome, number: str | None
) -> None:
    if kind == "pelias" and changes.get("number", "") is None:
        changes = changes | {"postcode": None}
    server.replies = [good(kind, place(*HOUSE, **changes))]
    geocoder, _ = open_geocoder(kind, server)
    result = geocoder.geocode(TYPED)
    assert result.outcome is outcome
    assert result.house_number == number
    assert result.is_located == (outcome is not Outcome.NOT_FOUND)
    assert bool(result.contradictions) == (changes.get("postcode") == "99003")
    if outcome not in {Outcome.EXACT, Outcome.NOT_FOUND} and not result.contradictions:
        assert result.notes


def test_answer_outside_the_region_is_refused(kind: str, server: Server) -> None:
    for found in (place(-500, 1000), Found(0.0, 0.0), Found(91.0, 500.0)):
        server.replies = [good(kind, found)]
        geocoder, _ = open_geocoder(kind, server)
        assert not geocoder.geocode(TYPED).is_located


def test_second_answer_counts_if_the_first_does_not_fit(kind: str, server: Server) -> None:
    server.replies = [good(kind, place(100, 100, street="Andere Allee"), place(*HOUSE))]
    geocoder, _ = open_geocoder(kind, server)
    assert geocoder.geocode(TYPED).outcome is Outcome.EXACT


def test_two_equal_answers_far_apart_are_ambiguous(kind: str, server: Server) -> None:
    server.replies = [good(kind, place(*HOUSE), place(3000, 1000))]
    geocoder, _ = open_geocoder(kind, server)
    result = geocoder.geocode(TYPED)
    assert result.outcome is Outcome.AMBIGUOUS
    assert len(result.alternatives) == 2
    assert not result.is_located


def test_empty_answer_is_kept_too(kind: str, server: Server) -> None:
    server.replies = [good(kind)]
    geocoder, _ = open_geocoder(kind, server)
    for _ in range(2):
        result = geocoder.geocode(TYPED)
        assert result.outcome is Outcome.NOT_FOUND
        assert "keine passende Adresse" in describe_reason(result.notes[-1]).in_language("de")
    assert len(server.queries) == 1


def test_late_answer(kind: str, server: Server) -> None:
    server.replies = [Reply(is_late=True)]
    policy = replace(POLICY, timeout_s=0.2, max_attempts=1)
    geocoder, guarded = open_geocoder(kind, server, policy=policy)
    result = geocoder.geocode(TYPED)
    assert result.outcome is Outcome.NOT_FOUND
    assert "keine Antwort" in describe_reason(result.notes[-1]).in_language("de")
    with pytest.raises(ServiceFailedError, match="in time") as caught:
        guarded.search("x")
    assert caught.value.is_passing


def test_rate_limit_is_honoured(kind: str, server: Server) -> None:
    limited = Reply(status=429, headers=(("Retry-After", "7"),))
    server.replies = [limited, good(kind, place(*HOUSE))]
    time = Time()
    geocoder, _ = open_geocoder(kind, server, time)
    assert geocoder.geocode(TYPED).outcome is Outcome.EXACT
    assert time.slept == [7.0]


def test_server_errors_are_tried_again_with_growing_waits(kind: str, server: Server) -> None:
    server.replies = [Reply(status=500), Reply(status=503), good(kind, place(*HOUSE))]
    time = Time()
    geocoder, _ = open_geocoder(kind, server, time)
    assert geocoder.geocode(TYPED).outcome is Outcome.EXACT
    assert time.slept == [1.0, 2.0]


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404])
def test_refusals_are_not_tried_again(kind: str, server: Server, status: int) -> None:
    with run_server() as elsewhere:
        elsewhere.replies = [good(kind, place(*HOUSE))]
        server.replies = [Reply(status=status, headers=(("Location", elsewhere.url),))]
        _, guarded = open_geocoder(kind, server)
        with pytest.raises(ServiceFailedError, match=str(status)) as caught:
            guarded.search("x")
        assert not caught.value.is_passing
        assert len(server.queries) == 1
        assert elsewhere.queries == []


def test_long_retry_after_opens_the_circuit_at_once(kind: str, server: Server) -> None:
    server.replies = [
        Reply(status=503, headers=(("Retry-After", "3600"),)), good(kind, place(*HOUSE))
    ]  # fmt: skip
    time = Time()
    _, guarded = open_geocoder(kind, server, time)
    with pytest.raises(ServiceFailedError):
        guarded.search("x")
    with pytest.raises(CircuitOpenError):
        guarded.search("x")
    assert time.slept == []
    assert len(server.queries) == 1
    time.now += 3600
    assert guarded.search("x")


def test_circuit_opens_after_failures_and_closes_after_a_good_answer(
    kind: str, server: Server
) -> None:
    server.replies = [Reply(status=500)]
    time = Time()
    policy = replace(POLICY, max_attempts=1, failures_to_open=3, open_s=60)
    _, guarded = open_geocoder(kind, server, time, policy)
    for i in range(3):
        with pytest.raises(ServiceFailedError):
            guarded.search(f"x{i}")
    with pytest.raises(CircuitOpenError):
        guarded.search("y")
    assert len(server.queries) == 3
    time.now += 60
    with pytest.raises(ServiceFailedError):
        guarded.search("one trial")
    with pytest.raises(CircuitOpenError):
        guarded.search("y")
    time.now += 60
    server.replies = [good(kind, place(*HOUSE))]
    assert guarded.search("y")
    server.replies = [Reply(status=500)]
    for i in range(2):
        with pytest.raises(ServiceFailedError):
            guarded.search(f"z{i}")
    with pytest.raises(ServiceFailedError):
        guarded.search("still asked")


BROKEN: dict[str, Callable[[str], Reply]] = {
    "no json": lambda _: Reply(body=b"<html>busy</html>"),
    "cut off": lambda kind: replace(good(kind, place(*HOUSE)), is_cut=True),
    "not utf-8": lambda _: Reply(body=b'["\xff\xfe"]'),
    "too large": lambda _: Reply(body=b"[" + b"1," * 600_000 + b"1]"),
    "too deep": lambda _: Reply(body=b"[" * 200_000 + b"]" * 200_000),
    "other shape": lambda _: Reply(body=b'[{"lat": "x"}, 5, null]'),
    "number": lambda _: Reply(body=b"5"),
    "no coordinate": lambda _: Reply(body=b'{"features": [{"geometry": null, "properties": {}}]}'),
    "hang up": lambda _: Reply(is_hanging_up=True),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_answers(kind: str, server: Server, fault: str) -> None:
    server.replies = [BROKEN[fault](kind)]
    geocoder, guarded = open_geocoder(kind, server)
    with pytest.raises(ServiceFailedError) as caught:
        guarded.search("Geheimgasse 7")
    assert "Geheim" not in str(caught.value)
    assert geocoder.geocode(TYPED).outcome is Outcome.NOT_FOUND


def test_server_that_is_not_there(kind: str) -> None:
    with run_server() as gone:
        pass
    _, guarded = open_geocoder(kind, gone)
    with pytest.raises(ServiceFailedError, match="cannot be reached") as caught:
        guarded.search("x")
    assert caught.value.is_passing


def test_budget(kind: str, server: Server) -> None:
    server.replies = [Reply(status=500), good(kind, place(*HOUSE))]
    _, guarded = open_geocoder(kind, server, policy=replace(POLICY, budget=3))
    guarded.search("a")
    guarded.search("b")
    with pytest.raises(BudgetSpentError):
        guarded.search("c")
    assert guarded.search("a")
    assert len(server.queries) == guarded.guard.spent == 3


def test_requests_are_spaced(kind: str, server: Server) -> None:
    server.replies = [good(kind, place(*HOUSE))]
    time = Time()
    _, guarded = open_geocoder(kind, server, time, replace(POLICY, min_interval_s=1.5))
    for query in ("a", "b", "a", "c"):
        guarded.search(query)
    assert time.slept == [1.5, 1.5]


def test_logs_never_hold_addresses(
    kind: str, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.replies = [
        Reply(status=500, body=b"no Geheimgasse 7 here"), Reply(status=429), Reply(body=b"{"),
        good(kind, place(*HOUSE, street="Geheimgasse", number="7")),
    ]  # fmt: skip
    policy = replace(POLICY, max_attempts=4)
    geocoder, _ = open_geocoder(kind, server, policy=policy)
    with caplog.at_level(logging.DEBUG):
        result = geocoder.geocode("Geheimgasse 7, 99001 Rechteckstadt")
        logging.getLogger("geopy").debug("still heard")
    assert result.outcome is Outcome.EXACT
    assert "Geheim" not in caplog.text
    assert caplog.messages == ["still heard"]


def test_off_by_default_and_in_the_order_given(server: Server) -> None:
    gazetteer = Gazetteer()
    assert switch_on(gazetteer, "", REGION) is gazetteer
    assert switch_on(gazetteer, [" "], REGION) is gazetteer
    with run_server() as second:
        server.replies = [good("photon")]
        second.replies = [good("pelias", place(*HOUSE))]
        geocoder = switch_on(
            gazetteer, f"photon={server.url}, pelias={second.url}", REGION, policy=POLICY
        )
        assert geocoder.geocode(TYPED).source == "pelias"
        assert len(server.queries) == len(second.queries) == 1


@pytest.mark.parametrize(
    ("services", "message"),
    [
        ("google", "no service google"),
        ("pelias", "needs the address"),
        ("generic=https://geo.example.org/", r"lacks \{query\}"),
        ("nominatim=http://geo.example.org", "unencrypted"),
        ("photon=ftp://geo.example.org", "no address of a server"),
        ("photon=file:///etc/passwd", "no address of a server"),
    ],
)
def test_unusable_services_are_told_before_anything_is_sent(services: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        switch_on(Gazetteer(), services, REGION)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["features", "properties", "geometry", "coordinates", "address", "lat", "lon",
                 "house_number", "housenumber", "road", "layer", "class"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@dataclass(frozen=True)
class RawLocation:
    raw: object


@given(json_values)
def test_any_json_is_read_or_refused(value: object) -> None:
    locations = [RawLocation(value)]
    readers = (
        (service_reading.read_nominatim, locations),
        (service_reading.read_photon, locations),
        (service_reading.read_pelias, locations),
        (service_reading.read_generic, value),
    )
    for read, answer in readers:
        try:
            answers = read(answer)
        except BROKEN_ANSWER:
            continue
        assert all(np.isfinite([a.lat, a.lon]).all() for a in answers)


def test_a_table_goes_on_when_a_service_fails(server: Server) -> None:
    server.replies = [good("photon", place(*HOUSE)), Reply(status=404), Reply(status=500)]
    policy = replace(POLICY, max_attempts=1, failures_to_open=2)
    geocoder, _ = open_geocoder("photon", server, policy=policy)
    rows = pd.DataFrame({"Adresse": [f"Hauptstr. 12a, 9900{i} R" for i in (1, 2, 3, 4, 1)]})
    done = geocode_sheet(as_sheet(rows), geocoder, METRIC_CRS, tell=RowWords("en"))
    assert done.frame["outcome"].tolist() == ["exact", *["not_found"] * 3, "exact"]
    said = done.frame["explanation"].tolist()
    assert "HTTP 404" in said[1]
    assert "HTTP 500" in said[2]
    assert "left alone" in said[3]
    assert len(server.queries) == 3
    assert [row.row for row in done.summary.review] == [2, 3, 4]
