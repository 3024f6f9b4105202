"""The one door: a typed request goes in, a typed, frozen result comes out."""

from welcomemap.study.requests import (
    CompareRequest,
    CoverageRequest,
    DifferenceRequest,
    GapsRequest,
    SiteRequest,
)
from welcomemap.study.study import Study

__all__ = [
    "CompareRequest",
    "CoverageRequest",
    "DifferenceRequest",
    "GapsRequest",
    "SiteRequest",
    "Study",
]
