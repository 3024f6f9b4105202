"""What became of an address, what is to be known of a row, and what went wrong, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from unicodedata import decimal

from welcomemap.errors import Fault, ListRowWarning, Notice, Place, quote, show_value
from welcomemap.geocoding import reasons
from welcomemap.geocoding.outcome import GIVEN, SET_ON_MAP
from welcomemap.geocoding.reasons import Basis
from welcomemap.reasons import Reason
from welcomemap.region.scenario import SURE_OUTCOMES, ClosedBefore, OpensLater, RowNote, Unlocated
from welcomemap.wording import (
    NOTHING,
    Language,
    Message,
    Phrase,
    Verbatim,
    Written,
    join_phrases,
    say,
    say_date,
    say_list,
    say_metres,
)

if TYPE_CHECKING:
    from welcomemap.geocoding.outcome import GeocodeResult

BASES = {
    Basis.NEIGHBOURS: say("from the neighbouring houses"),
    Basis.STREET: say("from the street"),
    Basis.WAY: say("from the course of the street"),
    Basis.POSTCODE: say("from the postcode"),
    Basis.QUARTER: say("from the quarter"),
}
WORDS: Mapping[type[Reason], Phrase] = {
    reasons.Listed: say("The address is in the address list."),
    reasons.Corrected: say("The street was read as {street}; “{typed}” was written."),
    reasons.AmongWords: say("The street {street} was found among other words."),
    reasons.Interpolated: say(
        "Number {number} is not in the list; its place is estimated between numbers {used}."
    ),
    reasons.Suspect: say(
        "Number {number} is known, but its recorded place contradicts its neighbours; the place is "
        "estimated from number {used}."
    ),
    reasons.NearestNumber: say(
        "Number {asked} is not known; the nearest known number {found} is shown."
    ),
    reasons.StreetOnly: say("Without a house number: the middle of {street} is shown."),
    reasons.KnownFacility: say("{name} is known as a facility: {address}."),
    reasons.KnownStop: say("{name} is known as a stop."),
    reasons.KnownPlace: say("{name} is known as a place; its middle is shown."),
    reasons.PlatformsWithin: say("A stop is no address: its platforms lie within {radius_m}."),
    reasons.ReachesAbout: say(
        "A place of that size is no address: it is taken to reach about {radius_m}."
    ),
    reasons.OtherTown: say("“{name}” does not lie in {town}."),
    reasons.OtherTownsPostcode: say("The postcode {postcode} does not belong to {town}."),
    reasons.StreetUnknown: say("“{name}” is not known in {town}."),
    reasons.AreasWithoutAddresses: say(
        "In {n_areas} of {n_all} areas no address is known: {names}."
    ),
    reasons.NoStreet: say("No street is given."),
    reasons.NoAddress: say("This is no address ({what})."),
    reasons.EmptyRow: say("The row holds no address."),
    reasons.OtherPostcode: say("The postcode given is {given}, the address has {found}."),
    reasons.FarPostcode: say("The postcode given, {given}, begins {distance_m} further away."),
    reasons.NeighbouringPostcode: say(
        "The postcode given is {given}; going by the place, {found} is likelier."
    ),
    reasons.Elsewhere: say(
        "{label} was found, but the postcode and the quarter or district given both lie kilometres "
        "away. Please check which address is meant."
    ),
    reasons.OtherQuarter: say("“{given}” is given, the address lies in {found}."),
    reasons.NotUnderstood: say("The words “{words}” were not understood."),
    reasons.NumberPartlyRead: say("“{unread}” beside number {number} was not understood."),
    reasons.OtherHouse: say("“{words}” may not mean number {number}, or not that alone."),
    reasons.OtherPlaceNamed: say(
        "{label} was found, but “{words}” may mean another place. Please check which address is "
        "meant."
    ),
    reasons.NumberShown: say("Number {number} is shown."),
    reasons.CellDropped: say("“{cell}” was not read."),
    reasons.NotHeldAgainst: say(
        "The column “{column}” says “{text}”; by its heading it names no place, and it was not "
        "held against the address."
    ),
    reasons.ColumnSays: say(
        "{label} was found, but the column “{column}” says “{text}”. Please check which address is "
        "meant."
    ),
    reasons.OtherMunicipalKey: say("The municipal key {key} does not belong to {town}."),
    reasons.OtherCountry: say("The country given is “{text}”."),
    reasons.FoundByService: say(
        "The address list does not know the address; the service {service} found it."
    ),
    reasons.NotConfirmed: say(
        "The service did not confirm number {number}; only the street is shown."
    ),
    reasons.ServiceSilent: say(
        "The service {service} gave no answer ({what}); there may be one later."
    ),
    reasons.ServiceUnsure: say("The service {service} found no fitting address here either."),
    Unlocated: say("No place is known of {name}: it counts nowhere, and any area may have it."),
    ClosedBefore: say(
        "By the list the site was valid until {valid_to}; the date of reference is {reference}. It "
        "counts as closed."
    ),
    OpensLater: say(
        "By the list the site is valid from {valid_from}; the date of reference is {reference}. It "
        "counts as planned."
    ),
}
"""Sentences with the names of the reason's fields in braces; what depends on them is below."""
DATES = ("valid_from", "valid_to", "reference")
WHOLE = ("label", "address")
"""Fields that this program wrote itself: they are never cut."""


