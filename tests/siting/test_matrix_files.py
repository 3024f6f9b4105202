"""Plain matrices from CSV files, and every fault by its name, file, row and column."""

import numpy as np
import pytest

from welcomemap.errors import (
    ColumnValueError,
    DuplicateIdError,
    EmptyTableError,
    EncodingError,
    MissingColumnError,
    TableError,
)
from welcomemap.siting.matrix_files import UnknownDemandError, read_matrix_problem
from welcomemap.siting.problem import SitingRequest
from welcomemap.siting.solve import solve

COSTS = "demand,a,b\nx,1,2\ny,3,\nz,inf,5\n"
WEIGHTS = "demand,weight\nz,3\nx,1\ny,0\n"


def write(folder, costs=COSTS, weights=WEIGHTS):
    paths = folder / "costs.csv", folder / "weights.csv"
    for path, text in zip(paths, (costs, weights), strict=True):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return paths


def test_reads_in_any_order_with_empty_and_inf_unreachable(tmp_path):
    problem = read_matrix_problem(*write(tmp_path))
    assert problem.facility_ids == ("a", "b")
    assert problem.demand_ids == ("x", "y", "z")
    np.testing.assert_array_equal(problem.cost, [[1, 2], [3, np.inf], [np.inf, 5]])
    np.testing.assert_array_equal(problem.weights, [1, 0, 3])
    assert problem.facility_cost is None


def test_byte_order_mark_windows_lines_and_blank_lines(tmp_path):
    costs = ("\ufeff" + COSTS).replace("\n", "\r\n") + "\r\n\r\n"
    assert read_matrix_problem(*write(tmp_path, costs)).facility_ids == ("a", "b")


def test_solves(tmp_path):
    problem = read_matrix_problem(*write(tmp_path))
    result = solve(problem, SitingRequest("p-median", p=1))
    assert (result.optimal_sets, result.objective) == ((("b",),), 17)
    covered = solve(problem, SitingRequest("mclp", p=1, threshold=5))
    assert covered.objective == 4


def test_square_matrix_gives_distances_between_facilities(tmp_path):
    paths = write(
        tmp_path, "demand,a,b,c\nb,4,0,5\na,0,4,9\nc,9,5,0\n", "demand,weight\na,1\nb,1\nc,1\n"
    )
    result = solve(read_matrix_problem(*paths), SitingRequest("p-dispersion", p=2))
    assert (result.optimal_sets, result.objective) == ((("a", "c"),), 9)


@pytest.mark.parametrize(
    ("costs", "error", "where"),
    [
        ("", EmptyTableError, "costs.csv"),
        ("demand,a\n", EmptyTableError, "costs.csv"),
        ("id,a\nx,1\n", MissingColumnError, "costs.csv"),
        ("demand\nx\n", MissingColumnError, "costs.csv"),
        ("demand,a,\nx,1,2\n", MissingColumnError, "costs.csv"),
        ("demand,a,a\nx,1,2\n", DuplicateIdError, "costs.csv, column a"),
        ("demand,a\nx,1\ny,2\nx,3\n", DuplicateIdError, "costs.csv, row 3, column demand"),
        ("demand,a,b\nx,1,2\ny,1,five\n", ColumnValueError, "costs.csv, row 2, column b"),
        ("demand,a,b\nx,1,-2\n", ColumnValueError, "costs.csv, row 1, column b"),
        ("demand,a,b\nx,nan,2\n", ColumnValueError, "costs.csv, row 1, column a"),
        ("demand,a,b\nx,1\n", TableError, "costs.csv, row 1"),
        ("demand,a\n,1\n", ColumnValueError, "costs.csv, row 1, column demand"),
        (b"demand,a\n\xff\xfe,1\n", EncodingError, "costs.csv"),
        ("demand,a\nx,1\ny,1\nz,1\nq,1\n", UnknownDemandError, "weights.csv"),
        ("demand,a\nx,1\n", UnknownDemandError, "costs.csv"),
    ],
)
def test_faults_of_the_cost_file(tmp_path, costs, error, where):
    with pytest.raises(error) as caught:
        read_matrix_problem(*write(tmp_path, costs))
    assert str(caught.value.where) == where
    assert caught.value.how


@pytest.mark.parametrize(
    ("weights", "error", "where"),
    [
        ("", EmptyTableError, "weights.csv"),
        ("demand,weight\n", EmptyTableError, "weights.csv"),
        ("demand,people\nx,1\n", MissingColumnError, "weights.csv"),
        ("demand,weight\nx,\n", ColumnValueError, "weights.csv, row 1, column weight"),
        ("demand,weight\nx,inf\n", ColumnValueError, "weights.csv, row 1, column weight"),
        ("demand,weight\nx,1\ny,-1\n", ColumnValueError, "weights.csv, row 2, column weight"),
        ("demand,weight\nx,NaN\n", ColumnValueError, "weights.csv, row 1, column weight"),
        ("demand,weight\nx,1\nx,1\n", DuplicateIdError, "weights.csv, row 2, column demand"),
    ],
)
def test_faults_of_the_demand_file(tmp_path, weights, error, where):
    with pytest.raises(error) as caught:
        read_matrix_problem(*write(tmp_path, weights=weights))
    assert str(caught.value.where) == where


def test_a_missing_file(tmp_path):
    costs, weights = write(tmp_path)
    with pytest.raises(TableError, match="cannot read"):
        read_matrix_problem(tmp_path / "none.csv", weights)
    with pytest.raises(TableError, match="cannot read"):
        read_matrix_problem(costs, tmp_path)
