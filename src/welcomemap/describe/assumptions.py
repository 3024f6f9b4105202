"""What travel costs assume beyond the data, in sentences."""

from __future__ import annotations

from collections.abc import Iterable

from welcomemap.describe.words import word_threshold
from welcomemap.study.assumptions import KindEstimate
from welcomemap.travel.factory import UntaggedCycling
from welcomemap.travel.impedance import Assumption, Speeds
from welcomemap.travel.transit import LineAssumptions
from welcomemap.wording import Text, format_share, join_texts

UNTAGGED_CYCLING = Text(
    "Die Straßendaten sagen nicht, wo man Rad fahren darf und wo Einbahnstraßen sind: Jede Straße "
    "und jeder Weg zählt in beide Richtungen.",
    "The street data do not say where cycling is allowed and which streets are one-way: every "
    "street and path counts in both directions.",
)


def describe_assumptions(assumptions: Iterable[Assumption]) -> Text | None:
    """Return what a travel cost assumes, one sentence each; ``None`` where it assumes nothing.

    Raises
    ------
    TypeError
        If there are no words for a kind of assumption.
    """
    told = [describe_assumption(one) for one in assumptions]
    return join_texts(*told) if told else None


def describe_assumption(assumption: Assumption) -> Text:
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


def _tell_speeds(speeds: Speeds) -> Text:
    walk, cycle = f"{speeds.walk_km_h:.1f}", f"{speeds.cycle_km_h:.0f}"
    return Text(
        f"Annahme: zu Fuß {walk.replace('.', ',')} km/h, mit dem Rad {cycle} km/h "
        f"({speeds.source}).",
        f"Assumed: {walk} km/h on foot, {cycle} km/h by bicycle ({speeds.source}).",
    )


def _tell_lines(lines: LineAssumptions) -> Text:
    ways = "; ".join(
        f"{mode} {speed:.0f} km/h, {lines.headway_min[mode]:.0f} min"
        for mode, speed in lines.speed_km_h.items()
    )
    walk, change = f"{lines.max_walk_m:,.0f} m", f"{lines.max_change_m:.0f} m"
    return Text(
        "Schätzung ohne Fahrplan. Angenommen sind Geschwindigkeit entlang der Luftlinie "
        f"zwischen den Haltestellen und Takt je Verkehrsmittel ({ways}), eine Wartezeit vom "
        f"halben Takt, {lines.boarding_min:.0f} min je Einstieg, höchstens "
        f"{walk.replace(',', '.')} Fußweg zur Haltestelle und {change} beim Umsteigen. Nur die "
        "Linien der Datenbasis zählen.",
        "Estimate without a timetable. Assumed are speed along the straight line between stops "
        f"and headway by mode ({ways}), waiting of half the headway, "
        f"{lines.boarding_min:.0f} min per boarding, at most {walk} on foot to a stop and "
        f"{change} when changing. Only the lines in the data count.",
    )


def _tell_kind_estimate(check: KindEstimate) -> Text:
    return Text(
        "Wo geschätzt wird, ist die Schätzung für kurze Wege eher zu günstig: Bei "
        f"{word_threshold(check.threshold, 'de')} erreichen auf bekannten Straßen im Median nur "
        f"{format_share(check.street_share, 'de')} der Menschen ihr Ziel, die die Schätzung nennt. "
        "Die Spanne berücksichtigt das, der einzelne Wert nicht.",
        "Where ways are estimated, the estimate is rather too kind for short ways: within "
        f"{word_threshold(check.threshold, 'en')}, known streets let only "
        f"{format_share(check.street_share, 'en')} (median) of the people arrive whom the estimate "
        "counts. The interval allows for that, the single figure does not.",
    )
