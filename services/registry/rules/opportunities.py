"""Whether an opportunity fits an enterprise: each of its conditions is met, missed, or not known of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

KINDS = ("finance", "exchange", "market", "tender", "training")
TIERS = ("strategic", "emerging")
MET, MISSED, UNKNOWN = "met", "missed", "unknown"
FITS, MAY_FIT, MISSES = "fits", "may_fit", "misses"
CLOSING = timedelta(days=14)
"""So long before its deadline an opportunity is to be told at once."""

STATES = ("told", "applied", "won", "lost")
NEXT_STATES: Mapping[str, frozenset[str]] = {
    "told": frozenset({"applied"}),
    "applied": frozenset({"won", "lost"}),
    "won": frozenset({"lost"}),
    "lost": frozenset({"won"}),
}
"""From a state to those that may follow it; the last two are each other's correction."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an opportunity asks for; an empty list and None ask for nothing."""

    units: tuple[str, ...] = ()
    chains: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    formal: bool | None = None
    years_min: int | None = None
    years_max: int | None = None
    women_only: bool = False

    @property
    def asks_for_years(self) -> bool:
        return self.years_min is not None or self.years_max is not None

    @classmethod
    def from_json(cls, said: Mapping[str, Any], units: Iterable[str]) -> "Conditions":
        """What `to_json` said, for these places."""
        lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
        return replace(cls(**{**said, **lists}), units=tuple(units))

    def to_json(self) -> dict[str, Any]:
        """All but the places, as plain JSON values."""
        said = asdict(self)
        del said["units"]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of an enterprise; None and an empty collection are not known. Its owners are women, all of them:
    others are not in the inventory.
    """

    municipality: str
    chain: str | None
    links: Collection[str]
    needs: Collection[str]
    section: str | None
    tier: str | None
    formal: bool
    started_year: int | None


def judged(conditions: Conditions, traits: Traits, year: int) -> dict[str, str]:
    """Each condition that is set, in a fixed order: `met`, `missed` or `unknown` in `year`. In business since means the
    calendar years since the year of start.
    """
    told: dict[str, str] = {}
    if conditions.units:
        told["place"] = _one_of(traits.municipality.startswith(unit) for unit in conditions.units)
    if conditions.chains:
        told["chain"] = UNKNOWN if traits.chain is None else _one_of([traits.chain in conditions.chains])
    if conditions.links:
        told["links"] = _some(conditions.links, traits.links)
    if conditions.needs:
        told["needs"] = _some(conditions.needs, traits.needs)
    if conditions.sections:
        told["section"] = UNKNOWN if traits.section is None else _one_of([traits.section in conditions.sections])
    if conditions.formal is not None:
        told["formal"] = _one_of([traits.formal is conditions.formal])
    if conditions.tiers:
        told["tier"] = UNKNOWN if traits.tier is None else _one_of([traits.tier in conditions.tiers])
    if conditions.asks_for_years:
        told["years"] = _years(conditions, traits.started_year, year)
    if conditions.women_only:
        told["women_only"] = MET
    return told


def fit(verdicts: Mapping[str, str]) -> str:
    """`misses` where one condition is missed, `may_fit` where one is not known, otherwise `fits`."""
    found = set(verdicts.values())
    return MISSES if MISSED in found else MAY_FIT if UNKNOWN in found else FITS


def rank(verdicts: Mapping[str, str]) -> tuple[int, int]:
    """The smaller the better: how much is missed, then how much is not known."""
    told = list(verdicts.values())
    return told.count(MISSED), told.count(UNKNOWN)


def is_open(deadline: date | None, today: date) -> bool:
    """Until its deadline, the last day included; without one it stays open."""
    return deadline is None or deadline >= today


def _one_of(found: Iterable[bool]) -> str:
    return MET if any(found) else MISSED


def _some(wanted: Collection[str], known: Collection[str]) -> str:
    return UNKNOWN if not known else _one_of([code in wanted for code in known])


def _years(conditions: Conditions, started_year: int | None, year: int) -> str:
    if started_year is None:
        return UNKNOWN
    lowest = 0 if conditions.years_min is None else conditions.years_min
    highest = year if conditions.years_max is None else conditions.years_max
    return _one_of([lowest <= year - started_year <= highest])
