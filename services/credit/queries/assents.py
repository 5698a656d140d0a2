"""What waits for the assent of the Trust Fund Committee, and what its members said."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Application, Resolution, TrustFund, assent_state, assents_of
from services.credit.use_cases.give_assent import may_say
from shared.identity import Caller
from shared.kernel import clock

STATES = ("not_needed", "waiting", "given", "denied")


def waiting(session: Session, fund: TrustFund, caller: Caller) -> list[dict[str, Any]]:
    """The approvals of a fund that need an assent and are neither paid out nor over."""
    query = (
        select(Application)
        .join(Resolution, Resolution.application_id == Application.id)
        .where(
            Application.fund_id == fund.id,
            Application.state == "approved",
            Resolution.outcome == "approved",
            Resolution.assents_needed > 0,
        )
        .order_by(Application.id)
    )
    found = [row for row in session.scalars(query).unique() if not row.expired(clock.today())]
    return [told(session, fund, row, caller) for row in found]


def told(session: Session, fund: TrustFund, application: Application, caller: Caller) -> dict[str, Any]:
    """One approval, the rules it is an exception to and why, what was said to it, and whether this caller may say
    something.
    """
    resolution = last_approval(session, application)
    assert resolution is not None
    said = assents_of(session, resolution)
    names = ("number", "enterprise_id", "municipality", "purpose", "project")
    return {
        "application_id": application.id,
        **{name: getattr(application, name) for name in names},
        "resolution": resolution.number,
        "decided_at": resolution.decided_at,
        "amount": fund.money(resolution.amount),
        "level": resolution.level,
        "needed": resolution.assents_needed,
        "state": assent_state(session, resolution),
        "may_say": may_say(session, caller, fund, application, resolution),
        "exceptions": [{"rule": rule, "hard": False, **facts} for rule, facts in (resolution.exceptions or {}).items()],
        "exception_reason": resolution.exception_reason,
        "said": [{name: getattr(one, name) for name in ("name", "gives", "reason", "said_at")} for one in said],
    }


def of_application(session: Session, application: Application) -> dict[str, Any] | None:
    """How the assent to the last approval of an application stands; None where none is needed."""
    resolution = last_approval(session, application)
    if resolution is None or not resolution.assents_needed:
        return None
    said = assents_of(session, resolution)
    return {
        "state": assent_state(session, resolution),
        "level": resolution.level,
        "needed": resolution.assents_needed,
        "said": [{name: getattr(one, name) for name in ("name", "gives", "said_at")} for one in said],
    }


def last_approval(session: Session, application: Application) -> Resolution | None:
    """The resolution that approved an application last."""
    approved = select(Resolution).where(Resolution.application_id == application.id, Resolution.outcome == "approved")
    return session.scalar(approved.order_by(Resolution.id.desc()).limit(1))
