"""Seed capital: the parts an appraisal proposes, the award, each part after the one before is shown, the close."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.credit.models import CopyEnterprise, LedgerEntry, LedgerLine, SeedMilestone, SeedPlan
from services.credit.queries.books import checked_books
from services.credit.queries.documents import verification
from services.credit.queries.seed import detail
from services.credit.rules import regulations
from services.credit.rules.ledger import ACCOUNTS
from services.credit.rules.seed import Part, SeedProduct
from services.credit.use_cases.book_bank_item import book_bank_item
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.convene_session import place_on_agenda
from services.credit.use_cases.disburse_loan import offered_terms
from services.credit.use_cases.follow_award import close_award, lapse_award, post_return, report_award
from services.credit.use_cases.govern_lending import suspend_lending
from services.credit.use_cases.keep_enterprises import forget_entrepreneur
from services.credit.use_cases.lapse_approvals import lapse_expired
from shared import files
from shared.bus.envelope import Envelope
from shared.bus.tables import event_log
from shared.events.registry import EntrepreneurWithdrawn
from shared.kernel import Invalid, NotFound, Refused, clock
from shared.testing import person
from tests.credit.closing import on
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    OFFICER,
    PARAMETERS,
    TECHNICIAN,
    URL,
    House,
    adopt,
    lempiras,
    names,
)
from tests.credit.seeding import (
    PDF,
    RULES,
    SEED,
    applied,
    approved,
    award,
    awarded,
    pay,
    planned,
    propose,
    seed_house,
    show,
    verify,
)
from tests.credit.test_printed import text_of

TRUST = person("trust_fund_member", scope="HN17", subject="trust", name="Fidelia Fideicomiso")
GRANT = SeedProduct("a", "A", "grant", 1, 10**9, Decimal(20), 2, Decimal(60))


@pytest.fixture
def seeds(session) -> House:
    return seed_house(session)


def balance(house: House, account: str) -> int:
    return house.fund.balances(house.session)[ACCOUNTS[account]]


def published(house: House, kind: str) -> list:
    query = select(event_log.c.data).where(event_log.c.type.contains(kind)).order_by(event_log.c.seq)
    return list(house.session.scalars(query))


def finished(house: House, product: str = "arranque", *amounts: str):
    """An award of which every part is paid, shown and verified."""
    found = awarded(house, product, *amounts)
    for number in range(1, len(found.milestones) + 1):
        pay(house, found, number)
        show(house, found, number)
        verify(house, found, number)
    return found


def report(house: House, found, by=TECHNICIAN) -> None:
    report_award(house.session, by, award_id=found.id, name="informe.pdf", content=PDF)


def close(house: House, found, by=COORDINATOR) -> None:
    close_award(house.session, by, award_id=found.id, if_match=found.version)


def test_a_woman_without_a_business_may_apply_where_the_regulations_say_so(seeds):
    planned_only = seeds.enterprise(active=False, validation="draft")
    application = applied(seeds, enterprise_id=planned_only)
    assert application.number == "SEM-S-2026-0001"
    with pytest.raises(Refused, match=r"eligibility\.consent_credit"):
        applied(seeds, enterprise_id=seeds.enterprise(consent_credit=False))


def test_a_loan_is_not_asked_of_a_fund_that_gives_nor_seed_capital_of_one_that_lends(seeds, session):
    with pytest.raises(Invalid, match=r"application\.unknown_product"):
        seeds.submitted(instalments=1)
    lending = House.build(session)
    with pytest.raises(Invalid, match=r"application\.unknown_product"):
        applied(lending)
    with pytest.raises(Refused, match=r"fund\.gives_no_seed"):
        propose(lending, lending.appraised(), "10000.00")
    with pytest.raises(Refused, match=r"fund\.gives_no_seed"):
        award(lending, lending.approved())


def test_approved_seed_capital_is_not_paid_out_as_a_loan(seeds):
    application = approved(seeds)
    with pytest.raises(Refused, match=r"fund\.gives_no_loans"):
        seeds.disburse(application)
    with pytest.raises(Refused, match=r"fund\.gives_no_loans"):
        offered_terms(seeds.session, OFFICER, application_id=application.id, disbursed_on=clock.today())


def test_regulations_of_the_other_kind_are_not_adopted(seeds, session):
    with pytest.raises(Invalid, match=r"regulations\.other_kind_of_fund"):
        adopt(session, seeds.fund, clock.today())
    lending = House.build(session)
    with pytest.raises(Invalid, match=r"regulations\.contradictory"):
        lending.adopt(seed=SEED)
    for broken in (
        [],
        [SEED["products"][0], SEED["products"][0]],
        [SEED["products"][0] | {"kind": "loan"}],
        [SEED["products"][0] | {"return_months": 6}],
        [SEED["products"][1] | {"return_months": 0}],
        [SEED["products"][0] | {"largest_first": "100"}],
        [SEED["products"][0] | {"own_share": "100"}],
        [SEED["products"][0] | {"parts": 0}],
        [SEED["products"][0] | {"maximum": 1}],
    ):
        with pytest.raises(Invalid, match=r"regulations\.contradictory"):
            regulations.read(RULES | {"seed": SEED | {"products": broken}})
    with pytest.raises(Invalid, match=r"regulations\.contradictory"):
        regulations.read(RULES | {"seed": SEED | {"source": " "}})
    with pytest.raises(Invalid, match=r"regulations\.section_missing"):
        regulations.read({"quorum": PARAMETERS["quorum"]})


def test_who_appraised_proposes_the_parts_and_they_become_the_motion(seeds):
    application = planned(seeds)
    first = seeds.session.scalars(select(SeedPlan)).one()
    propose(seeds, application, "5000.00", "3000.00", "2000.00", own="2500.00")
    assert seeds.session.scalars(select(SeedPlan)).one().id != first.id
    meeting = seeds.opened(application)
    motion = meeting.agenda[0].conditions
    assert "1. Paso 1 · 5000.00 · 2026-04-04 · Factura y fotografía" in motion
    assert "3. Paso 3 · 2000.00" in motion
    assert "+ 2500.00" in motion
    assert "Presentar cotización del horno" in motion
    with pytest.raises(Refused, match=r"application\.is_on_agenda"):
        propose(seeds, application)


def test_the_minutes_say_in_which_parts_seed_capital_is_paid(seeds):
    application = planned(seeds)
    meeting = seeds.opened(application)
    seeds.vote(meeting)
    close_item(seeds.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    acta = close_session(seeds.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    said = text_of(files.read(seeds.session, acta.file_id))
    assert "Entrega 1" in said
    assert "lo comprueba: Factura y fotografía" in said
    assert "Aporte propio" in said
    assert "Presentar cotización del horno" in said
    assert "2026-04-04" not in said


def test_nobody_else_proposes_and_a_new_appraisal_asks_for_new_parts(seeds):
    application = seeds.appraise(applied(seeds))
    with pytest.raises(Refused, match=r"seed\.only_appraiser"):
        propose(seeds, application, by=TECHNICIAN)
    propose(seeds, application)
    seeds.appraise(application)
    meeting = seeds.convened()
    with pytest.raises(Refused, match=r"seed\.no_parts"):
        place_on_agenda(seeds.session, COORDINATOR, session_id=meeting.id, application_id=application.id)
    with pytest.raises(Refused, match=r"application\.not_appraised"):
        propose(seeds, applied(seeds))


@pytest.mark.parametrize(
    ("amounts", "own", "code"),
    [
        (("10000.00",), "2500.00", "seed.parts_out_of_range"),
        (("6000.00", "3000.00"), "2500.00", "seed.parts_other_sum"),
        (("6000.01", "3999.99"), "2500.00", "seed.first_part_too_large"),
        (("6000.00", "4000.00"), "2499.99", "seed.own_share_too_small"),
    ],
)
def test_the_parts_are_measured_against_the_regulations(seeds, amounts, own, code):
    application = seeds.appraise(applied(seeds))
    with pytest.raises(Invalid, match=code):
        propose(seeds, application, *amounts, own=own)


def test_the_days_of_the_parts_rise(seeds):
    today = clock.today()
    with pytest.raises(Invalid, match=r"seed\.days_not_rising"):
        GRANT.check(100, 25, [Part(60, today + timedelta(9)), Part(40, today + timedelta(8))], today)
    with pytest.raises(Invalid, match=r"seed\.days_not_rising"):
        GRANT.check(100, 25, [Part(60, today - timedelta(1)), Part(40, today)], today)


@given(st.integers(2, 10**6), st.integers(0, 10**6), st.lists(st.integers(1, 10**6), min_size=1, max_size=14))
def test_parts_that_are_taken_are_what_the_regulations_say(amount, own, amounts):
    today = clock.today()
    rows = [Part(one, today + timedelta(days=number)) for number, one in enumerate(amounts)]
    try:
        GRANT.check(amount, own, rows, today)
    except Invalid:
        pass
    else:
        assert sum(amounts) == amount
        assert 2 <= len(amounts) <= 12
        assert amounts[0] * 100 <= amount * 60
        assert own * 100 >= (amount + own) * 20


def test_an_award_promises_and_each_part_is_paid_when_the_one_before_is_shown(seeds):
    application = approved(seeds)
    assert seeds.fund.committed(seeds.session) == 10_000_00
    found = award(seeds, application)
    assert found.number == "SEM-D-2026-0001"
    assert application.state == "disbursed"
    assert seeds.fund.committed(seeds.session) == 10_000_00
    assert seeds.fund.available(seeds.session) == 90_000_00
    pay(seeds, found)
    assert (balance(seeds, "seed_grants"), balance(seeds, "cash_at_trustee")) == (6_000_00, 94_000_00)
    assert seeds.fund.committed(seeds.session) == 4_000_00
    assert seeds.fund.available(seeds.session) == 90_000_00
    with pytest.raises(Refused, match=r"seed\.part_before_not_verified"):
        pay(seeds, found, 2)
    show(seeds, found)
    with pytest.raises(Refused, match=r"seed\.part_before_not_verified"):
        pay(seeds, found, 2)
    verify(seeds, found)
    pay(seeds, found, 2)
    assert balance(seeds, "seed_grants") == 10_000_00
    assert seeds.fund.committed(seeds.session) == 0
    assert checked_books(seeds.session, seeds.fund.id, clock.today()) == []
    with pytest.raises(Refused, match=r"seed\.all_paid"):
        pay(seeds, found, 2)
    assert [event["part"] for event in published(seeds, "seed-paid")] == [1, 2]
    assert published(seeds, "seed-awarded")[0]["parts"] == 2


def test_the_agreement_is_known_by_its_hash(seeds):
    found = awarded(seeds)
    assert files.read(seeds.session, found.agreement_file_id).startswith(b"%PDF")
    told = verification(seeds.session, found.agreement_hash)
    assert (told["kind"], told["number"]) == ("seed_agreement", found.number)


def test_nothing_is_awarded_without_an_approval_or_twice(seeds):
    application = planned(seeds)
    with pytest.raises(Refused, match=r"application\.is_appraised"):
        award(seeds, application)
    done = approved(seeds)
    award(seeds, done)
    with pytest.raises(Refused, match=r"application\.is_disbursed"):
        award(seeds, done)


def test_who_voted_neither_awards_nor_pays(seeds):
    application = approved(seeds)
    both = person("cashier", "committee_member", scope="HN17", subject=CHAIR.subject, name=CHAIR.name)
    with pytest.raises(Refused, match=r"segregation\.voter_disburses"):
        award(seeds, application, by=both)
    found = award(seeds, application)
    with pytest.raises(Refused, match=r"segregation\.voter_disburses"):
        pay(seeds, found, by=both)


def test_evidence_is_verified_by_another_and_who_verified_does_not_pay(seeds):
    found = awarded(seeds)
    with pytest.raises(Refused, match=r"seed\.part_not_paid"):
        show(seeds, found)
    pay(seeds, found)
    with pytest.raises(Refused, match=r"seed\.nothing_shown"):
        verify(seeds, found)
    with pytest.raises(Invalid, match=r"file\.neither_pdf_nor_picture"):
        show(seeds, found, content=b"MZ")
    show(seeds, found)
    first = found.milestones[0].evidence_file_id
    show(seeds, found)
    assert found.milestones[0].evidence_file_id != first
    with pytest.raises(Refused, match=r"segregation\.shower_verifies"):
        verify(seeds, found, by=TECHNICIAN)
    payer = person("coordinator", scope="HN17", subject=CASHIER.subject, name=CASHIER.name)
    with pytest.raises(Refused, match=r"segregation\.payer_verifies"):
        verify(seeds, found, by=payer)
    verify(seeds, found, by=OFFICER)
    with pytest.raises(Refused, match=r"seed\.part_verified"):
        show(seeds, found)
    with pytest.raises(Refused, match=r"segregation\.verifier_pays"):
        pay(seeds, found, 2, by=OFFICER)
    pay(seeds, found, 2)


def test_parts_are_paid_in_their_order_on_a_day_that_was(seeds):
    found = awarded(seeds)
    with pytest.raises(Refused, match=r"seed\.other_part_first"):
        pay(seeds, found, 2)
    for days in (-1, 1):
        with pytest.raises(Invalid, match=r"seed\.day_out_of_range"):
            pay(seeds, found, day=clock.today() + timedelta(days=days))
    other = awarded(seeds)
    with pytest.raises(NotFound, match=r"seed\.part_unknown"):
        found.milestone(other.milestones[0].id)


def test_nothing_is_paid_by_a_suspended_fund_or_to_who_took_back_her_consent(seeds):
    found = awarded(seeds)
    enterprise = seeds.session.get_one(CopyEnterprise, found.enterprise_id)
    enterprise.replace({"consent_credit": False})
    with pytest.raises(Refused, match=r"eligibility\.consent_credit"):
        pay(seeds, found)
    enterprise.replace({"consent_credit": True})
    application = approved(seeds)
    suspend_lending(seeds.session, TRUST, fund_id=seeds.fund.id, reason="Revisión")
    with pytest.raises(Refused, match=r"fund\.suspended"):
        pay(seeds, found)
    with pytest.raises(Refused, match=r"fund\.suspended"):
        award(seeds, application)


def test_no_more_is_paid_than_lies_at_the_trustee(seeds):
    found = awarded(seeds)
    book_bank_item(
        seeds.session,
        COORDINATOR,
        fund_id=seeds.fund.id,
        item="bank_charge",
        amount=lempiras("95000.00"),
        booked_on=clock.today(),
        memo="Cargo de prueba",
    )
    with pytest.raises(Refused, match=r"fund\.not_enough_cash"):
        pay(seeds, found)


def test_an_approval_that_expired_is_not_awarded(session):
    house = seed_house(session, approvals={"days": 10, "source": "art. 9"})
    application = approved(house)
    with on(11):
        with pytest.raises(Refused, match=r"application\.approval_expired"):
            award(house, application)
        lapse_expired(session, COORDINATOR, house.fund)
        assert house.fund.committed(session) == 0


def test_what_is_not_shown_in_time_lapses_and_is_free_again(seeds):
    found = awarded(seeds)
    pay(seeds, found)
    with pytest.raises(Refused, match=r"seed\.nothing_late"):
        lapse(seeds, found)
    with on(40):
        lapse(seeds, found)
        assert seeds.fund.committed(seeds.session) == 0
        assert seeds.fund.available(seeds.session) == 94_000_00
        with pytest.raises(Refused, match=r"seed\.part_lapsed"):
            show(seeds, found)
        with pytest.raises(Refused, match=r"seed\.part_before_not_verified"):
            pay(seeds, found, 2)
        report(seeds, found)
        close(seeds, found)
        assert published(seeds, "seed-closed")[0]["lapsed"]["amount"] == "4000.00"
        assert checked_books(seeds.session, seeds.fund.id, clock.today()) == []


def lapse(house: House, found) -> None:
    lapse_award(house.session, COORDINATOR, award_id=found.id, if_match=found.version, reason="No hubo factura")


def test_an_award_closes_when_all_is_shown_and_reported_and_another_says_so(seeds):
    found = awarded(seeds)
    pay(seeds, found)
    with pytest.raises(Refused, match=r"seed\.parts_open"):
        close(seeds, found)
    found = finished(seeds)
    with pytest.raises(Refused, match=r"seed\.no_report"):
        close(seeds, found)
    report(seeds, found, by=COORDINATOR)
    with pytest.raises(Refused, match=r"segregation\.reporter_closes"):
        close(seeds, found)
    report(seeds, found)
    close(seeds, found)
    assert found.state == "closed"
    for step in (report, close, lapse):
        with pytest.raises(Refused, match=r"seed\.award_closed"):
            step(seeds, found)
    with pytest.raises(Refused, match=r"seed\.award_closed"):
        pay(seeds, found)


def back(house: House, found, amount: str, by=None, **facts):
    taker = by or person("cashier", scope="HN17", subject="cashier-2", name="Otra Cajera")
    asked = {"paid_on": clock.today(), "channel": "cash"} | facts
    return post_return(house.session, taker, award_id=found.id, amount=lempiras(amount), **asked)


def test_a_contribution_is_owed_without_interest_until_it_comes_back(seeds):
    found = finished(seeds, "aporte", "10000.00")
    assert found.return_by.isoformat() == "2027-03-05"
    assert balance(seeds, "seed_contributions") == 10_000_00
    assert balance(seeds, "seed_grants") == 0
    report(seeds, found)
    with pytest.raises(Refused, match=r"seed\.not_returned"):
        close(seeds, found)
    with pytest.raises(Refused, match=r"segregation\.disburser_collects"):
        back(seeds, found, "1.00", by=CASHIER)
    with pytest.raises(Invalid, match=r"seed\.more_than_to_come_back"):
        back(seeds, found, "10000.01")
    with pytest.raises(Invalid, match=r"seed\.day_out_of_range"):
        back(seeds, found, "1.00", paid_on=clock.today() + timedelta(days=1))
    with pytest.raises(Invalid, match=r"fund\.amount_not_positive"):
        back(seeds, found, "0.00")
    assert back(seeds, found, "4000.00").number == "SEM-RD-2026-0001"
    back(seeds, found, "6000.00", channel="trustee")
    assert balance(seeds, "cash_in_hand") == 4_000_00
    assert balance(seeds, "seed_contributions") == 0
    assert checked_books(seeds.session, seeds.fund.id, clock.today()) == []
    close(seeds, found)


def test_nothing_of_a_grant_is_to_come_back(seeds):
    found = finished(seeds)
    with pytest.raises(Invalid, match=r"seed\.more_than_to_come_back"):
        back(seeds, found, "1.00")


def test_a_payment_that_is_not_in_the_books_is_named(seeds):
    found = awarded(seeds)
    pay(seeds, found)
    entry = seeds.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "seed_grant")).one()
    for line in seeds.session.scalars(select(LedgerLine).where(LedgerLine.entry_id == entry.id)):
        line.amount = line.amount // 2
    seeds.session.flush()
    found_wrong = checked_books(seeds.session, seeds.fund.id, clock.today())
    (difference,) = [one for one in found_wrong if one.what != "balance"]
    assert (difference.what, difference.books, difference.register) == ("seed_grants", 3_000_00, 6_000_00)


def test_a_woman_who_withdraws_is_forgotten_but_for_her_agreement(seeds):
    waiting = planned(seeds)
    found = awarded(seeds)
    pay(seeds, found)
    show(seeds, found)
    shown = found.milestones[0].evidence_file_id
    for enterprise in (waiting.enterprise_id, found.enterprise_id):
        event = EntrepreneurWithdrawn(entrepreneur_id=seeds.owners[enterprise], enterprise_ids=[enterprise])
        forget_entrepreneur(seeds.session, event, Envelope)  # type: ignore[arg-type]
    seeds.session.flush()
    assert [plan.application_id for plan in seeds.session.scalars(select(SeedPlan))] == [found.application_id]
    assert seeds.session.scalars(select(SeedMilestone.plan_id).distinct()).all() == [found.plan_id]
    with pytest.raises(NotFound):
        files.read(seeds.session, shown)
    assert seeds.fund.committed(seeds.session) == 0
    erased = published(seeds, "erasure-completed")
    assert "seed_agreements" not in erased[0]["kept"]
    assert "seed_agreements" in erased[1]["kept"]
    assert detail(seeds.session, COORDINATOR, found)["paid"] == lempiras("6000.00")


def test_a_loan_that_she_takes_meanwhile_does_not_stop_a_later_part_but_her_record_does(session):
    seeds = seed_house(session, eligibility=["consent_credit", "validated", "no_loan_in_force"])
    found, other = awarded(seeds), awarded(seeds)
    pay(seeds, found)
    show(seeds, found)
    verify(seeds, found)
    lender = House.build(session)
    for award_ in (found, other):
        lender.disbursed(enterprise_id=award_.enterprise_id)
    with pytest.raises(Refused, match=r"eligibility\.no_loan_in_force"):
        pay(seeds, other)
    enterprise = session.get_one(CopyEnterprise, found.enterprise_id)
    enterprise.replace({"validation": "pending"})
    with pytest.raises(Refused, match=r"eligibility\.validated"):
        pay(seeds, found, 2)
    enterprise.replace({"validation": "validated"})
    pay(seeds, found, 2)
    assert found.paid == found.amount
