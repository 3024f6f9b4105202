"""Compiles the catalogues of ``locale/`` while the package is built: reading them takes a while."""

from __future__ import annotations

import os
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCALE = Path("src", "welcomemap", "locale")


def compile_catalogues(folder: Path) -> None:
    """Write a ``.mo`` beside each ``.po``, whose name says of which content it is.

    What is there already stays, and a new one is there at once: somebody may be reading them.
    """
    outdated = set(folder.glob("*.mo"))
    for path in sorted(folder.glob("*.po")):
        content = path.read_bytes()
        compiled = folder / f"{path.stem}.{zlib.crc32(content):08x}.mo"
        outdated.discard(compiled)
        if not compiled.exists():
            beside = compiled.with_suffix(f".{os.getpid()}")
            with beside.open("wb") as file:
                write_mo(file, read_po(BytesIO(content)))
            beside.replace(compiled)
    for compiled in outdated:
        compiled.unlink(missing_ok=True)


class CompileCatalogues(BuildHookInterface[Any]):
    """Runs before each build, that of an editable installation too."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch's
        """Compile, and let the files into the package though git ignores them."""
        compile_catalogues(Path(self.root) / LOCALE)
        build_data["artifacts"].append(f"{LOCALE.as_posix()}/*.mo")
