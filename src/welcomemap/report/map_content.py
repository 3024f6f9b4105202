"""What the printed maps show: areas, sites, labels, legend and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import Hatch, LegendBlock, MapArea, list_sources
from welcomemap.cartography.legend import (
    explain_areas,
    explain_changes,
    explain_ground,
    explain_shares,
    explain_signs,
)
from welcomemap.cartography.study_maps import describe_districts as describe_areas
from welcomemap.cartography.study_maps import (
    describe_rows,
    is_street_only,
    sign_of,
    tell_other_reading,
)
from welcomemap.coverage.gaps import DistrictGap
from welcomemap.describe.reasons import list_rough_places
from welcomemap.describe.words import (
    MODE_LABELS,
    MODE_WORDS,
    add_counted,
    head_share,
    is_part,
    word_estimate,
    word_group,
    word_the_group,
    word_threshold,
)
from welcomemap.report.answer import name_single_best, tell_finding
from welcomemap.report.paper_study import PaperStudy, tell_status
from welcomemap.report.print_map import (
    PrintArea,
    PrintMap,
    PrintSign,
)
from welcomemap.report.request import head_list, list_scenarios, name_scenario, tell_own_files
from welcomemap.report.tables import letter_of
from welcomemap.style import (
    LAND_COLOUR,
    Sign,
)
from welcomemap.wording import (
    NOTHING,
    Language,
    Phrase,
    Translator,
    format_number,
    join_phrases,
    open_translator,
    say,
    say_as,
    say_counted,
    say_list,
    say_number,
    say_share,
)


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
    places = study.proofs[0].places
    name = places[best].name if best in places else best
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
        "Map of {place} {with_areas} {and_sites}, {disputed} of them "
        "disputed{lacks}. Share of {people} who reach a site {mode} within {threshold}: {parts}.",
        place=study.pack.name,
        with_areas=say_counted("with {count} area", "with {count} areas", count=len(parts)),
        and_sites=say_counted("and {count} site", "and {count} sites", count=count),
        disputed=disputed,
        lacks=lacks,
        people=people,
        mode=MODE_WORDS[request.mode],
        threshold=word_threshold(request.threshold),
        parts=join_phrases(*_name_first(parts), joint="; "),
    )


def _name_first(parts: Sequence[Phrase]) -> list[Phrase]:
    """Return what a text beside a map can hold: a PDF's has at most 32,767 characters."""
    if len(parts) <= MOST_DESCRIBED:
        return list(parts)
    left = say(
        "further areas in the tables: {count}", count=say_number(len(parts) - MOST_DESCRIBED)
    )
    return [*parts[:MOST_DESCRIBED], left]


MOST_DESCRIBED = 100


def _describe_district(gap: DistrictGap, word: Phrase) -> Phrase:
    return say(
        "{word} {number} {share}{none}",
        share=say_share(gap.share, gap.interval),
        word=word,
        number=gap.district,
        none=say(", no site") if gap.is_located_unserved else NOTHING,
    )


def describe_candidates(study: PaperStudy) -> Phrase:
    """Describe the map of candidates: letter, name, district and gain of each that is printed."""
    if study.comparison is None:
        return NOTHING
    parts, people = [], word_group(study.group)
    for k, row in enumerate(study.printed_candidates):
        parts.append(
            say(
                "{letter_of} {name} in {district} {where}, {gain} more {people}",
                letter_of=letter_of(k),
                name=row.name,
                district=study.words.district,
                where=row.district if row.district is not None else "?",
                gain=word_estimate(row.gained[study.group]),
                people=people,
            )
        )
    listed = join_phrases(*parts, joint="; ")
    if len(parts) < len(study.candidates):
        listed = say("the first {n} by rank are {parts}", n=len(parts), parts=listed)
    return say_counted(
        "Map of {place} with the sites of the list and {count} candidate site: {parts}.",
        "Map of {place} with the sites of the list and {count} candidate sites: {parts}.",
        count=len(study.candidates),
        place=study.pack.name,
        parts=listed,
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
        gains=say_list(_name_first(gains)) if gains else none,
        losses=say_list(_name_first(losses)) if losses else none,
    )


