"""What a person changes about her own account."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.portal import passwords
from services.portal.models import Account
from services.portal.use_cases.change_account import account_to_change
from services.portal.use_cases.sign_in import end_sessions
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid


def set_own_password(
    session: Session, caller: Caller, *, account_id: UUID, current: str, new: str, keep: str | None = None
) -> Account:
    """Her account with the new password, once she has proved the current one; every other session of hers ends
    (`keep` is the token of this one).
    """
    account = account_to_change(session, account_id)
    if current == new:
        raise Invalid("password.unchanged", pointer="/new")
    account.set_password(passwords.hashed(new, username=account.username, pointer="/new"), temporary=False)
    end_sessions(session, account_id=account.id, but=keep)
    session.flush()
    history.record(
        session, caller, subject=account.id, kind="account", action="change_password", before=None, after=None
    )
    return account


def prefer_language(session: Session, *, account_id: UUID, language: str) -> None:
    """Keep the language she reads in."""
    account_to_change(session, account_id).prefer(language)
