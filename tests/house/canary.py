"""Give each thing that takes a file texts that name another file and a host, and see who looks.

``python -m tests.house.canary FOLDER`` prints how many readings there were and what was wrong, as
JSON. It is a program of its own because an audit hook cannot be taken away again.
"""

from __future__ import annotations

import contextlib
import ctypes
import gzip
import io
import json
import os
import shutil
import socket
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib as mpl

from tests.house.checkout import ROOT
from tests.worlds import record_hashes, write_rechteckstadt
from welcomemap import cli
from welcomemap.errors import WelcomemapError
from welcomemap.ingest import fetch
from welcomemap.ingest.raw import RawFolder
from welcomemap.ingest.sources import Source, read_sources
from welcomemap.region.areas import check_district_file
from welcomemap.region.pack import load_pack
from welcomemap.region.verify import check_zipped_pack
from welcomemap.report.study_file import read_study
from welcomemap.tabular import read_table
from welcomemap.travel.osm import read_osm

CANARY = "canary-5b1f"
COLLECTION = '{"type": "FeatureCollection", "features": [], "crs": @CRS}'
TEXTS = {
    "vrt": '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>@FILE</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>",
    "vrt sql": '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>@URL</SrcDataSource>'
    "<SrcSQL>WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT * FROM c"
    "</SrcSQL></OGRVRTLayer></OGRVRTDataSource>",
    "vrt raster": '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand><SimpleSource>'
    "<SourceFilename>/vsicurl/@URL</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>",
    "gdalg": '{"type": "gdal_streamed_alg", "command_line": "gdal vector read @URL"}',
    "gdalg file": '{"type": "gdal_streamed_alg", "command_line": "gdal vector read @FILE"}',
    "wfs": "<OGRWFSDataSource><URL>@URL</URL></OGRWFSDataSource>",
    "wfs name": "WFS:@URL",
    "oapif": "OAPIF:@URL",
    "gml": '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"><gml:featureMember xlink:href="@URL"/>'
    "</gml:FeatureCollection>",
    "gml schema": '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a @URL"/>',
    "entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file://@FILE">]><a>&x;</a>',
    "entity url": '<!DOCTYPE a [<!ENTITY % x SYSTEM "@URL"> %x;]><a/>',
    "osm entity": '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY x SYSTEM "file://@FILE">]>'
    '<osm version="0.6"><node id="1" lat="51" lon="6"><tag k="name" v="&x;"/></node></osm>',
    "osm dtd": '<!DOCTYPE osm SYSTEM "@URL"><osm version="0.6"/>',
    "xinclude": '<a xmlns:xi="http://www.w3.org/2001/XInclude">'
    '<xi:include href="@FILE" parse="text"/></a>',
    "vsicurl": "/vsicurl/@URL/x.geojson",
    "vsizip": "/vsizip/@FILE",
    "name": "@FILE",
    "address": "@URL",
    "csv": "district,name,WKT\n1,@FILE,POINT (0 0)\n",
    "csv link": 'id;name;address;status\n1;"=WEBSERVICE(""@URL"")";"@FILE";open\n',
    "esri": '{"geometryType": "esriGeometryPoint", "features": [], "url": "@URL"}',
    "topojson": '{"type": "Topology", "objects": {"a": {"href": "@URL"}}, "arcs": []}',
    "crs link": COLLECTION.replace(
        "@CRS", '{"type": "link", "properties": {"href": "@URL", "type": "proj4"}}'
    ),
    "crs file": COLLECTION.replace(
        "@CRS", '{"type": "name", "properties": {"name": "+init=@FILE:1 +type=crs"}}'
    ),
    "crs grid": COLLECTION.replace(
        "@CRS", '{"type": "name", "properties": {"name": '
        '"+proj=longlat +nadgrids=@FILE +type=crs"}}'
    ),
    "toml": '[[source]]\nname = "a"\nurl = "file://@FILE"\nkind = "csv"\n',
    "study": '{"form": "welcomemap paper study", "form_version": 1, "files": '
    '{"@FILE": "0"}, "layers": {}, "versions": {}, "outputs": {}, "manifest": "", '
    '"request": {"scenario": "@FILE"}}',
    "planner": '{"format": "welcomemap-planner-study", "version": 1, "pack": "@FILE", '
    '"choices": {"scenario": "@FILE"}, "lists": [{"name": "@FILE", "file": "@FILE", '
    '"content": "@FILE"}], "candidates": []}',
}  # fmt: skip
"""What a reader that chooses by content, or follows what it reads, would open or fetch."""

TABLE_ENDINGS = (".csv", ".xlsx")
ASKING = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
          "urllib.Request", "subprocess.Popen", "os.system", "os.exec",
          "os.posix_spawn")  # fmt: skip
IN_ACCESS, IN_OPEN = 0x1, 0x20
Reader = Callable[[Path], object]


