"""A zipped pack is unpacked whole and inside its folder, or not at all."""

from __future__ import annotations

import stat
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.worlds import write_rechteckstadt
from welcomemap.errors import PackError, TooLargeError
from welcomemap.region import verify
from welcomemap.region.pack import load_pack
from welcomemap.region.verify import check_pack, unpack_pack


def make_zip(files: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("top", ["", "my pack/"])
def test_a_zipped_pack_opens_as_its_folder_does(tmp_path: Path, top: str) -> None:
    source = tmp_path / "source"
    source.mkdir()
    write_rechteckstadt(source)
    content = make_zip({f"{top}{path.name}": path.read_bytes() for path in source.iterdir()})
    target = tmp_path / "target"
    target.mkdir()
    found = load_pack(unpack_pack(content, target))
    assert found.name == load_pack(source).name
    assert check_pack(found).ok == check_pack(load_pack(source)).ok


@pytest.mark.parametrize(
    "name",
    ["../evil.csv", "/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:evil.csv", "evil.exe"],
)
def test_nothing_leaves_the_folder_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(PackError):
        unpack_pack(make_zip({"datapackage.json": b"{}", name: b"x"}), target)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_link_is_refused(tmp_path: Path) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("datapackage.json", "{}")
        link = zipfile.ZipInfo("secret.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "../../secret")
    with pytest.raises(PackError, match="link"):
        unpack_pack(buffer.getvalue(), tmp_path)


def test_a_bomb_is_stopped_by_what_it_says_and_by_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "MAX_UNPACKED_BYTES", 1000)
    content = make_zip({"datapackage.json": b"{}", "big.csv": b"0" * 5000})
    with pytest.raises(TooLargeError):
        unpack_pack(content, tmp_path)
    lying = content.replace((5000).to_bytes(4, "little"), (5).to_bytes(4, "little"))
    with pytest.raises((TooLargeError, PackError)):
        unpack_pack(lying, tmp_path)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    files = {f"{number}.csv": b"" for number in range(verify.MAX_FILES)}
    with pytest.raises(TooLargeError):
        unpack_pack(make_zip(files | {"datapackage.json": b"{}"}), tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"%PDF-1.7", make_zip({"a.csv": b""})])
def test_what_is_no_pack_is_refused_with_a_way_to_mend_it(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(PackError, match=r"datapackage\.json"):
        unpack_pack(content, tmp_path)
