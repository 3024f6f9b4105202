"""The editable list of official files: where each is, and under what licence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

from welcomemap.errors import InputError, Place, fault
from welcomemap.files import read_input

Kind = Literal["geojson", "csv", "zip", "pbf"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NEVER = "never"
DEFAULT_MAX_BYTES = 2_000_000_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HOW = fault("Mend the entry; the list that comes with the program shows every field.")


class SourceListError(InputError):
    """The list of sources cannot be read, or an entry lacks a field."""


@dataclass(frozen=True)
class Source:
    """One official file.

    ``url`` is empty where no address is known; ``sha256`` is empty where any content is accepted;
    ``last_verified`` is an ISO date or ``"never"``.
    """

    name: str
    title: str
    url: str
    page: str
    kind: Kind
    layers: tuple[str, ...]
    licence: str
    publisher: str
    last_verified: str
    max_bytes: int = DEFAULT_MAX_BYTES
    sha256: str = ""

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
            how="Give a TOML file in UTF-8 with --sources.",
        ) from error


def _read_entry(entry: object, where: Place) -> Source:
    if not isinstance(entry, Mapping):
        raise SourceListError("a source is not a table of fields", where=where, how=_HOW)
    layers = entry.get("layers")
    source = Source(
        name=_text(entry, "name", where),
        title=_text(entry, "title", where),
        url=_text(entry, "url", where),
        page=_text(entry, "page", where),
        kind=cast(Kind, _text(entry, "kind", where)),
        layers=tuple(str(name) for name in layers) if isinstance(layers, list) else (),
        licence=_text(entry, "licence", where),
        publisher=_text(entry, "publisher", where),
        last_verified=str(entry.get("last_verified", NEVER)),
        max_bytes=_bound(entry, where),
        sha256=str(entry.get("sha256", "")),
    )
    _check(source, where)
    return source


def _text(entry: Mapping[str, Any], field: str, where: Place) -> str:
    value = entry.get(field)
    if not isinstance(value, str):
        raise SourceListError(
            "the field {field} is missing or no text",
            field=field,
            where=Place(where.path, row=where.row, column=field),
            how=_HOW,
        )
    return value.strip()


def _bound(entry: Mapping[str, Any], where: Place) -> int:
    value = entry.get("max_bytes", DEFAULT_MAX_BYTES)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise SourceListError(
            "max_bytes is not a positive whole number",
            where=Place(where.path, row=where.row, column="max_bytes"),
            how=_HOW,
        )
    return value


def _check(source: Source, where: Place) -> None:
    address = urlsplit(source.url)
    is_address = address.scheme in ("http", "https") and bool(address.hostname)
    faults = {
        "name": not _NAME.fullmatch(source.name),
        "url": bool(source.url) and (not is_address or address.password is not None),
        "kind": source.kind not in KINDS,
        "last_verified": source.last_verified != NEVER
        and not _DATE.fullmatch(source.last_verified),
        "sha256": bool(source.sha256) and not _SHA256.fullmatch(source.sha256),
        "licence": not source.licence,
    }
    for field, is_faulty in faults.items():
        if is_faulty:
            raise SourceListError(
                "the field {field} cannot be used: {text}",
                field=field,
                text=getattr(source, field),
                where=Place(where.path, row=where.row, column=field),
                how=_HOW,
            )
