"""One address, and the service points nearest to it (for residents)."""

from welcomemap.locator.nearest import Locator, LocatorAnswer, NearbySite

__all__ = ["Locator", "LocatorAnswer", "NearbySite"]
