"""The lock files: which version of which package is installed where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import distribution

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.checkout import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt")
PYTHONS = ("3.11", "3.12", "3.13")


def environment_of(python_version: str) -> dict[str, str]:
    """Return what markers ask for, on this system with another Python."""
    return {
        **{name: str(value) for name, value in default_environment().items()},
        "python_version": python_version,
        "python_full_version": f"{python_version}.2",
    }


def read_lock(name: str) -> list[tuple[Requirement, list[str]]]:
    """Return each locked requirement with the hashes of its files."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    pairs = [(line.partition("--hash=")[0].strip(), line) for line in lines]
    return [(Requirement(first), re.findall(r"--hash=(\S+)", line)) for first, line in pairs]


def locked(name: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the version of each package that a lock installs in an environment."""
    found: dict[str, str] = {}
    for need, _ in read_lock(name):
        if _applies(need.marker, environment):
            (specifier,) = need.specifier
            assert specifier.operator == "=="
            assert canonicalize_name(need.name) not in found
            found[canonicalize_name(need.name)] = specifier.version
    return found


def needs_of(name: str, extra: str, environment: Mapping[str, str]) -> list[Requirement]:
    """Return what an installed package needs for one of its extras, or for itself."""
    listed = map(Requirement, distribution(name).requires or [])
    return [need for need in listed if _applies(need.marker, {**environment, "extra": extra})]


def _applies(marker: Marker | None, environment: Mapping[str, str]) -> bool:
    return marker is None or marker.evaluate(dict(environment))
