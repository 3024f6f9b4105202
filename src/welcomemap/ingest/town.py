"""From the files that a recipe names to a region pack, for any town.

The steps are those of every town: areas, what the OpenStreetMap extract holds of them, people
spread to where homes are, and the list of service points, located by the pack's own addresses. The
pack is written whole or not at all, and the same bytes each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely

from welcomemap.crs import WGS84, Points, project
from welcomemap.describe.kinds import word_kind
from welcomemap.errors import Fault, Place, RecipeError, fault
from welcomemap.files import write_bytes
from welcomemap.geocoding.gazetteer import SEARCHED
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.ingest.areas import Areas, make_one_area, read_areas
from welcomemap.ingest.demand_cells import CELL_M
from welcomemap.ingest.extract import (
    Extract,
    assign_areas,
    build_streets,
    cut_to_cover,
    look_at_extract,
    read_extract,
)
from welcomemap.ingest.ground import read_ground
from welcomemap.ingest.house_coordinates import (
    FAR_M,
    AddressColumns,
    HouseCoordinates,
    add_missing,
    compare_sources,
    read_house_coordinates,
)
from welcomemap.ingest.lists import (
    leave_out_neighbours,
    list_advice,
    list_candidates,
    list_facilities,
    list_sites,
    mark_stand_ins,
    read_places,
    read_sites,
    tell_located,
    tell_unplaced,
)
from welcomemap.ingest.osm_areas import find_osm_area, read_osm_areas, read_town_border
from welcomemap.ingest.pack_folder import (
    LICENCE_NAME,
    BuildResult,
    Tell,
    claim_target,
    list_layers,
    publish_pack,
    read_descriptions,
    refuse_faulty,
    refuse_lost_changes,
    tell_no_step,
    write_files,
)
from welcomemap.ingest.people import Bounds, PeopleGrid, add_attributes, read_people
from welcomemap.ingest.raw import make_slug
from welcomemap.ingest.recipe import MEND, Part, Recipe, find_recipe, read_recipe
from welcomemap.ingest.spread import (
    SpreadPeople,
    expect_change,
    expect_error,
    measure_against,
    spread_people,
)
from welcomemap.ingest.timetable import read_timetable
from welcomemap.ingest.totals import meet_totals, read_totals
from welcomemap.ingest.uncovered import tell_left_out
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.region.scenario import read_scenario
from welcomemap.region.schemas import (
    CANDIDATE_SITE_COLUMNS,
    DISTRICT_COLUMNS,
    GROUPS,
    QUARTER_COLUMNS,
    SERVICE_POINT_COLUMNS,
    without_groups,
)
from welcomemap.study.candidates import read_candidates

DESCRIPTIONS, FIELDS = "town.toml", "layers.toml"
OSM_SOURCE, ODBL = "© OpenStreetMap contributors", "ODbL-1.0"
LICENCE_URLS = {
    ODBL: "https://opendatacommons.org/licenses/odbl/1-0/",
    "dl-de/by-2-0": "https://www.govdata.de/dl-de/by-2-0",
    "dl-de/zero-2-0": "https://www.govdata.de/dl-de/zero-2-0",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
}
NOT_STATED = "licence not stated"


@dataclass
class _Build:
    """What has been made so far of a recipe."""

    recipe: Recipe
    folder: Path
    layers: dict[str, pd.DataFrame] = field(default_factory=dict)
    measured: dict[str, str] = field(default_factory=dict)
    warnings: list[Fault] = field(default_factory=list)
    people_error: list[float] = field(default_factory=list)
    houses: HouseCoordinates | None = None

    @property
    def crs(self) -> str:
        return self.recipe.region.crs

    def find(self, part: Part) -> Path | None:
        """Return the file of a part of the recipe, if it names one."""
        return self.folder / part.file if part.file else None


def build_town(recipe_file: Path, out: Path, *, tell: Tell = tell_no_step) -> BuildResult:
    """Build the region pack of a recipe, byte for byte the same each time.

    Parameters
    ----------
    recipe_file
        See :mod:`welcomemap.ingest.recipe`; or its folder.
    out
        Folder of the pack: new, empty, or an older pack, which is replaced as a whole.
    tell
        Is told each step and how much is done, 0-1.

    Raises
    ------
    RecipeError
        If the recipe cannot be used.
    InputError
        If one of its files is missing, damaged or does not fit the others.
    UsageError
        If ``out`` holds something that is not a pack, or changes of its list would be lost.
    OutputError
        If ``out`` cannot be written; what was there stays.
    """
    recipe_file = find_recipe(recipe_file)
    recipe = read_recipe(recipe_file)
    build = _Build(recipe, recipe_file.parent)
    inputs = [build.folder / file for file in recipe.files]
    with claim_target(out, (recipe_file, *inputs)):
        refuse_lost_changes(out)
        _compute(build, recipe_file, tell)
        with publish_pack(out) as folder:
            manifest = _write(build, folder)
            tell("sites", 0.9)
            if _add_lists(build, folder):
                manifest = _write(build, folder)
            refuse_faulty(folder)
    return BuildResult(out, list_layers(manifest), tuple(build.warnings))


def _compute(build: _Build, recipe_file: Path, tell: Tell) -> None:
    """Compute the layers that need no other layer of the pack."""
    tell("addresses", 0.0)
    if build.recipe.unstated:
        build.warnings.append(
            fault(
                "these are empty in the recipe, and stand in every map and paper: {keys}",
                keys=build.recipe.unstated,
            )
        )
    build.houses = _read_houses(build)
    tell("areas", 0.05)
    areas = _read_areas(build, recipe_file)
    tell("extract", 0.1)
    extract = _read_extract(build, areas)
    tell("people", 0.6)
    _add_people(build, areas, extract)
    _add_addresses(build, areas, extract)
    if extract is not None:
        tell("streets", 0.7)
        _add_extract(build, areas, extract)
        tell("ground", 0.8)
        _add_ground(build, areas, extract)
    tell("transit", 0.85)
    _add_timetable(build, areas)


def _read_areas(build: _Build, recipe_file: Path) -> Areas:
    part, extract = build.recipe.areas, build.find(build.recipe.osm)
    path = build.find(part)
    if path is not None:
        areas = read_areas(
            path, build.crs, number=part.number, name=part.name, layer=part.layer, ids=part.ids
        )
    elif extract is None and build.houses is not None:
        areas = make_one_area(build.recipe.region.name, _bound_houses(build.houses))
        build.warnings.append(
            fault("no areas are named: the bounds of the addresses are one district")
        )
    elif extract is None:
        raise RecipeError(
            "neither areas, an extract nor addresses are named, so nobody knows where the town "
            "lies",
            where=Place(recipe_file),
            how=MEND,
        )
    elif part.osm_level is not None:
        within = find_osm_area(extract, part.within) if part.within else None
        areas = read_osm_areas(extract, build.crs, level=part.osm_level, within=within)
    elif part.within:
        areas = read_town_border(extract, build.crs, part.within, build.recipe.region.name)
    else:
        areas = make_one_area(build.recipe.region.name, look_at_extract(extract).bounds)
        build.warnings.append(
            fault("no areas are named: the bounds of the extract are one district")
        )
    if areas.clipped:
        build.warnings.append(
            fault(
                "areas that leave the extract are left out: {names}",
                names=areas.clipped,
            )
        )
    _tell_mended(build, areas)
    build.measured |= {
        "overlap_km2": f"{areas.overlap_km2:.3f}", "gap_km2": f"{areas.gap_km2:.3f}",
    }  # fmt: skip
    return areas


def _tell_mended(build: _Build, areas: Areas) -> None:
    """Say what of the areas was mended, and what was left open."""
    texts = read_descriptions(DESCRIPTIONS)["texts"]
    build.measured["areas_mended"] = str(texts["areas_mended"]).format(areas=areas)
    if areas.hole_km2 >= NOTABLE_KM2:
        build.warnings.append(
            fault(
                "ground between the areas belongs to none of them: {hole_km2:.2f} km²",
                hole_km2=areas.hole_km2,
            )
        )
    if areas.overlap_km2 >= NOTABLE_KM2:
        build.warnings.append(
            fault(
                "areas overlap by {overlap_km2:.2f} km²; each piece went to one of them",
                overlap_km2=areas.overlap_km2,
            )
        )
    if areas.gap_km2 >= NOTABLE_KM2:
        build.warnings.append(
            fault("gaps between areas were closed: {gap_km2:.2f} km²", gap_km2=areas.gap_km2)
        )


NOTABLE_KM2 = 0.01


def _bound_houses(houses: HouseCoordinates) -> Bounds:
    """Return the bounds of addresses in degrees, with the depth of a block around them."""
    west, south, east, north = houses.table.total_bounds
    around = gpd.GeoSeries(
        [shapely.box(west, south, east, north).buffer(AROUND_M)], crs=houses.table.crs
    )
    west, south, east, north = (float(edge) for edge in around.to_crs(WGS84).total_bounds)
    return west, south, east, north


AROUND_M = 100.0


def _read_houses(build: _Build) -> HouseCoordinates | None:
    """Return the official addresses, if the recipe names any."""
    part, path = build.recipe.addresses, build.find(build.recipe.addresses)
    if path is None:
        return None
    columns = AddressColumns(
        part.street, part.house_number, part.suffix, part.postcode, part.x, part.y, part.crs
    )
    houses = read_house_coordinates(
        path, columns, build.crs, member=part.member, municipality=part.municipality
    )
    build.measured |= {
        "n_unnamed": f"{houses.n_unnamed:,}",
        "n_unnumbered": f"{houses.n_unnumbered:,}",
    }
    return houses


def _add_addresses(build: _Build, areas: Areas, extract: Extract | None) -> None:
    """Add the addresses: the official ones, then those of the extract that these lack."""
    table, texts = None, read_descriptions(DESCRIPTIONS)["texts"]
    limits = str(texts["addresses_osm"])
    if build.houses is not None:
        table, limits = build.houses.table, str(texts["addresses_listed"])
    if extract is not None and table is not None:
        limits += " " + _compare_addresses(build, table, extract)
        table = add_missing(table, extract.addresses)
    elif extract is not None:
        table = extract.addresses
    if table is None:
        return
    addresses = assign_areas(table, areas.table, build.crs)
    build.measured |= {
        "n_unlocated": f"{int((addresses['district'] == 0).sum()):,}",
        "n_suspect": f"{int((addresses['location_quality'] == 'suspect').sum()):,}",
    }
    _tell_without_addresses(build, areas, addresses)
    build.measured["addresses_limits"] = limits.format(**build.measured)
    if len(addresses):
        build.layers["addresses"] = addresses
    elif extract is not None:
        build.warnings.append(fault("the extract holds no address: addresses cannot be looked up"))


def _compare_addresses(build: _Build, listed: gpd.GeoDataFrame, extract: Extract) -> str:
    """Return how far the extract's addresses are from the official ones, and warn of far ones."""
    texts, found = (
        read_descriptions(DESCRIPTIONS)["texts"],
        compare_sources(listed, extract.addresses),
    )
    if not found.n_both:
        build.warnings.append(
            fault("no address of the list stands in the extract, so neither checks the other")
        )
        return str(texts["addresses_unchecked"])
    if found.far:
        build.warnings.append(
            fault(
                "addresses that list and extract place more than {far_m:.0f} m apart "
                "({n_far:,} of {n_both:,}): {names}",
                far_m=FAR_M,
                n_far=len(found.far),
                n_both=found.n_both,
                names=_list_some(list(found.far)),
            )
        )
    return str(texts["addresses_checked"]).format(found=found, n_far=len(found.far))


