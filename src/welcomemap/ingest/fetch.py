"""Fetch files: resumed, bounded, in one version, and checked for what they have to be.

Files arrive in a folder of parts, where a later run takes them up again. This module is the only
one of the builder that uses the network.
"""

from __future__ import annotations

import json
import shutil
import time
import zipfile
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial as bound
from pathlib import Path
from typing import IO, Any

import requests

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
from welcomemap.files import hash_file, output_error, parse_json, write_bytes, written_beside
from welcomemap.ingest.sources import Kind, Source

require_extra("ingest", by=__name__)

import osmium  # noqa: E402 - what the extra brings

_STATE_BYTES = 10_000


@dataclass(frozen=True)
class Version:
    """What a server said of one version of a file.

    ``validator`` is a strong ETag or a Last-Modified date, empty where the server gave neither;
    ``is_complete`` tells that all bytes have arrived and ``sha256`` is theirs. ``rows`` and
    ``placed_sha256`` are of the file that was put in its place, where it was.
    """

    url: str
    validator: str = ""
    is_complete: bool = False
    sha256: str = ""
    rows: int = 0
    placed_sha256: str = ""


@dataclass(frozen=True)
class FetchedFile:
    """A file that has arrived and was checked: where it is, its sha256, its rows."""

    source: Source
    path: Path
    sha256: str
    rows: int


