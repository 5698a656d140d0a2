"""What somebody tried to do that somebody else has to do: refused, and remembered all the same."""

from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.credit.models.base import Account, Base, Code, Identified
from shared import logs
from shared.database import insert_on
from shared.kernel import Refused, clock, uuid7


class Record(Protocol):
    """What an attempt was about: anything of a fund that has a number."""

    @property
    def id(self) -> UUID: ...

    @property
    def fund_id(self) -> UUID: ...

    @property
    def number(self) -> str: ...


class Of(NamedTuple):
    """A record that goes by another name than its own number."""

    id: UUID
    fund_id: UUID
    number: str


class RefusedAttempt(Identified, Base):
    """That an account tried on one day what segregation keeps it from, on one record; how often, from when to when."""

    __tablename__ = "refused_attempt"
    __table_args__ = (UniqueConstraint("subject", "code", "record_id", "day"),)

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    subject: Mapped[Account]
    code: Mapped[Code]
    record_id: Mapped[UUID]
    record: Mapped[Code]
    day: Mapped[date]
    times: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]

    @classmethod
    def note(cls, session: Session, code: str, subject: str, of: Record) -> None:
        """Write an attempt down; one more of the same day is counted, not written anew."""
        now = clock.now()
        row = {
            "id": uuid7(),
            "fund_id": of.fund_id,
            "subject": subject,
            "code": code,
            "record_id": of.id,
            "record": of.number,
            "day": clock.today(),
            "times": 1,
            "first_at": now,
            "last_at": now,
        }
        statement = insert_on(session.get_bind().dialect.name, cls).values(row)
        again = {"times": cls.times + 1, "last_at": now}
        same = ["subject", "code", "record_id", "day"]
        session.execute(statement.on_conflict_do_update(index_elements=same, set_=again))


class NotApart(Refused):
    """One person would do both halves of what two have to do. The refusal takes the transaction back with it, so the
    attempt is written down in one of its own, and told in the log: by ids alone.
    """

    def __init__(self, code: str, subject: str, of: Record, **facts: object) -> None:
        super().__init__(code, **facts)
        attempt = Of(of.id, of.fund_id, of.number)

        def remember(session: Session) -> None:
            RefusedAttempt.note(session, code, subject, attempt)
            logs.logger(service="credit").warning(
                "attempt_refused", code=code, account=subject, fund=str(attempt.fund_id), record=str(attempt.id)
            )

        self.afterwards = remember
