"""Which columns of a table hold the address, and what address does a row give?

Names of columns can never all be listed, so they are read as compounds of ``column_names.txt``:
words, and words made of words, each of which is part of an address, says whose address it is, or is
not known. Where names leave it open, values decide; cells are joined to one text a row.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import pandas as pd

from welcomemap.errors import Fault, MissingColumnError, fault
from welcomemap.geocoding.address import (
    BUILDING_PART,
    NUMBER,
    NUMBER_SIGN,
    NumberText,
    parse_house_number,
)
from welcomemap.geocoding.municipality import is_foreign, is_own, read_list
from welcomemap.tabular import Sheet

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
    lines = (line.partition(":") for line in read_list("column_names.txt"))
    return {role: frozenset(names.split()) for role, _, names in lines}


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
    return any(role == "elsewhere" for word in split_name(name) for role in _read_word(word) or ())


@lru_cache(maxsize=4096)
def is_identifier(name: str) -> bool:
    """Tell whether a name is that of numbers of something: ids, counts, telephones."""
    vocabulary = read_vocabulary()
    signs = vocabulary["identifier"] | vocabulary["counter"]
    ends = tuple(sign for sign in signs if len(sign) > _MIN_PART)
    return any(word in signs or word.endswith(ends) for word in split_name(name))


@lru_cache(maxsize=4096)
def is_thing(name: str) -> bool:
    """Tell whether a name is that of something else than a place: an operator, a contact."""
    if find_role(name) or _known_roles(name):
        return False
    things = read_vocabulary()["thing"] | read_vocabulary()["owner"]
    ends = tuple(thing for thing in things if len(thing) > _MIN_PART)
    words = split_name(name)
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
    return _combine(_parts_of(read), True)


def _is_noise(text: str) -> bool:
    return all(_read_word(word) in (("noise",), ("owner",)) for word in split_name(text))


def _read_name(name: str, bare: str) -> str:
    """Look a name up: as it is, without brackets, and without the words that say whose it is."""
    roles = _roles()
    noise = read_vocabulary()["noise"] | read_vocabulary()["owner"]
    left = "".join(word for word in split_name(bare) if word not in noise)
    for plain in (plain_name(name), plain_name(bare), left):
        if plain in roles and roles[plain] not in _NO_ROLES:
            return roles[plain]
    return ""


def _read_compound(name: str) -> str:
    """Read a name whose words, or whose letters in one (``HsNrBuchst``), are all known."""
    read = [_read_word(word) for word in split_name(name)]
    if not read or None in read:
        return _combine(_parts_of(_read_word(plain_name(name)) or ()), False)
    return _combine(_known_roles(name), False)


def _known_roles(name: str) -> list[str]:
    return [part for word in split_name(name) for part in _parts_of(_read_word(word) or ())]


def _parts_of(roles: Iterable[str]) -> list[str]:
    known = [role for role in roles if role not in _NO_ROLES]
    return [part for role in known for part in _PARTS_OF_ROLE.get(role, (role,))]


def split_name(name: str) -> list[str]:
    """Return the words of a name, each as :func:`plain_name` writes it."""
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


POSTCODE = re.compile(r"(?<![0-9])[0-9]{5}(?![0-9])")
_NOTHING = re.compile(
    r"[-–—?./*\s]*|o\.?\s*nr\.?|ohne(?:\s*(?:nr\.?|nummer|hausnummer|angabe))?|k\.?\s*a\.?|k\.?\s*nr\.?"
    r"|kein[ea]?(?:\s*(?:angaben?|nr\.?|nummer|hausnummer))?|n\.?\s*/?\s*[abv]\.?|s\.\s*o\.|0+"
    r"|unbekannt|unknown|none|null|nan|not\s+available|n\.?\s*n\.?|entfällt|#[A-Z/0!?]+",
    re.IGNORECASE,
)
_WHOLE_FLOAT = re.compile(r"\A([0-9]+)[.,]0+\Z")
_MONTH = (
    r"(?:jan(?:uar|uary)?|feb(?:ruar|ruary)?|mrz|mär(?:z)?|mar(?:ch)?|apr(?:il)?|mai|may|jun[ie]?"
    r"|jul[iy]?|aug(?:ust)?|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|de[zc](?:ember)?)\.?"
)
_DATE = re.compile(
    rf"[0-9]{{1,2}}\.[0-9]{{1,2}}\.(?:[0-9]{{2,4}})?|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[ T].*)?"
    rf"|[0-9]{{1,2}}[.\s-]*{_MONTH}(?:[\s-]*[0-9]{{2,4}})?|{_MONTH}[\s-]*[0-9]{{2,4}}"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9]{5,}(?:[.,][0-9]+)?",
    re.IGNORECASE,
)
"""Dates a spreadsheet made of a number such as 1-3, and their serial numbers (five digits)."""

_LETTER = re.compile(r"[a-z](?:\s?[-–]\s?[a-z])?", re.IGNORECASE)
_FRACTION = re.compile(r"[1-3]/[2-4]|[½¼¾]")
_SUB_NUMBER = re.compile(r"/?\s?([0-9]{1,3}[a-z]?)", re.IGNORECASE)
_CODE = re.compile(r"[0-9][0-9.]*(?:\s*[-–:/]\s*|\s+|$)")
_PLACE_SIGNS = " ,;/|()-–"
_PLAIN_POSTCODE = re.compile(r"(?:D[-\s]*)?(0?[0-9]{2}[., ][0-9]{3}|0?[0-9]{5}|[0-9]{4})")
_FIRST_NUMBER = re.compile(rf"(?:{NUMBER_SIGN})?({NUMBER})(?![0-9a-zäöüß])")
_QUOTES = " '\"„“”‚‘’`´"
_TIED_SIGNS = "-–+,;&/"
_REMARKS = frozenset({"barrierefrei", "rollstuhlgerecht", "stufenlos"})
SUFFIX_ROLES = frozenset({"suffix", "suffix_from", "suffix_to"})
NUMBER_ROLES = frozenset({"number", "number_from", "number_to"})
HOUSE_ROLES = NUMBER_ROLES | SUFFIX_ROLES
ENDS_WITH_NUMBER = re.compile(r".*\D[0-9]{1,4}\s?[a-zA-Z]?", re.DOTALL)


def is_nothing(text: str) -> bool:
    """Tell whether a cell says that there is no value: ``k. A.``, ``-``, ``0``, ``n/a``."""
    return _NOTHING.fullmatch(text) is not None


@lru_cache(maxsize=8192)
def is_wholly_read(text: str, role: str) -> bool:
    """Tell whether a cell of house number or suffix says no more than its role.

    What says more is joined as it stands, for the reader of one address to judge; a house that it
    then still takes for the one is not sure.
    """
    if text.isdecimal() or is_nothing(text):
        return True
    if role in SUFFIX_ROLES:
        return _join_suffix(text) is not None or _is_building_part(text)
    return role not in NUMBER_ROLES or _is_number(_read_number(text))


def _is_number(text: str) -> bool:
    """Tell whether numbers and parts of a building are all that a cell says."""
    small = text.lower().replace("–", "-")
    if not small or parse_house_number(small) is not None:
        return True
    first, read = _FIRST_NUMBER.match(small), NumberText()
    if first is None:
        return False
    words = read.start(small, first.group(1), first.end())
    return not read.unread and not small[words:].strip(" .,")


def _read_number(text: str) -> str:
    if _DATE.fullmatch(text):
        return ""
    return _WHOLE_FLOAT.sub(r"\1", text.strip(_QUOTES) or text)


def _is_building_part(text: str) -> bool:
    small = text.lower().strip(" .,")
    return small in _REMARKS or BUILDING_PART.fullmatch(small) is not None


def _join_suffix(text: str) -> str | None:
    """Return a suffix as it follows its number at once; ``None`` where the text is none."""
    if _LETTER.fullmatch(text):
        return text
    if _FRACTION.fullmatch(text):
        return f" {text}"
    below = _SUB_NUMBER.fullmatch(_WHOLE_FLOAT.sub(r"\1", text))
    return f"/{below.group(1)}" if below else None


def _read_suffix(text: str) -> str:
    """Return what follows the number: a suffix at once, other words as they stand.

    A part of the building or a remark on it is left out.
    """
    suffix = _join_suffix(text)
    if suffix is not None:
        return suffix
    if _is_building_part(text):
        return ""
    return text if text[0] in _TIED_SIGNS else f" {text}"


def _read_postcode(text: str) -> str:
    """Return the postcode, the first of several; spreadsheets drop or add a zero, point or blank.

    What holds no postcode is returned as it is.
    """
    text = text.strip(_QUOTES)
    bare = _PLAIN_POSTCODE.fullmatch(_WHOLE_FLOAT.sub(r"\1", text))
    if bare is None:
        codes = find_postcodes(text)
        return codes[0] if len(codes) > 1 else text
    digits = re.sub(r"[^0-9]", "", bare.group(1))
    return digits[-5:].zfill(5)


def find_postcodes(text: str) -> tuple[str, ...]:
    """Return the postcodes of a cell, each once."""
    return tuple(dict.fromkeys(POSTCODE.findall(text)))


def _read_town(text: str) -> str:
    is_code = text.isascii() and text.isdigit() and not POSTCODE.fullmatch(text)
    return "" if is_code else text


def _read_postcode_town(text: str) -> str:
    """Put the postcode first: ``Hilden (40724)`` is ``40724 Hilden``."""
    match = POSTCODE.search(text)
    if match is None:
        return text
    rest = f"{text[: match.start()].strip(_PLACE_SIGNS)} {text[match.end() :].strip(_PLACE_SIGNS)}"
    return f"{match.group()} {rest.removeprefix('D-').strip()}".strip()


def _read_quarter(text: str) -> str:
    """Leave the code of a quarter out: ``092 - Himmelgeist`` is ``Himmelgeist``."""
    return _CODE.sub("", text, count=1) if _CODE.match(text) else text


def _read_country(text: str) -> str:
    """Leave a country out that is known: another one than Germany is held against the address."""
    return "" if is_own(text) or is_foreign(text) else text


_READERS: dict[str, Callable[[str], str]] = {
    "number": _read_number, "number_from": _read_number, "number_to": _read_number,
    "suffix": _read_suffix, "suffix_from": _read_suffix, "suffix_to": _read_suffix,
    "supplement": _read_suffix, "country": _read_country,
    "postcode": _read_postcode, "town": _read_town, "postcode_town": _read_postcode_town,
    "quarter": _read_quarter,
}  # fmt: skip


@lru_cache(maxsize=8192)
def read_cell(text: str, role: str) -> str:
    """Return what a cell adds to the address, as its column's role says."""
    reader = _READERS.get(role)
    if not text or reader is None:
        return text
    return "" if is_nothing(text) else reader(text)


