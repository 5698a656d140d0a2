"""Rounds as they are read: lists, one with its venues and placements, its women and how they can come."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, not_, or_, select
from sqlalchemy.orm import Session

from services.training.models import (
    CopyMerged,
    Placement,
    RoundUnit,
    RoundVenue,
    TrainingRound,
    WomanPair,
    WomanProfile,
)
from services.training.queries.learners import learners, municipalities_of
from services.training.queries.licences import leaves_of
from services.training.queries.scope import check_scope
from services.training.reference import licences
from services.training.reference.rounds import policy
from services.training.rules.licences import counted
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound
from shared.merged import standing, standing_for
from shared.web.paging import Page, keyset_page

_ROUND = labelled(
    TrainingRound,
    *("id", "version", "name", "begins_on", "ends_on", "topics", "minimum", "maximum", "reach_km", "budget", "seed"),
    *("made_by_name", "made_at"),
)
_VENUE = labelled(
    RoundVenue,
    *("id", "version", "name", "municipality", "lon", "lat", "slots", "rooms", "child_care", "facilitators"),
)
_PLACEMENT = labelled(Placement, "id", "state", "first_placed", "considered", "worth", "bound", "made_at")


def list_rounds(session: Session, caller: Caller, *, limit: int, after: str | None) -> Page:
    """The rounds for territories inside the caller's, newest first."""
    outside = exists().where(RoundUnit.round_id == TrainingRound.id, not_(caller.scope.condition(RoundUnit.unit)))
    statement = select(*_ROUND).where(~outside)
    page = keyset_page(session, statement, keys=[_ROUND[0]], limit=limit, after=after, descending=True)
    units = _units(session, [row["id"] for row in page.rows])
    return Page([{**row, "units": units[row["id"]]} for row in page.rows], page.next)


def show_round(session: Session, caller: Caller, round_id: UUID) -> dict[str, Any]:
    """One round with its venues, its placements (newest first) and the policy it stands on."""
    row = session.execute(select(*_ROUND).where(TrainingRound.id == round_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("round.unknown")
    units = _units(session, [round_id])[round_id]
    check_scope(caller, units)
    venues = session.execute(select(*_VENUE).where(RoundVenue.round_id == round_id).order_by(RoundVenue.id)).mappings()
    found = [dict(venue) for venue in venues]
    placements = session.execute(
        select(*_PLACEMENT).where(Placement.round_id == round_id).order_by(Placement.id.desc())
    ).mappings()
    return {
        **row,
        "units": units,
        "venues": found,
        "placements": [dict(placement) for placement in placements],
        "not_counted": _not_counted(session, row, found),
        "policy": {"valid_from": policy().valid_from, "source": policy().sources["es"]},
    }


def show_venue(session: Session, caller: Caller, round_id: UUID, venue_id: UUID) -> dict[str, Any]:
    """One venue of a round."""
    found = [venue for venue in show_round(session, caller, round_id)["venues"] if venue["id"] == venue_id]
    if not found:
        raise NotFound("venue.unknown")
    return dict(found[0])


def list_women(
    session: Session, caller: Caller, round_id: UUID, *, told: bool | None, limit: int, after: str | None
) -> Page:
    """The women of a round who need anything of what it teaches, by municipality and id, with how they can come;
    `told`: only those of whom something is noted, or nothing.
    """
    found = show_round(session, caller, round_id)
    needs = {policy().topics[topic].need for topic in found["topics"]}
    women = [one for one in learners(session, found["units"], policy()).values() if needs & one.needs.keys()]
    notes = _notes(session, [one.id for one in women])
    rows = [
        {
            "entrepreneur_id": one.id,
            "enterprise_id": one.enterprise_id,
            "municipality": one.municipality,
            "chain": one.chain,
            "needs": {need: one.needs[need] for need in sorted(needs & one.needs.keys())},
            "has_place": one.place is not None,
            **notes.get(one.id, _nothing()),
        }
        for one in sorted(women, key=lambda one: (one.municipality, one.id))
    ]
    rows = [row for row in rows if told is None or row["told"] == told]
    begun = _after(after)
    left = [row for row in rows if (row["municipality"], row["entrepreneur_id"]) > begun]
    page, more = left[:limit], len(left) > limit
    last = f"{page[-1]['municipality']}.{page[-1]['entrepreneur_id']}" if more else None
    return Page(page, last)


def show_woman(session: Session, caller: Caller, entrepreneur_id: UUID) -> dict[str, Any]:
    """How a woman can come, and with whom or without whom; version 0 where nothing was noted."""
    woman = standing(session, CopyMerged, entrepreneur_id)
    where = municipalities_of(session, woman)
    if not where:
        raise NotFound("woman.unknown")
    if not any(caller.scope.covers(municipality) for municipality in where):
        raise Forbidden("permission.outside_scope", unit=where[0])
    pairs = session.scalars(
        select(WomanPair).where(or_(WomanPair.first_id == woman, WomanPair.second_id == woman)).order_by("first_id")
    ).all()
    return {
        "entrepreneur_id": woman,
        "municipality": where[0],
        **_notes(session, [woman]).get(woman, _nothing()),
        **{
            kind: [pair.second_id if pair.first_id == woman else pair.first_id for pair in pairs if pair.kind == kind]
            for kind in ("together", "apart")
        },
    }


def _not_counted(session: Session, row: Mapping[Any, Any], venues: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Who teaches a topic of the round for which no licence is known on all its days: a placement does not count on
    them for it.
    """
    everybody = [(venue["name"], one) for venue in venues for one in venue["facilitators"]]
    leaves = leaves_of(session, {UUID(one["trainer_id"]) for _, one in everybody if one.get("trainer_id")})
    needing = licences.policy(row["begins_on"]).topics_with_licence & set(row["topics"])
    found = []
    for venue, one in everybody:
        able = counted([one], needing, leaves, row["begins_on"], row["ends_on"])
        lost = sorted(needing & set(one["topics"]) - set(able[0]["topics"] if able else ()))
        if lost:
            found.append({"venue": venue, "name": one["name"], "topics": lost})
    return found


def _after(cursor: str | None) -> tuple[str, UUID]:
    """The municipality and the woman with whom the page before ended."""
    if cursor is None:
        return "", UUID(int=0)
    municipality, _, woman = cursor.partition(".")
    try:
        return municipality, UUID(woman)
    except ValueError:
        raise Invalid("query.cursor", pointer="/after") from None


def _notes(session: Session, women: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    woman = standing_for(CopyMerged, WomanProfile.entrepreneur_id)
    rows = session.execute(
        select(woman.label("woman"), *labelled(WomanProfile, *_NOTED)).order_by(WomanProfile.noted_at)
    ).mappings()
    wanted = set(women)
    return {
        row["woman"]: {**{name: row[name] for name in _NOTED}, "told": True} for row in rows if row["woman"] in wanted
    }


_NOTED = ("slots", "languages", "children", "priority", "noted_by_name", "noted_at", "version")


def _nothing() -> dict[str, Any]:
    """What counts while nothing was noted: any hour, Spanish, no children, no priority."""
    plain = {"slots": [], "languages": ["es"], "children": 0, "priority": 1}
    return {**plain, "noted_by_name": None, "noted_at": None, "version": 0, "told": False}


def _units(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    units: dict[UUID, list[str]] = {round_id: [] for round_id in ids}
    rows = session.execute(
        select(RoundUnit.round_id, RoundUnit.unit).where(RoundUnit.round_id.in_(ids)).order_by(RoundUnit.unit)
    )
    for row in rows:
        units[row.round_id].append(row.unit)
    return units