def describe_reason(reason: Reason) -> Phrase:
    """Return one reason as a sentence.

    Raises
    ------
    TypeError
        If there are no words for its kind.
    """
    choose = CHOICES.get(type(reason))
    words = WORDS.get(type(reason)) if choose is None else choose(reason)
    if words is None:
        raise TypeError(f"there are no words for {reason!r}")
    of_fields = {
        field.name: _word_field(field.name, getattr(reason, field.name)) for field in fields(reason)
    }
    return words.filled(**of_fields)


def _word_field(name: str, value: Any) -> Phrase | str:
    if name in DATES:
        return say_date(value)
    if name in WHOLE:
        return str(value)
    match value:
        case Fault():
            told = describe_fault(value)
        case Basis():
            told = BASES[value]
        case float():
            told = say_metres(value)
        case tuple():
            told = say_list([quote(one) for one in value])
        case _:
            return quote(value)
    return told


def _choose_range(reason: reasons.NumberRange) -> Phrase:
    if reason.estimated:
        return say(
            "Numbers {ends} were given; the point midway is shown; the place of {estimated} is "
            "estimated."
        )
    return say("Numbers {ends} were given; the point midway is shown.")


def _choose_rough_street(reason: reasons.StreetRoughly) -> Phrase:
    if reason.radius_m is None:
        return say("{street} exists, but its place is not known.")
    return say(
        "{street} exists, but its place is known only roughly ({basis}, to within {radius_m})."
    )


def _choose_rough_number(reason: reasons.NumberConfirmed) -> Phrase:
    if reason.radius_m is None:
        return say("Number {number} exists, but its place is not known.")
    return say(
        "Number {number} exists, but its place is known only roughly ({basis}, to within "
        "{radius_m})."
    )


def _choose_unknown_number(reason: reasons.NumberUnknown) -> Phrase:
    known: Phrase = NOTHING
    if reason.bounds is not None:
        low, high = reason.bounds
        known = say(" (known are {low} to {high})", low=low, high=high)
    if reason.is_shown:
        return say(
            "Number {number} of {street} is not known{known}; only the street is shown.",
            known=known,
        )
    return say(
        "Number {number} of {street} is not known{known}, nor is the place of the street.",
        known=known,
    )


def _choose_ambiguous(reason: reasons.Ambiguous) -> Phrase:
    if reason.readings == 1:
        return say("This spelling is not known; perhaps the address shown is meant.")
    return say("This fits {readings} addresses; please choose one of them.")


def _choose_district(reason: reasons.OtherDistrict) -> Phrase:
    if len(reason.given) == 1:
        return say("District {given} is given, the address lies in district {found}.")
    return say("Districts {given} are given, the address lies in {found}.")


def _choose_set_aside(reason: reasons.SetAside) -> Phrase:
    words = [say("“{text}”", text=quote(word)) for word in reason.words]
    return say("Not needed for the place: {listed}.", listed=join_phrases(*words, joint=", "))


def _choose_digits(reason: reasons.DigitsRead) -> Phrase:
    plain = "".join(str(decimal(digit)) for digit in reason.digits)
    return say("The digits “{digits}” were read as {plain}.", plain=plain)


CHOICES: Mapping[type[Reason], Callable[[Any], Phrase]] = {
    reasons.NumberRange: _choose_range,
    reasons.StreetRoughly: _choose_rough_street,
    reasons.NumberConfirmed: _choose_rough_number,
    reasons.NumberUnknown: _choose_unknown_number,
    reasons.Ambiguous: _choose_ambiguous,
    reasons.OtherDistrict: _choose_district,
    reasons.SetAside: _choose_set_aside,
    reasons.DigitsRead: _choose_digits,
}
"""Sentences that depend on more than the kind."""


def describe_reasons(found: Iterable[Reason]) -> Phrase:
    """Return several reasons one after the other; the empty text without any."""
    return join_phrases(*map(describe_reason, found))


def list_reasons(found: Iterable[Reason]) -> tuple[Phrase, ...]:
    """Return several reasons, a sentence each."""
    return tuple(map(describe_reason, found))


