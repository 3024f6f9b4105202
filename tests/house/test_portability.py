"""What differs between systems: names of files, encodings, line ends, locks and bounds.

Windows and macOS are not at hand; what they lack or do otherwise is taken away or done here.
"""

from __future__ import annotations

import ast
import errno
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.house.checkout import ROOT
from tests.worlds import write_rechteckstadt
from welcomemap import files
from welcomemap.cli import run
from welcomemap.errors import BusyOutputError
from welcomemap.files import claimed, read_input
from welcomemap.limits import run_limited
from welcomemap.tabular import make_csv, read_table

SOURCES = [ROOT / "app.py", *sorted((ROOT / "src").rglob("*.py"))]
FOLDERS = {
    "spaces and umlauts": "Müller & Söhne (Köln)",
    "as macOS writes umlauts": unicodedata.normalize("NFD", "Müller Köln"),
    "other letters": "Karte карта 地图",
    "signs of a shell": "50% $HOME 'a' #1",
}
PROGRAM = "import sys; from welcomemap.cli import main; main(sys.argv[1:])"


@pytest.mark.parametrize("name", FOLDERS.values(), ids=FOLDERS)
def test_commands_read_and_write_in_any_folder(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / name
    pack = str(write_rechteckstadt(folder / "region pack"))
    monkeypatch.chdir(folder)
    table = Path("Liste für heute.csv")
    table.write_bytes("Name;Straße\r\nä;Hauptstraße 101\r\n".encode("cp1252"))
    assert run(["gaps", "--pack", pack]) == 0
    assert run(["geocode", str(table), "--out", "Ergebnis für heute.csv", "--pack", pack]) == 0
    assert run(["map", "--out", str(folder / "Karte & mehr.html"), "--pack", pack]) == 0
    assert "Traceback" not in capsys.readouterr().err
    located = Path("Ergebnis für heute.csv").read_bytes().decode("utf-8-sig")
    assert "ä;Hauptstraße 101;exact" in located
    assert (folder / "Karte & mehr.html").stat().st_size > 10_000
    names = {"region pack", table.name, "Ergebnis für heute.csv", "Karte & mehr.html"}
    assert {path.name for path in Path().iterdir()} == names


def test_a_checkout_has_the_same_bytes_on_every_system() -> None:
    """Git on Windows gives text other line ends, which no hash of a layer would survive."""
    if not (ROOT / ".git").exists():
        pytest.skip("an unpacked archive: git has no say in it")
    names = ["run", "geodata/service_points.csv", "docs/example-pack/datapackage.json"]
    told = subprocess.run(
        ["git", "check-attr", "text", "--", *names], cwd=ROOT, check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    assert told.stdout.splitlines() == [f"{name}: text: unset" for name in names]


def test_what_is_printed_is_utf8_whatever_the_system_says(tmp_path: Path) -> None:
    """As in a Windows console with code page 1252."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "suggest", "hauptstr 101", "--pack",
         str(write_rechteckstadt(tmp_path / "pack"))],
        check=False, capture_output=True, cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0",
             "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Hauptstraße 101".encode() in done.stdout


@pytest.mark.parametrize(
    ("has_bom", "end"), [(False, b"\n"), (True, b"\r\n")], ids=["for programs", "for Excel"]
)
def test_line_ends_of_a_table_are_the_same_on_every_system(
    tmp_path: Path, has_bom: bool, end: bytes
) -> None:
    content = make_csv(pd.DataFrame({"ä": ["ö", "a\nb"]}), has_bom=has_bom)
    lines = ["ä", "ö", '"a\nb"', ""]
    assert content.removeprefix(b"\xef\xbb\xbf") == end.join(line.encode() for line in lines)
    for other in (b"\n", b"\r\n", b"\r"):
        path = tmp_path / f"{len(other)}{other[0]}.csv"
        path.write_bytes(other.join([b"a,b", b"1,2", b"3,4", b""]))
        assert read_table(path).frame.to_numpy().tolist() == [["1", "2"], ["3", "4"]]


def text_calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str, str]]:
    """Yield calls that open a file as text: the call, its name and its mode."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if isinstance(call.func, ast.Attribute) and name in {"read_text", "write_text"}:
            yield call, name, "w" if name == "write_text" else "r"
        elif name in {"open", "fdopen"}:
            given = [*call.args, *(word.value for word in call.keywords if word.arg == "mode")]
            texts = [x.value for x in given if isinstance(x, ast.Constant) and x.value is not None]
            modes = [x for x in texts if isinstance(x, str) and 0 < len(x) < 4 and x[0] in "rwax"]
            if modes and "b" not in modes[0]:
                yield call, name, modes[0]


def find_left_to_the_system(text: str) -> list[str]:
    """Return the calls that leave the encoding, or the line ends they write, to the system."""
    found = []
    for call, name, mode in text_calls(ast.parse(text)):
        words = {word.arg for word in call.keywords}
        is_encoded = "encoding" in words or (name.endswith("_text") and len(call.args) > 0)
        if not is_encoded or ("r" not in mode and "newline" not in words):
            found.append(f"{call.lineno}: {name}")
    return found


def test_no_encoding_and_no_line_end_is_left_to_the_system() -> None:
    found = {path: find_left_to_the_system(path.read_text("utf-8")) for path in SOURCES}
    # A closed stream is replaced by the null device, which keeps nothing.
    assert [path for path, calls in found.items() if calls] == [
        ROOT / "src" / "welcomemap" / "cli" / "__init__.py"
    ]


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("p.read_text()", 1), ("p.read_text('utf-8')", 0), ("p.write_text(x, 'utf-8')", 1),
        ("p.write_text(x, encoding='utf-8', newline='')", 0), ("open(p, 'rb')", 0),
        ("open(p, 'w', encoding='utf-8')", 1), ("p.open('r', encoding='utf-8')", 0),
    ],
)  # fmt: skip
def test_the_search_for_such_calls_finds_them(code: str, count: int) -> None:
    assert len(find_left_to_the_system(code)) == count


