"""Write ``columns.md``: the columns of every frame that a region returns.

Use: ``.venv/bin/python -m docs.list_columns`` from the root of the checkout. A test fails when the
page is not what is generated now.
"""

from __future__ import annotations

from pathlib import Path

from welcomemap.columns import LABEL, TABLES, Table

PAGE = Path(__file__).parent / "columns.md"
HEAD = """# Columns of the frames

What a [region](reference/index.md) returns as a frame has these columns in this order, whatever was
asked and whatever a pack lacks. `text` is what pandas calls a text: `str` since pandas 3, `object`
before. Texts are empty or missing where there is nothing to tell, numbers are `NaN`. Geometry comes
last, in the region's metric CRS; that of `service_area` in the CRS of the sites given.

For columns of the command line's JSON, see its [schemas](reference/index.md).
"""


def make_page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(_describe(table) for table in TABLES.values())])


def _describe(table: Table) -> str:
    lines = [f"## `{table.made_by}`", "", f"A row is {table.rows}.", ""]
    lines += ["| Column | Type | Meaning |", "|---|---|---|"]
    index = [] if table.index is None else [(table.index, " (index)")]
    for column, role in (*index, *((one, "") for one in table.columns)):
        kind = "as given" if column.type == LABEL else f"`{column.type}`"
        name = "index" if column.name == "index" else f"`{column.name}`{role}"
        lines.append(f"| {name} | {kind} | {column.meaning} |")
    lines.append(f"| `geometry` | `geometry` | {table.geometry[0].upper()}{table.geometry[1:]}. |")
    if table.more:
        lines += ["", f"Besides: {table.more}."]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(make_page(), "utf-8")
