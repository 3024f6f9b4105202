"""Tables made to do harm, or left over by programs and people, as text and as workbooks.

Each is either read, to known cells, or refused by a named error: the second of a pair says which.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import openpyxl

from welcomemap.errors import (
    ControlCharacterError,
    EmptyTableError,
    EncodingError,
    HeaderError,
    InputError,
    QuotationMarkError,
    RaggedRowError,
    TableFormatError,
    TooLargeError,
)

Cells = list[list[str]]
PLAIN = "id,ort\n1,Köln\n"
KOELN: Cells = [["1", "Köln"]]


@dataclass(frozen=True)
class Given:
    """A file and what must come of it: rows of cells, or one of the errors."""

    content: bytes
    expected: Cells | tuple[type[InputError], ...]


def _rows(text: str, n: int) -> bytes:
    return ("id,ort\n" + text * n).encode()


TEXTS: Mapping[str, Given] = {
    "utf-8": Given(PLAIN.encode(), KOELN),
    "byte-order mark": Given(PLAIN.encode("utf-8-sig"), KOELN),
    "two byte-order marks": Given(b"\xef\xbb\xbf" + PLAIN.encode("utf-8-sig"), KOELN),
    "utf-16": Given(PLAIN.encode("utf-16"), KOELN),
    "utf-16 little": Given(("\ufeff" + PLAIN).encode("utf-16-le"), KOELN),
    "utf-16 big": Given(("\ufeff" + PLAIN).encode("utf-16-be"), KOELN),
    "utf-16 cut": Given(PLAIN.encode("utf-16")[:-1], (EncodingError,)),
    "utf-32": Given(PLAIN.encode("utf-32"), (EncodingError, ControlCharacterError)),
    "windows-1252": Given(PLAIN.encode("cp1252"), KOELN),
    "utf-8 and something else": Given(PLAIN.encode() * 3 + b"2,\xfc\n", (EncodingError,)),
    "surrogate": Given(b"id,ort\n1,\xed\xa0\x80K\xc3\xb6ln\n", (EncodingError,)),
    "NUL": Given(b"id,ort\n1,K\0ln\n", (ControlCharacterError,)),
    "NUL in header": Given(b"id,o\0rt\n1,x\n", (ControlCharacterError,)),
    "all NUL": Given(b"\0" * 1000, (EmptyTableError, EncodingError, InputError)),
    "end of file sign": Given(b"id,ort\n1,x\n\x1a", (ControlCharacterError, RaggedRowError)),
    "escape sequence": Given(b"id,ort\n1,\x1b[2Jx\n", (ControlCharacterError,)),
    "carriage returns": Given(b"id,ort\r1,x\r2,y\r", [["1", "x"], ["2", "y"]]),
    "mixed line ends": Given(b"id,ort\r\n1,x\n2,y\r", [["1", "x"], ["2", "y"]]),
    "line separator": Given("id,ort\n1,a\u2028b\n".encode(), [["1", "a\u2028b"]]),
    "no last line end": Given(b"id,ort\n1,x", [["1", "x"]]),
    "hint": Given(b"sep=;\nid;ort\n1;x,y\n", [["1", "x,y"]]),
    "nothing": Given(b"", (EmptyTableError,)),
    "blanks": Given(b" \n\t\n", (EmptyTableError,)),
    "mark alone": Given(b"\xef\xbb\xbf", (EmptyTableError,)),
    "header alone": Given(b"id,ort\n", (EmptyTableError,)),
    "header and delimiters": Given(b"id,ort\n,\n,\n", (EmptyTableError,)),
    "doubled header": Given(b"id,id\n1,2\n", (HeaderError,)),
    "doubled but for blanks": Given(b"id, id\n1,2\n", (HeaderError,)),
    "column without name": Given(b"id,\n1,2\n", (HeaderError,)),
    "header of blanks": Given(b" , \n1,2\n", (HeaderError,)),
    "short row": Given(b"id,ort\n1\n", (RaggedRowError,)),
    "long row": Given(b"id,ort\n1,2,3\n", (RaggedRowError,)),
    "long row of nothing": Given(b"id,ort\n1,2,,\n", [["1", "2"]]),
    "quotes unclosed": Given(b'id,ort\n1,"x\n2,y\n', (QuotationMarkError,)),
    "quotes unclosed in header": Given(b'id,"ort\n1,x\n', (QuotationMarkError,)),
    "quotes not doubled": Given(b'id,ort\n1,"x"y"\n', (QuotationMarkError,)),
    "quotes around a line end": Given(b'id,ort\n1,"x\ny"\n', [["1", "x\ny"]]),
    "quotes unclosed over megabytes": Given(_rows("1,x\n", 1) + b'2,"' + b"y,z\n" * 500_000,
                                            (TooLargeError, QuotationMarkError)),
    "cell of 1 MB": Given(_rows("1,x\n", 1) + b"2," + b"y" * 1_000_000, (TooLargeError,)),
    "name of 1 MB": Given(b"id," + b"y" * 1_000_000 + b"\n1,2\n", (TooLargeError,)),
    "16,384 columns": Given((",".join(f"c{i}" for i in range(16_384)) + "\n" + "1," * 16_383 + "1"
                             ).encode(), (TooLargeError,)),
    "one row of 3 million cells": Given(b"id,ort\n" + b"," * 3_000_000, (RaggedRowError,
                                        TooLargeError, HeaderError, EmptyTableError)),
    "300,000 rows": Given(_rows("1,x\n", 300_000), (TooLargeError,)),
    "3 million blank lines": Given(_rows("\n", 3_000_000) + b"1,x\n", (TooLargeError,)),
    "10 MB": Given(_rows("1,x\n", 2_500_000), (TooLargeError,)),
    "10 to the 400": Given(b"id,ort\n1" + b"0" * 400 + b",1e999\n", [["1" + "0" * 400, "1e999"]]),
    "numbers of programs": Given(b"id,ort\n1_000,nan\n0x10,Infinity\n",
                                 [["1_000", "nan"], ["0x10", "Infinity"]]),
    "codes of Excel": Given(b"id,ort\n#REF!,#N/A\n", [["#REF!", "#N/A"]]),
    "formulas": Given(b"id,ort\n=1+1,=cmd|' /C calc'!A0\n@SUM(A1),+1+1\n",
                      [["=1+1", "=cmd|' /C calc'!A0"], ["@SUM(A1)", "+1+1"]]),
    "markup": Given(b"<html><body><table><tr><td>1</td></tr></table></body></html>",
                    (EmptyTableError, HeaderError)),
    "JSON": Given(b'[{"id": 1}, {"id": 2}]', (InputError,)),
    "old Excel": Given(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 3000, (TableFormatError,)),
    "PDF": Given(b"%PDF-1.7\n1 0 obj\n", (TableFormatError,)),
    "gzip": Given(zlib.compress(PLAIN.encode(), wbits=31), (TableFormatError,)),
    "Parquet": Given(b"PAR1" + b"\0" * 90 + b"PAR1", (TableFormatError,)),
    "half a zip sign": Given(b"PK", (TableFormatError,)),
    "text that begins like a zip": Given(b"PK,ort\n1,x\n", (TableFormatError,)),
}  # fmt: skip


def make_book(
    rows: Iterable[Iterable[object]], *, parts: Mapping[str, bytes] | None = None, drop: str = ""
) -> bytes:
    """Return a workbook of one worksheet; ``parts`` are added or replace, ``drop`` is left out."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    made = io.BytesIO()
    workbook.save(made)
    return change_zip(made.getvalue(), parts or {}, drop)


