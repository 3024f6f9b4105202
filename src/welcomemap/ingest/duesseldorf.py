"""From raw files to a region pack: the recipe for Düsseldorf."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from welcomemap.crs import METRIC_CRS, WGS84
from welcomemap.errors import Fault, fault
from welcomemap.ingest.addresses import (
    NameCorrections,
    are_beside_ways,
    build_addresses,
    read_named_ways,
    read_postcodes,
)
from welcomemap.ingest.boundaries import (
    build_districts,
    build_quarters,
    measure_area_km2,
    read_quarter_figures,
    sum_by_district,
)
from welcomemap.ingest.demand_cells import (
    build_demand_cells,
    measure_census_change,
    measure_growth,
)
from welcomemap.ingest.known_ways import draw_ways, find_complete_area
from welcomemap.ingest.networks import (
    build_river,
    build_river_band,
    build_river_crossings,
    build_transit,
    connect_ways,
    draw_centre,
    read_ways,
    select_ways,
)
from welcomemap.ingest.pack_folder import (
    BuildResult,
    Tell,
    claim_target,
    refuse_lost_changes,
    tell_no_step,
    write_pack,
)
from welcomemap.ingest.raw import RawFolder
from welcomemap.ingest.sites import (
    apply_history,
    build_candidate_sites,
    build_history,
    build_published_list,
    build_register_list,
    build_schools,
    index_places,
    read_register,
)
from welcomemap.region.schemas import ADVICE_OFFICE_COLUMNS, DISTRICT_COLUMNS, QUARTER_COLUMNS

RECIPE = "duesseldorf.toml"


def build_pack(raw: Path, out: Path, *, tell: Tell = tell_no_step) -> BuildResult:
    """Compute a region pack from raw files, byte for byte the same each time.

    Parameters
    ----------
    raw
        Folder of the raw files.
    out
        Folder of the pack: new, empty, or an older pack, which is replaced as a whole. The new pack
        is written beside it and renamed; a failure leaves what was there.
    tell
        Is told each step and how much is done, 0-1.

    Raises
    ------
    RawDataError, TableError, GeometryError
        If a raw file is missing or cannot be used.
    UsageError
        If ``out`` holds something that is not a pack, or the raw files, or if changes of its list
        of sites would be lost.
    BusyOutputError
        If another run is making this pack.
    OutputError
        If ``out`` cannot be written.
    """
    recipe = read_recipe()
    with claim_target(out, (raw,)):
        refuse_lost_changes(out)
        layers, warnings, measured = compute_layers(RawFolder(raw), recipe, tell)
        return write_pack(out, layers, recipe, measured=measured, warnings=warnings)


def read_recipe() -> Mapping[str, Any]:
    """Read what the recipe knows beyond the raw files."""
    text = resources.files("welcomemap.ingest").joinpath(RECIPE).read_text(encoding="utf-8")
    return tomllib.loads(text)


def compute_layers(
    raw: RawFolder, recipe: Mapping[str, Any], tell: Tell = tell_no_step
) -> tuple[dict[str, pd.DataFrame], list[Fault], dict[str, str]]:
    """Compute all layers: returns them by name, warnings, and figures for their descriptions."""
    sources = recipe["sources"]
    tell("areas", 0.0)
    quarters, districts, figures = _build_ground(raw, recipe)
    tell("addresses", 0.1)
    offices = read_register(raw, sources["register"])
    houses = zip(offices["street"], offices["house_number"], strict=True)
    addresses, evidence = build_addresses(
        raw,
        quarters,
        read_postcodes(raw, recipe["postcodes"]["extra_pairs"]),
        _read_corrections(recipe["addresses"]),
        dict(zip(houses, offices["postcode"], strict=True)),
        surveyed_below=recipe["addresses"]["surveyed_below"],
    )
    tell("people", 0.5)
    cells = build_demand_cells(raw, quarters, figures, addresses)
    tell("sites", 0.55)
    layers = _build_sites(raw, recipe, quarters, addresses, offices)
    tell("transit", 0.6)
    layers |= build_transit(raw, stops_source=sources["stops"], lines_source=sources["lines"])
    river = build_river(districts, recipe["river"])
    tell("streets", 0.65)
    layers |= {
        "districts": districts[list(DISTRICT_COLUMNS)],
        "quarters": quarters[list(QUARTER_COLUMNS)],
        "demand_cells": cells,
        "addresses": addresses,
        "river": river,
        "river_band": build_river_band(river, recipe["river"]["half_width_m"]),
        "river_crossings": build_river_crossings(raw, river, recipe["crossings"]),
    }
    town = shapely.union_all(districts.geometry.to_crs(METRIC_CRS).to_numpy())
    streets, found = _build_streets(raw, recipe["streets"], addresses, town)
    layers |= streets
    layers["facilities"], counts = build_schools(raw, recipe["schools"])
    return layers, _list_warnings(layers), _measure(raw, layers, evidence) | found | counts


def _build_ground(
    raw: RawFolder, recipe: Mapping[str, Any]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Return quarters and districts, and the official figures of the quarters."""
    quarters = build_quarters(raw)
    figures = read_quarter_figures(raw)
    quarters = quarters.merge(figures, left_on="quarter", right_index=True, how="left")
    quarters["area_km2"] = measure_area_km2(quarters)
    districts = build_districts(quarters)
    sums = sum_by_district(figures, quarters.set_index("quarter")["district"])
    districts = districts.merge(sums, left_on="district", right_index=True)
    districts["name"] = [recipe["district_names"][str(n)] for n in districts["district"]]
    districts["area_km2"] = measure_area_km2(districts)
    return quarters, districts, figures


