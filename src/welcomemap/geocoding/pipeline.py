"""A table of addresses in, the same table with their places out: same rows, same order."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from welcomemap import __version__
from welcomemap.claims import check_outputs, claimed
from welcomemap.errors import (
    ColumnNameWarning,
    OutputError,
    Place,
    UsageError,
    WelcomemapWarning,
    quote,
)
from welcomemap.files import Written
from welcomemap.geocoding.columns import (
    AddressColumns,
    RowAddress,
    find_columns,
    read_addresses,
)
from welcomemap.geocoding.doubtful_cells import warn_of_cells
from welcomemap.geocoding.journal import Journal
from welcomemap.geocoding.other_places import hold_against, region_of
from welcomemap.geocoding.outcome import AddressGeocoder, Outcome
from welcomemap.geocoding.row_outcome import (
    OUTCOME_COLUMNS,
    ROW_KEYS,
    STATED_ELSEWHERE,
    add_degrees,
    answer_row,
)
from welcomemap.geocoding.summary import REVIEWED_OUTCOMES, PipelineSummary, ReviewRow
from welcomemap.sheets import MAX_BYTES, Sheet, read_table, write_csv, write_xlsx
from welcomemap.wording import Language

OUTPUT_FORMATS = (".csv", ".xlsx")


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
    language: Language = "de",
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
    language
        Of explanations and contradictions.
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
        If the input cannot be read (see :func:`welcomemap.sheets.read_table`).
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
    key = _hash_run(sheet, found, (language, crs, geocoder_version, __version__))
    with claimed([output]), Journal(output, key, ROW_KEYS, is_resuming=resume) as journal:
        rows = [dict(row) for row in journal.rows[: len(sheet.frame)]]
        n_resumed = len(rows)
        addresses, told = _read_rows(sheet, found, geocoder)
        with _show_progress(len(addresses), progress) as advance:
            advance(n_resumed)
            for address in addresses[n_resumed:]:
                row = answer_row(address, geocoder, language)
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
    language: Language = "de",
    progress: bool = False,
) -> GeocodedFrame:
    """Geocode a table that has been read; parameters as in :func:`geocode_file`.

    Raises
    ------
    MissingColumnError
        If no address column is found.
    """
    found = find_columns(sheet, columns)
    addresses, told = _read_rows(sheet, found, geocoder)
    rows: list[dict[str, str]] = []
    with _show_progress(len(sheet.frame), progress) as advance:
        for address in addresses:
            rows.append(answer_row(address, geocoder, language))
            advance(1)
    rows = add_degrees(rows, crs)
    frame, warnings = _join_columns(sheet, rows)
    warnings = (*sheet.warnings, *told, *warnings)
    return GeocodedFrame(frame, _summarise(rows, found, warnings))


def geocode_frame(
    frame: pd.DataFrame,
    geocoder: AddressGeocoder,
    crs: str,
    *,
    columns: Sequence[str] | None = None,
    language: Language = "de",
) -> GeocodedFrame:
    """Geocode a data frame; its cells are taken as text, missing ones as empty.

    Raises
    ------
    MissingColumnError
        If no address column is found.
    """
    text = frame.astype(object).where(frame.notna(), "").astype(str).reset_index(drop=True)
    return geocode_sheet(
        Sheet(text, "table", None, None), geocoder, crs, columns=columns, language=language
    )


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
            f"the column {quote(old)} of the table is called {quote(new)} in the output"
            f" ({sheet.place()}), because {quote(old)} is a column of the result."
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
    if output.suffix.lower() not in OUTPUT_FORMATS:
        raise UsageError(
            f"{quote(output.name)} is neither .csv nor .xlsx",
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
