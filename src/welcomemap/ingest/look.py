"""Look into the files of a town and write the recipe that a pack is built by.

What a file does not say is guessed and marked as such: the CRS by where the town lies, the number
and the name of an area by what its properties hold.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path

from welcomemap.describe.reasons import describe_fault
from welcomemap.errors import Fault, Place, UsageError, fault
from welcomemap.files import output_error, write_bytes
from welcomemap.geocoding.columns import list_names
from welcomemap.geocoding.list_columns import find_list_columns
from welcomemap.ingest.areas import look_at_areas, parse_metric_crs
from welcomemap.ingest.demand_cells import CELL_M
from welcomemap.ingest.extract import look_at_extract
from welcomemap.ingest.house_coordinates import look_at_addresses
from welcomemap.ingest.osm_areas import list_osm_areas
from welcomemap.ingest.people import (
    ATTRIBUTES,
    CENSUS_2022,
    H3,
    LICENCES,
    POLYGONS,
    SOURCES,
    YEARS,
    PeopleGuess,
    look_at_people,
)
from welcomemap.ingest.raw import make_slug
from welcomemap.ingest.recipe import RECIPE_NAME, ListPart, SitesPart, list_key
from welcomemap.ingest.timetable import look_at_feed
from welcomemap.region.schemas import GROUPS
from welcomemap.tabular.read import read_table
from welcomemap.wording import Language

EUROPE = (-12.0, 34.0, 42.0, 72.0)
"""Where UTM zones of ETRS89 are in use: west, south, east, north in degrees."""


@dataclass(frozen=True)
class TownFiles:
    """Files of a town as a person names them; ``None`` where there is none."""

    osm: Path | None = None
    districts: Path | None = None
    grid: Path | None = None
    sites: Path | None = None
    addresses: Path | None = None
    timetables: tuple[Path, ...] = ()
    candidates: Path | None = None
    osm_level: int | None = None
    within: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a recipe: its key, its value as TOML, and what is to be known of it.

    A line that ``is_left_out`` is written as a comment, for people to fill in.
    """

    key: str
    value: str
    note: Fault | None = None
    is_guessed: bool = False
    is_left_out: bool = False


@dataclass(frozen=True)
class Looked:
    """The recipe that was written, and what the town lacks.

    Attributes
    ----------
    missing
        What is not there, and what that costs; each begins with the name of the part.
    """

    path: Path
    parts: Mapping[str, tuple[Line, ...]]
    missing: tuple[Fault, ...]


@dataclass
class _Found:
    """What the files say."""

    parts: dict[str, list[Line]] = field(default_factory=dict)
    missing: list[Fault] = field(default_factory=list)
    bounds: tuple[float, float, float, float] | None = None


