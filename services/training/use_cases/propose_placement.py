"""A round is answered: groups at once, then better ones in the background, with how much better they could be."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.training.models import (
    IMPROVING,
    Placement,
    PlacementGroup,
    PlacementMove,
    PlacementWoman,
)
from services.training.queries.formed_groups import formed_of, women_of_formed
from services.training.queries.questions import Question, asked_of, is_over, new_question, question_of, was_of
from services.training.queries.scope import check_scope
from services.training.rules.continuing import continued, kept_cells, seated_again
from services.training.rules.placement import propose as placing
from services.training.rules.placement.answer import Answer, Relaxation
from services.training.rules.placement.relaxations import relaxations
from services.training.rules.placement.round import Group, Round
from services.training.use_cases.keep_round import locked_round
from services.training.use_cases.search_placement import Search, improved, solving
from shared import history, jobs
from shared.identity import Caller
from shared.jobs import OPEN, Job, job_table
from shared.kernel import NotFound, Refused, Stale, clock, uuid7

JOB = "improve-placement"
MOST_RELAXATIONS = 10
HERE = Search()
_SHARES = (6, 1, 3)
"""Of a hundred steps of progress, how the tenths go: the search, the bound, the relaxations."""


def propose_placement(
    session: Session, caller: Caller, *, round_id: UUID, improve: bool = True, keep: bool = False
) -> Placement:
    """A first answer to the round, kept with what it was asked; the improvement goes on in the background. With `keep`
    the groups formed before go on in it, and as few of their women as possible move; nothing changes for them until it
    is carried out. Refused without a venue, after the round's last day, where nobody needs anything, and with `keep`
    where no group is formed that could still change.
    """
    found = locked_round(session, caller, round_id)
    if is_over(found):
        raise Refused("round.over", ended=found.ends_on)
    if not found.venues:
        raise Refused("round.no_venues")
    asked = asked_of(session, found, found.venues)
    was = women_of_formed(session, round_id) if keep else {}
    if keep and not was:
        raise Refused("replan.no_groups")
    question, in_groups = new_question(session, round_id, asked, was)
    if not question.women:
        raise Refused("round.nobody")
    answer = first_answer(question.round, was)
    made = Placement(
        id=uuid7(),
        round_id=round_id,
        state="ready",
        asked=asked,
        first_placed=sum(len(group.women) for group in answer.groups),
        considered=len(question.women),
        in_groups=in_groups,
        keeps=keep,
        worth=[],
        relaxations=[],
        made_by=caller.subject,
        made_by_name=caller.name,
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    keep_answer(session, made, question, answer, was)
    if improve:
        made.improve_by(jobs.enqueue(session, JOB, {"placement_id": made.id}, caller))
    session.flush()
    after = {"round": round_id, "placed": made.first_placed, "considered": made.considered}
    history.record(session, caller, subject=made.id, kind="placement", action="propose", after=after)
    return made


def stop_improving(session: Session, caller: Caller, *, placement_id: UUID) -> Placement:
    """The improvement ends; what it had found by then stays."""
    placement = locked_placement(session, caller, placement_id, None)
    if placement.state != IMPROVING or placement.job_id is None:
        raise Refused("placement.not_improving")
    if _owns(session, caller, placement.job_id):
        jobs.cancel(session, caller, placement.job_id)
    placement.settle()
    session.flush()
    history.record(session, caller, subject=placement.id, kind="placement", action="stop_improving")
    return placement


def locked_placement(session: Session, caller: Caller, placement_id: UUID, version: int | None) -> Placement:
    """A placement of the caller's territory, locked; one whose improvement ended without saying so is ready."""
    placement = session.scalar(select(Placement).where(Placement.id == placement_id).with_for_update())
    if placement is None:
        raise NotFound("placement.unknown")
    check_scope(caller, placement.asked["units"])
    if placement.state == IMPROVING and not _works(session, placement.job_id):
        placement.settle()
    if version is not None and version != placement.version:
        raise Stale("changed_meanwhile", current=placement.version)
    return placement


