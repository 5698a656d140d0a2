"""Applications as lists and as a file."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session, aliased

from services.credit.models import (
    AgendaItem,
    AgreementLetter,
    Application,
    Assent,
    CommitteeSession,
    Condition,
    CopyMerged,
    CreditRegulations,
    Loan,
    Resolution,
    Suspension,
    TrustFund,
    regulations_in_force,
)
from services.credit.models.applications import UNDECIDED
from services.credit.queries import appraisals, assents, changes
from services.credit.queries.concentration import warnings
from services.credit.queries.eligibility import of_application
from services.credit.queries.files import held
from services.credit.rules.restructuring import LENDING
from services.credit.tables import known_reasons
from services.credit.use_cases.find import in_view
from shared import history
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Money, clock
from shared.web import Page, keyset_page

COLUMNS = (
    Application.id,
    Application.number,
    Application.kind,
    Application.loan_id,
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
    Application.stage_since,
    Application.approved_amount,
    Application.committed,
    Application.version,
)


def listed(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The applications of the caller's territory, newest first."""
    statement = (
        select(*COLUMNS, TrustFund.currency, TrustFund.code.label("fund"), TrustFund.kind.label("fund_kind"))
        .join(TrustFund, TrustFund.id == Application.fund_id)
        .where(in_view(caller), *conditions(filters))
    )
    page = keyset_page(session, statement, keys=[Application.id.expression], limit=limit, after=after, descending=True)
    return Page([row_of(row) for row in page.rows], page.next)


