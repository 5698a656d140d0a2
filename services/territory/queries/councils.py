"""Councils, dialogues, alliances and what was promised in them."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from services.territory.models import Alliance, Commitment, Council, CouncilSeat, CouncilSession, Dialogue
from services.territory.models.councils import OPEN, TITULAR
from services.territory.queries.around import require_seen, seen_by
from services.territory.queries.whole import all_rows
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound, clock
from shared.web import Page, keyset_page

_COUNCIL = ("id", "version", "unit", "kind", "name", "seats_total", "recorded_by_name", "recorded_at")
_SEAT = ("id", "organization", "constituency", "kind", "held_from", "held_until")
_SESSION = ("id", "held_on", "agenda", "women", "men", "organizations", "recorded_by_name")
_DIALOGUE = ("id", "version", "unit", "kind", "title", "held_on", "topics", "participants", "recorded_by_name")
_COMMITMENT = (
    *("id", "version", "unit", "session_id", "dialogue_id", "what", "responsible", "due_on", "state", "note"),
    *("settled_on", "recorded_by_name"),
)
_ALLIANCE = (
    *("id", "version", "unit", "name", "purpose", "members", "agreement", "begun_on", "ended_on"),
    "recorded_by_name",
)


def list_councils(session: Session, caller: Caller, unit: str | None, *, limit: int, after: str | None) -> Page:
    """The councils of the caller's territory and of what it lies in, latest first, with the seats that women's
    organizations hold today.
    """
    columns = _council_columns(clock.today())
    statement = select(*columns).where(*_conditions(caller, Council.unit, unit))
    return keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)


def all_councils(session: Session, caller: Caller, unit: str | None) -> list[dict[str, Any]]:
    """Every council that the list shows page by page; refuses more than a table takes."""
    statement = select(*_council_columns(clock.today())).where(*_conditions(caller, Council.unit, unit))
    return all_rows(session, statement.order_by(Council.id.desc()))


def show_council(session: Session, caller: Caller, council_id: UUID) -> dict[str, Any]:
    """One council with its seats, sessions and commitments."""
    council = session.get(Council, council_id)
    if council is None:
        raise NotFound("council.unknown")
    require_seen(caller, council.unit)
    return whole_council(session, council)


def whole_council(session: Session, council: Council) -> dict[str, Any]:
    """A council with its seats of today and of former days, its sessions, the latest first, and their commitments."""
    today = clock.today()
    seats = [{name: getattr(seat, name) for name in _SEAT} | {"held": seat.holds(today)} for seat in council.seats]
    sessions = [{name: getattr(held, name) for name in _SESSION} for held in council.sessions]
    promised = _commitments(session, Commitment.session_id.in_([held["id"] for held in sessions]))
    return {name: getattr(council, name) for name in _COUNCIL} | {
        "women_seats": sum(seat["held"] and seat["kind"] == TITULAR for seat in seats),
        "seats": seats,
        "sessions": sessions,
        "commitments": promised,
    }


def list_dialogues(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The hearings and dialogues of the caller's territory and of what it lies in, latest entered first."""
    columns = labelled(Dialogue, *_DIALOGUE)
    statement = select(*columns).where(*_dialogues(caller, filters))
    page = keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)
    return Page([_with_sums(row) for row in page.rows], page.next)


