"""What the data of the house say of each chain, criterion by criterion, for the selection matrix."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from services.territory.models import CopyEnterprise, DevelopmentPlan
from services.territory.models.plans import ADOPTED
from services.territory.queries import chain_maps
from services.territory.queries.analyses.analysis import Words, written
from services.territory.queries.analyses.comparing import country_of
from services.territory.queries.criteria import Criteria
from services.territory.queries.figures import inside
from services.territory.queries.inventory import Known
from services.territory.queries.served import served
from services.territory.queries.views import Selection
from services.territory.rules.analysis.cells import UNKNOWN, Bools, Floats, Ints, added, ratio
from services.territory.rules.analysis.specialisation import location_quotients
from services.territory.rules.selecting import relative
from services.territory.rules.templates import placed
from shared import places
from shared.events.vocabulary import CHAINS
from shared.identity import Caller
from shared.kernel import CURRENCIES, clock

_E = CopyEnterprise
_SHARES = ("beginnings", "completeness", "women_jobs", "women_share", "plans", "support")
"""Their values are shares, said in per cent."""


@dataclass(frozen=True)
class Evidence:
    """By chain [C]: how many enterprises are `here`; by criterion what was measured (`values`, NaN where data say
    nothing) and of how many (`n`: enterprises, women or municipalities).
    """

    here: Ints
    values: Mapping[str, Floats]
    n: Mapping[str, Ints]
    facts: Mapping[str, Any]

    def said(self, criterion: str, chain: int, words: Words) -> str:
        """What was measured of a chain, in words."""
        value = float(self.values[criterion][chain])
        told = written(100 * value, 0) if criterion in _SHARES else written(value, 2)
        return words(f"evidence.{criterion}", value=told, n=int(self.n[criterion][chain]), **self.facts)


def evidence_of(
    session: Session, caller: Caller, selection: Selection, everything: Known, judged: Criteria
) -> Evidence:
    """The evidence of every chain in the units that are selected. Of fewer than `few` that say something, and where the
    rest of the country may not be told (specialisation), nothing is measured.
    """
    rows = everything.within(selection.units)
    here = added(everything.told.chain[rows], len(CHAINS))
    few, years = judged.values["few"], judged.values["years"]
    measures: Mapping[str, Callable[[], tuple[Floats, Ints]]] = {
        "sales": lambda: _sales(everything, rows),
        "beginnings": lambda: _beginnings(session, selection, everything, clock.today().year - years),
        "specialisation": lambda: _specialisation(session, caller, selection),
        "completeness": lambda: (
            chain_maps.analysed(session, caller, selection).found.completeness[chain_maps.HERE],
            here,
        ),
        "women_jobs": lambda: _women_jobs(everything, rows),
        "women_share": lambda: _women_share(everything, rows),
        "plans": lambda: _plans(session, selection),
        "support": lambda: _support(session, everything, rows),
    }
    values, numbers = {}, {}
    for code, measure in measures.items():
        value, n = measure()
        enough = (n > 0) if code in {"plans", "women_jobs", "completeness"} else n >= few
        values[code], numbers[code] = np.where(enough & (here > 0), value, np.nan), n
    return Evidence(here, values, numbers, {"years": years})


def _sales(everything: Known, rows: Bools) -> tuple[Floats, Ints]:
    """Sales of an enterprise by the mean of all in the same currency; the middle of the band, its lower limit where it
    is open above.
    """
    told = everything.told
    own = rows & (told.sales_low != UNKNOWN)
    high = np.where(told.sales_high == UNKNOWN, told.sales_low, told.sales_high)
    cell = told.chain[own] * len(CURRENCIES) + told.currency[own]
    size, shape = len(CHAINS) * len(CURRENCIES), (len(CHAINS), len(CURRENCIES))
    sums = added(cell, size, (told.sales_low[own] + high[own]) // 2).reshape(shape)
    numbers = added(cell, size).reshape(shape)
    return relative(sums, numbers), numbers.sum(axis=1)


def _beginnings(session: Session, selection: Selection, everything: Known, since: int) -> tuple[Floats, Ints]:
    """The share of those that began after the year `since`, among those that say when they began."""
    recent = func.sum(case((_E.started_year > since, 1), else_=0))
    where = and_(_E.counted, _E.started_year.is_not(None), inside(_E.municipality, selection.units))
    statement = select(_E.chain, _E.activity, func.count(), recent).where(where).group_by(_E.chain, _E.activity)
    known, begun = np.zeros((2, len(CHAINS)), dtype=np.int64)
    for chain, activity, number, new in session.execute(statement):
        place = CHAINS.index(placed(chain, (), activity, everything.edition.classes).chain)
        known[place] += number
        begun[place] += new
    return ratio(begun, known), known


def _specialisation(session: Session, caller: Caller, selection: Selection) -> tuple[Floats, Ints]:
    """Location quotients of the units together against their country, where they may be told."""
    country = country_of(session, caller, selection, "enterprises")
    own = country.cells.counts[country.own].sum(axis=0)
    table = np.vstack((own[None], country.cells.counts[~country.own]))
    if country.is_alone or not own.any():
        return np.full(len(CHAINS), np.nan), own.astype(np.int64)
    found = location_quotients(table, confidence=country.criteria.values["confidence"]).quotient[0]
    return np.where(country.told, found, np.nan), own.astype(np.int64)


def _women_jobs(everything: Known, rows: Bools) -> tuple[Floats, Ints]:
    """The share of all women at work who work in the chain; of how many women."""
    women = added(everything.told.chain[rows], len(CHAINS), everything.told.jobs_women[rows])
    return ratio(women, np.full(len(CHAINS), women.sum())), women


def _women_share(everything: Known, rows: Bools) -> tuple[Floats, Ints]:
    """The share of women among those at work in the chain; of how many enterprises."""
    told = everything.told
    women, men = (added(told.chain[rows], len(CHAINS), jobs[rows]) for jobs in (told.jobs_women, told.jobs_men))
    return ratio(women, women + men), added(told.chain[rows], len(CHAINS))


def _plans(session: Session, selection: Selection) -> tuple[Floats, Ints]:
    """The share of the municipalities of which a plan in force is known where one puts the chain first: a plan of
    theirs, of their department or of their country; of how many municipalities.
    """
    today, until = clock.today(), DevelopmentPlan.valid_until
    codes = places.around(*selection.municipalities)
    plans = session.execute(
        select(DevelopmentPlan.unit, DevelopmentPlan.chains).where(
            DevelopmentPlan.unit.in_(codes),
            DevelopmentPlan.state == ADOPTED,
            DevelopmentPlan.valid_from <= today,
            or_(until.is_(None), until >= today),
        )
    ).all()
    planned, first = 0, np.zeros(len(CHAINS), dtype=np.int64)
    for code in selection.municipalities:
        chains = [chains for unit, chains in plans if code.startswith(unit)]
        planned += bool(chains)
        for chain in {one for of in chains for one in of}:
            first[CHAINS.index(chain)] += 1
    whole = np.full(len(CHAINS), planned)
    return ratio(first, whole), whole


def _support(session: Session, everything: Known, rows: Bools) -> tuple[Floats, Ints]:
    """The share of the enterprises that credit, training or accompaniment has reached."""
    own = everything.told.chain[rows]
    whole = added(own, len(CHAINS))
    return ratio(added(own, len(CHAINS), served(session, everything).any[rows]), whole), whole
