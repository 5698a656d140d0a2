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


@event("org.csem.training.curriculum-accepted.v1")
class CurriculumAccepted(Event):
    """An expert, a teacher and an entrepreneur accepted a version of a curriculum for the first time: from now on it
    may be taught to groups whose entrepreneurs accept it. `unit` is where it is kept, `kind` a chain, a family of
    chains or any, `minutes` those of all its modules.
    """

    curriculum_id: UUID
    version_id: UUID
    number: int
    unit: str
    topic: str
    kind: str
    language: str
    minutes: int
    accepted_on: date


@event("org.csem.training.erasure-completed.v1")
class TrainingErasureCompleted(Event):
    """What training erased of a woman who withdrew, and what the law makes it keep."""

    entrepreneur_id: UUID
    erased: dict[str, int]
    kept: list[str] = field(default_factory=list)


@event("org.csem.training.diploma-issued.v1")
class DiplomaIssued(Event):
    """A diploma was issued. `kind` is attendance or achievement; `subject_kind` and `subject_id` say what was taught
    (`group`, `workshop`), `holder_id` to whom: an entrepreneur of the registry where it was a group. `replaces_id` is
    the diploma that it was issued for anew.
    """

    diploma_id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    holder_id: UUID | None
    issued_on: date
    replaces_id: UUID | None = None


@event("org.csem.training.diploma-revoked.v1")
class DiplomaRevoked(Event):
    """A diploma holds no more: it was taken back, or another replaces it, which is told by its own event."""

    diploma_id: UUID
    reason: str
    revoked_on: date


@event("org.csem.training.assistance-given.v1")
class AssistanceGiven(Event):
    """Somebody visited a borrower at her workplace and taught her, for the project that a loan finances."""

    assistance_id: UUID
    visit_id: UUID
    loan_id: UUID
    enterprise_id: UUID
    given_on: date
    minutes: int
