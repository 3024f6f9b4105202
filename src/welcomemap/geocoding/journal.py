"""Keep the rows done so far beside the output, so that a broken run can go on."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from welcomemap.errors import OutputError, Place, quote

FLUSH_SECONDS = 2.0
CANNOT_WRITE = "cannot write: "
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
                f"{CANNOT_WRITE}{error.strerror or error}",
                where=Place(output),
                how="Choose a folder that exists, is writable and has space.",
            ) from error
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
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
            raise self._fault(error.strerror or type(error).__name__, None) from error

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
            raise self._fault(error.strerror or kind.__name__, None) from error
        elif isinstance(error, OutputError):
            raise self._fault(error.what.removeprefix(CANNOT_WRITE), error.where) from error

    def append(self, row: Mapping[str, str]) -> None:
        """Add the next row; written to disk every two seconds."""
        self._write(row)
        if time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self._flush()

    def _fault(self, what: str, where: Place | None) -> OutputError:
        """Return the error of a run that could not go on, with what is left of it and where."""
        if not self._has_rows():
            self.path.unlink(missing_ok=True)
            return OutputError(
                f"{CANNOT_WRITE}{what}",
                where=where or Place(self._output),
                how="Make space, or choose another folder; nothing was changed.",
            )
        size = self.path.stat().st_size
        return OutputError(
            f"{CANNOT_WRITE}{what}",
            where=where or Place(self.path),
            how=f"Make space and run the command again: it goes on from {quote(self.path.name)} "
            f"beside the output ({size:,} bytes). Delete that file if you do not want to go on.",
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
