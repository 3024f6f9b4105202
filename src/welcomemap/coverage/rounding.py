"""How finely figures are handed on to other programs; people read them through ``wording``."""

from __future__ import annotations

PEOPLE_DIGITS = 3
"""People are estimates with decimals, so that sums over areas still agree after rounding."""
SHARE_DIGITS = 6


def round_people(people: float) -> float | int:
    """Round people to 0.001; whole numbers are ints."""
    rounded = round(float(people), PEOPLE_DIGITS)
    return int(rounded) if rounded.is_integer() else rounded


def round_share(share: float | None) -> float | None:
    """Round a share or a probability to 0.000001; ``None`` stays."""
    return None if share is None else round(float(share), SHARE_DIGITS)


def round_interval(interval: tuple[float, float] | None) -> list[float | None] | None:
    """Round the bounds of a share's interval; ``None`` stays."""
    return None if interval is None else [round_share(bound) for bound in interval]
