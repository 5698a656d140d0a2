"""What territory knows comes from events alone, in any order between sources, and goes when she withdraws."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.territory.models import (
    COPY_TABLES,
    CopyEnterprise,
    CopyGroupMember,
    CopyLoan,
    CopyMarket,
    CopyProfile,
    CopyTrade,
    CopyWithdrawn,
)
from services.territory.queries.figures import as_of, figures
from services.territory.rules.figures import Count
from shared.bus.replay import canonical
from shared.bus.tables import event_log
from shared.database import Database
from shared.events.credit import (
    ApplicationDecided,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ApprovalLapsed,
    LoanDisbursed,
    LoanSettled,
    LoanWrittenOff,
    RepaymentPosted,
    RepaymentReversed,
    TrancheDisbursed,
)
from shared.events.registry import EnterpriseChanged, EntrepreneurWithdrawn, ProfileLevels, SalesOfYear, Trade
from shared.kernel import Money
from tests.territory.conftest import facts, form_group, lend, register, tell


def test_an_enterprise_is_counted_in_every_table_of_its_municipality(database: Database) -> None:
    with database.transaction() as session:
        register(session, 2, links=["production", "marketing"], needs=["credit", "market"], jobs_women=3, formal=True)

        told = figures(session, ["HN1709"])

    assert told.get("HN1709", "all") == Count(2, 6)
    assert told.get("HN17", "all") == Count(2, 6)
    assert told.get("HN1709", "chain", "fishing", "marketing") == Count(2, 6)
    assert told.get("HN1709", "link", "production") == Count(2, 6)
    assert told.get("HN1709", "need", "market") == Count(2, 6)
    assert told.get("HN1709", "formal", "yes") == Count(2, 6)
    assert told.get("HN1709", "training", "out") == Count(2, 6)


def test_what_is_to_be_published_knows_the_largest_of_each_figure(database: Database) -> None:
    with database.transaction() as session:
        register(session, 1, links=["production", "marketing"], jobs_women=30)
        register(session, 2, links=["production"], jobs_women=2)
        register(session, 1, municipality="HN1701", links=["production"], jobs_women=7)

        told = figures(session, ["HN"], agreed=True).counts
        live = figures(session, ["HN"]).counts

    assert told["HN1709", "all"].largest == (30, 2)
    assert told["HN17", "chain", "fishing", "production"].largest == (30, 7)
    assert told["HN1709", "link", "marketing"].largest == (30,)
    assert {key: told[key] for key in live} == live
    assert all(count.largest == () for count in live.values())


def test_what_is_to_be_published_knows_what_the_largest_borrowers_have(database: Database) -> None:
    with database.transaction() as session:
        one, other, third = register(session, 3)
        for amount, borrower in (("900.00", one), ("500.00", one), ("1000.00", other), ("10.00", third)):
            lend(session, borrower, amount=amount)
        settled = lend(session, other, amount="5000.00")
        tell(
            session,
            LoanSettled(loan_id=settled, enterprise_id=other, municipality="HN1709", settled_on=date(2026, 9, 1)),
        )

        told = figures(session, ["HN"], agreed=True).counts
        live = figures(session, ["HN"]).counts

    assert told["HN1709", "loans"].largest_amounts == {"HNL": (600_000, 140_000)}
    assert told["HN17", "loans", "open"].largest_amounts == {"HNL": (140_000, 100_000)}
    assert live["HN1709", "loans"].largest_amounts == {}
    assert {key: told[key] for key in live} == live


def test_what_changed_replaces_all_that_was_known(database: Database) -> None:
    with database.transaction() as session:
        before = facts(links=["production"], needs=["credit"])
        tell(session, EnterpriseChanged(facts=before))
        after = facts("HN1701", enterprise_id=before.enterprise_id, chain="cashew", links=["inputs"], needs=[])
        tell(session, EnterpriseChanged(facts=after))

        told = figures(session, ["HN"])

    assert told.get("HN1709", "all") == Count()
    assert told.get("HN1701", "chain", "cashew", "inputs") == Count(1, 1)
    assert told.get("HN17", "need", "credit") == Count()


@pytest.mark.parametrize("known", [{"active": False}, {"validation": "rejected"}])
def test_inactive_and_rejected_enterprises_are_not_counted(database: Database, known: dict[str, object]) -> None:
    with database.transaction() as session:
        register(session, 3, **known)

        assert figures(session, ["HN"]).get("HN17", "all") == Count()


def test_loans_repayments_and_settlements_add_up_by_municipality(database: Database) -> None:
    with database.transaction() as session:
        one, two = register(session, 2)
        first, second = lend(session, one, amount="10000.00"), lend(session, two, amount="5000.00")
        about = {"enterprise_id": one, "municipality": "HN1709"}
        paid = {"amount": Money.parse("4000.00", "HNL"), "outstanding": Money.parse("6000.00", "HNL")}
        tell(session, RepaymentPosted(loan_id=first, repayment_id=uuid4(), **about, **paid, posted_on=date(2026, 5, 1)))
        settled = {"enterprise_id": two, "municipality": "HN1709", "settled_on": date(2026, 6, 1)}
        tell(session, LoanSettled(loan_id=second, **settled))

        told = figures(session, ["HN"])

    assert told.get("HN1709", "loans") == Count(2, 0, {"HNL": 1_500_000})
    assert told.get("HN1709", "loans", "open") == Count(1, 0, {"HNL": 600_000})
    assert told.get("HN1709", "loans", "settled") == Count(1, 0, {"HNL": 0})
    assert told.get("HN17", "applications", "approved") == Count(2)


def test_a_loan_whose_last_repayment_is_reversed_is_open_again(database: Database) -> None:
    with database.transaction() as session:
        [one] = register(session, 1)
        loan = lend(session, one, amount="10000.00")
        about = {"loan_id": loan, "enterprise_id": one, "municipality": "HN1709"}
        tell(session, LoanSettled(**about, settled_on=date(2026, 6, 1)))
        money = Money.parse("4000.00", "HNL")
        reversal = {"repayment_id": uuid4(), "amount": money, "outstanding": money, "reversed_on": date(2026, 6, 2)}
        tell(session, RepaymentReversed(**about, **reversal, settled=False))
        told = figures(session, ["HN"])
        assert told.get("HN1709", "loans", "open") == Count(1, 0, {"HNL": 400_000})
        tell(session, LoanSettled(**about, settled_on=date(2026, 6, 3)))
        tell(session, RepaymentReversed(**about, **reversal | {"outstanding": Money(0, "HNL")}, settled=True))
        told = figures(session, ["HN"])
        assert told.get("HN1709", "loans", "settled") == Count(1, 0, {"HNL": 0}), "only what was too much went back"


@pytest.mark.parametrize("decided", [True, False])
def test_an_application_taken_back_waits_no_more_and_is_approved_no_more(database: Database, decided: bool) -> None:
    about = {"application_id": uuid4(), "enterprise_id": uuid4(), "municipality": "HN1709"}
    money, day = Money.parse("9000.00", "HNL"), date(2026, 4, 1)
    with database.transaction() as session:
        tell(session, ApplicationSubmitted(**about, amount=money, purpose="working_capital", submitted_on=day))
        if decided:
            outcome = {"outcome": "approved", "resolution": "R-1", "amount": money, "decided_on": day}
            tell(session, ApplicationDecided(**about, **outcome))
        tell(session, ApplicationWithdrawn(**about, withdrawn_on=day))

        told = figures(session, ["HN"])

    assert told.get("HN1709", "applications", "approved") == told.get("HN1709", "applications", "waiting") == Count()
    assert told.get("HN1709", "applications", "withdrawn") == told.get("HN1709", "applications") == Count(1)


@pytest.mark.parametrize("kind", ["reschedule", "write_off"])
def test_what_changes_a_running_loan_is_no_credit_asked_for(database: Database, kind: str) -> None:
    about = {"application_id": uuid4(), "enterprise_id": uuid4(), "municipality": "HN1709", "kind": kind}
    money, day = Money.parse("9000.00", "HNL"), date(2026, 4, 1)
    with database.transaction() as session:
        tell(session, ApplicationSubmitted(**about, amount=money, purpose="inputs", submitted_on=day))
        tell(session, ApplicationDecided(**about, outcome="approved", resolution="R-1", amount=money, decided_on=day))
        tell(session, ApplicationWithdrawn(**about, withdrawn_on=day))
        assert figures(session, ["HN"]).get("HN1709", "applications") == Count()


def test_of_a_refinancing_only_the_new_money_was_lent_and_a_written_off_loan_is_lent_out_no_more(
    database: Database,
) -> None:
    loan_id, money, day = uuid4(), Money.parse("9000.00", "HNL"), date(2026, 4, 1)
    about = {"loan_id": loan_id, "enterprise_id": uuid4(), "municipality": "HN1709"}
    with database.transaction() as session:
        tell(
            session,
            LoanDisbursed(
                **about, application_id=uuid4(), owner_ids=[], chain="dairy", amount=money, term_months=12,
                disbursed_on=day, assistance_needs=[], kind="refinance", paid_off=Money.parse("4000.00", "HNL"),
            ),
        )  # fmt: skip
        assert figures(session, ["HN"]).get("HN1709", "loans") == Count(1, 0, {"HNL": 500_000})
        more = {"amount": Money.parse("1000.00", "HNL"), "lent": Money.parse("6000.00", "HNL")}
        tell(session, TrancheDisbursed(**about, **more, outstanding=Money.parse("9500.00", "HNL"), disbursed_on=day))
        loan = session.get_one(CopyLoan, loan_id)
        assert (loan.amount_minor, loan.outstanding_minor) == (600_000, 950_000)
        tell(session, LoanWrittenOff(**about, amount=money, written_off_on=day))
        assert loan.outstanding_minor == 0


def test_an_approval_that_is_over_waits_again_and_is_approved_no_more(database: Database) -> None:
    about = {"application_id": uuid4(), "enterprise_id": uuid4(), "municipality": "HN1709"}
    money, day = Money.parse("9000.00", "HNL"), date(2026, 4, 1)
    with database.transaction() as session:
        tell(session, ApplicationSubmitted(**about, amount=money, purpose="working_capital", submitted_on=day))
        outcome = {"outcome": "approved", "resolution": "R-1", "amount": money, "decided_on": day}
        tell(session, ApplicationDecided(**about, **outcome))
        tell(session, ApprovalLapsed(**about, lapsed_on=day))

        told = figures(session, ["HN"])

    assert told.get("HN1709", "applications", "approved") == Count()
    assert told.get("HN1709", "applications", "waiting") == told.get("HN1709", "applications") == Count(1)


def test_a_repayment_of_a_loan_that_has_not_arrived_is_parked_not_skipped(database: Database) -> None:
    money = Money.parse("1.00", "HNL")
    early = RepaymentPosted(
        loan_id=uuid4(), repayment_id=uuid4(), enterprise_id=uuid4(), municipality="HN1709",
        amount=money, outstanding=money, posted_on=date(2026, 5, 1),
    )  # fmt: skip
    with database.transaction() as session, pytest.raises(LookupError):
        tell(session, early)


def test_members_of_a_group_are_in_training_where_they_live(database: Database) -> None:
    with database.transaction() as session:
        here, there = register(session, 2), register(session, 1, "HN1701")
        form_group(session, [*here, *there])

        told = figures(session, ["HN"])

    assert told.get("HN1709", "training", "in") == Count(2, 2)
    assert told.get("HN1701", "training", "in") == Count(1, 1)
    assert told.get("HN1709", "groups") == Count(1)


def test_a_withdrawal_erases_the_enterprise_and_unlinks_the_rest(database: Database) -> None:
    woman = uuid4()
    with database.transaction() as session:
        (hers,), _ = register(session, 1), register(session, 1)
        lend(session, hers)
        form_group(session, [hers])
        tell(session, EntrepreneurWithdrawn(entrepreneur_id=woman, enterprise_ids=[hers]))

    with database.reading() as session:
        assert session.get(CopyEnterprise, hers) is None
        assert session.scalars(select(CopyGroupMember)).all() == []
        assert session.scalars(select(CopyLoan.enterprise_id)).all() == [None]
        assert figures(session, ["HN"]).get("HN1709", "loans") == Count(1, 0, {"HNL": 1_000_000})
        reported = session.execute(select(event_log.c.type, event_log.c.data)).one()
        assert reported.type == "org.csem.territory.erasure-completed.v1"
        assert reported.data["entrepreneur_id"] == str(woman)
        assert reported.data["erased"]["enterprises"] == 1
        assert reported.data["erased"]["loans_unlinked"] == 1


def test_nothing_that_arrives_after_a_withdrawal_brings_her_back(database: Database) -> None:
    gone = facts()
    with database.transaction() as session:
        tell(session, EntrepreneurWithdrawn(entrepreneur_id=uuid4(), enterprise_ids=[gone.enterprise_id]))
        tell(session, EnterpriseChanged(facts=gone))
        lend(session, gone.enterprise_id)
        form_group(session, [gone.enterprise_id])

    with database.reading() as session:
        assert session.get(CopyEnterprise, gone.enterprise_id) is None
        assert session.get(CopyWithdrawn, gone.enterprise_id) is not None
        assert session.scalars(select(CopyLoan.enterprise_id)).all() == [None]
        assert session.scalars(select(CopyGroupMember)).all() == []


def test_copies_are_the_same_whichever_source_comes_first(database: Database) -> None:
    hers, other, woman, loan = facts(), facts("HN1701"), uuid4(), {}

    def registry(session: Session) -> None:
        tell(session, EnterpriseChanged(facts=hers))
        tell(session, EnterpriseChanged(facts=other))
        tell(session, EntrepreneurWithdrawn(entrepreneur_id=woman, enterprise_ids=[hers.enterprise_id]))

    def credit(session: Session) -> None:
        from shared.events.credit import LoanDisbursed

        for enterprise in (hers, other):
            loan_id = loan.setdefault(enterprise.enterprise_id, uuid4())
            tell(
                session,
                LoanDisbursed(loan_id=loan_id, application_id=loan_id, enterprise_id=enterprise.enterprise_id, owner_ids=[],
                              municipality=enterprise.municipality, chain="fishing", amount=Money(100, "HNL"),
                              term_months=6, disbursed_on=date(2026, 4, 1), assistance_needs=[]),
            )  # fmt: skip

    def kept(*order: Callable[[Session], None]) -> str:
        with database.transaction() as session:
            for table in reversed(COPY_TABLES):
                session.execute(delete(table))
            for source in order:
                source(session)
            session.flush()
            return canonical(session, [table for table in COPY_TABLES if table.name != "copy_as_of"])

    assert kept(registry, credit) == kept(credit, registry)


def test_figures_say_as_of_when_they_are(database: Database) -> None:
    with database.reading() as session:
        assert as_of(session).time is None
    with database.transaction() as session:
        register(session, 2)
        told = as_of(session)

    assert told.time is not None
    assert set(told.positions) == {"registry"}


TOLD: dict[str, Any] = {
    "profile": ProfileLevels(credit=1, market=3, scaling=0, score=40, assessed_on=date(2026, 5, 28)),
    "sales": SalesOfYear(low=Money.parse("38400.00", "HNL"), high=Money.parse("115200.00", "HNL")),
    "markets": ["municipality", "export", "export"],
    "tier": "emerging",
}


def test_levels_sales_markets_and_trade_are_kept_and_replaced(database: Database) -> None:
    other = uuid4()
    bought = Trade(side="supplier", kind="enterprise", enterprise_id=other, share=60)
    before = facts(**TOLD, trade=[bought, Trade(side="buyer", kind="shop")])
    here = before.enterprise_id
    with database.transaction() as session:
        tell(session, EnterpriseChanged(facts=before))
        kept = session.get_one(CopyEnterprise, here, populate_existing=True)
        assert kept.profile is not None
        assert (kept.profile.credit, kept.profile.quality, kept.profile.score) == (1, None, 40)
        assert (kept.sales_low_minor, kept.sales_high_minor, kept.sales_currency) == (3_840_000, 11_520_000, "HNL")
        assert sorted(one.market for one in kept.markets) == ["export", "municipality"]
        assert [(one.side, one.partner_id, one.share) for one in kept.trade] == [
            ("supplier", other, 60),
            ("buyer", None, None),
        ]

        open_above = SalesOfYear(low=Money.parse("768000.00", "HNL"))
        tell(session, EnterpriseChanged(facts=replace(before, profile=None, markets=[], trade=[], sales=open_above)))
        kept = session.get_one(CopyEnterprise, here, populate_existing=True)
        assert (kept.profile, kept.markets, kept.trade, kept.sales_high_minor) == (None, [], [], None)
        assert session.scalars(select(CopyTrade)).all() == []


def test_what_an_older_release_tells_is_taken_as_it_is(database: Database) -> None:
    with database.transaction() as session:
        [one] = register(session, 1)
        kept = session.get_one(CopyEnterprise, one)
        assert (kept.profile, kept.markets, kept.trade, kept.sales_low_minor, kept.tier) == (None, [], [], None, None)


def test_a_withdrawal_takes_her_levels_her_trade_and_her_id_in_the_trade_of_others(database: Database) -> None:
    hers = facts(**TOLD, trade=[Trade(side="buyer", kind="shop")])
    trade = [Trade(side="supplier", kind="enterprise", enterprise_id=hers.enterprise_id, share=70)]
    buyer, late = facts(trade=trade), facts(trade=trade)
    with database.transaction() as session:
        for one in (hers, buyer):
            tell(session, EnterpriseChanged(facts=one))
        tell(session, EntrepreneurWithdrawn(entrepreneur_id=uuid4(), enterprise_ids=[hers.enterprise_id]))
        tell(session, EnterpriseChanged(facts=late))
        tell(session, EnterpriseChanged(facts=buyer))

    with database.reading() as session:
        assert session.scalars(select(CopyProfile)).all() == session.scalars(select(CopyMarket)).all() == []
        left = session.execute(select(CopyTrade.enterprise_id, CopyTrade.partner_id, CopyTrade.share)).all()
        assert sorted(left) == sorted([(buyer.enterprise_id, None, 70), (late.enterprise_id, None, 70)])
        reported = session.execute(select(event_log.c.data)).scalar_one()
        assert reported["erased"]["trade_unlinked"] == 1


def test_replayed_copies_of_levels_and_trade_are_the_same(database: Database) -> None:
    gone = uuid4()
    told = facts(**TOLD, trade=[Trade(side="supplier", kind="enterprise", enterprise_id=gone, share=10)])
    events = [
        EnterpriseChanged(facts=told),
        EntrepreneurWithdrawn(entrepreneur_id=uuid4(), enterprise_ids=[gone]),
        EnterpriseChanged(facts=replace(told, markets=["country"])),
    ]

    def replayed() -> str:
        with database.transaction() as session:
            for table in reversed(COPY_TABLES):
                session.execute(delete(table))
            session.expire_all()
            for event in events:
                tell(session, event)
            session.flush()
            return canonical(session, [table for table in COPY_TABLES if table.name != "copy_as_of"])

    assert replayed() == replayed()
