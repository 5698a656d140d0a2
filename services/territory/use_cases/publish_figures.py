"""Figures for those who plan, and for paper: of who agreed to it, protected, for a month the same for everybody."""

from collections.abc import Iterable
from datetime import time
from threading import Lock

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.territory.models import CopyEnterprise, Publication
from services.territory.queries import criteria, told_of_enough
from services.territory.queries import figures as queries
from services.territory.rules.dominance import Dominance
from services.territory.rules.figures import protected
from shared import history
from shared.database import Database
from shared.identity import Caller
from shared.job_runner import Schedule
from shared.jobs import Job
from shared.kernel import LOCAL_TIME, clock, uuid7

PUBLISH_JOB = "publish_the_month"
SCHEDULES = [Schedule("publications", PUBLISH_JOB, daily_at=time(0, 20))]
_LOCK = 4_201_918
"""Of those who publish a department's month on PostgreSQL."""
_one_at_a_time = Lock()


def publish_figures(session: Session, caller: Caller, department: str) -> Publication:
    """Publish a department's figures of today in place of this month's. For a coordinator's considered use: two
    publications close together tell what happened between them.
    """
    caller.require_scope(department)
    made = figures_of_today(session, caller, department)
    session.add(made)
    session.flush()
    told = {"department": department, "month": made.month}
    history.record(session, caller, subject=made.id, kind="publication", action="publish", after=told)
    return made


def ensure_published(database: Database | Job, caller: Caller, departments: Iterable[str]) -> int:
    """This month's publication of each department exists; comes back with how many were made for it. Figures are worked
    out in a reading, so that nobody who writes waits for it, and kept in a transaction of its own; whoever asks while
    another works them out waits for hers.
    """
    made = 0
    for department in departments:
        with database.reading() as session:
            if is_published(session, department):
                continue
        with _one_at_a_time:
            with database.reading() as session:
                if is_published(session, department):
                    continue
                figures = figures_of_today(session, caller, department)
            with database.transaction() as session:
                made += publish_the_month(session, figures)
    return made


def publish_everywhere(job: Job) -> dict[str, int]:
    """Every night, of all departments with an enterprise: the first night of a month publishes it, so that nobody has
    to wait for it.
    """
    department = func.substr(CopyEnterprise.municipality, 1, 4)
    with job.reading() as session:
        departments = session.scalars(select(department).where(CopyEnterprise.counted).distinct().order_by(department))
        wanted = departments.all()
    return {"published": ensure_published(job, Caller.service("territory"), wanted)}


def publish_the_month(session: Session, made: Publication) -> bool:
    """Publish figures that somebody needs first this month; False where another was faster, also in another process:
    hers stay.
    """
    if session.get_bind().dialect.name == "postgresql":  # on SQLite this transaction writes alone already
        session.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(made.department))))
    if is_published(session, made.department):
        return False
    session.add(made)
    session.flush()
    return True


def is_published(session: Session, department: str) -> bool:
    """Whether a department has its figures of this month."""
    row = queries.latest_publication(session, department)
    return row is not None and row["month"] == _this_month()


def figures_of_today(session: Session, caller: Caller, department: str) -> Publication:
    """A department's figures as they could be published now; nothing is kept. Protecting a large one takes seconds."""
    exact = queries.figures(session, (department,), agreed=True, besides=told_of_enough.counts(session, department))
    dominance = Dominance.from_criteria(criteria.holding(session, "disclosure", department).values)
    return Publication(
        id=uuid7(),
        department=department,
        month=_this_month(),
        made_at=clock.now(),
        made_by=caller.subject,
        as_of=queries.as_of(session).time,
        figures=protected(exact, department, dominance).stored(),
    )


def _this_month() -> str:
    return clock.now().astimezone(LOCAL_TIME).strftime("%Y-%m")
