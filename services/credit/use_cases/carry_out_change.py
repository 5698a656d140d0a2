"""What the committee resolved about a running loan is carried out: it is planned anew, or written off."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import (
    AgendaItem,
    Application,
    Loan,
    NotApart,
    Resolution,
    TrustFund,
    assents_of,
    require_assent,
    require_lending,
)
from services.credit.rules import ledger
from services.credit.rules.contracts import written
from services.credit.rules.restructuring import Wanted
from services.credit.use_cases import find
from services.credit.use_cases.ask_change import loan_of, new_plan
from services.credit.use_cases.changes import free_the_rest, keep_change, require_not_collector, written_plan
from services.credit.use_cases.disburse_loan import approval_of, require_conditions, require_unexpired
from services.credit.use_cases.receivables import receivable_of
from shared import history
from shared.bus import log
from shared.events.credit import LoanRescheduled, LoanWrittenOff
from shared.identity import Caller
from shared.kernel import Refused, clock


def carry_out_change(session: Session, caller: Caller, *, application_id: UUID) -> Loan:
    """The loan as changed, today.

    Refuses what is not approved or was carried out before, an approval that expired, whose assent is missing or one of
    whose conditions is open, somebody who voted on it, gave the assent to it or took repayments of the loan, a fund
    whose lending is suspended, a loan that is not in force any more, and one that owes more than was resolved to be
    written off.
    """
    application = find.application(session, caller, application_id)
    application.require_lending(lends=False)
    application.require_approved()
    fund = find.fund(session, caller, application.fund_id, lock=True)
    original = find.application(session, caller, loan_of(session, caller, application).application_id, lock=True)
    application = find.application(session, caller, application_id, lock=True)
    application.require_approved()
    require_lending(session, fund)
    require_unexpired(application)
    resolution = approval_of(session, application)
    if caller.subject in find.voters(session, application.id):
        raise NotApart("segregation.voter_carries_out", caller.subject, application, number=application.number)
    if any(said.subject == caller.subject for said in assents_of(session, resolution)):
        raise NotApart("segregation.assenter_disburses", caller.subject, application, number=application.number)
    require_conditions(session, application, resolution)
    require_assent(session, resolution, application.number)
    loan = loan_of(session, caller, application, lock=True)
    require_not_collector(caller, loan)
    application.carry_out()
    free_the_rest(session, caller, original)
    step = _write_off if application.kind == "write_off" else _reschedule
    step(session, caller, fund, application, resolution, loan)
    session.flush()
    facts = {"loan": loan.number, "resolution": resolution.number}
    history.record(session, caller, subject=application.id, kind="application", action="carry_out", after=facts)
    history.record(
        session, caller, subject=loan.id, kind="loan", action=application.kind, after={"resolution": resolution.number}
    )
    return loan


def _reschedule(
    session: Session, caller: Caller, fund: TrustFund, application: Application, resolution: Resolution, loan: Loan
) -> None:
    day = clock.today()
    motion = session.get_one(AgendaItem, resolution.item_id).appraisal
    wanted = Wanted(resolution.instalments, resolution.grace, motion.first_due)
    terms, rows, capitalise = new_plan(application, loan, wanted, day)
    replaced = written_plan(loan)
    loan.reschedule(day)
    receivable = receivable_of(session, loan)
    moved = loan.replan(rows, day, capitalise=capitalise, counts_from=fund.counts_from(session, day))
    added = terms.principal - moved.principal
    entry = None
    if added:
        lines = ledger.capitalisation(added, receivable)
        entry = fund.book(session, caller, lines, kind="capitalisation", reference=loan.id, booked_on=day)
    change = keep_change(
        session,
        caller,
        loan,
        resolution,
        kind="reschedule",
        moved=moved,
        principal=added,
        entry=entry,
        terms=written(terms),
        replaced=replaced,
    )
    event = LoanRescheduled(
        loan_id=loan.id,
        enterprise_id=loan.enterprise_id,
        municipality=loan.municipality,
        instalments=len(rows),
        last_due=rows[-1].due,
        rescheduled_on=change.done_on,
    )
    log.append(session, event, loan.id)


def _write_off(
    session: Session, caller: Caller, fund: TrustFund, application: Application, resolution: Resolution, loan: Loan
) -> None:
    day = clock.today()
    if loan.outstanding_principal > resolution.amount or not loan.outstanding_principal:
        owed, resolved = fund.money(loan.outstanding_principal), fund.money(resolution.amount)
        raise Refused("change.other_debt", number=application.number, owed=owed, resolved=resolved)
    replaced, receivable, owed_then = written_plan(loan), receivable_of(session, loan), loan.moving(day)
    gone = loan.write_off(day, fund.counts_from(session, day))
    lines = ledger.write_off(gone, receivable)
    entry = fund.book(session, caller, lines, kind="write_off", reference=loan.id, booked_on=day)
    keep_change(
        session,
        caller,
        loan,
        resolution,
        kind="write_off",
        moved=owed_then,
        principal=-gone,
        entry=entry,
        terms={},
        replaced=replaced,
    )
    event = LoanWrittenOff(
        loan_id=loan.id,
        enterprise_id=loan.enterprise_id,
        municipality=loan.municipality,
        amount=fund.money(gone),
        written_off_on=day,
    )
    log.append(session, event, loan.id)
