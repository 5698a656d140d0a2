"""The queue of pairs that may be one woman, and what was merged."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from services.registry.models import (
    DuplicateMerge,
    DuplicatePair,
    DuplicateScan,
    Enterprise,
    Entrepreneur,
    Owner,
)
from services.registry.rules import merging
from services.registry.rules.inventory import PURPOSES, Person, Profile
from services.registry.rules.merging import OF_A_WOMAN, OF_AN_ENTERPRISE, Standing
from services.registry.rules.visibility import COORDINATORS
from services.registry.sealing import Sealer
from services.registry.use_cases import find_duplicates, merge_certain
from services.registry.use_cases.merge_records import standing_of
from services.registry.use_cases.undo_merge import find_merge, hindrances
from shared import jobs, places
from shared.database import labelled
from shared.identity import Caller
from shared.jobs import job_table
from shared.kernel import Forbidden, NotFound
from shared.web.paging import Page, keyset_page

_One, _Other = aliased(Entrepreneur), aliased(Entrepreneur)
_PAIR = (
    *labelled(DuplicatePair, "points", "id", "version", "decision", "state", "one_municipality", "other_municipality"),
    *labelled(DuplicatePair, "found_at", "decided_by_name", "decided_at", "because"),
)
_WOMEN = (
    _One.id.label("one_id"),
    _One.given_names.label("one_given_names"),
    _One.surnames.label("one_surnames"),
    _Other.id.label("other_id"),
    _Other.given_names.label("other_given_names"),
    _Other.surnames.label("other_surnames"),
)
_MERGE = (
    *labelled(DuplicateMerge, "id", "version", "pair_id", "survivor_id", "absorbed_id", "enterprises"),
    *labelled(
        DuplicateMerge, "municipalities", "automatic", "merged_by_name", "merged_at", "undone_at", "undone_by_name"
    ),
)


def list_pairs(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The pairs of the caller's territory, those with the most points first."""
    statement = (
        select(*_PAIR, *_WOMEN)
        .join(_One, _One.id == DuplicatePair.one_id)
        .join(_Other, _Other.id == DuplicatePair.other_id)
        .where(visible(caller), DuplicatePair.state == filters.get("state", "open"))
    )
    if decision := filters.get("decision"):
        statement = statement.where(DuplicatePair.decision == decision)
    if place := filters.get("municipality"):
        sides = (DuplicatePair.one_municipality, DuplicatePair.other_municipality)
        statement = statement.where(or_(*(side.startswith(place, autoescape=True) for side in sides)))
    page = keyset_page(session, statement, keys=_PAIR[:2], limit=limit, after=after, descending=True)
    businesses = _businesses(session, caller, [row[f"{side}_id"] for row in page.rows for side in ("one", "other")])
    return Page([_row(row, businesses) for row in page.rows], page.next)


def count_pairs(session: Session, caller: Caller) -> dict[str, int]:
    """How many pairs wait in the caller's territory, and how many of them are certain."""
    counted = select(
        func.count().label("open"), func.count().filter(DuplicatePair.decision == "same").label("certain")
    ).where(visible(caller), DuplicatePair.state == "open")
    row = session.execute(counted).one()
    return {"open": row[0], "certain": row[1]}


def last_search(session: Session) -> dict[str, Any]:
    """The last search, and whether one is under way or asked for."""
    last = session.scalar(
        select(DuplicateScan).where(DuplicateScan.state == "done").order_by(DuplicateScan.id.desc()).limit(1)
    )
    names = ("finished_at", "started_by_name", "thorough", "records", "compared", "uncompared", "left_out")
    told = {name: None if last is None else getattr(last, name) for name in names}
    kinds = (find_duplicates.KIND, merge_certain.KIND)
    under_way = select(job_table.c.kind, job_table.c.done, job_table.c.total).where(
        job_table.c.kind.in_(kinds), job_table.c.state.in_(jobs.OPEN)
    )
    working = {row.kind: {"done": row.done, "total": row.total} for row in session.execute(under_way)}
    return told | {"searching": working.get(kinds[0]), "merging": working.get(kinds[1])}


