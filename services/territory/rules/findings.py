"""What the first page of a report says: six figures with their change, three findings and three asks, each by a rule.

Only published figures come in, so that whatever is said of them may be said to everybody; None is a withheld one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from services.territory.rules.chains import ChainRow, LinkRow
from services.territory.rules.proposals import BUDGETED, DEBATED, INCLUDED, SUBMITTED

HEADLINES = ("enterprises", "women", "formal", "validated", "in_training", "loans")
SHARES = ("formal", "validated", "in_training")
"""Figures whose share of all enterprises is compared: a larger one is better."""
NEEDS_MET = {"credit": "loans", "training": "in_training"}
"""What enterprises ask for, and the figure that says how many got it."""
MOST = 3


@dataclass(frozen=True)
class Standing:
    """The figures of a place: the `HEADLINES`, `informal`, and how many enterprises ask for each need."""

    numbers: Mapping[str, int | None]
    needs: Mapping[str, int | None] = field(default_factory=dict)

    def share(self, name: str) -> float | None:
        """Percent of all enterprises."""
        return percent(self.numbers.get(name), self.numbers.get("enterprises"))


@dataclass(frozen=True)
class Limits:
    """From where on something is told: a distance to the larger place (`points`, of percent), a `change` since the last
    month (percent), a need that so many ask for (`asked_by`, percent of all enterprises).
    """

    points: float
    change: float
    asked_by: float


@dataclass(frozen=True)
class Reading:
    """All that findings and asks are drawn from. `around`: the larger place it is compared with; `before`: the place as
    it was published last in an earlier month; `proposals`: how many stand at each state.
    """

    here: Standing
    limits: Limits
    around: Standing | None = None
    before: Standing | None = None
    chains: Sequence[ChainRow] = ()
    proposals: Mapping[str, int] = field(default_factory=dict)
    country: Mapping[str, float] = field(default_factory=dict)
    """The shares of the country, in percent, where they may be told."""


@dataclass(frozen=True)
class Headline:
    """A figure of the first page; `change` since the last month published, None where either is withheld or unknown."""

    code: str
    value: int | None
    around: int | None
    change: int | None


@dataclass(frozen=True)
class Said:
    """What a rule found: the code of its sentence, and the facts in it."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def percent(part: int | None, whole: int | None) -> float | None:
    """Percent of a whole; None where either is withheld or nothing is below the line."""
    return None if part is None or not whole else 100 * part / whole


def headlines(reading: Reading) -> list[Headline]:
    """The six figures."""
    around = reading.around.numbers if reading.around else {}
    before = reading.before.numbers if reading.before else {}
    return [
        Headline(code, value, around.get(code), change_of(value, before.get(code)))
        for code, value in ((code, reading.here.numbers.get(code)) for code in HEADLINES)
    ]


def findings(reading: Reading) -> list[Said]:
    """The first three that hold, in this order: it grew or shrank since the last month; the share that lies furthest
    below the larger place's, and the one furthest above; the chain with most women; what that chain lacks; the need
    that most ask for; its part in the larger place; how many chains there are and links they lack; loans paid out. One
    sentence where none holds.
    """
    rules = (_changed, _weakness, _strength, _main_chain, _lacking, _most_asked, _part_of_around, _chains, _lent)
    return list(islice(_holding(rules, reading), MOST)) or [Said("finding.nothing")]


def asks(reading: Reading) -> list[Said]:
    """The first three that hold, in this order: decide on what was submitted; give what was included a budget; carry
    out what has one; fill the link that the chain with most women lacks; credit, then training, for more enterprises
    than get it; help with formalising where most are not; a market where many ask for it. One where none holds.
    """
    rules = (_decide, _budget, _carry_out, _fill_link, _lend, _train, _formalise, _sell)
    return list(islice(_holding(rules, reading), MOST)) or [Said("ask.register")]


def _holding(rules: Sequence[Any], reading: Reading) -> Iterator[Said]:
    return (said for said in (rule(reading) for rule in rules) if said is not None)


def change_of(value: int | None, before: int | None) -> int | None:
    """By how much a figure changed; None where either is withheld or unknown. What is so near that the change would
    point at few is withheld already (`publications`).
    """
    return None if value is None or before is None else value - before


def _changed(reading: Reading) -> Said | None:
    now = reading.here.numbers.get("enterprises")
    before = reading.before.numbers.get("enterprises") if reading.before else None
    change = change_of(now, before)
    if now is None or change is None or not before or abs(change) * 100 < reading.limits.change * before:
        return None
    return Said("finding.grew" if now > before else "finding.shrank", {"number": now, "before": before})


def _weakness(reading: Reading) -> Said | None:
    return _furthest(reading, "finding.below", sign=-1)


def _strength(reading: Reading) -> Said | None:
    return _furthest(reading, "finding.above", sign=1)


