"""The council paper and what goes with it: tables, GIS layers, pictures, and its replay file.

Tables and GIS layers need the core alone; what sets pages and draws maps for print asks for the
extra ``paper`` and is imported when a form needs it.
"""

from welcomemap.report.replay import find_differences, replay_paper
from welcomemap.report.request import FORMATS, PaperRequest
from welcomemap.report.write import write_paper

__all__ = ["FORMATS", "PaperRequest", "find_differences", "replay_paper", "write_paper"]