def guess_crs(lon: float, lat: float) -> str:
    """Return the metric CRS in use at a place: UTM, of ETRS89 in Europe and of WGS 84 elsewhere.

    Sources: EPSG registry, codes 25828-25838, 32601-32660 and 32701-32760.

    Examples
    --------
    >>> guess_crs(7.77, 49.44), guess_crs(13.4, 52.5), guess_crs(-51.2, -30.0)
    ('EPSG:25832', 'EPSG:25833', 'EPSG:32722')
    """
    zone = min(int((lon + 180) // 6) + 1, 60)
    west, south, east, north = EUROPE
    if west <= lon <= east and south <= lat <= north:
        return f"EPSG:{25800 + min(max(zone, 28), 38)}"
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def write_recipe(
    folder: Path, name: str, files: TownFiles, *, crs: str = "", language: Language = "de"
) -> Looked:
    """Look into the files of a town and write ``recipe.toml`` into a folder.

    Parameters
    ----------
    folder
        Is made if it is not there; a recipe in it is not written over.
    crs
        Metric CRS, such as ``EPSG:25832``; guessed from where the town lies if empty.
    language
        Of the comments.

    Raises
    ------
    UsageError
        If there is a recipe already, or neither areas nor an extract.
    InputError
        If a file cannot be read.
    OutputError
        If the recipe cannot be written.
    """
    path = folder / RECIPE_NAME
    if path.exists():
        raise UsageError(
            "there is a recipe already",
            where=Place(path),
            how="Edit it, or give another folder.",
        )
    if files.osm is None and files.districts is None and files.addresses is None:
        raise UsageError(
            "neither an extract, districts nor addresses are given, so nobody knows where the "
            "town lies",
            how="Give --osm FILE, --districts FILE, or both; --addresses FILE for a search alone.",
        )
    is_level = files.osm_level is not None
    if (is_level or files.within) and (files.districts or files.osm is None):
        raise UsageError(
            "administrative areas are those of an extract, in place of districts",
            how="Give --osm-level and --within with --osm FILE, and without --districts.",
        )
    found = _Found()
    _look_at_areas(found, files, folder, name)
    _look_at_people(found, files, folder)
    _look_at_addresses(found, files, folder, name)
    _look_at_extract(found, files, folder)
    _look_at_timetable(found, files, folder)
    _look_at_candidates(found, files, folder)
    _look_at_sites(found, files, folder)
    parts = {"region": _describe_region(found, name, crs), **found.parts}
    looked = Looked(
        path, {part: tuple(lines) for part, lines in parts.items()}, tuple(found.missing)
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
    write_bytes(path, "\n".join(_lay_out(looked, name, language)).encode())
    return looked


def _describe_region(found: _Found, name: str, crs: str) -> list[Line]:
    west, south, east, north = found.bounds or (0.0, 0.0, 0.0, 0.0)
    chosen = (
        parse_metric_crs(crs).to_string()
        if crs
        else guess_crs((west + east) / 2, (south + north) / 2)
    )
    is_german = chosen in ("EPSG:25831", "EPSG:25832", "EPSG:25833")
    words = fault("what a district and a service point are called")
    return [
        Line("id", _quote(make_slug(name) or "town")),
        Line("name", _quote(name)),
        Line("crs", _quote(chosen), fault("a metric CRS"), is_guessed=not crs),
        Line("language", _quote("de" if is_german else "en"), fault("de or en"), is_guessed=True),
        Line("timezone", _quote("Europe/Berlin" if is_german else "UTC"), None, is_guessed=True),
        Line("district_word", '{ de = "Stadtbezirk", en = "district" }', words),
        Line("service_kind", '{ de = "Beratungsstelle", en = "advice office" }', words),
        Line(
            "detour_factor", "[1.23, 1.13, 1.47]",
            fault("way over straight line, with low and high: measured elsewhere, not here"),
        ),
    ]  # fmt: skip


def _look_at_areas(found: _Found, files: TownFiles, folder: Path, town: str) -> None:
    if files.districts is None:
        found.parts["areas"] = lines = list(_describe_levels(files, town))
        if files.osm_level is None:
            has_border = any(line.key == "within" for line in lines)
            found.missing.append(
                fault("areas: the town is one district, its own border; give --districts")
                if has_border
                else fault(
                    "areas: the bounds of the extract, or of the addresses, are taken as one "
                    "district; give --districts"
                )
            )
        return
    guess = look_at_areas(files.districts)
    found.bounds = guess.bounds
    properties = fault("properties of the features: {names}", names=guess.properties)
    found.parts["areas"] = [
        *_name_file(files.districts, folder),
        Line("number", _quote(guess.number or ""), properties, is_guessed=True),
        Line("name", _quote(guess.name or ""), None, is_guessed=True),
        *(
            [Line("ids", _quote(guess.ids), fault("the column of H3 ids"), is_guessed=True)]
            if guess.ids
            else []
        ),
    ]


MAX_LEVELS_BYTES = 200_000_000
"""A larger extract is not read once more for the areas that it holds."""


def _describe_levels(files: TownFiles, town: str) -> Iterator[Line]:
    """Yield which administrative areas of the extract are taken, and which it holds.

    Where nobody chose any and one is called as the town, it is the town.
    """
    if files.osm is None:
        return
    areas: Mapping[int, tuple[str, ...]] = {}
    told = fault("the extract is too large to count the administrative areas that it holds")
    if files.osm.is_file() and files.osm.stat().st_size <= MAX_LEVELS_BYTES:
        areas = list_osm_areas(files.osm)
        levels = [
            fault("level {level}: {n_areas:,}", level=level, n_areas=len(names))
            for level, names in areas.items()
        ]
        told = fault("administrative areas that the extract holds whole: {levels}", levels=levels)
        if not levels:
            told = fault("the extract holds no administrative area whole")
    is_chosen = files.osm_level is not None
    yield Line("osm_level", str(files.osm_level or ""), told, is_left_out=not is_chosen)
    only_it = fault("of the area of this name alone")
    if files.within:
        yield Line("within", _quote(files.within), only_it)
    elif not is_chosen and any(town in names for names in areas.values()):
        yield Line("within", _quote(town), only_it, is_guessed=True)


def _look_at_people(found: _Found, files: TownFiles, folder: Path) -> None:
    if files.grid is None:
        found.parts["people"] = []
        found.missing.append(
            fault(
                "people: nobody can be counted, so neither coverage nor gaps; give --grid, in "
                "Germany the census of 2022 (Zensus2022_Bevoelkerungszahl.zip of destatis.de)"
            )
        )
        return
    guess = look_at_people(files.grid)
    if guess.kind == POLYGONS and not guess.count:
        found.missing.append(
            fault(
                "people: no column of {file} is known to count people; its columns are {names}. If "
                "these are areas, give them with --districts and people with --grid",
                file=files.grid.name,
                names=list_names(guess.columns),
            )
        )
    year = YEARS.get(guess.kind)
    source, licence = SOURCES.get(guess.kind, ""), LICENCES.get(guess.kind, "")
    found.parts["people"] = [
        *_name_file(files.grid, folder, source, licence, "" if year is None else str(year)),
        Line("kind", _quote(guess.kind), None, is_guessed=True),
        *_describe_columns(guess),
        *_describe_more(guess),
    ]


def _describe_columns(guess: PeopleGuess) -> Iterator[Line]:
    if guess.kind in (POLYGONS, H3):
        people = fault("the column of people, one of: {names}", names=guess.columns)
        yield Line("count", _quote(guess.count), people, is_guessed=True)
    if guess.kind == H3:
        yield Line("ids", _quote(guess.ids), fault("the column of H3 ids"), is_guessed=True)
    if guess.kind == POLYGONS:
        yield Line("size_m", f"{guess.size_m:g}", fault("how wide the cell of a point is, in m"))


def _describe_more(guess: PeopleGuess) -> Iterator[Line]:
    """Yield what may be added, and what for."""
    if guess.kind == CENSUS_2022:
        yield Line("attributes", "[]", fault(
            "files of the same grid with {columns}: groups of people",
            columns=tuple(ATTRIBUTES.values())))  # fmt: skip
    yield Line("totals", '""', fault(
        "official people by area, which the cells are scaled to: CSV or XLSX with number or name, "
        "and any of {groups}", groups=GROUPS))  # fmt: skip
    yield Line("totals_source", '""', fault("whose figures the totals are"))
    yield Line("totals_date", '""', fault("the year or day they are of"))
    if guess.size_m > CELL_M:
        yield Line("truth", '""', fault(
            "a finer grid, even of another year, to measure how far off the people of these cells "
            "are"))  # fmt: skip


def _look_at_addresses(found: _Found, files: TownFiles, folder: Path, town: str) -> None:
    if files.addresses is None:
        return
    guess = look_at_addresses(files.addresses, town=town)
    found.bounds = found.bounds or guess.bounds
    told = fault("rows: {n_rows}; columns: {names}", n_rows=guess.n_rows, names=guess.names)
    file, *rest = _name_file(files.addresses, folder)
    found.parts["addresses"] = [
        Line(file.key, file.value, told),
        *rest,
        *(
            Line(key, _quote(value), None, is_guessed=True)
            for key, value in ({"municipality": guess.municipality} | asdict(guess.columns)).items()
            if value
        ),
    ]


def _look_at_extract(found: _Found, files: TownFiles, folder: Path) -> None:
    if files.osm is None:
        found.parts["osm"] = []
        found.missing.append(
            fault(
                "osm: no streets and facilities, and no addresses but those of a list: ways are "
                "estimated; give --osm, an extract of download.geofabrik.de"
            )
        )
        return
    facts = look_at_extract(files.osm)
    found.bounds = found.bounds or facts.bounds
    told = fault(
        "{n_ways} ways open on foot, {n_addresses} addresses, {n_buildings} buildings",
        n_ways=facts.n_ways,
        n_addresses=facts.n_addresses,
        n_buildings=facts.n_buildings,
    )
    file, *rest = _name_file(files.osm, folder)
    found.parts["osm"] = [Line(file.key, file.value, told), *rest]
    if not facts.n_addresses:
        found.missing.append(
            fault("addresses: the extract has none, so addresses cannot be looked up")
        )


def _look_at_timetable(found: _Found, files: TownFiles, folder: Path) -> None:
    if not files.timetables:
        found.missing.append(
            fault("timetable: no stops, lines and ways by bus and train; give --gtfs")
        )
        return
    first, *more = files.timetables
    facts = [look_at_feed(path) for path in files.timetables]
    notes = [
        fault(
            "{publisher}: lines {n_lines}, stops {n_stops}, trips {n_trips}, from {first} to "
            "{last}",
            publisher=feed.publisher or path.name, n_lines=feed.n_lines, n_stops=feed.n_stops,
            n_trips=feed.n_trips, first=feed.first_day or "?", last=feed.last_day or "?",
        )
        for path, feed in zip(files.timetables, facts, strict=True)
    ]  # fmt: skip
    publisher = ", ".join(dict.fromkeys(filter(None, (feed.publisher for feed in facts))))
    days = [feed.first_day for feed in facts if feed.first_day is not None]
    file, *rest = _name_file(
        first, folder, source=publisher, date=min(days).isoformat() if days else ""
    )
    shown = [Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix() for path in more]
    further = fault("further feeds")
    if more:
        further = fault("further feeds: {feeds}", feeds=notes[1:])
    found.parts["timetable"] = [
        Line(file.key, file.value, notes[0]),
        *rest,
        Line("more", json.dumps(shown, ensure_ascii=False), further),
    ]


def _look_at_sites(found: _Found, files: TownFiles, folder: Path) -> None:
    scenario = Line("scenario", _quote("current"), fault("what the list is called, best its year"))
    if files.sites is None:
        found.parts["sites"] = [scenario, Line("stand_in", '""', fault(
            "a kind of facility (library, townhall, community_centre, …) that stands in for "
            "service points, so that the pack can be tried"))]  # fmt: skip
        found.missing.append(
            fault("sites: who reaches a service point cannot be told; give --sites or a stand-in")
        )
        return
    file, columns = _describe_list(found, "sites", files.sites, folder)
    found.parts["sites"] = [
        *file,
        scenario,
        Line("are_stand_ins", "false", fault(
            "true: these are no service points and stand in for them; each says so")),
        *columns,
    ]  # fmt: skip


def _look_at_candidates(found: _Found, files: TownFiles, folder: Path) -> None:
    if files.candidates is not None:
        file, columns = _describe_list(found, "candidates", files.candidates, folder)
        found.parts["candidates"] = [*file, *columns]


SHAPES = (".geojson", ".json", ".gpkg", ".shp", ".zip")


def _is_shapes(path: Path) -> bool:
    return path.suffix.lower() in SHAPES


def _describe_list(
    found: _Found, part: str, path: Path, folder: Path
) -> tuple[list[Line], list[Line]]:
    """Return the lines of a list's file, and those of columns that are called otherwise."""
    if _is_shapes(path):
        raise UsageError(
            "the file holds shapes, such as areas, and is no list of places",
            where=Place(path),
            how="Give the list as CSV or XLSX; areas are given with --districts.",
        )
    columns = find_list_columns(read_table(path))
    if not columns.has_place:
        found.missing.append(
            fault(
                "{part}: {file} has no column of addresses and none of coordinates; its columns "
                "are {names}",
                part=part,
                file=path.name,
                names=list_names([*chain(*columns.headings.values()), *columns.unread]),
            )
        )
    file, *rest = _name_file(path, folder)
    known = (ListPart if part == "candidates" else SitesPart).__struct_fields__
    return [Line(file.key, file.value, columns.told), *rest], [
        Line(list_key(column), _quote_all(names), None, is_guessed=True)
        for column, names in columns.renamed.items()
        if list_key(column) in known
    ]


def _name_file(
    path: Path, folder: Path, source: str = "", licence: str = "", date: str = ""
) -> list[Line]:
    shown = os.path.relpath(path.resolve(), folder.resolve())
    return [
        Line("file", _quote(Path(shown).as_posix())),
        Line("source", _quote(source), fault("who published it")),
        Line("licence", _quote(licence), fault("as its publisher states it")),
        Line("date", _quote(date), fault("the year or day it is of")),
        Line("url", '""', fault("its address, from which welcomemap data update fetches it")),
    ]


def _quote(text: str) -> str:
    """Return a text as a basic string of TOML, which JSON's are but for a rare escape."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _quote_all(names: Sequence[str]) -> str:
    first, *more = (_quote(name) for name in names)
    return f"[{', '.join((first, *more))}]" if more else first


def _lay_out(looked: Looked, name: str, language: Language) -> Iterator[str]:
    def say(note: Fault) -> str:
        # A name in a file may hold a line end, which would end the comment.
        return " ".join(describe_fault(note).in_language(language).split())

    yield "# " + say(fault("Recipe of the region pack {name}; build it with:", name=name))
    yield f"#     welcomemap data build {RECIPE_NAME} --out PACK"
    for note in looked.missing:
        yield "# " + say(fault("missing: {what}", what=note))
    guessed = say(fault("guessed"))
    for part, lines in looked.parts.items():
        yield ""
        yield f"[{part}]"
        for line in lines:
            notes = [guessed] if line.is_guessed else []
            notes += [] if line.note is None else [say(line.note)]
            hidden = "# " if line.is_left_out else ""
            told = f"  # {', '.join(notes)}" if notes else ""
            yield f"{hidden}{line.key} = {line.value}{told}"
    yield ""