@dataclass(frozen=True)
class Partial:
    """Two files in the folder of fetched parts: the bytes, and beside them their version.

    ``target`` is where the file is put once it is whole; then only its version stays in the folder.
    """

    folder: Path
    file_name: str
    target: Path | None = None

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
        is_intact = (
            not version.is_complete
            or _holds(self.path, version.sha256)
            or (self.target is not None and _holds(self.target, version.placed_sha256))
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

    def put_in_place(self, file: FetchedFile) -> None:
        """Give a whole file its place; an older one is there until then."""
        version = self.version(file.source.url)
        if file.path == self.target or self.target is None:
            return
        self.target.parent.mkdir(parents=True, exist_ok=True)
        with written_beside(self.target) as beside:
            shutil.move(file.path, beside)
        self.path.unlink(missing_ok=True)
        self.remember(replace(version, rows=file.rows, placed_sha256=hash_file(self.target)))


def _holds(path: Path, sha256: str) -> bool:
    return path.is_file() and hash_file(path) == sha256


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
_DAMAGES = (ValueError, RuntimeError, EOFError, zlib.error, zipfile.BadZipFile)
"""What reading a file raises that is of another kind or not whole."""
ZIP_SIGNATURE = b"PK\x03\x04"
_COPIED_BYTES = 1 << 20
_SHOWN_MEMBERS = 10


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
    except (OSError, JsonError, *_DAMAGES) as error:
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
        return _count_table_rows(stream)


def _count_table_rows(stream: IO[bytes]) -> int:
    full = (line for line in stream if line.strip())
    if next(full, b"").removeprefix(BOM_UTF8).lstrip().startswith(b"<"):
        raise _OtherKindError("a page of markup, not a table")
    return sum(1 for _ in full)


def _count_zipped_rows(path: Path) -> int:
    """Count the rows of the largest table; an archive without tables has its members for rows."""
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        if damaged is not None:
            raise _OtherKindError("member {name} is damaged", name=damaged)
        members = [m for m in archive.infolist() if m.filename.lower().endswith(_TABLE_SUFFIXES)]
        if not members:
            return len(archive.infolist())
        with archive.open(max(members, key=lambda member: member.file_size)) as stream:
            return _count_table_rows(stream)


def _count_streets(path: Path) -> int:
    if _PBF_HEADER not in _read_start(path):
        raise _OtherKindError("not an OpenStreetMap PBF file")
    file = osmium.io.File(str(path), "pbf")
    streets = osmium.FileProcessor(file, osmium.osm.WAY).with_filter(
        osmium.filter.KeyFilter("highway")
    )
    return sum(1 for _ in streets)


_SIGNATURES: Mapping[Kind, tuple[bytes, ...]] = {
    "osm": (b"<?xml", b"<osm"),
    "gz": (b"\x1f\x8b",),
    "bz2": (b"BZh",),
    "gpkg": (b"SQLite format 3\0",),
    "parquet": (b"PAR1",),
    "tif": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "xlsx": (ZIP_SIGNATURE,),
}
"""First bytes of files that are looked into only when they are read."""


def _count_one(signatures: tuple[bytes, ...], path: Path) -> int:
    if not _read_start(path).startswith(signatures):
        raise _OtherKindError("it begins as another kind of file does")
    return 1


def _read_start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(64)


_COUNTERS: Mapping[Kind, Callable[[Path], int]] = {
    "geojson": _count_features,
    "csv": _count_lines,
    "zip": _count_zipped_rows,
    "pbf": _count_streets,
    **{kind: bound(_count_one, signatures) for kind, signatures in _SIGNATURES.items()},
}


def _unpack(path: Path, name: str, source: Source) -> Path:
    """Return the one member of an archive that has a file's name, unpacked beside the archive.

    Raises
    ------
    FetchedFileError
        If the archive has no such member, several, or one that is damaged or too large.
    """
    unpacked = path.with_suffix(".whole")
    try:
        with zipfile.ZipFile(path) as archive:
            found = [m for m in archive.infolist() if Path(m.filename).name == name]
            if len(found) != 1:
                names = [m.filename for m in archive.infolist()][:_SHOWN_MEMBERS]
                raise _OtherKindError("one member {name} is expected in {names}", name=name,
                                      names=names)  # fmt: skip
            with archive.open(found[0]) as packed, unpacked.open("wb") as stream:
                _copy_bounded(packed, stream, source.max_bytes)
    except OSError as error:
        unpacked.unlink(missing_ok=True)
        raise output_error(unpacked, error) from error
    except _DAMAGES as error:
        unpacked.unlink(missing_ok=True)
        raise FetchedFileError(
            "what {url} gave cannot be unpacked: {error}",
            url=source.url,
            error=error,
            where=Place(source.file_name),
            how="Give the part's file the name of the member that is meant.",
        ) from error
    return unpacked


def _copy_bounded(packed: IO[bytes], stream: IO[bytes], max_bytes: int) -> None:
    size = 0
    while chunk := packed.read(_COPIED_BYTES):
        size += len(chunk)
        if size > max_bytes:
            raise _OtherKindError("unpacked it is larger than {max_bytes} bytes",
                                  max_bytes=max_bytes)  # fmt: skip
        stream.write(chunk)


OnProgress = Callable[[Source, int, int | None], None]
"""Called with the source, the bytes so far and the bytes in all (None: not known)."""


def tell_nobody(_source: Source, _here: int, _total: int | None) -> None:
    """Stand in where nobody wants to know how far it is."""


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


def fetch_all(
    sources: Iterable[Source],
    parts: Path,
    settings: FetchSettings | None = None,
    on_progress: OnProgress = tell_nobody,
    *,
    targets: Mapping[str, Path] | None = None,
) -> tuple[FetchedFile, ...]:
    """Fetch each source into the folder of parts, and return them when all have arrived.

    ``targets`` says by name where files will be put: what is there is asked for news only.

    Raises
    ------
    NetworkError
        If any could not be fetched; it names each of them. What did arrive is kept.
    FetchedFileError, HashMismatchError, OutputError
        See :func:`fetch_source`.
    """
    fetched, faults = [], []
    with requests.Session() as session:
        session.headers["User-Agent"] = "welcomemap (update of a region pack)"
        for source in sources:
            target = (targets or {}).get(source.name)
            try:
                fetched.append(
                    fetch_source(
                        session, source, parts, settings or FetchSettings(), on_progress, target
                    )
                )
            except NetworkError as error:
                faults.append(
                    fault(
                        "{source}: {error} (address last verified: {verified})",
                        source=source.name,
                        error=error,
                        verified=source.last_verified,
                    )
                )
    if faults:
        raise NetworkError(
            "{n_faults} of {n_sources} sources could not be fetched: {faults}",
            n_faults=len(faults),
            n_sources=len(fetched) + len(faults),
            faults=faults,
            how="Nothing was changed. Try again: what did arrive is kept. If an address has moved, "
            "mend it in the recipe or in a copy of the list (--sources on the command line), or "
            "empty it to go on without.",
        )
    return tuple(fetched)


def fetch_source(
    session: requests.Session,
    source: Source,
    parts: Path,
    settings: FetchSettings,
    on_progress: OnProgress,
    target: Path | None = None,
) -> FetchedFile:
    """Fetch one file into the folder of parts, taking up what an earlier run left there.

    Where a ``target`` is named and the address gives an archive that is none itself, it is the
    member of the target's name. The file is there already if the server says that it is unchanged.

    Raises
    ------
    NetworkError
        If the server refuses, or keeps failing; the bytes so far are kept.
    FetchedFileError, HashMismatchError
        If the content is not what the source promises; it is thrown away.
    OutputError
        If the bytes cannot be written.
    """
    partial = Partial(parts, source.file_name, target)
    version = _Download(session, source, partial, settings, on_progress).run()
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
    if target is not None and not partial.path.is_file():
        return FetchedFile(source, target, version.placed_sha256, version.rows)
    try:
        path, sha256 = partial.path, version.sha256
        if target is not None and source.kind not in _ARCHIVES and _is_archive(path):
            path = _unpack(path, target.name, source)
            sha256 = hash_file(path)
        return FetchedFile(source, path, sha256, count_rows(path, source))
    except FetchedFileError:
        partial.discard()
        raise


_ARCHIVES = ("zip", "xlsx")


def _is_archive(path: Path) -> bool:
    return _read_start(path).startswith(ZIP_SIGNATURE)


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
