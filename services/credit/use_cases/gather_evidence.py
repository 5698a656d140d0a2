"""Everything that is kept of a loan, or of an award of seed capital, is gathered into one signed file."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.directory import Names, People
from services.credit.documents.evidence import Archive, ReceiptsPrint
from services.credit.documents.letters import ClosurePrint, RefundPrint
from services.credit.documents.statement import StatementPrint
from services.credit.documents.tranche import TranchePrint
from services.credit.models import (
    Application,
    CommitteeKey,
    Loan,
    LoanChange,
    OverpaymentUse,
    Repayment,
    Resolution,
    SeedAward,
)
from services.credit.queries import evidence as queries
from services.credit.queries.disclosed import paper_number
from services.credit.queries.overpayments import held_for
from services.credit.use_cases import find
from services.credit.use_cases.bind_guarantees import nobody_known
from services.credit.use_cases.gathered import Gathered, add
from services.credit.use_cases.print_paper import addendum_of
from shared.identity import Caller
from shared.kernel import Refused, clock

NOTE_KEEPERS = frozenset({"coordinator", "credit_officer", "cashier"})
"""Who may hold the promissory note: it bears the whole number of her document."""
_COLLECTION = frozenset({"coordinator", "credit_officer", "network_coordinator", "auditor"})
"""Who may read what was written about her when she was late, and what files of payments say of a payer."""
_UNNAMED = {"enterprise.withdrawn", "guarantee.guarantor_gone"}
_BOOKLET = 50


def gather_evidence(
    session: Session, caller: Caller, *, loan_id: UUID, names: Names, people: People = nobody_known, language: str
) -> BinaryIO:
    """The evidence file of a loan as of today, to be read from its beginning; the caller closes it.

    It holds what the caller may see, and names what she may not and what was erased. The same state makes the same
    bytes. Nothing is written or locked; refuses a loan of a committee that has signed nothing yet, and one that was
    changed meanwhile.
    """
    loan = find.loan(session, caller, loan_id)
    borrower = names(loan.enterprise_id)
    return _written(_OfLoan(session, caller, loan, borrower, language, names=names, people=people))


def gather_award_evidence(session: Session, caller: Caller, *, award_id: UUID, names: Names, language: str) -> BinaryIO:
    """The evidence file of an award of seed capital, like that of a loan."""
    award = find.seed_award(session, caller, award_id)
    return _written(_OfAward(session, caller, award, names(award.enterprise_id), language))


def _written(gathered: Gathered) -> BinaryIO:
    before, key = _version(gathered.session, gathered.about), _key(gathered)
    out: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        gathered.write(out, key)
        if _version(gathered.session, gathered.about) != before:
            raise Refused("evidence.changed_meanwhile", number=gathered.about.number)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return out


def _version(session: Session, about: Loan | SeedAward) -> int | None:
    """As the database has it at this moment, whatever the session remembers."""
    entity = type(about)
    return session.scalar(select(entity.version).where(entity.id == about.id))


def _key(gathered: Gathered) -> CommitteeKey:
    """The key of the committee that approved it."""
    key = gathered.session.get(CommitteeKey, gathered.meeting.committee_id)
    if key is None:
        raise Refused("evidence.no_key", number=gathered.meeting.number)
    return key


@dataclass
class _OfLoan(Gathered):
    """A loan to its last cent."""

    about: Loan
    names: Names = field(kw_only=True)
    people: People = field(kw_only=True)

    @cached_property
    def later(self) -> list[Application]:
        return queries.changing(self.session, self.about)

    @cached_property
    def repayments(self) -> list[Repayment]:
        """Every payment and every counter-entry."""
        return queries.repayments(self.session, self.about)

    @cached_property
    def used(self) -> list[OverpaymentUse]:
        """What became of what was paid too much."""
        return queries.overpayments(self.session, self.about)

    @property
    def facts(self) -> Mapping[str, Any]:
        return {
            "kind": "loan",
            "given_on": self.about.disbursed_on,
            "given": self.fund.money(self.about.principal),
            "outstanding": self.fund.money(self.about.left),
            "ended_on": self.about.settled_on,
            "payments": len(self.about.repayments),
        }

    def _life(self, archive: Archive) -> None:
        self._contract(archive)
        self._changes(archive)
        self._repayments(archive)
        self._overpayments(archive)
        self._collection(archive)
        self._books(archive)
        self._closure(archive)

    def _contract(self, archive: Archive) -> None:
        add(archive, "loan.json", queries.loan(self.about))
        path = f"note/{self.about.number}.pdf"
        if self._allowed(archive, path, NOTE_KEEPERS):
            self._file(archive, path, self.about.note_file_id)

    def _changes(self, archive: Archive) -> None:
        """Further tranches, new plans, and what else the committee resolved about the running loan."""
        add(archive, "changes.json", queries.rows(self.about.changes))
        paid = [one for one in self.about.changes if one.kind == "tranche"]
        for number, change in enumerate(paid, start=2):
            resolution = self.session.get_one(Resolution, change.resolution_id)
            printed = TranchePrint.of(self.fund, self.about, change, resolution, self.borrower, self.language)
            archive.add(f"tranches/{number:02d}.pdf", printed.render_unissued())
        for change in self.about.changes:
            if change.kind == "reschedule":
                self._addendum(archive, change)

    def _addendum(self, archive: Archive, change: LoanChange) -> None:
        """The addendum of a new plan, for who may hold the note, while it is known who signs it."""
        path = f"addenda/{paper_number(self.about, change)}.pdf"
        if not self._allowed(archive, path, NOTE_KEEPERS):
            return
        facts = (self.fund, self.application, self.about, change)
        try:
            printed = addendum_of(self.session, *facts, self.names, self.people, self.language)
        except Refused as refused:
            if refused.code not in _UNNAMED:
                raise
            archive.leave_out(path, "unnamed")
        else:
            archive.add(path, printed.render_unissued())

    def _repayments(self, archive: Archive) -> None:
        found = self.repayments
        add(archive, "repayments.json", [queries.repayment(one) for one in found])
        for begins in range(0, len(found), _BOOKLET):
            some = found[begins : begins + _BOOKLET]
            numbers = {one.id: one.number for one in found}
            printed = ReceiptsPrint.of(self.fund, self.about, some, self.borrower, self.language, numbers)
            archive.add(f"receipts/{begins + 1:04d}-{begins + len(some):04d}.pdf", printed.render_unissued())
        if self._allowed(archive, "payment_lines.json", _COLLECTION):
            add(archive, "payment_lines.json", queries.payment_lines(self.session, self.about))

    def _overpayments(self, archive: Archive) -> None:
        add(archive, "overpayments.json", queries.rows(self.used))
        for use in self.used:
            if use.kind == "refund":
                printed = RefundPrint.of(self.fund, self.about, use, self.borrower, self.language)
                archive.add(f"refunds/{use.number}.pdf", printed.render_unissued())

    def _collection(self, archive: Archive) -> None:
        add(archive, "standing.json", queries.standing(self.session, self.about))
        if self._allowed(archive, "collection.json", _COLLECTION):
            add(archive, "collection.json", queries.collection(self.session, self.about))

    def _books(self, archive: Archive) -> None:
        loan = self.about
        entries = queries.entries(self.session, loan.id, [use.entry_id for use in self.used])
        numbers = {
            loan.entry_id: loan.number,
            **{one.entry_id: one.number for one in self.used},
            **{one.entry_id: one.number for one in self.repayments},
        }
        holding = {one.entry_id for one in self.used} | {one.entry_id for one in self.repayments if one.excess}
        add(archive, "ledger.json", entries)
        archive.add("movements.csv", queries.movements(entries, loan.id, numbers, holding))
        printed = StatementPrint.of(self.fund, loan, self.borrower, clock.today(), self.language)
        archive.add("statement.pdf", printed.render_unissued())
        later = [paper_number(loan, change) for change in loan.changes]
        papers = queries.issued(self.session, loan.fund_id, [*numbers.values(), *later])
        add(archive, "issued.json", papers)

    def _closure(self, archive: Archive) -> None:
        """The certificate, once it is paid in full; it bears the whole number of her document, as the note does."""
        if self.about.settled_on is None or self.about.left or not self._allowed(archive, "closure.pdf", NOTE_KEEPERS):
            return
        held = held_for(self.session, self.about.id)
        printed = ClosurePrint.of(self.fund, self.about, self.borrower, held, self.language)
        archive.add("closure.pdf", printed.render_unissued())


@dataclass
class _OfAward(Gathered):
    """An award of seed capital to its final report."""

    about: SeedAward

    @property
    def facts(self) -> Mapping[str, Any]:
        return {
            "kind": "award",
            "given_on": self.about.awarded_on,
            "given": self.fund.money(self.about.amount),
            "outstanding": self.fund.money(self.about.to_come_back),
            "ended_on": self.about.closed_on,
            "payments": sum(one.paid_on is not None for one in self.about.milestones),
        }

    def _life(self, archive: Archive) -> None:
        award = self.about
        add(archive, "plans.json", queries.plans(self.session, self.application))
        add(archive, "award.json", queries.award(award))
        path = f"agreement/{award.number}.pdf"
        if self._allowed(archive, path, NOTE_KEEPERS):
            self._file(archive, path, award.agreement_file_id)
        for milestone in award.milestones:
            self._file(archive, f"milestones/{milestone.position:02d}", milestone.evidence_file_id)
        self._file(archive, "report", award.report_file_id)
        entries = queries.entries(self.session, award.id)
        numbers = {one.entry_id: one.number for one in award.returns}
        add(archive, "ledger.json", entries)
        archive.add("movements.csv", queries.movements(entries, award.id, numbers))
