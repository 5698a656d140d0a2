"""The trust fund, the regulations it lends under, and its books."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.credit.models.applications import Application
from services.credit.models.base import Account, Base, Cents, Code, Identified, Label, next_number
from services.credit.models.closes import Closing
from services.credit.rules import ledger, regulations
from services.credit.rules.products import Product
from shared.database import CurrencyCode, Versioned
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock

FUND_KINDS = ("revolving", "seed_capital")
"""A revolving fund lends what comes back; one of seed capital gives to start with."""
SOURCES = ("own", "bank", "national_institution", "international_organization", "donor")


class TrustFund(Identified, Versioned, Base):
    """Money that a trustee keeps for the loans of one territory, in one currency."""

    __tablename__ = "fund"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(20), default="revolving", server_default="revolving")
    name: Mapped[Label]
    centre: Mapped[Label]
    host: Mapped[Label]
    trustee: Mapped[Label]
    trustee_account: Mapped[Code]
    currency: Mapped[str] = mapped_column(CurrencyCode())
    units: Mapped[list[str]]
    reserve: Mapped[Cents]

    def covers(self, municipality: str) -> bool:
        """Whether the fund lends in this municipality."""
        return any(municipality.startswith(unit) for unit in self.units)

    def require_covers(self, municipality: str) -> None:
        if not self.covers(municipality):
            raise Refused("fund.other_territory", municipality=municipality, units=", ".join(self.units))

    def require_within(self, caller: Caller) -> None:
        """Refuses a caller none of whose territory touches the fund's."""
        if not self.touches(caller):
            caller.require_scope(self.units[0])

    def require_whole(self, caller: Caller) -> None:
        """Refuses a caller who does not answer for all of the fund's territory: its rules bind everybody in it."""
        for unit in self.units:
            caller.require_scope(unit)

    def touches(self, caller: Caller) -> bool:
        """Whether the caller's territory and the fund's have anything in common."""
        return any(
            caller.scope.covers(unit) or any(scoped.startswith(unit) for scoped in caller.scope.units)
            for unit in self.units
        )

    def cents(self, money: Money, pointer: str = "/amount") -> int:
        """The cents of `money`; refuses another currency than the fund's."""
        if money.currency != self.currency:
            raise Invalid("fund.other_currency", pointer=pointer, currency=self.currency)
        return money.minor

    def money(self, cents: int) -> Money:
        return Money(cents, self.currency)

    @contextmanager
    def in_its_currency(self) -> Iterator[None]:
        """What a rule refuses, which counts in cents, is told in the fund's currency."""
        try:
            yield
        except Refused as refused:
            refused.facts["currency"] = self.currency
            raise

    def set_reserve(self, reserve: Money) -> None:
        """What must stay at the trustee whatever is approved."""
        self.reserve = self.cents(reserve, "/reserve")

    @property
    def letterhead(self) -> dict[str, str]:
        return {"centre": self.centre, "host": self.host}

    def numbered(self, session: Session, series: str) -> str:
        """The next number of a yearly series, written out: FON-R-2026-0007."""
        year = clock.today().year
        return f"{self.code}-{series}-{year}-{next_number(session, self.id, series, year):04d}"

    def book(
        self,
        session: Session,
        caller: Caller,
        lines: Iterable[ledger.Line],
        *,
        kind: str,
        reference: UUID,
        booked_on: date,
        memo: str = "",
    ) -> "LedgerEntry":
        """Enter a balanced movement under the next number of the fund's journal; the fund must be locked."""
        entry = LedgerEntry(
            fund_id=self.id,
            number=next_number(session, self.id, "journal"),
            kind=kind,
            reference=reference,
            booked_on=booked_on,
            recorded_at=clock.now(),
            recorded_by=caller.subject,
            memo=memo,
        )
        session.add(entry)
        session.flush()
        for position, line in enumerate(ledger.balanced(lines), start=1):
            session.add(LedgerLine(entry_id=entry.id, position=position, account=line.account, amount=line.amount))
        session.flush()
        return entry

    def counts_from(self, session: Session, day: date) -> date:
        """From when on a movement of `day` counts in the portfolio: from the first day after the closed ones, so that
        what was found of a closed day stays true. The fund must be locked.
        """
        closed = session.scalar(select(Closing.day).where(Closing.fund_id == self.id))
        return day if closed is None else max(day, closed + timedelta(days=1))

    def committed(self, session: Session) -> int:
        """What is approved and not yet paid out, in cents; an approval that expired promises nothing."""
        waiting = Application.approved_until.is_(None) | (Application.approved_until >= clock.today())
        query = select(func.coalesce(func.sum(Application.approved_amount), 0)).where(
            Application.fund_id == self.id, Application.state == "approved", waiting
        )
        return int(session.scalar(query) or 0)

    def available(self, session: Session) -> int:
        """What the fund may still promise, in cents."""
        cash = self.balances(session)[ledger.CASH_AT_TRUSTEE]
        return ledger.available(cash, self.committed(session), self.reserve)

    def balances(self, session: Session, day: date | None = None) -> dict[str, int]:
        """The balance of every account of the chart at the end of `day` (all that is booked without one), in cents,
        debit positive.
        """
        query = (
            select(LedgerLine.account, func.sum(LedgerLine.amount))
            .join(LedgerEntry)
            .where(LedgerEntry.fund_id == self.id)
            .group_by(LedgerLine.account)
        )
        if day is not None:
            query = query.where(LedgerEntry.booked_on <= day)
        return ledger.balances(ledger.Line(account, int(amount)) for account, amount in session.execute(query))


