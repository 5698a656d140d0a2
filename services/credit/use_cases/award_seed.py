"""Approved seed capital is agreed to in writing, and paid part by part, each after the one before is shown."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.directory import Borrower, Names
from services.credit.documents.agreement import SeedAgreementPrint
from services.credit.models import (
    Application,
    CopyEnterprise,
    NotApart,
    Resolution,
    SeedAward,
    SeedMilestone,
    SeedPlan,
    TrustFund,
    require_assent,
    require_lending,
)
from services.credit.rules import ledger
from services.credit.rules.seed import SeedProduct
from services.credit.rules.terms import add_months
from services.credit.use_cases import find
from services.credit.use_cases.disburse_loan import (
    approval_of,
    debtor,
    lock_approved,
    require_apart,
    require_cash,
    require_ceiling,
    require_conditions,
)
from services.credit.use_cases.form_group import require_group_ready
from services.credit.use_cases.make_exceptions import require_met
from services.credit.use_cases.print_paper import issue_once
from shared import files, history
from shared.bus import log
from shared.events.credit import SeedAwarded, SeedPaid
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock, uuid7


def award_seed(session: Session, caller: Caller, *, application_id: UUID, names: Names, public_url: str) -> SeedAward:
    """The award with its agreement, which names the parts; nothing is paid by it.

    Refuses what is not approved or was awarded before, a fund that lends, somebody who voted on it or gave the assent
    to it, an approval that expired, whose assent is missing or one of whose conditions is open, a member of a group
    before the others are approved, a fund that is suspended, and an enterprise that nobody owns any more, that took
    back its consent or does not meet a rule from which the resolution makes no exception. Names are asked for before
    anything is locked.
    """
    application = find.application(session, caller, application_id)
    application.require_approved()
    borrower = debtor(names, application)
    fund, application, resolution = lock_approved(session, caller, application)
    fund.require_seed()
    require_apart(session, caller, application, resolution)
    require_conditions(session, application, resolution)
    require_assent(session, resolution, application.number)
    require_met(session, fund, application, resolution)
    require_group_ready(session, application)
    application.disburse()
    award = _award(session, caller, fund, application, resolution, borrower, public_url)
    facts = {"award": award.number, "amount": str(fund.money(award.amount))}
    history.record(session, caller, subject=application.id, kind="application", action="award", after=facts)
    log.append(session, _awarded(fund, award), award.id)
    return award


def pay_part(session: Session, caller: Caller, *, award_id: UUID, milestone_id: UUID, paid_on: date) -> SeedMilestone:
    """The next part of an award, paid by the trustee.

    Refuses any other part than the next, one before which something is not shown and verified, who voted on the award
    or verified what it waits for, a day before the award or in the future, more than lies at the trustee, a fund that
    is suspended, and an enterprise that took back its consent or does not meet a rule from which the resolution makes
    no exception; before a later part, only a hard rule or one about her record (`require_met`).
    """
    found = find.seed_award(session, caller, award_id)
    fund = find.fund(session, caller, found.fund_id, lock=True)
    application = session.get_one(Application, found.application_id)
    CopyEnterprise.standing(session, application.enterprise_id, lock=True)
    award = find.seed_award(session, caller, award_id, lock=True)
    part = award.next_part()
    if part.id != award.milestone(milestone_id).id:
        raise Refused("seed.other_part_first", position=part.position)
    require_lending(session, fund)
    resolution = approval_of(session, application)
    require_apart(session, caller, application, resolution)
    if any(one.verified_by == caller.subject for one in award.milestones):
        raise NotApart("segregation.verifier_pays", caller.subject, award, number=award.number)
    if not award.awarded_on <= paid_on <= clock.today():
        raise Invalid("seed.day_out_of_range", pointer="/paid_on", earliest=award.awarded_on, latest=clock.today())
    require_met(session, fund, application, resolution, begun=part.position > 1)
    require_cash(session, fund, part.amount)
    require_ceiling(fund, award.paid + part.amount)
    lines = ledger.seed_payment(part.amount, given=award.kind == "grant")
    entry = fund.book(session, caller, lines, kind=f"seed_{award.kind}", reference=award.id, booked_on=paid_on)
    part.pay(paid_on, caller.subject, entry.id)
    session.flush()
    facts = {"award": award.number, "part": part.position, "amount": str(fund.money(part.amount))}
    history.record(session, caller, subject=award.application_id, kind="application", action="pay_part", after=facts)
    log.append(session, _paid(fund, award, part), award.id)
    return part


def _award(
    session: Session,
    caller: Caller,
    fund: TrustFund,
    application: Application,
    resolution: Resolution,
    borrower: Borrower,
    public_url: str,
) -> SeedAward:
    today = clock.today()
    product: SeedProduct = resolution.lent_under.read().seed.product(application.product)
    plan = SeedPlan.of(session, application.id, application.appraisal.position)
    if plan is None:
        raise Refused("seed.no_parts", number=application.number)
    award = SeedAward(
        id=uuid7(),
        number=fund.numbered(session, "D"),
        fund_id=fund.id,
        application_id=application.id,
        resolution_id=resolution.id,
        plan=plan,
        enterprise_id=application.enterprise_id,
        municipality=application.municipality,
        kind=product.kind,
        amount=resolution.amount,
        return_by=add_months(today, product.return_months) if product.return_months else None,
        awarded_on=today,
        awarded_by=caller.subject,
        awarded_by_name=caller.name,
        state="active",
    )
    printed = SeedAgreementPrint.of(fund, application, resolution, award, plan, borrower)
    award.agreement_hash = printed.hash
    award.agreement_file_id = files.store(
        session,
        printed.render(public_url),
        name=f"{award.number}.pdf",
        media_type="application/pdf",
        kind="seed_agreement",
        caller=caller,
    ).id
    session.add(award)
    session.flush()
    issue_once(session, fund.id, printed.hash, kind="seed_agreement", number=award.number, dated=today)
    return award


def _awarded(fund: TrustFund, award: SeedAward) -> SeedAwarded:
    return SeedAwarded(
        award_id=award.id,
        application_id=award.application_id,
        enterprise_id=award.enterprise_id,
        municipality=award.municipality,
        kind=award.kind,
        amount=fund.money(award.amount),
        parts=len(award.milestones),
        awarded_on=award.awarded_on,
    )


def _paid(fund: TrustFund, award: SeedAward, part: SeedMilestone) -> SeedPaid:
    assert part.paid_on is not None
    return SeedPaid(
        award_id=award.id,
        enterprise_id=award.enterprise_id,
        municipality=award.municipality,
        part=part.position,
        amount=fund.money(part.amount),
        paid_on=part.paid_on,
    )
