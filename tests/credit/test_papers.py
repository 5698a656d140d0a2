"""A loan that changes has a new paper, which says what it costs from then on; who verifies the old one is told so."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.credit.models import Loan, LoanChange
from services.credit.queries.disclosed import begun_by, cost_in_force, cost_of_change, taken_over
from services.credit.queries.documents import verification
from services.credit.queries.loans import detail
from services.credit.use_cases.print_paper import print_addendum, print_closure, print_tranche
from services.credit.use_cases.reverse_repayment import reverse_repayment
from shared import files
from shared.kernel import NotFound, clock
from tests.credit.changing import approved, rescheduled, tranche, written_off
from tests.credit.client import Client
from tests.credit.closing import RULES, close, on
from tests.credit.house import CASHIER, COORDINATOR, OFFICER, TECHNICIAN, URL, House, lempiras, names, product
from tests.credit.test_cli import run  # noqa: F401 - a fixture
from tests.credit.test_pages import Town, housed, town
from tests.credit.test_printed import code_of, receipt, text_of
from tests.credit.test_tranches import PARTS, disbursed_in_part
from tests.portal.conftest import text_of as page_text

__all__ = ["town"]


@pytest.fixture
def house(session) -> House:
    return House.build(session, **RULES, products=PARTS, restructuring={"most": 3})


def addendum(house: House, loan: Loan, change: LoanChange, language: str = "es") -> str:
    return text_of(
        print_addendum(
            house.session,
            COORDINATOR,
            loan_id=loan.id,
            change_id=change.id,
            names=names,
            people=lambda _person: None,
            language=language,
            public_url=URL,
        )
    )


def part(house: House, loan: Loan, change: LoanChange) -> str:
    return text_of(
        print_tranche(
            house.session,
            CASHIER,
            loan_id=loan.id,
            change_id=change.id,
            names=names,
            language="es",
            public_url=URL,
        )
    )


def standing(house: House, code: str) -> tuple[Any, Any, Any]:
    told = verification(house.session, code)
    assert told
    by = told["standing_by"]
    return told["standing"], told["standing_since"], by and by["number"]


def test_the_addendum_says_what_is_owed_the_new_schedule_its_cost_and_the_resolution(house: House):
    loan = house.disbursed()
    with on(40) as day:
        close(house.session, house.fund.id, day - timedelta(days=1))
        rescheduled(house, loan, instalments=18)
        [change] = loan.changes
        said = addendum(house, loan, change)
        rows = begun_by(loan, change)
        owed = taken_over(change, rows)
        assert owed == loan.principal + change.interest + change.charges
        cost = cost_of_change(loan, change)
        for words in (
            "FON-P-2026-0001-2",
            "FON-R-2026-0002",
            "DNI 0801-1990-12345",
            "14 de abril de 2026",
            "sustituye el pagaré FON-P-2026-0001 del 5 de marzo de 2026",
            str(house.fund.money(owed)).replace("10", "10,", 1),
            f"{cost.annual_percentage_rate} % por el método actuarial",
            f"Tasa efectiva anual (TEA) {cost.effective_annual_rate} %",
            "Año 2027",
            "Prestataria",
            "Coralia Coordinadora",
        ):
            assert words in said.replace("\xa0", " "), words
        assert "lempiras con" in said, "the amount stands in words"
        assert cost.total == sum(row.payment for row in rows) == loan.left
        assert cost.finance_charge == cost.total - owed
        assert "Addendum to the promissory note" in addendum(house, loan, change, "en")


def test_the_addendum_says_later_what_it_said_when_it_was_signed(house: House):
    loan = house.disbursed()
    with on(40):
        rescheduled(house, loan, instalments=18)
        first = addendum(house, loan, loan.changes[0])
    with on(110) as day:
        close(house.session, house.fund.id, day - timedelta(days=1))
        house.repay(loan, "300.00")
        assert addendum(house, loan, loan.changes[0]) == first
        rescheduled(house, loan, instalments=12)
        assert addendum(house, loan, loan.changes[0]) == first


def test_interest_that_became_principal_is_part_of_what_the_new_plan_lends(session):
    house = House.build(session, **RULES, restructuring={"most": 2, "capitalise_interest": True})
    loan = house.disbursed()
    with on(40):
        rescheduled(house, loan, instalments=18)
        [change] = loan.changes
        rows = begun_by(loan, change)
        assert change.principal == change.interest > 0
        assert taken_over(change, rows) == loan.principal + change.interest == sum(row.principal for row in rows)
        assert "que pasa a capital" in addendum(house, loan, change)
        assert cost_of_change(loan, change).annual_percentage_rate == Decimal("18.00")


def test_the_former_paper_is_replaced_by_the_new_one_which_is_in_force(house: House):
    loan = house.disbursed()
    assert standing(house, loan.note_hash) == ("in_force", None, None)
    with on(40) as first:
        rescheduled(house, loan, instalments=18)
        assert standing(house, loan.note_hash) == ("replaced", first, "FON-P-2026-0001-2")
        told = verification(house.session, loan.note_hash)
        assert told
        assert told["standing_by"]["hash"] is None, "nobody has printed it yet"
        code = code_of(addendum(house, loan, loan.changes[0]))
        assert verification(house.session, loan.note_hash)["standing_by"]["hash"] == code
        assert standing(house, code) == ("in_force", None, None)
    with on(80) as second:
        rescheduled(house, loan, instalments=18)
        assert standing(house, code) == ("replaced", second, "FON-P-2026-0001-3")
        assert standing(house, loan.note_hash) == ("replaced", first, "FON-P-2026-0001-2")
        house.repay(loan, "", money=house.fund.money(loan.left))
        last = code_of(addendum(house, loan, loan.changes[1]))
        assert standing(house, last) == ("paid", second, None)
        assert "María" not in str(verification(house.session, last))


def test_the_note_of_a_refinanced_loan_is_replaced_by_the_new_one(house: House):
    loan = house.disbursed("6000.00")
    with on(20) as day:
        new = house.disburse(approved(house, loan, "refinance", amount=lempiras("9000.00")))
        assert standing(house, loan.note_hash) == ("replaced", day, new.number)
        assert verification(house.session, loan.note_hash)["standing_by"]["hash"] == new.note_hash
        assert standing(house, new.note_hash) == ("in_force", None, None)
        said = text_of(files.read(house.session, new.note_file_id)).replace("\xa0", " ")
        paid = loan.repayments[-1].amount
        assert f"cancelan el préstamo {loan.number}" in said
        assert f"{house.fund.money(9000_00 - paid)}".replace("2", "2,", 1) in said
        assert f"sustituye el del préstamo {loan.number}" in said


def test_a_loan_that_is_paid_off_or_written_off_is_told_as_it_is(house: House):
    paid, lost = house.disbursed("1000.00"), house.disbursed("1000.00")
    house.repay(paid, "", money=house.fund.money(paid.left))
    assert standing(house, paid.note_hash) == ("paid", clock.today(), None)
    with on(40):
        written_off(house, lost)
        assert standing(house, lost.note_hash) == ("in_force", None, None), "she goes on owing it"


def test_a_receipt_of_a_reversed_payment_is_told_to_be_reversed_and_by_what(house: House):
    loan = house.disbursed("1000.00")
    repayment = house.repay(loan, "50.00")
    code = code_of(receipt(house, repayment))
    assert standing(house, code) == ("in_force", None, None)
    with on(2) as day:
        counter = reverse_repayment(house.session, COORDINATOR, repayment_id=repayment.id, reason="Sin fondos")
        assert standing(house, code) == ("reversed", day, counter.number)
        assert verification(house.session, code)["revoked"]
        assert standing(house, code_of(receipt(house, counter))) == ("in_force", None, None)


def test_an_older_certificate_is_void_once_the_loan_was_paid_anew_on_another_day(house: House):
    loan = house.disbursed("500.00")
    last = house.repay(loan, "", money=house.fund.money(loan.left))
    printed = print_closure(house.session, CASHIER, loan_id=loan.id, names=names, language="es", public_url=URL)
    code = code_of(text_of(printed))
    assert standing(house, code)[0] == "in_force"
    with on(2):
        reverse_repayment(house.session, COORDINATOR, repayment_id=last.id, reason="Sin fondos")
        assert standing(house, code)[0] == "void"
        house.repay(loan, "", money=house.fund.money(loan.left))
        assert standing(house, code)[0] == "void", "its day was another"


def test_the_paper_of_the_last_part_tells_the_cost_over_all_that_was_paid_out(house: House):
    loan = disbursed_in_part(house)
    alone = cost_in_force(loan)
    assert alone.annual_percentage_rate == Decimal("18.00")
    with on(31):
        house.repay(loan, str(house.fund.money(loan.instalments[0].outstanding + 100_00)))
        tranche(house, loan, "3500.00")
        [change] = loan.changes
        found = cost_in_force(loan)
        assert found.total == sum(item.principal + item.interest for item in loan.instalments)
        assert found.finance_charge == found.total - 7500_00
        i = float(found.annual_percentage_rate) / 1200
        # by hand: the second part came one month after the first; each instalment is due in whole months
        worth = sum(
            (item.principal + item.interest) / (1 + i) ** ((item.due.year - 2026) * 12 + item.due.month - 3)
            for item in loan.instalments
        )
        assert worth == pytest.approx(4000_00 + 3500_00 / (1 + i), abs=60)
        said = part(house, loan, change)
        assert f"{found.annual_percentage_rate} % por el método actuarial, sobre todas las entregas" in said
        assert f"Tasa efectiva anual (TEA) {found.effective_annual_rate} %" in said
        assert "Total 7,500.00" in said
        told = detail(house.session, OFFICER, loan)["cost"]
        assert told["annual_percentage_rate"] == str(found.annual_percentage_rate)
        assert told["total"].minor == found.total
        assert standing(house, loan.note_hash) == ("amended", clock.today(), "FON-P-2026-0001-2")
        assert standing(house, code_of(said)) == ("in_force", None, None)
    with on(60) as day:
        tranche(house, loan, "500.00")
        assert standing(house, code_of(said)) == ("amended", day, "FON-P-2026-0001-3")
        assert part(house, loan, change) == said
        rescheduled(house, loan)
        assert standing(house, code_of(said)) == ("replaced", day, "FON-P-2026-0001-4")
        assert part(house, loan, change) == said


@pytest.mark.parametrize(
    "terms", [{"method": "equal_principal"}, {"method": "bullet"}, {"unit": "weeks"}, {"day_count": "actual/365"}]
)
def test_parts_of_the_first_day_cost_what_the_whole_would_have_cost(session, terms: dict[str, Any]):
    house = House.build(session, products=product(tranches=3, **terms))
    whole, parts = house.disbursed("10000.00"), disbursed_in_part(house, "10000.00", "4000.00")
    tranche(house, parts, "6000.00")
    assert cost_in_force(whole) == cost_in_force(parts)


def test_there_is_no_addendum_of_what_was_not_planned_anew(house: House):
    loan = disbursed_in_part(house)
    tranche(house, loan, "1000.00")
    with pytest.raises(NotFound) as refused:
        addendum(house, loan, loan.changes[0])
    assert refused.value.code == "addendum.unknown"


def test_who_keeps_notes_prints_the_addendum_and_nobody_else(client: Client, build_house, run, tmp_path):  # noqa: F811
    def step(house: House) -> Loan:
        loan = house.disbursed()
        with on(40):
            return rescheduled(house, loan, instalments=18)

    _, loan = build_house(step)
    with on(41):
        path = f"/loans/{loan.id}/changes/{loan.changes[0].id}/addendum"
        assert client.get(COORDINATOR, path).content.startswith(b"%PDF")
        assert client.get(TECHNICIAN, path).status == 403
        assert client.get(COORDINATOR, path.replace(str(loan.changes[0].id), str(loan.id))).code == "addendum.unknown"
        target = tmp_path / "adenda.pdf"
        with pytest.raises(AssertionError, match=r"cannot be written"):
            run("addendum", loan.number, str(tmp_path / "nowhere" / "adenda.pdf"))
        run("addendum", loan.number, str(target))
        content = target.read_bytes()
        assert "María Inventada" in text_of(content), "the registry names her, and nobody else can"
        with pytest.raises(AssertionError, match=r"No such option"):
            run("addendum", loan.number, str(target), "--name", "Otra")
        assert b"pdfuaid:part" in content or b"pdfuaid" in content


def test_the_pages_show_the_cost_lead_to_the_addendum_and_tell_who_verifies(town: Town):
    def step(house: House) -> tuple[Loan, str]:
        loan = house.disbursed()
        with on(40):
            return rescheduled(house, loan, instalments=18), addendum(house, loan, loan.changes[0])

    loan, said = housed(town, step)
    coordinator = town.signed_in("coralia", "coordinator")
    page = coordinator.get(f"/credit/loans/{loan.id}")
    assert "Tasa porcentual anual" in page_text(page)
    path = f"/credit/loans/{loan.id}/changes/{loan.changes[0].id}/addendum"
    assert path in page.get_data(as_text=True)
    assert coordinator.get(path).data.startswith(b"%PDF")
    old = page_text(coordinator.get(f"/verify/{loan.note_hash}"))
    assert "por FON-P-2026-0001-2" in old
    assert "Ya no está vigente" in old
    new = page_text(coordinator.get(f"/verify/{code_of(said)}"))
    assert "Vigente" in new
    assert "María" not in new
