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
    "nordrhein westfalen brd d de nr no hnr hausnr hausnummer adresse anschrift strasse "
    "plz postleitzahl"
)
"""Words that say nothing new beside the names of the region."""


INSTITUTION = re.compile(
    r"(?<![a-z])(?:e\.\s?v\.?|ev|g?gmbh|mbh|gag|kg|ohg|gbr|c/o|ggs|kgs|awo|drk|asb|vhs|jobcenter"
    r"|welcome|[a-z-]*(?:zentrum|schule|kita|kindergarten|kirche|moschee|synagoge|praxis|kanzlei"
    r"|apotheke|klinik|krankenhaus|rathaus|buergerhaus|kaufhaus|parkhaus|museum|theater|hotel"
    r"|bibliothek|buecherei|beratung|verein|verband|stiftung|beratungsstelle|geschaeftsstelle"
    r"|zweigstelle|anlaufstelle|(?:wohn|alten|pflege|senioren|kinder|jugend|vereins|pfarr)heim"
    r"|gymnasium|universitaet|akademie"
    r"|institut|agentur|center|treff|treffpunkt|point|caritas|diakonie|feuerwehr|polizei|amt"
    r"|sparkasse|bank|restaurant|cafe))(?![a-z])"
)
"""Words of offices, firms and homes, whose names may hold what else would be read as a place."""
_ACCESS = _words(
    "barrierefrei barrierearm rollstuhlgerecht behindertengerecht rollstuhlgeeignet ebenerdig "
    "stufenlos aufzug fahrstuhl lift parkplatz parkplaetze"
)
"""Words that may be denied without denying the house: nicht barrierefrei."""
_REMARKS = _ACCESS | _words(
    "klingeln laden ladenlokal ladengeschaeft geschaeft "
    "kiosk werkstatt lager garage wohnung wohnhaus privat dienstlich sitz hauptsitz zentrale "
    "verwaltung empfang rezeption foyer buero aussenstelle nebenstelle filiale neubau altbau "
    "hauptgebaeude haupthaus innenstadt ortsmitte ortskern stadtzentrum "
    "neu renoviert saniert postanschrift besucheradresse hausanschrift "
    "mo di mi do fr sa so montags dienstags mittwochs donnerstags freitags samstags sonntags "
    "taeglich werktags vormittags nachmittags geoeffnet"
)
"""Words of remarks that change neither house nor town."""
_REMARK_LINKS = _words(
    "mit ohne und im in am an der die das den sehr ist sind nur auch bitte vorhanden"
)
_DENIALS = _words("nicht kein keine")
_PART_OR_TOWN = _words("hof halle saal")
"""Parts of a building or plot that are names of towns too."""
_LARGE_TOWNS = _words("halle")
_COMMON_WORDS = _words(
    "au aue berg bogen buch forst heide horn horst kirchen linden norden rain rohr rot stein wehr"
)
"""Names of towns that may be a remark in brackets, so that no other town is certain."""
_HOUSE_END = re.compile(r"[0-9]\s?[a-z]?/?\Z")
_IN_BRACKETS = re.compile(r"(?:[(\[][^)\]]*|\")\Z")
_POSTCODE_END = re.compile(r"[0-9]{5}\Z")
CONTACT = re.compile(
    r"(?<!\w)(?:(?:tele?(?:fon|fax)?|fon|fax|mobil|handy)[.:\s]*[+(]?(?:49|0)[0-9\s()/-]{5,}"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+|(?:https?://|www\.)\S+)|(?<=[a-zäöüß]{3})\s\(d\)\Z"
)
"""A telephone number, address in the web, or sign of this country in brackets."""
ENTRANCE = re.compile(
    r"(?:\w*(?:eingang|zugang|zufahrt|einfahrt)|zutritt|klingeln?|haltestelle|[us]-?bahn)\b[^0-9]*"
)


def is_remark(phrase: str) -> bool:
    """Tell whether a phrase is a remark that changes neither house nor town: barrierefrei."""
    words = {word_key(word) for word in re.split(r"[\s/-]+", phrase)} - {""}
    remarks = _ACCESS if words & _DENIALS else _REMARKS
    return not remarks.isdisjoint(words) and words <= _REMARKS | _REMARK_LINKS | _DENIALS


def is_part_of_building(name: str, text: str, *, is_pinned: bool) -> bool:
    """Tell whether a name that towns have too (Hof) is a part of the house where it stands.

    In brackets, right behind the number, or where the address says its town besides; not behind a
    postcode, and not where a comma sets it in the place of a town.
    """
    key = word_key(name)
    if key not in _PART_OR_TOWN:
        return False
    before = text[: max(text.find(name), 0)].rstrip()
    if _POSTCODE_END.search(before.rstrip(" ,")) is not None:
        return False
    is_behind = key not in _LARGE_TOWNS and _HOUSE_END.search(before.lower()) is not None
    return is_pinned or _IN_BRACKETS.search(before) is not None or is_behind


def may_be_remark(name: str, text: str) -> bool:
    """Tell whether the name of a town is a common word in brackets of its own."""
    return word_key(name) in _COMMON_WORDS and f"({name})" in text


def is_no_town(name: str) -> bool:
    """Tell whether a name that ends as those of towns do tells of something else: Wohnheim."""
    small = to_ascii(name)
    is_told = INSTITUTION.search(small) or ENTRANCE.match(small) or small.startswith("bei ")
    return bool(is_told) or is_remark(name)


def word_key(word: str) -> str:
    """Return the key under which a word stands in the lists of this module."""
    return to_ascii(word).replace(".", "").strip(" :-'’")


def ends_as_street(name: str) -> bool:
    """Tell whether a name ends in a common type of street: Straße, Weg."""
    return _ENDS_AS_STREET.search(to_ascii(name)) is not None
