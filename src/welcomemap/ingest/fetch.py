"""Fetch the official files: resumed, checked, and made into a fresh pack, all of it or nothing.

Files arrive in a folder beside the pack, where a later run takes them up again; the pack itself
appears by a rename once every source has been fetched, checked and worked in. This module is the
only one of the builder that uses the network.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from welcomemap.errors import (
    Fault,
    HashMismatchError,
    InputError,
    JsonError,
    NetworkError,
    Notice,
    OutputError,
    Place,
    fault,
)
from welcomemap.extras import require_extra
from welcomemap.files import hash_file, parse_json, write_bytes
from welcomemap.ingest.pack_folder import (
    claim_target,
    parts_folder,
    publish_pack,
    refuse_lost_changes,
)
from welcomemap.ingest.refresh import FetchedFile, Update, make_fresh_pack
from welcomemap.ingest.sources import Kind, Source, read_sources
from welcomemap.region.pack import MANIFEST_NAME, RegionPack, load_pack

require_extra("ingest", by=__name__)

import osmium  # noqa: E402 - what the extra brings

_STATE_BYTES = 10_000


@dataclass(frozen=True)
class Version:
    """What a server said of one version of a file.

    ``validator`` is a strong ETag or a Last-Modified date, empty where the server gave neither;
    ``is_complete`` tells that all bytes have arrived and ``sha256`` is theirs.
    """

    url: str
    validator: str = ""
    is_complete: bool = False
    sha256: str = ""


@dataclass(frozen=True)
class Partial:
    """Two files in the folder of fetched parts: the bytes, and beside them their version."""

    folder: Path
    file_name: str

    @property
    def path(self) -> Path:
        """The bytes so far."""
        return self.folder / f"{self.file_name}.part"

    @property
    def _state_path(self) -> Path:
        return self.folder / f"{self.file_name}.json"

    def size(self) -> int:
        """Return the number of bytes so far."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def version(self, url: str) -> Version:
        """Return the version the bytes belong to; a fresh one where nothing usable is there."""
        try:
            text = self._state_path.read_bytes()[:_STATE_BYTES].decode("utf-8")
            version = Version(**json.loads(text))
        except (OSError, ValueError, TypeError):
            return Version(url)
        is_intact = not version.is_complete or (
            self.path.is_file() and hash_file(self.path) == version.sha256
        )
        return version if version.url == url and is_intact else Version(url)

    def remember(self, version: Version) -> None:
        """Write down which version the bytes belong to."""
        write_bytes(self._state_path, json.dumps(asdict(version)).encode("utf-8"))

    def discard(self) -> None:
        """Forget the bytes and their version."""
        self.path.unlink(missing_ok=True)
        self._state_path.unlink(missing_ok=True)

    def finish(self, version: Version) -> Version:
        """Mark the bytes as complete and return their version with its sha256."""
        complete = replace(version, is_complete=True, sha256=hash_file(self.path))
        self.remember(complete)
        return complete


def ask_for_rest(known: Version, offset: int) -> dict[str, str]:
    """Ask for the rest of a part, for news of a complete file, or for the whole file."""
    headers = {"Accept-Encoding": "identity"}
    is_tag = known.validator.startswith('"')
    if known.is_complete and known.validator:
        headers["If-None-Match" if is_tag else "If-Modified-Since"] = known.validator
    elif offset:
        headers |= {"Range": f"bytes={offset}-", "If-Range": known.validator}
    return headers


