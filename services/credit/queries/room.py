"""The room in which the committee sits, as each caller may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import (
    Acta,
    AgendaItem,
    Application,
    Committee,
    CommitteeSession,
    CreditRegulations,
    Resolution,
    RollSeat,
    Seat,
    Suspension,
    TrustFund,
    regulations_in_force,
)
from services.credit.models.committees import CONDUCTING
from services.credit.queries import applications, sessions
from services.credit.rules.quorum import Rule, quorum
from services.credit.rules.regulations import Parameters
from shared.identity import Caller
from shared.kernel import clock

_MOTION = (
    "application",
    "recommendation",
    "appraised_by_name",
    "amount",
    "instalments",
    "grace",
    "conditions",
    "lent_under",
    "terms",
)


def room(session: Session, caller: Caller, meeting: CommitteeSession, *, reads_minutes: bool) -> dict[str, Any]:
    """Everything the session room shows to this caller.

    What members chose stays hidden until the item is decided, and always from who does not read minutes, as do the
    reasons they gave. An application from outside the caller's territory is shown only where she decides on it.
    """
    body = session.get_one(Committee, meeting.committee_id)
    fund = session.get_one(TrustFund, meeting.fund_id)
    edition = _edition(session, meeting)
    rules = edition.read()
    rule = rules.quorum
    reader = _Reader.of(caller, body, meeting, reads_minutes=reads_minutes)
    acta = session.scalar(select(Acta).where(Acta.session_id == meeting.id))
    names = ("id", "number", "fund_id", "committee_id", "state", "scheduled_for", "place", "opened_at", "closed_at")
    sitting = body.sitting(clock.today()) if meeting.state == "convened" else []
    return {
        **{name: getattr(meeting, name) for name in (*names, "version")},
        "fund": fund.name,
        "committee": body.name,
        "regulations": {"title": edition.title, "edition": edition.edition},
        "rule": {
            "seats": rule.seats,
            "constituencies": list(rule.constituencies),
            "majority": rule.majority,
            "casting_vote": rule.casting_vote,
        },
        "conducts": _conducts(caller, body, meeting),
        "my_seat": reader.seat.id if reader.seat else None,
        "seats": [sessions.seat(item, body) for item in sitting],
        "roll": [_roll_seat(meeting, item) for item in meeting.roll],
        "agenda": [_item(session, fund, meeting, item, rules, reader) for item in meeting.agenda],
        "acta": {"number": acta.number, "hash": acta.hash, "public_key": acta.public_key} if acta else None,
        "reasons": {
            choice: [{"code": one.code, "name": one.name} for one in rules.reasons.of(choice)]
            for choice in ("refuse", "defer")
        },
        "notice": {
            "days": rules.notice.days,
            "short": meeting.short_notice,
            "notified": [
                {"seat": one.seat_id, "name": one.name, "channel": one.channel, "at": one.at}
                for one in meeting.notified
            ],
        },
        "corrections": [
            {"acta": one.acta.number, "text": one.text if reads_minutes else None} for one in meeting.corrections
        ],
        "suspended": Suspension.of(session, fund) is not None,
    }


@dataclass(frozen=True)
class _Reader:
    """What the caller may see: her seat on the roll, whether she decides here, whether she reads minutes."""

    caller: Caller
    seat: RollSeat | None
    decides: bool
    reads_minutes: bool

    @classmethod
    def of(cls, caller: Caller, body: Committee, meeting: CommitteeSession, *, reads_minutes: bool) -> "_Reader":
        seats: Sequence[Seat | RollSeat] = meeting.roll or body.sitting(clock.today())
        decides = any(seat.subject == caller.subject for seat in seats)
        mine = next((seat for seat in meeting.roll if seat.subject == caller.subject), None)
        return cls(caller, mine, decides, reads_minutes)

    def sees(self, application: Application) -> bool:
        return self.decides or self.caller.scope.covers(application.municipality)


def _edition(session: Session, meeting: CommitteeSession) -> CreditRegulations:
    """The edition that rules the session, or would, were it opened today."""
    if meeting.regulations_id:
        return session.get_one(CreditRegulations, meeting.regulations_id)
    return regulations_in_force(session, meeting.fund_id, clock.today())


def _conducts(caller: Caller, body: Committee, meeting: CommitteeSession) -> bool:
    if caller.has("coordinator"):
        return True
    if meeting.roll:
        return any(item.subject == caller.subject and item.position in CONDUCTING for item in meeting.roll)
    return body.conducted_by(caller.subject, clock.today())


def _roll_seat(meeting: CommitteeSession, row: RollSeat) -> dict[str, Any]:
    names = ("id", "constituency", "position", "name", "organization", "present", "arrived_at", "left_at")
    principal = next((seat.name for seat in meeting.roll if seat.seat_id == row.alternate_for_id), None)
    return {
        **{name: getattr(row, name) for name in names},
        "alternate": row.alternate_for_id is not None,
        "alternate_for": principal,
        "movements": [{"present": one.present, "at": one.at} for one in row.movements],
    }


def _item(
    session: Session, fund: TrustFund, meeting: CommitteeSession, item: AgendaItem, rules: Parameters, reader: _Reader
) -> dict[str, Any]:
    application = session.get_one(Application, item.application_id)
    resolution = session.scalar(select(Resolution).where(Resolution.item_id == item.id))
    return {
        **{name: getattr(item, name) for name in ("id", "position", "state", "outcome")},
        **(_motion(fund, application, item) if reader.sees(application) else dict.fromkeys(_MOTION)),
        **_votes(meeting, item, reader),
        "quorum": _quorum(meeting, item, rules.quorum),
        "why_not": _why_not(session, application, item, reader.seat, rules),
        "resolution": resolution.number if resolution else None,
        "tally": resolution.tally if resolution else None,
        "reason": rules.reasons.name(resolution.reason_code) if resolution else None,
        "reason_code": resolution.reason_code if resolution else None,
        "expires_on": resolution.expires_on if resolution else None,
    }


def _motion(fund: TrustFund, application: Application, item: AgendaItem) -> dict[str, Any]:
    """What is voted on (`_MOTION`)."""
    names = ("id", "number", "enterprise_id", "municipality", "chain", "purpose", "project", "state")
    return {
        "application": {
            **{name: getattr(application, name) for name in names},
            "state": application.standing(clock.today()),
            "amount": fund.money(application.amount),
        },
        "recommendation": item.appraisal.recommendation,
        "appraised_by_name": item.appraisal.appraised_by_name,
        "amount": fund.money(item.amount),
        "instalments": item.instalments,
        "grace": item.grace,
        "conditions": item.conditions,
        "lent_under": item.appraisal.edition.edition,
        "terms": [applications.condition(row) for row in item.terms],
    }


def _votes(meeting: CommitteeSession, item: AgendaItem, reader: _Reader) -> dict[str, Any]:
    """Who voted and who was recused; how and why only for who reads minutes."""
    who = {seat.id: seat.name for seat in meeting.roll}
    cast = item.votes if reader.reads_minutes and item.state == "decided" else []
    mine = reader.seat
    return {
        "voted": [vote.roll_seat_id for vote in item.votes],
        "votes": [{"name": who[v.roll_seat_id], "choice": v.choice, "reason": v.reason} for v in cast],
        "my_vote": next((vote.choice for vote in item.votes if mine and vote.roll_seat_id == mine.id), None),
        "recusals": [
            {"seat": r.roll_seat_id, "name": who[r.roll_seat_id], "reason": r.reason if reader.reads_minutes else None}
            for r in item.recusals
        ],
    }


def _quorum(meeting: CommitteeSession, item: AgendaItem, rule: Rule) -> dict[str, Any]:
    state = quorum(meeting.members(item), rule)
    return {
        "present": state.present,
        "needed": state.needed,
        "missing": list(state.missing),
        "reached": state.reached,
    }


def _why_not(
    session: Session, application: Application, item: AgendaItem, mine: RollSeat | None, rules: Parameters
) -> str | None:
    """The code of why this caller may not vote on an item, or None."""
    if mine is None:
        return "committee.not_a_member"
    if item.state != "pending":
        return "session.item_closed"
    reasons = {
        "committee.recused": item.is_recused(mine),
        "committee.voted_already": any(vote.roll_seat_id == mine.id for vote in item.votes),
        "committee.not_present": not mine.present,
        "committee.seat_voted": mine not in item.session.holders(item),
    }
    stands = next((code for code, holds in reasons.items() if holds), None)
    return stands or mine.conflict_with(session, application, rules.conflicts)
