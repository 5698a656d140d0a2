"""What long work is done in: a job of the worker, or a command of the operator."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from shared.identity import Caller
from shared.kernel import Stale

_ATTEMPTS = 5


class Work(Protocol):
    """What the work is done in: a job of the worker, or a command of the operator."""

    caller: Caller

    def transaction(self) -> AbstractContextManager[Session]: ...

    def reading(self) -> AbstractContextManager[Session]: ...

    def progress(self, done: int, total: int | None = None) -> None: ...


@dataclass
class Directly:
    """Work done at once, in the process of a command."""

    caller: Caller
    transactions: Callable[[], AbstractContextManager[Session]]
    readings: Callable[[], AbstractContextManager[Session]]
    show: Callable[[int, int | None], None] = lambda _done, _total: None

    def transaction(self) -> AbstractContextManager[Session]:
        return self.transactions()

    def reading(self) -> AbstractContextManager[Session]:
        return self.readings()

    def progress(self, done: int, total: int | None = None) -> None:
        self.show(done, total)


def insist(work: Work, take: Callable[[Session], None]) -> None:
    """Run a batch again when another import took one of its submissions at the same moment, or somebody changed one of
    its records.

    The submission's identity is unique: of two transactions that both found it new, one fails, and finds it known
    the next time.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with work.transaction() as session:
                take(session)
        except (IntegrityError, OperationalError, Stale):
            if attempt == _ATTEMPTS:
                raise
        else:
            return
