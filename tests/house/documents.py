"""Read the examples in a document: fenced ``console`` blocks of commands and what they print."""

from __future__ import annotations

import re
from dataclasses import dataclass

PROMPT = "$ "
CONTINUATION = "> "
LEFT_OUT = ("...", "…")
FENCE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A command as typed, and the lines the document says it prints."""

    line: int
    command: str
    shown: tuple[str, ...]


def read_examples(text: str) -> list[Example]:
    """Return all examples of a Markdown document, in order."""
    examples: list[Example] = []
    for block in FENCE.finditer(text):
        first_line = text.count("\n", 0, block.start(1)) + 1
        command, start, shown = "", 0, list[str]()
        for number, line in enumerate(block.group(1).splitlines(), start=first_line):
            if line.startswith(PROMPT):
                if command:
                    examples.append(Example(start, command, tuple(shown)))
                command, start, shown = line.removeprefix(PROMPT), number, []
            elif command.endswith("\\") and line.startswith(CONTINUATION):
                command = command.removesuffix("\\") + line.removeprefix(CONTINUATION)
            elif command:
                shown.append(line)
            else:
                raise ValueError(f"line {number} of a console block stands before any command")
        if command:
            examples.append(Example(start, command, tuple(shown)))
    return examples


def is_printed(shown: tuple[str, ...], printed: str) -> bool:
    """Tell whether a command printed what is shown; a line of dots stands for any lines."""
    expected = [line.rstrip() for line in shown]
    while expected and not expected[-1]:
        expected.pop()
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() in LEFT_OUT else re.escape(line) + r"\n" for line in expected
    )
    actual = [line.rstrip() for line in printed.splitlines()]
    while actual and not actual[-1]:
        actual.pop()
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in actual)) is not None
