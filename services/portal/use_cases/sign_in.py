"""Signing in and out: attempts are counted before they are made, a session is known only by the hash of its token."""

import hashlib
import secrets
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Transaction

from services.portal.models import LONGEST, Account, Session, SignInAttempts
from shared import attempts
from shared.kernel import Refused, clock

SEEN_EVERY_SECONDS = 60


def count_attempt(session: Transaction, *, username: str, address: str) -> None:
    """Count one attempt, to be committed before the password is looked at; refuses when there were too many."""
    now = clock.now()
    kept = attempts.held(session, SignInAttempts, _keys(username, address), now)
    if waiting := max(one.waiting_minutes(now) for one in kept):
        raise Refused("sign_in.throttled", minutes=waiting)
    for one in kept:
        one.count(now)


def open_session(session: Transaction, *, account_id: UUID, username: str, address: str) -> str:
    """The secret token of a new session of someone who has proved who she is; her wrong attempts are forgotten."""
    now = clock.now()
    forgive_attempts(session, username=username, address=address)
    session.execute(delete(Session).where(Session.opened_at < now - LONGEST))
    attempts.forget_old(session, SignInAttempts, now)
    session.get_one(Account, account_id).signed_in(now)
    token = secrets.token_urlsafe(32)
    session.add(Session(token_hash=hash_of(token), account_id=account_id, opened_at=now, seen_at=now))
    return token


def forgive_attempts(session: Transaction, *, username: str, address: str) -> None:
    """Forget the wrong attempts of a user name. The address keeps its count, without this right one: it may be trying
    other names.
    """
    keys = _keys(username, address)
    here = session.get(SignInAttempts, keys.pop("address"), with_for_update=True)
    if here is not None:
        here.take_back()
    session.execute(delete(SignInAttempts).where(SignInAttempts.key.in_(keys.values())))


def renew_session(session: Transaction, *, token: str) -> None:
    """Note that the session is being used."""
    if (found := session.get(Session, hash_of(token))) is not None:
        found.seen(clock.now())


def sign_out(session: Transaction, *, token: str) -> None:
    session.execute(delete(Session).where(Session.token_hash == hash_of(token)))


def end_sessions(session: Transaction, *, account_id: UUID, but: str | None = None) -> None:
    """End every session of an account, `but` the one with this token."""
    statement = delete(Session).where(Session.account_id == account_id)
    if but is not None:
        statement = statement.where(Session.token_hash != hash_of(but))
    session.execute(statement)


def find_session(session: Transaction, token: str) -> tuple[Account, bool] | None:
    """The account behind a session token and whether the session should be renewed; None when it is no (longer a)
    session or the account is not active.
    """
    now = clock.now()
    found = session.execute(
        select(Session, Account)
        .join(Account, Account.id == Session.account_id)
        .where(Session.token_hash == hash_of(token))
    ).one_or_none()
    if found is None or not found[0].alive(now) or not found[1].active:
        return None
    return found[1], (now - found[0].seen_at).total_seconds() > SEEN_EVERY_SECONDS


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _keys(username: str, address: str) -> dict[str, str]:
    return attempts.keys_of("username", username, address)
