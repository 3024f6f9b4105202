"""What does one row of a table get? Its outcome as text, in one language."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from welcomemap.crs import unproject
from welcomemap.errors import UnreadableAddressError, quote
from welcomemap.geocoding import explain
from welcomemap.geocoding.columns import RowAddress
from welcomemap.geocoding.other_places import judge_others
from welcomemap.geocoding.outcome import AddressGeocoder, GeocodeResult, Outcome
from welcomemap.geocoding.placement import SAME_PLOT_RADIUS_M
from welcomemap.wording import Language, Text, join_texts, list_words

OUTCOME_COLUMNS = (
    "outcome", "matched", "lat", "lon", "error_radius_m", "district", "quarter",
    "contradictions", "explanation",
)  # fmt: skip
"""Columns added to the table, in this order. ``error_radius_m`` is rounded up to whole metres,
``lat`` and ``lon`` have seven decimals (1 cm)."""

STATED_ELSEWHERE = "stated_elsewhere"
"""Whether the table states another district; not written to the output."""

ROW_KEYS = frozenset({*OUTCOME_COLUMNS, "x", "y", STATED_ELSEWHERE}) - {"lat", "lon"}
"""What is kept of a row while a run lasts; ``x``, ``y`` become degrees at its end, all at once."""

EMPTY = Text("Die Zeile enthält keine Adresse.", "The row holds no address.")


def answer_row(
    address: RowAddress, geocoder: AddressGeocoder, language: Language
) -> dict[str, str]:
    """Return what became of a row, as text under :data:`ROW_KEYS`."""
    if not address.text:
        result = GeocodeResult(Outcome.NOT_FOUND, EMPTY)
    else:
        try:
            result = geocoder.geocode(address.text, stated_district=address.stated_district)
        except UnreadableAddressError as error:
            result = GeocodeResult(Outcome.NOT_FOUND, explain.refused(error.what))
    result = judge_others(_weaken(result, address), address, geocoder)
    result, is_elsewhere = _compare_districts(result, address.stated_districts)
    radius_m = result.error_radius_m
    return {
        "outcome": result.outcome.value,
        "matched": result.matched or "",
        "x": "" if result.x is None else repr(float(result.x)),
        "y": "" if result.y is None else repr(float(result.y)),
        "error_radius_m": "" if radius_m is None else str(math.ceil(radius_m)),
        "district": "" if result.district is None else str(result.district),
        "quarter": result.quarter or "",
        "contradictions": " ".join(t.in_language(language) for t in result.contradictions),
        "explanation": _explain(result, language),
        STATED_ELSEWHERE: "1" if is_elsewhere else "",
    }


def _weaken(result: GeocodeResult, address: RowAddress) -> GeocodeResult:
    """Say what was left out of a row; a house is only near where its number has more beside it."""
    if address.dropped:
        result = replace(result, notes=(*result.notes, _explain_dropped(address.dropped)))
    if not address.unsure or result.outcome not in {Outcome.EXACT, Outcome.CORRECTED}:
        return result
    unread, number = ", ".join(address.unsure), result.house_number or ""
    said = join_texts(explain.number_partly_read(number, unread), explain.number_shown(number))
    if result.outcome is Outcome.CORRECTED:
        said = join_texts(result.explanation, said)
    radius_m = max(SAME_PLOT_RADIUS_M, result.error_radius_m or 0.0)
    told = [explain.not_understood(cell) for cell in address.unsure]
    return replace(
        result, outcome=Outcome.NEAREST_NUMBER, explanation=said, error_radius_m=radius_m,
        notes=tuple(note for note in result.notes if note not in told),
    )  # fmt: skip


def _explain_dropped(cell: str) -> Text:
    """Say that a cell was left out."""
    return Text(f"„{quote(cell)}“ wurde nicht gelesen.", f"“{quote(cell)}” was not read.")


def add_degrees(rows: Sequence[Mapping[str, str]], crs: str) -> list[dict[str, str]]:
    """Add ``lat`` and ``lon`` (WGS 84, empty without place) to rows of :func:`answer_row`."""
    points = np.array([(float(r["x"] or "nan"), float(r["y"] or "nan")) for r in rows])
    points = points.reshape(-1, 2)
    is_placed = np.isfinite(points).all(axis=1)
    lat, lon = np.full((2, len(points)), np.nan)
    lat[is_placed], lon[is_placed] = unproject(points[is_placed], crs=crs)
    return [
        dict(row) | {"lat": f"{a:.7f}" if ok else "", "lon": f"{o:.7f}" if ok else ""}
        for row, ok, a, o in zip(rows, is_placed, lat, lon, strict=True)
    ]


def _explain(result: GeocodeResult, language: Language) -> str:
    sentences = [result.explanation.in_language(language)]
    sentences += [note.in_language(language) for note in result.notes]
    if result.alternatives:
        labels = "; ".join(alternative.label for alternative in result.alternatives)
        sentences.append(f"Möglich: {labels}." if language == "de" else f"Possible: {labels}.")
    return " ".join(sentences)


def _compare_districts(
    result: GeocodeResult, stated: tuple[int, ...]
) -> tuple[GeocodeResult, bool]:
    """Report a place in none of the stated districts (the geocoder knows of one at most)."""
    if not stated or result.district is None or result.district in stated:
        return result, False
    if len(stated) == 1:
        told = explain.other_district(stated[0], result.district)
    else:
        german = list_words([str(n) for n in stated], "de")
        english = list_words([str(n) for n in stated], "en")
        told = Text(
            f"Angegeben sind die Stadtbezirke {german}, die Adresse liegt in {result.district}.",
            f"Districts {english} are given, the address lies in {result.district}.",
        )
    if told in result.contradictions:
        return result, True
    return replace(result, contradictions=(*result.contradictions, told)), True
