"""A planner's own list in the paper: what it says of itself is told, and no other source credited.

Hauptstraße runs from west to east, number n at x = 10 n - 5 metres; districts are 2,000 m wide.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.worlds import write_rechteckstadt
from welcomemap.cli import run
from welcomemap.region.pack import load_pack
from welcomemap.report import PaperRequest, write_paper

HEAD = "id,name,operator,address,stated_districts,status,valid_from,valid_to,source\n"
OWN = HEAD + (
    'a,Treff Anton,,"Hauptstraße 50, 99001 Rechteckstadt",,open,2020,2021-12-31,Amt\n'
    'b,Treff Berta,,"Hauptstraße 300, 99002 Rechteckstadt",,open,2031-01-01,,Amt\n'
    'c,Treff Cäsar,,"Hauptstraße 500, 99001 Rechteckstadt",,open,2020,,Amt\n'
    'd,Treff Dora,,"Hauptstraße 550, 99003 Rechteckstadt",,open,,2025,Amt\n'
)
"""Counted in 2025 are the third, whose postcode is that of district 1 but which lies in 3, and the
fourth, which ends with the year."""
PLAIN = HEAD + 'a,Treff Anton,,"Hauptstraße 50, 99001 Rechteckstadt",1,open,,,Amt\n'
CANDIDATES = (
    "id,name,address\n"
    'x1,Haus Eins,"Hauptstraße 249, 99001 Rechteckstadt"\n'
    'x2,Haus Zwei,"Hauptstraße 250, 99002 Rechteckstadt"\n'
    'x3,Haus Drei,"Hauptstraße 100, 99001 Rechteckstadt"\n'
    'x4,Haus Vier,"Hauptstraße 590, 99003 Rechteckstadt"\n'
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    write_rechteckstadt(folder / "pack")
    (folder / "own.csv").write_text(OWN, "utf-8")
    (folder / "plain.csv").write_text(PLAIN, "utf-8")
    (folder / "candidates.csv").write_text(CANDIDATES, "utf-8")
    return folder


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[dict[str, object], str]:
    assert run([*arguments, "--json"]) == 0
    said = capsys.readouterr()
    return json.loads(said.out), said.err


def read_paper(folder: Path, request: PaperRequest) -> str:
    """Return the text of a paper as a reader of the PDF copies it, words that broke joined."""
    out = folder / f"p-{request.language}.pdf"
    write_paper(load_pack(folder / "pack"), request, out)
    done = subprocess.run(
        ["pdftotext", "-raw", out, "-"], capture_output=True, text=True, check=True
    )
    joined = re.sub("[\N{SOFT HYPHEN}\N{HYPHEN}]\n", "", done.stdout.replace("\u200b", ""))
    return " ".join(joined.split())


def test_only_sites_that_are_open_at_the_date_are_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    found, said = ask(
        capsys, "gaps", "--pack", f"{folder / 'pack'}", "--scenario", f"{folder / 'own.csv'}"
    )
    districts = found["districts"]
    assert isinstance(districts, list)
    assert [row["sites_located"] for row in districts] == [0, 0, 2]
    assert [row["planned"] for row in districts] == [[], ["b"], []]
    notes = found["list_notes"]
    assert isinstance(notes, list)
    assert {(note["id"], note["row"], note["kind"]) for note in notes} == {
        ("a", 1, "validity"), ("b", 2, "validity"), ("c", 3, "contradiction"),
    }  # fmt: skip
    for name, row in (("a", 1), ("b", 2), ("c", 3)):
        assert re.search(rf"warning: {name}: .*\(own\.csv, row {row}\)", said)
    assert "row 4" not in said


@pytest.mark.parametrize(
    "command",
    [["coverage"], ["nearest", "Hauptstraße 50"], ["diff", "2020"], ["compare", "east", "mid"],
     ["site", "--model", "mclp", "--p", "1", "--no-sensitivity"]],
)  # fmt: skip
def test_every_command_tells_of_the_rows(
    folder: Path, capsys: pytest.CaptureFixture[str], command: list[str]
):
    own = f"{folder / 'own.csv'}"
    named = [own] if command[0] == "diff" else ["--scenario", own]
    found, said = ask(capsys, *command, *named, "--pack", f"{folder / 'pack'}")
    notes = found["list_notes"]
    assert isinstance(notes, list)
    assert {"a", "b", "c"} <= {note["id"] for note in notes}
    assert "own.csv, row 1" in said
    if command[0] == "nearest":
        assert {site["id"] for site in found["sites"]} <= {"c", "d"}  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("ignore::welcomemap.errors.ListRowWarning")
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_paper_says_what_the_list_says_of_itself(folder: Path, language):
    request = PaperRequest(f"{folder / 'own.csv'}", language=language)
    told = read_paper(folder, request)
    digest = hashlib.sha256((folder / "own.csv").read_bytes()).hexdigest()
    own, doubt, closed, status, none = {
        "de": (
            f"Standorte nach eigener Liste (own.csv, SHA-256 {digest[:12]}…; Stichtag 2025)",
            "Bei 1 von 4 Zeilen der Liste widersprechen sich die Angaben zur Adresse, ihr Ort ist "
            "darum nicht sicher: „Treff Cäsar“.",
            "Nicht als geöffnet gezählt, weil die Liste selbst für den Stichtag anderes sagt: "
            "„Treff Anton“ und „Treff Berta“.",
            ("bis 31. Dezember 2021", "ab 1. Januar 2031", "geschlossen", "geplant"),
            "widersprechen sich die Quellen",
        ),
        "en": (
            f"sites by the planner's own list (own.csv, SHA-256 {digest[:12]}…; date of reference "
            "2025)",
            "In 1 of 4 rows of the list the parts of the address contradict each other, so that "
            "the place is not sure: “Treff Cäsar”.",
            "Not counted as open, because by its own dates the list says otherwise: “Treff Anton” "
            "and “Treff Berta”.",
            ("until 31 December 2021", "from 1 January 2031", "closed", "planned"),
            "sources at hand contradict each other",
        ),
    }[language]
    for words in (own, doubt, closed, *status):
        assert words in told
    assert none not in told
    layers = json.loads((folder / "pack" / "datapackage.json").read_text("utf-8"))["resources"]
    assert "service_points" in {layer["name"] for layer in layers}
    assert "service_points" not in told.replace(" ", "").replace("\n", "")


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_list_without_faults_is_told_of_none(folder: Path, language):
    out = folder / "plain.pdf"
    request = PaperRequest(f"{folder / 'plain.csv'}", language=language)
    write_paper(load_pack(folder / "pack"), request, out)
    told = " ".join(
        subprocess.run(
            ["pdftotext", "-raw", out, "-"], capture_output=True, text=True, check=True
        ).stdout.split()
    )
    assert not re.search(
        "Vorbehalt|Zeilen der Liste|Nicht als geöffnet|Gilt laut Liste|Andere Lesart|Keine Angabe” "
        "|reservation|rows of the list|Not counted as open|Valid by|Other reading",
        told,
    )
    assert "kein amtliches" in told or "not an official" in told


def test_a_published_list_is_credited_and_dated_as_before(folder: Path):
    out = folder / "published.pdf"
    write_paper(load_pack(folder / "pack"), PaperRequest("2025", language="en"), out)
    told = subprocess.run(
        ["pdftotext", "-raw", out, "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "service_points" in told
    assert "own list" not in told


@pytest.mark.filterwarnings("ignore::welcomemap.errors.ListRowWarning")
@pytest.mark.parametrize("language", ["de", "en"])
def test_candidates_are_exact_only_where_nothing_speaks_against_it(
    folder: Path, language, capsys: pytest.CaptureFixture[str]
):
    """Two lie level at the second place, and one of the four contradicts itself."""
    found, said = ask(
        capsys, "compare", f"{folder / 'candidates.csv'}", "--pack", f"{folder / 'pack'}"
    )
    rows = {row["id"]: row for row in found["candidates"]}  # type: ignore[attr-defined]
    assert [bool(rows[name]["place_notes"]) for name in ("x1", "x2", "x3", "x4")] == [
        True, False, False, False
    ]  # fmt: skip
    assert "candidates.csv, row 1" in said
    told = read_paper(
        folder,
        PaperRequest("2025", candidates=(f"{folder / 'candidates.csv'}",), language=language),
    )
    word, exact, about = {
        "de": ("Angaben widersprechen sich", "genaue Adresse", "Zum Ort von „Haus Eins“:"),
        "en": ("contradicts itself", "exact address", "About the place of “Haus Eins”:"),
    }[language]
    assert word in told
    assert told.count(exact) == 3
    assert about in told
    assert "candidate_sites" not in told
