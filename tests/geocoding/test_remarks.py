"""A harmless remark leaves a house what it is and is said; it is no town and no house number.

What is expected is worked by hand: Friedrichstraße has 7 and 9, but neither 7b nor 14.
"""

from __future__ import annotations

import pytest

from tests.geocoding.tiny import tiny_geocoder
from welcomemap.describe.reasons import describe_reasons
from welcomemap.geocoding.address import parse_house_number
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import GeocodeResult, Outcome
from welcomemap.region.pack import RegionPack

HOUSE = "Friedrichstraße 7"
PARTS = (
    "Hof", "Saal", "im Hof", "auf dem Hof", "im Garten", "2. Hof", "Innenhof", "Hinterhof",
    "Hinterhaus", "HH", "Vorderhaus", "VH", "Seitenflügel", "SF", "Rückgebäude", "RG", "Rgb.",
    "Gartenhaus", "Quergebäude", "Anbau", "Remise", "Souterrain", "Keller", "Tiefgarage", "EG",
    "OG", "DG", "Erdgesch.", "Hochparterre", "2. OG", "1. Obergeschoß", "II. OG", "3. Etage",
    "2. Etg.", "links", "rechts", "Mitte", "2. OG rechts", "Eingang B",
    "Eingang über den Hof", "Eingang über Kirchfeldstraße", "Zugang vom Hof", "Zufahrt von Süden",
    "c/o Müller", "bei Müller", "bei Steinberg", "Büro 3", "Büro A 101", "Zimmer 12",
    "Zimmer 12-14", "Raum 3.14", "Zi. 2.05", "Wohnung 12", "Whg. 3a", "App. 4", "Top 3",
    "barrierefrei", "nicht barrierefrei", "mit Aufzug", "kein Aufzug", "rollstuhlgerecht",
    "EG und 1. OG", "EG bis 3. OG", "1. und 2. OG", "1.-3. OG", "3.OG li.", "OG 3", "Wohnungsnr. 5",
    "Eingang A und B", "Haltestelle Kirchplatz", "Mo-Fr",
    "info@example.org", "www.example.org",
    "bitte klingeln", "Ladenlokal", "Kiosk", "Wohnheim", "Pflegeheim", "Innenstadt", "Neubau",
)  # fmt: skip
FORMS = ("{h} ({p})", "{h} ({p}), 40217 Düsseldorf", "{h} {p}", "{h} {p}, 40217 Düsseldorf",
         "{h}, {p}, 40217 Düsseldorf")  # fmt: skip
TOWNS = ("{h}, Hof", "{h}, 95028 Hof", "{h} (95028 Hof)", "{h} in Hof", "{h} (in Hof)",
         "{h} (Neuss)", "{h} Hof (Saale)", "{h} Halle", "{h}, Halle", "{h}, 06108 Halle",
         "{h} (Essen)", "{h} Eingang links Neuss", "{h} bei Neuss", "{h} (Berg)", "{h} (Stein)",
         "{h} (Au)", "{h} (Steinheim)", "Hof, {h}", "95028 Hof, {h}")  # fmt: skip
BESIDE = ("gegenüber", "ggü.", "neben", "hinter", "vor", "Ecke")


@pytest.fixture(scope="module")
def town(default_pack: RegionPack) -> Geocoder:
    return Geocoder(Gazetteer.from_pack(default_pack))


def said(result: GeocodeResult) -> str:
    return describe_reasons(
        (*result.explanation, *result.notes, *result.contradictions)
    ).in_language("de")


@pytest.mark.parametrize("text", ["Friedrichstraße 7 9 DG", "Friedrichstraße 7 9 EG"])
def test_a_number_before_a_storey_that_nobody_counts_is_a_house(town: Geocoder, text: str) -> None:
    assert town.geocode(text).outcome is Outcome.RANGE


@pytest.mark.parametrize("text", ["c/o Müller Friedrichstraße 7", "Herrn Meier Friedrichstrasse 7"])
def test_a_street_among_words_is_not_said_to_be_spelled_otherwise(
    town: Geocoder, text: str
) -> None:
    result = town.geocode(text)
    assert result.outcome is Outcome.CORRECTED
    assert "gefunden" in said(result)
    assert "geschrieben" not in said(result)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_house_leaves_it_exact_and_is_said(town: Geocoder, part: str) -> None:
    for form in FORMS:
        text = form.format(h=HOUSE, p=part)
        result = town.geocode(text)
        assert (result.outcome, result.house_number) == (Outcome.EXACT, "7"), (text, said(result))
        assert all(word.strip(".") in said(result) for word in part.split()), (text, said(result))
        assert not result.contradictions


@pytest.mark.parametrize("form", TOWNS)
def test_a_town_where_a_town_stands_is_no_sure_house(town: Geocoder, form: str) -> None:
    result = town.geocode(form.format(h=HOUSE))
    assert result.outcome in {Outcome.OUTSIDE, Outcome.AMBIGUOUS}, said(result)


@pytest.mark.parametrize("form", TOWNS[:6])
def test_another_town_is_outside(town: Geocoder, form: str) -> None:
    assert town.geocode(form.format(h=HOUSE)).outcome is Outcome.OUTSIDE


