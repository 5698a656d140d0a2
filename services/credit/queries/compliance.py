"""Each rule of the regulations, checked against what happened in a month.

The checks trust no state that the use cases keep: they count the votes, seats, days and cents once more.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import (
    Acta,
    AgendaItem,
    Application,
    CommitteeSession,
    Condition,
    CopyEnterprise,
    CreditRegulations,
    LedgerEntry,
    LedgerLine,
    Loan,
    Repayment,
    Resolution,
    RollSeat,
    Seat,
    Suspension,
    TrustFund,
    Vote,
    regulations_in_force,
)
from services.credit.rules import ledger, signatures
from services.credit.rules.quorum import outcome, voting_quorum
from services.credit.rules.regulations import Parameters
from shared import files, places
from shared.kernel import LOCAL_TIME, Refused, clock

STATES = ("kept", "broken", "nothing")
_SECTIONS = ("notice", "conflicts", "reasons", "approvals")
Finding = tuple[str, str]
"""The record that breaks a rule, by its number, and the code of how."""


class Month:
    """What happened in a fund in one month, by the calendar of the three countries."""

    def __init__(self, session: Session, fund: TrustFund, first: date) -> None:
        self.session, self.fund = session, fund
        self.first = first.replace(day=1)
        self.after = (self.first + timedelta(days=31)).replace(day=1)
        self.until = min(self.after - timedelta(days=1), max(clock.today(), self.first))

    @cached_property
    def sessions(self) -> Sequence[CommitteeSession]:
        """The sessions that were opened."""
        opened = self._within(CommitteeSession.opened_at)
        query = select(CommitteeSession).where(CommitteeSession.fund_id == self.fund.id, *opened)
        return self.session.scalars(query.order_by(CommitteeSession.id)).all()

    @cached_property
    def resolutions(self) -> Sequence[Resolution]:
        query = select(Resolution).where(Resolution.fund_id == self.fund.id, *self._within(Resolution.decided_at))
        return self.session.scalars(query.order_by(Resolution.id)).all()

    @cached_property
    def loans(self) -> Sequence[tuple[Loan, LedgerEntry]]:
        """The loans paid out, with when that was entered."""
        query = (
            select(Loan, LedgerEntry)
            .join(LedgerEntry, LedgerEntry.id == Loan.entry_id)
            .where(Loan.fund_id == self.fund.id, *self._within(LedgerEntry.recorded_at))
        )
        return [(loan, entry) for loan, entry in self.session.execute(query.order_by(Loan.id))]

    @cached_property
    def repayments(self) -> Sequence[tuple[Repayment, Loan]]:
        query = (
            select(Repayment, Loan)
            .join(Loan, Loan.id == Repayment.loan_id)
            .where(Repayment.fund_id == self.fund.id, *self._within(Repayment.posted_at))
        )
        return [(paid, loan) for paid, loan in self.session.execute(query.order_by(Repayment.id))]

    @cached_property
    def entries(self) -> Sequence[LedgerEntry]:
        query = select(LedgerEntry).where(LedgerEntry.fund_id == self.fund.id, *self._within(LedgerEntry.recorded_at))
        return self.session.scalars(query).all()

    def item(self, resolution: Resolution) -> AgendaItem:
        return self.session.get_one(AgendaItem, resolution.item_id)

    def rules(self, regulations_id: UUID | None) -> Parameters:
        return self.session.get_one(CreditRegulations, regulations_id).read()

    def _within(self, moment: Any) -> tuple[Any, Any]:
        begins, ends = (datetime.combine(day, time(), LOCAL_TIME) for day in (self.first, self.after))
        return moment >= begins.astimezone(UTC), moment < ends.astimezone(UTC)


def _notice(month: Month) -> tuple[int, Iterable[Finding]]:
    findings: list[Finding] = []
    for meeting in month.sessions:
        days = month.rules(meeting.regulations_id).notice.days
        latest = local_day(meeting.opened_at) - timedelta(days=days)
        told = {one.seat_id: local_day(one.at) for one in meeting.notified}
        principals = [seat.seat_id for seat in meeting.roll if seat.alternate_for_id is None]
        if days and any(seat not in told for seat in principals):
            findings.append((meeting.number, "not_notified"))
        elif days and not meeting.short_notice and any(told[seat] > latest for seat in principals):
            findings.append((meeting.number, "late_notice"))
    return len(month.sessions), findings


def _quorum(month: Month) -> tuple[int, Iterable[Finding]]:
    findings: list[Finding] = []
    for resolution in month.resolutions:
        item = month.item(resolution)
        state = voting_quorum(item.session.members(item), month.rules(resolution.regulations_id).quorum)
        if state.present < state.needed:
            findings.append((resolution.number, "too_few_votes"))
        if state.missing:
            findings.append((resolution.number, "constituency_missing"))
    return len(month.resolutions), findings


def _conflicts(month: Month) -> tuple[int, Iterable[Finding]]:
    findings: list[Finding] = []
    examined = 0
    for resolution in month.resolutions:
        item = month.item(resolution)
        application = month.session.get_one(Application, item.application_id)
        enterprise = CopyEnterprise.standing(month.session, application.enterprise_id)
        owners = [] if enterprise is None else enterprise.every_owner(month.session)
        recused = {recusal.roll_seat_id for recusal in item.recusals}
        for vote in item.votes:
            examined += 1
            if application.appraised_by(vote.subject):
                findings.append((resolution.number, "appraiser_voted"))
            if vote.roll_seat_id in recused:
                findings.append((resolution.number, "recused_voted"))
            if _interested(month, resolution, vote, owners):
                findings.append((resolution.number, "interested_voted"))
    return examined, findings


def _interested(month: Month, resolution: Resolution, vote: Vote, owners: list[str]) -> bool:
    """Whether she had declared, before she voted, an interest that keeps her from it."""
    conflicts = month.rules(resolution.regulations_id).conflicts
    seat = month.session.get_one(Seat, month.session.get_one(RollSeat, vote.roll_seat_id).seat_id)
    return any(
        str(interest.entrepreneur_id) in owners
        and interest.id < vote.id  # ids rise with time
        and conflicts.bars(interest.relation, interest.degree)
        for interest in seat.interests
    )


def _one_vote(month: Month) -> tuple[int, Iterable[Finding]]:
    findings: list[Finding] = []
    for resolution in month.resolutions:
        item = month.item(resolution)
        seats = Counter(item.session.roll_seat(vote.roll_seat_id).chair_of for vote in item.votes)
        if any(count > 1 for count in seats.values()):
            findings.append((resolution.number, "seat_voted_twice"))
    return len(month.resolutions), findings


def _majority(month: Month) -> tuple[int, Iterable[Finding]]:
    findings: list[Finding] = []
    for resolution in month.resolutions:
        item = month.item(resolution)
        rule = month.rules(resolution.regulations_id).quorum
        if outcome(item.session.members(item), rule) != resolution.outcome:
            findings.append((resolution.number, "other_outcome"))
    return len(month.resolutions), findings


def _reasons(month: Month) -> tuple[int, Iterable[Finding]]:
    unfavourable = [one for one in month.resolutions if one.outcome != "approved"]
    listed = [one for one in unfavourable if month.rules(one.regulations_id).reasons.items]
    return len(unfavourable), [(one.number, "no_reason") for one in listed if one.reason_code is None]


def _numbering(month: Month) -> tuple[int, Iterable[Finding]]:
    query = select(Resolution.number).where(Resolution.fund_id == month.fund.id).order_by(Resolution.id)
    prefix = f"{month.fund.code}-R-{month.first.year}-"
    numbers = sorted(int(one[len(prefix) :]) for one in month.session.scalars(query) if one.startswith(prefix))
    known = set(numbers)
    gaps = [number for number in numbers if number > 1 and number - 1 not in known]
    return len(numbers), [(f"{prefix}{number:04d}", "gap") for number in gaps]


def _minutes(month: Month) -> tuple[int, Iterable[Finding]]:
    findings: list[Finding] = []
    closed = [meeting for meeting in month.sessions if meeting.state == "closed"]
    for meeting in closed:
        acta = month.session.scalar(select(Acta).where(Acta.session_id == meeting.id))
        if acta is None:
            findings.append((meeting.number, "no_minutes"))
            continue
        before = select(Acta.hash).where(Acta.committee_id == acta.committee_id, Acta.sequence == acta.sequence - 1)
        if month.session.scalar(before) != acta.previous_hash:
            findings.append((acta.number, "broken_chain"))
        if acta.public_key and not _genuine(month, acta):
            findings.append((acta.number, "bad_signature"))
    return len(closed), findings


def _genuine(month: Month, acta: Acta) -> bool:
    try:
        found = signatures.read(files.read(month.session, acta.file_id))
    except files.DamagedFile:
        return False
    return not found.problems and (found.hash, found.public_key) == (acta.hash, acta.public_key)


def _limits(month: Month) -> tuple[int, Iterable[Finding]]:
    findings: list[Finding] = []
    for loan, _entry in month.loans:
        application = month.session.get_one(Application, loan.application_id)
        product = month.rules(loan.regulations_id).product(application.product)
        within = product.minimum <= loan.principal <= product.maximum
        if not within or not product.shortest <= loan.terms["instalments"] <= product.longest:
            findings.append((loan.number, "outside_limits"))
        if loan.principal != month.session.get_one(Resolution, loan.resolution_id).amount:
            findings.append((loan.number, "other_amount"))
    return len(month.loans), findings


def _segregation(month: Month) -> tuple[int, Iterable[Finding]]:
    findings: list[Finding] = []
    for loan, _entry in month.loans:
        voted = select(Vote.id).join(AgendaItem).where(AgendaItem.application_id == loan.application_id)
        if month.session.scalar(voted.where(Vote.subject == loan.disbursed_by).limit(1)):
            findings.append((loan.number, "voter_paid_out"))
    return len(month.loans), findings


def _conditions(month: Month) -> tuple[int, Iterable[Finding]]:
    findings: list[Finding] = []
    examined = 0
    for loan, entry in month.loans:
        item_id = month.session.get_one(Resolution, loan.resolution_id).item_id
        for condition in month.session.scalars(select(Condition).where(Condition.item_id == item_id)):
            examined += 1
            if condition.met_at is None or condition.met_at > entry.recorded_at:
                findings.append((loan.number, "condition_open"))
    return examined, findings


def _expiry(month: Month) -> tuple[int, Iterable[Finding]]:
    findings: list[Finding] = []
    for loan, entry in month.loans:
        expires = month.session.get_one(Resolution, loan.resolution_id).expires_on
        if expires is not None and local_day(entry.recorded_at) > expires:
            findings.append((loan.number, "after_expiry"))
    return len(month.loans), findings


def _suspension(month: Month) -> tuple[int, Iterable[Finding]]:
    query = select(Suspension).where(Suspension.fund_id == month.fund.id)
    times = [(one.suspended_at, one.resumed_at) for one in month.session.scalars(query)]
    acts = [(one.number, one.decided_at) for one in month.resolutions if one.outcome == "approved"]
    acts += [(loan.number, entry.recorded_at) for loan, entry in month.loans]
    return len(acts), [
        (number, "while_suspended")
        for number, at in acts
        if any(begins < at and (ends is None or at < ends) for begins, ends in times)
    ]


def _repayments(month: Month) -> tuple[int, Iterable[Finding]]:
    wrong = [paid.number for paid, loan in month.repayments if paid.posted_by == loan.disbursed_by]
    return len(month.repayments), [(number, "payer_collected") for number in wrong]


def _books(month: Month) -> tuple[int, Iterable[Finding]]:
    """Every movement of the month, and the identities of the books as they stand now."""
    findings: list[Finding] = []
    sums = select(LedgerLine.entry_id).group_by(LedgerLine.entry_id).having(func.sum(LedgerLine.amount) != 0)
    unbalanced = set(month.session.scalars(sums.join(LedgerEntry).where(LedgerEntry.fund_id == month.fund.id)))
    findings += [(str(entry.number), "unbalanced") for entry in month.entries if entry.id in unbalanced]
    balances = month.fund.balances(month.session)
    if not ledger.balance_sheet(balances).holds:
        findings.append((month.fund.code, "sheet_open"))
    owed = select(func.coalesce(func.sum(Loan.outstanding_principal), 0)).where(Loan.fund_id == month.fund.id)
    if balances[ledger.LOANS] != int(month.session.scalar(owed) or 0):
        findings.append((month.fund.code, "subledger_differs"))
    return len(month.entries), findings


@dataclass(frozen=True, slots=True)
class Check:
    """A rule, the section of the regulations that sets it (none: it is the service's own), and how it is checked."""

    code: str
    section: str | None
    run: Callable[[Month], tuple[int, Iterable[Finding]]]


CHECKS = (
    Check("notice", "notice", _notice),
    Check("quorum", "quorum", _quorum),
    Check("conflicts", "conflicts", _conflicts),
    Check("one_vote", "quorum", _one_vote),
    Check("majority", "quorum", _majority),
    Check("reasons", "reasons", _reasons),
    Check("numbering", None, _numbering),
    Check("minutes", None, _minutes),
    Check("limits", "products", _limits),
    Check("segregation", None, _segregation),
    Check("conditions", None, _conditions),
    Check("expiry", "approvals", _expiry),
    Check("suspension", None, _suspension),
    Check("repayments", None, _repayments),
    Check("books", None, _books),
)


def report(session: Session, fund: TrustFund, month: date) -> dict[str, Any]:
    """Every check of a month with what it examined and found, and how concentrated the portfolio is now."""
    happened = Month(session, fund, month)
    return {
        "fund_id": fund.id,
        "month": happened.first,
        "until": happened.until,
        "checks": [_checked(happened, check) for check in CHECKS],
        "concentration": concentration(session, fund),
    }


def _checked(month: Month, check: Check) -> dict[str, Any]:
    examined, findings = check.run(month)
    found = [{"record": record, "what": what} for record, what in dict.fromkeys(findings)]
    return {
        "rule": check.code,
        "state": "broken" if found else "kept" if examined else "nothing",
        "examined": examined,
        "source": _source(month, check.section),
        "findings": found,
    }


def _source(month: Month, section: str | None) -> str:
    """Where the rule stands: what the edition in force at the end of the month says of it."""
    if section is None:
        return ""
    try:
        edition = regulations_in_force(month.session, month.fund.id, month.until)
    except Refused:
        return ""
    cited = f"{edition.title}, {edition.edition}"
    own = getattr(edition.read(), section).source if section in _SECTIONS else ""
    return f"{cited}: {own}" if own else cited


def concentration(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """The largest borrower, value chain and municipality in the principal owed now, with their share of it."""
    query = select(Loan).where(Loan.fund_id == fund.id, Loan.outstanding_principal > 0).order_by(Loan.id)
    loans = session.scalars(query).all()
    whole = sum(loan.outstanding_principal for loan in loans)
    if not whole:
        return []
    numbers: dict[UUID, str] = {}
    for loan in loans:
        numbers[loan.enterprise_id] = f"{numbers.get(loan.enterprise_id, '')} {loan.number}".strip()
    groups: dict[str, Callable[[Loan], str]] = {
        "borrower": lambda loan: numbers[loan.enterprise_id],
        "chain": lambda loan: loan.chain,
        "municipality": lambda loan: places.full_name(loan.municipality) or loan.municipality,
    }
    rows = []
    for kind, group in groups.items():
        sums: Counter[str] = Counter()
        for loan in loans:
            sums[group(loan)] += loan.outstanding_principal
        largest, amount = sums.most_common(1)[0]
        percent = (Decimal(amount) * 100 / whole).quantize(Decimal("0.1"))
        rows.append({"kind": kind, "of": largest, "outstanding": fund.money(amount), "percent": str(percent)})
    return rows


def local_day(moment: datetime | None) -> date:
    assert moment is not None
    return moment.astimezone(LOCAL_TIME).date()