def _read_extract(build: _Build, areas: Areas) -> Extract | None:
    path = build.find(build.recipe.osm)
    if path is None:
        build.warnings.append(
            fault(
                "no OpenStreetMap extract is named: no streets, no facilities; ways are estimated"
            )
        )
        if build.houses is None:
            build.warnings.append(
                fault("neither an extract nor addresses are named: none can be looked up")
            )
        return None
    town = shapely.union_all(areas.table.geometry.to_crs(build.crs).to_numpy())
    wanted = gpd.GeoSeries([town.buffer(build.recipe.osm.margin_m)], crs=build.crs).to_crs(WGS84)
    west, south, east, north = (float(edge) for edge in wanted.total_bounds)
    return read_extract(path, (west, south, east, north), build.crs)


def _add_people(build: _Build, areas: Areas, extract: Extract | None) -> None:
    path, part = build.find(build.recipe.people), build.recipe.people
    if path is None:
        build.warnings.append(
            fault(
                "no file of people is named: nobody can be counted, so neither coverage nor gaps "
                "can be told"
            )
        )
        build.measured["totals"] = str(read_descriptions(DESCRIPTIONS)["texts"]["no_people"])
        build.measured["uncovered"] = ""
        _add_areas(build, areas, None)
        return
    west, south, east, north = (float(edge) for edge in areas.table.total_bounds)
    bounds = (west, south, east, north)
    grid = read_people(
        path, bounds=bounds, kind=part.kind, count=part.count, size_m=part.size_m, ids=part.ids
    )
    grid = add_attributes(grid, [build.folder / file for file in part.attributes])
    homes = np.empty((0, 2)) if extract is None else extract.homes
    people = spread_people(grid, areas.table, homes, build.crs)
    if people.people_per_home > MOST_PER_HOME:
        build.warnings.append(
            fault(
                "the extract knows one home for {n:.0f} people where it knows any: too few to say "
                "where people live inside of a cell, so they are spread evenly",
                n=people.people_per_home,
            )
        )
        homes = np.empty((0, 2))
        people = spread_people(grid, areas.table, homes, build.crs)
    build.measured |= {
        "size_m": f"{grid.size_m:.0f}",
        "year": str(grid.year or part.date or "undated"),
        "outside_people": f"{people.outside_people:,.0f}",
        "spread": _tell_spread(build, grid, people, areas, homes, bounds),
        "groups": _tell_groups(grid),
    }
    error = build.people_error[:1] or [expect_error(grid, people)]
    build.people_error = [*error, expect_change(grid)]
    texts = read_descriptions(DESCRIPTIONS)["texts"]
    warnings, told = tell_left_out(grid, people, areas.table, homes, build.crs, texts)
    build.warnings += warnings
    build.measured["uncovered"] = told
    people = _meet_totals(build, people, areas)
    _tell_whose(build, people)
    _add_areas(build, areas, people.totals)
    build.layers["demand_cells"] = people.cells


