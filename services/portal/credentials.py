"""Proving who somebody is, in three steps: count the attempt, compare the password, let her in."""

from sqlalchemy import select

from services.portal import passwords
from services.portal.models import Account
from services.portal.use_cases.change_own_account import set_own_password
from services.portal.use_cases.sign_in import count_attempt, forgive_attempts, open_session
from shared.database import Database
from shared.tokens import Unauthenticated


def normal(username: str) -> str:
    """A user name as it is kept, however she typed it."""
    return username.strip().casefold()


def prove(database: Database, *, username: str, password: str, address: str) -> Account:
    """The account with this user name and password. Raises the same `Unauthenticated` whatever was wrong, and
    `Refused("sign_in.throttled")` after too many attempts.

    The attempt is committed before the password is compared, so that attempts at the same moment count too, and the
    slow comparison happens outside any transaction.
    """
    username = normal(username)[:60]
    with database.transaction() as session:
        count_attempt(session, username=username, address=address)
    with database.reading() as session:
        account = session.scalar(select(Account).where(Account.username == username))
        session.expunge_all()
    right = passwords.matches(account.password_hash if account else None, password)
    if account is None or not right or not account.active:
        raise Unauthenticated("sign_in.refused")
    return account


def sign_in(database: Database, *, username: str, password: str, address: str) -> tuple[Account, str]:
    """The account and the token of its new session; refuses as `prove` does."""
    account = prove(database, username=username, password=password, address=address)
    with database.transaction() as session:
        token = open_session(session, account_id=account.id, username=account.username, address=address)
    return account, token


def change_password(
    database: Database, *, username: str, address: str, current: str, new: str, keep: str | None
) -> None:
    """Her new password in place of the current one, which she proves as at a sign-in; refuses as `prove` does."""
    account = prove(database, username=username, password=current, address=address)
    with database.transaction() as session:
        forgive_attempts(session, username=account.username, address=address)
        set_own_password(session, account.caller, account_id=account.id, current=current, new=new, keep=keep)


def prove_for_token(database: Database, *, username: str, password: str, address: str) -> Account:
    """The account of a script that asks for an API token; a temporary password must be changed first."""
    account = prove(database, username=username, password=password, address=address)
    if account.must_change_password:
        raise Unauthenticated("sign_in.change_password_first")
    with database.transaction() as session:
        forgive_attempts(session, username=account.username, address=address)
    return account
