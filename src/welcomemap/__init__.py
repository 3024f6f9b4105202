"""Service-point locator and coverage analyser for municipal advice offices.

Importing the package stays light: the rooms (``geocoding``, ``travel``, ``coverage``,
``siting``, ``cartography``, ``report``) are imported by those who need them.
"""

__version__ = "0.2.0.dev0"
__all__ = ["__version__"]
