"""The checkout these tests look at."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
HIDDEN = {".ci", ".gitattributes", ".github", ".gitignore", ".pre-commit-config.yaml", ".streamlit"}
"""What begins with a full stop and is part of the checkout all the same."""
BINARY_SUFFIXES = {
    ".zip",
    ".parquet",
    ".png",
    ".gz",
    ".pbf",
    ".pdf",
    ".woff2",
    ".mo",
    ".gpkg",
    ".xlsx",
}


def tracked_files() -> list[Path]:
    """Return the files that version control knows; in an unpacked archive, all files there are."""
    if not (ROOT / ".git").exists():
        return [path for path in ROOT.rglob("*") if path.is_file() and not _is_made(path)]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _is_made(path: Path) -> bool:
    """Tell whether a file came into being by running something."""
    parts = path.relative_to(ROOT).parts
    return path.suffix == ".pyc" or any(
        part.startswith(".") and part not in HIDDEN for part in parts
    )


def tracked_texts() -> list[tuple[str, str]]:
    """Return name and content of each tracked text file."""
    return [
        (str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for path in tracked_files()
        if path.suffix not in BINARY_SUFFIXES
    ]
