"""Hexagons lie where the published middles of a real city's say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from tests.ingest.raw_files import require_raw
from welcomemap import errors
from welcomemap.ingest.hexagons import draw_hexagons, find_hexagon_ids

PATH = Path("hexagons.csv")


def test_a_real_city_s_hexagons_lie_around_their_middles_and_beside_each_other() -> None:
    """The middles are rounded to about 0.3 m; a hexagon is 350 m wide."""
    table = pd.read_csv(require_raw() / "testbeds/porto_alegre/poa_hexgrid.csv", dtype={"id": str})
    table.index += 1
    shapes = draw_hexagons(table["id"], PATH)
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    assert np.abs(middles - table[["lon", "lat"]].to_numpy()).max() < 3e-6
    union = shapely.union_all(shapely.set_precision(shapes, 1e-9))
    assert union.area == pytest.approx(shapely.area(shapes).sum(), rel=1e-5)
    assert find_hexagon_ids({str(n): c.astype(str) for n, c in table.items()}) == "id"


def test_ids_may_be_upper_case_and_padded() -> None:
    ids = pd.Series([" 89A901291ABFFFF "], index=[1])
    assert draw_hexagons(ids, PATH)[0].geom_type == "Polygon"
    assert find_hexagon_ids({"h3": ids}) == "h3"
    assert find_hexagon_ids({"h3": pd.Series(["89a901291abffff", "1"])}) == ""
    assert find_hexagon_ids({"h3": pd.Series([], dtype=str)}) == ""


@pytest.mark.parametrize(
    ("ids", "kind", "row"),
    [
        (["89a901291abffff", "nothing"], errors.ColumnValueError, 2),
        # A cell whose seventh digit is none, an edge between cells, and a number that lost digits.
        (["89a90129fabffff"], errors.ColumnValueError, 1),
        (["119a901291abffff"], errors.ColumnValueError, 1),
        (["6.2e17"], errors.ColumnValueError, 1),
        (["89a901291abffff", "89A901291ABFFFF"], errors.DuplicateIdError, 2),
        (["809bfffffffffff"], errors.GeometryError, 1),
    ],
)
def test_bad_ids_are_named_with_their_row(
    ids: list[str], kind: type[errors.InputError], row: int
) -> None:
    with pytest.raises(kind) as caught:
        draw_hexagons(pd.Series(ids, index=range(1, len(ids) + 1), name="cell"), PATH)
    assert caught.value.where == errors.Place(PATH, row=row, column="cell")
