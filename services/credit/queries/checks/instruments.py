"""What the instruments set: the letter and its clauses, the levels of competence, the concentration, what there is to
lend.
"""

from datetime import date, timedelta
from itertools import accumulate

from sqlalchemy import ColumnElement, func, select

from services.credit.models import (
    Assent,
    LedgerEntry,
    LedgerLine,
    TrusteeStatement,
    Withdrawal,
    agreement_in_force,
    clauses_in_force,
)
from services.credit.queries.checks.month import Act, Finding, Found, Month, local_day
from services.credit.queries.concentration import beyond
from services.credit.rules import ledger
from services.credit.rules.agreement import unsigned
from services.credit.rules.regulations import unsourced
from shared.kernel import clock

_PAYING = ("loan", "tranche", "part")
_PAID_OUT = ("disbursement", "seed_grant", "seed_contribution")


def agreement(month: Month) -> Found:
    """Nothing was approved or paid out without the letter that the regulations of the day ask for."""
    findings: list[Finding] = []
    done = [(one.number, one.decided_at) for one in month.approvals]
    done += [(act.number, act.at) for act in month.acts]
    for number, at in done:
        day = local_day(at)
        if agreement_in_force(month.fund, day) is None and _asked(month, day):
            findings.append((number, "no_agreement"))
    return len(done), findings


def sources(month: Month) -> Found:
    """Where the edition in force names sources, each section that it states has one."""
    edition = month.in_force(month.until)
    if edition is None or "sources" not in edition.parameters:
        return 0, []
    named = f"{edition.title}, {edition.edition}"
    untold = [(named, "no_source")] if unsourced(edition.parameters) else []
    return len(edition.parameters) - 1, untold


def trustee(month: Month) -> Found:
    """The letter is signed, and its clauses were kept: the most a loan may take, the monthly statement, what stays
    there, the trustee's fee, who signs withdrawals.
    """
    findings: list[Finding] = []
    examined = 0
    for act in month.acts:
        ceiling = clauses_in_force(month.fund, local_day(act.at)).maximum_disbursement
        if act.kind in _PAYING and ceiling is not None:
            examined += 1
            findings += [(act.number, "above_ceiling")] if _taken(month, act) > ceiling else []
    clauses = clauses_in_force(month.fund, month.until)
    if clauses.statement_due_day is not None:
        due = month.first.replace(day=clauses.statement_due_day)
        examined += due < clock.today()
        if due < clock.today() and not _statement_came(month, due):
            findings.append((month.fund.code, "statement_late"))
    if clauses.reserve_floor:
        examined += 1
        if _cash(month, LedgerEntry.booked_on <= month.until) < clauses.reserve_floor:
            findings.append((month.fund.code, "under_floor"))
    letter = agreement_in_force(month.fund, month.until)
    if letter is not None:
        examined += 1
        findings += [(f"{letter.title}, {letter.edition}", "letter_unsigned")] if letter.file_id is None else []
    if clauses.trustee_fee is not None:
        charged = _charged(month)
        examined += len(charged)
        findings += [(number, "fee_above_letter") for number, until in charged if until > clauses.trustee_fee]
    withdrawn = _withdrawn(month)
    return examined + len(withdrawn), findings + withdrawn


def competence(month: Month) -> Found:
    """What went beyond the committee's own limit was paid out with the assent of the Trust Fund Committee."""
    findings: list[Finding] = []
    for resolution in month.approvals:
        rules = month.rules(resolution.regulations_id).competence
        product, amount = month.application(resolution.application_id).product, resolution.amount
        known = (rules.level(product, amount).name, rules.assents_for(product, amount))
        if (resolution.level, resolution.assents_needed) != known:
            findings.append((resolution.number, "other_level"))
    acts = [act for act in month.acts if act.kind != "part"]
    for act in acts:
        resolution = act.resolution
        product = month.application(resolution.application_id).product
        needed = month.rules(resolution.regulations_id).competence.assents_for(product, resolution.amount)
        said = select(func.count()).where(Assent.resolution_id == resolution.id, Assent.gives, Assent.said_at <= act.at)
        if needed > (month.session.scalar(said) or 0):
            findings.append((act.number, "no_assent"))
        mine = select(Assent.id).where(Assent.resolution_id == resolution.id, Assent.subject == act.by)
        if month.session.scalar(mine):
            findings.append((act.number, "assenter_paid_out"))
    return len(month.approvals) + len(acts), findings


