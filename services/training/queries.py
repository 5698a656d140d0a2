"""What training reads for its lists: who needs what, proposals, groups."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from services.training.models import (
    CopyEnterprise,
    CopyMerged,
    CopyNeed,
    CopyOwner,
    GroupMember,
    LeftOutWoman,
    Proposal,
    ProposalUnit,
    ProposedGroup,
    ProposedMember,
    TrainingGroup,
)
from shared import places
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound
from shared.merged import one_with, standing_for
from shared.web.paging import Page, keyset_page


def within(column: Any, units: Sequence[str]) -> ColumnElement[bool]:
    """Whether the place in `column` lies in one of `units`."""
    return or_(*(column.startswith(unit, autoescape=True) for unit in units))


def needs_board(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Women by chain and need in the caller's territory: all, those whose need a loan's appraisal told, those who
    are in a group for it already.
    """
    grouped = exists().where(
        one_with(CopyMerged, GroupMember.entrepreneur_id, CopyOwner.entrepreneur_id),
        GroupMember.group_id == TrainingGroup.id,
        TrainingGroup.need == CopyNeed.need,
    )
    woman = CopyOwner.entrepreneur_id
    statement = _needing(
        select(
            CopyEnterprise.chain,
            CopyNeed.need,
            func.count(distinct(woman)).label("women"),
            func.count(distinct(CopyEnterprise.enterprise_id)).label("enterprises"),
            func.count(distinct(case((CopyNeed.origin == "loan", woman)))).label("borrowers"),
            func.count(distinct(case((grouped, woman)))).label("in_groups"),
        )
    ).where(caller.scope.condition(CopyEnterprise.municipality))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(CopyEnterprise.municipality, [unit]))
    rows = session.execute(statement.group_by(CopyEnterprise.chain, CopyNeed.need)).mappings()
    return sorted(({**row, "waiting": row["women"] - row["in_groups"]} for row in rows), key=_by_chain_and_need)


def women_in_need(
    session: Session, units: Sequence[str], *, chain: str | None, need: str | None
) -> Sequence[Mapping[Any, Any]]:
    """A row for each woman, enterprise of hers and need, inside `units`, in a fixed order."""
    statement = _needing(
        select(
            CopyEnterprise.enterprise_id,
            CopyOwner.entrepreneur_id,
            CopyEnterprise.chain,
            CopyNeed.need,
            CopyEnterprise.municipality,
            CopyEnterprise.place_state,
            CopyEnterprise.lon,
            CopyEnterprise.lat,
        ).distinct()
    ).where(within(CopyEnterprise.municipality, units))
    if chain:
        statement = statement.where(CopyEnterprise.chain == chain)
    if need:
        statement = statement.where(CopyNeed.need == need)
    order = (CopyEnterprise.chain, CopyNeed.need, CopyEnterprise.enterprise_id, CopyOwner.entrepreneur_id)
    return session.execute(statement.order_by(*order)).mappings().all()


def located(session: Session, municipalities: Sequence[str]) -> dict[str, list[tuple[float, float]]]:
    """The trustworthy points of enterprises by municipality."""
    found: dict[str, list[tuple[float, float]]] = {}
    statement = select(CopyEnterprise.municipality, CopyEnterprise.lon, CopyEnterprise.lat).where(
        CopyEnterprise.municipality.in_(municipalities), trusted()
    )
    for row in session.execute(statement.order_by(CopyEnterprise.enterprise_id)):
        found.setdefault(row.municipality, []).append((row.lon, row.lat))
    return found


def trusted() -> ColumnElement[bool]:
    """Whether an enterprise has a point that does not contradict its municipality."""
    return and_(CopyEnterprise.lon.is_not(None), CopyEnterprise.place_state.in_(("consistent", "pending")))


def groups_by_woman(session: Session, need: str) -> dict[UUID, int]:
    """The number of the group for this need that each woman is in."""
    rows = session.execute(
        select(standing_for(CopyMerged, GroupMember.entrepreneur_id).label("entrepreneur_id"), TrainingGroup.number)
        .join(TrainingGroup, TrainingGroup.id == GroupMember.group_id)
        .where(TrainingGroup.need == need)
        .order_by(TrainingGroup.number)
    )
    return {row.entrepreneur_id: row.number for row in rows}


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


_GROUP = (
    TrainingGroup.number.label("number"),
    TrainingGroup.id.label("id"),
    TrainingGroup.version.label("version"),
    TrainingGroup.name.label("name"),
    TrainingGroup.chain.label("chain"),
    TrainingGroup.need.label("need"),
    TrainingGroup.municipality.label("municipality"),
    TrainingGroup.diameter_km.label("diameter_km"),
    TrainingGroup.formed_on.label("formed_on"),
    TrainingGroup.formed_by_name.label("formed_by_name"),
    TrainingGroup.withdrawn.label("withdrawn"),
    TrainingGroup.completed_on.label("completed_on"),
    select(func.count())
    .where(GroupMember.group_id == TrainingGroup.id)
    .correlate(TrainingGroup)
    .scalar_subquery()
    .label("women"),
)


def list_groups(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The groups of the caller's territory that meet all filters, newest first."""
    statement = select(*_GROUP).where(caller.scope.condition(TrainingGroup.municipality))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(TrainingGroup.municipality, [unit]))
    for name in ("chain", "need"):
        if value := filters.get(name):
            statement = statement.where(getattr(TrainingGroup, name) == value)
    return keyset_page(session, statement, keys=_GROUP[:1], limit=limit, after=after, descending=True)


def show_group(session: Session, caller: Caller, group_id: UUID) -> dict[str, Any]:
    """One group with its members."""
    row = session.execute(select(*_GROUP).where(TrainingGroup.id == group_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("group.unknown")
    caller.require_scope(row["municipality"])
    members = session.execute(
        select(GroupMember.entrepreneur_id, GroupMember.enterprise_id, GroupMember.municipality, GroupMember.completed)
        .where(GroupMember.group_id == group_id)
        .order_by(GroupMember.municipality, GroupMember.enterprise_id, GroupMember.entrepreneur_id)
    ).mappings()
    return {**row, "members": [dict(member) for member in members]}


def as_they_stand(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows that name women and enterprises, under the ids by which the registry knows them today."""
    names = ("entrepreneur_id", "enterprise_id")
    ids = {row[name] for row in rows for name in names}
    moved = select(CopyMerged.absorbed_id, CopyMerged.root_id).where(CopyMerged.absorbed_id.in_(ids))
    roots = {row.absorbed_id: row.root_id for row in session.execute(moved)}
    return [{**row, **{name: roots.get(row[name], row[name]) for name in names}} for row in rows]


def check_units(units: Sequence[str], *, pointer: str) -> None:
    """Refuses a code that is no country, department or municipality."""
    for unit in units:
        if unit not in places.names():
            raise Invalid("municipality.unknown", pointer=pointer, value=unit)


def check_scope(caller: Caller, units: Sequence[str]) -> None:
    for unit in units:
        if not caller.scope.covers(unit):
            raise Forbidden("permission.outside_scope", unit=unit)


def _needing(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(CopyNeed)
        .join(CopyEnterprise, CopyEnterprise.enterprise_id == standing_for(CopyMerged, CopyNeed.enterprise_id))
        .join(CopyOwner, CopyOwner.enterprise_id == CopyEnterprise.enterprise_id)
        .where(CopyEnterprise.active, CopyEnterprise.state != "withdrawn")
    )


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


def _by_chain_and_need(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["chain"]), str(row["need"])
