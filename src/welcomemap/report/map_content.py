"""What the printed maps show: areas, sites, labels, legend and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import list_sources
from welcomemap.cartography.study_maps import SIGN_OF_STATUS, tell_other_reading
from welcomemap.cartography.words import SIGN_WORDS
from welcomemap.coverage.gap_result import DistrictGap
from welcomemap.describe.headings import add_counted, head_share, is_part
from welcomemap.describe.words import (
    MODE_LABELS,
    MODE_WORDS,
    word_estimate,
    word_group,
    word_the_group,
    word_threshold,
)
from welcomemap.report.answer import tell_finding
from welcomemap.report.paper_study import PaperStudy, tell_status
from welcomemap.report.print_map import (
    Hatch,
    LegendBlock,
    LegendRow,
    PrintArea,
    PrintMap,
    PrintSign,
)
from welcomemap.report.proofs import name_single_best
from welcomemap.report.request import head_list, list_scenarios, name_scenario, tell_own_files
from welcomemap.report.tables import letter_of
from welcomemap.style import (
    BORDER_COLOUR,
    LAND_COLOUR,
    SHARE_COLOURS,
    STREET_COLOUR,
    WATER_COLOUR,
    WHITE,
    Sign,
    share_class,
)
from welcomemap.wording import (
    NOTHING,
    Language,
    Phrase,
    format_number,
    format_share,
    join_phrases,
    open_translator,
    say,
    say_as,
    say_counted,
    say_list,
    say_share,
)

SITES_HEADING = say("Sites")
AREAS_HEADING = say("Areas")
UNSERVED = say("no site in the area")


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
            unknown = say("share not known").in_language(self.language)
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
            under = say("{low}% to under {high}%", low=low, high=high)
            last = say("{low}% to {high}%", low=low, high=high)
            said = last if number == steps - 1 else under
            rows.append(LegendRow(said.in_language(self.language), fill=colour))
        return LegendBlock(head_share(self.study.group).in_language(self.language), tuple(rows))

    def explain_signs(self, signs: Sequence[PrintSign]) -> LegendBlock:
        """Return the signs that the map shows."""
        shown = {sign.sign for sign in signs}
        rows = tuple(
            LegendRow(open_translator(self.language)(SIGN_WORDS[sign]), sign=sign)
            for sign in Sign
            if sign in shown
        )
        return LegendBlock(SITES_HEADING.in_language(self.language) if rows else "", rows)

    def explain_ground(self) -> LegendBlock:
        """Return borders, water and streets."""
        ground = self.ground
        district = self.study.words.district
        rows = [
            LegendRow(
                say("border: {district}", district=district).in_language(self.language),
                line=BORDER_COLOUR,
            )
        ]
        if not ground.river.is_empty:
            rows.append(
                LegendRow(say("river (schematic)").in_language(self.language), fill=WATER_COLOUR)
            )
        if not ground.streets.is_empty:
            rows.append(
                LegendRow(
                    say("main street, where known").in_language(self.language), line=STREET_COLOUR
                )
            )
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


def title_candidates(study: PaperStudy) -> Phrase:
    """Return the finding of the map of candidates."""
    best = name_single_best(study)
    if best is None:
        return say("Where one more site could lie")
    name = str(study.proofs[0].places.get(best, {}).get("name", best))
    the, people = word_the_group(study.group), word_group(study.group)
    if is_part(study.group):
        return say(
            "The most {people} gain from a site at: {name}",
            people=people,
            the_people=the,
            name=name,
        )
    return say("Most people gain from a site at: {name}", name=name)


def title_change(study: PaperStudy) -> Phrase:
    """Return the finding of the map of gains and losses."""
    found = study.difference
    if found is None:
        return NOTHING
    city = next((row for row in found.rows if row.area_kind == "city"), None)
    before, after = name_scenario(found.from_scenario), name_scenario(found.to_scenario)
    if city is None:
        return say("From {before} to {after}", before=before, after=after)
    gained, lost = word_estimate(city.gained), word_estimate(city.lost)
    people = word_group(city.group)
    reports = city.by_reports
    if reports is not None and city.rests_on_disputed:
        return say(
            "From {before} to {after}: {gained} {people} newly within reach by the lists, "
            "{gained_by_reports} by the dated reports; no longer within reach {lost} or "
            "{lost_by_reports}",
            before=before,
            after=after,
            gained=gained,
            people=people,
            gained_by_reports=word_estimate(reports.gained),
            lost=lost,
            lost_by_reports=word_estimate(reports.lost),
        )
    return say(
        "From {before} to {after}: {gained} {people} newly within reach, {lost} no longer",
        before=before,
        after=after,
        gained=gained,
        people=people,
        lost=lost,
    )


def describe_districts(study: PaperStudy) -> Phrase:
    """Describe the map of districts: each one's share and whether a site lies in it."""
    request, words = study.request, study.words
    people = word_the_group(study.group)
    count = sum(point.is_located for point in study.published)
    disputed = sum(point.is_disputed for point in study.published)
    lacks = NOTHING
    if study.omitted:
        lacks = say_counted(
            "; the list omits {count} that dated reports have open",
            "; the list omits {count} that dated reports have open",
            count=len(study.omitted),
        )
    parts = [_describe_district(gap, words.district) for gap in study.gaps.districts]
    return say(
        "Map of {place} with {n_areas} areas and {n_sites} sites, {disputed} of them "
        "disputed{lacks}. Share of {people} who reach a site {mode} within {threshold}: {parts}.",
        place=study.pack.name,
        n_areas=len(parts),
        n_sites=count,
        disputed=disputed,
        lacks=lacks,
        people=people,
        mode=MODE_WORDS[request.mode],
        threshold=word_threshold(request.threshold),
        parts=join_phrases(*parts, joint="; "),
    )


