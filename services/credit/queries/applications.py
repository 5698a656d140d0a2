"""Applications as lists and as a file."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, aliased

from services.credit.models import (
    AgendaItem,
    Application,
    Appraisal,
    CommitteeSession,
    Condition,
    CopyEnterprise,
    CopyMerged,
    CreditRegulations,
    Loan,
    Resolution,
    Suspension,
    TrustFund,
    regulations_in_force,
)
from services.credit.queries.funds import costs
from services.credit.rules.cost import cost
from services.credit.rules.eligibility import payment_capacity
from services.credit.rules.schedules import schedule
from services.credit.tables import holidays_on
from shared import history
from shared.identity import Caller
from shared.kernel import Money, clock
from shared.web import Page, keyset_page

_COLUMNS = (
    Application.id,
    Application.number,
    Application.fund_id,
    Application.enterprise_id,
    Application.municipality,
    Application.chain,
    Application.product,
    Application.purpose,
    Application.amount,
    Application.instalments,
    Application.grace,
    Application.state,
    Application.approved_until,
    Application.submitted_on,
    Application.submitted_by_name,
    Application.approved_amount,
    Application.version,
)


def listed(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The applications of the caller's territory, newest first."""
    statement = (
        select(*_COLUMNS, TrustFund.currency, TrustFund.code.label("fund"))
        .join(TrustFund, TrustFund.id == Application.fund_id)
        .where(caller.scope.condition(Application.municipality), *_conditions(filters))
    )
    page = keyset_page(session, statement, keys=[Application.id.expression], limit=limit, after=after, descending=True)
    return Page([_row(row) for row in page.rows], page.next)


