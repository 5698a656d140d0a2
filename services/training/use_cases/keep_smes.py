"""Small firms of the workshops are written down, put right, and forget whom they are reached by."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Sme
from services.training.models.smes import name_key
from services.training.queries.scope import check_units
from services.training.use_cases.finding import locked, recorder
from services.training.use_cases.show_evidence import erase_evidence
from shared import history
from shared.identity import Caller
from shared.kernel import Refused, uuid7

_SAID = ("unit", "name", "sector", "size", "employees", "women_employees", "women_owned_percent")
"""What the history tells: the firm, and no person."""


def write_sme(session: Session, caller: Caller, **facts: Any) -> Sme:
    """The firm; refuses a place that is unknown or not the caller's, and a firm that stands here already."""
    check_units([facts["unit"]], pointer="/unit")
    caller.require_scope(facts["unit"])
    _require_new(session, facts["unit"], facts["name"])
    return _written(session, caller, facts)


def sme_named(session: Session, caller: Caller, facts: Mapping[str, Any]) -> Sme:
    """The firm of this name in its country as it stands here, written down where it is new: who registers for it tells
    its facts, and changes nothing of a firm that others wrote down.
    """
    check_units([facts["unit"]], pointer="/sme/unit")
    known = _known(session, facts["unit"], facts["name"])
    return known or _written(session, caller, facts)


def change_sme(session: Session, caller: Caller, sme_id: UUID, *, version: int | None, **facts: Any) -> Sme:
    """The firm with other facts; refuses the name of another one."""
    sme = locked(session, Sme, sme_id, "sme.unknown", caller)
    sme.require_version(version)
    check_units([facts["unit"]], pointer="/unit")
    caller.require_scope(facts["unit"])
    _require_new(session, facts["unit"], facts["name"], besides=sme.id)
    before = {name: getattr(sme, name) for name in _SAID}
    sme.tell(**facts)
    session.flush()
    after = {name: getattr(sme, name) for name in _SAID}
    history.record(session, caller, subject=sme.id, kind="sme", action="change", before=before, after=after)
    return sme


def forget_contact(session: Session, caller: Caller, sme_id: UUID, *, version: int | None) -> Sme:
    """The firm without the person by whom it was reached, and without the papers and pictures that it showed: she may
    be on them.
    """
    sme = locked(session, Sme, sme_id, "sme.unknown", caller)
    sme.require_version(version)
    sme.forget_contact()
    erased = erase_evidence(session, sme.id)
    session.flush()
    history.record(session, caller, subject=sme.id, kind="sme", action="forget_contact", after={"files": erased})
    return sme


def _written(session: Session, caller: Caller, facts: Mapping[str, Any]) -> Sme:
    sme = Sme(id=uuid7(), **recorder(caller))
    sme.tell(**facts)
    session.add(sme)
    session.flush()
    said = {name: getattr(sme, name) for name in _SAID}
    history.record(session, caller, subject=sme.id, kind="sme", action="write", after=said)
    return sme


def _known(session: Session, unit: str, name: str) -> Sme | None:
    return session.scalar(select(Sme).where(Sme.country == unit[:2], Sme.name_key == name_key(name)))


def _require_new(session: Session, unit: str, name: str, *, besides: UUID | None = None) -> None:
    known = _known(session, unit, name)
    if known is not None and known.id != besides:
        raise Refused("sme.known_already")
