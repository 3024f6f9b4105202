"""Text that is no constant reaches Streamlit's Markdown through one function only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

PAGES = ROOT / "src" / "welcomemap" / "pages"
FILES = sorted(PAGES.rglob("*.py"))
RUNS_SCRIPTS = "unsafe_allow_javascript"


def find_unsafe_help(tree: ast.AST) -> list[int]:
    """Return the lines where a tooltip, which is Markdown, has a text put together from parts."""
    return [
        keyword.value.lineno
        for call in ast.walk(tree) if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "help" and isinstance(keyword.value, ast.JoinedStr | ast.BinOp)
    ]  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_tooltip_is_put_together_without_being_made_safe(path: Path) -> None:
    assert find_unsafe_help(ast.parse(path.read_text("utf-8"))) == []


def test_the_guard_sees_what_it_guards_against() -> None:
    assert find_unsafe_help(ast.parse("st.button('x', help=f'{a}: {b}')")) == [1]
    assert find_unsafe_help(ast.parse("st.button('x', help=escape_markdown(f'{b}'))")) == []


def test_scripts_are_run_in_one_place_where_the_policy_knows_them() -> None:
    users = {path.name for path in FILES if RUNS_SCRIPTS in path.read_text("utf-8")}
    assert users == {"session.py"}
