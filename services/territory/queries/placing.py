"""Where enterprises stand when they are counted: what they say, and of whom says nothing what the class of her activity
tells (`rules.templates.placed`), as one rule in SQL for figures, maps, publications and reports.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    String,
    Subquery,
    and_,
    case,
    column,
    exists,
    literal,
    or_,
    select,
    union_all,
    values,
)

from services.territory import reference
from services.territory.models import CopyEnterprise, CopyLink
from services.territory.rules.templates import UNCLASSED

_E = CopyEnterprise


def chain_of() -> ColumnElement[str]:
    """The chain an enterprise is counted in."""
    told = [(_E.activity.in_(classes), literal(chain)) for chain, classes in _first_of_class().items()]
    return case((_E.chain != UNCLASSED, _E.chain), *told, else_=literal(UNCLASSED))


def in_chain(chain: str, one: Any = _E) -> ColumnElement[bool]:
    """Whether an enterprise (or `one`, an alias of it) is counted in a chain."""
    if chain == UNCLASSED:
        return and_(one.chain == UNCLASSED, one.activity.not_in(sorted(reference.chain_edition().classes)))
    classes = _first_of_class().get(chain, ())
    return or_(one.chain == chain, and_(one.chain == UNCLASSED, one.activity.in_(classes)))


def at_link(link: str) -> ColumnElement[bool]:
    """Whether an enterprise is counted at a link."""
    said = _E.id.in_(select(CopyLink.enterprise_id).where(CopyLink.link == link))
    by_class: dict[str, list[str]] = {}
    for activity, chain, one in _places():
        if one == link:
            by_class.setdefault(chain, []).append(activity)
    placed = [and_(in_chain(chain), _E.activity.in_(classes)) for chain, classes in by_class.items()]
    return or_(said, and_(_silent(), or_(*placed)))


def links_of(where: ColumnElement[bool]) -> Subquery:
    """Of the enterprises `where` holds, a row for each link at which one is counted: `enterprise_id`, `link`."""
    said = select(CopyLink.enterprise_id, CopyLink.link).join(_E, _E.id == CopyLink.enterprise_id).where(where)
    known = _class_places()
    of_class = and_(known.c.activity == _E.activity, known.c.chain == chain_of())
    placed = select(_E.id, known.c.link).join(known, of_class).where(where, _silent())
    return union_all(said, placed).subquery()


def of_class() -> ColumnElement[bool]:
    """Whether it is the class of her activity that says in which chain, or at which link of it, an enterprise is
    counted.
    """
    known = _class_places()
    found = exists().where(known.c.activity == _E.activity, known.c.chain == chain_of())
    return or_(and_(_E.chain == UNCLASSED, _E.activity.in_(sorted(reference.chain_edition().classes))),
               and_(_silent(), found))  # fmt: skip


def _silent() -> ColumnElement[bool]:
    """Whether she names no link."""
    return ~exists().where(CopyLink.enterprise_id == _E.id)


def _first_of_class() -> Mapping[str, Collection[str]]:
    """By chain, the classes of whom says no chain and is counted in it."""
    found: dict[str, list[str]] = {}
    for activity, known in sorted(reference.chain_edition().classes.items()):
        if known:
            found.setdefault(known[0][0], []).append(activity)
    return found


def _places() -> list[tuple[str, str, str]]:
    """Class, chain and link of every place that a class tells."""
    edition = reference.chain_edition().classes
    return [(activity, *place) for activity, known in sorted(edition.items()) for place in dict.fromkeys(known)]


def _class_places() -> CTE:
    columns: list[Any] = [column(name, String) for name in ("activity", "chain", "link")]
    return values(*columns, name="class_place", literal_binds=True).data(_places()).cte()
