"""Reads of accounts, for lists and for other services."""

from collections.abc import Collection, Mapping
from typing import Any
from typing import cast as cast_type
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, false, func, or_, select
from sqlalchemy.orm import Session

from services.portal.models import Account
from shared.identity import EVERYWHERE, Scope
from shared.kernel import NotFound
from shared.web.paging import Page, keyset_page

_COLUMNS = (
    Account.id,
    Account.username,
    Account.name,
    Account.roles,
    Account.units,
    Account.centre,
    Account.seat,
    Account.language,
    Account.active,
    Account.must_change_password,
    Account.signed_in_at,
    Account.version,
)


def list_accounts(session: Session, *, filters: Mapping[str, Any], limit: int, after: str | None) -> Page:
    """Accounts by user name; filters `q` (in name, user name or centre), `role`, `active`."""
    statement = _accounts()
    if q := filters.get("q"):
        words = (Account.name, Account.username, Account.centre)
        statement = statement.where(or_(*(func.lower(word).contains(q.lower(), autoescape=True) for word in words)))
    if role := filters.get("role"):
        statement = statement.where(_carries(role))
    if filters.get("active") is not None:
        statement = statement.where(Account.active == filters["active"])
    return keyset_page(session, statement, keys=[Account.__table__.c.username], limit=limit, after=after)


def list_people(session: Session, *, scope: Scope, role: str | None, limit: int, after: str | None) -> Page:
    """People whose territory touches `scope`, by user name."""
    statement = _accounts().where(Account.active)
    if role:
        statement = statement.where(_carries(role))
    if EVERYWHERE not in scope.units:
        statement = statement.where(or_(false(), *(_touches(unit) for unit in sorted(scope.units))))
    return keyset_page(session, statement, keys=[Account.__table__.c.username], limit=limit, after=after)


def find_account(session: Session, account_id: UUID) -> Mapping[str, Any]:
    """One account as a row; refuses an unknown one."""
    row = session.execute(select(*_COLUMNS).where(Account.id == account_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("account.unknown")
    return dict(row)


def names_of(session: Session, subjects: Collection[str]) -> dict[str, str]:
    """The names behind account ids written as text; what is no account's id is left out."""
    ids = {_uuid(subject) for subject in subjects} - {None}
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    return {str(account_id): name for account_id, name in rows}


def count_accounts(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Account)) or 0


def _accounts() -> Select[Any]:
    return cast_type("Select[Any]", select(*_COLUMNS))


def _carries(role: str) -> ColumnElement[bool]:
    """The role stands in the JSON list of roles; role codes are plain words, so their quoted text is unambiguous."""
    return cast(Account.roles, String).contains(f'"{role}"', autoescape=True)


def _touches(unit: str) -> ColumnElement[bool]:
    """Her territory lies inside `unit`, or `unit` lies inside hers."""
    units = cast(Account.units, String)
    around = [unit[:length] for length in (2, 4, 6) if length <= len(unit)]
    holds = [units.contains(f'"{wider}"', autoescape=True) for wider in (EVERYWHERE, *around)]
    return or_(units.contains(f'"{unit}', autoescape=True), *holds)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