def read_validator(headers: Mapping[str, str]) -> str:
    """Return a strong ETag, else the date of the last change, else nothing (RFC 9110, 13.1.5)."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else headers.get("Last-Modified", "")


def read_total_bytes(headers: Mapping[str, str], offset: int) -> int | None:
    """Return the size of the whole file, of which ``offset`` bytes were not asked for."""
    if headers.get("Content-Encoding", "identity") != "identity":
        return None
    stated = headers.get("Content-Length", "")
    return offset + int(stated) if stated.isdecimal() else None


def read_wait(text: str) -> float | None:
    """Read Retry-After: seconds, or a date (RFC 9110, 10.2.3); anything else counts as absent."""
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()


_TABLE_SUFFIXES = (".csv", ".txt")
_PBF_HEADER = b"OSMHeader"


class _OtherKindError(Notice, ValueError):
    """What is in a file is not of its kind."""


class FetchedFileError(InputError):
    """A fetched file is not the kind of file its source promises."""


def count_rows(path: Path, source: Source) -> int:
    """Check that a file is of its source's kind and return its number of rows.

    Rows are features (GeoJSON), lines below the header (CSV; in a ZIP those of its largest table)
    or ways that are streets (OpenStreetMap).

    Raises
    ------
    FetchedFileError
        If the content is of another kind (an error page, say), damaged or without rows.
    """
    try:
        rows = _COUNTERS[source.kind](path)
    except (OSError, ValueError, RuntimeError, JsonError, zipfile.BadZipFile) as error:
        raise FetchedFileError(
            "what {url} gave is no usable {kind} file: {error}",
            url=source.url,
            kind=source.kind,
            error=error,
            where=Place(source.file_name),
            how=_look_at(source),
        ) from error
    if rows == 0:
        raise FetchedFileError(
            "what {url} gave is a {kind} file without rows",
            url=source.url,
            kind=source.kind,
            where=Place(source.file_name),
            how=_look_at(source),
        )
    return rows


def _look_at(source: Source) -> Fault:
    return fault(
        "Look at the address with a browser and mend the entry {name} in the list.",
        name=source.name,
    )


def _count_features(path: Path) -> int:
    content = parse_json(path.read_bytes())
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        raise _OtherKindError("not a FeatureCollection")
    features = content.get("features")
    return len(features) if isinstance(features, list) else 0


def _count_lines(path: Path) -> int:
    with path.open("rb") as stream:
        return _count_table_rows(stream.read())


def _count_table_rows(content: bytes) -> int:
    if content.lstrip()[:1] == b"<":
        raise _OtherKindError("a page of markup, not a table")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    return max(sum(1 for line in io.StringIO(text) if line.strip()) - 1, 0)


def _count_zipped_rows(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        if damaged is not None:
            raise _OtherKindError("member {name} is damaged", name=damaged)
        members = [m for m in archive.infolist() if m.filename.lower().endswith(_TABLE_SUFFIXES)]
        if not members:
            return 0
        largest = max(members, key=lambda member: member.file_size)
        with archive.open(largest) as stream:
            return max(sum(1 for line in stream if line.strip()) - 1, 0)


def _count_streets(path: Path) -> int:
    with path.open("rb") as stream:
        if _PBF_HEADER not in stream.read(64):
            raise _OtherKindError("not an OpenStreetMap PBF file")
    file = osmium.io.File(str(path), "pbf")
    streets = osmium.FileProcessor(file, osmium.osm.WAY).with_filter(
        osmium.filter.KeyFilter("highway")
    )
    return sum(1 for _ in streets)


_COUNTERS: Mapping[Kind, Callable[[Path], int]] = {
    "geojson": _count_features,
    "csv": _count_lines,
    "zip": _count_zipped_rows,
    "pbf": _count_streets,
}


OnProgress = Callable[[Source, int, int | None], None]
"""Called with the source, the bytes so far and the bytes in all (None: not known)."""


@contextmanager
def show_progress() -> Iterator[OnProgress]:
    """Give a report of progress that draws a bar on standard error."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def show(source: Source, here: int, total: int | None) -> None:
            if source.name not in tasks:
                tasks[source.name] = bar.add_task(source.name)
            bar.update(tasks[source.name], completed=here, total=total)

        yield show


WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})
UNCHANGED, PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE = 304, 206, 416


@dataclass(frozen=True)
class FetchSettings:
    """How patiently to fetch. Waits double after each failure in a row that brought nothing new."""

    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    max_seconds: float = 3600.0
    retries: int = 4
    backoff_s: float = 1.0
    max_wait_s: float = 120.0
    chunk_bytes: int = 1 << 18
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)


class _TryAgainError(NetworkError):
    """The answer was of a kind that may be better next time, after ``wait_s`` where it says so."""

    def __init__(self, what: str, /, *, wait_s: float | None = None, **values: Any) -> None:
        super().__init__(what, **values)
        self.wait_s = wait_s


