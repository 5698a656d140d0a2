"""Invented rounds of training at the size of a department or of a country; the same seed makes the same round.

Women live around towns of very different size. A town has its chains and, where it is not Spanish alone, its language;
two towns of three have a venue with a room or two, a few open slots, one or two facilitators and sometimes child
care. What is scarce is what is scarce in life: hours that fit, somebody who teaches the topic in a language that the
women speak, places for children, and enough women like each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from random import Random
from uuid import UUID

from services.training.rules.placement.round import Facilitator, Place, Room, Round, Venue, Woman

SEED = 20261130
TOPICS = ("costing", "credit", "digital", "formalization", "market", "quality")
SLOTS = tuple(f"{day}-{half}" for day in ("mon", "tue", "wed", "thu", "fri", "sat") for half in ("am", "pm"))
_POPULAR = (1, 2, 1, 2, 1, 3, 1, 2, 1, 2, 5, 3)
FAMILIES = {
    "coffee": "farming", "vegetables": "farming", "basic_grains": "farming", "dairy": "farming", "honey": "farming",
    "fishing": "farming", "cashew": "farming", "textiles": "making", "crafts": "making", "food_processing": "making",
    "tourism": "serving", "retail": "serving", "services": "serving",
}  # fmt: skip
LANGUAGES = ("quiche", "mam", "qeqchi", "kaqchikel", "garifuna")
WOMEN_TO_A_TOWN = 80
KM_BETWEEN_TOWNS = 18.0
KM_OF_A_DEGREE = 111.195


@dataclass(frozen=True, slots=True)
class _Town:
    place: Place
    weight: float
    chains: Sequence[str]
    language: str | None


def invented(women: int, seed: int = SEED) -> Round:
    """A round of so many women."""
    chance = Random(f"{seed}:{women}")
    towns = _towns(chance, max(women // WOMEN_TO_A_TOWN, 2))
    venues = tuple(_venue(chance, number, town) for number, town in enumerate(towns) if chance.random() < 0.65)
    homes = chance.choices(range(len(towns)), [town.weight for town in towns], k=women)
    everybody = tuple(_woman(chance, towns[home]) for home in homes)
    return Round(
        women=everybody,
        venues=venues,
        topics=frozenset(TOPICS),
        minimum=8,
        maximum=25,
        reach_m=15_000,
        families=FAMILIES,
        together=frozenset(_pairs(chance, everybody, homes, share=0.08)),
        apart=frozenset(_pairs(chance, everybody, homes, share=0.01)),
    )


def _towns(chance: Random, number: int) -> list[_Town]:
    side = KM_BETWEEN_TOWNS * number**0.5 / KM_OF_A_DEGREE
    return [
        _Town(
            (-91.8 + side * chance.random(), 14.2 + side * chance.random()),
            1 / (rank + 1) ** 0.6,
            chance.sample(sorted(FAMILIES), 3),
            chance.choice(LANGUAGES) if chance.random() < 0.5 else None,
        )
        for rank in range(number)
    ]


def _venue(chance: Random, number: int, town: _Town) -> Venue:
    slots = _some(chance, SLOTS, _POPULAR, chance.randint(4, 7))
    spoken = frozenset({"es"} | ({town.language} if town.language and chance.random() < 0.6 else set()))
    care = {slot: chance.randint(4, 16) for slot in sorted(slots) if chance.random() < 0.45}
    return Venue(
        f"venue-{number:04d}",
        town.place,
        tuple(Room(f"room-{room}", chance.randint(12, 30)) for room in range(1 + (chance.random() < 0.35))),
        tuple(
            Facilitator(
                f"facilitator-{number:04d}-{one}",
                frozenset(chance.sample(TOPICS, chance.randint(2, 4))),
                spoken if chance.random() < 0.7 else frozenset({"es"}),
                slots,
            )
            for one in range(chance.randint(1, 2))
        ),
        slots,
        care,
    )


def _woman(chance: Random, town: _Town) -> Woman:
    km = chance.expovariate(1 / 4.0)
    east, north = chance.uniform(-1, 1) * km, chance.uniform(-1, 1) * km
    lon, lat = town.place
    home = (lon + east / (KM_OF_A_DEGREE * cos(radians(lat))), lat + north / KM_OF_A_DEGREE)
    spoken = {"es"}
    if town.language:
        spoken = chance.choices([{"es"}, {"es", town.language}, {town.language}], [45, 35, 20])[0]
    needs = chance.sample(TOPICS, chance.choices([0, 1, 2, 3], [2, 23, 45, 30])[0])
    return Woman(
        UUID(int=chance.getrandbits(128)),
        chance.choice(town.chains) if chance.random() < 0.85 else chance.choice(sorted(FAMILIES)),
        {topic: chance.choice((20, 40, 60, 80, 100)) for topic in needs},
        None if chance.random() < 0.02 else home,
        _some(chance, SLOTS, _POPULAR, chance.randint(2, 6)),
        frozenset(spoken),
        chance.choices([0, 1, 2, 3], [58, 20, 15, 7])[0],
        chance.choices([1, 2, 3], [75, 17, 8])[0],
    )


def _pairs(chance: Random, women: Sequence[Woman], homes: Sequence[int], *, share: float) -> list[tuple[UUID, UUID]]:
    """Pairs of neighbours; nobody is in two."""
    by_town: dict[int, list[UUID]] = {}
    for woman, home in zip(women, homes, strict=True):
        by_town.setdefault(home, []).append(woman.id)
    pairs = []
    for _, ids in sorted(by_town.items()):
        chosen = chance.sample(ids, 2 * int(len(ids) * share / 2))
        pairs += [(min(pair), max(pair)) for pair in zip(chosen[::2], chosen[1::2], strict=True)]
    return pairs


def _some(chance: Random, among: Sequence[str], weights: Sequence[int], number: int) -> frozenset[str]:
    chosen: set[str] = set()
    while len(chosen) < number:
        chosen.update(chance.choices(among, weights))
    return frozenset(chosen)
