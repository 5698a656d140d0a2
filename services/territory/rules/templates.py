"""What value chains consist of, by edition: links, what each of them buys, who sells it, where a class stands."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from services.territory.rules.chains import ChainTemplate

UNCLASSED = "other"
"""The chain of whom nobody could say which: the class of her activity may tell."""

Place = tuple[str, str]
"""A chain and one of its links."""


@dataclass(frozen=True)
class Supply:
    """Something that links buy, or a service that complements a chain: its names, and who sells it: enterprises of
    these CIIU classes, and those that stand at these places.
    """

    code: str
    names: Mapping[str, str]
    classes: frozenset[str]
    places: frozenset[Place]


@dataclass(frozen=True)
class ChainEdition:
    """The templates that are in force from a day on. `classes`: where the enterprises of a CIIU class stand, the first
    place for whom says no chain, the others for whom is in that chain.
    """

    valid_from: date
    source: str
    chains: Mapping[str, ChainTemplate]
    inputs: Mapping[str, Supply]
    services: Mapping[str, Supply]
    classes: Mapping[str, tuple[Place, ...]]

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        valid_from = date.fromisoformat(record["valid_from"])
        return cls(
            valid_from,
            record["source"],
            {one["code"]: _template(one, valid_from, record["source"]) for one in record["chains"]},
            {code: _supply(code, one) for code, one in record["inputs"].items()},
            {code: _supply(code, one) for code, one in record["services"].items()},
            {code: tuple(_place(place) for place in places) for code, places in record["classes"].items()},
        )


@dataclass(frozen=True)
class Placing:
    """Where an enterprise stands. `chain_of_class`, `links_of_class`: it is the class of its activity that says so."""

    chain: str
    links: tuple[str, ...]
    chain_of_class: bool
    links_of_class: bool


def placed(chain: str, links: Sequence[str], activity: str, classes: Mapping[str, Sequence[Place]]) -> Placing:
    """What she says goes before what the class of her activity (CIIU Rev. 4) tells: its chain where she is in none, its
    link where she names none; that of her own chain, or none where the class is of other chains.
    """
    known = classes.get(activity, ())
    by_class = chain == UNCLASSED and bool(known)
    where = known[0][0] if by_class else chain
    if links:
        return Placing(where, tuple(links), by_class, links_of_class=False)
    found = tuple(link for of, link in known if of == where)
    return Placing(where, found, by_class, links_of_class=bool(found))


def in_force(editions: Iterable[ChainEdition], day: date) -> ChainEdition:
    """The edition in force on a day; the oldest one for the days before it."""
    ordered = sorted(editions, key=lambda edition: edition.valid_from)
    begun = [edition for edition in ordered if edition.valid_from <= day]
    return begun[-1] if begun else ordered[0]


def sells(supply: Supply, activity: str, chain: str, links: Collection[str]) -> bool:
    """Whether an enterprise sells it."""
    return activity in supply.classes or any((chain, link) in supply.places for link in links)


def _template(told: Mapping[str, Any], valid_from: date, source: str) -> ChainTemplate:
    return ChainTemplate(
        code=told["code"],
        names={"es": told["es"], "en": told["en"]},
        needs=frozenset(told["needs"]),
        links=told["links"],
        requires={link: tuple(codes) for link, codes in told["requires"].items()},
        services=tuple(told["services"]),
        valid_from=valid_from,
        source=source,
    )


def _supply(code: str, told: Mapping[str, Any]) -> Supply:
    names, places = {"es": told["es"], "en": told["en"]}, frozenset(_place(place) for place in told["places"])
    return Supply(code, names, frozenset(told["classes"]), places)


def _place(told: str) -> Place:
    chain, _, link = told.partition("/")
    return chain, link
