"""Where points lie, as the territory service tells it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from shared.kernel import Refused
from shared.web.peers import Peers

BATCH = 1000


class TerritoryAway(Refused):
    """Territory does not answer now; what was asked stays open and is asked again later."""

    def __init__(self) -> None:
        super().__init__("territory.away")


@dataclass(frozen=True, slots=True)
class Asked:
    """A point, the municipality it was declared in, and the accuracy the device reported in metres."""

    lon: float
    lat: float
    municipality: str
    accuracy_m: float | None = None

    @property
    def key(self) -> tuple[float, float, str]:
        return (self.lon, self.lat, self.municipality)


@dataclass(frozen=True, slots=True)
class Answer:
    """The municipality a point lies in, and whether that contradicts the declared one (None: nothing decided);
    `snapped_m` is how many metres outside of it the point lies, None where it lies inside.
    """

    municipality: str | None
    contradicts: bool | None
    boundaries: str
    snapped_m: float | None = None


class Territory:
    """Asks territory in batches."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    def locate(self, asked: Sequence[Asked]) -> list[Answer]:
        """An answer for each question, in the same order; raises `TerritoryAway` when there is none to be had."""
        with self._peers.client("territory") as client:
            return [answer for batch in _batches(asked) for answer in _ask(client, batch)]


def _batches(asked: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    for start in range(0, len(asked), BATCH):
        yield asked[start : start + BATCH]


def _ask(client: httpx.Client, batch: Sequence[Asked]) -> list[Answer]:
    points = [asdict(point) for point in batch]
    try:
        response = client.post("/locations", json={"points": points})
    except httpx.TransportError as error:
        raise TerritoryAway from error
    if response.status_code >= 500 or response.status_code == 429:
        raise TerritoryAway
    # Any other refusal is a defect of one of the two services, and is shown as one.
    response.raise_for_status()
    told: dict[str, Any] = response.json()
    return [
        Answer(place["municipality"], place["contradicts"], told["boundaries"], place.get("snapped_m"))
        for place in told["places"]
    ]
