"""What a whole record says, as bytes to compare, and what its field form said otherwise."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from services.registry.exchange.columns import ENTERPRISE, MAIN, PARTS, SEAL, Column
from services.registry.rules import formalization, inventory
from services.registry.rules.rubrics import HIGHEST, SUBJECTS

_APART = "fichas"
_DECEMBER = 12


def _said(columns: tuple[Column, ...]) -> tuple[str, ...]:
    return tuple(column.key for column in columns if not (column.told or column.place or column.name == SEAL))


_MAIN = _said(ENTERPRISE)
_PARTS = {part.name: _said(part.columns) for part in PARTS if part.name != _APART}


def print_of(record: Mapping[str, list[dict[str, Any]]]) -> str:
    """SHA-256 of what a whole record says: not of what was derived from it or from its point, nor of its forms. The
    name of a registered partner is that partner's to say.
    """
    row = record[MAIN][0]
    said: list[Any] = [[row[key] for key in _MAIN]]
    for name, keys in _PARTS.items():
        items = record[name]
        if name == "socios":
            items = [item | {"name": None} if item["partner_id"] else item for item in items]
        said.append([[item[key] for key in keys] for item in items])
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def print_of_woman(woman: Mapping[str, Any], answers: list[dict[str, Any]]) -> str:
    """The same of one woman with her answers."""
    said = [woman[key] for key in _PARTS["otras_duenas"]]
    keys = _PARTS["consentimientos"]
    return hashlib.sha256(orjson.dumps([said, [[answer[key] for key in keys] for answer in answers]])).hexdigest()


def brought_otherwise(form: Mapping[str, Any], record: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any] | None:
    """Of the facts that a form brought, those that its record does not say; None after a refusal."""
    brought = form["brought"]
    if brought is None:
        return None
    told = _as_told(record)
    return {name: fact for name, fact in brought.items() if name not in told or told[name] != fact}


def brought_whole(otherwise: Mapping[str, Any], record: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The facts that a form brought, from what its record says and what the form said otherwise."""
    return _as_told(record) | dict(otherwise)


def is_fit(otherwise: Mapping[str, Any]) -> bool:
    """Whether these are facts as a form brings them: known ones, each of its kind."""
    return all(name in _FACTS and _FACTS[name](fact) for name, fact in otherwise.items())


def _is(*kinds: type) -> Callable[[Any], bool]:
    return lambda fact: fact is None or type(fact) in kinds


def _are_texts(fact: Any) -> bool:
    return isinstance(fact, list) and all(isinstance(item, str) for item in fact)


def _is_day(fact: Any) -> bool:
    try:
        return fact is None or bool(date.fromisoformat(fact))
    except (TypeError, ValueError):
        return False


def _is_id(fact: Any) -> bool:
    try:
        return fact is None or bool(UUID(fact))
    except (TypeError, ValueError, AttributeError):
        return False


def _or_none(fit: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda fact: fact is None or fit(fact)


def _is_point(fact: Any) -> bool:
    fit = isinstance(fact, dict) and fact.keys() == {"lon", "lat", "accuracy_m"}
    return fact is None or (
        fit and all(_is(float, int)(value) for value in fact.values()) and None not in (fact["lon"], fact["lat"])
    )


def _each(
    needed: Mapping[str, Callable[[Any], bool]], perhaps: Mapping[str, Callable[[Any], bool]] | None = None
) -> Callable[[Any], bool]:
    """Whether it is an object with just these names, each of its kind."""
    known = {**needed, **(perhaps or {})}

    def fit(item: Any) -> bool:
        return (
            isinstance(item, dict)
            and needed.keys() <= item.keys() <= known.keys()
            and all(known[name](value) for name, value in item.items())
        )

    return fit


def _all(fit: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda fact: isinstance(fact, list) and all(fit(item) for item in fact)


def _by(names: Collection[str], fit: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda fact: isinstance(fact, dict) and all(name in names and fit(item) for name, item in fact.items())


def _one_of(codes: Collection[str]) -> Callable[[Any], bool]:
    return lambda fact: isinstance(fact, str) and fact in codes


def _is_level(fact: Any) -> bool:
    return type(fact) is int and 0 <= fact <= HIGHEST


def _is_text(fact: Any) -> bool:
    return type(fact) is str


def _are_months(fact: Any) -> bool:
    return isinstance(fact, list) and all(type(month) is int and 1 <= month <= _DECEMBER for month in fact)


_FACTS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("given_names", "surnames", "name", "municipality", "validation"), _is_text),
    **dict.fromkeys(
        ("id_kind", "id_number", "phone", "people", "site", "activity", "currency", "captured_by"), _is(str)
    ),
    **dict.fromkeys(("started_year", "jobs_women", "jobs_men", "sales_minor"), _is(int)),
    **dict.fromkeys(("formal", "consent_credit", "consent_map"), _is(bool)),
    **dict.fromkeys(("links", "needs"), _are_texts),
    **dict.fromkeys(("born_on", "captured_on"), _is_day),
    "point": _is_point,
    "products": _all(
        _each(
            {"name": _is_text, "unit": _is(str), "price_minor": _is(int)},
            {"volume": _is(float, int), "period": _or_none(_one_of(inventory.PERIODS)), "months": _are_months},
        )
    ),
    **dict.fromkeys(("other_phone", "schooling", "address", "sales_band"), _is(str)),
    **dict.fromkeys(
        ("dependants", "children_under_6", "others_in_care", "care_hours", "unpaid_women", "unpaid_men"), _is(int)
    ),
    **dict.fromkeys(("languages", "markets"), _are_texts),
    **dict.fromkeys(("head_of_household", "consent_photos"), _is(bool)),
    "ownership": _one_of(inventory.OWNERSHIPS),
    "difficulties": _or_none(_by(inventory.DIFFICULTIES, _one_of(inventory.DEGREES))),
    "steps": _by(
        formalization.STEPS,
        _each({"state": _one_of(formalization.STATES), "on": _is_day, "number": _is(str)}),
    ),
    "levels": _by(SUBJECTS, _each({"level": _is_level, "evidence": _is(str)})),
    "partners": _all(
        _each(
            {
                "side": _one_of(inventory.SIDES),
                "kind": _one_of(inventory.PARTNERS),
                "name": _is(str),
                "share": _is(int),
                "product": _is(str),
            },
            {"enterprise_id": _is_id},
        )
    ),
    "assets": _all(_each({"kind": _one_of(inventory.ASSETS), "text": _is_text})),
}
"""The facts of the first form and of our own, as `intake` reads them."""


def _as_told(record: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The record as its first owner's form would have brought it, as JSON values."""
    row = record[MAIN][0]
    born_on = row["born_on"]
    point = {name: row[name] for name in ("lon", "lat", "accuracy_m")}
    same = (
        *("given_names", "surnames", "id_kind", "id_number", "phone", "people", "name", "municipality", "site"),
        *("activity", "started_year", "jobs_women", "jobs_men", "sales_minor", "currency", "formal", "validation"),
    )
    products = [{name: item[name] for name in ("name", "unit", "price_minor")} for item in record["productos"]]
    return {name: row[name] for name in same} | {
        "consent_credit": row["consent_credit"],
        "consent_map": row["consent_map"],
        "born_on": None if born_on is None else born_on.isoformat(),
        "point": None if row["lon"] is None else point,
        "links": row["link"],
        "needs": row["need"],
        "products": products,
        "captured_on": row["recorded_on"].isoformat(),
    }
