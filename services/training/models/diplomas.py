"""Diplomas: what was attested of whom, their numbers and keys, and the links through which women fetch theirs."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models.activities import WORKSHOP
from services.training.models.entity import Entity
from services.training.rules.diplomas.award import hours
from services.training.rules.diplomas.payload import Said
from shared.database import Versioned
from shared.kernel import NotFound, Refused, clock

VALID, REVOKED, EXPIRED = "valid", "revoked", "expired"
STATES = (VALID, REVOKED)
LINK_STATES = (VALID, REVOKED, EXPIRED)
GROUP = "group"
SUBJECT_KINDS = (GROUP, WORKSHOP)
LONGEST_TITLE = 120
REASONS = ("wrong_name", "wrong_facts", "not_earned", "lost", "other")
"""Why a diploma is taken back or replaced."""


class DiplomaBatch(Versioned, Entity):
    """Diplomas that were issued together, and the file in which a worker prints them."""

    __tablename__ = "diploma_batch"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(2))
    subjects: Mapped[list[Any]]
    """The ids of the groups or workshops, as text."""
    issued: Mapped[int]
    job_id: Mapped[UUID | None]
    file_id: Mapped[UUID | None]
    made_by: Mapped[str] = mapped_column(String(120), index=True)
    made_by_name: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]

    def count(self) -> None:
        """One more was issued."""
        self.issued += 1

    def printed_by(self, job_id: UUID) -> None:
        self.job_id = job_id

    def keep_file(self, file_id: UUID | None) -> None:
        """Its diplomas are in this file; in none any more, where one of them must not be printed."""
        self.file_id = file_id


class DiplomaLeftOut(Entity):
    """Somebody who got no diploma when her group's were issued, and the reason."""

    __tablename__ = "diploma_left_out"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("diploma_batch.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    holder_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]]


class Diploma(Versioned, Entity):
    """A diploma that was issued. `name` and `payload` are as they are printed, and are None once its holder withdrew
    from the network: that a diploma with this number was issued stays.
    """

    __tablename__ = "diploma"
    __table_args__ = (Index("ix_diploma_subject", "subject_id", "holder_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("diploma_batch.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    subject_kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[UUID]
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    holder_id: Mapped[UUID | None] = mapped_column(index=True)
    name: Mapped[str | None] = mapped_column(String(240))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    tenths: Mapped[int]
    """How long the training was, in tenths of an hour; `attended`: how much of it she was there."""
    attended: Mapped[int]
    ended_on: Mapped[date]
    language: Mapped[str] = mapped_column(String(2))
    rule_from: Mapped[date]
    """The first day of the edition of the rule by which it was earned."""
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(String(120))
    issued_by_name: Mapped[str] = mapped_column(String(200))
    key_id: Mapped[str] = mapped_column(ForeignKey("diploma_key.id"))
    payload: Mapped[str | None] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("diploma.id"), unique=True)
    revoked_on: Mapped[date | None]
    revoked_reason: Mapped[str | None] = mapped_column(String(20))

    @property
    def state(self) -> str:
        return VALID if self.revoked_on is None else REVOKED

    @property
    def said(self) -> Said:
        """What it says and what is signed; refused where its holder withdrew."""
        if self.name is None:
            raise NotFound("diploma.erased", number=self.number)
        return Said(
            self.key_id,
            self.number,
            self.kind,
            self.name,
            self.title,
            hours(self.tenths),
            hours(self.attended),
            self.ended_on.isoformat(),
            self.issued_on.isoformat(),
        )

    def sign_with(self, key_id: str) -> None:
        """The key that is to sign it."""
        self.key_id = key_id

    def seal(self, payload: str, content_hash: str) -> None:
        """It was signed: what the QR carries, and by which hash it is verified."""
        self.payload, self.hash = payload, content_hash

    def revoke(self, reason: str) -> None:
        """It holds no more, from today on; refused a second time."""
        if self.revoked_on is not None:
            raise Refused("diploma.revoked_already", number=self.number, day=self.revoked_on)
        self.revoked_on, self.revoked_reason = clock.today(), reason

    def forget_holder(self) -> None:
        """Its holder withdrew: what stays says nothing of whom it was."""
        self.holder_id = self.name = self.payload = None


class DiplomaKey(Entity):
    """A public key that signed diplomas, in hexadecimal: kept for good, so that they verify when another key signs."""

    __tablename__ = "diploma_key"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    public: Mapped[str] = mapped_column(String(64))
    first_used_at: Mapped[datetime]


class DiplomaNumber(Entity):
    """The number that the last diploma got: one row, locked by who takes the next."""

    __tablename__ = "diploma_number"

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]

    def take(self, year: int) -> str:
        """The next number, with the year in which it is given."""
        self.last += 1
        return f"D-{year}-{self.last:06d}"


class DiplomaLink(Versioned, Entity):
    """A personal link through which its holder fetches a diploma, without an account."""

    __tablename__ = "diploma_link"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    diploma_id: Mapped[UUID] = mapped_column(ForeignKey("diploma.id"), index=True)
    expires_on: Mapped[date]
    """The last day it leads there."""
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
        """It leads nowhere any more; refused a second time."""
        if self.revoked_on is not None:
            raise Refused("diploma.link_revoked_already")
        self.revoked_on = clock.today()
