"""What the documentation site has beside the pages that stand here: hooks of ``mkdocs.yml``.

The reference is made from what the program says of itself: the command line's help, and the
docstrings of the rooms. Files of the checkout that a page links to come along, for the site may lie
where no forge is near.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

import griffe
import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from typer.cli import get_docs_for_click

from welcomemap.cli import app

ROOT = Path(__file__).parents[1]
DOCUMENTS = ROOT / "docs"
PACKAGE = ROOT / "src" / "welcomemap"
ROOMS = {
    "api": "A region and its verbs",
    "answers": "Answers",
    "study": "Studies",
    "siting": "Siting",
    "coverage": "Coverage",
    "travel": "Travel",
    "geocoding": "Geocoding",
    "region": "Regions",
    "tabular": "Tables",
    "report": "Papers",
    "errors": "Errors and warnings",
}
"""Rooms that somebody meets who imports the package, with the headings of their pages."""
ROOT_PAGES = {"changelog.md": "CHANGELOG.md", "contributing.md": "CONTRIBUTING.md"}
LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)#\s]+)")
ROLE = re.compile(r":(?:mod|class|func|meth|attr|data|exc):`~?([\w.]+)`")
COMMAND_LIST = re.compile(r"\*\*Commands\*\*:\n\n(?:\* .*\n)+\n")


def list_modules(room: str) -> list[str]:
    """Return the full names of a room's public modules, or of the one module that it is."""
    names = sorted(path.stem for path in (PACKAGE / room).glob("[!_]*.py"))
    return [f"welcomemap.{room}.{name}" for name in names] or [f"welcomemap.{room}"]


def write_room(room: str, heading: str) -> str:
    """Return the page of a room: all of its public modules."""
    blocks = "\n\n".join(f"::: {name}" for name in list_modules(room))
    return f"# {heading}\n\n{blocks}\n"


def write_command_line() -> str:
    """Return the page of the command line, from the help that its commands print."""
    command = typer.main.get_command(app)
    with command.make_context("welcomemap", ["gaps"], resilient_parsing=True) as context:
        text: str = get_docs_for_click(obj=command, ctx=context, name="welcomemap")
    # Commands are listed there with the first half of a sentence; each has its section below.
    return COMMAND_LIST.sub("", text).replace("# `welcomemap`", "# Command line", 1)


def find_outside(source: Path) -> set[Path]:
    """Return the files beside ``docs`` that a document links to."""
    links = LINK.findall(source.read_text("utf-8"))
    targets = {Path(os.path.normpath(source.parent / link)) for link in links}
    known = {ROOT / name for name in ROOT_PAGES.values()}
    return {target for target in targets - known if not target.is_relative_to(DOCUMENTS)}


def place_of(target: Path) -> str:
    """Return where on the site a file of the checkout lies: in the folder ``checkout``."""
    parts = [part.lstrip(".") for part in target.relative_to(ROOT).parts]
    # A document of the checkout is shown as it is written, for it is no page of the site.
    return "/".join(["checkout", *parts]) + (".txt" if target.suffix == ".md" else "")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is made, and what lies elsewhere in the checkout."""
    made = {f"reference/{room}.md": write_room(room, title) for room, title in ROOMS.items()}
    made["reference/command-line.md"] = write_command_line()
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))
    documents = [ROOT / source for source in ROOT_PAGES.values()]
    for name, source in ROOT_PAGES.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / source)))
    documents += [Path(str(file.abs_src_path)) for file in files.documentation_pages()
                  if file.generated_by is None]  # fmt: skip
    outside = set[Path]().union(*map(find_outside, documents))
    for target in sorted(outside):
        files.append(File.generated(config, place_of(target), abs_src_path=str(target)))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Let links out of the folder ``docs`` lead to what :func:`on_files` has added."""
    name = page.file.src_uri
    if name not in ROOT_PAGES and page.file.generated_by is not None:
        return markdown
    source = ROOT / ROOT_PAGES[name] if name in ROOT_PAGES else DOCUMENTS / name
    pages = {ROOT / path: made for made, path in ROOT_PAGES.items()}

    def relink(link: re.Match[str]) -> str:
        target = Path(os.path.normpath(source.parent / link[1]))
        if target in pages:
            place = pages[target]
        elif target.is_relative_to(DOCUMENTS):
            place = target.relative_to(DOCUMENTS).as_posix()
        else:
            place = place_of(target)
        return os.path.relpath(place, PurePosixPath(name).parent).replace(os.sep, "/")

    return LINK.sub(relink, markdown)


class Roles(griffe.Extension):
    """Turns the roles of docstrings into links, where their target is on the site."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite one docstring."""
        if obj.docstring is not None:
            obj.docstring.value = ROLE.sub(lambda role: _link(role[1], obj), obj.docstring.value)


def _link(name: str, where: griffe.Object) -> str:
    """Return the name as code that leads to its entry; one without an entry is code alone."""
    if name.startswith("welcomemap."):
        path, shown = name, name.removeprefix("welcomemap.")
    else:
        shown = name
        try:
            path = where.resolve(name)
        except griffe.NameResolutionError:
            path = f"{where.path}.{name}"
    return f'<autoref identifier="{path}" optional><code>{shown}</code></autoref>'