def change_zip(content: bytes, parts: Mapping[str, bytes], drop: str = "") -> bytes:
    """Return a zip with parts added or replaced, and one left out."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if name not in {*parts, drop}:
                target.writestr(name, source.read(name))
        for name, part in parts.items():
            target.writestr(name, part)
    return made.getvalue()


def _lie_about_sizes(content: bytes) -> bytes:
    """Let the directory of a zip say that every part unpacks to one byte."""
    changed, at = bytearray(content), 0
    while (at := changed.find(b"PK\x01\x02", at)) >= 0:
        changed[at + 24 : at + 28] = struct.pack("<I", 1)
        at += 4
    return bytes(changed)


def _lock(content: bytes) -> bytes:
    """Say of every part of a zip that it is locked."""
    changed = bytearray(content)
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := changed.find(sign, at)) >= 0:
            changed[at + offset] |= 1
            at += 4
    return bytes(changed)


def _merged() -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (["id", "ort", "plz"], [1, "Köln", None], [2, "Bonn", "53111"]):
        sheet.append(row)
    sheet.merge_cells("B2:C2")
    return _save(workbook)


def _hidden() -> bytes:
    workbook = openpyxl.Workbook()
    first = workbook.active
    assert first is not None
    first.append(["secret", "key"])
    first.append(["1", "2"])
    first.sheet_state = "hidden"
    second = workbook.create_sheet("Orte")
    second.append(["id", "ort"])
    second.append([1, "Köln"])
    workbook.active = 1
    return _save(workbook)


def _save(workbook: openpyxl.Workbook) -> bytes:
    made = io.BytesIO()
    workbook.save(made)
    return made.getvalue()


HEAD = ["id", "ort"]
SOUND = make_book([HEAD, [1, "Köln"]])
SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _sheet(rows: str) -> bytes:
    head = '<row r="1"><c t="inlineStr"><is><t>id</t></is></c></row>'
    return f"<worksheet {MAIN}><sheetData>{head}{rows}</sheetData></worksheet>".encode()


def _zip(parts: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


SWELLING = "".join(
    ("<!DOCTYPE a [", '<!ENTITY a0 "aaaaaaaaaa">',
     *(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)), "]><a>&a9;</a>")
).encode()  # fmt: skip

BOOKS: Mapping[str, Given] = {
    "plain": Given(SOUND, KOELN),
    "formulas": Given(make_book([HEAD, ["=1+1", "=cmd|' /C calc'!A0"], [2, "Bonn"]]),
                      [["", ""], ["2", "Bonn"]]),
    "errors": Given(make_book([HEAD, ["#REF!", "#DIV/0!"], ["#N/A", "x"]]),
                    [["#REF!", "#DIV/0!"], ["#N/A", "x"]]),
    "dates": Given(make_book([HEAD, [dt.date(2026, 3, 1), dt.datetime(2026, 3, 1, 12, 30)],
                              [dt.time(8, 30), "x"]]),
                   [["2026-03-01", "2026-03-01 12:30:00"], ["08:30:00", "x"]]),
    "numbers": Given(make_book([HEAD, [27.0, 1e300], [0.1, True]]),
                     [["27", "1e+300"], ["0.1", "TRUE"]]),
    "date out of range": Given(make_book([HEAD, [dt.date(2026, 3, 1), "x"]], parts={SHEET: _sheet(
        '<row r="2"><c s="1"><v>99999999999</v></c></row>')}), [["#VALUE!"]]),
    "number of 400 digits": Given(make_book([HEAD], parts={SHEET: _sheet(
        f'<row r="2"><c><v>1{"0" * 400}</v></c></row>')}), [["1" + "0" * 400]]),
    "number that is none": Given(make_book([HEAD], parts={SHEET: _sheet(
        '<row r="2"><c><v>nan</v></c></row><row r="3"><c><v>1_000</v></c></row>')}),
        (InputError,)),
    "merged": Given(_merged(), [["1", "Köln", ""], ["2", "Bonn", "53111"]]),
    "hidden first": Given(_hidden(), KOELN),
    "zero rows": Given(make_book([HEAD]), (EmptyTableError,)),
    "nothing": Given(make_book([]), (InputError,)),
    "doubled header": Given(make_book([["id", "id"], [1, 2]]), (HeaderError,)),
    "column without name": Given(make_book([["id", None], [1, 2]]), (HeaderError, RaggedRowError)),
    "long row": Given(make_book([HEAD, [1, 2, 3]]), (RaggedRowError, HeaderError)),
    "16,384 columns": Given(make_book([[f"c{i}" for i in range(16_384)], [1] * 16_384]),
                            (TooLargeError,)),
    "cell of 1 MB": Given(make_book([HEAD], parts={SHEET: _sheet(
        f'<row r="2"><c t="inlineStr"><is><t>{"y" * 1_000_000}</t></is></c></row>')}),
        (TooLargeError,)),
    "control sign": Given(make_book([HEAD], parts={SHEET: _sheet(
        '<row r="2"><c t="inlineStr"><is><t>a&#1;b</t></is></c></row>')}), (InputError,)),
    "entities": Given(make_book([HEAD], parts={SHEET: b'<!DOCTYPE a [<!ENTITY x SYSTEM '
                                               b'"file:///etc/passwd">]><a>&x;</a>'}),
                      (TableFormatError,)),
    "entities that swell": Given(make_book([HEAD], parts={"xl/styles.xml": SWELLING}),
                                 (TableFormatError,)),
    "utf-16 with a declaration": Given(make_book([HEAD], parts={SHEET: (
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>').encode("utf-16")}),
        (TableFormatError,)),
    "unknown encoding": Given(make_book([HEAD], parts={SHEET: (
        b'<?xml version="1.0" encoding="klingon"?><a/>')}), (TableFormatError,)),
    "nested deeply": Given(make_book([HEAD], parts={SHEET: _sheet("<a>" * 100_000)}),
                           (TableFormatError, TooLargeError)),
    "bomb of zeros": Given(make_book([HEAD], parts={SHEET: b"\0" * 90_000_000}), (TooLargeError,)),
    "bomb beside the table": Given(make_book([HEAD, [1, "x"]], parts={
        "xl/media/image1.png": b"\0" * 90_000_000}), (TooLargeError,)),
    "bomb of blanks": Given(make_book([HEAD], parts={SHEET: b" " * 79_000_000}),
                            (TooLargeError, TableFormatError)),
    "bomb of styles": Given(make_book([HEAD], parts={"xl/styles.xml": b"<a/>" * 5_000_000}),
                            (TooLargeError,)),
    "sizes that lie": Given(_lie_about_sizes(make_book([HEAD], parts={SHEET: b" " * 79_000_000})),
                            (TableFormatError, TooLargeError)),
    "2,000 parts": Given(make_book([HEAD], parts={f"xl/a{i}.xml": b"<a/>" for i in range(2_000)}),
                         (TooLargeError,)),
    "name that leaves": Given(change_zip(SOUND, {"../../../tmp/evil.xml": b"<a/>"}), KOELN),
    "whole path": Given(change_zip(SOUND, {"/etc/evil.xml": b"<a/>"}), KOELN),
    "link outside": Given(change_zip(SOUND, {"xl/_rels/workbook.xml.rels": (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" Target="file:///etc/passwd" TargetMode="External" Type="http://'
        b'schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
        b"</Relationships>")}), (TableFormatError,)),
    "no worksheet": Given(change_zip(SOUND, {}, drop=SHEET), (TableFormatError,)),
    "no workbook": Given(change_zip(SOUND, {}, drop="xl/workbook.xml"), (TableFormatError,)),
    "another zip": Given(_zip({"a.csv": PLAIN.encode()}), (TableFormatError,)),
    "empty zip": Given(_zip({}), (TableFormatError,)),
    "locked parts": Given(_lock(SOUND), (TableFormatError,)),
    "locked file": Given(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16"),
                         (TableFormatError,)),
    "cut": Given(SOUND[: len(SOUND) // 2], (TableFormatError,)),
    "without directory": Given(SOUND[: SOUND.rfind(b"PK\x01\x02")], (TableFormatError,)),
    "behind other bytes": Given(b"PK" + b"\0" * 100 + SOUND, KOELN),
}  # fmt: skip