def _tell_whose(build: _Build, people: SpreadPeople) -> None:
    """Say how many people the town is taken to have where nobody said which part is the town."""
    part = build.recipe.areas
    if part.file or part.osm_level is not None or part.within:
        return
    build.warnings.append(
        fault(
            "nobody said which part of the extract is {name}: all in it are counted as its people, "
            "{n_people:,.0f}; name districts, or within",
            name=build.recipe.region.name,
            n_people=float(people.totals["residents"].sum()),
        )
    )


def _tell_spread(
    build: _Build, grid: PeopleGrid, people: SpreadPeople, areas: Areas, homes: Points,
    bounds: Bounds,
) -> str:  # fmt: skip
    """Return how sure it is where people live: measured, where the recipe names a finer grid."""
    texts, truth_name = read_descriptions(DESCRIPTIONS)["texts"], build.recipe.people.truth
    if not truth_name:
        kind = "not_spread" if grid.size_m <= CELL_M else "spread_unmeasured"
        return str(texts[kind]).format(homes_share=people.homes_share)
    path = build.folder / truth_name
    truth = read_people(path, bounds=bounds)
    if truth.size_m >= grid.size_m or grid.size_m <= CELL_M:
        raise RecipeError(
            "a grid in cells of {truth_m:g} m measures nothing about one in cells of {grid_m:g} m",
            truth_m=truth.size_m,
            grid_m=grid.size_m,
            where=Place(path),
            how="Name a finer grid as truth of one in cells wider than 100 m, or leave truth out.",
        )
    found = measure_against(people, truth, areas.table, homes, build.crs)
    build.people_error = [found.mean_absolute]
    return str(texts["spread_measured"]).format(
        homes_share=people.homes_share,
        truth=path.name,
        year="undated" if truth.year is None else truth.year,
        found=found,
    )


