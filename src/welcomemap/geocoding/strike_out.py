"""What is left of an address when street, house number and postcode are struck out?"""

from __future__ import annotations

import re

from welcomemap.geocoding.address import ParsedAddress
from welcomemap.geocoding.house_number import NumberPart, read_house_number
from welcomemap.geocoding.number_text import NUMBER_SIGN

_TIED = re.compile(r"\0\W*(?:(?:und|oder|bis|sowie|bzw|od|u)\W+)?(?=\0)")
_REPEATED = re.compile(r"[^\w.]*\0[^\w.]*\0(?!\.)")
"""The same number twice and nothing between, as from two columns of a table."""
_FOREIGN_CODE = re.compile(
    r"(?<!\w)(?:(?!d-?|de-?)[a-z]{1,3}-?|(?:a|at|ch|f|fr|nl|b|be|l|lu|i|it|pl|cz|dk|gb|uk)\s)\Z"
)
_OWN_CODE = re.compile(r"(?<!\w)(?:de|d)[-\s]?\Z")
_DIGITS = re.compile(r"[0-9]+")
_SIGN_END = re.compile(rf"(?:{NUMBER_SIGN}|(?<!\w)(?:haus|hs|h)\.?\s)\W*$")
_EDGE = " .,:;-_/*!?"


def strike_out(parsed: ParsedAddress) -> tuple[str, str]:
    """Return the text before and behind the street, without house number and postcode."""
    text = parsed.text
    spot = _find_street(parsed)
    if spot is None:
        return "", text
    before, behind = text[: spot[0]], text[spot[1] :]
    if parsed.number is not None and not parsed.number.is_single:
        before, behind = (_strike_numbers(t, parsed) for t in (before, behind))
    elif parsed.number is not None:
        shorter = _strike_number(behind, parsed.number.first)
        if shorter is None:
            before = _strike_number(before, parsed.number.first) or before
        else:
            behind = shorter
            again = _strike_number(behind, parsed.number.first)
            if again is not None and _REPEATED.match(again) is not None:
                behind = again
    if parsed.postcode is not None:
        before, behind = (_strike_postcode(t, parsed.postcode) for t in (before, behind))
    return before.strip(_EDGE), behind.strip(_EDGE)


def _find_street(parsed: ParsedAddress) -> tuple[int, int] | None:
    """Return where the street's name stands: the place with a number behind it, else the last."""
    street = parsed.street or ""
    spots = []
    at = parsed.text.find(street) if street else -1
    while at >= 0:
        spots.append((at, at + len(street)))
        at = parsed.text.find(street, at + len(street))
    if not spots and street:
        pattern = r"\s+".join(map(re.escape, street.split()))
        spots = [match.span() for match in re.finditer(pattern, parsed.text)]
    if len(spots) == 1:
        return spots[0]
    numbered = [s for s in spots if re.match(r"\W*[0-9]", parsed.text[s[1] :])]
    chosen = numbered or spots
    return chosen[-1] if chosen else None


def _strike_number(text: str, part: NumberPart) -> str | None:
    """Strike out the first place that holds a house number, with its sign; ``None`` without one."""
    small = text.lower()
    for match in _DIGITS.finditer(small):
        if int(match.group()) != part.number:
            continue
        end = match.end()
        for letter in part.suffix.strip():
            end += len(small[end:]) - len(small[end:].lstrip(" .-/"))
            if small[end : end + 1] != letter:
                break
            end += 1
        else:
            sign = _SIGN_END.search(small[: match.start()]) if match.start() > 1 else None
            start = match.start() if sign is None else sign.start()
            return f"{text[:start]}\0{text[end:]}"
    return None


def _strike_numbers(text: str, parsed: ParsedAddress) -> str:
    """Strike out the numbers of a range or list, and what ties them."""
    for written in parsed.numbers:
        match = re.search(rf"(?<!\w){re.escape(written)}(?!\w)", text.lower())
        for part in read_house_number(written).parts if match is None else ():
            text = _strike_number(text, part) or text
        if match is not None:
            sign = _SIGN_END.search(text.lower()[: match.start()])
            start = match.start() if sign is None else sign.start()
            text = f"{text[:start]}\0{text[match.end() :]}"
    return _TIED.sub("\0", text)


def _strike_postcode(text: str, postcode: str) -> str:
    """Strike out a postcode with the code of this country; another's stays, with the number."""
    if postcode not in text:
        return text
    parts = text.split(postcode)
    for i, part in enumerate(parts[:-1]):
        small = part[-5:].lower()
        if _FOREIGN_CODE.search(small) is not None:
            parts[i] = f"{part}{postcode}"
        elif (code := _OWN_CODE.search(small)) is not None:
            parts[i] = part[: len(part) - len(code.group())]
    return "\0".join(parts)
