"""Workshops and dialogues on social responsibility, as they are read."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import Activity, CsrCommitment, Participant, Sme
from services.training.models.activities import WORKSHOP
from services.training.queries.scope import check_units, within
from services.training.reference.holidays import holidays
from shared import links
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web.paging import Page, keyset_page

_ROW = ("starts_on", "id", "version", "kind", "unit", "city", "title", "days", "state", "gender_module")
_COMMITMENT = ("id", "version", "activity_id", "unit", "what", "owner", "due_on", "state", "late", "recorded_by_name")


_MATERIAL = ("id", "title", "address", "library_id")


def list_activities(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The workshops, or the dialogues (`dialogues`), of the caller's territory that meet all filters, latest first."""
    columns = labelled(Activity, *_ROW)
    mine = caller.scope.condition(Activity.unit)
    kinds = Activity.kind != WORKSHOP if filters["dialogues"] else Activity.kind == WORKSHOP
    statement = select(*columns).where(mine, kinds)
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(Activity.unit, [unit]))
    for name in ("kind", "state"):
        if value := filters.get(name):
            statement = statement.where(getattr(Activity, name) == value)
    page = keyset_page(session, statement, keys=columns[:2], limit=limit, after=after, descending=True)
    counts = _counts(session, [row["id"] for row in page.rows])
    return Page([{**row, **counts[row["id"]]} for row in page.rows], page.next)


def show_activity(session: Session, caller: Caller, activity_id: UUID, *, dialogue: bool, key: bytes) -> dict[str, Any]:
    """One workshop or dialogue with all that belongs to it; how many came, by sex and sector."""
    activity = session.get(Activity, activity_id)
    if activity is None or (activity.kind != WORKSHOP) != dialogue:
        raise NotFound("csr_activity.unknown")
    caller.require_scope(activity.unit)
    return whole_activity(session, activity, key)


def whole_activity(session: Session, activity: Activity, key: bytes) -> dict[str, Any]:
    """An activity with all that belongs to it but the persons."""
    names = ("topics", "capacity", "agenda", "present", "conclusions", "registration_until", "takes_registrations")
    row = {name: getattr(activity, name) for name in (*_ROW, "ends_on", *names, "recorded_by_name")}
    opened, until = activity.registration_id, activity.registration_until
    token = links.signed(opened, until, key) if opened and until and activity.takes_registrations else None
    people = _people(session, [activity.id])
    return row | {
        "registration_token": token,
        "holidays": holidays(activity.unit, activity.starts_on, activity.ends_on),
        "dates": [
            {name: getattr(one, name) for name in ("number", "starts_on", "reason", "recorded_by_name", "recorded_at")}
            for one in activity.dates
        ],
        "partners": [{"id": one.id, "name": one.name, "kind": one.kind} for one in activity.partners],
        "materials": [{name: getattr(one, name) for name in _MATERIAL} for one in activity.materials],
        "commitments": commitments_of(session, activity.id),
        **counted(people),
        "by_sex": _by(people, "sex"),
        "by_sector": _by(people, "sector", firms=True),
        "marked_days": _marked(people, activity.days),
    }


def opened_registration(session: Session, token: str, key: bytes) -> Activity:
    """The workshop whose public form an address leads to; refuses what was not signed here, what was closed and what is
    over, alike.
    """
    read = links.read(token, key)
    found = session.scalar(select(Activity).where(Activity.registration_id == read[0])) if read else None
    if found is None or read is None or not found.takes_registrations or found.registration_until != read[1]:
        raise NotFound("csr_registration.closed")
    return found


def is_full(session: Session, workshop: Activity) -> bool:
    """Whether nobody more may register."""
    taken = select(func.count()).select_from(Participant).where(Participant.activity_id == workshop.id)
    return workshop.capacity is not None and session.execute(taken).scalar_one() >= workshop.capacity


def list_participants(session: Session, caller: Caller, activity_id: UUID, *, limit: int, after: str | None) -> Page:
    """Who is registered for a workshop, in the order of registration."""
    activity = session.get(Activity, activity_id)
    if activity is None:
        raise NotFound("csr_activity.unknown")
    caller.require_scope(activity.unit)
    told = labelled(Participant, "id", "sme_id", "name", "sex", "email", "phone", "source", "attended", "recorded_at")
    statement = (
        select(*told, Participant.forgotten_at.is_not(None).label("forgotten"), Sme.name.label("sme_name"), Sme.sector)
        .join(Sme, Sme.id == Participant.sme_id)
        .where(Participant.activity_id == activity_id)
    )
    page = keyset_page(session, statement, keys=told[:1], limit=limit, after=after)
    return Page([{**row, "attended": _days(row["attended"], activity.days)} for row in page.rows], page.next)


