"""Phrases at a prompt: short, in English, and never in the way of an error."""

from __future__ import annotations

import pickle
import re

import pytest

import welcomemap as wm
from welcomemap.region.pack import RegionPack
from welcomemap.wording import (
    NOTHING,
    Given,
    Phrase,
    join_phrases,
    say,
    say_counted,
    say_list,
    say_number,
)


@pytest.mark.parametrize(
    ("phrase", "shown"),
    [
        (say("about {number}", number=say_number(3200)), "Message('about 3,200')"),
        (say_counted("{count} day", "{count} days", count=2), "Message('2 days')"),
        (say_number(0.5, 1), "Written('0.5')"),
        (Given("Stelle", "place"), "Given('place')"),
        (NOTHING, "Verbatim('')"),
        (join_phrases(Given("a", "it's"), "\n"), """Written("it's \N{REPLACEMENT CHARACTER}")"""),
        (say_list(["1234567"] * 20), "Written('" + "1234567, " * 8 + "1234567,…')"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Phrase) else "",
)
def test_a_phrase_shows_its_class_and_its_english_text(phrase: Phrase, shown: str) -> None:
    assert repr(phrase) == shown
    assert repr(pickle.loads(pickle.dumps(phrase))) == shown  # noqa: S301 - its own


def test_a_phrase_that_cannot_be_said_is_shown_all_the_same() -> None:
    """A placeholder without a value, and a value that cannot be written so."""
    assert repr(say("about {number}")) == "Message(…)"
    assert repr(join_phrases(say("{number}"))) == "Written(…)"
    assert repr(say("{number:.1f}", number="one")) == "Message(…)"
    with pytest.raises(TypeError, match=re.escape("in which language is Message(…) to be said?")):
        str(say("about {number}"))


def test_the_sentences_of_an_answer_can_be_looked_at(tiny_pack: RegionPack) -> None:
    """They hold the words of the region, of every group and place: as fields, pages of them."""
    sentences = wm.open_region(tiny_pack.folder).gaps("2025").sentences
    assert len(sentences) > 2
    for sentence in sentences:
        assert len(repr(sentence)) <= len("Message('…')") + 80
        start = sentence.in_language("en")[:20]
        assert start in repr(sentence)
