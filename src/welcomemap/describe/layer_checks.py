"""What was looked at in a layer that a planner brings, in a few words."""

from __future__ import annotations

from welcomemap.region.areas import CheckKind
from welcomemap.wording import Text

CHECKS: dict[CheckKind, Text] = {
    "readable": Text("Lesbar, Ringe geschlossen", "Readable, rings closed"),
    "columns": Text(
        "Spalten district und name, jede Nummer einmal",
        "Columns district and name, each number once",
    ),
    "shapes": Text("Gültige Flächen", "Valid polygons"),
    "tiling": Text("Keine Überlappungen, keine Lücken", "No overlaps, no gaps"),
    "extent": Text("Bedeckt dieselbe Stadt wie das Paket", "Covers the same city as the pack"),
}
