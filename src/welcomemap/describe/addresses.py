"""What became of an address, and what is to be known of a row of a list, in plain sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from unicodedata import decimal

from welcomemap.errors import ListRowWarning, quote
from welcomemap.geocoding import reasons
from welcomemap.geocoding.outcome import GeocodeResult
from welcomemap.geocoding.reasons import Basis
from welcomemap.reasons import Reason
from welcomemap.region.scenario import ClosedBefore, OpensLater, RowNote
from welcomemap.wording import (
    Language,
    Text,
    format_iso_date,
    format_metres,
    join_texts,
    list_words,
)

BASES = {
    Basis.NEIGHBOURS: Text("nach den Nachbarhäusern", "from the neighbouring houses"),
    Basis.STREET: Text("nach der Straße", "from the street"),
    Basis.WAY: Text("nach dem Verlauf der Straße", "from the course of the street"),
    Basis.POSTCODE: Text("nach der Postleitzahl", "from the postcode"),
    Basis.QUARTER: Text("nach dem Stadtteil", "from the quarter"),
}
WORDS: Mapping[type[Reason], Text] = {
    reasons.Listed: Text(
        "Die Adresse steht im Adressverzeichnis.", "The address is in the address list."
    ),
    reasons.Corrected: Text(
        "Die Straße wurde als {street} gelesen; geschrieben war „{typed}“.",
        "The street was read as {street}; “{typed}” was written.",
    ),
    reasons.AmongWords: Text(
        "Die Straße {street} wurde zwischen anderen Wörtern gefunden.",
        "The street {street} was found among other words.",
    ),
    reasons.Interpolated: Text(
        "Hausnummer {number} fehlt im Verzeichnis; ihr Ort ist zwischen Nummer {used} geschätzt.",
        "Number {number} is not in the list; its place is estimated between numbers {used}.",
    ),
    reasons.Suspect: Text(
        "Hausnummer {number} ist bekannt, ihr verzeichneter Ort widerspricht aber den Nachbarn; "
        "der Ort ist nach Nummer {used} geschätzt.",
        "Number {number} is known, but its recorded place contradicts its neighbours; the place is "
        "estimated from number {used}.",
    ),
    reasons.NearestNumber: Text(
        "Hausnummer {asked} ist nicht bekannt; gezeigt wird die nächste bekannte Nummer {found}.",
        "Number {asked} is not known; the nearest known number {found} is shown.",
    ),
    reasons.StreetOnly: Text(
        "Ohne Hausnummer: gezeigt wird die Mitte der Straße {street}.",
        "Without a house number: the middle of {street} is shown.",
    ),
    reasons.KnownFacility: Text(
        "{name} ist als Einrichtung bekannt: {address}.",
        "{name} is known as a facility: {address}.",
    ),
    reasons.OtherTown: Text("„{name}“ liegt nicht in {town}.", "“{name}” does not lie in {town}."),
    reasons.OtherTownsPostcode: Text(
        "Die Postleitzahl {postcode} gehört nicht zu {town}.",
        "The postcode {postcode} does not belong to {town}.",
    ),
    reasons.StreetUnknown: Text(
        "„{name}“ ist in {town} nicht bekannt.", "“{name}” is not known in {town}."
    ),
    reasons.NoStreet: Text("Es ist keine Straße angegeben.", "No street is given."),
    reasons.NoAddress: Text(
        "Die Angabe ist keine Adresse ({what}).", "This is no address ({what})."
    ),
    reasons.EmptyRow: Text("Die Zeile enthält keine Adresse.", "The row holds no address."),
    reasons.OtherPostcode: Text(
        "Angegeben ist die Postleitzahl {given}, die Adresse hat {found}.",
        "The postcode given is {given}, the address has {found}.",
    ),
    reasons.FarPostcode: Text(
        "Die angegebene Postleitzahl {given} beginnt erst {distance_m} weiter.",
        "The postcode given, {given}, begins {distance_m} further away.",
    ),
    reasons.NeighbouringPostcode: Text(
        "Angegeben ist die Postleitzahl {given}; nach der Lage ist {found} wahrscheinlicher.",
        "The postcode given is {given}; going by the place, {found} is likelier.",
    ),
    reasons.Elsewhere: Text(
        "Gefunden wurde {label}; Postleitzahl und Stadtteil oder Stadtbezirk der Angabe liegen "
        "aber beide Kilometer entfernt. Bitte prüfen Sie, welche Adresse gemeint ist.",
        "{label} was found, but the postcode and the quarter or district given both lie "
        "kilometres away. Please check which address is meant.",
    ),
    reasons.OtherQuarter: Text(
        "Angegeben ist „{given}“, die Adresse liegt in {found}.",
        "“{given}” is given, the address lies in {found}.",
    ),
    reasons.NotUnderstood: Text(
        "Der Zusatz „{words}“ wurde nicht verstanden.",
        "The words “{words}” were not understood.",
    ),
    reasons.NumberPartlyRead: Text(
        "Der Zusatz „{unread}“ zur Hausnummer {number} wurde nicht verstanden.",
        "“{unread}” beside number {number} was not understood.",
    ),
    reasons.OtherHouse: Text(
        "Mit „{words}“ ist vielleicht nicht oder nicht nur Nummer {number} gemeint.",
        "“{words}” may not mean number {number}, or not that alone.",
    ),
    reasons.OtherPlaceNamed: Text(
        "Gefunden wurde {label}; „{words}“ kann aber einen anderen Ort meinen. Bitte prüfen Sie, "
        "welche Adresse gemeint ist.",
        "{label} was found, but “{words}” may mean another place. Please check which address is "
        "meant.",
    ),
    reasons.NumberShown: Text("Gezeigt wird Nummer {number}.", "Number {number} is shown."),
    reasons.CellDropped: Text("„{cell}“ wurde nicht gelesen.", "“{cell}” was not read."),
    reasons.NotHeldAgainst: Text(
        "In der Spalte „{column}“ steht „{text}“; sie nennt nach ihrer Überschrift keinen Ort und "
        "wurde der Adresse nicht entgegengehalten.",
        "The column “{column}” says “{text}”; by its heading it names no place, and it was not "
        "held against the address.",
    ),
    reasons.ColumnSays: Text(
        "Gefunden wurde {label}; in der Spalte „{column}“ steht aber „{text}“. Bitte prüfen Sie, "
        "welche Adresse gemeint ist.",
        "{label} was found, but the column “{column}” says “{text}”. Please check which address is "
        "meant.",
    ),
    reasons.OtherMunicipalKey: Text(
        "Der Gemeindeschlüssel {key} gehört nicht zu {town}.",
        "The municipal key {key} does not belong to {town}.",
    ),
    reasons.OtherCountry: Text(
        "Als Land ist „{text}“ angegeben.", "The country given is “{text}”."
    ),
    reasons.FoundByService: Text(
        "Das Adressverzeichnis kennt die Adresse nicht; der Dienst {service} hat sie gefunden.",
        "The address list does not know the address; the service {service} found it.",
    ),
    reasons.NotConfirmed: Text(
        "Hausnummer {number} hat der Dienst nicht bestätigt; gezeigt wird nur die Straße.",
        "The service did not confirm number {number}; only the street is shown.",
    ),
    reasons.ServiceSilent: Text(
        "Der Dienst {service} gab keine Antwort; später kann es eine geben.",
        "The service {service} gave no answer ({what}); there may be one later.",
    ),
    reasons.ServiceUnsure: Text(
        "Auch der Dienst {service} hat hier keine passende Adresse gefunden.",
        "The service {service} found no fitting address here either.",
    ),
    ClosedBefore: Text(
        "Laut Liste galt der Standort bis {valid_to}; Stichtag ist {reference}. Er zählt als "
        "geschlossen.",
        "By the list the site was valid until {valid_to}; the date of reference is {reference}. It "
        "counts as closed.",
    ),
    OpensLater: Text(
        "Laut Liste gilt der Standort ab {valid_from}; Stichtag ist {reference}. Er zählt als "
        "geplant.",
        "By the list the site is valid from {valid_from}; the date of reference is {reference}. It "
        "counts as planned.",
    ),
}
"""Sentences with the names of the reason's fields in braces; what depends on them is below."""
DATES = ("valid_from", "valid_to", "reference")
WHOLE = ("label", "address", "what")
"""Fields that this program wrote itself: they are never cut."""


