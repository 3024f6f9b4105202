"""What a pack is made of: a recipe names the files of a town and says which column is which.

A recipe is a TOML file (https://toml.io/en/v1.0.0) that ``welcomemap data new`` writes and people
edit. Files are named as seen from its folder. Each part but ``region`` is optional; what a pack
lacks without it stands with the part.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from welcomemap.dates import read_iso_date
from welcomemap.errors import JsonError, Place, RecipeError, fault
from welcomemap.files import read_input, shape_json
from welcomemap.geocoding.list_columns import KEYS
from welcomemap.ingest.networks import MARGIN_M

RECIPE_NAME = "recipe.toml"
MEND = fault("Correct the recipe; welcomemap data new writes one that says what each line means.")
FETCH = fault("Fetch it with welcomemap data update RECIPE.")
Text = Annotated[str, msgspec.Meta(max_length=500)]
Name = Annotated[str, msgspec.Meta(max_length=500, pattern=r"\S")]
Factor = Annotated[float, msgspec.Meta(ge=1.0, le=10.0)]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")]
Day = Annotated[str, msgspec.Meta(pattern=r"^(never|\d{4}-\d{2}-\d{2})\Z")]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file, where it is from and under which licence.

    Attributes
    ----------
    file
        As seen from the folder of the recipe.
    source, licence, date
        For the manifest: who published it, under which licence, and of which day or year it is.
    url, sha256, verified
        Where ``welcomemap data update`` fetches it, the only content that is accepted if not empty,
        and the day on which somebody saw the address answer.
    """

    file: Text = ""
    source: Text = ""
    licence: Text = ""
    date: Text = ""
    url: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    sha256: Sha256 = ""
    verified: Day = "never"

    @property
    def files(self) -> tuple[str, ...]:
        """All files that the part names."""
        return (self.file,) if self.file else ()


