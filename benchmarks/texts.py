"""Write everything people read into a folder, so that two checkouts can be compared.

Use: ``python -m benchmarks.texts FOLDER`` in each checkout, then ``diff -r`` of the two folders. A
change of the layout changes no sentence, no figure and no key.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from welcomemap import cli
from welcomemap.pages import script

TABLE = """Name;Adresse;PLZ;Ort;Telefon
A;Merowingerstr. 20;40225;Düsseldorf;0211 1
B;Merowingerstr. 20 oder 22;40225;Düsseldorf;
C;Nirgendweg 5;40225;Düsseldorf;
D;Königsallee 1;50667;Köln;
E;Heinrich-Heine-Allee;;;
F;;;;
G;Bilk;;;
H;Münsterstrase 446;40470;;
I;Gerresheimer Straße 82;40233;;
J;Carlsplatz, gegenüber der Kirche;;;
"""
SITES = """id;name;operator;address;stated_districts;status;valid_from;valid_to;source
a;Süd;Stadt;Merowingerstr. 20;3;open;2026-01-01;;Plan
b;Nord;Stadt;Münsterstraße 446;6;open;2026-01-01;;Plan
c;Ost;Stadt;Gerresheimer Straße 20;7;planned;2027-01-01;;Plan
"""
ADDRESSES = (
    "Merowingerstr. 20", "Merowingerstr. 20a", "Merowingerstr. 999", "Merowinger 20", "Köln",
    "Königsallee 1 und 3", "Bilk", "40225", "Hauptstr. 1", "Friedrichstr. 40217", "Kölner Str 26",
    "Haus der Kulturen", "Münsterstrase 446", "Gumbertstr. 160", "x", "Wasserwerksweg 10",
)  # fmt: skip
SETTINGS = (
    "--threshold 1000m", "--threshold 15min --mode walk", "--threshold 10min --mode cycle",
    "--threshold 30min --mode transit", "--threshold 500m --group under_18",
    "--threshold 1000m --group migration_background",
)  # fmt: skip
PAGES = ("find", "coverage", "compare", "export", "layers")
CHOICES: tuple[dict[str, str], ...] = (
    {}, {"scenario": "2019", "threshold": "500m", "group": "over_65", "view": "quarter"},
    {"mode": "transit", "threshold": "20min", "since": "2019"},
    {"mode": "cycle", "threshold": "10min", "best": "1", "anywhere": "1", "aim": "p-center"},
    {"candidates": "hdk-446,hdk-york", "since": "2019", "group": "under_18"},
)  # fmt: skip


def list_commands() -> Iterator[str]:
    """Give the command lines whose output is kept."""
    for scenario, setting in itertools.product(("2019", "2026", "own.csv"), SETTINGS):
        yield f"gaps --scenario {scenario} {setting}"
        yield f"coverage --scenario {scenario} {setting}"
    for setting in SETTINGS:
        yield f"diff 2019 2026 {setting}"
        yield f"diff 2026 own.csv {setting}"
        yield f"compare wp07-katharinen wp10-stettiner hdk-446 hdk-york {setting}"
    for model in ("mclp --p 1", "mclp --p 2", "p-median --p 2", "p-center --p 1", "lscp",
                  "p-dispersion --p 2"):  # fmt: skip
        for more in ("", "--group under_18", "--candidates stops --no-sensitivity",
                     "--from-scratch", "--require-district 7"):  # fmt: skip
            yield f"site --model {model} --threshold 1000m {more}"
    for address in ADDRESSES:
        yield f"geocode --address {shlex.quote(address)}"
        yield f"nearest {shlex.quote(address)}"
        yield f"nearest {shlex.quote(address)} --mode transit --scenario 2019"
    yield "geocode list.csv --out placed.csv"
    yield "data check"


PAPERS = (
    "report --scenario 2026 --compare 2019 --candidates wp07-katharinen,hdk-446,hdk-york",
    "report --scenario 2019 --threshold 500m --group under_18 --focus 7",
    "report --scenario 2026 --mode transit --threshold 30min --candidates wp10-stettiner,hdk-york",
    "report --scenario own.csv --compare 2026",
)
FORMATS = "pdf,xlsx,csv,geojson,docx"


def run(command: str) -> str:
    """Return what a command prints and its exit status."""
    said, faults = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(faults):
        status = cli.run(shlex.split(command))
    return f"$ {command}\n{said.getvalue()}{faults.getvalue()}status {status}\n"


def write_commands(folder: Path) -> None:
    """Keep what every command prints: for people in both languages, and as JSON."""
    with (folder / "commands.txt").open("w", encoding="utf-8") as kept:
        for command in list_commands():
            for ending in ("--json", "--lang de", "--lang en"):
                kept.write(run(f"{command} {ending}"))


def write_papers(folder: Path) -> None:
    """Keep the papers with the tables and layers beside them, and their text."""
    for (number, command), lang in itertools.product(enumerate(PAPERS), ("de", "en")):
        place = folder / f"paper-{number}-{lang}"
        place.mkdir()
        out = shlex.quote(str(place / "paper.pdf"))
        told = run(f"{command} --date 2026-11-30 --format {FORMATS} --lang {lang} --out {out}")
        (place / "told.txt").write_text(told.replace(str(folder), ""), "utf-8")
        if shutil.which("pdftotext"):
            subprocess.run(["pdftotext", "-layout", place / "paper.pdf"], check=True)
    for lang in ("de", "en"):
        out = shlex.quote(str(folder / f"map-{lang}.html"))
        run(f"map --scenario 2026 --lang {lang} --out {out}")


def write_pages(folder: Path) -> None:
    """Keep every text of the pages, in several settings and both languages."""
    for page, lang in itertools.product(PAGES, ("de", "en")):
        for number, choices in enumerate(CHOICES):
            app = AppTest.from_file(str(Path(script.__file__)), default_timeout=300)
            app.query_params = {"lang": lang, **choices}
            app._page_hash = calc_hash(page)
            app.run()
            told = [
                list_texts(MessageToDict(element.proto))
                for element in app.main
                if element.proto is not None
            ]
            name = folder / f"page-{page}-{lang}-{number}.json"
            name.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")


def list_texts(value: Any) -> Any:
    """Return a message without what is new with every run: ids and addresses of media."""
    if isinstance(value, dict):
        return {
            key: list_texts(one)
            for key, one in value.items()
            if key.lower() not in ("id", "url", "formid", "data")
        }
    return [list_texts(one) for one in value] if isinstance(value, list) else value


def main() -> None:
    """Write everything into the folder that the command line names."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        Path("list.csv").write_text(TABLE, "utf-8")
        Path("own.csv").write_text(SITES, "utf-8")
        write_commands(folder)
        write_papers(folder)
        write_pages(folder)


if __name__ == "__main__":
    main()