def _describe_district(gap: DistrictGap, word: Phrase) -> Phrase:
    none = say(", no site") if gap.is_located_unserved else NOTHING
    return say(
        "{word} {number} {share}{none}",
        share=say_share(gap.share, gap.interval),
        word=word,
        number=gap.district,
        none=none,
    )


def describe_candidates(study: PaperStudy) -> Phrase:
    """Describe the map of candidates: letter, name, district and gain of each."""
    if study.comparison is None:
        return NOTHING
    parts, people = [], word_group(study.group)
    for k, row in enumerate(study.comparison.to_json()["candidates"]):
        gain = word_estimate(row["gained"][study.group])
        where = row["district"] if row["district"] is not None else "?"
        parts.append(
            say(
                "{letter_of} {name} in {district} {where}, {gain} more {people}",
                letter_of=letter_of(k),
                name=row["name"],
                district=study.words.district,
                where=where,
                gain=gain,
                people=people,
            )
        )
    return say(
        "Map of {place} with the sites of the list and {count} candidate sites: {parts}.",
        place=study.pack.name,
        count=len(parts),
        parts=join_phrases(*parts, joint="; "),
    )


def describe_change(study: PaperStudy) -> Phrase:
    """Describe the map of gains and losses: each quarter with a change."""
    rows = [
        row for row in (study.difference.rows if study.difference else ())
        if row.area_kind == "quarter" and (row.gained or row.lost)
    ]  # fmt: skip
    gains = [_word_change(row.name, row.gained) for row in rows if row.gained]
    losses = [_word_change(row.name, row.lost) for row in rows if row.lost]
    none = say_as("people", "none")
    return say(
        "{title}. Gained: {gains}. Lost: {losses}.",
        title=title_change(study),
        gains=say_list(gains) if gains else none,
        losses=say_list(losses) if losses else none,
    )


def _word_change(name: str, people: float) -> Phrase:
    return say("{name} {number}", name=name, number=word_estimate(people))


