"""Two records of one woman become one: which of two answers stands, where nobody says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.registry.rules.chains import folded
from services.registry.rules.inventory import Person, Product, Profile

ONE, OTHER, BOTH = "one", "other", "both"
SIDES = (ONE, OTHER, BOTH)

OF_A_WOMAN: Mapping[str, tuple[str, ...]] = {
    "given_names": ("given_names",),
    "surnames": ("surnames",),
    "document": ("id_kind", "id_number"),
    "born_on": ("born_on",),
    "phone": ("phone",),
    "other_phone": ("other_phone",),
    "people": ("people",),
    "languages": ("languages",),
    "schooling": ("schooling",),
    "dependants": ("dependants",),
    "children_under_6": ("children_under_6",),
    "others_in_care": ("others_in_care",),
    "care_hours": ("care_hours",),
    "head_of_household": ("head_of_household",),
    "difficulties": ("difficulties",),
}
"""What is chosen of a woman as one, and the fields of `Person` that go with it."""

OF_AN_ENTERPRISE: Mapping[str, tuple[str, ...]] = {
    "name": ("name",),
    "place": ("municipality", "position"),
    "address": ("address",),
    "activity": ("activity",),
    "site": ("site",),
    "chain": ("chain",),
    "links": ("links",),
    "needs": ("needs",),
    "markets": ("markets",),
    "started_year": ("started_year",),
    "jobs": ("jobs_women", "jobs_men", "unpaid_women", "unpaid_men"),
    "sales": ("sales", "sales_band"),
    "formal": ("formal",),
    "products": ("products",),
    "assets": ("assets",),
    "partners": ("partners",),
}
"""The same of an enterprise and of `Profile`."""

UNITED = frozenset({"languages", "links", "needs", "markets", "products", "formalization"})
"""What can be taken from both records."""

_KNOWN_BY = {"place": "position"}
_CHECKED = {"validated": 4, "verified": 3, "captured": 2, "stale": 1, "rejected": 0}
_FARTHEST = ("none", "not_needed", "under_way", "done")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a record is checked, and when it was changed last."""

    validation: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """An answer about consent: what, when and how."""

    granted: bool
    given_on: date
    channel: str


def better(one: Standing, other: Standing) -> str:
    """The side that is checked further; of two alike, the one that was changed last."""

    def rank(standing: Standing) -> tuple[int, datetime]:
        return _CHECKED[standing.validation], standing.changed_at

    return OTHER if rank(other) > rank(one) else ONE


def suggested(
    fields: Mapping[str, tuple[str, ...]], one: Person | Profile, other: Person | Profile, preferred: str
) -> dict[str, str]:
    """The side to take for each field in which the two differ: what is known over what is not, both where both can
    stand, else the preferred one.
    """
    found = {}
    for name, parts in fields.items():
        if _values(one, parts) == _values(other, parts):
            continue
        there = _known(one, name, parts), _known(other, name, parts)
        if there == (True, True):
            found[name] = BOTH if name in UNITED else preferred
        else:
            found[name] = {(True, False): ONE, (False, True): OTHER}.get(there, preferred)
    return found


def chosen(
    fields: Mapping[str, tuple[str, ...]], one: Person | Profile, other: Person | Profile, sides: Mapping[str, str]
) -> dict[str, Any]:
    """The values of the fields of which a side is named."""
    values: dict[str, Any] = {}
    for name, side in sides.items():
        for part in fields[name]:
            mine, theirs = getattr(one, part), getattr(other, part)
            values[part] = {ONE: mine, OTHER: theirs}[side] if side != BOTH else _together(mine, theirs)
    return values


def stricter(one: Mapping[str, Given], other: Mapping[str, Given]) -> dict[str, Given]:
    """What holds for each purpose that either record knows an answer for: a no on either side is a no; of two alike the
    later one.
    """
    found = {}
    for purpose in sorted({*one, *other}):
        answers = [side[purpose] for side in (one, other) if purpose in side]
        found[purpose] = min(answers, key=lambda given: (given.granted, -given.given_on.toordinal()))
    return found


def further(one: str | None, other: str | None) -> str:
    """The side on which a step of formalization is further, or known at all."""
    return OTHER if _far(other) > _far(one) else ONE


def checked_further(one: str, other: str) -> str:
    """Of two states of validation, the further one."""
    return max(one, other, key=_CHECKED.__getitem__)


def _far(state: str | None) -> int:
    return -1 if state is None else _FARTHEST.index(state)


def _values(record: Person | Profile, parts: tuple[str, ...]) -> list[Any]:
    return [getattr(record, part) for part in parts]


def _known(record: Person | Profile, name: str, parts: tuple[str, ...]) -> bool:
    wanted = (_KNOWN_BY[name],) if name in _KNOWN_BY else parts
    return any(value not in (None, "", (), {}) for value in _values(record, wanted))


def _together(mine: tuple[Any, ...], theirs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Both lists without what is there twice; a product by its name, as the first of them has it."""
    if any(isinstance(value, Product) for value in (*mine, *theirs)):
        named = {folded(product.name): product for product in (*theirs, *mine)}
        return tuple(sorted(named.values(), key=lambda product: folded(product.name)))
    return tuple(sorted({*mine, *theirs}))
