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
    CommitteeSession,
    CreditRegulations,
    Resolution,
    RollSeat,
    TrustFund,
)
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
                "attendance": [_seat(seat) for seat in meeting.roll],
                "agenda": [_item(session, fund, meeting, item, known) for item in meeting.agenda],
                "previous": previous,
            },
        )


def _seat(seat: RollSeat) -> dict[str, Any]:
    return {
        "name": seat.name,
        "organization": seat.organization,
        "constituency": seat.constituency,
        "position": seat.position,
        "arrived": local_time(seat.arrived_at),
        "left": local_time(seat.left_at),
    }


def _item(
    session: Session, fund: TrustFund, meeting: CommitteeSession, item: AgendaItem, known: Mapping[UUID, Borrower]
) -> dict[str, Any]:
    application = session.get_one(Application, item.application_id)
    resolution = session.scalar(select(Resolution).where(Resolution.item_id == item.id))
    borrower, lent_under = known[application.enterprise_id], item.appraisal.edition
    who = {seat.id: seat.name for seat in meeting.roll}
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
        "recusals": [{"name": who[r.roll_seat_id], "reason": r.reason} for r in item.recusals],
        "votes": [{"name": who[v.roll_seat_id], "choice": v.choice, "reason": v.reason} for v in item.votes],
        "outcome": item.outcome or "undealt",
        "resolution": resolution.number if resolution else None,
        "tally": resolution.tally if resolution else None,
    }
