"""What a council paper is asked to say: scenario, candidates, threshold, title and forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, get_args

from welcomemap.dates import read_iso_date
from welcomemap.errors import UsageError, quote
from welcomemap.pack.scenario import is_list_file
from welcomemap.study.requests import DEFAULT_SEED, WALKABLE
from welcomemap.tables import GROUPS
from welcomemap.travel.impedance import Mode, Threshold, parse_threshold
from welcomemap.wording import LANGUAGES, Language, find_unprintable

FORMATS = ("pdf", "xlsx", "gpkg", "geojson", "csv", "png", "svg", "docx")
MAX_TITLE = 500


@dataclass(frozen=True)
class PaperRequest:
    """A council paper.

    Attributes
    ----------
    scenario
        A scenario of the pack or a planner's file.
    compare
        Earlier scenario to compare with.
    candidates
        Ids of candidate sites and at most one file; empty for all that the pack lists.
    group
        Whose figures the paper tells.
    focus_district
        District the paper speaks of first.
    title
        Empty for the finding itself.
    reference
        File number.
    date
        Date of the paper as ISO text; empty for the date of the data, so that nothing depends on
        the clock.
    formats
        Forms beside the one that the output file's ending names.
    """

    scenario: str
    compare: str | None = None
    candidates: tuple[str, ...] = ()
    threshold: Threshold = WALKABLE
    mode: Mode = "walk"
    focus_district: int | None = None
    title: str = ""
    reference: str = ""
    date: str = ""
    formats: tuple[str, ...] = ()
    language: Language = "de"
    seed: int = DEFAULT_SEED
    group: str = GROUPS[0]

    @property
    def candidate_ids(self) -> tuple[str, ...]:
        """Ids among the candidates."""
        return tuple(name for name in self.candidates if not is_table_file(name))

    @property
    def candidate_file(self) -> str | None:
        """The candidates' file, if one is named."""
        return next((name for name in self.candidates if is_table_file(name)), None)

    @property
    def files(self) -> tuple[str, ...]:
        """The planner's own input files, in order."""
        named = (self.scenario, self.compare or "", self.candidate_file or "")
        return tuple(dict.fromkeys(name for name in named if is_table_file(name)))

    def with_files(self, renamed: Mapping[str, str]) -> PaperRequest:
        """Return the request with its input files named otherwise."""
        return replace(
            self,
            scenario=renamed.get(self.scenario, self.scenario),
            compare=None if self.compare is None else renamed.get(self.compare, self.compare),
            candidates=tuple(renamed.get(name, name) for name in self.candidates),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON values."""
        values = asdict(self)
        values["threshold"] = str(self.threshold)
        return {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}


def is_table_file(name: str) -> bool:
    """Tell whether a scenario or candidate is named as a file."""
    return is_list_file(name)


def check_request(request: PaperRequest, districts: tuple[int, ...]) -> None:
    """Refuse what no paper can be made of.

    Raises
    ------
    UsageError
        If a format, language, group, district, date or title cannot be used.
    """
    for name in request.formats:
        if name not in FORMATS:
            raise UsageError(
                f"unknown format {quote(name)!r}", how=f"Choose from {', '.join(FORMATS)}."
            )
    if request.language not in LANGUAGES:
        raise UsageError(f"no paper in language {quote(request.language)!r}", how="Use de or en.")
    if request.group not in GROUPS:
        raise UsageError(
            f"unknown group {quote(request.group)!r}", how=f"Choose from {', '.join(GROUPS)}."
        )
    if request.focus_district is not None and request.focus_district not in districts:
        raise UsageError(
            f"there is no district {request.focus_district}",
            how=f"Choose from {', '.join(map(str, districts))}.",
        )
    if len(request.title) > MAX_TITLE or len(request.reference) > MAX_TITLE:
        raise UsageError(
            f"a title or file number has more than {MAX_TITLE} characters", how="Shorten it."
        )
    for what, text in (
        ("title", request.title),
        ("file number", request.reference),
        *(("name of a file", name) for name in request.files),
    ):
        unprintable = find_unprintable(text)
        if unprintable is not None:
            raise UsageError(
                f"the {what} {quote(text)!r} holds a sign that cannot be printed ({unprintable})",
                how="Take it out, and write what is meant in letters.",
            )
    if sum(is_table_file(name) for name in request.candidates) > 1:
        raise UsageError("more than one file of candidates is named", how="Put them in one file.")
    _check_date(request.date)


def _check_date(text: str) -> None:
    date = read_iso_date(text)
    if text and (date is None or not date.is_day):
        raise UsageError(f"date {quote(text)!r} is not understood", how="Write it as 2026-11-30.")


def read_request(values: Mapping[str, Any]) -> PaperRequest:
    """Read a request back from JSON values; one that names no group counts all residents.

    Raises
    ------
    UsageError
        If a value is missing, unknown or of the wrong kind, or there is a key that is never read.
    """
    unread = sorted(values.keys() - PaperRequest.__dataclass_fields__.keys())
    if unread:
        raise UsageError(
            f"the request in the study file has keys that nobody reads: {quote(', '.join(unread))}",
            how="Use the file as welcomemap report wrote it.",
        )
    try:
        request = PaperRequest(
            scenario=_text(values["scenario"]),
            compare=None if values["compare"] is None else _text(values["compare"]),
            candidates=_texts(values["candidates"]),
            threshold=parse_threshold(_text(values["threshold"])),
            mode=_text(values["mode"]),  # type: ignore[arg-type]  # checked below
            focus_district=None if values["focus_district"] is None
            else _integer(values["focus_district"]),
            title=_text(values["title"]),
            reference=_text(values["reference"]),
            date=_text(values["date"]),
            formats=_texts(values["formats"]),
            language=_text(values["language"]),  # type: ignore[arg-type]  # by check_request
            seed=_integer(values["seed"]),
            group=_text(values.get("group", GROUPS[0])),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"the request in the study file cannot be read: {quote(repr(error))}",
            how="Use the file as welcomemap report wrote it.",
        ) from error
    if request.mode not in get_args(Mode):
        raise UsageError(f"unknown mode {quote(request.mode)!r}", how="Use walk, cycle, transit.")
    return request


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{value!r} is not a whole number from 0 on")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return tuple(_text(item) for item in value)
