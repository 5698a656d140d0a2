"""What the first page of a chain's report says, and what holds the chain back: of published figures only, None is a
withheld one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from services.territory.rules.chains import PRESENT, ChainRow
from services.territory.rules.findings import MOST, Limits, Said, Standing, change_of, percent

HEADLINES = ("enterprises", "women", "men", "asks_credit", "loans", "in_training")


@dataclass(frozen=True)
class HeldBack:
    """The link that holds a chain back: what part of its women work there, in percent, and what part of those of the
    country; `beside`: that of the country.
    """

    link: str
    percent: int
    beside: int


@dataclass(frozen=True)
class ChainReading:
    """All that is said of a chain is drawn from this. `around`: all chains of the place; `before`: the chain as it was
    published last in an earlier month; `outside`: percent of purchases that leave; `levels`: by subject, the mean;
    `special`: the place with the largest location quotient and that.
    """

    here: Standing
    limits: Limits
    row: ChainRow | None
    around: Standing
    before: Standing | None = None
    held_back: HeldBack | None = None
    outside: int | None = None
    levels: Mapping[str, float] = field(default_factory=dict)
    special: tuple[str, float] | None = None


def completeness(row: ChainRow, needs: frozenset[str]) -> tuple[int, int]:
    """How many of the links that a chain cannot do without are there, and how many those are."""
    present = sum(link.state == PRESENT for link in row.links if link.link in needs)
    return present, len(needs)


def held_back(
    row: ChainRow, usual: Mapping[str, int] | None, needs: frozenset[str], *, few: int, tight: float
) -> HeldBack | None:
    """The present link whose share of the women at needed links is smallest against the country's, where it is below
    `tight` of that (a location quotient; with fixed proportions the scarcest factor limits the whole, Leontief 1941,
    The Structure of American Economy). None where nothing holds it back, where one of these counts is withheld, where
    fewer than `few` women work at them, or where nobody knows what is usual.
    """
    here = {link.link: link.women for link in row.links if link.link in needs}
    told = {link: women for link, women in here.items() if women is not None}
    whole, whole_usual = sum(told.values()), sum((usual or {}).values())
    if usual is None or len(told) < len(here) or whole < few or not whole_usual:
        return None
    balances = {
        link: (women / whole) / (usual[link] / whole_usual) for link, women in told.items() if women and usual[link]
    }
    if len(balances) < 2:
        return None
    link = min(balances, key=lambda one: balances[one])
    if balances[link] >= tight:
        return None
    return HeldBack(link, round(100 * told[link] / whole), round(100 * usual[link] / whole_usual))


def findings(reading: ChainReading) -> list[Said]:
    """The first three that hold, in this order: how many enterprises more or fewer than in the last month; the first
    link that is missing; the link that holds the chain back; its part of all women; what it buys outside; where it is
    at home; its lowest level. One where none holds.
    """
    rules = (_changed, _missing, _held_back, _part, _outside, _special, _lowest)
    said = (rule(reading) for rule in rules)
    return list(islice((one for one in said if one is not None), MOST)) or [Said("finding.nothing")]


def headlines(reading: ChainReading) -> Iterator[tuple[str, int | None, int | None, int | None]]:
    """Each figure: its name, what it is, what it is of all chains, and its change since the last month published."""
    before = reading.before.numbers if reading.before else {}
    for name in HEADLINES:
        value = reading.here.numbers.get(name)
        yield name, value, reading.around.numbers.get(name), change_of(value, before.get(name))


def _changed(reading: ChainReading) -> Said | None:
    now = reading.here.numbers.get("enterprises")
    before = reading.before.numbers.get("enterprises") if reading.before else None
    if now is None or not before or abs(now - before) * 100 < reading.limits.change * before:
        return None
    return Said("finding.grew" if now > before else "finding.shrank", {"number": now, "before": before})


def _missing(reading: ChainReading) -> Said | None:
    if reading.row is None or not reading.row.missing:
        return None
    link = next(link for link in reading.row.links if link.link in reading.row.missing)
    return Said("finding.missing_link", {"chain": reading.row.name, "link": link.link, "examples": link.examples})


def _held_back(reading: ChainReading) -> Said | None:
    found = reading.held_back
    if found is None:
        return None
    return Said("chain_finding.held_back", {"link": found.link, "percent": found.percent, "around": found.beside})


def _part(reading: ChainReading) -> Said | None:
    women = reading.here.numbers.get("women")
    share = percent(women, reading.around.numbers.get("women"))
    return Said("chain_finding.part", {"women": women, "percent": round(share)}) if share else None


def _outside(reading: ChainReading) -> Said | None:
    return Said("chain_finding.outside", {"percent": reading.outside}) if reading.outside else None


def _special(reading: ChainReading) -> Said | None:
    if reading.special is None or reading.special[1] <= 1:
        return None
    return Said("chain_finding.special", {"where": reading.special[0], "times": f"{reading.special[1]:.1f}"})


def _lowest(reading: ChainReading) -> Said | None:
    if not reading.levels:
        return None
    subject = min(reading.levels, key=lambda one: reading.levels[one])
    return Said("chain_finding.lowest", {"subject": subject, "level": f"{reading.levels[subject]:.1f}"})


def usual_of(links: Sequence[str], women: Sequence[int] | None) -> dict[str, int] | None:
    """The country's women by link, as `held_back` takes them."""
    return None if women is None else dict(zip(links, women, strict=True))
