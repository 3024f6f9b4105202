"""Tell people how far the fetching is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from welcomemap.build.sources import Source

OnProgress = Callable[[Source, int, int | None], None]
"""Called with the source, the bytes so far and the bytes in all (None: not known)."""


@contextmanager
def show_progress(on_progress: OnProgress | None) -> Iterator[OnProgress]:
    """Give the caller's own report of progress, or a bar on standard error."""
    if on_progress is not None:
        yield on_progress
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def show(source: Source, here: int, total: int | None) -> None:
            if source.name not in tasks:
                tasks[source.name] = bar.add_task(source.name)
            bar.update(tasks[source.name], completed=here, total=total)

        yield show
