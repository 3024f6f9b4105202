"""The legend of the printed maps and the credit of their sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from welcomemap.coverage.headings import head_share
from welcomemap.maps.basemap import Basemap
from welcomemap.maps.sources import list_sources
from welcomemap.maps.words import words_in
from welcomemap.report.lists import list_scenarios, tell_own_files
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.print_map.content import LegendBlock, LegendRow, PrintSign
from welcomemap.style import (
    BORDER_COLOUR,
    LAND_COLOUR,
    SHARE_COLOURS,
    STREET_COLOUR,
    WATER_COLOUR,
    WHITE,
    Sign,
)
from welcomemap.wording import Language, Text

SITES_HEADING = Text("Standorte", "Sites")
AREAS_HEADING = Text("Gebiete", "Areas")
UNSERVED = Text("kein Standort im Gebiet", "no site in the area")


@dataclass(frozen=True)
class Legend:
    """Explains what a map of this paper shows."""

    study: PaperStudy
    ground: Basemap
    language: Language

    def explain_areas(self) -> LegendBlock:
        """Return what the hatchings of areas mean."""
        rows = []
        if any(gap.is_located_unserved for gap in self.study.gaps.districts):
            rows.append(
                LegendRow(UNSERVED.in_language(self.language), fill=LAND_COLOUR, hatch="unserved")
            )
        if any(gap.share is None for gap in self.study.gaps.districts):
            unknown = words_in(self.language).share_unknown
            rows.append(LegendRow(unknown, fill=WHITE, hatch="unknown"))
        return LegendBlock(AREAS_HEADING.in_language(self.language) if rows else "", tuple(rows))

    def explain_shares(self) -> LegendBlock:
        """Return the steps of the shares."""
        if self.study.city.share is None:
            return LegendBlock("", ())
        steps = len(SHARE_COLOURS)
        rows = []
        for number, colour in enumerate(SHARE_COLOURS):
            low, high = 100 * number // steps, 100 * (number + 1) // steps
            under = Text(f"{low} bis unter {high} %", f"{low}% to under {high}%")
            last = Text(f"{low} bis {high} %", f"{low}% to {high}%")
            said = last if number == steps - 1 else under
            rows.append(LegendRow(said.in_language(self.language), fill=colour))
        return LegendBlock(head_share(self.study.group).in_language(self.language), tuple(rows))

    def explain_signs(self, signs: Sequence[PrintSign]) -> LegendBlock:
        """Return the signs that the map shows."""
        words = words_in(self.language)
        shown = {sign.sign for sign in signs}
        rows = tuple(LegendRow(words.signs[sign], sign=sign) for sign in Sign if sign in shown)
        return LegendBlock(SITES_HEADING.in_language(self.language) if rows else "", rows)

    def explain_ground(self) -> LegendBlock:
        """Return borders, water and streets."""
        words, ground = words_in(self.language), self.ground
        district = self.study.words.district
        rows = [
            LegendRow(
                Text(f"Grenze: {district.de}", f"border: {district.en}").in_language(self.language),
                line=BORDER_COLOUR,
            )
        ]
        if not ground.river.is_empty:
            rows.append(LegendRow(words.water, fill=WATER_COLOUR))
        if not ground.streets.is_empty:
            rows.append(LegendRow(words.street, line=STREET_COLOUR))
        return LegendBlock("", tuple(rows))


def credit_sources(study: PaperStudy, language: Language) -> str:
    """Name the sources of the map layers, each once, under the licence they come with."""
    parts: dict[str, str] = {}
    for source in list_sources(study.pack, lists=list_scenarios(study.request)):
        for name in source.name.split("; "):
            parts.setdefault(name, source.licence)
    licences = dict.fromkeys(parts.values())
    told = [
        ", ".join(name for name, own in parts.items() if own == licence)
        + (f" ({licence})" if licence else "")
        for licence in licences
    ]
    own = tell_own_files(study.request)
    return "; ".join([*told, *(() if own is None else (own.in_language(language),))])