def _tell_groups(grid: PeopleGrid) -> str:
    texts, groups = read_descriptions(DESCRIPTIONS)["texts"], list(grid.groups[1:])
    if not groups:
        return str(texts["no_groups"])
    return str(texts["groups"]).format(
        n_values=grid.table[groups].size,
        n_suppressed=int(grid.table[groups].isna().to_numpy().sum()),
        n_uncertain=grid.n_uncertain,
    )


def _meet_totals(build: _Build, people: SpreadPeople, areas: Areas) -> SpreadPeople:
    part = build.recipe.people
    build.measured["totals"] = ""
    if not part.totals:
        return people
    official = read_totals(build.folder / part.totals, areas.table)
    people, warnings = meet_totals(people, official, areas.table)
    build.warnings += [*official.warnings, *warnings]
    build.measured["totals"] = str(read_descriptions(DESCRIPTIONS)["texts"]["totals"]).format(
        base=part.totals_source or Path(part.totals).name,
        date=part.totals_date or "undated",
        n_areas=len(official.table),
        n_all=len(areas.table),
    )
    return people


MOST_PER_HOME = 40.0
"""With fewer homes known, people are placed worse by homes than evenly: measured in Düsseldorf, see
:mod:`welcomemap.ingest.spread`."""


def _add_areas(build: _Build, areas: Areas, totals: pd.DataFrame | None) -> None:
    table = areas.table.copy()
    if totals is not None:
        table = table.merge(totals, left_on="district", right_index=True)
    table["area_km2"] = (table.geometry.to_crs(build.crs).area / 1e6).round(3)
    table["quarter"] = table["district"].astype(str)
    known = () if totals is None else tuple(map(str, totals.columns))
    empty = table.loc[table["residents"] == 0, "name"].tolist() if known else []
    if empty:
        build.warnings.append(fault("nobody lives in: {names}", names=_list_some(empty)))
    for name, columns in (("districts", DISTRICT_COLUMNS), ("quarters", QUARTER_COLUMNS)):
        build.layers[name] = table[without_groups(columns, known)]


