"""How large is the house? Lines, files, functions and imports of checkouts, side by side.

    python -m benchmarks.house [CHECKOUT…]

Without a checkout the one it stands in is measured. Nothing of a checkout is imported but for one
run of ``gaps``, in a process of its own, in which the objects are counted that it makes.
"""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "welcomemap"
Function = ast.FunctionDef | ast.AsyncFunctionDef

# Counts instances of the package's own classes while `gaps` answers a second time.
COUNT_OBJECTS = """
import contextlib, io, sys
from welcomemap.cli import run
question = ["gaps", "--scenario", "2026", "--json"]
made = 0
def count(frame, event, _):
    global made
    if event == "call" and frame.f_code.co_name == "__init__":
        own = frame.f_locals.get(frame.f_code.co_varnames[0])
        made += type(own).__module__.startswith("welcomemap.")
with contextlib.redirect_stdout(io.StringIO()):
    run(question)
    sys.setprofile(count)
    status = run(question)
    sys.setprofile(None)
print(made)
sys.exit(status)
"""


@dataclass(frozen=True)
class House:
    """What a checkout's source is like; ``only_importer`` names the one importer of a module."""

    files: int
    code_lines: int
    only_importer: dict[str, str]
    longest: tuple[int, str]
    most_complex: tuple[int, str]


def read_modules(checkout: Path) -> dict[str, Path]:
    """Return the path of each module of the package by its dotted name."""
    base = checkout / "src"
    found = {}
    for path in sorted((base / PACKAGE).rglob("*.py")):
        name = ".".join(path.relative_to(base).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def find_code_lines(text: str) -> set[int]:
    """Return the numbers of lines that hold code: no docstring, no comment, not blank."""
    empty = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
             tokenize.ENDMARKER)  # fmt: skip
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in empty:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | Function):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                lines -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return lines


def list_imports(path: Path, modules: dict[str, Path]) -> Iterator[str]:
    """Yield the modules of the package that a file imports, at whatever place."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if inner in modules else str(node.module)


def find_only_importers(modules: dict[str, Path]) -> dict[str, str]:
    """Return the modules that just one other imports, with that one."""
    importers: dict[str, set[str]] = defaultdict(set)
    for name, path in modules.items():
        for imported in list_imports(path, modules):
            importers[imported].add(name)
    return {name: next(iter(by)) for name, by in sorted(importers.items()) if len(by) == 1}


def find_longest(modules: dict[str, Path]) -> tuple[int, str]:
    """Return the code lines of the longest function, and its name."""
    longest = (0, "")
    for name, path in modules.items():
        text = path.read_text(encoding="utf-8")
        lines = sorted(find_code_lines(text))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, Function):
                count = sum(node.lineno <= line <= (node.end_lineno or 0) for line in lines)
                longest = max(longest, (count, f"{name}.{node.name}"))
    return longest


def find_most_complex(checkout: Path) -> tuple[int, str]:
    """Return the cyclomatic complexity (McCabe 1976, counted by ruff) of the most complex one."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "C901", "--config",
         "lint.mccabe.max-complexity=0", "--output-format", "json", "src"],
        cwd=checkout, check=False, capture_output=True, text=True,
    )  # fmt: skip
    most = (0, "")
    for fault in json.loads(done.stdout):
        name, _, told = fault["message"].partition(" is too complex (")
        path = Path(fault["filename"]).relative_to(checkout / "src")
        most = max(most, (int(told.split(" ")[0]), f"{path}: {name.strip('`')}"))
    return most


def measure_house(checkout: Path) -> House:
    """Return the figures of a checkout that need nothing but its text."""
    modules = read_modules(checkout)
    texts = [path.read_text(encoding="utf-8") for path in modules.values()]
    return House(
        files=len(modules),
        code_lines=sum(len(find_code_lines(text)) for text in texts),
        only_importer=find_only_importers(modules),
        longest=find_longest(modules),
        most_complex=find_most_complex(checkout),
    )


def count_objects(checkout: Path) -> int:
    """Return how many objects of the package's classes one answer of ``gaps`` makes."""
    done = subprocess.run(
        [sys.executable, "-c", COUNT_OBJECTS],
        cwd=checkout, check=True, capture_output=True, text=True,
        env={"PYTHONPATH": str(checkout / "src"), "WELCOMEMAP_PACK": str(checkout / "geodata")},
    )  # fmt: skip
    return int(done.stdout)


def main(arguments: list[str]) -> None:
    checkouts = [Path(text).resolve() for text in arguments] or [ROOT]
    houses = [measure_house(checkout) for checkout in checkouts]
    rows: list[tuple[str, list[object]]] = [
        ("files", [house.files for house in houses]),
        ("lines of code", [house.code_lines for house in houses]),
        ("imported by one other only", [len(house.only_importer) for house in houses]),
        ("longest function, lines", ["{} ({})".format(*house.longest) for house in houses]),
        ("most complex function", ["{} ({})".format(*house.most_complex) for house in houses]),
        ("objects made for gaps", [count_objects(checkout) for checkout in checkouts]),
    ]
    print("| what |" + "".join(f" {checkout.name} |" for checkout in checkouts))
    print("|---|" + "---|" * len(checkouts))
    for what, values in rows:
        print(f"| {what} |" + "".join(f" {value} |" for value in values))
    for before, after in pairwise(houses):
        print(f"\nCode lines: {100 * (after.code_lines / before.code_lines - 1):+.1f} %")


if __name__ == "__main__":
    main(sys.argv[1:])
