"""What the minutes of a session say."""

from collections.abc import Mapping
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
    TrustFund,
)
from services.credit.rules.governance import Reasons
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
                "quorum": {"seats": quorum.seats, "constituencies": list(quorum.constituencies)},
                "attendance": [_seat(seat, who) for seat in meeting.roll],
                "notice": _notice(meeting),
                "agenda": [_item(session, fund, meeting, item, known) for item in meeting.agenda],
                "previous": previous,
                "public_key": key.public if key else None,
                "corrections": [
                    {"number": one.acta.number, "hash": one.acta.hash, "text": one.text} for one in meeting.corrections
                ],
            },
        )


def _notice(meeting: CommitteeSession) -> dict[str, Any] | None:
    """Who was told of the session and when; None where that was not noted."""
    if not meeting.notified:
        return None
    told = [
        {"name": one.name, "channel": one.channel, "on": one.at.astimezone(LOCAL_TIME).date()}
        for one in meeting.notified
    ]
    return {"told": told, "short": meeting.short_notice}


def _seat(seat: RollSeat, principals: Mapping[Any, str]) -> dict[str, Any]:
    return {
        "name": seat.name,
        "organization": seat.organization,
        "constituency": seat.constituency,
        "position": seat.position,
        "alternate_for": principals.get(seat.alternate_for_id),
        "arrived": local_time(seat.arrived_at),
        "stays": _stays(seat),
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
    reasons = session.get_one(CreditRegulations, meeting.regulations_id).read().reasons
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
        "amount": fund.money(item.amount),
        "instalments": item.instalments,
        "grace": item.grace,
        "annual_rate": str(lent_under.product(application.product).annual_rate),
        "lent_under": lent_under.citation if lent_under.id != meeting.regulations_id else None,
        "conditions": item.conditions,
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
    }


def _reason(reasons: Reasons, resolution: Resolution | None) -> str | None:
    """Why it was refused or deferred, in the words of the regulations; a missing majority has none there."""
    if resolution is None or resolution.reason_code is None:
        return None
    return reasons.name(resolution.reason_code) or resolution.reason_code
