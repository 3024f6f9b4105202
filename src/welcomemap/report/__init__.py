"""The council paper and what goes with it: tables, GIS layers, pictures, and its replay file."""

from welcomemap.extras import require_extra

require_extra("paper", by=__name__)

from welcomemap.report.replay import find_differences, replay_paper  # noqa: E402 - needs the extra
from welcomemap.report.request import FORMATS, PaperRequest  # noqa: E402 - as above
from welcomemap.report.write import write_paper  # noqa: E402 - as above

__all__ = ["FORMATS", "PaperRequest", "find_differences", "replay_paper", "write_paper"]
