"""Value chains: who stands at each link, and where a link that the chain needs is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.territory.rules.figures import Figures

PRESENT, MISSING, ABSENT = "present", "missing", "absent"


@dataclass(frozen=True)
class ChainTemplate:
    """What a chain consists of, as a dated record: its names, the links it cannot do without, what they buy."""

    code: str
    names: Mapping[str, str]
    needs: frozenset[str]
    links: Mapping[str, Mapping[str, str]]
    """By link and language: what stands there."""
    requires: Mapping[str, tuple[str, ...]]
    """By link: what it buys, by code."""
    services: tuple[str, ...]
    """What complements the chain, by code."""
    valid_from: date
    source: str


@dataclass(frozen=True)
class LinkRow:
    """One link of a chain; None is a withheld count. `state`: `present`, `missing` (the chain needs the link and
    nobody is there) or `absent`.
    """

    link: str
    enterprises: int | None
    women: int | None
    state: str
    examples: str = ""


@dataclass(frozen=True)
class ChainRow:
    """One chain: its totals, and its links in order. An enterprise that stands at two links counts at both, so that
    the links may add up to more than the total.
    """

    chain: str
    name: str
    enterprises: int | None
    women: int | None
    links: tuple[LinkRow, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(row.link for row in self.links if row.state == MISSING)


def chain_table(
    figures: Figures, unit: str, templates: Mapping[str, ChainTemplate], links: Sequence[str], *, language: str
) -> list[ChainRow]:
    """A row for every chain with an enterprise in `unit`, the most women first, then the withheld ones by code."""
    rows = [_chain(figures, unit, templates[chain], links, language) for chain in figures.entries(unit, "chain")]
    present = [row for row in rows if row.enterprises != 0]
    return sorted(present, key=lambda row: (row.women is None, -(row.women or 0), row.chain))


def link_totals(figures: Figures, unit: str, links: Sequence[str]) -> list[LinkRow]:
    """All chains of `unit` together, link by link."""
    rows = []
    for link in links:
        enterprises, women = _told(figures, unit, "link", link)
        rows.append(LinkRow(link, enterprises, women, ABSENT if enterprises == 0 else PRESENT))
    return rows


def state_of(enterprises: int | None, link: str, template: ChainTemplate) -> str:
    """Whether somebody stands at the link, and if not, whether the chain can do without it. A withheld count is small
    but not nobody.
    """
    if enterprises is None or enterprises > 0:
        return PRESENT
    return MISSING if link in template.needs else ABSENT


def _chain(figures: Figures, unit: str, template: ChainTemplate, links: Sequence[str], language: str) -> ChainRow:
    rows = []
    for link in links:
        enterprises, women = _told(figures, unit, "chain", template.code, link)
        state = state_of(enterprises, link, template)
        rows.append(LinkRow(link, enterprises, women, state, template.links[link][language]))
    enterprises, women = _told(figures, unit, "chain", template.code)
    return ChainRow(template.code, template.names[language], enterprises, women, tuple(rows))


def _told(figures: Figures, *key: str) -> tuple[int | None, int | None]:
    count = figures.get(*key)
    return (None, None) if count is None else (count.number, count.women)
