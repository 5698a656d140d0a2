"""Figures for those who plan: protected, made once a month for a department, the same for everybody."""

from typing import Any

from sqlalchemy.orm import Session

from services.territory.models import Publication
from services.territory.queries import figures as queries
from services.territory.rules.figures import Figures, protected
from shared import history
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Refused, clock, uuid7


def publish_figures(session: Session, caller: Caller, department: str) -> Publication:
    """Publish a department's figures of today in place of this month's. For a coordinator's considered use: two
    publications close together tell what happened between them.
    """
    caller.require_scope(department)
    made = _made(session, caller, department)
    session.add(made)
    session.flush()
    told = {"department": department, "month": made.month}
    history.record(session, caller, subject=made.id, kind="publication", action="publish", after=told)
    return made


def published(session: Session, caller: Caller, department: str) -> tuple[Figures, Any]:
    """The figures published for a department this month, made now where nobody asked before; and their row."""
    row = queries.latest_publication(session, department)
    if row is None or row["month"] != this_month():
        session.add(_made(session, caller, department))
        session.flush()
        row = queries.latest_publication(session, department)
    if row is None:
        raise Refused("publication.unknown", department=department)
    return Figures.from_stored(row["figures"]), row


def this_month() -> str:
    return clock.now().astimezone(LOCAL_TIME).strftime("%Y-%m")


def _made(session: Session, caller: Caller, department: str) -> Publication:
    exact = queries.figures(session, (department,))
    return Publication(
        id=uuid7(),
        department=department,
        month=this_month(),
        made_at=clock.now(),
        made_by=caller.subject,
        as_of=queries.as_of(session).time,
        figures=protected(exact, department).stored(),
    )
