"""A download in progress: bytes on disk, and what is known of the file they belong to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from welcomemap.files import hash_file, write_bytes

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
        is_intact = not version.is_complete or self._is_intact(version)
        return version if version.url == url and is_intact else Version(url)

    def _is_intact(self, version: Version) -> bool:
        return self.path.is_file() and hash_file(self.path) == version.sha256

    def remember(self, version: Version) -> None:
        """Write down which version the bytes belong to."""
        write_bytes(self._state_path, json.dumps(asdict(version)).encode("utf-8"))

    def discard(self) -> None:
        """Forget the bytes and their version."""
        self.path.unlink(missing_ok=True)
        self._state_path.unlink(missing_ok=True)

    def finish(self, version: Version) -> Version:
        """Mark the bytes as complete and return their version with its sha256."""
        with self.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        complete = Version(version.url, version.validator, is_complete=True, sha256=digest)
        self.remember(complete)
        return complete
