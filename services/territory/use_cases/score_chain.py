"""Somebody judges a chain by a criterion of which data say nothing."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.models import ChainScore
from services.territory.use_cases.finding import locked
from shared import history, places
from shared.identity import Caller
from shared.kernel import Invalid, Refused


def score_chain(
    session: Session, caller: Caller, *, unit: str, chain: str, criterion: str, score: int, evidence: str
) -> ChainScore:
    """The first score of the chain by that criterion in a unit; refuses a unit there is not or outside the caller's
    territory, and what has a score there already.
    """
    if unit not in places.names():
        raise Invalid("unit.unknown", pointer="/unit", unit=unit)
    caller.require_scope(unit)
    place = (ChainScore.unit == unit, ChainScore.chain == chain, ChainScore.criterion == criterion)
    if session.scalar(select(ChainScore.id).where(*place)) is not None:
        raise Refused("chain_score.scored_already")
    made = ChainScore.of(caller, unit=unit, chain=chain, criterion=criterion)
    session.add(made)
    return _judged(session, caller, made, score, evidence, before=None)


def score_again(
    session: Session, caller: Caller, score_id: UUID, *, score: int | None, evidence: str, version: int | None
) -> ChainScore:
    """Another score for the same, or none any more; refuses one outside the caller's territory, and an old version."""
    found = locked(session, ChainScore, score_id, "chain_score.unknown")
    caller.require_scope(found.unit)
    found.require_version(version)
    before = {"score": found.score, "evidence": found.evidence, "by": found.scored_by_name}
    return _judged(session, caller, found, score, evidence, before=before)


def _judged(
    session: Session,
    caller: Caller,
    judged: ChainScore,
    score: int | None,
    evidence: str,
    *,
    before: dict[str, int | str | None] | None,
) -> ChainScore:
    judged.judge(caller, score, evidence)
    session.flush()
    after = {"score": score, "evidence": evidence, "by": caller.name}
    if before is None:
        after |= {"unit": judged.unit, "chain": judged.chain, "criterion": judged.criterion}
    history.record(session, caller, subject=judged.id, kind="chain_score", action="judge", before=before, after=after)
    return judged
