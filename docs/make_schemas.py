"""Write the JSON Schema of each command's output into ``docs/schema``, from the code that makes it.

Use: ``.venv/bin/python -m docs.make_schemas`` from the root of the checkout. A test fails when a
file is not what is generated now.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from welcomemap.describe.contract import ANSWERS, make_schema

FOLDER = Path(__file__).parent / "schema"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def make_files() -> dict[str, str]:
    """Return the content of each file by its name."""
    files = {}
    for command, kind in ANSWERS.items():
        schema = {"$schema": DIALECT, "title": f"welcomemap {command}", **_clean(make_schema(kind))}
        files[f"{command}.json"] = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
    return files


def _clean(value: Any) -> Any:
    """Lay out docstrings alike, whichever Python has read them."""
    if isinstance(value, dict):
        return {
            key: inspect.cleandoc(inner) if key == "description" else _clean(inner)
            for key, inner in value.items()
        }
    return [_clean(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, text in make_files().items():
        (FOLDER / name).write_text(text, "utf-8")
