"""Export of the overview: time and size, beside folium's own export of the same areas and sites.

Run with ``python -m benchmarks.bench_maps``. The peer draws the same polygons and points with
``folium.GeoJson`` and ``folium.Marker`` on an empty ground and saves them; its file still asks
eight other hosts for scripts and styles, so sizes are given with and without what ours carries.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import folium
import numpy as np
from benchmarks.measure import measure, show

from welcomemap.cartography import sheet
from welcomemap.cartography.basemap import Basemap, load_basemap
from welcomemap.cartography.content import Fact, Frame, MapArea, MapCell, MapSite, MapStudy
from welcomemap.cartography.geometry import list_grid_squares
from welcomemap.cartography.page import render_html, write_map_html
from welcomemap.cartography.views import draw_cell_shares, draw_overview
from welcomemap.crs import project
from welcomemap.region.pack import RegionPack, load_pack
from welcomemap.style import Sign


def make_study(pack: RegionPack) -> MapStudy:
    """Return the districts with made-up shares, and the sites of the last scenario."""
    areas = tuple(
        MapArea(
            key=str(row.district),
            name=f"{pack.region['district_word']['de']} {row.district}",
            label=str(row.district),
            geometry=row.geometry,
            share=(row.district % 5) / 5,
            share_text=f"{20 * (row.district % 5)} %",
            is_unserved=row.district % 5 == 0,
            facts=(Fact("Menschen", str(row.residents)),),
        )
        for row in pack.districts.itertuples()
    )
    rows = pack.service_points.query("scenario == @pack.scenarios[-1] and lat != ''")
    points = project(rows["lon"].astype(float), rows["lat"].astype(float), crs=pack.crs)
    sites = tuple(
        MapSite(row.id, row.name, Sign.OPEN, x, y, (Fact("Adresse", row.address),))
        for row, (x, y) in zip(rows.itertuples(), points, strict=True)
    )
    return MapStudy(areas, sites, Frame(title="Messung", crs=pack.crs))


def export_with_folium(pack: RegionPack, path: Path) -> None:
    """Draw the same areas and sites as folium does by itself."""
    (south, west), (north, east) = load_bounds(pack)
    map_ = folium.Map([(south + north) / 2, (west + east) / 2], tiles=None)
    folium.GeoJson(pack.districts[["district", "geometry"]].to_crs("EPSG:4326")).add_to(map_)
    rows = pack.service_points.query("scenario == @pack.scenarios[-1] and lat != ''")
    for row in rows.itertuples():
        folium.Marker([float(row.lat), float(row.lon)], popup=row.name).add_to(map_)
    map_.save(str(path))


def load_bounds(pack: RegionPack) -> list[list[float]]:
    west, south, east, north = pack.region["bbox"]
    return [[south, west], [north, east]]


def make_cells(pack: RegionPack) -> list[MapCell]:
    names = sorted(set(pack.demand_cells["cell_id"]))
    shares = np.random.default_rng(1).random(len(names))
    squares = list_grid_squares(names, crs=pack.crs)
    return [MapCell(square, float(s)) for square, s in zip(squares, shares, strict=True)]


def main() -> None:
    pack = load_pack()
    ground: Basemap = load_basemap(pack)
    study = make_study(pack)
    cells = make_cells(pack)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ours.html", Path(folder) / "theirs.html"
        peer = measure("folium by itself", lambda: export_with_folium(pack, theirs))
        timings = [
            peer,
            measure("draw and write", lambda: write_map_html(draw_overview(study, ground), ours)),
            measure(
                "draw and render for a page", lambda: render_html(draw_overview(study, ground))
            ),
            measure("ground, once for a session", lambda: load_basemap(pack), runs=3),
            measure(
                f"{len(cells):,} cells",
                lambda: draw_cell_shares(
                    cells, study.sites, frame=study.frame, basemap=ground, districts=study.areas
                ),
                runs=3,
            ),
        ]
        show(timings, peer=peer)
        carried = sum(
            len(text.encode())
            for text in (
                sheet.leaflet_script(),
                sheet.leaflet_style(),
                sheet.map_script(),
                sheet.page_style(),
                sheet.leaflet_licence(),
            )
        )
        cell_map = draw_cell_shares(
            cells, study.sites, frame=study.frame, basemap=ground, districts=study.areas
        )
        print(f"ours: {ours.stat().st_size:,} bytes, of which carried scripts {carried:,}")
        print(f"folium by itself: {theirs.stat().st_size:,} bytes and 10 requests to other hosts")
        print(f"cells: {len(render_html(cell_map).encode()):,} bytes")


if __name__ == "__main__":
    main()
