"""What a publication tells of one value chain in a place: its numbers, levels, sales, needs, purchases that leave."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from services.territory import reference
from services.territory.queries import report_summary
from services.territory.queries.choropleths import Speak
from services.territory.queries.national import National, mean_level
from services.territory.queries.told_of_enough import INSIDE, OUTSIDE
from services.territory.rules.chain_reports import completeness
from services.territory.rules.chains import ChainRow, ChainTemplate, chain_table
from services.territory.rules.figures import DEPARTMENTAL, Figures
from services.territory.rules.findings import Standing
from services.territory.rules.told_of_enough import HIGH
from shared.events.vocabulary import LINKS, NEEDS, SUBJECTS
from shared.kernel import CURRENCIES, Money

_DETAILS = {"men", "placed", *DEPARTMENTAL}
_OTHERS = {"credit": "loans", "training": "in_training"}
"""What is asked for, and the figure that says how many got it."""


@dataclass(frozen=True)
class Chain:
    """One chain in a place as it was published. `detailed`: whether what is published of whole departments only is told
    here.
    """

    figures: Figures
    key: str
    template: ChainTemplate
    detailed: bool

    @property
    def code(self) -> str:
        return self.template.code

    @cached_property
    def complete(self) -> bool:
        """Whether the publication tells men, needs, training and loans by chain: older ones do not."""
        return any(len(key) == 3 and key[1] == "men" for key in (*self.figures.counts, *self.figures.hidden))

    def number(self, *rest: str, unit: str | None = None) -> int | None:
        """A count of the place, or of another `unit`; None where it is withheld, where the publication is too old to
        have it, or where it is told of departments only and this is none.
        """
        if (rest[0] in DEPARTMENTAL and not self.detailed) or (rest[0] in _DETAILS and not self.complete):
            return None
        count = self.figures.get(unit or self.key, *rest)
        return None if count is None else count.number

    def standing(self) -> Standing:
        """Its figures, as the rules of the first page take them."""
        everybody = self.figures.get(self.key, "chain", self.code)
        needs = {need: self.number("chain_need", need, self.code) for need in NEEDS}
        numbers = {
            "enterprises": None if everybody is None else everybody.number,
            "women": None if everybody is None else everybody.women,
            "men": self.number("men", self.code),
            "asks_credit": needs["credit"],
            "loans": self.number("chain_loans", self.code),
            "in_training": self.number("chain_training", "in", self.code),
        }
        return Standing(numbers, needs)

    def around(self) -> Standing:
        """The same figures of all chains of the place."""
        found = report_summary.standing(self.figures, self.key)
        more = {"men": self.number("men"), "asks_credit": found.needs["credit"]}
        return Standing({**found.numbers, **more}, found.needs)

    def row(self, language: str) -> ChainRow | None:
        """Its links; None where nobody of the place is in it."""
        templates = reference.chain_templates()
        rows = chain_table(self.figures, self.key, templates, LINKS, language=language)
        return next((row for row in rows if row.chain == self.code), None)


def row_of(row: ChainRow | None, template: ChainTemplate, speak: Speak) -> dict[str, Any] | None:
    if row is None:
        return None
    present, needed = completeness(row, template.needs)
    links = [
        {**asdict(link), "name": speak(f"link.{link.link}"), "needed": link.link in template.needs}
        for link in row.links
    ]
    return {**asdict(row), "links": links, "missing": list(row.missing), "present": present, "needed": needed}


def women_share(here: Standing) -> int | None:
    women, men = here.numbers["women"], here.numbers["men"]
    if women is None or men is None or not women + men:
        return None
    return round(100 * women / (women + men))


def levels_of(chain: Chain, country: National | None, speak: Speak) -> Iterator[dict[str, Any]]:
    """By subject the mean of the chain, of how many, beside that of all chains of the place and of the chain in the
    country.
    """
    for subject in SUBJECTS:
        here = chain.figures.get(chain.key, "chain_level", subject, chain.code) if chain.detailed else None
        around = mean_level(chain.figures.get(chain.key, "level", subject))
        usual = country.mean("chain_level", subject, chain.code) if country else None
        yield {
            "subject": subject,
            "label": speak(f"subject.{subject}"),
            "mean": _rounded(mean_level(here)),
            "n": here.number if here else None,
            "around": _rounded(around),
            "country": _rounded(usual),
        }


def _rounded(mean: float | None) -> float | None:
    return None if mean is None else round(mean, 1)


def sales_of(chain: Chain) -> Iterator[dict[str, Any]]:
    """Sales of a year by currency, where enough tell theirs."""
    if not chain.detailed:
        return
    for currency in CURRENCIES:
        low = chain.figures.get(chain.key, "sales", chain.code, currency)
        high = chain.figures.get(chain.key, "sales", chain.code, currency, HIGH)
        if low is not None and low.number:
            closed = high is not None and high.number == low.number
            yield {
                "currency": currency,
                "n": low.number,
                "low": Money((low.amounts or {}).get(currency, 0), currency),
                "high": Money(((high.amounts if high else None) or {}).get(currency, 0), currency) if closed else None,
            }


def gaps_of(here: Standing, speak: Speak) -> list[dict[str, Any]]:
    """How many ask for credit and training, how many got it, and how many more ask."""
    rows = []
    for need in NEEDS:
        asked, got = here.needs.get(need), here.numbers.get(_OTHERS.get(need, ""))
        gap = None if asked is None or got is None else max(0, asked - got)
        rows.append(
            {"need": need, "label": speak(f"report.row.need.{need}"), "asked": asked, "got": got, "gap": gap,
             "compared": need in _OTHERS}
        )  # fmt: skip
    return rows


def leakage_of(chain: Chain) -> dict[str, int] | None:
    """What part of known purchases leaves the department, in percent, and of how many enterprises; None where too few
    say of whom they buy.
    """
    count = chain.figures.get(chain.key, "leakage", chain.code) if chain.detailed else None
    if count is None or not count.number or count.amounts is None:
        return None
    inside, outside = count.amounts.get(INSIDE, 0), count.amounts.get(OUTSIDE, 0)
    return {"n": count.number, "percent": round(100 * outside / (inside + outside))}
