"""Run every example in README.md and docs/, and write what it prints now into the document.

Use: ``.venv/bin/python -m docs.refresh_examples`` from the root of the checkout. The test
``tests/house/test_documents.py`` fails when a document shows anything else than is printed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.house.documents import FENCE, LEFT_OUT, Example, read_examples
from tests.house.test_documents import DOCUMENTS, FIRST_MINUTE, program_of, run_example


def refresh(text: str, folder: Path) -> str:
    """Return a document with the output of its examples as it is now."""

    def rewrite(block: str) -> str:
        lines = []
        for example in read_examples(f"```console\n{block}```\n"):
            lines.append(f"$ {example.command}")
            if program_of(example) in FIRST_MINUTE:
                lines += example.shown
                continue
            # One whose output is left out is run as well: those that follow may read what it wrote.
            printed = run_example(example, folder).rstrip()
            lines += example.shown if _leaves_out(example) or not printed else printed.split("\n")
        return "\n".join(line.rstrip() for line in lines) + "\n"

    return FENCE.sub(lambda match: f"```console\n{rewrite(match.group(1))}```", text)


def _leaves_out(example: Example) -> bool:
    return any(line.strip() in LEFT_OUT for line in example.shown)


def main() -> None:
    """Refresh all documents."""
    with tempfile.TemporaryDirectory() as folder:
        for document in DOCUMENTS:
            text = document.read_text("utf-8")
            fresh = refresh(text, Path(folder))
            if fresh != text:
                document.write_text(fresh, "utf-8")
                sys.stdout.write(f"refreshed {document.name}\n")


if __name__ == "__main__":
    main()
