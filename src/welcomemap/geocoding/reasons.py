"""What became of an address and what speaks against it: one class for each kind of reason."""

from __future__ import annotations

from enum import Enum

from welcomemap.errors import Fault
from welcomemap.reasons import Reason


class Basis(Enum):
    """What the place of a street or house rests on, where it is known only roughly."""

    NEIGHBOURS = "neighbours"
    STREET = "street"
    WAY = "way"
    POSTCODE = "postcode"
    QUARTER = "quarter"


class Listed(Reason):
    """The address is in the address list."""


class Corrected(Reason):
    """The street was found under another spelling."""

    typed: str
    street: str


class AmongWords(Reason):
    """The street was found where other words stand around its name."""

    street: str


class Interpolated(Reason):
    """A house was placed between its neighbours."""

    number: str
    used: tuple[str, ...]


class Suspect(Reason):
    """The recorded place of a known house contradicts its neighbours, from which it is placed."""

    number: str
    used: tuple[str, ...]


class NearestNumber(Reason):
    """The nearest known number is shown instead of the one asked for."""

    asked: str
    found: str


class NumberRange(Reason):
    """The middle of a range or list of numbers is shown; of some the place is estimated."""

    ends: tuple[str, ...]
    estimated: tuple[str, ...] = ()


class StreetOnly(Reason):
    """No house number is given."""

    street: str


class StreetRoughly(Reason):
    """The place of a known street is not known (radius ``None``), or only from its surroundings."""

    street: str
    radius_m: float | None
    basis: Basis


class NumberUnknown(Reason):
    """A number is not on the street, nor near one that is; ``bounds`` are the known ones."""

    number: str
    street: str
    bounds: tuple[int, int] | None = None
    is_shown: bool = True


class NumberConfirmed(Reason):
    """A house exists, but its place is not known (radius ``None``), or only roughly."""

    number: str
    radius_m: float | None
    basis: Basis


class KnownFacility(Reason):
    """A facility was found by its name."""

    name: str
    address: str


class KnownStop(Reason):
    """A stop was found by its name."""

    name: str


class KnownPlace(Reason):
    """A part of the region, such as a quarter or a village, was found by its name."""

    name: str


class PlatformsWithin(Reason):
    """How far the platforms of a stop are from the point shown."""

    radius_m: float


class ReachesAbout(Reason):
    """How far a place without a border is taken to reach from the point shown."""

    radius_m: float


class Ambiguous(Reason):
    """Several readings fit equally well, or one may be meant but is not sure."""

    readings: int


class OtherTown(Reason):
    """Another town is named."""

    name: str
    town: str


class OtherTownsPostcode(Reason):
    """The postcode belongs to another town."""

    postcode: str
    town: str


class StreetUnknown(Reason):
    """No street of that name is known."""

    name: str
    town: str


class AreasWithoutAddresses(Reason):
    """In some areas of the region, of ``n_all``, no address is known, as the right one may lie."""

    names: tuple[str, ...]
    n_areas: int
    n_all: int


class NoStreet(Reason):
    """No street is given."""


class NoAddress(Reason):
    """A text cannot be read as an address; ``what`` says why."""

    what: Fault


class EmptyRow(Reason):
    """The row of a table holds no address."""


class OtherPostcode(Reason):
    """The postcode given contradicts the match."""

    given: str
    found: str


class FarPostcode(Reason):
    """All known addresses of the postcode given lie far from the match."""

    given: str
    distance_m: float


class NeighbouringPostcode(Reason):
    """The postcode given is next door to the inferred one."""

    given: str
    found: str


class Elsewhere(Reason):
    """A house is not taken: the postcode and the quarter given are kilometres away."""

    label: str


class OtherQuarter(Reason):
    """The quarter given contradicts the match."""

    given: str
    found: str


class OtherDistrict(Reason):
    """The district given, or each of several, contradicts the match."""

    given: tuple[int, ...]
    found: int


class NotUnderstood(Reason):
    """Words were not understood."""

    words: str


class NumberPartlyRead(Reason):
    """Words or signs beside a house number may change which house is meant."""

    number: str
    unread: str


class SetAside(Reason):
    """Words were read and do not matter for the place: floor, person, institution."""

    words: tuple[str, ...]


class OtherHouse(Reason):
    """Words may mean another house than that of the number, or more than one."""

    number: str
    words: str


class OtherPlaceNamed(Reason):
    """A house is not taken: some words may name another place."""

    label: str
    words: str


class NumberShown(Reason):
    """Which house is shown."""

    number: str


class DigitsRead(Reason):
    """Digits of another script were read as numbers."""

    digits: str


class CellDropped(Reason):
    """A cell of the row was not read."""

    cell: str


class NotHeldAgainst(Reason):
    """A column that by its heading names no place was not held against the address."""

    column: str
    text: str


class ColumnSays(Reason):
    """A house is not taken: a column of the row says another place."""

    label: str
    column: str
    text: str


class OtherMunicipalKey(Reason):
    """The municipal key belongs to another town."""

    key: str
    town: str


class OtherCountry(Reason):
    """Another country is given."""

    text: str


class FoundByService(Reason):
    """The address list does not know the address; a service found it."""

    service: str


class NotConfirmed(Reason):
    """A service did not confirm the house number."""

    number: str


class ServiceSilent(Reason):
    """A service gave no answer; ``what`` says why."""

    service: str
    what: Fault


class ServiceUnsure(Reason):
    """A service found no fitting address either."""

    service: str