def show_pair(session: Session, caller: Caller, sealer: Sealer, pair_id: UUID) -> dict[str, Any]:
    """A pair with both records side by side, what would be taken of each, and why they may be one."""
    pair = session.get(DuplicatePair, pair_id)
    if pair is None:
        raise NotFound("duplicate.unknown")
    sides = (pair.one_municipality, pair.other_municipality)
    inside = [
        caller.scope.covers(side) and not _moved_away(session, caller, woman)
        for side, woman in zip(sides, pair.women, strict=True)
    ]
    if not (all(inside) or (any(inside) and caller.has("network_coordinator"))):
        raise Forbidden("permission.outside_scope", unit=sides[inside.index(False)])
    merged = select(DuplicateMerge.id).where(DuplicateMerge.pair_id == pair.id, DuplicateMerge.undone_at.is_(None))
    women = [session.get_one(Entrepreneur, woman) for woman in pair.women]
    names = ("id", "version", "points", "decision", "state", "reasons", "found_at")
    decided = ("decided_by_name", "decided_at", "because")
    return {
        **{name: getattr(pair, name) for name in (*names, *decided)},
        "one": _woman(session, caller, women[0], pair.one_municipality),
        "other": _woman(session, caller, women[1], pair.other_municipality),
        "merge_id": session.scalar(merged),
        "may_merge": pair.state == "open" and all(inside) and caller.has(*COORDINATORS),
        **_side_by_side(session, caller, sealer, pair, women),
    }


def show_merge(session: Session, caller: Caller, sealer: Sealer, merge_id: UUID) -> dict[str, Any]:
    """A merge, and why it cannot be undone where it cannot."""
    merge = find_merge(session, caller, merge_id)
    row = session.execute(select(*_MERGE).where(DuplicateMerge.id == merge.id)).mappings().one()
    found = _merge(session, caller, dict(row))
    return found | {"hindrance": next(hindrances(session, sealer, merge), None)}


def list_merges(session: Session, caller: Caller, *, limit: int, after: str | None) -> Page:
    """What was merged in the caller's territory, latest first."""
    everywhere = select(DuplicateMerge.municipalities).distinct()
    mine = [some for some in session.scalars(everywhere) if all(caller.scope.covers(one) for one in some)]
    statement = select(*_MERGE).where(or_(false(), *(DuplicateMerge.municipalities == some for some in mine)))
    page = keyset_page(session, statement, keys=[_MERGE[0]], limit=limit, after=after, descending=True)
    return Page([_merge(session, caller, row) for row in page.rows], page.next)


def visible(caller: Caller) -> ColumnElement[bool]:
    """Whether a pair is there for the caller: both records lie in her territory; for who coordinates the network, one
    is enough.
    """
    one, other = (
        caller.scope.condition(side) for side in (DuplicatePair.one_municipality, DuplicatePair.other_municipality)
    )
    return one | other if caller.has("network_coordinator") else one & other


def _row(row: Mapping[str, Any], businesses: Mapping[UUID, list[str]]) -> dict[str, Any]:
    told: dict[str, Any] = {name.key: row[name.key] for name in _PAIR}
    for side in ("one", "other"):
        woman = {name: row[f"{side}_{name}"] for name in ("id", "given_names", "surnames", "municipality")}
        place = places.full_name(woman["municipality"])
        told[side] = woman | {"municipality_name": place, "enterprises": businesses.get(woman["id"], [])}
    return told


def _moved_away(session: Session, caller: Caller, woman: UUID) -> bool:
    """Whether all of her records lie outside the caller's territory by now, wherever they lay when she was compared."""
    owned = select(Owner.enterprise_id).where(Owner.entrepreneur_id == woman)
    places_of_hers = session.scalars(select(Enterprise.municipality).where(Enterprise.id.in_(owned), Enterprise.active))
    found = places_of_hers.all()
    return bool(found) and not any(caller.scope.covers(place) for place in found)