def update_sources(
    out: Path,
    *,
    sources: Path | None = None,
    base: RegionPack | None = None,
    settings: FetchSettings | None = None,
) -> Update:
    """Fetch every source that has an address and publish a fresh pack in ``out``.

    Parameters
    ----------
    out
        Folder of the new pack; a pack that is there already is replaced at the very end.
    sources
        An own list of sources (TOML); by default the one that comes with the program.
    base
        The pack whose other layers and settings are kept: its list of sites too, and the changes
        of it that are on record. By default the one that is in ``out``; where none is, that in use.

    Raises
    ------
    SourceListError, NetworkError, FetchedFileError, HashMismatchError, PackError, OutputError
        With the pack in ``out`` untouched. Sources that did arrive are kept for the next run.
    UsageError
        If changes of the list in ``out`` would be lost, as ``base`` is another pack.
    """
    wanted = read_sources(sources)
    parts = parts_folder(out)
    with claim_target(out, () if sources is None else (sources,)):
        pack = base or load_pack(out if (out / MANIFEST_NAME).is_file() else None)
        if pack.folder.resolve() != out.resolve():
            refuse_lost_changes(out)
        with requests.Session() as session, show_progress() as progress:
            session.headers["User-Agent"] = "welcomemap (update of a region pack)"
            fetched = _fetch_all(session, wanted, parts, settings or FetchSettings(), progress)
        unknown = tuple(source for source in wanted if not source.url)
        with publish_pack(out) as fresh:
            result = make_fresh_pack(pack, fetched, unknown, fresh)
        for file in fetched:
            Partial(parts, file.source.file_name).discard()
        with suppress(OSError):
            parts.rmdir()
    return result


def _fetch_all(
    session: requests.Session,
    sources: tuple[Source, ...],
    parts: Path,
    settings: FetchSettings,
    on_progress: OnProgress,
) -> list[FetchedFile]:
    fetched, faults = [], []
    for source in sources:
        if not source.url:
            continue
        try:
            fetched.append(fetch_source(session, source, parts, settings, on_progress))
        except NetworkError as error:
            faults.append(fault("{source}: {error}", source=source.name, error=error))
    if faults:
        raise NetworkError(
            "{n_faults} of {n_sources} sources could not be fetched: {faults}",
            n_faults=len(faults),
            n_sources=len(fetched) + len(faults),
            faults=faults,
            how="Try again: what did arrive is kept. If an address has moved, mend it in a copy of "
            "the list, or empty it to go on without, and give the copy (--sources on the command "
            "line).",
        )
    return fetched


def fetch_source(
    session: requests.Session,
    source: Source,
    parts: Path,
    settings: FetchSettings,
    on_progress: OnProgress,
) -> FetchedFile:
    """Fetch one file into the folder of parts, taking up what an earlier run left there.

    Raises
    ------
    NetworkError
        If the server refuses, or keeps failing; the bytes so far are kept.
    FetchedFileError, HashMismatchError
        If the content is not what the source promises; it is thrown away.
    OutputError
        If the bytes cannot be written.
    """
    partial = Partial(parts, source.file_name)
    download = _Download(session, source, partial, settings, on_progress)
    version = download.run()
    if source.sha256 and version.sha256 != source.sha256:
        partial.discard()
        raise HashMismatchError(
            "{url} has sha256 {sha256}, the list asks for {expected}",
            url=source.url,
            sha256=version.sha256,
            expected=source.sha256,
            where=Place(source.file_name),
            how="If the publisher has a new version, write its sha256 into the list.",
        )
    try:
        rows = count_rows(partial.path, source)
    except FetchedFileError:
        partial.discard()
        raise
    return FetchedFile(source, partial.path, version.sha256, rows)


