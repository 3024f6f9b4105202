"""The residents' page of any town: its own words, and what its data do not hold.

Worlds are Rechteckstadt with other words, sites and addresses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests import worlds
from tests.catalogues import list_messages, read_catalogue
from tests.worlds import load_rechteckstadt
from welcomemap.describe.nouns import read_noun
from welcomemap.pages.find import describe_site, link_way, name_district, tell_title
from welcomemap.region.pack import load_pack
from welcomemap.study.study import Study
from welcomemap.wording import PAGE_LANGUAGES, open_translator

GERMAN = ("de", "leicht")
OFFICE = {"de": "Beratungsstelle", "en": "advice office"}


def open_town(
    folder: Path, *, region: Mapping[str, object] | None = None, **layers: object
) -> Study:
    load_rechteckstadt(folder, **layers)  # type: ignore[arg-type]  # tables by the names of layers
    path = folder / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["region"] |= region or {}
    path.write_text(json.dumps(manifest), "utf-8")
    return Study(load_pack(folder))


def change_sites(**cells: Mapping[str, str]) -> object:
    """Return the list of service points with other cells, by id."""
    sites = worlds._service_points().astype(object)
    sites["opening_hours_as_of"] = ""
    for site, changed in cells.items():
        for column, text in changed.items():
            sites.loc[sites["id"] == site, column] = text
    return sites


def _page(folder: str, address: str, code: str) -> None:
    from unittest.mock import patch

    from welcomemap.pages import find
    from welcomemap.region.pack import load_pack
    from welcomemap.study.study import Study
    from welcomemap.wording import open_translator

    study = Study(load_pack(folder))
    with patch.object(find, "show_map", lambda *_, **__: None):
        find.show_answer(study.find_nearest(address), study, open_translator(code))


def show(folder: Path, address: str, code: str = "de") -> AppTest:
    shown = AppTest.from_function(
        _page, args=(str(folder), address, code), default_timeout=60
    ).run()
    assert not shown.exception, shown.exception
    return shown


@pytest.mark.parametrize("code", GERMAN)
@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ({"de": "Welcome Point", "en": "p"}, "Finden Sie Ihren Welcome Point"),
        (OFFICE, "Finden Sie Ihre Beratungsstelle"),
        ({"de": "Büro", "en": "p"}, "Finden Sie Ihr Büro"),
        ({"de": "Infothek", "en": "p", "gender": "f"}, "Finden Sie Ihre Infothek"),
        ({"de": "Infothek", "en": "p"}, "Finden Sie Ihren Standort der Art „Infothek“"),
    ],
)
def test_the_title_follows_the_gender_of_the_kind(
    tmp_path: Path, kind: dict[str, str], title: str, code: str
) -> None:
    study = open_town(tmp_path, region={"service_kind": kind})
    assert tell_title(study, open_translator(code)) == title


INFLECTED = re.compile(
    r"\b(?:(?:[mds]?ein|kein|ihr|unser|jed|dies|welch)(?:e|en|em|er|es)?|der|die|das|den|dem|des"
    r"|zum|zur|(?:nächst|neu|weiter)\w+)\s+\{(?:kind|district|quarter|area_word|word)[:}]",
    re.IGNORECASE,
)


@pytest.mark.parametrize("code", GERMAN)
def test_no_message_puts_an_article_before_a_word_of_the_region(code: str) -> None:
    """An article is in the phrase (``{one}``, ``{your_kind}``), which knows the gender."""
    assert INFLECTED.search("Finden Sie Ihren {kind}")
    assert INFLECTED.search("in diesem {district}")
    for message in read_catalogue(code):
        told = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not any(map(INFLECTED.search, told)), told


@pytest.mark.parametrize("code", GERMAN)
def test_no_message_knows_what_one_town_calls_its_areas(code: str) -> None:
    read = read_catalogue(code)
    of_one_town = ("ingest/networks.py", "ingest/refresh.py")
    for context, text, file in list_messages(code):
        message = read.get(text if isinstance(text, str) else text[0], context)
        if message is None or file.endswith(of_one_town):
            continue
        told = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not any(re.search(r"tadt·?bezirk|\b[Bb]ezirk", one) for one in told), told


def test_districts_are_called_by_the_regions_own_word(tmp_path: Path) -> None:
    words = {"de": "Ortsbezirk", "en": "local district"}
    study = open_town(tmp_path, region={"district_word": words})
    said = {code: name_district(study, 2, open_translator(code)) for code in PAGE_LANGUAGES}
    assert said["de"] == said["leicht"] == "Ortsbezirk 2 Mitte"
    assert said["en"] == "Local district 2 Mitte"
    general = open_translator("tr")("District")
    assert said["tr"] == f"{general} 2 Mitte"
    shown = show(tmp_path, "Hauptstraße 101")
    assert any("Ortsbezirk 1 Westviertel" in text.value for text in shown.markdown)
    assert "<dt>Ortsbezirk</dt><dd>1</dd>" in "".join(str(h.proto.body) for h in shown.get("html"))


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ("Di 14–16 Uhr", "Di 14–16 Uhr"),
        ("Mo-Fr 09:00-17:00", "Mo.–Fr. 09:00–17:00 Uhr"),
        ("24/7", "24/7"),
        ("nach Vereinbarung", "nach Vereinbarung"),
    ],
)
@pytest.mark.filterwarnings("ignore::welcomemap.errors.OpeningHoursWarning")
def test_hours_say_uhr_once_and_an_empty_operator_says_nothing(
    tmp_path: Path, hours: str, told: str
) -> None:
    sites = change_sites(a2={"opening_hours": hours, "operator": ""})
    study = open_town(tmp_path, service_points=sites)
    site = study.find_nearest("Hauptstraße 101").sites[0]
    html = describe_site(1, site, (), study, open_translator("de"))
    assert re.search(r"Öffnungszeiten</dt><dd>([^<]*?)(?: – |<)", html)[1] == told  # type: ignore[index]  # found
    assert "Träger" not in html
    assert "Träger" in describe_site(
        1, study.find_nearest("Hauptstraße 101").sites[1], (), study, open_translator("de")
    )


NOWHERE = {"address": "", "lat": "", "lon": "", "location_outcome": "", "error_radius_m": ""}


@pytest.mark.parametrize("code", PAGE_LANGUAGES)
def test_an_office_without_a_place_is_listed_last_with_its_phone(tmp_path: Path, code: str) -> None:
    sites = change_sites(b2={"phone": "0631 333", "name": "Stelle Nirgends", **NOWHERE})
    open_town(tmp_path, service_points=sites)
    shown = show(tmp_path, "Hauptstraße 101", code)
    bodies = [str(html.proto.body) for html in shown.get("html")]
    (at,) = [k for k, body in enumerate(bodies) if "Stelle Nirgends" in body]
    assert at == 1
    assert "tel:0631333" in bodies[at]
    assert len(shown.subheader) == 1
    assert code == "en" or shown.subheader[0].value != "Place not known"


def test_where_no_addresses_are_known_the_spelling_is_not_blamed(tmp_path: Path) -> None:
    addresses = worlds._addresses()  # and an advice office in district 2 has one
    open_town(tmp_path, addresses=addresses[addresses["district"] == 1])
    shown = show(tmp_path, "Nirgendweg 3")
    told = [box.value for box in shown.warning]
    assert len(told) == 2
    assert "In 1 von 3" in told[1]
    assert "Ostufer" in told[1]
    assert not any("prüfen" in text for text in told)


def test_where_every_district_has_addresses_the_spelling_is_to_be_checked(tmp_path: Path) -> None:
    open_town(tmp_path)
    (told,) = show(tmp_path, "Nirgendweg 3").warning
    assert "Schreibweise" in told.value


def test_one_reading_is_no_choice_of_several(tmp_path: Path) -> None:
    open_town(tmp_path)
    shown = show(tmp_path, "Hauststraße 10")
    assert [box.value for box in shown.warning] == ["Diese Adresse kennen wir nicht."]
    assert [head.value for head in shown.header] == ["Meinen Sie diese?"]
    assert len(shown.button) == 1


def test_an_office_known_by_its_street_says_so(tmp_path: Path) -> None:
    sites = change_sites(a2={"location_outcome": "street", "error_radius_m": "669"})
    study = open_town(tmp_path, service_points=sites)
    near, other = study.find_nearest("Hauptstraße 101").sites
    html = describe_site(1, near, (), study, open_translator("de"))
    assert "kennen wir nur die Straße" in html
    assert "670" in html
    assert "nur die Straße" not in describe_site(2, other, (), study, open_translator("de"))
    assert link_way(near, study, "Android").startswith("geo:0,0?q=")


def test_the_pronoun_is_that_of_the_reader() -> None:
    assert read_noun(OFFICE).your("dative").in_language("de") == "Ihrer Beratungsstelle"
    assert read_noun(OFFICE).your("dative").in_language("en") == "your advice office"
