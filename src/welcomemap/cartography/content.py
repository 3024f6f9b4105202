"""What a map is made of: plain facts and sources, each text in the language of the map.

Texts may come from anyone and may hold anything; they reach a page only as text. Positions are
metres in the metric CRS that the :class:`Frame` names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shapely.geometry.base import BaseGeometry

from welcomemap.crs import METRIC_CRS
from welcomemap.errors import UsageError
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import is_list_file, list_replaced_layers
from welcomemap.style import SHARE_COLOURS, WHITE, Sign, share_class
from welcomemap.wording import Language, say


@dataclass(frozen=True)
class Fact:
    """One line of a popup and one cell of the table under the map."""

    label: str
    value: str


@dataclass(frozen=True)
class Source:
    """Where data comes from and under which licence it stands."""

    name: str
    licence: str = ""


_TILE_ADDRESS = re.compile(r"https?://(\{s\}\.)?[A-Za-z0-9.-]+(:\d+)?/[^\s;,'\"<>\\]*")


@dataclass(frozen=True)
class TileServer:
    """A tile server the operator configures; without one a map asks no host for anything.

    Attributes
    ----------
    url
        Template with ``{z}``, ``{x}`` and ``{y}``, beginning with ``https://`` or ``http://``.
    attribution
        Plain text that names the provider, as its licence demands.

    Raises
    ------
    UsageError
        If the address has no ``{z}``, ``{x}`` and ``{y}`` or is none, or without attribution.
    """

    url: str
    attribution: str

    def __post_init__(self) -> None:
        """Refuse an address that could be anything but a template of tiles."""
        is_template = all(part in self.url for part in ("{z}", "{x}", "{y}"))
        if not is_template or not _TILE_ADDRESS.fullmatch(self.url):
            raise UsageError(
                "{url} is not a tile server",
                url=self.url,
                how="Give an address such as https://tiles.example.org/{{z}}/{{x}}/{{y}}.png.",
            )
        if not self.attribution.strip():
            raise UsageError(
                "a tile server needs its attribution",
                how="Give the text its licence demands, such as © OpenStreetMap contributors.",
            )


@dataclass(frozen=True)
class Frame:
    """Heading and margin of a map.

    Attributes
    ----------
    title
        The finding as a sentence.
    subtitle
        Date, scenario, threshold and mode.
    remarks
        Sentences under the subtitle: other readings, estimates, limits.
    tiles
        Tile server of the operator, if there is one.
    """

    title: str
    subtitle: str = ""
    remarks: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    crs: str = METRIC_CRS
    tiles: TileServer | None = None


Hatch = Literal["unserved", "unknown", "gained", "lost"]


@dataclass(frozen=True)
class LegendKey:
    """What stands before a line of the legend: a sign, else a small drawing of a shape.

    Attributes
    ----------
    colour
        Of a line or ring; what fills a swatch or a dot.
    edge
        Outline of a swatch, where it is not the usual one.
    width
        Of a line, in pixels of the interactive map.
    is_cased
        Whether white lies under a line.
    """

    sign: Sign | None = None
    shape: Literal["swatch", "line", "ring", "dot"] = "swatch"
    colour: str = WHITE
    edge: str = ""
    hatch: Hatch | None = None
    width: float = 2.0
    is_dashed: bool = False
    is_cased: bool = False


@dataclass(frozen=True)
class LegendRow:
    """A line of the legend: a key and what it means."""

    key: LegendKey
    text: str


@dataclass(frozen=True)
class LegendBlock:
    """Rows that belong together, with a heading that may be empty."""

    heading: str
    rows: tuple[LegendRow, ...]


@dataclass(frozen=True)
class MapSite:
    """A service point, candidate or address.

    Attributes
    ----------
    key
        Unique on its map.
    x, y
        Metres, ``None`` for a site without a known place: it stands in the table only.
    rank
        A short text in the sign, such as ``"1"``.
    warnings
        Sentences such as which source disputes the site; shown first, in popup and table.
    """

    key: str
    name: str
    sign: Sign
    x: float | None
    y: float | None
    facts: tuple[Fact, ...] = ()
    warnings: tuple[str, ...] = ()
    rank: str = ""
    error_radius_m: float | None = None

    @property
    def is_located(self) -> bool:
        """Tell whether the site has a place."""
        return self.x is not None and self.y is not None


@dataclass(frozen=True)
class MapArea:
    """A district, quarter or other area.

    Attributes
    ----------
    label
        Text on the map, short.
    share
        Share 0-1 that sets the colour; ``None`` where it is not known.
    share_text
        The share as people read it, with as many decimals as its interval allows.
    is_unserved
        Whether no service point lies in the area (hatched, name in bold).
    """

    key: str
    name: str
    label: str
    geometry: BaseGeometry
    share: float | None = None
    share_text: str = ""
    is_unserved: bool = False
    facts: tuple[Fact, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def fill(self) -> str:
        """Colour of the share's class; white where the share is not known."""
        step = share_class(self.share)
        return WHITE if step is None else SHARE_COLOURS[step]

    @property
    def hatches(self) -> tuple[Hatch, ...]:
        """What is hatched over the colour: an unknown share, and that no site lies here."""
        unknown: tuple[Hatch, ...] = ("unknown",) if self.share is None else ()
        return (*unknown, "unserved") if self.is_unserved else unknown


