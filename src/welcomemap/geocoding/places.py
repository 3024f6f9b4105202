"""Which facility? Advice offices found by their name."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from welcomemap.crs import project
from welcomemap.geocoding.spelling import plain_key

MIN_NAME = 6
"""Shorter keys name no facility."""
MIN_SIMILARITY = 90
"""Least similarity (0-100) of a mistyped name; below it another facility may be meant."""
SAME_SITE_M = 60.0
_LEGAL_FORM = re.compile(r"[\s,]+(?:e\.?\s?v\.?|g?gmbh|gag|ag|stiftung)$", re.IGNORECASE)


@dataclass(frozen=True)
class Facility:
    """A facility and its place: x, y in metres in the region's CRS."""

    name: str
    street: str
    house_number: str
    postcode: str | None
    x: float
    y: float


@dataclass(frozen=True)
class PlaceIndex:
    """Facilities by the key of their name; one name may stand for several sites."""

    by_key: dict[str, tuple[Facility, ...]] = field(default_factory=dict)

    @property
    def sites(self) -> list[Facility]:
        """One facility for each address."""
        found = {(s.street, s.house_number): s for sites in self.by_key.values() for s in sites}
        return list(found.values())

    @property
    def postcodes(self) -> frozenset[str]:
        """Postcodes of the facilities."""
        return frozenset(s.postcode for sites in self.by_key.values() for s in sites if s.postcode)

    @classmethod
    def from_table(cls, table: pd.DataFrame | None, crs: str) -> PlaceIndex:
        """Index a table of facilities (see :data:`welcomemap.tables.ADVICE_OFFICE_COLUMNS`)."""
        if table is None or table.empty:
            return cls()
        lat = pd.to_numeric(table["lat"], errors="coerce").to_numpy(dtype=float)
        lon = pd.to_numeric(table["lon"], errors="coerce").to_numpy(dtype=float)
        points = project(lon, lat, crs=crs)
        by_key: dict[str, list[Facility]] = {}
        rows = table.to_dict("records")
        for row, (x, y) in zip(rows, points, strict=True):
            if not np.isfinite(x):
                continue
            for name in _names(row):
                found = by_key.setdefault(plain_key(name), [])
                site = Facility(
                    name, str(row["street"]), str(row["house_number"]),
                    str(row["postcode"]) or None, float(x), float(y),
                )  # fmt: skip
                if not any(_is_same_site(site, other) for other in found):
                    found.append(site)
        return cls({key: tuple(found) for key, found in by_key.items()})

    def find(self, name: str) -> tuple[Facility, ...]:
        """Return the sites of a name in normal spelling; ``()`` where there is none."""
        key = plain_key(name)
        return self.by_key.get(key, ()) if len(key) >= MIN_NAME else ()

    def find_similar(self, name: str) -> tuple[Facility, ...]:
        """Return the sites of the one name that is close to a mistyped one."""
        key = plain_key(name)
        if len(key) < 2 * MIN_NAME:
            return ()
        found = process.extract(
            key, list(self.by_key), scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, limit=2
        )
        if not found or (len(found) > 1 and found[0][1] == found[1][1]):
            return ()
        return self.by_key[found[0][0]]


def _names(row: Mapping[Hashable, object]) -> Iterable[str]:
    names = [str(row.get(column) or "") for column in ("name", "operator")]
    names += [_LEGAL_FORM.sub("", name) for name in names]
    return [name for name in dict.fromkeys(names) if len(plain_key(name)) >= MIN_NAME]


def _is_same_site(one: Facility, other: Facility) -> bool:
    return bool(np.hypot(one.x - other.x, one.y - other.y) < SAME_SITE_M)
