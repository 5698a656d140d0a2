"""One at a time, over all processes: a turn that the system takes back when its holder dies."""

import fcntl
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from shared.database import Database

_NAMESPACE = zlib.crc32(b"csem.bus") - 2**31
WAIT_SECONDS: Final = 1.0
_AGAIN = 0.005
_ADVISORY: Final = {
    function: text(f"SELECT {function}(:space, :key)") for function in ("pg_advisory_lock", "pg_advisory_unlock")
}


class Turn:
    """The turn called `name` on one database: an advisory lock of a PostgreSQL session, or a lock on a file beside
    the SQLite database.

    It keeps the work of two processes apart; that nothing is taken twice is the cursor's row lock, not this.
    Not shared between threads: each makes its own.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._name = name
        self._key = zlib.crc32(name.encode()) - 2**31
        self._database = database
        self._line: Connection | None = None
        self._file: IO[bytes] | None = None

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Yields whether the turn could be had within a second; lets go at the end."""
        got = self._take()
        try:
            yield got
        finally:
            if got:
                self._let_go()

    def close(self) -> None:
        """Give back the connection or file; a turn still held is over."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """Close it for good: of a name that nobody takes a second time no file is left."""
        self.close()
        if self._database.is_sqlite:
            self._path.unlink(missing_ok=True)

    @property
    def listening(self) -> Any:
        """The driver's own connection, on which the turn is held (PostgreSQL only)."""
        assert self._line is not None
        return self._line.connection.dbapi_connection

    def _take(self) -> bool:
        return self._take_file() if self._database.is_sqlite else self._take_advisory()

    def _take_file(self) -> bool:
        if self._file is None:
            self._file = self._path.open("ab")
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_AGAIN)
            else:
                return True
        return False

    @property
    def _path(self) -> Path:
        return Path(f"{self._database.engine.url.database}.{self._name}.lock")

    def _take_advisory(self) -> bool:
        if self._line is None:
            self._line = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._line.detach()
            self._line.execute(text(f"SET lock_timeout = {int(WAIT_SECONDS * 1000)}"))
        try:
            self._advisory("pg_advisory_lock")
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                return False
            self.close()
            raise
        return True

    def _let_go(self) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        elif self._line is not None:
            try:
                self._advisory("pg_advisory_unlock")
            except DBAPIError:
                # A session that failed holds nothing any more: the next turn opens another.
                self.close()
                raise

    def _advisory(self, function: str) -> None:
        assert self._line is not None
        self._line.execute(_ADVISORY[function], {"space": _NAMESPACE, "key": self._key})