@dataclass(frozen=True)
class ClassedArea(MapArea):
    """An area that a class of its own colours or hatches, and no share."""

    colour: str = WHITE
    hatch: Hatch | None = None

    @property
    def fill(self) -> str:
        """Colour of the class."""
        return self.colour

    @property
    def hatches(self) -> tuple[Hatch, ...]:
        """What is hatched over the colour."""
        return () if self.hatch is None else (self.hatch,)


@dataclass(frozen=True)
class MapCell:
    """A cell of a grid in metres, and its share or number of people; ``None`` is not known.

    :func:`welcomemap.cartography.geometry.list_grid_squares` gives the squares of named cells.
    """

    geometry: BaseGeometry
    value: float | None


@dataclass(frozen=True)
class MapReach:
    """A service area: the geometry, what it is called, and whether it is an estimate."""

    key: str
    name: str
    geometry: BaseGeometry
    is_estimate: bool
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class MapChange:
    """People of an area who gained or lost reach between two scenarios."""

    area: MapArea
    gained: float
    lost: float


@dataclass(frozen=True)
class MapWay:
    """A way from one place to another: its line and whether it is an estimate."""

    geometry: BaseGeometry
    is_estimate: bool
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class PlaceName:
    """A name on the ground and its place in metres; of ``rank`` 1 is named first."""

    name: str
    x: float
    y: float
    rank: int
    is_water: bool = False


@dataclass(frozen=True)
class MapStudy:
    """Areas and sites of one scenario, ready to draw.

    ``share_heading`` says for the legend whose share it is; empty for the word "share" alone.
    """

    areas: tuple[MapArea, ...]
    sites: tuple[MapSite, ...]
    frame: Frame
    share_heading: str = ""


MAP_LAYERS = (
    "districts", "service_points", "demand_cells", "street_edges", "river_band", "ground",
    "place_names",
)  # fmt: skip


def list_credits(pack: RegionPack, scenario: str, language: Language) -> tuple[Source, ...]:
    """List the sources of a map of one scenario; a planner's own list is one, and named so."""
    sources = list_sources(pack, lists=(scenario,))
    if not is_list_file(scenario):
        return sources
    own = say("own list {name}, not an official register", name=Path(scenario).name)
    return (*sources, Source(own.in_language(language)))


def list_sources(
    pack: RegionPack, layers: Sequence[str] = MAP_LAYERS, *, lists: Sequence[str] = ()
) -> tuple[Source, ...]:
    """List source and licence of the layers a map shows, each once.

    ``lists`` are the scenarios whose sites it shows: where all are a planner's own files, the
    region's service points are not credited with what they do not say.
    """
    unused = list_replaced_layers(lists)
    found: dict[tuple[str, str], None] = {}
    for resource in pack.manifest["resources"]:
        if resource["name"] in layers and resource["name"] not in unused:
            licence = resource.get("licence", {})
            found[str(resource.get("source", "")), str(licence.get("name", ""))] = None
    return tuple(Source(name, licence) for name, licence in found)
