"""Do the layers of a pack agree with each other? Sums, districts, references between layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from welcomemap.crs import Points, project
from welcomemap.pack.tiling import TOLERATED_M2, find_tiling_faults, measure_difference_m2
from welcomemap.tables import GROUPS

SUM_TOLERANCE = 1e-6
AREA_TOLERANCE_KM2 = 0.01
PLACE_TOLERANCE_M = 1.0
"""Places are kept to 0.1 m, borders to 1 cm."""
DEFAULT_BORDER_UNCERTAINTY_M = 30.0


@dataclass(frozen=True)
class Disagreement:
    """Where two layers contradict each other: layer, row (1 = first data row), column, sentence."""

    layer: str
    row: int | None
    column: str | None
    what: str


@dataclass(frozen=True)
class Layers:
    """The layers of a pack that could be read and keep their column contracts.

    Attributes
    ----------
    features
        By name, in the metric CRS.
    rows
        Tables of texts, by name.
    border_uncertainty_m
        Borders of districts are known this well; a site so near may lie beyond.
    """

    features: Mapping[str, gpd.GeoDataFrame]
    rows: Mapping[str, pd.DataFrame]
    crs: str
    scenarios: tuple[str, ...]
    border_uncertainty_m: float = DEFAULT_BORDER_UNCERTAINTY_M


def find_disagreements(layers: Layers) -> list[Disagreement]:
    """Find all contradictions between layers; layers that are not there are passed over."""
    checks = (
        _check_tiling,
        _check_sums,
        _check_cells,
        _check_sites,
        _check_scenarios,
        _check_links,
    )
    return [found for check in checks for found in check(layers)]


def _check_tiling(layers: Layers) -> Iterator[Disagreement]:
    for name, column in (("districts", "district"), ("quarters", "quarter")):
        table = layers.features.get(name)
        if table is None:
            continue
        shapes, ids = table.geometry.to_numpy(), table[column].astype(str).to_numpy()
        for fault in find_tiling_faults(shapes):
            which = " and ".join(ids[list(fault.rows)])
            verb = "overlap by" if fault.is_overlap else "enclose a gap of"
            yield Disagreement(
                name,
                fault.rows[0] + 1 if fault.rows else None,
                "geometry",
                f"{name} {which} {verb} {fault.area_m2:,.0f} m² (at most {TOLERATED_M2:.0f} m² is "
                "tolerated); redraw their common border",
            )
        area = shapely.area(shapes) / 1e6
        wrong = np.abs(area - table["area_km2"].to_numpy(dtype=float)) > AREA_TOLERANCE_KM2
        for row in np.flatnonzero(wrong):
            yield Disagreement(
                name,
                int(row) + 1,
                "area_km2",
                f"area_km2 is {table['area_km2'].iloc[row]}, the geometry measures "
                f"{area[row]:.3f} km²; correct the one that is wrong",
            )
    if {"districts", "quarters"} <= layers.features.keys():
        yield from _check_nesting(layers.features["districts"], layers.features["quarters"])


def _check_nesting(
    districts: gpd.GeoDataFrame, quarters: gpd.GeoDataFrame
) -> Iterator[Disagreement]:
    for row, (district, shape) in enumerate(
        zip(districts["district"], districts.geometry, strict=True), start=1
    ):
        own = quarters.geometry[quarters["district"] == district].to_numpy()
        difference = measure_difference_m2([shape], own)
        if difference > TOLERATED_M2:
            yield Disagreement(
                "districts",
                row,
                "geometry",
                f"district {district} and its quarters differ by {difference:,.0f} m²; redraw the "
                "border that moved, or correct the column district of the quarters",
            )


def _check_sums(layers: Layers) -> Iterator[Disagreement]:
    """Cells must sum to their quarter, quarters to their district."""
    for part, whole, column in (
        ("demand_cells", "quarters", "quarter"),
        ("quarters", "districts", "district"),
    ):
        if not {part, whole} <= layers.features.keys():
            continue
        parts, wholes = layers.features[part], layers.features[whole]
        sums = parts.groupby(column)[list(GROUPS)].sum()
        for group in GROUPS:
            found = wholes[column].map(sums[group]).fillna(0.0).to_numpy(dtype=float)
            official = wholes[group].to_numpy(dtype=float)
            for row in np.flatnonzero(np.abs(found - official) > SUM_TOLERANCE):
                yield Disagreement(
                    whole,
                    int(row) + 1,
                    group,
                    f"{group} of {column} {wholes[column].iloc[row]} is {official[row]:,.0f}, but "
                    f"{part} sum to {found[row]:,.3f}; build the pack again",
                )


def _check_cells(layers: Layers) -> Iterator[Disagreement]:
    """Cells and addresses lie in the quarter and district they name; groups fit in residents."""
    cells = layers.features.get("demand_cells")
    if cells is not None:
        for group in GROUPS[1:]:
            over = cells[group].to_numpy(dtype=float) - cells["residents"].to_numpy(dtype=float)
            for row in np.flatnonzero(over > SUM_TOLERANCE)[:1]:
                yield Disagreement(
                    "demand_cells",
                    int(row) + 1,
                    group,
                    f"{group} exceeds the residents of the cell; build the pack again",
                )
    quarters = layers.features.get("quarters")
    if quarters is None:
        return
    for name in ("demand_cells", "addresses"):
        table = layers.features.get(name)
        if table is not None:
            yield from _check_quarters(name, table, quarters)


def _check_quarters(
    name: str, table: gpd.GeoDataFrame, quarters: gpd.GeoDataFrame
) -> Iterator[Disagreement]:
    shape = pd.Series(quarters.geometry.to_numpy(), index=quarters["quarter"])
    district = pd.Series(quarters["district"].to_numpy(), index=quarters["quarter"])
    named = (table["quarter"] != "").to_numpy() & table.geometry.notna().to_numpy()
    rows = np.flatnonzero(named)
    own = table["quarter"].to_numpy()[rows]
    is_known = np.isin(own, quarters["quarter"].to_numpy())
    for row in rows[~is_known][:1]:
        yield Disagreement(
            name,
            int(row) + 1,
            "quarter",
            f"quarter {table['quarter'].iloc[row]} is not in the layer quarters; correct it",
        )
    rows, own = rows[is_known], own[is_known]
    areas = shape.reindex(own).to_numpy()
    points = table.geometry.to_numpy()[rows]
    is_outside = ~shapely.dwithin(points, areas, PLACE_TOLERANCE_M)
    for row in rows[is_outside][:1]:
        yield Disagreement(
            name,
            int(row) + 1,
            "quarter",
            f"the place lies outside quarter {table['quarter'].iloc[row]}; correct the place or "
            "the quarter",
        )
    is_wrong = district.reindex(own).to_numpy() != table["district"].to_numpy()[rows]
    for row in rows[is_wrong][:1]:
        yield Disagreement(
            name,
            int(row) + 1,
            "district",
            f"district {table['district'].iloc[row]} is not that of quarter "
            f"{table['quarter'].iloc[row]}; correct it",
        )


def _check_sites(layers: Layers) -> Iterator[Disagreement]:
    """Every located site lies in its district, or at least in the region."""
    districts = layers.features.get("districts")
    if districts is None:
        return
    region = shapely.union_all(districts.geometry.to_numpy())
    own = dict(zip(districts["district"].astype(str), districts.geometry, strict=True))
    for name in ("service_points", "candidate_sites", "advice_offices"):
        table = layers.rows.get(name)
        if table is None or not {"lat", "lon"} <= set(table.columns):
            continue
        for row, site in enumerate(table.to_dict("records"), start=1):
            lat, lon, district = site["lat"], site["lon"], str(site.get("district", ""))
            if bool(lat) != bool(lon):
                yield Disagreement(
                    name,
                    row,
                    "lon" if lat else "lat",
                    f"site {site['id']} has only one of lat and lon; give both or none",
                )
            if not (lat and lon):
                continue
            yield from _check_place(
                layers, name, row, site, own.get(district) if district else region, region
            )


def _check_place(
    layers: Layers, name: str, row: int, site: Mapping[object, object], own: object, region: object
) -> Iterator[Disagreement]:
    lat, lon = float(str(site["lat"])), float(str(site["lon"]))
    point = _point(project(lon, lat, crs=layers.crs))
    swapped = _point(project(lat, lon, crs=layers.crs))
    tolerated = layers.border_uncertainty_m
    if own is None:
        yield Disagreement(
            name,
            row,
            "district",
            f"district {site['district']} of site {site['id']} is not in the layer districts; "
            "correct it",
        )
    elif not shapely.distance(region, point) <= tolerated:
        is_swapped = shapely.distance(region, swapped) <= tolerated
        mend = "exchange lat and lon" if is_swapped else "correct lat and lon"
        yield Disagreement(name, row, "lat", f"site {site['id']} lies outside the region; {mend}")
    elif shapely.distance(own, point) > tolerated:
        away = float(shapely.distance(own, point))
        yield Disagreement(
            name,
            row,
            "district",
            f"site {site['id']} lies {away:,.0f} m outside district {site.get('district')}; "
            "correct its coordinates or its district",
        )


def _point(points: Points) -> shapely.Point | None:
    """Return the place; none where the region's CRS does not reach."""
    return shapely.Point(points[0]) if np.isfinite(points).all() else None


