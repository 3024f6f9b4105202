"""Addresses as people write them: a seeded generator of messy and of impossible forms.

Every form says what it stands for, so that an answer can be judged. The mess is made from known
houses; nothing in here calls the code under test except the spelling key, which is used only to
throw away slips that happen to spell another street.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from welcomemap.geocoding.street_match import street_key


@dataclass(frozen=True)
class House:
    street: str
    number: str
    postcode: str
    quarter: str


@dataclass(frozen=True)
class Form:
    """A text and the truth about it.

    ``is_misspelt``: the street's letters were changed; ``asked``: a number that nobody has.
    """

    text: str
    kind: str
    house: House
    is_misspelt: bool = False
    asked: str = ""


TOWN_MARK = "{town}"
KEYS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "rzg", "z": "tuh", "u": "zij", "i": "uok",
    "o": "ipl", "p": "oü", "a": "sq", "s": "adw", "d": "sfe", "f": "dgr", "g": "fht", "h": "gjz",
    "j": "hku", "k": "jli", "l": "köo", "y": "xs", "x": "yc", "c": "xv", "v": "cb", "b": "vn",
    "n": "bm", "m": "n", "ö": "lä", "ä": "öü", "ü": "pä", "ß": "p",
}  # fmt: skip
_END = re.compile(r"(?i)(stra)(ß)(e)$")


def _abbreviate(street: str) -> str:
    return re.sub(r"(?<=[Ss])tra(?:ß|ss)e$", "tr.", street)


def _transliterate(text: str) -> str:
    for letter, spelled in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss",
                            "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}.items():  # fmt: skip
        text = text.replace(letter, spelled)
    return text


def _bare(text: str) -> str:
    return text.translate(str.maketrans("äöüÄÖÜ", "aouAOU")).replace("ß", "ss")


def _spaced_suffix(number: str) -> str:
    return re.sub(r"(\d)([a-z])$", lambda m: f"{m[1]} {m[2].upper()}", number)


REAR = ("Hinterhaus", "HH", "Vorderhaus")
NUMBER_WORDS = ("Hausnr.", "Hausnummer", "HNr.")
DASHES = "\u2010\u2011\u2013"
Maker = Callable[[House, random.Random], str]
SPELLINGS: dict[str, Maker] = {
    "plain": lambda h, r: f"{h.street} {h.number}",
    "abbreviated": lambda h, r: f"{_abbreviate(h.street)} {h.number}",
    "strasse": lambda h, r: f"{h.street.replace('ß', 'ss')} {h.number}",
    "upper": lambda h, r: f"{h.street} {h.number}".upper(),
    "lower": lambda h, r: f"{h.street} {h.number}".lower(),
    "transliterated": lambda h, r: f"{_transliterate(h.street)} {h.number}",
    "no_dots": lambda h, r: f"{_bare(h.street)} {h.number}",
    "blanks_for_hyphens": lambda h, r: f"{h.street.replace('-', ' ')} {h.number}",
    "hyphens_for_blanks": lambda h, r: f"{h.street.replace(' ', '-')} {h.number}",
    "joined": lambda h, r: f"{h.street.replace(' ', '')} {h.number}",
    "no_blank_before_number": lambda h, r: f"{h.street}{h.number}",
    "abbreviated_no_blank": lambda h, r: f"{_abbreviate(h.street)}{h.number}",
    "postcode_after": lambda h, r: f"{h.street} {h.number}, {h.postcode} {TOWN_MARK}",
    "postcode_first": lambda h, r: f"{h.postcode} {TOWN_MARK}, {h.street} {h.number}",
    "postcode_first_no_comma": lambda h, r: f"{h.postcode} {TOWN_MARK} {h.street} {h.number}",
    "postcode_no_comma": lambda h, r: f"{h.street} {h.number} {h.postcode} {TOWN_MARK}",
    "postcode_only": lambda h, r: f"{h.street} {h.number}, {h.postcode}",
    "country_code": lambda h, r: f"{h.street} {h.number}, D-{h.postcode} {TOWN_MARK}",
    "country": lambda h, r: f"{h.street} {h.number}, {h.postcode} {TOWN_MARK}, Deutschland",
    "town_first": lambda h, r: f"{TOWN_MARK}, {h.street} {h.number}",
    "town_first_no_comma": lambda h, r: f"{TOWN_MARK} {h.street} {h.number}",
    "town_after": lambda h, r: f"{h.street} {h.number} {TOWN_MARK}",
    "town_quarter": lambda h, r: f"{h.street} {h.number}, {h.postcode} {TOWN_MARK}-{h.quarter}",
    "quarter_in_brackets": lambda h, r: f"{h.street} {h.number} ({h.quarter})",
    "quarter_after": lambda h, r: f"{h.street} {h.number}, {h.quarter}",
    "quarter_first": lambda h, r: f"{TOWN_MARK}-{h.quarter}, {h.street} {h.number}",
    "care_of": lambda h, r: f"c/o Müller, {h.street} {h.number}",
    "care_of_after": lambda h, r: f"{h.street} {h.number} c/o Yilmaz, {h.postcode} {TOWN_MARK}",
    "organisation": lambda h, r: f"Verein für Nachbarschaft e.V., {h.street} {h.number}",
    "floor": lambda h, r: f"{h.street} {h.number}, {r.choice(['3. OG', '2. Etage links', 'EG'])}",
    "building": lambda h, r: f"{h.street} {h.number} {r.choice(REAR)}",
    "flat": lambda h, r: f"{h.street} {h.number}, Wohnung {r.randint(1, 40)}, {TOWN_MARK}",
    "nr": lambda h, r: f"{h.street} Nr. {h.number}",
    "hausnummer": lambda h, r: f"{h.street} {r.choice(NUMBER_WORDS)} {h.number}",
    "comma_before_number": lambda h, r: f"{h.street}, {h.number}",
    "trailing_commas": lambda h, r: f"  {h.street}   {h.number} ,, ",
    "no_break_spaces": lambda h, r: f"{h.street} {h.number}".replace(" ", "\u00a0"),
    "decomposed": lambda h, r: unicodedata.normalize("NFD", f"{h.street} {h.number}, {TOWN_MARK}"),
    "directional_marks": lambda h, r: f"\u200f{h.street} \u202a{h.number}\u202c",
    "zero_width": lambda h, r: f"{h.street[:3]}\u200b{h.street[3:]} {h.number}\ufeff",
    "unicode_hyphens": lambda h, r: f"{h.street} {h.number}".replace("-", r.choice(DASHES)),
    "spaced_suffix": lambda h, r: f"{h.street} {_spaced_suffix(h.number)}",
    "lines": lambda h, r: f"{h.street} {h.number}\n{h.postcode} {TOWN_MARK}",
    "number_first": lambda h, r: f"{h.number} {h.street}, {TOWN_MARK}",
    "full_width_digits": lambda h, r: f"{h.street} " + h.number.translate(
        {ord(str(d)): chr(0xFF10 + d) for d in range(10)}
    ),
    "semicolons": lambda h, r: f"{h.street} {h.number}; {h.postcode}; {TOWN_MARK}",
}  # fmt: skip
"""Mess that leaves every letter of the address in place: an exact answer is right."""


def _letters(name: str) -> list[int]:
    """Return where a slip may happen: letters of the name, not of Straße, Weg, Platz …"""
    stem = re.sub(r"(?i)[\s-]?(straße|weg|platz|allee|gasse)$", "", name)
    return [i for i, c in enumerate(stem) if c.isalpha()]


def slip(name: str, kind: str, r: random.Random) -> str:
    """Misspell a name by one slip of the given kind."""
    places = _letters(name)
    i = r.choice(places[1:] or places)
    letters = list(name)
    if kind == "swapped" and i + 1 < len(letters):
        letters[i], letters[i + 1] = letters[i + 1], letters[i]
    elif kind == "missing":
        del letters[i]
    elif kind == "doubled":
        letters.insert(i, letters[i])
    elif kind == "neighbour_key":
        letters[i] = r.choice(KEYS.get(letters[i].lower(), "e"))
    return "".join(letters)


SLIPS = ("swapped", "missing", "doubled", "neighbour_key")


def misspell(house: House, kind: str, r: random.Random, taken: frozenset[str]) -> Form | None:
    """Return a form with one slip in the street, unless it spells another street or none."""
    typed = slip(house.street, kind, r)
    if street_key(typed) in taken or len(_letters(house.street)) < 4:
        return None
    text = SPELLINGS[r.choice(["plain", "abbreviated", "postcode_after", "town_first"])]
    form = text(House(typed, house.number, house.postcode, house.quarter), r)
    return Form(form, f"slip_{kind}", house, is_misspelt=True)


def messy_forms(
    houses: Sequence[House], town: str, n: int, *, misspelt_share: float = 0.0, seed: int = 20260131
) -> Iterator[Form]:
    """Yield n forms; kinds in turn, a share of them with a misspelt street."""
    r = random.Random(seed)  # noqa: S311  (repeatable on purpose)
    taken = frozenset(street_key(h.street) for h in houses)
    kinds = list(SPELLINGS)
    made = 0
    while made < n:
        house = r.choice(houses)
        if r.random() < misspelt_share:
            form = misspell(house, r.choice(SLIPS), r, taken)
        else:
            kind = kinds[made % len(kinds)]
            form = Form(SPELLINGS[kind](house, r), kind, house)
        if form is None:
            continue
        made += 1
        text = form.text.replace(TOWN_MARK, town)
        yield Form(text, form.kind, house, form.is_misspelt)


OTHER_TOWNS = (
    ("41460", "Neuss"), ("50667", "Köln"), ("40878", "Ratingen"), ("40667", "Meerbusch"),
    ("45127", "Essen"), ("10115", "Berlin"), ("80331", "München"), ("40721", "Hilden"),
    ("40699", "Erkrath"), ("47051", "Duisburg"), ("41564", "Kaarst"), ("40764", "Langenfeld"),
    ("52062", "Aachen"), ("01067", "Dresden"), ("20095", "Hamburg"), ("42103", "Wuppertal"),
)  # fmt: skip
ELSEWHERE: dict[str, Maker] = {
    "other_town": lambda h, r: f"{h.street} {h.number}, {r.choice(OTHER_TOWNS)[1]}",
    "other_town_first": lambda h, r: f"{r.choice(OTHER_TOWNS)[1]}, {h.street} {h.number}",
    "other_town_no_comma": lambda h, r: f"{r.choice(OTHER_TOWNS)[1]} {h.street} {h.number}",
    "other_town_after": lambda h, r: f"{h.street} {h.number} {r.choice(OTHER_TOWNS)[1]}",
    "other_postcode": lambda h, r: f"{h.street} {h.number}, {r.choice(OTHER_TOWNS)[0]}",
    "other_both": lambda h, r: "{}, {} {}".format(f"{h.street} {h.number}", *r.choice(OTHER_TOWNS)),
    "other_both_first": lambda h, r: "{1} {2}, {0}".format(
        f"{h.street} {h.number}", *r.choice(OTHER_TOWNS)
    ),
    "other_in": lambda h, r: f"{h.street} {h.number} in {r.choice(OTHER_TOWNS)[1]}",
}  # fmt: skip
_FIRST = ("Quitten", "Zwetschgen", "Nebelhorn", "Purpur", "Paukenschlag", "Wolkenkuckuck", "Uhus",
          "Zauber", "Xylophon", "Kranichflug", "Igelkopf", "Papageien", "Schlittschuh", "Muschel",
          "Blaumeisen", "Grillen", "Krokodil", "Eisvogel", "Senfkorn", "Bernstein")  # fmt: skip
_LAST = ("straße", "weg", "platz", "allee", "gasse", "pfad", "stieg", "ring")


def impossible_forms(
    houses: Sequence[House],
    town: str,
    n: int,
    *,
    known: frozenset[str],
    seed: int = 20260201,
) -> Iterator[Form]:
    """Yield n addresses that lie elsewhere or that nobody has: streets, numbers, suffixes.

    ``known`` are the keys of all streets that exist.
    """
    r = random.Random(seed)  # noqa: S311  (repeatable on purpose)
    numbers: dict[str, set[str]] = {}
    for house in houses:
        numbers.setdefault(house.street, set()).add(house.number)
    kinds = [*ELSEWHERE, "no_such_street", "no_such_number", "no_such_suffix", "towns_only"]
    made = 0
    while made < n:
        kind, house, asked = kinds[made % len(kinds)], r.choice(houses), ""
        if kind in ELSEWHERE:
            text = ELSEWHERE[kind](house, r)
        elif kind == "no_such_street":
            name = r.choice(_FIRST) + r.choice(_LAST)
            if street_key(name) in known:
                continue
            text = f"{name} {house.number}, {town}"
        elif kind == "no_such_number":
            asked = str(r.randint(1500, 9999))
            text = f"{house.street} {asked}"
        elif kind == "no_such_suffix":
            bare = re.match(r"\d+", house.number)
            asked = f"{bare[0] if bare else ''}{r.choice('rtvwxyz')}"
            if asked in numbers[house.street]:
                continue
            text = f"{house.street} {asked}, {house.postcode} {town}"
        else:
            text = " ".join(r.choice(OTHER_TOWNS))
        made += 1
        yield Form(text, kind, house, asked=asked)
