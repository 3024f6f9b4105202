"""The maps alone, with heading, legend and sources."""

from __future__ import annotations

from collections.abc import Mapping

from welcomemap.report.paper import Paper


def make_svg(paper: Paper) -> Mapping[str, bytes]:
    """Return each map as SVG."""
    return {key: svg for key, (svg, _) in paper.pictures.items()}


def make_png(paper: Paper) -> Mapping[str, bytes]:
    """Return each map as PNG at 300 dpi."""
    return {key: png for key, (_, png) in paper.pictures.items()}
