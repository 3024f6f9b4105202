"""Read the streets of an XML file and attach points with osmnx and pandana, and nothing else.

Run by `bench_towns` in an environment of its own: `peer_towns.py FILE.osm POINTS.npy EPSG:25832`.
"""

from __future__ import annotations

import sys

import numpy as np
import osmnx
import pandana
import pyproj


def main(path: str, points: str, crs: str) -> None:
    graph = osmnx.graph_from_xml(path, bidirectional=True, simplify=True)
    nodes, edges = osmnx.graph_to_gdfs(osmnx.project_graph(graph, to_crs=crs))
    edges = edges.reset_index()
    network = pandana.Network(
        nodes["x"], nodes["y"], edges["u"], edges["v"], edges[["length"]], twoway=False
    )
    lon, lat = np.load(points).T
    x, y = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    found = network.get_node_ids(x, y)
    print(len(nodes), len(edges), len(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
