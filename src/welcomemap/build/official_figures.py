"""The city's own figures for districts and quarters, each on its own base.

Three bases exist and are never mixed: the register (residents by Stadtteil), the statistics of
migration (residents, migration background, foreign citizens) and the ages by Wohnquartier, where
small numbers are suppressed. What the program calls *residents* is the base of the migration
statistics; age groups sum to the ages as published.
"""

from __future__ import annotations

import pandas as pd

from welcomemap.build.raw import RawFolder
from welcomemap.errors import ColumnValueError, Place
from welcomemap.tables import GROUPS

QUARTER_FIGURES_FILE = "statistics/stadtteil_2024.csv"
AGES_FILE = "statistics/age_wohnquartier_2024.csv"
UNDER_18 = ("unter_6_Jahren", "6_bis_unter_10_jahre", "10_bis_unter_18_jahre")
OVER_65 = ("65_bis unter_75_jahre", "75_jahre_und_aelter")


def read_quarter_figures(raw: RawFolder) -> pd.DataFrame:
    """Return one row per quarter number (index ``"011"``…) with the five groups as whole people.

    Ages are summed here from the Wohnquartiere (suppressed cells count as nobody, as in every
    published sum of them).
    """
    people = raw.read_rows(
        QUARTER_FIGURES_FILE,
        ("Stadtteil_Nummer", "persons_2024", "migration_background_2024", "foreigners_2024"),
    )
    ages = raw.read_rows(AGES_FILE, ("wohnquartier", *UNDER_18, *OVER_65), delimiter=";")
    ages.index = pd.Index(ages["wohnquartier"].str.zfill(9).str[:3])
    figures = pd.DataFrame(
        {
            "residents": _whole(people["persons_2024"], QUARTER_FIGURES_FILE),
            "migration_background": _whole(
                people["migration_background_2024"], QUARTER_FIGURES_FILE
            ),
            "foreign_citizens": _whole(people["foreigners_2024"], QUARTER_FIGURES_FILE),
        }
    )
    figures.index = pd.Index(people["Stadtteil_Nummer"].str.zfill(3), name="quarter")
    for group, columns in (("under_18", UNDER_18), ("over_65", OVER_65)):
        counts = pd.DataFrame({c: _whole(ages[c], AGES_FILE, blank=0) for c in columns})
        total = counts.sum(axis=1).groupby(level=0).sum()
        figures[group] = total.reindex(figures.index)
    return figures[list(GROUPS)].astype(int)


def sum_by_district(figures: pd.DataFrame, district_of: pd.Series) -> pd.DataFrame:
    """Sum quarter figures by district; ``district_of`` maps quarter numbers to districts."""
    return figures.groupby(district_of.reindex(figures.index)).sum()


def _whole(column: pd.Series, path: str, *, blank: int | None = None) -> pd.Series:
    values = column.str.strip()
    if blank is not None:
        values = values.where(values != "", str(blank))
    is_bad = ~values.str.fullmatch(r"\d+")
    if is_bad.any():
        row = int(is_bad.to_numpy().argmax()) + 1
        raise ColumnValueError(
            "a figure is not a whole number",
            where=Place(path, row=row, column=str(column.name)),
            how="Restore the raw table, then build again.",
        )
    return values.astype(int)
