"""The facts of a map as tables: whatever can be seen can also be read."""

from __future__ import annotations

from collections.abc import Sequence

from welcomemap.maps.content import Fact, MapArea, MapSite
from welcomemap.maps.layers import AREA_KEY, SITE_KEY
from welcomemap.maps.sheet import MapTable
from welcomemap.maps.words import MapWords


def tabulate_areas(areas: Sequence[MapArea], words: MapWords, *, caption: str = "") -> MapTable:
    """Return one row per area: name, its facts in the order they first appear, notes."""
    labels = _list_labels([area.facts for area in areas])
    rows = []
    for area in areas:
        notes = [words.unserved] if area.is_unserved else []
        cells = (area.name, *_fill(area.facts, labels, words), _join([*notes, *area.warnings]))
        rows.append((AREA_KEY + area.key, cells))
    columns = (words.name, *labels, words.note)
    return MapTable(caption or words.areas, columns, tuple(rows), _find_numbers(rows))


def tabulate_sites(sites: Sequence[MapSite], words: MapWords, *, caption: str = "") -> MapTable:
    """Return one row per site: name, what its sign means, warnings, then its facts.

    Sites without a known place are rows too.
    """
    labels = _list_labels([site.facts for site in sites])
    rows = []
    for site in sites:
        name = f"{site.rank}. {site.name}" if site.rank else site.name
        state = words.signs.get(site.sign, site.sign.value)
        cells = (name, state, _join(site.warnings), *_fill(site.facts, labels, words))
        rows.append((SITE_KEY + site.key if site.is_located else "", cells))
    columns = (words.name, words.sign, words.note, *labels)
    return MapTable(caption or words.sites, columns, tuple(rows), _find_numbers(rows))


def _list_labels(all_facts: Sequence[Sequence[Fact]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.label for facts in all_facts for fact in facts))


def _fill(facts: Sequence[Fact], labels: Sequence[str], words: MapWords) -> list[str]:
    known = {fact.label: fact.value for fact in facts}
    return [known.get(label) or words.unknown for label in labels]


def _join(sentences: Sequence[str]) -> str:
    return " · ".join(sentences) or "–"


def _find_numbers(rows: Sequence[tuple[str, tuple[str, ...]]]) -> frozenset[int]:
    if not rows:
        return frozenset()
    columns = zip(*(cells for _, cells in rows), strict=True)
    return frozenset(
        index
        for index, cells in enumerate(columns)
        if index and any(map(str.isdigit, "".join(cells))) and all(map(_is_number, cells))
    )


def _is_number(text: str) -> bool:
    return bool(text) and text[0].isdigit() and len(text.split()) <= 2 and len(text) <= 12
