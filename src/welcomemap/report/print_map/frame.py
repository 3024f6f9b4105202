"""How big a map is on paper and where its points land: scale, box and millimetres."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from welcomemap.crs import Points

NICE_SCALES = (
    1.0, 1.1, 1.2, 1.25, 1.4, 1.5, 1.6, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5,
    6.0, 7.0, 7.5, 8.0, 9.0, 10.0,
)  # fmt: skip
BAR_STEPS = (1.0, 2.0, 5.0)
MARGIN_MM = 2.5
SMALLEST_SPAN_M = 50.0


@dataclass(frozen=True)
class MapFrame:
    """A map box on paper.

    Attributes
    ----------
    west, south
        Metric coordinates of the box's lower left corner, in metres.
    scale
        Denominator: 1 mm on paper is ``scale`` mm outside.
    left_mm, bottom_mm, width_mm, height_mm
        The box in the image, measured from its lower left corner.
    """

    west: float
    south: float
    scale: float
    left_mm: float
    bottom_mm: float
    width_mm: float
    height_mm: float

    def to_mm(self, points: Points) -> NDArray[np.float64]:
        """Convert (n, 2) metres to (n, 2) millimetres from the image's lower left corner."""
        per_m = 1000.0 / self.scale
        moved = (np.asarray(points, dtype=np.float64) - [self.west, self.south]) * per_m
        placed: NDArray[np.float64] = moved + np.array([self.left_mm, self.bottom_mm])
        return placed

    def length_mm(self, metres: float) -> float:
        """Convert a length in metres to millimetres on paper."""
        return metres * 1000.0 / self.scale


def choose_scale(width_m: float, height_m: float, width_mm: float, height_mm: float) -> float:
    """Return the largest round scale (smallest denominator) at which a region fits a box."""
    least = max(width_m * 1000.0 / width_mm, height_m * 1000.0 / height_mm)
    power = 10.0 ** math.floor(math.log10(least))
    return next(nice * power for nice in NICE_SCALES if nice * power >= least * (1 - 1e-12))


def frame_region(
    bounds: tuple[float, float, float, float],
    *,
    left_mm: float,
    bottom_mm: float,
    width_mm: float,
    height_mm: float,
) -> MapFrame:
    """Fit a region into a box: full width, and as high as the region needs.

    Parameters
    ----------
    bounds
        West, south, east, north in metres.
    width_mm, height_mm
        Room for the box; the height is the most it may have.
    """
    west, south, east, north = bounds
    across, along = max(east - west, SMALLEST_SPAN_M), max(north - south, SMALLEST_SPAN_M)
    scale = choose_scale(across, along, width_mm - 2 * MARGIN_MM, height_mm - 2 * MARGIN_MM)
    box_height = along * 1000.0 / scale + 2 * MARGIN_MM
    half_width_m, half_height_m = width_mm * scale / 2000.0, box_height * scale / 2000.0
    return MapFrame(
        west=(west + east) / 2 - half_width_m,
        south=(south + north) / 2 - half_height_m,
        scale=scale,
        left_mm=left_mm,
        bottom_mm=bottom_mm,
        width_mm=width_mm,
        height_mm=box_height,
    )


def choose_bar_m(scale: float, most_mm: float) -> float:
    """Return the longest round length (1, 2 or 5 times a power of ten metres) that fits."""
    most_m = most_mm * scale / 1000.0
    power = 10.0 ** math.floor(math.log10(most_m))
    return max(step * power for step in BAR_STEPS if step * power <= most_m * (1 + 1e-12))
