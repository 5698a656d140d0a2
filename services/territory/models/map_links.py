"""Maps that a centre lets others show in their own pages, until a day or until it thinks better of it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from shared.database import Versioned
from shared.kernel import Refused, clock

VALID, EXPIRED, REVOKED = "valid", "expired", "revoked"
MAP_LINK_STATES = (VALID, EXPIRED, REVOKED)


class MapLink(Versioned, Entity):
    """A link to one map of published figures."""

    __tablename__ = "map_link"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    map: Mapped[dict[str, Any]]
    """Which map: the parameters of `GET /map` besides the unit."""
    purpose: Mapped[str] = mapped_column(String(200))
    """Where it is shown, and what for."""
    language: Mapped[str] = mapped_column(String(2))
    expires_on: Mapped[date]
    """The last day it is shown."""
    revoked_on: Mapped[date | None]
    made_by: Mapped[str] = mapped_column(String(120))
    made_by_name: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]

    @property
    def state(self) -> str:
        if self.revoked_on is not None:
            return REVOKED
        return EXPIRED if self.expires_on < clock.today() else VALID

    def revoke(self) -> None:
        """Nobody sees the map through it any more; refused a second time."""
        if self.revoked_on is not None:
            raise Refused("map_link.revoked_already")
        self.revoked_on = clock.today()
