"""The forms of a paper: each maker returns its files by the name of the part, ``""`` for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from welcomemap.report.gis import make_geojson, make_geopackage
from welcomemap.report.office import make_csv_files, make_document, make_workbook
from welcomemap.report.paper import Paper


def make_svg(paper: Paper) -> Mapping[str, bytes]:
    """Return each map as SVG."""
    return {key: svg for key, (svg, _) in paper.pictures.items()}


def make_png(paper: Paper) -> Mapping[str, bytes]:
    """Return each map as PNG at 300 dpi."""
    return {key: png for key, (_, png) in paper.pictures.items()}


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
