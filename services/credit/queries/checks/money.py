"""What the money did: who took it and how it was spread, whether the books hold, what the closes found, how the income
was shared.
"""

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import ColumnElement, case, exists, func, or_, select, union
from sqlalchemy.orm import aliased

from services.credit.models import (
    Closing,
    CreditRegulations,
    DailyClose,
    IncomeShare,
    LateCharge,
    LedgerEntry,
    LedgerLine,
    Loan,
    LoanChange,
    LoanStanding,
    PaymentLine,
    Repayment,
    RepaymentPart,
    SeedAward,
    SeedMilestone,
    SeedReturn,
    agreement_in_force,
    clauses_in_force,
)
from services.credit.queries.checks.month import Finding, Found, Month
from services.credit.rules import ledger
from services.credit.rules.arrears import Dated
from services.credit.rules.ledger import ACCOUNTS, CHART
from services.credit.tables import provisioning_rows
from shared.kernel import clock


def repayments(month: Month) -> Found:
    """Nobody took, entered or took back what came back of a loan or an award that she had paid out, all or a part, or
    of which she had carried a change out: at the counter, by file, from an overpayment, or moved there from another
    loan.
    """
    ids = [one.id for one in month.repayments]
    by_the_payer = (
        select(Repayment.number)
        .join(Loan, Loan.id == Repayment.loan_id)
        .where(Repayment.id.in_(ids), or_(*map(_handled, _hands())))
        .order_by(Repayment.id)
    )
    taken_back = (
        select(Repayment.number, _handled(Repayment.posted_by.expression))
        .join(Loan, Loan.id == Repayment.loan_id)
        .where(
            Repayment.fund_id == month.fund.id,
            Repayment.reverses_id.is_not(None),
            *month.within(Repayment.posted_at),
        )
        .order_by(Repayment.id)
    )
    reversals = month.session.execute(taken_back).all()
    paid = exists().where(SeedMilestone.plan_id == SeedAward.plan_id, SeedMilestone.paid_by == SeedReturn.posted_by)
    returned = (
        select(SeedReturn.number, paid)
        .join(SeedAward, SeedAward.id == SeedReturn.award_id)
        .where(SeedAward.fund_id == month.fund.id, *month.within(SeedReturn.posted_at))
        .order_by(SeedReturn.id)
    )
    back = month.session.execute(returned).all()
    wrong = [*month.session.scalars(by_the_payer), *(number for number, by_the_payer_ in back if by_the_payer_)]
    findings = [(number, "payer_collected") for number in wrong]
    findings += [(number, "payer_took_back") for number, by_the_payer_ in reversals if by_the_payer_]
    return len(ids) + len(reversals) + len(back), findings


def _hands() -> tuple[ColumnElement[str], ...]:
    """Through whose hands a repayment went: who entered it; of one that was moved, who had taken it (its movement names
    the receipt it was taken with); and who posted the line of a file that told it.
    """
    first = aliased(Repayment)
    taken = select(first.posted_by).join(LedgerEntry, LedgerEntry.memo == first.number)
    told = select(PaymentLine.decided_by).where(PaymentLine.repayment_id == Repayment.id)
    moved = taken.where(LedgerEntry.id == Repayment.entry_id)
    through = (one.correlate(Repayment).scalar_subquery() for one in (moved, told))
    return Repayment.posted_by.expression, *through


