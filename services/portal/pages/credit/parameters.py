"""The parameters of regulations and letters in plain words; what is not known here is shown as it stands."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from services.portal.frame import _
from services.portal.frame.formats import money
from services.portal.pages.credit.area import (
    CHOICES,
    CONSTITUENCIES,
    DAY_COUNTS,
    GUARANTEES,
    MAJORITIES,
    METHODS,
    PAPERS,
    PERIODS,
    PURPOSES,
    SEED_KINDS,
    STATES,
)
from services.portal.pages.registry.codes import said
from shared.kernel import Money

SECTIONS = {
    "products": "Kinds of credit",
    "quorum": "Quorum and majority",
    "purposes": "What is financed",
    "allocation_order": "Order in which a payment is used",
    "payment_in_advance": "Payment in advance",
    "eligibility": "Who can be lent to",
    "income_shares": "Shares of the income",
    "late_charge": "Late charge",
    "provisioning": "Set aside for losses",
    "notice": "Notice of a session",
    "conflicts": "Conflicts of interest",
    "mandates": "Mandates of the members",
    "approvals": "How long an approval holds",
    "reasons": "Reasons to refuse or defer",
    "agreement": "Agreement Letter",
    "competence": "Limits of competence",
    "concentration": "Limits of concentration",
    "file": "Papers of the file",
    "pipeline": "How long a stage may take",
    "capacity": "Capacity to pay",
    "scorecard": "Scorecard",
    "guarantees": "Guarantees",
    "groups": "Group credit",
    "restructuring": "Changes of a running loan",
    "seed": "Seed capital",
    "holidays": "Days on which the fund rests",
    "sources": "Where each section comes from",
}
LABELS = {
    "code": "Code",
    "name": "Name",
    "minimum": "From",
    "maximum": "To",
    "shortest": "Fewest instalments",
    "longest": "Most instalments",
    "annual_rate": "Rate a year",
    "method": "Method",
    "day_count": "Day count",
    "interest_period": "Interest counted",
    "engine": "Engine of the schedule",
    "every": "An instalment every",
    "unit": "Unit of time",
    "multiple": "Instalments rounded to",
    "rounding": "Rounding",
    "longest_grace": "Most instalments without principal",
    "longest_grace_interest_payment": "Of them, interest put off",
    "longest_grace_interest": "Of them, free of interest",
    "shortest_first_period": "First due date after at least (days)",
    "longest_first_period": "First due date after at most (days)",
    "agreed_dates_within": "Due dates of a loan's own within (days)",
    "calendar": "Days of payment",
    "shares": "Agreed shares",
    "shift": "Due dates on days of rest",
    "rest": "Days of rest",
    "seats": "Seats that must vote",
    "constituencies": "Constituencies that must vote",
    "majority": "Majority",
    "casting_vote": "The chair's vote decides a tie",
    "days": "Days",
    "degree": "Up to which degree of kinship",
    "source": "Source",
    "choices": "Used to",
    "fee": "Opening fee",
    "share": "Share, in percent",
    "amount": "Amount",
    "paid": "How it is paid",
    "to": "Who gets it",
    "percent": "Percent",
    "period": "How often",
    "fixed": "Once",
    "after_days": "From how many days late",
    "cap": "At most, of the instalment",
    "days_a_year": "Days in a year",
    "table": "Reference table of",
    "from_days": "From how many days overdue",
    "required": "The fund lends only under a letter in force",
    "assents": "Members who must say yes",
    "paper": "Who sits has shown the paper of her mandate",
    "up_to": "Up to",
    "products": "Only for",
    "assent": "Needs the assent of the Trust Fund Committee",
    "borrower": "At most with one borrower",
    "chain": "At most in one activity",
    "municipality": "At most in one municipality",
    "of": "Share of",
    "floor": "From a portfolio of",
    "trustee_fee": "Fee of the trustee a month",
    "trustee_income_share": "Share of the income for the trustee",
    "maximum_disbursement": "The most that one loan may take",
    "reserve_floor": "What stays at the trustee at least",
    "statement_due_day": "Day of the month by which the statement comes",
    "withdrawal_signatures": "Who signs withdrawals",
    "capacity/share": "Most of what is left over that an instalment takes",
    "from_amount": "From a credit of",
    "kind": "Kind",
    "times": "Loans one woman may stand for",
    "product": "Kind of credit",
    "coverage": "From which amount, how much of it is covered",
    "weight": "Weight",
    "bands": "Band",
    "points": "Points",
    "tranches": "Most parts it is paid out in",
    "own_share": "Of her own, at least",
    "largest_first": "The first part, at most",
    "parts": "Fewest parts",
    "return_months": "Months until it has come back",
}
ROUNDINGS = {
    "ROUND_HALF_EVEN": "To the nearest, half to even",
    "ROUND_HALF_UP": "To the nearest, half up",
    "ROUND_DOWN": "Always down",
    "ROUND_UP": "Always up",
}
SHIFTS = {
    "none": "They stay",
    "next": "They move to the next business day",
    "previous": "They move to the business day before",
}
FEES_PAID = {
    "at_disbursement": "Kept back when the money is handed over",
    "first_instalment": "With the first instalment",
}
UNITS = {"days": "Days", "weeks": "Weeks", "months": "Months"}
BASES = {"capital": "The fund's own capital", "portfolio": "What is lent, promised and given"}
ELIGIBILITY = {
    "active": "Active in the inventory",
    "consent_credit": "Her owner consents to her data being used for a credit",
    "validated": "Her record is verified",
    "no_loan_in_force": "Without a loan in force",
    "no_arrears": "With nothing overdue on any loan",
    "has_owner": "With an owner on record",
}
COMPONENTS = {"penalty": "Late charges", "fee": "Fees", "interest": "Interest", "principal": "Principal"}
_FIELDS: Mapping[str, Any] = {**PAPERS, **GUARANTEES, **STATES, **LABELS}
"""What a field is called; some are called after what they count: a stage, a guarantee."""
_LISTS = frozenset({"items", "levels", "rows", "shares", "quorum", "criteria", "choices", "products", "days", "counts"})
"""Steps of a path that say nothing to a reader: the parts in them go by their own names."""
_UNTOLD = frozenset({"name", "source", "code"})
"""Lines that are not told by themselves: the name and the source head their part, a code is for files and commands."""
_MONEY = {
    ("file", "from_amount"),
    *(("seed", name) for name in ("minimum", "maximum")),
    *(("products", name) for name in ("minimum", "maximum", "multiple", "amount")),
    ("late_charge", "fixed"),
    ("competence", "up_to"),
    ("concentration", "floor"),
    *(("letter", name) for name in ("trustee_fee", "maximum_disbursement", "reserve_floor")),
}
_PERCENT = {
    ("capacity", "share"),
    *(("guarantees", kind) for kind in GUARANTEES),
    *(("seed", name) for name in ("own_share", "largest_first")),
    ("products", "annual_rate"),
    ("products", "share"),
    ("late_charge", "annual_rate"),
    ("late_charge", "cap"),
    ("income_shares", "percent"),
    ("provisioning", "percent"),
    *(("concentration", name) for name in ("borrower", "chain", "municipality")),
    ("letter", "trustee_income_share"),
}
_DAYS = {("holidays", "days"), ("products", "calendar")}
_WORDS: Mapping[str, Mapping[str, Any]] = {
    "method": METHODS,
    "day_count": DAY_COUNTS,
    "rounding": ROUNDINGS,
    "unit": UNITS,
    "shift": SHIFTS,
    "majority": MAJORITIES,
    "constituencies": CONSTITUENCIES,
    "choices": CHOICES,
    "of": BASES,
    "period": PERIODS,
    "purposes": PURPOSES,
    "eligibility": ELIGIBILITY,
    "paid": FEES_PAID,
    "allocation_order": COMPONENTS,
    "kind": {**PAPERS, **SEED_KINDS},
}


def section_of(path: str) -> str:
    """The section that a line belongs to, in the reader's language."""
    return said(SECTIONS, path.split("/")[1])


