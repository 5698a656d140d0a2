"""Roads as a network on which one can travel: made of uploaded lines, mended where they almost meet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import Geometry, STRtree

from services.territory.rules.analysis.metres import Floats, Plane

By = Literal["metres", "minutes"]
Numbers = NDArray[np.int64]

WALKING_KMH = 4.0
"""Where there is no road: on foot with a load."""
MINUTES = 0.06
"""Metres per km/h make hours of a thousand metres: this makes minutes of them."""
_LEAST_M = 1e-3
"""Places nearer than this are one node: official files tell centimetres at best."""
_STRIPE_M = 5_000.0
"""Points are sought in stripes, so that those sought one after the other meet the same roads."""


@dataclass(frozen=True, slots=True)
class Roads:
    """A network of straight pieces between nodes, passable both ways: `nodes` in metres of `plane`, `(v, 2)`; of each
    piece its two nodes (`start`, `end`), its length in `metres` and the minutes it takes. `lines`: as many were given.
    """

    plane: Plane
    nodes: Floats
    start: Numbers
    end: Numbers
    metres: Floats
    minutes: Floats
    lines: int

    def cost(self, by: By) -> Floats:
        return self.metres if by == "metres" else self.minutes


@dataclass(frozen=True, slots=True)
class Snapped:
    """Where points meet the roads: `piece` (-1: too far away), how far along it as a share of its length, and how many
    metres (`gap_m`) the point lies off.
    """

    piece: Numbers
    share: Floats
    gap_m: Floats


class Divided(NamedTuple):
    """A network whose pieces were divided: the node at each of the places asked for, and of each of its pieces on which
    piece of the whole it lies and where it begins there.
    """

    network: Roads
    node: Numbers
    owner: Numbers
    begins: Floats


def roads(
    lines: Sequence[Geometry], *, kmh: ArrayLike = 30.0, tolerance_m: float = 10.0, walking_kmh: float = WALKING_KMH
) -> Roads:
    """The network of lines (WGS 84 degrees, LineString or MultiLineString), with a speed for all or for each; NaN is an
    unknown one and becomes the median of those known.

    Lines meet where they have a vertex in common, and where the end of one lies within `tolerance_m` of another line:
    there the missing piece is added and walked. Where lines cross without a vertex they do not meet: bridges do not.
    Lengths are those of the local equal-area plane. Empty lines are left out. Refuses other geometries, speeds that are
    not above 0, all unknown, and a tolerance that is negative or not finite.
    """
    parts, which = shapely.get_parts(np.array(lines, dtype=object), return_index=True)
    speed = np.broadcast_to(np.asarray(kmh, float), (len(lines),)).copy()
    if len(lines) and np.isnan(speed).all():
        raise ValueError("no speed is known")
    speed[np.isnan(speed)] = np.nanmedian(speed) if len(lines) else np.nan
    if np.any(speed <= 0) or not walking_kmh > 0 or not 0 <= tolerance_m < np.inf:
        raise ValueError("speeds are above 0, a tolerance is a finite number of metres, not negative")
    if np.any(shapely.get_type_id(parts) != shapely.GeometryType.LINESTRING):
        raise ValueError("roads are lines")
    degrees, part = shapely.get_coordinates(parts, return_index=True)
    plane = Plane.around(degrees[:, 0], degrees[:, 1])
    _, first, node = np.unique(
        np.round(plane.metres(*degrees.T) / _LEAST_M), axis=0, return_index=True, return_inverse=True
    )
    node, xy = node.ravel(), plane.metres(*degrees.T)[first]
    ahead = np.flatnonzero((part[1:] == part[:-1]) & (node[1:] != node[:-1]))
    start, end = node[ahead], node[ahead + 1]
    metres = np.linalg.norm(xy[end] - xy[start], axis=1)
    minutes = metres * MINUTES / speed[which[part[ahead]]]
    network = Roads(plane, xy, start, end, metres, minutes, len(lines))
    if not len(metres) or not tolerance_m:
        return network
    ends = np.unique(node[(np.diff(part, prepend=-1) != 0) | (np.diff(part, append=-1) != 0)])
    return _joined(network, ends, tolerance_m, walking_kmh)


def snapped(network: Roads, lon: ArrayLike, lat: ArrayLike, *, most_m: float = 2_000.0) -> Snapped:
    """Where each point (WGS 84 degrees) meets the nearest road, of equally near ones the first; too far is what lies
    more than `most_m` away. Refuses coordinates that are not on earth.
    """
    xy = network.plane.metres(lon, lat)
    piece, share, gap = np.full(len(xy), -1), np.zeros(len(xy)), np.full(len(xy), np.inf)
    if len(network.start) and len(xy):
        order = np.lexsort((xy[:, 1], xy[:, 0] // _STRIPE_M))
        which, near = _tree(network).query_nearest(shapely.points(xy[order]), max_distance=max(most_m, _LEAST_M))
        which, first = np.unique(which[ranked := np.lexsort((near, which))], return_index=True)
        found, near = order[which], near[ranked][first]
        piece[found] = near
        share[found], gap[found] = _along(network, near, xy[found])
    return Snapped(piece, share, gap)


def _joined(network: Roads, ends: Numbers, tolerance_m: float, walking_kmh: float) -> Roads:
    """The network with a piece from each of these nodes to every piece of road that it lies near to but not on."""
    xy = network.nodes
    which, piece = _tree(network).query(shapely.points(xy[ends]), predicate="dwithin", distance=tolerance_m)
    node = ends[which]
    apart = (network.start[piece] != node) & (network.end[piece] != node)
    node, piece = node[apart], piece[apart]
    share, gap = _along(network, piece, xy[node])
    parts = divided(network, piece, share)
    whole = parts.network
    return replace(
        whole,
        start=np.r_[whole.start, node],
        end=np.r_[whole.end, parts.node],
        metres=np.r_[whole.metres, gap],
        minutes=np.r_[whole.minutes, gap * MINUTES / walking_kmh],
    )


def _tree(network: Roads) -> STRtree:
    ends = np.stack((network.nodes[network.start], network.nodes[network.end]), axis=1)
    return STRtree(np.atleast_1d(np.asarray(shapely.linestrings(ends))))


def _along(network: Roads, piece: Numbers, xy: Floats) -> tuple[Floats, Floats]:
    """How far along its piece, as a share, each point has its foot, and how far from there it lies."""
    start = network.nodes[network.start[piece]]
    step = network.nodes[network.end[piece]] - start
    share = np.clip(np.sum((xy - start) * step, axis=1) / np.maximum(np.sum(step**2, axis=1), 1e-12), 0, 1)
    return share, np.linalg.norm(xy - start - share[:, None] * step, axis=1)


def divided(network: Roads, piece: Numbers, share: Floats) -> Divided:
    """The network with its pieces divided at these places; its nodes keep their numbers, the new ones come after."""
    marks, node = np.unique(np.column_stack((piece, share)), axis=0, return_inverse=True)
    at, part = marks[:, 0].astype(np.int64), marks[:, 1]
    nodes, every = len(network.nodes) + np.arange(len(marks)), np.arange(len(network.start))
    owner = np.r_[every, at, every]
    place = np.r_[np.zeros(len(every)), part, np.ones(len(every))]
    stop = np.r_[network.start, nodes, network.end]
    order = np.lexsort((np.arange(len(owner)), place, owner))
    owner, place, stop = owner[order], place[order], stop[order]
    ahead = np.flatnonzero(owner[1:] == owner[:-1])
    length = place[ahead + 1] - place[ahead]
    start = network.nodes[network.start[at]]
    xy = start + part[:, None] * (network.nodes[network.end[at]] - start)
    whole = replace(
        network,
        nodes=np.r_[network.nodes, xy],
        start=stop[ahead],
        end=stop[ahead + 1],
        metres=length * network.metres[owner[ahead]],
        minutes=length * network.minutes[owner[ahead]],
    )
    return Divided(whole, nodes[node.ravel()], owner[ahead], place[ahead])
