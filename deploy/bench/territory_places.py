"""Points in municipalities beside `geopandas.sjoin`, with identical answers; Fisher-Jenks; memory."""

import argparse
import resource
import time
from collections.abc import Sequence

import numpy as np

from deploy.bench.territory_data import places
from services.territory.queries.boundaries import _with_cells
from services.territory.rules.analysis import classification


def measure(parts: Sequence[str], given: argparse.Namespace) -> None:
    if "locating" in parts:
        locating(given.points)
    if "classes" in parts:
        classes()
    print(f"\nmost memory of these: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def locating(points: int) -> None:
    """Which of the 900 covers each point: the first in the house's order, as `sjoin` and a minimum of ranks tell it."""
    import geopandas
    import shapely

    municipalities = _with_cells({})
    known = municipalities.under("")
    rank = {boundary.code: number for number, boundary in enumerate(municipalities.in_order())}
    lons, lats = (np.array(column) for column in zip(*((lon, lat) for _, lon, lat in places(points)), strict=True))
    begun = time.process_time()
    municipalities.covering(lons[:1], lats[:1])
    making = time.process_time() - begun
    found = municipalities.covering(lons, lats)
    mine = time.process_time() - begun
    begun = time.process_time()
    left = geopandas.GeoDataFrame(geometry=shapely.points(lons, lats), crs=4326)
    right = geopandas.GeoDataFrame({"rank": [rank[one.code] for one in known]},
                                   geometry=[one.shape for one in known], crs=4326)  # fmt: skip
    joined = geopandas.sjoin(left, right, predicate="intersects", how="inner")
    theirs = joined.groupby(level=0)["rank"].min().reindex(range(points), fill_value=-1).to_numpy()
    took = time.process_time() - begun
    same = int((found == theirs).sum())
    print(f"\n| {points:,} points in {len(known)} | CPU s |\n|---|---:|")
    print(f"| Red CSEM, with the making of its grid | {mine:.2f} |\n| alone, the grid at hand | {mine - making:.2f} |")
    print(f"| geopandas.sjoin | {took:.2f} |")
    print(f"\n{took / mine:.1f} times, {took / (mine - making):.1f} with the grid at hand")
    print(f"{same:,} of {points:,} answers identical")


def classes() -> None:
    """CPU time; exact natural breaks of 10,000 values."""
    values = np.random.default_rng(3).lognormal(3, 1.2, 10_000)
    each = []
    for _ in range(5):
        begun = time.process_time()
        classification.fisher_jenks(values, 5)
        each.append((time.process_time() - begun) * 1000)
    print(f"\nFisher-Jenks of 10,000 values in 5 classes: median {sorted(each)[2]:.0f} ms")
