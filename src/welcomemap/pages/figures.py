"""Figures of a setting: gaps and coverage, asked once and kept, and the next ones made ready."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from welcomemap.coverage.change import DiffResult
from welcomemap.coverage.coverage_table import CoverageResult, CoverageRow
from welcomemap.coverage.gaps import GapsResult
from welcomemap.pages import own
from welcomemap.pages.choices import steps_of
from welcomemap.pages.planning import Setting
from welcomemap.pages.session import open_study
from welcomemap.region.schemas import GROUPS
from welcomemap.study.requests import WALKABLE, CoverageRequest, DifferenceRequest, GapsRequest
from welcomemap.study.study import Study
from welcomemap.travel.impedance import Threshold, parse_threshold


@dataclass(frozen=True)
class Figures:
    """Gaps and coverage of one setting; coverage holds residents and the chosen group."""

    setting: Setting
    gaps: GapsResult
    coverage: CoverageResult

    @property
    def city(self) -> CoverageRow:
        """The whole city and the chosen group."""
        return next(
            row
            for row in self.coverage.rows
            if row.area_kind == "city" and row.group == self.setting.group
        )


def gaps_request(setting: Setting) -> GapsRequest:
    """Return the request for the gaps of a setting."""
    return GapsRequest(setting.scenario, setting.threshold, setting.mode, setting.group)


def read_figures(setting: Setting) -> Figures:
    """Return the figures of a setting.

    Raises
    ------
    WelcomemapError
        If the study has no answer.
    """
    study = own.open_own_study()
    return own.answer(
        ("figures", setting),
        lambda: _compute(study, setting),
        is_private=own.is_own(setting.scenario),
    )


def prepare_next(setting: Setting) -> None:
    """Make the figures of the other thresholds ready, the nearest steps of the slider first."""
    if own.is_own(setting.scenario):
        return
    study = own.open_own_study()
    own.prepare(
        (("figures", other), lambda other=other: _compute(study, other))  # type: ignore[misc]  # mypy cannot infer a lambda's default
        for other in _list_neighbours(setting)
    )


def prepare_first() -> None:
    """Make the figures a planner sees first ready while the server starts to answer."""
    study = open_study()
    setting = Setting(study.pack.default_scenario, "walk", WALKABLE, GROUPS[0])
    own.prepare([(("figures", setting), lambda: _compute(study, setting))])


def _list_neighbours(setting: Setting) -> Iterator[Setting]:
    steps = [parse_threshold(step) for step in steps_of(setting.mode)]
    same = [step for step in steps if step.unit == setting.threshold.unit]
    if setting.threshold not in same:
        return
    here = same.index(setting.threshold)
    for step in sorted(same, key=lambda step: abs(same.index(step) - here)):
        if step != setting.threshold:
            yield replace(setting, threshold=step)


def _compute(study: Study, setting: Setting) -> Figures:
    groups = tuple(dict.fromkeys((GROUPS[0], setting.group)))
    gaps = study.find_gaps(gaps_request(setting))
    coverage = study.measure_coverage(
        CoverageRequest(setting.scenario, (setting.threshold,), groups, setting.mode)
    )
    return Figures(setting, gaps, coverage)


def read_groups(setting: Setting, thresholds: tuple[Threshold, ...]) -> CoverageResult:
    """Return the coverage of all groups within several thresholds."""
    study = own.open_own_study()
    request = CoverageRequest(setting.scenario, thresholds, study.pack.groups, setting.mode)
    return own.answer(
        request, lambda: study.measure_coverage(request), is_private=own.is_own(setting.scenario)
    )


def read_changes(setting: Setting, before: str) -> DiffResult:
    """Return who gained and who lost since another scenario."""
    request = DifferenceRequest(
        before, setting.scenario, (setting.threshold,), (setting.group,), setting.mode
    )
    study = own.open_own_study()
    return own.answer(
        request,
        lambda: study.compare_scenarios(request),
        is_private=own.is_own(setting.scenario, before),
    )