def all_dialogues(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every dialogue that the list shows page by page; refuses more than a table takes."""
    statement = select(*labelled(Dialogue, *_DIALOGUE)).where(*_dialogues(caller, filters))
    return [_with_sums(row) for row in all_rows(session, statement.order_by(Dialogue.id.desc()))]


def show_dialogue(session: Session, caller: Caller, dialogue_id: UUID) -> dict[str, Any]:
    """One dialogue with who was there and what was agreed."""
    dialogue = session.get(Dialogue, dialogue_id)
    if dialogue is None:
        raise NotFound("dialogue.unknown")
    require_seen(caller, dialogue.unit)
    return whole_dialogue(session, dialogue)


def whole_dialogue(session: Session, dialogue: Dialogue) -> dict[str, Any]:
    """A dialogue with who was there and what was agreed."""
    row = _with_sums({name: getattr(dialogue, name) for name in _DIALOGUE})
    return row | {"agreements": _commitments(session, Commitment.dialogue_id == dialogue.id)}


def list_commitments(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """Commitments of the caller's territory and of what it lies in, those due first on top."""
    columns = labelled(Commitment, "due_on", *(name for name in _COMMITMENT if name != "due_on"))
    proof = Commitment.proof_id.is_not(None).label("has_proof")
    conditions = _conditions(caller, Commitment.unit, filters.get("unit"))
    if state := filters.get("state"):
        conditions.append(Commitment.state == state)
    keys = [columns[0], columns[1]]
    page = keyset_page(session, select(*columns, proof).where(*conditions), keys=keys, limit=limit, after=after)
    return Page([_late(row) for row in page.rows], page.next)


def commitment_row(commitment: Commitment) -> dict[str, Any]:
    """One commitment."""
    row = {name: getattr(commitment, name) for name in _COMMITMENT}
    return _late(row | {"has_proof": commitment.proof_id is not None})


def proof_of(session: Session, caller: Caller, commitment_id: UUID) -> UUID:
    """The stored file that shows that a commitment was kept."""
    commitment = session.get(Commitment, commitment_id)
    if commitment is None:
        raise NotFound("commitment.unknown")
    require_seen(caller, commitment.unit)
    if commitment.proof_id is None:
        raise NotFound("file.unknown")
    return commitment.proof_id


def list_alliances(session: Session, caller: Caller, unit: str | None, *, limit: int, after: str | None) -> Page:
    """The alliances of the caller's territory and of what it lies in, latest entered first."""
    columns = labelled(Alliance, *_ALLIANCE)
    statement = select(*columns).where(*_conditions(caller, Alliance.unit, unit))
    return keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)


def alliance_row(alliance: Alliance) -> dict[str, Any]:
    """One alliance."""
    return {name: getattr(alliance, name) for name in _ALLIANCE}


def _council_columns(day: date) -> tuple[Any, ...]:
    held = (
        select(func.count())
        .where(
            CouncilSeat.council_id == Council.id,
            CouncilSeat.kind == TITULAR,
            CouncilSeat.held_from <= day,
            or_(CouncilSeat.held_until.is_(None), CouncilSeat.held_until >= day),
        )
        .scalar_subquery()
    )
    sessions = select(func.count()).where(CouncilSession.council_id == Council.id).scalar_subquery()
    last = select(func.max(CouncilSession.held_on)).where(CouncilSession.council_id == Council.id).scalar_subquery()
    of_council = Commitment.session_id == CouncilSession.id
    still = func.coalesce(func.sum(case((Commitment.state == OPEN, 1), else_=0)), 0)
    open_ = (
        select(still).where(CouncilSession.council_id == Council.id, of_council).correlate(Council).scalar_subquery()
    )
    more = (held.label("women_seats"), sessions.label("sessions_held"), last.label("last_session"))
    return (*labelled(Council, *_COUNCIL), *more, open_.label("open_commitments"))


def _conditions(caller: Caller, column: Any, unit: str | None) -> list[ColumnElement[bool]]:
    found = [seen_by(caller, column)]
    if unit:
        found.append(column.startswith(unit, autoescape=True))
    return found


def _dialogues(caller: Caller, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    found = _conditions(caller, Dialogue.unit, filters.get("unit"))
    if kind := filters.get("kind"):
        found.append(Dialogue.kind == kind)
    return found


def _with_sums(row: Mapping[str, Any]) -> dict[str, Any]:
    told = row["participants"]
    return {**row, **{name: sum(one[name] for one in told) for name in ("institutions", "women", "men")}}


def _commitments(session: Session, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
    found = session.scalars(select(Commitment).where(condition).order_by(Commitment.due_on, Commitment.id))
    return [commitment_row(one) for one in found]


def _late(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "late": row["state"] == OPEN and row["due_on"] < clock.today()}