def _furthest(reading: Reading, code: str, *, sign: int) -> Said | None:
    """The share furthest from the larger place's on one side of it."""
    distances = [(sign * (here - around), name, here, around) for name, here, around in shares(reading)]
    beyond = [one for one in distances if one[0] >= reading.limits.points]
    if not beyond:
        return None
    _, name, here, around = max(beyond, key=lambda one: (one[0], one[1]))
    return Said(f"{code}.{name}", {"percent": round(here), "around": round(around)})


def shares(reading: Reading) -> Iterator[tuple[str, float, float]]:
    """Each share that is known of the place and of the larger one, in percent."""
    for name in SHARES:
        here = reading.here.share(name)
        around = reading.around.share(name) if reading.around else None
        if here is not None and around is not None:
            yield name, here, around


def compared(reading: Reading) -> Iterator[tuple[str, float, float | None, float | None]]:
    """Each share that is known of the place, beside that of the larger one and that of the country, as far as one of
    them is known, in percent.
    """
    for name in SHARES:
        here, country = reading.here.share(name), reading.country.get(name)
        around = reading.around.share(name) if reading.around else None
        if here is not None and (around is not None or country is not None):
            yield name, here, around, country


def _main_chain(reading: Reading) -> Said | None:
    chain = _largest(reading)
    share = percent(chain.women, reading.here.numbers.get("women")) if chain else None
    if chain is None or share is None:
        return None
    return Said("finding.main_chain", {"chain": chain.name, "women": chain.women, "percent": round(share)})


def _lacking(reading: Reading) -> Said | None:
    link = _missing(reading)
    return Said("finding.missing_link", link) if link else None


def _most_asked(reading: Reading) -> Said | None:
    asked = {
        need: percent(count, reading.here.numbers.get("enterprises")) for need, count in reading.here.needs.items()
    }
    known = [(share, need) for need, share in asked.items() if share is not None]
    if not known or max(known)[0] < reading.limits.asked_by:
        return None
    share, need = max(known)
    return Said(f"finding.need.{need}", {"percent": round(share)})


def _part_of_around(reading: Reading) -> Said | None:
    around = reading.around.numbers.get("enterprises") if reading.around else None
    share = percent(reading.here.numbers.get("enterprises"), around)
    return Said("finding.part", {"percent": round(share)}) if share else None


def _chains(reading: Reading) -> Said | None:
    missing = sum(len(chain.missing) for chain in reading.chains)
    return Said("finding.chains", {"number": len(reading.chains), "missing": missing}) if reading.chains else None


def _lent(reading: Reading) -> Said | None:
    number = reading.here.numbers.get("loans")
    return Said("finding.lent", {"number": number}) if number else None


def _decide(reading: Reading) -> Said | None:
    number = reading.proposals.get(SUBMITTED, 0) + reading.proposals.get(DEBATED, 0)
    return Said("ask.decide", {"number": number}) if number else None


def _budget(reading: Reading) -> Said | None:
    number = reading.proposals.get(INCLUDED, 0)
    return Said("ask.budget", {"number": number}) if number else None


def _carry_out(reading: Reading) -> Said | None:
    number = reading.proposals.get(BUDGETED, 0)
    return Said("ask.carry_out", {"number": number}) if number else None


def _fill_link(reading: Reading) -> Said | None:
    link = _missing(reading)
    return Said("ask.fill_link", link) if link else None


def _lend(reading: Reading) -> Said | None:
    return _unmet(reading, "credit", "ask.credit")


def _train(reading: Reading) -> Said | None:
    return _unmet(reading, "training", "ask.training")


def _unmet(reading: Reading, need: str, code: str) -> Said | None:
    asked, got = reading.here.needs.get(need), reading.here.numbers.get(NEEDS_MET[need])
    if asked is None or got is None or asked <= got:
        return None
    return Said(code, {"asked": asked, "got": got})


def _formalise(reading: Reading) -> Said | None:
    informal, all_of_them = reading.here.numbers.get("informal"), reading.here.numbers.get("enterprises")
    if informal is None or all_of_them is None or 2 * informal <= all_of_them:
        return None
    return Said("ask.formalise", {"number": informal})


def _sell(reading: Reading) -> Said | None:
    asked = reading.here.needs.get("market")
    share = percent(asked, reading.here.numbers.get("enterprises"))
    return Said("ask.market", {"asked": asked}) if share is not None and share >= reading.limits.asked_by else None


def _largest(reading: Reading) -> ChainRow | None:
    """The chain with most women that may be told; of an empty place none."""
    return next((row for row in reading.chains if row.women), None)


def _missing(reading: Reading) -> dict[str, Any] | None:
    """The first link that the chain with most women lacks, in its flow; of the next chain where it lacks none."""
    for chain in reading.chains:
        if chain.women:
            for link in chain.links:
                if link.link in chain.missing:
                    return _facts(chain, link)
    return None


def _facts(chain: ChainRow, link: LinkRow) -> dict[str, Any]:
    return {"chain": chain.name, "link": link.link, "examples": link.examples}
