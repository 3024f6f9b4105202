"""What a paper calls the lists it speaks of: a published one, or a planner's own."""

from __future__ import annotations

from pathlib import Path

from welcomemap.report.request import PaperRequest, is_table_file
from welcomemap.wording import Text


def name_scenario(scenario: str) -> str:
    """Return what a scenario is called: its name, or its file's without folder and ending."""
    return Path(scenario).stem


def by_list(scenario: str) -> Text:
    """Return by which list something is so."""
    name = name_scenario(scenario)
    if is_table_file(scenario):
        return Text(f"nach der eigenen Liste „{name}“", f"by the planner's own list “{name}”")
    return Text(f"nach dem Verzeichnis {name}", f"by the list of {name}")


def of_list(scenario: str) -> Text:
    """Return of which list something is."""
    name = name_scenario(scenario)
    if is_table_file(scenario):
        return Text(f"der eigenen Liste „{name}“", f"of the planner's own list “{name}”")
    return Text(f"des Verzeichnisses {name}", f"of the list of {name}")


def head_list(scenario: str) -> Text:
    """Return a list's name for headings and subtitles."""
    if is_table_file(scenario):
        file = Path(scenario).name
        return Text(
            f"Eigene Liste {file}, kein amtliches Verzeichnis",
            f"The planner's own list {file}, not an official register",
        )
    return Text(f"Verzeichnis {scenario}", f"List of {scenario}")


def tell_own_files(request: PaperRequest) -> Text | None:
    """Say which of the lists are the planner's own; ``None`` where none is."""
    if not request.files:
        return None
    names = ", ".join(Path(name).name for name in request.files)
    return Text(
        f"Eigene Angaben, keine amtlichen: {names}",
        f"The planner's own data, not official: {names}",
    )
