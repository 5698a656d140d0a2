"""The inventory of whole countries as arrays, for the analyses: read once, then only what events changed since."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from threading import Lock
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Select, and_, case, func, select, true
from sqlalchemy.orm import Session, aliased

from services.territory import reference
from services.territory.models import CopyEnterprise, CopyLink, CopyMerged, CopyProfile, CopyTrade, EnterpriseChange
from services.territory.queries.figures import inside
from services.territory.rules.analysis.cells import UNKNOWN, Bools, Ints, added
from services.territory.rules.analysis.chain_map import Inventory
from services.territory.rules.analysis.leakage import ELSEWHERE, WHOLE
from services.territory.rules.analysis.splicing import Splice
from services.territory.rules.templates import ChainEdition, Supply, placed
from shared.bus.tables import event_cursor
from shared.events.vocabulary import CHAINS, LINKS, SUBJECTS
from shared.kernel import CURRENCIES
from shared.merged import standing_for

_KEPT = 4
_PATCHED = 2_000
"""So many changed enterprises are read faster by themselves than with all the others."""
_kept: OrderedDict[tuple[Any, ...], tuple["Mark", "Known"]] = OrderedDict()
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the copies of enterprises had come: the log of the registry that is followed, the number of changes."""

    log_id: UUID | None
    number: int


@dataclass(frozen=True, slots=True)
class Trades:
    """Who buys from whom: the row of the enterprise, whether the other one supplies it (or else buys from it), the row
    and the unit of the other one (-1: nobody knows; unit -2: in none of the units), and the share of all that the
    enterprise buys (or sells), -1 where nobody knows.
    """

    row: Ints
    supplies: Bools
    partner: Ints
    unit: Ints
    share: Ints


_NO_TRADES = Trades(*(np.zeros(0, dtype=bool if one.name == "supplies" else np.int64) for one in fields(Trades)))


@dataclass(frozen=True)
class Known:
    """What the copies know of the enterprises that count in some countries, as arrays of one row each.

    `units` are the official codes of their municipalities, by which `told.unit` numbers them; chains, links, subjects
    and currencies are numbered as the vocabulary has them. `chain_of_class`, `links_of_class`: it is the class of the
    activity that says so (`rules.templates.placed`).
    """

    units: tuple[str, ...]
    raw_ids: tuple[Any, ...]
    """As the driver of the database gives them."""
    told: Inventory
    activity: Ints
    """Which of the `classes` each is of."""
    classes: tuple[str, ...]
    chain_of_class: Bools
    links_of_class: Bools
    trades: Trades
    edition: ChainEdition

    def __len__(self) -> int:
        return len(self.raw_ids)

    @cached_property
    def ids(self) -> tuple[UUID, ...]:
        return tuple(one if isinstance(one, UUID) else UUID(one) for one in self.raw_ids)

    @cached_property
    def country(self) -> Ints:
        """The number of the country of each unit."""
        return np.unique([code[:2] for code in self.units], return_inverse=True)[1].astype(np.int64)

    def inside(self, units: Sequence[str]) -> Bools:
        """Which of `units` lie in one of these (countries, departments, municipalities): [U]."""
        return np.array([code.startswith(tuple(units)) for code in self.units], dtype=bool)

    def within(self, units: Sequence[str]) -> Bools:
        """Which rows do: [n]."""
        return np.asarray(self.inside(units)[self.told.unit])

    def selling(self, supply: Supply) -> Bools:
        """Which rows sell it, by their class or by where they stand: [n]."""
        of_class = np.array([code in supply.classes for code in self.classes], dtype=bool)
        found = np.asarray(of_class[self.activity])
        for chain, link in supply.places:
            found |= (self.told.chain == CHAINS.index(chain)) & self.told.at[:, LINKS.index(link)]
        return found


def known(session: Session, units: Sequence[str]) -> Known:
    """What the copies know of the whole countries that `units` lie in. It is kept in this process; what an event
    changed since is read by itself. A session that writes may yet take back what it sees: of that nothing is kept.
    """
    countries = tuple(sorted({unit[:2] for unit in units}))
    edition = reference.chain_edition()
    key = (str(session.get_bind().engine.url), countries, edition.valid_from)
    with _one_at_a_time:
        now = mark_of(session)
        mark, told = _kept.get(key, (None, None))
        if mark is None or told is None or mark.log_id != now.log_id or mark.number > now.number:
            told = read(session, countries, edition)
        elif mark.number < now.number:
            told = renewed(session, told, countries, since=mark.number)
        if not session.info.get("write"):
            _kept[key] = now, told
            _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
        return told