class Contribution(Identified, Base):
    """Money that a funder put into the fund."""

    __tablename__ = "contribution"

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    funder: Mapped[Label]
    source: Mapped[Code]
    repayable: Mapped[bool]
    amount: Mapped[Cents]
    received_on: Mapped[date]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"))
    recorded_by: Mapped[Account]


class CreditRegulations(Identified, Base):
    """One signed version of the Credit Regulations: its parameters are data, with the source they come from."""

    __tablename__ = "regulations"
    __table_args__ = (UniqueConstraint("fund_id", "edition"), UniqueConstraint("fund_id", "valid_from"))

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    edition: Mapped[int]
    title: Mapped[Label]
    source: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    signatories: Mapped[list[Any]]
    parameters: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[Account]

    def read(self) -> regulations.Parameters:
        """The parameters, checked."""
        return regulations.read(self.parameters)

    def product(self, code: str) -> Product:
        """The product with this code, on the terms of this edition."""
        return self.read().product(code)

    @property
    def citation(self) -> dict[str, Any]:
        """How a document cites this edition."""
        return {"title": self.title, "edition": self.edition, "valid_from": self.valid_from}


def regulations_in_force(session: Session, fund_id: UUID, day: date) -> CreditRegulations:
    """The version in force on `day`: the last that had begun; refuses a day before the first."""
    query = (
        select(CreditRegulations)
        .where(CreditRegulations.fund_id == fund_id, CreditRegulations.valid_from <= day)
        .order_by(CreditRegulations.valid_from.desc())
        .limit(1)
    )
    found = session.scalar(query)
    if found is None:
        raise Refused("regulations.none_in_force", day=day)
    return found


class LedgerEntry(Identified, Base):
    """One balanced movement in the journal of a fund."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("fund_id", "number"),)

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    number: Mapped[int]
    kind: Mapped[Code]
    reference: Mapped[UUID] = mapped_column(index=True)
    booked_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[Account]
    memo: Mapped[Label] = mapped_column(default="", server_default="")


class LedgerLine(Base):
    """One line of a movement, in cents: debit positive, credit negative."""

    __tablename__ = "ledger_line"
    __table_args__ = (CheckConstraint("amount <> 0", name="moves_something"),)

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Cents]
