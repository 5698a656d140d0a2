"""What the registry told us of its enterprises: no name, no document."""

from collections.abc import Iterable
from typing import Any, Self
from uuid import UUID

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.credit.models.base import Base, Code
from services.credit.models.loans import Loan
from services.credit.rules.eligibility import Enterprise, failed_rules
from shared import merged
from shared.merged import Merged


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
    validation: Mapped[Code]
    consent_credit: Mapped[bool]
    active: Mapped[bool]
    tier: Mapped[str | None] = mapped_column(String(40))

    @classmethod
    def standing(cls, session: Session, enterprise_id: UUID) -> Self | None:
        """What is known of an enterprise; of one that became part of another, that other."""
        return session.get(cls, merged.standing(session, CopyMerged, enterprise_id))

    def failed_rules(self, session: Session, rules: Iterable[str]) -> tuple[str, ...]:
        """The regulations' eligibility rules that the enterprise does not meet today. The loans of all records that
        were merged into it are its own.
        """
        family = merged.family(session, CopyMerged, self.enterprise_id)
        in_force = select(func.count()).select_from(Loan).where(Loan.enterprise_id.in_(family), Loan.state == "active")
        known = Enterprise(
            active=self.active,
            consent_credit=self.consent_credit,
            validation=self.validation,
            owners=len(self.owner_ids),
            loans_in_force=session.scalar(in_force) or 0,
        )
        return failed_rules(known, rules)

    def every_owner(self, session: Session) -> list[str]:
        """Its owners, under every id by which they were known."""
        found = [merged.family(session, CopyMerged, UUID(owner)) for owner in self.owner_ids]
        return [str(one) for family in found for one in family]

    def replace(self, facts: dict[str, Any]) -> None:
        """Take the newest facts; what was known before is gone."""
        for name, value in facts.items():
            setattr(self, name, value)
