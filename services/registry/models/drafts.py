"""Submissions that a form server sends one by one, until somebody has looked at them; and who may send them."""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.registry.models.entity import Entity
from services.registry.rules.drafts import next_count, wait_seconds
from shared.attempts import Attempts, keys_of
from shared.database import Versioned
from shared.identity import Caller, Scope
from shared.kernel import Refused, clock, uuid7

_ID = 32
_LAST = 4


class FormToken(Entity):
    """What one form on a form server proves with that it may send us its submissions: a secret that we know only by
    its hash. What it brings lies in its territory (`units`).
    """

    __tablename__ = "form_token"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(120))
    units: Mapped[list[str]]
    secret_hash: Mapped[str] = mapped_column(String(64))
    ends_with: Mapped[str] = mapped_column(String(4))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(120))
    created_by_name: Mapped[str] = mapped_column(String(200))
    revoked_at: Mapped[datetime | None]
    revoked_by_name: Mapped[str | None] = mapped_column(String(200))
    used_at: Mapped[datetime | None]
    counted_since: Mapped[datetime | None]
    counted: Mapped[int]

    @classmethod
    def issue(cls, caller: Caller, form: str, units: list[str]) -> tuple[Self, str]:
        """A new token and its secret text, which is not to be had a second time."""
        token_id, secret = uuid7(), secrets.token_urlsafe(32)
        token = cls(
            id=token_id,
            form=form,
            units=sorted(units),
            secret_hash=_hash(secret),
            ends_with=secret[-_LAST:],
            created_at=clock.now(),
            created_by=caller.subject,
            created_by_name=caller.name,
            counted=0,
        )
        return token, token_id.hex + secret

    @staticmethod
    def id_in(text: str) -> UUID | None:
        """Which token a secret text claims to be; None where it is none at all."""
        head = text[:_ID]
        return UUID(head) if len(head) == _ID and set(head) <= set("0123456789abcdef") else None

    def proves(self, text: str) -> bool:
        """Whether this is its secret text, compared in constant time."""
        return hmac.compare_digest(self.secret_hash, _hash(text[_ID:]))

    @property
    def caller(self) -> Caller:
        """Who speaks where it is used: the form, as a technician of its territory."""
        return Caller(f"form:{self.id}", self.form, frozenset({"technician"}), Scope.of(*self.units))

    def use(self) -> None:
        """One more submission; refuses when there were too many a moment ago."""
        now = clock.now()
        self.counted, since = next_count(self.counted, self.counted_since, now)
        if seconds := wait_seconds(self.counted, since, now):
            raise Refused("hook.throttled", retry_after=seconds)
        self.counted_since, self.used_at = since, now

    def revoke(self, caller: Caller) -> None:
        """It opens nothing any more; revoking it twice is revoking it once."""
        if self.revoked_at is None:
            self.revoked_at, self.revoked_by_name = clock.now(), caller.name


class HookAttempts(Attempts, Entity):
    """Wrong tokens lately, by the form that they claim to be of, by the address they come from, and by both."""

    __tablename__ = "hook_attempts"
    limits: ClassVar = {"pair": 5, "form": 25, "address": 60}

    @staticmethod
    def keys(text: str, address: str) -> dict[str, str]:
        """What a secret text from an address is counted by."""
        return keys_of("form", str(FormToken.id_in(text) or ""), address)


class Draft(Versioned, Entity):
    """A submission as a form server sent it, sealed; waiting -> accepted (an import takes it in) | rejected, and
    waiting again once it was edited in the field. `withdrawn` is what is left of one whose woman withdrew.
    """

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_state", "state", "municipality"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(String(200), unique=True)
    token_id: Mapped[UUID] = mapped_column(ForeignKey("form_token.id"))
    municipality: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(12))
    known: Mapped[bool]
    fingerprint: Mapped[str] = mapped_column(String(64))
    id_fingerprint: Mapped[str | None] = mapped_column(String(64), index=True)
    sealed: Mapped[bytes | None]
    received_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_name: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(String(500))
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("import_run.id"))

    @classmethod
    def of(cls, identity: str) -> Self:
        return cls(id=uuid7(), identity=identity, received_at=clock.now())

    def take(
        self, token: FormToken, *, municipality: str, known: bool, print_: str, document: str | None, sealed: bytes
    ) -> None:
        """What was sent waits to be looked at, in the place of what this submission said before."""
        self.token_id, self.municipality, self.known = token.id, municipality, known
        self.fingerprint, self.id_fingerprint, self.sealed = print_, document, sealed
        self.state, self.changed_at = "waiting", clock.now()
        self.decided_at = self.decided_by_name = self.reason = self.import_id = None

    def accept(self, caller: Caller, import_id: UUID) -> None:
        """An import takes it in."""
        self._decide("accepted", caller)
        self.import_id = import_id

    def reject(self, caller: Caller, reason: str) -> None:
        """It becomes no record, and somebody says why."""
        self._decide("rejected", caller)
        self.reason = reason

    def wait_again(self) -> None:
        """Its import came to nothing: it is looked at anew."""
        self.state, self.import_id = "waiting", None
        self.decided_at = self.decided_by_name = None

    def empty(self) -> None:
        """What it said is in the registry now, or never will be."""
        self.sealed = self.id_fingerprint = None

    def forget(self) -> None:
        """She withdrew: only the identity stays, so that the form server cannot bring her back."""
        self.empty()
        self.state, self.fingerprint, self.reason = "withdrawn", "", None

    def require_waiting(self) -> None:
        if self.state != "waiting" or self.sealed is None:
            raise Refused("draft.decided", state=self.state)

    def _decide(self, state: str, caller: Caller) -> None:
        self.require_waiting()
        self.state, self.decided_at, self.decided_by_name = state, clock.now(), caller.name


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
