"""Who may decide how much: the limits of competence that a set of regulations sets, and the votes a decision takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.credit.rules.demands import demand
from services.credit.rules.quorum import CONSTITUENCIES, MAJORITIES, Rule

MOST_ASSENTS = 20


@dataclass(frozen=True, slots=True)
class Level:
    """One level: it decides amounts of `up_to` cents (None: any) of some products (none named: all of them).

    `quorum` is what its decisions take where that differs from the rest; with `assent` an approval is paid out only
    once the Trust Fund Committee has said yes to it.
    """

    name: str = ""
    up_to: int | None = None
    products: tuple[str, ...] = ()
    quorum: Rule | None = None
    assent: bool = False

    def covers(self, product: str, amount: int) -> bool:
        return (self.up_to is None or amount <= self.up_to) and (not self.products or product in self.products)


@dataclass(frozen=True, slots=True)
class Competence:
    """The levels, the first that covers a motion decides it; `assents` members of the Trust Fund Committee say yes."""

    levels: tuple[Level, ...] = ()
    assents: int = 2
    source: str = ""

    def level(self, product: str, amount: int) -> Level:
        """The level that decides `amount` cents of a product; where none is set, the committee decides alone."""
        return next((level for level in self.levels if level.covers(product, amount)), Level())

    def assents_for(self, product: str, amount: int) -> int:
        """How many members of the Trust Fund Committee must say yes before it is paid out."""
        return self.assents if self.level(product, amount).assent else 0


def read_rule(item: Mapping[str, Any], at: str = "/quorum") -> Rule:
    """How many seats vote, of which constituencies, and which majority carries."""
    rule = Rule(**{**item, "constituencies": tuple(item.get("constituencies", CONSTITUENCIES))})
    demand(type(rule.seats) is int and type(rule.casting_vote) is bool, f"{at}/seats")
    demand(rule.seats >= 1 and rule.majority in MAJORITIES, at)
    demand(set(rule.constituencies) <= set(CONSTITUENCIES), f"{at}/constituencies")
    return rule


def read_competence(item: Mapping[str, Any]) -> Competence:
    """`{"levels": [{"name", "up_to", "products", "quorum", "assent"}, …], "assents": 2, "source"}`; the last level must
    cover every amount of every product, so that nothing is left that nobody may decide.
    """
    levels = tuple(_level(row, f"/competence/levels/{number}") for number, row in enumerate(item["levels"]))
    found = Competence(**{**item, "levels": levels})
    demand(bool(levels) and levels[-1].up_to is None and not levels[-1].products, "/competence/levels")
    demand(len({level.name for level in levels}) == len(levels), "/competence/levels")
    demand(type(found.assents) is int and 1 <= found.assents <= MOST_ASSENTS, "/competence/assents")
    demand(type(found.source) is str and bool(found.source.strip()), "/competence/source")
    return found


def _level(item: Mapping[str, Any], at: str) -> Level:
    rule = read_rule(item["quorum"], f"{at}/quorum") if item.get("quorum") is not None else None
    level = Level(**{**item, "products": tuple(item.get("products", ())), "quorum": rule})
    demand(type(level.name) is str and 0 < len(level.name.strip()) <= 100, f"{at}/name")
    demand(level.up_to is None or (type(level.up_to) is int and level.up_to > 0), f"{at}/up_to")
    demand(all(type(code) is str for code in level.products), f"{at}/products")
    demand(type(level.assent) is bool, f"{at}/assent")
    return level
