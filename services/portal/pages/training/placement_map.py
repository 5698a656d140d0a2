"""The map of a placement: where groups would meet, and about where the women are."""

from collections.abc import Iterable, Mapping, Sequence
from math import cos, radians
from typing import Any

_WIDE, _MARGIN = 640, 40
_KM_OF_A_DEGREE = 111.195
_LEAST_KM = 4.0


class _Plan:
    """A flat picture that holds some places; `scale` is the length of a kilometre in it."""

    def __init__(self, places: Sequence[Mapping[str, Any]]) -> None:
        self._shrink = cos(radians(sum(one["lat"] for one in places) / len(places))) * _KM_OF_A_DEGREE
        self._west, self._north = min(map(self._east, places)), max(map(self._up, places))
        wide = max(max(map(self._east, places)) - self._west, _LEAST_KM)
        high = max(self._north - min(map(self._up, places)), _LEAST_KM)
        tall = min(high * (_WIDE - 2 * _MARGIN) / wide, _WIDE / 2)
        self.scale = min((_WIDE - 2 * _MARGIN) / wide, tall / high)
        self.height = round(tall + 2 * _MARGIN)

    def x(self, place: Mapping[str, Any]) -> float:
        return round(_MARGIN + (self._east(place) - self._west) * self.scale, 1)

    def y(self, place: Mapping[str, Any]) -> float:
        return round(_MARGIN + (self._north - self._up(place)) * self.scale, 1)

    def dots(self, places: Iterable[Mapping[str, Any]]) -> str:
        """A path of as many points, each drawn by the round end of its stroke."""
        return "".join(f"M{self.x(one):g} {self.y(one):g}h0" for one in places)

    def _east(self, place: Mapping[str, Any]) -> float:
        return float(place["lon"]) * self._shrink

    @staticmethod
    def _up(place: Mapping[str, Any]) -> float:
        return float(place["lat"]) * _KM_OF_A_DEGREE


def drawn(shown: Any, points: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The venues as circles, as large as the women placed there are many, and about where the women are as dots, in a
    flat picture with a scale; `placed` and `waiting` are the dots as paths. None without a venue.
    """
    venues = shown["asked"]["venues"]
    if not venues:
        return None
    women = {venue["id"]: 0 for venue in venues}
    groups = dict(women)
    for group in shown["groups"]:
        venue_id = group["venue"].partition("@")[0]
        women[venue_id] += group["women"]
        groups[venue_id] += 1
    plan = _Plan([*venues, *points])
    places = [
        {
            "number": number,
            "name": venue["name"],
            "women": women[venue["id"]],
            "groups": groups[venue["id"]],
            "x": plan.x(venue),
            "y": plan.y(venue),
            "r": round(9 + women[venue["id"]] ** 0.5 * 2, 1),
        }
        for number, venue in enumerate(venues, start=1)
    ]
    km = next(one for one in (100, 50, 20, 10, 5, 2, 1) if one * plan.scale <= _WIDE / 3 or one == 1)
    return {
        "places": places,
        "placed": plan.dots(one for one in points if one["group_number"] is not None),
        "waiting": plan.dots(one for one in points if one["group_number"] is None),
        "width": _WIDE,
        "height": plan.height,
        "km": km,
        "bar": round(km * plan.scale, 1),
    }
