"""The trust fund, the regulations it lends under, and its books."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Executable,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from services.credit.models.applications import Application
from services.credit.models.balances import AccountBalance, bring_forward
from services.credit.models.base import Account, Base, Cents, Code, Identified, Label, next_number
from services.credit.models.closes import Closing, counting_from
from services.credit.models.seed import SeedAward
from services.credit.rules import ledger, regulations
from services.credit.rules.products import Product
from shared.database import CurrencyCode, Versioned, insert_many
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock, uuid7

if TYPE_CHECKING:
    from services.credit.models.agreements import AgreementLetter

FUND_KINDS = ("revolving", "seed_capital")
"""A revolving fund lends what comes back; one of seed capital gives to start with."""
SOURCES = ("own", "bank", "national_institution", "international_organization", "donor")


class TrustFund(Identified, Versioned, Base):
    """Money that a trustee keeps for the loans of one territory, in one currency. Who keeps it is what the newest
    Agreement Letter says that has begun; before the first, whoever was named when the fund was set up.
    """

    __tablename__ = "fund"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(20), default="revolving", server_default="revolving")
    name: Mapped[Label]
    centre: Mapped[Label]
    host: Mapped[Label]
    founding_trustee: Mapped[Label] = mapped_column("trustee")
    founding_account: Mapped[Code] = mapped_column("trustee_account")
    currency: Mapped[str] = mapped_column(CurrencyCode())
    units: Mapped[list[str]]
    reserve: Mapped[Cents]

    letters: Mapped[list["AgreementLetter"]] = relationship(order_by="AgreementLetter.valid_from")

    def letter_begun(self, day: date) -> "AgreementLetter | None":
        """The newest letter that had begun on a day, whether it still holds or not."""
        return next((letter for letter in reversed(self.letters) if letter.valid_from <= day), None)

    @property
    def trustee(self) -> str:
        """Who keeps the money now."""
        letter = self.letter_begun(clock.today())
        return self.founding_trustee if letter is None else letter.trustee

    @property
    def trustee_account(self) -> str:
        """The account it lies in now."""
        letter = self.letter_begun(clock.today())
        return self.founding_account if letter is None else letter.trustee_account

    @property
    def kept_back(self) -> int:
        """What stays at the trustee whatever is approved, in cents: the reserve, or the letter's floor for it."""
        return max(self.reserve, self._floor)

    @property
    def _floor(self) -> int:
        letter = self.letter_begun(clock.today())
        return letter.read().reserve_floor if letter is not None and letter.holds(clock.today()) else 0

    def covers(self, municipality: str) -> bool:
        """Whether the fund lends in this municipality."""
        return any(municipality.startswith(unit) for unit in self.units)

    def require_covers(self, municipality: str) -> None:
        if not self.covers(municipality):
            raise Refused("fund.other_territory", municipality=municipality, units=", ".join(self.units))

    def require_revolving(self) -> None:
        """Refuses a fund that gives and does not lend."""
        if self.kind != "revolving":
            raise Refused("fund.gives_no_loans", fund=self.code)

    def require_seed(self) -> None:
        """Refuses a fund that lends and does not give."""
        if self.kind != "seed_capital":
            raise Refused("fund.gives_no_seed", fund=self.code)

    def require_within(self, caller: Caller) -> None:
        """Refuses a caller none of whose territory touches the fund's."""
        if not self.touches(caller):
            caller.require_scope(self.units[0])

    def wholly_of(self, caller: Caller) -> bool:
        """Whether the caller answers for all of its territory."""
        return all(caller.scope.covers(unit) for unit in self.units)

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
        """What must stay at the trustee whatever is approved; refuses less than the Agreement Letter lets it be."""
        cents = self.cents(reserve, "/reserve")
        if cents < self._floor:
            raise Invalid("fund.reserve_under_floor", pointer="/reserve", floor=self.money(self._floor))
        self.reserve = cents

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
        """Enter a balanced movement under the next number of the fund's journal, at once; the fund must be locked.
        What the session holds unwritten is not flushed, and the entry that comes back is none of its entities.
        """
        entry = {
            "id": uuid7(),
            "fund_id": self.id,
            "number": next_number(session, self.id, "journal"),
            "kind": kind,
            "reference": reference,
            "booked_on": booked_on,
            "recorded_at": clock.now(),
            "recorded_by": caller.subject,
            "memo": memo,
        }
        moving = ledger.balanced(lines)
        rows = [
            {"entry_id": entry["id"], "position": position, "account": line.account, "amount": line.amount}
            for position, line in enumerate(moving, start=1)
        ]
        insert_many(session, LedgerEntry.__table__, [entry])  # type: ignore[arg-type]
        insert_many(session, LedgerLine.__table__, rows)  # type: ignore[arg-type]
        bring_forward(session, self.id, moving)
        return LedgerEntry(**entry)

    def counts_from(self, session: Session, day: date) -> date:
        """From when on a movement of `day` counts in the portfolio. The fund must be locked."""
        return counting_from(day, session.scalar(select(Closing.day).where(Closing.fund_id == self.id)))

    def committed(self, session: Session) -> int:
        """What is approved and not yet paid out, in cents, the parts of awards among it; an approval that expired and
        a part that lapsed promise nothing.
        """
        waiting = Application.approved_until.is_(None) | (Application.approved_until >= clock.today())
        query = select(func.coalesce(func.sum(Application.committed), 0)).where(
            Application.fund_id == self.id, Application.state.in_(("approved", "disbursed")), waiting
        )
        return int(session.scalar(query) or 0) + SeedAward.promised_of(session, self.id)

    def available(self, session: Session) -> int:
        """What the fund may still promise, in cents."""
        cash = self.balances(session)[ledger.CASH_AT_TRUSTEE]
        return ledger.available(cash, self.committed(session), self.kept_back)

    def balances(self, session: Session, day: date | None = None) -> dict[str, int]:
        """The balance of every account of the chart at the end of `day` (all that is booked without one), in cents,
        debit positive: as it is kept, without what was booked on a later day.
        """
        kept = select(AccountBalance.account, AccountBalance.amount).where(AccountBalance.fund_id == self.id)
        if day is None:
            return _by_account(session, kept)
        later = self._lines().where(LedgerEntry.booked_on > day).with_only_columns(LedgerLine.account, -_AMOUNT)
        return _by_account(session, union_all(kept, later))

    def summed(self, session: Session, day: date) -> dict[str, int]:
        """The same from the lines of the journal alone: for checks, which trust nothing that is kept."""
        return _by_account(session, self._lines().where(LedgerEntry.booked_on <= day))

    def _lines(self) -> Select[str, int]:
        query = select(LedgerLine.account, _AMOUNT).join(LedgerEntry).where(LedgerEntry.fund_id == self.id)
        return query.group_by(LedgerLine.account)


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