def _add_extract(build: _Build, areas: Areas, extract: Extract) -> None:
    town = shapely.union_all(areas.table.geometry.to_crs(build.crs).to_numpy())
    _add_streets(build, town, extract)
    places = project(extract.facilities["lon"], extract.facilities["lat"], crs=build.crs)
    inside = extract.facilities[shapely.intersects_xy(town, places[:, 0], places[:, 1])]
    if len(inside):
        build.layers[_facility_layer(build)] = list_facilities(inside, OSM_SOURCE)
        build.measured["facilities_limits"] = read_descriptions(DESCRIPTIONS)["texts"]["facilities"]
        build.measured["candidates_limits"] = build.measured["facilities_limits"]
        advice = list_advice(inside, gpd.GeoDataFrame(areas.table.to_crs(build.crs)), OSM_SOURCE)
        if len(advice):
            build.layers["advice_offices"] = advice
    elif build.find(build.recipe.candidates) is None:
        build.warnings.append(
            fault("the extract holds no facility of the town: there are no candidate sites")
        )
    _tell_without_streets(build, areas)
    _tell_few(build)


def _facility_layer(build: _Build) -> str:
    """Name the layer of facilities: they are the candidates where nobody named any."""
    return "facilities" if build.recipe.candidates.file else "candidate_sites"


def _add_streets(build: _Build, town: shapely.Geometry, extract: Extract) -> None:
    margin_m = build.recipe.osm.margin_m
    edges, extent = build_streets(extract, town, build.crs, margin_m=margin_m)
    build.layers |= {"street_edges": edges, "street_extent": extent}
    around = shapely.difference(town.buffer(margin_m), town)
    known = cut_to_cover(extract, around, build.crs)
    around_share = float(known.area / around.area) if around.area else 1.0
    share = float(extent.area.sum()) / float(town.area)
    steps_m = float(edges["length_m"][~edges["is_step_free"]].sum())
    build.measured |= {
        "extent_share": f"{share:.0%}",
        "margin_m": f"{margin_m:,.0f}",
        "around_share": f"{around_share:.0%}",
        "steps_km": f"{steps_m / 1000:,.1f}",
        "streets_km": f"{float(edges['length_m'].sum()) / 1000:,.0f}",
    }
    if share < MOSTLY:
        build.warnings.append(
            fault(
                "the extract covers {share:.0%} of the town: elsewhere ways are estimated and "
                "addresses are unknown",
                share=share,
            )
        )
    elif around_share < MOSTLY:
        build.warnings.append(
            fault(
                "the extract covers {share:.0%} of the {margin_m:,.0f} m around the town: ways "
                "near its border that lead over what is missing come out too long",
                share=around_share,
                margin_m=margin_m,
            )
        )


def _add_ground(build: _Build, areas: Areas, extract: Extract) -> None:
    west, south, east, north = map(float, areas.table.geometry.to_crs(build.crs).total_bounds)
    ground = read_ground(extract.path, (west, south, east, north), build.crs)
    found = {"ground": ground.shapes, "place_names": ground.places}
    build.layers |= {name: table for name, table in found.items() if len(table)}
    build.measured |= {
        "ground_missing": ", ".join(ground.missing) or "none",
        "ground_tolerance_m": f"{ground.tolerance_m:g}",
        "ground_n_open": str(ground.n_open),
    }
    if ground.missing:
        build.warnings.append(
            fault(
                "the extract holds no or hardly any of this for the ground of the maps: {kinds}",
                kinds=ground.missing,
            )
        )


def _add_timetable(build: _Build, areas: Areas) -> None:
    part = build.recipe.timetable
    if not part.files:
        build.warnings.append(
            fault("no timetable is named: there are no stops, lines and ways by bus and train")
        )
        return
    town = shapely.union_all(areas.table.geometry.to_crs(build.crs).to_numpy())
    paths = [build.folder / file for file in part.files]
    found = read_timetable(paths, town, build.crs, margin_m=part.margin_m)
    build.layers |= found.layers
    build.warnings += found.warnings
    build.measured |= {
        "feeds": ", ".join(path.name for path in paths),
        "feeds_valid": "; ".join(
            f"{path.name}, valid from {first.isoformat()} to {last.isoformat()}"
            for path, (first, last) in zip(paths, found.feed_days, strict=True)
        ),
        "n_trips": f"{found.n_trips:,}",
        "n_cut": f"{found.n_cut:,}",
        "estimated_share": f"{found.estimated_share:.0%}",
        "stops_margin_m": f"{part.margin_m:,.0f}",
    }


