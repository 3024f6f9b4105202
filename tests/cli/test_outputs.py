"""Every command that writes refuses what it reads, is alone on its output, and loses nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import typer

from tests.ingest.test_update import write_list
from tests.worlds import write_rechteckstadt
from welcomemap.cli import app, run
from welcomemap.files import claimed

SITES = (
    "id,name,operator,address,stated_districts,status,valid_from,valid_to,source,lat,lon\n"
    "x1,Punkt Eins,,,1,open,,,eigene,51.2500,6.7100\n"
)
Command = Callable[[Path, Path], list[str]]
WRITERS: Mapping[str, tuple[Command, tuple[str, ...]]] = {
    "geocode": (
        lambda home, out: ["geocode", str(home / "list.csv"), "--out", str(out)],
        ("list.csv", "pack/districts.geojson", "pack/service_points.csv"),
    ),
    "geocode --review-map": (
        lambda home, out: ["geocode", str(home / "list.csv"), "--out", str(home / "new.csv"),
                           "--review-map", str(out)],
        ("list.csv", "new.csv", "pack/datapackage.json"),
    ),
    "map": (
        lambda home, out: ["map", "--scenario", str(home / "sites.csv"), "--out", str(out)],
        ("sites.csv", "pack/districts.geojson", "pack/datapackage.json"),
    ),
    "report": (
        lambda home, out: ["report", "--scenario", str(home / "sites.csv"), "--out", str(out)],
        ("sites.csv", "pack/service_points.csv"),
    ),
    "report --compare --candidates --format": (
        lambda home, out: ["report", "--scenario", "2025", "--compare", str(home / "sites.csv"),
                           "--candidates", str(home / "wishes.csv"), "--format", "csv",
                           "--out", str(out.with_suffix(".pdf"))],
        ("a.csv", "wishes.districts.csv"),
    ),
    "replay": (
        lambda home, out: ["replay", str(home / "paper.study.json"),
                           "--out", str(home / f"{out.name.split('.')[0]}.csv")],
        ("paper.study.json", "sites.csv"),
    ),
    "data build": (
        lambda home, out: ["data", "build", "--raw", str(home / "raw"), "--out", str(out)],
        ("raw", "."),
    ),
    "data update": (
        lambda home, out: ["data", "update", "--sources", str(home / "sources.toml"),
                           "--out", str(out)],
        ("sources.toml", "."),
    ),
}  # fmt: skip
WITHOUT_INPUT = {
    "data seal": "records what is in the pack's own manifest: that is what it is asked for",
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a pack, lists, a raw folder and a paper with its study file."""
    home = tmp_path_factory.mktemp("filled")
    write_rechteckstadt(home / "pack")
    (home / "list.csv").write_text("id,address\n1,Hauptstraße 2\n", "utf-8")
    for name in ("sites.csv", "wishes.csv"):
        (home / name).write_text(SITES, "utf-8")
    (home / "raw").mkdir()
    (home / "raw" / "note.txt").write_text("raw")
    write_list(home / "sources.toml", {"name": "a"})
    # Beside these a folder may look like a pack, so that only its content can speak for it.
    (home / "datapackage.json").write_text("{}")
    (home / "raw" / "datapackage.json").write_text("{}")
    asked = ["report", "--scenario", str(home / "sites.csv"), "--out", str(home / "paper.pdf"),
             "--pack", str(home / "pack")]  # fmt: skip
    assert run(asked) == 0
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Iterator[Path]:
    copy = tmp_path / "home"
    shutil.copytree(filled, copy)
    yield copy


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def list_writers() -> set[str]:
    """Every command that has an option to name an output, as the program itself lists them."""
    found = set()
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None) or {"": command}
        for part, one in inner.items():
            options = {option for parameter in one.params for option in parameter.opts}
            if options & {"--out", "--review-map"} or part == "seal":
                found.add(f"{name} {part}".strip())
    return found


def test_every_command_that_writes_is_tried_here() -> None:
    tried = {" ".join(word for word in name.split() if word[0] != "-") for name in WRITERS}
    assert list_writers() == tried | set(WITHOUT_INPUT)