STARTS_WITH_DIGIT = re.compile(r"\s*\d")
DISTRICT_SEPARATOR = re.compile(r"[;,/()\s–-]+|\.(?=\D|$)")
DISTRICT_WORD = re.compile(
    r"(?<!\w)(?:(?:stadt)?bezirk|(?:stadt)?bez|district|sb|nr|no|und|u)(?![^\W\d])\.?",
    re.IGNORECASE,
)
RANGE_ROLES = frozenset({"number_from", "number_to"})
REPEATED_ROLES = frozenset({"number", "postcode", "postcode_town", "town", "quarter"})
LENGTH_OF_POSTCODE = 5
MUNICIPAL_KEY = re.compile(r"0?[1-9][0-9]{6}|1[0-6][0-9]{6}|(?:0[1-9]|1[0-6])[0-9]{10}")
"""Key of a municipality (8 digits; 7 where a spreadsheet dropped the zero, 12 with its union)."""


def find_other_places(cell: str, role: str) -> tuple[str, ...]:
    """Return what a cell says about the place besides what is read of it."""
    if role == "country":
        return (cell,) if is_foreign(cell) else ()
    if role == "town":
        return (cell,) if MUNICIPAL_KEY.fullmatch(cell) else ()
    return find_postcodes(cell)[1:] if len(cell) > LENGTH_OF_POSTCODE else ()


