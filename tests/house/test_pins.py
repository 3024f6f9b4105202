"""constraints.txt pins whatever gets installed, for each Python that is supported."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from itertools import chain

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.checkout import ROOT

PIN = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*")


def pin_lines() -> list[str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def pinned() -> dict[str, str]:
    pairs = (line.split("==") for line in pin_lines())
    return {canonicalize_name(name): version for name, version in pairs}


def direct_requirements() -> list[Requirement]:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = declared["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    texts = [*project["dependencies"], *extras, *declared["dependency-groups"]["dev"]]
    return [Requirement(text) for text in texts]


def required_names(python_version: str) -> set[str]:
    """Return the names of all packages installed for a Python, in turn what each needs."""
    environment = {
        **default_environment(),
        "python_version": python_version,
        "python_full_version": f"{python_version}.2",
    }
    names: set[tuple[str, str]] = set()
    waiting = [(need.name, extra) for need in direct_requirements() for extra in ("", *need.extras)]
    while waiting:
        name, extra = waiting.pop()
        key = (canonicalize_name(name), extra)
        if key in names:
            continue
        names.add(key)
        try:
            needs = [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:
            continue  # another Python's: its own name is still looked up among the pins
        for need in needs:
            if need.marker is None or need.marker.evaluate({**environment, "extra": extra}):
                waiting += [(need.name, wanted) for wanted in ("", *need.extras)]
    return {name for name, _ in names}


@pytest.mark.parametrize("python_version", ["3.11", "3.12"])
def test_every_needed_package_is_pinned(python_version: str) -> None:
    needed = required_names(python_version)
    assert {"streamlit", "numpy", "pytest"} < needed
    assert needed - pinned().keys() == set()


def test_pins_are_exact_and_name_no_place() -> None:
    assert [line for line in pin_lines() if not PIN.fullmatch(line)] == []
    assert len(pin_lines()) == len(pinned()) > 100


def test_pins_satisfy_the_ranges() -> None:
    pins = pinned()
    outside = [
        str(need)
        for need in direct_requirements()
        if not need.specifier.contains(pins[canonicalize_name(need.name)])
    ]
    assert outside == []


def test_the_installer_itself_is_pinned() -> None:
    assert {"pip", "hatchling"} <= pinned().keys()
