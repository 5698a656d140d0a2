"""How a record stood at one moment, column by column, so that it can stand so again."""

from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Date, LargeBinary, Uuid, inspect

from services.registry.models.enterprise import Enterprise
from services.registry.models.enterprise_parts import FormalStep, OfferedProduct, Tag, TradePartner
from services.registry.models.entity import Entity
from services.registry.models.entrepreneur import Entrepreneur
from shared.database import UtcDateTime
from shared.kernel import uuid7

P = TypeVar("P", bound=Entity)

_PLACE = ("municipality", "lon", "lat")
_SETTLED = ("derived_municipality", "place_state", "place_boundaries", "snapped_m")

# A version only ever rises, and when a row came and was last touched is no part of what it says.
# What an enterprise is found by follows from all of its owners, who are not all of this record: it is never kept.
_OF_ALL_OWNERS = frozenset({"search_text", "search_marks", "sort_name"})
_NOT_SAID = frozenset({"version", "created_at", "changed_at"})


def remember(row: Entity) -> dict[str, Any]:
    """What the columns of a row say, as plain JSON values; not its key."""
    return {name: plain(getattr(row, name)) for name in _columns(row)}


def recall(row: Entity, before: dict[str, Any]) -> None:
    """Have a row say what was remembered of it. A column that came since stays as it is."""
    for name, kind in _columns(row).items():
        if name in before:
            setattr(row, name, value_of(before[name], kind))


def remember_record(enterprise: Enterprise, woman: Entrepreneur) -> dict[str, Any]:
    """All of a record that an import may change."""
    return {
        "enterprise": {name: value for name, value in remember(enterprise).items() if name not in _OF_ALL_OWNERS},
        "tags": sorted([tag.kind, tag.code] for tag in enterprise.tags),
        "products": [remember(product) for product in enterprise.products],
        "partners": [remember(partner) for partner in enterprise.partners],
        "steps": {step.step: remember(step) for step in enterprise.steps},
        "woman": remember(woman),
        "consents": [str(consent.id) for consent in woman.consents],
    }


def recall_record(enterprise: Enterprise, woman: Entrepreneur, before: dict[str, Any]) -> None:
    """Have the record stand as it was remembered. Where its point did not move, the place stays as it was settled
    last: boundaries may have become better since.
    """
    settled = {name: getattr(enterprise, name) for name in _SETTLED}
    moved = any(getattr(enterprise, name) != before["enterprise"][name] for name in _PLACE)
    recall(enterprise, before["enterprise"] if moved else before["enterprise"] | settled)
    known = {(tag.kind, tag.code): tag for tag in enterprise.tags}
    wanted = [(kind, code) for kind, code in before["tags"]]
    enterprise.tags = [known.get(key) or Tag(kind=key[0], code=key[1]) for key in wanted]
    if [remember(product) for product in enterprise.products] != before["products"]:
        enterprise.products = [_part(OfferedProduct(id=uuid7()), values) for values in before["products"]]
    partners = before.get("partners")  # what was remembered before forms asked for them says nothing of them
    if partners is not None and [remember(partner) for partner in enterprise.partners] != partners:
        enterprise.partners = [_part(TradePartner(id=uuid7()), values) for values in partners]
    if "steps" in before:
        stood = {step.step: step for step in enterprise.steps}
        enterprise.steps = [
            _part(stood.get(name) or FormalStep(step=name), values) for name, values in before["steps"].items()
        ]
    recall(woman, before["woman"])
    woman.consents = [consent for consent in woman.consents if str(consent.id) in before["consents"]]


def _part(part: P, values: dict[str, Any]) -> P:
    recall(part, values)
    return part


def _columns(row: Entity) -> dict[str, Any]:
    mapper = inspect(row).mapper
    return {
        attribute.key: attribute.columns[0].type
        for attribute in mapper.column_attrs
        if attribute.key not in _NOT_SAID and not attribute.columns[0].primary_key
    }


def plain(value: Any) -> Any:
    """A value of a column as JSON has it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def value_of(written: Any, kind: Any) -> Any:
    """The value that was written so, for a column of this type."""
    if written is None:
        return None
    if isinstance(kind, LargeBinary):
        return bytes.fromhex(written)
    if isinstance(kind, Uuid):
        return UUID(written)
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(written)
    return date.fromisoformat(written) if isinstance(kind, Date) else written
