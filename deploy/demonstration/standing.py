"""What stands in a house already: nothing, the whole demonstration, a part of it, or somebody's work."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from deploy.house import House
from shared import history
from shared.database import Database
from shared.identity import Caller
from shared.settings import SERVICES

OPERATOR = Caller.operator("demonstration")
_SUBJECT = UUID("0191e8f0-de30-7000-8000-000000000000")
"""Of the two entries in the portal's history that say when the loading began and that it was finished."""


class Standing(Enum):
    """What a house holds."""

    NOTHING = "nothing"
    WHOLE = "whole"
    PART = "part"
    OTHERS_WORK = "others' work"


def standing(house: House) -> Standing:
    """What the house holds, told from who changed what in it. Official boundaries alone are nobody's work yet."""
    with _reading(house, "portal") as session:
        marks = [entry["action"] for entry in history.of(session, _SUBJECT)]
        opened = select(history.entries.c.subject).where(history.entries.c.caller == OPERATOR.subject)
        ours = {OPERATOR.subject, *SERVICES, *map(str, session.scalars(opened))}
    if "finish" in marks:
        return Standing.WHOLE
    if marks:
        strangers = any(_changed(house, name, but_by=ours) for name in SERVICES)
        return Standing.OTHERS_WORK if strangers else Standing.PART
    worked = any(_changed(house, name, but_by=set()) for name in SERVICES if name != "territory")
    return Standing.OTHERS_WORK if worked else Standing.NOTHING


def mark(house: House, action: str) -> None:
    """Write down that the loading began (`begin`) or was finished (`finish`)."""
    with house.service("portal").database.transaction() as session:
        history.record(session, OPERATOR, subject=_SUBJECT, kind="demonstration", action=action)


def clear(house: House) -> None:
    """Empty the databases (files of SQLite) and stored files of all services. The portal's goes last: until then it
    says that there is a part of a demonstration, whatever happens in between.
    """
    house.dispose()
    for name in SERVICES:
        settings = house.settings(name)
        file = make_url(settings.database_url).database
        shutil.rmtree(settings.files, ignore_errors=True)
        for ending in ("-wal", "-shm", ""):
            Path(f"{file}{ending}").unlink(missing_ok=True)
    house.migrate()


def can_be_cleared(house: House) -> bool:
    """Whether every database is a file; a server's databases are emptied by who keeps them."""
    return all(house.settings(name).database_url.startswith("sqlite") for name in SERVICES)


@contextmanager
def alone(house: House) -> Iterator[None]:
    """Held by one process at a time: a second one must not take what is being loaded for what was left unfinished."""
    with (house.settings("portal").home / "demonstration.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _changed(house: House, name: str, *, but_by: set[str]) -> bool:
    entries = history.entries.c
    with _reading(house, name) as session:
        tokens = select(entries.subject).where(entries.kind == "form-token", entries.caller.in_(but_by))
        # What a form sends is the work of who made its token.
        known = but_by | {f"form:{token}" for token in session.scalars(tokens)}
        return bool(session.scalar(select(exists().where(entries.caller.not_in(known)))))


@contextmanager
def _reading(house: House, name: str) -> Iterator[Session]:
    database = Database(house.settings(name).database_url)
    try:
        with database.reading() as session:
            yield session
    finally:
        database.dispose()
