"""Published scenarios and planners' own files: what is read, warned about and refused.

Rechteckstadt (tests.worlds): districts 1, 2, 3 side by side, borders at x = 2000 and 4000 m.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from tests.worlds import at
from welcomemap.crs import unproject
from welcomemap.errors import (
    BorderWarning,
    ColumnValueError,
    CoordinateError,
    CoordinateWarning,
    DelimiterError,
    DelimiterWarning,
    DuplicateIdError,
    EmptyTableError,
    MarkupWarning,
    MissingColumnError,
    SwappedCoordinatesError,
    TextEncodingWarning,
    TooLargeError,
    UnknownScenarioError,
    WelcomemapError,
)
from welcomemap.geocoding.reasons import Listed
from welcomemap.reasons import Reason
from welcomemap.region.areas import find_districts
from welcomemap.region.pack import RegionPack
from welcomemap.region.scenario import load_scenario
from welcomemap.region.schemas import SERVICE_POINT_COLUMNS, SERVICE_POINT_OPTIONAL_COLUMNS


def degrees(x: float, y: float) -> tuple[str, str]:
    lat, lon = unproject(np.array([at(x, y)]))
    return f"{lat[0]:.8f}", f"{lon[0]:.8f}"


def build_row(**changes: str) -> dict[str, str]:
    row = dict.fromkeys(SERVICE_POINT_COLUMNS, "") | {"id": "s1", "name": "Büro", "status": "open"}
    lat, lon = degrees(500, 1000)
    return row | {"lat": lat, "lon": lon} | changes


def write_list(
    folder: Path, *rows: dict[str, str], sep: str = ",", encoding: str = "utf-8"
) -> Path:
    path = folder / "plan.csv"
    pd.DataFrame(rows).to_csv(path, index=False, sep=sep, encoding=encoding)
    return path


def test_published_scenarios(tiny_pack: RegionPack) -> None:
    scenario = load_scenario(tiny_pack, "2020")
    assert scenario.name == "2020"
    assert scenario.as_of == "2020"
    assert scenario.is_published
    assert list(scenario.frame["id"]) == ["a", "b", "c"]
    assert list(scenario.frame["district"]) == [1, 2, -1]
    assert list(scenario.frame["stated_districts"]) == ["1", "2;3", "3"]
    np.testing.assert_allclose(scenario.points[:2], [at(500, 1000), at(3000, 1000)], atol=0.02)
    assert np.isnan(scenario.points[2]).all()
    # (500, 1000) is 500 m from the west border, (3000, 1000) 1000 m from all its borders.
    np.testing.assert_allclose(scenario.frame["border_m"][:2], [500, 1000], atol=0.02)
    assert not scenario.frame["is_uncertain"].any()
    assert scenario.warnings == ()


def test_own_file_has_all_columns_and_keeps_its_further_ones(
    tiny_pack: RegionPack, tmp_path: Path
) -> None:
    scenario = load_scenario(tiny_pack, write_list(tmp_path, build_row(Miete="900")))
    assert {*SERVICE_POINT_COLUMNS, *SERVICE_POINT_OPTIONAL_COLUMNS} <= set(scenario.frame.columns)
    assert scenario.frame["Miete"].tolist() == ["900"]
    assert not scenario.is_published
    assert scenario.name == "plan"
    assert scenario.as_of is None


def test_semicolon_windows_1252_and_decimal_comma_are_read_and_told(
    tiny_pack: RegionPack, tmp_path: Path
) -> None:
    lat, lon = (text.replace(".", ",") for text in degrees(5000, 1000))
    path = write_list(tmp_path, build_row(lat=lat, lon=lon), sep=";", encoding="cp1252")
    scenario = load_scenario(tiny_pack, path)
    assert scenario.frame["name"].tolist() == ["Büro"]
    assert scenario.frame["district"].tolist() == [3]
    assert {type(w) for w in scenario.warnings} == {TextEncodingWarning, DelimiterWarning}


def test_byte_order_mark_is_told_and_not_part_of_the_first_column(
    tiny_pack: RegionPack, tmp_path: Path
) -> None:
    scenario = load_scenario(tiny_pack, write_list(tmp_path, build_row(), encoding="utf-8-sig"))
    assert scenario.frame["id"].tolist() == ["s1"]
    assert [type(w) for w in scenario.warnings] == [TextEncodingWarning]


def test_unknown_scenario_names_the_known_ones(tiny_pack: RegionPack) -> None:
    for name in ("2019", "no/such/file.csv", "x" * 10_000, "a\0b"):
        with pytest.raises(UnknownScenarioError, match=r"Known scenarios: 2020, 2025") as caught:
            load_scenario(tiny_pack, name)
        assert len(str(caught.value)) < 400


def test_html_is_kept_as_text_and_told(tiny_pack: RegionPack, tmp_path: Path) -> None:
    name = "<script>alert(1)</script>"
    scenario = load_scenario(tiny_pack, write_list(tmp_path, build_row(name=name)))
    assert scenario.frame["name"].tolist() == [name]
    (warning,) = scenario.warnings
    assert isinstance(warning, MarkupWarning)
    assert "plan.csv, row 1, column name" in str(warning)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"status": "offen"}, ColumnValueError, r"'offen' .*row 2, column status.*open, planned"),
        ({"status": ""}, ColumnValueError, "column status"),
        ({"id": ""}, ColumnValueError, r"id is empty .*row 2"),
        ({"id": "s1"}, DuplicateIdError, r"s1 stands in row 1 too .*row 2, column id"),
        ({"valid_from": "31.3.2019"}, ColumnValueError, r"row 2, column valid_from.*2019-03-31"),
        ({"valid_to": "2019-02-30"}, ColumnValueError, "column valid_to"),
        ({"valid_from": "2020-05", "valid_to": "2019"}, ColumnValueError, "ends .* before"),
        ({"stated_districts": "4"}, ColumnValueError, r"'4' is no district .*row 2"),
        ({"stated_districts": "Mitte"}, ColumnValueError, "1 to 3"),
        ({"stated_districts": "²"}, ColumnValueError, "no district"),
        ({"lat": ""}, CoordinateError, r"missing \(plan\.csv, row 2, column lat\)"),
        ({"lat": "nan"}, CoordinateError, "no coordinate"),
        ({"lat": "1e400"}, CoordinateError, "no coordinate"),
        ({"lat": "51.26", "lon": "99"}, CoordinateError, "outside Rechteckstadt .*row 2"),
        ({"lat": "5680500", "lon": "340500"}, CoordinateError, "degrees"),
        ({"url": "javascript:alert(1)"}, ColumnValueError, "no web address .*column url"),
    ],
)
def test_each_fault_has_its_own_error_that_says_where(
    tiny_pack: RegionPack,
    tmp_path: Path,
    changes: dict[str, str],
    error: type[WelcomemapError],
    message: str,
) -> None:
    path = write_list(tmp_path, build_row(url=""), build_row(id="s2", url="") | changes)
    with pytest.raises(error, match=message) as caught:
        load_scenario(tiny_pack, path)
    assert "plan.csv" in str(caught.value)


def test_swapped_coordinates_are_said_to_be_swapped(tiny_pack: RegionPack, tmp_path: Path) -> None:
    lat, lon = degrees(500, 1000)
    path = write_list(tmp_path, build_row(lat=lon, lon=lat))
    with pytest.raises(SwappedCoordinatesError, match=r"exchanged.*plan\.csv, row 1"):
        load_scenario(tiny_pack, path)


def test_missing_column_is_named(tiny_pack: RegionPack, tmp_path: Path) -> None:
    row = build_row()
    del row["address"], row["lat"]
    with pytest.raises(
        MissingColumnError, match=r"no column of addresses.*plan\.csv, column address"
    ):
        load_scenario(tiny_pack, write_list(tmp_path, row))


def test_what_a_list_leaves_out_is_filled_in(tiny_pack: RegionPack, tmp_path: Path) -> None:
    """Blank rows are rows of no site; numbers are those of the rows."""
    row = build_row(name="Büro", address="Hauptstraße 1")
    kept = {column: row[column] for column in ("name", "address", "lat", "lon")}
    blank = dict.fromkeys(kept, "")
    scenario = load_scenario(tiny_pack, write_list(tmp_path, kept, blank, kept))
    filled = scenario.frame[["id", "name", "operator", "status", "source"]].to_numpy().tolist()
    assert filled == [["site-1", "Büro", "", "open", "plan.csv"],
                      ["site-3", "Büro", "", "open", "plan.csv"]]  # fmt: skip
    assert scenario.columns == {"name", "address", "lat", "lon"}
    path = tmp_path / "plan.csv"
    path.write_text("address\nHauptstraße 1\n", "utf-8")
    assert load_scenario(tiny_pack, path).frame["name"].tolist() == ["Hauptstraße 1"]


def test_unknown_delimiter_is_named(tiny_pack: RegionPack, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(":".join(SERVICE_POINT_COLUMNS) + "\ns1:Büro\n", encoding="utf-8")
    with pytest.raises(DelimiterError, match="one column"):
        load_scenario(tiny_pack, path)


def test_empty_header_only_blank_and_ten_megabytes(tiny_pack: RegionPack, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    header = ",".join(SERVICE_POINT_COLUMNS) + "\n"
    for text in ("", header, header + "," * 8 + "\n", header + " ," + "," * 7 + "\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(EmptyTableError, match=r"plan\.csv"):
            load_scenario(tiny_pack, path)
    path.write_bytes(header.encode() + b"x" * 10_000_000)
    with pytest.raises(TooLargeError, match="10 MB"):
        load_scenario(tiny_pack, path)


def test_file_with_two_scenarios_is_refused(tiny_pack: RegionPack, tmp_path: Path) -> None:
    path = write_list(tmp_path, build_row(scenario="a"), build_row(id="s2", scenario="b"))
    with pytest.raises(ColumnValueError, match=r"2 scenarios.*row 2, column scenario"):
        load_scenario(tiny_pack, path)


@pytest.mark.parametrize(
    ("x", "district", "is_uncertain"),
    [(1969, 1, False), (1971, 1, True), (2029, 2, True), (2031, 2, False), (-29, 1, True)],
)
def test_near_a_border_the_district_is_uncertain(
    tiny_pack: RegionPack, tmp_path: Path, x: float, district: int, is_uncertain: bool
) -> None:
    lat, lon = degrees(x, 1000)
    scenario = load_scenario(tiny_pack, write_list(tmp_path, build_row(lat=lat, lon=lon)))
    assert scenario.frame["district"].tolist() == [district]
    assert scenario.frame["is_uncertain"].tolist() == [is_uncertain]
    assert [type(w) for w in scenario.warnings] == ([BorderWarning] if is_uncertain else [])


def test_beyond_the_uncertainty_of_the_border_is_outside(
    tiny_pack: RegionPack, tmp_path: Path
) -> None:
    lat, lon = degrees(-31, 1000)
    with pytest.raises(CoordinateError, match="outside"):
        load_scenario(tiny_pack, write_list(tmp_path, build_row(lat=lat, lon=lon)))


FOUND = (Listed(),)


@dataclass(frozen=True)
class Answer:
    x: float | None
    y: float | None
    outcome: str = "exact"
    error_radius_m: float | None = 12.0
    source: str = "gazetteer"
    explanation: tuple[Reason, ...] = FOUND
    contradictions: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


def test_addresses_without_coordinates_are_looked_up(tiny_pack: RegionPack, tmp_path: Path) -> None:
    asked: list[tuple[str, int | None]] = []

    def locate(addresses: Sequence[str], stated: Sequence[int | None]) -> list[Answer]:
        asked.extend(zip(addresses, stated, strict=True))
        known = {"Hauptstraße 500": Answer(*at(5000, 1000))}
        return [known.get(a, Answer(None, None, "not_found", None)) for a in addresses]

    path = write_list(
        tmp_path,
        build_row(),
        build_row(id="s2", lat="", lon="", address="Hauptstraße 500", stated_districts="3"),
        build_row(id="s3", lat="", lon="", address="Nirgendweg 1", stated_districts="1;2"),
        build_row(id="s4", lat="", lon="", status="planned"),
    )
    scenario = load_scenario(tiny_pack, path, locate=locate)
    assert asked == [("Hauptstraße 500", 3), ("Nirgendweg 1", None)]
    assert scenario.frame["district"].tolist() == [1, 3, -1, -1]
    assert scenario.frame["location_outcome"].tolist() == ["given", "exact", "not_found", ""]
    assert scenario.frame["error_radius_m"].tolist() == ["", "12", "", ""]
    (warning,) = scenario.warnings
    assert isinstance(warning, CoordinateWarning)
    assert "s3" in str(warning)
    assert list(scenario.unlocated["id"]) == ["s3"]


def test_a_place_known_only_roughly_makes_the_district_uncertain(
    tiny_pack: RegionPack, tmp_path: Path
) -> None:
    path = write_list(tmp_path, build_row(lat="", lon="", address="x"))
    scenario = load_scenario(
        tiny_pack, path, locate=lambda _a, _s: [Answer(*at(1800, 1000), "street", 250.0)]
    )
    assert scenario.frame["is_uncertain"].tolist() == [True]


def test_workbooks_are_lists_too(tiny_pack: RegionPack, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    pd.DataFrame([build_row(valid_from="2019")]).astype({"lat": float}).to_excel(path, index=False)
    assert load_scenario(tiny_pack, path).frame["district"].tolist() == [1]


@given(st.lists(st.tuples(st.floats(-100, 6100), st.floats(-100, 2100)), max_size=8))
def test_districts_agree_with_the_polygons(
    tiny_pack: RegionPack, offsets: list[tuple[float, float]]
) -> None:
    points = np.array([at(*offset) for offset in offsets]).reshape(-1, 2)
    found = find_districts(tiny_pack, points)
    table = tiny_pack.districts
    for point, district, border_m in zip(points, found.district, found.border_m, strict=True):
        place = Point(point)
        inside = set(table.loc[table.geometry.intersects(place), "district"])
        if inside:
            assert district == min(inside) or (border_m < 0.01 and district in {1, 2, 3})
        else:
            assert (district == -1) == (table.geometry.distance(place).min() > 30)
        assert border_m == pytest.approx(table.geometry.boundary.distance(place).min())
