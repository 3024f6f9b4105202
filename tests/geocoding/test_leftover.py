"""``exact`` promises that every word typed was read and agrees: words by kind, place and order."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.geocoding.tiny import tiny_geocoder
from welcomemap.describe.reasons import describe_reasons
from welcomemap.geocoding.gazetteer import GOOD, Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.region.pack import RegionPack

BEHIND_OTHER_HOUSE = (
    " gegenüber", " ggü.", " nebenan", " neben der Post", " hinter dem Bahnhof", " vor dem Tor",
    " zwischen den Häusern", " bis", " bis Ende", " ab", " ca.", " ff.", " etc.", " usw.",
    " und weitere", " u.a.", " u. a.", " existiert nicht", " abgerissen", " ehem.", " nicht",
    " (ehemals)", " Ecke", ", gegenüber", ", Haus 9999", ", Gebäude 9998", " (Eingang Nr. 9997)",
    " c/o Nr. 9996", " z.Hd. 9995", ",0", ".0", " Nähe Markt", " oder daneben",
)  # fmt: skip
BEHIND_OTHER_PLACE = (
    ", Büderich", ", Neuss", ", Bologna", ", Keulen", ", Кёльн", ", Österreich", ", Schweiz",
    ", Rhein-Kreis Neuss", ", Italia", " Ecke Irgendwostraße", " / Irgendwostraße",
    ", Postfach 9994", ", 99999 Nirgendwo", ", Xyzzy", " Xyzzy", " II", " km", " !? Qwertz",
)  # fmt: skip
BEFORE_DENIED = (
    "gegenüber, ", "gegenüber ", "ggü. ", "nicht ", "ehem. ", "hinter ", "Nähe ", "ca. ",
    "schräg gegenüber ", "Irgendwostr., ", "Postfach 9994, ", "Packstation 107, ", "Haus 9993, ",
    "hinter der Schule, ", "vor der Kirche, ", "Österreich, ", "Neuss, ", "Büderich, ",
)  # fmt: skip
BEHIND_HARMLESS = (
    ", 3. OG", " EG links", ", Wohnung 12", " c/o Müller", ", z.Hd. Frau Yilmaz", ", Deutschland",
    ", Germany", " Hinterhaus", ", Herr Özdemir", ", Nachbarschaft e.V.", ", Beispiel GmbH",
)  # fmt: skip
BEFORE_HARMLESS = (
    "c/o Müller, ", "Beispiel GmbH, ", "Verein vor Ort e.V., ", "Kita 3, ", "Unbekannter Name, ",
    "Familie Neuss, ",
)  # fmt: skip
NO_HOUSE = (
    "Whg", "Wohnung", "App.", "Apt", "Tür", "Top", "PF", "Postfach", "Packstation", "km",
    "Parzelle", "Flur", "Zimmer", "Xq", "Studio",
)  # fmt: skip
BESIDE = ("ggü.", "gegenüber", "vor", "ab", "ca.", "neben", "hinter", "bis")
PLAIN = (
    "{s} Haus {n}", "{s} Haus Nr. {n}", "{s} Haus-Nr. {n}", "{s} Haus-Nummer {n}", "{s} HsNr {n}",
    "{s}, Hs.-Nr. {n}", "{s} Hs. {n}", "{s} Hs.-Nr. {n}", "{s} N° {n}", "{s} № {n}",
    "{s} Hausnummer {n}", "{s} H.-Nr. {n}", "{s} '{n}'", "{s} „{n}“", '{s} "{n}"', "{s} »{n}«",
)  # fmt: skip


@pytest.fixture(scope="module")
def town(default_pack: RegionPack) -> Geocoder:
    return Geocoder(Gazetteer.from_pack(default_pack))


@pytest.fixture(scope="module")
def houses(town: Geocoder) -> list[tuple[str, str, str]]:
    """Street, number and postcode of a hundred houses on streets called Straße, Weg or Allee."""
    g = town.gazetteer
    rows = [
        row for row in range(len(g.number))
        if g.quality[row] == GOOD and g.postcode[row] and g.number[row].isdigit()
        and g.streets[g.row_street[row]].endswith(("straße", " Straße", "weg", "allee"))
        and len(g.matcher.literal[g.streets[g.row_street[row]]]) == 1
    ]  # fmt: skip
    drawn = random.Random(5).sample(rows, 100)  # noqa: S311  (repeatable on purpose)
    return [(g.streets[g.row_street[r]], g.number[r], g.postcode[r] or "") for r in drawn]


def quoted(result: GeocodeResult) -> str:
    return describe_reasons(
        (*result.explanation, *result.notes, *result.contradictions)
    ).in_language("de")


def test_words_that_say_another_house_or_place_are_never_exact(
    town: Geocoder, houses: list[tuple[str, str, str]]
) -> None:
    name = town.gazetteer.region.town
    for i, (street, number, postcode) in enumerate(houses):
        end = ("", f", {postcode} {name}", f", {name}")[i % 3]
        house = f"{street} {number}"
        texts = [f"{house}{said}{end}" for said in BEHIND_OTHER_HOUSE + BEHIND_OTHER_PLACE]
        texts += [f"{said}{house}{end}" for said in BEFORE_DENIED]
        texts += [f"{house}{end}{said}" for said in (", gegenüber", ", abgerissen", ", Xyzzy")]
        for code in ("F-", "A-", "CH-", "NL-", "F", "A "):
            texts += [f"{house}, {code}{postcode} {name}", f"{code}{postcode} {name}, {house}"]
        other = "40595" if postcode != "40595" else "40213"
        texts += [f"{house}, {postcode}{sign}{other} {name}" for sign in ("/", " ", " / ", ", ")]
        for text in texts:
            result = town.geocode(text)
            assert result.outcome not in {Outcome.EXACT, Outcome.CORRECTED}, (text, result)


def test_harmless_words_leave_a_house_exact_and_are_said(
    town: Geocoder, houses: list[tuple[str, str, str]]
) -> None:
    name = town.gazetteer.region.town
    for i, (street, number, postcode) in enumerate(houses):
        end = ("", f", {postcode} {name}", f", {name}")[i % 3]
        house = f"{street} {number}"
        texts = [(f"{house}{said}{end}", said) for said in BEHIND_HARMLESS]
        texts += [(f"{said}{house}{end}", said) for said in BEFORE_HARMLESS]
        for text, said in texts:
            result = town.geocode(text)
            assert (result.outcome, result.house_number) == (Outcome.EXACT, number), (text, result)
            is_country = said in {", Deutschland", ", Germany"}
            assert is_country or said.strip(" ,.") in quoted(result), (text, result)


def test_a_number_of_something_else_is_no_house_number(
    town: Geocoder, houses: list[tuple[str, str, str]]
) -> None:
    for street, number, postcode in houses:
        for word in NO_HOUSE:
            for end in ("", f", {postcode} Düsseldorf"):
                result = town.geocode(f"{street} {word} {number}{end}")
                assert result.house_number is None, (word, result)
                assert result.outcome in {Outcome.STREET, Outcome.AMBIGUOUS}
        for word in BESIDE:
            result = town.geocode(f"{street} {word} {number}, {postcode} Düsseldorf")
            assert result.outcome is Outcome.NEAREST_NUMBER, (word, result)


def test_plain_forms_of_a_house_number_are_exact(
    town: Geocoder, houses: list[tuple[str, str, str]]
) -> None:
    for (street, number, _), form in itertools.product(houses, PLAIN):
        text = form.format(s=street, n=number)
        result = town.geocode(text)
        assert (result.outcome, result.street, result.house_number) == (
            Outcome.EXACT, street, number
        ), text  # fmt: skip
    for text in ("Benrather - Straße 7", "Benrather Str. 7, 4000 Düsseldorf 1",
                 "4000 Düsseldorf 1, Benrather Str. 7"):  # fmt: skip
        assert town.geocode(text).outcome is Outcome.EXACT
    assert "4000" in quoted(town.geocode("Benrather Str. 7, 4000 Düsseldorf 1"))


ORDERS = (
    "{h}, {p} {t}-{q}", "{h} {p} {t}-{q}", "{p} {t}-{q}, {h}", "{p} {t}-{q} {h}",
    "{t}-{q} {h}, {p}", "{p} {h}, {t}-{q}", "{p} {q} {h}",
)  # fmt: skip
QUARTER_ORDERS = ("{h}, {q}", "{h} {q}", "{q}, {h}", "{q} {h}", "{h} ({q})")


def test_the_order_of_words_changes_no_answer(
    town: Geocoder, houses: list[tuple[str, str, str]]
) -> None:
    """A house of the list is never denied for a quarter that contradicts, wherever it stands."""
    g = town.gazetteer
    places = [("40595", "Garath"), ("40489", "Angermund"), ("40629", "Ludenberg")]
    for (street, number, own), (postcode, quarter) in itertools.product(houses[:40], places):
        for orders in (ORDERS, QUARTER_ORDERS):
            found = {
                (r.outcome, r.house_number, len(r.contradictions))
                for order in orders
                for r in [town.geocode(order.format(
                    h=f"{street} {number}", p=postcode, q=quarter, t=g.region.town))]
            }  # fmt: skip
            assert len(found) == 1, (street, number, quarter, found)
            assert next(iter(found))[0] in {Outcome.EXACT, Outcome.AMBIGUOUS}, (street, own)


CASES = (
    ("Kölner Straße 26, 40595 Düsseldorf, Bezirk 10", Outcome.AMBIGUOUS),
    ("40595 Düsseldorf-Garath Kölner Str. 26", Outcome.AMBIGUOUS),
    ("40489 Angermund Benrather Str. 7", Outcome.AMBIGUOUS),
    ("Neuss, Benrather Straße 7, 40213 Düsseldorf", Outcome.AMBIGUOUS),
    ("Kasernenstr., Benrather Str. 7", Outcome.AMBIGUOUS),
    ("Benrather Straße 7 Ecke Kasernenstraße", Outcome.NEAREST_NUMBER),
    ("Benrather Straße 7,0", Outcome.NEAREST_NUMBER),
    ("Benrather Straße 7 u.a.", Outcome.NEAREST_NUMBER),
    ("zwischen Benrather Straße 7 und 9", Outcome.RANGE),
    ("Kölner Straße 26 c/o Müller 40595 Düsseldorf-Garath", Outcome.AMBIGUOUS),
    ("Galeria Kaufhof Berliner Allee, Berliner Allee 52", Outcome.EXACT),
    ("Am Wehrhahn, Am Wehrhahn 72, 40211 Düsseldorf Pempelfort", Outcome.EXACT),
    ("Am Roten Haus 7", None),
)


@pytest.mark.parametrize(("text", "outcome"), CASES)
def test_reported_addresses(town: Geocoder, text: str, outcome: Outcome | None) -> None:
    result = town.geocode(text)
    if outcome is None:
        assert result.street == "Am Roten Haus"
    else:
        assert result.outcome is outcome


def test_nothing_typed_is_kept() -> None:
    """No phrase of an address is remembered, neither a person's nor a town's."""
    geocoder = tiny_geocoder()
    geocoder.geocode("Kölner Straße 4 c/o Erika Mustermann, 99001 Düneburg-Aue, Haus Mustermann")
    judge = geocoder._answerer._leftovers
    assert {type(value) for value in vars(judge).values()} >= {frozenset}
    assert judge._own == {"Düneburg", "Deutschland", "Germany"}
