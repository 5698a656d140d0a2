"""Somebody keeps a list of the inventory under a name, to see it again."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registry.models import Centre, SavedView
from services.registry.rules.visibility import COORDINATORS
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, Refused

MOST = 40
NEVER_KEPT = ("q", "ids")
"""Words that were searched for are names of women, and a list of records is of these women: neither is kept."""


def keep_view(
    session: Session,
    caller: Caller,
    view_id: UUID | None,
    version: int | None,
    *,
    name: str,
    filters: Mapping[str, str],
    centre_id: UUID | None,
) -> SavedView:
    """A new view of the caller's, or hers with this id changed; shared with a centre where `centre_id` says so.

    Refuses a name she has already, more than she can oversee, words and lists of records, sharing by who is not the
    coordinator of a centre, and the view of somebody else.
    """
    for field in NEVER_KEPT:
        if field in filters:
            raise Invalid("view.keeps_no_names", pointer="/query")
    mine = select(SavedView).where(SavedView.owner == caller.subject)
    if view_id is None and (session.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MOST:
        raise Refused("view.too_many", most=MOST)
    if session.scalar(mine.where(SavedView.name == name, SavedView.id != view_id)) is not None:
        raise Invalid("view.name_taken", pointer="/name", name=name)
    centre = None if centre_id is None else _to_share_with(session, caller, centre_id)
    if view_id is None:
        view = SavedView.keep(caller.subject, caller.name, name, dict(filters), centre)
        session.add(view)
    else:
        view = view_to_change(session, caller, view_id, version)
        view.change(name, dict(filters), centre)
    session.flush()
    return view


def drop_view(session: Session, caller: Caller, view_id: UUID, version: int | None) -> None:
    """Forget a view of the caller's."""
    session.delete(view_to_change(session, caller, view_id, version))


def view_to_change(session: Session, caller: Caller, view_id: UUID, version: int | None) -> SavedView:
    """The locked row; one of somebody else is changed by nobody but her, and not there where it is not shared."""
    view = session.get(SavedView, view_id, with_for_update={"of": SavedView}, populate_existing=True)
    if view is None or not sees(caller, view):
        raise NotFound("view.unknown")
    if view.owner != caller.subject:
        raise Forbidden("view.of_another", name=view.owner_name)
    view.require_version(version)
    return view


def sees(caller: Caller, view: SavedView) -> bool:
    """Her own, and those shared with a centre that works in her territory."""
    shared = view.centre is not None and any(caller.scope.covers(code) for code in view.centre.municipalities)
    return view.owner == caller.subject or shared


def _to_share_with(session: Session, caller: Caller, centre_id: UUID) -> Centre:
    if not caller.has(*COORDINATORS):
        raise Forbidden("view.shared_by_coordinator")
    centre = session.get(Centre, centre_id)
    if centre is None:
        raise Invalid("centre.not_there", pointer="/centre_id", value=str(centre_id))
    if not any(caller.scope.covers(code) for code in centre.municipalities):
        raise Forbidden("permission.outside_scope", unit=centre.country)
    return centre
