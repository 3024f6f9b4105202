"""One address, and the service points nearest to it (for residents)."""

from welcomemap.locator.answer import LocatorAnswer, NearbySite
from welcomemap.locator.nearest import Locator

__all__ = ["Locator", "LocatorAnswer", "NearbySite"]
