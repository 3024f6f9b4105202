"""Sentences that stand beside each other say one thing, in the reader's language."""

from __future__ import annotations

import dataclasses
import re
import string
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import worlds
from tests.worlds import load_rechteckstadt
from welcomemap.describe.comparison import describe_verdict
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.report import PaperRequest
from welcomemap.report.paper import Paper
from welcomemap.report.paper_study import ask_study
from welcomemap.report.request import guess_language, quote_data
from welcomemap.siting.compare import Candidate, CandidateCoverage, compare
from welcomemap.siting.ranking import Criterion
from welcomemap.study.study import Study

EXAMPLE = Path(__file__).parents[2] / "docs" / "example-pack"


def say(pack: RegionPack, request: PaperRequest) -> str:
    """Return every word of a paper, the maps' with them."""
    text = Paper(ask_study(Study(pack), request)).text
    told = repr([dataclasses.asdict(dataclasses.replace(block, map=None)) for block in text.blocks])
    maps = " ".join(f"{one.title} {one.alt} {one.remark}" for one in (*text.maps, *text.large_maps))
    return f"{text.title} {told} {maps}".replace("\\xa0", " ").replace("\N{NO-BREAK SPACE}", " ")


@given(
    st.lists(st.integers(0, 3).map(float), min_size=2, max_size=4),
    st.integers(0, 2**32 - 1),
    st.floats(0.1, 9),
)
def test_nobody_leads_who_wins_in_fewer_draws_than_another(gains, seed, weight):
    generator = np.random.default_rng(seed)
    ways = generator.integers(1, 4, len(gains)).astype(float).tolist()
    draws = np.maximum(np.array(gains) + generator.integers(-2, 3, (20, len(gains))), 0.0)
    names = string.ascii_uppercase[: len(gains)]
    candidates = [
        Candidate(name, name, "exact", CandidateCoverage({"residents": gain}, None, None, None))
        for name, gain in zip(names, gains, strict=True)
    ]
    criteria = [
        Criterion("gain", True, 1.0),
        Criterion("way", False, weight),
    ]
    found = compare(candidates, criteria, {"gain": gains, "way": ways}, gained_draws=draws)
    best = (draws == draws.max(axis=1, keepdims=True)).astype(float)
    shares = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    for language in ("de", "en"):
        told = " ".join(sentence.in_language(language) for sentence in describe_verdict(found))
        leads = re.findall(
            r"[„“](\w)[“”] (?:liegt vorn|leads|ist der beste|is the best site)", told
        )
        for name in leads:
            assert shares[names.index(name)] >= shares.max() - 1e-12


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_example_says_one_thing_of_its_candidates(language):
    """Both bring 600 people; in most draws it is the mill that brings more."""
    pack = load_pack(EXAMPLE)
    study = ask_study(Study(pack), PaperRequest("2026", language=language))
    assert study.comparison is not None
    shares = dict(
        zip(study.comparison.sites.names, study.comparison.comparison.p_best, strict=True)
    )
    assert shares["Mühle"] > 0.5 > shares["Alter Bahnhof"]
    told = say(pack, PaperRequest("2026", language=language))
    assert not re.search("liegt vorn|die Daten können sie nicht|leads|data cannot tell them", told)
    draws = f"{100 * shares['Mühle']:.1f}"
    draws = draws.replace(".", ",") if language == "de" else draws
    assert len(re.findall(rf"{draws} ?% (?:der Ziehungen|of the draws)", told)) == 2
    assert not re.search("Andere Lesart|Other reading|“Not known”|„Keine Angabe“", told)


@pytest.mark.parametrize("language", ["de", "en"])
def test_sites_that_share_the_second_place_are_all_named(tmp_path: Path, language):
    """One in the middle of the far bank, two at its edge that mirror each other."""
    candidates = worlds._candidate_sites()
    table = pd.concat([candidates.iloc[[0]]] * 3, ignore_index=True)
    places = {"Mitte": (5000, 1000), "Süd": (5700, 300), "Nord": (5700, 1700)}
    for k, (name, place) in enumerate(places.items()):
        table.loc[k, ["id", "name", "lat", "lon"]] = [f"n{k}", name, *worlds._lat_lon(place)]
    pack = load_rechteckstadt(tmp_path / "pack", candidate_sites=table)
    study = ask_study(Study(pack), PaperRequest("2025", language=language))
    (proof,) = study.proofs
    assert [one.members[-1] for one in proof.result.runner_ups] == ["n1", "n2"]
    told = say(pack, PaperRequest("2025", language=language))
    said = {
        "de": "Danach kommen 2 Standorte, die gleich gut sind, Süd und Nord: jeder für sich mit",
        "en": "After that come 2 sites that are equally good, Süd and Nord: each by itself with",
    }
    assert said[language] in told
    assert "Der zweitbeste" not in told
    assert "The second best" not in told


def test_an_english_paper_is_english(tmp_path: Path):
    pack = load_rechteckstadt(tmp_path / "pack")
    told = say(pack, PaperRequest("2025", compare="2020", language="en"))
    assert "District 3" in told
    assert "Stadtbezirk" not in told
    assert not re.search(r"\bof (?:the )?about |\bFor (?:of|all about) |\ball about \d", told)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("council motion of 19 Sep 2019; objected to as not central", "en"),
        ("Ratsbeschluss vom 14. Dezember; etwa 800 m² im Erdgeschoss gemietet", "de"),
        ("Caritas", None),
        ("", None),
    ],
)
def test_a_remark_of_the_data_is_a_quotation_that_names_its_language(text, language):
    assert guess_language(text) == language
    quoted = quote_data(text)
    if not text:
        assert quoted is None
        return
    assert quoted is not None
    assert quoted.in_language("de").startswith(f"„{text}“")
    assert quoted.in_language("en").startswith(f"“{text}”")
    assert ("englisch in der Liste" in quoted.in_language("de")) == (language == "en")
    assert ("German in the list" in quoted.in_language("en")) == (language == "de")