def counts(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How many applications stand at each stage, and what they ask for, by fund's currency."""
    query = (
        select(_standing().label("standing"), TrustFund.currency, func.count(), func.sum(Application.amount))
        .join(TrustFund, TrustFund.id == Application.fund_id)
        .where(caller.scope.condition(Application.municipality), *_conditions(filters))
        .group_by("standing", TrustFund.currency)
        .order_by("standing", TrustFund.currency)
    )
    return [
        {"state": state, "count": count, "amount": Money(int(amount), currency)}
        for state, currency, count, amount in session.execute(query)
    ]


def detail(session: Session, application: Application) -> dict[str, Any]:
    """The whole file of one application."""
    fund = session.get_one(TrustFund, application.fund_id)
    product = application.edition.product(application.product)
    loan = session.execute(select(Loan.id, Loan.number).where(Loan.application_id == application.id)).one_or_none()
    row = {column.key: getattr(application, column.key) for column in _COLUMNS}
    return {
        **_row({**row, "currency": fund.currency, "fund": fund.code}),
        "project": application.project,
        "product_name": product.name,
        "annual_rate": str(product.annual_rate),
        "edition": application.edition.edition,
        "appraisals": [_appraisal(fund, application.product, appraisal) for appraisal in application.appraisals],
        "sessions": _sessions(session, application.id),
        "resolutions": resolutions(session, [application.id]),
        "loan": {"id": loan.id, "number": loan.number} if loan else None,
        "timeline": [{"at": entry["at"], "action": entry["action"]} for entry in history.of(session, application.id)],
        "failed_rules": _failed(session, application),
        **_still_asked(session, application),
    }


def approval(session: Session, application: Application, resolution: Resolution) -> dict[str, Any]:
    """What who pays out needs to know: the resolution and its conditions, nothing of what was found on site."""
    fund = session.get_one(TrustFund, application.fund_id)
    product = resolution.lent_under.product(application.product)
    plain = ("id", "number", "fund_id", "enterprise_id", "municipality", "purpose", "state")
    return {
        **{name: getattr(application, name) for name in plain},
        "fund": fund.name,
        "trustee": fund.trustee,
        "resolution": resolution.number,
        "decided_at": resolution.decided_at,
        "amount": fund.money(resolution.amount),
        "instalments": resolution.instalments,
        "grace": resolution.grace,
        "conditions": resolution.conditions,
        "product_name": product.name,
        "annual_rate": str(product.annual_rate),
        "method": product.method,
        "longest_first_period": product.longest_first_period,
        **_still_asked(session, application),
        "suspended": Suspension.of(session, fund) is not None,
    }


def _still_asked(session: Session, application: Application) -> dict[str, Any]:
    """What the last approval asks for, and how long it holds."""
    approved = select(Resolution.item_id).where(
        Resolution.application_id == application.id, Resolution.outcome == "approved"
    )
    last = approved.order_by(Resolution.id.desc()).limit(1)
    terms = select(Condition).where(Condition.item_id == session.scalar(last)).order_by(Condition.position)
    holds = application.state in {"approved", "disbursed"}
    return {
        "terms": [condition(row) for row in session.scalars(terms)] if holds else [],
        "approved_until": application.approved_until if holds else None,
        "expired": application.expired(clock.today()),
    }


def condition(row: Condition) -> dict[str, Any]:
    """A condition of a resolution, and whether it is met."""
    names = ("id", "position", "text", "due_on", "verifier", "state", "note", "met_at", "met_by_name")
    return {**{name: getattr(row, name) for name in names}, "evidence": row.evidence_file_id is not None}


def eligibility(session: Session, fund: TrustFund, enterprise: CopyEnterprise) -> dict[str, Any]:
    """Whether the fund may lend to an enterprise today, each rule that fails named."""
    rules = regulations_in_force(session, fund.id, clock.today()).read()
    failed = list(enterprise.failed_rules(session, rules.eligibility))
    if not fund.covers(enterprise.municipality):
        failed.append("territory")
    return {
        "enterprise_id": enterprise.enterprise_id,
        "municipality": enterprise.municipality,
        "chain": enterprise.chain,
        "eligible": not failed,
        "failed_rules": failed,
    }


def resolutions(session: Session, application_ids: list[UUID]) -> list[dict[str, Any]]:
    """The resolutions on some applications, oldest first, each with the editions it cites."""
    decided_under, lent_under = aliased(CreditRegulations), aliased(CreditRegulations)
    query = (
        select(
            Resolution.id,
            Resolution.number,
            Resolution.session_id,
            Resolution.application_id,
            Resolution.outcome,
            Resolution.amount,
            Resolution.instalments,
            Resolution.grace,
            Resolution.conditions,
            Resolution.tally,
            Resolution.decided_at,
            Resolution.reason_code,
            Resolution.expires_on,
            Resolution.regulations_id,
            TrustFund.currency,
            decided_under.edition.label("decided_under"),
            lent_under.edition.label("lent_under"),
        )
        .join(TrustFund, TrustFund.id == Resolution.fund_id)
        .join(decided_under, Resolution.decided_under)
        .join(lent_under, Resolution.lent_under)
        .where(Resolution.application_id.in_(application_ids))
        .order_by(Resolution.id)
    )
    return [
        {
            **row,
            "amount": Money(row["amount"], row["currency"]),
            "reason": _reason(session, row["reason_code"], row["regulations_id"]),
        }
        for row in session.execute(query).mappings()
    ]


def _reason(session: Session, code: str | None, regulations_id: UUID) -> str | None:
    """The words that the regulations have for the reason of a resolution."""
    return session.get_one(CreditRegulations, regulations_id).read().reasons.name(code) if code else None


def _conditions(filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if states := filters.get("state"):
        found.append(_standing().in_(states))
    if fund_id := filters.get("fund"):
        found.append(Application.fund_id == fund_id)
    if enterprise_id := filters.get("enterprise"):
        found.append(CopyMerged.same_as(Application.enterprise_id, enterprise_id))
    if unit := filters.get("municipality"):
        found.append(Application.municipality.startswith(unit, autoescape=True))
    if filters.get("conditions") == "open":
        found.append(_asked_still())
    if text := filters.get("number"):
        found.append(func.lower(Application.number).contains(text.lower(), autoescape=True))
    return found


def _asked_still() -> ColumnElement[bool]:
    """Whether an application waits to be paid out and a condition of its last approval is open."""
    later = aliased(Resolution)
    newer = select(later.id).where(later.application_id == Resolution.application_id, later.id > Resolution.id)
    conditions = (
        select(Condition.id)
        .join(Resolution, Resolution.item_id == Condition.item_id)
        .where(Resolution.application_id == Application.id, Condition.state == "open", ~newer.exists())
    )
    return (_standing() == "approved") & conditions.exists()


def _standing() -> ColumnElement[str]:
    """The state of an application as of today: an approval that expired is over (`Application.standing`)."""
    expired = (Application.state == "approved") & (Application.approved_until < clock.today())
    return case((expired, "lapsed"), else_=Application.state)


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    currency, until = row["currency"], row["approved_until"]
    expired = row["state"] == "approved" and until is not None and until < clock.today()
    return {
        **row,
        "state": "lapsed" if expired else row["state"],
        "amount": Money(row["amount"], currency),
        "approved_amount": Money(row["approved_amount"], currency),
        "days_waiting": (clock.today() - row["submitted_on"]).days,
    }


def _appraisal(fund: TrustFund, product: str, row: Appraisal) -> dict[str, Any]:
    holidays = holidays_on(row.appraised_on, fund.units[0])
    terms = row.edition.product(product).terms(
        row.amount, row.instalments, row.appraised_on, row.grace, holidays=holidays
    )
    monthly = schedule(terms)
    highest = max(instalment.payment for instalment in monthly)
    capacity = payment_capacity(row.monthly_income, row.monthly_expense, row.monthly_debts, highest)
    plain = (
        "id appraised_by_name appraised_on visited_on guarantees remarks assistance_needs recommendation instalments"
        " grace conditions"
    )
    amounts = ("monthly_income", "monthly_expense", "monthly_debts", "amount")
    return {
        **{name: getattr(row, name) for name in plain.split()},
        **{name: fund.money(getattr(row, name)) for name in amounts},
        "monthly_surplus": fund.money(capacity.monthly_surplus),
        "instalment": fund.money(highest),
        **costs(cost(terms, monthly), fund.currency),
        "share_of_surplus": capacity.share_of_surplus,
        "enough": capacity.enough,
    }


def _sessions(session: Session, application_id: UUID) -> list[dict[str, Any]]:
    query = (
        select(
            CommitteeSession.id,
            CommitteeSession.number,
            CommitteeSession.scheduled_for,
            CommitteeSession.state,
            AgendaItem.state.label("item_state"),
        )
        .join(AgendaItem, AgendaItem.session_id == CommitteeSession.id)
        .where(AgendaItem.application_id == application_id)
        .order_by(CommitteeSession.id)
    )
    return [dict(row) for row in session.execute(query).mappings()]


def _failed(session: Session, application: Application) -> list[str]:
    """What would stand against the enterprise were it to apply today; the loan of this very file is none of it."""
    enterprise = CopyEnterprise.standing(session, application.enterprise_id)
    if enterprise is None:
        return ["consent_credit"]
    rules = regulations_in_force(session, application.fund_id, clock.today()).read()
    failed = enterprise.failed_rules(session, rules.eligibility)
    return [rule for rule in failed if rule != "no_loan_in_force"]
