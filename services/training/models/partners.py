"""With whom the programme of social responsibility works, and what was agreed with them."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity
from services.training.models.smes import Recorded, name_key
from shared.database import Versioned
from shared.kernel import Invalid, Refused

PARTNER_KINDS = ("government_international", "csr_organization", "private_sector", "civil_society_academia")
"""The four columns of the programme's table of partners."""
LEARNING_KINDS = ("university", "learning_centre", "vocational_institute", "school", "training_organization")
"""What a partner is that teaches; other partners are none of these."""
OBLIGED = ("partner", "network")
"""The sides of an agreement."""
CONTRIBUTIONS = ("none", "in_kind", "financial", "both")

agreement_partner = Table(
    "csr_agreement_partner",
    Entity.metadata,
    Column("agreement_id", ForeignKey("csr_agreement.id"), primary_key=True),
    Column("partner_id", ForeignKey("csr_partner.id"), primary_key=True),
)


class Partner(Versioned, Recorded, Entity):
    """An institution that takes part in workshops and dialogues; one of a country stands here once."""

    __tablename__ = "csr_partner"
    __table_args__ = (UniqueConstraint("country", "name_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    country: Mapped[str] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(800))
    kind: Mapped[str] = mapped_column(String(24))
    learning_kind: Mapped[str | None] = mapped_column(String(24))
    """Of a learning centre or university: which of them it is."""
    address: Mapped[str | None] = mapped_column(String(300))
    phone: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(200))
    website: Mapped[str | None] = mapped_column(String(300))
    """How the institution itself is reached: no private person stands here."""

    def tell(
        self,
        *,
        unit: str,
        name: str,
        kind: str,
        learning_kind: str | None = None,
        **reached: str | None,
    ) -> None:
        """Its name, kind and home, and how it is reached (`address`, `phone`, `email`, `website`); refuses a name
        without letters.
        """
        self.unit, self.country, self.name, self.kind = unit, unit[:2], name.strip(), kind
        self.learning_kind = learning_kind
        for way in ("address", "phone", "email", "website"):
            setattr(self, way, reached.get(way))
        self.name_key = name_key(name)
        if not self.name_key:
            raise Invalid("csr_partner.name_without_letters", pointer="/name")


class Agreement(Versioned, Recorded, Entity):
    """What partners agreed with the programme or with each other; the dialogue that it came from, where it did."""

    __tablename__ = "csr_agreement"
    __table_args__ = (Index("uq_csr_agreement_renews_id", "renews_id", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    title: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(String(2000))
    contribution: Mapped[str] = mapped_column(String(12))
    signed_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date | None]
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("csr_activity.id"), index=True)

    obligations: Mapped[list[Any]] = mapped_column(default=list)
    """Each with its `side` and `what` that side takes upon itself."""
    file_id: Mapped[UUID | None]
    """The signed paper."""
    renews_id: Mapped[UUID | None]
    """The agreement of which it is the renewal: of each there is one at most."""

    partners: Mapped[list[Partner]] = relationship(secondary=agreement_partner, order_by="Partner.name_key")

    def keep_paper(self, file_id: UUID) -> UUID | None:
        """Its signed paper is this file; the one before it comes back, to be erased."""
        before, self.file_id = self.file_id, file_id
        return before

    def renew(self, before: UUID) -> None:
        """It takes the place of another."""
        self.renews_id = before

    def ends_on_renewal(self, day: date) -> None:
        """Another one takes its place on a day: it lasted until the day before."""
        self.ends_on = day - timedelta(days=1)

    def end(self, day: date) -> None:
        """Its last day; refused before it was signed, and where it ends no later already."""
        if day < self.signed_on:
            raise Invalid("csr_agreement.ends_before_signed", pointer="/ends_on", day=self.signed_on)
        if self.ends_on is not None and self.ends_on <= day:
            raise Refused("csr_agreement.ends_already", day=self.ends_on)
        self.ends_on = day
