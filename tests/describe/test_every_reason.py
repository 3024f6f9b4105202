"""Whatever a result can say about itself has words in both languages."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from welcomemap.describe.assumptions import describe_assumption
from welcomemap.describe.layer_checks import CHECKS
from welcomemap.describe.reasons import describe_reason
from welcomemap.describe.siting import describe_infeasibility
from welcomemap.errors import fault
from welcomemap.geocoding.reasons import Basis, OtherPostcode
from welcomemap.reasons import Reason
from welcomemap.region.areas import CheckKind
from welcomemap.siting.problem import Infeasibility, InfeasibleKind
from welcomemap.travel.impedance import Assumption, KindEstimate, Threshold

SAMPLES: dict[str, Any] = {
    "str": "Wort", "int": 7, "float": 12.0, "bool": True, "Basis": Basis.WAY,
    "tuple[str, ...]": ("a", "b"), "tuple[int, ...]": (1, 2), "Threshold": Threshold(500.0, "m"),
    "float | None": 40.0, "tuple[int, int] | None": (1, 9),
    "Fault": fault("no address"),
}  # fmt: skip


def list_kinds(base: type) -> Iterator[type]:
    for kind in base.__subclasses__():
        if kind.__module__.startswith("welcomemap."):
            yield kind
        yield from list_kinds(kind)


BY_NAME = dict.fromkeys(("valid_from", "valid_to", "reference"), "2026-05-01") | {"digits": "١٢"}


def make(kind: type) -> Any:
    """Make one with a sample in every field that has no default of its own."""
    given = {
        field.name: BY_NAME.get(field.name) or SAMPLES[str(field.type)]
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    return kind(**given)


@pytest.mark.parametrize("kind", list(list_kinds(Reason)), ids=lambda kind: kind.__name__)
def test_every_reason_has_words(kind: type) -> None:
    reason = make(kind)
    told = describe_reason(reason)
    assert told.in_language("de") != told.in_language("en")
    assert told.in_language("de").endswith(".")
    assert told.in_language("en").endswith(".")
    for field in dataclasses.fields(kind):
        if field.type == "str" and field.name not in BY_NAME:
            assert "Wort" in told.in_language("en"), field.name
    assert "\n" not in str(reason)


@pytest.mark.parametrize("kind", list(list_kinds(Assumption)), ids=lambda kind: kind.__name__)
def test_every_assumption_has_words(kind: type) -> None:
    told = describe_assumption(make(kind))
    assert told.in_language("de") != told.in_language("en")


def test_every_kind_of_infeasibility_and_of_check_has_words() -> None:
    for kind in get_args(InfeasibleKind):
        told = describe_infeasibility(Infeasibility(kind, 3, 2, ("d1",)))
        assert told.in_language("de").endswith(".")
        assert told.in_language("en").endswith(".")
    assert set(CHECKS) == set(get_args(CheckKind))


def test_what_has_no_words_is_an_error_and_no_empty_sentence() -> None:
    class Unworded(Reason):
        pass

    class Unheard(Assumption):
        pass

    with pytest.raises(TypeError, match="Unworded"):
        describe_reason(Unworded())
    with pytest.raises(TypeError, match="Unheard"):
        describe_assumption(Unheard())


def test_a_reason_is_one_plain_line_without_its_words() -> None:
    assert str(OtherPostcode("40213", "40215")) == "other postcode: given 40213, found 40215"
    assert OtherPostcode("40213", "40215").mentions("4021")
    assert not OtherPostcode("40213", "40215").mentions("Postleitzahl")


def test_the_kinds_are_found() -> None:
    assert len(list(list_kinds(Reason))) > 40
    assert KindEstimate in set(list_kinds(Assumption))
