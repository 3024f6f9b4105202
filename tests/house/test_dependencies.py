"""docs/dependencies.md says of every package what the locks and the packages say of themselves."""

from __future__ import annotations

from datetime import date
from itertools import chain

import pytest
from docs import list_dependencies as table
from packaging.utils import canonicalize_name

from tests.house.locks import LOCKS, PYTHONS, environment_of, locked

ROWS = table.read_rows()
YEARS = 3


def test_the_table_has_every_package_of_the_app_and_no_other() -> None:
    everywhere = set[str]().union(*(locked(LOCKS[0], environment_of(v)) for v in PYTHONS))
    assert len(everywhere) > 60
    assert everywhere - ROWS.keys() == set()
    assert ROWS.keys() == table.list_names()


def test_versions_are_the_locked_ones() -> None:
    versions = {
        canonicalize_name(need.name): str(need.specifier).removeprefix("==")
        for need, _ in table.read_lock(LOCKS[1])
    }
    assert {name: row.version for name, row in ROWS.items()} == {n: versions[n] for n in ROWS}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_says_what_its_package_says(name: str) -> None:
    row, package = ROWS[name], table.find(name)
    assert "?" not in row.cells()
    assert row.why == table.WHY.get(name, row.why)
    assert row.why.removeprefix("needed by ").strip()
    date.fromisoformat(row.released)
    if package is None:
        pytest.skip(f"{name} is needed on another system or by another Python")
    # The newest versions, tried apart from the lock, may have changed their licence.
    if package.version == row.version:
        assert row.licence == table.name_licence(package)
        assert (name in table.WITHOUT_TEXT) == (not table.has_licence_text(package))


def test_whatever_had_no_release_for_years_is_named_with_its_reason() -> None:
    days = {name: date.fromisoformat(row.released) for name, row in ROWS.items()}
    newest = max(days.values())
    limit = newest.replace(year=newest.year - YEARS, day=min(newest.day, 28))
    assert {name for name, day in days.items() if day < limit} == table.NO_RECENT_RELEASE.keys()


def test_the_document_is_what_the_script_writes() -> None:
    assert table.write(list(ROWS.values())) == table.TABLE.read_text("utf-8")


def test_reasons_are_given_for_direct_dependencies_and_no_others() -> None:
    direct = set(chain.from_iterable(table.read_direct().values()))
    assert table.WHY.keys() == direct | {"pip", "hatchling"}


def test_what_the_project_names_stands_under_its_extra() -> None:
    for use, names in table.read_direct().items():
        assert {name: ROWS[name].extra for name in names} == dict.fromkeys(names, use)
