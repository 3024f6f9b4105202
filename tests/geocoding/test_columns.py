"""Which columns hold the address: tables as offices and open-data portals make them."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from tests.geocoding.tiny import CRS, tiny_geocoder
from welcomemap.describe.answers import show_address_table
from welcomemap.errors import CellReadingWarning, OtherAddressWarning
from welcomemap.geocoding.batch import geocode_sheet
from welcomemap.geocoding.columns import AddressColumns, find_columns, read_addresses
from welcomemap.geocoding.gazetteer import Gazetteer
from welcomemap.geocoding.geocoder import Geocoder
from welcomemap.region.pack import RegionPack
from welcomemap.tabular import Sheet, read_table

CASES = Path(__file__).parents[2].parent / "shared" / "cases" / "geocoding" / "tables"


needs_cases = pytest.mark.skipif(
    not CASES.is_dir(), reason="the folder of shared cases is not beside the checkout"
)


def sheet_of(text: str) -> Sheet:
    header, *rows = [line.split(";") for line in text.split("\n")]
    return Sheet(pd.DataFrame(rows, columns=header, dtype=str), "t.csv", ";", "utf-8")


def texts_of(text: str) -> list[str]:
    sheet = sheet_of(text)
    return [row.text for row in read_addresses(sheet.frame, find_columns(sheet))]


TABLES = [
    # Postcode and town in one column, under the names offices give it.
    ("Betreiber;Adresse;Postleitzahl Ort\nx;Hauptstr. 1;40724 Hilden",
     "Hauptstr. 1, 40724 Hilden"),
    ("Straße;PLZ/Ort\nAm Markt 1;99001 Dorf", "Am Markt 1, 99001 Dorf"),
    ("Straße;PLZ Ort\nAm Markt 1;99001 Dorf", "Am Markt 1, 99001 Dorf"),
    ("Straße;PLZ, Ort\nAm Markt 1;99001 Dorf", "Am Markt 1, 99001 Dorf"),
    ("Straße;PLZ + Ort\nAm Markt 1;99001 Dorf", "Am Markt 1, 99001 Dorf"),
    ("Straße;PLZ und Ort\nAm Markt 1;99001 Dorf", "Am Markt 1, 99001 Dorf"),
    ("Straße;Ort (PLZ)\nAm Markt 1;Dorf (99001)", "Am Markt 1, 99001 Dorf"),
    ("Straße;Ort, PLZ\nAm Markt 1;Dorf, 99001", "Am Markt 1, 99001 Dorf"),
    ("Strasse_Nr;PLZ_Ort\nAm Markt 1;99001 Dorf", "Am Markt 1, 99001 Dorf"),
    ("strasseNr;plzOrt\nAm Markt 1;99001 Dorf", "Am Markt 1, 99001 Dorf"),
    ("PLZ/Ort;Straße/Nr.\n99001 Dorf;Am Markt 1", "Am Markt 1, 99001 Dorf"),
    ("Straße;Wo\nAm Markt 1;99001 Dorf", "Am Markt 1, 99001 Dorf"),
    ("Straße;PLZ;PLZ Ort\nAm Markt 1;99001;99001 Dorf", "Am Markt 1, 99001, Dorf"),
    ("street;zip city\nAm Markt 1;99001 Dorf", "Am Markt 1, 99001 Dorf"),
    # A running number is no house number; a house number may be called so.
    ("Nr.;Name;Straße;Hausnummer\n1;x;Am Markt;7", "Am Markt 7"),
    ("Nr.;Name;Straße\n1;x;Am Markt 7\n2;y;Am Markt 9", "Am Markt 7"),
    ("Nr;Straße\n1;Am Markt\n2;Am Weg\n3;Am Tor", "Am Markt"),
    ("Lfd. Nr.;Straße;HsNr\n1;Am Markt;7", "Am Markt 7"),
    ("Straße;Nr.\nAm Markt;1\nAm Weg;2\nAm Tor;3", "Am Markt 1"),
    ("Nr.;Straße\n17;Am Markt\n4a;Am Weg\n9;Am Tor", "Am Markt 17"),
    ("No;Name;Street;Housenumber\n1;a;Am Markt;7", "Am Markt 7"),
    ("Straße;Telefon;Nummer\nAm Markt;0211;7\nAm Weg;0212;3", "Am Markt 7"),
    # Suffixes in a column of their own; floors and remarks are none.
    ("strasse;hausnummer;hs_zusatz\nAm Markt;179;c", "Am Markt 179c"),
    ("Straße;HNR;HNR_ZUS\nAm Markt;179;c", "Am Markt 179c"),
    ("Straße;Hausnummer;Hausnummernzusatz\nAm Markt;179;C", "Am Markt 179C"),
    ("STRASSENNAME;HNR;ADZ;STADTTEIL\nAm Markt;179;c;053", "Am Markt 179c"),
    ("lagebezeichnung;hausnr.;adz.\nAm Markt;179;a-c", "Am Markt 179a-c"),
    ("Straße;Haus-Nr.;Zusatz\nAm Markt;27;2. OG", "Am Markt 27"),
    ("Straße;Hnr;Zusatz\nAm Markt;27;barrierefrei", "Am Markt 27"),
    ("Straße;Hnr;Zusatz\nAm Markt;27;3", "Am Markt 27/3"),
    ("Straße;Hnr;Zusatz\nAm Markt;26;1/2", "Am Markt 26 1/2"),
    ("Straße;Hnr;Zusatz\nAm Markt;27a;a", "Am Markt 27a"),
    ("Straße;Hnr;Zusatz\nAm Markt;k. A.;a", "Am Markt"),
    ("Straße;Hausnummer von;Hausnummer bis\nAm Markt;3;9", "Am Markt 3-9"),
    ("Straße;Hausnummer von;Hausnummer bis\nAm Markt;3;", "Am Markt 3"),
    # Codes of quarters, decimals of numbers, dates, and words for nothing.
    ("strasse;hausnummer;stadt;stadtteil\nAm Markt;90;Dorf;063", "Am Markt 90, Dorf"),
    ("Straße;Hausnummer;Ortsteil\nAm Markt;27;092 - Altes Tor", "Am Markt 27, Altes Tor"),
    ("Straße;Hausnummer;Ortsteil\nAm Markt;27;9.2", "Am Markt 27"),
    ("Straße;Hausnummer;PLZ\nAm Markt;27,0;99001.0", "Am Markt 27, 99001"),
    ("Straße;Hausnummer;PLZ\nAm Markt;27;1067", "Am Markt 27, 01067"),
    ("Straße;Hausnummer;Gemeinde\nAm Markt;27;05111000", "Am Markt 27"),
    # An address beside its parts, and other people's addresses.
    ("Adresse;Hausnummer;PLZ\nAm Markt;7;99001", "Am Markt 7, 99001"),
    ("Adresse;Straße;Hausnummer\na@b.de;Am Markt;7", "Am Markt 7"),
    ("Adresse;Straße;Hausnummer\n;Am Markt;7", "Am Markt 7"),
    ("Adresse 1;Adresse 2\nAm Markt 7;Am Weg 3", "Am Markt 7"),
    ("Straße (Standort);Hausnr. [Standort];PLZ (Standort)\nAm Markt;7;99001",
     "Am Markt 7, 99001"),
    ("SchulStrasse;SchulPLZ;SchulOrt\nAm Markt 7;99001;Dorf", "Am Markt 7, 99001 Dorf"),
    ("homeStreet;homeNumber;officeStreet;officeNumber\nAm Markt;7;Am Weg;3", "Am Markt 7"),
    ("addr:street;addr:housenumber;addr:postcode;addr:city\nAm Markt;7;99001;Dorf",
     "Am Markt 7, 99001 Dorf"),
    ("Straße;Hausnummer\nAm Markt 7a;7a", "Am Markt 7a"),
    # Plain digits may be the street's name: the geocoder reads them, see below.
    ("Straße;Hausnummer\nAm Markt 7;7", "Am Markt 7 7"),
    ("Straße;Hausnummer\nStraße 20;20", "Straße 20 20"),
    # A second suffix is read, not dropped.
    ("Straße;Hnr;Zusatz\nAm Markt;27a;b", "Am Markt 27a b"),
    ("Straße;Hnr;Zusatz\nAm Markt;27a;2", "Am Markt 27a 2"),
    ("Straße;Hnr;Zusatz\nAm Markt 27a;;b", "Am Markt 27a b"),
    ("Straße;Ort\nHildener Straße 5;Hilden", "Hildener Straße 5, Hilden"),
    ("Adresse;PLZ\nAm Markt 1, 99001 Dorf;40724", "Am Markt 1, 99001 Dorf, 40724"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "expected"), TABLES)
def test_columns_are_read_as_what_they_hold(table: str, expected: str) -> None:
    assert texts_of(table)[0] == expected


@pytest.mark.parametrize(
    "cell",
    ["o. Nr.", "k. A.", "k.A.", "ohne", "ohne Nr.", "n/a", "N/A", "-", "–", "?", "0", "", "keine",
     "#N/A", "unbekannt", "01.03.2026", "2026-03-01", "2026-03-01 00:00:00", "Mrz 26", "01. Mrz",
     "1-Mar", "10. Dez", "Dez 10", "26. März", "46082", "46082.0", "1/3/2026"],
)  # fmt: skip
def test_what_is_no_house_number_leaves_the_street(cell: str) -> None:
    assert texts_of(f"Straße;Hausnummer;PLZ\nAm Markt;{cell};99001") == ["Am Markt, 99001"]


@pytest.mark.parametrize("cell", ["1", "27a", "27 a", "1-3", "26-28", "9999", "27 1/2", "7/9"])
def test_house_numbers_stay_as_typed(cell: str) -> None:
    assert texts_of(f"Straße;Hausnummer;PLZ\nAm Markt;{cell};99001") == [f"Am Markt {cell}, 99001"]


def test_what_was_used_and_what_was_not_is_told() -> None:
    sheet = sheet_of("Nr.;Name;Straße;Haus-Nr.;PLZ Ort;Bezirk\n1;x;Am Markt;7;99001 Dorf;3")
    found = find_columns(sheet)
    assert found.by_use == {
        "street": "Straße", "house_number": "Haus-Nr.", "postcode_town": "PLZ Ort",
        "district": "Bezirk", "ignored": ["Nr.", "Name"],
    }  # fmt: skip
    assert str(found.told) == (
        "the address was read from: street Straße, house number Haus-Nr., postcode town PLZ Ort,"
        " district Bezirk; not read: Nr., Name"
    )
    named = find_columns(sheet, ["Straße", "Nr."])
    assert named.by_use["named"] == ["Straße", "Nr."]
    assert named.by_use["ignored"] == ["Name", "Haus-Nr.", "PLZ Ort"]


def test_no_column_is_used_twice_or_lost() -> None:
    for table, _ in TABLES:
        sheet = sheet_of(table)
        found = find_columns(sheet)
        told = [*found.used, *([found.district] if found.district else []), *found.ignored]
        assert sorted(told) == sorted(sheet.frame.columns)


def test_a_cell_left_out_is_told(tiny_pack: RegionPack) -> None:
    sheet = sheet_of("Straße;Hausnummer;Zusatz\nHauptstraße;01. Mrz;\nHauptstraße;500;EG")
    done = geocode_sheet(sheet, Geocoder(Gazetteer.from_pack(tiny_pack)), tiny_pack.crs)
    assert [str(w) for w in done.summary.warnings] == [
        "2 cell(s) of house number or suffix were left out, because they hold neither"
        " or have no number before them, first 01. Mrz (t.csv, row 1). Write the number as text."
    ]
    assert show_address_table(done.summary).columns == {
        "street": "Straße", "house_number": "Hausnummer", "house_number_suffix": "Zusatz",
        "ignored": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "outcome"),
    [
        ("Straße;Hnr;Zusatz\nKölner Straße;4a;e", "range"),
        ("Straße;Hnr;Zusatz\nKölner Straße;4a;2", "range"),
        ("Straße;Hnr;Zusatz\nKölner Straße;4a;a", "exact"),
        ("Straße;Hausnummer\nKölner Straße 4;4", "exact"),
        ("Straße;Hausnummer\nKölner Straße 4;6", "range"),
        ("Straße;Hausnummer\nStraße 20;5", "exact"),
        ("Straße;Hausnummer\nStraße 20;20", "nearest_number"),
        ("Straße;Hausnummer\nNach den 12 Morgen;12", "nearest_number"),
        ("Straße;Hausnummer\nNach den 12 Morgen;9", "exact"),
    ],
)
def test_no_number_or_suffix_is_lost_in_silence(table: str, outcome: str) -> None:
    done = geocode_sheet(sheet_of(table), tiny_geocoder(), CRS)
    assert done.frame["outcome"].tolist() == [outcome]


def test_a_suffix_without_a_number_is_told() -> None:
    done = geocode_sheet(sheet_of("Straße;Hnr;Zusatz\nAm Wehr;;a"), tiny_geocoder(), CRS)
    assert [type(w) for w in done.summary.warnings] == [CellReadingWarning]
    assert "first a (t.csv, row 1)" in str(done.summary.warnings[0])


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("homeStreet;homeNumber;officeStreet;officeNumber\nAm Wehr;1;Kölner Straße;3",
         ["officeStreet"]),
        ("Adresse 1;Adresse 2\nAm Wehr 1;Wehr 1", []),
        ("Adresse 1;Adresse 2\nAm Wehr 1;Kölner Straße 4", ["Adresse 2"]),
        ("Adresse;Hausnummer\nAm Wehr 1;5", ["Hausnummer"]),
        ("Adresse;Hausnummer\nAm Wehr 1;1", []),
        ("Adresse;Straße;Nr.\nKölner Str. 4, 99001 Düneburg;Kölner Straße;4", []),
        ("Straße;Hnr;PLZ;Postleitzahl\nAm Wehr;1;99001;99002", ["Postleitzahl"]),
        ("Straße;Hnr;Ort;Stadt\nAm Wehr;1;Düneburg;düneburg", []),
        ("Adresse;Adresse privat\n;Am Wehr 1\nAm Wehr 5;", ["Adresse privat"]),
        ("Adresse;Straße;Hausnummer\na@b.de;Am Wehr;1", []),
    ],
)  # fmt: skip
def test_a_second_address_is_told(table: str, told: list[str]) -> None:
    done = geocode_sheet(sheet_of(table), tiny_geocoder(), CRS)
    others = [w for w in done.summary.warnings if isinstance(w, OtherAddressWarning)]
    assert [str(w).split()[2] for w in others] == [c.split()[0] for c in told]
    assert len(others) == len(told)


def test_who_names_the_columns_is_not_told_of_others() -> None:
    sheet = sheet_of("Adresse 1;Adresse 2\nAm Wehr 1;Kölner Straße 4")
    done = geocode_sheet(sheet, tiny_geocoder(), CRS, columns=["Adresse 2"])
    assert done.summary.warnings == ()


def test_an_empty_summary_has_no_columns() -> None:
    assert AddressColumns().by_use == {"ignored": []}


@pytest.fixture(scope="module")
def geocoder(default_pack: RegionPack) -> Geocoder:
    return Geocoder(Gazetteer.from_pack(default_pack))


def known_cases() -> list[tuple[str, int, str]]:
    """Rows of the list of tables that were misread, one for each row number it names."""
    if not CASES.is_dir():
        return []
    with (CASES / "EXPECTED.csv").open(encoding="utf-8") as handle:
        given = list(csv.DictReader(handle, delimiter=";"))
    return [
        (case["file"], int(row), part.strip())
        for case in given if case["row"] != "all"
        for row, part in zip(
            case["row"].split(","),
            (case["expected"].split("; ") * 9), strict=False,
        )
    ]  # fmt: skip


@pytest.mark.skipif(
    not CASES.is_dir(), reason="the folder of shared cases is not beside the checkout"
)
@pytest.mark.parametrize(("file", "row", "expected"), known_cases())
def test_tables_that_were_misread(
    default_pack: RegionPack, geocoder: Geocoder, file: str, row: int, expected: str
) -> None:
    done = geocode_sheet(read_table(CASES / file), geocoder, default_pack.crs)
    got = done.frame.iloc[row - 1]
    said = f"{got['outcome']} {got['matched'].split(',')[0]}".strip()
    wanted = expected.split(",", maxsplit=1)[0].split(" (", maxsplit=1)[0].strip()
    if wanted.startswith("never"):
        number = wanted.split()[-1]
        assert not (said.startswith(("exact", "corrected")) and said.endswith(f" {number}"))
    elif wanted in {"outside", "street", "exact"}:
        assert got["outcome"] == wanted
    elif wanted.startswith("exact"):
        assert said.startswith("exact")
        assert said.endswith(wanted.removeprefix("exact"))
    else:
        assert said == f"exact {wanted}"


@pytest.mark.skipif(
    not CASES.is_dir(), reason="the folder of shared cases is not beside the checkout"
)
def test_no_number_is_joined_with_the_code_of_a_quarter() -> None:
    sheet = read_table(CASES / "pundr_opendata.csv")
    rows = read_addresses(sheet.frame, find_columns(sheet))
    for row, code in zip(rows, sheet.frame["stadtteil"], strict=True):
        assert code not in row.text
