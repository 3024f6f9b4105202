"""What a paper says is what its result says: read as a council reader would, in every form."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from io import BytesIO
from pathlib import Path

import docx
import pytest

from tests import worlds
from tests.cases import long
from tests.sentences import find_untold, list_fields
from tests.worlds import load_rechteckstadt
from welcomemap.describe.answers import show_district
from welcomemap.describe.contract import ReachChange, ReachFigures, shape, to_builtins
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.report import PaperRequest
from welcomemap.report.paper import Paper
from welcomemap.report.paper_study import ask_study
from welcomemap.report.text_document import make_document
from welcomemap.study.study import Study
from welcomemap.travel.impedance import parse_threshold

SITE = "id,name,operator,address,stated_districts,status,valid_from,valid_to,source,lat,lon\n"


@pytest.fixture(scope="module")
def study(default_pack: RegionPack) -> Study:
    return Study(default_pack)


def make(study: Study, request: PaperRequest) -> Paper:
    return Paper(ask_study(study, request))


def say(paper: Paper) -> str:
    """Return all that stands in the paper's blocks: sentences, cells, titles of maps."""
    parts = [paper.text.title]
    for block in paper.text.blocks:
        parts += [block.text, block.note, *(cell.text for row in block.rows for cell in row)]
        parts += [cell.text for cell in block.head]
        if block.map is not None:
            parts += [block.map.title, block.map.subtitle, block.map.remark, block.map.sources,
                      block.map.alt]  # fmt: skip
    return " ".join(" ".join(parts).split())


def answers(paper: Paper) -> list[str]:
    return [row[0].text for b in paper.text.blocks if b.kind == "numbered" for row in b.rows]


def read_pdf(content: bytes) -> str:
    told = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True,
                          check=True).stdout  # fmt: skip
    return " ".join(told.decode("utf-8").split())


def with_region(tmp_path: Path, **region: object) -> RegionPack:
    load_rechteckstadt(tmp_path / "pack")
    path = tmp_path / "pack" / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["region"] |= region
    path.write_text(json.dumps(manifest), "utf-8")
    return load_pack(tmp_path / "pack")


@pytest.mark.parametrize("language", ["de", "en"])
def test_sites_that_the_list_omits_are_disputes(study: Study, language):
    paper = make(study, PaperRequest("2019", language=language))
    told = answers(paper)[2]
    assert {point.id for point in paper.study.omitted} == {"wp2026-03c", "wp2026-05"}
    assert "Niederrheinstraße 20" in told
    assert "Merowinger Straße 24" in told
    assert "keinen der" not in told
    assert "none of the" not in told
    assert "ist in Teilen strittig" in say(paper) or "is disputed in parts" in say(paper)
    assert "2. September 2015" in say(paper) or "2 September 2015" in say(paper)


@pytest.mark.parametrize("scenario", ["2019", "2026"])
def test_no_dispute_is_said_only_where_no_reading_differs(study: Study, scenario):
    paper = make(study, PaperRequest(scenario))
    differs = any(
        gap.share != gap.share_if_disputed_false or gap.located != gap.located_if_disputed_false
        for gap in paper.study.gaps.districts
    )
    assert differs
    assert "widersprechen sich die Quellen, die uns vorliegen" not in say(paper)


@pytest.mark.parametrize("scenario", ["2019", "2026"])
def test_the_answer_says_who_stays_without(study: Study, scenario):
    paper = make(study, PaperRequest(scenario))
    unserved = {g.district for g in paper.study.gaps.districts if g.is_located_unserved}
    said = answers(paper)[-1]
    stays = {int(n) for n in re.findall(r"\d+", re.findall(
        r"In (?:Stadtbezirk|den Stadtbezirken) ([\d, und]+) läge", said)[0])}  # fmt: skip
    assert paper.study.comparison is not None
    best = max(paper.study.candidates, key=lambda row: row.gained["residents"])
    assert best.name in said
    assert stays == unserved - {best.district}
    for row in paper.study.candidates:
        assert row.status not in ("chosen", "dropped")


