"""The contract names kinds, models and statuses again: these are the rooms' own."""

from __future__ import annotations

from typing import get_args

import pytest

from welcomemap.coverage import demand
from welcomemap.describe import contract
from welcomemap.siting import problem


@pytest.mark.parametrize(
    ("written_again", "own"),
    [
        pytest.param(contract.AreaKind, demand.AreaKind, id="kinds of area"),
        pytest.param(contract.Model, problem.Model, id="models"),
        pytest.param(contract.Status, problem.Status, id="statuses"),
    ],
)
def test_what_the_contract_writes_again_is_what_the_room_says(
    written_again: object, own: object
) -> None:
    assert get_args(written_again) == get_args(own) != ()
