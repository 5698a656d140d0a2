"""The regulations are data: read whole or refused with the field that is wrong."""

import copy
from datetime import date

import pytest

from services.credit.rules import regulations
from services.credit.rules.eligibility import Enterprise, failed_rules, payment_capacity
from services.credit.rules.schedules import schedule
from shared.kernel import Invalid

PARAMETERS = {
    "products": [
        {
            "code": "working-capital",
            "name": "Capital de trabajo",
            "minimum": 500_00,
            "maximum": 20_000_00,
            "shortest": 3,
            "longest": 24,
            "annual_rate": "18",
            "longest_grace": 2,
        }
    ],
    "quorum": {"seats": 3, "constituencies": ["women_organizations", "csem", "leda"], "majority": "simple"},
}


def test_a_complete_set_is_read_with_the_defaults_of_the_house():
    read = regulations.read(PARAMETERS)
    assert read.quorum.seats == 3
    assert read.quorum.casting_vote
    assert read.product("working-capital").annual_rate == 18


def test_the_terms_of_a_loan_come_from_its_product():
    product = regulations.read(PARAMETERS).product("working-capital")
    rows = schedule(product.terms(12_000_00, 12, date(2024, 3, 31), grace=1))
    assert rows[0].principal == 0
    assert sum(row.principal for row in rows) == 12_000_00


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        (("quorum", "seats"), 0, "/parameters/quorum"),
        (("quorum", "majority"), "loudest", "/parameters/quorum"),
        (("quorum", "constituencies"), ["mayor"], "/parameters/quorum/constituencies"),
        (("products", 0, "maximum"), 100_00, "/parameters/products/0/maximum"),
        (("products", 0, "annual_rate"), "400", "/parameters/products/0/annual_rate"),
        (("products", 0, "annual_rate"), "a lot", "/parameters/products/0/annual_rate"),
        (("products", 0, "day_count"), "bank", "/parameters/products/0/day_count"),
        (("products", 0, "colour"), "green", "/parameters/products"),
        (("products",), [], "/parameters/products"),
        (("purposes",), ["casino"], "/parameters/purposes"),
        (("allocation_order",), ["principal"], "/parameters/allocation_order"),
        (("eligibility",), ["pretty"], "/parameters/eligibility"),
        (("products", 0, "every"), 1_000_000, "/parameters/products/0/every"),
        (("products", 0, "longest_grace"), 2**40, "/parameters/products/0/longest_grace"),
        (("quorum", "seats"), 2**64, "/parameters/quorum/seats"),
    ],
)
def test_a_set_that_contradicts_itself_is_refused_at_its_field(path, value, pointer):
    parameters = copy.deepcopy(PARAMETERS)
    target = parameters
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(Invalid) as refusal:
        regulations.read(parameters)
    assert refusal.value.pointer == pointer


@pytest.mark.parametrize("parameters", [[], "everything", 7, None])
def test_what_is_no_set_of_parameters_is_refused(parameters):
    with pytest.raises(Invalid, match=r"regulations\.contradictory"):
        regulations.read(parameters)


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (lambda p: p.check_amount(499_99), "application.amount_under_minimum"),
        (lambda p: p.check_amount(20_000_01), "application.amount_over_maximum"),
        (lambda p: p.check_length(25), "application.instalments_out_of_range"),
        (lambda p: p.check_length(12, grace=3), "application.grace_too_long"),
    ],
)
def test_what_the_product_does_not_lend_is_refused(check, code):
    with pytest.raises(Invalid) as refusal:
        check(regulations.read(PARAMETERS).product("working-capital"))
    assert refusal.value.code == code


def test_each_eligibility_rule_that_fails_is_named():
    stranger = Enterprise(active=False, consent_credit=False, validation="captured", owners=0, loans_in_force=1)
    assert failed_rules(stranger, regulations.ELIGIBILITY_RULES) == regulations.ELIGIBILITY_RULES
    sound = Enterprise(active=True, consent_credit=True, validation="validated", owners=1, loans_in_force=0)
    assert failed_rules(sound, regulations.ELIGIBILITY_RULES) == ()


def test_the_capacity_to_pay_is_the_share_of_the_surplus_an_instalment_takes():
    assert payment_capacity(5000_00, 3000_00, 500_00, 750_00).share_of_surplus == 50
    assert not payment_capacity(5000_00, 3000_00, 500_00, 1500_01).enough
    assert payment_capacity(100_00, 100_00, 0, 1).share_of_surplus is None
