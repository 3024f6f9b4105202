"""What is asked of a paper, and which lists it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any

import msgspec

from welcomemap.coverage.demand import require_group
from welcomemap.dates import read_iso_date
from welcomemap.errors import JsonError, Place, UsageError, fault, find_unprintable
from welcomemap.files import shape_json
from welcomemap.region.scenario import is_list_file, list_replaced_layers, shorten_list_name
from welcomemap.region.schemas import GROUPS
from welcomemap.study.requests import DEFAULT_SEED, WALKABLE
from welcomemap.travel.impedance import Mode, Threshold, parse_threshold
from welcomemap.wording import LANGUAGES, Language, Phrase, Written, say, say_quoted

FORMATS = ("pdf", "xlsx", "gpkg", "geojson", "csv", "png", "svg", "docx")
MAX_TITLE = 500
AS_WRITTEN = fault("Use the file as welcomemap report wrote it.")
Natural = Annotated[int, msgspec.Meta(ge=0)]


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
    focus_district: Natural | None = None
    title: str = ""
    reference: str = ""
    date: str = ""
    formats: tuple[str, ...] = ()
    language: Language = "de"
    seed: Natural = DEFAULT_SEED
    group: str = GROUPS[0]

    @property
    def candidate_ids(self) -> tuple[str, ...]:
        """Ids among the candidates."""
        return tuple(name for name in self.candidates if not is_list_file(name))

    @property
    def candidate_file(self) -> str | None:
        """The candidates' file, if one is named."""
        return next((name for name in self.candidates if is_list_file(name)), None)

    @property
    def files(self) -> tuple[str, ...]:
        """The planner's own input files, in order."""
        named = (self.scenario, self.compare or "", self.candidate_file or "")
        return tuple(dict.fromkeys(name for name in named if is_list_file(name)))

    def with_files(self, renamed: Mapping[str, str]) -> PaperRequest:
        """Return the request with its input files named otherwise."""
        return replace(
            self,
            scenario=renamed.get(self.scenario, self.scenario),
            compare=None if self.compare is None else renamed.get(self.compare, self.compare),
            candidates=tuple(renamed.get(name, name) for name in self.candidates),
        )


def check_request(
    request: PaperRequest, districts: tuple[int, ...], groups: tuple[str, ...]
) -> None:
    """Refuse what no paper can be made of.

    Raises
    ------
    UsageError
        If a format, language, group, district, date or title cannot be used.
    """
    for name in request.formats:
        if name not in FORMATS:
            raise UsageError(
                "unknown format {name!r}", name=name, formats=FORMATS, how="Choose from {formats}."
            )
    if request.language not in LANGUAGES:
        raise UsageError(
            "no paper in language {language!r}", language=request.language, how="Use de or en."
        )
    require_group(request.group, groups)
    if request.focus_district is not None and request.focus_district not in districts:
        raise UsageError(
            "there is no district {focus_district}",
            focus_district=request.focus_district,
            districts=districts,
            how="Choose from {districts}.",
        )
    if len(request.title) > MAX_TITLE or len(request.reference) > MAX_TITLE:
        raise UsageError(
            "a title or file number has more than {most} characters",
            most=MAX_TITLE,
            how="Shorten it.",
        )
    for part, text in (
        (fault("title"), request.title),
        (fault("file number"), request.reference),
        *((fault("name of a file"), name) for name in request.files),
    ):
        unprintable = find_unprintable(text)
        if unprintable is not None:
            raise UsageError(
                "the {part} {text!r} holds a sign that cannot be printed ({unprintable})",
                part=part,
                text=text,
                unprintable=unprintable,
                how="Take it out, and write what is meant in letters.",
            )
    if sum(is_list_file(name) for name in request.candidates) > 1:
        raise UsageError("more than one file of candidates is named", how="Put them in one file.")
    _check_date(request.date)


def _check_date(text: str) -> None:
    date = read_iso_date(text)
    if text and (date is None or not date.is_day):
        raise UsageError(
            "date {text!r} is not understood", text=text, how="Write it as 2026-11-30."
        )


def write_request(request: PaperRequest) -> dict[str, Any]:
    """Return a request as JSON values."""
    return {**msgspec.to_builtins(request), "threshold": str(request.threshold)}


