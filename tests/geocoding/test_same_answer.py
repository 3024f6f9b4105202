"""The same text gets the same answer, whatever was asked before."""

from __future__ import annotations

from itertools import product

from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.region.pack import load_pack

STREETS = (
    "Kölner Straße 26",
    "Kölner Strase 26",
    "koelner str. 26",
    "Münsterstr. 9999",
    "Gumberstr 119",
)
BESIDE = (
    " Quietschbunt",
    "",
    ", Hinterhof",
    " EG",
    ", Bilk",
    " gegenüber",
    ", 40227",
    " bei Muster",
)
TOWNS = ("", ", Duesseldorf", ", D'dorf", ", DÜSSELDORF", " Düsseldorf-Bilk", ", Neuss", ", NRW")


def test_an_answer_does_not_depend_on_what_was_asked_before() -> None:
    pack = load_pack()
    texts = ["".join(parts) for parts in product(STREETS, BESIDE, TOWNS)]
    first, second = Geocoder.from_pack(pack), Geocoder.from_pack(pack)
    forwards = {text: first.geocode(text) for text in texts}
    backwards = {text: second.geocode(text) for text in reversed(texts)}
    assert forwards == backwards
    assert {text: first.geocode(text) for text in texts} == forwards