MOSTLY = 0.98
"""An extract that covers less of the area of a town leaves a part of it out."""


def _tell_without_streets(build: _Build, areas: Areas) -> None:
    """Say which areas have no streets, so that nobody trusts ways there."""
    names = areas.table["name"].to_numpy(dtype=object)
    shapes = areas.table.geometry.to_crs(build.crs).to_numpy()
    edges = gpd.GeoDataFrame(build.layers["street_edges"]).geometry.to_numpy()
    is_reached = np.zeros(len(names), dtype=bool)
    is_reached[shapely.STRtree(shapes).query(edges, predicate="intersects")[1]] = True
    unknown = names[~is_reached].tolist()
    build.measured["areas_without_streets"] = ", ".join(_list_some(unknown)) or "-"
    if unknown:
        build.warnings.append(
            fault(
                "areas without streets, where ways are estimated ({n_areas} of {n_all}): {names}",
                n_areas=len(unknown),
                n_all=len(names),
                names=_list_some(unknown),
            )
        )


def _tell_without_addresses(build: _Build, areas: Areas, addresses: pd.DataFrame) -> None:
    """Say which areas have no addresses, so that nobody looks for one there."""
    names = areas.table["name"].to_numpy(dtype=object)
    nameless = names[~areas.table["district"].isin(addresses["district"]).to_numpy()].tolist()
    build.measured["areas_without_addresses"] = ", ".join(_list_some(nameless)) or "-"
    if nameless and len(addresses):
        build.warnings.append(
            fault(
                "areas without any address ({n_areas} of {n_all}): {names}",
                n_areas=len(nameless),
                n_all=len(names),
                names=_list_some(nameless),
            )
        )


def _count_people(build: _Build) -> float:
    table = build.layers["districts"]
    return float(table["residents"].sum()) if "residents" in table else 0.0


def _tell_few(build: _Build) -> None:
    """Say where the extract holds some addresses or facilities, but hardly any."""
    people, n_addresses = _count_people(build), len(build.layers.get("addresses", ()))
    n_facilities = len(build.layers.get(_facility_layer(build), ()))
    if 0 < n_addresses < people / MOST_PER_ADDRESS:
        build.warnings.append(
            fault(
                "the extract knows {n_addresses:,} addresses for {people:,.0f} people: most cannot "
                "be looked up",
                n_addresses=n_addresses,
                people=people,
            )
        )
    if 0 < n_facilities < people / MOST_PER_FACILITY:
        build.warnings.append(
            fault(
                "the extract knows {n_facilities:,} facilities for {people:,.0f} people: most "
                "candidate sites are missing",
                n_facilities=n_facilities,
                people=people,
            )
        )


MOST_PER_ADDRESS, MOST_PER_FACILITY = 40.0, 5000.0
"""People for one address or facility, above which an extract lacks most of them. Where they are
mapped, it knows 9 people for an address and 900 for a facility (Düsseldorf, Kaiserslautern)."""
NAMED_AREAS = 12


def _list_some(names: list[str]) -> list[str]:
    return names if len(names) <= NAMED_AREAS else [*names[:NAMED_AREAS], "…"]


def _add_lists(build: _Build, folder: Path) -> bool:
    """Add candidates and service points, located in the pack that is there already."""
    pack = load_pack(folder)
    geocoder = Geocoder.from_pack(pack) if any(map(pack.has_layer, SEARCHED)) else None
    has_candidates = _add_candidates(build, pack, geocoder)
    return _add_sites(build, pack, geocoder) or has_candidates


def _add_candidates(build: _Build, pack: RegionPack, geocoder: Geocoder | None) -> bool:
    part, path = build.recipe.candidates, build.find(build.recipe.candidates)
    texts = read_descriptions(DESCRIPTIONS)["texts"]
    if path is None:
        return False

    def geocode(text: str) -> GeocodeResult:
        return NOT_LOOKED_UP if geocoder is None else geocoder.geocode(text)

    rows, told = leave_out_neighbours(read_places(part, path), pack, path)
    build.warnings += told
    found = read_candidates(pack, rows, geocode, path.name)
    unplaced = [
        name for name, known in zip(found.names, found.is_located, strict=True) if not known
    ]
    if unplaced:
        build.warnings.append(
            fault(
                "candidates without a place ({n_sites} of {n_all}): {names}",
                n_sites=len(unplaced),
                n_all=len(found),
                names=_list_some(unplaced),
            )
        )
    build.measured["candidates_limits"] = texts["candidates_listed"].format(file=path.name)
    build.layers["candidate_sites"] = list_candidates(found, build.crs, part.source or path.name)
    return True


