"""The votes on an item are counted and become a numbered resolution."""

from collections import Counter
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import (
    AgendaItem,
    CommitteeSession,
    Resolution,
    TrustFund,
    require_lending,
)
from services.credit.rules.governance import NO_MAJORITY
from services.credit.rules.quorum import Rule, carried, outcome, voting_quorum
from services.credit.use_cases import find
from services.credit.use_cases.cast_vote import require_quorum, rule_of, rules_of
from services.credit.use_cases.lapse_approvals import lapse_expired
from shared import history
from shared.bus import log
from shared.events.credit import ApplicationDecided
from shared.identity import Caller
from shared.kernel import Refused, clock


def close_item(session: Session, caller: Caller, *, session_id: UUID, item_id: UUID) -> Resolution:
    """The resolution, under the next number of the fund's year.

    Refuses while somebody in the room without conflict has not voted, while quorum or composition are missing, and an
    approval beyond what the fund has available or of a fund whose lending is suspended; the fund is locked, so that two
    sessions cannot promise the same money. Approvals that expired are over from then on, and their money is free.
    """
    fund_id = find.committee_session(session, caller, session_id).fund_id
    fund = find.fund(session, caller, fund_id, lock=True)
    meeting = find.committee_session(session, caller, session_id, lock=True)
    meeting.require_open()
    find.require_conductor(session, caller, meeting, clock.today())
    item = meeting.item(item_id)
    item.require_pending()
    decided = _decide(session, meeting, item)
    if decided == "approved":
        require_lending(session, fund)
        lapse_expired(session, caller, fund)
        _require_funds(session, fund, item)
    application = find.application(session, caller, item.application_id, lock=True)
    rules = rules_of(session, meeting)
    until = rules.approvals.last_day(clock.today()) if decided == "approved" else None
    item.decide(decided)
    application.decide(decided, item.amount, until)
    resolution = _resolution(session, fund, meeting, item, decided, until)
    history.record(
        session,
        caller,
        subject=application.id,
        kind="application",
        action="decide",
        after={"resolution": resolution.number, "outcome": decided},
    )
    event = ApplicationDecided(
        application_id=application.id,
        enterprise_id=application.enterprise_id,
        municipality=application.municipality,
        outcome=decided,
        resolution=resolution.number,
        amount=fund.money(resolution.amount),
        decided_on=clock.today(),
    )
    log.append(session, event, application.id)
    return resolution


def _decide(session: Session, meeting: CommitteeSession, item: AgendaItem) -> str:
    require_quorum(session, meeting, item)
    members = meeting.members(item)
    silent = {member.seat for member in members if member.counts and not member.choice}
    if silent:
        names = [seat.name for seat in meeting.roll if str(seat.id) in silent]
        raise Refused("session.votes_missing", names=", ".join(names))
    rule: Rule = rule_of(session, meeting)
    votes = voting_quorum(members, rule)
    if not votes.reached:
        raise Refused("committee.no_quorum", present=votes.present, needed=votes.needed)
    return outcome(members, rule)


def _require_funds(session: Session, fund: TrustFund, item: AgendaItem) -> None:
    free = fund.available(session)
    if item.amount > free:
        raise Refused("fund.not_enough_available", amount=fund.money(item.amount), available=fund.money(free))


def _resolution(
    session: Session,
    fund: TrustFund,
    meeting: CommitteeSession,
    item: AgendaItem,
    decided: str,
    until: date | None,
) -> Resolution:
    tally = Counter(vote.choice for vote in item.votes)
    resolution = Resolution(
        number=fund.numbered(session, "R"),
        fund_id=fund.id,
        session_id=meeting.id,
        item_id=item.id,
        application_id=item.application_id,
        regulations_id=meeting.regulations_id,
        lent_under=item.appraisal.edition,
        outcome=decided,
        amount=item.amount,
        instalments=item.instalments,
        grace=item.grace,
        conditions=item.conditions,
        tally={
            "approve": tally["approve"],
            "refuse": tally["refuse"],
            "defer": tally["defer"],
            "recused": len(item.recusals),
        },
        decided_at=clock.now(),
        reason_code=_reason_code(session, meeting, item, decided),
        expires_on=until,
    )
    session.add(resolution)
    session.flush()
    return resolution


def _reason_code(session: Session, meeting: CommitteeSession, item: AgendaItem, decided: str) -> str | None:
    """The reason that most of the votes gave that carried it, the first given among equals; None of an approval, and
    where the regulations list none.
    """
    rules = rules_of(session, meeting)
    choice = carried(meeting.members(item), rules.quorum)
    if decided == "approved" or not rules.reasons.items:
        return None
    if choice is None:
        return NO_MAJORITY
    given = Counter(vote.reason_code for vote in item.votes if vote.choice == choice)
    return given.most_common(1)[0][0]
