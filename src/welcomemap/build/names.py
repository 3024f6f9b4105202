"""Fold names for comparison and for stable ids."""

from __future__ import annotations

import re
import unicodedata

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def make_slug(text: str) -> str:
    """Return lower-case ASCII words joined by hyphens.

    >>> make_slug("Heinz-Schmöle Straße 7")
    'heinz-schmoele-strasse-7'
    """
    plain = unicodedata.normalize("NFKD", text.lower().translate(_UMLAUTS))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")


def fold_street(name: str) -> str:
    """Return a street name without spelling variants: case, umlauts, spaces, hyphens, ``str.``.

    >>> fold_street("Heinz-Schmöle Str.") == fold_street("Heinz-Schmöle-Straße")
    True
    """
    slug = re.sub(r"(?:^|-)str(?:-|$)", "-strasse-", make_slug(name))
    return re.sub(r"str$", "strasse", slug.replace("-", ""))
