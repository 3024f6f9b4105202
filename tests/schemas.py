"""The JSON Schemas of the command line, which outputs are held against."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.house.checkout import ROOT

FOLDER = ROOT / "docs" / "schema"
CALLED = {"map": "written", "report": "written"}


@cache
def open_schema(name: str) -> Draft202012Validator:
    """Return what judges the output of a command."""
    schema = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def name_schema(arguments: tuple[str, ...]) -> str:
    """Return which schema the output of a command line is held against."""
    name = "-".join(arguments[:2] if arguments[0] == "data" else arguments[:1])
    if name == "geocode" and "--address" not in arguments:
        return "geocode-table"
    if name == "site" and "--cost-matrix" in arguments:
        return "site-matrix"
    return f"{name}-undo" if "--undo" in arguments else CALLED.get(name, name)


def require_schema(name: str, answer: Any) -> None:
    """Expect an output to be what its schema says."""
    faults = [
        f"{fault.json_path}: {fault.message}" for fault in open_schema(name).iter_errors(answer)
    ]
    assert not faults, faults
