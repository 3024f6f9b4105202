"""Words of a region stand in the right gender and case, or in a wording that needs neither."""

from __future__ import annotations

import pytest

from welcomemap.describe.nouns import label_area, name_areas, read_noun

POINT = read_noun({"de": "Welcome Point", "en": "Welcome Point"})
OFFICE = read_noun({"de": "Beratungsstelle", "en": "advice office"})
BUREAU = read_noun({"de": "Bürgerbüro", "en": "hourly desk"})
PLURAL = read_noun({"de": "Beratungsdienste", "en": "advice services", "gender": "pl"})
STRANGE = read_noun({"de": "Infothek", "en": "unit"})
STATED = read_noun({"de": "Infothek", "en": "unit", "gender": "f"})


@pytest.mark.parametrize(
    ("noun", "nominative", "accusative", "dative"),
    [
        (POINT, "ein Welcome Point", "einen Welcome Point", "einem Welcome Point"),
        (OFFICE, "eine Beratungsstelle", "eine Beratungsstelle", "einer Beratungsstelle"),
        (BUREAU, "ein Bürgerbüro", "ein Bürgerbüro", "einem Bürgerbüro"),
        (STATED, "eine Infothek", "eine Infothek", "einer Infothek"),
        (STRANGE, "ein Standort der Art „Infothek“", "einen Standort der Art „Infothek“",
         "einem Standort der Art „Infothek“"),
        (PLURAL, "ein Standort der Art „Beratungsdienste“",
         "einen Standort der Art „Beratungsdienste“", "einem Standort der Art „Beratungsdienste“"),
    ],
)  # fmt: skip
def test_the_german_article(noun, nominative, accusative, dative):
    said = [noun.a(case).in_language("de") for case in ("nominative", "accusative", "dative")]
    assert said == [nominative, accusative, dative]
    none = [noun.no(case).in_language("de") for case in ("nominative", "accusative", "dative")]
    assert none == [f"k{text}" for text in said]


def test_other_german_words():
    assert POINT.to_the_nearest().in_language("de") == "zum nächsten Welcome Point"
    assert OFFICE.to_the_nearest().in_language("de") == "zur nächsten Beratungsstelle"
    assert BUREAU.to_the_nearest().in_language("de") == "zum nächsten Bürgerbüro"
    assert [n.none().in_language("de") for n in (POINT, OFFICE, BUREAU)] == [
        "keiner",
        "keine",
        "keines",
    ]
    assert OFFICE.their_nearest().in_language("de") == "ihre nächste Beratungsstelle"
    assert BUREAU.their_nearest().in_language("de") == "ihr nächstes Bürgerbüro"
    assert [n.that("accusative").in_language("de") for n in (POINT, OFFICE, BUREAU)] == [
        "den",
        "die",
        "das",
    ]
    assert PLURAL.without().in_language("de") == "ohne Beratungsdienste"
    area = read_noun({"de": "Gemeinde", "en": "municipality"}, is_area=True)
    assert area.this("dative").in_language("de") == "dieser Gemeinde"
    assert area.every("nominative").in_language("de") == "jede Gemeinde"
    unknown = read_noun({"de": "Kiez", "en": "ward"}, is_area=True)
    assert unknown.this("dative").in_language("de") == "diesem Gebiet"


@pytest.mark.parametrize(
    ("word", "article"),
    [("advice office", "an"), ("Welcome Point", "a"), ("hourly desk", "an"), ("unit", "a"),
     ("UN office", "a"), ("MVZ", "an"), ("EU office", "an"), ("one-stop shop", "a"),
     ("open house", "an"), ("euro office", "a"), ("house", "a"), ("under-18 office", "an")],
)  # fmt: skip
def test_the_english_article(word, article):
    noun = read_noun({"de": "Stelle", "en": word})
    assert noun.a("accusative").in_language("en") == f"{article} {word}"
    assert noun.without().in_language("en") == f"without {article} {word}"


