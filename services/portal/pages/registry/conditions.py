"""The conditions of a list of the inventory: which ones she may set, how they stand in an address and in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request

from services.portal.clients import api
from services.portal.frame import Form, _, me
from services.portal.pages.registry import area, codes, place_names
from shared import places

TEAM = ("technician", "coordinator", "network_coordinator")
_SALES = (*TEAM, "auditor", "credit_officer")
_PROJECTS = _SALES
_CONTACT = (*TEAM, "trainer", "credit_officer")
_NAMES = tuple(role for role in area.READERS if role != "leda_viewer")

YES_NO = {"true": "Yes", "false": "No"}
LOANS = {"open": "With a loan that she pays", "settled": "With a loan paid back", "none": "Without a loan"}
CASES = {"open": "Accompanied now", "closed": "Accompanied before", "none": "Never accompanied"}
TECHNICIANS = {"me": "Mine", "nobody": "Nobody's yet"}
BANDS = {
    "none": "No sales yet",
    "very_low": "Very low sales",
    "low": "Low sales",
    "middle": "Middling sales",
    "high": "High sales",
    "very_high": "Very high sales",
}
SORTS = {
    "recent": "The latest written in first",
    "name": "Name",
    "municipality": "Municipality",
    "-recorded": "Day of capture, the latest first",
    "-changed": "The latest changed first",
    "validation": "Validation",
}

Words = Mapping[str, Any]


@dataclass(frozen=True)
class Condition:
    """One filter: its name in the address, what it is called, and how it is set: `several` of `words`, `one` of them,
    a `number`, a `day`, or `typed`.
    """

    name: str
    label: str
    kind: str
    words: Words | None = None
    roles: Sequence[str] = area.READERS


CONDITIONS = (
    Condition("q", "Name, product, place, telephone or document", "typed", roles=_NAMES),
    Condition("municipality", "Place", "one"),
    Condition("division_2024", "Municipality since 2024 (El Salvador)", "one"),
    Condition("centre", "Centre", "one"),
    Condition("validation", "Validation", "several", codes.VALIDATION),
    Condition("place_state", "State of the place", "several", codes.PLACES),
    Condition("chain", "Value chain", "several", codes.CHAINS),
    Condition("activity", "Economic activity", "several", codes.ACTIVITIES),
    Condition("link", "Link of the chain", "several", codes.LINKS),
    Condition("need", "Need", "several", codes.NEEDS),
    Condition("market", "Where she sells", "several", codes.MARKETS),
    Condition("tier", "Tier", "several", codes.TIERS),
    Condition("ownership", "Whose it is", "several", codes.OWNERSHIPS),
    Condition("site", "Where she works", "several", codes.SITES),
    Condition("sales_band", "Band of monthly sales", "several", BANDS, _SALES),
    Condition("loan", "Credit", "several", LOANS, _SALES),
    Condition("accompaniment", "Accompaniment", "several", CASES, _PROJECTS),
    Condition("technician", "Accompaniments of", "one", TECHNICIANS, _PROJECTS),
    Condition("people", "People she belongs to", "several", codes.PEOPLES, TEAM),
    Condition("language", "Language she speaks", "one", None, _CONTACT),
    Condition("formal", "Formalized", "one", YES_NO),
    Condition("located", "With a point on the map", "one", YES_NO),
    Condition("consent_map", "Agrees to public maps", "one", YES_NO),
    Condition("consent_credit", "Shares her record for credit", "one", YES_NO),
    Condition("started_from", "Begun in the year … or later", "number"),
    Condition("started_to", "Begun in the year … or before", "number"),
    Condition("jobs_from", "Persons at work, at least", "number"),
    Condition("jobs_to", "Persons at work, at most", "number"),
    Condition("recorded_from", "Captured from", "day"),
    Condition("recorded_to", "Captured until", "day"),
    Condition("changed_since", "Changed since", "day"),
    Condition("taken_back", "She does not want to be in the inventory any more", "one", {"true": "Yes"}, TEAM),
)
_HIDDEN = ("ids",)


@dataclass(frozen=True)
class Chip:
    """One condition that is set, in words, and the address of the list without it."""

    text: str
    without: str


class Conditions:
    """What an address asks the list for."""

    def __init__(self) -> None:
        self.mine = [one for one in CONDITIONS if me().has(*one.roles)]
        self._lists: dict[str, list[tuple[str, Any]]] = {}
        known = {one.name for one in CONDITIONS} | {*_HIDDEN, "sort"}
        self.given: dict[str, list[str]] = {}
        for name in request.args:
            if name in known:
                self.given[name] = [
                    value[:100]
                    for written in request.args.getlist(name)
                    for value in ([written] if name == "q" else written.split(","))
                    if value.strip()
                ]
        self.given = {name: values for name, values in self.given.items() if values}
        self.form = Form(self.given)

    @property
    def asked(self) -> dict[str, Any]:
        """The filters as the API takes them."""
        return {
            name: ",".join(values) if name != "q" else values[0]
            for name, values in self.given.items()
            if name != "sort"
        }

    @property
    def sort(self) -> str | None:
        return self.given.get("sort", [None])[0]

    @property
    def whole(self) -> dict[str, Any]:
        """The same with its order."""
        return self.asked | ({"sort": self.sort} if self.sort else {})

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new search keeps: all but the words."""
        return [(name, value) for name, values in self.given.items() if name != "q" for value in values]

    def options(self, condition: Condition) -> list[tuple[str, Any]]:
        """What can be chosen for a condition."""
        if condition.words is not None:
            return codes.choices(condition.words)
        if condition.name not in self._lists:
            self._lists[condition.name] = _LISTS[condition.name]()
        return self._lists[condition.name]

    def chips(self) -> list[Chip]:
        """What is set, each with the address without it."""
        return [
            Chip(f"{_(one.label)}: {self.word(one, value)}", self._without(one.name, value))
            for one in CONDITIONS
            for value in self.given.get(one.name, [])
        ]

    def word(self, condition: Condition, value: str) -> str:
        """What a value of a condition is called."""
        if condition.words is not None:
            return codes.said(condition.words, value)
        if condition.name == "municipality":
            return places.in_full(value)
        if condition.kind == "one":
            return str(dict(_flat(self.options(condition))).get(value, value))
        return value

    def _without(self, name: str, value: str) -> str:
        left = [(other, one) for other, values in self.given.items() for one in values if (other, one) != (name, value)]
        return f"?{urlencode(left)}" if left else "/registry"


def _flat(options: Sequence[tuple[str, Any]]) -> list[tuple[str, str]]:
    """Options without their groups."""
    found: list[tuple[str, str]] = []
    for value, text in options:
        found += [(value, text)] if isinstance(text, str) else list(text)
    return found


def _centres() -> list[tuple[str, Any]]:
    return [(row["id"], row["name"]) for row in api("registry").get("/centres").rows]


def _languages() -> list[tuple[str, Any]]:
    return [(row["code"], row["name"]) for row in api("registry").get("/lists/languages").rows]


_LISTS: Mapping[str, Callable[[], list[tuple[str, Any]]]] = {
    "municipality": place_names.place_choices,
    "division_2024": place_names.division_choices,
    "centre": _centres,
    "language": _languages,
}