def mark_of(session: Session) -> Mark:
    """How far the copies of enterprises have come."""
    followed = select(event_cursor.c.log_id).where(event_cursor.c.source == "registry")
    return Mark(session.scalar(followed), session.scalar(select(func.max(EnterpriseChange.number))) or 0)


def read(session: Session, countries: Sequence[str], edition: ChainEdition) -> Known:
    """The same, read anew. Rows are taken as the driver gives them: of so many, each object would cost its time."""
    units = tuple(code for code in reference.municipalities() if code.startswith(tuple(countries)))
    told = _told(session, countries, units, edition)
    return replace(told, trades=_trades(session, _counted(countries), told.raw_ids, units))


def renewed(session: Session, told: Known, countries: Sequence[str], *, since: int) -> Known:
    """`told`, with what changed after the change numbered `since` read anew: what `read` says, without its cost."""
    ids = _changed(session, since)
    if len(ids) > _PATCHED:
        return read(session, countries, told.edition)
    few = _told(session, countries, told.units, told.edition, ids)
    splice = Splice.of(told.raw_ids, few.raw_ids, [_raw(session, one) for one in ids])
    whole = _spliced(splice, told, few)
    fresh = _trades(session, and_(_counted(countries), CopyEnterprise.id.in_(ids)), whole.raw_ids, told.units)
    kept = splice.standing(told.trades.row)
    row, partner = splice.moved(told.trades.row[kept]), splice.moved(told.trades.partner[kept])
    others = Trades(row, told.trades.supplies[kept], partner, told.trades.unit[kept], told.trades.share[kept])
    order = np.argsort(np.concatenate([others.row, fresh.row]), kind="stable")
    both = (np.concatenate([getattr(part, one.name) for part in (others, fresh)])[order] for one in fields(Trades))
    return replace(whole, trades=Trades(*both))


def _spliced(splice: Splice, told: Known, few: Known) -> Known:
    """The rows of both, without trades; classes are numbered anew, as `read` does."""
    columns = ((getattr(told.told, name), getattr(few.told, name)) for name in Inventory.__slots__)
    inventory = Inventory(*(splice.joined(*column) for column in columns))
    classes = sorted({*told.classes, *few.classes})
    place = {code: number for number, code in enumerate(classes)}
    activity = splice.joined(*(_ints(place[code] for code in one.classes)[one.activity] for one in (told, few)))
    used, activity = np.unique(activity, return_inverse=True)
    return Known(
        told.units,
        splice.ids,
        inventory,
        activity.astype(np.int64),
        tuple(classes[number] for number in used.tolist()),
        splice.joined(told.chain_of_class, few.chain_of_class),
        splice.joined(told.links_of_class, few.links_of_class),
        _NO_TRADES,
        told.edition,
    )


def _changed(session: Session, since: int) -> list[UUID]:
    """The enterprises that changed, and those that trade with one of them: where a partner stands is told with them."""
    ids = session.scalars(
        select(EnterpriseChange.enterprise_id).where(EnterpriseChange.number > since).limit(_PATCHED + 1)
    ).all()
    if len(ids) > _PATCHED:
        return list(ids)
    named = {*ids, *session.scalars(select(CopyMerged.absorbed_id).where(CopyMerged.root_id.in_(ids)))}
    trading = session.scalars(select(CopyTrade.enterprise_id).where(CopyTrade.partner_id.in_(named)))
    return list({*ids, *trading})


def _raw(session: Session, one: UUID) -> Any:
    """An id as the driver of the database gives it."""
    return one.hex if session.get_bind().dialect.name == "sqlite" else one


def _counted(countries: Sequence[str]) -> Any:
    return and_(CopyEnterprise.counted, inside(CopyEnterprise.municipality, countries))


def _told(
    session: Session,
    countries: Sequence[str],
    units: tuple[str, ...],
    edition: ChainEdition,
    ids: Sequence[UUID] | None = None,
) -> Known:
    """The enterprises (those of `ids` alone) without their trades."""
    number = {code: place for place, code in enumerate(units)}
    rows = [row for row in _rows(session, _enterprises(_counted(countries), ids)) if row[1] in number]
    raw_ids, places, chains, classes, *numbers = zip(*rows, strict=True) if rows else [()] * _WIDTH
    women, men, low, high, currency, links, *levels = (np.array(column, dtype=np.int64) for column in numbers)
    said = (links[:, None] >> np.arange(len(LINKS))) & 1 == 1
    activities = {code: place for place, code in enumerate(sorted(set(classes)))}
    activity = _ints(activities[code] for code in classes)
    chain, at, by_chain, by_link = _placed(chains, said, activity, tuple(activities), edition)
    unit = _ints(number[code] for code in places)
    told = Inventory(unit, chain, at, women, men, low, high, currency, np.column_stack(levels))
    return Known(units, raw_ids, told, activity, tuple(activities), by_chain, by_link, _NO_TRADES, edition)


