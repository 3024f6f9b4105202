"""A table of addresses in, the same table with their places out: same rows, same order."""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Protocol

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from welcomemap import __version__
from welcomemap.crs import unproject
from welcomemap.errors import (
    ColumnNameWarning,
    Fault,
    OutputError,
    Place,
    UnreadableAddressError,
    UsageError,
    WelcomemapWarning,
    fault,
)
from welcomemap.files import Written, check_outputs, claimed
from welcomemap.geocoding import reasons
from welcomemap.geocoding.columns import AddressColumns, RowAddress, find_columns, read_addresses
from welcomemap.geocoding.interpolation import SAME_PLOT_RADIUS_M
from welcomemap.geocoding.outcome import AddressGeocoder, GeocodeResult, Outcome
from welcomemap.geocoding.unread_columns import hold_against, judge_others, region_of, warn_of_cells
from welcomemap.tabular import MAX_BYTES, Sheet, read_table, write_csv, write_xlsx

FLUSH_SECONDS = 2.0
FORMAT = "welcomemap-journal-1"


class Journal:
    """Rows of one run, appended to a file only its owner can read, and deleted on success.

    It holds what the output will hold (outcome columns), keyed by a hash of everything the answers
    depend on; a journal with another key, or a damaged one, is not used.

    Parameters
    ----------
    output
        The table that will be written; the journal lies beside it.
    key
        Hash of input, columns, language and geocoder.
    row_keys
        Keys every row has.
    is_resuming
        Take over the rows of an earlier run with the same key.

    Raises
    ------
    OutputError
        If the folder of ``output`` cannot be written.
    """

    def __init__(
        self, output: Path, key: str, row_keys: frozenset[str], *, is_resuming: bool
    ) -> None:
        self._output = output
        self.path = output.parent / f".{output.name}.journal"
        self._header = {"format": FORMAT, "key": key}
        self._row_keys = row_keys
        self.rows: Sequence[Mapping[str, str]] = ()
        self._flushed_at = time.monotonic()
        kept = self._read() if is_resuming else 0
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError as error:
            raise OutputError(
                "cannot write: {error}",
                error=error,
                where=Place(output),
                how="Choose a folder that exists, is writable and has space.",
            ) from error
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")
        try:
            # What is kept stays where it is: on a full disk it could not be written again.
            os.ftruncate(descriptor, kept)
            self._file.seek(kept)
            if not kept:
                self._write(self._header)
            self._flush()
        except OSError as error:
            with suppress(OSError):
                self._file.close()
            raise self._fail(fault("cannot write: {error}", error=error), None) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close; delete after success, keep after an error so that the next run can go on.

        Raises
        ------
        OutputError
            In place of an error of the disk: it says where the rows done so far are kept.
        """
        with suppress(OSError):
            self._flush()
        with suppress(OSError):
            self._file.close()
        if kind is None:
            self.path.unlink(missing_ok=True)
        elif isinstance(error, OSError):
            raise self._fail(fault("cannot write: {error}", error=error), None) from error
        elif isinstance(error, OutputError):
            raise self._fail(error.fault, error.where) from error

    def append(self, row: Mapping[str, str]) -> None:
        """Add the next row; written to disk every two seconds."""
        self._write(row)
        if time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self._flush()

    def _fail(self, what: Fault, where: Place | None) -> OutputError:
        """Return the error of a run that could not go on, with what is left of it and where."""
        if not self._has_rows():
            self.path.unlink(missing_ok=True)
            return OutputError(
                what,
                where=where or Place(self._output),
                how="Make space, or choose another folder; nothing was changed.",
            )
        size = self.path.stat().st_size
        return OutputError(
            what,
            name=self.path.name,
            size=size,
            where=where or Place(self.path),
            how="Make space and run the command again: it goes on from {name} beside the output "
            "({size:,} bytes). Delete that file if you do not want to go on.",
        )

    def _write(self, value: Mapping[str, str]) -> None:
        self._file.write(json.dumps(value, ensure_ascii=True) + "\n")

    def _flush(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._flushed_at = time.monotonic()

    def _has_rows(self) -> bool:
        """Tell whether rows of this run have come to lie on the disk."""
        try:
            return self.path.stat().st_size > len(json.dumps(self._header)) + 1
        except OSError:
            return False

    def _read(self) -> int:
        """Take over the rows of an earlier run; returns the size in bytes of what can be used."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except OSError:
            return 0
        rows: list[Mapping[str, str]] = []
        kept = 0
        for i, line in enumerate(lines[:-1]):
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                break
            if i == 0:
                if value != self._header:
                    return 0
            elif isinstance(value, dict) and value.keys() == self._row_keys:
                rows.append({str(k): str(v) for k, v in value.items()})
            else:
                break
            kept += len(line) + 1
        self.rows = rows
        return kept


