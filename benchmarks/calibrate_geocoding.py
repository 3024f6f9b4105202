"""Measure how far derived places lie from the true ones: the source of the constants in placement.

A tenth of the located houses is hidden (seeded) and placed again from the rest, three ways: as a
house between or beside its neighbours, as another suffix of its number, as "somewhere on its
street". Printed for the embedded pack and, where the raw data lies beside the checkout, for the
official house coordinates of Essen (another city, another source).

Run: .venv/bin/python -m benchmarks.calibrate_geocoding
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from welcomemap.crs import METRIC_CRS, project
from welcomemap.geocoding.gazetteer import GOOD, Gazetteer, columns_of_table
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.interpolation import EXACT_RADIUS_M
from welcomemap.geocoding.outcome import Outcome
from welcomemap.region.pack import load_pack

HIDDEN_SHARE = 0.1
SEED = 20260131
MIN_HOUSES = 8
"""Only streets of this many houses and more have an upper part to hide."""
ROOT = Path(__file__).parents[1]
RAW = Path(os.environ.get("WELCOMEMAP_RAW", ROOT.parent / "shared" / "geodata"))
REGISTER = RAW / "service_points" / "advice_offices_register_2026.csv"
ESSEN = RAW / "testbeds" / "essen_house_coordinates_2022.zip"


def table_of(gazetteer: Gazetteer) -> pd.DataFrame:
    """Return the houses of a gazetteer as an address table."""
    return pd.DataFrame(
        {
            "street": [gazetteer.streets[s] for s in gazetteer.row_street],
            "house_number": gazetteer.number,
            "location_quality": gazetteer.quality,
            "x": gazetteer.x,
            "y": gazetteer.y,
        }
    )


def read_essen() -> pd.DataFrame:
    """Return the official house coordinates of Essen as an address table."""
    with zipfile.ZipFile(ESSEN) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".geojson"))
        features = json.loads(archive.read(name))["features"]
    rows = [
        (p["strname"], f"{p['hsnr']}{p.get('hsnrzu', '')}", *f["geometry"]["coordinates"])
        for f in features
        if "hsnr" in (p := f["properties"]) and "#" not in p["strname"]
    ]
    table = pd.DataFrame(rows, columns=["street", "house_number", "lon", "lat"])
    points = project(table["lon"], table["lat"], crs=METRIC_CRS)
    table["x"], table["y"] = points[:, 0], points[:, 1]
    table["location_quality"] = GOOD
    return table.drop_duplicates(["street", "house_number"])


def hold_out(
    table: pd.DataFrame, *, seed: int = SEED
) -> Iterator[tuple[Outcome, str, float, float]]:
    """Hide a tenth of the houses; yield outcome, kind of question, error and radius in metres."""
    generator = np.random.default_rng(seed)
    is_good = (table["location_quality"] == GOOD).to_numpy() & (
        table["house_number"] != ""
    ).to_numpy()
    is_hidden = is_good & (generator.random(len(table)) < HIDDEN_SHARE)
    kept = Gazetteer.from_columns(columns_of_table(table[~is_hidden]), town="X", crs=METRIC_CRS)
    geocoder = Geocoder(kept)
    for row in table[is_hidden].itertuples(index=False):
        for text, kind in ((f"{row.street} {row.house_number}", "house"), (row.street, "street")):
            result = geocoder.geocode(text)
            if result.street != row.street or result.x is None or result.y is None:
                continue
            error = float(np.hypot(result.x - row.x, result.y - row.y))
            yield result.outcome, kind, error, float(result.error_radius_m or 0.0)


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Return, by outcome, how many, error quantiles and the share inside the radius."""
    rows = pd.DataFrame(hold_out(table), columns=["outcome", "kind", "error_m", "radius_m"])
    rows["is_inside"] = rows["error_m"] <= rows["radius_m"]
    groups = rows.groupby(["kind", "outcome"])
    summary = pd.DataFrame({"n": groups.size()})
    for quantile in (0.5, 0.9, 0.95, 0.99):
        summary[f"p{100 * quantile:.0f}_m"] = groups["error_m"].quantile(quantile).round(1)
    summary["median_radius_m"] = groups["radius_m"].median().round(1)
    summary["share_inside"] = groups["is_inside"].mean().round(4)
    return summary