def label_of(path: str) -> str:
    """What a line is called: the part it belongs to (a product, a level) and the field."""
    part, field = _place(path, {})
    return f"{part}: {field}" if part else field


def value_of(path: str, value: Any, currency: str) -> str:
    """What a line says, as people read it."""
    _empty, section, *rest = path.split("/")
    field = rest[-1] if rest else section
    if value is None or value == []:
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if (section, field) in _MONEY and isinstance(value, int):
        return money(Money(value, currency))
    if (section, field) in _PERCENT:
        return f"{value} %"
    if isinstance(value, list):
        days = (section, field) in _DAYS
        words: Callable[[Any], str] = (
            written_day if days else partial(_covered, currency) if field == "coverage" else partial(_word, field)
        )
        return ", ".join(map(words, value))
    return _word(field, value)


def written_day(day: Any) -> str:
    """A day of the parameters as people write it: `24/12` of every year, `05/08/2027` once; another text as it is."""
    found = re.fullmatch(r"([0-9]{4}-)?([0-9]{2})-([0-9]{2})", str(day))
    return "/".join(reversed(str(day).split("-"))) if found else str(day)


def shown(lines: list[dict[str, Any]], currency: str) -> list[dict[str, Any]]:
    """Lines by section, and in it by part (a product, a level), each with its label, its value in words and since when
    it stands. A part goes by its name where it has one; the source stands once for its section, which carries it.
    """
    sections: dict[str, dict[str, Any]] = {}
    names = {line["path"].rpartition("/")[0]: line["value"] for line in lines if line["path"].endswith("/name")}
    for line in lines:
        name = line["path"].split("/")[1]
        if name == "sources":
            continue
        section = sections.setdefault(name, {"title": said(SECTIONS, name), "source": line["source"], "parts": {}})
        part, field = _place(line["path"], names)
        found = section["parts"].setdefault(part, {"title": part, "lines": []})
        last = line["path"].split("/")[-1]
        if last not in _UNTOLD:
            value = value_of(line["path"], line["value"], currency)
            found["lines"].append({"label": field, "value": value, "since": line["since"]})
    return [{**section, "parts": list(section["parts"].values())} for section in sections.values()]


