"""The everyday parameters of the regulations as a form: filled from an edition, and read back into its parameters.

A field is called by its place in the parameters (`products-0-maximum`), so that what the API finds wrong is told there.
What the form does not know stays as it was.
"""

import copy
import re
from collections.abc import Mapping
from typing import Any

from services.portal.frame import Form, _
from services.portal.pages.credit.parameters import ELIGIBILITY, written_day
from shared.kernel import Money, Refused

LEVELS = 3
_PRODUCT = {
    "code": "text",
    "name": "text",
    "minimum": "money",
    "maximum": "money",
    "shortest": "whole",
    "longest": "whole",
    "annual_rate": "text",
    "method": "text",
    "day_count": "text",
    "rounding": "text",
    "longest_grace": "whole",
    "longest_grace_interest_payment": "whole",
    "longest_grace_interest": "whole",
}
_FEE = {"share": "text", "amount": "money", "paid": "text", "source": "text"}
_HOLIDAYS = {"days": "days", "shift": "text", "source": "text"}
_FIELDS: dict[str, dict[str, str]] = {
    "quorum": {"seats": "whole", "majority": "text", "casting_vote": "flag", "constituencies": "many"},
    "approvals": {"days": "whole", "source": "text"},
    "notice": {"days": "whole", "source": "text"},
    "late_charge": {"annual_rate": "text", "fixed": "money", "after_days": "whole", "cap": "text"},
    "mandates": {"paper": "flag", "source": "text"},
    "agreement": {"required": "flag", "source": "text"},
    "sources": {"products": "text", "quorum": "text", "eligibility": "text", "late_charge": "text"},
    "concentration": {
        "borrower": "text",
        "chain": "text",
        "municipality": "text",
        "of": "text",
        "floor": "money",
        "source": "text",
    },
}
_LEVEL = {"name": "text", "up_to": "money", "assent": "flag"}
_LEVEL_RULE = {"seats": "whole", "majority": "text"}
_USUAL = {"casting_vote": True, "required": False, "paper": False, "assent": False, "of": "capital", "shift": "next"}
"""What holds where the parameters say nothing of a field that always has a value."""
_IDLE = ("source", "of", "casting_vote", "required", "paper")
"""Fields that alone do not make a section: a source of nothing, a switch that is off."""


def filled(parameters: Mapping[str, Any]) -> Form:
    """The form as these parameters have it."""
    values: dict[str, Any] = {}
    for number, product in enumerate(parameters.get("products", ())):
        values |= _told(f"products-{number}", _PRODUCT, product)
        values |= _told(f"products-{number}-fee", _FEE, product.get("fee") or {})
    for section, known in _FIELDS.items():
        values |= _told(section, known, parameters.get(section) or {})
    if "casting_vote" not in parameters.get("quorum", {}):
        values["quorum-casting_vote"] = "yes"
    if "holidays" in parameters:
        values |= _told("holidays", _HOLIDAYS, {"shift": _USUAL["shift"], **parameters["holidays"]})
    if lists_eligibility(parameters):
        values["eligibility"] = parameters.get("eligibility", list(ELIGIBILITY))
    competence = parameters.get("competence") or {}
    values |= _told("competence", {"assents": "whole", "source": "text"}, competence)
    for number, level in enumerate(competence.get("levels", ())):
        at = f"competence-levels-{number}"
        values |= _told(at, _LEVEL, level) | _told(f"{at}-quorum", _LEVEL_RULE, level.get("quorum") or {})
    return Form(values)


