"""What became of an address, and what is to be known of a row of a list, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import singledispatch
from unicodedata import decimal

from welcomemap.errors import ListRowWarning, quote
from welcomemap.geocoding import reasons
from welcomemap.geocoding.outcome import GeocodeResult
from welcomemap.geocoding.reasons import Basis
from welcomemap.reasons import Reason
from welcomemap.region.scenario import ClosedBefore, OpensLater, RowNote
from welcomemap.wording import (
    LANGUAGES,
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


@singledispatch
def describe_reason(reason: Reason) -> Text:
    """Return one reason as a sentence.

    Raises
    ------
    TypeError
        If there are no words for its kind.
    """
    raise TypeError(f"there are no words for {reason!r}")


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


@describe_reason.register
def _(_: reasons.Listed) -> Text:
    return Text("Die Adresse steht im Adressverzeichnis.", "The address is in the address list.")


@describe_reason.register
def _(reason: reasons.Corrected) -> Text:
    return Text(
        f"Die Straße wurde als {reason.street} gelesen; geschrieben war „{quote(reason.typed)}“.",
        f"The street was read as {reason.street}; “{quote(reason.typed)}” was written.",
    )


@describe_reason.register
def _(reason: reasons.AmongWords) -> Text:
    return Text(
        f"Die Straße {reason.street} wurde zwischen anderen Wörtern gefunden.",
        f"The street {reason.street} was found among other words.",
    )


@describe_reason.register
def _(reason: reasons.Interpolated) -> Text:
    return Text(
        f"Hausnummer {reason.number} fehlt im Verzeichnis; ihr Ort ist zwischen Nummer "
        f"{list_words(reason.used, 'de')} geschätzt.",
        f"Number {reason.number} is not in the list; its place is estimated between numbers "
        f"{list_words(reason.used, 'en')}.",
    )


@describe_reason.register
def _(reason: reasons.Suspect) -> Text:
    return Text(
        f"Hausnummer {reason.number} ist bekannt, ihr verzeichneter Ort widerspricht aber den "
        f"Nachbarn; der Ort ist nach Nummer {list_words(reason.used, 'de')} geschätzt.",
        f"Number {reason.number} is known, but its recorded place contradicts its neighbours; the "
        f"place is estimated from number {list_words(reason.used, 'en')}.",
    )


@describe_reason.register
def _(reason: reasons.NearestNumber) -> Text:
    return Text(
        f"Hausnummer {reason.asked} ist nicht bekannt; gezeigt wird die nächste bekannte Nummer "
        f"{reason.found}.",
        f"Number {reason.asked} is not known; the nearest known number {reason.found} is shown.",
    )


@describe_reason.register
def _(reason: reasons.NumberRange) -> Text:
    de, en = (list_words(reason.ends, k) for k in LANGUAGES)
    german = f"Angegeben sind die Hausnummern {de}; gezeigt wird ihre Mitte"
    english = f"Numbers {en} were given; the point midway is shown"
    if reason.estimated:
        de, en = (list_words(reason.estimated, k) for k in LANGUAGES)
        german += f"; der Ort von {de} ist geschätzt"
        english += f"; the place of {en} is estimated"
    return Text(f"{german}.", f"{english}.")


@describe_reason.register
def _(reason: reasons.StreetOnly) -> Text:
    return Text(
        f"Ohne Hausnummer: gezeigt wird die Mitte der Straße {reason.street}.",
        f"Without a house number: the middle of {reason.street} is shown.",
    )


@describe_reason.register
def _(reason: reasons.StreetRoughly) -> Text:
    if reason.radius_m is None:
        return Text(
            f"Die Straße {reason.street} gibt es, ihr Ort ist aber nicht bekannt.",
            f"{reason.street} exists, but its place is not known.",
        )
    roughly = _word_roughly(reason.radius_m, reason.basis)
    return Text(
        f"Die Straße {reason.street} gibt es, ihr Ort ist aber {roughly.de}.",
        f"{reason.street} exists, but its place is {roughly.en}.",
    )


def _word_roughly(radius_m: float, basis: Basis) -> Text:
    de, en = (format_metres(radius_m, k) for k in LANGUAGES)
    return Text(
        f"nur ungefähr bekannt ({BASES[basis].de}, auf {de} genau)",
        f"known only roughly ({BASES[basis].en}, to within {en})",
    )


@describe_reason.register
def _(reason: reasons.NumberUnknown) -> Text:
    german = f"Hausnummer {reason.number} ist für {reason.street} nicht bekannt"
    english = f"Number {reason.number} of {reason.street} is not known"
    if reason.bounds is not None:
        low, high = reason.bounds
        german += f" (bekannt sind {low} bis {high})"
        english += f" (known are {low} to {high})"
    if not reason.is_shown:
        return Text(
            f"{german}, und auch der Ort der Straße nicht.",
            f"{english}, nor is the place of the street.",
        )
    return Text(
        f"{german}; es wird nur die Straße gezeigt.", f"{english}; only the street is shown."
    )


@describe_reason.register
def _(reason: reasons.NumberConfirmed) -> Text:
    if reason.radius_m is None:
        return Text(
            f"Hausnummer {reason.number} gibt es, ihr Ort ist aber nicht bekannt.",
            f"Number {reason.number} exists, but its place is not known.",
        )
    roughly = _word_roughly(reason.radius_m, reason.basis)
    return Text(
        f"Hausnummer {reason.number} gibt es, ihr Ort ist aber {roughly.de}.",
        f"Number {reason.number} exists, but its place is {roughly.en}.",
    )


@describe_reason.register
def _(reason: reasons.KnownFacility) -> Text:
    return Text(
        f"{quote(reason.name)} ist als Einrichtung bekannt: {reason.address}.",
        f"{quote(reason.name)} is known as a facility: {reason.address}.",
    )


@describe_reason.register
def _(reason: reasons.Ambiguous) -> Text:
    if reason.readings == 1:
        return Text(
            "Diese Schreibweise ist nicht bekannt; vielleicht ist die gezeigte Adresse gemeint.",
            "This spelling is not known; perhaps the address shown is meant.",
        )
    return Text(
        f"Die Angabe passt auf {reason.readings} Adressen; bitte wählen Sie eine davon.",
        f"This fits {reason.readings} addresses; please choose one of them.",
    )


@describe_reason.register
def _(reason: reasons.OtherTown) -> Text:
    return Text(
        f"„{quote(reason.name)}“ liegt nicht in {reason.town}.",
        f"“{quote(reason.name)}” does not lie in {reason.town}.",
    )


@describe_reason.register
def _(reason: reasons.OtherTownsPostcode) -> Text:
    return Text(
        f"Die Postleitzahl {reason.postcode} gehört nicht zu {reason.town}.",
        f"The postcode {reason.postcode} does not belong to {reason.town}.",
    )


@describe_reason.register
def _(reason: reasons.StreetUnknown) -> Text:
    return Text(
        f"„{quote(reason.name)}“ ist in {reason.town} nicht bekannt.",
        f"“{quote(reason.name)}” is not known in {reason.town}.",
    )


@describe_reason.register
def _(_: reasons.NoStreet) -> Text:
    return Text("Es ist keine Straße angegeben.", "No street is given.")


@describe_reason.register
def _(reason: reasons.NoAddress) -> Text:
    return Text(
        f"Die Angabe ist keine Adresse ({reason.what}).", f"This is no address ({reason.what})."
    )


@describe_reason.register
def _(_: reasons.EmptyRow) -> Text:
    return Text("Die Zeile enthält keine Adresse.", "The row holds no address.")


@describe_reason.register
def _(reason: reasons.OtherPostcode) -> Text:
    return Text(
        f"Angegeben ist die Postleitzahl {reason.given}, die Adresse hat {reason.found}.",
        f"The postcode given is {reason.given}, the address has {reason.found}.",
    )


@describe_reason.register
def _(reason: reasons.FarPostcode) -> Text:
    de, en = (format_metres(reason.distance_m, k) for k in LANGUAGES)
    return Text(
        f"Die angegebene Postleitzahl {reason.given} beginnt erst {de} weiter.",
        f"The postcode given, {reason.given}, begins {en} further away.",
    )


@describe_reason.register
def _(reason: reasons.NeighbouringPostcode) -> Text:
    return Text(
        f"Angegeben ist die Postleitzahl {reason.given}; nach der Lage ist {reason.found} "
        "wahrscheinlicher.",
        f"The postcode given is {reason.given}; going by the place, {reason.found} is likelier.",
    )


@describe_reason.register
def _(reason: reasons.Elsewhere) -> Text:
    return Text(
        f"Gefunden wurde {reason.label}; Postleitzahl und Stadtteil oder Stadtbezirk der Angabe "
        "liegen aber beide Kilometer entfernt. Bitte prüfen Sie, welche Adresse gemeint ist.",
        f"{reason.label} was found, but the postcode and the quarter or district given both lie "
        "kilometres away. Please check which address is meant.",
    )


@describe_reason.register
def _(reason: reasons.OtherQuarter) -> Text:
    return Text(
        f"Angegeben ist „{quote(reason.given)}“, die Adresse liegt in {reason.found}.",
        f"“{quote(reason.given)}” is given, the address lies in {reason.found}.",
    )


@describe_reason.register
def _(reason: reasons.OtherDistrict) -> Text:
    de, en = (list_words([str(number) for number in reason.given], k) for k in LANGUAGES)
    if len(reason.given) == 1:
        return Text(
            f"Angegeben ist Stadtbezirk {de}, die Adresse liegt in Stadtbezirk {reason.found}.",
            f"District {en} is given, the address lies in district {reason.found}.",
        )
    return Text(
        f"Angegeben sind die Stadtbezirke {de}, die Adresse liegt in {reason.found}.",
        f"Districts {en} are given, the address lies in {reason.found}.",
    )


@describe_reason.register
def _(reason: reasons.NotUnderstood) -> Text:
    return Text(
        f"Der Zusatz „{quote(reason.words)}“ wurde nicht verstanden.",
        f"The words “{quote(reason.words)}” were not understood.",
    )


@describe_reason.register
def _(reason: reasons.NumberPartlyRead) -> Text:
    unread = quote(reason.unread)
    return Text(
        f"Der Zusatz „{unread}“ zur Hausnummer {reason.number} wurde nicht verstanden.",
        f"“{unread}” beside number {reason.number} was not understood.",
    )


@describe_reason.register
def _(reason: reasons.SetAside) -> Text:
    de = _quote_all(reason.words, "„{}“")
    en = _quote_all(reason.words, "“{}”")
    return Text(f"Für den Ort nicht gebraucht: {de}.", f"Not needed for the place: {en}.")


def _quote_all(words: Sequence[str], quotes: str) -> str:
    return ", ".join(quotes.format(quote(word)) for word in words)


@describe_reason.register
def _(reason: reasons.OtherHouse) -> Text:
    words = quote(reason.words)
    return Text(
        f"Mit „{words}“ ist vielleicht nicht oder nicht nur Nummer {reason.number} gemeint.",
        f"“{words}” may not mean number {reason.number}, or not that alone.",
    )


@describe_reason.register
def _(reason: reasons.OtherPlaceNamed) -> Text:
    words = quote(reason.words)
    return Text(
        f"Gefunden wurde {reason.label}; „{words}“ kann aber einen anderen Ort meinen. "
        "Bitte prüfen Sie, welche Adresse gemeint ist.",
        f"{reason.label} was found, but “{words}” may mean another place. "
        "Please check which address is meant.",
    )


@describe_reason.register
def _(reason: reasons.NumberShown) -> Text:
    return Text(f"Gezeigt wird Nummer {reason.number}.", f"Number {reason.number} is shown.")


@describe_reason.register
def _(reason: reasons.DigitsRead) -> Text:
    plain = "".join(str(decimal(digit)) for digit in reason.digits)
    return Text(
        f"Die Ziffern „{reason.digits}“ wurden als {plain} gelesen.",
        f"The digits “{reason.digits}” were read as {plain}.",
    )


@describe_reason.register
def _(reason: reasons.CellDropped) -> Text:
    cell = quote(reason.cell)
    return Text(f"„{cell}“ wurde nicht gelesen.", f"“{cell}” was not read.")


@describe_reason.register
def _(reason: reasons.NotHeldAgainst) -> Text:
    column, text = quote(reason.column), quote(reason.text)
    return Text(
        f"In der Spalte „{column}“ steht „{text}“; sie nennt nach ihrer Überschrift keinen Ort und"
        " wurde der Adresse nicht entgegengehalten.",
        f"The column “{column}” says “{text}”; by its heading it names no place, and it was not"
        " held against the address.",
    )


@describe_reason.register
def _(reason: reasons.ColumnSays) -> Text:
    column, text = quote(reason.column), quote(reason.text)
    return Text(
        f"Gefunden wurde {reason.label}; in der Spalte „{column}“ steht aber „{text}“. Bitte prüfen"
        " Sie, welche Adresse gemeint ist.",
        f"{reason.label} was found, but the column “{column}” says “{text}”. Please check which"
        " address is meant.",
    )


@describe_reason.register
def _(reason: reasons.OtherMunicipalKey) -> Text:
    return Text(
        f"Der Gemeindeschlüssel {reason.key} gehört nicht zu {reason.town}.",
        f"The municipal key {reason.key} does not belong to {reason.town}.",
    )


@describe_reason.register
def _(reason: reasons.OtherCountry) -> Text:
    text = quote(reason.text)
    return Text(f"Als Land ist „{text}“ angegeben.", f"The country given is “{text}”.")


@describe_reason.register
def _(reason: reasons.FoundByService) -> Text:
    service = quote(reason.service)
    return Text(
        f"Das Adressverzeichnis kennt die Adresse nicht; der Dienst {service} hat sie gefunden.",
        f"The address list does not know the address; the service {service} found it.",
    )


@describe_reason.register
def _(reason: reasons.NotConfirmed) -> Text:
    return Text(
        f"Hausnummer {reason.number} hat der Dienst nicht bestätigt; gezeigt wird nur die Straße.",
        f"The service did not confirm number {reason.number}; only the street is shown.",
    )


@describe_reason.register
def _(reason: reasons.ServiceSilent) -> Text:
    service = quote(reason.service)
    return Text(
        f"Der Dienst {service} gab keine Antwort; später kann es eine geben.",
        f"The service {service} gave no answer ({reason.what}); there may be one later.",
    )


@describe_reason.register
def _(reason: reasons.ServiceUnsure) -> Text:
    service = quote(reason.service)
    return Text(
        f"Auch der Dienst {service} hat hier keine passende Adresse gefunden.",
        f"The service {service} found no fitting address here either.",
    )


@describe_reason.register
def _(reason: ClosedBefore) -> Text:
    (until_de, at_de), (until_en, at_en) = _word_dates(reason.valid_to, reason.reference)
    return Text(
        f"Laut Liste galt der Standort bis {until_de}; Stichtag ist {at_de}. Er zählt als "
        "geschlossen.",
        f"By the list the site was valid until {until_en}; the date of reference is {at_en}. It "
        "counts as closed.",
    )


@describe_reason.register
def _(reason: OpensLater) -> Text:
    (since_de, at_de), (since_en, at_en) = _word_dates(reason.valid_from, reason.reference)
    return Text(
        f"Laut Liste gilt der Standort ab {since_de}; Stichtag ist {at_de}. Er zählt als geplant.",
        f"By the list the site is valid from {since_en}; the date of reference is {at_en}. It "
        "counts as planned.",
    )


def _word_dates(*dates: str) -> tuple[list[str], list[str]]:
    de, en = ([format_iso_date(date, k) for date in dates] for k in LANGUAGES)
    return de, en
