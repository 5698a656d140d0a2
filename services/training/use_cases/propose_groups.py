"""A proposal of training groups for the women of a territory who have a need."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import LeftOutWoman, Proposal, ProposalUnit, ProposedGroup, ProposedMember
from services.training.queries.groups import groups_by_woman
from services.training.queries.needs import located, women_in_need
from services.training.queries.scope import check_scope, check_units
from services.training.rules.cells import Candidate, Group, LeftOut, Limits, middle_of
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock, uuid7

LARGEST_GROUP = 30
MOST_ENTERPRISES = 2_000
"""Of one chain with one need: more than one answer's time allows."""
_POINTS_FOR_A_MIDDLE = 3

Place = tuple[float, float] | None


def propose_groups(
    session: Session,
    caller: Caller,
    *,
    units: Sequence[str],
    chain: str | None,
    need: str | None,
    minimum: int,
    maximum: int,
    diameter_km: float,
) -> Proposal:
    """Put the women of `units` who have `need` (each need, where none is named) into groups of their own kind of
    enterprise, and keep the proposal. Who is in a group for that need already stays there. Every woman is placed or
    left out with one reason. Refuses territory outside the caller's, and where nobody has the need.
    """
    _check(caller, units, minimum, maximum)
    widest = _widest(units)
    rows = women_in_need(session, widest, chain=chain, need=need)
    if not rows:
        raise Refused("proposal.nobody_in_need")
    limits = Limits(minimum, maximum, diameter_km)
    cells = _propose_cells(session, rows, limits)
    proposal = Proposal(
        id=uuid7(),
        chain=chain,
        need=need,
        **asdict(limits),
        **_counted(cells),
        made_by=caller.subject,
        made_by_name=caller.name,
        made_at=clock.now(),
        units=[ProposalUnit(unit=unit) for unit in widest],
    )
    session.add(proposal)
    session.flush()
    _keep(session, proposal.id, cells)
    return proposal


def _check(caller: Caller, units: Sequence[str], minimum: int, maximum: int) -> None:
    """Refuses what no groups can be proposed for: places that are none or not hers, sizes that contradict."""
    check_units(units, pointer="/units")
    check_scope(caller, units)
    if not 2 <= minimum <= maximum:
        raise Invalid("proposal.minimum_over_maximum", pointer="/minimum", maximum=maximum)
    if maximum > LARGEST_GROUP:
        raise Invalid("proposal.group_too_large", pointer="/maximum", largest=LARGEST_GROUP)


@dataclass
class _Cell:
    """The women of one chain with one need: those who can be grouped, and why the others cannot."""

    chain: str
    need: str
    women: dict[UUID, list[UUID]] = field(default_factory=dict)
    """By enterprise."""
    municipality: dict[UUID, str] = field(default_factory=dict)
    placed_by: dict[UUID, str] = field(default_factory=dict)
    left_out: list[tuple[UUID, UUID, LeftOut]] = field(default_factory=list)
    """Woman, enterprise, reason."""
    groups: Sequence[Group] = ()
    considered: int = 0


def _propose_cells(session: Session, rows: Sequence[Mapping[Any, Any]], limits: Limits) -> list[_Cell]:
    """Groups for each chain and need of `rows`, which come in that order."""
    middles = _middles(session, rows)
    return [
        _propose_cell(session, *key, list(members), middles, limits)
        for key, members in groupby(rows, key=lambda row: (row["chain"], row["need"]))
    ]


def _propose_cell(
    session: Session,
    chain: str,
    need: str,
    rows: Sequence[Mapping[Any, Any]],
    middles: Mapping[str, tuple[float, float]],
    limits: Limits,
) -> _Cell:
    from services.training.rules.grouping import group

    cell = _Cell(chain, need)
    candidates = _candidates(cell, rows, middles, groups_by_woman(session, need))
    if len(candidates) > MOST_ENTERPRISES:
        raise Refused("proposal.too_many", found=len(candidates), most=MOST_ENTERPRISES)
    grouping = group(candidates, limits)
    cell.groups = grouping.groups
    for enterprise_id, why in grouping.left_out.items():
        cell.left_out += [(woman, enterprise_id, why) for woman in cell.women[enterprise_id]]
    return cell


