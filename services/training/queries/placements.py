"""Placements as they are read: groups, who is left out and why, what would place more, what was moved by hand."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import (
    IMPROVING,
    READY,
    CopyEnterprise,
    Placement,
    PlacementGroup,
    PlacementMove,
    PlacementWoman,
    TrainingGroup,
    TrainingRound,
)
from services.training.queries.needs import trusted
from services.training.queries.replans import replan_of
from services.training.queries.scope import check_scope
from services.training.rules.rounds import venue_of
from shared.database import labelled
from shared.identity import Caller
from shared.jobs import OPEN, job_table
from shared.kernel import NotFound
from shared.masking import masked_point
from shared.web.paging import Page, keyset_page

MOST_POINTS = 5_000
_PLACEMENT = labelled(
    Placement,
    *("id", "version", "round_id", "state", "asked", "job_id", "first_placed", "considered", "in_groups", "worth"),
    *("bound", "relaxations", "made_by_name", "made_at", "keeps", "carried_out_at"),
)
_GROUP = labelled(
    PlacementGroup,
    *("number", "venue", "slot", "topic", "type", "language", "room", "facilitator", "exception_by", "exception_why"),
)


def show_placement(session: Session, caller: Caller, placement_id: UUID) -> dict[str, Any]:
    """One placement: groups with their size, how many women each reason leaves out, worth, bound, relaxations, the
    moves made by hand (latest first), and how far the improvement is.
    """
    row = session.execute(select(*_PLACEMENT).where(Placement.id == placement_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("placement.unknown")
    check_scope(caller, row["asked"]["units"])
    groups = _groups(session, placement_id, row["asked"])
    state, done = _standing(session, row)
    placed = sum(group["women"] for group in groups)
    bound, worth = row["bound"], row["worth"]
    return {
        **{name: row[name] for name in row if name not in {"job_id", "asked", "keeps", "carried_out_at"}},
        "state": state,
        "done": done,
        "round_name": session.scalar(select(TrainingRound.name).where(TrainingRound.id == row["round_id"])),
        "asked": {name: row["asked"][name] for name in ("units", "minimum", "maximum", "reach_km", "venues")},
        "gap_percent": round(100 * (bound - worth[0]) / bound, 1) if bound else None,
        "placed": placed,
        "left_out": row["considered"] - placed,
        "groups": groups,
        "reasons": _reasons(session, placement_id),
        "moves": _moves(session, placement_id),
        "replan": replan_of(session, placement_id, row["carried_out_at"]) if row["keeps"] else None,
    }


def show_group(session: Session, caller: Caller, placement_id: UUID, number: int) -> dict[str, Any]:
    """One group of a placement with its women."""
    placement = show_placement(session, caller, placement_id)
    found = next((group for group in placement["groups"] if group["number"] == number), None)
    if found is None:
        raise NotFound("placement.unknown_group", number=number)
    rows = session.execute(
        select(*_WOMAN)
        .where(PlacementWoman.placement_id == placement_id, PlacementWoman.group_number == number)
        .order_by(PlacementWoman.municipality, PlacementWoman.entrepreneur_id)
    ).mappings()
    return {
        **found,
        "placement_id": placement_id,
        "version": placement["version"],
        "state": placement["state"],
        "minimum": placement["asked"]["minimum"],
        "members": [dict(row) for row in rows],
    }


_WOMAN = labelled(
    PlacementWoman, "entrepreneur_id", "enterprise_id", "municipality", "chain", "group_number", "reason", "facts"
)


def list_left_out(
    session: Session, caller: Caller, placement_id: UUID, asked: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The women whom a placement leaves out, each with the one reason and its facts; by reason or municipality."""
    show_placement(session, caller, placement_id)
    statement = select(*_WOMAN).where(
        PlacementWoman.placement_id == placement_id, PlacementWoman.group_number.is_(None)
    )
    for name in ("reason", "municipality", "chain"):
        if value := asked.get(name):
            statement = statement.where(getattr(PlacementWoman, name) == value)
    return keyset_page(session, statement, keys=_WOMAN[:1], limit=limit, after=after)


