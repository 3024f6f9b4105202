"""Tables as analysts bring them and take them away: geometry with a CRS in, the same out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from welcomemap.crs import WGS84, Points
from welcomemap.errors import CrsError, GeometryError, UsageError

Frame: TypeAlias = Any
"""A DataFrame, GeoDataFrame or GeoSeries; geopandas has no types."""
MAX_LON, MAX_LAT = 180.0, 90.0


def has_places(frame: object) -> bool:
    """Tell whether something is a frame or a series with a geometry."""
    if isinstance(frame, gpd.GeoSeries):
        return True
    return isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None


def read_points(frame: Frame, crs: str) -> Points:
    """Return the places of a frame in a metric CRS, NaN where a row has none, shape (n_rows, 2).

    Parameters
    ----------
    frame
        Points in any CRS.
    crs
        Metric CRS wanted, such as ``EPSG:25832``.

    Raises
    ------
    CrsError
        If the frame has no CRS, or holds degrees where its CRS has metres or the other way round.
    GeometryError
        If a geometry is no point.

    Examples
    --------
    >>> import geopandas as gpd
    >>> at = gpd.GeoSeries.from_xy([6.7726], [51.2256], crs="EPSG:4326")
    >>> read_points(at, "EPSG:25832").round().tolist()
    [[344472.0, 5677270.0]]
    """
    shapes = as_series(frame)
    if not len(shapes):
        return np.empty((0, 2), dtype=np.float64)
    kinds = shapely.get_type_id(shapes.to_numpy())
    wrong = np.flatnonzero((kinds != shapely.GeometryType.POINT) & (kinds >= 0))
    if wrong.size:
        raise GeometryError(
            "row {row} is a {kind}, not a point",
            row=str(shapes.index[int(wrong[0])]),
            kind=shapes.iloc[int(wrong[0])].geom_type,
            how="Take one point of each, for example frame.set_geometry(frame.centroid).",
        )
    placed = shapes.where(~shapes.is_empty, None).to_crs(crs).to_numpy()
    points: Points = np.column_stack([shapely.get_x(placed), shapely.get_y(placed)])
    points[~np.isfinite(points).all(axis=1)] = np.nan
    return points


def as_series(frame: Frame) -> gpd.GeoSeries:
    """Return the geometry of a frame, its CRS checked against what it holds.

    Raises
    ------
    CrsError
        As :func:`read_points`.
    """
    shapes = frame if isinstance(frame, gpd.GeoSeries) else gpd.GeoDataFrame(frame).geometry
    check_crs(shapes)
    return shapes


def check_crs(shapes: gpd.GeoSeries) -> None:
    """Check that coordinates can be in the CRS that a series states.

    Raises
    ------
    CrsError
        If it states none, or holds degrees where its CRS has metres or the other way round.
    """
    if shapes.crs is None:
        raise CrsError(
            "the frame has no CRS",
            how='Say which, for example frame.set_crs("EPSG:4326") for longitude and latitude.',
        )
    west, south, east, north = shapes.total_bounds
    if not np.isfinite([west, south, east, north]).all():
        return
    is_in_degrees = max(abs(west), abs(east)) <= MAX_LON and max(abs(south), abs(north)) <= MAX_LAT
    crs = CRS.from_user_input(shapes.crs)
    if crs.is_geographic and not is_in_degrees:
        raise CrsError(
            "the frame states {crs}, which is in degrees, and holds x {x:.0f}, y {y:.0f}",
            crs=_name(crs),
            x=east,
            y=north,
            how='State the CRS it is in, for example frame.set_crs("EPSG:25832", '
            "allow_override=True).",
        )
    if not crs.is_geographic and is_in_degrees:
        raise CrsError(
            "the frame states {crs}, which is in metres, and holds degrees: x {x:g}, y {y:g}",
            crs=_name(crs),
            x=east,
            y=north,
            how='State the CRS it is in, for example frame.set_crs("EPSG:4326", '
            "allow_override=True).",
        )


def _name(crs: CRS) -> str:
    code = crs.to_authority()
    return crs.name if code is None else ":".join(code)


def list_sites(frame: Frame, columns: Sequence[str], status: str = "open") -> pd.DataFrame:
    """Return a frame of sites as the rows of a list: text, with ``id``, ``lat`` and ``lon``.

    Parameters
    ----------
    frame
        Sites with a geometry, with columns ``lat`` and ``lon``, or with a column ``address``. The
        index is their ``id`` where it is no column.
    columns
        Columns that the list must have; those that the frame lacks are empty.
    status
        Of sites that have none.

    Raises
    ------
    CrsError, GeometryError
        As :func:`read_points`.
    UsageError
        If there is neither a geometry nor an address.
    """
    if isinstance(frame, gpd.GeoSeries):
        frame = gpd.GeoDataFrame(geometry=frame)
    is_placed = has_places(frame)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name) if is_placed else frame)
    if not is_placed and "address" not in table.columns and "lat" not in table.columns:
        raise UsageError(
            "the frame has neither a geometry nor a column address",
            how="Give a GeoDataFrame, or a column address.",
        )
    rows = table.astype(object).where(table.notna(), "").map(_write_cell)
    if "id" not in rows.columns:
        rows = rows.assign(id=[str(label) for label in frame.index])
    stated = rows["status"] if "status" in rows.columns else pd.Series("", index=rows.index)
    rows = rows.assign(status=stated.where(stated != "", status))
    # Rows of a published list beside own ones are one list now.
    rows = rows.drop(columns="scenario", errors="ignore")
    if is_placed:
        degrees = read_points(frame, WGS84)
        known = ~np.isnan(degrees[:, 0])
        lon, lat = (_write(degrees[:, axis], known) for axis in (0, 1))
        rows = rows.assign(lat=lat, lon=lon)
    absent = [column for column in columns if column not in rows.columns]
    listed: pd.DataFrame = rows.assign(**dict.fromkeys(absent, "")).reset_index(drop=True)
    return listed


def _write_cell(value: object) -> str:
    """Return a cell as text; a moment is told by its day."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return str(value)


def _write(values: NDArray[np.float64], is_known: NDArray[np.bool_]) -> list[str]:
    return [f"{value:.9f}" if ok else "" for value, ok in zip(values, is_known, strict=True)]
