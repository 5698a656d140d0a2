"""What went wrong, and where it arose; never what was being written, for it may be somebody's house."""

import sqlite3
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError, StatementError

_LONGEST: Final = 1500


def told(error: BaseException) -> str:
    """The kind of error, its words and its place. Of an error of the database only its code and first sentence: the
    details after it repeat whole rows.
    """
    return f"{_words(error)[:_LONGEST]}{_place(error)}"


def is_of_the_database(error: BaseException) -> bool:
    """Away, deadlock, disk full …: no fault of the event."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, OperationalError | InterfaceError)


def _words(error: BaseException) -> str:
    cause = error.orig if isinstance(error, StatementError) else error
    kinds = " ".join(dict.fromkeys(type(one).__name__ for one in (error, cause) if one is not None))
    if isinstance(cause, psycopg.Error):
        return ": ".join(filter(None, (kinds, cause.sqlstate, cause.diag.message_primary)))
    if isinstance(cause, sqlite3.Error):
        return f"{kinds}: {cause}"  # SQLite names tables and columns, and no values
    return kinds if isinstance(error, SQLAlchemyError) else repr(error)


def _place(error: BaseException) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f" at {place.tb_frame.f_code.co_qualname}:{place.tb_lineno}" if place is not None else ""