def read(form: Form, base: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """`base` with what was typed in its place; what cannot be read stays as typed, so that the API says so."""
    parameters = copy.deepcopy(dict(base))
    reader = _Reader(form, currency)
    products = [_product(reader, f"products-{n}", item) for n, item in kept(form, base)]
    parameters["products"] = [product for product in products if product]
    if "seed" in base and not parameters["products"]:
        del parameters["products"]
    for section, known in _FIELDS.items():
        found = reader.over(section, known, parameters.get(section) or {})
        _place(parameters, section, found, needed=section == "quorum")
    _place(parameters, "holidays", _holidays(reader, form, base.get("holidays") or {}))
    if lists_eligibility(base) and ("eligibility" in base or form.many("eligibility") != list(ELIGIBILITY)):
        parameters["eligibility"] = form.many("eligibility")
    if len((base.get("competence") or {}).get("levels", ())) <= LEVELS:
        _place(parameters, "competence", _competence(reader, base.get("competence") or {}))
    return parameters


def kept(form: Form, base: Mapping[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """The products that stay, with their number in the form; the one after the last is new, where it was named."""
    known = list(base.get("products", ()))
    found = [(n, dict(item)) for n, item in enumerate(known) if not form.flag(f"products-{n}-remove")]
    if form.text(f"products-{len(known)}-code"):
        found.append((len(known), {}))
    return found


def lists_eligibility(parameters: Mapping[str, Any]) -> bool:
    """Whether who can be lent to is a list of rules to be ticked; rules that ask for more are changed in the file."""
    listed = parameters.get("eligibility", [])
    return isinstance(listed, list) and all(isinstance(rule, str) for rule in listed)


def placed(pointer: str, form: Form, base: Mapping[str, Any]) -> str:
    """The field of the form that a pointer of the API leads to."""
    parts = pointer.split("/")[2:]
    if parts[:1] == ["products"] and len(parts) > 1 and parts[1].isdigit():
        numbers = [number for number, _item in kept(form, base)]
        if int(parts[1]) < len(numbers):
            parts[1] = str(numbers[int(parts[1])])
        if parts[2:] == ["fee"]:
            parts.append("share")
    return "-".join(parts)


def _product(reader: "_Reader", at: str, base: Mapping[str, Any]) -> dict[str, Any]:
    found = reader.over(at, _PRODUCT, base)
    _place(found, "fee", reader.over(f"{at}-fee", _FEE, base.get("fee") or {}))
    return found


def _holidays(reader: "_Reader", form: Form, base: Mapping[str, Any]) -> dict[str, Any]:
    """The days of rest; without any, but with a side to move to, due dates move off the country's holidays alone."""
    found = reader.over("holidays", _HOLIDAYS, base)
    return {"days": [], **found} if "days" in found or form.text("holidays-shift") else {}


def _competence(reader: "_Reader", base: Mapping[str, Any]) -> dict[str, Any]:
    known = list(base.get("levels", ()))
    levels = []
    for number in range(LEVELS):
        at = f"competence-levels-{number}"
        before = known[number] if number < len(known) else {}
        level = reader.over(at, _LEVEL, before)
        rule = reader.over(f"{at}-quorum", _LEVEL_RULE, before.get("quorum") or {})
        if level.get("name"):
            levels.append(level | {"quorum": rule} if rule else {k: v for k, v in level.items() if k != "quorum"})
    found = reader.over("competence", {"assents": "whole", "source": "text"}, base)
    return {**found, "levels": levels} if levels else {}


def _place(parameters: dict[str, Any], section: str, found: dict[str, Any], *, needed: bool = False) -> None:
    """Put a section in its place, or leave it out where nothing of it was filled in."""
    told = {name for name, value in found.items() if name not in _IDLE or value is True}
    if told or needed:
        parameters[section] = found
    else:
        parameters.pop(section, None)


class _Reader:
    """What was typed, as the parameters want it."""

    def __init__(self, form: Form, currency: str) -> None:
        self._form, self._currency = form, currency

    def over(self, at: str, known: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
        """`before` with the fields that were filled in; one left empty is left out."""
        found = dict(before)
        for name, kind in known.items():
            value = self._value(f"{at}-{name}", kind)
            if value is None or (name not in before and name in _USUAL and value == _USUAL[name]):
                found.pop(name, None)
            elif kind != "text" or str(before.get(name, "")) != value:
                found[name] = value
        return found

    def _value(self, name: str, kind: str) -> Any:
        if kind == "flag":
            return self._form.flag(name)
        if kind == "many":
            return self._form.many(name) or None
        if kind == "days":
            return _days(self._form.text(name)) or None
        if kind == "whole":
            return self._form.integer(name)
        if kind == "money":
            return self._cents(name)
        return self._form.optional(name)

    def _cents(self, name: str) -> int | None:
        given = self._form.money(name, self._currency)
        if given is None or name in self._form.errors:
            return None
        try:
            return Money.parse(given["amount"], self._currency).minor
        except Refused:
            self._form.wrong(name, _("Write the amount with a point before the cents, for example 1,250.00."))
            return None


def _days(text: str) -> list[str]:
    """The days of a text, one in a line: "24/12" is every year's 24 December, "05/08/2027" a single day. They come back
    as the parameters have them, in order; what is no day stays as typed.
    """
    return sorted({_day(part.strip()) for part in re.split(r"[\n,;]", text) if part.strip()})


def _day(text: str) -> str:
    found = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})(?:/([0-9]{4}))?", text)
    if found is None:
        return text
    day, month, year = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}" if year else f"{month:0>2}-{day:0>2}"


def _told(at: str, known: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    told = {}
    for name, kind in known.items():
        value = values.get(name)
        if kind == "money" and isinstance(value, int):
            value = f"{value // 100}.{value % 100:02d}"
        if kind == "days" and value:
            value = "\n".join(written_day(day) for day in value)
        told[f"{at}-{name}"] = value
    return told
