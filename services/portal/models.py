"""Accounts of the people who use the system, and their sessions."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared import places
from shared.attempts import Attempts
from shared.database import COLUMN_TYPES, Versioned, new_metadata
from shared.identity import EVERYWHERE, ROLES, Caller, Scope
from shared.kernel import Invalid, uuid7

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
PERSON_ROLES = tuple(role for role in ROLES if role != "service")
SEATS = ("women_organizations", "csem", "leda")


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map: ClassVar = COLUMN_TYPES


class Account(Versioned, Base):
    """A person who signs in: what she may do (roles), where (scope), and in which centre she works."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[list[str]]
    units: Mapped[list[str]]
    centre: Mapped[str] = mapped_column(String(120), default="")
    seat: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2), default="es")
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool]
    active: Mapped[bool] = mapped_column(default=True)
    opened_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]

    @property
    def caller(self) -> Caller:
        """Whom the APIs see when she calls."""
        return Caller(str(self.id), self.name, frozenset(self.roles), Scope(frozenset(self.units)))

    def change(
        self, *, name: str, roles: Iterable[str], units: Iterable[str], centre: str, seat: str | None, active: bool
    ) -> None:
        """Everything an administrator sets, at once; refuses what makes no sense together."""
        self.roles = _ordered(roles)
        self.units = checked_units(units)
        self.name, self.centre, self.active = name, centre, active
        if seat is not None and seat not in SEATS:
            raise Invalid("account.unknown_seat", pointer="/seat", seat=seat)
        if "committee_member" in self.roles and seat is None:
            raise Invalid("account.seat_missing", pointer="/seat")
        self.seat = seat if "committee_member" in self.roles else None

    def set_password(self, password_hash: str, *, temporary: bool) -> None:
        """A temporary password must be changed at the next sign-in."""
        self.password_hash = password_hash
        self.must_change_password = temporary

    def prefer(self, language: str) -> None:
        self.language = language

    def signed_in(self, now: datetime) -> None:
        self.signed_in_at = now

    def facts(self) -> dict[str, object]:
        """What the history keeps of her account: never the password."""
        names = ("username", "name", "roles", "units", "centre", "seat", "active", "must_change_password")
        return {name: getattr(self, name) for name in names}


class Session(Base):
    """A browser in which somebody is signed in; only a hash of its token is kept."""

    __tablename__ = "session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]

    __table_args__ = (Index(None, "account_id"), Index(None, "opened_at"))

    def alive(self, now: datetime) -> bool:
        return now < self.seen_at + IDLE and now < self.opened_at + LONGEST

    def seen(self, now: datetime) -> None:
        self.seen_at = now


class SignInAttempts(Attempts, Base):
    """Wrong passwords lately, by user name, by address and by both together.

    The pair of user name and address stops guessing; the user name alone stops guessing from many addresses, and is
    higher so that a stranger cannot easily lock a woman out of her own account; the address alone stops trying many
    names.
    """

    __tablename__ = "sign_in_attempts"
    limits: ClassVar = {"pair": 5, "username": 25, "address": 60}


def _ordered(roles: Iterable[str]) -> list[str]:
    wanted = set(roles)
    if unknown := wanted - set(PERSON_ROLES):
        raise Invalid("account.unknown_role", pointer="/roles", role=min(unknown))
    if not wanted:
        raise Invalid("account.no_role", pointer="/roles")
    return [role for role in PERSON_ROLES if role in wanted]


def checked_units(units: Iterable[str]) -> list[str]:
    """Territorial units in order, without those that lie inside another one; refuses what is no official code."""
    wanted = sorted(set(units))
    for unit in wanted:
        if unit != EVERYWHERE and unit not in places.names():
            raise Invalid("account.unknown_unit", pointer="/units", unit=unit)
    if not wanted:
        raise Invalid("account.no_unit", pointer="/units")
    if EVERYWHERE in wanted:
        return [EVERYWHERE]
    return [unit for unit in wanted if not any(unit != other and unit.startswith(other) for other in wanted)]
