"""What is kept of the inventory is, after any events, what would be read anew."""

from collections.abc import Sequence
from dataclasses import fields
from random import Random
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import delete, update

from services.territory import reference
from services.territory.models import COPY_TABLES, CopyEnterprise
from services.territory.queries.inventory import Known, known, read
from shared.bus import inbox
from shared.bus.tables import event_cursor
from shared.database import Database
from shared.events import Event
from shared.events.registry import (
    EnterpriseChanged,
    EnterpriseMerged,
    EnterpriseRegistered,
    EnterpriseUnmerged,
    EntrepreneurWithdrawn,
    ProfileLevels,
    SalesOfYear,
    Trade,
)
from shared.kernel import Money, clock
from tests.territory.conftest import facts, tell

PLACES = ["GT0101", "GT0102", "GT2201", "HN1709", "HN1701"]


def told(of: Known) -> dict[str, Any]:
    """All that it says, as plain values."""
    parts = {"units": of.units, "ids": of.ids, "classes": of.classes, "activity": of.activity.tolist()}
    parts |= {name: getattr(of.told, name).tolist() for name in of.told.__slots__}
    parts |= {f"trades.{one.name}": getattr(of.trades, one.name).tolist() for one in fields(of.trades)}
    return parts | {name: getattr(of, name).tolist() for name in ("chain_of_class", "links_of_class")}


def a_day_in_the_registry(dice: Random, ids: list[UUID], merged: list[tuple[UUID, UUID]]) -> Event:
    """Something that may happen to one of the enterprises, drawn at random."""
    what = dice.choices(["told", "withdrawn", "merged", "unmerged"], [20, 1, 2, 2])[0]
    if what == "withdrawn":
        return EntrepreneurWithdrawn(entrepreneur_id=uuid4(), enterprise_ids=[dice.choice(ids)])
    if what == "merged":
        survivor, absorbed = dice.sample(ids, 2)
        if all(absorbed not in pair and survivor != gone for pair in merged for gone in pair[1:]):
            merged.append((survivor, absorbed))
            return EnterpriseMerged(survivor_id=survivor, absorbed_id=absorbed)
    if what == "unmerged" and merged:
        survivor, absorbed = merged.pop()
        return EnterpriseUnmerged(survivor_id=survivor, absorbed_id=absorbed)
    return EnterpriseChanged(facts=any_facts(dice, dice.choice(ids), ids))


def any_facts(dice: Random, one: UUID, ids: Sequence[UUID]) -> Any:
    sales = SalesOfYear(low=Money(100, "GTQ"), high=dice.choice([None, Money(500, "GTQ")]))
    partners = [dice.choice([*ids, uuid4(), None]) for _ in range(dice.randrange(4))]
    levels = dict.fromkeys(("credit", "certifications", "market", "quality", "training", "innovation", "scaling"), None)
    levels["market"] = dice.randrange(5)
    return facts(
        dice.choice(PLACES),
        enterprise_id=one,
        chain=dice.choice(["coffee", "fishing", "other"]),
        links=dice.sample(["production", "marketing", "inputs"], dice.randrange(3)),
        activity=dice.choice(["A", "1079", "0311", ""]),
        jobs_women=dice.randrange(9),
        validation=dice.choice(["validated", "captured", "rejected"]),
        sales=dice.choice([None, sales]),
        profile=dice.choice([None, ProfileLevels(**levels, score=50, assessed_on=clock.today())]),
        trade=[
            Trade(
                side=dice.choice(["supplier", "buyer"]),
                kind="enterprise" if partner else "wholesaler",
                enterprise_id=partner,
                share=dice.choice([None, 20, 60]),
            )
            for partner in partners
        ],
    )


@pytest.mark.parametrize("seed", range(6))
def test_after_any_events_what_is_kept_is_what_is_read_anew(database: Database, seed: int) -> None:
    dice, ids, merged = Random(seed), [uuid4() for _ in range(14)], list[tuple[UUID, UUID]]()
    said: list[Event] = [EnterpriseRegistered(facts=any_facts(dice, one, ids)) for one in ids[:9]]
    for what in said:
        with database.transaction() as session:
            tell(session, what)
    for _ in range(40):
        happened = [a_day_in_the_registry(dice, ids, merged) for _ in range(dice.choice([1, 1, 3]))]
        with database.transaction() as session:
            for what in happened:
                tell(session, what)
        for countries in (["GT"], ["GT", "HN"]):
            with database.reading() as session:
                assert told(known(session, countries)) == told(read(session, countries, reference.chain_edition()))


def test_only_what_changed_is_read_again(database: Database) -> None:
    with database.transaction() as session:
        tell(session, EnterpriseRegistered(facts=facts(jobs_women=2)))
    with database.reading() as session:
        first = known(session, ["HN"])
        assert known(session, ["HN"]) is first

    with database.transaction() as session:
        session.execute(update(CopyEnterprise).values(jobs_women=9))  # no event said so
        tell(session, EnterpriseRegistered(facts=facts(jobs_women=3)))

    with database.reading() as session:
        assert sorted(known(session, ["HN"]).told.jobs_women.tolist()) == [2, 3]


def test_a_change_that_was_taken_back_is_not_kept(database: Database) -> None:
    with database.transaction() as session:
        tell(session, EnterpriseRegistered(facts=facts()))
    with database.reading() as session:
        assert len(known(session, ["HN"])) == 1

    with database.transaction() as session:
        tell(session, EnterpriseRegistered(facts=facts()))
        assert len(known(session, ["HN"])) == 2
        session.rollback()

    with database.transaction() as session:
        tell(session, EnterpriseRegistered(facts=facts("HN1701")))
    with database.reading() as session:
        assert told(known(session, ["HN"])) == told(read(session, ["HN"], reference.chain_edition()))


def test_copies_that_were_rebuilt_are_read_anew(database: Database) -> None:
    ids = [uuid4() for _ in range(5)]
    for one in ids:
        with database.transaction() as session:
            tell(session, EnterpriseRegistered(facts=facts(enterprise_id=one)))
    with database.reading() as session:
        known(session, ["HN"])

    with database.transaction() as session:
        for table in reversed(COPY_TABLES):
            session.execute(delete(table))
        for one in ids:
            tell(session, EnterpriseRegistered(facts=facts("HN1701", enterprise_id=one, jobs_women=7)))

    with database.reading() as session:
        assert np.all(known(session, ["HN"]).told.jobs_women == 7)


def test_another_log_of_the_registry_is_read_anew(database: Database) -> None:
    with database.transaction() as session:
        inbox.open_cursor(session, "registry", uuid4())
        tell(session, EnterpriseRegistered(facts=facts()))
    with database.reading() as session:
        known(session, ["HN"])

    with database.transaction() as session:
        session.execute(update(event_cursor).values(log_id=uuid4()))
        for table in reversed(COPY_TABLES):
            session.execute(delete(table))

    with database.reading() as session:
        assert len(known(session, ["HN"])) == 0
