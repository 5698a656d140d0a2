"""Opening an account for a person."""

import re
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.portal import passwords
from services.portal.models import Account
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, clock, uuid7

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}")


def open_account(
    session: Session,
    caller: Caller,
    *,
    username: str,
    name: str,
    roles: Iterable[str],
    units: Iterable[str],
    centre: str = "",
    seat: str | None = None,
    language: str = "es",
    password: str | None = None,
) -> tuple[Account, str | None]:
    """The new account and, where no password is given, the temporary one to tell her (it is not kept)."""
    if not _USERNAME.fullmatch(username):
        raise Invalid("account.username_malformed", pointer="/username")
    if session.scalar(select(Account.id).where(Account.username == username)):
        raise Invalid("account.username_taken", pointer="/username", username=username)
    first, password_hash = passwords.temporary() if password is None else (None, _checked(password, username))
    account = Account(
        id=uuid7(),
        username=username,
        language=language,
        password_hash=password_hash,
        must_change_password=password is None,
        opened_at=clock.now(),
    )
    account.change(name=name, roles=roles, units=units, centre=centre, seat=seat, active=True)
    session.add(account)
    session.flush()
    history.record(
        session, caller, subject=account.id, kind="account", action="open", before=None, after=account.facts()
    )
    return account, first


def _checked(password: str, username: str) -> str:
    return passwords.hashed(password, username=username)
