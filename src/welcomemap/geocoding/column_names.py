"""What does the name of a column say it holds? The vocabulary is ``column_names.txt``.

Names can never all be listed, so they are read as compounds: words, and words made of words, each
of which is part of an address, says whose address it is, or is not known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CAMEL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_WORD_ENDS = re.compile(r"[\W_]+")
_JOINT_SIGN = re.compile(r"[/+&,;|]")
_LINKS = ("", "s", "n", "en", "es", "er", "e")
"""Letters between the parts of a German compound."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_MIN_PART = 3
_NO_ROLES = frozenset({"noise", "owner", "elsewhere", "joint"})
_ENDS = frozenset({"identifier", "thing"})
"""Lists of words that compounds end in, which stand for no role."""
_PLACES = frozenset({"postcode", "postcode_town", "town", "quarter", "district", "country"})
_ORDER = (
    "postcode", "town", "quarter", "district", "country", "number", "suffix", "counter", "vague"
)  # fmt: skip
_PARTS_OF_ROLE = {
    "number_from": ("number", "from"), "number_to": ("number", "to"),
    "suffix_from": ("suffix", "from"), "suffix_to": ("suffix", "to"),
    "postcode_town": ("postcode", "town"), "supplement": ("suffix",),
}  # fmt: skip


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

    Two roles tied together (``PLZ u. Ort``, ``Hausnummer/Zusatz``) are a column that holds both;
    two in a compound (``Hausnummernergänzung``) are the second of the first. Brackets are read
    first (``Ort (PLZ)``), then left out (``Straße (Standort)``).
    """
    if is_elsewhere(name):
        return ""
    bare = _BRACKETS.sub(" ", name)
    return _read_joint(name) or _read_name(name, bare) or _read_joint(bare) or _read_compound(bare)


def find_loose_role(name: str) -> str:
    """Return the role a name stands for if the words that are not known are left out."""
    return find_role(name) or ("" if is_elsewhere(name) else _combine(_known_roles(name), False))


@lru_cache(maxsize=4096)
def is_elsewhere(name: str) -> bool:
    """Tell whether a name is that of another place than the address, such as one of birth."""
    return any(role == "elsewhere" for word in _words(name) for role in _read_word(word) or ())


@lru_cache(maxsize=4096)
def is_identifier(name: str) -> bool:
    """Tell whether a name is that of numbers of something: ids, counts, telephones."""
    vocabulary = read_vocabulary()
    signs = vocabulary["identifier"] | vocabulary["counter"]
    ends = tuple(sign for sign in signs if len(sign) > _MIN_PART)
    return any(word in signs or word.endswith(ends) for word in _words(name))


@lru_cache(maxsize=4096)
def is_thing(name: str) -> bool:
    """Tell whether a name is that of something else than a place: an operator, a contact."""
    if find_role(name) or _known_roles(name):
        return False
    things = read_vocabulary()["thing"] | read_vocabulary()["owner"]
    ends = tuple(thing for thing in things if len(thing) > _MIN_PART)
    words = _words(name)
    return any(w in things or w.endswith(ends) or w.removesuffix("s").endswith(ends) for w in words)


def plain_name(name: str) -> str:
    """Return a name without case, umlauts, accents, blanks and signs."""
    folded = unicodedata.normalize("NFC", name).casefold().translate(_UMLAUTS)
    bare = unicodedata.normalize("NFKD", folded)
    return "".join(character for character in bare if character.isalnum())


def _read_joint(name: str) -> str:
    """Read names tied by a sign or a word; empty if there are none, or one is not known."""
    joint = read_vocabulary()["joint"]
    sides: list[list[str]] = [[]]
    for piece in re.split(r"([\W_]+)", _CAMEL.sub(" ", name)):
        if _JOINT_SIGN.search(piece) or plain_name(piece) in joint:
            sides.append([])
        else:
            sides[-1].append(piece)
    texts = [text for side in sides if plain_name(text := "".join(side))]
    if len(texts) < 2 or all(len(plain_name(text)) < 2 for text in texts):
        return ""
    read = [_read_name(text, text) or _read_compound(text) for text in texts]
    if not all(role or _is_noise(text) for role, text in zip(read, texts, strict=True)):
        return ""
    return _combine([part for role in read for part in _PARTS_OF_ROLE.get(role, (role,))], True)


def _is_noise(text: str) -> bool:
    return all(_read_word(word) in (("noise",), ("owner",)) for word in _words(text))


def _read_name(name: str, bare: str) -> str:
    """Look a name up: as it is, without brackets, and without the words that say whose it is."""
    roles = _roles()
    noise = read_vocabulary()["noise"] | read_vocabulary()["owner"]
    left = "".join(word for word in _words(bare) if word not in noise)
    for plain in (plain_name(name), plain_name(bare), left):
        if plain in roles and roles[plain] not in _NO_ROLES:
            return roles[plain]
    return ""


def _read_compound(name: str) -> str:
    """Read a name whose words, or whose letters in one (``HsNrBuchst``), are all known."""
    read = [_read_word(word) for word in _words(name)]
    if not read or None in read:
        return _combine(_parts_of(_read_word(plain_name(name)) or ()), False)
    return _combine(_known_roles(name), False)


def _known_roles(name: str) -> list[str]:
    return [part for word in _words(name) for part in _parts_of(_read_word(word) or ())]


def _parts_of(roles: Iterable[str]) -> list[str]:
    known = [role for role in roles if role not in _NO_ROLES]
    return [part for role in known for part in _PARTS_OF_ROLE.get(role, (role,))]


def _words(name: str) -> list[str]:
    return [word for part in _WORD_ENDS.split(_CAMEL.sub(" ", name)) if (word := plain_name(part))]


@lru_cache(maxsize=4096)
def _read_word(word: str) -> tuple[str, ...] | None:
    """Return the roles of the parts of a word, longest first; ``None`` if a part is not known."""
    roles = _roles()
    for link in _LINKS:
        bare = word.removesuffix(link)
        if word.endswith(link) and bare in roles and (not link or len(bare) >= _MIN_PART):
            return (roles[bare],)
    for end in range(len(word) - 1, 1, -1):
        head = word[:end]
        if head not in roles or not (end >= _MIN_PART or head == "nr"):
            continue
        for link in _LINKS:
            rest = word[end + len(link) :]
            if word.startswith(link, end) and (len(rest) >= _MIN_PART or rest == "nr"):
                tail = _read_word(rest)
                if tail is not None:
                    return (roles[head], *tail)
    return None


def _combine(found: list[str], is_joint: bool) -> str:
    """Return the one role of a name that holds several."""
    roles = {role for role in found if role}
    ends = roles & {"from", "to"} if not {"from", "to"} <= roles else set()
    roles -= {"from", "to"}
    if len(roles) > 1 and not is_joint:
        roles.discard("full")
    if "counter" in roles and len(roles) > 1:
        roles.discard("counter")
        if roles & _PLACES and not roles & {"street", "full", "postcode", "district"}:
            return ""
        if roles == {"suffix"}:
            roles.add("number")
    if ends:
        (end,) = ends
        if not roles <= {"number", "suffix", "counter"}:
            return ""
        return f"{'suffix' if 'suffix' in roles else 'number'}_{end}" if roles else end
    return _combine_places(roles, is_joint)


def _combine_places(roles: set[str], is_joint: bool) -> str:
    if roles & {"street", "full"}:
        return "full" if "full" in roles or roles & _PLACES else "street"
    if {"number", "suffix"} <= roles:
        return "number_suffix" if is_joint else "suffix"
    if "postcode" in roles and len(roles) > 1:
        return "postcode_town"
    return next((role for role in _ORDER if role in roles), "")


@lru_cache(maxsize=1)
def _roles() -> dict[str, str]:
    vocabulary = read_vocabulary().items()
    return {name: role for role, names in vocabulary if role not in _ENDS for name in names}
