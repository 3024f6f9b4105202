"""What was looked at in a layer that a planner brings, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from welcomemap.wording import Phrase, say

if TYPE_CHECKING:
    from welcomemap.region.areas import CheckKind

CHECKS: dict[CheckKind, Phrase] = {
    "readable": say("Readable, rings closed"),
    "columns": say("Columns district and name, each number once"),
    "shapes": say("Valid polygons"),
    "tiling": say("No overlaps, no gaps"),
    "extent": say("Covers the same city as the pack"),
}
