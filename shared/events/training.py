"""What the training service announces: the groups it forms, and who completed their training."""

from dataclasses import field
from datetime import date
from uuid import UUID

from shared.events import Event, event


@event("org.csem.training.group-formed.v1")
class GroupFormed(Event):
    """A training group was confirmed; `municipality` is the one most of its members live in."""

    group_id: UUID
    chain: str
    need: str
    municipality: str
    enterprise_ids: list[UUID]
    formed_on: date


@event("org.csem.training.group-completed.v1")
class GroupCompleted(Event):
    """The training of a group ended; `enterprise_ids` are those of the women who completed it."""

    group_id: UUID
    chain: str
    need: str
    municipality: str
    enterprise_ids: list[UUID]
    completed_on: date


@event("org.csem.training.erasure-completed.v1")
class TrainingErasureCompleted(Event):
    """What training erased of a woman who withdrew, and what the law makes it keep."""

    entrepreneur_id: UUID
    erased: dict[str, int]
    kept: list[str] = field(default_factory=list)
