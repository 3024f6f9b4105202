"""What an address holds that was not used is printed, not only written as JSON."""

from __future__ import annotations

import pytest

from welcomemap.cli import run


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("Benrather Straße 7 c/o Erika Muster", "“c/o Erika Muster”"),
        ("Benrather Straße 7 gegenüber", "“gegenüber”"),
        ("Benrather Straße Whg 7", "“Whg 7”"),
        ("Benrather Straße 7, Bologna", "“Bologna”"),
    ],
)
@pytest.mark.parametrize("command", [("geocode", "--address"), ("nearest",)])
def test_what_was_not_used_is_printed(
    command: tuple[str, ...], address: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, address, "--lang", "en"]) == 0
    assert said in capsys.readouterr().out.replace("\n", " ")
