"""The terms of a loan as its file keeps them: texts and whole numbers, and the terms again that were written there."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.credit.rules.business_days import NO_HOLIDAYS, BusinessDays, Holidays
from services.credit.rules.terms import Terms, add_months, planned_dates

_PLAIN = ("method", "engine", "day_count", "interest_period", "every", "unit", "multiple", "rounding", "instalments")
_GRACES = {
    "grace": "grace_principal",
    "grace_interest_payment": "grace_interest_payment",
    "grace_interest": "grace_interest",
}
DAYS_A_MONTH = 30

Known = Callable[[date, str], Holidays]
"""The holidays of a country as a reference table since a day has them."""


def written(terms: Terms) -> dict[str, Any]:
    """The terms as the loan keeps them; what does not hold for it is left out, but for the grace on principal."""
    kept: dict[str, Any] = {"annual_rate": str(terms.annual_rate)}
    kept |= {name: getattr(terms, name) for name in _PLAIN}
    kept["grace"] = terms.grace_principal
    kept |= {name: value for name, field in _GRACES.items() if (value := getattr(terms, field))}
    if terms.fee:
        kept["fee"] = {"amount": terms.fee, "paid": terms.fee_paid}
    if terms.first_due:
        kept["first_due"] = terms.first_due.isoformat()
    if terms.calendar:
        kept["calendar"] = [day.isoformat() for day in terms.calendar]
    if terms.shares:
        kept["shares"] = [str(share) for share in terms.shares]
    if terms.business_days.shift != "none":
        kept |= _written_days(terms.business_days)
    return kept


def _written_days(days: BusinessDays) -> dict[str, Any]:
    holidays = days.holidays
    table = {"country": holidays.country, "since": holidays.since.isoformat()} if holidays.kept else None
    kept = {"shift": days.shift, "rest": list(days.rest), "holidays": table}
    return kept | ({"closed": list(holidays.own)} if holidays.own else {})


def read(kept: Mapping[str, Any], principal: int, start: date, known: Known) -> Terms:
    """The terms that `written` made this of, with what the loan keeps beside them."""
    first_due, fee = kept.get("first_due"), kept.get("fee", {"amount": 0, "paid": "at_disbursement"})
    return Terms(
        principal=principal,
        annual_rate=Decimal(kept["annual_rate"]),
        start=start,
        first_due=date.fromisoformat(first_due) if first_due else None,
        calendar=tuple(date.fromisoformat(day) for day in kept.get("calendar", ())),
        shares=tuple(Decimal(share) for share in kept.get("shares", ())),
        business_days=_read_days(kept, known),
        fee=fee["amount"],
        fee_paid=fee["paid"],
        **{name: kept[name] for name in _PLAIN},
        **{field: kept.get(name, 0) for name, field in _GRACES.items()},
    )


def _read_days(kept: Mapping[str, Any], known: Known) -> BusinessDays:
    if "shift" not in kept:
        return BusinessDays()
    table = kept["holidays"]
    holidays = known(date.fromisoformat(table["since"]), table["country"]) if table else NO_HOLIDAYS
    return BusinessDays(kept["shift"], tuple(kept["rest"]), replace(holidays, own=tuple(kept.get("closed", ()))))


def term_months(terms: Terms) -> int:
    """The length of the loan in months, a begun month counting whole."""
    if terms.calendar or terms.first_due:
        last, months = planned_dates(terms)[-1], 1
        while add_months(terms.start, months) < last:
            months += 1
        return months
    if terms.unit == "months":
        return terms.instalments * terms.every
    days = terms.instalments * terms.every * (7 if terms.unit == "weeks" else 1)
    return -(-days // DAYS_A_MONTH)
