"""The forms of a paper: each maker returns its files by the name of the part, ``""`` for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from welcomemap.report.exports.document import make_document
from welcomemap.report.exports.geojson import make_geojson
from welcomemap.report.exports.geopackage import make_geopackage
from welcomemap.report.exports.pictures import make_png, make_svg
from welcomemap.report.exports.tables import make_csv_files, make_workbook
from welcomemap.report.paper import Paper

Maker = Callable[[Paper], Mapping[str, bytes]]


def make_pdf(paper: Paper) -> Mapping[str, bytes]:
    """Return the paper itself."""
    return {"": paper.make_pdf()}


MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "pdf": make_pdf,
        "xlsx": make_workbook,
        "gpkg": make_geopackage,
        "geojson": make_geojson,
        "csv": make_csv_files,
        "png": make_png,
        "svg": make_svg,
        "docx": make_document,
    }
)
