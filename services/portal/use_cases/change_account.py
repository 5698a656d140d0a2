"""What an administrator changes about an account."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.portal import passwords
from services.portal.models import Account
from services.portal.use_cases.sign_in import end_sessions
from shared import history
from shared.identity import Caller
from shared.kernel import NotFound, Refused


def change_account(
    session: Session,
    caller: Caller,
    *,
    account_id: UUID,
    version: int | None,
    name: str,
    roles: Iterable[str],
    units: Iterable[str],
    centre: str,
    seat: str | None,
    active: bool,
) -> Account:
    """The account after the change; its sessions end when it is no longer active. Refuses to leave the house
    without an administrator.
    """
    account = account_to_change(session, account_id)
    account.require_version(version)
    before = account.facts()
    account.change(name=name, roles=roles, units=units, centre=centre, seat=seat, active=active)
    session.flush()
    _require_administrator(session)
    if not active:
        end_sessions(session, account_id=account.id)
    history.record(
        session, caller, subject=account.id, kind="account", action="change", before=before, after=account.facts()
    )
    return account


def reset_password(session: Session, caller: Caller, *, account_id: UUID) -> tuple[Account, str]:
    """The account and its new temporary password, to tell her; whoever was signed in with the old one is out."""
    account = account_to_change(session, account_id)
    first, password_hash = passwords.temporary()
    before = account.facts()
    account.set_password(password_hash, temporary=True)
    end_sessions(session, account_id=account.id)
    session.flush()
    history.record(
        session,
        caller,
        subject=account.id,
        kind="account",
        action="reset_password",
        before=before,
        after=account.facts(),
    )
    return account, first


def account_to_change(session: Session, account_id: UUID) -> Account:
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound("account.unknown")
    return account


def _require_administrator(session: Session) -> None:
    active = session.scalars(select(Account.roles).where(Account.active))
    if not any("admin" in roles for roles in active):
        raise Refused("account.last_administrator")