def list_commitments(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """Commitments of the caller's territory, those due first on top."""
    keys = labelled(CsrCommitment, "due_on", "id")
    statement = select(*keys).where(caller.scope.condition(CsrCommitment.unit))
    if state := filters.get("state"):
        statement = statement.where(CsrCommitment.state == state)
    page = keyset_page(session, statement, keys=keys, limit=limit, after=after)
    ids = [row["id"] for row in page.rows]
    found = {one.id: one for one in session.scalars(select(CsrCommitment).where(CsrCommitment.id.in_(ids)))}
    return Page([commitment_row(found[commitment_id]) for commitment_id in ids], page.next)


def commitment_row(commitment: CsrCommitment) -> dict[str, Any]:
    """One commitment with what was found of it, the latest first."""
    notes = [
        {name: getattr(note, name) for name in ("day", "state", "note", "recorded_by_name")}
        for note in reversed(commitment.notes)
    ]
    return {name: getattr(commitment, name) for name in _COMMITMENT} | {"notes": notes}


def commitments_of(session: Session, activity_id: UUID) -> list[dict[str, Any]]:
    """The commitments of one dialogue, those due first on top."""
    wanted = select(CsrCommitment).where(CsrCommitment.activity_id == activity_id)
    return [commitment_row(one) for one in session.scalars(wanted.order_by(CsrCommitment.due_on, CsrCommitment.id))]


def counted(people: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Distinct firms and persons that were registered and that came: a firm may send several persons, and a person may
    come to several workshops.
    """
    came = [one for one in people if any(one["attended"])]
    told = {}
    for name, rows in (("registered", people), ("came", came)):
        told[f"smes_{name}"] = len({one["sme_id"] for one in rows})
        told[f"persons_{name}"] = len({(one["sme_id"], one["name_key"] or one["id"]) for one in rows})
    return told


def people_of(session: Session, activity_ids: Sequence[UUID]) -> dict[UUID, list[Mapping[str, Any]]]:
    """Who is registered for each of these workshops, with the sector of her firm; no name is among what is told."""
    found: dict[UUID, list[Mapping[str, Any]]] = {activity_id: [] for activity_id in activity_ids}
    for row in _people(session, activity_ids):
        found[row["activity_id"]].append(row)
    return found


def _people(session: Session, activity_ids: Sequence[UUID]) -> list[Mapping[str, Any]]:
    columns = labelled(Participant, "id", "activity_id", "sme_id", "name_key", "sex", "attended")
    wanted = (
        select(*columns, Sme.sector, Sme.size)
        .join(Sme, Sme.id == Participant.sme_id)
        .where(Participant.activity_id.in_(activity_ids))
    )
    return [dict(row) for row in session.execute(wanted.order_by(Participant.id)).mappings()]


def _counts(session: Session, activity_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    return {activity_id: counted(people) for activity_id, people in people_of(session, activity_ids).items()}


def _by(people: Sequence[Mapping[str, Any]], what: str, *, firms: bool = False) -> list[dict[str, Any]]:
    """How many came of each kind, persons or distinct firms; of who is registered where nobody was marked yet."""
    came = [one for one in people if any(one["attended"])] or people
    found: dict[str, set[Any]] = {}
    for one in came:
        person = (one["sme_id"], one["name_key"] or one["id"])
        found.setdefault(one[what], set()).add(one["sme_id"] if firms else person)
    return [{"code": code, "count": len(found[code])} for code in sorted(found)]


def _marked(people: Sequence[Mapping[str, Any]], days: int) -> list[dict[str, int]]:
    """Of each day: how many were there, how many were not, of how many nobody said so."""
    rows = [_days(one["attended"], days) for one in people]
    return [
        {"day": at + 1, **{name: sum(row[at] is mark for row in rows) for name, mark in _MARKS}} for at in range(days)
    ]


_MARKS: Sequence[tuple[str, bool | None]] = (("present", True), ("absent", False), ("unmarked", None))


def _days(attended: Sequence[bool | None], days: int) -> list[bool | None]:
    return [*attended, *[None] * days][:days]
