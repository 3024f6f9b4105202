"""What travel costs assume beyond the data, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from welcomemap.describe.words import word_threshold
from welcomemap.travel.factory import UntaggedCycling
from welcomemap.travel.impedance import Assumption, KindEstimate, Speeds
from welcomemap.travel.transit import LineAssumptions
from welcomemap.wording import Phrase, join_phrases, say, say_number, say_share

UNTAGGED_CYCLING = say(
    "The street data do not say where cycling is allowed and which streets are one-way: every "
    "street and path counts in both directions."
)


def describe_assumptions(assumptions: Iterable[Assumption]) -> Phrase | None:
    """Return what a travel cost assumes, one sentence each; ``None`` where it assumes nothing.

    Raises
    ------
    TypeError
        If there are no words for a kind of assumption.
    """
    told = [describe_assumption(one) for one in assumptions]
    return join_phrases(*told) if told else None


def describe_assumption(assumption: Assumption) -> Phrase:
    """Return one assumption as a sentence or two.

    Raises
    ------
    TypeError
        If there are no words for its kind.
    """
    match assumption:
        case Speeds():
            return _tell_speeds(assumption)
        case LineAssumptions():
            return _tell_lines(assumption)
        case KindEstimate():
            return _tell_kind_estimate(assumption)
        case UntaggedCycling():
            return UNTAGGED_CYCLING
    raise TypeError(f"there are no words for {assumption!r}")


def _tell_speeds(speeds: Speeds) -> Phrase:
    return say(
        "Assumed: {walk} km/h on foot, {cycle} km/h by bicycle ({source}).",
        walk=say_number(speeds.walk_km_h, 1),
        cycle=say_number(speeds.cycle_km_h),
        source=speeds.source,
    )


def _tell_lines(lines: LineAssumptions) -> Phrase:
    ways = "; ".join(
        f"{mode} {speed:.0f} km/h, {lines.headway_min[mode]:.0f} min"
        for mode, speed in lines.speed_km_h.items()
    )
    return say(
        "Estimate without a timetable. Assumed are speed along the straight line between stops "
        "and headway by mode ({ways}), waiting of half the headway, {boarding_min:.0f} min per "
        "boarding, at most {walk} m on foot to a stop and {change} m when changing. Only the "
        "lines in the data count.",
        ways=ways,
        boarding_min=lines.boarding_min,
        walk=say_number(lines.max_walk_m),
        change=say_number(lines.max_change_m),
    )


def _tell_kind_estimate(check: KindEstimate) -> Phrase:
    return say(
        "Where ways are estimated, the estimate is rather too kind for short ways: within "
        "{threshold}, known streets let only {street_share} (median) of the people arrive whom "
        "the estimate counts. The interval allows for that, the single figure does not.",
        threshold=word_threshold(check.threshold),
        street_share=say_share(check.street_share),
    )
