"""What an own table may be made of: what publications hold, crossed as they cross it, and how that may be drawn."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.territory.rules.doubles import Key
from shared.events.vocabulary import CHAINS, LINKS, NEEDS, VALIDATION_STATES
from shared.kernel import CURRENCIES, Invalid

PLACE, MONTH, YEAR = "place", "month", "year"
TIMES = (MONTH, YEAR)
DEPARTMENT = 4
"""How long a department's code is."""
ENTRIES: Mapping[str, tuple[str, ...]] = {
    "chain": CHAINS,
    "link": LINKS,
    "need": NEEDS,
    "validation": VALIDATION_STATES,
    "formal": ("yes", "no"),
    "home": ("yes", "no"),
    "training": ("in", "out"),
    "outcome": ("waiting", "approved", "refused", "deferred", "withdrawn"),
    "loan_state": ("open", "settled"),
}
"""What divides the tables of a publication, and its entries in the order of keys."""
AXES = (PLACE, *TIMES, *ENTRIES)
OVERLAPPING = ("link", "need")
"""An enterprise may stand in several of their entries."""
NUMBER, WOMEN, AMOUNT = "number", "women", "amount"


@dataclass(frozen=True)
class Measure:
    """What is counted: the key of the whole, the sets of divisions that publications cross, and what of a count is
    told; `head` begins the keys of divided ones, where it is not the division itself.
    """

    whole: Key
    crossed: tuple[frozenset[str], ...] = (frozenset(),)
    tells: str = NUMBER
    head: Key = ()


