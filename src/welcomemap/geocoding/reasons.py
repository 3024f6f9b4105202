"""What became of an address and what speaks against it: one class for each kind of reason."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Listed(Reason):
    """The address is in the address list."""


@dataclass(frozen=True)
class Corrected(Reason):
    """The street was found under another spelling."""

    typed: str
    street: str


@dataclass(frozen=True)
class AmongWords(Reason):
    """The street was found where other words stand around its name."""

    street: str


@dataclass(frozen=True)
class Interpolated(Reason):
    """A house was placed between its neighbours."""

    number: str
    used: tuple[str, ...]


@dataclass(frozen=True)
class Suspect(Reason):
    """The recorded place of a known house contradicts its neighbours, from which it is placed."""

    number: str
    used: tuple[str, ...]


@dataclass(frozen=True)
class NearestNumber(Reason):
    """The nearest known number is shown instead of the one asked for."""

    asked: str
    found: str


@dataclass(frozen=True)
class NumberRange(Reason):
    """The middle of a range or list of numbers is shown; of some the place is estimated."""

    ends: tuple[str, ...]
    estimated: tuple[str, ...] = ()


@dataclass(frozen=True)
class StreetOnly(Reason):
    """No house number is given."""

    street: str


@dataclass(frozen=True)
class StreetRoughly(Reason):
    """The place of a known street is not known (radius ``None``), or only from its surroundings."""

    street: str
    radius_m: float | None
    basis: Basis


@dataclass(frozen=True)
class NumberUnknown(Reason):
    """A number is not on the street, nor near one that is; ``bounds`` are the known ones."""

    number: str
    street: str
    bounds: tuple[int, int] | None = None
    is_shown: bool = True


@dataclass(frozen=True)
class NumberConfirmed(Reason):
    """A house exists, but its place is not known (radius ``None``), or only roughly."""

    number: str
    radius_m: float | None
    basis: Basis


@dataclass(frozen=True)
class KnownFacility(Reason):
    """A facility was found by its name."""

    name: str
    address: str


@dataclass(frozen=True)
class Ambiguous(Reason):
    """Several readings fit equally well, or one may be meant but is not sure."""

    readings: int


@dataclass(frozen=True)
class OtherTown(Reason):
    """Another town is named."""

    name: str
    town: str


@dataclass(frozen=True)
class OtherTownsPostcode(Reason):
    """The postcode belongs to another town."""

    postcode: str
    town: str


@dataclass(frozen=True)
class StreetUnknown(Reason):
    """No street of that name is known."""

    name: str
    town: str


@dataclass(frozen=True)
class NoStreet(Reason):
    """No street is given."""


@dataclass(frozen=True)
class NoAddress(Reason):
    """A text cannot be read as an address; ``what`` says why."""

    what: Fault


@dataclass(frozen=True)
class EmptyRow(Reason):
    """The row of a table holds no address."""


@dataclass(frozen=True)
class OtherPostcode(Reason):
    """The postcode given contradicts the match."""

    given: str
    found: str


@dataclass(frozen=True)
class FarPostcode(Reason):
    """All known addresses of the postcode given lie far from the match."""

    given: str
    distance_m: float


@dataclass(frozen=True)
class NeighbouringPostcode(Reason):
    """The postcode given is next door to the inferred one."""

    given: str
    found: str


@dataclass(frozen=True)
class Elsewhere(Reason):
    """A house is not taken: the postcode and the quarter given are kilometres away."""

    label: str


@dataclass(frozen=True)
class OtherQuarter(Reason):
    """The quarter given contradicts the match."""

    given: str
    found: str


@dataclass(frozen=True)
class OtherDistrict(Reason):
    """The district given, or each of several, contradicts the match."""

    given: tuple[int, ...]
    found: int


@dataclass(frozen=True)
class NotUnderstood(Reason):
    """Words were not understood."""

    words: str


@dataclass(frozen=True)
class NumberPartlyRead(Reason):
    """Words or signs beside a house number may change which house is meant."""

    number: str
    unread: str


@dataclass(frozen=True)
class SetAside(Reason):
    """Words were read and do not matter for the place: floor, person, institution."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class OtherHouse(Reason):
    """Words may mean another house than that of the number, or more than one."""

    number: str
    words: str


@dataclass(frozen=True)
class OtherPlaceNamed(Reason):
    """A house is not taken: some words may name another place."""

    label: str
    words: str


@dataclass(frozen=True)
class NumberShown(Reason):
    """Which house is shown."""

    number: str


@dataclass(frozen=True)
class DigitsRead(Reason):
    """Digits of another script were read as numbers."""

    digits: str


@dataclass(frozen=True)
class CellDropped(Reason):
    """A cell of the row was not read."""

    cell: str


@dataclass(frozen=True)
class NotHeldAgainst(Reason):
    """A column that by its heading names no place was not held against the address."""

    column: str
    text: str


@dataclass(frozen=True)
class ColumnSays(Reason):
    """A house is not taken: a column of the row says another place."""

    label: str
    column: str
    text: str


@dataclass(frozen=True)
class OtherMunicipalKey(Reason):
    """The municipal key belongs to another town."""

    key: str
    town: str


@dataclass(frozen=True)
class OtherCountry(Reason):
    """Another country is given."""

    text: str


@dataclass(frozen=True)
class FoundByService(Reason):
    """The address list does not know the address; a service found it."""

    service: str


@dataclass(frozen=True)
class NotConfirmed(Reason):
    """A service did not confirm the house number."""

    number: str


@dataclass(frozen=True)
class ServiceSilent(Reason):
    """A service gave no answer; ``what`` says why."""

    service: str
    what: Fault


@dataclass(frozen=True)
class ServiceUnsure(Reason):
    """A service found no fitting address either."""

    service: str
