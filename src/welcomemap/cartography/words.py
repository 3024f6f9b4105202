"""Words of the map itself: buttons, legend, table heads. Everything else comes with the content.

German and English stand here; a page in a further language builds its own :class:`MapWords` from
its catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from welcomemap.style import Sign
from welcomemap.wording import Language


@dataclass(frozen=True)
class MapWords:
    """Every text the map shows of its own accord, in one language.

    ``{name}`` in ``show_on_map`` is replaced by the name of a site or area.
    """

    lang: str
    map_label: str
    legend: str
    zoom_in: str
    zoom_out: str
    whole_area: str
    pan_north: str
    pan_south: str
    pan_west: str
    pan_east: str
    north: str
    close: str
    layers: str
    skip_map: str
    without_script: str
    sources: str
    software: str
    unknown: str
    estimate: str
    show: str
    show_on_map: str
    areas: str
    sites: str
    candidates: str
    name: str
    sign: str
    note: str
    share: str
    unserved: str
    not_located: str
    keyboard_hint: str
    way: str
    estimated_way: str
    reach: str
    estimated_reach: str
    error_ring: str
    border: str
    street: str
    water: str
    share_unknown: str
    gained: str
    lost: str
    signs: dict[Sign, str] = field(default_factory=dict)
    is_right_to_left: bool = False


GERMAN = MapWords(
    lang="de",
    map_label="Karte",
    legend="Legende",
    zoom_in="Vergrößern",
    zoom_out="Verkleinern",
    whole_area="Ganzes Gebiet zeigen",
    pan_north="Nach Norden verschieben",
    pan_south="Nach Süden verschieben",
    pan_west="Nach Westen verschieben",
    pan_east="Nach Osten verschieben",
    north="Norden ist oben",
    close="Schließen",
    layers="Ebenen",
    skip_map="Karte überspringen, zur Tabelle",
    without_script="Die Karte braucht JavaScript. Dieselben Angaben stehen in der Tabelle.",
    sources="Quellen und Lizenzen",
    software="Lizenzen der enthaltenen Programme",
    unknown="keine Angabe",
    estimate="geschätzt",
    show="Zeigen",
    show_on_map="{name} auf der Karte zeigen",
    areas="Gebiete",
    sites="Standorte",
    candidates="Mögliche Standorte",
    name="Name",
    sign="Zeichen",
    note="Hinweis",
    share="Anteil",
    unserved="kein Standort im Gebiet",
    not_located="Ort nicht bekannt",
    keyboard_hint=(
        "Mit der Tabulatortaste zu den Zeichen, Eingabetaste öffnet die Angaben, "
        "Pfeiltasten verschieben die Karte."
    ),
    way="Weg über bekannte Straßen",
    estimated_way="Weg geschätzt (gerade Linie, kein Straßenverlauf)",
    reach="erreichbares Gebiet",
    estimated_reach="erreichbares Gebiet, geschätzt",
    error_ring="Der Standort liegt irgendwo in diesem Kreis",
    border="Grenze",
    street="Hauptstraße, wo bekannt",
    water="Fluss (schematisch)",
    share_unknown="Anteil nicht bekannt",
    gained="neu in Reichweite",
    lost="nicht mehr in Reichweite",
    signs={
        Sign.OPEN: "geöffnet",
        Sign.PLANNED: "geplant",
        Sign.CLOSED: "geschlossen",
        Sign.DISPUTED: "Quellen widersprechen sich",
        Sign.CANDIDATE: "möglicher Standort",
        Sign.CHOSEN: "bester Standort nach Rechnung",
        Sign.ADDRESS: "Ihre Adresse",
        Sign.REVIEW: "bitte prüfen",
    },
)

ENGLISH = MapWords(
    lang="en",
    map_label="Map",
    legend="Legend",
    zoom_in="Zoom in",
    zoom_out="Zoom out",
    whole_area="Show the whole area",
    pan_north="Move north",
    pan_south="Move south",
    pan_west="Move west",
    pan_east="Move east",
    north="North is up",
    close="Close",
    layers="Layers",
    skip_map="Skip the map, go to the table",
    without_script="The map needs JavaScript. The table holds the same facts.",
    sources="Sources and licences",
    software="Licences of the programs inside",
    unknown="not known",
    estimate="estimated",
    show="Show",
    show_on_map="Show {name} on the map",
    areas="Areas",
    sites="Sites",
    candidates="Candidate sites",
    name="Name",
    sign="Sign",
    note="Note",
    share="Share",
    unserved="no site in the area",
    not_located="place not known",
    keyboard_hint="Tab moves to the signs, Enter opens the facts, the arrow keys move the map.",
    way="way along known streets",
    estimated_way="way estimated (straight line, not along streets)",
    reach="area within reach",
    estimated_reach="area within reach, estimated",
    error_ring="The site lies somewhere in this circle",
    border="border",
    street="main street, where known",
    water="river (schematic)",
    share_unknown="share not known",
    gained="newly within reach",
    lost="no longer within reach",
    signs={
        Sign.OPEN: "open",
        Sign.PLANNED: "planned",
        Sign.CLOSED: "closed",
        Sign.DISPUTED: "sources disagree",
        Sign.CANDIDATE: "candidate site",
        Sign.CHOSEN: "best site by calculation",
        Sign.ADDRESS: "your address",
        Sign.REVIEW: "please check",
    },
)


def words_in(language: Language) -> MapWords:
    """Return the words in German or English."""
    return GERMAN if language == "de" else ENGLISH