_WIDTH = 10 + len(SUBJECTS)


def _enterprises(counted: Any, ids: Sequence[UUID] | None) -> Select[Any]:
    """Id, municipality, chain and class, then whole numbers: jobs, sales, currency, links as bits, levels."""
    table = CopyEnterprise
    bits = case({link: 1 << place for place, link in enumerate(LINKS)}, value=CopyLink.link, else_=0)
    these = true() if ids is None else CopyLink.enterprise_id.in_(ids)
    links = (
        select(CopyLink.enterprise_id, func.sum(bits).label("bits"))
        .where(these)
        .group_by(CopyLink.enterprise_id)
        .subquery()
    )
    currency = case({code: place for place, code in enumerate(CURRENCIES)}, value=table.sales_currency, else_=0)
    columns = (
        *(table.id, table.municipality, table.chain, table.activity, table.jobs_women, table.jobs_men),
        *(func.coalesce(column, UNKNOWN) for column in (table.sales_low_minor, table.sales_high_minor)),
        *(currency, func.coalesce(links.c.bits, 0)),
        *(func.coalesce(getattr(CopyProfile, subject), UNKNOWN) for subject in SUBJECTS),
    )
    counted = counted if ids is None else and_(counted, table.id.in_(ids))
    joined = select(*columns).outerjoin(CopyProfile, CopyProfile.enterprise_id == table.id)
    return joined.outerjoin(links, links.c.enterprise_id == table.id).where(counted).order_by(table.id)


def _rows(session: Session, statement: Select[*tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """The rows of a statement as the driver of the database gives them."""
    return session.connection().execute(statement).cursor.fetchall()


def _placed(
    chains: Iterable[str], said: Bools, activity: Ints, classes: Sequence[str], edition: ChainEdition
) -> tuple[Ints, Bools, Bools, Bools]:
    """Chain and links of each row, and whether the class says so: worked out once for each chain and class there is."""
    number = {chain: place for place, chain in enumerate(CHAINS)}
    declared = _ints(number.get(chain, number["other"]) for chain in chains)
    kinds, of_kind = np.unique(declared * max(len(classes), 1) + activity, return_inverse=True)
    silent: Bools = np.logical_not(np.any(said, axis=1))
    chain, by_chain = np.zeros(len(kinds), dtype=np.int64), np.zeros(len(kinds), dtype=bool)
    at = np.zeros((len(kinds), len(LINKS)), dtype=bool)
    for kind, code in enumerate(kinds.tolist()):
        of, place = divmod(code, len(classes))
        found = placed(CHAINS[of], (), classes[place], edition.classes)
        chain[kind], by_chain[kind] = number[found.chain], found.chain_of_class
        at[kind, [LINKS.index(link) for link in found.links]] = True
    of_class_alone: Bools = np.logical_and(at[of_kind], silent[:, None])
    alone: Bools = np.any(of_class_alone, axis=1)
    return chain[of_kind], said | of_class_alone, by_chain[of_kind], alone


def _trades(session: Session, counted: Any, raw_ids: Sequence[Any], units: Sequence[str]) -> Trades:
    """A partner stands where she is registered, wherever that is; shares of more than all there is are not known."""
    place_of = {one: row for row, one in enumerate(raw_ids)}
    number = {code: place for place, code in enumerate(units)}
    other, stands = aliased(CopyEnterprise), standing_for(CopyMerged, CopyTrade.partner_id)
    wanted = (
        select(
            CopyTrade.enterprise_id,
            CopyTrade.side,
            other.id,
            other.municipality,
            func.coalesce(CopyTrade.share, UNKNOWN),
        )
        .join(CopyEnterprise, CopyEnterprise.id == CopyTrade.enterprise_id)
        .outerjoin(other, and_(other.id == stands, other.counted))
        .where(counted)
        .order_by(CopyTrade.enterprise_id, CopyTrade.rank)
    )
    rows = [row for row in _rows(session, wanted) if row[0] in place_of]
    row = _ints(place_of[one[0]] for one in rows)
    supplies = np.array([one[1] == "supplier" for one in rows], dtype=bool)
    unit = _ints(UNKNOWN if one[2] is None else number.get(one[3], ELSEWHERE) for one in rows)
    share = _ints(one[4] for one in rows)
    both = row * 2 + supplies
    over = added(both, 2 * len(place_of), np.maximum(share, 0)) > WHOLE
    share = np.where(over[both], UNKNOWN, share) if rows else share
    return Trades(row, supplies, _ints(place_of.get(one[2], UNKNOWN) for one in rows), unit, share)


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