def describe_note(note: RowNote) -> Phrase:
    """Return what is to be known of a row of a list."""
    return describe_reasons(note.reasons)


LOCATIONS: Mapping[str, Phrase] = {
    "exact": say("exact address"),
    "corrected": say("address, corrected"),
    "interpolated": say("estimated between house numbers"),
    "nearest_number": say("nearest known house number"),
    "range": say("middle of a range of house numbers"),
    "street": say("street only"),
    "place": say("named place"),
    GIVEN: say("coordinates given"),
    SET_ON_MAP: say("set on the map"),
    "ambiguous": say("address unclear"),
    "outside": say("address in another town"),
    "not_found": say("address not found"),
}
"""How a place is known, by the outcome of its lookup or where else it comes from."""


def tell_rough_place(radius_m: float | None) -> Phrase:
    """Say that of a site no more than its street is known; ``radius_m`` holds its place."""
    if radius_m is None:
        return say("Of its place only the street is known.")
    return say(
        "Of its place only the street is known; it may lie up to about {radius} away.",
        radius=say_metres(radius_m),
    )


def list_rough_places(radii_m: Mapping[str, float | None]) -> Phrase:
    """Name the sites of which no more than the street is known, with the radius of each."""
    if not radii_m:
        return NOTHING
    named = [
        quote(name)
        if radius_m is None
        else say("{name} (to within about {radius})", name=quote(name), radius=say_metres(radius_m))
        for name, radius_m in radii_m.items()
    ]
    return say("Of the place only the street is known: {sites}.", sites=say_list(named))


def word_place(outcome: str, kinds: Collection[str] = ()) -> Phrase:
    """Return how a place is known; an address that has notes against it is no exact one.

    ``kinds`` are those of the notes on its row.
    """
    if "contradiction" in kinds:
        return say("contradicts itself")
    if "place" in kinds and outcome in SURE_OUTCOMES:
        return say("address with a reservation, see note")
    return LOCATIONS.get(outcome, Verbatim(outcome))


STATUSES: Mapping[str, Phrase] = {
    "open": say("open"),
    "disputed": say("sources disagree"),
    "planned": say("planned"),
    "closed": say("closed"),
}


def word_status(status: str) -> Phrase:
    """Return the standing of a service point."""
    return STATUSES.get(status, Verbatim(status))


def describe_notice(notice: Notice) -> Phrase:
    """Return an error or a warning as one line: what is wrong, where, and how to mend it.

    In English it is ``str(notice)``.

    Examples
    --------
    >>> from welcomemap.errors import ColumnValueError
    >>> error = ColumnValueError("{text!r} is no coordinate", text="5x", where=Place("a.csv", 3))
    >>> describe_notice(error).in_language("de")
    '„5x“ ist keine Koordinate (a.csv, Zeile 3).'
    """
    if isinstance(notice, ListRowWarning):
        told = describe_reasons(one for one in notice.reasons if isinstance(one, Reason))
        where = NOTHING if notice.where is None else describe_place(notice.where)
        return say("{site}: {told} ({where})", site=quote(notice.site), told=told, where=where)
    return describe_fault(notice.told)


def describe_fault(fault: Fault) -> Phrase:
    """Return a fault, or how to mend one, as a sentence or a part of one."""
    return Written(_say_fault, fault)


def describe_place(place: Place) -> Phrase:
    """Return file, row and column as far as they are known; nothing where none is."""
    return join_phrases(
        None if place.path is None else quote(place.file),
        None if place.row is None else say("row {row}", row=place.row),
        None if place.column is None else say("column {column}", column=quote(place.column)),
        joint=", ",
    )


def _say_fault(fault: Fault, language: str) -> str:
    def tell(value: object) -> str:
        if isinstance(value, Fault):
            return _say_fault(value, language)
        told = describe_place(value) if isinstance(value, Place) else value
        return told.in_language(language) if isinstance(told, Phrase) else quote(told)

    values = tuple((name, show_value(value, tell)) for name, value in fault.values)
    return Message(fault.words, values=values).in_language(language)


@dataclass(frozen=True)
class RowWords:
    """Words the rows of a geocoded table in one language."""

    language: Language

    def __call__(self, result: GeocodeResult, /) -> tuple[str, str]:
        """Return the cells ``contradictions`` and ``explanation`` of a row."""
        told = [describe_reasons(result.explanation), *list_reasons(result.notes)]
        if result.alternatives:
            labels = "; ".join(alternative.label for alternative in result.alternatives)
            told.append(say("Possible: {labels}.", labels=labels))
        against = describe_reasons(result.contradictions)
        return against.in_language(self.language), join_phrases(*told).in_language(self.language)