def join_cells(parts: Sequence[str], roles: Sequence[str]) -> tuple[str, str]:
    """Join the cells of a row: ``street number suffix, postcode town, quarter``.

    A number, postcode or town that the text before holds already is not repeated. A suffix behind
    another suffix stands apart, so that both are read; without a number it is returned as loose.
    """
    text, loose, previous, number = "", "", "", ""
    for cell, role in zip(parts, roles, strict=True):
        is_known = role in {"town", "postcode_town"} and cell[:5] in POSTCODE.findall(text)
        part = cell[5:].strip(" ,") if is_known else cell
        if not part or (role in REPEATED_ROLES and _is_repeated(text, part, role)):
            continue
        if role == "number":
            number = part
        elif role in RANGE_ROLES and number and _is_end_of(number, part, role):
            continue
        if role in SUFFIX_ROLES or role == "supplement":
            if role == "suffix_to" and previous != "number_to":
                part = part.strip(" /")
            elif not text[-1:].isdigit():
                if not ENDS_WITH_NUMBER.fullmatch(text):
                    loose = part
                    continue
                if text[-1].casefold() == part.casefold():
                    continue
                part = f" {part.strip(' /')}"
        text += _separator(text, part, role, previous) + part
        previous = role
    return text, loose


def _is_end_of(number: str, part: str, role: str) -> bool:
    """Tell whether a house number begins or ends with the number of a further column."""
    if role == "number_from":
        return re.match(rf"{re.escape(part)}(?![0-9])", number) is not None
    return re.search(rf"\D{re.escape(part)}$", number) is not None


