"""An enterprise plans what it will do in six months, has the plan reviewed, and reports along the way."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import ActionPlan, CheckIn, Diagnosis, PlanReview
from services.training.models import diagnoses as models
from services.training.reference import csr
from services.training.rules import action_plans as rules
from services.training.use_cases.diagnose import locked_sme
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7

_TEXTS = ("mission", "vision", "communication")
_LISTS = ("values", "committee", "lines", "actions")


def begin_plan(session: Session, caller: Caller, *, sme_id: UUID) -> ActionPlan:
    """A plan that says nothing yet, upon the latest diagnosis handed in; refused while another plan is open, and
    before there is a diagnosis.
    """
    sme = locked_sme(session, caller, sme_id)
    open_ = select(ActionPlan.id).where(ActionPlan.sme_id == sme.id, ActionPlan.state.not_in(rules.CLOSED))
    if session.scalar(open_) is not None:
        raise Refused("plan.one_is_open")
    handed_in = (
        select(Diagnosis.id)
        .where(Diagnosis.sme_id == sme.id, Diagnosis.state != models.OPEN)
        .order_by(Diagnosis.handed_in_on.desc(), Diagnosis.id.desc())
    )
    diagnosis_id = session.scalar(handed_in.limit(1))
    if diagnosis_id is None:
        raise Refused("plan.diagnosis_first")
    plan = ActionPlan(
        id=uuid7(),
        sme_id=sme.id,
        diagnosis_id=diagnosis_id,
        state=rules.DRAFT,
        since=clock.today(),
        content={**dict.fromkeys(_TEXTS, ""), **{name: [] for name in _LISTS}},
        key_actions=[],
        recorded_by=caller.subject,
        recorded_by_name=caller.name,
        recorded_at=clock.now(),
    )
    session.add(plan)
    session.flush()
    _tell(session, caller, plan, "begin")
    return plan


def write_plan(
    session: Session, caller: Caller, *, plan_id: UUID, version: int | None, content: Mapping[str, Any]
) -> ActionPlan:
    """The plan, which says this from now on; refuses an indicator that the diagnosis does not have, and actions that
    end before they begin or later than the plan.
    """
    plan = locked_plan(session, caller, plan_id, version)
    diagnosis = session.get(Diagnosis, plan.diagnosis_id) if plan.diagnosis_id else None
    instrument = csr.instrument(diagnosis.edition if diagnosis else None)
    for place, action in enumerate(content["actions"]):
        if instrument.indicator(action["gap"]) is None:
            raise Invalid("plan.unknown_gap", pointer=f"/actions/{place}/gap")
    spans = [rules.Span(action["begins_on"], action["ends_on"]) for action in content["actions"]]
    rules.require_within(spans, csr.follow_up().plan_months)
    plan.write({**content, "actions": [_plain(action) for action in content["actions"]]})
    session.flush()
    _tell(session, caller, plan, "write")
    return plan


def submit_plan(session: Session, caller: Caller, *, plan_id: UUID, version: int | None) -> ActionPlan:
    """The plan, handed in for review."""
    plan = locked_plan(session, caller, plan_id, version)
    plan.submit(caller.subject)
    session.flush()
    _tell(session, caller, plan, "submit")
    return plan


def take_plan(session: Session, caller: Caller, *, plan_id: UUID, version: int | None) -> ActionPlan:
    """The plan, which somebody now reviews who wrote nothing of it and did not hand it in."""
    plan = locked_plan(session, caller, plan_id, version)
    _require_other(session, caller, plan, *rules.WRITING)
    plan.take()
    session.flush()
    _tell(session, caller, plan, "take")
    return plan


def review_plan(
    session: Session, caller: Caller, *, plan_id: UUID, version: int | None, outcome: str, recommendations: str
) -> ActionPlan:
    """The plan, accepted or returned with what is recommended; refused to who wrote of it or handed it in."""
    plan = locked_plan(session, caller, plan_id, version)
    _require_other(session, caller, plan, *rules.WRITING)
    plan.conclude(
        PlanReview(
            outcome=outcome,
            recommendations=recommendations,
            reviewed_by=caller.subject,
            reviewed_by_name=caller.name,
            reviewed_on=clock.today(),
        )
    )
    session.flush()
    _tell(session, caller, plan, outcome)
    return plan


def select_key_actions(
    session: Session, caller: Caller, *, plan_id: UUID, version: int | None, actions: Collection[int]
) -> ActionPlan:
    """The plan with the few key aspects that are followed."""
    plan = locked_plan(session, caller, plan_id, version)
    plan.select(actions, most=csr.follow_up().most_key_aspects)
    session.flush()
    _tell(session, caller, plan, "select", {"actions": plan.key_actions})
    return plan


def begin_execution(
    session: Session, caller: Caller, *, plan_id: UUID, version: int | None, begins_on: date
) -> ActionPlan:
    """The plan, carried out from a day on."""
    plan = locked_plan(session, caller, plan_id, version)
    plan.begin(begins_on)
    session.flush()
    _tell(session, caller, plan, "execute", {"begins_on": begins_on})
    return plan


def check_in(
    session: Session,
    caller: Caller,
    *,
    plan_id: UUID,
    month: int,
    progress: Mapping[str, Mapping[str, str]],
    notes: str,
    evidence: str,
) -> ActionPlan:
    """The plan with what is reported of a month."""
    plan = locked_plan(session, caller, plan_id, None)
    told = CheckIn(
        id=uuid7(),
        month=month,
        progress={number: dict(said) for number, said in progress.items()},
        notes=notes,
        evidence=evidence,
        told_by=caller.subject,
        told_by_name=caller.name,
        told_at=clock.now(),
    )
    plan.check_in(told, csr.follow_up(plan.begins_on).check_in_months)
    session.flush()
    _tell(session, caller, plan, "check_in", {"month": month})
    return plan


def close_plan(
    session: Session, caller: Caller, *, plan_id: UUID, version: int | None, outcome: str, note: str
) -> ActionPlan:
    """The plan, closed: verified by somebody who neither wrote of it nor reported along the way, or abandoned."""
    plan = locked_plan(session, caller, plan_id, version)
    if outcome == rules.VERIFIED:
        _require_other(session, caller, plan, *rules.WRITING, "check_in", "show")
        plan.close(last_month=max(csr.follow_up(plan.begins_on).check_in_months), note=note)
    else:
        plan.abandon(note)
    session.flush()
    _tell(session, caller, plan, outcome)
    return plan


def locked_plan(session: Session, caller: Caller, plan_id: UUID, version: int | None) -> ActionPlan:
    """The plan, held for this transaction; refuses one of another territory and an old version of it."""
    wanted = select(ActionPlan).where(ActionPlan.id == plan_id).with_for_update()
    plan = session.scalar(wanted.execution_options(populate_existing=True))
    if plan is None:
        raise NotFound("plan.unknown")
    caller.require_scope(plan.sme.unit)
    plan.require_version(version)
    return plan


def _require_other(session: Session, caller: Caller, plan: ActionPlan, *done: str) -> None:
    if history.has_done(session, caller, plan.id, *done):
        raise Refused("plan.own")


def _plain(action: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in action.items()}


def _tell(
    session: Session, caller: Caller, plan: ActionPlan, action: str, after: Mapping[str, Any] | None = None
) -> None:
    history.record(session, caller, subject=plan.id, kind="csr_plan", action=action, after=after)
