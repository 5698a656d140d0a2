"""Who of a workshop's participants earned which diploma, by the roll of its days and the rule of the day it ended."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import ActionPlan, Activity, Participant, Sme
from services.training.models.activities import WORKSHOP
from services.training.queries.diplomas import holders_of
from services.training.reference.diplomas import policy
from services.training.rules.diplomas.award import EARNED, KINDS, Candidate, hours, left_out
from services.training.rules.diplomas.workshop import attended_tenths, day_minutes, whole_tenths
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, NotFound


def tenths_of(workshop: Activity) -> int:
    """How long a workshop was, in tenths of an hour."""
    return whole_tenths(day_minutes(workshop.agenda, gender_module=workshop.gender_module))


def candidates_of(session: Session, workshop: Activity) -> list[Candidate]:
    """Everybody who is registered by name, in the order of their names. A participant completed the workshop whose firm
    handed in an action plan that was begun on its first day or later. Who asked to be forgotten is not among them.
    """
    minutes = day_minutes(workshop.agenda, gender_module=workshop.gender_module)
    named = select(Participant).where(Participant.activity_id == workshop.id, Participant.name.is_not(None))
    people = session.scalars(named.order_by(Participant.name_key, Participant.id)).all()
    planned = _with_plan(session, workshop, {one.sme_id for one in people})
    return [
        Candidate(one.id, one.name, attended_tenths(minutes, one.attended), one.sme_id in planned) for one in people
    ]


def show_earned(session: Session, caller: Caller, activity_id: UUID) -> dict[str, Any]:
    """The hours of a workshop, the share of them that earns a diploma, and of each participant for how many she was
    there and, of each kind of diploma, whether she earned it or the reason why not.
    """
    workshop = session.get(Activity, activity_id)
    if workshop is None or workshop.kind != WORKSHOP:
        raise NotFound("csr_activity.unknown")
    caller.require_scope(workshop.unit)
    rules, tenths = policy(workshop.ends_on).rules, tenths_of(workshop)
    holders = {kind: holders_of(session, workshop.id, kind) for kind in KINDS}
    of_firms = select(Participant.id, Sme.name).join(Sme, Sme.id == Participant.sme_id)
    firms = {row.id: row.name for row in session.execute(of_firms.where(Participant.activity_id == workshop.id))}

    def told(candidate: Candidate) -> dict[str, Any]:
        why = {kind: left_out(rules[kind], candidate, tenths, holders[kind]) for kind in KINDS}
        return {
            "participant_id": candidate.holder_id,
            "name": candidate.name,
            "sme_name": firms[candidate.holder_id],
            "attended": hours(candidate.tenths),
            **{kind: reason[0] if reason else EARNED for kind, reason in why.items()},
        }

    return {
        "hours": hours(tenths),
        "share_percent": rules[KINDS[0]].share_percent,
        "participants": [told(candidate) for candidate in candidates_of(session, workshop)],
    }


def _with_plan(session: Session, workshop: Activity, sme_ids: Collection[UUID]) -> set[UUID]:
    """Which of these firms handed in an action plan that they began on its first day or later."""
    handed_in = (ActionPlan.sme_id.in_(sme_ids), ActionPlan.submitted_by.is_not(None))
    begun = session.execute(select(ActionPlan.sme_id, ActionPlan.recorded_at).where(*handed_in))
    return {sme_id for sme_id, at in begun if at.astimezone(LOCAL_TIME).date() >= workshop.starts_on}
