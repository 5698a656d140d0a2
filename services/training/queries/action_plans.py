"""Action plans as they are read, and the board on which every enterprise stands with its light."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, selectinload

from services.training.models import ActionPlan, Diagnosis, Sme
from services.training.queries.diagnoses import scores_of
from services.training.queries.evidence import beside
from services.training.reference import csr
from services.training.rules import action_plans as rules
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound, clock
from shared.web import Page, keyset_page

_SAID = ("id", "version", "sme_id", "diagnosis_id", "state", "since", "begins_on", "closing_note", "recorded_by_name")


def show_plan(session: Session, caller: Caller, plan_id: UUID) -> dict[str, Any]:
    """One plan with its reviews and check-ins."""
    plan = session.get(ActionPlan, plan_id)
    if plan is None:
        raise NotFound("plan.unknown")
    caller.require_scope(plan.sme.unit)
    return told(plan)


def latest_plan(session: Session, sme_id: UUID) -> ActionPlan | None:
    """The plan of an enterprise that was begun last."""
    return session.scalar(select(ActionPlan).where(ActionPlan.sme_id == sme_id).order_by(ActionPlan.id.desc()).limit(1))


def told(plan: ActionPlan) -> dict[str, Any]:
    """A plan as it goes out."""
    policy = csr.follow_up(plan.begins_on)
    instrument = csr.instrument()
    actions = [
        {
            **action,
            "number": place,
            "key": place in plan.key_actions,
            "gap_words": _words(instrument.indicator(action["gap"])),
        }
        for place, action in enumerate(plan.actions, 1)
    ]
    texts = {name: plan.content[name] for name in ("mission", "vision", "communication")}
    lists = {name: plan.content[name] for name in ("values", "committee", "lines")}
    row: dict[str, Any] = {name: getattr(plan, name) for name in _SAID} | texts | lists
    return row | {
        "sme_name": plan.sme.name,
        "unit": plan.sme.unit,
        "actions": actions,
        "most_key_aspects": policy.most_key_aspects,
        "reviews": [
            {
                "number": one.number,
                "outcome": one.outcome,
                "recommendations": one.recommendations,
                "reviewed_by_name": one.reviewed_by_name,
                "reviewed_on": one.reviewed_on,
            }
            for one in plan.reviews
        ],
        "check_ins": [
            {
                "month": one.month,
                "progress": one.progress,
                "notes": one.notes,
                "evidence": one.evidence,
                "files": beside(plan.files, month=one.month),
                "told_by_name": one.told_by_name,
                "told_at": one.told_at,
            }
            for one in plan.check_ins
        ],
        "months": [
            {"month": month, "due_on": rules.months_after(plan.begins_on, month)}
            for month in policy.check_in_months
            if plan.begins_on
        ],
        **_light(plan),
    }


def _words(indicator: Any) -> dict[str, str] | None:
    return None if indicator is None else dict(indicator.words)


def _light(plan: ActionPlan) -> dict[str, Any]:
    policy = csr.follow_up(plan.begins_on)
    latest = plan.check_ins[-1].progress if plan.check_ins else {}
    keys = [
        (
            date.fromisoformat(plan.actions[number - 1]["ends_on"]),
            latest.get(str(number), {}).get("state", rules.NOT_BEGUN),
        )
        for number in plan.key_actions
    ]
    standing = rules.Standing(plan.state, plan.begins_on, [one.month for one in plan.check_ins], keys)
    found = rules.light(
        standing,
        clock.today(),
        months=policy.check_in_months,
        amber_after_days=policy.amber_after_days,
        red_after_days=policy.red_after_days,
    )
    return {"light": found.colour, "why": list(found.why), "due": list(found.due)}


def follow_up_board(session: Session, caller: Caller, asked: dict[str, Any], *, limit: int, after: str | None) -> Page:
    """The enterprises of the caller's territory by name, each with its latest diagnosis and plan; of those in a state
    of plan where one is asked.
    """
    columns = labelled(Sme, "name_key", "id")
    wanted = select(*columns).where(caller.scope.condition(Sme.unit))
    if asked.get("plan_state"):
        wanted = wanted.where(Sme.id.in_(select(ActionPlan.sme_id).where(ActionPlan.state == asked["plan_state"])))
    page = keyset_page(session, wanted, keys=columns, limit=limit, after=after)
    return Page(board_rows(session, [row["id"] for row in page.rows]), page.next)


def board_row(session: Session, caller: Caller, sme_id: UUID) -> dict[str, Any]:
    """The row of one enterprise; refuses one of another territory."""
    sme = session.get(Sme, sme_id)
    if sme is None:
        raise NotFound("diagnosis.unknown_sme")
    caller.require_scope(sme.unit)
    return board_rows(session, [sme_id])[0]


def board_rows(session: Session, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """The rows of these enterprises, in this order."""
    smes = {row.id: row for row in session.scalars(select(Sme).where(Sme.id.in_(ids)))}
    diagnoses = {
        row.sme_id: row
        for row in session.scalars(select(Diagnosis).where(Diagnosis.sme_id.in_(ids)).order_by(Diagnosis.id))
    }
    plans = {
        row.sme_id: row
        for row in session.scalars(
            select(ActionPlan)
            .where(ActionPlan.sme_id.in_(ids))
            .options(selectinload(ActionPlan.check_ins))
            .order_by(ActionPlan.id)
        )
    }
    return [_row(smes[one], diagnoses.get(one), plans.get(one)) for one in ids]


def _row(sme: Sme, diagnosis: Diagnosis | None, plan: ActionPlan | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "sme_id": sme.id,
        "sme_name": sme.name,
        "unit": sme.unit,
        "sector": sme.sector,
        "size": sme.size,
        "diagnosis_id": None,
        "diagnosis_state": None,
        "overall": None,
        "coverage": None,
        "stage": None,
        "plan_id": None,
        "plan_state": None,
        "light": rules.GREY,
        "why": [],
        "due": [],
    }
    if diagnosis is not None:
        scores = scores_of(diagnosis)
        instrument = csr.instrument(diagnosis.edition)
        row |= {"diagnosis_id": diagnosis.id, "diagnosis_state": diagnosis.state, "coverage": float(scores.coverage)}
        if scores.overall is not None:
            row |= {"overall": float(scores.overall), "stage": dict(instrument.stage(scores.overall).words)}
    if plan is not None:
        row |= {"plan_id": plan.id, "plan_state": plan.state, **_light(plan)}
    return row


def plans_to_review(session: Session, caller: Caller) -> list[ActionPlan]:
    """The plans of the caller's territory that wait for a review or are reviewed, the first handed in first."""
    return _plans(session, caller, rules.SUBMITTED, rules.IN_REVIEW)


def plans_under_way(session: Session, caller: Caller) -> list[tuple[ActionPlan, dict[str, Any]]]:
    """The plans of the caller's territory that are carried out, each with its light and the months of its check-ins
    that are due.
    """
    return [(plan, _light(plan)) for plan in _plans(session, caller, rules.IN_EXECUTION)]


def overdue(session: Session, caller: Caller) -> dict[str, int]:
    """How many plans of the caller's territory wait for a review, and how many stand amber or red."""
    lights = [light for _, light in plans_under_way(session, caller)]
    return {
        "to_review": len(plans_to_review(session, caller)),
        "check_ins_due": sum(bool(one["due"]) for one in lights),
        "amber": sum(one["light"] == rules.AMBER for one in lights),
        "red": sum(one["light"] == rules.RED for one in lights),
    }


def _plans(session: Session, caller: Caller, *states: str) -> list[ActionPlan]:
    wanted = select(ActionPlan).join(Sme).where(caller.scope.condition(Sme.unit), ActionPlan.state.in_(states))
    loaded = wanted.options(selectinload(ActionPlan.check_ins), contains_eager(ActionPlan.sme))
    return list(session.scalars(loaded.order_by(ActionPlan.since, ActionPlan.id)))
