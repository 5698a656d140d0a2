"""The gaps that were announced."""

from collections.abc import Sequence

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from services.territory.models import AnnouncedGap
from services.territory.queries.figures import inside
from services.territory.queries.views import selected
from shared.identity import Caller
from shared.web import Page, keyset_page

_COLUMNS = tuple(getattr(AnnouncedGap, name).label(name) for name in ("unit", "chain", "id", "gaps", "found_on"))


def list_gaps(session: Session, caller: Caller, units: Sequence[str] | None, *, limit: int, after: str | None) -> Page:
    """By municipality and chain; refuses units outside the caller's territory. Without those that have none left."""
    selection = selected(caller, units)
    statement = select(*_COLUMNS).where(
        inside(AnnouncedGap.unit, selection.units), cast(AnnouncedGap.gaps, String) != "[]"
    )
    return keyset_page(session, statement, keys=_COLUMNS[:2], limit=limit, after=after)
