"""JSON that others wrote is either the value that json.loads gives, or a named error."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from welcomemap.errors import JsonError
from welcomemap.files import parse_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_what_json_writes_is_read_back(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert parse_json(text.encode()) == value
        assert parse_json(b"\xef\xbb\xbf" + text.encode()) == value


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"[" * 100_000, "deep"),
        (b'{"a":' * 100_000, "deep"),
        (b"[NaN]", "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"[-Infinity]", "Infinity"),
        (b"[1e999]", "too large"),
        (b"[-1e999]", "too large"),
        (b"[" + b"9" * 5_000 + b"]", "digits"),
        (b"[" + b"9" * 400 + b"]", "digits"),
        (rb'["\ud800"]', "surrogate"),
        (rb'{"\uDC00": 1}', "surrogate"),
        (b'["\xff"]', "utf-8"),
        (b'["\xed\xa0\x80"]', "utf-8"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b"", "Expecting value"),
        (b"[1] 2", "Extra data"),
        (b'["\x00"]', "control"),
    ],
)
def test_what_is_not_plain_json_is_one_named_error(content: bytes, word: str) -> None:
    with pytest.raises(JsonError, match=word) as caught:
        parse_json(content, name="some/layer.geojson")
    assert "(layer.geojson)" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_character_in_two_escapes_is_whole() -> None:
    assert parse_json(rb'["\ud83d\ude00"]') == ["\N{GRINNING FACE}"]


@given(st.binary(max_size=40) | st.text(alphabet='[]{}",:0123456789.eE+-\\uNaInfty', max_size=40))
def test_any_bytes_give_a_finite_value_or_the_named_error(content: bytes | str) -> None:
    try:
        value = parse_json(content)
    except JsonError:
        return
    assert not any(
        isinstance(number, float) and not math.isfinite(number)
        for number in (value if isinstance(value, list) else [value])
    )
