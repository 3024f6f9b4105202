"""Recipes of real towns, for tests and the benchmark: as written, and what a clerk would edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from welcomemap.ingest.look import TownFiles, write_recipe

CENSUS = "population/zensus2011_1km_germany.parquet"
OSM, ODBL = "© OpenStreetMap contributors", "ODbL-1.0"
LISTED_STAND_INS = ("are_stand_ins = false", "are_stand_ins = true")


def stand_in(kind: str) -> tuple[str, str]:
    """A kind of facility of the extract stands in for the list that no town publishes."""
    return 'stand_in = ""', f'stand_in = "{kind}"'


@dataclass(frozen=True)
class RealTown:
    """What a clerk has at hand of a town, and which lines of the recipe are edited.

    Attributes
    ----------
    files
        Given the raw folder and a folder to write to.
    edits
        Line of the recipe as it was written → as it is edited.
    question
        The command that the benchmark asks the pack.
    """

    name: str
    files: Callable[[Path, Path], TownFiles]
    edits: Mapping[str, str] = field(default_factory=dict)
    crs: str = ""
    question: tuple[str, ...] = ("gaps",)

    def write(self, raw: Path, folder: Path) -> Path:
        """Write the recipe into a folder and return its file."""
        folder.mkdir(parents=True, exist_ok=True)
        looked = write_recipe(folder, self.name, self.files(raw, folder), crs=self.crs)
        text = looked.path.read_text("utf-8")
        for old, new in self.edits.items():
            if text.count(old) != 1:
                raise ValueError(f"{old} does not stand once in the recipe of {self.name}")
            text = text.replace(old, new)
        looked.path.write_text(text, "utf-8")
        return looked.path


def _kaiserslautern(raw: Path, _: Path) -> TownFiles:
    towns = raw / "testbeds"
    return TownFiles(
        towns / "kaiserslautern.osm.gz", towns / "kaiserslautern_districts.geojson", raw / CENSUS
    )


def _heidelberg(raw: Path, _: Path) -> TownFiles:
    here = raw / "testbeds" / "heidelberg"
    feed = here / "gtfs_2022.zip"
    return TownFiles(here / "heidelberg.osm.pbf", None, raw / CENSUS, timetables=(feed,))


def _munich(raw: Path, _: Path) -> TownFiles:
    return TownFiles(raw / "testbeds/munich_old_town.osm.pbf", None, raw / CENSUS)


def _porto_alegre(raw: Path, _: Path) -> TownFiles:
    """Its points of interest, which have an id and a place, stand in for service points."""
    here = raw / "testbeds" / "porto_alegre"
    hexagons = here / "poa_hexgrid.csv"
    return TownFiles(
        here / "poa_osm.pbf", hexagons, hexagons, here / "poa_points_of_interest.csv",
        timetables=(here / "poa_eptc.zip", here / "poa_trensurb.zip"),
    )  # fmt: skip


def _essen(raw: Path, _: Path) -> TownFiles:
    """Nothing but addresses: they are found, and nobody is counted."""
    return TownFiles(addresses=raw / "testbeds/essen_house_coordinates_2022.zip")


TOWNS = {
    town.name: town
    for town in (
        RealTown("Kaiserslautern", _kaiserslautern, dict([stand_in("library")])),
        RealTown("Heidelberg", _heidelberg, dict([stand_in("library")])),
        RealTown("Porto Alegre", _porto_alegre, dict([LISTED_STAND_INS])),
        RealTown(
            "Munich", _munich,
            dict([stand_in("library"), ("[areas]", "[areas]\nosm_level = 10")]),
        ),
        RealTown("Essen", _essen, question=("geocode", "--address", "Altendorfer Str. 374")),
    )
}  # fmt: skip