def hide_upper(table: pd.DataFrame, share: float, *, seed: int = SEED) -> pd.DataFrame:
    """Hide all numbers above a share of each street's highest, and ask for up to 4,000 of them.

    Returns one row for each that was answered with the street: how many numbers it lies beyond the
    last one known, error and radius in metres.
    """
    is_good = (table["location_quality"] == GOOD) & (table["house_number"] != "")
    good = table[is_good].assign(number=lambda t: t["house_number"].str.extract(r"^(\d+)")[0])
    good = good[good["number"].notna()].astype({"number": int})
    numbers = good.groupby("street")["number"]
    is_hidden = (numbers.transform("size") >= MIN_HOUSES) & (
        good["number"] > share * numbers.transform("max")
    )
    kept, hidden = good[~is_hidden], good[is_hidden]
    last = kept.groupby("street")["number"].max()
    geocoder = Geocoder(Gazetteer.from_columns(columns_of_table(kept), town="X", crs=METRIC_CRS))
    found = []
    for row in hidden.sample(min(len(hidden), 4000), random_state=seed).itertuples(index=False):
        result = geocoder.geocode(f"{row.street} {row.house_number}")
        if result.outcome is Outcome.STREET and result.x is not None and result.y is not None:
            error = float(np.hypot(result.x - row.x, result.y - row.y))
            beyond = row.number - last.get(row.street, row.number)
            found.append((beyond, error, float(result.error_radius_m or 0.0)))
    return pd.DataFrame(found, columns=["beyond", "error_m", "radius_m"])


def summarise_far(table: pd.DataFrame) -> str:
    """Say how many numbers far beyond the last one known lie within their radius."""
    lines = []
    for share in (0.5, 0.75, 0.9):
        rows = hide_upper(table, share)
        inside = float((rows["error_m"] <= rows["radius_m"]).mean())
        lines.append(
            f"upper part from {share:.0%} on hidden: {inside:.1%} of {len(rows)} far numbers "
            f"inside, median radius {rows['radius_m'].median():.0f} m"
        )
    return "\n".join(lines)


def check_register() -> str:
    """Say how many exact answers lie within their radius of the register's official points.

    The register's own points are kept out of the gazetteer; one row for each address.
    """
    geocoder = Geocoder(Gazetteer.from_pack(load_pack(ROOT / "geodata"), has_facilities=False))
    register = pd.read_csv(REGISTER, sep=";", dtype=str, keep_default_na=False)
    errors = []
    for row in register.drop_duplicates(["STRASSE", "HAUSNUMMER"]).itertuples(index=False):
        result = geocoder.geocode(f"{row.STRASSE} {row.HAUSNUMMER}, {row.PLZ} {row.STADT}")
        if result.outcome is Outcome.EXACT and result.x is not None and result.y is not None:
            official = project(float(row.LONGITUDE), float(row.LATITUDE), crs=METRIC_CRS)[0]
            errors.append(float(np.hypot(result.x - official[0], result.y - official[1])))
    inside = sum(error <= EXACT_RADIUS_M for error in errors)
    interval = binomtest(inside, len(errors)).proportion_ci()
    return (
        f"exact, against official points: {inside} of {len(errors)} within {EXACT_RADIUS_M:.0f} m "
        f"(binomial 95 % interval {interval.low:.3f} to {interval.high:.3f}), "
        f"median {np.median(errors):.1f} m, largest {max(errors):.1f} m"
    )


def main() -> None:
    """Print the summaries."""
    pack = Gazetteer.from_pack(load_pack(ROOT / "geodata"))
    print("embedded pack\n", summarise(table_of(pack)).to_string())
    print(summarise_far(table_of(pack)))
    if REGISTER.is_file():
        print(check_register())
    if ESSEN.is_file():
        print("Essen 2022\n", summarise(read_essen()).to_string())
        print(summarise_far(read_essen()))


if __name__ == "__main__":
    main()
