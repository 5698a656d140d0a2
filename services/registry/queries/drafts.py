"""Submissions that wait, and who may send them."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Draft, FormToken
from services.registry.use_cases.receive_submission import covers
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web.paging import Page, keyset_page

_LIST = (
    *labelled(Draft, "id"),
    *labelled(FormToken, "form"),
    *labelled(Draft, "municipality", "state", "known", "received_at", "changed_at", "decided_at", "decided_by_name"),
    *labelled(Draft, "reason", "import_id", "version"),
)


def list_drafts(session: Session, caller: Caller, *, state: str | None, limit: int, after: str | None) -> Page:
    """The submissions of the caller's territory, latest first; no names in it."""
    statement = select(*_LIST).join(FormToken, FormToken.id == Draft.token_id)
    statement = statement.where(caller.scope.condition(Draft.municipality))
    if state is not None:
        statement = statement.where(Draft.state == state)
    return keyset_page(session, statement, keys=[_LIST[0]], limit=limit, after=after, descending=True)


def show_draft(session: Session, caller: Caller, draft_id: UUID) -> tuple[Draft, dict[str, Any]]:
    """One of them with its row; refuses what lies outside the caller's territory."""
    draft = session.get(Draft, draft_id)
    if draft is None:
        raise NotFound("draft.unknown")
    caller.require_scope(draft.municipality)
    row = session.execute(select(*_LIST).join(FormToken, FormToken.id == Draft.token_id).where(Draft.id == draft_id))
    return draft, dict(row.mappings().one())


def list_tokens(session: Session, caller: Caller) -> list[FormToken]:
    """The tokens whose whole territory lies in the caller's, those in force first, latest first."""
    tokens = session.scalars(select(FormToken).order_by(FormToken.revoked_at.is_not(None), FormToken.id.desc())).all()
    return [token for token in tokens if all(covers(caller, unit) for unit in token.units)]