@dataclass
class Watch:
    """Sees what is opened and asked, by Python or by a library in C, and forgets it when told."""

    allowed: tuple[str, ...]
    secret: Path
    listening: socket.socket
    is_on: bool = False
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._inotify = -1
        if sys.platform == "linux":
            libc = ctypes.CDLL(None)
            self._inotify = libc.inotify_init1(os.O_NONBLOCK)
            libc.inotify_add_watch(self._inotify, str(self.secret).encode(), IN_OPEN | IN_ACCESS)
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.is_on:
            return
        if event in ASKING:
            self.seen.append(f"{event} {arguments!r}"[:300])
        elif event == "open" and isinstance(arguments[0], str | bytes):
            name = os.path.realpath(os.fsdecode(arguments[0]))
            if not name.startswith(self.allowed):
                self.seen.append(f"opened {name}")

    @contextlib.contextmanager
    def on(self) -> Iterator[list[str]]:
        """Watch for a while, and fill the list that is given with what was seen."""
        found: list[str] = []
        self.is_on = True
        try:
            yield found
        finally:
            self.is_on = False
            with contextlib.suppress(BlockingIOError):
                os.read(self._inotify, 4096)
                self.seen.append("the secret was opened by a library")
            with contextlib.suppress(BlockingIOError):
                self.listening.accept()[0].close()
                self.seen.append("a host was asked")
            found += self.seen
            self.seen.clear()


def list_readers(folder: Path, pack: Path) -> Mapping[str, tuple[Reader, tuple[str, ...]]]:
    """Return all that takes a file, with the endings of names that each takes."""
    out = folder / "out.csv"
    matrix = folder / "weights.csv"
    matrix.write_text("demand,weight\nx,1\n", "utf-8")

    def command(*words: str) -> Reader:
        return lambda path: _run([word.replace("FILE", str(path)) for word in words], pack)

    readers: dict[str, tuple[Reader, tuple[str, ...]]] = {
        f"command {words[0]} {words[1]}": (command(*words), TABLE_ENDINGS)
        for words in (
            ("geocode", "FILE", "--out", str(out)),
            ("geocode", "FILE", "--columns", "name", "--out", str(out)),
            ("coverage", "--scenario", "FILE"), ("gaps", "--scenario", "FILE"),
            ("diff", "FILE", "2025"), ("compare", "c1", "FILE"),
            ("report", "--scenario", "FILE", "--out", str(folder / "paper.pdf")),
            ("site", "--candidates", "FILE", "--model", "p-median", "--p", "1"),
            ("site", "--facilities", "FILE", "--model", "p-median", "--p", "1",
             "--candidates", "list"),
        )
    }  # fmt: skip
    readers |= {
        "costs": (command("site", "--costs", "FILE", "--demand", str(matrix),
                          "--model", "p-median", "--p", "1"), (".csv",)),
        "demand": (command("site", "--costs", str(matrix), "--demand", "FILE",
                           "--model", "p-median", "--p", "1"), (".csv",)),
        "replay": (command("replay", "FILE", "--out", str(folder / "again.pdf")), (".study.json",)),
        "upload of districts": (lambda path: check_district_file(pack, path), (".geojson",)),
        "upload of a pack": (lambda path: _unzip(path, pack), (".zip",)),
        "upload of a study": (lambda path: read_study(path.read_bytes()), (".json",)),
        "upload of a table": (lambda path: read_table(path.read_bytes(), name=path.name),
                              TABLE_ENDINGS),
        "extract": (lambda path: read_osm(path, "walk"), (".osm", ".pbf", ".osm.pbf")),
        "packed extract": (lambda path: read_osm(_pack(path), "walk"), (".osm.gz",)),
        "sources": (read_sources, (".toml",)),
        "raw features": (lambda path: RawFolder(path.parent).read_features(path.name, ()),
                         (".geojson", ".json")),
        "packed raw features": (
            lambda path: RawFolder(path.parent).read_features(_pack(path).name, ()),
            (".geojson.gz",)),
        "raw object": (lambda path: RawFolder(path.parent).read_json(path.name), (".json",)),
        "raw rows": (lambda path: RawFolder(path.parent).read_rows(path.name, ("a", "b")),
                     (".csv",)),
    }  # fmt: skip
    for kind in ("geojson", "csv", "zip", "pbf"):
        source = Source("a", "a", "https://x.example/a", "", kind, (), "", "", "never")
        readers[f"fetched {kind}"] = (
            lambda path, source=source: fetch.count_rows(path, source), (f".{kind}",))  # type: ignore[misc]  # fmt: skip
    for resource in json.loads((pack / "datapackage.json").read_text("utf-8"))["resources"]:
        readers[f"layer {resource['name']}"] = (
            lambda path, name=resource["name"]: _read_layer(name, path, pack),  # type: ignore[misc]
            (".geojson", ".parquet", ".csv"),
        )
    return readers


