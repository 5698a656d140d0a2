"""Words that every room shares: identifiers, money, the clock, and how a request is refused."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import total_ordering
from typing import Any, Self
from uuid import UUID

CURRENCIES = ("GTQ", "USD", "HNL")
COUNTRY_CURRENCY = {"GT": "GTQ", "SV": "USD", "HN": "HNL"}

# Guatemala, El Salvador and Honduras keep UTC-6 all year round.
LOCAL_TIME = timezone(timedelta(hours=-6))


class _Uuid7:
    """UUIDv7 (RFC 9562, method 1): milliseconds, then a counter that keeps ids of one process in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = (0, 0)

    def __call__(self) -> UUID:
        with self._lock:
            millisecond = time.time_ns() // 1_000_000
            last, counter = self._last
            if millisecond > last:
                counter = int.from_bytes(os.urandom(2)) & 0x07FF
            else:
                millisecond, counter = (last, counter + 1) if counter < 0x0FFF else (last + 1, 0)
            self._last = (millisecond, counter)
        tail = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
        return UUID(int=millisecond << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | tail)


uuid7 = _Uuid7()


class Clock:
    """The time of day, in one place, so that a test can hold it still."""

    def __init__(self) -> None:
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """The moment, in UTC."""
        return self._frozen or datetime.now(UTC)

    def today(self) -> date:
        """The local calendar day of the three countries."""
        return self.day_of(self.now())

    def day_of(self, moment: datetime) -> date:
        """The local calendar day of a moment."""
        return moment.astimezone(LOCAL_TIME).date()

    @contextmanager
    def frozen(self, moment: datetime) -> Iterator[None]:
        """Hold the clock at `moment` (for tests and for the demonstration's past)."""
        before, self._frozen = self._frozen, moment.astimezone(UTC)
        try:
            yield
        finally:
            self._frozen = before


clock = Clock()


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """The house says no: `code` is stable, the catalogues say it in a sentence, `facts` fill the sentence."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
        self.afterwards: Callable[[Any], None] | None = None
        """What it leaves behind, written in a transaction of its own once the one that it ended was taken back."""

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else self.code


class Invalid(Refused):
    """What was sent cannot be right; `pointer` is the JSON pointer of the field."""

    def __init__(self, code: str, *, pointer: str = "", **facts: object) -> None:
        super().__init__(code, **facts)
        self.pointer = pointer


class NotFound(Refused):
    """There is no such thing, or none that this caller may know of."""


class Forbidden(Refused):
    """The caller may not do this."""


class Stale(Refused):
    """Somebody else changed it since the caller looked."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: whole minor units (cents) of one currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise Invalid("money.unknown_currency", currency=self.currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def parse(cls, amount: str, currency: str) -> Self:
        """`parse("1250.00", "GTQ")`; refuses signs other than a leading minus, more than two decimals and
        anything that is not plain ASCII digits.
        """
        whole, point, cents = amount.removeprefix("-").partition(".")
        plain = amount.isascii() and whole.isdecimal() and (cents.isdecimal() or not point)
        if not plain or len(cents) > 2 or len(whole) > 15:
            raise Invalid("money.malformed", amount=amount[:40])
        minor = int(whole) * 100 + int(cents.ljust(2, "0") or 0)
        return cls(-minor if amount.startswith("-") else minor, currency)

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str) -> "Money":
        """The sum of `amounts`, zero of `currency` when there are none."""
        result = cls.zero(currency)
        for amount in amounts:
            result = result + amount
        return result

    def __str__(self) -> str:
        sign, minor = ("", self.minor) if self.minor >= 0 else ("-", -self.minor)
        return f"{sign}{minor // 100}.{minor % 100:02d}"

    def __bool__(self) -> bool:
        return self.minor != 0

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-2)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise Invalid("money.currencies_differ", one=self.currency, other=other.currency)