REVIEWED_OUTCOMES = frozenset(
    {Outcome.AMBIGUOUS, Outcome.OUTSIDE, Outcome.NOT_FOUND, Outcome.STREET, Outcome.NEAREST_NUMBER}
)
"""Outcomes a person must look at; any contradiction is another reason to."""


@dataclass(frozen=True)
class ReviewRow:
    """A row a person must look at.

    Attributes
    ----------
    row
        Number of the data row in the input, from 1.
    lat, lon
        WGS 84 degrees, ``None`` where there is no place.
    """

    row: int
    outcome: Outcome
    matched: str
    lat: float | None
    lon: float | None
    error_radius_m: float | None
    contradictions: str
    explanation: str


@dataclass(frozen=True)
class PipelineSummary:
    """What became of the rows of a table.

    Attributes
    ----------
    rows
        Number of data rows.
    outcomes
        Number of rows by outcome; outcomes that do not occur are left out.
    contradictions
        Number of rows where something given contradicts the match.
    stated_district_contradictions
        Numbers of the rows that lie in another district than their table states.
    review
        Rows a person must look at, in order.
    resumed
        Rows taken over from an earlier, broken run.
    address_columns
        Columns the addresses were read from.
    columns
        What each column was used as, and which were not; ``None`` if there was no table.
    warnings
        What was unusual about the input.
    written
        The output file; ``None`` if none was written.
    """

    rows: int
    outcomes: Mapping[Outcome, int]
    contradictions: int
    stated_district_contradictions: tuple[int, ...]
    review: tuple[ReviewRow, ...]
    resumed: int = 0
    address_columns: tuple[str, ...] = ()
    columns: AddressColumns | None = None
    warnings: tuple[WelcomemapWarning, ...] = ()
    written: Written | None = None

    @property
    def match_rate(self) -> float:
        """Share of rows (0-1) that have a place."""
        lost = {Outcome.AMBIGUOUS, Outcome.OUTSIDE, Outcome.NOT_FOUND}
        placed = sum(n for outcome, n in self.outcomes.items() if outcome not in lost)
        return placed / self.rows if self.rows else 0.0


OUTCOME_COLUMNS = (
    "outcome", "matched", "lat", "lon", "error_radius_m", "district", "quarter",
    "contradictions", "explanation",
)  # fmt: skip
"""Columns added to the table, in this order. ``error_radius_m`` is rounded up to whole metres,
``lat`` and ``lon`` have seven decimals (1 cm)."""

STATED_ELSEWHERE = "stated_elsewhere"
"""Whether the table states another district; not written to the output."""

ROW_KEYS = frozenset({*OUTCOME_COLUMNS, "x", "y", STATED_ELSEWHERE}) - {"lat", "lon"}
"""What is kept of a row while a run lasts; ``x``, ``y`` become degrees at its end, all at once."""


class RowTeller(Protocol):
    """Puts an answer into words; ``repr()`` names everything that its words depend on."""

    def __call__(self, result: GeocodeResult, /) -> tuple[str, str]:
        """Return the cells ``contradictions`` and ``explanation`` of a row."""


@dataclass(frozen=True)
class PlainTeller:
    """Tells every reason by its own plain line."""

    def __call__(self, result: GeocodeResult, /) -> tuple[str, str]:
        """Return the cells ``contradictions`` and ``explanation`` of a row."""
        told = map(str, (*result.explanation, *result.notes))
        return "; ".join(map(str, result.contradictions)), "; ".join(told)


PLAINLY = PlainTeller()


