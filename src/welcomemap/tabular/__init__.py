"""Read and write tables that people make: CSV and XLSX, bounded and never half written."""

from welcomemap.tabular.layout import MAX_BYTES, Bounds, read_number
from welcomemap.tabular.read import Sheet, read_table
from welcomemap.tabular.write import make_csv, make_xlsx, neutralise_formula, write_csv, write_xlsx

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
