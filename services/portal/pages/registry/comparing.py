"""How what two records say stands side by side on a page: the words of each field, and of each value."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import g

from services.portal.frame import _, formats, me
from services.portal.pages.registry import codes
from services.portal.pages.registry.people import languages
from shared import places

FIELDS = {
    "given_names": "Given names",
    "surnames": "Surnames",
    "document": "Document",
    "born_on": "Date of birth",
    "phone": "Telephone",
    "other_phone": "Second telephone",
    "people": "People she belongs to, as she says",
    "languages": "Languages she speaks",
    "schooling": "Schooling",
    "dependants": "People who depend on her income",
    "children_under_6": "Children under six",
    "others_in_care": "Others who need her care",
    "care_hours": "Hours of care a week",
    "head_of_household": "Head of household",
    "difficulties": "Difficulties in daily life",
    "name": "Name of the enterprise",
    "place": "Place",
    "address": "Address",
    "activity": "Economic activity",
    "site": "Where she works",
    "chain": "Value chain",
    "links": "Links of the chain",
    "needs": "Needs",
    "markets": "Where she sells",
    "started_year": "Since",
    "jobs": "People at work",
    "sales": "Monthly sales",
    "formal": "Formalized",
    "products": "Products",
    "assets": "What it works with",
    "partners": "Suppliers and buyers",
    "formalization": "Formalization",
}
UNITED = frozenset({"languages", "links", "needs", "markets", "products", "formalization"})
"""What can be taken from both records."""


def told(field: str, value: Mapping[str, Any]) -> str:
    """What a record says in one field, in the reader's words; "" where it says nothing."""
    parts = [part for part in value.values() if part not in (None, "", [], {})]
    if field == "head_of_household":
        return {True: _("Yes"), False: _("No")}.get(value["head_of_household"], "")
    if field == "formal":
        return _("Yes") if value["formal"] else _("No")
    if not parts:
        return ""
    return _TELLERS[field](value) if field in _TELLERS else str(parts[0])


def joined(field: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What both say together."""
    if field == "formalization":
        return _("of each step, the record that is further")
    if field == "products":
        names = [product["name"] for side in (one, other) for product in side["products"]]
        return ", ".join(sorted({name.casefold(): name for name in reversed(names)}.values()))
    (part,) = one
    return told(field, {part: sorted({*one[part], *other[part]})})


def _document(value: Mapping[str, Any]) -> str:
    return f"{(value['id_kind'] or '').upper()} {value['id_number'] or ''}".strip()


def _place(value: Mapping[str, Any]) -> str:
    where = places.full_name(value["municipality"])
    here = value["position"]
    return where if here is None else f"{where} ({here['lat']}, {here['lon']})"


def _jobs(value: Mapping[str, Any]) -> str:
    return _("women: %(women)s, men: %(men)s", women=value["jobs_women"], men=value["jobs_men"])


def _sales(value: Mapping[str, Any]) -> str:
    return formats.money(value["sales"]) if value["sales"] else str(value["sales_band"])


def _day(value: Mapping[str, Any]) -> str:
    return formats.day(date.fromisoformat(value["born_on"]), formats.locale_of(g.language, me().country))


def _languages(value: Mapping[str, Any]) -> str:
    known = languages()
    return ", ".join(known.get(code, code) for code in value["languages"])


def _difficulties(value: Mapping[str, Any]) -> str:
    said = [
        f"{codes.said(codes.DIFFICULTIES, code)}: {codes.said(codes.DEGREES, degree)}"
        for code, degree in value["difficulties"].items()
        if degree != "none"
    ]
    return "; ".join(said) or _("No difficulty")


def _partners(value: Mapping[str, Any]) -> str:
    return ", ".join(partner["name"] or _("Another enterprise") for partner in value["partners"])


def _steps(value: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{codes.said(codes.STEPS, step)}: {codes.said(codes.STEP_STATES, state)}"
        for step, state in value["steps"].items()
    )


def _word(field: str, words: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], str]:
    return lambda value: codes.said(words, value[field])


def _words(field: str, words: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], str]:
    return lambda value: codes.listed(words, value[field])


_TELLERS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "document": _document,
    "born_on": _day,
    "phone": lambda value: codes.telephone(value["phone"]),
    "other_phone": lambda value: codes.telephone(value["other_phone"]),
    "people": _word("people", codes.PEOPLES),
    "languages": _languages,
    "schooling": _word("schooling", codes.SCHOOLING),
    "difficulties": _difficulties,
    "place": _place,
    "site": _word("site", codes.SITES),
    "chain": _word("chain", codes.CHAINS),
    "links": _words("links", codes.LINKS),
    "needs": _words("needs", codes.NEEDS),
    "markets": _words("markets", codes.MARKETS),
    "jobs": _jobs,
    "sales": _sales,
    "products": lambda value: ", ".join(product["name"] for product in value["products"]),
    "assets": lambda value: ", ".join(asset["text"] for asset in value["assets"]),
    "partners": _partners,
    "formalization": _steps,
}
