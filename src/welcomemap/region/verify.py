"""Is a pack whole, do its layers agree, and are its checksums those of its files?"""

from __future__ import annotations

import hashlib
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from welcomemap.crs import Points, project
from welcomemap.errors import (
    Fault,
    HashMismatchError,
    PackError,
    Place,
    TooLargeError,
    WelcomemapError,
    fault,
    quote,
)
from welcomemap.files import claimed
from welcomemap.region.areas import (
    TOLERATED_M2,
    TilingFault,
    find_tiling_faults,
    measure_difference_m2,
)
from welcomemap.region.contracts import find_other_places, find_table_problems
from welcomemap.region.layers import find_feature_faults, read_layer
from welcomemap.region.pack import (
    FORMAT,
    FORMAT_KEY,
    MANIFEST_NAME,
    SEAL,
    RegionPack,
    Resource,
    count_key,
    list_resources,
    load_pack,
    recorded_rows,
    seal_of,
    write_manifest,
)
from welcomemap.region.schemas import CONTRACTS, GROUPS

MAX_FILES = 100
MAX_UNPACKED_BYTES = 200_000_000
ALLOWED_SUFFIXES = frozenset({".json", ".geojson", ".parquet", ".csv", ".md", ".txt"})
UNIX_LINK = 0o120000
_CHUNK = 1_000_000
MEND = fault("Zip the folder that holds datapackage.json, as welcomemap data build writes it.")


