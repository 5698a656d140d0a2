"""Each section of the regulations has its check, and each check finds the record that somebody changed behind its back."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from services.credit.models import Application, Attachment, Guarantee
from services.credit.queries.checks.month import Month
from services.credit.queries.compliance import CHECKS, NOTES, report
from services.credit.rules.regulations import _SECTIONS
from services.credit.use_cases.follow_award import post_return
from services.credit.use_cases.share_income import share_income
from shared.kernel import clock
from tests.credit.changing import approved as changed
from tests.credit.changing import carry_out, tranche, written_off
from tests.credit.closing import RULES as CLOSING
from tests.credit.closing import close, on
from tests.credit.house import CASHIER, COORDINATOR, OFFICER, PARAMETERS, House, lempiras
from tests.credit.seeding import approved as seed_approved
from tests.credit.seeding import award, pay, seed_house, show, verify
from tests.credit.test_conditions import REASONS
from tests.credit.test_funding import bank
from tests.credit.test_groups import GROUPS, decided, formed
from tests.credit.test_overpayments import apply
from tests.credit.test_payment_files import brought, post
from tests.credit.test_reversal import REVERSER, reverse
from tests.credit.test_tranches import disbursed_in_part

WORKING = PARAMETERS["products"][0]
RULES: dict[str, Any] = {
    **CLOSING,
    "products": [WORKING, WORKING | {"code": "por-partes", "tranches": 2}],
    "purposes": ["equipment", "inputs"],
    "payment_in_advance": False,
    "approvals": {"days": 60, "source": "art. 16"},
    "reasons": REASONS,
    "file": {"items": [{"kind": "quotation", "name": "Cotización"}], "source": "art. 5"},
    "capacity": {"share": 70, "source": "art. 7"},
    "scorecard": {
        "criteria": [
            {
                "code": "share_of_surplus",
                "name": "Cuota",
                "weight": 2,
                "bands": [{"up_to": 100, "points": 80}, {"points": 0}],
            }
        ],
        "minimum": 50,
        "source": "art. 8",
    },
    "guarantees": {
        "source": "art. 13",
        "times": 1,
        "products": [{"product": "working-capital", "kinds": ["pledge", "guarantor"], "coverage": [[5_000_00, 50]]}],
    },
    "groups": GROUPS,
    "restructuring": {"most": 1, "paid_before": "5", "source": "art. 19"},
    "pipeline": {"days": {"approved": 40, "appraised": 40}, "source": "art. 15"},
    "income_shares": {"period": "month", "shares": [{"to": "ADEL", "percent": "30"}]},
}
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def test_every_section_of_the_regulations_is_checked():
    assert set(_SECTIONS) <= {check.section for check in CHECKS}
    assert {check.note for check in CHECKS} <= {"", *NOTES}


class Papered(House):
    """A house that puts a quotation and a pledge into the file of every application."""

    def submitted(self, amount: str = "6000.00", **facts: Any) -> Application:
        application = super().submitted(amount, **facts)
        by = {"added_by": "technician", "added_by_name": "Tecla"}
        application.attachments.append(Attachment(kind="quotation", added_at=clock.now(), **by))
        pledge = {"kind": "pledge", "description": "Horno", "value": application.amount, "added_on": clock.today()}
        self.session.add(Guarantee(application_id=application.id, **pledge, **by))
        self.session.flush()
        return application


@pytest.fixture
def lent(session: Session) -> House:
    """Two months of a fund: loans of each kind, repaid, changed, written off, closed, its income shared."""
    house = Papered.build(session, **RULES)
    bank(house, "bank_interest", "100.00", clock.today())
    house.disbursed("6000.00")
    good, bad = house.disbursed("6000.00"), house.disbursed("6000.00")
    group = [house.appraised("1000.00"), house.appraised("2000.00")]
    decided(house, formed(house, *group))
    for member in group:
        house.disburse(member)
    parts = disbursed_in_part(house, "4000.00", "2000.00", product="por-partes")
    house.approved("700.00")
    with on(31):
        for loan in (good, bad, parts):
            house.repay(loan, str(house.fund.money(loan.instalments[0].outstanding)))
        tranche(house, parts, "1000.00")
        carry_out(house, changed(house, good))
        written_off(house, bad)
    with on(35):
        close(session, house.fund.id, clock.today())
    with on(36):
        share_income(session, COORDINATOR, fund_id=house.fund.id, ends_on=date(2026, 3, 31))
    return house


@pytest.fixture
def given(session: Session) -> House:
    """A month of a fund of seed capital: a grant paid in two parts, and a contribution of which something came back."""
    house = seed_house(session)
    grant = award(house, seed_approved(house))
    pay(house, grant)
    show(house, grant)
    verify(house, grant)
    pay(house, grant, 2)
    contribution = award(house, seed_approved(house, "aporte", "10000.00"))
    pay(house, contribution, by=OFFICER)
    back = {"amount": lempiras("100.00"), "paid_on": clock.today(), "channel": "cash"}
    post_return(session, COORDINATOR, award_id=contribution.id, **back)
    return house


def broken(house: House, month: date, day: int) -> dict[str, set[str]]:
    """The rules that were broken in a month, and how, as told so many days after the first."""
    house.session.flush()
    house.session.expire_all()
    with on(day):
        told = report(house.session, house.fund, month)
    return {check["rule"]: {one["what"] for one in check["findings"]} for check in told["checks"] if check["findings"]}


def require_found(house: House, table: list[tuple[str, date, str, str]], day: int) -> None:
    """Each change, made alone, is found by its check."""
    missed = []
    for change, month, rule, what in table:
        with house.session.begin_nested() as point:
            assert house.session.execute(text(change)).rowcount, change  # type: ignore[attr-defined]
            if what not in broken(house, month, day).get(rule, ()):
                missed.append((change, rule, what))
            point.rollback()
        house.session.expire_all()
    assert missed == []


LENT = [
    ("UPDATE application SET purpose = 'other'", MARCH, "purposes", "purpose_not_financed"),
    ("UPDATE application SET municipality = 'HN0801'", MARCH, "eligibility", "other_territory"),
    (
        "UPDATE loan SET enterprise_id = (SELECT enterprise_id FROM loan ORDER BY id LIMIT 1)",
        MARCH,
        "eligibility",
        "other_loan_in_force",
    ),
    ("DELETE FROM attachment", MARCH, "file", "paper_missing"),
    ("UPDATE appraisal SET monthly_income = monthly_expense + 1", MARCH, "capacity", "above_capacity"),
    ("UPDATE appraisal SET score = NULL", MARCH, "scorecard", "other_score"),
    ("UPDATE guarantee SET value = 1 WHERE kind = 'pledge'", MARCH, "guarantees", "not_covered"),
    ("UPDATE guarantee SET kind = 'guarantor', fingerprint = 'x'", MARCH, "guarantees", "guarantor_too_often"),
    ("DELETE FROM guarantee WHERE kind = 'joint_group'", MARCH, "groups", "group_too_small"),
    ("UPDATE loan SET product = 'por-partes'", MARCH, "groups", "group_product"),
    ("UPDATE resolution SET outcome = 'refused'", MARCH, "groups", "group_not_approved"),
    ("UPDATE application SET stage_since = '2026-01-02'", APRIL, "pipeline", "waits_too_long"),
    ("UPDATE resolution SET outcome = 'refused'", MARCH, "resolution", "no_resolution"),
    (
        "UPDATE loan_change SET resolution_id = (SELECT id FROM resolution ORDER BY id LIMIT 1)",
        APRIL,
        "resolution",
        "no_resolution",
    ),
    ("UPDATE application SET product = 'otro'", MARCH, "limits", "not_lent"),
    ("""UPDATE loan SET terms = '{"annual_rate": "99", "instalments": 12}'""", MARCH, "limits", "other_terms"),
    ("UPDATE loan SET principal = principal + 100001", APRIL, "limits", "other_amount"),
    ("UPDATE loan_change SET kind = 'tranche'", APRIL, "limits", "too_many_tranches"),
    ("UPDATE loan_change SET done_by = 'member-1'", APRIL, "segregation", "voter_paid_out"),
    ("UPDATE loan_change SET done_by = 'member-1'", APRIL, "segregation", "voter_carried_out"),
    ("UPDATE loan_change SET done_by = 'cashier'", APRIL, "segregation", "collector_paid_out"),
    ("UPDATE loan_change SET done_by = 'cashier'", APRIL, "segregation", "collector_carried_out"),
    ("UPDATE resolution SET expires_on = '2026-04-01'", MARCH, "expiry", "other_expiry"),
    ("UPDATE resolution SET expires_on = '2026-03-01'", APRIL, "expiry", "after_expiry"),
    ("UPDATE repayment_part SET principal = 0", APRIL, "restructuring", "too_little_paid"),
    ("UPDATE loan_change SET principal = -1000000 WHERE kind = 'write_off'", APRIL, "restructuring", "other_debt"),
    ("UPDATE loan_change SET principal = 5 WHERE kind = 'reschedule'", APRIL, "restructuring", "capitalised"),
    (
        "UPDATE loan SET refinances = (SELECT id FROM loan ORDER BY id LIMIT 1) WHERE rescheduled_on IS NOT NULL",
        APRIL,
        "restructuring",
        "too_often",
    ),
    ("UPDATE resolution SET amount = 20000000", MARCH, "funds", "beyond_cash"),
    ("UPDATE application SET committed = committed + 1", MARCH, "funds", "other_promise"),
    ("UPDATE fund SET reserve = 100000000", MARCH, "funds", "promised_beyond"),
    ("UPDATE loan SET allocation_order = '[\"principal\"]'", MARCH, "allocation", "other_order"),
    ("UPDATE repayment_part SET interest = 0", APRIL, "allocation", "out_of_order"),
    ("UPDATE loan SET payment_in_advance = TRUE", APRIL, "advance", "other_advance"),
    ("UPDATE repayment SET paid_on = '2026-03-20'", APRIL, "advance", "paid_in_advance"),
    ("UPDATE late_charge SET amount = amount + 1", APRIL, "late_charge", "other_charge"),
    ("DELETE FROM late_charge", APRIL, "late_charge", "other_charge"),
    ("UPDATE loan_standing SET allowance = allowance + 1", APRIL, "provisioning", "other_allowance"),
    ("UPDATE daily_close SET allowance = allowance + 1", APRIL, "provisioning", "allowance_differs"),
    ("DELETE FROM closing", MARCH, "provisioning", "not_closed"),
    ("UPDATE income_part SET amount = amount + 1", APRIL, "income", "other_share"),
    ("UPDATE income_share SET carried = carried + 1", APRIL, "income", "other_result"),
    ("""UPDATE resolution SET exceptions = '{"payment_capacity": {}}'""", MARCH, "exceptions", "no_exception_reason"),
    ("UPDATE resolution SET level = 'Otro'", MARCH, "competence", "other_level"),
]
GIVEN = [
    ("UPDATE seed_milestone SET verified_at = NULL", MARCH, "seed", "part_before_not_verified"),
    ("UPDATE seed_milestone SET verified_by = paid_by", MARCH, "seed", "verifier_paid_out"),
    ("UPDATE seed_milestone SET verified_by = shown_by", MARCH, "seed", "verified_her_own"),
    ("UPDATE seed_award SET return_by = '2026-03-06' WHERE kind = 'contribution'", MARCH, "seed", "not_returned"),
    ("UPDATE seed_plan SET own_contribution = 0", MARCH, "seed", "own_share_too_small"),
    ("DELETE FROM seed_milestone WHERE position = 2", MARCH, "seed", "too_few_parts"),
    ("UPDATE seed_milestone SET amount = 900000 WHERE position = 1", MARCH, "seed", "first_part_too_large"),
    ("UPDATE seed_award SET amount = amount + 1", MARCH, "seed", "other_amount"),
    ("UPDATE seed_award SET amount = 1", MARCH, "seed", "outside_limits"),
    ("UPDATE seed_award SET kind = 'grant'", MARCH, "seed", "other_terms"),
    ("UPDATE application SET product = 'otro'", MARCH, "seed", "not_lent"),
    ("UPDATE seed_award SET awarded_by = 'member-1'", MARCH, "segregation", "voter_paid_out"),
    ("UPDATE seed_milestone SET paid_by = 'member-1'", MARCH, "segregation", "voter_paid_out"),
    ("UPDATE seed_return SET posted_by = 'officer'", MARCH, "repayments", "payer_collected"),
    ("UPDATE resolution SET outcome = 'refused'", MARCH, "resolution", "no_resolution"),
    ("UPDATE resolution SET expires_on = '2026-03-01'", MARCH, "expiry", "after_expiry"),
]


def test_each_change_behind_the_back_of_a_fund_that_lends_is_found(lent: House):
    assert broken(lent, MARCH, 36) == {}
    assert broken(lent, APRIL, 36) == {}
    require_found(lent, LENT, 36)


def test_each_change_behind_the_back_of_a_fund_of_seed_capital_is_found(given: House):
    assert broken(given, MARCH, 20) == {}
    require_found(given, GIVEN, 20)


def test_an_instalment_that_was_put_on_a_day_of_rest_is_found(session: Session):
    house = House.build(session, holidays={"days": ["05-12"], "shift": "next", "source": "art. 9"})
    house.disbursed()
    assert "rest_days" not in broken(house, MARCH, 5)
    rested = "UPDATE instalment SET due = '2026-05-12' WHERE number = 2"
    require_found(house, [(rested, MARCH, "rest_days", "due_on_day_of_rest")], 5)


def test_who_only_moved_a_payment_to_a_loan_took_none_of_it_and_who_had_taken_it_did(session: Session):
    house = House.build(session, **CLOSING)
    wrong, right = house.disbursed(), house.disbursed()
    with on(31):
        reverse(house, house.repay(wrong, "300.00"), move_to=right.id)
        carry_out(house, changed(house, right))
    session.execute(text(f"UPDATE loan_change SET done_by = '{REVERSER.subject}'"))
    assert "segregation" not in broken(house, APRIL, 36)
    session.execute(text(f"UPDATE loan_change SET done_by = '{CASHIER.subject}'"))
    assert broken(house, APRIL, 36)["segregation"] == {"collector_carried_out"}


def of_loan(loan: int, change: str) -> str:
    """The change made in the row of one loan, the oldest being 0."""
    return f"{change} WHERE id = (SELECT id FROM loan ORDER BY id LIMIT 1 OFFSET {loan})"


COLLECTED = [
    (of_loan(0, "UPDATE loan SET disbursed_by = 'cashier'"), "payer_collected"),
    ("UPDATE loan_change SET done_by = 'cashier' WHERE kind = 'tranche'", "payer_collected"),
    ("UPDATE loan_change SET done_by = 'cashier' WHERE kind = 'reschedule'", "payer_collected"),
    (of_loan(4, "UPDATE loan SET disbursed_by = 'cashier'"), "payer_collected"),
    ("UPDATE payment_line SET decided_by = 'officer'", "payer_collected"),
    ("UPDATE repayment SET posted_by = 'officer' WHERE channel = 'held'", "payer_collected"),
    ("UPDATE repayment SET posted_by = 'officer' WHERE reverses_id IS NOT NULL", "payer_took_back"),
]


def test_who_paid_out_or_changed_a_loan_is_found_whatever_way_she_collects(session: Session):
    """At the counter, after a part or a change, of what was moved to the loan, by file, from an overpayment; and where
    she takes a payment back.
    """
    rules = CLOSING | {"products": [WORKING, WORKING | {"code": "por-partes", "tranches": 2}]}
    house = House.build(session, **rules)
    plain, planned = house.disbursed(), house.disbursed()
    parts = disbursed_in_part(house, "4000.00", "2000.00", product="por-partes")
    wrong, right = house.disbursed(), house.disbursed()
    filed, overpaid = house.disbursed(), house.disbursed("1000.00")
    tranche(house, parts, "1000.00")
    with on(31):
        carry_out(house, changed(house, planned))
        for loan in (plain, planned, parts):
            house.repay(loan, "100.00")
        reverse(house, house.repay(wrong, "300.00"), move_to=right.id)
        assert post(house, brought(house, f"05/04/2026;TX-1;{filed.number};María;300.00;")) == 1
        filed.enterprise_id = overpaid.enterprise_id
        house.repay(overpaid, "", money=house.fund.money(overpaid.left + 120_00), hold_excess=True)
        apply(house, overpaid, filed, "50.00")
    assert "repayments" not in broken(house, APRIL, 36)
    require_found(house, [(change, APRIL, "repayments", what) for change, what in COLLECTED], 36)


def test_who_collected_before_she_changed_a_loan_is_not_taken_for_one_who_collects_after(session: Session):
    house = House.build(session, **CLOSING)
    loan = house.disbursed()
    with on(31):
        house.repay(loan, "300.00")
        carry_out(house, changed(house, loan))
    session.execute(text(f"UPDATE loan_change SET done_by = '{CASHIER.subject}'"))
    assert broken(house, APRIL, 36)["segregation"] == {"collector_carried_out"}
    assert "repayments" not in broken(house, APRIL, 36)


@pytest.mark.parametrize(("named", "found"), [(PARAMETERS, set()), (["quorum"], {"no_source"})], ids=["all", "one"])
def test_a_section_without_a_source_is_found_where_others_name_theirs(session: Session, named: Any, found: set[str]):
    house = House.build(session, sources=dict.fromkeys(named, "art. 4"))
    assert broken(house, MARCH, 5).get("sources", set()) == found


def test_an_exception_of_the_resolution_itself_is_kept_to(lent: House):
    """What was resolved to be let through is no finding where it is measured again."""
    poorer = "UPDATE appraisal SET monthly_income = monthly_expense + 1"
    lent.session.execute(text(poorer))
    lent.session.execute(
        text("""UPDATE resolution SET exceptions = '{"payment_capacity": {}}', exception_reason = 'Sí'""")
    )
    assert "capacity" not in broken(lent, MARCH, 36)


def test_what_cannot_be_seen_afterwards_is_said(lent: House):
    told = {check["rule"]: check for check in report(lent.session, lent.fund, MARCH)["checks"]}
    assert told["eligibility"]["note"] == "what_has_a_date"
    assert told["provisioning"]["note"] == "last_close"
    assert told["scorecard"]["source"] == "Reglamento de Crédito, 1: art. 8"


def test_a_part_that_was_entered_later_is_told_in_the_month_in_which_it_was_entered(session: Session):
    house = House.build(session, products=[WORKING | {"tranches": 2}])
    loan = disbursed_in_part(house, "4000.00", "2000.00")
    with on(31):
        tranche(house, loan, "1000.00", disbursed_on=date(2026, 3, 20))
    assert Month(session, house.fund, MARCH).changes == []
    assert [act.kind for act in Month(session, house.fund, APRIL).acts] == ["tranche"]


def test_nobody_asks_whether_seed_capital_can_be_paid_back(session: Session):
    house = seed_house(session, capacity={"share": 1, "source": "art. 7"})
    award(house, seed_approved(house))
    assert broken(house, MARCH, 5) == {}


def test_what_is_paid_down_on_a_day_of_rest_is_due_that_day(session: Session):
    house = House.build(session, holidays={"days": ["03-05"], "shift": "next", "source": "art. 9"})
    house.disbursed()
    session.execute(text("UPDATE instalment SET due = '2026-03-05' WHERE number = 1"))
    assert "rest_days" not in broken(house, MARCH, 5)
