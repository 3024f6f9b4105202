"""Who is credited on a map: sources and licences of the layers and lists it shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from welcomemap.maps.content import Source
from welcomemap.pack.load import RegionPack
from welcomemap.pack.scenario import is_list_file, list_replaced_layers
from welcomemap.wording import Language, Text

MAP_LAYERS = ("districts", "service_points", "demand_cells", "street_edges", "river_band")


def credit_list(pack: RegionPack, scenario: str, language: Language) -> tuple[Source, ...]:
    """List the sources of a map of one scenario; a planner's own list is one, and named so."""
    sources = list_sources(pack, lists=(scenario,))
    if not is_list_file(scenario):
        return sources
    name = Path(scenario).name
    own = Text(
        f"eigene Liste {name}, kein amtliches Verzeichnis",
        f"own list {name}, not an official register",
    )
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
