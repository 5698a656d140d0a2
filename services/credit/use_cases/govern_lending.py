"""The Trust Fund Committee observes, and suspends and resumes the lending of a fund."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import NotApart, Observation, Of, Suspension
from services.credit.use_cases import find
from shared import history
from shared.bus import log
from shared.events.credit import LendingResumed, LendingSuspended
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock


def suspend_lending(session: Session, caller: Caller, *, fund_id: UUID, reason: str) -> Suspension:
    """From now on nothing is approved and nothing paid out; refuses who does not sit on the Trust Fund Committee, and a
    fund that is suspended already.
    """
    fund = find.fund_to_govern(session, caller, fund_id)
    find.watcher(session, caller, fund)
    if Suspension.of(session, fund) is not None:
        raise Refused("fund.suspended_already", name=fund.name)
    suspension = Suspension(
        fund_id=fund.id,
        reason=_said(reason),
        suspended_at=clock.now(),
        suspended_by=caller.subject,
        suspended_by_name=caller.name,
    )
    session.add(suspension)
    session.flush()
    facts = {"reason": suspension.reason}
    history.record(session, caller, subject=fund.id, kind="fund", action="suspend_lending", after=facts)
    log.append(session, LendingSuspended(fund_id=fund.id, units=fund.units, suspended_on=clock.today()), fund.id)
    return suspension


def resume_lending(session: Session, caller: Caller, *, fund_id: UUID, reason: str) -> Suspension:
    """The fund lends again; refuses who does not sit on the Trust Fund Committee, who suspended it herself, and a fund
    that is not suspended.
    """
    fund = find.fund_to_govern(session, caller, fund_id)
    find.watcher(session, caller, fund)
    suspension = Suspension.of(session, fund)
    if suspension is None:
        raise Refused("fund.not_suspended", name=fund.name)
    if suspension.suspended_by == caller.subject:
        of = Of(suspension.id, fund.id, fund.code)
        raise NotApart("segregation.suspender_resumes", caller.subject, of, name=fund.name)
    suspension.resume(caller.subject, caller.name, _said(reason))
    session.flush()
    facts = {"reason": suspension.resumed_reason}
    history.record(session, caller, subject=fund.id, kind="fund", action="resume_lending", after=facts)
    log.append(session, LendingResumed(fund_id=fund.id, units=fund.units, resumed_on=clock.today()), fund.id)
    return suspension


def observe(
    session: Session, caller: Caller, *, fund_id: UUID, month: date, text: str, rule: str | None = None
) -> Observation:
    """A remark on a month of a fund, about one rule or about all; it must be answered. Refuses a month to come, and who
    does not sit on the Trust Fund Committee.
    """
    fund = find.fund_to_govern(session, caller, fund_id)
    find.watcher(session, caller, fund)
    if month.replace(day=1) > clock.today():
        raise Invalid("observation.month_to_come", pointer="/month")
    observation = Observation(
        fund_id=fund.id,
        month=month.replace(day=1),
        rule=rule,
        text=text,
        made_at=clock.now(),
        made_by=caller.subject,
        made_by_name=caller.name,
    )
    session.add(observation)
    session.flush()
    facts = {"observation": observation.id, "rule": rule}
    history.record(session, caller, subject=fund.id, kind="fund", action="observe", after=facts)
    return observation


def answer_observation(
    session: Session, caller: Caller, *, fund_id: UUID, observation_id: UUID, answer: str
) -> Observation:
    """What is answered to an observation, once."""
    fund = find.fund_to_govern(session, caller, fund_id)
    found = session.get(Observation, observation_id)
    if found is None or found.fund_id != fund.id:
        raise NotFound("observation.unknown")
    found.reply(caller.subject, caller.name, answer)
    session.flush()
    facts = {"observation": found.id}
    history.record(session, caller, subject=fund.id, kind="fund", action="answer_observation", after=facts)
    return found


def _said(reason: str) -> str:
    if not reason.strip():
        raise Invalid("fund.reason_needed", pointer="/reason")
    return reason.strip()
