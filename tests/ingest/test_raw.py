"""A damaged raw file is one named error, with row and column where there are any."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from welcomemap.errors import (
    ColumnValueError,
    DelimiterError,
    EncodingError,
    JsonError,
    MissingColumnError,
    RawDataError,
    TableError,
)
from welcomemap.ingest.boundaries import read_quarter_figures
from welcomemap.ingest.duesseldorf import build_pack
from welcomemap.ingest.raw import RawFolder


def folder(tmp_path: Path, content: bytes, name: str = "table.csv") -> RawFolder:
    (tmp_path / name).write_bytes(content)
    return RawFolder(tmp_path)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", TableError, "no rows"),
        (b"a,b\n", TableError, "no rows"),
        (b"a;b\n1;2\n", DelimiterError, "','"),
        (b"a,c\n1,2\n", MissingColumnError, "column b"),
        (b"a,b\n1,2\n1,2,3\n", TableError, "row 2"),
        ("a,b\nStraße,2\n".encode("cp1252"), EncodingError, "UTF-8"),
        (b'a,b\n"1,2\n', TableError, "not a CSV table"),
    ],
)
def test_tables(tmp_path: Path, content: bytes, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        folder(tmp_path, content).read_rows("table.csv", ("a", "b"))


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    rows = folder(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n").read_rows("table.csv", ("a", "b"))
    assert rows["a"].tolist() == ["1"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RawDataError, match=r"stadtteile_2025_simplified\.geojson"):
        build_pack(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"not json"])
def test_features_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(TableError, match=r"JSON|list of features"):
        folder(tmp_path, content, "x.geojson").read_features("x.geojson", ())


# Without a time of its own in it: that would give two workers two names for one test.
CUT_GZIP = gzip.compress(b"x" * 500, mtime=0)[:30]


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bbroken", CUT_GZIP])
def test_broken_gzip(tmp_path: Path, content: bytes) -> None:
    with pytest.raises((RawDataError, TableError, JsonError)):
        folder(tmp_path, content, "x.json.gz").read_json("x.json.gz")


def test_a_figure_that_is_no_number_is_placed(tmp_path: Path) -> None:
    (tmp_path / "statistics").mkdir()
    (tmp_path / "statistics" / "stadtteil_2024.csv").write_text(
        "Stadtteil_Nummer,persons_2024,migration_background_2024,foreigners_2024\n"
        "011,100,50,20\n012,1o0,50,20\n"
    )
    (tmp_path / "statistics" / "age_wohnquartier_2024.csv").write_text(
        "wohnquartier;unter_6_Jahren;6_bis_unter_10_jahre;10_bis_unter_18_jahre;"
        "65_bis unter_75_jahre;75_jahre_und_aelter\n011001001;1;1;1;1;1\n"
    )
    with pytest.raises(ColumnValueError, match=r"stadtteil_2024\.csv, row 2, column persons_2024"):
        read_quarter_figures(RawFolder(tmp_path))
