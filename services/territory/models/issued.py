"""Papers that left the printer, by the hash of what they say."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity


class IssuedReport(Entity):
    """A report that was printed: so much is told to whoever holds it and asks whether it is ours."""

    __tablename__ = "issued_report"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    units: Mapped[str] = mapped_column(String(320))
    """The codes of its places, with `, ` between them."""
    number: Mapped[str] = mapped_column(String(340))
    language: Mapped[str] = mapped_column(String(2))
    issued_at: Mapped[datetime]
    """When it was printed first."""