def _is_repeated(text: str, part: str, role: str) -> bool:
    """Tell whether the text holds the part as words of its own; a number at its end.

    Plain digits may be the street's name (Straße 20), so that the geocoder is to judge them.
    """
    if role == "number" and part.isdecimal():
        return False
    begins = text.casefold().rfind(part.casefold())
    ends = begins + len(part)
    if begins < 0 or len(text.casefold()) != len(text):
        return False
    if role == "number" and ends != len(text):
        return False
    return not (text[begins - 1 : begins].isalnum() or text[ends : ends + 1].isalnum())


def _separator(text: str, part: str, role: str, previous: str) -> str:
    if role == "suffix_to" and previous != "number_to":
        return "-"
    if not text or role in SUFFIX_ROLES or role == "supplement":
        return ""
    if role == "number_to" and previous in HOUSE_ROLES:
        return "-"
    is_number = role in NUMBER_ROLES or (not role and STARTS_WITH_DIGIT.match(part) is not None)
    if (is_number and not POSTCODE.fullmatch(part)) or (role == "town" and previous == "postcode"):
        return " "
    return ", "


def read_districts(text: str) -> tuple[tuple[int, ...], str]:
    """Return the districts of a cell (``Bezirk 10``, ``10.0``, ``1;2``), or what holds none."""
    text = text.strip()
    if not text:
        return (), ""
    bare = DISTRICT_WORD.sub(" ", _WHOLE_FLOAT.sub(r"\1", text))
    parts = [part for part in DISTRICT_SEPARATOR.split(bare) if part]
    numbers = [part for part in parts if part.isascii() and part.isdigit() and len(part) < 6]
    words = [part for part in parts if part not in numbers]
    if not words or (len(numbers) == 1 and not any(map(str.isdigit, "".join(words)))):
        return tuple(int(part) for part in numbers), ""
    return (), "" if is_nothing(text) else text


POSTCODE_AND_TOWN = re.compile(r"(?:D-?\s?)?[0-9]{5},?\s+[^\W\d_].*")
SAMPLE_ROWS = 1000


