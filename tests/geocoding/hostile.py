"""Addresses nobody should write: a seeded generator of mutated texts, and what must hold of them.

Everything is told by the seed; ``run`` is what the tests call for a few thousand texts and the
benchmark for a million.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from welcomemap.errors import UnreadableAddressError
from welcomemap.geocoding.outcome import GeocodeResult, Outcome

SEEDS = (
    "Kölner Straße 4", "Kölner Straße 4a, 99001 Düneburg", "99002 Düneburg, Gartenweg 1",
    "An der Linde 1 c/o Müller, 3. OG links", "KİRCHSTRASSE 40217", "Am Wehr 1 - 5 (Aue)",
    "Nach den 12 Morgen 9", "Straße 20 5", "Haus am Markt, 7, Lange Straße, Stadtbezirk 3",
)  # fmt: skip
PIECES = (
    " ", "  ", "\t", "\n", "\r\n", ",", ";", ".", ":", "-", "–", " - ", "/", "+", "&", "|", "~",
    "(", ")", "[", "]", "'", "\"", "#", "?", "!", "*", "_", "=", "<", ">", "{", "}", "\\", "%",
    " oder ", " und ", " bis ", " u. ", " Nr. ", "Haus ", " OG", " c/o ", " Etage", "ff.", "bzw.",
    "½", "²", "⑦", "٧", "７", "ⅷ", "İ", "ı", "ß", "ẞ", "ſ", "ﬁ", "ª", "с", "ب", "א", "é", "e\u0301",
    "\u0308", "\u200b", "\u200d", "\u00ad", "\u202e", "\u2066", "\ufeff", "\ufe0f", "\u00a0",
    "\u3000", "\u2028", "\x00", "\x1b", "\x7f", "\ud800", "\U000e0041", "😀", "👨\u200d👩", "0",
    "7", "99001", "9999999999", "1e9", "1_000", "0x1F", "-1", "NaN", "null", "=1+1", "' OR 1=1 --",
    "<b>", "${7}", "../..", "%00", "a", "Z", "Straße", "str.", "weg",
)  # fmt: skip
REPEATED = (
    "7", " ", "-", "(", "[", " -", "a ", "7 ", "7-", "7/", "7 a ", "Nr.", "Haus 1 ", "3. OG ",
    "c/o ", "str", "straße", ", ", "\n", "İ", "½", "ﷺ", "\u0308", "u. ", "oder ", "'", "12345 ",
    "bezirk ",
)  # fmt: skip
MAX_SECONDS = 5.0
"""Longest processor time for one text: far above what is usual, far below what is a hang."""
Answer = Callable[[str], GeocodeResult]


@dataclass
class Report:
    """What became of the texts; ``faults`` must be empty."""

    n: int = 0
    refused: int = 0
    exact: int = 0
    slowest_s: float = 0.0
    faults: list[tuple[str, str]] = field(default_factory=list)


def _character(r: random.Random) -> str:
    return chr(r.choice((r.randrange(0x80), r.randrange(0x3000), r.randrange(0x110000))))


def _mutate(text: str, others: Sequence[str], r: random.Random) -> str:
    at = r.randint(0, len(text))
    end = min(len(text), at + r.randint(0, 4))
    kind = r.randrange(8)
    if kind <= 2:
        return text[:at] + r.choice(PIECES) + text[at:]
    if kind == 3:
        return text[:at] + text[end:]
    if kind == 4:
        return text[:at] + _character(r) + text[at:]
    if kind == 5:
        return text[:end] + text[at:]
    if kind == 6:
        return text[:at] + r.choice(others)[r.randint(0, 5) :]
    return text.upper() if r.random() < 0.5 else text.swapcase()


def hostile_addresses(n: int, *, seed: int = 1, seeds: Sequence[str] = SEEDS) -> Iterator[str]:
    """Yield texts: mutations of addresses, one in fifty a short piece repeated to the limit."""
    r = random.Random(seed)  # noqa: S311  (a test's texts)
    for number in range(n):
        text = r.choice(seeds)
        if number % 50 == 0:
            piece = r.choice(REPEATED)
            room = r.choice((100, 398, 400, 401, 5000))
            text = (text + piece * (room // len(piece) + 1))[:room]
        for _ in range(r.randint(1, 6)):
            text = _mutate(text, seeds, r)
        yield text


def run(answer: Answer, texts: Iterator[str]) -> Report:
    """Answer every text; only a refusal by name is an answer besides a result.

    A fault is any other exception, a text that takes longer than :data:`MAX_SECONDS`, or an exact
    answer whose number does not stand in the text.
    """
    report = Report()
    for text in texts:
        report.n += 1
        start = time.process_time()
        try:
            result = answer(text)
        except UnreadableAddressError:
            report.refused += 1
        except Exception as error:  # noqa: BLE001  (whatever comes is what is looked for)
            report.faults.append((text, f"{type(error).__name__}: {error}"))
        else:
            report.exact += result.outcome is Outcome.EXACT
            if result.outcome is Outcome.EXACT and not _is_typed(result.house_number or "", text):
                report.faults.append((text, f"exact {result.house_number}"))
        seconds = time.process_time() - start
        report.slowest_s = max(report.slowest_s, seconds)
        if seconds > MAX_SECONDS:
            report.faults.append((text, f"took {seconds:.1f} s"))
    return report


def _is_typed(number: str, text: str) -> bool:
    """Tell whether the digits of a number stand in a text in this order, signs between or not."""
    typed = "".join(str(int(c)) for c in text if c.isdecimal())
    return "".join(c for c in number if c.isdecimal()) in typed
