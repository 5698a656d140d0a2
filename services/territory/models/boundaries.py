"""Official boundaries: the files that were looked at, and the sets in force."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from services.territory.models.sent import SentFile


class BoundaryFile(SentFile):
    """A file of boundaries somebody sent: read, judged, and adopted or not."""

    __tablename__ = "boundary_file"
    subject = "boundaries"


class BoundarySet(Entity):
    """The official boundaries of one country during some time; without one, the approximate cells are in force."""

    __tablename__ = "boundary_set"
    __table_args__ = (
        Index(
            "uq_boundary_set_in_force",
            "country",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    country: Mapped[str] = mapped_column(String(2), index=True)
    source: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    adopted_by: Mapped[str] = mapped_column(String(120))
    adopted_at: Mapped[datetime]
    shapes: Mapped[int]
    report: Mapped[dict[str, Any]]

    def close(self, day: date) -> None:
        """Another set is in force from `day` on."""
        self.valid_to = day


class BoundaryShape(Entity):
    """The official shape of one municipality in a set: WKB in WGS 84 degrees."""

    __tablename__ = "boundary_shape"

    set_id: Mapped[UUID] = mapped_column(ForeignKey("boundary_set.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    wkb: Mapped[bytes] = mapped_column(LargeBinary)