def read_request(values: Mapping[str, Any], where: Place | None = None) -> PaperRequest:
    """Read a request back from JSON values; one that names no group counts all residents.

    Raises
    ------
    UsageError
        If a value is missing, unknown or of the wrong kind, or there is a key that is never read.
    """
    known = {one.name for one in fields(PaperRequest)}
    unread, lacking = sorted(values.keys() - known), sorted(known - {"group"} - values.keys())
    if unread:
        raise UsageError(
            "the request in the study file has keys that nobody reads: {unread}",
            unread=unread,
            where=where,
            how=AS_WRITTEN,
        )
    if lacking:
        raise UsageError(
            "the request in the study file lacks {lacking}",
            lacking=lacking,
            where=where,
            how=AS_WRITTEN,
        )
    try:
        threshold = parse_threshold(shape_json(values["threshold"], str))
        return shape_json({**values, "threshold": threshold}, PaperRequest)
    except JsonError as error:
        raise UsageError(
            "the request in the study file cannot be read: {error}",
            error=error.fault,
            where=where,
            how=AS_WRITTEN,
        ) from error


FUNCTION_WORDS: Mapping[Language, frozenset[str]] = {
    "de": frozenset(
        ["der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einer", "und",
         "oder", "nicht", "mit", "für", "von", "vom", "zum", "zur", "im", "am", "ist", "wird",
         "wurde", "sind", "auf", "aus", "bei", "nach", "seit", "über", "laut"]
    ),
    "en": frozenset(
        ["the", "a", "of", "and", "or", "not", "with", "for", "from", "to", "at", "on", "is",
         "are", "by", "as", "about", "since", "until", "only"]
    ),
}  # fmt: skip
"""Words that a sentence of the language can hardly do without; those of both are left out."""
LANGUAGE_NAMES = {"de": say("German"), "en": say("English")}


def quote_data(text: str | None) -> Phrase | None:
    """Return a remark of the data as a quotation; one in another language says in which it is."""
    if not text:
        return None
    return Written(_quote_in, text, (guess_language(text),))


def _quote_in(text: str, language: Language, written: Language | None) -> str:
    quoted = say_quoted(text)
    if written is None or written == language:
        return quoted.in_language(language)
    said = say("{quoted} ({language} in the list)", quoted=quoted, language=LANGUAGE_NAMES[written])
    return said.in_language(language)


def guess_language(text: str) -> Language | None:
    """Return whether a remark is German or English by its little words, ``None`` if they differ."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    counted = {
        language: sum(word in known for word in words) for language, known in FUNCTION_WORDS.items()
    }
    if counted["de"] == counted["en"]:
        return None
    return "de" if counted["de"] > counted["en"] else "en"


def name_scenario(scenario: str) -> str:
    """Return what a scenario is called: its name, or its file's without folder and ending."""
    return shorten_list_name(scenario)


def by_list(scenario: str) -> Phrase:
    """Return by which list something is so."""
    name = name_scenario(scenario)
    if is_list_file(scenario):
        return say("by the planner's own list “{name}”", name=name)
    return say("by the list of {name}", name=name)


def of_list(scenario: str) -> Phrase:
    """Return of which list something is."""
    name = name_scenario(scenario)
    if is_list_file(scenario):
        return say("of the planner's own list “{name}”", name=name)
    return say("of the list of {name}", name=name)


def head_list(scenario: str) -> Phrase:
    """Return a list's name for headings and subtitles."""
    if is_list_file(scenario):
        file = Path(scenario).name
        return say("The planner's own list {file}, not an official register", file=file)
    return say("List of {scenario}", scenario=scenario)


def list_scenarios(request: PaperRequest) -> tuple[str, ...]:
    """Return the lists of sites that a paper speaks of."""
    return (request.scenario,) if request.compare is None else (request.scenario, request.compare)


def replace_layers(request: PaperRequest) -> dict[str, str]:
    """Return the layers of the pack in whose place a paper reads a planner's files, with these."""
    lists = list_scenarios(request)
    files = ", ".join(Path(name).name for name in lists)
    replaced = dict.fromkeys(list_replaced_layers(lists), files)
    if request.candidate_file is not None and not request.candidate_ids:
        replaced["candidate_sites"] = Path(request.candidate_file).name
    return replaced


def tell_own_files(request: PaperRequest) -> Phrase | None:
    """Say which of the lists are the planner's own; ``None`` where none is."""
    if not request.files:
        return None
    names = ", ".join(Path(name).name for name in request.files)
    return say("The planner's own data, not official: {names}", names=names)
