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
    earlier_terms,
    regulations_in_force,
)
from services.credit.models.committees import CONDUCTING
from services.credit.queries import applications, appraisals, changes, seed, sessions
from services.credit.queries.concentration import warnings
from services.credit.queries.eligibility import departures, told
from services.credit.rules.governance import Reasons
from services.credit.rules.quorum import Rule, quorum
from services.credit.rules.regulations import Parameters
from services.credit.rules.restructuring import LENDING
from services.credit.tables import known_reasons
from services.credit.use_cases.attend_session import invitation_of
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, clock

_MOTION = (
    "application",
    "recommendation",
    "appraised_by_name",
    "score",
    "amount",
    "instalments",
    "grace",
    "conditions",
    "parts",
    "lent_under",
    "terms",
    "kind",
    "change",
    "level",
    "concentration",
    "earlier_terms",
    "due_dates",
    "share_of_surplus",
    "largest_share",
    "exceptions",
    "exception_reason",
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
    rule, reasons = rules.quorum, _reasons(meeting, rules)
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
        "seats": [sessions.seat(item, body, caller) for item in sitting],
        "roll": [_roll_seat(meeting, item) for item in meeting.roll],
        "agenda": [_item(session, fund, meeting, item, rules, reader) for item in meeting.agenda],
        "acta": {"number": acta.number, "hash": acta.hash, "public_key": acta.public_key} if acta else None,
        "reasons": {
            choice: [
                {"code": one.code, "name": one.name, "english": one.english, "own": one in rules.reasons.items}
                for one in reasons.of(choice)
            ]
            for choice in ("refuse", "defer")
        },
        "notice": _notice(meeting, rules, reads_minutes=reads_minutes),
        "my_invitation": _invitation(session, meeting, caller),
        "observers": [{"name": one.name, "at": one.at} for one in meeting.observers],
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


def _notice(meeting: CommitteeSession, rules: Parameters, *, reads_minutes: bool) -> dict[str, Any]:
    """Who was told of the session, and what she answered."""
    names = ("name", "channel", "at", "answer", "answered_at")
    return {
        "days": rules.notice.days,
        "short": meeting.short_notice,
        "notified": [
            {
                **{name: getattr(one, name) for name in names},
                "seat": one.seat_id,
                "excuse": one.excuse if reads_minutes else None,
            }
            for one in meeting.notified
        ],
    }


def _invitation(session: Session, meeting: CommitteeSession, caller: Caller) -> dict[str, Any] | None:
    """What the caller answered to her invitation; None where she has none."""
    one = invitation_of(session, meeting, caller.subject)
    return {"channel": one.channel, "answer": one.answer, "excuse": one.excuse} if one else None


def _reasons(meeting: CommitteeSession, rules: Parameters) -> Reasons:
    """The reasons that may be given on the day of the session."""
    return known_reasons(rules.reasons, (meeting.opened_at or clock.now()).astimezone(LOCAL_TIME).date())


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
    reason = _reasons(meeting, rules).called(resolution.reason_code) if resolution else None
    return {
        **{name: getattr(item, name) for name in ("id", "position", "state", "outcome")},
        **(_motion(session, fund, application, item, rules) if reader.sees(application) else dict.fromkeys(_MOTION)),
        **_votes(meeting, item, reader, reads=reader.reads_minutes and reader.sees(application)),
        "quorum": _quorum(meeting, item, rules.rule_for(application.product, item.amount)),
        "why_not": _why_not(session, application, item, reader.seat, rules),
        "resolution": resolution.number if resolution else None,
        "tally": resolution.tally if resolution else None,
        "reason": reason.name if reason else None,
        "reason_english": reason.english if reason else None,
        "reason_code": resolution.reason_code if resolution else None,
        "expires_on": resolution.expires_on if resolution else None,
    }


def _level(application: Application, item: AgendaItem, rules: Parameters) -> dict[str, Any] | None:
    """Who is competent for an item and what its decision takes; None where the regulations set no levels."""
    if not rules.competence.levels:
        return None
    level = rules.competence.level(application.product, item.amount)
    rule = level.quorum or rules.quorum
    return {
        "name": level.name,
        "assents": rules.competence.assents_for(application.product, item.amount),
        "seats": rule.seats,
        "majority": rule.majority,
        "own_rule": level.quorum is not None,
    }


def _earlier_terms(session: Session, item: AgendaItem) -> list[dict[str, Any]]:
    """The conditions that an earlier session proposed for it when it was deferred, and that are not in the motion."""
    return [applications.condition(one) for one in earlier_terms(session, item)] if item.state == "pending" else []


def _motion(
    session: Session, fund: TrustFund, application: Application, item: AgendaItem, rules: Parameters
) -> dict[str, Any]:
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
        "score": appraisals.rating(item.appraisal),
        "amount": fund.money(item.amount),
        "instalments": item.instalments,
        "grace": item.grace,
        **seed.motion(session, fund, item),
        "lent_under": item.appraisal.edition.edition,
        "terms": [applications.condition(row) for row in item.terms],
        "kind": application.kind,
        "change": changes.told(fund, item.appraisal.change),
        "level": _level(application, item, rules),
        "concentration": warnings(session, fund, rules.concentration, application, item.amount)
        if item.state == "pending" and application.kind in LENDING
        else [],
        "earlier_terms": _earlier_terms(session, item),
        "due_dates": item.appraisal.due_dates or [],
        "share_of_surplus": appraisals.share_of(fund, application.product, item.appraisal)
        if fund.kind == "revolving"
        else None,
        "largest_share": item.appraisal.edition.read().capacity.share,
        **_exceptions(session, fund, application, item),
    }


def _exceptions(session: Session, fund: TrustFund, application: Application, item: AgendaItem) -> dict[str, Any]:
    """The rules that the motion departs from today, whether a reason is noted for each, and the reason; of a decided
    item those that were excepted.
    """
    noted = item.exceptions or {}
    if item.state != "pending":
        rows = [{"rule": rule, "met": False, "hard": False, **facts} for rule, facts in noted.items()]
    else:
        rows = told(departures(session, fund, application, item.appraisal))
    return {
        "exceptions": [{**row, "excepted": row["rule"] in noted} for row in rows],
        "exception_reason": item.exception_reason,
    }


def _votes(meeting: CommitteeSession, item: AgendaItem, reader: _Reader, *, reads: bool) -> dict[str, Any]:
    """Who voted and who was recused; how and why only for who `reads` minutes of it."""
    who = {seat.id: seat.name for seat in meeting.roll}
    cast = item.votes if reads and item.state == "decided" else []
    mine = reader.seat
    return {
        "voted": [vote.roll_seat_id for vote in item.votes],
        "votes": [{"name": who[v.roll_seat_id], "choice": v.choice, "reason": v.reason} for v in cast],
        "my_vote": next((vote.choice for vote in item.votes if mine and vote.roll_seat_id == mine.id), None),
        "recusals": [
            {"seat": r.roll_seat_id, "name": who[r.roll_seat_id], "reason": r.reason if reads else None}
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
