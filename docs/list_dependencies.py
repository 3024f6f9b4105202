"""Write ``dependencies.md``: every package that the program brings along, and why.

    python -m docs.list_dependencies [pylock.toml]

Versions come from the locks, licences and sizes from what is installed. Release dates come from a
lock in the format ``pylock.toml``, which ``./run pins`` makes; without one they stay as they are.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.house.locks import LOCKS, read_lock

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "dependencies.md"
COLUMNS = ("Package", "Version", "Licence", "MB", "Released", "Extra", "Why")
APP_LOCK, EVERYTHING = LOCKS
LICENCE_FILE = re.compile(r"(?i)(licen[cs]e|copying|notice)")
LONG_LICENCE = 60
CORE = "–"
USES = ("paper", "app", "ingest", "raster")
"""The extras; what several need is listed under the first."""

WHY = {
    "babel": "writes numbers and dates as German and English readers expect them",
    "branca": "the page that folium writes into",
    "django-js-lib-leaflet": "Leaflet's script and style, so that a map asks no host for them",
    "folium": "maps as elements that can be combined",
    "font-source-sans-pro": "the typeface of printed papers",
    "geopandas": "tables of points and areas",
    "geopy": "distances on the ellipsoid and requests to geocoding services",
    "h3": "draws hexagons from their ids",
    "hatchling": "builds the package when it is installed",
    "matplotlib": "drawings in papers, and DejaVu's letters",
    "msgspec": "writes and reads JSON by typed classes, and makes its schemas",
    "numpy": "arrays",
    "opening-hours-py": "reads opening hours as OpenStreetMap writes them",
    "openpyxl": "reads and writes XLSX",
    "osmium": "reads OpenStreetMap files",
    "pyshp": "reads Shapefiles",
    "pandas": "tables",
    "pandera": "checks the columns of a pack's layers",
    "pip": "installs the packages",
    "pyarrow": "reads and writes Parquet",
    "pyogrio": "reads and writes formats of geodata",
    "pyproj": "reference systems of coordinates",
    "python-docx": "writes papers that Word opens",
    "rapidfuzz": "finds mistyped streets",
    "rasterio": "reads grids of people that are GeoTIFF files",
    "requests": "asks geocoding services and downloads sources, where an operator wants it",
    "rich": "tables on the command line",
    "scipy": "nearest neighbours, graphs and the solver of siting",
    "shapely": "geometry",
    "starlette": "answers requests that Streamlit must not see",
    "streamlit": "the app",
    "typer": "the command line",
    "typst": "sets papers as accessible PDF",
    "uvicorn": "the server the app runs in",
}
WITHOUT_TEXT = {
    "streamlit": "its wheel names Apache-2.0 and leaves the text out, which is that of LICENSE and "
    "stands in its makers' repository. Nothing else is the app without being written anew.",
}
NO_RECENT_RELEASE = {
    "cligj": "options of rasterio's commands, by its makers, for Python 3.11 only; none is run.",
    "colorama": "colours on Windows' command line, where click and others need it; not on Linux.",
    "cycler": "a part of matplotlib, by its makers; small and finished.",
    "font-source-sans-pro": "a typeface under the Open Font License: nothing to mend.",
    "mdurl": "addresses in Markdown for rich's parser, by its makers; small and finished.",
    "shellingham": "tells typer which shell asks for completion; small and finished.",
    "typing-inspect": "needed by pandera, which has not left it yet; only at import.",
}


@dataclass(frozen=True)
class Row:
    """A package as the table shows it; cells in the order of :data:`COLUMNS`."""

    name: str
    version: str
    licence: str
    megabytes: str
    released: str
    extra: str
    why: str

    def cells(self) -> tuple[str, ...]:
        """Return the cells of the row."""
        return (
            self.name,
            self.version,
            self.licence,
            self.megabytes,
            self.released,
            self.extra,
            self.why,
        )


def read_rows() -> dict[str, Row]:
    """Return the rows that are written down."""
    if not TABLE.exists():
        return {}
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [tuple(cell.strip() for cell in line.strip("| ").split(" | ")) for line in lines[2:]]
    return {row[0]: Row(*row) for row in cells}


def list_names() -> set[str]:
    """Return the names of what the app's lock holds."""
    return {canonicalize_name(need.name) for need, _ in read_lock(APP_LOCK)}


def find(name: str) -> Distribution | None:
    """Return an installed package, ``None`` where another system or Python needs it."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def name_licence(package: Distribution) -> str:
    """Return a package's licence in a few words, as its metadata tell it."""
    told = package.metadata
    short = (told.get("License-Expression") or told.get("License") or "").strip()
    if short and len(short) <= LONG_LICENCE and "\n" not in short and "Copyright" not in short:
        return short
    classes = [text for text in told.get_all("Classifier") or [] if text.startswith("License ::")]
    if classes:
        return ", ".join(sorted({text.split(" :: ")[-1] for text in classes}))
    return " AND ".join(dict.fromkeys(re.findall(r"[\w.-]+", short.replace(" AND ", " "))))


