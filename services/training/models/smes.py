"""Small and medium-sized enterprises that come to the workshops on social responsibility: any firm, not only those of
the registry. Who is written to there is a person, and is forgotten when she asks for it.
"""

import unicodedata
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models.entity import Entity
from shared.database import Versioned
from shared.kernel import Invalid

SECTORS = (
    *("agriculture", "manufacturing", "energy", "construction", "trade", "tourism", "information_technology"),
    *("services", "other"),
)
SIZES = ("micro", "small", "medium")


class Recorded:
    """By whom and when something was written down."""

    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_by_name: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]


class Sme(Versioned, Recorded, Entity):
    """A small or medium-sized enterprise; `unit` is where it is at home: a country, department or municipality."""

    __tablename__ = "sme"
    __table_args__ = (UniqueConstraint("country", "name_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    country: Mapped[str] = mapped_column(String(2))
    city: Mapped[str] = mapped_column(String(120), default="")
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(800))
    """Its name without case, accents and signs: one firm of a country stands here once."""
    sector: Mapped[str] = mapped_column(String(24))
    size: Mapped[str] = mapped_column(String(8))
    employees: Mapped[int | None]
    women_employees: Mapped[int | None]
    women_owned_percent: Mapped[int | None]
    """Which part of it women own, in percent."""
    contact_name: Mapped[str | None] = mapped_column(String(200))
    contact_email: Mapped[str | None] = mapped_column(String(200))
    contact_phone: Mapped[str | None] = mapped_column(String(40))

    def tell(self, **facts: Any) -> None:
        """What is known of it, each fact by its name; refuses a name without letters, and more women than people."""
        for name, value in facts.items():
            setattr(self, name, value)
        self.country, self.name_key = self.unit[:2], name_key(self.name)
        if not self.name_key:
            raise Invalid("sme.name_without_letters", pointer="/name")
        if (self.women_employees or 0) > 0 and (self.employees is None or self.women_employees > self.employees):  # type: ignore[operator]
            raise Invalid("sme.more_women_than_people", pointer="/women_employees")

    def forget_contact(self) -> None:
        """Who was written to there is written to no more."""
        self.contact_name = self.contact_email = self.contact_phone = None


def name_key(name: str) -> str:
    """A name as it is compared: letters and digits alone, without case and accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", name).casefold() if sign.isalnum())
