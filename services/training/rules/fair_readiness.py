"""How far an enterprise is ready for a fair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.training.rules.withholding import told
from shared.kernel import Money

READY, UNDER_WAY, MISSING, NOT_NEEDED = "ready", "under_way", "missing", "not_needed"
ITEM_STATES = (READY, UNDER_WAY, MISSING, NOT_NEEDED)
INVITED, CONFIRMED, TOOK_PART, ABSENT = "invited", "confirmed", "took_part", "absent"
STAND_STATES = (INVITED, CONFIRMED, TOOK_PART, ABSENT)
GOING = (INVITED, CONFIRMED)
"""How the registry tells of who may come to a fair; the other states say who came."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is to be got ready, from a day on."""

    valid_from: date
    source: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Readiness:
    """How many things are ready (or not needed) of how many, and which still have to be seen to."""

    ready: int
    of: int
    open: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether the enterprise counts as prepared: there is a list, and nothing on it is open."""
        return self.of > 0 and not self.open


def readiness(checklist: Checklist, noted: Mapping[str, str]) -> Readiness:
    """Of the list; what nobody noted is open, what is not on the list does not count."""
    left = tuple(item for item in checklist.items if noted.get(item) not in {READY, NOT_NEEDED})
    return Readiness(len(checklist.items) - len(left), len(checklist.items), left)


def results(sums: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Who prepared beside who did not, of what the registry summed: what each sold on average, and whether both sides
    say something. How many took part is withheld where it is a small count.
    """
    counts = told({row["named"]: row["took_part"] for row in sums})
    rows = [
        {
            "prepared": row["named"],
            "took_part": counts[row["named"]],
            "sales_each": _each(row["sales"], row["sales_told"]),
            **{name: row[name] for name in ("sales_told", "sales", "orders", "contacts")},
        }
        for row in sums
    ]
    return {"rows": rows, "compared": len(rows) > 1 and all(row["sales_each"] is not None for row in rows)}


def _each(sales: Mapping[str, str] | None, told_by: int | None) -> Money | None:
    """To the cent, halves up."""
    if not sales or not told_by:
        return None
    whole = Money.parse(sales["amount"], sales["currency"])
    return Money((2 * whole.minor + told_by) // (2 * told_by), whole.currency)
