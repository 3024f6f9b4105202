"""An extract that is damaged anywhere is a network or one named error."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import osmium
import pytest

from welcomemap.errors import InputError
from welcomemap.travel.osm import read_osm

CASES = Path(__file__).parents[3] / "shared" / "cases" / "security"
SOUND = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<osm version="0.6"><node id="1" lat="51.20" lon="6.70"/><node id="2" lat="51.21" lon="6.70"/>'
    '<node id="3" lat="51.21" lon="6.71"><tag k="barrier" v="gate"/></node>'
    '<node id="4" lat="51.22" lon="6.72"/>'
    '<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>'
    '<way id="2"><nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="highway" v="footway"/></way></osm>'
)
VALUES = (
    "", "x", "2inf", "nan", "inf", "-1", "0", "1e5", "1e400", "99999999999999999999999", "51.2Z1",
    "9223372036854775807", "-9223372036854775808", "180.0000001", "91", "6,7", "&lt;", "1_0", " 1",
    "a" * 300, "\N{ARABIC-INDIC DIGIT ONE}",
)  # fmt: skip


def read(folder: Path, content: bytes, suffix: str = ".osm") -> None:
    """Read an extract; a named error is as good as a network."""
    path = folder / f"extract{suffix}"
    path.write_bytes(content)
    for mode in ("walk", "cycle"):
        try:
            read_osm(path, mode)  # type: ignore[arg-type]
        except InputError as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 500


def test_the_extract_of_these_tests_is_a_network(tmp_path: Path) -> None:
    path = tmp_path / "sound.osm"
    path.write_text(SOUND, "utf-8")
    assert len(read_osm(path, "walk").nodes) > 0


@pytest.mark.parametrize("value", VALUES)
def test_any_value_of_any_attribute(tmp_path: Path, value: str) -> None:
    parts = SOUND.split('"')
    for place in range(1, len(parts), 2):
        read(tmp_path, '"'.join([*parts[:place], value, *parts[place + 1 :]]).encode())


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".pbf"])
def test_damage_at_any_place(tmp_path: Path, suffix: str) -> None:
    sound = SOUND.encode()
    if suffix == ".osm.gz":
        sound = gzip.compress(sound, mtime=0)
    elif suffix == ".pbf":
        (tmp_path / "sound.osm").write_bytes(sound)
        with osmium.SimpleWriter(str(tmp_path / "sound.pbf")) as writer:
            for element in osmium.FileProcessor(str(tmp_path / "sound.osm")):
                writer.add(element)
        sound = (tmp_path / "sound.pbf").read_bytes()
    chance = random.Random(suffix)  # noqa: S311 - seeded on purpose
    for _ in range(150):
        content = bytearray(sound)
        for _ in range(chance.choice((1, 1, 3, 10))):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        if chance.random() < 0.2:
            del content[chance.randrange(len(content)) :]
        read(tmp_path, bytes(content), suffix)


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases that failed lie beside the checkout")
@pytest.mark.parametrize("name", ["broken-id.osm", "broken-location.osm"])
def test_the_cases_that_failed(name: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_osm(CASES / name, "walk")
