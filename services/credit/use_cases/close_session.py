"""The session ends and its minutes (acta) are made, chained to the ones before."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.directory import Borrower, Names
from services.credit.documents.acta import ActaPrint
from services.credit.models import Acta, AgendaItem, Application, CommitteeSession, TrustFund
from services.credit.models.base import next_number
from services.credit.sealing import public_key, sign
from services.credit.use_cases import find
from shared import files, history
from shared.identity import Caller
from shared.kernel import Refused, clock


def close_session(session: Session, caller: Caller, *, session_id: UUID, names: Names, public_url: str) -> Acta:
    """The acta. Items whose turn did not come go back to the applications that wait.

    The hash of the acta's content covers the hash of the one before: no acta can be changed or taken out without every
    later one showing it. It is signed with the committee's key. The PDF is kept for ever; nothing can replace it. The
    applicants' names are asked for before anything is locked: the registry may take its time.
    """
    known = {enterprise_id: names(enterprise_id) for enterprise_id in on_agenda(session, caller, session_id)}
    meeting = find.committee_session(session, caller, session_id)
    fund = find.fund(session, caller, meeting.fund_id, lock=True)
    meeting = find.committee_session(session, caller, session_id, lock=True)
    if _enterprises(session, meeting) - known.keys():
        raise Refused("session.agenda_grew", number=meeting.number)
    for item in meeting.close(caller.subject):
        application = session.get_one(Application, item.application_id, with_for_update=True, populate_existing=True)
        if application.state == "on_agenda":
            application.return_from_agenda()
    session.flush()
    acta = _make_acta(session, caller, fund, meeting, known, public_url)
    history.record(
        session,
        caller,
        subject=meeting.id,
        kind="session",
        action="close",
        after={"acta": acta.number, "hash": acta.hash},
    )
    return acta


def on_agenda(session: Session, caller: Caller, session_id: UUID) -> set[UUID]:
    """The enterprises whose names the minutes will need; refuses who may not close the session, and a closed one."""
    meeting = find.committee_session(session, caller, session_id)
    meeting.require_open()
    find.require_conductor(session, caller, meeting, clock.today())
    return _enterprises(session, meeting)


def _enterprises(session: Session, meeting: CommitteeSession) -> set[UUID]:
    """The enterprises whose applications are on the agenda."""
    query = select(Application.enterprise_id).join(AgendaItem).where(AgendaItem.session_id == meeting.id)
    return set(session.scalars(query))


def _make_acta(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    meeting: CommitteeSession,
    known: Mapping[UUID, Borrower],
    public_url: str,
) -> Acta:
    previous = session.scalar(
        select(Acta).where(Acta.committee_id == meeting.committee_id).order_by(Acta.sequence.desc()).limit(1)
    )
    sequence = previous.sequence + 1 if previous else 1
    number = f"{fund.code}-A-{next_number(session, fund.id, 'acta'):04d}"
    key = public_key(session, meeting.committee_id)
    printed = ActaPrint.of(
        session, fund, meeting, number=number, previous=previous.hash if previous else None, known=known
    )
    content, signature = sign(session, meeting.committee_id, printed.render(public_url), printed.hash)
    stored = files.store(
        session, content, name=f"{number}.pdf", media_type="application/pdf", kind="acta", caller=caller
    )
    acta = Acta(
        session_id=meeting.id,
        committee_id=meeting.committee_id,
        sequence=sequence,
        number=number,
        hash=printed.hash,
        previous_hash=previous.hash if previous else None,
        file_id=stored.id,
        made_at=clock.now(),
        public_key=key,
        signature=signature,
    )
    session.add(acta)
    session.flush()
    return acta
