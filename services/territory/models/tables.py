"""Tables somebody sent, the units they told of, and what figures are compared with."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from services.territory.models.sent import SentFile
from shared.database import Versioned
from shared.kernel import Refused, clock

DENOMINATORS, UNITS = "denominators", "units"
PURPOSES = (DENOMINATORS, UNITS)
IN_FORCE, REPLACED, WITHDRAWN = "in_force", "replaced", "withdrawn"
SET_STATES = (IN_FORCE, REPLACED, WITHDRAWN)


class TableFile(SentFile):
    """A table somebody sent: of denominators, or of districts and villages."""

    __tablename__ = "table_file"
    subject = "tables"

    purpose: Mapped[str] = mapped_column(String(12), index=True)


class UnitEdition(Entity):
    """A district or village during some time, as a table told; `valid_to` is its last day."""

    __tablename__ = "unit_edition"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Editions of one code are counted from 1, the oldest first."""
    name: Mapped[str] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(12))
    parent: Mapped[str] = mapped_column(String(20), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("table_file.id"))


class DenominatorSet(Versioned, Entity):
    """What one source says of one indicator in one country and year: what figures are divided by, or set beside."""

    __tablename__ = "denominator_set"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(String(40), index=True)
    country: Mapped[str] = mapped_column(String(2))
    title_es: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(200))
    year: Mapped[int]
    level: Mapped[str] = mapped_column(String(12))
    rows: Mapped[int]
    report: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("table_file.id"))
    adopted_by_name: Mapped[str] = mapped_column(String(120))
    adopted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def replace(self) -> None:
        """Another set says the same of the same year."""
        self.state, self.ended_at = REPLACED, clock.now()

    def withdraw(self) -> None:
        """It is used no more; refused unless it is in force."""
        if self.state != IN_FORCE:
            raise Refused("denominators.not_in_force")
        self.state, self.ended_at = WITHDRAWN, clock.now()

    @property
    def titles(self) -> Mapping[str, str]:
        return {"es": self.title_es, "en": self.title_en}


class Denominator(Entity):
    """One value of a set; `all` stands where it is not broken down. `low` and `high` are the source's interval."""

    __tablename__ = "denominator"
    __table_args__ = (Index("ix_denominator_unit", "unit"),)

    set_id: Mapped[UUID] = mapped_column(ForeignKey("denominator_set.id", ondelete="CASCADE"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), primary_key=True)
    sex: Mapped[str] = mapped_column(String(6), primary_key=True)
    age: Mapped[str] = mapped_column(String(12), primary_key=True)
    ciiu: Mapped[str] = mapped_column(String(4), primary_key=True)
    size: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[float]
    low: Mapped[float | None]
    high: Mapped[float | None]
