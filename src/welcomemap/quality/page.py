"""How good a pack is, as one page: a map of what can be trusted where, and tables of the figures.

The page carries everything and asks no host for anything (:mod:`welcomemap.cartography.page`);
texts of the data are text there, whatever they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from welcomemap.cartography.basemap import Basemap, load_basemap
from welcomemap.cartography.content import (
    ClassedArea,
    Fact,
    Frame,
    Hatch,
    LegendBlock,
    LegendKey,
    LegendRow,
    list_sources,
)
from welcomemap.cartography.elements import Scene
from welcomemap.cartography.layers import AREA_KEY
from welcomemap.cartography.page import write_map_html
from welcomemap.cartography.sheet import MapTable, SheetMap
from welcomemap.cartography.study_maps import MAP_ENDINGS
from welcomemap.cartography.views import draw_classes
from welcomemap.describe.pack_quality import (
    GRADE_WORDS,
    NOT_SEEN,
    SEARCH,
    SHARES,
    WAYS,
    WEAKEST,
    describe_layer_state,
    describe_quality,
    explain_rules,
    group_by_gaps,
    label_quality_area,
    name_quality_area,
    name_quality_areas,
    state_quality,
    summarise_quality,
    word_grade,
)
from welcomemap.describe.reasons import describe_fault
from welcomemap.describe.words import RegionWords, read_region_words, word_threshold
from welcomemap.errors import PackError, Place, fault
from welcomemap.files import Written, check_ending, claimed
from welcomemap.region.pack import MANIFEST_NAME, RegionPack
from welcomemap.study.pack_quality import NEAR_M, AreaQuality, Grade, PackQuality
from welcomemap.style import LAND_COLOUR, OPEN_COLOUR, SHARE_COLOURS, WHITE
from welcomemap.wording import (
    NO_BREAK_SPACE,
    UNKNOWN,
    Language,
    Phrase,
    Verbatim,
    join_phrases,
    open_translator,
    say,
    say_date,
    say_interval,
    say_metres,
    say_number,
    say_share,
)

GRADE_LOOKS: dict[Grade, tuple[str, Hatch | None]] = {
    Grade.RELIABLE: (SHARE_COLOURS[4], None),
    Grade.WITH_CARE: (SHARE_COLOURS[2], None),
    Grade.UNRELIABLE: (WHITE, "unknown"),
}
"""Colour and hatching of a grade: what is not reliable is hatched, as what is not known is."""
SOURCE_LAYERS = ("districts", "quarters", "demand_cells", "addresses", "street_edges",
                 "service_points")  # fmt: skip


def write_quality_page(
    quality: PackQuality, pack: RegionPack, path: Path, language: Language
) -> Written:
    """Write the page into one HTML file.

    Raises
    ------
    PackError
        If a layer has faults without which there is no area to draw.
    UsageError
        If the file is one of the pack, or its name does not end in .html.
    OutputError
        If the file cannot be written; nothing is left half written.
    """
    with claimed([path], inputs=pack.files):
        check_ending(path, MAP_ENDINGS, fault("a page"))
        drawn = draw_quality(quality, pack, load_ground(quality, pack), language)
        return write_map_html(drawn, path)


def load_ground(quality: PackQuality, pack: RegionPack) -> Basemap:
    """Return the ground of the map, if there are areas to draw on it.

    Raises
    ------
    PackError
        If there is none, or a layer that the ground is drawn from cannot be read.
    """
    if not quality.areas:
        raise PackError(
            "no page is drawn, for these layers are missing or faulty: {missing}",
            missing=quality.missing,
            where=Place(pack.folder / MANIFEST_NAME),
            how="Mend them; welcomemap data check lists every fault.",
        )
    return load_basemap(pack)


def draw_quality(
    quality: PackQuality, pack: RegionPack, ground: Basemap, language: Language
) -> SheetMap:
    """Draw the districts by their weakest answer, where streets are complete, and the tables."""
    words, translate = read_region_words(pack.region), open_translator(language)
    shapes = dict(zip(pack.districts["district"].astype(int), pack.districts.geometry, strict=True))
    areas = [
        ClassedArea(
            key=f"district-{area.area}",
            name=name_quality_area(area, words).in_language(language),
            label=label_quality_area(area, words).in_language(language),
            geometry=shapes[int(area.area)],
            share_text=word_grade(area.weakest).in_language(language),
            facts=_list_facts(area, quality, language),
            warnings=tuple(one.in_language(language) for one in describe_quality(area, quality)),
            colour=LAND_COLOUR if area.weakest is None else GRADE_LOOKS[area.weakest][0],
            hatch=None if area.weakest is None else GRADE_LOOKS[area.weakest][1],
        )
        for area in quality.districts
    ]
    frame = Frame(
        state_quality(quality).in_language(language),
        subtitle=_word_subtitle(quality).in_language(language),
        remarks=tuple(one.in_language(language) for one in summarise_quality(quality)),
        sources=list_sources(pack, SOURCE_LAYERS),
        crs=pack.crs,
    )
    known = _find_extent(quality, pack)
    return draw_classes(
        areas, known, Scene(frame, ground, translate), tables=list_tables(quality, pack, language),
        legend=_explain(areas_unknown=any(area.weakest is None for area in quality.districts),
                        has_extent=known is not None, language=language),
    )  # fmt: skip


def _find_extent(quality: PackQuality, pack: RegionPack) -> BaseGeometry | None:
    if {"street_edges", "street_extent"} & set(quality.missing):
        return None
    extent: BaseGeometry = shapely.union_all(pack.street_extent.geometry.to_numpy())
    return extent


def _word_subtitle(quality: PackQuality) -> Phrase:
    return say(
        "How good the data are · list of {scenario} · shares: on foot within {threshold}",
        scenario=quality.scenario,
        threshold=word_threshold(quality.threshold),
    )


def _explain(*, areas_unknown: bool, has_extent: bool, language: Language) -> list[LegendBlock]:
    rows = [
        LegendRow(
            LegendKey(colour=GRADE_LOOKS[grade][0], hatch=GRADE_LOOKS[grade][1]),
            GRADE_WORDS[grade].in_language(language),
        )
        for grade in Grade
    ]
    if areas_unknown:
        rows.append(LegendRow(LegendKey(colour=LAND_COLOUR), UNKNOWN.in_language(language)))
    blocks = [LegendBlock(WEAKEST.in_language(language), tuple(rows))]
    if has_extent:
        text = say("streets known completely inside").in_language(language)
        key = LegendKey(shape="line", colour=OPEN_COLOUR, width=2.5)
        blocks.append(LegendBlock("", (LegendRow(key, text),)))
    return blocks


def _list_facts(area: AreaQuality, quality: PackQuality, language: Language) -> tuple[Fact, ...]:
    grades = zip((SEARCH, WAYS, SHARES), _list_grades(area), strict=True)
    figures = zip(_head_people(quality), _list_people(area), strict=True)
    return tuple(
        Fact(label.in_language(language), told.in_language(language))
        for label, told in (*grades, *figures)
    )


# --- tables ---

Rows = Sequence[tuple[AreaQuality, Sequence[Phrase]]]
LISTED = (
    say("Addresses with a place"), say("on their street only"), say("contradict their neighbours"),
    say("without a place"), say("People per address"), say("Sites located"),
    say("Sites without a place"), say("Sites disputed"), say("Candidate sites"),
)  # fmt: skip


def list_tables(quality: PackQuality, pack: RegionPack, language: Language) -> tuple[MapTable, ...]:
    """Return the tables: verdict, gaps, figures of districts and quarters, layers, rules."""
    tables = _Tables(quality, read_region_words(pack.region), language)
    heads, verdicts = _head_people(quality), (SEARCH, WAYS, SHARES)
    areas = (*(() if quality.city is None else (quality.city,)), *quality.districts)
    found = [
        tables.tell_verdicts(),
        tables.tell_gaps(),
        tables.tell_areas(say("People, and what is known where they live"), heads,
                          [(area, _list_people(area)) for area in areas], has_numbers=True),
        tables.tell_areas(say("Addresses and sites"), LISTED,
                          [(area, _list_listed(area)) for area in areas], has_numbers=True),
    ]  # fmt: skip
    if quality.quarters:
        rows = [(area, (*_list_grades(area), *_list_people(area))) for area in quality.quarters]
        found.append(tables.tell_areas(say("The same by smaller areas"), (*verdicts, *heads), rows))
    return (*found, tables.tell_layers(), tables.tell_rules())


@dataclass(frozen=True)
class _Tables:
    """Makes tables in one language."""

    quality: PackQuality
    words: RegionWords
    language: Language

    def tell_verdicts(self) -> MapTable:
        """Return the grades of each district, which can be shown on the map."""
        heads = (say("Area"), SEARCH, WAYS, SHARES, WEAKEST)
        rows = [
            (f"{AREA_KEY}district-{area.area}",
             (self._name(area), *_list_grades(area), word_grade(area.weakest)))
            for area in self.quality.districts
        ]  # fmt: skip
        return self._make(say("Which answers can be trusted"), heads, rows)

    def tell_gaps(self) -> MapTable:
        """Return what each gap does to the answers, districts together that share it."""
        rows = [("", (self._name(*areas), join_phrases(*told)))
                for areas, told in group_by_gaps(self.quality)]  # fmt: skip
        heads = (say("Area"), say("What to know"))
        return self._make(say("What the gaps do to the answers"), heads, rows)

    def tell_areas(
        self, caption: Phrase, heads: Sequence[Phrase], rows: Rows, *, has_numbers: bool = False
    ) -> MapTable:
        """Return a row per area."""
        named = [("", (self._name(area), *cells)) for area, cells in rows]
        numbers = frozenset(range(1, len(heads) + 1)) if has_numbers else frozenset()
        return self._make(caption, (say("Area"), *heads), named, numbers)

    def _name(self, *areas: AreaQuality) -> Phrase:
        """Return what areas are called; the first two words stay on one line: District 7."""
        name = name_quality_areas(areas, self.words).in_language(self.language)
        return Verbatim(name.replace(" ", NO_BREAK_SPACE, 1))

    def tell_layers(self) -> MapTable:
        """Return a row per layer: what it is, of when, from where, what limits it."""
        rows = [("", (
            Verbatim(layer.title), say_number(layer.rows), say_date(layer.date),
            Verbatim(layer.source) if layer.source else UNKNOWN,
            Verbatim(layer.licence) if layer.licence else UNKNOWN,
            join_phrases(*map(describe_fault, layer.problems)) if layer.problems
            else say("in order"),
            describe_layer_state(layer),
        )) for layer in self.quality.layers]  # fmt: skip
        heads = (say("Layer"), say("Rows"), say("Date"), say("Source"), say("Licence"),
                 say("Check"), say("Limits"))  # fmt: skip
        return self._make(say("Layers of the data pack"), heads, rows, frozenset({1}))

    def tell_rules(self) -> MapTable:
        """Return by which rule each answer is graded."""
        rows = [("", rule) for rule in explain_rules(self.quality)]
        rows.append(("", (say("What no grade sees"), NOT_SEEN)))
        heads = (say("Answer"), say("Rule"))
        return self._make(say("How the grades are made"), heads, rows)

    def _make(
        self, caption: Phrase, heads: Sequence[Phrase],
        rows: Sequence[tuple[str, Sequence[Phrase]]], numbers: frozenset[int] = frozenset(),
    ) -> MapTable:  # fmt: skip
        def told(phrases: Sequence[Phrase]) -> tuple[str, ...]:
            return tuple(phrase.in_language(self.language) for phrase in phrases)

        cells = tuple((key, told(row)) for key, row in rows)
        return MapTable(caption.in_language(self.language), told(heads), cells, numbers)


def _list_grades(area: AreaQuality) -> tuple[Phrase, ...]:
    return word_grade(area.search), word_grade(area.ways), word_grade(area.shares)


def _head_people(quality: PackQuality) -> tuple[Phrase, ...]:
    return (
        say("People"),
        say("with an address within {metres}", metres=say_metres(NEAR_M)),
        say("on complete streets"),
        say("placed by homes"),
        say("spread evenly"),
        say("share within {threshold}", threshold=word_threshold(quality.threshold)),
        say("Interval"),
    )


def _list_people(area: AreaQuality) -> tuple[Phrase, ...]:
    return (
        say_number(round(area.residents)), say_share(area.near_address_share),
        say_share(area.on_streets_share), say_share(area.by_homes_share),
        say_share(area.evenly_share), say_share(area.share, area.interval),
        say_interval(area.interval),
    )  # fmt: skip


def _list_listed(area: AreaQuality) -> tuple[Phrase, ...]:
    counts = area.addresses
    numbers: tuple[float | None, ...] = (None,) * 5
    if counts is not None:
        per_address = area.residents / counts.total if counts.total else None
        numbers = (counts.point, counts.street, counts.suspect, counts.none, per_address)
    sites = (area.sites_located, area.sites_unlocated, area.sites_disputed)
    return (
        *(say_number(number) for number in numbers[:4]), say_number(numbers[4], 1),
        *(say_number(None if ids is None else len(ids)) for ids in sites),
        say_number(area.candidates),
    )  # fmt: skip