def describe_reason(reason: Reason) -> Text:
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
    de, en = (_word_fields(reason, language) for language in ("de", "en"))
    return Text(words.de.format_map(de), words.en.format_map(en))


def _word_fields(reason: Reason, language: Language) -> dict[str, str]:
    return {
        field.name: _word_field(field.name, getattr(reason, field.name), language)
        for field in fields(reason)
    }


def _word_field(name: str, value: Any, language: Language) -> str:
    if name in DATES:
        return format_iso_date(value, language)
    if name in WHOLE:
        return str(value)
    if isinstance(value, Basis):
        return BASES[value].in_language(language)
    if isinstance(value, float):
        return format_metres(value, language)
    if isinstance(value, tuple):
        return list_words([quote(one) for one in value], language)
    return quote(value)


def _choose_range(reason: reasons.NumberRange) -> Text:
    words = Text(
        "Angegeben sind die Hausnummern {ends}; gezeigt wird ihre Mitte",
        "Numbers {ends} were given; the point midway is shown",
    )
    if reason.estimated:
        more = "; der Ort von {estimated} ist geschätzt", "; the place of {estimated} is estimated"
        words = Text(words.de + more[0], words.en + more[1])
    return Text(f"{words.de}.", f"{words.en}.")


ROUGHLY = Text(
    "nur ungefähr bekannt ({basis}, auf {radius_m} genau)",
    "known only roughly ({basis}, to within {radius_m})",
)
NOT_KNOWN = Text("nicht bekannt", "not known")