@dataclass(frozen=True)
class MapMaker:
    """Makes the maps of one paper in one language."""

    study: PaperStudy
    ground: Basemap
    language: Language
    shapes: Mapping[int, BaseGeometry] = field(default_factory=dict)
    quarter_shapes: Mapping[str, BaseGeometry] = field(default_factory=dict)

    @property
    def legend(self) -> Legend:
        """The legend's words and keys."""
        return Legend(self.study, self.ground, self.language)

    def list_maps(self) -> tuple[PrintMap, ...]:
        """Return the maps of a paper in order."""
        maps = [self.draw_reach()]
        if self.study.difference is not None:
            maps.append(self.draw_change())
        if self.study.comparison is not None:
            maps.append(self.draw_candidates())
        return tuple(maps)

    def draw_reach(self) -> PrintMap:
        """Return the overview: districts by share, the unserved hatched, every site."""
        areas = tuple(
            PrintArea(
                key=f"district-{gap.district}",
                geometry=self.shapes[gap.district],
                fill=self._fill(gap.share),
                hatches=self._hatches(gap.share, is_unserved=gap.is_located_unserved),
                label=(
                    *self._label(gap.district, gap.name),
                    format_share(gap.share, self.language, gap.interval),
                ),
                is_bold=gap.is_located_unserved,
            )
            for gap in self.study.gaps.districts
        )
        return self._compose(
            "reach",
            tell_finding(self.study),
            describe_districts(self.study),
            areas,
            self._sites(),
            (self.legend.explain_areas(), self.legend.explain_shares()),
        )

    def draw_candidates(self) -> PrintMap:
        """Return the quarters by share, the candidates with letters, the best with a star."""
        return self._compose(
            "candidates",
            title_candidates(self.study),
            describe_candidates(self.study),
            self._quarters(with_labels=False),
            (*self._sites(), *self._candidates()),
            (self.legend.explain_areas(), self.legend.explain_shares()),
        )

    def draw_detail(self) -> PrintMap:
        """Return the large map: quarters by share with their names, every site by its street."""
        return self._compose(
            "detail",
            tell_finding(self.study),
            describe_districts(self.study),
            self._quarters(with_labels=True),
            (*self._sites(with_labels=True), *self._candidates()),
            (self.legend.explain_areas(), self.legend.explain_shares()),
        )

    def draw_change(self) -> PrintMap:
        """Return who gained and who lost: plus and minus in each quarter with a change."""
        changes = {
            str(row.area): row
            for row in (self.study.difference.rows if self.study.difference else ())
            if row.area_kind == "quarter"
        }
        areas = []
        for row in self.study.quarters:
            change = changes.get(str(row.area))
            gained = 0.0 if change is None else change.gained
            lost = 0.0 if change is None else change.lost
            hatches: tuple[Hatch, ...] = (
                *(("gained",) if gained else ()), *(("lost",) if lost else ()),
            )  # fmt: skip
            signed = [f"+{self._people(gained)}"] if gained else []
            signed += [f"−{self._people(lost)}"] if lost else []
            areas.append(
                PrintArea(
                    key=f"quarter-{row.area}",
                    geometry=self.quarter_shapes[str(row.area)],
                    fill=LAND_COLOUR,
                    hatches=hatches,
                    label=tuple(signed),
                    is_bold=True,
                    size_pt=7.0,
                )
            )
        areas += self._district_labels()
        block = LegendBlock(
            "",
            (
                LegendRow(
                    "+ " + say("newly within reach").in_language(self.language),
                    fill=LAND_COLOUR,
                    hatch="gained",
                ),
                LegendRow(
                    "− " + say("no longer within reach").in_language(self.language),
                    fill=LAND_COLOUR,
                    hatch="lost",
                ),
            ),
        )
        return self._compose(
            "change", title_change(self.study), describe_change(self.study), tuple(areas),
            self._sites(), (block,),
        )  # fmt: skip

    def _compose(
        self, key: str, title: Phrase, alt: Phrase, areas: tuple[PrintArea, ...],
        signs: tuple[PrintSign, ...], blocks: Sequence[LegendBlock],
    ) -> PrintMap:  # fmt: skip
        language = self.language
        return PrintMap(
            key=key,
            title=title.in_language(language),
            subtitle=self._subtitle(is_change=key == "change"),
            alt=alt.in_language(language),
            areas=areas,
            borders=tuple(self.shapes.values()),
            signs=signs,
            legend=(
                self.legend.explain_signs(signs),
                *(b for b in blocks if b.rows),
                self.legend.explain_ground(),
            ),
            ground=self.ground,
            sources=say("Sources and licences").in_language(language)
            + ": "
            + credit_sources(self.study, language),
            remark=" ".join(tell_other_reading(self.study.gaps, self.study.pack, language)),
            status=tell_status(self.study).in_language(language),
            north="N",
            scale_word=say("Scale at full size").in_language(language),
            language=language,
        )

    def _subtitle(self, *, is_change: bool) -> str:
        request, language = self.study.request, self.language
        mode = MODE_LABELS[request.mode].in_language(language)
        threshold = word_threshold(request.threshold).in_language(language)
        name = head_list(request.scenario)
        if is_change and request.compare is not None:
            before = head_list(request.compare)
            name = say("{before} and {name}", before=before, name=name)
        said = say(
            "{name}; within reach means: {mode} within {threshold}",
            name=name,
            mode=mode,
            threshold=threshold,
        )
        return add_counted(said, request.group).in_language(language)

    def _sites(self, *, with_labels: bool = False) -> tuple[PrintSign, ...]:
        return tuple(
            PrintSign(
                key=point.id,
                x=point.x,
                y=point.y,
                sign=Sign.DISPUTED if point.is_disputed and point.status == "open"
                else SIGN_OF_STATUS.get(point.status, Sign.OPEN),
                label=(point.address.split(",")[0] or point.name)[:40] if with_labels else "",
            )
            for point in self.study.published
            if point.x is not None and point.y is not None
        )  # fmt: skip

    def _candidates(self) -> tuple[PrintSign, ...]:
        comparison = self.study.comparison
        if comparison is None:
            return ()
        best = name_single_best(self.study)
        return tuple(
            PrintSign(
                key=name, x=float(comparison.sites.points[k, 0]),
                y=float(comparison.sites.points[k, 1]),
                sign=Sign.CHOSEN if name == best else Sign.CANDIDATE, label=letter_of(k),
                is_bold=True,
            )
            for k, name in enumerate(comparison.sites.ids)
        )  # fmt: skip

    def _quarters(self, *, with_labels: bool) -> tuple[PrintArea, ...]:
        unserved = {gap.district for gap in self.study.gaps.districts if gap.is_located_unserved}
        district_of = dict(
            zip(self.study.pack.quarters["quarter"].astype(str),
                self.study.pack.quarters["district"].astype(int), strict=True)
        )  # fmt: skip
        areas = [
            PrintArea(
                key=f"quarter-{row.area}",
                geometry=self.quarter_shapes[str(row.area)],
                fill=self._fill(row.share),
                hatches=self._hatches(row.share,
                                      is_unserved=district_of[str(row.area)] in unserved),
                label=(row.name, format_share(row.share, self.language, row.interval))
                if with_labels else (),
                size_pt=6.5,
            )
            for row in self.study.quarters
        ]  # fmt: skip
        return tuple(areas) if with_labels else (*areas, *self._district_labels())

    def _district_labels(self) -> tuple[PrintArea, ...]:
        """Return the districts as nothing but their labels."""
        return tuple(
            PrintArea(
                key=f"district-{gap.district}",
                geometry=self.shapes[gap.district],
                fill="none",
                label=self._label(gap.district, gap.name),
                is_bold=gap.is_located_unserved,
                size_pt=7.0,
                priority=3,
            )
            for gap in self.study.gaps.districts
        )

    def _label(self, district: int, name: str) -> tuple[str, ...]:
        numbered = (
            f"{self.study.words.district.capitalised().in_language(self.language)} {district}"
        )
        word = self.study.words.district.german
        if name in ("", numbered) or word in name:
            return (numbered,)
        return (f"{district} {name}"[:60],)

    def _fill(self, share: float | None) -> str:
        number = share_class(share)
        return WHITE if number is None else SHARE_COLOURS[number]

    def _hatches(self, share: float | None, *, is_unserved: bool) -> tuple[Hatch, ...]:
        return (*(("unknown",) if share is None else ()), *(("unserved",) if is_unserved else ()))

    def _people(self, people: float) -> str:
        step = 100 if people >= 1000 else 10 if people >= 100 else 1
        return format_number(round(people / step) * step, self.language)


def make_maps(study: PaperStudy, ground: Basemap, language: Language) -> MapMaker:
    """Return the maker of a paper's maps, with the shapes of its areas."""
    districts, quarters = study.pack.districts, study.pack.quarters
    return MapMaker(
        study, ground, language,
        dict(zip((int(d) for d in districts["district"]), districts.geometry, strict=True)),
        dict(zip(quarters["quarter"].astype(str), quarters.geometry, strict=True)),
    )  # fmt: skip
