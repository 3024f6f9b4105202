"""The council paper and what goes with it: tables, GIS layers, pictures, and its replay file."""

from welcomemap.report.replay import find_differences, replay_paper
from welcomemap.report.request import FORMATS, PaperRequest
from welcomemap.report.write import write_paper

__all__ = ["FORMATS", "PaperRequest", "find_differences", "replay_paper", "write_paper"]
