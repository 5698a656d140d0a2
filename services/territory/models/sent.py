"""A file somebody sent: read in the background, judged, and adopted or not."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.territory.models.entity import Entity
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Refused, clock, uuid7

READING, READ, UNREADABLE, ADOPTING, ADOPTED = "reading", "read", "unreadable", "adopting", "adopted"
FILE_STATES = (READING, READ, UNREADABLE, ADOPTING, ADOPTED)


class SentFile(Versioned, Entity):
    """What a file of boundaries and a table have in common on their way. Refusals begin with `subject`."""

    __abstract__ = True
    subject: ClassVar[str]

    id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    choice: Mapped[dict[str, Any]]
    """What was fixed before reading: layer, columns, country."""
    reading: Mapped[dict[str, Any]]
    """Layers, columns, the mapping that was guessed, and the quality report."""
    problem: Mapped[dict[str, Any]]
    job_id: Mapped[UUID | None]
    sent_by: Mapped[str] = mapped_column(String(120))
    sent_by_name: Mapped[str] = mapped_column(String(120))
    sent_at: Mapped[datetime]
    adopted_at: Mapped[datetime | None]

    @classmethod
    def received(cls, file_id: UUID, name: str, choice: Mapping[str, str], caller: Caller, **more: str) -> Self:
        """A file that waits to be read."""
        return cls(
            id=uuid7(), file_id=file_id, name=name, state=READING, choice=dict(choice), reading={}, problem={},
            job_id=None, sent_by=caller.subject, sent_by_name=caller.name, sent_at=clock.now(), adopted_at=None, **more,
        )  # fmt: skip

    def await_job(self, job_id: UUID) -> None:
        self.job_id = job_id

    def read_again(self, choice: Mapping[str, str]) -> None:
        """Other columns or another layer were chosen; refused once the file is being adopted."""
        self._require_not_adopted()
        self.state, self.choice, self.reading, self.problem = READING, dict(choice), {}, {}

    def was_read(self, reading: Mapping[str, Any]) -> None:
        self.state, self.reading = READ, dict(reading)

    def could_not_be_read(self, code: str, facts: Mapping[str, Any]) -> None:
        self.state, self.problem = UNREADABLE, {"code": code, "facts": dict(facts)}

    def begin_adoption(self) -> None:
        """Refused unless it was read and nobody adopts it already."""
        self._require_not_adopted()
        if self.state != READ:
            raise Refused(f"{self.subject}.not_read")
        self.state, self.problem = ADOPTING, {}

    def was_adopted(self) -> None:
        self.state, self.adopted_at = ADOPTED, clock.now()

    def could_not_be_adopted(self, code: str, facts: Mapping[str, Any]) -> None:
        self.state, self.problem = READ, {"code": code, "facts": dict(facts)}

    def _require_not_adopted(self) -> None:
        if self.state in {ADOPTING, ADOPTED}:
            raise Refused(f"{self.subject}.adopted_already")
