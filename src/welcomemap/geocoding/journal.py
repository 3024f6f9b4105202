"""Keep the rows done so far beside the output, so that a broken run can go on."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from welcomemap.errors import OutputError, Place

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
        self.path = output.parent / f".{output.name}.journal"
        self._header = {"format": FORMAT, "key": key}
        self._row_keys = row_keys
        self.rows: Sequence[Mapping[str, str]] = self._read() if is_resuming else ()
        self._flushed_at = time.monotonic()
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise OutputError(
                f"cannot write: {error.strerror or error}",
                where=Place(output),
                how="Choose a folder that exists, is writable and has space.",
            ) from error
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
        self._write(self._header)
        for row in self.rows:
            self._write(row)
        self._flush()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close; delete after success, keep after an error so that the next run can go on."""
        self._flush()
        self._file.close()
        if kind is None:
            self.path.unlink(missing_ok=True)

    def append(self, row: Mapping[str, str]) -> None:
        """Add the next row; written to disk every two seconds."""
        self._write(row)
        if time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self._flush()

    def _write(self, value: Mapping[str, str]) -> None:
        self._file.write(json.dumps(value, ensure_ascii=True) + "\n")

    def _flush(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._flushed_at = time.monotonic()

    def _read(self) -> Sequence[Mapping[str, str]]:
        try:
            lines = self.path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            return ()
        rows: list[Mapping[str, str]] = []
        for i, line in enumerate(lines[:-1]):
            try:
                value = json.loads(line)
            except ValueError:
                break
            if i == 0:
                if value != self._header:
                    return ()
            elif isinstance(value, dict) and value.keys() == self._row_keys:
                rows.append({str(k): str(v) for k, v in value.items()})
            else:
                break
        return rows
