"""Reasons: what a result says about itself, as a kind with its figures and no sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import dataclass_transform

from welcomemap.errors import quote

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass_transform(frozen_default=True)
@dataclass(frozen=True)
class Reason:
    """One kind of reason is one class, its figures are fields; rooms above put it into words.

    Every kind is a frozen dataclass by being one of its subclasses.

    ``str()`` gives one plain English line made of both, for whoever has no such room.

    Examples
    --------
    >>> class OtherPostcode(Reason):
    ...     given: str
    >>> str(OtherPostcode("40213"))
    'other postcode: given 40213'
    """

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)

    def __str__(self) -> str:
        kind = _CAPITAL.sub(" ", type(self).__name__).lower()
        figures = [f"{one.name} {quote(getattr(self, one.name))}" for one in fields(self)]
        return f"{kind}: {', '.join(figures)}" if figures else kind

    def mentions(self, words: str) -> bool:
        """Tell whether one of the figures holds some words as they were typed."""
        return any(words in str(getattr(self, one.name)) for one in fields(self))
