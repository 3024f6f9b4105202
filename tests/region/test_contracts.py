"""Each rule takes what its sentence says and refuses everything else, missing values included."""

from __future__ import annotations

import math

import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import _districts, _service_points
from welcomemap.errors import fault
from welcomemap.region import contracts, schemas
from welcomemap.region.contracts import Rule, TableProblem, find_table_problems

NEVER = [None, float("nan"), object()]


def accepts(rule: Rule, value: object) -> bool:
    schema = pa.DataFrameSchema({"x": pa.Column(None, rule.check, nullable=True)})
    table = pd.DataFrame({"x": pd.Series([value], dtype=object)})
    try:
        schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors:
        return False
    return True


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (contracts.number(0), [0, 1.5, "2", "1e3"], ["", "a", -1, math.inf, "1,5", "--", *NEVER]),
        (
            contracts.number(-90, 90, may_be_empty=True),
            ["", "51.2", -90],
            ["91", "x", " x", *NEVER],
        ),
        (contracts.whole_number(1), [1, "12", 3.0], [0, "0", "1.5", "", math.inf, *NEVER]),
        (contracts.whole_number(0, may_be_empty=True), ["", "0"], ["-1", "1,0", *NEVER]),
        (contracts.filled_text(), ["a", " a "], ["", "  ", "\t", 5, *NEVER]),
        (contracts.text(), ["", "a"], [5, *NEVER]),
        (contracts.flag(), [True, False], ["true", 1, 0, "", *NEVER]),
        (contracts.one_of(("open", "planned")), ["open"], ["Open", "", "open ", *NEVER]),
        (
            contracts.date(),
            ["", "2019", "2019-03", "2019-03-31"],
            ["31.3.2019", "2019-13", "2019-3-1", "19", "2019-03-31T00:00", *NEVER],
        ),
        (contracts.district_list(), ["", "1", "1;10"], ["1,2", "1; 2", ";", "a", *NEVER]),
    ],
)
def test_rule(rule: Rule, good: list[object], bad: list[object]) -> None:
    assert [value for value in good if not accepts(rule, value)] == []
    assert [value for value in bad if accepts(rule, value)] == []


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=12))
def test_a_number_is_accepted_just_when_python_reads_a_finite_one(text: str) -> None:
    try:
        expected = math.isfinite(float(text)) and "_" not in text and text.isascii()
    except ValueError:
        expected = False
    if text.isascii() and "_" not in text and text.strip() == text:
        assert accepts(contracts.number(), text) == expected


def test_every_layer_of_the_columns_has_a_contract_that_requires_them() -> None:
    for name, columns in (
        ("districts", schemas.DISTRICT_COLUMNS),
        ("quarters", schemas.QUARTER_COLUMNS),
        ("demand_cells", schemas.DEMAND_CELL_COLUMNS),
        ("addresses", schemas.ADDRESS_COLUMNS),
        ("service_points", schemas.SERVICE_POINT_COLUMNS),
        ("stops", schemas.STOP_COLUMNS),
        ("street_edges", schemas.STREET_EDGE_COLUMNS),
        ("lines", schemas.LINE_COLUMNS),
        ("candidate_sites", schemas.CANDIDATE_SITE_COLUMNS),
        ("advice_offices", schemas.ADVICE_OFFICE_COLUMNS),
        ("site_history", schemas.SITE_HISTORY_COLUMNS),
        ("line_stops", schemas.LINE_STOP_COLUMNS),
        ("river_crossings", schemas.RIVER_CROSSING_COLUMNS),
    ):
        assert schemas.CONTRACTS[name].columns == columns


def test_rows_are_counted_from_one_whatever_the_index() -> None:
    sites = _service_points()
    sites.loc[1, "status"] = "gone"
    sites.index = pd.Index([7, 7, 9, 4, 5])
    (problem,) = find_table_problems("service_points", sites)
    assert (problem.row, problem.column) == (2, "status")


def test_an_empty_table_and_a_missing_column_are_both_told() -> None:
    empty = _districts().iloc[:0].drop(columns="name")
    assert [p.column for p in find_table_problems("districts", empty)] == ["name", None]


def test_a_layer_of_its_own_is_nobodys_business() -> None:
    assert find_table_problems("our_playgrounds", pd.DataFrame({"x": [1]})) == []


def test_a_missing_geometry_is_placed() -> None:
    districts = _districts()
    districts.loc[1, "geometry"] = None
    assert find_table_problems("districts", districts) == [
        TableProblem(2, "geometry", fault("the geometry is missing; add it"))
    ]