NOT_LOOKED_UP = GeocodeResult(Outcome.NOT_FOUND, ())


def _add_sites(build: _Build, pack: RegionPack, geocoder: Geocoder | None) -> bool:
    part, texts = build.recipe.sites, read_descriptions(DESCRIPTIONS)["texts"]
    path = build.find(part)
    if path is not None:
        limits = texts["published"]
        listed = read_sites(part, path)
        rows, told = leave_out_neighbours(listed, pack, path)
        build.warnings += (*told, *tell_unplaced(listed, path))
        if part.are_stand_ins:
            note = texts["stand_in_listed"].format(file=path.name)
            rows, limits = mark_stand_ins(rows, note), texts["stand_ins_listed"]
            build.warnings.append(
                fault(
                    "the entries of {file} stand in for service points, and say so", file=path.name
                )
            )
    elif part.stand_in:
        rows = _list_stand_ins(build)
        limits = texts["stand_ins"]
        build.warnings.append(
            fault(
                "no list of service points is named: facilities of the kind {kind} stand in for "
                "them, and say so",
                kind=part.stand_in,
            )
        )
    else:
        build.warnings.append(
            fault(
                "no list of service points is named: who reaches one cannot be told until there is "
                "one (welcomemap data sites, or the part sites of the recipe)"
            )
        )
        return False
    locate = None if geocoder is None else lambda texts, districts: [
        geocoder.geocode(text, stated_district=district)
        for text, district in zip(texts, districts, strict=True)
    ]  # fmt: skip
    called = _scenario_of(build) if path is None else path.name
    scenario = read_scenario(pack, rows, name=called, locate=locate)
    build.warnings += tell_located(scenario, locate)
    build.layers["service_points"] = list_sites(
        scenario.frame, build.crs, _scenario_of(build), texts
    )
    build.measured["sites_limits"] = limits
    return True


def _scenario_of(build: _Build) -> str:
    return build.recipe.sites.scenario or "current"


def _list_stand_ins(build: _Build) -> pd.DataFrame:
    kind = build.recipe.sites.stand_in
    nothing = pd.DataFrame(columns=list(CANDIDATE_SITE_COLUMNS))
    known = build.layers.get(_facility_layer(build), nothing)
    chosen = known[known["kind"] == kind]
    if chosen.empty:
        raise RecipeError(
            "no facility of the kind {kind} can stand in for service points",
            kind=kind,
            known=sorted(set(known["kind"])),
            where=Place(build.folder),
            how="Choose from {known}, or name a list of service points.",
        )
    note = str(read_descriptions(DESCRIPTIONS)["texts"]["stand_in"])
    rows = chosen.assign(
        id="stand-in-" + chosen["id"],  # the facility itself stays a candidate
        stated_districts="", status="open", valid_from="", valid_to="",
        note=note.format(kind=kind), source=f"{OSM_SOURCE} (stand-in)",
    )  # fmt: skip
    return rows[[*SERVICE_POINT_COLUMNS, "lat", "lon", "kind", "note"]].reset_index(drop=True)


def _write(build: _Build, folder: Path) -> Mapping[str, Any]:
    known = _describe(build)
    manifest = write_files(folder, build.layers, _describe_region(build), build.measured, known)
    write_bytes(folder / LICENCE_NAME, _tell_licences(manifest).encode())
    return manifest


def _describe_region(build: _Build) -> dict[str, Any]:
    region = build.recipe.region
    bounds = gpd.GeoDataFrame(build.layers["districts"]).total_bounds
    described: dict[str, Any] = msgspec.to_builtins(region)
    described |= {
        "scenarios": [_scenario_of(build)], "default_scenario": _scenario_of(build),
        "groups": [c for c in build.layers["districts"].columns if c in GROUPS],
        "bbox": [round(float(edge), 5) for edge in bounds],
        "quarter_word": described["district_word"], "detour_factor": list(region.detour_factor),
    }  # fmt: skip
    if described["groups"]:
        described["people_grid_m"] = float(build.measured["size_m"])
        described["has_official_totals"] = bool(build.recipe.people.totals)
        described["people_error"] = build.people_error
    described["service_kind"] = _name_stand_ins(build) or described["service_kind"]
    return described