def counts(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How many applications stand at each stage, and what they ask for, by fund's currency; what only changes a running
    loan asks for nothing.
    """
    query = (
        select(standing().label("standing"), TrustFund.currency, func.count(), func.sum(lent()))
        .join(TrustFund, TrustFund.id == Application.fund_id)
        .where(in_view(caller), *conditions(filters))
        .group_by("standing", TrustFund.currency)
        .order_by("standing", TrustFund.currency)
    )
    return [
        {"state": state, "count": count, "amount": Money(int(amount), currency)}
        for state, currency, count, amount in session.execute(query)
    ]


def lent() -> ColumnElement[int]:
    """What an application asks for, in cents; what only changes a running loan asks for nothing."""
    return case((Application.kind.in_(LENDING), Application.amount), else_=0)


def detail(session: Session, application: Application) -> dict[str, Any]:
    """The whole file of one application."""
    fund = session.get_one(TrustFund, application.fund_id)
    product = application.edition.product(application.product)
    made = select(Loan.id, Loan.number).where(Loan.application_id == application.id)
    changed = select(Loan.id, Loan.number).where(Loan.id == application.loan_id)
    loan = session.execute(made).one_or_none() or session.execute(changed).one_or_none()
    row = {column.key: getattr(application, column.key) for column in COLUMNS}
    return {
        **row_of({**row, "currency": fund.currency, "fund": fund.code}),
        "fund_kind": fund.kind,
        "project": application.project,
        "product_name": product.name,
        "annual_rate": str(product.annual_rate),
        "edition": application.edition.edition,
        "appraisals": [appraisals.shown(fund, application.product, appraisal) for appraisal in application.appraisals],
        "sessions": _sessions(session, application.id),
        "resolutions": resolutions(session, [application.id]),
        "loan": {"id": loan.id, "number": loan.number} if loan else None,
        "timeline": [{"at": entry["at"], "action": entry["action"]} for entry in history.of(session, application.id)],
        **of_application(session, fund, application),
        **held(session, application),
        "concentration": _beyond(session, fund, application),
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
        "fund_kind": fund.kind,
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
        "kind": application.kind,
        "change": changes.told(fund, session.get_one(AgendaItem, resolution.item_id).appraisal.change),
        "tranches": product.tranches if application.kind == "loan" else 1,
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
    holds = application.state in {"approved", "disbursed", "carried_out"}
    return {
        "terms": [condition(row) for row in session.scalars(terms)] if holds else [],
        "approved_until": application.approved_until if holds else None,
        "expired": application.expired(clock.today()),
        "assent": assents.of_application(session, application) if holds else None,
    }


def _beyond(session: Session, fund: TrustFund, application: Application) -> list[dict[str, Any]]:
    """The limits of concentration that an approval of what was recommended last, or else asked, would go beyond."""
    if application.state not in UNDECIDED or application.kind not in LENDING:
        return []
    limits = regulations_in_force(session, fund.id, clock.today()).read().concentration
    amount = application.appraisals[-1].amount if application.appraisals else application.amount
    return warnings(session, fund, limits, application, amount)


def condition(row: Condition) -> dict[str, Any]:
    """A condition of a resolution, and whether it is met."""
    names = ("id", "position", "text", "due_on", "verifier", "state", "note", "met_at", "met_by_name")
    return {**{name: getattr(row, name) for name in names}, "evidence": row.evidence_file_id is not None}


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
            Resolution.level,
            Resolution.assents_needed,
            Resolution.exceptions,
            Resolution.exception_reason,
            AgreementLetter.edition.label("agreement"),
        )
        .join(TrustFund, TrustFund.id == Resolution.fund_id)
        .join(decided_under, Resolution.decided_under)
        .join(lent_under, Resolution.lent_under)
        .outerjoin(AgreementLetter, Resolution.agreement)
        .where(Resolution.application_id.in_(application_ids))
        .order_by(Resolution.id)
    )
    return [
        {
            **row,
            "amount": Money(row["amount"], row["currency"]),
            **_reason(session, row),
        }
        for row in session.execute(query).mappings()
    ]


def _reason(session: Session, row: RowMapping) -> dict[str, str | None]:
    """The words for the reason of a resolution."""
    own = session.get_one(CreditRegulations, row["regulations_id"]).read().reasons
    found = known_reasons(own, row["decided_at"].astimezone(LOCAL_TIME).date()).called(row["reason_code"])
    return {"reason": found.name if found else None, "reason_english": found.english if found else None}


def conditions(filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """What the filters of a list ask of an application."""
    found: list[ColumnElement[bool]] = []
    if states := filters.get("state"):
        found.append(standing().in_(states))
    if fund_id := filters.get("fund"):
        found.append(Application.fund_id == fund_id)
    if enterprise_id := filters.get("enterprise"):
        found.append(CopyMerged.same_as(Application.enterprise_id, enterprise_id))
    if unit := filters.get("municipality"):
        found.append(Application.municipality.startswith(unit, autoescape=True))
    if filters.get("promised"):
        holds = Application.approved_until.is_(None) | (Application.approved_until >= clock.today())
        found.append(Application.state.in_(("approved", "disbursed")) & (Application.committed > 0) & holds)
    if kinds := filters.get("kind"):
        found.append(Application.kind.in_(kinds))
    if filters.get("conditions") == "open":
        found.append(_asked_still())
    if filters.get("conditions") == "assent":
        found.append(_assent_waits())
    if text := filters.get("number"):
        found.append(func.lower(Application.number).contains(text.lower(), autoescape=True))
    return found


def _asked_still() -> ColumnElement[bool]:
    """Whether an application waits to be paid out and a condition of its last approval is open."""
    later = aliased(Resolution)
    newer = select(later.id).where(later.application_id == Resolution.application_id, later.id > Resolution.id)
    terms = (
        select(Condition.id)
        .join(Resolution, Resolution.item_id == Condition.item_id)
        .where(Resolution.application_id == Application.id, Condition.state == "open", ~newer.exists())
    )
    return (standing() == "approved") & terms.exists()


def _assent_waits() -> ColumnElement[bool]:
    """Whether its last approval waits for the assent of the Trust Fund Committee."""
    later = aliased(Resolution)
    newer = select(later.id).where(later.application_id == Resolution.application_id, later.id > Resolution.id)
    given = select(func.count()).where(Assent.resolution_id == Resolution.id, Assent.gives).scalar_subquery()
    needing = select(Resolution.id).where(
        Resolution.application_id == Application.id, Resolution.assents_needed > given, ~newer.exists()
    )
    return (standing() == "approved") & needing.exists()


def standing() -> ColumnElement[str]:
    """The state of an application as of today: an approval that expired is over (`Application.standing`)."""
    expired = (Application.state == "approved") & (Application.approved_until < clock.today())
    return case((expired, "lapsed"), else_=Application.state)


def row_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """An application of a list, with how long it has waited in all and at its stage, in days."""
    currency, until = row["currency"], row["approved_until"]
    expired = row["state"] == "approved" and until is not None and until < clock.today()
    since = until + timedelta(days=1) if expired else row["stage_since"]
    return {
        **row,
        "state": "lapsed" if expired else row["state"],
        "amount": Money(row["amount"], currency),
        "approved_amount": Money(row["approved_amount"], currency),
        "committed": Money(0 if expired else row["committed"], currency),
        "days_waiting": (clock.today() - row["submitted_on"]).days,
        "stage_since": since,
        "days_in_stage": (clock.today() - since).days,
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
