"""PostgreSQL as this house uses it: connections that are kept, found dead before they are used, lean to read from."""

import select
import time
from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

_LONG_REST_SECONDS = 60


def writer(url: str, pool_size: int, options: Mapping[str, Any]) -> Engine:
    """Connections for transactions."""
    return _engine(url, pool_size, "-c timezone=UTC", options)


def reader(url: str, pool_size: int, options: Mapping[str, Any]) -> Engine:
    """Connections on which nothing can be written. Each statement sees what is committed, as it would in a
    transaction at READ COMMITTED, without the two round trips that begin and end one.
    """
    read_only = "-c timezone=UTC -c default_transaction_read_only=on"
    return _engine(url, pool_size, read_only, {**options, "isolation_level": "AUTOCOMMIT"})


class _Cursor(psycopg.Cursor[Any]):
    """Describes columns by name and type only: SQLAlchemy asks before every result and looks at nothing else."""

    @property
    def description(self) -> Any:
        result = self.pgresult
        if result is None or not result.nfields:
            return None
        return [
            ((result.fname(index) or b"").decode(self._encoding), result.ftype(index), None, None, None, None, None)
            for index in range(result.nfields)
        ]


def _engine(url: str, pool_size: int, session: str, options: Mapping[str, Any]) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_use_lifo=True,
        connect_args={"options": session, "cursor_factory": _Cursor},
        **options,
    )

    @event.listens_for(engine, "checkin")
    def _left_idle(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _still_there(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        """A connection that the server has ended is replaced: on one that was idle there is nothing to read but a
        farewell. After a long rest the server is asked, for a network may have died in silence.
        """
        try:
            farewell = _something_to_read(connection.fileno())
            rested = time.monotonic() - record.info.get("idle_since", time.monotonic()) > _LONG_REST_SECONDS
            if not farewell and (not rested or engine.dialect.do_ping(connection)):
                return
        except psycopg.Error as error:
            raise DisconnectionError("the server does not answer") from error
        raise DisconnectionError("the server ended the connection")

    return engine


def _something_to_read(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