@pytest.mark.parametrize(
    ("writer", "target"),
    [(name, target) for name, (_, targets) in WRITERS.items() for target in targets],
)
@pytest.mark.parametrize("link", ["plain", "symbolic", "hard"])
def test_no_command_writes_over_what_it_reads(
    home: Path, writer: str, target: str, link: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command, _ = WRITERS[writer]
    if target in ("a.csv", "wishes.districts.csv"):
        # A part of the paper would take the name of a list.
        (home / "sites.csv").rename(home / target)
        target_path = home / target
        text = [word.replace("sites.csv", target) for word in command(home, target_path)]
    else:
        target_path = home / target
        if link != "plain" and target_path.is_file():
            other = target_path.with_name(f"link{target_path.suffix}")
            if link == "symbolic":
                other.symlink_to(target_path)
            else:
                os.link(target_path, other)
            target_path = other
        text = command(home, target_path)
    if writer == "replay" and target == "paper.study.json":
        text = command(home, home / "paper.pdf")
    before = content_of(home)
    pack = [] if writer.startswith("data") else ["--pack", str(home / "pack")]
    assert run([*text, *pack]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert content_of(home) == before


def test_a_paper_asked_for_as_tables_is_written_under_the_name_asked_for(home: Path) -> None:
    pack = ["--pack", str(home / "pack")]
    for name in ("list2.csv", "list3.geojson", "list4.svg"):
        assert run(["report", "--out", str(home / name), *pack]) == 0
        assert (home / name).stat().st_size > 100
    districts = (home / "list2.csv").read_text("utf-8-sig").splitlines()
    assert len(districts) == 1 + 3


@pytest.mark.parametrize("writer", [name for name in WRITERS if " --" not in name])
def test_a_second_run_on_an_output_is_refused(
    home: Path, writer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first run holds its output from its start on, not only while it writes."""
    command, _ = WRITERS[writer]
    out = home / ("fresh" if writer.startswith("data") else "fresh.csv")
    held = {"report": out.with_suffix(".study.json"), "replay": out.with_suffix(".study.json")}
    pack = [] if writer.startswith("data") else ["--pack", str(home / "pack")]
    before = content_of(home)
    with claimed([held.get(writer, out)]):
        assert run([*command(home, out), *pack]) == 2
    said = capsys.readouterr()
    assert "another run is writing this output" in said.err
    assert len(said.err.splitlines()) == 1
    assert content_of(home) == before


def test_two_runs_at_once_never_both_say_done(home: Path) -> None:
    """One of them ends with 2 unless they ran one after the other, whatever the machine does."""
    rows = "".join(f"{i},Hauptstraße {i % 90}\n" for i in range(4000))
    (home / "list.csv").write_text(f"id,address\n{rows}", "utf-8")
    program = "import sys; from welcomemap.cli import main; main(sys.argv[1:])"
    out = home / "out.csv"
    with claimed([out]):
        done = subprocess.run(
            [sys.executable, "-c", program, "geocode", str(home / "list.csv"), "--out", str(out),
             "--pack", str(home / "pack")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "another run" in done.stderr
    assert not out.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
@pytest.mark.parametrize("most", [0, 60, 3_000, 40_000])
def test_a_full_disk_is_one_line_that_says_where_the_rows_are(home: Path, most: int) -> None:
    rows = "".join(f"{i},Hauptstraße {i % 90}\n" for i in range(400))
    (home / "list.csv").write_text(f"id,address\n{rows}", "utf-8")
    before = content_of(home)
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}));"
        "from welcomemap.cli import main; main(sys.argv[1:])"
    )
    arguments = ["geocode", str(home / "list.csv"), "--out", str(home / "out.csv"),
                 "--pack", str(home / "pack")]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, *arguments], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    journal = home / ".out.csv.journal"
    assert journal.exists() == (journal.name in done.stderr)
    journal.unlink(missing_ok=True)
    assert content_of(home) == before


def test_rows_that_were_done_outlive_a_full_disk(home: Path) -> None:
    """What one run kept is not written again by the next, which may have no space for it."""
    rows = "".join(f"{i},Hauptstraße {i % 90}\n" for i in range(400))
    (home / "list.csv").write_text(f"id,address\n{rows}", "utf-8")
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "most = int(sys.argv[1]); resource.setrlimit(resource.RLIMIT_FSIZE, (most, most));"
        "from welcomemap.cli import main; main(sys.argv[2:])"
    )
    arguments = ["geocode", str(home / "list.csv"), "--out", str(home / "out.csv"),
                 "--pack", str(home / "pack")]  # fmt: skip
    journal = home / ".out.csv.journal"
    for most in (40_000, 20_000):
        subprocess.run(
            [sys.executable, "-B", "-c", program, str(most), *arguments], capture_output=True,
            check=False,
        )  # fmt: skip
        kept = journal.read_bytes()
        assert len(kept) > 20_000
    assert run(arguments) == 0
    assert not journal.exists()
    assert len((home / "out.csv").read_text("utf-8").splitlines()) == 401
