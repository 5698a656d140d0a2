"""Small random rounds in which every condition matters."""

from random import Random
from uuid import UUID

from services.training.rules.placement.round import Facilitator, Room, Round, Venue, Woman

TOPICS = ("costing", "credit", "digital")
SLOTS = ("mon-am", "tue-am", "sat-am")
LANGUAGES = ("es", "mam")
FAMILIES = {"coffee": "farming", "honey": "farming", "crafts": "making"}
CHAINS = (*FAMILIES, "tourism")


def small_round(seed: int, *, most_women: int = 30) -> Round:
    chance = Random(seed)
    women = tuple(_woman(chance, number) for number in range(chance.randint(0, most_women)))
    ids = [woman.id for woman in women]
    minimum = chance.randint(1, 4)
    return Round(
        women=women,
        venues=tuple(_venue(chance, number) for number in range(chance.choice((0, 1, 1, 2, 2, 3)))),
        topics=frozenset(TOPICS[: chance.choice((1, 2, 2, 3, 3, 3))]),
        minimum=minimum,
        maximum=minimum + chance.randint(0, 4),
        reach_m=chance.choice((3_000, 8_000, 40_000, 40_000)),
        families=FAMILIES if chance.random() < 0.8 else {},
        together=_pairs(chance, ids, chance.choice((0, 0, 1, 3, 6))),
        apart=_pairs(chance, ids, chance.choice((0, 0, 1, 3, 6))),
        chain_match=chance.choice((0, 100)),
    )


def _woman(chance: Random, number: int) -> Woman:
    return Woman(
        UUID(int=chance.getrandbits(100) * 1000 + number),
        chance.choice(CHAINS),
        {topic: chance.randint(0, 100) for topic in chance.sample(TOPICS, chance.choice((0, 1, 2, 2, 2, 3, 3, 3)))},
        None if chance.random() < 0.03 else (-91.5 + chance.uniform(-0.06, 0.06), 14.8 + chance.uniform(-0.06, 0.06)),
        frozenset(chance.sample(SLOTS, chance.choice((0, 1, 2, 2, 3, 3, 3)))),
        frozenset(chance.sample(LANGUAGES, chance.choice((1, 2, 2)))),
        chance.choice((0, 0, 0, 0, 1, 2)),
        chance.choice((1, 1, 1, 2, 3)),
    )


def _venue(chance: Random, number: int) -> Venue:
    facilitators = tuple(
        Facilitator(
            f"facilitator-{number}-{one}",
            frozenset(chance.sample(TOPICS, chance.randint(1, 3))),
            frozenset(chance.sample(LANGUAGES, chance.randint(1, 2))),
            frozenset(chance.sample(SLOTS, chance.choice((1, 2, 3, 3)))),
        )
        for one in range(chance.choice((0, 1, 2, 2, 3)))
    )
    slots = frozenset(chance.sample(SLOTS, chance.randint(1, 3)))
    return Venue(
        f"venue-{number}",
        (-91.5 + chance.uniform(-0.04, 0.04), 14.8 + chance.uniform(-0.04, 0.04)),
        tuple(Room(f"room-{room}", chance.randint(2, 9)) for room in range(chance.choice((0, 1, 2, 2, 3)))),
        facilitators,
        slots,
        {slot: chance.randint(0, 4) for slot in sorted(slots) if chance.random() < 0.6},
    )


def _pairs(chance: Random, ids: list[UUID], number: int) -> frozenset[tuple[UUID, UUID]]:
    if len(ids) < 2:
        return frozenset()
    pairs = (chance.sample(ids, 2) for _ in range(number))
    return frozenset((min(pair), max(pair)) for pair in pairs)
