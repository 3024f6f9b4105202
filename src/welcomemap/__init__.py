"""Service-point locator and coverage analyser for municipal advice offices.

Examples
--------
>>> import welcomemap as wm
>>> wm.open_region().name
'Düsseldorf'

Importing the package stays light: what answers questions is imported when a region is opened.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from welcomemap.api import Region, open_region

__version__ = "0.2.0"
__all__ = ["Region", "__version__", "open_region"]


def __getattr__(name: str) -> object:
    if name in {"Region", "open_region"}:
        return getattr(import_module("welcomemap.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
