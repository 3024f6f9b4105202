"""What a clone holds: no trace of the machine it was made on, its licences, modules of one page."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.house.checkout import ROOT, tracked_files, tracked_texts

# Letters in brackets keep these patterns from finding themselves.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.])/(wor[k]|roo[t]|hom[e]|tm[p]|User[s])/[a-z]",
    "a host of a package index": r"py[p]i\.org|pytho[n]hosted|registry\.np[m]js|deb\.debia[n]",
    "an option naming a package index": r"--(extra-)?index-ur[l]|find-link[s]",
    "a private key": r"BEGIN [A-Z ]*PRIVATE KE[Y]",
    "an access token": r"\b(gh[pousr]_[A-Za-z0-9]{20,}|AKIA[0-9A-Z]{16}|xox[baprs]-\w{10,})",
    "a password": r"(?i)\b(passwor[d]|api_ke[y]|secre[t]_key)\s*[=:]\s*['\"][^'\"]{6,}",
}
WAIVER = re.compile(
    r"#\s*(?:type:\s*ignore(?:\[[^]]*\])?|noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?)"
)
"""An order to a checker to let a line pass, with what it lets pass."""
MAX_PACK_BYTES = 12_000_000


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_text_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in tracked_texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "sample"),
    [
        ("a path of one machine", "see /" + "work/main"),
        ("a host of a package index", "https://py" + "pi.org/simple"),
        ("an option naming a package index", "--extra-index" + "-url x"),
        ("a private key", "-----BEGIN RSA PRIVATE" + " KEY-----"),
        ("an access token", "gh" + "p_" + "a" * 36),
        ("a password", "pass" + "word = 'hunter22'"),
    ],
)
def test_the_search_would_find(what: str, sample: str) -> None:
    assert re.search(FORBIDDEN[what], sample)


def lacks_a_reason(line: str) -> bool:
    """Tell whether a line lets something pass and does not say why beside it."""
    waiver = WAIVER.search(line)
    return waiver is not None and not re.search(r"\w{2}", WAIVER.sub("", line[waiver.start() :]))


def test_what_a_checker_is_told_to_let_pass_has_its_reason_beside_it() -> None:
    found = [
        f"{name}:{number}"
        for name, text in tracked_texts()
        if name.startswith("src/") and name.endswith(".py")
        for number, line in enumerate(text.splitlines(), start=1)
        if lacks_a_reason(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "is_lacking"),
    [
        ("x = 1  # type: ignore[assignment]", True),
        ("x = 1  # type: ignore[misc, unused-ignore]", True),
        ("import x  # noqa: F401, PLC0415", True),
        ("import x  # noqa", True),
        ("x = 1  # type: ignore[misc]  # geopy has no types", False),
        ("import x  # noqa: F401, PLC0415 - see above", False),
        ("x = 1  # noqa: ARG002  (logging's interface)", False),
        ("x = 1  # a reason for nothing", False),
    ],
)
def test_a_reason_is_told_from_none(line: str, is_lacking: bool) -> None:
    assert lacks_a_reason(line) is is_lacking


def test_the_embedded_pack_keeps_its_size() -> None:
    sizes = [p.stat().st_size for p in tracked_files() if p.is_relative_to(ROOT / "geodata")]
    assert sum(sizes) <= MAX_PACK_BYTES


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {
        p.parent for p in tracked_files() if p.is_relative_to(ROOT / "tests") and p.suffix == ".py"
    }
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_the_program_has_its_licence() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert set(project["license-files"]) == {"LICENSE", "NOTICE"}


@pytest.mark.parametrize(
    "words",
    [
        "Copyright (c) 2010-2024, Volodymyr Agafonkin",
        "Redistributions in binary form must reproduce the above copyright notice",
        "Copyright (C) 2013-, Folium developers",
        "Copyright (C) 2013, Martin Journois",
        "Fonts are (c) Bitstream",
    ],
)
def test_the_notice_passes_on(words: str) -> None:
    assert words in (ROOT / "NOTICE").read_text("utf-8")


def test_the_changelog_is_one() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## (.*)$", text, flags=re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    dated = r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d"
    assert all(re.fullmatch(dated, heading) for heading in headings[1:])
    kinds = set(re.findall(r"^### (.*)$", text, flags=re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    released = re.findall(r"^## \[(\d[^\]]*)\]", text, flags=re.MULTILINE)
    assert not released or released[0] == version
