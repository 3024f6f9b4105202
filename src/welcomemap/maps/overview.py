"""The overview: which areas have a service point, and how many people reach one."""

from __future__ import annotations

from collections.abc import Sequence

from welcomemap.maps.basemap import Basemap, draw_basemap, ground_texts
from welcomemap.maps.content import MapStudy
from welcomemap.maps.facts import tabulate_areas, tabulate_sites
from welcomemap.maps.layers import fill_areas, label_areas, place_signs, ring_errors
from welcomemap.maps.legend import list_ground, list_shares, list_signs
from welcomemap.maps.sheet import LegendEntry, LegendGroup, Sheet, SheetMap
from welcomemap.maps.signs import draw_swatch
from welcomemap.maps.words import MapWords, words_in
from welcomemap.style import LAND_COLOUR
from welcomemap.wording import Language, Text

SHARE_HEADING = Text("Anteil der Menschen in Reichweite", "Share of people within reach")
UNKNOWN_SHARE = Text("Anteil nicht bekannt", "share not known")
UNSERVED_ENTRY = Text("ohne Standort im Gebiet", "no site in the area")
GROUND = (
    ("border", Text("Grenze", "border")),
    ("street", Text("Hauptstraße, wo bekannt", "main street, where known")),
    ("water", Text("Fluss (schematisch)", "river (schematic)")),
)


def state_finding(
    names: Sequence[str], kind: str, language: Language, *, area_word: str = "Stadtbezirk"
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
    if not names:
        every = {"de": f"Jeder {area_word} hat einen {kind}",
                 "en": f"Every {area_word} has a {kind}"}  # fmt: skip
        return every[language]
    joint = " und " if language == "de" else " and "
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])}{joint}{names[-1]}"
    without = "ohne" if language == "de" else "without"
    return f"{area_word} {listed} {without} {kind}"


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
    layers = [
        *fill_areas(study.areas, crs=crs),
        *draw_basemap(basemap),
        *ring_errors(study.sites, crs=crs),
        label_areas(study.areas, chosen, crs=crs),
        place_signs(study.sites, chosen, crs=crs),
    ]
    sheet = Sheet(
        frame=study.frame,
        words=chosen,
        bounds=basemap.bounds(),
        layers=tuple(layers),
        legend=tuple(_write_groups(study, basemap, chosen, language)),
        tables=(tabulate_areas(study.areas, chosen), tabulate_sites(study.sites, chosen)),
    )
    return SheetMap(sheet)


def _write_groups(
    study: MapStudy, basemap: Basemap, words: MapWords, language: Language
) -> list[LegendGroup]:
    groups = [list_signs(study.sites, words, words.sites)]
    if any(area.is_unserved for area in study.areas):
        entry = LegendEntry(
            draw_swatch(LAND_COLOUR, hatch="unserved"), UNSERVED_ENTRY.in_language(language)
        )
        groups.append(LegendGroup(words.areas, (entry,)))
    if any(area.share_text or area.share is not None for area in study.areas):
        has_unknown = any(area.share is None for area in study.areas)
        groups.append(
            list_shares(
                SHARE_HEADING.in_language(language),
                language,
                unknown=UNKNOWN_SHARE.in_language(language) if has_unknown else "",
            )
        )
    texts = [(kind, text.in_language(language)) for kind, text in GROUND]
    groups.append(list_ground(ground_texts(basemap, texts)))
    return groups
