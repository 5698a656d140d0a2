"""An import that a command carries out in its own process: it is stopped with the command, and ended when that dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import ImportRun
from services.registry.models.intake import OVER
from shared.bus.locks import Turn
from shared.database import Database


@contextmanager
def carrying_out(database: Database, import_id: UUID) -> Iterator[None]:
    """While this lasts the import is under way; whatever breaks it off, Ctrl-C too, it is over then and can be undone.
    Begin it before the import can be seen by others.
    """
    turn = _turn(database, import_id)
    try:
        with turn.held():
            yield
    except BaseException:
        with database.transaction() as session:
            _stop(session, import_id)
        raise
    finally:
        turn.remove()


def end_killed(database: Database) -> int:
    """End the imports of commands that died before they could do it themselves; comes back with how many. What they
    took in stays, until they are undone.
    """
    with database.reading() as session:
        begun = select(ImportRun.id).where(ImportRun.job_id.is_(None), ImportRun.state.not_in(OVER))
        ids = session.scalars(begun.order_by(ImportRun.id)).all()
    return sum(_end_killed(database, import_id) for import_id in ids)


def _end_killed(database: Database, import_id: UUID) -> bool:
    turn = _turn(database, import_id)
    with turn.held() as died:
        if died:
            with database.transaction() as session:
                _stop(session, import_id)
    if died:
        turn.remove()
    else:
        turn.close()
    return died


def _turn(database: Database, import_id: UUID) -> Turn:
    return Turn(database, f"import-{import_id}")


def _stop(session: Session, import_id: UUID) -> None:
    run = session.get(ImportRun, import_id, with_for_update=True, populate_existing=True)
    if run is not None and run.state not in OVER:
        run.cancel()
