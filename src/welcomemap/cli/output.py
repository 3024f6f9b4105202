"""What a command prints: one JSON value, or a table for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from welcomemap.cli.options import Lang
from welcomemap.errors import Fault, ListRowWarning, Notice, fault

LEAST_WIDTH = 110
"""Columns of characters a table takes at least; narrower ones cut numbers."""
WIDE, COLUMN_GAP = 1000, 3
MAX_WORD = 40
"""Longer words are broken; no other word is."""
SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"


def word_notice(notice: Notice, language: Lang) -> str:
    """Return an error or a warning as one line in a language."""
    if language is Lang.EN and not isinstance(notice, ListRowWarning):
        return str(notice)
    # Most commands fail in English, and what words a fault takes long to import.
    from welcomemap.describe.reasons import describe_notice

    return describe_notice(notice).in_language(language)


def word_fault(fault: Fault, language: Lang) -> str:
    """Return a fault as a sentence in a language."""
    if language is Lang.EN:
        return str(fault)
    from welcomemap.describe.reasons import describe_fault

    return describe_fault(fault).in_language(language)


def note(what: Fault, language: Lang) -> None:
    """Print what a person should know as one line on standard error."""
    told = " ".join(word_fault(what, language).split())
    sys.stderr.write(f"{word_fault(fault('note'), language)}: {_make_printable(told)}\n")


def print_json(answer: object) -> None:
    """Print exactly one JSON value; ``NaN`` and infinities are refused, unknown is ``null``."""
    from welcomemap.describe.contract import encode

    sys.stdout.write(f"{encode(answer)}\n")


def print_lines(lines: Iterable[str]) -> None:
    """Print sentences, one a line, without wrapping; control characters are dropped."""
    for line in lines:
        sys.stdout.write(_make_printable(line) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; cells are text and never markup. Columns of numbers are set right."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as RichText

    rows = [list(row) for row in rows]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, column in enumerate(columns):
        is_numeric = all(_starts_like_number(row[number]) for row in rows)
        widest = min(MAX_WORD, max(map(_measure_word, (column, *(row[number] for row in rows)))))
        table.add_column(
            RichText(column), justify="right" if is_numeric else "left", min_width=widest,
            overflow="fold",
        )  # fmt: skip
    for row in rows:
        table.add_row(*(RichText(_make_printable(cell)) for cell in row))
    console = Console(highlight=False)
    least = Console(width=WIDE).measure(table).minimum + COLUMN_GAP * len(columns)
    Console(highlight=False, width=max(console.width, LEAST_WIDTH, least)).print(table)


def _measure_word(cell: str) -> int:
    return max(map(len, cell.split(" ")))


def _make_printable(text: str) -> str:
    return "".join(c if c.isprintable() or c in SPACES else " " for c in text)


def _starts_like_number(cell: str) -> bool:
    return cell[:1].isdigit() or cell in ("", "–") or cell[:1] in "+-−"
