"""Money that comes in by file, line by line; and what is held of it for who paid too much."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.credit.models.base import Account, Base, Cents, Code, Identified, Label
from services.credit.rules.payment_lines import Line
from shared.kernel import Refused, clock

SOURCES = {"bank": "trustee", "mobile": "mobile"}
"""Who sends files of payments, and the channel of a repayment that one of their lines tells."""


class OverpaymentUse(Identified, Base):
    """What was held for a loan went back to who had paid it (`refund`), or paid a loan of the same borrower
    (`applied`); a negative amount takes the latter back. What is held is the excess of the loan's repayments less this.
    """

    __tablename__ = "overpayment_use"

    number: Mapped[Code] = mapped_column(unique=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"), index=True)
    kind: Mapped[Code]
    amount: Mapped[Cents]
    channel: Mapped[Code]
    used_on: Mapped[date]
    reason: Mapped[Label] = mapped_column(default="")
    repayment_id: Mapped[UUID | None] = mapped_column(ForeignKey("repayment.id"), index=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entry.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[Account]
    made_by_name: Mapped[Label]

    def forget(self) -> None:
        """Erase why."""
        self.reason = ""


class PaymentLayout(Base):
    """Which column of the files of one source is what, as it was last confirmed."""

    __tablename__ = "payment_layout"

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(10), primary_key=True)
    titles: Mapped[list[str]]
    layout: Mapped[dict[str, Any]]

    def keep(self, titles: list[str], layout: dict[str, Any]) -> None:
        """The next file with these titles is read so."""
        self.titles, self.layout = titles, layout


class PaymentFile(Identified, Base):
    """One file of payments: `guessed` until somebody says which column is what, then `read`. The file itself is erased
    once its lines are kept.
    """

    __tablename__ = "payment_file"
    __table_args__ = (UniqueConstraint("fund_id", "source", "sha256"),)

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    source: Mapped[str] = mapped_column(String(10))
    file_id: Mapped[UUID | None]
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[Label]
    state: Mapped[str] = mapped_column(String(10), default="guessed")
    layout: Mapped[dict[str, Any]]
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[Account]
    uploaded_by_name: Mapped[Label]

    lines: Mapped[list["PaymentLine"]] = relationship(order_by="PaymentLine.position", cascade="all, delete-orphan")

    def require_guessed(self) -> None:
        if self.state != "guessed":
            raise Refused("payments.read_already", name=self.name)

    def take(self, lines: Iterable[Line], known: Iterable[str], layout: dict[str, Any]) -> None:
        """Keep its lines, once; of transactions that are `known`, and of a second one in the file, only that they
        were repeated.
        """
        self.require_guessed()
        seen = set(known)
        for position, line in enumerate(lines, start=1):
            repeated = line.transaction in seen
            seen.add(line.transaction)
            self.lines.append(
                PaymentLine(
                    fund_id=self.fund_id,
                    source=self.source,
                    position=position,
                    row=line.row,
                    day=line.day,
                    amount=line.amount,
                    charge=line.charge,
                    currency=line.currency,
                    reference="" if repeated else line.reference,
                    payer="" if repeated else line.payer,
                    transaction=line.transaction,
                    claimed=None if repeated else line.transaction,
                    state="repeated" if repeated else "waiting",
                )
            )
        self.layout, self.state, self.file_id = layout, "read", None

    def require_unposted(self) -> None:
        """Refuses to go once one of its lines was posted or dismissed."""
        settled = sum(line.state in {"posted", "dismissed"} for line in self.lines)
        if settled:
            raise Refused("payments.posted_already", name=self.name, count=settled)


class PaymentLine(Identified, Base):
    """One payment that a source tells: `waiting` until it is posted to a loan or dismissed; `repeated` where the
    transaction stood in the list before. `claimed` is its transaction where it is the one that counts.
    """

    __tablename__ = "payment_line"
    __table_args__ = (
        UniqueConstraint("file_id", "position"),
        UniqueConstraint("fund_id", "source", "claimed"),
    )

    file_id: Mapped[UUID] = mapped_column(ForeignKey("payment_file.id"))
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    source: Mapped[str] = mapped_column(String(10))
    position: Mapped[int]
    row: Mapped[int]
    day: Mapped[date]
    amount: Mapped[Cents]
    charge: Mapped[Cents]
    currency: Mapped[str] = mapped_column(String(10))
    reference: Mapped[Label]
    payer: Mapped[Label]
    transaction: Mapped[str] = mapped_column(String(60))
    claimed: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), index=True)
    loan_id: Mapped[UUID | None] = mapped_column(ForeignKey("loan.id"), index=True)
    repayment_id: Mapped[UUID | None] = mapped_column(ForeignKey("repayment.id"), index=True)
    reason: Mapped[Label] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[Account | None]
    decided_by_name: Mapped[Label | None]

    def require_waiting(self) -> None:
        if self.state != "waiting":
            raise Refused("payments.line_settled", row=self.row)

    def post(self, loan_id: UUID, repayment_id: UUID, by: str, by_name: str) -> None:
        """It is this repayment."""
        self.require_waiting()
        self.state, self.loan_id, self.repayment_id = "posted", loan_id, repayment_id
        self._decided(by, by_name)

    def follow(self, loan_id: UUID, repayment_id: UUID) -> None:
        """Its repayment was reversed and stands on the right loan now."""
        self.loan_id, self.repayment_id = loan_id, repayment_id

    def dismiss(self, reason: str, by: str, by_name: str) -> None:
        """It pays no loan of the fund."""
        self.require_waiting()
        self.state, self.reason = "dismissed", reason
        self._decided(by, by_name)

    def forget(self) -> None:
        """Erase what it says of a person."""
        self.reference = self.payer = ""

    def _decided(self, by: str, by_name: str) -> None:
        self.decided_at, self.decided_by, self.decided_by_name = clock.now(), by, by_name
