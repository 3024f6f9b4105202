"""What do the words beside the street say? Town, quarter and postcode, for or against a match."""

from __future__ import annotations

from dataclasses import dataclass

from welcomemap.geocoding import explain
from welcomemap.geocoding.address import ParsedAddress
from welcomemap.geocoding.qualifiers import is_no_town, is_part_of_building, may_be_remark
from welcomemap.geocoding.region import LocalityKind, Region
from welcomemap.wording import Text


@dataclass(frozen=True)
class Evidence:
    """What an address says about the place besides street and number.

    Attributes
    ----------
    outside
        Why the address lies elsewhere; ``None`` where it may lie here.
    postcode
        The postcode given, if it is one of the region's.
    quarters, quarter_name
        Codes of the quarter given, and its name as typed.
    contradictions
        What contradicts the region whatever the match.
    """

    outside: Text | None = None
    postcode: str | None = None
    quarters: frozenset[str] = frozenset()
    quarter_name: str | None = None
    district: int | None = None
    contradictions: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Tell whether the address gives nothing to compare a match with."""
        return self.postcode is None and not self.quarters and self.district is None


NOTHING = Evidence()


def weigh(parsed: ParsedAddress, region: Region) -> Evidence:
    """Judge town, quarter and postcode of an address against the region."""
    said = [explain.not_understood(text) for text in parsed.aside]
    if parsed.digits:
        said.append(explain.digits_read(parsed.digits))
    if not parsed.localities and not parsed.lead and parsed.postcode is None:
        if parsed.district_hint is None and not said:
            return NOTHING
        return Evidence(district=parsed.district_hint, notes=tuple(said))
    found = [region.classify(name) for name in parsed.localities]
    lead = [region.classify(name) for name in parsed.lead]
    is_own = any(f.kind in {LocalityKind.OWN, LocalityKind.QUARTER} for f in found + lead)
    is_known_postcode = parsed.postcode is None or region.is_own_postcode(parsed.postcode)
    is_pinned = is_own or (parsed.postcode is not None and is_known_postcode)
    elsewhere = [
        f.name for f in (found if is_own else found + lead) if f.kind is LocalityKind.OTHER
        and not is_part_of_building(f.name, parsed.text, is_pinned=is_pinned)
        and not may_be_remark(f.name, parsed.text)
    ]  # fmt: skip
    unknown = [f.name for f in found if f.kind is LocalityKind.UNKNOWN]
    town_like = [n for n in unknown if region.looks_like_town(n) and not is_no_town(n)]
    quarters = [f for f in found + lead if f.kind is LocalityKind.QUARTER]
    outside = None
    if (elsewhere or town_like) and not is_own:
        outside = explain.outside_town((elsewhere or town_like)[0], region.town)
    elif parsed.postcode is not None and not is_known_postcode and not is_own:
        outside = explain.outside_postcode(parsed.postcode, region.town)
    contradictions = [explain.outside_town(name, region.town) for name in elsewhere]
    if parsed.postcode is not None and not is_known_postcode:
        contradictions.append(explain.outside_postcode(parsed.postcode, region.town))
    notes = [*(explain.not_understood(name) for name in unknown), *said]
    if (
        parsed.postcode is not None
        and unknown
        and parsed.localities[0] == unknown[0]
        and not is_own
    ):
        contradictions.append(explain.not_understood(unknown[0]))
    return Evidence(
        outside=outside,
        postcode=parsed.postcode if is_known_postcode else None,
        quarters=quarters[0].quarters if quarters else frozenset(),
        quarter_name=quarters[0].name if quarters else None,
        district=parsed.district_hint,
        contradictions=tuple(contradictions),
        notes=tuple(notes),
    )