def _name_stand_ins(build: _Build) -> dict[str, str] | None:
    """Return what stand-ins are called in every map, sentence and paper; ``None`` of others."""
    part, known = build.recipe.sites, read_descriptions(DESCRIPTIONS)
    if part.file:
        return dict(known["stand_in_listed"]) if part.are_stand_ins else None
    if not part.stand_in:
        return None
    kind = word_kind(part.stand_in)
    return {key: word.format(kind=kind.in_language("de" if key == "de" else "en"))
            for key, word in known["stand_in_kind"].items()}  # fmt: skip


def _describe(build: _Build) -> dict[str, Any]:
    """Return what the layers are, in the form of ``layers.toml``, with the recipe's sources."""
    recipe = build.recipe
    known = read_descriptions(DESCRIPTIONS)
    parts = {name: part for name, part in recipe.parts.items() if name != "osm"}
    sources = {name: _name_source(part) for name, part in parts.items()}
    osm = {"title": OSM_SOURCE, "path": "https://www.openstreetmap.org/copyright"}
    licences = {name: _name_licence(part.licence) for name, part in parts.items()}
    people = recipe.people
    totals = {"title": people.totals_source or Path(people.totals).name,
              "path": f"file:{Path(people.totals).name}"}  # fmt: skip
    layers = {
        name: layer | {"date": _date_of(recipe, layer["sources"]),
                       "sources": [*layer["sources"], *_add_totals(recipe, layer["sources"])]}
        for name, layer in known["layers"].items()
    }  # fmt: skip
    if not people.file:
        ground = "addresses" if not (recipe.areas.file or recipe.osm.file) else "areas"
        for name in ("districts", "quarters"):
            layers[name] |= {"sources": [ground], "licence": ground}
    if recipe.addresses.file:
        beside = ["osm"] if recipe.osm.file else []
        layers["addresses"] |= {
            "sources": ["addresses", *beside], "date": recipe.addresses.date,
            "licence": "odbl" if beside else "addresses",
        }  # fmt: skip
    if not recipe.candidates.file:
        layers["candidate_sites"] |= {"sources": ["osm"], "date": recipe.osm.date}
    elif not recipe.osm.file:
        layers["candidate_sites"] |= {"sources": ["candidates"], "licence": "candidates"}
    return {
        "package": {
            "title": f"welcomemap: region pack {recipe.region.name}",
            "description": known["texts"]["description"],
            "homepage": "https://www.openstreetmap.org", "version": "1.0.0",
        },
        "sources": sources | {"osm": osm, "totals": totals},
        "licences": licences | {"odbl": _name_licence(ODBL)},
        "layers": layers,
        "fields": read_descriptions(FIELDS)["fields"] | known["fields"],
    }  # fmt: skip


def _add_totals(recipe: Recipe, sources: list[str]) -> list[str]:
    return ["totals"] if recipe.people.totals and "people" in sources else []


def _name_source(part: Part) -> dict[str, str]:
    title = part.source or Path(part.file).name or OSM_SOURCE
    return {"title": title, "path": part.url or ("https://www.openstreetmap.org/copyright" if not
            part.file else f"file:{Path(part.file).name}")}  # fmt: skip


def _name_licence(licence: str) -> dict[str, str]:
    name = licence or NOT_STATED
    return {"name": make_slug(name) if licence not in LICENCE_URLS else name, "title": name,
            "url": LICENCE_URLS.get(licence, "https://opendefinition.org/licenses/")}  # fmt: skip


def _date_of(recipe: Recipe, sources: list[str]) -> str:
    dates = [recipe.parts[name].date for name in sources]
    return next(filter(None, dates), "")


def _tell_licences(manifest: Mapping[str, Any]) -> str:
    lines = [read_descriptions(DESCRIPTIONS)["texts"]["licences"], ""]
    by_licence: dict[str, list[Mapping[str, Any]]] = {}
    for resource in manifest["resources"]:
        by_licence.setdefault(resource["licence"]["title"], []).append(resource)
    for title, resources in sorted(by_licence.items()):
        lines += [f"## {title}", "", *_list_layers(resources), ""]
    return "\n".join(lines)


def _list_layers(resources: list[Mapping[str, Any]]) -> Iterator[str]:
    yield resources[0]["licence"]["url"]
    yield ""
    for resource in resources:
        yield f"- `{resource['name']}`: {resource['source']}"
