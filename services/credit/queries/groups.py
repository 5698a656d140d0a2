"""Groups and how their members stand."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import Application, CreditGroup, GroupMember, Loan, TrustFund, regulations_in_force
from services.credit.models.groups import OUT, PAYABLE
from services.credit.queries.loans import overdue_of
from services.credit.use_cases.find import in_view, told_of
from shared.identity import Caller
from shared.kernel import Money, clock
from shared.web import Page, keyset_page


def listed(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The groups that have a member whose application the caller is told of, newest first."""
    members = select(GroupMember.application_id).where(GroupMember.group_id == CreditGroup.id)
    seen = members.join(Application).where(in_view(caller))
    conditions = [seen.exists()]
    if fund_id := filters.get("fund"):
        conditions.append(CreditGroup.fund_id == fund_id)
    if application_id := filters.get("application"):
        conditions.append(seen.where(GroupMember.application_id == application_id).exists())
    count = select(func.count()).select_from(GroupMember).where(GroupMember.group_id == CreditGroup.id)
    columns = ("id", "number", "name", "fund_id", "formed_on")
    statement = (
        select(
            *(getattr(CreditGroup, name).label(name) for name in columns),
            TrustFund.code.label("fund"),
            count.scalar_subquery().label("size"),
        )
        .join(TrustFund, TrustFund.id == CreditGroup.fund_id)
        .where(*conditions)
    )
    return keyset_page(session, statement, keys=[CreditGroup.id.expression], limit=limit, after=after, descending=True)


def detail(session: Session, caller: Caller, group: CreditGroup) -> dict[str, Any]:
    """One group with each member's application and loan and what of it is late today. Of a member whose application the
    caller is not told of she learns where it stands, not who it is.
    """
    fund = session.get_one(TrustFund, group.fund_id)
    rules = regulations_in_force(session, fund.id, clock.today()).read().groups
    seen = told_of(session, caller, [one.id for one in group.applications])
    members = [_member(session, one, fund.currency, mine=one.id in seen) for one in group.applications]
    names = ("id", "number", "name", "fund_id", "formed_on", "formed_by_name")
    return {
        **{name: getattr(group, name) for name in names},
        "fund": fund.name,
        "size": len(members),
        "minimum": rules.minimum,
        "maximum": rules.maximum,
        "members": members,
        "out": [one["number"] for one in members if one["state"] in OUT],
        "ready": len(members) >= rules.minimum and all(one["state"] in PAYABLE for one in members),
        "late": sum(1 for one in members if one["days_overdue"]),
    }


def _member(session: Session, application: Application, currency: str, *, mine: bool) -> dict[str, Any]:
    loan = session.scalar(select(Loan).where(Loan.application_id == application.id))
    overdue, oldest = overdue_of(session, loan) if loan else (0, None)
    return {
        "application_id": application.id if mine else None,
        "enterprise_id": application.enterprise_id if mine else None,
        "number": application.number,
        "state": application.standing(clock.today()),
        "amount": Money(application.approved_amount or application.amount, currency),
        "loan_id": loan.id if loan and mine else None,
        "loan": loan.number if loan else None,
        "loan_state": loan.state if loan else None,
        "outstanding": Money(loan.outstanding, currency) if loan else None,
        "overdue": Money(overdue, currency) if loan else None,
        "days_overdue": (clock.today() - oldest).days if oldest else 0,
    }