def _choose_rough_street(reason: reasons.StreetRoughly) -> Text:
    how = NOT_KNOWN if reason.radius_m is None else ROUGHLY
    return Text(
        f"Die Straße {{street}} gibt es, ihr Ort ist aber {how.de}.",
        f"{{street}} exists, but its place is {how.en}.",
    )


def _choose_rough_number(reason: reasons.NumberConfirmed) -> Text:
    how = NOT_KNOWN if reason.radius_m is None else ROUGHLY
    return Text(
        f"Hausnummer {{number}} gibt es, ihr Ort ist aber {how.de}.",
        f"Number {{number}} exists, but its place is {how.en}.",
    )


def _choose_unknown_number(reason: reasons.NumberUnknown) -> Text:
    known = Text("", "")
    if reason.bounds is not None:
        low, high = reason.bounds
        known = Text(f" (bekannt sind {low} bis {high})", f" (known are {low} to {high})")
    shown = Text("; es wird nur die Straße gezeigt.", "; only the street is shown.")
    if not reason.is_shown:
        shown = Text(", und auch der Ort der Straße nicht.", ", nor is the place of the street.")
    return Text(
        f"Hausnummer {{number}} ist für {{street}} nicht bekannt{known.de}{shown.de}",
        f"Number {{number}} of {{street}} is not known{known.en}{shown.en}",
    )


def _choose_ambiguous(reason: reasons.Ambiguous) -> Text:
    if reason.readings == 1:
        return Text(
            "Diese Schreibweise ist nicht bekannt; vielleicht ist die gezeigte Adresse gemeint.",
            "This spelling is not known; perhaps the address shown is meant.",
        )
    return Text(
        "Die Angabe passt auf {readings} Adressen; bitte wählen Sie eine davon.",
        "This fits {readings} addresses; please choose one of them.",
    )


def _choose_district(reason: reasons.OtherDistrict) -> Text:
    if len(reason.given) == 1:
        return Text(
            "Angegeben ist Stadtbezirk {given}, die Adresse liegt in Stadtbezirk {found}.",
            "District {given} is given, the address lies in district {found}.",
        )
    return Text(
        "Angegeben sind die Stadtbezirke {given}, die Adresse liegt in {found}.",
        "Districts {given} are given, the address lies in {found}.",
    )


def _choose_set_aside(reason: reasons.SetAside) -> Text:
    words = [quote(word).replace("{", "{{").replace("}", "}}") for word in reason.words]
    de, en = (", ".join(f"„{word}“" for word in words), ", ".join(f"“{word}”" for word in words))
    return Text(f"Für den Ort nicht gebraucht: {de}.", f"Not needed for the place: {en}.")


def _choose_digits(reason: reasons.DigitsRead) -> Text:
    plain = "".join(str(decimal(digit)) for digit in reason.digits)
    return Text(
        f"Die Ziffern „{{digits}}“ wurden als {plain} gelesen.",
        f"The digits “{{digits}}” were read as {plain}.",
    )


CHOICES: Mapping[type[Reason], Callable[[Any], Text]] = {
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


def describe_reasons(found: Iterable[Reason]) -> Text:
    """Return several reasons one after the other; the empty text without any."""
    return join_texts(*map(describe_reason, found))


def list_reasons(found: Iterable[Reason]) -> tuple[Text, ...]:
    """Return several reasons, a sentence each."""
    return tuple(map(describe_reason, found))


def describe_note(note: RowNote) -> Text:
    """Return what is to be known of a row of a list."""
    return describe_reasons(note.reasons)


def describe_warning(warning: ListRowWarning) -> str:
    """Return a warning about a row of a list as one English line."""
    told = describe_reasons(one for one in warning.reasons if isinstance(one, Reason))
    return f"{quote(warning.site)}: {told.en} ({warning.where})"


@dataclass(frozen=True)
class RowWords:
    """Words the rows of a geocoded table in one language."""

    language: Language

    def __call__(self, result: GeocodeResult, /) -> tuple[str, str]:
        """Return the cells ``contradictions`` and ``explanation`` of a row."""
        told = [describe_reasons(result.explanation), *list_reasons(result.notes)]
        if result.alternatives:
            labels = "; ".join(alternative.label for alternative in result.alternatives)
            told.append(Text(f"Möglich: {labels}.", f"Possible: {labels}."))
        against = describe_reasons(result.contradictions)
        return against.in_language(self.language), join_texts(*told).in_language(self.language)
