"""How the committee decided: who was told, who voted, what the votes said, and what was written down."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select

from services.credit.models import (
    Acta,
    Application,
    CopyEnterprise,
    CopyMerged,
    CreditGroup,
    DeclaredInterest,
    Guarantee,
    Resolution,
    Seat,
    assents_of,
    interested,
)
from services.credit.queries.checks.month import Finding, Found, Month, local_day
from services.credit.rules import signatures
from services.credit.rules.guarantees import JOINT
from services.credit.rules.quorum import outcome, voting_quorum
from shared import files, merged


def notice(month: Month) -> Found:
    """The principal members were told of each session in time."""
    findings: list[Finding] = []
    for meeting in month.sessions:
        days = month.rules(meeting.regulations_id).notice.days
        assert meeting.opened_at is not None
        latest = local_day(meeting.opened_at) - timedelta(days=days)
        told = {one.seat_id: local_day(one.at) for one in meeting.notified}
        principals = [seat.seat_id for seat in meeting.roll if seat.alternate_for_id is None]
        if days and any(seat not in told for seat in principals):
            findings.append((meeting.number, "not_notified"))
        elif days and not meeting.short_notice and any(told[seat] > latest for seat in principals):
            findings.append((meeting.number, "late_notice"))
    return len(month.sessions), findings


def quorum(month: Month) -> Found:
    """Enough seats voted, of every constituency."""
    findings: list[Finding] = []
    for resolution in month.resolutions:
        item = month.item(resolution)
        state = voting_quorum(item.session.members(item), month.rule(resolution, item))
        if state.present < state.needed:
            findings.append((resolution.number, "too_few_votes"))
        if state.missing:
            findings.append((resolution.number, "constituency_missing"))
    return len(month.resolutions), findings


def conflicts(month: Month) -> Found:
    """Nobody voted who had appraised it, was recused, or had declared an interest; nor came anybody to stand behind it
    afterwards to whom who voted on it, or gave it her assent, had said she is close.
    """
    findings: list[Finding] = []
    examined = 0
    for resolution in month.resolutions:
        item = month.item(resolution)
        application = month.application(item.application_id)
        rule = month.rules(resolution.regulations_id).conflicts
        recused = {recusal.roll_seat_id for recusal in item.recusals}
        for vote in item.votes:
            examined += 1
            if application.appraised_by(vote.subject):
                findings.append((resolution.number, "appraiser_voted"))
            if vote.roll_seat_id in recused:
                findings.append((resolution.number, "recused_voted"))
            if interested(month.session, vote.subject, application, rule, vote.id):
                findings.append((resolution.number, "interested_voted"))
    came_later = list(_came_later(month))
    findings += [
        (resolution.number, "kin_came_later") for one, resolution in came_later if _close(month, one, resolution)
    ]
    return examined + len(came_later), findings


def _came_later(month: Month) -> Iterator[tuple[Guarantee, Resolution]]:
    """The guarantors and other women of a group who came in the month to stand behind a credit that was approved by
    then, each with that approval; of one that expired before, a later one counts.
    """
    query = (
        select(Guarantee)
        .join(Application, Application.id == Guarantee.application_id)
        .where(
            Application.fund_id == month.fund.id, Guarantee.added_on >= month.first, Guarantee.added_on < month.after
        )
        .order_by(Guarantee.id)
    )
    for one in month.session.scalars(query):
        before = select(Resolution).where(
            Resolution.application_id == one.application_id,
            Resolution.id < one.id,  # ids rise with time
        )
        found = month.session.scalars(before.order_by(Resolution.id.desc()).limit(1)).first()
        if found is None or found.outcome != "approved" or (found.expires_on and one.added_on > found.expires_on):
            continue
        if one.kind != JOINT or _joined_after(month, one, local_day(found.decided_at)):
            yield one, found


def _joined_after(month: Month, joint: Guarantee, day: date) -> bool:
    """Whether who is bound with the others of her group when they are paid came into it after a day."""
    group = CreditGroup.of(month.session, joint.application_id)
    members = group.members if group else []
    return any(one.application.enterprise_id == joint.enterprise_id and one.joined_on > day for one in members)


def _close(month: Month, guarantee: Guarantee, resolution: Resolution) -> bool:
    """Whether somebody who voted, or gave her assent, had declared by then that she is close to who came."""
    people: list[str] = []
    if guarantee.guarantor_id is not None:
        people += map(str, merged.family(month.session, CopyMerged, guarantee.guarantor_id))
    enterprise = CopyEnterprise.standing(month.session, guarantee.enterprise_id) if guarantee.enterprise_id else None
    people += enterprise.every_owner(month.session) if enterprise else []
    rule = month.rules(resolution.regulations_id).conflicts
    decided = {vote.subject for vote in month.item(resolution).votes}
    decided |= {one.subject for one in assents_of(month.session, resolution) if one.id < guarantee.id}
    return any(
        interest.id < guarantee.id
        for subject in decided
        for interest in DeclaredInterest.barring(month.session, subject, people, rule)
    )


def mandates(month: Month) -> Found:
    """Who sat has shown the paper of her mandate, where the regulations ask for it."""
    findings: list[Finding] = []
    sat = 0
    for meeting in month.sessions:
        asked = month.rules(meeting.regulations_id).mandates.paper
        there = [seat for seat in meeting.roll if seat.arrived_at is not None]
        sat += len(there) if asked else 0
        if asked and any(month.session.get_one(Seat, one.seat_id).mandate_file_id is None for one in there):
            findings.append((meeting.number, "no_mandate"))
    return sat, findings


def exceptions(month: Month) -> Found:
    """What was let through although a rule was not met has its reason, noted before the votes."""
    excepting = [found for found in month.resolutions if found.exceptions]
    return len(excepting), [
        (one.number, "no_exception_reason") for one in excepting if not one.exception_reason.strip()
    ]


def one_vote(month: Month) -> Found:
    """Each seat voted once."""
    findings: list[Finding] = []
    for resolution in month.resolutions:
        item = month.item(resolution)
        seats = Counter(item.session.roll_seat(vote.roll_seat_id).chair_of for vote in item.votes)
        if any(count > 1 for count in seats.values()):
            findings.append((resolution.number, "seat_voted_twice"))
    return len(month.resolutions), findings


def majority(month: Month) -> Found:
    """The votes, counted once more, say what was resolved."""
    findings: list[Finding] = []
    for resolution in month.resolutions:
        item = month.item(resolution)
        rule = month.rule(resolution, item)
        if outcome(item.session.members(item), rule) != resolution.outcome:
            findings.append((resolution.number, "other_outcome"))
    return len(month.resolutions), findings


def reasons(month: Month) -> Found:
    """What was deferred or refused has a reason that the regulations list."""
    unfavourable = [one for one in month.resolutions if one.outcome != "approved"]
    listed = [one for one in unfavourable if month.rules(one.regulations_id).reasons.items]
    return len(unfavourable), [(one.number, "no_reason") for one in listed if one.reason_code is None]


def numbering(month: Month) -> Found:
    """The resolutions of the year are numbered without a gap."""
    query = select(Resolution.number).where(Resolution.fund_id == month.fund.id).order_by(Resolution.id)
    prefix = f"{month.fund.code}-R-{month.first.year}-"
    numbers = sorted(int(one[len(prefix) :]) for one in month.session.scalars(query) if one.startswith(prefix))
    known = set(numbers)
    gaps = [number for number in numbers if number > 1 and number - 1 not in known]
    return len(numbers), [(f"{prefix}{number:04d}", "gap") for number in gaps]


def minutes(month: Month) -> Found:
    """Each session that was closed has its minutes, which follow those before and are as they were signed."""
    findings: list[Finding] = []
    closed = [meeting for meeting in month.sessions if meeting.state == "closed"]
    for meeting in closed:
        acta = month.session.scalar(select(Acta).where(Acta.session_id == meeting.id))
        if acta is None:
            findings.append((meeting.number, "no_minutes"))
            continue
        before = select(Acta.hash).where(Acta.committee_id == acta.committee_id, Acta.sequence == acta.sequence - 1)
        if month.session.scalar(before) != acta.previous_hash:
            findings.append((acta.number, "broken_chain"))
        if acta.public_key and not _genuine(month, acta):
            findings.append((acta.number, "bad_signature"))
    return len(closed), findings


def _genuine(month: Month, acta: Acta) -> bool:
    try:
        found = signatures.read(files.read(month.session, acta.file_id))
    except files.DamagedFile:
        return False
    return not found.problems and (found.hash, found.public_key) == (acta.hash, acta.public_key)
