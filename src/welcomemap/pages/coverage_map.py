"""The map of a setting: by district, quarter or cell, with service areas, or what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from welcomemap.coverage.headings import head_share
from welcomemap.coverage.words import word_group
from welcomemap.maps.change import draw_change
from welcomemap.maps.content import Frame, MapStudy
from welcomemap.maps.from_coverage import (
    describe_cells,
    describe_changes,
    describe_quarters,
    describe_reaches,
    find_changed_places,
    outline_districts,
)
from welcomemap.maps.from_study import describe_study
from welcomemap.maps.overview import draw_overview
from welcomemap.maps.shares import draw_area_shares, draw_cell_shares, draw_service_areas
from welcomemap.maps.sheet import SheetMap
from welcomemap.pages import own
from welcomemap.pages.figures import Figures, gaps_request, read_changes
from welcomemap.pages.planning import Setting
from welcomemap.wording import Language, Text, format_share

VIEWS: Mapping[str, Text] = MappingProxyType(
    {
        "district": Text("Stadtbezirke", "Districts"),
        "quarter": Text("Stadtteile", "Quarters"),
        "cell": Text("100-Meter-Zellen", "100 m cells"),
        "reach": Text("Einzugsgebiete", "Service areas"),
    }
)


def describe_setting(figures: Figures, language: Language) -> MapStudy:
    """Return areas, sites and heading of a setting."""
    setting, study = figures.setting, own.open_own_study()
    return own.answer(
        ("content", setting, language),
        lambda: describe_study(study, gaps_request(setting), figures.gaps, language),
        is_private=own.is_own(setting.scenario),
    )


def draw_view(view: str, figures: Figures, content: MapStudy, language: Language) -> SheetMap:
    """Draw a setting by district, quarter or cell, or its service areas.

    Raises
    ------
    UsageError
        If service areas cannot be drawn for the mode.
    """
    basemap = own.open_own_basemap()

    def draw() -> SheetMap:
        if view == "district":
            return draw_overview(content, basemap, language)
        return _draw_other(view, figures, content, language)

    return own.answer(
        ("map", view, figures.setting, language),
        draw,
        is_private=own.is_own(figures.setting.scenario),
    )


def _draw_other(view: str, figures: Figures, content: MapStudy, language: Language) -> SheetMap:
    setting, study, basemap = figures.setting, own.open_own_study(), own.open_own_basemap()
    pack, frame = study.pack, _frame(figures, content.frame, language)
    situation = study.read_situation(setting.scenario, setting.mode, setting.threshold.unit)
    heading = head_share(setting.group).in_language(language)
    if view == "quarter":
        quarters = describe_quarters(
            pack, figures.coverage, setting.group, setting.threshold, language
        )
        return draw_area_shares(
            quarters, content.sites, frame=frame, basemap=basemap,
            districts=content.areas, share_heading=heading, language=language,
        )  # fmt: skip
    if view == "cell":
        cells = describe_cells(pack, situation, setting.group, setting.threshold)
        return draw_cell_shares(
            cells, content.sites, frame=frame, basemap=basemap,
            districts=content.areas, share_heading=heading, language=language,
        )  # fmt: skip
    impedance = study.impedance(setting.mode, setting.threshold.unit)
    reaches = describe_reaches(situation, impedance, setting.threshold, language)
    return draw_service_areas(
        reaches, content.sites, frame=frame, basemap=basemap,
        districts=content.areas, language=language,
    )  # fmt: skip


def _frame(figures: Figures, frame: Frame, language: Language) -> Frame:
    city = figures.city
    share = {name: format_share(city.share, name, city.interval) for name in ("de", "en")}
    group = word_group(city.group)
    title = Text(
        f"{share['de']} sind in Reichweite ({group.de})",
        f"{share['en']} are within reach ({group.en})",
    )
    return replace(frame, title=title.in_language(language))


def draw_changes(setting: Setting, before: str, content: MapStudy, language: Language) -> SheetMap:
    """Draw who gained and who lost since another scenario."""
    study, basemap = own.open_own_study(), own.open_own_basemap()
    result = read_changes(setting, before)

    def draw() -> SheetMap:
        unit = setting.threshold.unit
        gained, lost = find_changed_places(
            study.pack,
            study.read_situation(before, setting.mode, unit),
            study.read_situation(setting.scenario, setting.mode, unit),
            setting.group,
            setting.threshold,
        )
        areas = outline_districts(study.pack, language)
        return draw_change(
            describe_changes(areas, result, setting.group, setting.threshold), content.sites,
            frame=replace(content.frame, title=f"{before} → {setting.scenario}"),
            basemap=basemap, gained=gained, lost=lost, language=language,
        )  # fmt: skip

    return own.answer(
        ("changes", setting, before, language),
        draw,
        is_private=own.is_own(setting.scenario, before),
    )
