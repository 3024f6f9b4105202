"""What does the name of a column say it holds? The vocabulary is ``column_names.txt``."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CAMEL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@lru_cache(maxsize=1)
def read_vocabulary() -> dict[str, frozenset[str]]:
    """Return the names by role, in the order of the file."""
    text = files("welcomemap.geocoding").joinpath("column_names.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {
        role: frozenset(names.split()) for role, _, names in (line.partition(":") for line in lines)
    }


@lru_cache(maxsize=4096)
def find_role(name: str) -> str:
    """Return the role a name stands for, or an empty text.

    Brackets are read first (``Ort (PLZ)``), then left out (``Straße (Standort)``); after that,
    words that only say whose address it is.
    """
    roles = _roles()
    bare = _BRACKETS.sub(" ", name)
    noise = read_vocabulary()["noise"]
    words = [plain_name(word) for word in re.split(r"[\W_]+", _CAMEL.sub(" ", bare))]
    left = "".join(word for word in words if word not in noise)
    for plain in (plain_name(name), plain_name(bare), left):
        if plain in roles:
            return roles[plain]
    return ""


def plain_name(name: str) -> str:
    """Return a name without case, umlauts, accents, blanks and signs."""
    folded = unicodedata.normalize("NFC", name).casefold().translate(_UMLAUTS)
    bare = unicodedata.normalize("NFKD", folded)
    return "".join(character for character in bare if character.isalnum())


@lru_cache(maxsize=1)
def _roles() -> dict[str, str]:
    vocabulary = read_vocabulary()
    return {name: role for role, names in vocabulary.items() if role != "noise" for name in names}