def list_placed(
    session: Session, caller: Caller, placement_id: UUID, asked: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The women whom a placement places, group by group; of groups `first` to `last`, where these are told."""
    _scoped(session, caller, placement_id)
    number = PlacementWoman.group_number
    statement = select(*_WOMAN).where(PlacementWoman.placement_id == placement_id, number.is_not(None))
    if (first := asked.get("first")) is not None:
        statement = statement.where(number >= first)
    if (last := asked.get("last")) is not None:
        statement = statement.where(number <= last)
    return keyset_page(session, statement, keys=[_WOMAN[4], _WOMAN[0]], limit=limit, after=after)


def rough_points(session: Session, caller: Caller, placement_id: UUID) -> list[dict[str, Any]]:
    """About where the women of a placement are, with the number of the group of each, and nobody's name: a place in
    the same cell of a grid of two kilometres, the same for her in every answer; who has no trusted point is not told.
    """
    _scoped(session, caller, placement_id)
    rows = session.execute(
        select(CopyEnterprise.enterprise_id, CopyEnterprise.lon, CopyEnterprise.lat, PlacementWoman.group_number)
        .join(PlacementWoman, PlacementWoman.enterprise_id == CopyEnterprise.enterprise_id)
        .where(PlacementWoman.placement_id == placement_id, trusted())
        .order_by(PlacementWoman.group_number, CopyEnterprise.enterprise_id)
        .limit(MOST_POINTS)
    )
    masked = [(masked_point(row.enterprise_id, row.lon, row.lat), row.group_number) for row in rows]
    return [{"lon": lon, "lat": lat, "group_number": number} for (lon, lat), number in masked]


def _scoped(session: Session, caller: Caller, placement_id: UUID) -> None:
    """Refuses a placement that is none, or not of the caller's territory."""
    asked = session.scalar(select(Placement.asked).where(Placement.id == placement_id))
    if asked is None:
        raise NotFound("placement.unknown")
    check_scope(caller, asked["units"])


def _groups(session: Session, placement_id: UUID, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    sizes = Counter(
        session.scalars(
            select(PlacementWoman.group_number).where(
                PlacementWoman.placement_id == placement_id, PlacementWoman.group_number.is_not(None)
            )
        )
    )
    rows = session.execute(
        select(*_GROUP, TrainingGroup.id.label("group_id"), TrainingGroup.name.label("group_name"))
        .outerjoin(TrainingGroup, TrainingGroup.id == PlacementGroup.training_group_id)
        .where(PlacementGroup.placement_id == placement_id)
        .order_by(PlacementGroup.number)
    ).mappings()
    venues = {venue["id"]: venue for venue in asked["venues"]}
    return [
        {
            **row,
            "women": sizes[row["number"]],
            "venue_name": venues[venue_of(row["venue"])]["name"],
            "municipality": venues[venue_of(row["venue"])]["municipality"],
        }
        for row in rows
    ]


def _standing(session: Session, row: Mapping[Any, Any]) -> tuple[str, int | None]:
    """Whether the improvement still goes on, and how many hundredths of it are done."""
    if row["state"] != IMPROVING:
        return row["state"], None
    job = session.execute(
        select(job_table.c.state, job_table.c.done).where(job_table.c.id == row["job_id"])
    ).one_or_none()
    return (IMPROVING, job.done) if job is not None and job.state in OPEN else (READY, None)


def _reasons(session: Session, placement_id: UUID) -> list[dict[str, Any]]:
    rows = session.execute(
        select(PlacementWoman.reason, func.count().label("women"))
        .where(PlacementWoman.placement_id == placement_id, PlacementWoman.group_number.is_(None))
        .group_by(PlacementWoman.reason)
        .order_by(func.count().desc(), PlacementWoman.reason)
    ).mappings()
    return [dict(row) for row in rows]


def _moves(session: Session, placement_id: UUID) -> list[dict[str, Any]]:
    names = ("number", "entrepreneur_id", "from_number", "to_number", "gained", "moved_by_name", "moved_at")
    rows = session.execute(
        select(*labelled(PlacementMove, *names))
        .where(PlacementMove.placement_id == placement_id)
        .order_by(PlacementMove.number.desc())
    ).mappings()
    return [dict(row) for row in rows]
