"""Fairs as the registry tells of them, and how enterprises get ready for them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models.entity import Entity
from services.training.models.smes import Recorded
from services.training.rules.fair_readiness import ITEM_STATES, Checklist
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock


class CopyFair(Entity):
    """A fair of the registry."""

    __tablename__ = "copy_fair"
    __table_args__ = (Index("ix_copy_fair_begins_on", "begins_on", "fair_id"),)

    fair_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    municipality: Mapped[str] = mapped_column(String(6))
    begins_on: Mapped[date]
    ends_on: Mapped[date]


class CopyFairStand(Entity):
    """An enterprise at a fair, and how far it is with coming."""

    __tablename__ = "copy_fair_stand"
    __table_args__ = (Index("ix_copy_fair_stand_enterprise_id", "enterprise_id"),)

    fair_id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(12))


class FairPreparation(Recorded, Entity):
    """A group that gets ready for a fair: its sessions are the group's. `list_from` says which list it goes by."""

    __tablename__ = "fair_preparation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fair_id: Mapped[UUID] = mapped_column(index=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("training_group.id"), unique=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    list_from: Mapped[date]


class FairReadiness(Versioned, Entity):
    """What an enterprise has ready for a fair; it prepares for a fair once."""

    __tablename__ = "fair_readiness"
    __table_args__ = (
        UniqueConstraint("fair_id", "enterprise_id", name="uq_fair_readiness_fair_id_enterprise_id"),
        Index("ix_fair_readiness_enterprise_id", "enterprise_id"),
    )

    preparation_id: Mapped[UUID] = mapped_column(ForeignKey("fair_preparation.id"), primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True)
    fair_id: Mapped[UUID]
    items: Mapped[dict[str, Any]]
    noted_at: Mapped[datetime | None]
    noted_by_name: Mapped[str | None] = mapped_column(String(200))

    def note(self, told: Mapping[str, str], checklist: Checklist, fair: CopyFair, by: Caller) -> None:
        """What is ready; what is left out stays. Refused once the fair has begun, so that nobody is found prepared
        afterwards, and of what is not on the list.
        """
        if fair.begins_on <= clock.today():
            raise Refused("fair_preparation.fair_begun", day=fair.begins_on)
        if strange := sorted(told.keys() - set(checklist.items)):
            raise Invalid("fair_preparation.not_on_the_list", pointer="/items", item=strange[0])
        if wrong := sorted(set(told.values()) - set(ITEM_STATES)):
            raise Invalid("fair_preparation.not_a_state", pointer="/items", state=wrong[0])
        self.items = self.items | dict(told)
        self.noted_at, self.noted_by_name = clock.now(), by.name


FAIR_TABLES = [Entity.metadata.tables[entity.__tablename__] for entity in (CopyFairStand, CopyFair)]