def has_licence_text(package: Distribution) -> bool:
    """Tell whether the files of a package hold its licence."""
    return any(LICENCE_FILE.search(str(path)) for path in package.files or [])


def measure(package: Distribution) -> str:
    """Return the size of the files of a package, in megabytes."""
    paths = [Path(str(path.locate())) for path in package.files or []]
    return f"{sum(path.stat().st_size for path in paths if path.exists()) / 1e6:.1f}"


def read_dates(path: Path) -> dict[str, str]:
    """Return the day each locked version was published."""
    dates = {}
    for package in tomllib.loads(path.read_text("utf-8"))["packages"]:
        kept = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        dates[package["name"]] = min(file["upload-time"] for file in kept).date().isoformat()
    return dates


def tell_why(name: str, needed_by: set[str]) -> str:
    """Return what a package is for: its own words, else who needs it."""
    return WHY.get(name) or "needed by " + ", ".join(sorted(needed_by))


def read_direct() -> dict[str, list[str]]:
    """Return what the project names itself: of the core, then of each extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    named = {CORE: project["dependencies"]} | {use: extras[use] for use in USES}
    return {
        use: [name for text in texts if (name := name_of(text)) != project["name"]]
        for use, texts in named.items()
    }


def name_of(requirement: str) -> str:
    """Return the name of what a requirement asks for."""
    return str(canonicalize_name(Requirement(requirement).name))


def find_uses(needs: Mapping[str, set[str]]) -> dict[str, str]:
    """Return for each package the extra that brings it: none if the core does.

    Parameters
    ----------
    needs
        What each package needs in turn.
    """
    uses: dict[str, str] = {}
    for use, names in read_direct().items():
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in uses:
                uses[name] = use
                waiting += needs.get(name, set())
    return uses


def make_rows(dates: dict[str, str]) -> list[Row]:
    """Return the table anew; what is not installed here keeps its licence and size."""
    old, names = read_rows(), list_names()
    versions = {canonicalize_name(n.name): str(n.specifier)[2:] for n, _ in read_lock(EVERYTHING)}
    needed_by: dict[str, set[str]] = {name: set() for name in names}
    needs: dict[str, set[str]] = {name: set() for name in names}
    for name in names:
        for need in map(Requirement, (find(name) and distribution(name).requires) or []):
            if (needed := canonicalize_name(need.name)) in names and "extra" not in str(
                need.marker
            ):
                needed_by[needed].add(name)
                needs[name].add(needed)
    uses, rows = find_uses(needs), []
    for name in sorted(names):
        package, kept = find(name), old.get(name)
        licence = name_licence(package) if package else kept.licence if kept else "?"
        size = measure(package) if package else kept.megabytes if kept else "?"
        day = dates.get(name) or (kept.released if kept else "?")
        use = uses.get(name, kept.extra if kept else CORE)
        why = tell_why(name, needed_by[name])
        rows.append(Row(name, versions[name], licence, size, day, use, why))
    return rows


def _sum_megabytes(rows: Iterable[Row], use: str) -> float:
    kept = [row for row in rows if row.extra == use and row.megabytes != "?"]
    return sum(float(row.megabytes) for row in kept)


def write(rows: list[Row]) -> str:
    """Return the document."""
    sizes = {use: _sum_megabytes(rows, use) for use in (CORE, *USES)}
    each = ", ".join(f"`{use}` adds {sizes[use]:.0f} MB" for use in USES)
    table = "\n".join("| " + " | ".join(row.cells()) + " |" for row in (Row(*COLUMNS), *rows))
    head, _, rest = table.partition("\n")
    lists = [
        (f"- `{name}`: {reason}" for name, reason in sorted(reasons.items()))
        for reasons in (WITHOUT_TEXT, NO_RECENT_RELEASE)
    ]
    return f"""# Packages

What is installed with welcomemap on Linux: what it names itself and what that needs in turn. The
core, for the command line and for analysts, has {sizes[CORE]:.0f} MB; of the extras
{each} (`app` brings `paper` along).
Written by `docs/list_dependencies.py` from [the lock](../requirements.txt) and the packages
themselves; a test compares it with both. *Released* is the day on which the locked version was
published, *extra* the one that brings it.

{head}
| {" | ".join("---" for _ in COLUMNS)} |
{rest}

## Without a licence text

{chr(10).join(lists[0])}

## No release in three years

{chr(10).join(lists[1])}
"""


if __name__ == "__main__":
    given = read_dates(Path(sys.argv[1])) if len(sys.argv) > 1 else {}
    TABLE.write_text(write(make_rows(given)), "utf-8")
