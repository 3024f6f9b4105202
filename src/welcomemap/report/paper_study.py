"""Everything a paper tells, asked once, with the dates of its sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from welcomemap.coverage.accessibility import ServicePoint
from welcomemap.coverage.change import DiffResult
from welcomemap.coverage.coverage_table import CoverageRow
from welcomemap.coverage.gaps import DistrictGap, GapsResult
from welcomemap.dates import read_iso_date
from welcomemap.describe.answers import show_candidates
from welcomemap.describe.contract import Candidate
from welcomemap.describe.words import RegionWords, read_region_words
from welcomemap.files import hash_file
from welcomemap.region.pack import RegionPack, list_resources
from welcomemap.region.scenario import NoteKind, RowNote, is_list_file
from welcomemap.report.request import PaperRequest
from welcomemap.study.alike import find_usual_kind, split_alike
from welcomemap.study.candidates import CandidateSites
from welcomemap.study.comparison import ComparisonAnswer
from welcomemap.study.requests import (
    CompareRequest,
    CoverageRequest,
    DifferenceRequest,
    GapsRequest,
    SiteRequest,
)
from welcomemap.study.siting import SitingAnswer
from welcomemap.study.study import Study
from welcomemap.wording import Phrase, join_phrases, say, say_date

PRINTED_CANDIDATES = 12
"""A list of all libraries and schools of a town is longer than anybody compares on paper."""


@dataclass(frozen=True, eq=False)
class PaperStudy:
    """The answers a paper is made of.

    Attributes
    ----------
    coverage
        One row for the city and one for each quarter: the request's group and threshold.
    difference
        Who gained and who lost, ``None`` without an earlier scenario.
    comparison
        Candidates side by side, ``None`` where there are none with a place.
    proofs
        Best single site among the candidates, one answer for each list they come from.
    points
        Service points as published, and those only another reading knows.
    rows
        Rows of the list of service points, by id.
    notes, reference
        What is to be known of single rows of the list, and the date at which they must be valid.
    inputs
        sha256 of the planner's own files, by their names without folder.
    apart
        Candidates of the pack's list that are not ranked with the others: of another kind, or
        decided already. ``None`` where candidates were named.
    """

    request: PaperRequest
    pack: RegionPack
    gaps: GapsResult
    coverage: tuple[CoverageRow, ...]
    difference: DiffResult | None
    comparison: ComparisonAnswer | None
    proofs: tuple[SitingAnswer, ...]
    points: tuple[ServicePoint, ...]
    rows: Mapping[str, Mapping[Hashable, Any]]
    inputs: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[RowNote, ...] = ()
    reference: str | None = None
    apart: CandidateSites | None = None

    @cached_property
    def words(self) -> RegionWords:
        """What the region calls its areas and service points."""
        return read_region_words(self.pack.region)

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """The candidates side by side, by rank where they are too many to print them all."""
        if self.comparison is None:
            return ()
        shown = show_candidates(self.comparison)
        is_short = len(shown) <= PRINTED_CANDIDATES
        return shown if is_short else tuple(sorted(shown, key=lambda row: (row.rank, row.id)))

    @property
    def printed_candidates(self) -> tuple[Candidate, ...]:
        """Those that stand in the paper; its workbook has all."""
        return self.candidates[:PRINTED_CANDIDATES]

    @property
    def group(self) -> str:
        """Who is counted in every figure that does not name others."""
        return self.request.group

    @property
    def city(self) -> CoverageRow:
        """Coverage of the whole city."""
        return next(row for row in self.coverage if row.area_kind == "city")

    @property
    def quarters(self) -> tuple[CoverageRow, ...]:
        """Coverage of the quarters."""
        return tuple(row for row in self.coverage if row.area_kind == "quarter")

    @property
    def published(self) -> tuple[ServicePoint, ...]:
        """Service points of the list, as published."""
        return tuple(point for point in self.points if point.id in self.rows)

    @property
    def omitted(self) -> tuple[ServicePoint, ...]:
        """Service points that the list omits though dated reports have them open."""
        return tuple(
            point
            for point in self.points
            if point.id not in self.rows and point.runs_in_other_reading and point.is_disputed
        )

    @property
    def has_own_list(self) -> bool:
        """Tell whether the sites are a planner's own list."""
        return is_list_file(self.request.scenario)

    def list_noted(self, *kinds: NoteKind) -> tuple[ServicePoint, ...]:
        """Return the sites of the list that have a note of one of these kinds."""
        noted = {note.site for note in self.notes if note.kind in kinds}
        return tuple(point for point in self.published if point.id in noted)

    @property
    def is_list_disputed(self) -> bool:
        """Tell whether a source at hand contradicts the list, so that it can be read otherwise."""
        return any(point.is_disputed for point in (*self.published, *self.omitted))

    @property
    def has_other_reading(self) -> bool:
        """Tell whether that is so of the list, or of a change from the earlier one."""
        changes = () if self.difference is None else self.difference.rows
        return self.is_list_disputed or any(row.rests_on_disputed for row in changes)

    @property
    def focus(self) -> DistrictGap | None:
        """The district in focus: as asked, else the unserved one with the most people."""
        wanted = self.request.focus_district
        if wanted is not None:
            return next(gap for gap in self.gaps.districts if gap.district == wanted)
        unserved = [gap for gap in self.gaps.districts if gap.is_located_unserved]
        return max(unserved, key=lambda gap: gap.people, default=None)


