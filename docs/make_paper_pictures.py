"""Make the pictures of docs/paper.md: pages of the paper, small, one of them in grey.

Needs pdftoppm (poppler-utils)::

    python docs/make_paper_pictures.py
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from welcomemap.region.pack import load_pack
from welcomemap.report import PaperRequest, write_paper

IMAGES = Path(__file__).parent / "images"
REQUEST = PaperRequest("2026", compare="2019", focus_district=7)
PAGES = (
    ("paper-answer", 1, 64, ()),
    ("paper-map", 2, 64, ()),
    ("paper-map-grey", 2, 64, ("-gray",)),
)
A3_DOTS = 56


def main() -> None:
    """Write the paper to a temporary folder and turn pages of it into PNG."""
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "paper.pdf"
        write_paper(load_pack(), REQUEST, pdf)
        for name, page, dots, options in PAGES:
            _turn(pdf, IMAGES / name, page, dots, options)
        _turn(pdf, IMAGES / "paper-a3", _count(pdf), A3_DOTS, ())


def _count(pdf: Path) -> int:
    told = subprocess.run(  # noqa: S603 - the arguments are this script's own
        ["pdfinfo", str(pdf)],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    line = next(line for line in told.splitlines() if line.startswith("Pages:"))
    return int(line.split()[1])


def _turn(pdf: Path, target: Path, page: int, dots: int, options: tuple[str, ...]) -> None:
    pages = ["-f", str(page), "-l", str(page)]
    command = ["pdftoppm", "-png", "-singlefile", "-r", str(dots), *pages, *options]
    subprocess.run([*command, str(pdf), str(target)], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
