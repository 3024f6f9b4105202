"""The maps of a paper: what was found, as areas, signs, legend and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from welcomemap.coverage.headings import add_counted
from welcomemap.coverage.words import MODE_LABELS, word_threshold
from welcomemap.maps.basemap import Basemap
from welcomemap.maps.from_study import (
    SIGN_OF_STATUS,
    tell_other_reading,
)
from welcomemap.maps.words import words_in
from welcomemap.report.answer import tell_finding
from welcomemap.report.candidate_table import letter_of
from welcomemap.report.dates import tell_status
from welcomemap.report.lists import head_list
from welcomemap.report.map_legend import Legend, credit_sources
from welcomemap.report.map_words import (
    describe_candidates,
    describe_change,
    describe_districts,
    title_candidates,
    title_change,
)
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.print_map.content import (
    Hatch,
    LegendBlock,
    LegendRow,
    PrintArea,
    PrintMap,
    PrintSign,
)
from welcomemap.report.proofs import name_single_best
from welcomemap.style import (
    LAND_COLOUR,
    SHARE_COLOURS,
    WHITE,
    Sign,
    share_class,
)
from welcomemap.wording import Language, Text, format_number, format_share


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
        words = words_in(self.language)
        block = LegendBlock(
            "",
            (
                LegendRow(f"+ {words.gained}", fill=LAND_COLOUR, hatch="gained"),
                LegendRow(f"− {words.lost}", fill=LAND_COLOUR, hatch="lost"),
            ),
        )
        return self._compose(
            "change", title_change(self.study), describe_change(self.study), tuple(areas),
            self._sites(), (block,),
        )  # fmt: skip

    def _compose(
        self, key: str, title: Text, alt: Text, areas: tuple[PrintArea, ...],
        signs: tuple[PrintSign, ...], blocks: Sequence[LegendBlock],
    ) -> PrintMap:  # fmt: skip
        language, words = self.language, words_in(self.language)
        return PrintMap(
            key=key,
            title=title.in_language(language),
            subtitle=self._subtitle(is_change=key == "change"),
            alt=alt.in_language(language),
            areas=areas,
            borders=tuple(self.shapes.values()),
            signs=signs,
            legend=(self.legend.explain_signs(signs), *(b for b in blocks if b.rows),
                    self.legend.explain_ground()),
            ground=self.ground,
            sources=f"{words.sources}: {credit_sources(self.study, language)}",
            remark=" ".join(tell_other_reading(self.study.gaps, self.study.pack, language)),
            status=tell_status(self.study).in_language(language),
            north="N",
            scale_word=Text("Maßstab in Originalgröße", "Scale at full size").in_language(language),
            language=language,
        )  # fmt: skip

    def _subtitle(self, *, is_change: bool) -> str:
        request, language = self.study.request, self.language
        mode = MODE_LABELS[request.mode].in_language(language)
        threshold = word_threshold(request.threshold, language)
        name = head_list(request.scenario)
        if is_change and request.compare is not None:
            before = head_list(request.compare)
            name = Text(f"{before.de} und {name.de}", f"{before.en} and {name.en}")
        said = Text(
            f"{name.de}; in Reichweite heißt: {mode} innerhalb von {threshold}",
            f"{name.en}; within reach means: {mode} within {threshold}",
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
        word = self.study.words.district.de
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
