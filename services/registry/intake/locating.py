"""Territory is asked where the points of a file lie, while the file is read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.registry.territory import Asked, Territory, TerritoryAway
from shared import places


class Locating:
    """What territory says of the submissions of one file. Once it is away it is asked no more: the rest stays open."""

    def __init__(self, territory: Territory) -> None:
        self._territory = territory
        self._away = False
        self._unsettled = 0

    def settle(self, submissions: Sequence[dict[str, Any]]) -> None:
        """Put its answers to some of the submissions, and what is wrong with them by these."""
        located = [s for s in submissions if s["stored"] and s["facts"]["point"]]
        asked = [Asked(**s["facts"]["point"], municipality=s["facts"]["municipality"]) for s in located]
        try:
            answers = self._territory.locate(asked) if asked and not self._away else []
        except TerritoryAway:
            self._away, answers = True, []
        if self._away:
            self._unsettled += len(asked)
            return
        for submission, answer in zip(located, answers, strict=True):
            submission["place"] = {
                "municipality": answer.municipality,
                "contradicts": answer.contradicts,
                "boundaries": answer.boundaries,
                "snapped_m": answer.snapped_m,
            }
            if answer.contradicts:
                submission["problems"].append(_contradiction(submission, answer.municipality))

    def unsettled(self, about: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The one problem there is when it was away; `about` tells how the file names its columns."""
        if self._unsettled:
            yield _problem(about, None, None, "place.pending", {"points": self._unsettled})


def _contradiction(submission: Mapping[str, Any], found: str | None) -> dict[str, Any]:
    declared = submission["facts"]["municipality"]
    facts = {"declared": places.full_name(declared), "found": places.full_name(found) or "—"}
    return _problem(submission, submission["sheet"], submission["row"], "place.contradicted", facts)


def _problem(
    about: Mapping[str, Any], sheet: str | None, row: int | None, code: str, facts: dict[str, Any]
) -> dict[str, Any]:
    return {
        "sheet": sheet,
        "row": row,
        "column": about["headers"]["gps"],
        "position": about["positions"].get("gps", 0),
        "code": code,
        "facts": facts,
    }
