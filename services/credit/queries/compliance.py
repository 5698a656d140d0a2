"""Each rule of the regulations, checked against what happened in a month: loans, tranches, changes of running loans and
awards of seed capital.

The checks (`checks`) trust no state that the use cases keep, and call none of their guards: they count the votes,
seats, days and cents once more. Each section of the regulations has at least one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from services.credit.models import RefusedAttempt, TrustFund
from services.credit.queries.checks import acts, changes, committee, files, instruments, money
from services.credit.queries.checks.month import Found, Month
from services.credit.queries.concentration import largest
from services.credit.rules.regulations import source_of

STATES = ("kept", "broken", "nothing")
DATED, LAST_CLOSE, NOW, CHARGES = "what_has_a_date", "last_close", "as_things_stand", "without_charges"
NOTES = (DATED, LAST_CLOSE, NOW, CHARGES)
"""What a check cannot see afterwards, or of which day it speaks: it is said beside its result."""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule, the section of the regulations that sets it (none: it is the service's own), how it is checked, and what
    of it cannot be checked afterwards.
    """

    code: str
    section: str | None
    run: Callable[[Month], Found]
    note: str = ""


CHECKS = (
    Check("notice", "notice", committee.notice),
    Check("quorum", "quorum", committee.quorum),
    Check("conflicts", "conflicts", committee.conflicts),
    Check("mandates", "mandates", committee.mandates),
    Check("one_vote", "quorum", committee.one_vote),
    Check("majority", "quorum", committee.majority),
    Check("reasons", "reasons", committee.reasons),
    Check("exceptions", None, committee.exceptions),
    Check("numbering", None, committee.numbering),
    Check("minutes", None, committee.minutes),
    Check("eligibility", "eligibility", files.eligibility, DATED),
    Check("purposes", "purposes", files.purposes),
    Check("file", "file", files.papers),
    Check("capacity", "capacity", files.capacity),
    Check("scorecard", "scorecard", files.scorecard),
    Check("guarantees", "guarantees", files.guarantees),
    Check("groups", "groups", files.groups),
    Check("pipeline", "pipeline", files.pipeline, NOW),
    Check("resolution", None, acts.resolution),
    Check("limits", "products", acts.limits),
    Check("rest_days", "holidays", acts.rest_days),
    Check("seed", "seed", acts.seed),
    Check("restructuring", "restructuring", changes.restructuring),
    Check("segregation", None, acts.segregation),
    Check("conditions", None, acts.conditions),
    Check("expiry", "approvals", acts.expiry),
    Check("suspension", None, acts.suspension),
    Check("funds", None, instruments.funds, NOW),
    Check("repayments", None, money.repayments),
    Check("allocation", "allocation_order", money.allocation, CHARGES),
    Check("advance", "payment_in_advance", money.advance),
    Check("late_charge", "late_charge", money.late_charge, LAST_CLOSE),
    Check("provisioning", "provisioning", money.provisioning, LAST_CLOSE),
    Check("income", "income_shares", money.income),
    Check("books", None, money.books, NOW),
    Check("sources", "sources", instruments.sources),
    Check("agreement", "agreement", instruments.agreement),
    Check("trustee", None, instruments.trustee),
    Check("competence", "competence", instruments.competence),
    Check("concentration", "concentration", instruments.concentration, NOW),
)


def report(session: Session, fund: TrustFund, month: date) -> dict[str, Any]:
    """Every check of a month with what it examined and found, the attempts that were refused, and how concentrated the
    portfolio is now.
    """
    happened = Month(session, fund, month)
    return {
        "fund_id": fund.id,
        "month": happened.first,
        "until": happened.until,
        "checks": [_checked(happened, check) for check in CHECKS],
        "attempts": [_attempt(one) for one in happened.attempts],
        "concentration": largest(session, fund),
        "edition": _cited(happened),
    }


def _attempt(row: RefusedAttempt) -> dict[str, Any]:
    """An attempt by the account that made it: whose it is, who may read accounts finds out."""
    return {name: getattr(row, name) for name in ("code", "subject", "record", "times", "first_at", "last_at")}


def _checked(month: Month, check: Check) -> dict[str, Any]:
    examined, findings = check.run(month)
    found = [{"record": record, "what": what} for record, what in dict.fromkeys(findings)]
    return {
        "rule": check.code,
        "state": "broken" if found else "kept" if examined else "nothing",
        "examined": examined,
        "source": _source(month, check.section),
        "note": check.note,
        "findings": found,
    }


def _source(month: Month, section: str | None) -> str:
    """Where the rule stands: what the edition in force at the end of the month says of it; nothing where it is silent,
    and the rule is the service's own.
    """
    edition = month.in_force(month.until)
    if section is None or edition is None or section not in edition.parameters:
        return ""
    own = source_of(edition.parameters, section)
    return f"{_cited(month)}: {own}" if own else _cited(month)


def _cited(month: Month) -> str:
    """The edition in force at the end of the month, as it is cited; nothing where none was."""
    edition = month.in_force(month.until)
    return f"{edition.title}, {edition.edition}" if edition else ""
