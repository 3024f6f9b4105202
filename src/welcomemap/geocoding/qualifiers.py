"""Words that say what a number is, or that a place is beside an address: lists and their keys."""

from __future__ import annotations

import re

from welcomemap.geocoding.spelling import to_ascii

_ENDS_AS_STREET = re.compile(r"(?:strasse|str\.?|weg|allee|gasse|platz|ring|ufer|damm)$")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NOT_THE_HOUSE = _words(
    "gegenueber gegenueberliegend ggue nebenan neben naechst daneben hinter hinterm dahinter "
    "vor vorm davor zwischen bis ab ca circa zirka etwa ungefaehr ff etc usw ua weitere weiteren "
    "weiterer mehrere folgende existiert existierte existent abgerissen abriss zerstoert nicht "
    "nichtig kein keine keiner ehem ehemals ehemalig ehemalige ehemaliger ehemaliges vormals "
    "frueher fruehere ecke eck kreuzung einmuendung hoehe naehe nahe unweit umgebung umkreis "
    "richtung statt anstatt sondern falsch unbekannt ungueltig schraeg rueckseite opposite near "
    "beside behind between not former formerly demolished"
)
"""Words that tell of a place beside an address, of several houses, or that deny it."""
IN_NAMES = _words("vor hinter neben zwischen bis ab ecke eck weitere nahe naehe hoehe")
"""Those of them that names of institutions hold too, if not as their first word."""
NO_HOUSE_NUMBER = _words(
    "whg wohnung wohneinheit we app appartement apartment apt tuer top pf postfach packstation km "
    "kilometer parzelle flur flurstueck gemarkung zimmer zi raum buero box fach schliessfach tel "
    "telefon fon fax handy mobil stellplatz parkplatz garage gleis linie etage stock stockwerk og "
    "ug stiege treppe treppenhaus lager stand platznr kiosk laterne mast baum grab station "
    "haltestelle postleitzahl plz"
)
"""Words before a number that make it the number of something else than a house."""
HOUSE_WORDS = frozenset(("haus", "hs", "h"))
HARMLESS = _words(
    "in der stadt landeshauptstadt hauptstadt gemeinde ortsteil stadtteil ot kreisfreie "
    "stadtbezirk bezirk regierungsbezirk am rhein rh an deutschland germany europa eu nrw "
    "nordrhein westfalen brd d de nr no hnr hausnr hausnummer adresse anschrift strasse"
)
"""Words that say nothing new beside the names of the region."""


def word_key(word: str) -> str:
    """Return the key under which a word stands in the lists of this module."""
    return to_ascii(word).replace(".", "").strip(" :-'’")


def ends_as_street(name: str) -> bool:
    """Tell whether a name ends in a common type of street: Straße, Weg."""
    return _ENDS_AS_STREET.search(to_ascii(name)) is not None
