"""The pairs that are certain are merged without a person looking at each, when somebody explicitly asks for it."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import DuplicateMerge, DuplicatePair, Enterprise, Entrepreneur
from services.registry.rules import merging
from services.registry.rules.chains import folded
from services.registry.rules.linkage.scoring import Decision
from services.registry.sealing import Sealer
from services.registry.use_cases.find_duplicates import women_of
from services.registry.use_cases.merge_records import Plan, merge_women, pair_to_decide, standing_of
from services.registry.use_cases.records import enterprises_of
from services.registry.use_cases.unite_enterprises import Choice
from shared import jobs
from shared.identity import Caller
from shared.jobs import job_table
from shared.kernel import NotFound, Refused

KIND = "merge-certain"


def ask_to_merge_certain(session: Session, caller: Caller) -> UUID:
    """Have the worker merge what is certain in the caller's territory. Refuses where there is nothing."""
    under_way = select(job_table.c.id).where(job_table.c.kind == KIND, job_table.c.state.in_(jobs.OPEN))
    if session.scalar(under_way.limit(1)) is not None:
        raise Refused("duplicate.merging_already")
    if not certain_pairs(session, caller):
        raise Refused("duplicate.nothing_certain")
    return jobs.enqueue(session, KIND, {}, caller)


def certain_pairs(session: Session, caller: Caller) -> list[UUID]:
    """The pairs that wait, are certain, and lie wholly in the caller's territory, those with the most points first."""
    here = (
        caller.scope.condition(DuplicatePair.one_municipality),
        caller.scope.condition(DuplicatePair.other_municipality),
    )
    wanted = select(DuplicatePair.id).where(
        DuplicatePair.state == "open", DuplicatePair.decision == Decision.SAME.value, *here
    )
    return list(session.scalars(wanted.order_by(DuplicatePair.points.desc(), DuplicatePair.id)))


def merge_if_certain(session: Session, caller: Caller, sealer: Sealer, pair_id: UUID) -> DuplicateMerge | None:
    """The merge of a pair that is certain still; None where it was decided meanwhile, or one of the two records is not
    as it was when they were compared: the next search looks at them again.

    The record that is checked further stays. Enterprises become one only where each woman has one, of the same name and
    municipality.
    """
    try:
        pair = pair_to_decide(session, caller, pair_id, None)
    except NotFound:
        return None
    if pair.state != "open" or pair.decision != Decision.SAME.value or not _as_compared(session, sealer.short, pair):
        return None
    women = select(Entrepreneur.id).where(Entrepreneur.id.in_(pair.women)).order_by(Entrepreneur.id)
    session.execute(women.with_for_update())  # the women before their enterprises, as everybody does
    one, other = (enterprises_of(session, woman) for woman in pair.women)
    stays = merging.better(standing_of(one), standing_of(other))
    same = len(one) == len(other) == 1 and one[0] is not other[0] and are_one(one[0], other[0])
    plan = Plan(
        survivor_id=pair.one_id if stays == merging.ONE else pair.other_id,
        enterprises=[Choice(one[0].id, other[0].id)] if same else [],
    )
    return merge_women(session, caller, sealer, pair_id, plan, version=None, automatic=True)


def are_one(one: Enterprise, other: Enterprise) -> bool:
    """Whether two enterprises of one woman are taken for one where nobody says otherwise."""
    return one.municipality == other.municipality and folded(one.name) == folded(other.name)


def _as_compared(session: Session, hashed: Callable[[str], int], pair: DuplicatePair) -> bool:
    now = women_of(session, hashed, pair.women)
    prints = [now[woman].print if woman in now else None for woman in pair.women]
    return prints == [pair.one_print, pair.other_print]
