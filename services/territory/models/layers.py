"""Reference layers: roads, markets, banks, schools and the like, as somebody sent them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.territory.models.entity import Entity
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Refused, clock, uuid7

ROADS = "roads"
KINDS = (ROADS, "markets", "banks", "schools", "health", "other")
READING, READY, UNREADABLE, DELETED = "reading", "ready", "unreadable", "deleted"
LAYER_STATES = (READING, READY, UNREADABLE, DELETED)
POINT, LINE, POLYGON = "point", "line", "polygon"
SHAPES = (POINT, LINE, POLYGON)


class ReferenceLayer(Versioned, Entity):
    """A layer of one kind, of the units it was sent for; deleted, only what it was is kept."""

    __tablename__ = "reference_layer"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), index=True)
    title: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(200))
    file_id: Mapped[UUID]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    asked_layer: Mapped[str | None] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(12))
    problem: Mapped[dict[str, Any]]
    report: Mapped[dict[str, Any]]
    """Layers of the file, columns, what was left out and mended, which columns name and tell the speed."""
    shape: Mapped[str | None] = mapped_column(String(8))
    features: Mapped[int]
    job_id: Mapped[UUID | None]
    sent_by: Mapped[str] = mapped_column(String(120))
    sent_by_name: Mapped[str] = mapped_column(String(120))
    sent_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    units: Mapped[list["LayerUnit"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="LayerUnit.unit"
    )

    @classmethod
    def received(
        cls, caller: Caller, *, file_id: UUID, sha256: str, units: Sequence[str], layer: str | None, **told: str
    ) -> Self:
        """A layer that waits to be read."""
        return cls(
            id=uuid7(), file_id=file_id, sha256=sha256, asked_layer=layer, state=READING, problem={}, report={},
            shape=None, features=0, job_id=None, sent_by=caller.subject, sent_by_name=caller.name, sent_at=clock.now(),
            deleted_at=None, units=[LayerUnit(unit=unit) for unit in units], **told,
        )  # fmt: skip

    def await_job(self, job_id: UUID) -> None:
        self.job_id = job_id

    def was_read(self, shape: str, features: int, report: Mapping[str, Any]) -> None:
        self.state, self.shape, self.features, self.report, self.problem = READY, shape, features, dict(report), {}

    def could_not_be_read(self, code: str, facts: Mapping[str, Any]) -> None:
        self.state, self.problem = UNREADABLE, {"code": code, "facts": dict(facts)}

    def delete(self) -> None:
        """It is shown and used no more; refused a second time and while it is being read."""
        if self.state == DELETED:
            raise Refused("layers.deleted_already", title=self.title)
        if self.state == READING:
            raise Refused("layers.being_read")
        self.state, self.deleted_at, self.features, self.report = DELETED, clock.now(), 0, {}


class LayerUnit(Entity):
    """A unit that a layer is of."""

    __tablename__ = "layer_unit"

    layer_id: Mapped[UUID] = mapped_column(ForeignKey("reference_layer.id", ondelete="CASCADE"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), primary_key=True, index=True)


class LayerFeature(Entity):
    """A feature of a layer: WKB in WGS 84 degrees, the box around it, and plain properties."""

    __tablename__ = "layer_feature"
    __table_args__ = (Index("ix_layer_feature_box", "layer_id", "west", "east", "south", "north"),)

    layer_id: Mapped[UUID] = mapped_column(ForeignKey("reference_layer.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str | None] = mapped_column(String(200))
    wkb: Mapped[bytes] = mapped_column(LargeBinary)
    properties: Mapped[dict[str, Any]]
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