def settle(sheet: Sheet, by_role: Mapping[str, str]) -> dict[str, str]:
    """Return column by role, once the values were asked where names leave it open."""
    found = {role: column for role, column in by_role.items() if role}
    vague = found.pop("vague", None)
    if "full" not in found and "street" not in found:
        if vague is None:
            raise MissingColumnError(
                "no column looks like an address",
                columns=list_names(list(sheet.frame.columns)),
                where=sheet.place(column="header"),
                how="Name the columns (--columns on the command line), in the order of an address; "
                "the table has {columns}.",
            )
        found["full"] = vague
    street = found.get("street") or found["full"]
    found = _settle_number(sheet, found, street)
    has_number = bool(found.keys() & {"number", "number_from"})
    if "full" in found and not _holds_numbers(sheet, found["full"]):
        if "street" in found and (has_number or _holds_numbers(sheet, found["street"])):
            del found["full"]
        elif "street" not in found and has_number:
            found["street"] = found.pop("full")
    dropped = {"street", "supplement", *HOUSE_ROLES} if "full" in found else set()
    found = {role: column for role, column in found.items() if role not in dropped}
    if not {"postcode", "postcode_town", "town"} & found.keys():
        found |= _find_postcode_and_town(sheet, set(found.values()))
    return found


def _settle_number(sheet: Sheet, by_role: Mapping[str, str], street: str) -> dict[str, str]:
    """Find the columns of the house number: one, or its parts, or the first and last of a range."""
    found = dict(by_role)
    joint, counter = found.pop("number_suffix", None), found.pop("counter", None)
    begin, end = found.pop("from", None), found.pop("to", None)
    if joint is not None:
        found["number" if _begin_with_digit(sheet, joint) else "suffix"] = joint
    has_number = "number" in found or {"number_from", "number_to"} <= found.keys()
    if counter is not None and not has_number and _is_house_number(sheet, counter, street):
        found["number"], has_number = counter, True
    suffix = found.get("suffix")
    is_free = suffix is not None and not has_number and not _end_with_numbers(sheet, street)
    if suffix is not None and is_free and _begin_with_digit(sheet, suffix):
        found["number"], has_number = found.pop("suffix"), True
    if begin is not None and not has_number and _is_behind(sheet, begin, [street]):
        found.setdefault("number_from", begin)
    before = [column for role in HOUSE_ROLES if (column := found.get(role)) is not None]
    if end is not None and before and _is_behind(sheet, end, before):
        found.setdefault("number_to", end)
    if not found.keys() & {"number", "number_from"}:
        found.pop("number_to", None)
    elif "number" not in found and "suffix" in found and "number_to" in found:
        names = [str(column) for column in sheet.frame.columns]
        is_last = names.index(found["suffix"]) > names.index(found["number_to"])
        found.setdefault("suffix_to" if is_last else "suffix_from", found.pop("suffix"))
    return found


def _is_behind(sheet: Sheet, column: str, others: Sequence[str]) -> bool:
    """Tell whether a column stands at most two behind one of others and holds house numbers."""
    names = [str(name) for name in sheet.frame.columns]
    values = _values(sheet, column)
    numbers = [value for value in values if parse_house_number(value) is not None]
    is_near = any(0 < names.index(column) - names.index(other) <= 2 for other in others)
    return is_near and 2 * len(numbers) > len(values)


def _begin_with_digit(sheet: Sheet, column: str) -> bool:
    values = _values(sheet, column)
    return 2 * sum(value[0].isdigit() for value in values) > len(values)


def _end_with_numbers(sheet: Sheet, street: str) -> bool:
    streets = _values(sheet, street)
    return 2 * sum(ENDS_WITH_NUMBER.fullmatch(text) is not None for text in streets) > len(streets)


def _values(sheet: Sheet, column: str) -> list[str]:
    texts = sheet.frame[column].iloc[:SAMPLE_ROWS].tolist()
    return [text.strip() for text in texts if text.strip()]


def _holds_numbers(sheet: Sheet, column: str) -> bool:
    """Tell whether at least half of the values hold a digit, and they are no e-mail addresses."""
    values = [value for value in _values(sheet, column) if "@" not in value]
    return 2 * sum(any(c.isdigit() for c in value) for value in values) > len(values)


def _is_house_number(sheet: Sheet, counter: str, street: str) -> bool:
    """Tell a house number from a running number: by the streets, its place, then its values."""
    if _end_with_numbers(sheet, street):
        return False
    names = [str(column) for column in sheet.frame.columns]
    if names.index(counter) == names.index(street) + 1:
        return True
    values = _values(sheet, counter)
    numbers = [int(text) for text in values if text.isascii() and text.isdecimal()]
    is_rising = all(a < b for a, b in itertools.pairwise(numbers))
    return not (len(numbers) == len(values) and is_rising)


