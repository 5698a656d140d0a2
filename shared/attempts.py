"""Who keeps giving wrong passwords or tokens has to wait: attempts are counted by name, by address, and by both."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import ClassVar, Self, TypeVar

from sqlalchemy import String, delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

WINDOW = timedelta(minutes=15)
_HOUSEHOLD = 64


class Attempts:
    """Wrong attempts lately, of one kind of key; the keys are hashes. A service has a table of them of its own."""

    limits: ClassVar[Mapping[str, int]]
    """By kind of key: so many within the window before the next attempt is not even looked at."""

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    failures: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)

    @classmethod
    def none_yet(cls, kind: str, key: str, now: datetime) -> Self:
        self = cls()
        self.key, self.kind, self.failures, self.since = key, kind, 0, now
        return self

    def waiting_minutes(self, now: datetime) -> int:
        return waiting_minutes(self.limits[self.kind], self.failures, self.since, now)

    def count(self, now: datetime) -> None:
        self.failures, self.since = next_count(self.failures, self.since, now)

    def take_back(self) -> None:
        """The attempt that was counted before it was made turned out right."""
        self.failures = max(0, self.failures - 1)


A = TypeVar("A", bound=Attempts)


def keys_of(named: str, name: str, address: str) -> dict[str, str]:
    """What an attempt is counted by, each kind with its hash: a name (of the kind `named`), an address, and both."""
    network = network_of(address)
    counted = {"pair": f"{name}\0{network}", named: name, "address": network}
    return {kind: hashlib.sha256(f"{kind}\0{key}".encode()).hexdigest() for kind, key in counted.items()}


def held(session: Session, table: type[A], keys: Mapping[str, str], now: datetime) -> list[A]:
    """The counts of these keys, locked; those that there are not yet begin with none."""
    return [_held(session, table, kind, key, now) for kind, key in keys.items()]


def minutes_to_wait(session: Session, table: type[Attempts], keys: Mapping[str, str], now: datetime) -> int:
    """Whole minutes until the next attempt may be made, 0 when it may be made now; nothing is held or counted."""
    kept = [session.get(table, key) for key in keys.values()]
    return max((one.waiting_minutes(now) for one in kept if one is not None), default=0)


def forget_old(session: Session, table: type[Attempts], now: datetime) -> None:
    """Erase the counts whose window is over."""
    session.execute(delete(table).where(table.since < now - WINDOW))


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the network, for a household there has more addresses than it could use."""
    try:
        told = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((told, _HOUSEHOLD), strict=False)) if isinstance(told, IPv6Address) else address


def waiting_minutes(limit: int, failures: int, since: datetime, now: datetime) -> int:
    """Whole minutes to wait (rounded up), 0 when the next attempt may be made; `since` is the window's begin."""
    if failures < limit or now >= since + WINDOW:
        return 0
    return max(1, -int(-(since + WINDOW - now).total_seconds() // 60))


def next_count(failures: int, since: datetime, now: datetime) -> tuple[int, datetime]:
    """The count and the begin of the window after one more attempt."""
    return (1, now) if now >= since + WINDOW else (failures + 1, since)


def _held(session: Session, table: type[A], kind: str, key: str, now: datetime) -> A:
    found = session.get(table, key, with_for_update=True)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(table.none_yet(kind, key, now))
    except IntegrityError:
        pass  # somebody else's first attempt came at the same moment: both are counted in its row
    return session.get_one(table, key, with_for_update=True)
