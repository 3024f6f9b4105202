"""Which names are one slip of the finger away? An index of names with one letter left out.

Two texts one edit apart share a text that is either of them with at most one letter left out
(the symmetric-delete method of W. Garbe), so looking up a handful of texts replaces comparing with
every name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from rapidfuzz.distance import OSA, Levenshtein

from welcomemap.geocoding.spelling import street_key

_NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "rzg", "z": "tuh", "u": "zij", "i": "uok",
    "o": "ipl", "p": "ol", "a": "sqy", "s": "adwyx", "d": "sfexc", "f": "dgrcv", "g": "fhtvb",
    "h": "gjzbn", "j": "hkunm", "k": "jlim", "l": "kop", "y": "asx", "x": "ysdc", "c": "xdfv",
    "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk", "4": "07", "0": "lp47", "7": "p04",
}  # fmt: skip
"""Neighbours on a German keyboard; for signs of umlauts see :func:`mark_umlauts`."""
_SIGNS = str.maketrans("äöü", "407")
_SOUND_ALIKE = frozenset(
    frozenset(pair) for pair in ("dt", "bp", "gk", "vf", "ck", "yi", "cz", "sz", "ae", "yu", "vw")
)


class SlipIndex:
    """Finds keys within one edit (letter changed, missing, added, or two swapped)."""

    def __init__(self, keys: Iterable[str]) -> None:
        index: dict[str, list[str]] = {}
        for key in keys:
            for text in _with_one_left_out(key):
                index.setdefault(text, []).append(key)
        self._index = index

    def near(self, key: str) -> set[str]:
        """Return the keys at most one edit from a key."""
        found: set[str] = set()
        for text in _with_one_left_out(key):
            found.update(self._index.get(text, ()))
        return {k for k in found if OSA.distance(key, k, score_cutoff=1) <= 1}


def mark_umlauts(name: str) -> str:
    """Return the key of a name with each umlaut as one sign of its own, as it is one key to hit.

    Examples
    --------
    >>> mark_umlauts("Löricker Str."), mark_umlauts("Lricker Straße")
    ('l0rickerstrasse', 'lrickerstrasse')
    """
    return street_key(unicodedata.normalize("NFC", name.lower()).translate(_SIGNS))


def _with_one_left_out(key: str) -> set[str]:
    return {key, *(key[:i] + key[i + 1 :] for i in range(len(key)))}


def is_plain_slip(typed: str, name: str) -> bool:
    """Tell whether every edit is the kind a finger or an ear makes: not a random other letter.

    Two neighbouring letters swapped (as the only edit), a letter missing, one doubled or hit beside
    its neighbour, a neighbour on the keyboard, or a like sound; never in the first letter, which
    people rarely get wrong. Half of an umlaut or of an ß is no slip: „Berne“ is
    not „Börne“, „Rosa“ not „Roß“.
    """
    if typed[:1] != name[:1]:
        return False
    if OSA.distance(typed, name) == 1 and Levenshtein.distance(typed, name) > 1:
        return True
    edits = Levenshtein.editops(typed, name)
    return all(_is_plain_edit(edit.tag, edit.src_pos, edit.dest_pos, typed, name) for edit in edits)


def _is_plain_edit(tag: str, at: int, place: int, typed: str, name: str) -> bool:
    if tag == "insert":
        is_half_umlaut = name[place] in "aou" and name[place + 1 : place + 2] == "e"
        return not is_half_umlaut
    letter = typed[at]
    if tag == "replace":
        other = name[place]
        if other == "s" and "s" in (name[place - 1], name[place + 1 : place + 2]):
            return False
        return other in _NEIGHBOURS.get(letter, "") or frozenset((letter, other)) in _SOUND_ALIKE
    beside = typed[max(at - 1, 0) : at] + typed[at + 1 : at + 2]
    return any(b == letter or b in _NEIGHBOURS.get(letter, "") for b in beside)
