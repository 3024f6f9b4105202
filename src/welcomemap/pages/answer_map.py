"""The map below a resident's answer: the address, the nearest places and the ways there."""

from __future__ import annotations

from collections.abc import Sequence

from shapely.geometry import LineString

from welcomemap.locator import Locator, LocatorAnswer, NearbySite
from welcomemap.maps.answer import draw_answer
from welcomemap.maps.basemap import Basemap
from welcomemap.maps.content import Fact, Frame, MapArea, MapSite, MapWay
from welcomemap.maps.sheet import SheetMap
from welcomemap.maps.sources import list_sources
from welcomemap.pages.language import Translator
from welcomemap.pages.map_words import translate_map_words
from welcomemap.pages.reports import describe_reports
from welcomemap.style import Sign


def draw_answer_map(
    answer: LocatorAnswer,
    sites: Sequence[tuple[NearbySite, str]],
    locator: Locator,
    basemap: Basemap,
    translate: Translator,
) -> SheetMap:
    """Draw an address and the places near it.

    Parameters
    ----------
    sites
        Each place with its way in words, nearest first.
    """
    address, pack = answer.address, locator.pack
    words = translate_map_words(translate)
    home = MapSite(
        key="address",
        name=translate("Your address"),
        sign=Sign.ADDRESS,
        x=address.x,
        y=address.y,
        error_radius_m=address.error_radius_m,
    )
    signs = [
        MapSite(
            key=site.id,
            name=site.name,
            sign=Sign.DISPUTED if site.is_disputed else Sign.OPEN,
            x=site.x,
            y=site.y,
            rank=str(rank),
            facts=(
                Fact(translate("Way"), way),
                Fact(translate("Address"), site.address_to_go_to),
            ),
            warnings=describe_reports(site, translate),
        )
        for rank, (site, way) in enumerate(sites, start=1)
    ]
    ways = [
        MapWay(LineString([(address.x, address.y), (site.x, site.y)]), is_estimate=True)
        for site, _ in sites
    ]
    word = translate("District")
    districts = [
        MapArea(f"district-{d}", f"{word} {d}", f"{word} {d}", shape)
        for d, shape in zip(pack.districts["district"], pack.districts.geometry, strict=True)
    ]
    return draw_answer(
        home,
        signs,
        ways,
        frame=Frame(title=translate("Map"), sources=list_sources(pack), crs=pack.crs),
        basemap=basemap,
        districts=districts,
        words=words,
    )
