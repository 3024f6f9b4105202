"""The tables that say where the numbers of a paper come from."""

from __future__ import annotations

from welcomemap.coverage.headings import is_part
from welcomemap.coverage.words import word_group
from welcomemap.pack.manifest import list_resources
from welcomemap.report.formulas import list_formulas, list_layers
from welcomemap.report.lists import replace_layers
from welcomemap.report.paper_study import PaperStudy
from welcomemap.report.table import NOTHING, Column, PaperTable
from welcomemap.wording import Text


def tabulate_formulas(study: PaperStudy) -> PaperTable:
    """Return the formulas that the marks in the paper refer to."""
    columns = (
        Column("mark", Text("Marke", "Mark"), width=0.9),
        Column("number", Text("Zahl", "Number")),
        Column("says", Text("Formel", "Formula"), width=5.0),
        Column("layers", Text("Ebenen", "Layers")),
        Column("source", Text("Quelle", "Source")),
    )
    replaced = replace_layers(study.request)
    rows = [
        {
            "mark": formula.mark, "number": formula.name, "says": formula.says,
            "layers": list_layers(formula, study.pack, study.request.mode, replaced),
            "source": formula.source,
        }
        for formula in list_formulas(study.pack, study.request)
    ]  # fmt: skip
    title, note = Text("Woher jede Zahl kommt", "Where each number comes from"), NOTHING
    if is_part(study.group):
        people = word_group(study.group)
        note = Text(
            f"„Menschen“ heißt in den Formeln: {people.de}.",
            f"“People” means in the formulas: {people.en}.",
        )
    return PaperTable("formulas", title, columns, tuple(rows), note)


def tabulate_layers(study: PaperStudy) -> PaperTable:
    """Return the layers of the pack: date, licence, source and checksum."""
    columns = (
        Column("name", Text("Ebene", "Layer")),
        Column("date", Text("Stand", "As of")),
        Column("rows", Text("Zeilen", "Rows"), "number"),
        Column("licence", Text("Lizenz", "Licence")),
        Column("source", Text("Quelle", "Source"), width=5.0),
        Column("short_sha256", Text("Prüfsumme (Anfang)", "Checksum (start)")),
        Column("sha256", Text("Prüfsumme SHA-256", "Checksum SHA-256"), is_printed=False),
    )
    rows = [
        {
            "name": layer.name, "date": layer.date, "rows": layer.rows, "licence": layer.licence,
            "source": layer.source, "sha256": layer.sha256,
            "short_sha256": None if layer.sha256 is None else layer.sha256[:12],
        }
        for layer in list_resources(study.pack.manifest)
        if layer.name not in replace_layers(study.request)
    ]  # fmt: skip
    title = Text("Quellen und Lizenzen", "Sources and licences")
    return PaperTable("layers", title, columns, tuple(rows))
