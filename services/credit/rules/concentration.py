"""How much of a fund may lie with one borrower, one activity, one municipality."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.credit.rules.demands import demand, rate

KINDS = ("borrower", "chain", "municipality")
BASES = ("capital", "portfolio")
"""What a limit is a share of: the fund's own capital, or all that is lent, promised and given."""
_WHOLE = Decimal(100)
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Share:
    """What one group holds of the base: amounts in cents, `limit` in percent; it `binds` unless the portfolio is still
    too small for the limits.
    """

    kind: str
    held: int
    after: int
    base: int
    limit: Decimal
    binds: bool

    @property
    def exceeds(self) -> bool:
        """Whether what it would hold is more than the limit lets it."""
        return self.binds and self.after * _WHOLE > self.limit * max(self.base, 0)

    @property
    def percent(self) -> Decimal:
        return _percent(self.held, self.base)

    @property
    def percent_after(self) -> Decimal:
        return _percent(self.after, self.base)

    @property
    def ceiling(self) -> int:
        """The most that one group may hold, in cents."""
        return int(self.limit * max(self.base, 0) / _WHOLE)


@dataclass(frozen=True, slots=True)
class Concentration:
    """The limits in percent, None where there is none; below a portfolio of `floor` cents they do not bind."""

    borrower: Decimal | None = None
    chain: Decimal | None = None
    municipality: Decimal | None = None
    of: str = "capital"
    floor: int = 0
    source: str = ""

    @property
    def limits(self) -> dict[str, Decimal]:
        """The limits that are set, by kind."""
        found = {kind: getattr(self, kind) for kind in KINDS}
        return {kind: limit for kind, limit in found.items() if limit is not None}

    def share(self, kind: str, held: int, amount: int, *, portfolio: int, capital: int) -> Share:
        """What a group that holds `held` cents would hold with `amount` more; `portfolio` is all that is lent,
        promised and given before it.
        """
        after = portfolio + amount
        base = capital if self.of == "capital" else after
        return Share(kind, held, held + amount, base, self.limits[kind], after >= self.floor)


def read_concentration(item: Mapping[str, Any]) -> Concentration:
    """`{"borrower": "10", "chain": "40", "municipality": "50", "of": "capital", "floor": 0, "source"}`, in percent."""
    limits = {kind: _limit(item[kind], kind) for kind in KINDS if item.get(kind) is not None}
    found = Concentration(**{**item, **limits})
    demand(bool(limits), "/concentration")
    demand(found.of in BASES, "/concentration/of")
    demand(type(found.floor) is int and found.floor >= 0, "/concentration/floor")
    demand(type(found.source) is str and bool(found.source.strip()), "/concentration/source")
    return found


def _limit(value: Any, kind: str) -> Decimal:
    demand(type(value) in {str, int}, f"/concentration/{kind}")
    limit = rate(value, f"/concentration/{kind}")
    demand(0 < limit <= _WHOLE and limit == round(limit, 2), f"/concentration/{kind}")
    return limit


def _percent(part: int, base: int) -> Decimal:
    if base <= 0:
        return _WHOLE if part else Decimal(0)
    return (Decimal(part) * _WHOLE / base).quantize(_TENTH, ROUND_HALF_UP)
