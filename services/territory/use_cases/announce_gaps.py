"""What keeps levels low becomes demand: credit and training hear which chain lacks what in which municipality.

Levels of single enterprises are personal, and a log is kept for ever: so nothing is announced of fewer enterprises
than the criteria in force tell of, and of municipalities only, because a department less its municipalities would
tell the few.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import time
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.models import AnnouncedGap, CopyAsOf
from services.territory.queries import criteria
from services.territory.queries.analyses.potential import gaps_of
from services.territory.queries.figures import inside
from services.territory.queries.inventory import known
from services.territory.queries.views import selected
from shared import history
from shared.bus import log
from shared.events.territory import Gap, GapsFound
from shared.events.vocabulary import CHAINS, SUBJECTS
from shared.identity import Caller
from shared.job_runner import Schedule
from shared.jobs import Job
from shared.kernel import clock, uuid7

ANNOUNCE_JOB = "announce_gaps"
SCHEDULES = [Schedule("gaps", ANNOUNCE_JOB, daily_at=time(4, 10))]
Place = tuple[str, str]
"""A municipality and a chain."""


@dataclass(frozen=True)
class Announced:
    """Of how many places and chains something new was told, and of how many there was nothing new."""

    announced: int
    unchanged: int


def announce_gaps(session: Session, caller: Caller, units: Sequence[str] | None = None) -> Announced:
    """Tell what changed in these units, the caller's whole territory without any; refuses others'. Twice in a row,
    the second time tells nothing. One at a time, and no event is taken meanwhile.
    """
    selection = selected(caller, units)
    session.execute(select(CopyAsOf.source).with_for_update())
    told = select(AnnouncedGap).where(inside(AnnouncedGap.unit, selection.units)).with_for_update()
    before = {(row.unit, row.chain): row for row in session.scalars(told)}
    today, found = clock.today(), _found(session, selection.units)
    announced = 0
    for place in sorted({*before, *found}):
        gaps = [asdict(gap) for gap in found.get(place, [])]
        row = before.get(place)
        if row is None:
            row = AnnouncedGap(id=uuid7(), unit=place[0], chain=place[1], gaps=[], found_on=today)
            session.add(row)
        if row.gaps == gaps:
            continue
        _tell(session, caller, row, gaps)
        announced += 1
    return Announced(announced, len({*before, *found}) - announced)


def announce_everywhere(job: Job) -> dict[str, int]:
    """Every night, of the whole network, country by country."""
    done = Announced(0, 0)
    for country in ("GT", "HN", "SV"):
        with job.transaction() as session:
            one = announce_gaps(session, Caller.service("territory"), [country])
        done = Announced(done.announced + one.announced, done.unchanged + one.unchanged)
    return asdict(done)


def _tell(session: Session, caller: Caller, row: AnnouncedGap, gaps: list[dict[str, Any]]) -> None:
    row.replace(gaps, clock.today())
    session.flush()
    history.record(session, caller, subject=row.id, kind="gaps", action="announce", after={"gaps": gaps})
    told = [Gap(**gap) for gap in gaps]
    event = GapsFound(unit=row.unit, chain=row.chain, gaps=told, found_on=row.found_on)
    log.append(session, event, row.id)


def _found(session: Session, units: Sequence[str]) -> dict[Place, list[Gap]]:
    """The gaps of many enough enterprises; the most women first."""
    everything = known(session, units)
    rows, told = everything.within(units), everything.told
    found: dict[Place, list[Gap]] = {}
    present = [everything.units[number] for number in np.unique(told.unit[rows]).tolist()]
    judged = {unit: one.values for unit, one in criteria.holding_in(session, "potential", present).items()}
    for weakness in sorted({values["weakness_to"] for values in judged.values()}):
        for gap in gaps_of(everything, rows, told.unit, len(everything.units), weakness):
            unit = everything.units[gap.unit]
            if judged[unit]["weakness_to"] == weakness and gap.weak >= judged[unit]["few"]:
                one = Gap(subject=SUBJECTS[gap.subject], enterprises=gap.weak, women=gap.women, known=gap.known)
                found.setdefault((unit, CHAINS[gap.chain]), []).append(one)
    return found
