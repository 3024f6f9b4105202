"""Hexagons from their H3 ids: https://h3geo.org/docs/core-library/h3Indexing.

The globe is covered by hexagons (and 12 pentagons at each size) of 16 sizes, and the id of each, a
number of 64 bits written in hexadecimal (``89a901291abffff``), says where it is and how wide: a
table of ids needs no geometry. What draws them is in the extra ``ingest``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from welcomemap.errors import ColumnValueError, DuplicateIdError, GeometryError, Place
from welcomemap.extras import require_extra

HEXAGON_ID = re.compile(r"\s*(8[0-9a-f]{14})\s*", re.IGNORECASE)
"""Ids of cells: their first bits, in hexadecimal, are 8."""
SAMPLE = 100


def find_hexagon_ids(columns: Mapping[str, pd.Series]) -> str:
    """Return the first column that seems to hold ids of hexagons, empty for none.

    Examples
    --------
    >>> find_hexagon_ids({"n": pd.Series(["1"]), "cell": pd.Series(["89a901291abffff"])})
    'cell'
    """
    for name, column in columns.items():
        texts = column.dropna().head(SAMPLE).astype(str)
        if len(texts) and all(map(HEXAGON_ID.fullmatch, texts)):
            return name
    return ""


def draw_hexagons(ids: pd.Series, path: Path) -> NDArray[np.object_]:
    """Return the polygons of hexagon ids in degrees (EPSG:4326), in their order.

    Parameters
    ----------
    ids
        Texts, by row number from 1: the index names the row in errors.
    path
        The file that they are from, for errors.

    Raises
    ------
    MissingExtraError
        If the extra ``ingest`` is not installed.
    ColumnValueError
        If one is no id of a hexagon.
    DuplicateIdError
        If one stands twice.
    GeometryError
        If a hexagon crosses the meridian of 180°, where degrees jump.

    Examples
    --------
    Areas are those that https://h3geo.org/docs/core-library/restable gives for the size, 0.105 km²
    on average:

    >>> (hexagon,) = draw_hexagons(pd.Series(["89a901291abffff"], index=[1]), Path("hexagons.csv"))
    >>> [round(edge, 3) for edge in hexagon.bounds]
    [-51.16, -30.055, -51.156, -30.052]
    """
    require_extra("ingest", by=__name__)
    import h3  # noqa: PLC0415 - what the extra brings

    names = ids.astype(str).str.strip().str.lower()
    column = str(ids.name or "")
    for row, text, name in zip(ids.index, ids, names, strict=True):
        if not (HEXAGON_ID.fullmatch(name) and h3.is_valid_cell(name)):
            raise ColumnValueError(
                "{value!r} is no H3 id of a hexagon",
                value=str(text),
                where=Place(path, row=int(row), column=column),
                how="Give ids of cells such as 89a901291abffff, as text.",
            )
    is_again = names.duplicated()
    if is_again.any():
        row = int(is_again.index[int(is_again.to_numpy().argmax())])
        raise DuplicateIdError(
            "the hexagon {name} stands twice",
            name=names[row],
            where=Place(path, row=row, column=column),
            how="Keep one row for each hexagon.",
        )
    shapes = np.array(
        [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(n)]) for n in names],
        dtype=object,
    )
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    is_torn = bounds[:, 2] - bounds[:, 0] > 180
    if is_torn.any():
        raise GeometryError(
            "a hexagon crosses the meridian of 180°",
            where=Place(path, row=int(names.index[int(is_torn.argmax())]), column=column),
            how="Leave hexagons there out, or give them as polygons that are cut at it.",
        )
    return shapes
