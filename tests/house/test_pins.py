"""The locks pin whatever gets installed, with hashes, for each Python that is supported."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from itertools import chain

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.checkout import ROOT, tracked_texts
from tests.house.locks import LOCKS, PYTHONS, environment_of, locked, needs_of, read_lock

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
NAMED = [*PROJECT["project"]["dependencies"], *chain.from_iterable(EXTRAS.values())]
APP = [text for text in NAMED if Requirement(text).name != PROJECT["project"]["name"]]
"""The core and what its extras bring: whoever installs the lock has all of them."""
EVERYTHING = [*APP, *PROJECT["dependency-groups"]["dev"]]
WANTED = dict(zip(LOCKS, (APP, EVERYTHING), strict=True))


def required_names(texts: list[str], lock: str, python_version: str) -> set[str]:
    """Return the names of all packages installed for a Python, in turn what each needs.

    What a package needs is read from the one that is installed here: where the other Python gets
    another version, its needs are not known.
    """
    environment = environment_of(python_version)
    pins = locked(lock, environment)
    names: set[tuple[str, str]] = set()
    direct = map(Requirement, texts)
    waiting = [(need.name, extra) for need in direct for extra in ("", *need.extras)]
    while waiting:
        name, extra = waiting.pop()
        key = (canonicalize_name(name), extra)
        if key in names:
            continue
        names.add(key)
        try:
            is_other = version(name) != pins.get(key[0], version(name))
        except PackageNotFoundError:
            continue  # another Python's: its own name is still looked up among the pins
        needs = [] if is_other else needs_of(name, extra, environment)
        waiting += chain.from_iterable(
            [(need.name, wanted) for wanted in ("", *need.extras)] for need in needs
        )
    return {name for name, _ in names}


@pytest.mark.parametrize("python_version", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_every_needed_package_is_locked(lock: str, python_version: str) -> None:
    needed = required_names(WANTED[lock], lock, python_version)
    assert {"streamlit", "numpy"} < needed
    assert needed - locked(lock, environment_of(python_version)).keys() == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_version_is_exact_and_carries_hashes(lock: str) -> None:
    wrong = [
        str(need)
        for need, hashes in read_lock(lock)
        if not re.fullmatch(r"==[0-9][A-Za-z0-9.]*", str(need.specifier))
        or need.url
        or not hashes
        or not all(re.fullmatch("sha256:[0-9a-f]{64}", one) for one in hashes)
    ]
    assert wrong == []
    assert len(read_lock(lock)) > 80


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert re.findall(r"://|--[a-z-]*(?:index|links|host)", text) == []


@pytest.mark.parametrize("python_version", PYTHONS)
def test_the_locks_do_not_contradict_each_other(python_version: str) -> None:
    app, everything = (locked(lock, environment_of(python_version)) for lock in LOCKS)
    assert app.items() <= everything.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_locked_versions_satisfy_the_ranges(lock: str) -> None:
    versions = locked(lock, environment_of("3.11"))
    outside = [
        str(need)
        for need in map(Requirement, WANTED[lock])
        if not need.specifier.contains(versions[canonicalize_name(need.name)])
    ]
    assert outside == []


@pytest.mark.parametrize("lock", LOCKS)
def test_the_installer_itself_is_locked(lock: str) -> None:
    assert {"pip", "hatchling"} <= locked(lock, environment_of("3.11")).keys()


def test_the_supported_pythons_are_those_of_the_locks() -> None:
    prefix = "Programming Language :: Python :: "
    told = [text for text in PROJECT["project"]["classifiers"] if text.startswith(prefix)]
    assert told == [prefix + version for version in PYTHONS]
    assert PROJECT["project"]["requires-python"] == f">={PYTHONS[0]}"


def test_whoever_installs_uses_the_locks_with_their_hashes() -> None:
    """A deployment that forgot ``--require-hashes`` would take whatever an index hands out."""
    for name, text in tracked_texts():
        if name.startswith("tests/"):
            continue
        assert "constraints.txt" not in text, name
        for line in text.splitlines():
            if re.search(r"(?:-r|--requirement) \S*requirements", line):
                assert "--require-hashes" in line, f"{name}: {line}"
