"""Which papers the file of an application must hold before a committee deals with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.credit.rules.demands import demand

KINDS = ("business_plan", "quotation", "identity", "photo", "guarantor_document", "other")
MOST = 20
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Piece:
    """So many papers of a kind, as the regulations call them; of applications for some `products` (none named: all)
    that ask for `from_amount` or more, in cents.
    """

    kind: str
    name: str
    at_least: int = 1
    products: tuple[str, ...] = ()
    from_amount: int = 0

    def is_asked(self, product: str, amount: int) -> bool:
        return amount >= self.from_amount and (not self.products or product in self.products)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A piece of which the file holds too few."""

    kind: str
    name: str
    needed: int
    held: int

    def __str__(self) -> str:
        return f"{self.name} ({self.held}/{self.needed})"


@dataclass(frozen=True, slots=True)
class FileRules:
    """What the file of an application must hold; where nothing is said, nothing is asked."""

    items: tuple[Piece, ...] = ()
    source: str = ""

    def lacking(self, product: str, amount: int, held: Mapping[str, int]) -> tuple[Lacking, ...]:
        """What is missing of what is asked for `amount` cents, by how many papers of each kind the file holds."""
        asked = (piece for piece in self.items if piece.is_asked(product, amount))
        return tuple(
            Lacking(piece.kind, piece.name, piece.at_least, held.get(piece.kind, 0))
            for piece in asked
            if held.get(piece.kind, 0) < piece.at_least
        )


def read_file(item: Mapping[str, Any]) -> FileRules:
    """The section `file`: its items and their source."""
    rules = FileRules(tuple(_piece(row, number) for number, row in enumerate(item["items"])), item["source"])
    demand(
        item.keys() == {"items", "source"} and type(rules.source) is str and bool(rules.source.strip()), "/file/source"
    )
    return rules


def _piece(row: Mapping[str, Any], number: int) -> Piece:
    at = f"/file/items/{number}"
    piece = Piece(**{**row, "products": tuple(row.get("products", ()))})
    demand(piece.kind in KINDS, f"{at}/kind")
    demand(type(piece.name) is str and 0 < len(piece.name.strip()) <= LONGEST_NAME, f"{at}/name")
    demand(type(piece.at_least) is int and 1 <= piece.at_least <= MOST, f"{at}/at_least")
    demand(type(piece.from_amount) is int and piece.from_amount >= 0, f"{at}/from_amount")
    demand(all(type(product) is str for product in piece.products), f"{at}/products")
    return piece