def _build_streets(
    raw: RawFolder, recipe: Mapping[str, Any], addresses: gpd.GeoDataFrame, town: shapely.Geometry
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Return the layers of streets and their ground, and what was found where they are complete."""
    ways = read_ways(raw, recipe)
    known = addresses[addresses["location_quality"] == "point"]
    places = shapely.get_coordinates(known.geometry.to_numpy())
    rows = pd.DataFrame({"street": known["street"], "x": places[:, 0], "y": places[:, 1]})
    area = find_complete_area(
        connect_ways(ways),
        places,
        are_beside_ways(rows, read_named_ways(raw)),
        draw_centre(recipe).to_crs(METRIC_CRS).iloc[0],
    )
    extent = gpd.GeoDataFrame(
        {"name": [recipe["extent_name"]]}, geometry=[area.geometry], crs=METRIC_CRS
    ).to_crs(WGS84)
    found = {
        "n_routed": f"{area.n_addresses:,}",
        "n_central": f"{area.n_reference:,}",
        "most_dead_ends": f"{area.most_dead_ends:.0%}",
        "most_detour": f"{area.most_detour:.2f}",
    }
    edges = connect_ways(select_ways(ways, area.geometry))
    ground = draw_ways(ways, area.geometry, town, METRIC_CRS)
    return {"street_edges": edges, "street_extent": extent, "ground": ground}, found


def _build_sites(
    raw: RawFolder,
    recipe: Mapping[str, Any],
    quarters: gpd.GeoDataFrame,
    addresses: gpd.GeoDataFrame,
    offices: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    places = index_places(
        addresses,
        offices,
        quarters,
        town=str(recipe["region"]["name"]),
        points_source=recipe["sources"]["addresses"],
        offices_source=recipe["sources"]["register"],
    )
    published, where = build_published_list(raw, places, recipe["published_list"])
    register, official = build_register_list(offices, recipe["register_list"])
    locations = {**where, **official}
    sites = pd.concat([published, register], ignore_index=True)
    lies_in = _find_quarters(sites, quarters)
    located = sites["id"].map(dict(zip(lies_in["id"], lies_in["district"], strict=True)))
    sites["district"] = sites["district"].where(
        sites["district"] != "", located.map(lambda n: "" if pd.isna(n) else str(int(n)))
    )
    quarter_names = dict(zip(lies_in["id"], lies_in["name"], strict=True))
    history = build_history(raw, places, locations, quarter_names, recipe["history"])
    return {
        "service_points": apply_history(sites, history, locations, places, recipe["history"]),
        "site_history": history,
        "candidate_sites": build_candidate_sites(raw, places, recipe["candidates"]),
        "advice_offices": offices[list(ADVICE_OFFICE_COLUMNS)],
    }


def _find_quarters(sites: pd.DataFrame, quarters: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return ``id``, ``district`` and ``name`` of the quarter of each located site."""
    located = sites[sites["lat"] != ""]
    points = gpd.GeoDataFrame(
        located[["id"]],
        geometry=gpd.points_from_xy(located["lon"].astype(float), located["lat"].astype(float)),
        crs=quarters.crs,
    )
    areas = quarters[["name", "district", "geometry"]]
    return pd.DataFrame(points.sjoin(areas, predicate="intersects"))


def _read_corrections(recipe: Mapping[str, Any]) -> NameCorrections:
    return NameCorrections(
        streets=recipe["streets"],
        rows={
            (row["street"], row["number"]): (row["right_street"], row["right_number"])
            for row in recipe["rows"]
        },
        torn={row["street"]: (row["number_prefix"], row["right_street"]) for row in recipe["torn"]},
    )


def _list_warnings(layers: Mapping[str, pd.DataFrame]) -> list[Fault]:
    quality = layers["addresses"]["location_quality"].value_counts()
    sites = layers["service_points"]
    unlocated = sites[(sites["lat"] == "") & (sites["status"] != "planned")]["id"]
    return [
        fault("{n} addresses are known without a place", n=quality.get("none", 0)),
        fault("{n} addresses lie only somewhere on their street", n=quality.get("street", 0)),
        fault("{n} addresses contradict their neighbours", n=quality.get("suspect", 0)),
        *[fault("site {site} was not located", site=site) for site in unlocated],
    ]


def _measure(
    raw: RawFolder, layers: Mapping[str, pd.DataFrame], evidence: Mapping[str, int]
) -> dict[str, str]:
    """Return figures that descriptions of layers quote, as text."""
    change = measure_census_change(raw)
    least_growth, most_growth = measure_growth(raw, layers["demand_cells"])
    quality = layers["addresses"]["location_quality"].value_counts()
    return {
        "true_cells": str(change.n_cells),
        "change_r": f"{change.correlation:.3f}",
        "change_people": f"{change.mean_absolute:.1f}",
        "mean_people": f"{change.mean_people:.0f}",
        "least_growth": f"{least_growth:.2f}",
        "most_growth": f"{most_growth:.2f}",
        "addresses_none": str(quality.get("none", 0)),
        "addresses_street": str(quality.get("street", 0)),
        "addresses_suspect": str(quality.get("suspect", 0)),
        **{f"evidence_{kind}": str(count) for kind, count in evidence.items()},
    }
