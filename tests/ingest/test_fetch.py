"""One file is fetched whole, in one version, within bounds, from servers good and bad."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.official_server import (
    OfficialServer,
    careless,
    hang,
    plain,
    running_server,
    stall,
    status,
    whole,
)
from welcomemap.errors import HashMismatchError, NetworkError, OutputError
from welcomemap.ingest import fetch
from welcomemap.ingest.fetch import (
    FetchedFile,
    FetchedFileError,
    FetchSettings,
    fetch_source,
    read_wait,
)
from welcomemap.ingest.sources import Source

TABLE = b"id,name\n" + b"".join(b"%d,place number %d\n" % (n, n) for n in range(500))
OTHER = TABLE.replace(b"place", b"plaza")
PATH = "/register.csv"


@dataclass
class Bench:
    """A server, a folder of parts, a session, and the waits that were asked for."""

    server: OfficialServer
    folder: Path
    session: requests.Session
    waits: list[float]

    @property
    def settings(self) -> FetchSettings:
        return FetchSettings(
            connect_timeout_s=2, read_timeout_s=0.3, chunk_bytes=256, sleep=self.waits.append
        )

    def source(self, **changed: Any) -> Source:
        source = Source(
            "register",
            "Register",
            self.server.url(PATH),
            "",
            "csv",
            ("advice_offices",),
            "test",
            "test",
            "never",
            max_bytes=1_000_000,
        )
        return replace(source, **changed)

    def fetch(self, on_progress: fetch.OnProgress = lambda *_: None, **changed: Any) -> FetchedFile:
        source = self.source(**changed)
        return fetch_source(self.session, source, self.folder, self.settings, on_progress)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with running_server() as server, requests.Session() as session:
        session.trust_env = False
        yield Bench(server, tmp_path / "parts", session, [])


def test_a_file_arrives_with_its_hash_and_rows(bench: Bench) -> None:
    bench.server.serve(PATH, whole(TABLE))
    fetched = bench.fetch()
    assert fetched.path.read_bytes() == TABLE
    assert fetched.sha256 == hashlib.sha256(TABLE).hexdigest()
    assert fetched.rows == 500
    assert bench.waits == []


def test_progress_grows_to_the_total(bench: Bench) -> None:
    bench.server.serve(PATH, whole(TABLE))
    told: list[tuple[int, int | None]] = []
    bench.fetch(lambda _source, here, total: told.append((here, total)))
    counts = [here for here, _ in told]
    assert len(counts) > 10
    assert counts == sorted(counts)
    assert told[-1] == (len(TABLE), len(TABLE))


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_fault_is_waited_out(bench: Bench, code: int) -> None:
    bench.server.serve(PATH, status(code), status(code), whole(TABLE))
    assert bench.fetch().path.read_bytes() == TABLE
    assert bench.waits == [1, 2]


def test_a_lasting_fault_ends_after_the_retries(bench: Bench) -> None:
    bench.server.serve(PATH, status(503))
    with pytest.raises(NetworkError, match=r"answers 503 \(attempts: 5\)"):
        bench.fetch()
    assert bench.waits == [1, 2, 4, 8]
    assert len(bench.server.asked) == 5


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 204, 206])
def test_a_refusal_is_not_repeated(bench: Bench, code: int) -> None:
    bench.server.serve(PATH, status(code))
    with pytest.raises(NetworkError):
        bench.fetch()
    assert len(bench.server.asked) == (1 if code != 206 else 5)


def test_the_server_says_how_long_to_wait(bench: Bench) -> None:
    bench.server.serve(PATH, status(429, Retry_After="7"), whole(TABLE))
    bench.fetch()
    assert bench.waits == [7]


def test_a_wait_beyond_the_bound_is_an_error(bench: Bench) -> None:
    bench.server.serve(PATH, status(429, Retry_After="86400"), whole(TABLE))
    with pytest.raises(NetworkError, match="429, and asks to wait 86400 s"):
        bench.fetch()
    assert bench.waits == []


def test_a_wait_may_be_a_date_or_nonsense() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)
    assert read_wait(format_datetime(soon, usegmt=True)) == pytest.approx(30, abs=3)
    assert read_wait("12") == 12
    assert read_wait("") is None
    assert read_wait("in a while") is None
    assert read_wait("²") is None


def test_silence_is_an_error_after_the_retries(bench: Bench) -> None:
    bench.server.serve(PATH, hang())
    with pytest.raises(NetworkError, match="does not answer in time"):
        bench.fetch()
    assert len(bench.server.asked) == 5


def test_silence_in_the_middle_is_taken_up_again(bench: Bench) -> None:
    bench.server.serve(PATH, stall(TABLE, 3000), whole(TABLE))
    assert bench.fetch().path.read_bytes() == TABLE
    assert int(bench.server.asked[1][1]["Range"].removeprefix("bytes=").rstrip("-")) > 0


def test_nobody_there(bench: Bench) -> None:
    with pytest.raises(NetworkError, match=r"no connection to the server \(attempts: 2\)"):
        bench.fetch(url="http://127.0.0.1:9/x.csv")
    assert bench.waits == [1]


def test_a_broken_answer_is_continued_where_it_broke(bench: Bench) -> None:
    bench.server.serve(PATH, whole(TABLE, stop_after=2048), whole(TABLE))
    assert bench.fetch().path.read_bytes() == TABLE
    second = bench.server.asked[1][1]
    assert second["Range"] == "bytes=2048-"
    assert second["If-Range"] == bench_tag(TABLE)


def bench_tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:12]}"'


def test_a_broken_answer_without_a_version_starts_again(bench: Bench) -> None:
    bench.server.serve(PATH, plain(TABLE, stop_after=2048), plain(TABLE))
    assert bench.fetch().path.read_bytes() == TABLE
    assert "Range" not in bench.server.asked[1][1]


@pytest.mark.parametrize(
    "second",
    [whole(OTHER), careless(OTHER, '"other"'), plain(OTHER)],
    ids=["honours If-Range", "ignores If-Range", "knows no parts"],
)
def test_versions_are_never_mixed(bench: Bench, second: Any) -> None:
    bench.server.serve(PATH, whole(TABLE, stop_after=2048), second, whole(OTHER))
    assert bench.fetch().path.read_bytes() == OTHER


def test_a_file_that_shrank_is_fetched_anew(bench: Bench) -> None:
    short = b"id\n1\n"
    tag = '"careless"'
    bench.server.serve(
        PATH, whole(TABLE, tag=tag, stop_after=2048), whole(short, tag=tag), whole(short, tag=tag)
    )
    assert bench.fetch().path.read_bytes() == short


def test_a_complete_file_is_only_asked_for_news(bench: Bench) -> None:
    bench.server.serve(PATH, whole(TABLE))
    bench.fetch()
    assert bench.fetch().path.read_bytes() == TABLE
    assert bench.server.asked[1][1]["If-None-Match"] == bench_tag(TABLE)
    bench.server.serve(PATH, whole(OTHER))
    assert bench.fetch().path.read_bytes() == OTHER


def test_a_complete_file_that_was_spoilt_is_fetched_anew(bench: Bench) -> None:
    bench.server.serve(PATH, whole(TABLE))
    bench.fetch().path.write_bytes(b"spoilt")
    assert bench.fetch().path.read_bytes() == TABLE


def test_an_interrupted_run_is_taken_up_again(bench: Bench) -> None:
    bench.server.serve(PATH, whole(TABLE))

    def interrupt(_source: Source, here: int, _total: int | None) -> None:
        if here >= 4096:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.fetch(interrupt)
    assert bench.fetch().path.read_bytes() == TABLE
    assert bench.server.asked[1][1]["Range"] == "bytes=4096-"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, len(TABLE)), st.booleans()), max_size=4), st.booleans())
def test_whatever_breaks_off_the_result_is_one_whole_version(
    bench: Bench, broken: list[tuple[int, bool]], ends_with_other: bool
) -> None:
    answers = [whole(OTHER if is_other else TABLE, stop_after=stop) for stop, is_other in broken]
    last = OTHER if ends_with_other else TABLE
    bench.server.serve(PATH, *answers, whole(last))
    assert bench.fetch().path.read_bytes() in (TABLE, OTHER)
    bench.server.serve(PATH, whole(last))
    assert bench.fetch().path.read_bytes() == last


@pytest.mark.parametrize("length", [True, False], ids=["stated size", "unstated size"])
def test_too_large_a_file_is_refused(bench: Bench, length: bool) -> None:
    bench.server.serve(PATH, plain(TABLE, length=length))
    with pytest.raises(NetworkError, match="the list allows 4000"):
        bench.fetch(max_bytes=4000)
    assert list(bench.folder.glob("*.part")) == []


def test_an_answer_of_unstated_size_is_taken_whole(bench: Bench) -> None:
    bench.server.serve(PATH, plain(TABLE, length=False))
    assert bench.fetch().path.read_bytes() == TABLE


def test_an_empty_answer_is_none(bench: Bench) -> None:
    bench.server.serve(PATH, plain(b""))
    with pytest.raises(NetworkError, match="empty"):
        bench.fetch()


def test_other_content_than_the_list_asks_for_is_thrown_away(bench: Bench) -> None:
    bench.server.serve(PATH, whole(TABLE))
    with pytest.raises(HashMismatchError, match="the list asks for"):
        bench.fetch(sha256="0" * 64)
    assert list(bench.folder.iterdir()) == []
    assert bench.fetch(sha256=hashlib.sha256(TABLE).hexdigest()).rows == 500


@pytest.mark.parametrize("kind", ["csv", "geojson", "zip", "pbf"])
def test_an_error_page_is_not_taken_for_data(bench: Bench, kind: str) -> None:
    bench.server.serve(PATH, whole(b"<!DOCTYPE html><title>Wartung</title>\n<p>Bis gleich.\n"))
    with pytest.raises(FetchedFileError, match=f"no usable {kind} file"):
        bench.fetch(kind=kind)
    assert list(bench.folder.iterdir()) == []


def test_an_archive_is_unpacked_within_bounds(bench: Bench) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/grid.csv", b"id;n\n" + b"1;2\n" * 1_000_000)
    bench.server.serve(PATH, whole(buffer.getvalue()))

    def fetch_grid(max_bytes: int) -> FetchedFile:
        source, target = bench.source(max_bytes=max_bytes), bench.folder.parent / "grid.csv"
        return fetch_source(
            bench.session, source, bench.folder, bench.settings, fetch.tell_nobody, target
        )

    with pytest.raises(FetchedFileError, match="larger than 100000 bytes"):
        fetch_grid(100_000)
    assert list(bench.folder.iterdir()) == []
    assert fetch_grid(5_000_000).rows == 1_000_000


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("osm", b"<osm version='0.6'>"),
        ("gz", b"\x1f\x8b\x08"),
        ("bz2", b"BZh9"),
        ("gpkg", b"SQLite format 3\0"),
        ("parquet", b"PAR1"),
        ("tif", b"II\x2a\0"),
        ("xlsx", b"PK\x03\x04"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(bench: Bench, kind: str, start: bytes) -> None:
    bench.server.serve(PATH, whole(start + bytes(100)))
    assert bench.fetch(kind=kind).rows == 1
    bench.server.serve(PATH, whole(b"other" + start))
    with pytest.raises(FetchedFileError, match=f"no usable {kind} file"):
        bench.fetch(kind=kind)


def test_a_redirect_is_followed(bench: Bench) -> None:
    moved = bench.server.serve("/moved.csv", whole(TABLE))
    bench.server.serve(PATH, status(302, Location=moved))
    assert bench.fetch().path.read_bytes() == TABLE


def test_a_circle_of_redirects_is_an_error(bench: Bench) -> None:
    bench.server.serve(PATH, status(302, Location=PATH))
    with pytest.raises(NetworkError, match="cannot be asked"):
        bench.fetch()


def test_protection_is_not_given_up_on_the_way() -> None:
    hop = SimpleNamespace(url="https://a.example/x")
    answer = SimpleNamespace(url="http://b.example/x", history=[hop])
    source = Source("x", "", "https://a.example/x", "", "csv", (), "l", "p", "never")
    with pytest.raises(NetworkError, match="unprotected"):
        fetch._refuse_downgrade(source, cast(requests.Response, answer))
    same = SimpleNamespace(url="https://b.example/x", history=[hop])
    fetch._refuse_downgrade(source, cast(requests.Response, same))


def test_a_folder_that_cannot_be_written_is_named(bench: Bench) -> None:
    bench.server.serve(PATH, whole(TABLE))
    bench.folder.write_text("a file, not a folder")
    with pytest.raises(OutputError, match="cannot be written"):
        bench.fetch()


def test_an_endless_answer_ends(bench: Bench) -> None:
    bench.server.serve(PATH, whole(TABLE))
    hasty = replace(bench.settings, max_seconds=0)
    with pytest.raises(NetworkError, match="not complete after 0 s"):
        fetch_source(bench.session, bench.source(), bench.folder, hasty, lambda *_: None)
