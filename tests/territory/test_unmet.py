"""Whom credit and training do not reach: who could use them, whom they reached, how much is left, and who may know."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from services.territory.queries.inventory import known
from services.territory.queries.served import TOPICS, served
from shared.database import Database
from shared.events.credit import ApplicationDecided, ApplicationSubmitted, ApplicationWithdrawn, LoanDisbursed
from shared.events.registry import EnterpriseMerged
from shared.events.training import GroupFormed
from shared.kernel import Money
from shared.testing import person
from tests.territory.conftest import lend, register, tell
from tests.territory.test_analyses import found, row, rows
from tests.territory.test_potential import profile

pytestmark = pytest.mark.both_databases

LEDA = person("leda_viewer", scope="HN17")


def apply(
    session: Session, enterprise_id: UUID, amount: str, outcome: str | None = None, granted: str | None = None,
    *, day: int = 1, currency: str = "HNL", kind: str | None = None,
) -> UUID:  # fmt: skip
    """She asks for so much, and it is decided where an outcome is named."""
    application_id = uuid4()
    about: dict[str, Any] = {"application_id": application_id, "enterprise_id": enterprise_id, "municipality": "HN1709"}
    money = Money.parse(amount, currency)
    told = {"purpose": "inputs", "submitted_on": date(2026, 4, day), "kind": kind}
    tell(session, ApplicationSubmitted(**about, amount=money, **told))
    if outcome:
        decided = {"outcome": outcome, "resolution": "R-1", "decided_on": date(2026, 4, 20), "kind": kind}
        tell(session, ApplicationDecided(**about, amount=Money.parse(granted or amount, currency), **decided))
    return application_id


def pay(session: Session, enterprise_id: UUID, amount: str, currency: str = "HNL", paid_off: str | None = None) -> None:
    tell(
        session,
        LoanDisbursed(
            loan_id=uuid4(), application_id=uuid4(), enterprise_id=enterprise_id, owner_ids=[], municipality="HN1709",
            chain="fishing", amount=Money.parse(amount, currency), term_months=12, disbursed_on=date(2026, 5, 1),
            assistance_needs=[], paid_off=Money.parse(paid_off, currency) if paid_off else None,
        ),
    )  # fmt: skip


def train(session: Session, enterprise_ids: list[UUID], need: str) -> None:
    about: dict[str, Any] = {"chain": "fishing", "municipality": "HN1709", "formed_on": date(2026, 5, 1)}
    tell(session, GroupFormed(group_id=uuid4(), need=need, enterprise_ids=enterprise_ids, **about))


@pytest.fixture
def reached(database: Database) -> Database:
    """Of ten who fish six say they need credit, one more is weak in it; two have a loan, one was refused. Of five with
    cashew nobody has said anything.
    """
    with database.transaction() as session:
        say = register(session, 6, needs=["credit", "quality"])
        weak = register(session, 1, needs=[], profile=profile(3, credit=1, market=0))
        register(session, 2, needs=["quality"])
        fine = register(session, 1, needs=[], profile=profile(3))
        register(session, 5, "HN1701", chain="cashew", needs=[])
        for one in say[:2]:
            apply(session, one, "10000.00", "approved", "8000.00")
            pay(session, one, "8000.00")
        apply(session, say[2], "6000.00", "refused")
        apply(session, say[3], "4000.00")
        train(session, [*say[:3], *fine], "quality")
        train(session, weak, "market")
    return database


def test_credit_is_told_by_who_could_use_it_whom_it_reached_and_who_is_left(reached: Database) -> None:
    fishing = row(found(reached, "unmet"), "credit", code="fishing")

    told = {name: fishing[name] for name in ("here", "asked", "could_use", "granted", "reached", "left", "besides")}
    assert told == {"here": 10, "asked": 10, "could_use": 7, "granted": 2, "reached": 2, "left": 5, "besides": 0}
    assert fishing["penetration"] == pytest.approx(2 / 7, abs=1e-3)
    assert fishing["low_share"] < 2 / 7 < fishing["high_share"]


def test_of_who_was_never_asked_nothing_is_known(reached: Database) -> None:
    told = found(reached, "unmet")

    cashew = row(told, "credit", code="cashew")
    assert (cashew["here"], cashew["asked"], cashew["could_use"], cashew["penetration"]) == (5, 0, 0, None)
    assert told.coverage == pytest.approx(10 / 15)


def test_training_is_told_by_topic_and_a_weak_level_counts_as_a_need(reached: Database) -> None:
    told = found(reached, "unmet")

    quality = row(told, "training", code="fishing", topic="calidad")
    assert [quality[name] for name in ("could_use", "reached", "left", "besides")] == [8, 3, 5, 1]
    market = row(told, "training", code="fishing", topic="mercado")
    assert [market[name] for name in ("could_use", "reached", "left")] == [1, 1, 0]
    assert "En capacitación falta más en calidad: 5 de 8." in told.answer


def test_money_that_is_left_is_what_they_ask_for_and_of_the_silent_the_mean(reached: Database) -> None:
    """10,000 twice, 6,000 and 4,000 are told by four of seven: too few, so that nothing is estimated of the rest; with
    a fifth the rest are put at the mean.
    """
    money = row(found(reached, "unmet"), "money", code="fishing")
    assert (money["currency"], money["could_use"], money["told_wanted"], money["wanted"]) == ("HNL", 7, 4, 30000.0)
    assert (money["estimate"], money["left_money"]) == (None, None)
    assert (money["approved"], money["disbursed"]) == (16000.0, 16000.0)
    with reached.transaction() as session:
        apply(session, register(session, 1, needs=["credit"])[0], "5000.00")
    money = row(found(reached, "unmet"), "money", code="fishing")
    assert money["estimate"] == 35000 + 3 * 7000
    assert money["left_money"] == 56000 - 16000
    assert "Falta desembolsar alrededor de HNL 40,000." in found(reached, "unmet").answer


def test_it_is_told_by_place_and_drawn(reached: Database) -> None:
    told = found(reached, "unmet")

    place = row(told, "cells", code="HN1709")
    assert [place[name] for name in ("could_use", "reached", "left", "left_quality", "left_market")] == [7, 2, 5, 5, 0]
    assert (told.values["HN1709"], told.values["HN1701"], told.values["HN1703"]) == (5, 0, 0)


def test_of_a_few_nothing_is_told_but_to_who_may_open_profiles(reached: Database) -> None:
    mine, hers = found(reached, "unmet"), found(reached, "unmet", LEDA)

    assert row(hers, "credit", code="fishing") == row(mine, "credit", code="fishing")
    market = row(hers, "training", code="fishing", topic="mercado")
    assert [market[name] for name in ("could_use", "reached", "left", "penetration", "besides")] == [None] * 5
    money = row(hers, "money", code="fishing")
    assert (money["told_wanted"], money["wanted"]) == (4, None), "what four ask for is theirs"
    assert row(hers, "cells", code="HN1709")["left_market"] is None
    assert any("se reserva" in note for note in hers.notes)
    with reached.transaction() as session:
        register(session, 2, "HN1703", needs=["credit"])
    assert found(reached, "unmet").values["HN1703"] == 2
    assert found(reached, "unmet", LEDA).values["HN1703"] is None


def test_of_nobody_known_it_says_to_ask_first(database: Database) -> None:
    with database.transaction() as session:
        register(session, 3, needs=[])
    assert "Primero pregunte necesidades" in found(database, "unmet").answer


def test_one_chain_is_told_alone(reached: Database) -> None:
    told = found(reached, "unmet", chain="cashew")
    assert [one["code"] for one in rows(told, "credit")] == ["cashew"]
    assert told.n == 5


def wanted(session: Session) -> dict[UUID, tuple[int, int, int]]:
    """What each asked for, was granted and was paid."""
    everything = known(session, ["HN"])
    told = served(session, everything)
    sums = zip(told.asked.tolist(), told.approved.tolist(), told.disbursed.tolist(), strict=True)
    return dict(zip(everything.ids, sums, strict=True))


def test_what_is_asked_for_is_what_was_granted_and_the_last_that_was_not(database: Database) -> None:
    with database.transaction() as session:
        again, back, refinanced, dollars, never = register(session, 5)
        apply(session, again, "900.00", "refused", day=1)
        apply(session, again, "1000.00", "approved", "800.00", day=2)
        apply(session, again, "300.00", "deferred", day=3)
        about = {"enterprise_id": back, "municipality": "HN1709", "withdrawn_on": date(2026, 4, 9)}
        tell(session, ApplicationWithdrawn(application_id=apply(session, back, "500.00"), **about))
        apply(session, refinanced, "700.00", "approved", kind="refinance")
        pay(session, refinanced, "700.00", paid_off="400.00")
        apply(session, dollars, "100.00", "approved", currency="USD")
        pay(session, dollars, "60.00", currency="USD")
        lend(session, dollars, amount="1.00")
    with database.reading() as session:
        found = wanted(session)
    assert found[again] == (130_000, 80_000, 0)
    assert found[back] == (-1, 0, 0), "taken back"
    assert found[refinanced] == (-1, 70_000, 30_000), "how much of it is new money nobody says"
    assert found[dollars] == (10_000, 10_000, 6_000), "the money of her last loan alone"
    assert found[never] == (-1, 0, 0)


def test_what_was_of_a_merged_enterprise_is_of_who_stands_for_it(database: Database) -> None:
    with database.transaction() as session:
        stays, goes = register(session, 2, needs=["credit"])
        apply(session, goes, "500.00", "approved")
        pay(session, goes, "500.00")
        train(session, [goes], "quality")
        tell(session, EnterpriseMerged(survivor_id=stays, absorbed_id=goes))
    with database.reading() as session:
        assert wanted(session)[stays] == (50_000, 50_000, 50_000)
        told = served(session, known(session, ["HN"]))
        assert told.trained.sum(axis=0).tolist() == [int(topic == "quality") for topic in TOPICS]