def improve_placement(job: Job, search: Search = HERE) -> Mapping[str, Any] | None:
    """The job: from the first answer on, better and better ones, kept as they are found; then the bound and what
    would place more. A second attempt begins anew and comes to the same. Comes back with where it was looked for too.
    """
    placement_id = UUID(job.payload["placement_id"])
    with job.reading() as session:
        placement = session.get(Placement, placement_id)
        if placement is None or placement.state != IMPROVING:
            return None
        question, asked, was = question_of(session, placement), placement.asked, was_of(session, placement)
    round_, seed, budget = question.round, asked["seed"], asked["budget"]
    answer, formed = first_answer(round_, was), formed_of(round_, was)
    kept = answer.groups
    places: list[str] = []
    better = improved(
        round_, answer.groups, seed=seed, budget=budget, search=search, tell=places.append, keep=kept_cells(formed)
    )
    for step in better:
        if step.groups != kept:
            answer, kept = placing.explain(round_, seated_again(round_, step.groups, formed)), step.groups
            if not _store(job, placement_id, question, answer):
                return None
        job.progress(_percent(0, step.iteration, step.budget), 100)
    bound = placing.bound(round_, budget=budget).placed
    _store(job, placement_id, question, answer, bound=bound)
    job.progress(_percent(1, 1, 1), 100)
    found: list[Relaxation] = []
    with solving(search.solver) as solve:
        changes = relaxations(round_, answer, seed=seed, budget=budget, solve=solve)
        for number, change in enumerate(changes, start=1):
            found.append(change)
            job.progress(_percent(2, min(number, 30), 30), 100)
    best = sorted(found, key=lambda one: (-one.women, -one.placed, one.change, sorted(one.facts.items())))
    _store(job, placement_id, question, answer, relaxations=_plain(islice(best, MOST_RELAXATIONS)), settle=True)
    return {"placed": answer.worth.placed, "bound": bound, "solver": search.solver, "places": places or ["here"]}


def _store(job: Job, placement_id: UUID, question: Question, answer: Answer, **told: Any) -> bool:
    """Keep what was found; False where somebody ended the improvement meanwhile."""
    with job.transaction() as session:
        placement = session.scalar(select(Placement).where(Placement.id == placement_id).with_for_update())
        if placement is None or placement.state != IMPROVING or placement.job_id != job.id:
            return False
        if told.pop("settle", False):
            placement.settle()
        placement.answer(told)
        keep_answer(session, placement, question, answer)
    return True


def first_answer(round_: Round, was: Mapping[UUID, Mapping[str, Any]]) -> Answer:
    """An answer at once; one that goes on from the groups of confirmed women, where there are any."""
    if not was:
        return placing.propose(round_)
    formed = formed_of(round_, was)
    before = [Group(one.cell, "", "", tuple(sorted(one.women))) for one in formed]
    groups = placing.replan(round_, before, kept_cells(formed))
    return placing.explain(round_, seated_again(round_, groups, formed))


def keep_answer(
    session: Session,
    placement: Placement,
    question: Question,
    answer: Answer,
    was: Mapping[UUID, Mapping[str, Any]] | None = None,
) -> None:
    """The groups of an answer, and every woman in one of them or left out for her reason, in place of the former; `was`
    are the groups of confirmed women, those noted before where they are not told.
    """
    was = was_of(session, placement) if was is None else was
    goes_on = continued(answer.groups, formed_of(question.round, was))
    for entity in (PlacementMove, PlacementWoman, PlacementGroup):
        session.execute(delete(entity).where(entity.placement_id == placement.id))
    session.expire(placement, ["groups", "women"])
    placed: dict[UUID, int] = {}
    for number, group in enumerate(answer.groups, start=1):
        session.add(
            PlacementGroup(
                id=uuid7(),
                placement_id=placement.id,
                number=number,
                **{name: getattr(group.cell, name) for name in ("venue", "slot", "topic", "type", "language")},
                room=group.room,
                facilitator=group.facilitator,
                continues_id=goes_on.get(number - 1),
            )
        )
        placed |= dict.fromkeys(group.women, number)
    out = {one.woman: one for one in answer.left_out}
    for woman, learner in question.women.items():
        why = out.get(woman)
        session.add(
            PlacementWoman(
                placement_id=placement.id,
                entrepreneur_id=woman,
                enterprise_id=learner.enterprise_id,
                municipality=learner.municipality,
                chain=learner.chain,
                group_number=placed.get(woman),
                reason=why.reason.value if why else None,
                facts=jobs.plain(why.facts) if why else {},
                was=dict(was.get(woman, {})),
            )
        )
    placement.answer({"worth": worth_of(answer)})
    session.flush()


def worth_of(answer: Answer) -> list[int]:
    """The worth as four whole numbers: placed, groups (less), match, metres (less)."""
    worth = answer.worth
    return [worth.placed, worth.fewer_groups, worth.match, worth.less_travel]


def _plain(found: Iterable[Relaxation]) -> list[dict[str, Any]]:
    return [
        {"change": one.change.value, "facts": jobs.plain(one.facts), "placed": one.placed, "women": one.women}
        for one in found
    ]


def _percent(stage: int, done: int, of: int) -> int:
    return 10 * sum(_SHARES[:stage]) + (10 * _SHARES[stage] * done // of if of else 0)


def _works(session: Session, job_id: UUID | None) -> bool:
    state = session.scalar(select(job_table.c.state).where(job_table.c.id == job_id))
    return state in OPEN


def _owns(session: Session, caller: Caller, job_id: UUID) -> bool:
    return session.scalar(select(job_table.c.owner).where(job_table.c.id == job_id)) == caller.subject
