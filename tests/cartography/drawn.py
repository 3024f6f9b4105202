"""A small study on a map: three squares of 2 km, a river, a street, and sites of every sign."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from shapely.geometry import LineString, MultiLineString, MultiPolygon, box

from welcomemap.cartography.basemap import Basemap
from welcomemap.cartography.content import Fact, Frame, MapArea, MapSite, MapStudy, Source
from welcomemap.crs import METRIC_CRS
from welcomemap.style import Sign

WEST, SOUTH = 340_000.0, 5_680_000.0


def at(x: float, y: float) -> tuple[float, float]:
    return WEST + x, SOUTH + y


def square(column: int) -> object:
    return box(*at(2000 * column, 0), *at(2000 * column + 2000, 2000))


def make_basemap() -> Basemap:
    street = LineString([at(100, 900), at(1500, 950), at(5900, 1000)])
    return Basemap(
        crs=METRIC_CRS,
        outline=box(*at(0, 0), *at(6000, 2000)),
        river=MultiPolygon([box(*at(3900, 0), *at(4100, 2000))]),
        river_name="Fluss",
        streets=MultiLineString([street]),
    )


def make_area(column: int, share: float | None, **more: object) -> MapArea:
    number = str(column + 1)
    facts = (Fact("Menschen", "1.234"), Fact("In Reichweite", "keine Angabe"))
    return MapArea(
        key=number,
        name=f"Bezirk {number}",
        label=number,
        geometry=square(column),  # type: ignore[arg-type]
        share=share,
        share_text="" if share is None else f"{share:.0%}",
        facts=facts,
        **more,  # type: ignore[arg-type]
    )


def make_site(key: str, sign: Sign, place: tuple[float, float] | None, **more: object) -> MapSite:
    x, y = at(*place) if place else (None, None)
    facts = (Fact("Adresse", f"Weg {key}"), Fact("Träger", "Verein"))
    return MapSite(key, more.pop("name", f"Stelle {key}"), sign, x, y, facts=facts, **more)  # type: ignore[arg-type]


def make_study(**frame: object) -> MapStudy:
    areas = (
        make_area(0, 0.55),
        make_area(1, None),
        make_area(2, 0.0, is_unserved=True, warnings=("Nur geplant.",)),
    )
    sites = (
        make_site("a", Sign.OPEN, (500, 1000)),
        make_site("b", Sign.DISPUTED, (3000, 1200), warnings=("Presse: geschlossen (2023).",)),
        make_site("c", Sign.CANDIDATE, (5000, 600), error_radius_m=200.0),
        make_site("d", Sign.PLANNED, None),
    )
    heading = Frame(
        title=str(frame.pop("title", "Bezirk 3 ohne Stelle")),
        subtitle="Stand 2026 · zu Fuß bis 1.000 m",
        remarks=("Eine Stelle ist strittig.",),
        sources=(Source("Amt", "dl-de/zero-2-0"),),
        **frame,  # type: ignore[arg-type]
    )
    return MapStudy(areas, sites, heading)


class Outline(HTMLParser):
    """Elements with their attributes, and the text inside chosen elements."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "path", "rect", "circle"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text_of(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]


def read_outline(path: Path) -> Outline:
    return Outline(path.read_text(encoding="utf-8"))
