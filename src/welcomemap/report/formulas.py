"""Where each number of the paper comes from: the formula behind it and the layers it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from welcomemap.coverage.uncertainty import UncertaintyModel
from welcomemap.describe.words import word_threshold
from welcomemap.region.pack import RegionPack
from welcomemap.report.request import PaperRequest
from welcomemap.wording import LANGUAGES, Text, format_number

COST_LAYERS = ("street_edges", "street_extent", "river", "river_crossings")
TRANSIT_LAYERS = ("stops", "lines", "line_stops")


@dataclass(frozen=True)
class Formula:
    """A formula with the mark that numbers refer to it by.

    Attributes
    ----------
    layers
        Layers of the pack it reads.
    """

    mark: str
    name: Text
    says: Text
    layers: tuple[str, ...]
    source: Text


MODEL = UncertaintyModel()
"""Settings behind all intervals; a request changes the seed alone."""
OWN = Text("Handbuch von welcomemap", "welcomemap manual")
FORMULAS = (
    Formula(
        "F1",
        Text("Standorte im Bezirk", "sites located"),
        Text(
            "Zahl der geöffneten Standorte der Liste, deren Ort in den Grenzen des Bezirks liegt. "
            "Strittige Standorte zählen, wie die Liste sie nennt.",
            "Number of open sites of the list whose place lies within the borders of the district. "
            "Disputed sites count as the list has them.",
        ),
        ("service_points", "districts"),
        OWN,
    ),
    Formula(
        "F2",
        Text("laut Liste zuständig", "said to serve"),
        Text(
            "Zahl der geöffneten Standorte, die laut Liste für den Bezirk zuständig sind, wo immer "
            "sie liegen.",
            "Number of open sites that the list says serve the district, wherever they lie.",
        ),
        ("service_points",),
        OWN,
    ),
    Formula(
        "F3",
        Text("Menschen in Reichweite", "people within reach"),
        Text(
            "Σ wᵢ über alle Zellen i mit minⱼ cᵢⱼ ≤ T; wᵢ Menschen in der Zelle, cᵢⱼ Weg von "
            "der Zelle zum Standort j, T Grenze (einschließlich).",
            "Σ wᵢ over all cells i with minⱼ cᵢⱼ ≤ T; wᵢ people in the cell, cᵢⱼ way from the "
            "cell to site j, T cut-off (inclusive).",
        ),
        ("demand_cells", "service_points", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F4",
        Text("Anteil", "share"),
        Text(
            "Menschen in Reichweite ÷ alle Menschen des Gebiets.",
            "People within reach ÷ all people of the area.",
        ),
        ("demand_cells",),
        OWN,
    ),
    Formula(
        "F5",
        Text("Spanne", "interval"),
        Text(
            f"Bereich, in dem {format_number(100 * MODEL.interval, 'de')} % von "
            f"{format_number(MODEL.draws, 'de')} Ziehungen mit festem Startwert liegen: Länge der "
            "Wege, Ort der Standorte, Ort der Menschen in ihrer Zelle, Grenzen und Zahl der "
            "Menschen schwanken, soweit sie unsicher sind. Die Schätzung selbst liegt immer darin.",
            f"Range that holds {format_number(100 * MODEL.interval, 'en')}% of "
            f"{format_number(MODEL.draws, 'en')} draws with a fixed seed: length of ways, places "
            "of sites, places of people in their cell, borders and numbers of people vary as far "
            "as they are unsure. The estimate itself always lies within.",
        ),
        ("demand_cells", "service_points", "districts", "quarters", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F6",
        Text("andere Lesart", "other reading"),
        Text(
            "Wie F1, F3 und F4, wenn die datierten Berichte stimmen, die der Liste widersprechen.",
            "As F1, F3 and F4, if the dated reports are right that contradict the list.",
        ),
        ("service_points", "site_history"),
        OWN,
    ),
    Formula(
        "F7",
        Text("außer Reichweite", "out of reach"),
        Text(
            "Σ wᵢ über alle Zellen i des Gebiets mit minⱼ cᵢⱼ > T. Geordnet nach dieser Zahl. "
            "Weg: Median der minⱼ cᵢⱼ aller Menschen des Gebiets.",
            "Σ wᵢ over all cells i of the area with minⱼ cᵢⱼ > T. Ordered by this number. Way: "
            "median of minⱼ cᵢⱼ of all people of the area.",
        ),
        ("demand_cells", "quarters", "service_points", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F8",
        Text("gewonnen und verloren", "gained and lost"),
        Text(
            "Gewonnen: Σ wᵢ der Zellen, die früher außer Reichweite waren und jetzt in Reichweite "
            "sind; verloren: umgekehrt. Beide Male gelten die Menschen von heute.",
            "Gained: Σ wᵢ of cells out of reach before and within reach now; lost: the other way "
            "round. Both times with the people of today.",
        ),
        ("demand_cells", "service_points", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F9",
        Text("zusätzlich in Reichweite", "more within reach"),
        Text(
            "Σ wᵢ der Zellen, die kein heutiger Standort, wohl aber der mögliche Standort "
            "innerhalb von T erreicht. Überschneidung: Anteil der von ihm Erreichten, die schon "
            "heute einen Standort erreichen.",
            "Σ wᵢ of cells that no present site reaches within T but the candidate does. Overlap: "
            "share of those it reaches who reach a site already.",
        ),
        ("demand_cells", "candidate_sites", "service_points", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F10",
        Text("Beweis des besten Standorts", "proof of the best site"),
        Text(
            "Maximal Covering Location Problem mit p = 1: größtes Σ wᵢ aller Menschen in "
            "Reichweite mit den Standorten der Liste und einem weiteren. Ist die Schranke gleich "
            "dem Zielwert, gibt es keinen besseren.",
            "Maximal Covering Location Problem with p = 1: largest Σ wᵢ of all people within reach "
            "with the sites of the list and one more. If the bound equals the objective, none is "
            "better.",
        ),
        ("demand_cells", "candidate_sites", "service_points", *COST_LAYERS),
        Text(
            "Church und ReVelle 1974, Papers of the Regional Science Association 32",
            "Church and ReVelle 1974, Papers of the Regional Science Association 32",
        ),
    ),
    Formula(
        "F11",
        Text("Rang und Sicherheit", "rank and certainty"),
        Text(
            "Rang nach gewichteten Kriterien, alle Gewichte gleich. „Gewinnt in den Ziehungen“: "
            "Anteil der Ziehungen aus F5, in denen der Standort die meisten Menschen gewinnt.",
            "Rank by weighted criteria, all weights equal. “Wins in the draws”: share of the draws "
            "of F5 in which the site gains the most people.",
        ),
        ("demand_cells", "candidate_sites", "service_points", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F12",
        Text("Wege zum möglichen Standort", "ways to the candidate"),
        Text(
            "Durchschnitt und 90-Prozent-Punkt der cᵢⱼ aller Menschen; nächste Haltestelle zu "
            "Fuß, mit den Linien, die der Datensatz dort kennt.",
            "Average and 90 percent point of cᵢⱼ of all people; nearest stop on foot, with the "
            "lines that the data know there.",
        ),
        ("demand_cells", "candidate_sites", *TRANSIT_LAYERS, *COST_LAYERS),
        OWN,
    ),
)


def list_formulas(pack: RegionPack, request: PaperRequest) -> tuple[Formula, ...]:
    """Return the formulas of a paper; that of reach names the standard of its own cut-off."""
    source = _find_standard(pack, request)
    return tuple(
        replace(formula, source=source) if formula.mark == "F3" else formula for formula in FORMULAS
    )


def _find_standard(pack: RegionPack, request: PaperRequest) -> Text:
    """Return who says that a cut-off is right: standards of the pack are about walking."""
    limit = Text(*(word_threshold(request.threshold, k) for k in LANGUAGES))
    standards = pack.region.get("planning_standards", ()) if request.mode == "walk" else ()
    for standard in standards:
        if standard.get("threshold") == str(request.threshold):
            named = standard["source"]
            return Text(f"Grenze {limit.de}: {named}", f"Cut-off {limit.en}: {named}")
    return Text(
        f"Grenze {limit.de}: für diese Vorlage gewählt",
        f"Cut-off {limit.en}: chosen for this paper",
    )


def list_layers(
    formula: Formula, pack: RegionPack, mode: str, replaced: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the layers a formula reads in this pack; transit adds its timetable.

    ``replaced`` names the files that are read in the place of layers.
    """
    wanted = formula.layers
    if mode == "transit" and set(COST_LAYERS) <= set(wanted):
        wanted = (*wanted, *(name for name in TRANSIT_LAYERS if name not in wanted))
    return tuple(
        replaced.get(name, name) for name in wanted if name in replaced or pack.has_layer(name)
    )