def unpack_pack(content: bytes, folder: Path, *, name: str = "pack.zip") -> Path:
    """Unpack a zipped pack into an empty folder and return the folder of its manifest.

    Everything is checked before a byte is written, and the size of what is really unpacked is
    counted while writing, since a zip may lie about it.

    Raises
    ------
    PackError
        If it is no zip, is locked, holds no manifest, or a file in it would leave the folder, is a
        link or of a kind that no pack has.
    TooLargeError
        If it holds too many or too large files.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            root = _find_root(entries, name)
            _check_entries(entries, name)
            _write(archive, entries, folder, name)
    except (
        zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
        zlib.error, lzma.LZMAError, UnicodeError, struct.error,
    ) as error:  # fmt: skip
        raise PackError(
            "the file is not a readable zip: {error}", error=error, where=Place(name), how=MEND
        ) from error
    return folder / root


def _find_root(entries: list[zipfile.ZipInfo], name: str) -> str:
    """Return the folder in the zip that holds the manifest: its top, or its only folder."""
    found = [
        PurePosixPath(entry.filename)
        for entry in entries
        if PurePosixPath(entry.filename).name == MANIFEST_NAME
    ]
    tops = [path for path in found if len(path.parts) <= 2]
    if len(tops) != 1:
        raise PackError(
            "the zip holds no {manifest}", manifest=MANIFEST_NAME, where=Place(name), how=MEND
        )
    return str(tops[0].parent)


def _check_entries(entries: list[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > MAX_FILES:
        raise TooLargeError(
            "the zip holds {n_entries} files, at most {most} are taken",
            n_entries=len(entries),
            most=MAX_FILES,
            where=Place(name),
            how=MEND,
        )
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise _too_large(name)
    for entry in entries:
        path = PurePosixPath(entry.filename)
        shown = quote(entry.filename)
        is_outside = path.is_absolute() or ".." in path.parts or "\\" in entry.filename
        if is_outside or ":" in entry.filename or "\0" in entry.filename:
            raise PackError(
                "{shown} would leave the folder", shown=shown, where=Place(name), how=MEND
            )
        if (entry.external_attr >> 16) & 0o170000 == UNIX_LINK:
            raise PackError("{shown} is a link", shown=shown, where=Place(name), how=MEND)
        if entry.flag_bits & 1:
            raise PackError(
                "{shown} is locked with a password", shown=shown, where=Place(name), how=MEND
            )
        if path.suffix.lower() not in ALLOWED_SUFFIXES:
            raise PackError(
                "{shown} is no file of a pack",
                shown=shown,
                allowed_suffixes=sorted(ALLOWED_SUFFIXES),
                where=Place(name),
                how="Leave it out; a pack holds {allowed_suffixes}.",
            )


def _write(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path, name: str
) -> None:
    left = MAX_UNPACKED_BYTES
    for entry in entries:
        target = folder / entry.filename
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, target.open("wb") as written:
            while part := source.read(_CHUNK):
                left -= len(part)
                if left < 0:
                    raise _too_large(name)
                written.write(part)


def _too_large(name: str) -> TooLargeError:
    return TooLargeError(
        "the zip unpacks to more than {megabytes:g} MB",
        megabytes=MAX_UNPACKED_BYTES / 1e6,
        where=Place(name),
        how=MEND,
    )


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
    what: Fault


def _fault(
    words: str, layer: str, row: int | np.integer[Any] | None, column: str, /, **values: object
) -> Disagreement:
    """Return a disagreement; ``row`` is counted from 0 here."""
    return Disagreement(
        layer, None if row is None else int(row) + 1, column, fault(words, **values)
    )


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
    groups: tuple[str, ...] = GROUPS
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
        for found in find_tiling_faults(shapes):
            if found.is_wide:  # open ground, such as an enclave, or hexagons without people
                continue
            yield Disagreement(
                name,
                found.rows[0] + 1 if found.rows else None,
                "geometry",
                _describe_tiling(found, name, ids),
            )
        area = shapely.area(shapes) / 1e6
        wrong = np.abs(area - table["area_km2"].to_numpy(dtype=float)) > AREA_TOLERANCE_KM2
        for row in np.flatnonzero(wrong):
            yield _fault(
                "area_km2 is {stated}, the geometry measures {measured_km2:.3f} km²; correct "
                "the one that is wrong",
                name,
                row,
                "area_km2",
                stated=table["area_km2"].iloc[row],
                measured_km2=area[row],
            )
    if {"districts", "quarters"} <= layers.features.keys():
        yield from _check_nesting(layers.features["districts"], layers.features["quarters"])


def _describe_tiling(found: TilingFault, name: str, ids: NDArray[np.str_]) -> Fault:
    which = [str(area) for area in ids[list(found.rows)]]
    values = {"name": name, "area_m2": found.area_m2, "tolerated_m2": TOLERATED_M2}
    if found.is_overlap:
        first, second = which
        return fault(
            "{name} {first} and {second} overlap by {area_m2:,.0f} m² (at most "
            "{tolerated_m2:.0f} m² is tolerated); redraw their common border",
            first=first,
            second=second,
            **values,
        )
    return fault(
        "{name} {which} enclose a gap of {area_m2:,.0f} m² (at most {tolerated_m2:.0f} m² is "
        "tolerated); redraw their common border",
        which=which,
        **values,
    )


def _check_nesting(
    districts: gpd.GeoDataFrame, quarters: gpd.GeoDataFrame
) -> Iterator[Disagreement]:
    for row, (district, shape) in enumerate(
        zip(districts["district"], districts.geometry, strict=True)
    ):
        own = quarters.geometry[quarters["district"] == district].to_numpy()
        difference = measure_difference_m2([shape], own)
        if difference > TOLERATED_M2:
            yield _fault(
                "district {district} and its quarters differ by {difference_m2:,.0f} m²; "
                "redraw the border that moved, or correct the column district of the quarters",
                "districts",
                row,
                "geometry",
                district=district,
                difference_m2=difference,
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
        sums = parts.groupby(column)[list(layers.groups)].sum()
        for group in layers.groups:
            found = wholes[column].map(sums[group]).fillna(0.0).to_numpy(dtype=float)
            official = wholes[group].to_numpy(dtype=float)
            for row in np.flatnonzero(np.abs(found - official) > SUM_TOLERANCE):
                yield _fault(
                    "{group} of {column} {area} is {official:,.0f}, but {part} sum to "
                    "{sum:,.3f}; build the pack again",
                    whole,
                    row,
                    group,
                    group=group,
                    column=column,
                    area=wholes[column].iloc[row],
                    official=official[row],
                    part=part,
                    sum=found[row],
                )


def _check_cells(layers: Layers) -> Iterator[Disagreement]:
    """Cells and addresses lie in the quarter and district they name; groups fit in residents."""
    cells = layers.features.get("demand_cells")
    if cells is not None:
        for group in layers.groups[1:]:
            over = cells[group].to_numpy(dtype=float) - cells["residents"].to_numpy(dtype=float)
            for row in np.flatnonzero(over > SUM_TOLERANCE)[:1]:
                yield _fault(
                    "{group} exceeds the residents of the cell; build the pack again",
                    "demand_cells",
                    row,
                    group,
                    group=group,
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
        yield _fault(
            "quarter {quarter} is not in the layer quarters; correct it",
            name,
            row,
            "quarter",
            quarter=table["quarter"].iloc[row],
        )
    rows, own = rows[is_known], own[is_known]
    areas = shape.reindex(own).to_numpy()
    points = table.geometry.to_numpy()[rows]
    is_outside = ~shapely.dwithin(points, areas, PLACE_TOLERANCE_M)
    for row in rows[is_outside][:1]:
        yield _fault(
            "the place lies outside quarter {quarter}; correct the place or the quarter",
            name,
            row,
            "quarter",
            quarter=table["quarter"].iloc[row],
        )
    is_wrong = district.reindex(own).to_numpy() != table["district"].to_numpy()[rows]
    for row in rows[is_wrong][:1]:
        yield _fault(
            "district {district} is not that of quarter {quarter}; correct it",
            name,
            row,
            "district",
            district=table["district"].iloc[row],
            quarter=table["quarter"].iloc[row],
        )


def _check_sites(layers: Layers) -> Iterator[Disagreement]:
    """Every located site lies in its district, or at least in the region."""
    districts = layers.features.get("districts")
    if districts is None:
        return
    region = shapely.union_all(districts.geometry.to_numpy())
    own = dict(zip(districts["district"].astype(str), districts.geometry, strict=True))
    for name in ("service_points", "candidate_sites", "facilities", "advice_offices"):
        table = layers.rows.get(name)
        if table is None or not {"lat", "lon"} <= set(table.columns):
            continue
        for row, site in enumerate(table.to_dict("records")):
            lat, lon, district = site["lat"], site["lon"], str(site.get("district", ""))
            if bool(lat) != bool(lon):
                yield _fault(
                    "site {site} has only one of lat and lon; give both or none",
                    name,
                    row,
                    "lon" if lat else "lat",
                    site=site["id"],
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
        yield _fault(
            "district {district} of site {site} is not in the layer districts; correct it",
            name,
            row,
            "district",
            district=site["district"],
            site=site["id"],
        )
    elif not shapely.distance(region, point) <= tolerated:
        is_swapped = shapely.distance(region, swapped) <= tolerated
        mend = fault("exchange lat and lon") if is_swapped else fault("correct lat and lon")
        yield _fault(
            "site {site} lies outside the region; {mend}",
            name,
            row,
            "lat",
            site=site["id"],
            mend=mend,
        )
    elif shapely.distance(own, point) > tolerated:
        away = float(shapely.distance(own, point))
        yield _fault(
            "site {site} lies {away:,.0f} m outside district {district}; correct its "
            "coordinates or its district",
            name,
            row,
            "district",
            site=site["id"],
            away=away,
            district=site.get("district"),
        )


def _point(points: Points) -> shapely.Point | None:
    """Return the place; none where the region's CRS does not reach."""
    return shapely.Point(points[0]) if np.isfinite(points).all() else None