def answer_row(
    address: RowAddress, geocoder: AddressGeocoder, tell: RowTeller = PLAINLY
) -> dict[str, str]:
    """Return what became of a row, as text under :data:`ROW_KEYS`."""
    result, is_elsewhere = answer_address(address, geocoder)
    radius_m = result.error_radius_m
    contradictions, explanation = tell(result)
    return {
        "outcome": result.outcome.value,
        "matched": result.matched or "",
        "x": "" if result.x is None else repr(float(result.x)),
        "y": "" if result.y is None else repr(float(result.y)),
        "error_radius_m": "" if radius_m is None else str(math.ceil(radius_m)),
        "district": "" if result.district is None else str(result.district),
        "quarter": result.quarter or "",
        "contradictions": contradictions,
        "explanation": explanation,
        STATED_ELSEWHERE: "1" if is_elsewhere else "",
    }


def answer_address(address: RowAddress, geocoder: AddressGeocoder) -> tuple[GeocodeResult, bool]:
    """Return where the address of a row lies, and whether the row states another district."""
    if not address.text:
        result = GeocodeResult(Outcome.NOT_FOUND, (reasons.EmptyRow(),))
    else:
        try:
            result = geocoder.geocode(address.text, stated_district=address.stated_district)
        except UnreadableAddressError as error:
            result = GeocodeResult(Outcome.NOT_FOUND, (reasons.NoAddress(error.fault),))
    result = judge_others(_weaken(result, address), address, geocoder)
    return _compare_districts(result, address.stated_districts)


def _weaken(result: GeocodeResult, address: RowAddress) -> GeocodeResult:
    """Say what was left out of a row; a house is only near where its number has more beside it."""
    if address.dropped:
        result = replace(result, notes=(*result.notes, reasons.CellDropped(address.dropped)))
    if not address.unsure or result.outcome not in {Outcome.EXACT, Outcome.CORRECTED}:
        return result
    unread, number = ", ".join(address.unsure), result.house_number or ""
    before = result.explanation if result.outcome is Outcome.CORRECTED else ()
    said = (*before, reasons.NumberPartlyRead(number, unread), reasons.NumberShown(number))
    radius_m = max(SAME_PLOT_RADIUS_M, result.error_radius_m or 0.0)
    told = [reasons.NotUnderstood(cell) for cell in address.unsure]
    return replace(
        result, outcome=Outcome.NEAREST_NUMBER, explanation=said, error_radius_m=radius_m,
        notes=tuple(note for note in result.notes if note not in told),
    )  # fmt: skip


def add_degrees(rows: Sequence[Mapping[str, str]], crs: str) -> list[dict[str, str]]:
    """Add ``lat`` and ``lon`` (WGS 84, empty without place) to rows of :func:`answer_row`."""
    points = np.array([(float(r["x"] or "nan"), float(r["y"] or "nan")) for r in rows])
    points = points.reshape(-1, 2)
    is_placed = np.isfinite(points).all(axis=1)
    lat, lon = np.full((2, len(points)), np.nan)
    lat[is_placed], lon[is_placed] = unproject(points[is_placed], crs=crs)
    return [
        dict(row) | {"lat": f"{a:.7f}" if ok else "", "lon": f"{o:.7f}" if ok else ""}
        for row, ok, a, o in zip(rows, is_placed, lat, lon, strict=True)
    ]


def _compare_districts(
    result: GeocodeResult, stated: tuple[int, ...]
) -> tuple[GeocodeResult, bool]:
    """Report a place in none of the stated districts (the geocoder knows of one at most)."""
    if not stated or result.district is None or result.district in stated:
        return result, False
    told = reasons.OtherDistrict(tuple(stated), result.district)
    if told in result.contradictions:
        return result, True
    return replace(result, contradictions=(*result.contradictions, told)), True


@dataclass(frozen=True)
class GeocodedFrame:
    """The table with its outcome columns (all text), and what became of its rows."""

    frame: pd.DataFrame
    summary: PipelineSummary