def compared(changes: list[dict[str, Any]], currency: str) -> list[dict[str, str]]:
    """Changes in words: where, before, after."""
    return [
        {
            "section": section_of(one["path"]),
            "label": label_of(one["path"]),
            "before": value_of(one["path"], one["before"], currency),
            "after": value_of(one["path"], one["after"], currency),
        }
        for one in changes
    ]


def _place(path: str, names: Mapping[str, str]) -> tuple[str, str]:
    """The part of its section that a line belongs to (by its name where `names` has it for the path) and what its field
    is called.
    """
    _empty, section, *rest = path.split("/")
    if not rest:
        return "", said(SECTIONS, section)
    if section == "sources":
        return "", said(SECTIONS, rest[0])
    *parts, field = rest
    at = f"/{section}"
    told: list[str] = []
    for part in parts:
        at = f"{at}/{part}"
        if part not in _LISTS:
            number = f"{_('No.')} {part}" if part.isdigit() and not told else said(LABELS, part)
            told.append(names.get(at) or number)
    own = f"{section}/{field}"
    return ": ".join(told), said(_FIELDS, own if own in _FIELDS else field)


def _covered(currency: str, step: list[int]) -> str:
    """From an amount on, how much of it: `L50,000.00: 100 %`."""
    return f"{money(Money(step[0], currency))}: {step[1]} %"


def _word(field: str, value: Any) -> str:
    words = _WORDS.get(field)
    return said(words, value) if words is not None and isinstance(value, str) else str(value)