class Edition(Identified):
    """One signed version of the Credit Regulations: its parameters are data, with the source they come from."""

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    edition: Mapped[int]
    title: Mapped[Label]
    source: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    signatories: Mapped[list[Any]]
    parameters: Mapped[dict[str, Any]]
    file_id: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[Account]


class CreditRegulations(Edition, Base):
    """An edition that holds, or will."""

    __tablename__ = "regulations"
    __table_args__ = (UniqueConstraint("fund_id", "edition"), UniqueConstraint("fund_id", "valid_from"))

    def keep_file(self, file_id: UUID) -> None:
        """Keep the signed file; once the edition has begun, the one that is kept stays."""
        if self.file_id is not None and self.valid_from <= clock.today():
            raise Refused("instrument.file_fixed", edition=self.edition)
        self.file_id = file_id

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


class TakenBackEdition(Edition, Base):
    """An edition that was taken back before its first day, as it was adopted: nothing was ever decided under it."""

    __tablename__ = "taken_back_edition"
    __table_args__ = (UniqueConstraint("fund_id", "edition"),)

    reason: Mapped[str] = mapped_column(Text)
    taken_back_at: Mapped[datetime]
    taken_back_by: Mapped[Account]
    taken_back_by_name: Mapped[Label]

    @classmethod
    def of(cls, session: Session, edition: CreditRegulations, reason: str, caller: Caller) -> "TakenBackEdition":
        """Take an edition out of what will hold, and keep it here; refuses one that has begun."""
        if edition.valid_from <= clock.today():
            raise Refused("regulations.begun", edition=edition.edition, since=edition.valid_from)
        names = [column.key for column in CreditRegulations.__table__.columns]
        kept = cls(
            **{name: getattr(edition, name) for name in names},
            reason=reason,
            taken_back_at=clock.now(),
            taken_back_by=caller.subject,
            taken_back_by_name=caller.name,
        )
        session.delete(edition)
        session.add(kept)
        session.flush()
        return kept


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
    __table_args__ = (
        UniqueConstraint("fund_id", "number"),
        Index("ix_ledger_entry_fund_id_booked_on", "fund_id", "booked_on"),
    )

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


_AMOUNT = func.sum(LedgerLine.amount)


def _by_account(session: Session, query: Executable) -> dict[str, int]:
    return ledger.balances(ledger.Line(account, int(amount)) for account, amount in session.execute(query))