def geocode_file(
    source: str | Path,
    output: Path,
    geocoder: AddressGeocoder,
    crs: str,
    *,
    columns: Sequence[str] | None = None,
    tell: RowTeller = PLAINLY,
    progress: bool = True,
    resume: bool = True,
    geocoder_version: str = "",
    max_bytes: int = MAX_BYTES,
) -> PipelineSummary:
    """Geocode a CSV or XLSX table and write it again with the outcome columns.

    A CSV output keeps the delimiter of a CSV input, and a byte-order mark where the input was not
    plain UTF-8 (it came from Excel and goes back there). While it runs, finished rows lie in a
    journal beside the output; a run that was broken off goes on from there.

    Parameters
    ----------
    source, output
        Different files; ``output`` ends in ``.csv`` or ``.xlsx``.
    geocoder
        The gazetteer's, or one with services behind it.
    crs
        Metric CRS of the geocoder's x and y.
    columns
        Names of the columns that make up the address, in order; found by their names if empty.
    tell
        Words explanations and contradictions.
    progress
        Show a bar on standard error.
    resume
        Go on from the journal of a broken run on the same input.
    geocoder_version
        Anything that changes when answers may change (a hash of the pack and the services' names).

    Raises
    ------
    UsageError
        If the output is the input or of another format.
    TableError, TooLargeError
        If the input cannot be read (see :func:`welcomemap.tabular.read_table`).
    MissingColumnError
        If no address column is found.
    OutputError
        If the output cannot be written, or another run is writing it; an older output stays as it
        was.
    """
    _check_output(output)
    check_outputs([output], [source])
    sheet = read_table(source, max_bytes=max_bytes)
    found = find_columns(sheet, columns)
    key = _hash_run(sheet, found, (repr(tell), crs, geocoder_version, __version__))
    with claimed([output]), Journal(output, key, ROW_KEYS, is_resuming=resume) as journal:
        rows = [dict(row) for row in journal.rows[: len(sheet.frame)]]
        n_resumed = len(rows)
        addresses, told = _read_rows(sheet, found, geocoder)
        with _show_progress(len(addresses), progress) as advance:
            advance(n_resumed)
            for address in addresses[n_resumed:]:
                row = answer_row(address, geocoder, tell)
                journal.append(row)
                rows.append(row)
                advance(1)
        rows = add_degrees(rows, crs)
        frame, warnings = _join_columns(sheet, rows)
        written = _write(frame, output, sheet)
    warnings = (*sheet.warnings, *told, *warnings)
    summary = _summarise(rows, found, warnings)
    return replace(summary, resumed=n_resumed, written=written)


def geocode_sheet(
    sheet: Sheet,
    geocoder: AddressGeocoder,
    crs: str,
    *,
    columns: Sequence[str] | None = None,
    tell: RowTeller = PLAINLY,
) -> GeocodedFrame:
    """Geocode a table that has been read; parameters as in :func:`geocode_file`.

    Raises
    ------
    MissingColumnError
        If no address column is found.
    """
    found = find_columns(sheet, columns)
    addresses, told = _read_rows(sheet, found, geocoder)
    rows = add_degrees([answer_row(address, geocoder, tell) for address in addresses], crs)
    frame, warnings = _join_columns(sheet, rows)
    warnings = (*sheet.warnings, *told, *warnings)
    return GeocodedFrame(frame, _summarise(rows, found, warnings))


def as_sheet(frame: pd.DataFrame, name: str = "table") -> Sheet:
    """Return a data frame as a table that was read: its cells as text, missing ones as empty."""
    text = frame.astype(object).where(frame.notna(), "").astype(str).reset_index(drop=True)
    # A file without a header has numbers for names.
    return Sheet(text.set_axis([str(label) for label in frame.columns], axis=1), name, None, None)


def locate_rows(
    sheet: Sheet, geocoder: AddressGeocoder, columns: Sequence[str] | None = None
) -> tuple[list[GeocodeResult], tuple[WelcomemapWarning, ...]]:
    """Return where the address of each row lies, in order, and what was unusual about the table.

    Raises
    ------
    MissingColumnError
        If no address column is found.
    """
    addresses, told = _read_rows(sheet, find_columns(sheet, columns), geocoder)
    return [answer_address(address, geocoder)[0] for address in addresses], told


def _read_rows(
    sheet: Sheet, columns: AddressColumns, geocoder: AddressGeocoder
) -> tuple[list[RowAddress], tuple[WelcomemapWarning, ...]]:
    """Return the address of each row, and tell what was left out and what was not read."""
    addresses = list(read_addresses(sheet.frame, columns))
    rows, told = hold_against(sheet, columns, addresses, region_of(geocoder))
    return rows, (*warn_of_cells(sheet, addresses), *told)


