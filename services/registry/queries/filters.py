"""By what a list of the inventory is filtered: each filter by its name, its condition and who may use it.

A filter is a line here and a field of `FilterQuery` (`api/filter_schemas`); a test holds the two together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from services.registry.codes import activities, sales_bands
from services.registry.models import Accompaniment, Centre, CopyLoan, Covered, Enterprise, Tag
from services.registry.queries.finding import RARE, RARE_IN_ORDER, Part, marked, meets, searched
from services.registry.queries.seeing import shown_to
from services.registry.rules.activities import section_of
from services.registry.rules.searching import language_mark, people_mark
from services.registry.rules.visibility import PROJECT_READERS, View, view_of
from services.registry.sealing import Sealer
from shared import places
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Forbidden, Invalid

Rows: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Asking:
    """Who asks, and with what."""

    session: Session
    caller: Caller
    view: View
    sealer: Sealer | None = None


@dataclass(frozen=True)
class Filter:
    """`part` makes the condition of what was given; `may` says who knows the field."""

    part: Callable[[Asking, Any], Part]
    may: Callable[[Caller, View], bool] = lambda _caller, _view: True


def narrowed(
    session: Session,
    statement: Rows,
    caller: Caller,
    view: View,
    filters: Mapping[str, Any],
    *,
    sealer: Sealer | None = None,
) -> Rows:
    """The statement on enterprises with the conditions of all filters, within what the caller may see at all. Refuses a
    filter by a field, and an order by names, that she may not read.
    """
    require_readable(caller, view, filters)
    statement = statement.where(Enterprise.active, caller.scope.condition(Enterprise.municipality), *shown_to(view))
    statement = statement.where(Enterprise.consent_registry.is_(not filters.get("taken_back", False)))
    asking = Asking(session, caller, view, sealer)
    given = [(FILTERS[name], value) for name, value in filters.items() if name in FILTERS and value not in (None, [])]
    statement = statement.where(*meets(session, [one.part(asking, value) for one, value in given]))
    if typed := filters.get("q"):
        most = RARE if filters.get("sort", "recent") == "recent" else RARE_IN_ORDER
        statement = statement.where(*searched(session, view, sealer, typed, most=most))
    return statement


def require_readable(caller: Caller, view: View, filters: Mapping[str, Any]) -> None:
    """Refuses what filters or sorts by what this view does not show."""
    if not view.names and (filters.get("q") or str(filters.get("sort", "")).removeprefix("-") == "name"):
        raise Forbidden("permission.filter_not_yours")
    for name, value in filters.items():
        if name in FILTERS and value not in (None, []) and not FILTERS[name].may(caller, view):
            raise Forbidden("permission.filter_unread", filter=name)


def usable(caller: Caller) -> frozenset[str]:
    """The names of the filters that the caller may use."""
    view = view_of(caller.roles) or View()
    return frozenset(name for name, one in FILTERS.items() if one.may(caller, view))


def _any_of(column: Any) -> Callable[[Asking, Any], Part]:
    return lambda _asking, values: Part(column.in_(values))


def _is(column: Any) -> Callable[[Asking, Any], Part]:
    return lambda _asking, value: Part(column.is_(value))


def _from(column: Any) -> Callable[[Asking, Any], Part]:
    return lambda _asking, value: Part(column >= value)


def _to(column: Any) -> Callable[[Asking, Any], Part]:
    return lambda _asking, value: Part(column <= value)


def _tagged(kind: str) -> Callable[[Asking, Any], Part]:
    def part(_asking: Asking, codes: Sequence[str]) -> Part:
        told = and_(Tag.kind == kind, Tag.code.in_(codes))
        return Part(exists().where(Tag.enterprise_id == Enterprise.id, told), select(Tag.enterprise_id).where(told))

    return part


def _placed(_asking: Asking, codes: Sequence[str]) -> Part:
    for code in codes:
        if code not in places.names():
            raise Invalid("municipality.unknown", pointer="/municipality", value=code)
    column = Enterprise.municipality
    exact = [code for code in codes if code in places.municipalities()]
    wide = [column.between(code, code + "9999") for code in codes if code not in exact]
    return Part(or_(column.in_(exact), *wide) if exact else or_(*wide))


def _divided(_asking: Asking, divisions: Sequence[str]) -> Part:
    districts: list[str] = []
    for division in divisions:
        mine = places.districts_of(division)
        if not mine:
            raise Invalid("division.unknown", pointer="/division_2024", value=division)
        districts += mine
    return Part(Enterprise.municipality.in_(districts))


def _of_centres(asking: Asking, ids: Sequence[UUID]) -> Part:
    """What the centres cover; that of nobody's territory is as unknown as what is none."""
    known = set(asking.session.scalars(select(Centre.id).where(Centre.id.in_(ids))))
    if unknown := [one for one in ids if one not in known]:
        raise Invalid("centre.not_there", pointer="/centre", value=str(unknown[0]))
    covered = asking.session.scalars(select(Covered.municipality).where(Covered.centre_id.in_(ids)))
    return Part(Enterprise.municipality.in_(sorted(set(covered))))