def _crossed(*tables: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    return (frozenset(), *map(frozenset, tables))


_OF_ENTERPRISES = _crossed(
    ("chain",), ("link",), ("need",), ("validation",), ("formal",), ("home",), ("training",), ("chain", "link")
)
MEASURES: Mapping[str, Measure] = {
    "enterprises": Measure(("all",), _OF_ENTERPRISES),
    "women": Measure(("all",), _OF_ENTERPRISES, WOMEN),
    "men": Measure(("men",)),
    "applications": Measure(("applications",), _crossed(("outcome",)), head=("applications",)),
    "loans": Measure(("loans",), _crossed(("loan_state",)), head=("loans",)),
    "paid_out": Measure(("loans",), tells=AMOUNT),
    "owed": Measure(("loans", "open"), tells=AMOUNT),
    "accompaniments": Measure(("accompaniments",)),
    "groups": Measure(("groups",)),
}
COUNT, SHARE = "count", "share"
RATES: Mapping[str, tuple[str, str]] = {
    "women": ("population", "women"),
    "households": ("households", "all"),
    "establishments": ("establishments", "all"),
}
"""What a figure may be divided by, per thousand: the indicator and the sex."""
PER = (COUNT, SHARE, *RATES)
TABLE, BARS, STACKED, LINES, DOTS = "table", "bars", "stacked", "lines", "dots"
CHARTS = (TABLE, BARS, STACKED, DOTS, LINES)


@dataclass(frozen=True)
class Offer:
    """What may still be chosen, given what was."""

    rows: tuple[str, ...]
    columns: tuple[str | None, ...]
    only: tuple[str, ...]
    per: tuple[str, ...]
    charts: tuple[str, ...]
    currencies: tuple[str, ...]
    levels: bool
    """Whether places may be shown by another level."""
    several: bool
    """Whether several places, or a whole country, may be chosen."""


@dataclass(frozen=True)
class Definition:
    """A table of somebody's own: what is counted, in which rows and columns, of which places, of which entries `only`,
    as what (`per`), and how it is drawn.
    """

    measure: str
    rows: str
    units: tuple[str, ...]
    columns: str | None = None
    level: str | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    per: str = COUNT
    currency: str | None = None
    chart: str = TABLE

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Definition":
        """Of what somebody chose, or of what was stored; refuses what no publication holds and what cannot be drawn."""
        simple = {name: told[name] for name in ("measure", "rows", "columns", "level", "per", "currency", "chart")
                  if told.get(name) is not None}  # fmt: skip
        only = {name: told[name] for name in ENTRIES if told.get(name) is not None}
        units = told.get("units") or ()
        made = cls(**{"measure": "", "rows": ""} | simple, units=tuple(units), only=only)
        if not isinstance(units, list | tuple) or not _is_text(made.units, only.values(), simple.values()):
            raise Invalid("own_table.not_published", pointer="/rows")
        made.check()
        return made

    def told(self) -> dict[str, Any]:
        """As `of` takes it."""
        names = ("measure", "rows", "columns", "level", "per", "currency", "chart")
        chosen = {name: value for name in names if (value := getattr(self, name)) is not None}
        return chosen | {"units": list(self.units)} | dict(self.only)

    @property
    def axes(self) -> tuple[str, ...]:
        return (self.rows, self.columns) if self.columns else (self.rows,)

    @property
    def time(self) -> str | None:
        """`month` or `year`, where publications stand beside each other."""
        return next((axis for axis in self.axes if axis in TIMES), None)

    def check(self) -> None:
        """Refuse what is not offered."""
        if self.measure not in MEASURES:
            raise Invalid("own_table.not_published", pointer="/measure")
        offer = offered(self.measure, self.rows, self.columns, self.only)
        for name, code in self.only.items():
            if name not in offer.only or code not in ENTRIES[name]:
                raise Invalid("own_table.not_published", pointer=f"/{name}")
        one_place = len(self.units) == 1 and len(self.units[0]) >= DEPARTMENT
        for fits, code, pointer in (
            (self.rows in offer.rows, "own_table.not_published", "/rows"),
            (self.columns in offer.columns, "own_table.not_published", "/columns"),
            (self.units if offer.several else one_place, "own_table.one_place", "/units"),
            (self.level is None or offer.levels, "own_table.no_level", "/level"),
            (self.per in offer.per, "own_table.not_as_that", "/per"),
            (self.currency in (offer.currencies or (None,)), "own_table.currency", "/currency"),
            (self.chart in offer.charts, "own_table.not_drawn_so", "/chart"),
        ):
            if not fits:
                raise Invalid(code, pointer=pointer)

    def key(self, unit: str, entries: Mapping[str, str]) -> Key:
        """Where a publication has the figure of a unit and of these entries besides those it is restricted to."""
        return key_of(self.measure, unit, {**self.only, **entries})

    def tables(self) -> frozenset[str]:
        """The tables of a publication in which its figures and their wholes stand."""
        one = MEASURES[self.measure]
        divided = one.head[:1] or (*self.only, *self.axes)
        return frozenset((*one.whole[:1], *divided))


def key_of(measure: str, unit: str, entries: Mapping[str, str]) -> Key:
    """Where a publication has a figure."""
    one = MEASURES[measure]
    codes = [(name, entries[name]) for name in ENTRIES if name in entries]
    if not codes:
        return (unit, *one.whole)
    return (unit, *(one.head or codes[0][:1]), *(code for _, code in codes))


def offered(measure: str, rows: str | None, columns: str | None = None, only: Iterable[str] = ()) -> Offer:
    """What may be chosen besides a measure, rows, columns and what it is restricted to. Every combination of what is
    offered stands in a table of the publication; the rest of what publications do not cross is never offered.
    """
    one, kept = MEASURES[measure], frozenset(only)
    axes = [axis for axis in (rows, columns) if axis]
    subjects = frozenset(axes) & ENTRIES.keys()
    used = subjects | kept
    timed = bool(set(axes) & set(TIMES))
    return Offer(
        rows=tuple(axis for axis in AXES if _fits(one, [axis])),
        columns=(None, *(axis for axis in AXES if rows and axis != rows and _fits(one, [rows, axis]))),
        only=tuple(name for name in ENTRIES if name not in subjects and used | {name} in one.crossed),
        per=tuple(_ways(one, divided=bool(used), timed=timed)),
        charts=tuple(_charts(one, rows, columns)),
        currencies=CURRENCIES if one.tells == AMOUNT else (),
        levels=PLACE in axes,
        several=PLACE in axes,
    )


def _is_text(*many: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for values in many for value in values)


def _fits(one: Measure, axes: list[str]) -> bool:
    """Whether publications hold these divisions together. Amounts of two publications are not put beside each other:
    where one loan was paid out between them, the difference is its amount.
    """
    times = [axis for axis in axes if axis in TIMES]
    if len(times) > 1 or (times and one.tells == AMOUNT):
        return False
    return frozenset(axes) & ENTRIES.keys() in one.crossed


def _ways(one: Measure, *, divided: bool, timed: bool) -> Iterator[str]:
    yield COUNT
    if one.tells == AMOUNT:
        return
    if divided:
        yield SHARE
    if not timed:
        yield from RATES


def _charts(one: Measure, rows: str | None, columns: str | None) -> Iterator[str]:
    yield TABLE
    yield BARS
    if columns in ENTRIES and columns not in OVERLAPPING and one.tells != AMOUNT:
        yield STACKED
    yield DOTS
    if rows in TIMES:
        yield LINES


def narrowed(definition: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody chose so far, without what cannot stand beside it, and with the first choice where one is needed:
    whoever changes one answer need not undo the others by hand.
    """
    told = dict(definition)
    if told.get("measure") not in MEASURES:
        told["measure"] = next(iter(MEASURES))
    rows = offered(told["measure"], None).rows
    if told.get("rows") not in rows:
        told["rows"] = rows[0]
    fits = told.get("columns") in offered(told["measure"], told["rows"]).columns
    told["columns"] = told.get("columns") if fits else None
    kept: dict[str, str] = {}
    for name in ENTRIES:
        offer = offered(told["measure"], told["rows"], told["columns"], kept)
        code = told.pop(name, None)
        if code in ENTRIES[name] and name in offer.only:
            kept[name] = code
    offer = offered(told["measure"], told["rows"], told["columns"], kept)
    told["per"] = told.get("per") if told.get("per") in offer.per else COUNT
    told["chart"] = told.get("chart") if told.get("chart") in offer.charts else TABLE
    told["level"] = told.get("level") if offer.levels else None
    currency = told.get("currency")
    told["currency"] = currency if currency in offer.currencies else next(iter(offer.currencies), None)
    return told | kept
