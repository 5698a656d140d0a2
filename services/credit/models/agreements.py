"""The Agreement Letter between the agency and the institution that keeps the fund's money: dated versions."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.credit.models.base import Account, Base, Code, Identified, Label
from services.credit.models.funds import TrustFund, regulations_in_force
from services.credit.rules.agreement import Clauses, read_clauses
from shared.kernel import Refused, clock


class AgreementLetter(Identified, Base):
    """One signed version: who agrees, who keeps the money from `valid_from` on, and its clauses as data."""

    __tablename__ = "agreement"
    __table_args__ = (UniqueConstraint("fund_id", "edition"), UniqueConstraint("fund_id", "valid_from"))

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    edition: Mapped[int]
    title: Mapped[Label]
    source: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    trustee: Mapped[Label]
    trustee_account: Mapped[Code]
    parties: Mapped[list[Any]]
    signatories: Mapped[list[Any]]
    parameters: Mapped[dict[str, Any]]
    file_id: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[Account]

    def read(self) -> Clauses:
        """The clauses, checked."""
        return read_clauses(self.parameters)

    def holds(self, day: date) -> bool:
        """Whether `day` lies within the time it was signed for."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def keep_file(self, file_id: UUID) -> None:
        """Keep the signed file; once the letter has begun, the one that is kept stays."""
        if self.file_id is not None and self.valid_from <= clock.today():
            raise Refused("instrument.file_fixed", edition=self.edition)
        self.file_id = file_id

    @property
    def citation(self) -> dict[str, Any]:
        """How a document cites this letter."""
        return {"title": self.title, "edition": self.edition, "valid_from": self.valid_from}


def agreement_in_force(fund: TrustFund, day: date) -> AgreementLetter | None:
    """The letter in force on a day: the last that had begun, unless it had ended."""
    begun = fund.letter_begun(day)
    return begun if begun is not None and begun.holds(day) else None


def require_agreement(session: Session, fund: TrustFund) -> None:
    """Refuses to lend while the regulations ask for an Agreement Letter and none is in force."""
    today = clock.today()
    asked = agreement_in_force(fund, today) is None and regulations_in_force(session, fund.id, today).read().agreement
    if asked and asked.required:
        raise Refused("agreement.none_in_force", name=fund.name)


def clauses_in_force(fund: TrustFund, day: date) -> Clauses:
    """What the letter in force on a day fixes; nothing where there is none."""
    letter = agreement_in_force(fund, day)
    return letter.read() if letter is not None else Clauses()
