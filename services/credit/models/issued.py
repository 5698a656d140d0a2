"""The papers that were made on demand, by the hash of what they say."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.credit.models.base import Base, Code


class IssuedDocument(Base):
    """A paper made on demand, by the hash of what it says: whoever holds it can have it verified."""

    __tablename__ = "issued_document"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[Code]
    number: Mapped[Code]
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    dated: Mapped[date]
    issued_at: Mapped[datetime]
