"""Proposals of groups, as they are read."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, not_, select
from sqlalchemy.orm import Session

from services.training.models import LeftOutWoman, Proposal, ProposalUnit, ProposedGroup, ProposedMember, TrainingGroup
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web.paging import Page, keyset_page

_PROPOSAL = (
    Proposal.id.label("id"),
    Proposal.chain.label("chain"),
    Proposal.need.label("need"),
    Proposal.minimum.label("minimum"),
    Proposal.maximum.label("maximum"),
    Proposal.diameter_km.label("diameter_km"),
    Proposal.considered.label("considered"),
    Proposal.placed.label("placed"),
    Proposal.left_out.label("left_out"),
    Proposal.in_groups.label("in_groups"),
    Proposal.made_by_name.label("made_by_name"),
    Proposal.made_at.label("made_at"),
)


def list_proposals(session: Session, caller: Caller, *, limit: int, after: str | None) -> Page:
    """The proposals for territories inside the caller's, newest first."""
    outside = exists().where(ProposalUnit.proposal_id == Proposal.id, not_(caller.scope.condition(ProposalUnit.unit)))
    page = keyset_page(
        session, select(*_PROPOSAL).where(~outside), keys=[_PROPOSAL[0]], limit=limit, after=after, descending=True
    )
    units = _units_of(session, [row["id"] for row in page.rows])
    return Page([{**row, "units": units[row["id"]]} for row in page.rows], page.next)


def show_proposal(session: Session, caller: Caller, proposal_id: UUID) -> dict[str, Any]:
    """One proposal with its groups and how many women each reason leaves out."""
    row = session.execute(select(*_PROPOSAL).where(Proposal.id == proposal_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("proposal.unknown")
    units = _units_of(session, [proposal_id])[proposal_id]
    for unit in units:
        caller.require_scope(unit)
    why = session.execute(
        select(LeftOutWoman.reason, func.count().label("women"))
        .where(LeftOutWoman.proposal_id == proposal_id)
        .group_by(LeftOutWoman.reason)
        .order_by(func.count().desc(), LeftOutWoman.reason)
    ).mappings()
    groups = session.execute(_proposed(proposal_id).order_by(ProposedGroup.number)).mappings().all()
    return {**row, "units": units, "groups": groups, "reasons": [dict(reason) for reason in why]}


def show_proposed_group(session: Session, caller: Caller, proposal_id: UUID, number: int) -> dict[str, Any]:
    """One group of a proposal with its members."""
    proposal = show_proposal(session, caller, proposal_id)
    found = [group for group in proposal["groups"] if group["number"] == number]
    if not found:
        raise NotFound("proposal.unknown_group", number=number)
    members = session.execute(
        select(
            ProposedMember.entrepreneur_id,
            ProposedMember.enterprise_id,
            ProposedMember.municipality,
            ProposedMember.placed_by,
        )
        .join(ProposedGroup, ProposedGroup.id == ProposedMember.group_id)
        .where(ProposedGroup.proposal_id == proposal_id, ProposedGroup.number == number)
        .order_by(ProposedMember.municipality, ProposedMember.enterprise_id, ProposedMember.entrepreneur_id)
    ).mappings()
    return {**found[0], "proposal_id": proposal_id, "members": [dict(member) for member in members]}


def list_left_out(
    session: Session, caller: Caller, proposal_id: UUID, reason: str | None, *, limit: int, after: str | None
) -> Page:
    """The women that a proposal leaves out, each with the one reason."""
    show_proposal(session, caller, proposal_id)
    columns = (
        LeftOutWoman.chain.label("chain"),
        LeftOutWoman.need.label("need"),
        LeftOutWoman.entrepreneur_id.label("entrepreneur_id"),
        LeftOutWoman.enterprise_id.label("enterprise_id"),
        LeftOutWoman.municipality.label("municipality"),
        LeftOutWoman.reason.label("reason"),
        LeftOutWoman.facts.label("facts"),
    )
    statement = select(*columns).where(LeftOutWoman.proposal_id == proposal_id)
    if reason:
        statement = statement.where(LeftOutWoman.reason == reason)
    return keyset_page(session, statement, keys=columns[:3], limit=limit, after=after)


def _proposed(proposal_id: UUID) -> Select[Any]:
    """The groups of a proposal with their size and the group that was made of each."""
    women = select(func.count()).where(ProposedMember.group_id == ProposedGroup.id).scalar_subquery()
    by_municipality = (
        select(func.count())
        .where(ProposedMember.group_id == ProposedGroup.id, ProposedMember.placed_by == "municipality")
        .scalar_subquery()
    )
    return (
        select(
            ProposedGroup.number,
            ProposedGroup.chain,
            ProposedGroup.need,
            ProposedGroup.municipality,
            ProposedGroup.diameter_km,
            women.label("women"),
            by_municipality.label("placed_by_municipality"),
            TrainingGroup.id.label("group_id"),
        )
        .outerjoin(TrainingGroup, TrainingGroup.proposed_group_id == ProposedGroup.id)
        .where(ProposedGroup.proposal_id == proposal_id)
    )


def _units_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    units: dict[UUID, list[str]] = {proposal_id: [] for proposal_id in ids}
    rows = session.execute(
        select(ProposalUnit.proposal_id, ProposalUnit.unit)
        .where(ProposalUnit.proposal_id.in_(ids))
        .order_by(ProposalUnit.unit)
    )
    for row in rows:
        units[row.proposal_id].append(row.unit)
    return units
