"""What the others told us: the registry of its enterprises (no name, no document), training of who completed one,
territory of the plans of municipalities and departments.
"""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.credit.models.base import Base, Code, Label
from services.credit.models.instalments import Instalment
from services.credit.models.loans import Loan
from services.credit.rules.coherence import Plan
from services.credit.rules.eligibility import Age, Check, Enterprise, Rule, checks, months_between
from shared import merged
from shared.kernel import clock
from shared.merged import Merged

if TYPE_CHECKING:
    from services.credit.models.funds import TrustFund


class CopyMerged(Merged, Base):
    """Women and enterprises that became part of others."""


class CopyEnterprise(Base):
    """An enterprise as its last event told it."""

    __tablename__ = "copy_enterprise"

    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    chain: Mapped[Code]
    owner_ids: Mapped[list[str]]
    needs: Mapped[list[str]]
    needs_on: Mapped[date | None]
    """The day on which the registry first told these needs."""

    validation: Mapped[Code]
    consent_credit: Mapped[bool]
    active: Mapped[bool]
    tier: Mapped[str | None] = mapped_column(String(40))
    started_year: Mapped[int | None]

    @classmethod
    def standing(cls, session: Session, enterprise_id: UUID, *, lock: bool = False) -> Self | None:
        """What is known of an enterprise; of one that became part of another, that other. Locked, no other fund lends
        to it meanwhile, and its owner does not withdraw.
        """
        key = merged.standing(session, CopyMerged, enterprise_id)
        return session.get(cls, key, with_for_update=lock or None, populate_existing=lock)

    def checks(
        self,
        session: Session,
        fund: "TrustFund",
        rules: Iterable[Rule],
        *,
        purpose: str | None = None,
        but: UUID | None = None,
    ) -> tuple[Check, ...]:
        """The eligibility rules of a fund's regulations against what is known today, for a credit for `purpose`. The
        loans and the trainings of all records that were merged into it are its own, and a loan that was written off is
        owed still, and late; the loan `but` does not count.
        """
        family = merged.family(session, CopyMerged, self.enterprise_id)
        today = clock.today()
        of_hers = select(func.count()).select_from(Loan).where(Loan.enterprise_id.in_(family))
        in_force = of_hers.where(Loan.state != "settled", *([Loan.id != but] if but else []))
        known = Enterprise(
            active=self.active,
            consent_credit=self.consent_credit,
            validation=self.validation,
            owners=len(self.owner_ids),
            loans_in_force=session.scalar(in_force) or 0,
            loans_in_arrears=session.scalar(in_force.where(_late(today))) or 0,
            in_centre=fund.covers(self.municipality),
            age=Age.on(today, self.started_year),
            tier=self.tier,
            trained=tuple(months_between(day, today) for day in CopyTraining.days(session, family)),
            chain=self.chain,
            purpose=purpose,
            plans=CopyPlan.in_force(session, self.municipality, today),
        )
        return checks(known, rules)

    def every_owner(self, session: Session) -> list[str]:
        """Its owners, under every id by which they were known."""
        found = [merged.family(session, CopyMerged, UUID(owner)) for owner in self.owner_ids]
        return [str(one) for family in found for one in family]

    def replace(self, facts: dict[str, Any]) -> None:
        """Take the newest facts; what was known before is gone."""
        for name, value in facts.items():
            setattr(self, name, value)


def _late(today: date) -> ColumnElement[bool]:
    """Whether something of a loan should have been paid before today."""
    asked = Instalment.principal + Instalment.interest + Instalment.fee
    paid = Instalment.paid_principal + Instalment.paid_interest + Instalment.paid_fee
    overdue = select(Instalment.loan_id).where(Instalment.due < today, asked > paid)
    return or_(Loan.state == "written_off", Loan.id.in_(overdue))


class CopyTraining(Base):
    """A training that an enterprise completed, of which groups of training tell."""

    __tablename__ = "copy_training"

    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    completed_on: Mapped[date]

    @classmethod
    def days(cls, session: Session, enterprise_ids: Iterable[UUID]) -> list[date]:
        """When these enterprises, which are one, completed each of their trainings."""
        ended = func.max(cls.completed_on)
        return list(session.scalars(select(ended).where(cls.enterprise_id.in_(enterprise_ids)).group_by(cls.group_id)))


class CopyAssistance(Base):
    """A visit to a borrower at her workplace, as training tells."""

    __tablename__ = "copy_assistance"

    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(index=True)
    enterprise_id: Mapped[UUID] = mapped_column(index=True)
    given_on: Mapped[date]
    minutes: Mapped[int]

    @classmethod
    def of_loan(cls, session: Session, loan_id: UUID) -> dict[str, Any] | None:
        """How often and for how many minutes the borrower was visited, and when last; None where nobody came."""
        sums = select(func.count(), func.sum(cls.minutes), func.max(cls.given_on)).where(cls.loan_id == loan_id)
        visits, minutes, last = session.execute(sums).one()
        return {"visits": visits, "minutes": int(minutes), "last_on": last} if visits else None


class CopyWithdrawn(Base):
    """An enterprise whose owner withdrew: nothing that another service tells later, or told before, brings it back."""

    __tablename__ = "copy_withdrawn"

    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True)


class CopyPlan(Base):
    """A plan of a municipality, a department or a country, as territory announced it."""

    __tablename__ = "copy_plan"

    plan_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    kind: Mapped[Code]
    title: Mapped[Label]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    chains: Mapped[list[str]]
    purposes: Mapped[list[str]]

    @classmethod
    def in_force(cls, session: Session, municipality: str, day: date) -> tuple[Plan, ...]:
        """The plans that hold on a day in a municipality: its own, its department's, its country's, nearest first."""
        units = [municipality[:length] for length in (6, 4, 2)]
        holding = select(cls).where(
            cls.unit.in_(units), cls.valid_from <= day, or_(cls.valid_until.is_(None), cls.valid_until >= day)
        )
        found = session.scalars(holding.order_by(func.length(cls.unit).desc(), cls.valid_from, cls.plan_id))
        return tuple(Plan(row.title, row.unit, tuple(row.chains), tuple(row.purposes)) for row in found)
