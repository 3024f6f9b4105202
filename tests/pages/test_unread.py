"""The answer page says which words of an address were not understood, and claims nothing else."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def _page(text: str) -> None:
    from welcomemap.pages import find
    from welcomemap.region.pack import load_pack
    from welcomemap.study.study import Study
    from welcomemap.wording import open_translator

    pack = load_pack()
    find._show_address(Study(pack).geocoder.geocode(text), Study(pack), open_translator("de"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Benrather Straße 7 gegenüber", "gegenüber"),
        ("Benrather Straße 7, Xyzzy", "Xyzzy"),
        ("Benrather Straße 7, 40213 Düsseldorf, Haus 9", "Haus 9"),
        ("Benrather Straße 7, 3. OG", None),
    ],
)
def test_words_not_understood_are_named(text: str, words: str | None) -> None:
    shown = AppTest.from_function(_page, args=(text,), default_timeout=60).run()
    assert not shown.exception
    if words is None:
        assert [box.value for box in shown.warning] == []
        assert len(shown.success) == 1
    else:
        (box,) = shown.warning
        assert words in box.value
        assert "verstehen wir nicht" in box.value
        assert len(shown.success) == 0
