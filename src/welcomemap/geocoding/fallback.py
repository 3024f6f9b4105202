"""Ask services for what the gazetteer refuses, and only for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from welcomemap.errors import NetworkError, quote
from welcomemap.geocoding.address import ParsedAddress, parse_address
from welcomemap.geocoding.other_places import region_of
from welcomemap.geocoding.outcome import AddressGeocoder, GeocodeResult, Outcome
from welcomemap.geocoding.region import Region
from welcomemap.geocoding.service_answer import ServiceAnswer, ServiceRegion, judge_answers
from welcomemap.geocoding.service_cache import AnswerCache
from welcomemap.geocoding.service_policy import Guard
from welcomemap.wording import Text


class AddressService(Protocol):
    """One geocoding service on the network."""

    @property
    def name(self) -> str:
        """What people call it, such as ``nominatim``."""

    @property
    def address(self) -> str:
        """Where it is, so that answers of two servers are kept apart."""

    def search(self, query: str) -> tuple[ServiceAnswer, ...]:
        """Return what the service finds; raises ``ServiceFailedError``."""


class GuardedService:
    """A service behind its policy and its cache."""

    def __init__(self, service: AddressService, guard: Guard, cache: AnswerCache) -> None:
        self.name = service.name
        self.guard = guard
        self._service, self._cache = service, cache

    def search(self, query: str) -> tuple[ServiceAnswer, ...]:
        """Return the answers kept, or ask.

        Raises
        ------
        NetworkError
            If the service failed, is left alone for a while, or the budget is spent.
        """
        key = f"{self.name} {self._service.address}"
        kept = self._cache.get(key, query)
        if kept is not None:
            return kept
        answers = self.guard.call(lambda: self._service.search(query))
        self._cache.put(key, query, answers)
        return answers


class FallbackGeocoder:
    """The gazetteer first; services, in order, only where it has ``not_found``.

    What is sent is the street, number, postcode and town as understood, and nothing else of what
    was typed (no names, floors or remarks). A text without street and house number, or with a
    person's name before the street, is not sent at all.
    """

    def __init__(
        self,
        gazetteer: AddressGeocoder,
        services: Sequence[GuardedService],
        region: ServiceRegion,
    ) -> None:
        self._gazetteer, self._services, self._region = gazetteer, tuple(services), region

    @property
    def region(self) -> Region:
        """Return the names and postcodes by which addresses here are known."""
        return region_of(self._gazetteer)

    def geocode(self, text: str, *, stated_district: int | None = None) -> GeocodeResult:
        """Locate one address.

        Raises
        ------
        UnreadableAddressError
            If the text is no address anybody could have meant.
        """
        result = self._gazetteer.geocode(text, stated_district=stated_district)
        if result.outcome is not Outcome.NOT_FOUND:
            return result
        parsed = parse_address(text)
        if parsed.street is None or parsed.number is None or parsed.is_named_recipient:
            return result
        query = build_query(parsed, self._region.town)
        notes: list[Text] = []
        for service in self._services:
            try:
                found = judge_answers(service.search(query), parsed, self._region, service.name)
            except NetworkError as error:
                notes.append(_no_answer(service.name, error))
                continue
            if found is not None:
                return replace(
                    found,
                    contradictions=(*result.contradictions, *found.contradictions),
                    notes=(*found.notes, *result.notes),
                )
            notes.append(_not_believed(service.name))
        return replace(result, notes=(*result.notes, *notes))


def build_query(parsed: ParsedAddress, town: str) -> str:
    """Write what is sent: ``street number, postcode town``."""
    house = " ".join(part for part in (parsed.street or "", parsed.house_number or "") if part)
    place = " ".join(part for part in (parsed.postcode or "", town) if part)
    return f"{house}, {place}"


def _no_answer(name: str, error: NetworkError) -> Text:
    return Text(
        f"Der Dienst {quote(name)} gab keine Antwort; später kann es eine geben.",
        f"The service {quote(name)} gave no answer ({error.what}); there may be one later.",
    )


def _not_believed(name: str) -> Text:
    return Text(
        f"Auch der Dienst {quote(name)} hat hier keine passende Adresse gefunden.",
        f"The service {quote(name)} found no fitting address here either.",
    )
