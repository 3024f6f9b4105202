"""How far a long command is: a bar for each part of the work, on a terminal alone.

Bars stand on standard error and go when the work is done. In a pipe, and with ``--json``, nothing
is shown: what a program reads stays clean.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from welcomemap.cli.options import Lang
from welcomemap.wording import Verbatim, say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from welcomemap.ingest.sources import Source

STEPS = {
    "areas": say("reading the areas"),
    "extract": say("reading the OpenStreetMap extract"),
    "people": say("placing the people"),
    "streets": say("joining the streets"),
    "addresses": say("reading the addresses"),
    "transit": say("reading the timetable"),
    "sites": say("locating the sites"),
}
"""What the steps of a build are called; others are shown by their own names."""
MEGABYTE = 1_000_000


@dataclass
class Shown:
    """Bars of the work of one command; without ``bar`` nothing is shown."""

    bar: Progress | None
    language: str
    task: TaskID | None = None
    task_name: str = ""
    words: str = ""

    def tell_step(self, step: str, done: float) -> None:
        """Show a step of a build, and how much of the whole is done, 0-1."""
        words = STEPS.get(step, Verbatim(step)).in_language(self.language)
        self._show("build", words, done, 1.0, "")

    def tell_bytes(self, source: Source, here: int, total: int | None) -> None:
        """Show how much of a file has arrived, in bytes."""
        known = "?" if total is None else f"{total / MEGABYTE:,.1f}"
        self._show(source.name, source.name, here, total, f"{here / MEGABYTE:,.1f} / {known} MB")

    def _show(self, name: str, words: str, done: float, total: float | None, told: str) -> None:
        if self.bar is None:
            return
        if self.task is None or self.task_name != name:
            self.task, self.task_name = self.bar.add_task(words, told=told), name
        is_new, self.words = words != self.words, words
        # Drawn at once: a step that is over before the next drawing is named all the same.
        self.bar.update(
            self.task, description=words, completed=done, total=total, told=told, refresh=is_new
        )


@contextmanager
def shown_progress(language: Lang, *, is_silent: bool) -> Iterator[Shown]:
    """Give what work is told to; it shows that on standard error if that is a terminal."""
    if is_silent or not sys.stderr.isatty():
        yield Shown(None, language.value)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[told]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Shown(bar, language.value)
