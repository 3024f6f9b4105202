"""The editable list of official files: where each is, and under what licence."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from welcomemap.errors import InputError, JsonError, Place, fault
from welcomemap.files import read_input, shape_json

Kind = Literal[
    "geojson", "csv", "zip", "pbf", "osm", "gz", "bz2", "gpkg", "parquet", "tif", "xlsx"
]  # fmt: skip
KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)} | {
    "json": "geojson", "txt": "csv", "tiff": "tif",
}  # fmt: skip
"""What the end of a file's name says of its content."""
DEFAULT_MAX_BYTES = 2_000_000_000
_HOW = fault("Mend the entry; the list that comes with the program shows every field.")


class SourceListError(InputError):
    """The list of sources cannot be read, or an entry lacks a field."""


@dataclass(frozen=True)
class Source:
    """One official file.

    ``url`` is empty where no address is known; ``sha256`` is empty where any content is accepted;
    ``last_verified`` is an ISO date or ``"never"``.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,40}\Z")]
    title: str
    url: str
    page: str
    kind: Kind
    layers: tuple[str, ...]
    licence: Annotated[str, Meta(pattern=r"\S")]
    publisher: str
    last_verified: Annotated[str, Meta(pattern=r"^(never|\d{4}-\d{2}-\d{2})\Z")] = "never"
    max_bytes: Annotated[int, Meta(gt=0)] = DEFAULT_MAX_BYTES
    sha256: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")] = ""

    @property
    def file_name(self) -> str:
        """Name of the fetched file, made from the entry's name alone."""
        return f"{self.name}.{'osm.pbf' if self.kind == 'pbf' else self.kind}"

    @property
    def attribution(self) -> str:
        """Publisher, title and address, as the pack's manifest names a source."""
        return f"{self.publisher}: {self.title} ({self.url})"


def read_sources(path: Path | None = None) -> tuple[Source, ...]:
    """Read a list of sources, by default the one that comes with the program.

    Raises
    ------
    SourceListError
        If the file is missing or not TOML, an entry lacks a field, or two share a name.
    """
    if path is None:
        text = resources.files("welcomemap.ingest").joinpath("sources.toml").read_text("utf-8")
    else:
        text = _read_text(path)
    where = Place(path or "sources.toml")
    try:
        entries = tomllib.loads(text).get("source", [])
    except tomllib.TOMLDecodeError as error:
        raise SourceListError(
            "the list of sources is not TOML: {error}", error=error, where=where, how=_HOW
        ) from error
    if not isinstance(entries, list) or not entries:
        raise SourceListError("the list names no [[source]]", where=where, how=_HOW)
    sources = tuple(_read_entry(e, Place(where.path, row=n)) for n, e in enumerate(entries, 1))
    names = [source.name for source in sources]
    for row, name in enumerate(names, start=1):
        if name in names[: row - 1]:
            raise SourceListError(
                "two sources are named {name}",
                name=name,
                where=Place(where.path, row=row),
                how=_HOW,
            )
    return sources


def _read_text(path: Path) -> str:
    try:
        return read_input(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceListError(
            "the list of sources cannot be read: {error}",
            error=error,
            where=Place(path),
            how="Give a TOML file in UTF-8 (--sources on the command line).",
        ) from error


def _read_entry(entry: object, where: Place) -> Source:
    try:
        # A date of TOML may stand without quotation marks.
        source = shape_json(msgspec.to_builtins(entry), Source)
    except JsonError as error:
        raise SourceListError(error.fault, where=where, how=_HOW) from error
    address = urlsplit(source.url)
    is_address = address.scheme in ("http", "https") and bool(address.hostname)
    if source.url and (not is_address or address.password is not None):
        raise SourceListError(
            "the address {url} cannot be used",
            url=source.url,
            where=Place(where.path, row=where.row, column="url"),
            how=_HOW,
        )
    return source
