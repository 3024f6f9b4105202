"""What a region answers: tables and what they say, short at a prompt, shown in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import geopandas as gpd
import pandas as pd

from welcomemap.errors import UsageError
from welcomemap.wording import LANGUAGES, Language, Phrase

if TYPE_CHECKING:
    from welcomemap.cartography.sheet import SheetMap

SHOWN_ROWS = 20


def read_language(text: str) -> Language:
    """Return a language in which sentences come.

    Raises
    ------
    UsageError
        If it is another.
    """
    for language in LANGUAGES:
        if text == language:
            return language
    raise UsageError("there are no sentences in {text!r}", text=text, how="Use de or en.")


@dataclass(frozen=True, repr=False, eq=False)
class Answer:
    """What was asked, the answer's tables, and what it says in words.

    Attributes
    ----------
    request
        Scenario, threshold, mode and group in short.
    sentences
        What the answer says; :meth:`tell` gives them in a language.
    assumptions
        What the travel costs assume beyond the data.
    """

    request: str
    sentences: tuple[Phrase, ...] = field(repr=False)
    assumptions: Phrase | None = field(repr=False)
    language: Language = field(repr=False)

    MAIN: ClassVar[str] = ""

    def tell(self, language: str | None = None) -> list[str]:
        """Return what the answer says, a sentence or a short paragraph each.

        Parameters
        ----------
        language
            ``de`` or ``en``; the region's own if ``None``.

        Raises
        ------
        UsageError
            If the language is another.

        Examples
        --------
        >>> from welcomemap.api import open_region
        >>> print(open_region().gaps("2026").tell("en")[6])
        In district 7, 0 of 47,638 people reach a Welcome Point on foot within 1,000...
        """
        said = self.language if language is None else read_language(language)
        return [sentence.in_language(said) for sentence in self.sentences]

    @property
    def table(self) -> gpd.GeoDataFrame:
        """The answer's main table.

        Examples
        --------
        >>> from welcomemap.api import open_region
        >>> gaps = open_region().gaps("2026")
        >>> gaps.table is gaps.districts
        True
        """
        return getattr(self, self.MAIN)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.request!r}, {len(self.table)} rows)"

    def _repr_html_(self) -> str:
        shown = self.table.head(SHOWN_ROWS)
        if isinstance(shown, gpd.GeoDataFrame):
            shown = shown.drop(columns=shown.geometry.name)
        return f"<p>{escape(repr(self))}</p>{pd.DataFrame(shown).to_html()}"


@dataclass(frozen=True, repr=False, eq=False)
class Gaps(Answer):
    """Who is unserved in a scenario.

    Attributes
    ----------
    districts
        Indexed by number: ``name``, ``group``, ``people``, ``sites_located``, ``sites_stated``,
        ``located_unserved``, ``stated_unserved``, ``covered``, ``share`` with its bounds,
        ``share_if_disputed_false``, ``probability_located_unserved`` and
        ``probability_reach_unserved``, ids of sites in ``located``, ``disputed`` and ``planned``;
        geometry: the district.
    areas
        Areas with people out of reach, the most first: ``rank``, ``kind``, ``area_id``, ``name``,
        ``district``, ``group``, ``people``, ``out_of_reach`` with its bounds, ``nearest_site``,
        ``median_cost``; geometry: where these people live on average.
    """

    districts: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame

    MAIN: ClassVar[str] = "districts"


@dataclass(frozen=True, repr=False, eq=False)
class Difference(Answer):
    """Who gained and who lost between two scenarios.

    Attributes
    ----------
    rows
        ``area_kind``, ``area_id``, ``name``, ``group``, ``threshold``, ``gained`` and
        ``lost`` (people) with their bounds, ``rests_on_disputed`` (ids); geometry: the area.
    """

    rows: gpd.GeoDataFrame

    MAIN: ClassVar[str] = "rows"


@dataclass(frozen=True, repr=False, eq=False)
class Siting(Answer):
    """Where the next sites should open.

    Attributes
    ----------
    status
        ``optimal`` (proven), ``feasible`` or ``infeasible``.
    objective, bound
        In the model's own terms: weight covered, weight times cost, the largest cost, the number of
        sites or the smallest distance.
    covered
        People of the group who reach an open site within the threshold with the first optimal set,
        as :meth:`welcomemap.api.Region.coverage` counts them; ``None`` where there is no set.
    optimal_sets, n_optimal_sets
        Every set of ids that is as good, and how many there are.
    runner_up
        The best set that is not optimal, as far as known.
    sites
        The first optimal set, indexed by id.
    assignments
        By demand cell the site that serves it.
    """

    model: str
    status: str
    objective: float | None
    bound: float | None
    covered: float | None
    optimal_sets: tuple[tuple[str, ...], ...]
    n_optimal_sets: int
    runner_up: tuple[str, ...] | None
    sites: gpd.GeoDataFrame
    assignments: pd.Series

    def __repr__(self) -> str:
        return f"Siting({self.request!r}, {self.status}, {len(self.sites)} sites)"

    MAIN: ClassVar[str] = "sites"


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(Answer):
    """Candidates side by side.

    Attributes
    ----------
    candidates
        Indexed by id: ``name``, ``address``, ``district``, ``location_outcome``, ``rank``,
        ``gained`` (people of the group newly within reach) and ``gained_…`` of each group,
        ``p_best``, ``is_pareto``, ``mean_cost``, ``stop_distance_m``. ``p_best`` is the share (0-1)
        of the simulated draws in which this candidate gains the most people of the group, ties
        split; ``None`` where nothing was drawn.
    is_decided
        Whether the data decide for one candidate.
    left_out
        Ids of candidates without a known place.
    """

    candidates: gpd.GeoDataFrame
    is_decided: bool
    left_out: tuple[str, ...]

    MAIN: ClassVar[str] = "candidates"


@dataclass(frozen=True, repr=False, eq=False)
class Map:
    """A map that shows itself in a notebook.

    Attributes
    ----------
    folium
        The map itself, to which further elements can be added.
    """

    request: str
    folium: SheetMap

    def __repr__(self) -> str:
        return f"Map({self.request!r})"

    def to_html(self) -> str:
        """Return the map as a whole page that makes no request.

        Examples
        --------
        >>> from welcomemap.api import open_region
        >>> open_region().map("2026").to_html()[:15]
        '<!DOCTYPE html>'
        """
        from welcomemap.cartography.page import render_html  # noqa: PLC0415 - maps alone

        return render_html(self.folium)

    def save(self, path: str | Path) -> Path:
        """Write the map as one HTML file and return its path.

        Raises
        ------
        OutputError
            If it cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> from welcomemap.api import open_region
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = open_region().map("2026").save(f"{folder}/map.html")
        >>> path.name
        'map.html'
        """
        from welcomemap.cartography.page import write_map_html  # noqa: PLC0415 - maps alone

        return write_map_html(self.folium, Path(path)).path

    def _repr_html_(self) -> str:
        page = escape(self.to_html(), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:640px;border:0"></iframe>'
