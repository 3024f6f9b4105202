"""What became of an address, in one plain sentence, German and English."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import decimal

from welcomemap.errors import quote
from welcomemap.wording import Text, format_metres, list_words

EXACT = Text("Die Adresse steht im Adressverzeichnis.", "The address is in the address list.")


def corrected(typed: str, street: str) -> Text:
    """Explain a street found under another spelling."""
    return Text(
        f"Die Straße wurde als {street} gelesen; geschrieben war „{quote(typed)}“.",
        f"The street was read as {street}; “{quote(typed)}” was written.",
    )


def among_words(street: str) -> Text:
    """Explain a street found where other words stand around its name."""
    return Text(
        f"Die Straße {street} wurde zwischen anderen Wörtern gefunden.",
        f"The street {street} was found among other words.",
    )


def interpolated(number: str, used: Sequence[str]) -> Text:
    """Explain a house placed between its neighbours."""
    return Text(
        f"Hausnummer {number} fehlt im Verzeichnis; ihr Ort ist zwischen Nummer "
        f"{list_words(used, 'de')} geschätzt.",
        f"Number {number} is not in the list; its place is estimated between numbers "
        f"{list_words(used, 'en')}.",
    )


def suspect(number: str, used: Sequence[str]) -> Text:
    """Explain a known house whose recorded place contradicts its neighbours."""
    return Text(
        f"Hausnummer {number} ist bekannt, ihr verzeichneter Ort widerspricht aber den Nachbarn; "
        f"der Ort ist nach Nummer {list_words(used, 'de')} geschätzt.",
        f"Number {number} is known, but its recorded place contradicts its neighbours; the place "
        f"is estimated from number {list_words(used, 'en')}.",
    )


def nearest_number(asked: str, found: str) -> Text:
    """Explain an answer from the nearest known number."""
    return Text(
        f"Hausnummer {asked} ist nicht bekannt; gezeigt wird die nächste bekannte Nummer {found}.",
        f"Number {asked} is not known; the nearest known number {found} is shown.",
    )


def number_range(ends: Sequence[str], estimated: Sequence[str]) -> Text:
    """Explain a range or list: its midpoint is shown."""
    german = f"Angegeben sind die Hausnummern {list_words(ends, 'de')}; gezeigt wird ihre Mitte"
    english = f"Numbers {list_words(ends, 'en')} were given; the point midway is shown"
    if estimated:
        german += f"; der Ort von {list_words(estimated, 'de')} ist geschätzt"
        english += f"; the place of {list_words(estimated, 'en')} is estimated"
    return Text(f"{german}.", f"{english}.")


def street_only(street: str) -> Text:
    """Explain a street without a house number."""
    return Text(
        f"Ohne Hausnummer: gezeigt wird die Mitte der Straße {street}.",
        f"Without a house number: the middle of {street} is shown.",
    )


def street_roughly(street: str, radius_m: float | None, basis: Text) -> Text:
    """Explain a known street whose place is not known, or only from its surroundings."""
    if radius_m is None:
        return Text(
            f"Die Straße {street} gibt es, ihr Ort ist aber nicht bekannt.",
            f"{street} exists, but its place is not known.",
        )
    german, english = format_metres(radius_m, "de"), format_metres(radius_m, "en")
    return Text(
        f"Die Straße {street} gibt es, ihr Ort ist aber nur ungefähr bekannt ({basis.de}, auf "
        f"{german} genau).",
        f"{street} exists, but its place is known only roughly ({basis.en}, to within {english}).",
    )


def number_unknown(
    number: str, street: str, bounds: tuple[int, int] | None, *, is_shown: bool = True
) -> Text:
    """Explain a number that is not on the street, nor near one that is."""
    german = f"Hausnummer {number} ist für {street} nicht bekannt"
    english = f"Number {number} of {street} is not known"
    if bounds is not None:
        german += f" (bekannt sind {bounds[0]} bis {bounds[1]})"
        english += f" (known are {bounds[0]} to {bounds[1]})"
    if not is_shown:
        return Text(
            f"{german}, und auch der Ort der Straße nicht.",
            f"{english}, nor is the place of the street.",
        )
    return Text(
        f"{german}; es wird nur die Straße gezeigt.", f"{english}; only the street is shown."
    )


def number_confirmed(number: str, radius_m: float | None, basis: Text) -> Text:
    """Explain a known house number whose place is not known."""
    if radius_m is None:
        return Text(
            f"Hausnummer {number} gibt es, ihr Ort ist aber nicht bekannt.",
            f"Number {number} exists, but its place is not known.",
        )
    german, english = format_metres(radius_m, "de"), format_metres(radius_m, "en")
    return Text(
        f"Hausnummer {number} gibt es, ihr Ort ist aber nur ungefähr bekannt ({basis.de}, auf "
        f"{german} genau).",
        f"Number {number} exists, but its place is known only roughly ({basis.en}, to within "
        f"{english}).",
    )


BY_NEIGHBOURS = Text("nach den Nachbarhäusern", "from the neighbouring houses")
BY_STREET = Text("nach der Straße", "from the street")
BY_WAY = Text("nach dem Verlauf der Straße", "from the course of the street")
BY_POSTCODE = Text("nach der Postleitzahl", "from the postcode")
BY_QUARTER = Text("nach dem Stadtteil", "from the quarter")


def place(name: str, address: str) -> Text:
    """Explain a facility found by its name."""
    return Text(
        f"{quote(name)} ist als Einrichtung bekannt: {address}.",
        f"{quote(name)} is known as a facility: {address}.",
    )


def ambiguous(n_readings: int) -> Text:
    """Explain that several readings fit equally well, or that one may be meant but is not sure."""
    if n_readings == 1:
        return Text(
            "Diese Schreibweise ist nicht bekannt; vielleicht ist die gezeigte Adresse gemeint.",
            "This spelling is not known; perhaps the address shown is meant.",
        )
    return Text(
        f"Die Angabe passt auf {n_readings} Adressen; bitte wählen Sie eine davon.",
        f"This fits {n_readings} addresses; please choose one of them.",
    )


def outside_town(name: str, town: str) -> Text:
    """Explain that another town is named."""
    return Text(
        f"„{quote(name)}“ liegt nicht in {town}.", f"“{quote(name)}” does not lie in {town}."
    )


def outside_postcode(postcode: str, town: str) -> Text:
    """Explain that the postcode belongs to another town."""
    return Text(
        f"Die Postleitzahl {postcode} gehört nicht zu {town}.",
        f"The postcode {postcode} does not belong to {town}.",
    )


def not_found(name: str, town: str) -> Text:
    """Explain that no street of that name is known."""
    return Text(
        f"„{quote(name)}“ ist in {town} nicht bekannt.", f"“{quote(name)}” is not known in {town}."
    )


NO_STREET = Text(
    "Es ist keine Straße angegeben.", "No street is given."
)  # fmt: skip


def refused(what: str) -> Text:
    """Explain that a text cannot be read as an address."""
    return Text(f"Die Angabe ist keine Adresse ({what}).", f"This is no address ({what}).")


def other_postcode(given: str, found: str) -> Text:
    """Report a postcode that contradicts the match."""
    return Text(
        f"Angegeben ist die Postleitzahl {given}, die Adresse hat {found}.",
        f"The postcode given is {given}, the address has {found}.",
    )


def far_postcode(given: str, distance_m: float) -> Text:
    """Report a postcode whose known addresses all lie far from the match."""
    german, english = format_metres(distance_m, "de"), format_metres(distance_m, "en")
    return Text(
        f"Die angegebene Postleitzahl {given} beginnt erst {german} weiter.",
        f"The postcode given, {given}, begins {english} further away.",
    )


def unchecked_postcode(given: str, found: str) -> Text:
    """Note a postcode next door to the inferred one."""
    return Text(
        f"Angegeben ist die Postleitzahl {given}; nach der Lage ist {found} wahrscheinlicher.",
        f"The postcode given is {given}; going by the place, {found} is likelier.",
    )


def elsewhere(label: str) -> Text:
    """Explain why a house is not taken: the postcode and the quarter given are kilometres away."""
    return Text(
        f"Gefunden wurde {label}; Postleitzahl und Stadtteil oder Stadtbezirk der Angabe liegen "
        "aber beide Kilometer entfernt. Bitte prüfen Sie, welche Adresse gemeint ist.",
        f"{label} was found, but the postcode and the quarter or district given both lie "
        "kilometres away. "
        "Please check which address is meant.",
    )


def other_quarter(given: str, found: str) -> Text:
    """Report a quarter that contradicts the match."""
    return Text(
        f"Angegeben ist „{quote(given)}“, die Adresse liegt in {found}.",
        f"“{quote(given)}” is given, the address lies in {found}.",
    )


def other_district(given: int, found: int) -> Text:
    """Report a district that contradicts the match."""
    return Text(
        f"Angegeben ist Stadtbezirk {given}, die Adresse liegt in Stadtbezirk {found}.",
        f"District {given} is given, the address lies in district {found}.",
    )


def not_understood(words: str) -> Text:
    """Report words that were not understood."""
    return Text(
        f"Der Zusatz „{quote(words)}“ wurde nicht verstanden.",
        f"The words “{quote(words)}” were not understood.",
    )


def number_partly_read(number: str, unread: str) -> Text:
    """Report words or signs beside a house number that may change which house is meant."""
    return Text(
        f"Der Zusatz „{quote(unread)}“ zur Hausnummer {number} wurde nicht verstanden.",
        f"“{quote(unread)}” beside number {number} was not understood.",
    )


def set_aside(words: Sequence[str]) -> Text:
    """Note what was read and does not matter for the place: floor, person, institution."""
    german = ", ".join(f"„{quote(w)}“" for w in words)
    english = ", ".join(f"“{quote(w)}”" for w in words)
    return Text(f"Für den Ort nicht gebraucht: {german}.", f"Not needed for the place: {english}.")


def other_house(number: str, words: str) -> Text:
    """Report words that may mean another house than that of the number, or more than one."""
    return Text(
        f"Mit „{quote(words)}“ ist vielleicht nicht oder nicht nur Nummer {number} gemeint.",
        f"“{quote(words)}” may not mean number {number}, or not that alone.",
    )


def other_place(label: str, words: str) -> Text:
    """Explain why a house is not taken: some words may name another place."""
    return Text(
        f"Gefunden wurde {label}; „{quote(words)}“ kann aber einen anderen Ort meinen. "
        "Bitte prüfen Sie, welche Adresse gemeint ist.",
        f"{label} was found, but “{quote(words)}” may mean another place. "
        "Please check which address is meant.",
    )


def number_shown(number: str) -> Text:
    """Say which house is shown."""
    return Text(f"Gezeigt wird Nummer {number}.", f"Number {number} is shown.")


def digits_read(digits: str) -> Text:
    """Note digits of another script that were read as numbers."""
    plain = "".join(str(decimal(digit)) for digit in digits)
    return Text(
        f"Die Ziffern „{digits}“ wurden als {plain} gelesen.",
        f"The digits “{digits}” were read as {plain}.",
    )
