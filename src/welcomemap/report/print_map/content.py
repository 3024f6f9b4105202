"""What a printed map shows: areas, signs, legend and words, all ready to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shapely.geometry.base import BaseGeometry

from welcomemap.maps.basemap import Basemap
from welcomemap.style import Sign

Hatch = Literal["", "unserved", "unknown", "gained", "lost"]


@dataclass(frozen=True)
class PrintArea:
    """An area: fill, hatchings, and the lines of its label (none for no label)."""

    key: str
    geometry: BaseGeometry
    fill: str
    hatches: tuple[Hatch, ...] = ()
    label: tuple[str, ...] = ()
    is_bold: bool = False
    size_pt: float = 7.5
    priority: int = 2


@dataclass(frozen=True)
class PrintSign:
    """A sign at metric coordinates, with a label beside it if there is one."""

    key: str
    x: float
    y: float
    sign: Sign
    label: str = ""
    is_bold: bool = False


@dataclass(frozen=True)
class LegendRow:
    """One line of the legend: a sign, or a swatch with fill and hatching, or a line."""

    text: str
    sign: Sign | None = None
    fill: str = ""
    hatch: Hatch = ""
    line: str = ""
    line_mm: float = 0.4


@dataclass(frozen=True)
class LegendBlock:
    """Lines of the legend under one heading."""

    heading: str
    rows: tuple[LegendRow, ...]


@dataclass(frozen=True)
class PrintMap:
    """A map for paper.

    Attributes
    ----------
    key
        Short name in ASCII.
    title
        The finding.
    alt
        What the map shows, in words and numbers, for people who do not see it.
    borders
        Outlines drawn heavier, above the areas.
    sources
        Sources and licences, one line.
    remark
        What else a reader must know, such as what other sources say against the list.
    status
        Date of the data.
    scale_word
        Word before the scale.
    """

    key: str
    title: str
    subtitle: str
    alt: str
    areas: tuple[PrintArea, ...]
    borders: tuple[BaseGeometry, ...]
    signs: tuple[PrintSign, ...]
    legend: tuple[LegendBlock, ...]
    ground: Basemap
    sources: str
    remark: str
    status: str
    north: str
    scale_word: str
    language: Literal["de", "en"]
