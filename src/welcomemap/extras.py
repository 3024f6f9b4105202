"""What is installed beside the core: which packages an extra brings, and whether they are there."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Literal

from welcomemap.errors import MissingExtraError

Extra = Literal["app", "ingest", "paper", "raster"]

_PAPER = ("docx", "font_source_sans_pro", "matplotlib", "typst")
MODULES: Mapping[Extra, tuple[str, ...]] = {
    "app": ("starlette", "streamlit", "uvicorn", *_PAPER),
    "ingest": ("h3", "osmium", "shapefile"),
    "paper": _PAPER,
    "raster": ("rasterio",),
}
"""Modules that an extra of ``pyproject.toml`` brings; a test compares them."""


def require_extra(extra: Extra, *, by: str) -> None:
    """Require that the packages of an extra are installed; none of them is imported.

    Parameters
    ----------
    by
        The command or the module that needs them.

    Raises
    ------
    MissingExtraError
        If one of them is not.

    Examples
    --------
    >>> require_extra("ingest", by="welcomemap data update")
    """
    if not has_extra(extra):
        raise MissingExtraError(
            "{by} needs the extra {extra}",
            by=by,
            extra=extra,
            how="Install it with: pip install 'welcomemap[{extra}]'.",
        )


def has_extra(extra: Extra) -> bool:
    """Tell whether the packages of an extra are installed; none of them is imported."""
    return all(map(_is_installed, MODULES[extra]))


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:
        return False
