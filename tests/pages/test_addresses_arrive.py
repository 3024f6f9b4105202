"""What a page writes into its address arrives: no run that writes one begins anew after it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

import welcomemap.pages
from welcomemap.pages import linked
from welcomemap.pages.choices import Offer

PAGES = Path(welcomemap.pages.__file__).parent
CHANGES = {"from_dict", "update", "clear", "pop", "popitem", "setdefault"}
RERUNS = {("linked.py", "run_again"), ("search/__init__.py", "search_field")}
"""One that writes a lost address again, and a field that is alone in its run and writes none."""


def is_of_streamlit(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == "st"
    )


def does_write(node: ast.AST) -> bool:
    """Tell whether an expression changes the address of the page."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        return is_of_streamlit(node.value, "query_params")
    is_change = (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CHANGES
    )
    return is_change and is_of_streamlit(node.func.value, "query_params")


def does_rerun(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and is_of_streamlit(node.func, "rerun")


def read_functions(source: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            yield node.name, node


def find_lost(sources: dict[str, str]) -> set[str]:
    """Return the functions that write an address and then, themselves or by a call, begin anew.

    A call is known by its last name alone, so one name too many may be found and none too few.
    """
    functions = [
        (file, name, function)
        for file, source in sources.items()
        for name, function in read_functions(source)
    ]
    safe = {name for file, name in RERUNS if file == "linked.py"}
    writes = {n for _, n, f in functions if any(map(does_write, ast.walk(f)))}
    reruns = {n for _, n, f in functions if any(map(does_rerun, ast.walk(f)))} - safe

    def called(node: ast.AST) -> str:
        if not isinstance(node, ast.Call):
            return ""
        return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(
            node.func, "id", ""
        )  # fmt: skip

    for known in (writes, reruns):
        size = -1
        while size < len(known):
            size = len(known)
            known |= {n for _, n, f in functions if any(called(c) in known for c in ast.walk(f))}
    lost = set()
    for file, name, function in functions:
        steps = [node for node in ast.walk(function) if hasattr(node, "lineno")]
        first = [n.lineno for n in steps if does_write(n) or called(n) in writes]
        last = [n.lineno for n in steps if does_rerun(n) or called(n) in reruns]
        if first and last and min(first) < max(last) and name not in safe:
            lost.add(f"{file}:{name}")
    return lost


def read_pages() -> dict[str, str]:
    return {str(p.relative_to(PAGES)): p.read_text("utf-8") for p in PAGES.rglob("*.py")}


def test_no_page_begins_anew_but_by_the_two_ways_that_lose_no_address() -> None:
    found = {
        (file, name)
        for file, source in read_pages().items()
        for name, function in read_functions(source)
        if any(map(does_rerun, ast.walk(function)))
    }
    assert found == RERUNS


def test_no_page_writes_an_address_and_then_begins_anew() -> None:
    assert find_lost(read_pages()) == set()


@pytest.mark.parametrize(
    ("source", "lost"),
    [
        ("def a():\n    st.query_params['q'] = 'x'\n    st.rerun()\n", {"page.py:a"}),
        ("def a():\n    del st.query_params['q']\n    st.rerun()\n", {"page.py:a"}),
        ("def a():\n    w()\n    r()\ndef w():\n    st.query_params.from_dict({})\n"
         "def r():\n    st.rerun()\n", {"page.py:a"}),
        ("def a():\n    x.w()\n    if y:\n        b()\ndef b():\n    r()\n"
         "def w():\n    st.query_params.clear()\ndef r():\n    st.rerun()\n", {"page.py:a"}),
        ("def a():\n    st.rerun()\n    st.query_params['q'] = 'x'\n", set()),
        ("def a():\n    st.button('x', on_click=w)\n    st.rerun()\n"
         "def w():\n    st.query_params['q'] = 'x'\n", set()),
    ],
)  # fmt: skip
def test_the_guard_finds_what_it_looks_for(source: str, lost: set[str]) -> None:
    assert find_lost({"page.py": source}) == lost


class Address(dict[str, str]):
    """The page's address, and how often it was sent to the browser."""

    def __init__(self) -> None:
        super().__init__(lang="de")
        self.sent = 0

    def to_dict(self) -> dict[str, str]:
        return dict(self)

    def from_dict(self, address: dict[str, str]) -> None:
        self.clear()
        self.update(address)
        self.sent += 1


class Begun(Exception):
    """The page begins anew."""


def test_an_address_of_a_run_that_begins_anew_is_sent_again_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, state = Address(), dict[str, Any]()

    def rerun() -> None:
        raise Begun

    monkeypatch.setattr(st, "query_params", address)
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(st, "rerun", rerun)
    monkeypatch.setattr(linked, "goes_through_history", lambda: False)

    def begin() -> int:
        before = address.sent
        linked.begin("export", lambda: Offer(("2025", "plan"), "2025"))
        return address.sent - before

    assert begin() == 1  # the setting is filled in: written in the run that begins anew
    linked.hold("scenario", "plan")
    with pytest.raises(Begun):
        linked.run_again()
    assert begin() == 1
    assert address["scenario"] == "plan"
    assert begin() == 0
    with pytest.raises(Begun):
        linked.run_again()
    assert begin() == 0  # nothing was under way: one more would be a step of the back button
    linked.hold("mode", "cycle")
    assert begin() == 1
    with pytest.raises(Begun):
        linked.run_again()
    assert begin() == 1  # the same address again: it may be lost
    assert begin() == 0