def _businesses(session: Session, caller: Caller, women: Iterable[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    rows = session.execute(
        select(Owner.entrepreneur_id, Enterprise.name)
        .join(Enterprise, Enterprise.id == Owner.enterprise_id)
        .where(Owner.entrepreneur_id.in_(list(women)), Enterprise.active)
        .where(caller.scope.condition(Enterprise.municipality))
        .order_by(Owner.entrepreneur_id, Enterprise.id)
    )
    for woman, name in rows:
        found.setdefault(woman, []).append(name)
    return found


def _woman(session: Session, caller: Caller, woman: Entrepreneur, municipality: str) -> dict[str, Any]:
    return {
        "id": woman.id,
        "version": woman.version,
        "given_names": woman.given_names,
        "surnames": woman.surnames,
        "municipality": municipality,
        "municipality_name": places.full_name(municipality),
        "merged_into": woman.merged_into,
        "enterprises": [
            {
                "id": one.id,
                "name": one.name,
                "municipality": one.municipality,
                "municipality_name": places.full_name(one.municipality),
                "validation": one.validation,
                "owners": len(one.owners),
                "changed_at": one.changed_at,
            }
            for one in _enterprises(session, caller, woman.id)
        ],
    }


def _enterprises(session: Session, caller: Caller, woman: UUID) -> Sequence[Enterprise]:
    """Her enterprises in the caller's territory; what she has elsewhere is for those who work there."""
    owned = select(Owner.enterprise_id).where(Owner.entrepreneur_id == woman)
    counted = (Enterprise.active, Enterprise.consent_registry, caller.scope.condition(Enterprise.municipality))
    return session.scalars(select(Enterprise).where(Enterprise.id.in_(owned), *counted).order_by(Enterprise.id)).all()


def _side_by_side(
    session: Session, caller: Caller, sealer: Sealer, pair: DuplicatePair, women: Sequence[Entrepreneur]
) -> dict[str, Any]:
    """What differs, field by field; nothing where one of them is not in the inventory any more."""
    one, other = women
    ones, others = (_enterprises(session, caller, woman.id) for woman in women)
    if pair.state == "merged" or not ones or not others:
        return {"preferred": None, "said": [], "answers": [], "comparisons": []}
    preferred = merging.better(standing_of(ones), standing_of(others))
    return {
        "preferred": preferred,
        "said": _fields(OF_A_WOMAN, one.person(sealer), other.person(sealer), preferred),
        "answers": [
            {"purpose": purpose, "one": _answer(one, purpose), "other": _answer(other, purpose)}
            for purpose in PURPOSES
            if one.last_answer(purpose) or other.last_answer(purpose)
        ],
        "comparisons": [_comparison(mine, theirs) for mine in ones for theirs in others if mine is not theirs],
    }


def _answer(woman: Entrepreneur, purpose: str) -> bool | None:
    last = woman.last_answer(purpose)
    return None if last is None else last.granted


def _comparison(one: Enterprise, other: Enterprise) -> dict[str, Any]:
    preferred = merging.better(Standing(one.validation, one.changed_at), Standing(other.validation, other.changed_at))
    differing = _fields(OF_AN_ENTERPRISE, one.profile(), other.profile(), preferred)
    steps = {"one": {"steps": dict(one.states)}, "other": {"steps": dict(other.states)}}
    if one.states != other.states:
        differing.append({"field": "formalization", **steps, "suggested": merging.BOTH})
    return {
        "one_id": one.id,
        "other_id": other.id,
        "preferred": preferred,
        "alike": merge_certain.are_one(one, other),
        "said": differing,
    }


def _fields(
    of: Mapping[str, tuple[str, ...]], one: Person | Profile, other: Person | Profile, preferred: str
) -> list[dict[str, Any]]:
    """All fields that either record knows, those in which they differ with the side that would be taken."""
    sides = merging.suggested(of, one, other, preferred)
    mine, theirs = one.to_json(), other.to_json()
    told = []
    for name, parts in of.items():
        values = [{part: side.get(part) for part in parts} for side in (mine, theirs)]
        if any(value not in (None, "", [], {}) for side in values for value in side.values()):
            told.append({"field": name, "one": values[0], "other": values[1], "suggested": sides.get(name)})
    return told


def _merge(session: Session, caller: Caller, row: dict[str, Any]) -> dict[str, Any]:
    survivor = session.get_one(Entrepreneur, row["survivor_id"])
    businesses = _businesses(session, caller, [survivor.id])
    return row | {
        "survivor": f"{survivor.given_names} {survivor.surnames}".strip(),
        "enterprises_merged": len(row["enterprises"]),
        "enterprises": businesses.get(survivor.id, []),
        "municipality_names": [places.full_name(code) for code in row["municipalities"]],
    }
