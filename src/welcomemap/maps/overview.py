"""The overview: which areas have a service point, and how many people reach one."""

from __future__ import annotations

from collections.abc import Sequence

from welcomemap.coverage.nouns import Noun, name_areas, read_noun
from welcomemap.maps.basemap import Basemap
from welcomemap.maps.compose import compose_map
from welcomemap.maps.content import MapStudy
from welcomemap.maps.facts import tabulate_areas, tabulate_sites
from welcomemap.maps.layers import fill_areas, label_areas
from welcomemap.maps.legend import list_shares
from welcomemap.maps.sheet import LegendEntry, LegendGroup, SheetMap
from welcomemap.maps.signs import draw_swatch
from welcomemap.maps.words import MapWords, words_in
from welcomemap.style import LAND_COLOUR
from welcomemap.wording import Language, Text


def state_finding(
    names: Sequence[str],
    kind: str | Noun,
    language: Language,
    *,
    area_word: str | Noun = "Stadtbezirk",
) -> str:
    """Return the title of the overview: which areas are without a service point.

    Parameters
    ----------
    names
        Short names (numbers) of the unserved areas, in order.
    kind
        What a service point is called, such as ``Welcome Point``.
    area_word
        What an area is called, singular.
    """
    point, area = _as_noun(kind), _as_noun(area_word, is_area=True)
    if not names:
        every, one = area.every("nominative").capitalised(), point.a("accusative")
        return Text(f"{every.de} hat {one.de}", f"{every.en} has {one.en}").in_language(language)
    where, none = name_areas(area, names).capitalised(), point.without()
    return Text(f"{where.de} {none.de}", f"{where.en} {none.en}").in_language(language)


def _as_noun(word: str | Noun, *, is_area: bool = False) -> Noun:
    return word if isinstance(word, Noun) else read_noun({"de": word, "en": word}, is_area=is_area)


def draw_overview(
    study: MapStudy, basemap: Basemap, language: Language = "de", *, words: MapWords | None = None
) -> SheetMap:
    """Draw areas with their shares, the unserved hatched, and every site with its facts.

    Parameters
    ----------
    study
        Areas, sites and heading, in the language of the map.
    basemap
        The ground, from :func:`welcomemap.maps.basemap.load_basemap`.
    language
        Language of the legend.
    words
        Words of the map's own, where they are not German or English.

    Raises
    ------
    UsageError
        If the frame names a tile server without ``{z}/{x}/{y}`` or without attribution.
    ValueError
        If a share lies outside 0-1.
    """
    chosen = words or words_in(language)
    crs = study.frame.crs
    return compose_map(
        frame=study.frame,
        basemap=basemap,
        words=chosen,
        sites=study.sites,
        data=fill_areas(study.areas, crs=crs),
        data_legend=_explain_areas(study, chosen, language),
        labels=[label_areas(study.areas, chosen, crs=crs)],
        tables=(tabulate_areas(study.areas, chosen), tabulate_sites(study.sites, chosen)),
    )


def _explain_areas(study: MapStudy, words: MapWords, language: Language) -> list[LegendGroup]:
    groups = []
    if any(area.is_unserved for area in study.areas):
        key = draw_swatch(LAND_COLOUR, hatch="unserved")
        groups.append(LegendGroup(words.areas, (LegendEntry(key, words.unserved),)))
    if any(area.share is not None for area in study.areas):
        has_unknown = any(area.share is None for area in study.areas)
        unknown = words.share_unknown if has_unknown else ""
        heading = study.share_heading or words.share
        groups.append(list_shares(heading, language, unknown=unknown))
    return groups
