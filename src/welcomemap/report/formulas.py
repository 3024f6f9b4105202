"""Where each number of the paper comes from: the formula behind it and the layers it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from welcomemap.coverage.uncertainty import UncertaintyModel
from welcomemap.describe.words import word_threshold
from welcomemap.region.pack import RegionPack
from welcomemap.report.request import PaperRequest
from welcomemap.wording import Phrase, say, say_number

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
    name: Phrase
    says: Phrase
    layers: tuple[str, ...]
    source: Phrase


MODEL = UncertaintyModel()
"""Settings behind all intervals; a request changes the seed alone."""
OWN = say("welcomemap manual")
FORMULAS = (
    Formula(
        "F1",
        say("sites located"),
        say(
            "Number of open sites of the list whose place lies within the borders of the district. "
            "Disputed sites count as the list has them."
        ),
        ("service_points", "districts"),
        OWN,
    ),
    Formula(
        "F2",
        say("said to serve"),
        say("Number of open sites that the list says serve the district, wherever they lie."),
        ("service_points",),
        OWN,
    ),
    Formula(
        "F3",
        say("people within reach"),
        say(
            "Σ wᵢ over all cells i with minⱼ cᵢⱼ ≤ T; wᵢ people in the cell, cᵢⱼ way from the cell "
            "to site j, T cut-off (inclusive)."
        ),
        ("demand_cells", "service_points", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F4",
        say("share"),
        say("People within reach ÷ all people of the area."),
        ("demand_cells",),
        OWN,
    ),
    Formula(
        "F5",
        say("interval"),
        say(
            "Range that holds {interval}% of {draws} draws with a fixed seed: length of ways, "
            "places of sites, places of people in their cell, borders and numbers of people vary "
            "as far as they are unsure. The estimate itself always lies within.",
            interval=say_number(100 * MODEL.interval),
            draws=say_number(MODEL.draws),
        ),
        ("demand_cells", "service_points", "districts", "quarters", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F6",
        say("other reading"),
        say("As F1, F3 and F4, if the dated reports are right that contradict the list."),
        ("service_points", "site_history"),
        OWN,
    ),
    Formula(
        "F7",
        say("out of reach"),
        say(
            "Σ wᵢ over all cells i of the area with minⱼ cᵢⱼ > T. Ordered by this number. Way: "
            "median of minⱼ cᵢⱼ of all people of the area."
        ),
        ("demand_cells", "quarters", "service_points", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F8",
        say("gained and lost"),
        say(
            "Gained: Σ wᵢ of cells out of reach before and within reach now; lost: the other way "
            "round. Both times with the people of today."
        ),
        ("demand_cells", "service_points", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F9",
        say("more within reach"),
        say(
            "Σ wᵢ of cells that no present site reaches within T but the candidate does. Overlap: "
            "share of those it reaches who reach a site already."
        ),
        ("demand_cells", "candidate_sites", "service_points", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F10",
        say("proof of the best site"),
        say(
            "Maximal Covering Location Problem with p = 1: largest Σ wᵢ of all people within reach "
            "with the sites of the list and one more. If the bound equals the objective, none is "
            "better."
        ),
        ("demand_cells", "candidate_sites", "service_points", *COST_LAYERS),
        say("Church and ReVelle 1974, Papers of the Regional Science Association 32"),
    ),
    Formula(
        "F11",
        say("rank and certainty"),
        say(
            "Rank by weighted criteria, all weights equal. “Gains the most in the draws”: "
            "share of the draws of F5 in which the site gains the most people; ties are split."
        ),
        ("demand_cells", "candidate_sites", "service_points", *COST_LAYERS),
        OWN,
    ),
    Formula(
        "F12",
        say("ways to the candidate"),
        say(
            "Average and 90 percent point of cᵢⱼ of all people; nearest stop on foot, with the "
            "lines that the data know there."
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


def _find_standard(pack: RegionPack, request: PaperRequest) -> Phrase:
    """Return who says that a cut-off is right: standards of the pack are about walking."""
    limit = word_threshold(request.threshold)
    standards = pack.region.get("planning_standards", ()) if request.mode == "walk" else ()
    for standard in standards:
        if standard.get("threshold") == str(request.threshold):
            return say("Cut-off {limit}: {named}", limit=limit, named=standard["source"])
    return say("Cut-off {limit}: chosen for this paper", limit=limit)


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