def _find_postcode_and_town(sheet: Sheet, taken: set[str]) -> dict[str, str]:
    for column in map(str, sheet.frame.columns):
        values = _values(sheet, column) if column not in taken else []
        if values and all(POSTCODE_AND_TOWN.fullmatch(value) for value in values):
            return {"postcode_town": column}
    return {}


def list_names(names: Sequence[str]) -> Fault:
    """Return the first of many names, for a message."""
    if not names:
        return fault("no columns")
    more = len(names) - MAX_NAMES
    if more <= 0:
        return fault("{names}", names=names)
    return fault("{names} and {more} more", names=names[:MAX_NAMES], more=more)


MAX_NAMES = 20
PLACE_ROLES = frozenset({"town", "country", "postcode", "postcode_town"})
NAMED_ROLES = {
    "counter": "number", "number_suffix": "number", "from": "number_from", "to": "number_to",
    "vague": "full",
}  # fmt: skip
DROPPED_ROLES = HOUSE_ROLES | {"supplement"}


@dataclass(frozen=True)
class OtherPlace:
    """What a cell says about the place besides the text; ``is_read``: its column is the address's.

    Another place is certainly meant where such a column says so; where one that was not read does,
    a person must look. ``is_thing``: its heading names something that is no place, such as an
    operator, so that it is told and not held against the address.
    """

    column: str
    text: str
    is_read: bool
    is_thing: bool = False


@dataclass(frozen=True)
class RowAddress:
    """The address of a row.

    Attributes
    ----------
    stated_districts
        The districts its table states for it (empty: none).
    dropped
        A cell of house number or suffix that is none, such as a date a spreadsheet made of it.
    unsure
        Cells of house number or suffix that say more than that: joined, but the house is not sure.
    others
        What columns say about the place that is not in the text.
    unread_district
        A cell of the district that holds none.
    """

    text: str
    stated_districts: tuple[int, ...]
    dropped: str = ""
    unsure: tuple[str, ...] = ()
    others: tuple[OtherPlace, ...] = ()
    unread_district: str = ""

    @property
    def stated_district(self) -> int | None:
        """The district, where exactly one is stated."""
        return self.stated_districts[0] if len(self.stated_districts) == 1 else None


@dataclass(frozen=True)
class AddressColumns:
    """Columns by role; ``named`` are those a person named, joined in that order."""

    full: str | None = None
    street: str | None = None
    number: str | None = None
    suffix: str | None = None
    number_from: str | None = None
    suffix_from: str | None = None
    number_to: str | None = None
    suffix_to: str | None = None
    supplement: str | None = None
    postcode: str | None = None
    postcode_town: str | None = None
    town: str | None = None
    quarter: str | None = None
    country: str | None = None
    district: str | None = None
    named: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def roles(self) -> dict[str, str]:
        """Columns that make up the address, by role and in order."""
        return {role: column for role, column in self._by_role.items() if role != "district"}

    @property
    def _by_role(self) -> dict[str, str]:
        return {role: column for role in ROLES if (column := getattr(self, role)) is not None}

    @property
    def used(self) -> tuple[str, ...]:
        """Names of the columns that make up the address, in order."""
        return self.named or tuple(self.roles.values())

    @property
    def by_use(self) -> dict[str, str | list[str]]:
        """The columns under names for people: what was used as what, and what was not."""
        told: dict[str, str | list[str]] = {
            JSON_NAMES.get(role, role): c for role, c in self._by_role.items()
        }
        return told | ({"named": list(self.named)} if self.named else {}) | {
            "ignored": list(self.ignored)
        }  # fmt: skip

    @property
    def told(self) -> Fault:
        """What was used as what, and what was not, as a line for people."""
        used = [
            fault("{role} {column}", role=ROLE_NAMES[role], column=column)
            for role, column in self._by_role.items()
        ]
        told = fault("the address was read from: {used}", used=[*self.named, *used])
        if not self.ignored:
            return told
        left = list_names(self.ignored)
        return fault("{told}; not read: {ignored}", told=told, ignored=left)