def concentration(month: Month) -> Found:
    """Nobody to whom something was approved in the month holds more, as things stand, than the limits let her."""
    findings: list[Finding] = []
    examined = 0
    for resolution in month.resolutions:
        limits = month.rules(resolution.regulations_id).concentration
        if resolution.outcome != "approved" or not limits.limits:
            continue
        examined += 1
        application = month.application(resolution.application_id)
        if application.state in {"approved", "disbursed"}:
            kinds = beyond(month.session, month.fund, limits, application)
            findings += [(resolution.number, f"beyond_{kind}") for kind in kinds]
    return examined, findings


def funds(month: Month) -> Found:
    """No approval was of more than lay at the trustee, and what is promised lies there now, above what is kept back."""
    findings: list[Finding] = []
    new = [one for one in month.approvals if month.application(one.application_id).kind == "loan"]
    for resolution in new:
        if resolution.amount > _cash(month, LedgerEntry.recorded_at <= resolution.decided_at):
            findings.append((resolution.number, "beyond_cash"))
        application = month.application(resolution.application_id)
        if application.state == "approved" and application.committed != resolution.amount:
            findings.append((resolution.number, "other_promise"))
    promised = month.fund.committed(month.session)
    if promised and promised > _cash(month) - month.fund.kept_back:
        findings.append((month.fund.code, "promised_beyond"))
    return len(new) + bool(promised), findings


def _withdrawn(month: Month) -> list[Finding]:
    """What went back to funders in the month without a signature that the letter of its day asks for."""
    query = (
        select(Withdrawal, LedgerEntry.number)
        .join(LedgerEntry, LedgerEntry.id == Withdrawal.entry_id)
        .where(Withdrawal.fund_id == month.fund.id, *month.within(LedgerEntry.recorded_at))
        .order_by(Withdrawal.id)
    )
    return [
        (str(number), "not_signed")
        for one, number in month.session.execute(query)
        if unsigned(clauses_in_force(month.fund, one.paid_on).withdrawal_signatures, one.signatures)
    ]


def _charged(month: Month) -> list[tuple[str, int]]:
    """What the trustee charged in the month: the number of each movement, and what was charged with it in all."""
    query = (
        select(LedgerEntry.number, -func.sum(LedgerLine.amount))
        .join(LedgerLine)
        .where(
            LedgerEntry.fund_id == month.fund.id,
            LedgerEntry.kind == "bank_charge",
            LedgerEntry.booked_on >= month.first,
            LedgerEntry.booked_on < month.after,
            LedgerLine.account == ledger.CASH_AT_TRUSTEE,
        )
        .group_by(LedgerEntry.number)
        .order_by(LedgerEntry.number)
    )
    rows = [(str(number), int(amount)) for number, amount in month.session.execute(query)]
    sums = accumulate(amount for _, amount in rows)
    return [(number, until) for (number, _), until in zip(rows, sums, strict=True)]


def _asked(month: Month, day: date) -> bool:
    edition = month.in_force(day)
    return edition is not None and month.rules(edition.id).agreement.required


def _taken(month: Month, act: Act) -> int:
    """What one loan or award had taken from the trustee's account, in cents."""
    paid = LedgerEntry.reference == act.record, LedgerEntry.kind.in_(_PAID_OUT), LedgerEntry.recorded_at <= act.at
    return -_cash(month, *paid)


def _statement_came(month: Month, due: date) -> bool:
    """Whether a statement that reaches to the end of the month before was brought in until the day it was due."""
    wanted = select(TrusteeStatement).where(
        TrusteeStatement.fund_id == month.fund.id, TrusteeStatement.last_day >= month.first - timedelta(days=1)
    )
    return any(local_day(one.uploaded_at) <= due for one in month.session.scalars(wanted))


def _cash(month: Month, *which: ColumnElement[bool]) -> int:
    """What such movements brought to the trustee, in cents; all there are, unless some are named."""
    query = (
        select(func.coalesce(func.sum(LedgerLine.amount), 0))
        .join(LedgerEntry)
        .where(LedgerEntry.fund_id == month.fund.id, LedgerLine.account == ledger.CASH_AT_TRUSTEE, *which)
    )
    return int(month.session.scalar(query) or 0)