def test_the_map_of_change_carries_both_readings(study: Study):
    paper = make(study, PaperRequest("2026", compare="2019"))
    city = next(row for row in paper.study.difference.rows if row.area_kind == "city")
    title = next(m.title for m in paper.maps if m.key == "change")
    assert (
        find_untold(
            title, "de", list_fields(to_builtins(shape(ReachChange, city))), ["2019", "2026"]
        )
        == []
    )
    assert "nach den Listen, etwa 5.400 nach den datierten Berichten" in title


@pytest.mark.parametrize("language", ["de", long("en")])
def test_each_number_of_the_answer_is_a_field(study: Study, language):
    for request in (
        PaperRequest("2026", language=language), PaperRequest("2019", language=language),
        PaperRequest("2026", language=language, mode="transit", threshold=parse_threshold("15min")),
    ):  # fmt: skip
        paper = make(study, request)
        found = paper.study
        gaps = to_builtins([show_district(gap) for gap in found.gaps.districts])
        city = to_builtins(shape(ReachFigures, found.city))
        unserved = [g for g in found.gaps.districts if g.is_located_unserved]
        fields = [*list_fields(gaps), *list_fields(city), request.threshold.value,
                  sum(g.residents for g in unserved), len(found.published), len(found.omitted),
                  sum(p.is_disputed for p in found.published)]  # fmt: skip
        fields += list_fields(to_builtins(found.candidates))
        names = [point.address.split(",")[0] for point in found.points]
        names += [*found.comparison.sites.names, "2019", "2026"]
        for said in answers(paper):
            assert find_untold(said, language, fields, names) == []


def test_an_own_list_is_called_so_everywhere(study: Study, tmp_path: Path):
    path = tmp_path / "plan.csv"
    path.write_text(f"{SITE}x1,Punkt Eins,,,1,open,,,eigene,51.2250,6.7800\n", "utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    paper = make(study, PaperRequest(str(path)))
    assert paper.text.title.startswith("Eigene Liste „plan“: ")
    for drawn in (*paper.maps, *paper.large_maps):
        assert "Eigene Liste plan.csv, kein amtliches Verzeichnis" in drawn.subtitle
        assert "plan.csv" in drawn.sources
    assert not re.search(r"Verzeichnis(ses)? plan", say(paper))
    assert "der eigenen Liste „plan“" in say(paper)
    pdf = read_pdf(paper.make_pdf())
    assert "plan.csv" in pdf
    assert digest in re.sub(r"[\s\u200b]", "", pdf)
    words = " ".join(p.text for p in docx.Document(BytesIO(make_document(paper)[""])).paragraphs)
    assert digest in words
    assert str(tmp_path) not in say(paper)


@pytest.mark.parametrize(
    ("mode", "threshold"),
    [("walk", "900m"), *(long(*each) for each in (
        ("transit", "15min"), ("cycle", "10min"), ("cycle", "1000m")))],
)  # fmt: skip
def test_the_standard_of_walking_is_cited_for_walking_alone(study: Study, mode, threshold):
    request = PaperRequest("2026", mode=mode, threshold=parse_threshold(threshold))
    told = say(make(study, request))
    assert "BBSR" not in told
    assert "für diese Vorlage gewählt" in told
    assert "BBSR" in say(make(study, PaperRequest("2026")))


def test_a_town_without_a_river_has_no_bridges(tmp_path: Path):
    load_rechteckstadt(tmp_path / "pack")
    path = tmp_path / "pack" / "datapackage.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["resources"] = [r for r in manifest["resources"] if not r["name"].startswith("river")]
    path.write_text(json.dumps(manifest), "utf-8")
    for language in ("de", "en"):
        paper = make(Study(load_pack(tmp_path / "pack")), PaperRequest("2025", language=language))
        assert not re.search(r"Brücke|Fluss|Flüsse|bridge|river|Rhein", say(paper))


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ({"de": "Beratungsstelle", "en": "advice office"},
         r"\b(einen|keinen|einem|kein|ein|zum nächsten) Beratungsstelle|\ba advice"),
        long({"de": "Bürgerbüro", "en": "desk"}, r"\b(einen|eine|keine|keinen) Bürgerbüro"),
        ({"de": "Beratungsdienste", "en": "advice services", "gender": "pl"},
         r"\b(eine?n?|keine?n?) Beratungsdienste|\ban? advice services"),
        long({"de": "Infothek", "en": "hour shop"}, r"\b(eine?n?|keine?n?) Infothek|\ba hour"),
    ],
)  # fmt: skip
def test_articles_fit_the_kind(tmp_path: Path, kind, wrong):
    study = Study(with_region(tmp_path, service_kind=kind))
    for language in ("de", "en"):
        for scenario, compare in (("2025", "2020"), ("2020", None)):
            request = PaperRequest(scenario, compare=compare, language=language)
            assert re.findall(wrong, say(make(study, request))) == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_sites_that_tie_are_alternatives_and_none_is_the_best(tmp_path: Path, language):
    """Two candidates at mirrored places reach the same number of people."""
    candidates = worlds._candidate_sites()
    for k, x in enumerate((4900, 5100)):
        lat, lon = worlds._lat_lon((x, 1000))
        candidates.loc[k, ["lat", "lon"]] = [lat, lon]
    pack = load_rechteckstadt(tmp_path / "pack", candidate_sites=candidates)
    paper = make(Study(pack), PaperRequest("2025", language=language))
    (proof,) = paper.study.proofs
    assert proof.result.n_optimal_sets == 2
    told = say(paper)
    assert re.search(r"2 (Standorte sind gleich gut|sites are equally good)", told)
    assert re.search(r"Schätzung unterscheidet sie nicht|estimate does not tell them apart", told)
    assert not re.search(r"Am besten ist|ist der beste|is the best|Most people gain|Die meisten "
                         r"Menschen gewinnt ein", told)  # fmt: skip
    assert "Candidate east + " not in told
    assert {sign.sign.value for m in paper.maps for sign in m.signs if sign.label in "AB"} >= {
        "candidate"
    }
    assert not any(sign.sign.value == "chosen" for m in paper.maps for sign in m.signs)


