"""What the notice of a session says."""

from typing import Any

from sqlalchemy.orm import Session

from services.credit.documents.printed import Printed, local_time
from services.credit.models import AgendaItem, Application, Committee, CommitteeSession, TrustFund
from shared import places
from shared.kernel import LOCAL_TIME, clock


class NoticePrint(Printed):
    """The notice by which the members are called, with the agenda; it names no applicant."""

    @classmethod
    def of(cls, session: Session, fund: TrustFund, meeting: CommitteeSession, language: str) -> "NoticePrint":
        """The notice as facts."""
        body = session.get_one(Committee, meeting.committee_id)
        held = meeting.scheduled_for.astimezone(LOCAL_TIME).date()
        return cls(
            "notice.typ",
            {
                "dated": clock.today(),
                "letterhead": fund.letterhead,
                "number": meeting.number,
                "committee": body.name,
                "fund": fund.name,
                "place": meeting.place,
                "held": held,
                "hour": local_time(meeting.scheduled_for),
                "members": [seat.name for seat in body.sitting(held)],
                "agenda": [_item(session, fund, item) for item in meeting.agenda],
                "short": meeting.short_notice,
            },
            language,
        )


def _item(session: Session, fund: TrustFund, item: AgendaItem) -> dict[str, Any]:
    application = session.get_one(Application, item.application_id)
    return {
        "position": item.position,
        "application": application.number,
        "municipality": places.full_name(application.municipality),
        "purpose": application.purpose,
        "change": application.kind if application.loan_id else None,
        "amount": fund.money(item.amount),
        "instalments": item.instalments,
    }
