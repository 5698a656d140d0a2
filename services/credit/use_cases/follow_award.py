"""An award of seed capital is followed: parts are shown and verified, what is late lapses, a contribution comes back, a
report closes it.
"""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import NotApart, SeedAward, SeedMilestone, SeedReturn, TrustFund
from services.credit.models.repayments import CHANNELS
from services.credit.rules import ledger
from services.credit.use_cases import find
from services.credit.use_cases.keep_fund import positive
from shared import files, history
from shared.bus import log
from shared.events.credit import SeedClosed
from shared.identity import Caller
from shared.kernel import Invalid, Money, NotFound, clock
from shared.papers import kept_of


def show_part(
    session: Session, caller: Caller, *, award_id: UUID, milestone_id: UUID, name: str, content: bytes
) -> SeedMilestone:
    """The part with the paper that shows it, a PDF or a picture; the one before it is erased."""
    award = find.seed_award(session, caller, award_id, lock=True)
    award.require_active()
    part = award.milestone(milestone_id)
    file_id = _keep(session, caller, name, content, "seed_evidence")
    _erase(session, part.show(file_id, caller.subject))
    session.flush()
    _remember(session, caller, award, "show_part", part=part.position)
    return part


def verify_part(
    session: Session, caller: Caller, *, award_id: UUID, milestone_id: UUID, note: str = ""
) -> SeedMilestone:
    """Say that a part is done as was shown; refuses who showed it, and who was paid nothing or showed nothing."""
    award = find.seed_award(session, caller, award_id, lock=True)
    award.require_active()
    part = award.milestone(milestone_id)
    award.verify(part, caller.subject, caller.name, note.strip())
    session.flush()
    _remember(session, caller, award, "verify_part", part=part.position)
    return part


def evidence_of(award: SeedAward, milestone_id: UUID) -> UUID:
    """The file that shows a part of an award."""
    found = award.milestone(milestone_id).evidence_file_id
    if found is None:
        raise NotFound("seed.nothing_shown", position=award.milestone(milestone_id).position)
    return found


def lapse_award(session: Session, caller: Caller, *, award_id: UUID, if_match: int, reason: str) -> SeedAward:
    """What was not shown in time, and what would have followed, is not paid any more: the money is free again."""
    fund, award = _locked(session, caller, award_id)
    award.require_version(if_match)
    free = award.lapse(clock.today())
    session.flush()
    _remember(session, caller, award, "lapse_award", free=str(fund.money(free)), reason=reason)
    return award


def report_award(session: Session, caller: Caller, *, award_id: UUID, name: str, content: bytes) -> SeedAward:
    """The award with the final report of what the money was used for; the one before it is erased."""
    award = find.seed_award(session, caller, award_id, lock=True)
    award.require_active()
    file_id = _keep(session, caller, name, content, "seed_report")
    _erase(session, award.report(file_id, caller.subject))
    session.flush()
    _remember(session, caller, award, "report_award")
    return award


def close_award(session: Session, caller: Caller, *, award_id: UUID, if_match: int) -> SeedAward:
    """The award is over: every part verified or lapsed, reported, and back where it was to come back."""
    fund, award = _locked(session, caller, award_id)
    award.require_version(if_match)
    award.close(caller.subject, caller.name, clock.today())
    session.flush()
    _remember(session, caller, award, "close_award")
    event = SeedClosed(
        award_id=award.id,
        enterprise_id=award.enterprise_id,
        municipality=award.municipality,
        paid=fund.money(award.paid),
        lapsed=fund.money(award.amount - award.paid),
        closed_on=clock.today(),
    )
    log.append(session, event, award.id)
    return award


def post_return(
    session: Session, caller: Caller, *, award_id: UUID, amount: Money, paid_on: date, channel: str
) -> SeedReturn:
    """What came back of a contribution, under the number of its receipt; refuses who paid any of it out, more than is
    to come back, and a day before the award or in the future.
    """
    fund, award = _locked(session, caller, award_id)
    award.require_active()
    cents = positive(fund, amount)
    if cents > award.to_come_back:
        left = fund.money(award.to_come_back)
        raise Invalid("seed.more_than_to_come_back", pointer="/amount", left=left)
    if any(one.paid_by == caller.subject for one in award.milestones):
        raise NotApart("segregation.disburser_collects", caller.subject, award, number=award.number)
    if not award.awarded_on <= paid_on <= clock.today():
        raise Invalid("seed.day_out_of_range", pointer="/paid_on", earliest=award.awarded_on, latest=clock.today())
    lines = ledger.seed_return(cents, CHANNELS[channel])
    entry = fund.book(session, caller, lines, kind="seed_return", reference=award.id, booked_on=paid_on)
    returned = SeedReturn(
        number=fund.numbered(session, "RD"),
        amount=cents,
        channel=channel,
        paid_on=paid_on,
        posted_at=clock.now(),
        posted_by=caller.subject,
        posted_by_name=caller.name,
        entry_id=entry.id,
    )
    award.returns.append(returned)
    session.flush()
    _remember(session, caller, award, "post_return", receipt=returned.number, amount=str(amount))
    return returned


def _locked(session: Session, caller: Caller, award_id: UUID) -> tuple[TrustFund, SeedAward]:
    fund_id = find.seed_award(session, caller, award_id).fund_id
    fund = find.fund(session, caller, fund_id, lock=True)
    return fund, find.seed_award(session, caller, award_id, lock=True)


def _keep(session: Session, caller: Caller, name: str, content: bytes, kind: str) -> UUID:
    kept = kept_of(content)
    if kept is None:
        raise Invalid("file.neither_pdf_nor_picture", pointer="/file")
    return files.store(session, kept[1], name=name, media_type=kept[0], kind=kind, caller=caller).id


def _erase(session: Session, file_id: UUID | None) -> None:
    if file_id is not None:
        files.erase(session, file_id)


def _remember(session: Session, caller: Caller, award: SeedAward, action: str, **facts: object) -> None:
    told = {"award": award.number, **facts}
    history.record(session, caller, subject=award.application_id, kind="application", action=action, after=told)