def _handled(by: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether this account had paid the loan of a repayment out, or carried a change of it out before."""
    changed = exists().where(
        LoanChange.loan_id == Loan.id,
        LoanChange.done_by == by,
        LoanChange.id < Repayment.id,  # ids rise with time
    )
    return or_(by == Loan.disbursed_by, changed)


def books(month: Month) -> Found:
    """Every movement of the month, and the identities of the books as they stand now."""
    findings: list[Finding] = []
    entered = (LedgerEntry.fund_id == month.fund.id, *month.within(LedgerEntry.recorded_at))
    count = month.session.scalar(select(func.count()).select_from(LedgerEntry).where(*entered)) or 0
    unbalanced = (
        select(LedgerEntry.number)
        .join(LedgerLine)
        .where(*entered)
        .group_by(LedgerEntry.id, LedgerEntry.number)
        .having(func.sum(LedgerLine.amount) != 0)
        .order_by(LedgerEntry.number)
    )
    findings += [(str(number), "unbalanced") for number in month.session.scalars(unbalanced)]
    balances = month.fund.summed(month.session, date.max)
    if not ledger.balance_sheet(balances).holds:
        findings.append((month.fund.code, "sheet_open"))
    owed = select(func.coalesce(func.sum(Loan.outstanding_principal), 0)).where(Loan.fund_id == month.fund.id)
    if balances[ledger.LOANS] != int(month.session.scalar(owed) or 0):
        findings.append((month.fund.code, "subledger_differs"))
    return count, findings


def allocation(month: Month) -> Found:
    """A loan keeps the order of its regulations, and each repayment paid what was due in that order, oldest first. Late
    charges, which change from day to day, are left out.
    """
    findings: list[Finding] = []
    for loan, _entry in month.loans:
        if tuple(loan.allocation_order) != month.rules(loan.regulations_id).allocation_order:
            findings.append((loan.number, "other_order"))
    for loan, taken in _by_loan(month).items():
        spread = _Spread(month, loan)
        findings += [(one.number, "out_of_order") for one in taken if spread.out_of_order(one)]
    return len(month.loans) + len(month.repayments), findings


def advance(month: Month) -> Found:
    """Where the regulations do not let an instalment be paid before its day, none was."""
    findings: list[Finding] = []
    for loan, taken in _by_loan(month).items():
        allowed = month.rules(loan.regulations_id).payment_in_advance
        if loan.payment_in_advance != allowed:
            findings.append((loan.number, "other_advance"))
        if not allowed:
            due = {item.number: item.due for item in loan.instalments}
            findings += [
                (one.number, "paid_in_advance")
                for one in taken
                if any(due.get(part.instalment, one.paid_on) > one.paid_on for part in one.parts)
            ]
    return len(month.repayments), findings


def _by_loan(month: Month) -> dict[Loan, list[Repayment]]:
    found: defaultdict[Loan, list[Repayment]] = defaultdict(list)
    for one in month.repayments:
        found[one.loan].append(one)
    return found


class _Spread:
    """What had been paid of each instalment of a loan, repayment after repayment, by what is written of each."""

    def __init__(self, month: Month, loan: Loan) -> None:
        self.order = [name for name in month.rules(loan.regulations_id).allocation_order if name != "penalty"]
        self.asked = {item.number: item for item in loan.instalments}
        query = (
            select(RepaymentPart)
            .join(Repayment, Repayment.id == RepaymentPart.repayment_id)
            .where(Repayment.loan_id == loan.id)
        )
        self.parts = list(month.session.scalars(query))

    def out_of_order(self, repayment: Repayment) -> bool:
        """Whether it paid something while what goes before that was not paid with it."""
        until: defaultdict[int, list[RepaymentPart]] = defaultdict(list)
        for part in self.parts:
            if part.repayment_id <= repayment.id:  # ids rise with time
                until[part.instalment].append(part)
        mine = {part.instalment: part for part in repayment.parts}
        for number, item in sorted(self.asked.items()):
            left = False
            for name in self.order:
                if left and number in mine and getattr(mine[number], name) > 0:
                    return True
                left |= sum(getattr(part, name) for part in until[number]) < getattr(item, name)
            if left and item.due <= repayment.paid_on and any(later > number for later in mine):
                return True
        return False


def late_charge(month: Month) -> Found:
    """What the last close charged for being late is what the regulations say, counted once more from the payments."""
    closing = month.session.get(Closing, month.fund.id)
    if closing is None or closing.day is None:
        return 0, []
    held = {(one.loan_id, one.instalment): one.amount for one in _charges(month, closing)}
    findings: list[Finding] = []
    examined = 0
    for loan in _late_loans(month, closing):
        rule = month.rules(loan.regulations_id).late_charge
        paid: defaultdict[int, list[Dated]] = defaultdict(list)
        for repayment in loan.repayments:
            for part in repayment.parts if repayment.stands else ():
                paid[part.instalment].append(Dated(repayment.paid_on, part.principal, part.interest))
        for item in loan.instalments:
            charged = held.get((loan.id, item.number))
            left = item.principal + item.interest > item.paid_principal + item.paid_interest
            if charged is None and not (left and item.plan == loan.plan and item.due < closing.day):
                continue
            examined += 1
            asked = Dated(item.due, item.principal, item.interest)
            if (charged or 0) != rule.at(closing.day, asked, paid[item.number]):
                findings.append((loan.number, "other_charge"))
    return examined, findings


def _charges(month: Month, closing: Closing) -> list[LateCharge]:
    query = select(LateCharge).where(LateCharge.fund_id == month.fund.id, LateCharge.slot == closing.slot)
    return list(month.session.scalars(query))


def _late_loans(month: Month, closing: Closing) -> list[Loan]:
    """The active loans that the last close found late or charged, but for those on which something was booked since."""
    here = LoanStanding.fund_id == month.fund.id, LoanStanding.slot == closing.slot, LoanStanding.days_overdue > 0
    charged = LateCharge.fund_id == month.fund.id, LateCharge.slot == closing.slot
    late = union(select(LoanStanding.loan_id).where(*here), select(LateCharge.loan_id).where(*charged))
    booked = select(LedgerEntry.reference).where(
        LedgerEntry.fund_id == month.fund.id, LedgerEntry.number > closing.journal
    )
    changed = select(LoanChange.loan_id).where(LoanChange.journal >= closing.journal)
    query = select(Loan).where(
        Loan.id.in_(late), Loan.state == "active", Loan.id.not_in(booked), Loan.id.not_in(changed)
    )
    return list(month.session.scalars(query.order_by(Loan.id)))


def provisioning(month: Month) -> Found:
    """Every day is closed, the last close set aside for each loan what the regulations say, and the books have it."""
    findings: list[Finding] = []
    closing = month.session.get(Closing, month.fund.id)
    if _open(month, closing):
        findings.append((month.fund.code, "not_closed"))
    if closing is None or closing.day is None:
        return len(findings), findings
    last = month.session.scalars(
        select(DailyClose).where(DailyClose.fund_id == month.fund.id, DailyClose.day == closing.day)
    ).one()
    edition = month.in_force(closing.day)
    rows = provisioning_rows(month.rules(edition.id).provisioning, closing.day) if edition else ()
    rate = case(*((LoanStanding.days_overdue >= since, part) for since, part in reversed(rows)), else_=0) if rows else 0
    here = LoanStanding.fund_id == month.fund.id, LoanStanding.slot == closing.slot
    wrong = (
        select(Loan.number)
        .join(LoanStanding, LoanStanding.loan_id == Loan.id)
        .where(*here, LoanStanding.allowance != (LoanStanding.principal * rate + 5_000) // 10_000)
        .order_by(Loan.id)
    )
    findings += [(number, "other_allowance") for number in month.session.scalars(wrong)]
    booked = (
        select(func.coalesce(func.sum(LedgerLine.amount), 0))
        .join(LedgerEntry)
        .where(
            LedgerEntry.fund_id == month.fund.id,
            LedgerEntry.number <= closing.journal,
            LedgerLine.account == ACCOUNTS["allowance"],
        )
    )
    if int(month.session.scalar(booked) or 0) != -last.allowance:
        findings.append((month.fund.code, "allowance_differs"))
    return last.loans + 1, findings


def _open(month: Month, closing: Closing | None) -> bool:
    """Whether the month is over, loans were running, and its last day was not closed though something is set aside."""
    last = month.after - timedelta(days=1)
    edition = month.in_force(last)
    if last >= clock.today() - timedelta(days=1) or edition is None or month.rules(edition.id).provisioning is None:
        return False
    running = select(Loan.id).where(
        Loan.fund_id == month.fund.id, Loan.disbursed_on <= last, or_(Loan.settled_on.is_(None), Loan.settled_on > last)
    )
    closed = closing is not None and closing.day is not None and closing.day >= last
    return not closed and month.session.scalar(running.limit(1)) is not None


def income(month: Month) -> Found:
    """The result that was shared out is that of the books, and each got what the regulations of its last day say."""
    query = select(IncomeShare).where(IncomeShare.fund_id == month.fund.id, *month.within(IncomeShare.recorded_at))
    shared = month.session.scalars(query.order_by(IncomeShare.ends_on)).all()
    return len(shared), [(f"{one.ends_on}", code) for one in shared for code in _wrongly_shared(month, one)]


def _wrongly_shared(month: Month, share: IncomeShare) -> list[str]:
    wrong = []
    edition: CreditRegulations | None = month.in_force(share.ends_on)
    rule = month.rules(edition.id).income_shares if edition else None
    letter, clauses = agreement_in_force(month.fund, share.ends_on), clauses_in_force(month.fund, share.ends_on)
    first = clauses.of_income(share.result)
    due = [(letter.trustee, first)] if letter else []
    due += (
        [(of.to, amount) for of, amount in zip(rule.shares, rule.of(share.result - first), strict=True)] if rule else []
    )
    if [(part.receiver, part.amount) for part in share.parts] != [one for one in due if one[1]]:
        wrong.append("other_share")
    lines = select(LedgerLine.account, LedgerLine.amount).where(LedgerLine.entry_id == share.entry_id)
    closed = {"income", "expense"}
    result = sum(amount for account, amount in month.session.execute(lines) if CHART[account][1] in closed)
    if result != share.result or share.carried != share.result - sum(part.amount for part in share.parts):
        wrong.append("other_result")
    return wrong