def test_a_median_is_a_median_and_a_mean_a_mean(study: Study):
    told = say(make(study, PaperRequest("2026")))
    assert "Median des Wegs zum nächsten Standort" in told
    assert "mittlerer Weg (Durchschnitt) aller Menschen" in told
    assert not re.search(r"[Mm]ittlerer Weg(?! \(Durchschnitt\))", told)
    english = say(make(study, PaperRequest("2026", language="en")))
    assert not re.search(r"[Mm]ean way(?! \(average\))", english)


@pytest.mark.parametrize("scenario", [long("2019"), "2026"])
@pytest.mark.parametrize("language", ["de", long("en")])
def test_an_interval_without_width_is_said_plainly(study: Study, scenario, language):
    told = say(make(study, PaperRequest(scenario, compare="2019", language=language)))
    told = re.sub(r"(Von|From) 2019 (zu|to) 20\d\d", "", told)
    told = told.replace("\N{NO-BREAK SPACE}", " ")
    for low, high in re.findall(r"(\d[\d.,]*(?: ?%)?) (?:bis|to) (\d[\d.,]*(?: ?%)?)", told):
        assert low.rstrip(".,") != high.rstrip(".,")
    assert "100,0 % der Ziehungen" not in told
    assert "100.0% of the draws" not in told


def test_candidates_set_apart_are_named(study: Study):
    told = say(make(study, PaperRequest("2026")))
    assert "Nicht mitverglichen" in told
    assert "Yorckstraße 19-21“ (Haus der Kulturen, beschlossen)" in told
    asked = make(study, PaperRequest("2026", candidates=("hdk-york", "wp10-stettiner")))
    assert "Verschiedenes steht hier nebeneinander" in say(asked)


def test_nobody_and_everybody_within_reach(tmp_path: Path):
    study = Study(load_rechteckstadt(tmp_path / "pack"))
    for threshold in ("1m", "20000m"):
        for language in ("de", "en"):
            request = PaperRequest("2020", threshold=parse_threshold(threshold), language=language)
            told = say(make(study, request)).replace("\N{NO-BREAK SPACE}", " ")
            assert not re.search(r"\b(nan|inf)\b", told)
            assert not re.search(r"Spanne 0,0 % bis 0,0|100,0 % bis 100,0|0% to 0\b", told)


def test_csv_has_the_reading_of_the_reports(study: Study, tmp_path: Path):
    paper = make(study, PaperRequest("2026", compare="2019"))
    table = next(t for t in paper.tables if t.name == "change")
    assert {"reports_gained", "reports_lost"} <= {column.key for column in table.columns}