@dataclass(frozen=True)
class _Download:
    session: requests.Session
    source: Source
    partial: Partial
    settings: FetchSettings
    on_progress: OnProgress

    def run(self) -> Version:
        """Try until the file is complete, or nothing has moved for ``retries`` tries."""
        end = time.monotonic() + self.settings.max_seconds
        failures, furthest = 0, self.partial.size()
        while True:
            try:
                return self._try_once(end)
            except (
                _TryAgainError,
                requests.ConnectionError,
                requests.Timeout,
                requests.exceptions.ChunkedEncodingError,
                requests.exceptions.ContentDecodingError,
            ) as error:
                failures = 1 if self.partial.size() > furthest else failures + 1
                furthest = max(furthest, self.partial.size())
                self._wait(error, failures, end)
            except requests.RequestException as error:
                raise NetworkError("the address cannot be asked: {error}", error=error) from error
            except OSError as error:
                raise OutputError(
                    "what arrives cannot be written: {error}",
                    error=error,
                    where=Place(self.partial.path),
                    how="Choose a folder that is writable and has space.",
                ) from error

    def _wait(self, error: Exception, failures: int, end: float) -> None:
        reason = error if isinstance(error, _TryAgainError) else _plain(error)
        retries = (
            min(self.settings.retries, 1) if _is_out_of_reach(error) else self.settings.retries
        )
        if failures > retries:
            raise NetworkError(
                "{reason} (attempts: {failures})", reason=reason, failures=failures
            ) from error
        wait_s = self.settings.backoff_s * 2 ** (failures - 1)
        if isinstance(error, _TryAgainError) and error.wait_s is not None:
            wait_s = max(error.wait_s, 0.0)
        if wait_s > self.settings.max_wait_s or time.monotonic() + wait_s > end:
            raise NetworkError(
                "{reason}, and asks to wait {wait_s:.0f} s", reason=reason, wait_s=wait_s
            ) from error
        self.settings.sleep(wait_s)

    def _try_once(self, end: float) -> Version:
        known = self.partial.version(self.source.url)
        offset = self.partial.size() if known.validator else 0
        with self.session.get(
            self.source.url,
            headers=ask_for_rest(known, offset),
            stream=True,
            timeout=(self.settings.connect_timeout_s, self.settings.read_timeout_s),
        ) as response:
            _refuse_downgrade(self.source, response)
            if response.status_code == UNCHANGED and known.is_complete:
                return known
            if response.status_code == RANGE_NOT_SATISFIABLE and offset:
                self.partial.discard()
                raise _TryAgainError("the file has become shorter than the part already here")
            _refuse_status(response)
            version = Version(self.source.url, read_validator(response.headers))
            if response.status_code == PARTIAL_CONTENT:
                self._check_continues(response, known, version, offset)
            else:
                offset = 0
            return self._receive(response, version, offset, end)

    def _check_continues(
        self, response: requests.Response, known: Version, version: Version, offset: int
    ) -> None:
        """Take a part only if it follows what is here and belongs to the same version."""
        start = response.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
        if start != str(offset) or version.validator not in ("", known.validator):
            self.partial.discard()
            raise _TryAgainError("the file changed while it was being fetched")

    def _receive(
        self, response: requests.Response, version: Version, offset: int, end: float
    ) -> Version:
        total = read_total_bytes(response.headers, offset)
        self._refuse_size(total or 0)
        self.partial.folder.mkdir(parents=True, exist_ok=True)
        if not offset:
            self.partial.discard()
            self.partial.remember(version)
        here = offset
        with self.partial.path.open("ab" if offset else "wb") as part:
            for chunk in response.iter_content(self.settings.chunk_bytes):
                here += len(chunk)
                self._refuse_size(here)
                part.write(chunk)
                self.on_progress(self.source, here, total)
                if time.monotonic() > end:
                    raise NetworkError(
                        "not complete after {max_seconds:.0f} s",
                        max_seconds=self.settings.max_seconds,
                    )
        if total is not None and here != total:
            raise _TryAgainError(
                "the answer broke off after {here} of {total} bytes", here=here, total=total
            )
        if not here:
            raise _TryAgainError("the answer is empty")
        return self.partial.finish(version)

    def _refuse_size(self, size: int) -> None:
        if size > self.source.max_bytes:
            self.partial.discard()
            raise NetworkError(
                "the file has {size} bytes or more, the list allows {max_bytes}",
                size=size,
                max_bytes=self.source.max_bytes,
            )


def _refuse_downgrade(source: Source, response: requests.Response) -> None:
    addresses = [hop.url for hop in (*response.history, response)]
    if source.url.startswith("https:") and any(url.startswith("http:") for url in addresses):
        raise NetworkError("the address leads from https to an unprotected http address")


def _refuse_status(response: requests.Response) -> None:
    status = response.status_code
    if status in WORTH_ANOTHER_TRY:
        raise _TryAgainError(
            "the server answers {status}",
            status=status,
            wait_s=read_wait(response.headers.get("Retry-After", "")),
        )
    if status not in (200, PARTIAL_CONTENT):
        raise NetworkError(
            "the server answers {status} {reason}", status=status, reason=response.reason
        )


def _is_out_of_reach(error: Exception) -> bool:
    """Tell whether no connection came about: urllib3 then names a reason. Waiting seldom helps."""
    cause = error.args[0] if error.args else None
    return isinstance(error, requests.ConnectionError) and hasattr(cause, "reason")


def _plain(error: Exception) -> Fault:
    if isinstance(error, requests.Timeout):
        return fault("the server does not answer in time")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return fault("the answer broke off")
    if isinstance(error, requests.exceptions.SSLError):
        return fault("the server's certificate is not accepted")
    return fault("no connection to the server")