def test_words_without_a_singular_and_articles_of_the_pack():
    assert PLURAL.a("accusative").in_language("en") == "a site of the kind “advice services”"
    assert PLURAL.without().in_language("en") == "without advice services"
    told = read_noun({"de": "Stelle", "en": "uh-desk", "article_en": "an"})
    assert told.a("nominative").in_language("en") == "an uh-desk"


def test_areas_by_number():
    area = read_noun({"de": "Gemeinde", "en": "municipality"}, is_area=True)
    assert name_areas(area, [7]).in_language("en") == "municipality 7"
    assert name_areas(area, [7, 10]).in_language("en") == "municipalities 7 and 10"
    assert name_areas(area, [1, 7, 10]).in_language("de") == "Gemeinden 1, 7 und 10"
    assert name_areas(area, [7], "dative").in_language("de") == "Gemeinde 7"


@pytest.mark.parametrize(
    ("word", "plural", "nominative", "dative"),
    [
        ("Stadtbezirk", "", "Stadtbezirke", "den Stadtbezirken"),
        ("Ortsbezirk", "", "Ortsbezirke", "den Ortsbezirken"),
        ("Stadtteil", "", "Stadtteile", "den Stadtteilen"),
        ("Stadtviertel", "", "Stadtviertel", "den Stadtvierteln"),
        ("Gemeinde", "", "Gemeinden", "den Gemeinden"),
        ("Kiez", "", "Gebiete", "den Gebieten"),
        ("Kiez", "Kieze", "Kieze", "den Kiezen"),
        ("Stat. Bezirk", "", "Gebiete", "den Gebieten"),
        ("Stat. Bezirk", "Statistische Bezirke", "Statistische Bezirke", "den Gebieten"),
    ],
)
def test_several_areas_have_the_plural_that_is_known(word, plural, nominative, dative):
    noun = read_noun({"de": word, "en": "ward", "plural": plural}, is_area=True)
    assert noun.several().in_language("de") == nominative
    assert noun.several("dative").in_language("de") == dative
    assert name_areas(noun, [1, 2], "dative").in_language("de") == f"{dative} 1 und 2"


@pytest.mark.parametrize(
    ("noun", "said"),
    [
        (POINT, "Ihren Welcome Point"), (OFFICE, "Ihre Beratungsstelle"),
        (BUREAU, "Ihr Bürgerbüro"), (STATED, "Ihre Infothek"),
        (STRANGE, "Ihren Standort der Art „Infothek“"),
    ],
)  # fmt: skip
def test_what_is_the_readers_own(noun, said):
    assert noun.your("accusative").in_language("de") == said


@pytest.mark.parametrize(
    ("name", "german", "english"),
    [
        ("", "Gemeinde 7", "Municipality 7"),
        ("Gemeinde 7", "Gemeinde 7", "Municipality 7"),
        ("Bezirk 7", "Gemeinde 7", "Municipality 7"),
        ("7", "Gemeinde 7", "Municipality 7"),
        ("Altstadt", "7 Altstadt", "7 Altstadt"),
        ("Bezirk 17", "7 Bezirk 17", "7 Bezirk 17"),
    ],
)
def test_an_area_is_labelled_by_its_own_name_where_it_has_one(
    name: str, german: str, english: str
) -> None:
    noun = read_noun({"de": "Gemeinde", "en": "municipality"}, is_area=True)
    label = label_area(noun, 7, name)
    assert {k: label.in_language(k) for k in ("de", "en")} == {"de": german, "en": english}


def test_of_a_thousand_areas_the_first_are_named() -> None:
    area = read_noun({"de": "Gebiet", "en": "area"}, is_area=True)
    assert name_areas(area, range(1, 21)).in_language("en").endswith("18, 19 and 20")
    told = name_areas(area, range(1, 1301))
    assert told.in_language("en") == "areas 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 1,288 others"
    assert told.in_language("de").endswith("11, 12 und 1.288 weitere")
