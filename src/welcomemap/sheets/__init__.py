"""Read and write tables that people make: CSV and XLSX, bounded and never half written."""

from welcomemap.sheets.bounds import MAX_BYTES, Bounds
from welcomemap.sheets.numbers import read_number
from welcomemap.sheets.read import Sheet, read_table
from welcomemap.sheets.write import (
    make_csv,
    make_xlsx,
    neutralise_formula,
    write_csv,
    write_xlsx,
)

__all__ = [
    "MAX_BYTES",
    "Bounds",
    "Sheet",
    "make_csv",
    "make_xlsx",
    "neutralise_formula",
    "read_number",
    "read_table",
    "write_csv",
    "write_xlsx",
]
