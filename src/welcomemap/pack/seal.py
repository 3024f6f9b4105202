"""Record in a pack's manifest what its files are now, after somebody has edited one by hand."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from welcomemap.claims import claimed
from welcomemap.pack.layer_files import read_feature_layer, read_row_layer
from welcomemap.pack.load import RegionPack
from welcomemap.pack.manifest import (
    SEAL,
    count_key,
    recorded_rows,
    seal_of,
    write_manifest,
)


@dataclass(frozen=True)
class SealedLayer:
    """A layer as the manifest records it now; ``is_changed``: it recorded something else before."""

    name: str
    path: str
    rows: int
    bytes: int
    sha256: str
    is_changed: bool

    def to_json(self) -> dict[str, Any]:
        """Return the keys of the command-line contract."""
        return {
            "name": self.name, "path": self.path, "rows": self.rows, "bytes": self.bytes,
            "sha256": self.sha256, "is_changed": self.is_changed,
        }  # fmt: skip


def seal_pack(pack: RegionPack) -> tuple[SealedLayer, ...]:
    """Write rows, bytes and sha256 of every layer's file into the manifest, and its own sha256.

    Whether the layers are right is another question: see
    :func:`welcomemap.pack.verify.check_pack`.

    Raises
    ------
    WelcomemapError
        If a file is absent or cannot be read; the manifest then stays as it was.
    OutputError
        If the manifest cannot be written.
    """
    manifest: dict[str, Any] = json.loads(json.dumps(pack.manifest))
    with claimed([pack.folder]):
        sealed = tuple(_seal(pack, resource) for resource in manifest["resources"])
        if manifest.get(SEAL) != seal_of(manifest):
            write_manifest(pack.folder, manifest)
    return sealed


def _seal(pack: RegionPack, resource: dict[str, Any]) -> SealedLayer:
    name, file = str(resource["name"]), str(resource["path"])
    path = pack.layer_path(name)
    content = pack.read_bytes(name, is_verified=False)
    is_rows = path.suffix == ".csv"
    table = (
        read_row_layer(content, path) if is_rows else read_feature_layer(content, path, pack.crs)
    )
    sha256 = hashlib.sha256(content).hexdigest()
    before = (recorded_rows(resource), resource.get("bytes"), resource.get("sha256"))
    after = (len(table), len(content), sha256)
    if before != after:
        for key in ("rows", "row_count"):
            resource.pop(key, None)
        resource |= {
            count_key(file): len(table), "bytes": len(content),
            "hash": f"sha256:{sha256}", "sha256": sha256,
        }  # fmt: skip
    return SealedLayer(name, file, len(table), len(content), sha256, before != after)
