"""Whom credit, training and accompaniment have reached already, as arrays beside the inventory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.territory.models import (
    CopyAccompaniment,
    CopyApplication,
    CopyGroup,
    CopyGroupMember,
    CopyLoan,
    CopyMerged,
    CopyNeed,
)
from services.territory.queries.inventory import Known
from services.territory.rules.analysis.cells import UNKNOWN, Bools, Ints
from shared.events.vocabulary import NEEDS
from shared.kernel import COUNTRY_CURRENCY, CURRENCIES
from shared.merged import standing_for

TOPICS = tuple(need for need in NEEDS if need != "credit")
"""What training groups are formed about."""


@dataclass(frozen=True)
class Served:
    """One row for each enterprise that is known. `needs` [n, NEEDS]: what she says she needs; `applied`: she asked for
    credit and did not take that back; `trained` [n, TOPICS]: in a group about it; `accompanied`.

    Money is in minor units of her `currency`: that of her last loan, else of her last application, else of her country;
    what is in another one is not added. `asked`: what her granted applications ask for and her last one, where it is
    not granted (yet); -1 where she never asked, or nobody knows how much. `approved` and `disbursed`: all of it, paid
    back or not.
    """

    needs: Bools
    applied: Bools
    trained: Bools
    accompanied: Bools
    currency: Ints
    asked: Ints
    approved: Ints
    disbursed: Ints

    @property
    def any(self) -> Bools:
        """Whether anything of the house has reached her."""
        reached: Bools = (self.disbursed > 0) | self.trained.any(axis=1) | self.accompanied
        return reached


def served(session: Session, everything: Known) -> Served:
    """Whom the services have reached of all that are known; what was of a merged enterprise is of who stands for it."""
    place = {one: row for row, one in enumerate(everything.raw_ids)}
    n = len(everything)
    needs, trained = np.zeros((n, len(NEEDS)), dtype=bool), np.zeros((n, len(TOPICS)), dtype=bool)
    accompanied = np.zeros(n, dtype=bool)
    for one, need in _rows(session, select(CopyNeed.enterprise_id, CopyNeed.need), place):
        if need in NEEDS:
            needs[one, NEEDS.index(need)] = True
    member = standing_for(CopyMerged, CopyGroupMember.enterprise_id)
    groups = select(member, CopyGroup.need).join(CopyGroup, CopyGroup.id == CopyGroupMember.group_id)
    for one, need in _rows(session, groups, place):
        if need in TOPICS:
            trained[one, TOPICS.index(need)] = True
    for (one,) in _rows(session, select(standing_for(CopyMerged, CopyAccompaniment.enterprise_id)), place):
        accompanied[one] = True
    home = np.array([CURRENCIES.index(COUNTRY_CURRENCY[code[:2]]) for code in everything.units], dtype=np.int64)
    currency = home[everything.told.unit]
    return _with_money(session, place, Served(needs, np.zeros(n, dtype=bool), trained, accompanied, currency,
                                              np.full(n, UNKNOWN), *(np.zeros((2, n), dtype=np.int64))))  # fmt: skip


def _with_money(session: Session, place: dict[Any, int], found: Served) -> Served:
    of = standing_for(CopyMerged, CopyApplication.enterprise_id)
    table = CopyApplication
    applications = _rows(
        session,
        select(of, table.outcome, table.currency, table.asked_minor, table.approved_minor)
        .where(table.outcome != "withdrawn")
        .order_by(func.coalesce(table.submitted_on, table.decided_on), table.id),
        place,
    )
    loans = _rows(
        session,
        select(standing_for(CopyMerged, CopyLoan.enterprise_id), CopyLoan.currency, CopyLoan.amount_minor).order_by(
            CopyLoan.disbursed_on, CopyLoan.id
        ),
        place,
    )
    for one, _, currency, _, _ in applications:
        if currency in CURRENCIES:
            found.currency[one] = CURRENCIES.index(currency)
    for one, currency, _ in loans:
        found.currency[one] = CURRENCIES.index(currency)
    last = {row[0]: number for number, row in enumerate(applications)}
    for number, (one, outcome, currency, asked, approved) in enumerate(applications):
        found.applied[one] = True
        if currency is None or CURRENCIES.index(currency) != found.currency[one]:
            continue
        if outcome == "approved":
            found.approved[one] += approved or 0
        if asked is not None and (outcome == "approved" or last[one] == number):
            found.asked[one] = max(found.asked[one], 0) + asked
    for one, currency, minor in loans:
        if CURRENCIES.index(currency) == found.currency[one]:
            found.disbursed[one] += minor
    return found


def _rows(session: Session, statement: Select[*tuple[Any, ...]], place: dict[Any, int]) -> Sequence[tuple[Any, ...]]:
    """The rows as the driver gives them, of those that are known, by their number."""
    found = session.connection().execute(statement).cursor.fetchall()
    return [(place[row[0]], *row[1:]) for row in found if row[0] in place]
