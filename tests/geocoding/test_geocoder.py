"""Which outcome, where and how sure: a town whose answers can be worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geocoding.tiny import CRS, X, Y, tiny_geocoder
from welcomemap.describe.answers import show_address
from welcomemap.describe.contract import show_spot, to_builtins
from welcomemap.describe.reasons import describe_reasons, list_reasons
from welcomemap.errors import AddressTooLongError
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.geocoding.outcome import GeocodeResult, Outcome


@pytest.fixture(scope="module")
def geocoder() -> Geocoder:
    return tiny_geocoder()


def place(result: GeocodeResult) -> tuple[float, float]:
    assert result.x is not None
    assert result.y is not None
    return round(result.x - X, 1), round(result.y - Y, 1)


@pytest.mark.parametrize(
    "text",
    [
        "Kölner Straße 4a", "KOELNER STR. 4 A", "Kolner Str.4a", "kölnerstraße 4a, 99001 Düneburg",
        "99001 Duneburg Kölner-Strasse 4a", "Düneburg, Kölner Straße Nr. 4a, 3. OG",
        "Düneburg-Aue Kölner Straße 4a", "c/o Meier, Kölner Straße 4a",
        "Kölner Straße 4a (Aue)", "D'burg, Kölner Straße 4a", "Kölner Straße 4a Düneburg",
    ],
)  # fmt: skip
def test_normal_spellings_are_exact(geocoder: Geocoder, text: str) -> None:
    result = geocoder.geocode(text)
    assert result.outcome is Outcome.EXACT
    assert result.matched == "Kölner Straße 4a, 99001 Düneburg"
    assert (result.street, result.house_number) == ("Kölner Straße", "4a")
    assert place(result) == (45.0, 115.0)
    assert (result.district, result.quarter, result.contradictions) == (1, "011", ())


def test_a_number_between_known_ones_is_interpolated_on_its_side(geocoder: Geocoder) -> None:
    result = geocoder.geocode("Kölner Straße 10")
    assert result.outcome is Outcome.INTERPOLATED
    assert place(result) == (100.0, 110.0)
    assert result.error_radius_m == pytest.approx(15 + 0.6 * 40)
    assert "8 und 12" in describe_reasons(result.explanation).in_language("de")


def test_a_suffix_is_never_swapped_for_another(geocoder: Geocoder) -> None:
    between = geocoder.geocode("Kölner Straße 4c")
    assert between.outcome is Outcome.INTERPOLATED
    assert place(between) == (47.0, 115.0)
    beside = geocoder.geocode("Kölner Straße 8f")
    assert (beside.outcome, beside.house_number) == (Outcome.NEAREST_NUMBER, "8")
    assert "8f" in describe_reasons(beside.explanation).in_language("de")


def test_a_number_beyond_the_last_gives_the_nearest_and_far_beyond_the_street(
    geocoder: Geocoder,
) -> None:
    near = geocoder.geocode("Kölner Straße 18")
    assert (near.outcome, near.house_number, place(near)) == (
        Outcome.NEAREST_NUMBER, "14", (140.0, 110.0),
    )  # fmt: skip
    far = geocoder.geocode("Kölner Straße 998")
    assert (far.outcome, far.house_number) == (Outcome.STREET, None)
    assert "998" in describe_reasons(far.explanation).in_language("de")


def test_a_coordinate_that_contradicts_its_neighbours_is_not_used(geocoder: Geocoder) -> None:
    result = geocoder.geocode("Kölner Straße 7")
    assert result.outcome is Outcome.INTERPOLATED
    assert result.house_number == "7"
    assert place(result) == (70.0, 90.0)
    assert "widerspricht" in describe_reasons(result.explanation).in_language("de")


@pytest.mark.parametrize(
    ("text", "middle", "ends"),
    [
        ("Kölner Straße 2-6", (40.0, 110.0), 2),
        ("Kölner Straße 2, 4, 6", (40.0, 110.0), 3),
        ("Kölner Straße 8-10", (90.0, 110.0), 2),
        ("Kölner Straße 71 - 73", (300.0, 90.0), 0),
    ],
)
def test_ranges_and_lists(
    geocoder: Geocoder, text: str, middle: tuple[float, float], ends: int
) -> None:
    result = geocoder.geocode(text)
    assert result.outcome is Outcome.RANGE
    assert place(result) == middle
    assert len(result.alternatives) == ends


def test_a_range_with_an_unknown_end_is_not_cut_to_its_first(geocoder: Geocoder) -> None:
    result = geocoder.geocode("Kölner Straße 2-998")
    assert result.outcome is Outcome.STREET
    assert result.house_number is None


def test_known_numbers_without_a_place(geocoder: Geocoder) -> None:
    between = geocoder.geocode("Halbe Straße 3")
    assert (between.outcome, between.house_number) == (Outcome.STREET, "3")
    assert place(between) == (120.0, 700.0)
    on_map = geocoder.geocode("Wegstraße 3")
    assert (on_map.outcome, on_map.house_number, place(on_map)[1]) == (Outcome.STREET, "3", 800.0)
    nowhere = geocoder.geocode("Ortlose Gasse 3")
    assert (nowhere.outcome, nowhere.house_number) == (Outcome.STREET, "3")
    assert not nowhere.is_located
    by_postcode = geocoder.geocode("Ortlose Gasse 3, 99001")
    assert by_postcode.is_located
    assert by_postcode.error_radius_m is not None
    assert by_postcode.error_radius_m > 300


def test_a_street_without_a_place_does_not_claim_to_be_shown(geocoder: Geocoder) -> None:
    for text in ("Ortlose Gasse", "Ortlose Gasse 400"):
        nowhere = geocoder.geocode(text)
        assert nowhere.outcome is Outcome.STREET
        assert not nowhere.is_located
        assert "gezeigt" not in describe_reasons(nowhere.explanation).in_language("de")
        assert "shown" not in describe_reasons(nowhere.explanation).in_language("en")
    roughly = geocoder.geocode("Ortlose Gasse, 99001 Düneburg")
    assert roughly.is_located
    assert "nach der Postleitzahl" in describe_reasons(roughly.explanation).in_language("de")
    assert "gezeigt" in describe_reasons(geocoder.geocode("Wegstraße").explanation).in_language(
        "de"
    )


def test_a_street_of_the_map_alone_is_street(geocoder: Geocoder) -> None:
    result = geocoder.geocode("Nur auf der Karte 5")
    assert (result.outcome, result.street, result.house_number) == (
        Outcome.STREET, "Nur Auf Der Karte", None,
    )  # fmt: skip
    assert result.district == 2


def test_slips_are_corrected_and_said(geocoder: Geocoder) -> None:
    result = geocoder.geocode("Köner Straße 4")
    assert result.outcome is Outcome.CORRECTED
    assert result.street == "Kölner Straße"
    assert "Köner" in describe_reasons(result.explanation).in_language("de")
    assert geocoder.geocode("Kölner Landstr. 3").outcome is Outcome.EXACT
    missing = geocoder.geocode("Kölner Landstraße 5")
    assert (missing.street, missing.outcome) == ("Kölner Landstraße", Outcome.NEAREST_NUMBER)


def test_the_weakest_step_decides(geocoder: Geocoder) -> None:
    result = geocoder.geocode("Köner Straße 10")
    assert result.outcome is Outcome.INTERPOLATED
    assert "Köner" in describe_reasons(result.explanation).in_language("de")
    assert "geschätzt" in describe_reasons(result.explanation).in_language("de")


def test_ties_are_ambiguous_with_alternatives(geocoder: Geocoder) -> None:
    result = geocoder.geocode("Losenstraße 1")
    assert result.outcome is Outcome.AMBIGUOUS
    assert {a.street for a in result.alternatives} == {"Rosenstraße", "Hosenstraße"}
    assert not result.is_located


def test_streets_of_one_name_are_told_apart_by_postcode_or_quarter(geocoder: Geocoder) -> None:
    both = geocoder.geocode("Gartenweg 1")
    assert both.outcome is Outcome.AMBIGUOUS
    assert len(both.alternatives) == 2
    assert place(geocoder.geocode("Gartenweg 1, 99002 Düneburg")) == (1500.0, 1100.0)
    assert place(geocoder.geocode("Gartenweg 1, Aue")) == (100.0, 1100.0)


def test_prefixes_and_contained_names(geocoder: Geocoder) -> None:
    assert geocoder.geocode("Wehr 1").street == "Wehr"
    assert geocoder.geocode("Am Wehr 1").street == "Am Wehr"
    linde = geocoder.geocode("Am Linde 1")
    assert (linde.outcome, linde.street) == (Outcome.CORRECTED, "An der Linde")
    assert geocoder.geocode("Neue Kölner Straße 4").outcome is Outcome.NOT_FOUND
    assert geocoder.geocode("Landstraße 1").outcome is Outcome.NOT_FOUND


def test_digits_inside_names(geocoder: Geocoder) -> None:
    for text in ("Nach den 12 Morgen 9", "Nach den 12Morgen 9", "Straße 20 5"):
        assert geocoder.geocode(text).outcome is Outcome.EXACT
    assert geocoder.geocode("Straße 20").outcome is Outcome.STREET


@pytest.mark.parametrize(
    "text",
    [
        "Kölner Straße 4, Neuss", "Neuss, Kölner Straße 4", "Neuss Kölner Straße 4",
        "Kölner Straße 4 in Köln", "Kölner Straße 4, 41460 Neuss", "Kölner Straße 4, 41460",
        "Kölner Straße 4, 99001 Neuss", "Kölner Straße 4, Kleinmachnow", "Neuss", "50667 Köln",
        "Kölner Straße 4, Mülheim an der Ruhr", "Kölner Straße 4, Köln-Ehrenfeld",
    ],
)  # fmt: skip
def test_other_towns_are_outside(geocoder: Geocoder, text: str) -> None:
    result = geocoder.geocode(text)
    assert result.outcome is Outcome.OUTSIDE
    assert not result.is_located


def test_contradictions_are_reported(geocoder: Geocoder) -> None:
    for text, words in (
        ("Kölner Straße 4, 99002 Düneburg", "99002"),
        ("Kölner Straße 4, 12345 Düneburg", "12345"),
        ("Kölner Straße 4, Berg", "Berg"),
        ("Kölner Straße 4, Bezirk 2", "Gebiet 2"),
    ):
        result = geocoder.geocode(text)
        assert result.outcome is Outcome.EXACT
        assert any(words in c.in_language("de") for c in list_reasons(result.contradictions)), text
    assert geocoder.geocode("Kölner Straße 4", stated_district=2).contradictions
    assert not geocoder.geocode("Kölner Straße 4", stated_district=1).contradictions


def test_facilities_by_name_and_by_address(geocoder: Geocoder) -> None:
    by_name = geocoder.geocode("Auer Familienzentrum")
    assert (by_name.outcome, by_name.street) == (Outcome.PLACE, "Lindenhof")
    by_address = geocoder.geocode("Auer Familienzentrum, Lindenhof 43")
    assert by_address.outcome is Outcome.EXACT
    several = geocoder.geocode("Verein Eins")
    assert several.outcome is Outcome.AMBIGUOUS
    assert len(several.alternatives) == 2


@pytest.mark.parametrize("text", ["Aue", "Düneburg", "99001", "", "   ", "12", "Gibtsnichtweg 3"])
def test_what_names_no_street_is_not_found(geocoder: Geocoder, text: str) -> None:
    assert geocoder.geocode(text).outcome is Outcome.NOT_FOUND


def test_unreadable_text_is_an_error_alone_and_a_result_among_many(geocoder: Geocoder) -> None:
    with pytest.raises(AddressTooLongError):
        geocoder.geocode("x" * 10_000_000)
    many = geocoder.geocode_many(["Kölner Straße 4", "x" * 10_000_000, "<b>x</b>"])
    assert [r.outcome for r in many] == [Outcome.EXACT, Outcome.NOT_FOUND, Outcome.NOT_FOUND]


def test_json_has_the_keys_of_the_contract(geocoder: Geocoder) -> None:
    written = to_builtins(show_address(geocoder.geocode("Kölner Straße 2-6"), CRS))
    assert set(written) >= {
        "outcome", "matched", "street", "house_number", "lat", "lon", "error_radius_m", "district",
        "quarter", "postcode", "alternatives", "contradictions", "explanation",
    }  # fmt: skip
    assert written["outcome"] == "range"
    assert 51 < written["lat"] < 52
    assert 6 < written["lon"] < 7
    assert set(written["explanation"]) == {"de", "en"}
    assert written["alternatives"][0]["label"] == "Kölner Straße 2"
    nowhere = show_address(geocoder.geocode("Gibtsnichtweg 3"), CRS)
    assert (nowhere.lat, nowhere.lon, nowhere.matched) == (None, None, None)


def test_suggestions(geocoder: Geocoder) -> None:
    labels = [s.label for s in geocoder.suggest("köl 12")]
    assert labels[0] == "Kölner Straße 12, 99001 Düneburg"
    assert [s.street for s in geocoder.suggest("kolner")] == ["Kölner Straße", "Kölner Landstraße"]
    assert geocoder.suggest("auer fam")[0].street == "Lindenhof"
    assert geocoder.suggest("linde")[0].street in {"An der Linde", "Lindenhof"}
    assert geocoder.suggest("Rosnestr")[0].street == "Rosenstraße"
    assert geocoder.suggest("") == geocoder.suggest("\x00") == geocoder.suggest("x" * 10_000) == []
    assert len(geocoder.suggest("k", limit=1)) == 1
    assert set(to_builtins(show_spot(geocoder.suggest("köl 12")[0], CRS))) == {
        "label", "street", "house_number", "lat", "lon",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Kölner Straße 4", "Kölner Straße 4a, 99001 Düneburg", "Am Wehr 5", "Kölner Straße 10",
        "Ortlose Gasse 3", "Kölner Landstraße 1, 99002 Düneburg",
    ],
)  # fmt: skip
def test_the_fast_path_answers_like_the_careful_one(geocoder: Geocoder, text: str) -> None:
    assert geocoder.geocode(text) == geocoder.geocode(f" {text} ,")


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_has_one_answer(text: str) -> None:
    geocoder = _SHARED
    first, second = geocoder.geocode_many([text, text])
    assert first == second
    assert (first.x is None) == (first.error_radius_m is None)
    assert describe_reasons(first.explanation).in_language("de")
    assert describe_reasons(first.explanation).in_language("en")


_SHARED = tiny_geocoder()