ROLES = tuple(f.name for f in fields(AddressColumns) if f.name not in {"named", "ignored"})
JSON_NAMES = {
    "full": "address", "number": "house_number", "number_from": "house_number_from",
    "number_to": "house_number_to", "suffix": "house_number_suffix",
    "suffix_from": "house_number_suffix_from", "suffix_to": "house_number_suffix_to",
}  # fmt: skip
ROLE_NAMES = {
    "full": fault("address"), "street": fault("street"), "number": fault("house number"),
    "suffix": fault("house number suffix"), "number_from": fault("house number from"),
    "suffix_from": fault("house number suffix from"), "number_to": fault("house number to"),
    "suffix_to": fault("house number suffix to"), "supplement": fault("supplement"),
    "postcode": fault("postcode"), "postcode_town": fault("postcode town"),
    "town": fault("town"), "quarter": fault("quarter"), "country": fault("country"),
    "district": fault("district"),
}  # fmt: skip


def find_columns(sheet: Sheet, named: Sequence[str] | None = None) -> AddressColumns:
    """Find the address columns by their names and values, or take the ones a person named.

    A column called ``Nr.`` is the house number or a running number, as its values and its place
    say; a column whose values are ``40589 Düsseldorf`` holds postcode and town under any name.

    Parameters
    ----------
    sheet
        The table.
    named
        Columns that make up the address, in order; upper and lower case are the same.

    Raises
    ------
    MissingColumnError
        If a named column does not exist, or none looks like an address.
    """
    by_role: dict[str, str] = {}
    names = [str(column) for column in sheet.frame.columns]
    filled_first = sorted(names, key=lambda name: not sheet.frame[name].str.strip().any())
    for column in filled_first:
        by_role.setdefault(find_role(column), column)
    if not by_role.keys() & {"full", "street"}:
        for column in filled_first:
            if (role := find_loose_role(column)) in {"full", "street"}:
                by_role.setdefault(role, column)
    chosen = tuple(_find_named(sheet, name) for name in named or ())
    if named:
        by_role = {role: column for role, column in by_role.items() if role == "district"}
    else:
        by_role = settle(sheet, by_role)
    taken = {*chosen, *by_role.values()}
    ignored = tuple(name for name in names if name not in taken)
    return AddressColumns(**by_role, named=chosen, ignored=ignored)


def read_addresses(frame: pd.DataFrame, columns: AddressColumns) -> Iterator[RowAddress]:
    """Yield the address of each row, in order; empty text where a row has none."""
    names = columns.used
    used = [frame[column].str.strip().tolist() for column in names]
    stated = frame[columns.district].tolist() if columns.district else [""] * len(frame)
    named = [find_role(column) for column in columns.named]
    roles = [NAMED_ROLES.get(role, role) for role in named] or list(columns.roles)
    for *cells, districts in zip(*used, stated, strict=True):
        parts: list[str] = []
        unread, unsure, others = "", [], []
        for cell, role, name in zip(cells, roles, names, strict=True):
            part = read_cell(cell, role)
            parts.append(part)
            if not cell:
                continue
            if role in PLACE_ROLES:
                others += [OtherPlace(name, o, is_read=True) for o in find_other_places(cell, role)]
            elif role in DROPPED_ROLES and not part:
                unread = unread or ("" if is_nothing(cell) else cell)
            elif role in HOUSE_ROLES and not is_wholly_read(cell, role):
                unsure.append(cell)
        text, loose = join_cells(parts, roles)
        numbers, unread_district = read_districts(districts)
        if unread_district:
            others.append(OtherPlace(columns.district or "", unread_district, is_read=False))
        yield RowAddress(
            text, numbers, unread or loose, tuple(unsure), tuple(others), unread_district
        )


def _find_named(sheet: Sheet, name: str) -> str:
    wanted = name.strip().casefold()
    for column in sheet.frame.columns:
        if str(column).strip().casefold() == wanted:
            return str(column)
    raise MissingColumnError(
        "there is no column {name}",
        name=name,
        columns=list_names(list(sheet.frame.columns)),
        where=sheet.place(column=name),
        how="The table has {columns}.",
    )
