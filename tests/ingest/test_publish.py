"""A pack changes places with the older one so that at no moment there is none."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cases import long
from welcomemap.errors import BusyOutputError, UsageError
from welcomemap.ingest import pack_folder
from welcomemap.ingest.pack_folder import claim_target, publish_pack
from welcomemap.region.pack import find_pack

SWAP = """
import os, signal, sys
from pathlib import Path
from welcomemap.ingest import pack_folder as publish
step, is_able = int(sys.argv[2]), sys.argv[3] == "exchange"
done = 0
def count(change):
    def counted(*arguments, **names):
        global done
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return change(*arguments, **names)
    return counted
exchange = publish._exchange if is_able else lambda one, other: False
publish._exchange = count(exchange)
Path.rename = count(Path.rename)
publish.shutil.rmtree = count(publish.shutil.rmtree)
out = Path(sys.argv[1])
with publish.claim_target(out), publish.publish_pack(out) as fresh:
    (fresh / "datapackage.json").write_text("new")
"""


def make(out: Path, text: str) -> None:
    with claim_target(out), publish_pack(out) as fresh:
        (fresh / "datapackage.json").write_text(text)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
@pytest.mark.parametrize("way", ["exchange", long("renames")])
def test_a_kill_at_any_step_leaves_one_of_the_two_packs(tmp_path: Path, way: str) -> None:
    """Kill before the first, second, … change of the folder until one run comes through."""
    out = tmp_path / "pack"
    for step in range(1, 20):
        make(out, "old")
        done = subprocess.run(
            [sys.executable, "-c", SWAP, str(out), str(step), way], check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        found = (find_pack(out) / "datapackage.json").read_text()
        assert found == ("new" if done.returncode == 0 else found)
        assert found in ("old", "new")
        if done.returncode == 0:
            break
    else:
        pytest.fail("no run came through")
    assert step > 2
    # The next run clears away what the killed ones have left.
    make(out, "last")
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


def test_a_reader_always_finds_a_pack(tmp_path: Path) -> None:
    out = tmp_path / "pack"
    make(out, "0")
    ended = threading.Event()
    missing: list[str] = []

    def read() -> None:
        while not ended.is_set():
            try:
                (out / "datapackage.json").read_text()
            except OSError as error:
                missing.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(200):
            make(out, str(number))
    finally:
        ended.set()
        reader.join()
    if sys.platform == "linux":
        assert missing == []
    assert (out / "datapackage.json").read_text() == "199"


def test_without_an_exchange_the_older_pack_is_found_until_the_fresh_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "pack"
    make(out, "old")
    monkeypatch.setattr(pack_folder, "_exchange", lambda _one, _other: False)
    rename = Path.rename
    seen: list[str] = []

    def look(path: Path, target: Path) -> Path:
        result = rename(path, target)
        seen.append((find_pack(out) / "datapackage.json").read_text())
        return result

    monkeypatch.setattr(Path, "rename", look)
    make(out, "new")
    assert seen == ["old", "new"]


def test_a_second_run_on_a_pack_is_refused_and_a_pack_with_the_inputs_in_it(tmp_path: Path) -> None:
    out = tmp_path / "pack"
    make(out, "old")
    with claim_target(out), pytest.raises(BusyOutputError):
        make(out, "new")
    (out / "raw").mkdir()
    with pytest.raises(UsageError), claim_target(out, (out / "raw",)):
        pass
    assert (out / "datapackage.json").read_text() == "old"