def _word_change(name: str, people: float) -> Phrase:
    return say("{name} {number}", name=name, number=word_estimate(people))


def _print_area(area: MapArea, label: tuple[str, ...], **look: Any) -> PrintArea:
    return PrintArea(area.key, area.geometry, area.fill, area.hatches, label, **look)


@dataclass(frozen=True)
class MapMaker:
    """Makes the maps of one paper in one language."""

    study: PaperStudy
    ground: Basemap
    language: Language

    @property
    def translate(self) -> Translator:
        """What says the words of the map itself."""
        return open_translator(self.language)

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
        districts = describe_areas(self.study.pack, self.study.gaps, self.language)
        areas = tuple(
            _print_area(area, (area.label, area.share_text), is_bold=area.is_unserved)
            for area in districts
        )
        return self._compose(
            "reach",
            tell_finding(self.study),
            describe_districts(self.study),
            areas,
            self._sites(),
            self._explain(districts),
        )

    def draw_candidates(self) -> PrintMap:
        """Return the quarters by share, the candidates with letters, the best with a star."""
        quarters = self._quarters()
        return self._compose(
            "candidates",
            title_candidates(self.study),
            describe_candidates(self.study),
            (*self._print_quarters(quarters, with_labels=False), *self._district_labels()),
            (*self._sites(), *self._candidates()),
            self._explain(quarters, self._in_district),
        )

    def draw_detail(self) -> PrintMap:
        """Return the large map: quarters by share with their names, every site by its street."""
        quarters = self._quarters()
        return self._compose(
            "detail",
            tell_finding(self.study),
            describe_districts(self.study),
            self._print_quarters(quarters, with_labels=True),
            (*self._sites(with_labels=True), *self._candidates()),
            self._explain(quarters, self._in_district),
        )

    def draw_change(self) -> PrintMap:
        """Return who gained and who lost: plus and minus in each quarter with a change."""
        changes = {
            str(row.area): row
            for row in (self.study.difference.rows if self.study.difference else ())
            if row.area_kind == "quarter"
        }
        areas: list[PrintArea] = []
        shown: set[Hatch] = set()
        for row, area in zip(self.study.quarters, self._quarters(), strict=True):
            change = changes.get(str(row.area))
            gained = 0.0 if change is None else change.gained
            lost = 0.0 if change is None else change.lost
            hatches: tuple[Hatch, ...] = (
                *(("gained",) if gained else ()),
                *(("lost",) if lost else ()),
            )
            shown.update(hatches)
            signed = [f"+{self._people(gained)}"] if gained else []
            signed += [f"−{self._people(lost)}"] if lost else []
            areas.append(
                PrintArea(
                    key=area.key,
                    geometry=area.geometry,
                    fill=LAND_COLOUR,
                    hatches=hatches,
                    label=tuple(signed),
                    is_bold=True,
                    size_pt=7.0,
                )
            )
        areas += self._district_labels()
        return self._compose(
            "change", title_change(self.study), describe_change(self.study), tuple(areas),
            self._sites(), (explain_changes(shown, self.translate),),
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
            borders=tuple(self.study.pack.districts.geometry),
            signs=signs,
            legend=(
                explain_signs({sign.sign for sign in signs}, self.translate),
                *(block for block in blocks if block.rows),
                explain_ground(self.ground, self.translate),
            ),
            ground=self.ground,
            sources=say("Sources and licences").in_language(language)
            + ": "
            + credit_sources(self.study, language),
            remark=" ".join((*self._tell_other_reading(), *self._tell_rough())),
            status=tell_status(self.study).in_language(language),
            language=language,
        )

    def _tell_other_reading(self) -> Sequence[str]:
        return tell_other_reading(self.study.gaps, self.study.pack, self.language)

    def _tell_rough(self) -> tuple[str, ...]:
        """Say of which sites no more than the street is known: their signs stand in its middle."""
        radii_m = {
            point.name: point.error_radius_m
            for point in self.study.published
            if point.is_located and is_street_only(self.study.rows[point.id])
        }
        return (list_rough_places(radii_m).in_language(self.language),) if radii_m else ()

    def _subtitle(self, *, is_change: bool) -> str:
        request, language = self.study.request, self.language
        mode = MODE_LABELS[request.mode].in_language(language)
        threshold = word_threshold(request.threshold).in_language(language)
        name = head_list(request.scenario)
        if is_change and request.compare is not None:
            name = say("{before} and {name}", before=head_list(request.compare), name=name)
        said = say(
            "{name}; within reach means: {mode} within {threshold}",
            name=name,
            mode=mode,
            threshold=threshold,
        )
        return add_counted(said, request.group).in_language(language)

    @property
    def _in_district(self) -> Phrase:
        return say("{district:capital} without a site", district=self.study.words.district)

    def _explain(
        self, areas: Sequence[MapArea], meaning: Phrase | None = None
    ) -> tuple[LegendBlock, ...]:
        heading = head_share(self.study.group).in_language(self.language)
        return (
            explain_areas(areas, self.translate, meaning=meaning),
            explain_shares([area.share for area in areas], heading, self.translate),
        )

    def _sites(self, *, with_labels: bool = False) -> tuple[PrintSign, ...]:
        return tuple(
            PrintSign(
                key=point.id,
                x=point.x,
                y=point.y,
                sign=sign_of(point),
                label=(point.address.split(",")[0] or point.name)[:40] if with_labels else "",
            )
            for point in self.study.published
            if point.x is not None and point.y is not None
        )

    def _candidates(self) -> tuple[PrintSign, ...]:
        comparison = self.study.comparison
        if comparison is None:
            return ()
        best = name_single_best(self.study)
        letters = {row.id: letter_of(k) for k, row in enumerate(self.study.printed_candidates)}
        return tuple(
            PrintSign(
                key=name, x=float(comparison.sites.points[k, 0]),
                y=float(comparison.sites.points[k, 1]),
                sign=Sign.CHOSEN if name == best else Sign.CANDIDATE, label=letters.get(name, ""),
                is_bold=True,
            )
            for k, name in enumerate(comparison.sites.ids)
        )  # fmt: skip

    def _quarters(self) -> tuple[MapArea, ...]:
        """Return the quarters by share; hatched where no site lies in their district."""
        pack = self.study.pack
        unserved = {gap.district for gap in self.study.gaps.districts if gap.is_located_unserved}
        district_of = dict(
            zip(pack.quarters["quarter"].astype(str), pack.quarters["district"], strict=True)
        )
        return tuple(
            replace(
                area, is_unserved=int(district_of[area.key.removeprefix("quarter-")]) in unserved
            )
            for area in describe_rows(pack, self.study.quarters, self.language)
        )

    def _print_quarters(
        self, quarters: Sequence[MapArea], *, with_labels: bool
    ) -> tuple[PrintArea, ...]:
        names = {f"quarter-{row.area}": row.name for row in self.study.quarters}
        return tuple(
            _print_area(
                area, (names[area.key], area.share_text) if with_labels else (), size_pt=6.5
            )
            for area in quarters
        )

    def _district_labels(self) -> tuple[PrintArea, ...]:
        """Return the districts as nothing but their labels."""
        return tuple(
            PrintArea(
                key=area.key,
                geometry=area.geometry,
                fill="none",
                label=(area.label,),
                is_bold=area.is_unserved,
                size_pt=7.0,
                priority=3,
            )
            for area in describe_areas(self.study.pack, self.study.gaps, self.language)
        )

    def _people(self, people: float) -> str:
        step = 100 if people >= 1000 else 10 if people >= 100 else 1
        return format_number(round(people / step) * step, self.language)
