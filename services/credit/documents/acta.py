"""What the minutes of a session say."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.directory import Borrower
from services.credit.documents.printed import Printed, local_time
from services.credit.models import (
    AgendaItem,
    Application,
    Committee,
    CommitteeKey,
    CommitteeSession,
    CreditRegulations,
    Resolution,
    RollSeat,
    SeedPlan,
    TrustFund,
    agreement_in_force,
)
from services.credit.rules.governance import Reasons
from services.credit.tables import known_reasons
from shared import places
from shared.kernel import LOCAL_TIME


class ActaPrint(Printed):
    """The acta of one session."""

    @classmethod
    def of(
        cls,
        session: Session,
        fund: TrustFund,
        meeting: CommitteeSession,
        *,
        number: str,
        previous: str | None,
        known: Mapping[UUID, Borrower],
    ) -> "ActaPrint":
        """The minutes as facts; `known` is who stands behind each enterprise on the agenda."""
        edition = session.get_one(CreditRegulations, meeting.regulations_id)
        quorum = edition.read().quorum
        opened = meeting.opened_at or meeting.scheduled_for
        held = opened.astimezone(LOCAL_TIME).date()
        key = session.get(CommitteeKey, meeting.committee_id)
        who = {seat.seat_id: seat.name for seat in meeting.roll}
        excused = {one.seat_id for one in meeting.notified if one.answer == "excused"}
        return cls(
            "acta.typ",
            {
                "dated": held,
                "letterhead": fund.letterhead,
                "number": number,
                "session": meeting.number,
                "committee": session.get_one(Committee, meeting.committee_id).name,
                "fund": fund.name,
                "trustee": fund.trustee,
                "place": meeting.place,
                "held": held,
                "opened": local_time(meeting.opened_at),
                "closed": local_time(meeting.closed_at),
                "regulations": edition.citation,
                "agreement": _agreement(fund, held),
                "quorum": {"seats": quorum.seats, "constituencies": list(quorum.constituencies)},
                "attendance": [_seat(seat, who, excused) for seat in meeting.roll],
                "observers": [{"name": one.name, "at": local_time(one.at)} for one in meeting.observers],
                "notice": _notice(meeting),
                "agenda": [_item(session, fund, meeting, item, known) for item in meeting.agenda],
                "previous": previous,
                "public_key": key.public if key else None,
                "corrections": [
                    {"number": one.acta.number, "hash": one.acta.hash, "text": one.text} for one in meeting.corrections
                ],
            },
        )


def _agreement(fund: TrustFund, day: date) -> dict[str, Any] | None:
    """The Agreement Letter in force on the day of the session; None where there is none."""
    letter = agreement_in_force(fund, day)
    return letter.citation if letter else None


def _notice(meeting: CommitteeSession) -> dict[str, Any] | None:
    """Who was told of the session and when; None where that was not noted."""
    if not meeting.notified:
        return None
    told = [
        {"name": one.name, "channel": one.channel, "on": one.at.astimezone(LOCAL_TIME).date()}
        for one in meeting.notified
    ]
    return {"told": told, "short": meeting.short_notice}


def _seat(seat: RollSeat, principals: Mapping[Any, str], excused: Collection[UUID]) -> dict[str, Any]:
    return {
        "name": seat.name,
        "organization": seat.organization,
        "constituency": seat.constituency,
        "position": seat.position,
        "alternate_for": principals.get(seat.alternate_for_id),
        "arrived": local_time(seat.arrived_at),
        "stays": _stays(seat),
        "excused": seat.seat_id in excused,
    }


def _stays(seat: RollSeat) -> list[dict[str, str | None]]:
    """When she was in the room: each time she came, and when she went."""
    stays: list[dict[str, str | None]] = []
    for movement in seat.movements:
        if movement.present:
            stays.append({"came": local_time(movement.at), "went": None})
        elif stays:
            stays[-1]["went"] = local_time(movement.at)
    return stays or (
        [{"came": local_time(seat.arrived_at), "went": local_time(seat.left_at)}] if seat.arrived_at else []
    )


def _item(
    session: Session, fund: TrustFund, meeting: CommitteeSession, item: AgendaItem, known: Mapping[UUID, Borrower]
) -> dict[str, Any]:
    application = session.get_one(Application, item.application_id)
    resolution = session.scalar(select(Resolution).where(Resolution.item_id == item.id))
    borrower, lent_under = known[application.enterprise_id], item.appraisal.edition
    who = {seat.id: seat.name for seat in meeting.roll}
    own = session.get_one(CreditRegulations, meeting.regulations_id).read().reasons
    opened = meeting.opened_at or meeting.scheduled_for
    reasons = known_reasons(own, opened.astimezone(LOCAL_TIME).date())
    return {
        "position": item.position,
        "application": application.number,
        "submitted_on": application.submitted_on,
        "applicant": borrower.name or application.number,
        "enterprise": borrower.enterprise or application.number,
        "municipality": places.full_name(application.municipality),
        "purpose": application.purpose,
        "requested": fund.money(application.amount),
        "recommendation": item.appraisal.recommendation,
        **_score(item),
        **_exceptions(item),
        **({"due_dates": item.appraisal.agreed_dates} if item.appraisal.due_dates else {}),
        "amount": fund.money(item.amount),
        "instalments": item.instalments,
        "grace": item.grace,
        "annual_rate": str(lent_under.product(application.product).annual_rate),
        "change": changed(fund, item.appraisal.change),
        "reason_of_change": application.project if application.loan_id else "",
        "lent_under": lent_under.citation if lent_under.id != meeting.regulations_id else None,
        **_decided_with(session, fund, item),
        "terms": [{"text": one.text, "due": one.due_on, "verifier": one.verifier} for one in item.terms],
        "recusals": [{"name": who[r.roll_seat_id], "reason": r.reason} for r in item.recusals],
        "votes": [
            {
                "name": who[v.roll_seat_id],
                "choice": v.choice,
                "reason": ". ".join(filter(None, (reasons.name(v.reason_code), v.reason))),
            }
            for v in item.votes
        ],
        "outcome": item.outcome or "undealt",
        "resolution": resolution.number if resolution else None,
        "tally": resolution.tally if resolution else None,
        "reason": _reason(reasons, resolution),
        "expires": resolution.expires_on if resolution else None,
        "level": resolution.level if resolution else "",
        "assents": resolution.assents_needed if resolution else 0,
    }


def changed(fund: TrustFund, change: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """From what to what a running loan changes, with amounts and days as papers write them; None of a new credit."""
    if change is None:
        return None
    plans = {
        name: {
            "instalments": plan["instalments"],
            "grace": plan.get("grace", 0),
            "payment": fund.money(plan["payment"]),
            **{day: plan[day] and date.fromisoformat(plan[day]) for day in ("first_due", "last_due")},
        }
        if (plan := change[name])
        else None
        for name in ("was", "becomes")
    }
    amounts = {name: fund.money(change[name]) for name in ("principal", "interest", "charges", "paid_off")}
    return {**change, **amounts, **plans}


def _decided_with(session: Session, fund: TrustFund, item: AgendaItem) -> dict[str, Any]:
    """The conditions of the motion, and the parts of seed capital where it is that; of the minutes of a loan's fund
    nothing is said of parts, so that they say today what they said when they were made.
    """
    if fund.kind != "seed_capital":
        return {"conditions": item.conditions}
    plan, conditions = SeedPlan.voted_on(session, item.application_id, item.appraisal.position, item.conditions)
    if plan is None:
        return {"conditions": item.conditions}
    parts = [
        {"text": one.text, "evidence": one.evidence_wanted, "amount": fund.money(one.amount), "due": one.due_on}
        for one in plan.milestones
    ]
    return {"conditions": conditions, "parts": parts, "own": fund.money(plan.own_contribution)}


def _score(item: AgendaItem) -> dict[str, Any]:
    """What the motion was rated with, where the regulations have a scorecard; of the figures nothing."""
    rated = item.appraisal.score
    return {"score": {"points": rated["points"], "minimum": rated["minimum"]}} if rated else {}


def _exceptions(item: AgendaItem) -> dict[str, Any]:
    """The rules from which an exception was proposed, each with what it asks and what was known, and the reason."""
    if not item.exceptions:
        return {}
    rows = [{"rule": rule, **told} for rule, told in item.exceptions.items()]
    return {"exceptions": rows, "exception_reason": item.exception_reason}


def _reason(reasons: Reasons, resolution: Resolution | None) -> str | None:
    """Why it was refused or deferred, in the words of the regulations; a missing majority has none there."""
    if resolution is None or resolution.reason_code is None:
        return None
    return reasons.name(resolution.reason_code) or resolution.reason_code