def _run(arguments: list[str], pack: Path) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = cli.run([*arguments, "--pack", str(pack)])
    if CANARY in said.getvalue():
        raise AssertionError("the secret was printed")
    lines = [line for line in said.getvalue().splitlines() if line.startswith("welcomemap: ")]
    if status not in (0, 2, 3) or (status and len(lines) != 1):
        raise AssertionError(f"status {status}: {said.getvalue()}")


def _read_layer(name: str, path: Path, pack: Path) -> None:
    copy = path.parent / "copy"
    copy.mkdir()
    shutil.copy(path, copy)
    manifest = json.loads((pack / "datapackage.json").read_text("utf-8"))
    for resource in manifest["resources"]:
        if resource["name"] == name:
            resource["path"] = path.name
    (copy / "datapackage.json").write_text(json.dumps(manifest), "utf-8")
    record_hashes(copy)
    opened = load_pack(copy)
    try:
        read: Callable[[str], object] = (
            opened.read_rows if path.suffix == ".csv" else opened.read_features
        )
        read(name)
    finally:
        shutil.rmtree(copy)


def _unzip(path: Path, pack: Path) -> None:
    """Read the text as a zip, and as the districts of one."""
    for layer in (None, "districts.geojson"):
        content = path.read_bytes()
        if layer:
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                for part in pack.iterdir():
                    archive.writestr(
                        part.name, content if part.name == layer else part.read_bytes()
                    )
            content = buffer.getvalue()
        with tempfile.TemporaryDirectory() as empty, contextlib.suppress(WelcomemapError):
            _, result = check_zipped_pack(content, Path(empty), name="pack.zip")
            if result.ok or CANARY in repr(result):
                raise AssertionError("the pack was taken")


def _pack(path: Path) -> Path:
    path.write_bytes(gzip.compress(path.read_bytes()))
    return path


PART = 8


def look(
    folder: Path, *, is_opening: bool = False, is_short: bool = False
) -> tuple[int, list[str]]:
    """Return how many readings there were, and what was wrong.

    Parameters
    ----------
    is_opening
        Read with something that opens and asks instead: the watch must see it.
    is_short
        Give each reader one of :data:`PART` texts, the next one the next of them.
    """
    secret, work = folder / "elsewhere" / "secret.csv", folder / "work"
    secret.parent.mkdir(parents=True)
    work.mkdir()
    pack = write_rechteckstadt(work / "pack")
    secret.write_text(f"district,name\n1,{CANARY}\n", "utf-8")
    tempfile.tempdir = str(work)
    readers = list_readers(work, pack)
    faults, count = [], 0
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        allowed = [sys.prefix, sys.base_prefix, ROOT / "src", ROOT / "geodata", work,
                   mpl.get_cachedir()]  # fmt: skip
        watch = Watch(
            (*(os.path.realpath(path) for path in allowed), "/usr/", "/proc/", "/sys/", "/dev/null",
             "/dev/urandom", "/etc/localtime"), secret, listening,
        )  # fmt: skip
        if is_opening:
            readers = {
                name: (_opens(name, listening.getsockname(), secret), (".csv",))
                for name in ("file", "host")
            }
        for number, (entry, (read, endings)) in enumerate(readers.items()):
            is_part = is_short
            for place, ending in enumerate(endings):
                texts = list(TEXTS.items())
                for kind, text in texts[(number + place) % PART :: PART] if is_part else texts:
                    path = work / f"given{ending}"
                    path.write_text(
                        text.replace("@FILE", str(secret)).replace("@URL", url), "utf-8"
                    )
                    count += 1
                    faults += [f"{entry}, {kind}, {ending}: {fault}"
                               for fault in _try(read, path, watch)]  # fmt: skip
    return count, faults


def _opens(name: str, host: tuple[str, int], secret: Path) -> Reader:
    def read(_: Path) -> None:
        if name == "file":
            secret.read_text("utf-8")
        else:
            socket.create_connection(host).close()

    return read


def _try(read: Reader, path: Path, watch: Watch) -> list[str]:
    fault = ""
    with watch.on() as seen:
        try:
            if CANARY in repr(read(path)):
                fault = "the secret was read"
        except WelcomemapError as error:
            if "\n" in str(error) or CANARY in str(error):
                fault = f"said {error}"
        except Exception as error:  # noqa: BLE001 - whatever comes is what is looked for
            fault = f"{type(error).__name__}: {error}"
    return [*seen, fault] if fault else seen


if __name__ == "__main__":
    done, wrong = look(
        Path(sys.argv[1]), is_opening="opening" in sys.argv[2:], is_short="short" in sys.argv[2:]
    )
    sys.stdout.write(json.dumps({"count": done, "faults": wrong}))
