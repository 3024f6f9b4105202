"""The maps themselves: overview, shares, change, candidates, an answer, a review."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from welcomemap.cartography.basemap import Basemap, bounds_around
from welcomemap.cartography.content import (
    ClassedArea,
    Fact,
    Hatch,
    LegendBlock,
    MapArea,
    MapCell,
    MapChange,
    MapReach,
    MapSite,
    MapStudy,
    MapWay,
)
from welcomemap.cartography.elements import (
    Scene,
    compose_map,
    tabulate_areas,
    tabulate_sites,
)
from welcomemap.cartography.geometry import encode_polygons
from welcomemap.cartography.layers import (
    SITE_KEY,
    describe,
    draw_reaches,
    draw_ways,
    fill_areas,
    fill_classes,
    fill_ground,
    label_areas,
    polygons_layer,
    to_lat_lon,
)
from welcomemap.cartography.legend import (
    MINUS,
    explain_areas,
    explain_changes,
    explain_dots,
    explain_reaches,
    explain_shares,
    explain_steps,
    explain_ways,
)
from welcomemap.cartography.sheet import LayerSpec, MapTable, SheetMap
from welcomemap.cartography.signs import hatch_paint
from welcomemap.errors import UsageError
from welcomemap.style import (
    GAIN_COLOURS,
    GAINED_COLOUR,
    LOST_COLOUR,
    OPEN_COLOUR,
    SHARE_COLOURS,
    WHITE,
    Sign,
    share_class,
)
from welcomemap.wording import Language, Translator, open_translator, say_number


def draw_overview(study: MapStudy, basemap: Basemap, language: Language = "de") -> SheetMap:
    """Draw areas with their shares, the unserved hatched, and every site with its facts.

    Parameters
    ----------
    study
        Areas, sites and heading, in the language of the map.
    basemap
        The ground, from :func:`welcomemap.cartography.basemap.load_basemap`.
    language
        Language of the legend.

    Raises
    ------
    UsageError
        If the frame names a tile server without ``{z}/{x}/{y}`` or without attribution.
    ValueError
        If a share lies outside 0-1.
    """
    scene = Scene(study.frame, basemap, open_translator(language))
    return draw_area_shares(study.areas, study.sites, scene, share_heading=study.share_heading)


def draw_area_shares(
    areas: Sequence[MapArea], sites: Sequence[MapSite], scene: Scene, *, share_heading: str = ""
) -> SheetMap:
    """Draw areas such as quarters in the colour of their share.

    Parameters
    ----------
    scene
        Its districts are larger areas whose borders are drawn on top.
    share_heading
        What the share is of, for the legend.
    """
    translate, crs = scene.translate, scene.frame.crs
    labels = label_areas(areas, translate, crs=crs)
    shares = [area.share for area in areas]
    tables = [tabulate_areas(areas, translate)]
    if sites:
        tables.append(tabulate_sites(sites, translate))
    return compose_map(
        scene,
        sites=sites,
        data=fill_areas(areas, crs=crs),
        data_legend=[
            explain_areas(areas, translate),
            explain_shares(shares, share_heading or translate("Share"), translate),
        ],
        labels=[labels],
        tables=tables,
    )


def draw_classes(
    areas: Sequence[ClassedArea],
    known: BaseGeometry | None,
    scene: Scene,
    *,
    legend: Sequence[LegendBlock],
    tables: Sequence[MapTable],
) -> SheetMap:
    """Draw areas in the colour of their class, with the outline of where something is known.

    Parameters
    ----------
    known
        Polygons whose outline is drawn above the areas; ``None`` draws none.
    legend, tables
        What the classes and the outline mean, and the facts.
    """
    crs = scene.frame.crs
    data = fill_areas(areas, crs=crs)
    if known is not None and not known.is_empty:
        feature = {"polygons": encode_polygons(known.simplify(OUTLINE_TOLERANCE_M), crs=crs)}
        data.append(polygons_layer("reach", [feature], OUTLINE_STYLE))
    return compose_map(
        scene, sites=(), data=data, data_legend=legend, tables=tables,
        labels=[label_areas(areas, scene.translate, crs=crs, may_hide=True)],
    )  # fmt: skip


OUTLINE_TOLERANCE_M = 10.0
OUTLINE_STYLE = {"color": OPEN_COLOUR, "weight": 2.5, "fill": False}


def draw_cell_shares(
    cells: Sequence[MapCell], sites: Sequence[MapSite], scene: Scene, *, share_heading: str = ""
) -> SheetMap:
    """Draw demand cells in the colour of their share; the table tells the districts' figures.

    Raises
    ------
    ValueError
        If a value lies outside 0-1.
    """
    translate, crs = scene.translate, scene.frame.crs
    steps = [share_class(cell.value) for cell in cells]
    classes = np.array([-1 if step is None else step for step in steps], dtype=np.int64)
    data: list[LayerSpec] = [fill_ground(scene.basemap.outline, crs=crs)]
    if cells:
        data.append(fill_classes(cells, classes, SHARE_COLOURS, crs=crs))
    return compose_map(
        scene,
        sites=sites,
        data=data,
        data_legend=[
            explain_shares(
                [cell.value for cell in cells], share_heading or translate("Share"), translate
            )
        ],
        labels=[label_areas(scene.districts, translate, crs=crs)],
        tables=(tabulate_areas(scene.districts, translate), tabulate_sites(sites, translate)),
    )


def draw_service_areas(
    reaches: Sequence[MapReach], sites: Sequence[MapSite], scene: Scene
) -> SheetMap:
    """Draw what is within reach of each site; the outline of an estimate is dashed.

    The areas are for the eye. Whether a person is covered is told by the cost of their own place.
    """
    translate, crs = scene.translate, scene.frame.crs
    return compose_map(
        scene,
        sites=sites,
        data=[
            fill_ground(scene.basemap.outline, crs=crs),
            *draw_reaches(reaches, translate, crs=crs),
        ],
        data_legend=[explain_reaches(reaches, translate)],
        labels=[label_areas(scene.districts, translate, crs=crs)],
        tables=(tabulate_areas(scene.districts, translate), tabulate_sites(sites, translate)),
    )


def draw_change(
    changes: Sequence[MapChange],
    sites: Sequence[MapSite],
    scene: Scene,
    *,
    gained: BaseGeometry | None = None,
    lost: BaseGeometry | None = None,
) -> SheetMap:
    """Draw people gained and lost per area, with plus and minus signs in the labels.

    Parameters
    ----------
    changes
        People gained and lost in each area.
    gained, lost
        Places (such as merged cells) newly and no longer within reach, in metres; upright green
        and level orange lines, so that they can be told apart without colour.
    """
    translate, crs = scene.translate, scene.frame.crs
    areas = [_tell_change(change, translate) for change in changes]
    given: tuple[tuple[Hatch, BaseGeometry | None], ...] = (("gained", gained), ("lost", lost))
    shapes = {kind: shape for kind, shape in given if shape is not None and not shape.is_empty}
    colours = {"gained": GAINED_COLOUR, "lost": LOST_COLOUR}
    layers = [_hatch(name, shape, colours[name], crs=crs) for name, shape in shapes.items()]
    return compose_map(
        replace(scene, districts=areas),
        sites=sites,
        data=[fill_ground(scene.basemap.outline, crs=crs), *layers],
        data_legend=[explain_changes(shapes, translate)],
        labels=[label_areas(areas, translate, crs=crs)],
        tables=(tabulate_areas(areas, translate), tabulate_sites(sites, translate)),
    )


def _tell_change(change: MapChange, translate: Translator) -> MapArea:
    plus, minus = (translate.say(say_number(n)) for n in (change.gained, change.lost))
    shown = [f"+{plus}"] if change.gained else []
    shown += [f"{MINUS}{minus}"] if change.lost else []
    facts = (
        *change.area.facts,
        Fact(translate("newly within reach"), f"+{plus}"),
        Fact(translate("no longer within reach"), f"{MINUS}{minus}"),
    )
    return replace(
        change.area,
        is_unserved=False,
        share=None,
        share_text=" / ".join(shown) or "±0",
        facts=facts,
    )


def _hatch(name: str, shape: BaseGeometry, colour: str, *, crs: str) -> LayerSpec:
    feature: dict[str, Any] = {"polygons": encode_polygons(shape, crs=crs)}
    style = {"color": colour, "weight": 1, "fillColor": hatch_paint(name), "fillOpacity": 1}
    return polygons_layer("hatch", [feature], style)


def draw_candidates(
    candidates: Sequence[MapSite],
    sites: Sequence[MapSite],
    scene: Scene,
    *,
    reaches: Sequence[MapReach] = (),
) -> SheetMap:
    """Draw candidate sites beside the existing ones, if wanted with what each would reach.

    Parameters
    ----------
    candidates
        Candidates in the order of their rank; their facts are the columns of the table.
    """
    translate, crs = scene.translate, scene.frame.crs
    return compose_map(
        scene,
        sites=(*sites, *candidates),
        data=[
            fill_ground(scene.basemap.outline, crs=crs),
            *draw_reaches(reaches, translate, crs=crs),
        ],
        data_legend=[explain_reaches(reaches, translate)],
        labels=[label_areas(scene.districts, translate, crs=crs)],
        tables=(
            tabulate_sites(candidates, translate, caption=translate("Candidate sites")),
            tabulate_sites(sites, translate),
        ),
    )


def draw_gain_surface(
    cells: Sequence[MapCell],
    best: Sequence[MapSite],
    sites: Sequence[MapSite],
    scene: Scene,
    *,
    gain_heading: str,
) -> SheetMap:
    """Draw how many more people a new site at each place would reach, and the best places.

    Parameters
    ----------
    cells
        Squares with the number of people gained; not finite or ``None`` is not known.
    best
        The places with the largest gain, as chosen sites.
    gain_heading
        Who is gained, for the legend.
    """
    translate, crs = scene.translate, scene.frame.crs
    gain = np.array([math.nan if cell.value is None else cell.value for cell in cells])
    breaks = choose_breaks(float(np.nanmax(gain)) if np.isfinite(gain).any() else 0.0)
    classes = np.searchsorted(breaks, gain, side="right") - 1
    classes = np.where(np.isfinite(gain), np.clip(classes, 0, len(GAIN_COLOURS) - 1), -1)
    data: list[LayerSpec] = [fill_ground(scene.basemap.outline, crs=crs)]
    if cells:
        data.append(fill_classes(cells, classes.astype(np.int64), GAIN_COLOURS, crs=crs))
    return compose_map(
        scene,
        sites=(*sites, *best),
        data=data,
        data_legend=[explain_steps(breaks, GAIN_COLOURS, gain_heading, translate)],
        labels=[label_areas(scene.districts, translate, crs=crs)],
        tables=(
            tabulate_sites(best, translate, caption=translate("Candidate sites")),
            tabulate_sites(sites, translate),
        ),
    )


def choose_breaks(largest: float, steps: int = len(GAIN_COLOURS)) -> list[float]:
    """Return ``steps + 1`` round numbers from 0 to above ``largest``, equally far apart.

    The step is 1, 2, 2.5 or 5 times a power of ten, at least 1, so that a legend can be read.
    """
    wanted = max(largest, 1.0) / steps
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(
        power * factor for factor in (1, 2, 2.5, 5, 10, 20) if steps * power * factor > largest
    )
    step = float(max(1, math.ceil(step)))
    return [step * number for number in range(steps + 1)]


def draw_answer(
    address: MapSite, sites: Sequence[MapSite], ways: Sequence[MapWay], scene: Scene
) -> SheetMap:
    """Draw an address and the service points nearest to it, with the way to each.

    Parameters
    ----------
    address
        The typed address, with its error radius where its place is not exact. It is kept nowhere.
    sites
        Service points, nearest first; ``rank`` is shown in the sign.
    ways
        Lines from the address; an estimate is dashed and no street.

    Raises
    ------
    UsageError
        If the address has no place.
    """
    if address.x is None or address.y is None:
        raise UsageError(
            "an address without a place cannot be drawn", how="Show the list without a map."
        )
    translate, crs = scene.translate, scene.frame.crs
    located = [(site.x, site.y) for site in (address, *sites) if site.is_located]
    ends = [point for way in ways for point in shapely.get_coordinates(way.geometry)]
    return compose_map(
        scene,
        sites=(*sites, address),
        data=[
            fill_ground(scene.basemap.outline, crs=crs),
            *draw_ways(ways, translate, crs=crs),
        ],
        data_legend=[explain_ways(ways, translate)],
        tables=(tabulate_sites(sites, translate),),
        bounds=bounds_around(np.array([*located, *ends], dtype=np.float64), crs=crs),
    )


MOST_FACTS = 2000


def draw_review(rows: Sequence[MapSite], scene: Scene, *, located_text: str) -> SheetMap:
    """Draw the rows of an address list: doubtful ones as signs, all others as dots.

    Parameters
    ----------
    rows
        ``sign`` is :attr:`Sign.REVIEW` where someone should look; the table holds these, with and
        without a place.
    located_text
        What a dot means, for the legend.
    """
    translate, crs = scene.translate, scene.frame.crs
    doubtful = [row for row in rows if row.sign is Sign.REVIEW]
    sure = [row for row in rows if row.sign is not Sign.REVIEW and row.is_located]
    points = np.array([(row.x, row.y) for row in rows if row.is_located], dtype=np.float64)
    return compose_map(
        scene,
        sites=doubtful,
        data=[fill_ground(scene.basemap.outline, crs=crs), _dots(sure, crs=crs)],
        data_legend=[explain_dots(located_text)] if sure else [],
        tables=(tabulate_sites(doubtful, translate),),
        bounds=bounds_around(points, crs=crs) if len(points) else None,
    )


def _dots(rows: Sequence[MapSite], *, crs: str) -> LayerSpec:
    has_facts = len(rows) <= MOST_FACTS
    points = np.array([(row.x, row.y) for row in rows], dtype=np.float64).reshape(-1, 2)
    features = []
    for row, place in zip(rows, to_lat_lon(points, crs=crs), strict=True):
        facts = describe(SITE_KEY + row.key, row.name, row.facts, warnings=row.warnings)
        features.append({"at": place, "facts": facts} if has_facts else {"at": place})
    style = {
        "radius": 4.5,
        "color": WHITE,
        "weight": 1.5,
        "fillColor": OPEN_COLOUR,
        "fillOpacity": 1,
    }
    return {"kind": "dots", "pane": "dots", "style": style, "features": features}
