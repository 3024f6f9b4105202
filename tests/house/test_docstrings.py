"""Docstrings of the reference follow numpydoc and say nothing that the code contradicts."""

from __future__ import annotations

import builtins
import dataclasses
import importlib
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from docs.site_hooks import ROOMS, list_modules
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import ERROR_MSGS, validate

from welcomemap import answers, api, errors
from welcomemap.columns import TABLES

WAIVED = {
    "ES01": "a summary that says it all needs no second one",
    "EX01": "examples stand where they help",
    "GL01": "the summary begins behind the quotation marks, and ruff sees to it",
    "PR01": "a name with its unit and type says what it is; what it does not say is documented",
    "PR04": "types stand in the signature alone, where mypy reads them",
    "RT01": "the summary says what is returned",
    "SA01": "names in the text are links",
    "YD01": "the summary says what is yielded",
}
"""What numpydoc may ask for and is not asked of these docstrings, with the reason."""
OF_MODULES = {"SS02", "SS03"}
"""A module may be a question, and a name of the literature such as p-median stays small."""
MODULES = [name for room in ROOMS for name in list_modules(room)]
CLASS_NAME = re.compile(r"[A-Z]\w*")


def list_members(owner: ModuleType | type, module: str) -> Iterator[tuple[str, object]]:
    """Yield the public functions, classes and properties that are defined there, and theirs."""
    for name, value in vars(owner).items():
        plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        is_own = getattr(plain, "__module__", module) == module
        is_code = inspect.isfunction(plain) or isinstance(plain, type | property)
        if name.startswith("_") or not is_own or not is_code:
            continue
        yield name, plain
        if isinstance(plain, type):
            yield from ((f"{name}.{inner}", x) for inner, x in list_members(plain, module))


def list_faults(name: str, *waived: str) -> list[str]:
    passed = {*WAIVED, *waived}
    return [
        f"{name}: {code} {said}" for code, said in validate(name)["errors"] if code not in passed
    ]


@pytest.mark.parametrize("module", MODULES)
def test_numpydoc_finds_no_fault(module: str) -> None:
    loaded = importlib.import_module(module)
    names = [f"{module}.{name}" for name, _ in list_members(loaded, module)]
    found = [fault for name in names for fault in list_faults(name)]
    # numpydoc looks for the first class or function of a module; tables of columns have none.
    if names:
        found += list_faults(module, *OF_MODULES)
    assert found == []


@pytest.mark.parametrize("module", MODULES)
def test_raised_and_warned_classes_exist(module: str) -> None:
    loaded = importlib.import_module(module)
    wrong = []
    for name, value in list_members(loaded, module):
        told = NumpyDocString(inspect.getdoc(value) or "")
        for kind in ("Raises", "Warns"):
            for entry in told[kind]:
                named = CLASS_NAME.findall(entry.type or entry.name)
                assert named != [], f"{name}: {kind} names no class"
                wrong += [f"{name}: {one}" for one in named if not is_fault(loaded, one)]
    assert wrong == []


def is_fault(module: ModuleType, name: str) -> bool:
    places = (module, errors, builtins)
    found = next((vars(place)[name] for place in places if name in vars(place)), None)
    return isinstance(found, type) and issubclass(found, BaseException)


@pytest.mark.parametrize("module", [api, answers], ids=lambda module: module.__name__)
def test_what_an_analyst_calls_shows_how(module: ModuleType) -> None:
    """Properties are read, not called; what the examples print is checked where they run."""
    called = {
        name: value
        for name, value in list_members(module, module.__name__)
        if inspect.isfunction(value) and name not in READERS
    }
    assert len(called) >= 3
    assert [name for name, value in called.items() if ">>>" not in (value.__doc__ or "")] == []


READERS = {"read_language"}
"""What the verbs ask, and nobody who has a region."""
FRAMES = {
    "Gaps.districts": "gaps.districts",
    "Gaps.areas": "gaps.areas",
    "Difference.rows": "diff",
    "Siting.sites": "site",
    "Comparison.candidates": "compare",
}
"""Frames of the answers, and their columns' tables."""
NOT_COLUMNS = {"None"}
WORD = re.compile(r"``(\w+)(…?)``")


@pytest.mark.parametrize("frame", FRAMES)
def test_columns_that_an_answer_names_are_columns_of_its_frame(frame: str) -> None:
    owner, attribute = frame.split(".")
    described = NumpyDocString(inspect.getdoc(getattr(answers, owner)) or "")["Attributes"]
    (text,) = (" ".join(one.desc) for one in described if one.name == attribute)
    columns = [column.name for column in TABLES[FRAMES[frame]].columns]
    for name, rest in WORD.findall(text):
        is_column = any(column.startswith(name) for column in columns) if rest else name in columns
        assert is_column or name in NOT_COLUMNS, (frame, name)


def test_every_frame_of_an_answer_is_asked_for_its_columns() -> None:
    found = {
        f"{name}.{field.name}"
        for name, kind in list_members(answers, answers.__name__)
        if isinstance(kind, type) and issubclass(kind, answers.Answer)
        for field in dataclasses.fields(kind)
        if field.type == "gpd.GeoDataFrame"
    }
    assert found == set(FRAMES)


def wrong_parameter(known: int) -> int:
    """Return what is known.

    Parameters
    ----------
    unknown
        What the function does not take.

    Raises
    ------
    NoSuchError
        Never.
    """
    return known


def no_summary(known: int) -> int:
    """return it"""
    return known


def test_the_checks_find_what_is_wrong() -> None:
    assert "PR02" in str(list_faults(f"{__name__}.wrong_parameter"))
    assert {"SS02", "SS03"} <= set(
        re.findall(r"[A-Z]{2}\d\d", str(list_faults(f"{__name__}.no_summary")))
    )
    assert not is_fault(importlib.import_module(MODULES[0]), "NoSuchError")
    assert is_fault(importlib.import_module(MODULES[0]), "UsageError")


def test_what_is_waived_is_known_and_the_rest_is_most() -> None:
    assert WAIVED.keys() < ERROR_MSGS.keys()
    assert len(ERROR_MSGS) > 3 * len(WAIVED)
    count = sum(1 for name in MODULES for _ in list_members(importlib.import_module(name), name))
    assert count > 800