def _join_columns(
    sheet: Sheet, rows: Sequence[Mapping[str, str]]
) -> tuple[pd.DataFrame, tuple[WelcomemapWarning, ...]]:
    """Put the outcome columns behind the table's own; clashing ones of the table are renamed."""
    clashing = [column for column in sheet.frame.columns if str(column) in OUTCOME_COLUMNS]
    renamed: dict[str, str] = {}
    for column in clashing:
        name = f"{column}_given"
        while name in sheet.frame.columns or name in renamed.values():
            name += "_given"
        renamed[column] = name
    added = pd.DataFrame(
        {column: [row[column] for row in rows] for column in OUTCOME_COLUMNS},
        index=sheet.frame.index,
        dtype=str,
    )
    warnings = tuple(
        ColumnNameWarning(
            "the column {old} of the table is called {new} in the output ({place}), because "
            "{old} is a column of the result",
            old=old,
            new=new,
            place=sheet.place(),
        )
        for old, new in renamed.items()
    )
    return pd.concat([sheet.frame.rename(columns=renamed), added], axis=1), warnings


def _summarise(
    rows: Sequence[Mapping[str, str]],
    columns: AddressColumns,
    warnings: tuple[WelcomemapWarning, ...],
) -> PipelineSummary:
    counts = Counter(Outcome(row["outcome"]) for row in rows)
    return PipelineSummary(
        rows=len(rows),
        outcomes={outcome: counts[outcome] for outcome in Outcome if counts[outcome]},
        contradictions=sum(bool(row["contradictions"]) for row in rows),
        stated_district_contradictions=tuple(
            i for i, row in enumerate(rows, start=1) if row[STATED_ELSEWHERE]
        ),
        review=tuple(
            _review(i, row)
            for i, row in enumerate(rows, start=1)
            if row["contradictions"] or Outcome(row["outcome"]) in REVIEWED_OUTCOMES
        ),
        address_columns=columns.used,
        columns=columns,
        warnings=warnings,
    )


def _review(number: int, row: Mapping[str, str]) -> ReviewRow:
    lat, lon, radius_m = (
        float(row[column]) if row[column] else None for column in ("lat", "lon", "error_radius_m")
    )
    return ReviewRow(
        number, Outcome(row["outcome"]), row["matched"], lat, lon, radius_m,
        row["contradictions"], row["explanation"],
    )  # fmt: skip


def _check_output(output: Path) -> None:
    if output.suffix.lower() not in {".csv", ".xlsx"}:
        raise UsageError(
            "{name} is neither .csv nor .xlsx",
            name=output.name,
            how="Let the name of the output end in .csv or .xlsx.",
        )
    if output.exists() and not output.is_file():
        raise OutputError(
            "cannot write: a folder or a device has this name",
            where=Place(output),
            how="Give the output a name of its own.",
        )


def _write(frame: pd.DataFrame, output: Path, sheet: Sheet) -> Written:
    if output.suffix.lower() == ".xlsx":
        numbers = {c: pd.to_numeric(frame[c]) for c in ("lat", "lon", "error_radius_m", "district")}
        return write_xlsx(frame.assign(**numbers), output)
    has_bom = sheet.encoding not in {None, "utf-8"}
    return write_csv(frame, output, delimiter=sheet.delimiter or ",", has_bom=has_bom)


def _hash_run(sheet: Sheet, columns: AddressColumns, settings: Sequence[str]) -> str:
    """Hash everything the rows of the output depend on."""
    digest = hashlib.sha256(json.dumps([repr(columns), *settings]).encode())
    digest.update(json.dumps([str(column) for column in sheet.frame.columns]).encode())
    for column in sheet.frame.columns:
        digest.update(json.dumps(sheet.frame[column].tolist()).encode())
    return digest.hexdigest()


@contextmanager
def _show_progress(total: int, is_shown: bool) -> Iterator[Callable[[int], None]]:
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not is_shown or not console.is_terminal,
    )
    with bar:
        task = bar.add_task("geocode", total=total)
        yield lambda n: bar.advance(task, n)
