"""How to reach the owners of enterprises, for who works with them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Enterprise, Entrepreneur, Owner
from services.registry.queries.filters import narrowed
from services.registry.queries.seeing import view_for
from shared.database import labelled
from shared.identity import Caller

_OWNER = labelled(Entrepreneur, "id", "given_names", "surnames", "phone", "other_phone")


def list_contacts(session: Session, caller: Caller, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Name, municipality, owners and their telephones, by name; only of the enterprises that are there for the caller
    in her territory.
    """
    shown = select(*labelled(Enterprise, "id", "name", "municipality", "sort_name"))
    statement = narrowed(session, shown, caller, view_for(caller), {"ids": list(ids)})
    found = [dict(row) for row in session.execute(statement).mappings()]
    owners: dict[UUID, list[dict[str, Any]]] = {row["id"]: [] for row in found}
    of = select(Owner.enterprise_id, *_OWNER).join(Entrepreneur, Entrepreneur.id == Owner.entrepreneur_id)
    for row in session.execute(
        of.where(Owner.enterprise_id.in_(owners), Entrepreneur.withdrawn_on.is_(None))
        .order_by(Owner.enterprise_id, Owner.rank)
    ).mappings():  # fmt: skip
        owners[row["enterprise_id"]].append(dict(row))
    return [row | {"owners": owners[row["id"]]} for row in sorted(found, key=lambda row: (row["sort_name"], row["id"]))]
