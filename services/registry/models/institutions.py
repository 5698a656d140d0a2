"""The centres, the institutions they work with, and the agreements between them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.entity import Entity, rows_of
from shared.database import Versioned
from shared.kernel import COUNTRY_CURRENCY, Invalid, clock, uuid7


class Institution(Versioned, Entity):
    """An institution of a country, a department or a municipality; its contacts are offices, not private persons."""

    __tablename__ = "institution"
    __table_args__ = (Index("ix_institution_unit", "unit", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(24))
    unit: Mapped[str] = mapped_column(String(6))
    address: Mapped[str | None] = mapped_column(String(300))
    contacts: Mapped[list[Any]]
    created_at: Mapped[datetime]
    agreements: Mapped[list["Agreement"]] = relationship(
        back_populates="institution", order_by="Agreement.valid_from.desc(), Agreement.id", lazy="selectin"
    )

    @classmethod
    def found(cls, **facts: Any) -> Self:
        """A new institution."""
        self = cls(id=uuid7(), created_at=clock.now())
        self.describe(**facts)
        return self

    def describe(
        self, *, name: str, kind: str, unit: str, address: str | None, contacts: Sequence[dict[str, Any]]
    ) -> None:
        self.name, self.kind, self.unit, self.address = name, kind, unit, address
        self.contacts = [dict(contact) for contact in contacts]

    def facts(self) -> dict[str, Any]:
        """What is said of it today, also for its history."""
        return {name: getattr(self, name) for name in ("name", "kind", "unit", "address", "contacts")}


class Centre(Versioned, Entity):
    """A service centre for women's enterprises: its host, the municipalities it covers, its team."""

    __tablename__ = "centre"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))
    host_id: Mapped[UUID | None] = mapped_column(ForeignKey("institution.id"), index=True)
    team: Mapped[list[Any]]
    created_at: Mapped[datetime]
    host: Mapped[Institution | None] = relationship(lazy="joined")
    coverage: Mapped[list["Covered"]] = relationship(
        cascade="all, delete-orphan", order_by="Covered.municipality", lazy="selectin"
    )

    @classmethod
    def open(cls, **facts: Any) -> Self:
        """A new centre."""
        self = cls(id=uuid7(), created_at=clock.now(), team=[], coverage=[])
        self.describe(**facts)
        return self

    def describe(
        self, *, name: str, country: str, host: Institution | None, municipalities: Sequence[str], team: Sequence[Any]
    ) -> None:
        """Take what is said of it; refuses a municipality of another country."""
        strange = next((code for code in municipalities if not code.startswith(country)), None)
        if strange is not None:
            raise Invalid("centre.of_another_country", pointer="/municipalities", value=strange)
        self.name, self.country, self.host = name, country, host
        self.coverage = rows_of(Covered, self.coverage, "municipality", municipalities)
        self.team = [dict(member) for member in team]

    @property
    def currency(self) -> str:
        return COUNTRY_CURRENCY[self.country]

    @property
    def municipalities(self) -> list[str]:
        return [covered.municipality for covered in self.coverage]

    def facts(self) -> dict[str, Any]:
        """What is said of it today, also for its history."""
        return {
            "name": self.name,
            "country": self.country,
            "host_id": None if self.host is None else self.host.id,
            "municipalities": self.municipalities,
            "team": self.team,
        }


class Covered(Entity):
    """A municipality that a centre covers."""

    __tablename__ = "centre_municipality"
    __table_args__ = (Index("ix_centre_municipality", "municipality", "centre_id"),)

    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"), primary_key=True)
    municipality: Mapped[str] = mapped_column(String(6), primary_key=True)


class Agreement(Versioned, Entity):
    """What an institution and a centre agreed on, from when until when, with the signed paper."""

    __tablename__ = "agreement"
    __table_args__ = (Index("ix_agreement_until", "valid_until", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"), index=True)
    centre_id: Mapped[UUID | None] = mapped_column(ForeignKey("centre.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(500))
    signed_on: Mapped[date]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    file_id: Mapped[UUID | None]
    institution: Mapped[Institution] = relationship(back_populates="agreements")
    centre: Mapped[Centre | None] = relationship(lazy="joined")

    @classmethod
    def sign(cls, institution: Institution, **facts: Any) -> Self:
        """A new agreement with an institution."""
        self = cls(id=uuid7(), institution=institution)
        self.describe(**facts)
        return self

    def describe(
        self, *, purpose: str, signed_on: date, valid_from: date, valid_until: date | None, centre: Centre | None
    ) -> None:
        """Take what the paper says; refuses an end before its beginning."""
        if valid_until is not None and valid_until < valid_from:
            raise Invalid("agreement.ends_before", pointer="/valid_until", begins=valid_from.isoformat())
        self.purpose, self.signed_on = purpose, signed_on
        self.valid_from, self.valid_until, self.centre = valid_from, valid_until, centre

    def file(self, file_id: UUID) -> None:
        """The signed paper is this one."""
        self.file_id = file_id

    def facts(self) -> dict[str, Any]:
        """What is said of it today, also for its history."""
        names = ("purpose", "signed_on", "valid_from", "valid_until", "file_id")
        return {name: getattr(self, name) for name in names} | {"centre_id": self.centre and self.centre.id}
