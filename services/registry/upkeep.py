"""What the registry does as time goes by: places are settled, checks grow stale, what is over is forgotten."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from services.registry.territory import Territory, TerritoryAway
from services.registry.use_cases import (
    find_duplicates,
    import_inventory,
    review_draft,
    settle_places,
    validate_enterprise,
)
from services.registry.work import Work
from shared import jobs as job_queue
from shared.identity import Caller
from shared.job_runner import Schedule
from shared.jobs import Handler, Job
from shared.kernel import clock

FORGET_FILES = "forget-import-files"
TIDY_DRAFTS = "tidy-drafts"
_AGAIN = timedelta(minutes=2)

SCHEDULES = (
    Schedule(settle_places.KIND, settle_places.KIND, every=timedelta(minutes=5), payload={"country": None}),
    Schedule(FORGET_FILES, FORGET_FILES, every=timedelta(minutes=5)),
    Schedule(TIDY_DRAFTS, TIDY_DRAFTS, every=timedelta(minutes=30)),
    Schedule(validate_enterprise.KIND, validate_enterprise.KIND, daily_at=time(2, 40)),
    Schedule(find_duplicates.KIND, find_duplicates.KIND, daily_at=time(2, 30)),
)


def handlers(territory: Territory) -> dict[str, Handler]:
    """The jobs of the worker."""
    return {
        settle_places.KIND: lambda job: _settle(job, territory),
        validate_enterprise.KIND: lambda job: {"stale": grow_stale(job)},
        FORGET_FILES: _forget_files,
        TIDY_DRAFTS: _tidy_drafts,
    }


def _settle(job: Job, territory: Territory) -> Mapping[str, Any]:
    country = job.payload["country"]
    try:
        return {"changed": settle(job, territory, country)}
    except TerritoryAway:
        # The schedule comes back to what is pending; a country asked for anew would be forgotten.
        if country is not None:
            with job.transaction() as session:
                due = job_queue.now() + _AGAIN
                job_queue.enqueue(session, settle_places.KIND, job.payload, job.caller, due_at=due)
        return {"changed": 0, "territory": "away"}


def settle(work: Work, territory: Territory, country: str | None) -> int:
    """Settle what is pending and, where a country is named, all of its points; comes back with how many changed.

    Raises `TerritoryAway` when there is nobody to ask; what was settled before stays settled.
    """
    changed, seen, after = 0, 0, None
    service = Caller.service("registry")
    while True:
        with work.reading() as session:
            asked = settle_places.places_to_settle(session, country=country, after=after)
        if not asked:
            return changed
        answers = territory.locate([item.asked for item in asked])
        with work.transaction() as session:
            changed += settle_places.settle_places(session, service, asked, answers)
        after, seen = asked[-1].enterprise_id, seen + len(asked)
        work.progress(seen)


def grow_stale(work: Work) -> int:
    """Mark the records whose check is too old, batch by batch; comes back with how many. Broken off, it goes on where
    it was: what is marked is not due any more.
    """
    service, marked = Caller.service("registry"), 0
    with work.reading() as session:
        parts = validate_enterprise.lasting(session, clock.today())
    for part in parts:
        after: UUID | None = None
        while True:
            with work.transaction() as session:
                found, after = validate_enterprise.grow_stale(session, service, part, after=after)
            marked += found
            work.progress(marked)
            if after is None:
                break
    return marked


def _forget_files(job: Job) -> Mapping[str, Any]:
    with job.transaction() as session:
        return {"erased": import_inventory.forget_old_files(session)}


def _tidy_drafts(job: Job) -> Mapping[str, Any]:
    with job.transaction() as session:
        return {"changed": review_draft.tidy_drafts(session)}