WINDOWS = """
import errno, os, sys, types

def locking(descriptor, mode, count):  # msvcrt: refused with EACCES where another process holds it
    assert (mode, count) == (2, 1)
    try:
        os.lockf(descriptor, os.F_TLOCK, count)
    except OSError:
        raise PermissionError(errno.EACCES, "Permission denied") from None

sys.modules["fcntl"] = None
sys.modules["msvcrt"] = types.SimpleNamespace(LK_NBLCK=2, locking=locking)
from pathlib import Path
unlink = Path.unlink

def keep(path, missing_ok=False):  # Windows removes no file that is open
    if path.name.endswith(".lock"):
        raise PermissionError(errno.EACCES, "The process cannot access the file")
    unlink(path, missing_ok)

Path.unlink = keep
from welcomemap import files
from welcomemap.errors import BusyOutputError
assert files.fcntl is None
out = Path(sys.argv[1])
try:
    with files.claimed([out]):
        print("held", flush=True)
        sys.stdin.readline()
except BusyOutputError:
    print("busy", flush=True)
"""


def start_windows(out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WINDOWS, str(out)], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.skipif(not hasattr(os, "lockf"), reason="needs locks that stand in for Windows'")
def test_an_output_is_claimed_by_one_run_where_locks_are_those_of_windows(tmp_path: Path) -> None:
    out = tmp_path / "Ergebnis für heute.csv"
    with start_windows(out) as first:
        assert said(first) == "held"
        with start_windows(out) as second:
            assert said(second) == "busy"
        first.communicate("\n", timeout=60)
    # The lock file could not be removed; it lies there empty and locks nothing.
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [0]
    with start_windows(out) as third:
        assert said(third) == "held"
        third.communicate("\n", timeout=60)


@pytest.mark.parametrize(("code", "is_busy"), [(errno.EACCES, True), (errno.ENOLCK, False)])
def test_only_a_lock_that_is_held_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_busy: bool
) -> None:
    def flock(_descriptor: int, _operation: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(files.fcntl, "flock", flock)
    told = []
    try:
        with claimed([tmp_path / "a.csv"]):
            told.append("written without a lock")
    except BusyOutputError:
        told.append("busy")
    assert told == ["busy" if is_busy else "written without a lock"]


def test_files_are_read_where_no_open_can_be_told_not_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_NONBLOCK", raising=False)
    monkeypatch.delattr(os, "O_CLOEXEC", raising=False)
    path = tmp_path / "ä b.csv"
    path.write_bytes(b"a\r\nb\n\x1a")
    assert read_input(path) == b"a\r\nb\n\x1a"
    with claimed([path]):
        pass


def answer_without_bounds() -> str:
    """Run in the other process, where ``resource`` is hidden before the bounds are set."""
    return str("resource" in sys.modules and sys.modules["resource"] is not None)


def test_work_for_a_stranger_is_done_where_a_system_knows_no_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['resource'] = None\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, sys.path)]))
    assert run_limited(answer_without_bounds) == "False"
