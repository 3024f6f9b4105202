"""Say in plain words why no choice can meet the constraints, before any solver is asked."""

from __future__ import annotations

import numpy as np

from welcomemap.errors import quote
from welcomemap.siting.objective import Judge
from welcomemap.siting.problem import Floats
from welcomemap.wording import Text, format_number

MAX_NAMED = 5
NO_CHOICE = Text(
    "Keine Auswahl erfüllt alle Bedingungen zugleich.", "No choice meets all conditions at once."
)


def explain_infeasible(judge: Judge) -> Text | None:
    """Return the first reason found why the problem has no answer, ``None`` if none is obvious."""
    return _explain_number(judge) or _explain_rules(judge) or _explain_reach(judge)


def _explain_number(judge: Judge) -> Text | None:
    problem, p = judge.problem, judge.request.p
    n, n_required = len(problem.candidates), len(problem.constraints.required)
    if p is None:
        return None
    if n == 0:
        return Text("Es gibt keine Kandidaten.", "There are no candidates.")
    if p > n:
        return Text(
            f"{p} Standorte sind verlangt, es gibt aber nur {n} Kandidaten.",
            f"{p} sites are asked for, but there are only {n} candidates.",
        )
    if n_required > p:
        return Text(
            f"{n_required} Standorte sind Pflicht, aber nur {p} sollen eröffnet werden.",
            f"{n_required} sites are required, but only {p} are to be opened.",
        )
    return None


def _explain_rules(judge: Judge) -> Text | None:
    problem, constraints = judge.problem, judge.problem.constraints
    usable = {*problem.candidates, *constraints.existing}
    for rule in constraints.groups:
        available = len(usable.intersection(rule.members))
        if available < rule.at_least:
            name = quote(rule.name)
            return Text(
                f"„{name}“ verlangt {rule.at_least} Standorte, möglich sind {available}.",
                f"“{name}” asks for {rule.at_least} sites, {available} are possible.",
            )
    if constraints.budget is None or constraints.site_cost is None:
        return None
    needed = _cheapest(judge, constraints.site_cost)
    if needed > constraints.budget * (1 + 1e-9):
        return Text(
            f"Die Mittel ({format_number(constraints.budget, 'de')}) reichen nicht: "
            f"die günstigste Auswahl kostet {format_number(needed, 'de')}.",
            f"The budget ({format_number(constraints.budget, 'en')}) is too small: "
            f"the cheapest choice costs {format_number(needed, 'en')}.",
        )
    return None


def _cheapest(judge: Judge, site_cost: Floats) -> float:
    required = list(judge.problem.constraints.required)
    missing = max(0, (judge.request.p or 0) - len(required))
    others = np.sort(site_cost[list(judge.problem.optional)])[:missing]
    return float(site_cost[required].sum() + others.sum())


def _explain_reach(judge: Judge) -> Text | None:
    problem, model = judge.problem, judge.request.model
    usable = [*problem.candidates, *problem.constraints.existing]
    if model in ("p-median", "p-center"):
        reaches = np.isfinite(judge.cost[:, usable]).any(axis=1)
    elif model == "lscp" or (model == "backup" and judge.request.is_full_cover_required):
        reaches = judge.within[:, usable].any(axis=1)
    else:
        return None
    if reaches.all():
        return None
    rows = np.flatnonzero(problem.weights > 0)[~reaches]
    named = ", ".join(quote(problem.demand_ids[row]) for row in rows[:MAX_NAMED])
    more = " …" if len(rows) > MAX_NAMED else ""
    return Text(
        f"Für {len(rows)} Orte ist kein möglicher Standort erreichbar: {named}{more}.",
        f"{len(rows)} demand points reach no possible site: {named}{more}.",
    )
