"""The map of clusters: where enterprises stand close together, each with its card in the table."""

from typing import Any

import numpy as np
import shapely

from services.territory.queries import criteria
from services.territory.queries.analyses.analysis import Words
from services.territory.queries.analyses.clusters import chains_of, grouped, missing_in
from services.territory.queries.map_figures import TABLED, passing
from services.territory.queries.map_kinds.making import Made, Making
from services.territory.rules.access import sees_points
from services.territory.rules.analysis.clusters import Cluster
from services.territory.rules.classes import Figure, Plain, classes_of
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.drawing import Area, areas
from shared import places
from shared.kernel import Forbidden, Invalid


def by_cluster(making: Making) -> Made:
    """The clusters of at least five enterprises, drawn around the cells of two kilometres that they fill, never through
    somebody's home. Of masked points for who sees masked ones; refuses who sees no points.
    """
    sight = sees_points(making.caller.roles)
    if sight is None or making.source.published is not None:
        raise Forbidden("map.no_points")
    if making.wanted.per:
        raise Invalid("map.no_rate_here", pointer="/per")
    wanted, speak, words = making.wanted, making.speak, Words(making.speak, making.language)
    known = criteria.judging(making.session, "clusters", making.selection.units)
    least = max(known.values["least"], THRESHOLD)
    asked = {"method": "dbscan", "least": least}
    found = grouped(making.session, making.selection, sight, known, asked, *passing(wanted.filters, None))
    drawn = [(one, place) for one, place in zip(found.made.cards, found.near, strict=True) if one.drawn]
    classes = classes_of([Figure(one.enterprises) for one, _ in drawn], wanted.scheme, wanted.number, wanted.breaks)
    return Made(
        classes,
        {unit: Figure(0) for unit in making.selection.shown},
        [(name, speak(f"map.cluster.{name}")) for name in ("enterprises", "women", "chains", "missing")],
        {},
        making.title(speak("map.clusters")),
        {"names_only": True},
        over=lambda _, text: areas([_area(making, one, place) for one, place in drawn], classes, text),
        ground=Plain(),
        rows=[_row(one, place, words) for one, place in drawn],
        counted=speak(f"map.clusters_{sight}", least=least, km=f"{found.radius / 1000:g}"),
    )


def _area(making: Making, one: Cluster, place: str) -> Area:
    corners = making.outlines.projection(shapely.get_coordinates(one.hull))
    placed = tuple((x, y) for x, y in np.rint(corners[:-1]).astype(int).tolist())
    return Area(placed, Figure(one.enterprises), str(one.number + 1), _name(one, place))


def _name(one: Cluster, place: str) -> str:
    return f"{one.number + 1}. {places.full_name(place)}" if place else f"{one.number + 1}"


def _row(one: Cluster, place: str, words: Words) -> dict[str, Any]:
    texts = [
        (one.enterprises, f"{one.enterprises:,}"),
        (one.women, f"{one.women:,}"),
        (None, chains_of(one, words)),
        (None, missing_in(one, words)),
    ]
    return {
        "code": place,
        **dict.fromkeys(TABLED),
        "name": _name(one, place),
        "cells": [{"value": value, "withheld": False, "text": text} for value, text in texts],
        "class_label": "",
    }
