"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from welcomemap.region.pack import RegionPack
    from welcomemap.travel.impedance import Threshold


class Lang(StrEnum):
    """Languages of the printed output."""

    DE = "de"
    EN = "en"


class TravelMode(StrEnum):
    """Modes of travel."""

    WALK = "walk"
    CYCLE = "cycle"
    TRANSIT = "transit"


RESIDENTS = "residents"
GROUP_NAMES = "residents|migration_background|foreign_citizens|under_18|over_65"
CountedGroup = Annotated[
    str, typer.Option("--group", metavar=GROUP_NAMES, help="Whose figures are told.")
]
Pack = Annotated[
    Path | None,
    typer.Option("--pack", help="Folder of the region pack (default: WELCOMEMAP_PACK, embedded)."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
Language = Annotated[Lang | None, typer.Option("--lang", help="Language of the printed output.")]
Scenario = Annotated[
    str | None,
    typer.Option(
        "--scenario", help="A scenario of the pack (2019, 2026), a date, or a CSV or XLSX file."
    ),
]
TravelBy = Annotated[TravelMode, typer.Option("--mode", help="Mode of travel.")]
OneThreshold = Annotated[
    str | None,
    typer.Option(
        "--threshold",
        help="Cut-off such as 1000m, 1.5km or 15min (default 1000m; by public transport 15min).",
    ),
]
Thresholds = Annotated[
    str | None,
    typer.Option(
        "--threshold",
        help="One or more: 500m,1.5km,15min (default 1000m; by public transport 15min).",
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of the uncertainty draws.")]
Facilities = Annotated[
    Path | None,
    typer.Option(help="CSV or XLSX: id, and capacity (people it can serve), cost (of opening)."),
]
Out = Annotated[Path, typer.Option("--out", help="File to write.")]

DEFAULT_SEED = 2026
KM_BELOW_1 = re.compile(r"(?<![\d.])0,(\d{1,3}\s*k)", re.IGNORECASE)
DECIMAL_OR_TWO = re.compile(r"\s*(?<![\d.])(\d{1,4}),(\d{1,2})\s*([a-zA-Z]+)\s*")
"""A comma between digits before a unit: that of a decimal, or between two thresholds."""
LOCALE_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Where gettext looks for the language of messages, in this order."""


def find_language(arguments: Sequence[str]) -> Lang:
    """Return the language of errors and warnings: ``--lang``, else that of the machine's messages.

    A command may fail before its options are read, so that they are looked for here.
    """
    for i, argument in enumerate(arguments):
        name, has_value, value = argument.partition("=")
        if name == "--lang":
            chosen = value if has_value else "".join(arguments[i + 1 : i + 2])
            return Lang.DE if chosen == Lang.DE else Lang.EN
    named = (os.environ.get(variable, "") for variable in LOCALE_VARIABLES)
    return Lang.DE if next(filter(None, named), "").startswith("de") else Lang.EN


def open_pack(folder: Path | None) -> RegionPack:
    """Open the region pack that the options name."""
    from welcomemap.region.pack import load_pack

    return load_pack(folder)


def pick_language(chosen: Lang | None, pack: RegionPack) -> Lang:
    """Return the language asked for, else the region's own."""
    return chosen or Lang(pack.language)


def pick_scenario(chosen: str | None, pack: RegionPack) -> str:
    """Return the scenario asked for, else the region's default."""
    return pack.default_scenario if chosen is None else chosen


def split_list(text: str) -> list[str]:
    """Split a comma-separated value; empty parts are dropped."""
    return [part.strip() for part in text.split(",") if part.strip()]


def read_thresholds(text: str | None, mode: TravelMode) -> tuple[Threshold, ...]:
    """Read ``500m,1000m,15min``; where none is given, the default of the mode of travel counts.

    A comma separates thresholds, but for that of ``0,5km``. ``1,5km`` may be one or two of them.

    Raises
    ------
    UsageError
        If there is none, one is not understood, or a comma may be either.
    """
    from welcomemap.errors import UsageError
    from welcomemap.study.requests import default_threshold
    from welcomemap.travel.impedance import parse_threshold

    if text is None:
        return (default_threshold(mode.value),)
    told = KM_BELOW_1.sub(r"0.\1", text)
    unclear = DECIMAL_OR_TWO.search(told)
    if unclear is not None:
        raise UsageError(
            "{text!r} may be one threshold or two",
            text=unclear[0].strip(),
            one=f"{unclear[1]}.{unclear[2]}{unclear[3]}",
            two=f"{unclear[1]}{unclear[3]},{unclear[2]}{unclear[3]}",
            how="Write {one} for one, {two} for two.",
        )
    thresholds = tuple(map(parse_threshold, split_list(told)))
    if not thresholds:
        raise UsageError("no threshold is given", how="Write it as 1000m or 500m,15min.")
    return thresholds


def read_threshold(text: str | None, mode: TravelMode) -> Threshold:
    """Read one threshold; where none is given, the default of the mode of travel counts.

    Where only one is taken, the comma of ``1,5km`` can only be a decimal one.

    Raises
    ------
    UsageError
        If there are several, or one is not understood.
    """
    from welcomemap.errors import UsageError
    from welcomemap.travel.impedance import parse_threshold

    if text is not None and DECIMAL_OR_TWO.fullmatch(text) is not None:
        return parse_threshold(text)
    thresholds = read_thresholds(text, mode)
    if len(thresholds) != 1:
        raise UsageError("this command takes one threshold", how="Write it as 1000m or 15min.")
    return thresholds[0]


def read_groups(text: str, pack: RegionPack) -> tuple[str, ...]:
    """Read ``residents,under_18``.

    Raises
    ------
    UsageError, MissingGroupError
        If the region does not know the people of one.
    """
    from welcomemap.coverage.demand import require_group

    groups = tuple(split_list(text)) or ("",)
    for group in groups:
        require_group(group, pack.groups)
    return groups


def read_district(text: str | None, pack: RegionPack) -> int | None:
    """Read the number of a district, or its name.

    Raises
    ------
    UsageError
        If the region has none of that number and name, or several of that name.
    """
    from welcomemap.errors import UsageError, fault

    if text is None:
        return None
    rows = pack.districts[["district", "name"]].itertuples(index=False)
    names = {int(number): str(name) for number, name in rows}
    asked = text.strip().casefold()
    found = [key for key, name in names.items() if asked in (str(key), name.strip().casefold())]
    if len(found) != 1:
        raise UsageError(
            "there is no one district {text!r}",
            text=text,
            districts=tuple(
                fault("{number} {name}", number=key, name=name) for key, name in names.items()
            ),
            how="Give one by its number or by its name: {districts}.",
        )
    return found[0]