@pytest.mark.parametrize(
    "remark", ["nicht vorhanden", "kein Wohnhaus", "Eingang gegenüber", "Eingang Nr. 9",
               "Eingang Kirchfeldstraße 9", "schön gelegen", "bei der Kirche", "Hof 2",
               "hinten", "Im Hof 3", "Hinterhaus 9", "Keller 9", "Geb. 25.13",
               "bei Müller hinter dem Bahnhof", "c/o Müller Ecke Irgendwo", "c/o Müller Köln",
               "bei Müller Köln", "Tel. 0211 123456", "Tel.: 0211/12345-67",
               "Tel. (0211) 40217", "Eingang B u. a.", "9 Hof"]
)  # fmt: skip
def test_what_may_deny_the_house_is_not_exact(town: Geocoder, remark: str) -> None:
    for text in (f"{HOUSE} ({remark})", f"{HOUSE} {remark}, 40217 Düsseldorf"):
        result = town.geocode(text)
        assert result.outcome not in {Outcome.EXACT, Outcome.CORRECTED}, (text, said(result))
        assert result.outcome is not Outcome.OUTSIDE


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7/B", "7b"), ("7 / b", "7b"), ("7/a-c", "7a-7c"), ("7a/b", "7a+7b"), ("7/9", "7+9"),
        ("7/1", "7/1"), ("7/9b", "7+9b"), ("7-b", "7-7b"), ("7/a/b", "7a+7b"),
    ],
)  # fmt: skip
def test_a_letter_behind_a_stroke_is_the_suffix(text: str, number: str) -> None:
    assert str(parse_house_number(text)) == number


def test_a_suffix_behind_a_stroke_answers_as_one_without(town: Geocoder) -> None:
    for street in ("Friedrichstraße", "Benrather Straße"):
        plain = town.geocode(f"{street} 7 B")
        for written in ("7/B", "7/b", "7 / b", "7 /B"):
            assert town.geocode(f"{street} {written}") == plain, written
    assert plain.outcome is Outcome.EXACT
    for written in ("7/1", "7/9", "7/a-c", "7a/c"):
        assert town.geocode(f"Friedrichstraße {written}").outcome is not Outcome.EXACT, written


@pytest.mark.parametrize("word", BESIDE)
def test_words_beside_a_range_are_said_as_those_beside_a_house(town: Geocoder, word: str) -> None:
    for text in (f"{HOUSE}-9 {word}", f"Friedrichstraße {word} 7-9", f"{word} {HOUSE}-9",
                 f"{HOUSE} und 9 ({word})"):  # fmt: skip
        result = town.geocode(text)
        assert result.outcome is Outcome.RANGE, (text, said(result))
        assert f"Mit „{word.strip('.')}“ ist vielleicht nicht" in said(result), text


def test_labels_and_signs_of_the_country_are_read(town: Geocoder) -> None:
    for end in (
        ", PLZ 40217",
        ", PLZ: 40217 Düsseldorf",
        ", 40217 Düsseldorf (D)",
        " [Hof]",
        "/Hof",
    ):
        assert town.geocode(f"{HOUSE}{end}").outcome is Outcome.EXACT, end
    for start in ("PLZ 40217, ", "(Hof) "):
        assert town.geocode(f"{start}{HOUSE}").outcome is Outcome.EXACT, start
    assert town.geocode(f"{HOUSE}, PLZ 95028 Hof").outcome is Outcome.OUTSIDE
    result = town.geocode(f"Kita Sonnenschein {HOUSE}")
    assert (result.outcome, result.house_number) == (Outcome.CORRECTED, "7")
    assert town.geocode(f"Kita Neuss {HOUSE}").street is None


def test_nothing_beside_a_range_or_street_is_dropped_in_silence(town: Geocoder) -> None:
    for text, word in (
        (f"{HOUSE}-9 (EG)", "EG"), (f"{HOUSE}-9, c/o Müller", "c/o Müller"),
        (f"{HOUSE} und 9 Hinterhaus", "Hinterhaus"), ("Friedrichstraße (Hof)", "Hof"),
        ("gegenüber, Friedrichstraße", "gegenüber"), ("gegenüber Friedrichstraße", "gegenüber"),
        ("Firma Muster, Friedrichstraße", "Firma Muster"), ("Friedrichstraße 14 (Hof)", "Hof"),
        ("Friedrichstraße ohne Nummer", "ohne Nummer"), ("Friedrichstraße o. Nr.", "o. Nr"),
    ):  # fmt: skip
        result = town.geocode(text)
        assert result.street == "Friedrichstraße", (text, said(result))
        assert word in said(result), (text, said(result))
    for text in (f"{HOUSE}-9", f"{HOUSE}, 9 und 11", "Friedrichstr. Nr. 7 - 9, 40217 Düsseldorf"):
        assert not town.geocode(text).notes, text


def test_a_quarter_of_that_name_goes_before_the_part_of_a_house() -> None:
    geocoder = tiny_geocoder()
    result = geocoder.geocode("Am Wehr 1 (Berg)")
    assert "Berg" in said(result)
    assert result.outcome is not Outcome.OUTSIDE
