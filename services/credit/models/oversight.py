"""What the Trust Fund Committee gets and does: a report a month, observations, the suspension of a fund's lending."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.credit.models.agreements import require_agreement
from services.credit.models.base import Account, Base, Code, Identified, Label
from services.credit.models.funds import TrustFund
from shared.database import insert_on
from shared.kernel import Refused, clock


class Suspension(Identified, Base):
    """A time in which a fund neither approves nor pays out."""

    __tablename__ = "suspension"

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    suspended_at: Mapped[datetime]
    suspended_by: Mapped[Account]
    suspended_by_name: Mapped[Label]
    resumed_reason: Mapped[str] = mapped_column(Text, default="")
    resumed_at: Mapped[datetime | None]
    resumed_by: Mapped[Account | None]
    resumed_by_name: Mapped[Label | None]

    @classmethod
    def of(cls, session: Session, fund: TrustFund) -> "Suspension | None":
        """The one that holds now."""
        return session.scalar(select(cls).where(cls.fund_id == fund.id, cls.resumed_at.is_(None)))

    def resume(self, subject: str, name: str, reason: str) -> None:
        self.resumed_at, self.resumed_by, self.resumed_by_name = clock.now(), subject, name
        self.resumed_reason = reason


def require_lending(session: Session, fund: TrustFund) -> None:
    """Refuses while the fund's lending is suspended, and while it needs an Agreement Letter and has none in force; the
    fund must be locked.
    """
    suspended = Suspension.of(session, fund)
    if suspended is not None:
        raise Refused("fund.suspended", name=fund.name, reason=suspended.reason)
    require_agreement(session, fund)


class Observation(Identified, Base):
    """A remark of the Trust Fund Committee, which must be answered."""

    __tablename__ = "observation"

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    month: Mapped[date]
    rule: Mapped[Code | None]
    text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by: Mapped[Account]
    made_by_name: Mapped[Label]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[Account | None]
    answered_by_name: Mapped[Label | None]

    def reply(self, subject: str, name: str, text: str) -> None:
        """Answer it, once."""
        if self.answered_at is not None:
            raise Refused("observation.answered_already", name=self.answered_by_name)
        self.answer, self.answered_at, self.answered_by, self.answered_by_name = text, clock.now(), subject, name


class ComplianceReport(Identified, Base):
    """The monthly report of compliance as it was issued: its paper, and what it found in short."""

    __tablename__ = "compliance_report"
    __table_args__ = (UniqueConstraint("fund_id", "month"),)

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    month: Mapped[date]
    number: Mapped[Code]
    hash: Mapped[str] = mapped_column(String(64))
    file_id: Mapped[UUID]
    broken: Mapped[int]
    attempts: Mapped[int]
    issued_at: Mapped[datetime]

    @classmethod
    def of(cls, session: Session, fund_id: UUID, month: date) -> "ComplianceReport | None":
        return session.scalar(select(cls).where(cls.fund_id == fund_id, cls.month == month))


class ReportReading(Base):
    """That a member of the Trust Fund Committee opened a report, the first time."""

    __tablename__ = "report_reading"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("compliance_report.id"), primary_key=True)
    subject: Mapped[Account] = mapped_column(primary_key=True)
    read_at: Mapped[datetime]

    @classmethod
    def note(cls, session: Session, report: ComplianceReport, subject: str) -> None:
        row = {"report_id": report.id, "subject": subject, "read_at": clock.now()}
        session.execute(insert_on(session.get_bind().dialect.name, cls).values(row).on_conflict_do_nothing())