def _check_scenarios(layers: Layers) -> Iterator[Disagreement]:
    table = layers.rows.get("service_points")
    if table is None or "scenario" not in table:
        return
    for row, scenario in enumerate(table["scenario"]):
        if scenario not in layers.scenarios:
            yield _fault(
                "scenario {scenario} is not one of {known}; correct it, or name it in the manifest",
                "service_points",
                row,
                "scenario",
                scenario=scenario or fault("(empty)"),
                known=layers.scenarios,
            )
    for scenario in sorted(set(layers.scenarios) - set(table["scenario"])):
        yield _fault(
            "scenario {scenario} has no rows; add them, or take it out of the manifest",
            "service_points",
            None,
            "scenario",
            scenario=scenario,
        )


def _check_links(layers: Layers) -> Iterator[Disagreement]:
    """Ids that point to another layer exist there."""
    for name, column, other, key, separator in (
        ("site_history", "site_ids", "service_points", "id", ";"),
        ("line_stops", "line", "lines", "line", ""),
        ("line_stops", "stop_id", "stops", "stop_id", ""),
        ("timetable", "stop_id", "stops", "stop_id", ""),
        ("timetable", "line", "lines", "line", ""),
        ("timetable", "service_id", "service_days", "service_id", ""),
    ):
        table = layers.rows.get(name)
        target = layers.rows.get(other, layers.features.get(other))
        if table is None or target is None:
            continue
        known = set(target[key].astype(str))
        for row, cell in enumerate(table[column].astype(str)):
            for value in filter(None, cell.split(separator) if separator else [cell]):
                if value not in known:
                    yield _fault(
                        "{value} is not in the layer {other}; correct it, or add it there",
                        name,
                        row,
                        column,
                        value=value,
                        other=other,
                    )