def _counted(cells: Sequence[_Cell]) -> dict[str, int]:
    """How many women were looked at, found a place, have a group already, or were left out for another reason."""
    in_groups = sum(why.reason == "already_in_group" for cell in cells for _, _, why in cell.left_out)
    return {
        "considered": sum(cell.considered for cell in cells),
        "placed": sum(group_.women for cell in cells for group_ in cell.groups),
        "left_out": sum(len(cell.left_out) for cell in cells) - in_groups,
        "in_groups": in_groups,
    }


def _candidates(
    cell: _Cell,
    rows: Sequence[Mapping[Any, Any]],
    middles: Mapping[str, tuple[float, float]],
    in_group: Mapping[UUID, int],
) -> list[Candidate]:
    """The enterprises whose women can be grouped. A woman with two enterprises counts once, with the first."""
    seen: set[UUID] = set()
    places: dict[UUID, Place] = {}
    for row in rows:
        woman, enterprise = row["entrepreneur_id"], row["enterprise_id"]
        cell.municipality[enterprise] = row["municipality"]
        if woman in seen:
            continue
        seen.add(woman)
        if woman in in_group:
            cell.left_out.append((woman, enterprise, LeftOut("already_in_group", {"group": in_group[woman]})))
            continue
        cell.women.setdefault(enterprise, []).append(woman)
        places[enterprise], cell.placed_by[enterprise] = _place(row, middles)
    cell.considered = len(seen)
    return [Candidate(enterprise, len(women), places[enterprise]) for enterprise, women in cell.women.items()]


def _place(row: Mapping[Any, Any], middles: Mapping[str, tuple[float, float]]) -> tuple[Place, str]:
    """Her point; where it is missing or contradicts her municipality, the middle of those known there."""
    if row["lon"] is not None and row["place_state"] in {"consistent", "pending"}:
        return (row["lon"], row["lat"]), "point"
    return middles.get(row["municipality"]), "municipality"


def _middles(session: Session, rows: Iterable[Mapping[Any, Any]]) -> dict[str, tuple[float, float]]:
    """The middle of the known points of each municipality that has enough of them."""
    municipalities = sorted({row["municipality"] for row in rows})
    points = located(session, municipalities)
    return {code: middle_of(found) for code, found in points.items() if len(found) >= _POINTS_FOR_A_MIDDLE}


def _keep(session: Session, proposal_id: UUID, cells: Sequence[_Cell]) -> None:
    number = 0
    for cell in cells:
        for group_ in cell.groups:
            number += 1
            session.add(_proposed(proposal_id, number, cell, group_))
        for woman, enterprise, why in cell.left_out:
            session.add(
                LeftOutWoman(
                    proposal_id=proposal_id,
                    entrepreneur_id=woman,
                    chain=cell.chain,
                    need=cell.need,
                    enterprise_id=enterprise,
                    municipality=cell.municipality[enterprise],
                    reason=why.reason,
                    facts=dict(why.facts),
                )
            )
    session.flush()


def _proposed(proposal_id: UUID, number: int, cell: _Cell, group_: Group) -> ProposedGroup:
    members = [
        ProposedMember(
            entrepreneur_id=woman,
            enterprise_id=enterprise,
            municipality=cell.municipality[enterprise],
            placed_by=cell.placed_by[enterprise],
        )
        for enterprise in group_.members
        for woman in cell.women[enterprise]
    ]
    return ProposedGroup(
        id=uuid7(),
        proposal_id=proposal_id,
        number=number,
        chain=cell.chain,
        need=cell.need,
        municipality=_most_common([member.municipality for member in members]),
        diameter_km=round(group_.diameter_km, 3),
        members=members,
    )


def _most_common(municipalities: Sequence[str]) -> str:
    return min(set(municipalities), key=lambda code: (-municipalities.count(code), code))


def _widest(units: Sequence[str]) -> list[str]:
    """`units` without those that lie inside another of them."""
    return sorted(unit for unit in set(units) if not any(unit != other and unit.startswith(other) for other in units))