def ask_study(study: Study, request: PaperRequest) -> PaperStudy:
    """Ask everything a paper tells.

    Raises
    ------
    InputError
        If a scenario or a file of candidates cannot be used.
    """
    gaps = study.find_gaps(
        GapsRequest(request.scenario, request.threshold, request.mode, request.group, request.seed)
    )
    coverage = study.measure_coverage(
        CoverageRequest(request.scenario, (request.threshold,), (request.group,), request.mode,
                        request.seed)
    )  # fmt: skip
    scenario = study.load_scenario(request.scenario)
    frame = scenario.frame
    listed, apart = _list_candidates(study, request, frame)
    comparison = _compare(study, request, listed)
    accessibility = study.read_accessibility(request.scenario, request.mode, request.threshold.unit)
    return PaperStudy(
        request=request,
        pack=study.pack,
        gaps=gaps,
        coverage=tuple(row for row in coverage.rows if row.area_kind != "district"),
        difference=_find_difference(study, request),
        comparison=comparison,
        proofs=() if comparison is None else _prove(study, request, comparison),
        points=accessibility.points,
        rows={str(row["id"]): row for row in frame.to_dict("records")},
        inputs={Path(name).name: hash_file(Path(name)) for name in request.files},
        notes=scenario.notes,
        reference=scenario.reference,
        apart=apart,
    )


def _find_difference(study: Study, request: PaperRequest) -> DiffResult | None:
    if request.compare is None:
        return None
    return study.compare_scenarios(
        DifferenceRequest(
            request.compare, request.scenario, (request.threshold,), (request.group,),
            request.mode, request.seed,
        )
    )  # fmt: skip


def _list_candidates(
    study: Study, request: PaperRequest, frame: pd.DataFrame
) -> tuple[tuple[str, ...], CandidateSites | None]:
    """Return the candidates to compare by id, and those of the pack's list that are set apart."""
    if request.candidates:
        return request.candidate_ids, None
    if not study.pack.has_layer("candidate_sites") or study.pack.candidate_sites.empty:
        return (), None
    kind = find_usual_kind(frame["kind"].tolist()) if "kind" in frame else ""
    alike, apart = split_alike(study.find_candidates("list"), kind)
    return (alike.ids if alike.is_located.any() else ()), apart


def _compare(
    study: Study, request: PaperRequest, candidates: tuple[str, ...]
) -> ComparisonAnswer | None:
    if not candidates and request.candidate_file is None:
        return None
    return study.compare_candidates(
        CompareRequest(
            candidates, request.candidate_file, request.scenario, request.threshold,
            request.mode, group=request.group, seed=request.seed,
        )
    )  # fmt: skip


def _prove(
    study: Study, request: PaperRequest, comparison: ComparisonAnswer
) -> tuple[SitingAnswer, ...]:
    """Choose the best single site of each list the candidates come from."""
    compared = set(comparison.sites.ids)
    sources = [] if request.candidate_file is None else [request.candidate_file]
    if request.candidate_ids or not sources:
        sources.append("list")
    proofs = []
    for source in sources:
        sites = study.find_candidates(source)
        located = [
            name for name, is_located in zip(sites.ids, sites.is_located, strict=True) if is_located
        ]
        if not compared & set(located):
            continue
        left_out = tuple(name for name in located if name not in compared)
        proofs.append(
            study.choose_sites(
                SiteRequest(
                    "mclp", 1, request.scenario, request.threshold, request.mode, request.group,
                    candidates=source, excluded=left_out,
                )
            )
        )  # fmt: skip
    return tuple(proofs)


STATUS_LAYERS = (
    ("service_points", say("sites")),
    ("demand_cells", say("people")),
    ("districts", say("borders")),
    ("street_edges", say("streets")),
)
EARLIEST = dt.date(1970, 1, 1)


def find_data_date(pack: RegionPack) -> str:
    """Return the latest date of any layer as ISO text, as exact as the pack says."""
    dates = [layer.date for layer in list_resources(pack.manifest) if read_iso_date(layer.date)]
    return max(dates, default="")


def find_timestamp(request: PaperRequest, pack: RegionPack) -> int:
    """Return the date of the paper, or of its data, in seconds since 1970 (UTC midnight)."""
    date = read_iso_date(request.date) or read_iso_date(find_data_date(pack))
    day = EARLIEST if date is None else date.first
    return int(dt.datetime.combine(day, dt.time(tzinfo=dt.UTC)).timestamp())


def tell_status(study: PaperStudy) -> Phrase:
    """Say what date the data have, layer by layer; an own list says its file and its own date."""
    pack, own = study.pack, _date_own_list(study)
    dates = {layer.name: layer.date for layer in list_resources(pack.manifest)}
    told = [
        say("{name} {dates}", name=name, dates=say_date(dates[layer]))
        for layer, name in STATUS_LAYERS
        if layer in dates and not (own and layer == "service_points")
    ]
    told = told if own is None else [own, *told]
    return say("Data as of: {told}.", told=join_phrases(*told, joint=", "))


def _date_own_list(study: PaperStudy) -> Phrase | None:
    """Say of which file the sites are and at which date they are counted; ``None`` if published."""
    if not study.has_own_list:
        return None
    name = Path(study.request.scenario).name
    digest = study.inputs.get(name, "")[:12]
    return say(
        "sites by the planner's own list ({file}; date of reference {day})",
        day=say_date(study.reference or ""),
        file=f"{name}, SHA-256 {digest}…" if digest else name,
    )