REQUIRED_LAYERS = ("districts", "quarters")
"""A pack without service points tells where people live, one of addresses alone where these are."""
MAX_PROBLEMS = 20
"""Problems shown per layer; the rest is counted."""


@dataclass(frozen=True)
class CheckedLayer:
    """What was found out about one layer; ``problems`` are whole sentences."""

    name: str
    path: str
    rows: int
    sha256: str
    licence: str
    source: str
    date: str
    problems: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        """Tell whether the layer has no problem."""
        return not self.problems


@dataclass(frozen=True)
class CheckResult:
    """The layers of a pack, in the order of the manifest."""

    layers: tuple[CheckedLayer, ...]

    @property
    def ok(self) -> bool:
        """Tell whether no layer has a problem."""
        return all(layer.ok for layer in self.layers)


@dataclass
class _Finding:
    """A layer while it is being checked."""

    resource: Resource
    path: Path
    rows: int = 0
    sha256: str = ""
    problems: list[Fault] = field(default_factory=list)
    table: pd.DataFrame | None = None

    def add(self, what: Fault, *, row: int | None = None, column: str | None = None) -> None:
        place = Place(self.path, row, column)
        self.problems.append(fault("{place}: {what}.", place=place, what=what))

    def close(self) -> CheckedLayer:
        shown = self.problems[:MAX_PROBLEMS]
        if len(self.problems) > MAX_PROBLEMS:
            n_more = len(self.problems) - MAX_PROBLEMS
            shown.append(fault("Problems not shown: {n_more}.", n_more=n_more))
        return CheckedLayer(
            self.resource.name, self.resource.path, self.rows, self.sha256, self.resource.licence,
            self.resource.source, self.resource.date, tuple(shown),
        )  # fmt: skip


def check_zipped_pack(content: bytes, folder: Path, *, name: str) -> tuple[Path, CheckResult]:
    """Unpack a zipped pack into an empty folder; returns the folder of its manifest and the check.

    Raises
    ------
    PackError, TooLargeError
        As :func:`unpack_pack` and :func:`welcomemap.region.pack.load_pack` do.
    """
    root = unpack_pack(content, folder, name=name)
    return root, check_pack(load_pack(root))


def check_pack(pack: RegionPack) -> CheckResult:
    """Check every layer of a pack, and the layers against each other.

    Checked are: file there, bytes as recorded, rows as recorded, columns and cells (see
    :mod:`welcomemap.region.contracts`), geometries valid and closed, districts and quarters tiling
    the region (overlaps and gaps of at most 10 m²), every located site in its district, cells
    summing to quarters and quarters to districts, references between layers. Nothing is raised for
    a damaged layer: each fault is a sentence in its layer's ``problems``.

    Parameters
    ----------
    pack
        As opened by :func:`welcomemap.region.pack.load_pack`, which raises for a damaged manifest.
    """
    findings = {
        resource.name: _check_layer(pack, resource) for resource in list_resources(pack.manifest)
    }
    sound = {
        name: found.table for name, found in findings.items()
        if found.table is not None and not found.problems
    }  # fmt: skip
    uncertainty = pack.region.get("border_uncertainty_m", DEFAULT_BORDER_UNCERTAINTY_M)
    layers = Layers(
        features={n: t for n, t in sound.items() if isinstance(t, gpd.GeoDataFrame)},
        rows={n: t for n, t in sound.items() if not isinstance(t, gpd.GeoDataFrame)},
        crs=pack.crs, scenarios=pack.scenarios, groups=pack.groups,
        border_uncertainty_m=float(uncertainty),
    )  # fmt: skip
    for found in find_disagreements(layers):
        findings[found.layer].add(found.what, row=found.row, column=found.column)
    checked = [finding.close() for finding in findings.values()]
    return CheckResult((*checked, *_report_missing(pack)))


def _check_layer(pack: RegionPack, resource: Resource) -> _Finding:
    finding = _Finding(resource, pack.folder / resource.path)
    try:
        content = _read_to_judge(pack, resource.name)
        finding.sha256 = hashlib.sha256(content).hexdigest()
    except WelcomemapError as error:
        finding.problems.append(error.told)
        return finding
    if resource.sha256 is None:
        finding.add(fault("the manifest records no sha256; record it with: welcomemap data seal"))
    elif resource.sha256 != finding.sha256:
        finding.add(
            fault(
                "the file is not the one the manifest records (sha256 differs); restore it, or "
                "record it with welcomemap data seal if the change is meant"
            )
        )
    faults = list(find_feature_faults(content, finding.path))
    finding.problems += [found.told for found in faults]
    if not faults:
        _check_table(pack, finding, content)
    return finding


