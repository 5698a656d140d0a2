"""A form server sends one submission: it waits as a draft for somebody to look at it, and never is a record at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Draft, Enterprise, FormToken, HookAttempts, ImportRun, Submission
from services.registry.models.entrepreneur import fingerprint_of
from services.registry.models.intake import OVER
from services.registry.sealing import Sealer
from services.registry.use_cases.decide_import import print_of
from services.registry.use_cases.rows import write_history
from shared import attempts, history, places
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, Refused, clock
from shared.tokens import Unauthenticated


@dataclass(frozen=True, slots=True)
class Received:
    """What became of it: `waiting`, `same` as before, or `not_kept`; and the draft, where there is one."""

    outcome: str
    draft_id: UUID | None = None


def token_of(session: Session, text: str | None, address: str) -> FormToken:
    """The token whose secret text this is; refuses any other, one that was revoked, and to look at it at all where too
    many wrong ones came for its form or from its address.
    """
    if not text:
        raise Unauthenticated("hook.token_missing")
    if waiting := attempts.minutes_to_wait(session, HookAttempts, HookAttempts.keys(text, address), clock.now()):
        raise Refused("hook.too_many_wrong", minutes=waiting, retry_after=waiting * 60)
    claimed = FormToken.id_in(text)
    token = None if claimed is None else session.get(FormToken, claimed)
    if token is None or not token.proves(text):
        raise Unauthenticated("hook.token_wrong")
    if token.revoked_at is not None:
        raise Unauthenticated("hook.token_revoked")
    return token


def count_wrong_token(session: Session, text: str, address: str) -> None:
    """Count a token that was wrong.

    Unlike a password it is counted after it was looked at: no guess is ever right, and a right token that many
    technicians send with at the same moment must not wait.
    """
    now = clock.now()
    attempts.forget_old(session, HookAttempts, now)
    for one in attempts.held(session, HookAttempts, HookAttempts.keys(text, address), now):
        one.count(now)


def receive_submission(
    session: Session, sealer: Sealer, token_id: UUID, submission: Mapping[str, Any], content: bytes
) -> Received:
    """What became of a `submission` as read from `content`. Sent again it is the same; edited it takes the place of
    what it said before, and one that is in the registry already is a draft of its update.

    Of a woman who does not agree to the inventory nothing is kept; where her record is in it, that she says no is what
    waits; while she is being taken into it, her no is refused, and has to be sent again. Refuses what lies outside the
    token's territory, as it is told, waits or stands, and a place that is unknown.
    """
    token = session.get_one(FormToken, token_id, with_for_update=True, populate_existing=True)
    if token.revoked_at is not None:
        raise Unauthenticated("hook.token_revoked")
    token.use()
    identity = submission["identity"]
    found = select(Draft).where(Draft.identity == identity)
    draft = session.scalar(found.with_for_update().execution_options(populate_existing=True))
    # Asked before the record is: where its import is over, what it made is seen.
    entering = draft is not None and _is_entering(session, draft)
    known = session.get(Submission, identity)
    if (draft is not None and draft.state == "withdrawn") or (known is not None and known.withdrawn):
        return Received("not_kept")
    _require_own(session, token, draft, known)
    print_ = print_of(submission, sealer)
    if submission.get("refused") and known is None:
        return _say_no(session, token.caller, draft, entering=entering)
    if "facts" not in submission and not submission.get("refused"):
        raise Invalid("hook.consent_missing")
    municipality = _place(session, submission, known)
    _require_inside(token, municipality)
    if draft is not None and draft.fingerprint == print_ and not _was_undone(session, draft):
        return Received("same", draft.id)
    if (draft is None or draft.state != "waiting") and known is not None and known.fingerprint == print_:
        return Received("same")
    if draft is None:
        draft = Draft.of(identity)
        session.add(draft)
    draft.take(
        token,
        municipality=municipality,
        known=known is not None,
        print_=print_,
        document=_document(submission, sealer),
        sealed=sealer.seal(content, draft.id.bytes),
    )
    write_history(session, token.caller, draft, "receive")
    return Received("waiting", draft.id)


def _require_inside(token: FormToken, municipality: str) -> None:
    if not token.caller.scope.covers(municipality):
        raise Forbidden("hook.outside_territory", place=places.full_name(municipality))


def _require_own(session: Session, token: FormToken, draft: Draft | None, known: Submission | None) -> None:
    """Refuses to touch what waits, or stands, outside the token's territory."""
    if draft is not None:
        _require_inside(token, draft.municipality)
    if known is not None:
        _require_inside(token, session.get_one(Enterprise, known.enterprise_id).municipality)


def _say_no(session: Session, caller: Caller, draft: Draft | None, *, entering: bool) -> Received:
    """She does not agree, or not any more, and is in no record: what waited of her goes."""
    if entering:
        raise Refused("hook.being_taken_in")
    if draft is not None:
        write_history(session, caller, draft, "say-no")
        session.delete(draft)
    return Received("not_kept")


def _place(session: Session, submission: Mapping[str, Any], known: Submission | None) -> str:
    """Where it belongs: the municipality it names, or that of its record where it says only that she does not agree."""
    told = submission.get("facts", {}).get("municipality")
    if told is None and known is not None and "facts" not in submission:
        told = session.get_one(Enterprise, known.enterprise_id).municipality
    if told is None:
        raise Invalid("hook.municipality_unknown")
    return str(told)


def _document(submission: Mapping[str, Any], sealer: Sealer) -> str | None:
    """By which her withdrawal finds the draft."""
    facts = submission.get("facts")
    if not facts or not facts["id_number"]:
        return None
    return fingerprint_of(facts["id_kind"], facts["id_number"], sealer)


def _is_entering(session: Session, draft: Draft) -> bool:
    """Whether an import is about to take it in."""
    if draft.state != "accepted" or draft.import_id is None:
        return False
    return session.get_one(ImportRun, draft.import_id, populate_existing=True).state not in OVER


def _was_undone(session: Session, draft: Draft) -> bool:
    """Whether the import that took it in was undone: it may come again."""
    if draft.import_id is None:
        return False
    return session.get_one(ImportRun, draft.import_id).undone_at is not None


def create_token(session: Session, caller: Caller, *, form: str, units: list[str]) -> tuple[FormToken, str]:
    """A token for a form of the caller's territory (`units`, or all of hers where none is named), with the secret text
    that is shown once. Refuses a place that is none, and one outside her territory.
    """
    wanted = units or sorted(caller.scope.units)
    for at, unit in enumerate(wanted):
        if unit != "*" and unit not in places.names():
            raise Invalid("hook.unit_unknown", pointer=f"/units/{at}", value=unit)
        if not covers(caller, unit):
            raise Forbidden("permission.outside_scope", unit=unit)
    token, secret = FormToken.issue(caller, form, wanted)
    session.add(token)
    session.flush()
    after = {"form": form, "units": token.units}
    history.record(session, caller, subject=token.id, kind="form-token", action="create", after=after)
    return token, secret


def revoke_token(session: Session, caller: Caller, token_id: UUID) -> FormToken:
    """The token opens nothing from now on."""
    token = session.get(FormToken, token_id, with_for_update=True)
    if token is None or not all(covers(caller, unit) for unit in token.units):
        raise NotFound("hook.token_unknown")
    token.revoke(caller)
    history.record(session, caller, subject=token.id, kind="form-token", action="revoke")
    return token


def covers(caller: Caller, unit: str) -> bool:
    """Whether a unit of a token's territory lies in the caller's."""
    return "*" in caller.scope.units if unit == "*" else caller.scope.covers(unit)
