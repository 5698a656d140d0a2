"""Saved views as their readers see them."""

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.registry.models import SavedView
from services.registry.use_cases.keep_view import sees
from shared.identity import Caller
from shared.kernel import NotFound


def list_views(session: Session, caller: Caller) -> list[SavedView]:
    """The caller's own by name, then those that are shared with a centre of her territory."""
    hers = or_(SavedView.owner == caller.subject, SavedView.centre_id.is_not(None))
    found = [view for view in session.scalars(select(SavedView).where(hers)) if sees(caller, view)]
    return sorted(found, key=lambda view: (view.owner != caller.subject, view.name.casefold(), view.id))


def show_view(session: Session, caller: Caller, view_id: UUID) -> SavedView:
    """One view; one that is not hers and not shared with her is as unknown as none."""
    view = session.get(SavedView, view_id)
    if view is None or not sees(caller, view):
        raise NotFound("view.unknown")
    return view
