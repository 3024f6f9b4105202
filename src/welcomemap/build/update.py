"""Fetch the official files and make a fresh region pack of them: all of it, or nothing.

Files arrive in a folder beside the pack, where a later run takes them up again; the pack itself
appears by a rename once every source has been fetched, checked and worked in. This module is the
only one of the builder that uses the network.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from welcomemap.build.fetched import FetchedFileError, count_rows
from welcomemap.build.http_rules import (
    ask_for_rest,
    read_total_bytes,
    read_validator,
    read_wait,
)
from welcomemap.build.partial import Partial, Version
from welcomemap.build.progress import OnProgress, show_progress
from welcomemap.build.publish import claim_target, parts_folder, publish_pack
from welcomemap.build.refresh import FetchedFile, Update, make_fresh_pack
from welcomemap.build.sources import Source, read_sources
from welcomemap.errors import (
    HashMismatchError,
    NetworkError,
    OutputError,
    Place,
    quote,
)
from welcomemap.pack.load import RegionPack, load_pack

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

    def __init__(self, what: str, wait_s: float | None = None) -> None:
        super().__init__(what)
        self.wait_s = wait_s


def update_sources(
    out: Path,
    *,
    sources: Path | None = None,
    base: RegionPack | None = None,
    settings: FetchSettings | None = None,
    on_progress: OnProgress | None = None,
) -> Update:
    """Fetch every source that has an address and publish a fresh pack in ``out``.

    Parameters
    ----------
    out
        Folder of the new pack; a pack that is there already is replaced at the very end.
    sources
        An own list of sources (TOML); by default the one that comes with the program.
    base
        The pack whose other layers and settings are kept; by default the one in use.
    on_progress
        Told about each piece that arrives; by default a bar on standard error.

    Raises
    ------
    SourceListError, NetworkError, FetchedFileError, HashMismatchError, PackError, OutputError
        With the pack in ``out`` untouched. Sources that did arrive are kept for the next run.
    """
    wanted = read_sources(sources)
    pack = base or load_pack()
    parts = parts_folder(out)
    with claim_target(out, () if sources is None else (sources,)):
        with requests.Session() as session, show_progress(on_progress) as progress:
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
            faults.append(f"{source.name}: {error.what}")
    if faults:
        raise NetworkError(
            f"{len(faults)} of {len(fetched) + len(faults)} sources could not be fetched: "
            + "; ".join(faults),
            how="Try again: what did arrive is kept. If an address has moved, mend it in a copy of "
            "the list, or empty it to go on without, and give the copy with --sources.",
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
            f"{quote(source.url)} has sha256 {version.sha256}, the list asks for {source.sha256}",
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
                raise NetworkError(f"the address cannot be asked: {quote(error)}") from error
            except OSError as error:
                raise OutputError(
                    f"what arrives cannot be written: {error.strerror or error}",
                    where=Place(self.partial.path),
                    how="Choose a folder that is writable and has space.",
                ) from error

    def _wait(self, error: Exception, failures: int, end: float) -> None:
        fault = error.what if isinstance(error, _TryAgainError) else _plain(error)
        retries = (
            min(self.settings.retries, 1) if _is_out_of_reach(error) else self.settings.retries
        )
        if failures > retries:
            raise NetworkError(f"{fault}, tried {failures} times") from error
        wait_s = self.settings.backoff_s * 2 ** (failures - 1)
        if isinstance(error, _TryAgainError) and error.wait_s is not None:
            wait_s = max(error.wait_s, 0.0)
        if wait_s > self.settings.max_wait_s or time.monotonic() + wait_s > end:
            raise NetworkError(f"{fault}, and asks to wait {wait_s:.0f} s") from error
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
                    raise NetworkError(f"not complete after {self.settings.max_seconds:.0f} s")
        if total is not None and here != total:
            raise _TryAgainError(f"the answer broke off after {here} of {total} bytes")
        if not here:
            raise _TryAgainError("the answer is empty")
        return self.partial.finish(version)

    def _refuse_size(self, size: int) -> None:
        if size > self.source.max_bytes:
            self.partial.discard()
            raise NetworkError(
                f"the file has {size} bytes or more, the list allows {self.source.max_bytes}"
            )


def _refuse_downgrade(source: Source, response: requests.Response) -> None:
    addresses = [hop.url for hop in (*response.history, response)]
    if source.url.startswith("https:") and any(url.startswith("http:") for url in addresses):
        raise NetworkError("the address leads from https to an unprotected http address")


def _refuse_status(response: requests.Response) -> None:
    status = response.status_code
    if status in WORTH_ANOTHER_TRY:
        raise _TryAgainError(
            f"the server answers {status}", read_wait(response.headers.get("Retry-After", ""))
        )
    if status not in (200, PARTIAL_CONTENT):
        raise NetworkError(f"the server answers {status} {quote(response.reason)}")


def _is_out_of_reach(error: Exception) -> bool:
    """Tell whether no connection came about: urllib3 then names a reason. Waiting seldom helps."""
    cause = error.args[0] if error.args else None
    return isinstance(error, requests.ConnectionError) and hasattr(cause, "reason")


def _plain(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "the server does not answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the answer broke off"
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate is not accepted"
    return "no connection to the server"