def _active_in(_asking: Asking, codes: Sequence[str]) -> Part:
    """A section of CIIU is all of its classes too."""
    for code in codes:
        if code not in activities():
            raise Invalid("activity.unknown", pointer="/activity", value=code)
    meant = {known for known in activities() for code in codes if known == code or section_of(known) == code}
    return Part(Enterprise.activity.in_(sorted(meant)))


def _selling(_asking: Asking, codes: Sequence[str]) -> Part:
    """The band in which the sales lie where they are known, otherwise the band that was named."""
    known = []
    for band in sales_bands():
        if band.code in codes:
            bounds = [Enterprise.sales_minor > band.above.minor] if band.above is not None else []
            bounds += [Enterprise.sales_minor <= band.up_to.minor] if band.up_to is not None else []
            known.append(and_(Enterprise.currency == band.currency, *bounds))
    named = and_(Enterprise.sales_minor.is_(None), Enterprise.sales_band.in_(codes))
    return Part(or_(named, and_(Enterprise.sales_minor.is_not(None), or_(false(), *known))))


def _borrowing(_asking: Asking, states: Sequence[str]) -> Part:
    def loan(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists().where(CopyLoan.enterprise_id == Enterprise.id, CopyLoan.disbursed_on.is_not(None), *conditions)

    meant = {
        "none": ~loan(),
        "open": loan(CopyLoan.settled_on.is_(None)),
        "settled": loan(CopyLoan.settled_on.is_not(None)),
    }
    return Part(or_(*(meant[state] for state in states)))


def _accompanied(_asking: Asking, states: Sequence[str]) -> Part:
    def stands(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists().where(Accompaniment.enterprise_id == Enterprise.id, *conditions)

    meant = {
        "none": ~stands(),
        "open": stands(Accompaniment.closed_on.is_(None)),
        "closed": stands(Accompaniment.closed_on.is_not(None)),
    }
    return Part(or_(*(meant[state] for state in states)))


def _led_by(asking: Asking, technician: str) -> Part:
    """Whose open accompaniments: `me`, `nobody`, or the subject of an account."""
    who = asking.caller.subject if technician == "me" else technician
    whose = Accompaniment.technician.is_(None) if technician == "nobody" else Accompaniment.technician == who
    open_ = and_(Accompaniment.closed_on.is_(None), whose)
    ids = select(Accompaniment.enterprise_id).where(open_)
    return Part(exists().where(Accompaniment.enterprise_id == Enterprise.id, open_), ids)


def _changed(_asking: Asking, day: Any) -> Part:
    begins = datetime.combine(day, time(), LOCAL_TIME).astimezone(UTC)
    return Part(Enterprise.changed_at >= begins)


def _located(_asking: Asking, value: bool) -> Part:
    return Part(Enterprise.lon.is_not(None) if value else Enterprise.lon.is_(None))


def _people(_asking: Asking, peoples: Sequence[str]) -> Part:
    return marked([people_mark(people) for people in peoples])


def _speaking(_asking: Asking, languages: Sequence[str]) -> Part:
    return marked([language_mark(language) for language in languages])


def _knows_projects(caller: Caller, _view: View) -> bool:
    return caller.has(*PROJECT_READERS)


_JOBS = Enterprise.jobs_women + Enterprise.jobs_men

FILTERS: Mapping[str, Filter] = {
    "municipality": Filter(_placed),
    "division_2024": Filter(_divided),
    "centre": Filter(_of_centres),
    "chain": Filter(_any_of(Enterprise.chain)),
    "activity": Filter(_active_in),
    "link": Filter(_tagged("link")),
    "need": Filter(_tagged("need")),
    "market": Filter(_tagged("market")),
    "place_state": Filter(_any_of(Enterprise.place_state)),
    "validation": Filter(_any_of(Enterprise.validation)),
    "tier": Filter(_any_of(Enterprise.tier)),
    "ownership": Filter(_any_of(Enterprise.ownership)),
    "site": Filter(_any_of(Enterprise.site)),
    "formal": Filter(_is(Enterprise.formal)),
    "located": Filter(_located),
    "consent_map": Filter(_is(Enterprise.consent_map)),
    "consent_credit": Filter(_is(Enterprise.consent_credit)),
    "people": Filter(_people, lambda _, view: view.circumstances),
    "language": Filter(_speaking, lambda _, view: view.contact),
    "started_from": Filter(_from(Enterprise.started_year)),
    "started_to": Filter(_to(Enterprise.started_year)),
    "jobs_from": Filter(_from(_JOBS)),
    "jobs_to": Filter(_to(_JOBS)),
    "sales_band": Filter(_selling, lambda _, view: view.sales),
    "loan": Filter(_borrowing, lambda _, view: view.loans),
    "accompaniment": Filter(_accompanied, _knows_projects),
    "technician": Filter(_led_by, _knows_projects),
    "recorded_from": Filter(_from(Enterprise.recorded_on)),
    "recorded_to": Filter(_to(Enterprise.recorded_on)),
    "changed_since": Filter(_changed),
    "ids": Filter(_any_of(Enterprise.id)),
}
