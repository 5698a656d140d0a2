"""A loan: its terms, its plan, what is owed, and where it stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ForeignKey, String, delete
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from services.credit.models import charges as charges_held
from services.credit.models.base import Account, Base, Cents, Code, Identified, Label
from services.credit.models.changes import LoanChange, Moving
from services.credit.models.charges import LastClose
from services.credit.models.closes import ENDLESS, LateCharge, LoanPosition
from services.credit.models.funds import CreditRegulations
from services.credit.models.instalments import Instalment
from services.credit.models.repayments import NO_MONEY, Repayment, RepaymentPart
from services.credit.rules import contracts
from services.credit.rules.accrual import serial, spread
from services.credit.rules.allocation import Component, Owed, Part
from services.credit.rules.arrears import Dated
from services.credit.rules.restructuring import asked_interest
from services.credit.rules.terms import Row, Terms
from services.credit.tables import holidays_on
from shared.database import CurrencyCode, Versioned
from shared.kernel import Refused, clock

LOAN_STATES = ("active", "settled", "written_off")


class Loan(Identified, Versioned, Base):
    """Money handed over, on terms that never change: they are a copy of what the contract says. What changed it since
    stands in its `changes`.

    `principal` is all that was handed over; `outstanding` is what the schedule still asks for; late charges stand
    beside it (`late_charges`). `outstanding_principal` is what the books have: nothing of a loan that was written off.
    `officer` is who appraised it last, `tier` that of the enterprise when it was lent to. `plan` is the number of the
    schedule in force; `capitalised` the interest that became principal, which `interest_paid` holds too. A loan that
    paid another one off says which it `refinances`. `withheld` is the fee that was kept back when it was handed over.
    """

    __tablename__ = "loan"

    number: Mapped[Code] = mapped_column(unique=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    resolution_id: Mapped[UUID] = mapped_column(ForeignKey("resolution.id"))
    regulations_id: Mapped[UUID] = mapped_column(ForeignKey("regulations.id"))
    enterprise_id: Mapped[UUID] = mapped_column(index=True)
    owner_ids: Mapped[list[str]]
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    chain: Mapped[Code]
    currency: Mapped[str] = mapped_column(CurrencyCode())
    principal: Mapped[Cents]
    terms: Mapped[dict[str, Any]]
    term_months: Mapped[int]
    allocation_order: Mapped[list[str]]
    payment_in_advance: Mapped[bool]
    disbursed_on: Mapped[date]
    disbursed_by: Mapped[Account]
    disbursed_by_name: Mapped[Label]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"))
    note_file_id: Mapped[UUID]
    note_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # SQLite holds no text to a length.
    state: Mapped[str] = mapped_column(String(10).with_variant(String(12), "postgresql"), default="active", index=True)
    outstanding_principal: Mapped[Cents]
    outstanding: Mapped[Cents]
    settled_on: Mapped[date | None]
    product: Mapped[Code] = mapped_column(default="")
    officer: Mapped[Account] = mapped_column(default="")
    officer_name: Mapped[Label] = mapped_column(default="")
    tier: Mapped[str | None] = mapped_column(String(40))
    interest_paid: Mapped[Cents] = mapped_column(default=0)
    thirty: Mapped[bool] = mapped_column(default=False)
    rescheduled_on: Mapped[date | None]
    plan: Mapped[int] = mapped_column(default=1)
    capitalised: Mapped[Cents] = mapped_column(default=0)
    written_off_on: Mapped[date | None]
    refinances: Mapped[UUID | None]
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"))
    withheld: Mapped[Cents] = mapped_column(default=0)

    instalments: Mapped[list["Instalment"]] = relationship(order_by="Instalment.number", cascade="all, delete-orphan")
    repayments: Mapped[list["Repayment"]] = relationship(order_by="Repayment.id", back_populates="loan")
    positions: Mapped[list[LoanPosition]] = relationship(order_by="LoanPosition.since")
    changes: Mapped[list[LoanChange]] = relationship(order_by="LoanChange.id")

    def __init__(self, **facts: Any) -> None:
        super().__init__(**({"plan": 1, "capitalised": 0} | facts))

    def schedule(self, rows: Iterable[Row], counts_from: date | None = None) -> None:
        """Write the schedule into the loan, once; `counts_from` as in `pay`."""
        if self.instalments:
            raise Refused("loan.scheduled_already", number=self.number)
        self.instalments.extend(Instalment.of(row) for row in rows)
        waiting, free = (self.terms.get(name, 0) for name in ("grace_interest_payment", "grace_interest"))
        put_off = spread([(item.interest, item.days) for item in self.instalments], waiting, free)
        for item, accrues in zip(self.instalments, put_off, strict=True):
            item.accrues = accrues
        self.thirty = (self.terms["day_count"], self.terms["interest_period"], self.terms["unit"]) == _THIRTY
        self._accrue(self.instalments, self.disbursed_on, 0)
        self._recount(counts_from or self.disbursed_on)

    def moving(self, day: date, *, whole: bool = True) -> Moving:
        """What a new plan from `day` on takes over: all that is unpaid or, unless the loan is planned anew as a
        `whole`, what falls due after the day.
        """
        charges = self.late_charges
        those = self._moved(day, whole=whole)
        owed = [item.owed(day, charges.get(item.number, 0)) for item in those]
        return Moving(
            principal=sum(part.principal for part in owed),
            interest=sum(item.interest_earned(day, thirty=self.thirty) - item.paid_interest for item in those),
            fee=sum(part.fee for part in owed),
            charges=sum(part.penalty for part in owed),
        )

    def replan(
        self,
        rows: Sequence[Row],
        day: date,
        *,
        whole: bool = True,
        capitalise: bool = False,
        handed_out: int = 0,
        counts_from: date | None = None,
    ) -> Moving:
        """Put a new schedule in the place of what is unpaid, from `day` on; comes back with what it takes over.

        What was paid stays where it was paid. The first of `rows` asks for the interest earned and not paid too, unless
        that is part of their principal (`capitalise`), and for what was charged for being late; what was `handed_out`
        now is part of it too. `whole` as in `moving`, `counts_from` as in `pay`. Refuses rows whose principal is
        another.
        """
        self.require_active()
        moved, those = self.moving(day, whole=whole), self._moved(day, whole=whole)
        added = max(0, moved.interest) if capitalise else 0
        if sum(row.principal for row in rows) != moved.principal + added + handed_out:
            raise Refused("loan.plan_differs", number=self.number)
        self._drop_charges(those)
        self.plan += 1
        for item in list(self.instalments):
            item.stop_earning(day, thirty=self.thirty)
            if item in those:
                item.leave(day)
            elif not whole and item.plan == self.plan - 1:
                item.plan = self.plan
            if item.untouched:
                self.instalments.remove(item)
        self.principal += handed_out
        self.capitalised += added
        self._continue(rows, moved, day, 0 if added else moved.interest)
        self._recount(counts_from or day)
        return moved

    def refinance(self, other: "Loan") -> None:
        """It pays another loan off: from its first day on all of it is at risk, as of a rescheduled one (CGAP)."""
        self.refinances, self.rescheduled_on = other.id, self.disbursed_on

    def reschedule(self, day: date) -> None:
        """From `day` on the whole loan is at risk, whatever is paid (CGAP)."""
        self.require_active()
        self.rescheduled_on = self.rescheduled_on or day

    def write_off(self, day: date, counts_from: date | None = None) -> int:
        """It leaves the books, and she goes on owing it all; comes back with the principal that left, in cents."""
        self.require_active()
        charges = self.late_charges
        for item in self.instalments:
            item.penalty = item.paid_penalty + item.owed(day, charges.get(item.number, 0)).penalty
        self._drop_charges(self.instalments)
        gone = self.outstanding_principal
        self.state, self.written_off_on = "written_off", day
        self._recount(counts_from or day)
        return gone

    def require_active(self) -> None:
        """Refuses a loan that is paid back or was written off."""
        if self.state != "active":
            raise Refused(f"loan.is_{self.state}", number=self.number)

    @property
    def takes_from(self) -> date:
        """The first day of which a payment can be told: that of the loan, or of its last change."""
        return max([self.disbursed_on, *(change.done_on for change in self.changes)])

    def handled_by(self, subject: str) -> bool:
        """Whether somebody paid it out, or carried a change of it out: another person takes its repayments."""
        return subject == self.disbursed_by or any(change.done_by == subject for change in self.changes)

    def collected_by(self, subject: str) -> bool:
        """Whether somebody took the money of a repayment of it that stands: another person pays more of it out, and
        changes it.
        """
        money = (paid for paid in self.repayments if paid.stands and paid.channel not in NO_MONEY)
        return any(paid.taken_by == subject for paid in money)

    def owed(self, day: date, last: LastClose | None = None) -> list[Owed]:
        """What each instalment still asks for, late charges included, and whether its day has come. The charges are
        those of the `last` close; for a day before it, what they were at the end of that day.
        """
        last = last or self.last_close()
        charges = last.charges
        if charges and last.day is not None and day < last.day:
            charges = self._charges_at(day, charges)
        return [instalment.owed(day, charges.get(instalment.number, 0)) for instalment in self.instalments]

    @property
    def late_charges(self) -> dict[int, int]:
        """What the last close charged for being late, by instalment, paid or not."""
        return self.last_close().charges

    def last_close(self) -> LastClose:
        """The last close of its fund, as it stands now."""
        session = object_session(self)
        return LastClose() if session is None else charges_held.held(session, self.fund_id, self.id)

    def pay(
        self, parts: Sequence[Part], day: date, counts_from: date | None = None, last: LastClose | None = None
    ) -> int:
        """Take a repayment that was spread; comes back with all that is still owed, in cents. It counts in the
        portfolio from `counts_from` on: its own day, or the first one after it that is not closed yet. `last` as in
        `owed`.
        """
        if self.state == "settled":
            raise Refused("loan.settled_already", number=self.number)
        by_number = {instalment.number: instalment for instalment in self.instalments}
        for part in parts:
            by_number[part.number].pay(part)
        self._recount(counts_from or day)
        if counts_from is not None and day < counts_from:
            self._charge_anew(counts_from - timedelta(days=1), parts, day)
            last = None
        left = self._left(last or self.last_close())
        if left == 0:
            self.state, self.settled_on = "settled", day
        return left

    def unpay(self, parts: Sequence["RepaymentPart"], counts_from: date) -> None:
        """Give back to the instalments what a repayment had paid of them; a settled loan that owes again is active
        again. Refuses where the instalments it paid are no longer the loan's.
        """
        by_number = {instalment.number: instalment for instalment in self.instalments}
        if not all(part.instalment in by_number and by_number[part.instalment].covers(part) for part in parts):
            raise Refused("repayment.schedule_replaced", number=self.number)
        for part in parts:
            by_number[part.instalment].unpay(part)
        self._recount(counts_from)
        if self.left:
            self.state, self.settled_on = "written_off" if self.written_off_on else "active", None

    def charge_anew(self) -> None:
        """Being late cost what the last close would have found without a payment that was taken back."""
        session = object_session(self)
        last = self.last_close()
        if session is not None and last.charges and last.day is not None:
            charges_held.replace(session, self.id, self._charges_at(last.day, last.charges))

    @property
    def order(self) -> tuple[Component, ...]:
        """The order in which a repayment pays the parts of an instalment."""
        return cast("tuple[Component, ...]", tuple(self.allocation_order))

    def signed_terms(self) -> Terms:
        """The terms of the contract, with the holidays as its day knew them."""
        later = sum(change.principal for change in self.changes if change.kind == "tranche")
        return contracts.read(self.terms, self.principal - later, self.disbursed_on, holidays_on)

    @property
    def annual_rate(self) -> Decimal:
        return Decimal(self.terms["annual_rate"])

    @property
    def left(self) -> int:
        """All that is still owed, late charges included, in cents."""
        return self._left(self.last_close())

    def _left(self, last: LastClose) -> int:
        if not last.charges:
            return self.outstanding
        return sum(item.owed(item.due, last.charges.get(item.number, 0)).total for item in self.instalments)

    def _charge_anew(self, closed: date, parts: Sequence[Part], day: date) -> None:
        """Being late cost less than the last close found: what these parts paid on `day` is only told now."""
        session = object_session(self)
        if session is not None and (charges := self.late_charges):
            taken = {part.number: Dated(day, part.principal, part.interest) for part in parts}
            charges_held.replace(session, self.id, self._charges_at(closed, charges, taken))

    def _charges_at(
        self, day: date, numbers: Iterable[int], taken: Mapping[int, Dated] | None = None
    ) -> dict[int, int]:
        """What being late had cost at the end of `day`, by instalment, as the regulations say that it was lent under:
        with the repayments there are, and what is being taken.
        """
        session = object_session(self)
        if session is None:
            return {}
        paid = defaultdict[int, list[Dated]](list)
        for repayment in self.repayments:
            for part in repayment.parts if repayment.stands else ():
                paid[part.instalment].append(Dated(repayment.paid_on, part.principal, part.interest))
        for number, taking in (taken or {}).items():
            paid[number].append(taking)
        asked = {item.number: Dated(item.due, item.principal, item.interest) for item in self.instalments}
        rule = session.get_one(CreditRegulations, self.regulations_id).read().late_charge
        return {number: rule.at(day, asked[number], paid[number]) for number in numbers}

    def _recount(self, counts_from: date | None = None) -> None:
        """Find the sums of the instalments anew, after whatever changed them; the change counts in the portfolio from
        `counts_from` on, or from today.
        """
        asked = [item.owed(item.due) for item in self.instalments]
        self.outstanding_principal = 0 if self.written_off_on else sum(one.principal for one in asked)
        self.outstanding = sum(one.total for one in asked)
        self.interest_paid = sum(i.paid_interest for i in self.instalments) + self.capitalised
        self._take_position(counts_from or clock.today(), asked)

    def _moved(self, day: date, *, whole: bool) -> list["Instalment"]:
        """The instalments that a new plan from `day` on takes the place of."""
        charges = self.late_charges
        return [
            item
            for item in self.instalments
            if (item.plan == self.plan and item.due > day)
            or (whole and item.owed(day, charges.get(item.number, 0)).total)
        ]

    def _continue(self, rows: Sequence[Row], moved: Moving, day: date, carried: int) -> None:
        """Write the instalments of the plan that begins on `day`, `carried` as in `asked_interest`."""
        before = sum(item.interest for item in self.instalments) + carried + self.capitalised
        last = max((item.number for item in self.instalments), default=0)
        added = []
        for place, (row, interest) in enumerate(zip(rows, asked_interest(rows, carried), strict=True)):
            item = Instalment.of(row)
            item.number, item.plan, item.interest = last + 1 + place, self.plan, interest
            added.append(item)
        added[0].fee, added[0].penalty = added[0].fee + moved.fee, moved.charges
        self.instalments.extend(added)
        self._accrue(added, day, before)

    def _accrue(self, items: Sequence["Instalment"], start: date, before: int) -> None:
        """When and how the interest of each instalment is earned: day by day over its period."""
        for item in items:
            begins = serial(start, thirty=self.thirty)
            item.accrues_after, item.accrues_from = start, begins
            item.accrues_until = ENDLESS if item is items[-1] else item.due
            item.accrues_days = max(1, serial(item.due, thirty=self.thirty) - begins)
            item.interest_before = before
            start, before = item.due, before + item.accrues

    def _drop_charges(self, items: Sequence["Instalment"]) -> None:
        """What was charged for being late stands in the instalments from now on, not with the closes."""
        session = object_session(self)
        if session is not None:
            numbers = [item.number for item in items]
            gone = delete(LateCharge).where(LateCharge.loan_id == self.id, LateCharge.instalment.in_(numbers))
            session.execute(gone.execution_options(synchronize_session=False))

    def _take_position(self, day: date, asked: Sequence[Owed]) -> None:
        """End the position of before and begin the next, with what each instalment asks for; two on one day are one."""
        last = self.positions[-1] if self.positions else None
        day = max(day, last.since) if last else day
        if last and last.since < day:
            last.until = min(last.until, day)
        here = last if last and last.since == day else LoanPosition(since=day, fund_id=self.fund_id)
        pairs = zip(self.instalments, asked, strict=True)
        unpaid = [] if self.written_off_on else [(item, left) for item, left in pairs if left.total]
        here.until = ENDLESS if unpaid else day
        here.principal = self.outstanding_principal
        here.principal_due = next((item.due for item, left in unpaid if left.principal), None)
        here.oldest_due, here.oldest_number = (unpaid[0][0].due, unpaid[0][0].number) if unpaid else (None, None)
        here.rescheduled = self.rescheduled_on is not None
        if here is not last and unpaid:
            self.positions.append(here)


_THIRTY = ("30/360", "daily", "months")