class AreasPart(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Districts. Without them the whole extract is one.

    Attributes
    ----------
    number, name
        Properties of the features that hold the number and the name.
    layer
        Of a GeoPackage with several layers: the one that is meant.
    ids
        Of a table: the column of the H3 ids of hexagons; found out where it is empty.
    osm_level, within
        Take the administrative areas of this level from the OpenStreetMap extract instead, of an
        extract of a whole region those within the area of this name or id (``r62639``). Without a
        level that area itself is the one district.
    """

    number: Text = ""
    name: Text = ""
    layer: Text = ""
    ids: Text = ""
    osm_level: int | None = None
    within: Text = ""


class PeoplePart(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A population grid, or counts at points or areas. Without it nobody is counted.

    Attributes
    ----------
    kind
        See :func:`welcomemap.ingest.people.read_people`; found out where it is empty.
    count
        The column that holds the people, of polygons, hexagons and points.
    size_m
        How wide a cell of points is.
    ids
        The column of the ids of hexagons; found out where it is empty.
    attributes
        Further files of the grid of the census of 2022, which give groups.
    totals
        Official people by area, to which the cells are scaled: CSV or XLSX with ``number`` or
        ``name`` and any of the groups.
    totals_source, totals_date
        For the manifest: whose figures these are, and of which day or year.
    truth
        A finer grid of people, against which the spreading is measured.
    """

    kind: Text = ""
    count: Text = ""
    size_m: float = 0.0
    ids: Text = ""
    attributes: tuple[Text, ...] = ()
    totals: Text = ""
    totals_source: Text = ""
    totals_date: Text = ""
    truth: Text = ""

    @property
    def files(self) -> tuple[str, ...]:
        """All files that the part names."""
        named = (self.file, *self.attributes, self.totals, self.truth)
        return tuple(filter(None, named))


class AddressesPart(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Official house coordinates, or another list of addresses, which count before the extract's.

    Attributes
    ----------
    member
        Of an archive with several files of addresses: the one that is meant.
    municipality
        Of a table of a whole state: whose addresses are meant.
    street, house_number, suffix, postcode, x, y, crs
        See :class:`welcomemap.ingest.house_coordinates.AddressColumns`.
    """

    member: Text = ""
    municipality: Text = ""
    street: Text = ""
    house_number: Text = ""
    suffix: Text = ""
    postcode: Text = ""
    x: Text = ""
    y: Text = ""
    crs: Text = ""


class ExtractPart(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An OpenStreetMap extract: addresses, streets, facilities. Without it ways are estimated.

    Attributes
    ----------
    margin_m
        Streets this far around the town are kept: at least the longest way that will be asked for.
    """

    margin_m: Annotated[float, msgspec.Meta(ge=0, le=50_000)] = MARGIN_M


class TimetablePart(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A GTFS feed: stops, lines and the times of trips. Without it there are no buses and trains.

    Attributes
    ----------
    more
        Further feeds, where a town has one for each operator.
    margin_m
        Stops this far around the town are kept.
    """

    more: tuple[Text, ...] = ()
    margin_m: Annotated[float, msgspec.Meta(ge=0, le=50_000)] = MARGIN_M

    @property
    def files(self) -> tuple[str, ...]:
        """All files that the part names."""
        return tuple(filter(None, (self.file, *self.more)))


class ListPart(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list of places.

    Attributes
    ----------
    id, name, address, operator, lat, lon
        Its columns, where they are called otherwise than these; those that are not named are found
        by their headings. Several columns make an address in their order.
    """

    id: Text = ""
    name: Text = ""
    address: Text | tuple[Text, ...] = ""
    operator: Text = ""
    lat: Text = ""
    lon: Text = ""

    @property
    def columns(self) -> dict[str, str | tuple[str, ...]]:
        """The columns that are called otherwise, by what they are."""
        named = {key: getattr(self, list_key(key), "") for key in KEYS}
        return {key: given for key, given in named.items() if given}


def list_key(column: str) -> str:
    """Return what a recipe calls a column of a list: ``url`` is the address of its file there."""
    return "page" if column == "url" else column


class SitesPart(ListPart, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The list of service points.

    Attributes
    ----------
    scenario
        What the list is called, best the year it is of.
    are_stand_ins
        The list is none of service points: its entries stand in for them, and say so.
    stand_in
        Without a list: the kind of facility of the extract that stands in for service points, so
        that the pack can be tried. Every one of them says that it is none.
    phone, opening_hours
        Further columns, where they are called otherwise than these.
    page
        The column of the web pages.
    """

    phone: Text = ""
    page: Text = ""
    opening_hours: Text = ""
    scenario: Text = ""
    are_stand_ins: bool = False
    stand_in: Text = ""


class Words(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """A word in each language; gender and plural of the German one where its ending tells none."""

    de: Name
    en: Name
    gender: Literal["", "m", "f", "n", "pl"] = ""
    plural: Text = ""


class RegionPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The town and its words, see ``docs/region-pack.md``."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}\Z")]
    name: Name
    crs: Text
    language: Literal["de", "en"] = "de"
    timezone: Text = "Europe/Berlin"
    district_word: Words
    service_kind: Words
    border_uncertainty_m: float = 30.0
    detour_factor: tuple[Factor, Factor, Factor] = (1.23, 1.13, 1.47)


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A town and its files."""

    region: RegionPart
    areas: AreasPart = AreasPart()
    people: PeoplePart = PeoplePart()
    addresses: AddressesPart = AddressesPart()
    osm: ExtractPart = ExtractPart()
    timetable: TimetablePart = TimetablePart()
    candidates: ListPart = ListPart()
    """Sites that somebody named; without it the facilities of the extract are candidates."""
    sites: SitesPart = SitesPart()

    @property
    def parts(self) -> dict[str, Part]:
        """The parts that may name a file, by their names."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: part for name, part in fields.items() if isinstance(part, Part)}

    @property
    def files(self) -> tuple[str, ...]:
        """All files that its parts name."""
        return tuple(file for part in self.parts.values() for file in part.files)

    @property
    def dates(self) -> dict[str, str]:
        """The dates that its parts state, by their keys; empty where they do not."""
        dates = {f"{name}.date": part.date for name, part in self.parts.items() if part.file}
        return dates | (
            {"people.totals_date": self.people.totals_date} if self.people.totals else {}
        )

    @property
    def unstated(self) -> tuple[str, ...]:
        """The keys of sources, licences and dates that stand in each map and are empty."""
        stated = {
            f"{name}.{key}": getattr(part, key)
            for name, part in self.parts.items() if part.file
            # Whose OpenStreetMap is, and under which licence, is known.
            for key in (() if name == "osm" else ("source", "licence"))
        }  # fmt: skip
        if self.people.totals:
            stated["people.totals_source"] = self.people.totals_source
        return tuple(key for key, text in (stated | self.dates).items() if not text.strip())


def find_recipe(path: Path) -> Path:
    """Return the file of a recipe that is named by itself or by its folder."""
    return path / RECIPE_NAME if path.is_dir() else path


def read_recipe(path: Path, *, is_fetched: bool = False) -> Recipe:
    """Return the recipe of a town.

    Parameters
    ----------
    is_fetched
        Files that have an address will be fetched, so they need not be there.

    Raises
    ------
    RecipeError
        If it is no TOML, lacks something, or holds what nobody reads; the message says where.
    """
    where = Place(path)
    try:
        values = tomllib.loads(read_input(path).decode("utf-8-sig"))
    except OSError as error:
        raise RecipeError(
            "the recipe cannot be read: {error}", error=error, where=where, how=MEND
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise RecipeError(
            "this is no recipe: {error}", error=str(error), where=where, how=MEND
        ) from error
    try:
        # A date of TOML may stand without quotation marks.
        recipe = shape_json(msgspec.to_builtins(values), Recipe)
    except JsonError as error:
        raise RecipeError("{error}", error=error.fault, where=where, how=MEND) from error
    if not _is_timezone(recipe.region.timezone):
        raise RecipeError(
            "nobody knows the time zone {zone}", zone=recipe.region.timezone, where=where, how=MEND
        )
    for key, date in recipe.dates.items():
        if date and read_iso_date(date) is None:
            raise RecipeError(
                "{key} is {date!r}, which is no date",
                key=key,
                date=date,
                where=where,
                how="Write the year, the month or the day: 2011, 2011-04 or 2011-04-30; leave it "
                "empty where it is not known.",
            )
    for part in recipe.parts.values():
        for file in part.files:
            is_awaited = is_fetched and part.url and file == part.file
            if not is_awaited and not _is_file(path.parent / file):
                how = FETCH if part.url and file == part.file else MEND
                raise RecipeError("there is no file {file}", file=file, where=where, how=how)
    return recipe


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have, or a folder that is closed
        return False
