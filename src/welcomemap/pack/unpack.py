"""Unpack a zipped region pack that somebody sent: bounded, and never outside its folder."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath

from welcomemap.errors import PackError, Place, TooLargeError, quote
from welcomemap.pack.manifest import MANIFEST_NAME

MAX_FILES = 100
MAX_UNPACKED_BYTES = 200_000_000
ALLOWED_SUFFIXES = frozenset({".json", ".geojson", ".parquet", ".csv", ".md", ".txt"})
UNIX_LINK = 0o120000
_CHUNK = 1_000_000
MEND = "Zip the folder that holds datapackage.json, as welcomemap data build writes it."


def unpack_pack(content: bytes, folder: Path, *, name: str = "pack.zip") -> Path:
    """Unpack a zipped pack into an empty folder and return the folder of its manifest.

    Everything is checked before a byte is written, and the size of what is really unpacked is
    counted while writing, since a zip may lie about it.

    Raises
    ------
    PackError
        If it is no zip, is locked, holds no manifest, or a file in it would leave the folder, is a
        link or of a kind that no pack has.
    TooLargeError
        If it holds too many or too large files.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            root = _find_root(entries, name)
            _check_entries(entries, name)
            _write(archive, entries, folder, name)
    except (
        zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
        zlib.error, lzma.LZMAError, UnicodeError, struct.error,
    ) as error:  # fmt: skip
        raise PackError(
            f"the file is not a readable zip: {quote(error)}", where=Place(name), how=MEND
        ) from error
    return folder / root


def _find_root(entries: list[zipfile.ZipInfo], name: str) -> str:
    """Return the folder in the zip that holds the manifest: its top, or its only folder."""
    found = [
        PurePosixPath(entry.filename)
        for entry in entries
        if PurePosixPath(entry.filename).name == MANIFEST_NAME
    ]
    tops = [path for path in found if len(path.parts) <= 2]
    if len(tops) != 1:
        raise PackError(f"the zip holds no {MANIFEST_NAME}", where=Place(name), how=MEND)
    return str(tops[0].parent)


def _check_entries(entries: list[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > MAX_FILES:
        raise TooLargeError(
            f"the zip holds {len(entries)} files, at most {MAX_FILES} are taken",
            where=Place(name),
            how=MEND,
        )
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise _too_large(name)
    for entry in entries:
        path = PurePosixPath(entry.filename)
        shown = quote(entry.filename)
        is_outside = path.is_absolute() or ".." in path.parts or "\\" in entry.filename
        if is_outside or ":" in entry.filename or "\0" in entry.filename:
            raise PackError(f"{shown} would leave the folder", where=Place(name), how=MEND)
        if (entry.external_attr >> 16) & 0o170000 == UNIX_LINK:
            raise PackError(f"{shown} is a link", where=Place(name), how=MEND)
        if entry.flag_bits & 1:
            raise PackError(f"{shown} is locked with a password", where=Place(name), how=MEND)
        if path.suffix.lower() not in ALLOWED_SUFFIXES:
            raise PackError(
                f"{shown} is no file of a pack",
                where=Place(name),
                how=f"Leave it out; a pack holds {', '.join(sorted(ALLOWED_SUFFIXES))}.",
            )


def _write(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path, name: str
) -> None:
    left = MAX_UNPACKED_BYTES
    for entry in entries:
        target = folder / entry.filename
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, target.open("wb") as written:
            while part := source.read(_CHUNK):
                left -= len(part)
                if left < 0:
                    raise _too_large(name)
                written.write(part)


def _too_large(name: str) -> TooLargeError:
    return TooLargeError(
        f"the zip unpacks to more than {MAX_UNPACKED_BYTES / 1e6:g} MB", where=Place(name), how=MEND
    )
