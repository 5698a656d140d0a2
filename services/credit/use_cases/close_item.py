"""The votes on an item are counted and become a numbered resolution."""

from collections import Counter
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import (
    AgendaItem,
    Application,
    CommitteeSession,
    Loan,
    Resolution,
    TrustFund,
    agreement_in_force,
    require_lending,
)
from services.credit.rules.governance import NO_MAJORITY
from services.credit.rules.quorum import Rule, carried, outcome, voting_quorum
from services.credit.rules.restructuring import LENDING
from services.credit.use_cases import find
from services.credit.use_cases.cast_vote import require_quorum, rule_for, rules_of
from services.credit.use_cases.keep_guarantees import forget_outsiders
from services.credit.use_cases.lapse_approvals import lapse_expired
from services.credit.use_cases.limit_concentration import require_within_limits
from services.credit.use_cases.make_exceptions import require_excepted
from shared import history
from shared.bus import log
from shared.events.credit import ApplicationDecided
from shared.identity import Caller
from shared.kernel import Refused, clock


def close_item(session: Session, caller: Caller, *, session_id: UUID, item_id: UUID) -> Resolution:
    """The resolution, under the next number of the fund's year.

    Refuses while somebody in the room without conflict has not voted, while quorum or composition are missing, and an
    approval beyond what the fund has available, beyond the limits of concentration, of a fund that may not lend, or
    that departs from the regulations without a reason; the fund is locked, so that two sessions cannot promise the same
    money. Approvals that expired are over from then on, and their money is free. Of what is refused, a guarantor who
    stands in no register is forgotten.
    """
    fund_id = find.committee_session(session, caller, session_id).fund_id
    fund = find.fund(session, caller, fund_id, lock=True)
    meeting = find.committee_session(session, caller, session_id, lock=True)
    meeting.require_open()
    find.require_conductor(session, caller, meeting, clock.today())
    item = meeting.item(item_id)
    item.require_pending()
    decided = _decide(session, meeting, item)
    application = session.get_one(Application, item.application_id)
    committed = _new_money(session, application, item.amount)
    if decided == "approved":
        _require_approvable(session, caller, fund, item, application, committed)
    application = find.application(session, caller, item.application_id, lock=True)
    rules = rules_of(session, meeting)
    until = rules.approvals.last_day(clock.today()) if decided == "approved" else None
    item.decide(decided)
    application.decide(decided, item.amount, until, committed)
    if decided == "refused":
        forget_outsiders(session, application)
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
        kind=application.told_kind,
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
    rule: Rule = rule_for(session, meeting, item)
    votes = voting_quorum(members, rule)
    if not votes.reached:
        raise Refused("committee.no_quorum", present=votes.present, needed=votes.needed)
    return outcome(members, rule)


def _new_money(session: Session, application: Application, amount: int) -> int:
    """What of an approved amount the fund would pay out, in cents: nothing of what only changes a loan, and of another
    loan not the principal that it pays off.
    """
    if application.loan_id is None:
        return amount
    if application.kind not in LENDING:
        return 0
    return max(0, amount - session.get_one(Loan, application.loan_id).outstanding_principal)


def _require_approvable(
    session: Session, caller: Caller, fund: TrustFund, item: AgendaItem, application: Application, committed: int
) -> None:
    """Refuses an approval that the fund may not give, or has not the money for once those that expired are over."""
    require_lending(session, fund)
    require_excepted(session, fund, application, item)
    lapse_expired(session, caller, fund)
    _require_funds(session, fund, committed)
    if committed:
        limits = rules_of(session, item.session).concentration
        require_within_limits(session, fund, application, committed, limits)


def _require_funds(session: Session, fund: TrustFund, amount: int) -> None:
    free = fund.available(session)
    if amount > free:
        raise Refused("fund.not_enough_available", amount=fund.money(amount), available=fund.money(free))


def _resolution(
    session: Session,
    fund: TrustFund,
    meeting: CommitteeSession,
    item: AgendaItem,
    decided: str,
    until: date | None,
) -> Resolution:
    tally = Counter(vote.choice for vote in item.votes)
    competence = rules_of(session, meeting).competence
    product = session.get_one(Application, item.application_id).product
    letter = agreement_in_force(fund, clock.today())
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
        agreement_id=letter.id if letter else None,
        level=competence.level(product, item.amount).name,
        assents_needed=competence.assents_for(product, item.amount) if decided == "approved" else 0,
        exceptions=item.exceptions if decided == "approved" else None,
        exception_reason=item.exception_reason if decided == "approved" else "",
    )
    session.add(resolution)
    session.flush()
    return resolution


def _reason_code(session: Session, meeting: CommitteeSession, item: AgendaItem, decided: str) -> str | None:
    """The reason that most of the votes gave that carried it, the first given among equals; None of an approval."""
    choice = carried(meeting.members(item), rule_for(session, meeting, item))
    if decided == "approved":
        return None
    if choice is None:
        return NO_MAJORITY
    given = Counter(vote.reason_code for vote in item.votes if vote.choice == choice)
    return given.most_common(1)[0][0]