def _read_to_judge(pack: RegionPack, name: str) -> bytes:
    """Return what readers of the pack get of a layer, else what its file holds."""
    try:
        return pack.read_bytes(name)
    except HashMismatchError:
        return pack.read_bytes(name, is_verified=False)


def _check_table(pack: RegionPack, finding: _Finding, content: bytes) -> None:
    resource = finding.resource
    try:
        table = read_layer(content, finding.path, pack.crs, name=resource.name)
    except WelcomemapError as error:
        finding.problems.append(error.told)
        return
    finding.rows, finding.table = len(table), table
    if resource.rows is not None and resource.rows != len(table):
        finding.add(
            fault(
                "rows in the file: {n_rows}, in the manifest: {recorded}; restore the file, "
                "or record it with welcomemap data seal if the change is meant",
                n_rows=len(table),
                recorded=resource.rows,
            )
        )
    columns = tuple(str(name) for name in table.columns)
    if resource.columns is not None and set(resource.columns) != set(columns):
        different = sorted(set(resource.columns) ^ set(columns))[0]
        finding.add(
            fault(
                "the column {different} is not in both the file and the manifest; restore the "
                "file, or build the pack again",
                different=different,
            ),
            column=different,
        )
    problems = find_table_problems(resource.name, table, pack.groups)
    if isinstance(table, gpd.GeoDataFrame):
        problems += find_other_places(table)
    for problem in problems:
        finding.add(problem.what, row=problem.row, column=problem.column)


def _report_missing(pack: RegionPack) -> list[CheckedLayer]:
    """Report needed layers the manifest does not name."""
    return [
        CheckedLayer(
            name, "", 0, "", "", "", "",
            (fault("{manifest}: the pack has no layer {name} with the columns {columns}; add it.",
                   manifest=MANIFEST_NAME, name=name, columns=CONTRACTS[name].columns),),
        )
        for name in (*REQUIRED_LAYERS, *(["demand_cells"] if pack.groups else []))
        if not pack.has_layer(name)
    ]  # fmt: skip


@dataclass(frozen=True)
class SealedLayer:
    """A layer as the manifest records it now; ``is_changed``: it recorded something else before."""

    name: str
    path: str
    rows: int
    bytes: int
    sha256: str
    is_changed: bool


def seal_pack(pack: RegionPack) -> tuple[SealedLayer, ...]:
    """Write rows, bytes and sha256 of every layer's file into the manifest, and its own sha256.

    Whether the layers are right is another question: see
    :func:`welcomemap.region.verify.check_pack`.

    Raises
    ------
    WelcomemapError
        If a file is absent or cannot be read; the manifest then stays as it was.
    OutputError
        If the manifest cannot be written.
    """
    manifest: dict[str, Any] = json.loads(json.dumps(pack.manifest))
    with claimed([pack.folder]):
        sealed = tuple(_seal(pack, resource) for resource in manifest["resources"])
        is_current = manifest.get(FORMAT_KEY) == FORMAT
        if not is_current or manifest.get(SEAL) != seal_of(manifest):
            write_manifest(pack.folder, manifest)
    return sealed


def _seal(pack: RegionPack, resource: dict[str, Any]) -> SealedLayer:
    name, file = str(resource["name"]), str(resource["path"])
    path = pack.layer_path(name)
    content = pack.read_bytes(name, is_verified=False)
    n_rows = len(read_layer(content, path, pack.crs, name=name))
    sha256 = hashlib.sha256(content).hexdigest()
    before = (recorded_rows(resource), resource.get("bytes"), resource.get("sha256"))
    after = (n_rows, len(content), sha256)
    if before != after:
        record_layer(resource, content, n_rows)
    return SealedLayer(name, file, n_rows, len(content), sha256, before != after)


def record_layer(resource: dict[str, Any], content: bytes, n_rows: int) -> None:
    """Write rows, bytes and sha256 of a layer's content into its entry of a manifest."""
    sha256 = hashlib.sha256(content).hexdigest()
    counted = count_key(str(resource["path"]))
    for key in {"rows", "row_count"} - {counted}:
        resource.pop(key, None)
    resource |= {
        counted: n_rows, "bytes": len(content),
        "hash": f"sha256:{sha256}", "sha256": sha256,
    }  # fmt: skip