def _check_scenarios(layers: Layers) -> Iterator[Disagreement]:
    table = layers.rows.get("service_points")
    if table is None or "scenario" not in table:
        return
    for row, scenario in enumerate(table["scenario"], start=1):
        if scenario not in layers.scenarios:
            yield Disagreement(
                "service_points",
                row,
                "scenario",
                f"scenario {scenario or '(empty)'} is not one of {', '.join(layers.scenarios)}; "
                "correct it, or name it in the manifest",
            )
    for scenario in sorted(set(layers.scenarios) - set(table["scenario"])):
        yield Disagreement(
            "service_points",
            None,
            "scenario",
            f"scenario {scenario} has no rows; add them, or take it out of the manifest",
        )


def _check_links(layers: Layers) -> Iterator[Disagreement]:
    """Ids that point to another layer exist there."""
    for name, column, other, key, separator in (
        ("site_history", "site_ids", "service_points", "id", ";"),
        ("line_stops", "line", "lines", "line", ""),
        ("line_stops", "stop_id", "stops", "stop_id", ""),
    ):
        table = layers.rows.get(name)
        target = layers.rows.get(other, layers.features.get(other))
        if table is None or target is None:
            continue
        known = set(target[key].astype(str))
        for row, cell in enumerate(table[column].astype(str), start=1):
            for value in filter(None, cell.split(separator) if separator else [cell]):
                if value not in known:
                    yield Disagreement(
                        name,
                        row,
                        column,
                        f"{value} is not in the layer {other}; correct it, or add it there",
                    )
