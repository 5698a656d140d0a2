"""A small consumer with real events: it keeps copies of enterprises and loans, and opens one visit per registration.

What its handlers do beside that is said by the `activity` of the facts, so that it is the same in every process:
`poison` fails, `deadly` kills the process, `slow` takes three seconds, `away` fails as a lost database does. Once the
file `cured` lies in the folder `TOY_HOME`, all of them behave.
"""

import os
import signal
import time
from datetime import date
from pathlib import Path
from uuid import UUID

from sqlalchemy import Column, Integer, MetaData, String, Table, Uuid, delete, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shared.bus.envelope import Envelope
from shared.bus.subscriptions import Subscriptions
from shared.database import Json
from shared.events.credit import LoanSettled
from shared.events.registry import (
    EnterpriseChanged,
    EnterpriseFacts,
    EnterpriseRegistered,
    EntrepreneurWithdrawn,
    Point,
)
from shared.kernel import uuid7

metadata = MetaData()
copy_enterprise = Table(
    "copy_enterprise",
    metadata,
    Column("enterprise_id", Uuid, primary_key=True),
    Column("trail", Json, nullable=False),
    Column("lon", String(20)),
    Column("loans_settled", Integer, nullable=False),
)
visit = Table(
    "visit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("enterprise_id", Uuid, nullable=False),
)


def facts(enterprise: UUID, n: int, *, activity: str = "C", lon: float | None = -87.2) -> EnterpriseFacts:
    """Facts that say `n` (as the number of women who work there)."""
    return EnterpriseFacts(
        enterprise_id=enterprise,
        municipality="HN1709",
        place_state="consistent",
        point=None if lon is None else Point(lon=lon, lat=13.3),
        chain="coffee",
        links=["production"],
        activity=activity,
        needs=["credit"],
        owner_ids=[],
        jobs_women=n,
        jobs_men=0,
        home_based=True,
        formal=False,
        validation="captured",
        consent_credit=True,
        consent_map=True,
        recorded_on=date(2026, 3, 1),
    )


def changed(enterprise: UUID, n: int, activity: str = "C") -> EnterpriseChanged:
    return EnterpriseChanged(facts=facts(enterprise, n, activity=activity))


def registered(enterprise: UUID, n: int = 0, activity: str = "C") -> EnterpriseRegistered:
    return EnterpriseRegistered(facts=facts(enterprise, n, activity=activity))


def withdrawn(*enterprises: UUID, who: UUID | None = None) -> EntrepreneurWithdrawn:
    return EntrepreneurWithdrawn(entrepreneur_id=who or uuid7(), enterprise_ids=list(enterprises))


def settled(enterprise: UUID) -> LoanSettled:
    return LoanSettled(loan_id=uuid7(), enterprise_id=enterprise, municipality="HN1709", settled_on=date(2026, 3, 1))


def copy_facts(session: Session, event: EnterpriseRegistered | EnterpriseChanged, envelope: Envelope) -> None:
    told = event.facts
    row = _row(session, told.enterprise_id)
    point = told.point
    session.execute(
        update(copy_enterprise)
        .where(copy_enterprise.c.enterprise_id == told.enterprise_id)
        .values(trail=[*row.trail, told.jobs_women], lon=None if point is None else str(point.lon))
    )
    _misbehave(told.activity)


def copy_loan(session: Session, event: LoanSettled, envelope: Envelope) -> None:
    """The enterprise may not have arrived yet: then its row is a stub."""
    row = _row(session, event.enterprise_id)
    session.execute(
        update(copy_enterprise)
        .where(copy_enterprise.c.enterprise_id == event.enterprise_id)
        .values(loans_settled=row.loans_settled + 1)
    )


def forget(session: Session, event: EntrepreneurWithdrawn, envelope: Envelope) -> None:
    session.execute(delete(copy_enterprise).where(copy_enterprise.c.enterprise_id.in_(event.enterprise_ids)))


def open_visit(session: Session, event: EnterpriseRegistered, envelope: Envelope) -> None:
    session.execute(insert(visit).values(enterprise_id=event.facts.enterprise_id))


def _row(session: Session, enterprise: UUID):
    known = select(copy_enterprise).where(copy_enterprise.c.enterprise_id == enterprise)
    if session.execute(known).first() is None:
        session.execute(insert(copy_enterprise).values(enterprise_id=enterprise, trail=[], loans_settled=0))
    return session.execute(known).one()


def _misbehave(activity: str) -> None:
    home = Path(os.environ.get("TOY_HOME", "/nonexistent"))
    if activity == "C" or (home / "cured").exists():
        return
    with (home / f"tried-{activity}").open("a") as tally:
        tally.write(".")
    if activity == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    elif activity == "slow":
        time.sleep(3)
    elif activity == "away":
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))
    else:
        raise ValueError("this event is poison")


SUBSCRIPTIONS = Subscriptions(
    "toy",
    copies={
        EnterpriseRegistered: copy_facts,
        EnterpriseChanged: copy_facts,
        EntrepreneurWithdrawn: forget,
        LoanSettled: copy_loan,
    },
    reactions={EnterpriseRegistered: open_visit},
    copy_tables=[copy_enterprise],
)
REGISTRY_ONLY = Subscriptions(
    "toy",
    copies={cls: handler for cls, handler in SUBSCRIPTIONS.copies.items() if cls is not LoanSettled},
    reactions=SUBSCRIPTIONS.reactions,
    copy_tables=[copy_enterprise],
)
