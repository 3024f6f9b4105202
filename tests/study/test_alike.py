"""Candidates of another kind, or decided already, are not ranked with the others unless asked."""

from __future__ import annotations

from dataclasses import replace

from welcomemap.describe.comparison import describe_comparison
from welcomemap.describe.siting import describe_choice
from welcomemap.region.pack import RegionPack
from welcomemap.study.alike import find_usual_kind, is_mixed, split_alike
from welcomemap.study.requests import CompareRequest, SiteRequest
from welcomemap.study.study import Study


def test_the_pack_ranks_options_for_welcome_points_alone(default_pack: RegionPack) -> None:
    sites = Study(default_pack).find_candidates("list")
    alike, apart = split_alike(sites, "welcome_point")
    assert alike.ids == ("wp07-katharinen", "wp10-stettiner")
    assert apart.ids == ("hdk-446", "hdk-york")
    assert not is_mixed(alike)
    without_kind, _ = split_alike(sites, "")
    assert without_kind.ids == alike.ids


def test_a_mixture_that_was_asked_for_is_said(default_pack: RegionPack) -> None:
    study = Study(default_pack)
    mixed = study.compare_candidates(
        CompareRequest(("hdk-york", "wp10-stettiner"), scenario="2026")
    )
    told = " ".join(sentence.in_language("de") for sentence in describe_comparison(mixed))
    assert "Verschiedenes steht hier nebeneinander" in told
    assert "Yorckstraße 19-21“ (Haus der Kulturen, beschlossen)" in told
    alike = study.compare_candidates(
        CompareRequest(("wp07-katharinen", "wp10-stettiner"), scenario="2026")
    )
    assert not any("Verschiedenes" in s.in_language("de") for s in describe_comparison(alike))


def test_the_optimiser_says_what_stands_among_its_candidates(default_pack: RegionPack) -> None:
    study = Study(default_pack)
    mixed = study.choose_sites(SiteRequest("mclp", 1, "2026"))
    assert any(
        "Unlike things stand side by side" in s.in_language("en") for s in describe_choice(mixed)
    )
    alike = study.choose_sites(SiteRequest("mclp", 1, "2026", excluded=("hdk-446", "hdk-york")))
    assert not any("Unlike things" in s.in_language("en") for s in describe_choice(alike))


def test_houses_of_any_kind_are_places_for_one_office(default_pack: RegionPack) -> None:
    """Of a town's facilities all are compared, not the most frequent kind of house alone."""
    listed = Study(default_pack).find_candidates("list")
    kinds = ("place_of_worship", "place_of_worship", "library", "welcome_point")
    sites = replace(listed, facts=tuple({"kind": kind} for kind in kinds))
    assert not is_mixed(sites)
    alike, apart = split_alike(sites, "")
    assert alike.ids == listed.ids and not len(apart)
    other = replace(listed, facts=(*sites.facts[:3], {"kind": "haus_der_kulturen"}))
    alike, apart = split_alike(other, "welcome_point")
    assert apart.ids == listed.ids[3:] and alike.ids == listed.ids[:3]


def test_the_usual_kind() -> None:
    assert find_usual_kind(["", "a", "b", "b"]) == "b"
    assert find_usual_kind(["", " "]) == ""
