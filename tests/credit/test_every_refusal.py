"""Every refusal has its test: a guard over the catalogue, and the refusals that no other room's tests meet."""

import io
import re
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import xlsxwriter

from deploy import catalogues
from services.credit.models import TrustFund
from services.credit.rules.agreement import read_clauses
from services.credit.rules.statement_file import read_rows
from services.credit.use_cases import find
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.convene_session import convene_session, place_on_agenda
from services.credit.use_cases.count_drawer import count_drawer
from services.credit.use_cases.form_committee import declare_interest, end_mandate, form_committee
from services.credit.use_cases.form_group import form_group
from services.credit.use_cases.keep_fund import open_fund
from services.credit.use_cases.post_payments import assign_line, post_payments
from services.credit.use_cases.receive_payments import dismiss_line, read_payments, receive_payments, take_payments_back
from services.credit.use_cases.withdraw_application import withdraw_application
from shared.kernel import Forbidden, Invalid, NotFound, Refused, clock
from tests.credit.closing import Within
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    LEDA,
    OFFICER,
    SECRETARY,
    TECHNICIAN,
    URL,
    WOMAN,
    House,
    adopt,
    lempiras,
    names,
)
from tests.credit.test_groups import GROUPS
from tests.credit.test_payment_files import brought, columns, csv

NO_REFUSALS = ("document.", "portfolio_table.", "chain.")
"""Titles of papers, and the words of the table for a spreadsheet; every other dotted code of the catalogue is a refusal's."""
NEVER_HEARD = {
    "assent.denied": "an approval that was denied lapses at once: it is an application without approval that is refused",
    "eligibility.centre": "shown among the rules of a file; an application from elsewhere is fund.other_territory before",
    "tranche.after_last_due": "until the last instalment is paid the loan is overdue by then, and afterwards it is settled",
}
TESTS = Path(__file__).parent.parent


def test_every_refusal_of_credit_is_asserted_by_a_test():
    """`make lint` says that each code that is raised stands in the catalogue, and this that each of those is tested."""
    told = catalogues.Folder.read(catalogues.ROOT / "services" / "credit" / "locale").messages["es"]
    codes = {code for code in told if "." in code and catalogues.CODE.fullmatch(code)}
    refusals = {code for code in codes if not code.startswith(NO_REFUSALS)}
    tests = "\n".join(path.read_text().replace("\\.", ".") for path in sorted(TESTS.rglob("*.py")))
    asserted = set(re.findall(r"[a-z_]+(?:\.[a-z0-9_]+)+", tests))
    assert refusals - asserted - NEVER_HEARD.keys() == set()
    assert NEVER_HEARD.keys() <= refusals


def another_fund(house: House, **facts: Any) -> TrustFund:
    known = {
        "code": "OTR", "name": "Otro fondo", "centre": "CSEM", "host": "ADEL", "trustee": "Banco de Prueba",
        "trustee_account": "1", "currency": "HNL", "units": ["HN17"], "reserve": lempiras("0.00"),
    }  # fmt: skip
    return open_fund(house.session, COORDINATOR, **(known | facts))


# Funds and their instruments


def test_a_code_names_one_fund_only(house: House):
    with pytest.raises(Invalid, match=r"fund\.code_taken"):
        another_fund(house, code=house.fund.code)


def test_a_fund_is_for_places_that_there_are(house: House):
    with pytest.raises(Invalid, match=r"fund\.unit_unknown") as found:
        another_fund(house, units=["HN17", "HN99"])
    assert found.value.pointer == "/units/1"


@pytest.mark.parametrize("clauses", [{"statement_due_day": 31}, {"trustee_income_share": "100.01"}, {"trustee_fee": 0}])
def test_a_letter_fixes_nothing_that_cannot_be(clauses: dict[str, Any]):
    with pytest.raises(Invalid, match=r"agreement\.contradictory"):
        read_clauses(clauses)


def test_a_drawer_holds_no_less_than_nothing(house: House):
    with pytest.raises(Invalid, match=r"drawer\.less_than_nothing"):
        count_drawer(house.session, CASHIER, fund_id=house.fund.id, counted=lempiras("-0.01"), reason="Error")


def test_a_statement_without_rows_is_refused():
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        workbook.add_worksheet()
    with pytest.raises(Invalid, match=r"statement\.empty"):
        read_rows(content.getvalue())


# Applications


def test_a_purpose_that_the_regulations_do_not_finance_is_refused(house: House):
    with pytest.raises(Invalid, match=r"application\.purpose_not_financed"):
        house.submitted(purpose="casino")


def test_what_is_withdrawn_or_refused_is_not_appraised_and_what_is_deferred_not_paid_out(house: House):
    withdrawn = house.submitted()
    withdraw_application(house.session, TECHNICIAN, application_id=withdrawn.id)
    with pytest.raises(Refused, match=r"application\.is_withdrawn"):
        house.appraise(withdrawn)
    refused, deferred = house.appraised(), house.appraised()
    meeting = house.opened(refused, deferred)
    for number, choice in enumerate(("refuse", "defer")):
        house.vote(meeting, number, choice)
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[number].id)
    with pytest.raises(Refused, match=r"application\.is_refused"):
        house.appraise(refused)
    with pytest.raises(Refused, match=r"application\.is_deferred"):
        house.disburse(deferred)


@pytest.mark.parametrize(
    ("kind", "code"), [("chain", "concentration.chain"), ("municipality", "concentration.municipality")]
)
def test_an_approval_beyond_the_share_of_an_activity_or_a_municipality_is_refused(session: Any, kind: str, code: str):
    house = House.build(session, concentration={kind: "10", "source": "art. 20"})
    application = house.appraised("10000.01")
    meeting = house.opened(application)
    house.vote(meeting)
    with pytest.raises(Refused) as found:
        close_item(session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    assert found.value.code == code


def test_a_group_is_of_one_fund(session: Any):
    house = House.build(session, groups=GROUPS)
    other = another_fund(house)
    adopt(session, other, date(2025, 1, 1), groups=GROUPS)
    applications = [house.appraised("1000.00").id, house.appraised("1000.00").id]
    with pytest.raises(Refused, match=r"group\.other_fund"):
        form_group(session, OFFICER, fund_id=other.id, name="Las Vecinas", applications=applications)


# Committees and sessions


def test_a_mandate_ends_once(house: House):
    where = {"committee_id": house.committee_id, "seat_id": house.seats[LEDA.subject]}
    end_mandate(house.session, COORDINATOR, **where)
    with pytest.raises(Refused, match=r"committee\.mandate_ended"):
        end_mandate(house.session, COORDINATOR, **where)


def test_of_her_interests_a_member_speaks_herself(house: House):
    seat = house.seats[WOMAN.subject]
    facts = {"committee_id": house.committee_id, "seat_id": seat, "entrepreneur_id": uuid4(), "relation": "owner"}
    with pytest.raises(Forbidden, match=r"committee\.only_herself"):
        declare_interest(house.session, SECRETARY, **facts)


def test_the_interests_of_another_member_are_not_shown(build_house: Any, client: Any):
    house, _ = build_house()
    answer = client.get(SECRETARY, f"/committees/{house.committee_id}/seats/{house.seats[WOMAN.subject]}/interests")
    assert (answer.status, answer.code) == (403, "committee.only_herself")


def test_nothing_is_decided_without_every_constituency(house: House):
    meeting = house.opened(house.appraised(), present=(CHAIR, WOMAN, LEDA))
    with pytest.raises(Refused, match=r"committee\.without_csem"):
        house.vote(meeting, by=(CHAIR,))


def test_a_session_deals_with_its_own_fund_and_not_once_it_is_closed(house: House):
    application = house.appraised()
    other = form_committee(house.session, COORDINATOR, fund_id=another_fund(house).id, name="Otro comité")
    elsewhere = convene_session(
        house.session, COORDINATOR, committee_id=other.id, scheduled_for=clock.now(), place="San Lorenzo"
    )
    with pytest.raises(Refused, match=r"session\.other_fund"):
        place_on_agenda(house.session, COORDINATOR, session_id=elsewhere.id, application_id=application.id)
    meeting = house.opened(house.appraised())
    with pytest.raises(NotFound, match=r"session\.no_acta_yet"):
        find.acta(house.session, CHAIR, meeting.id)
    close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    assert find.acta(house.session, CHAIR, meeting.id).session_id == meeting.id
    with pytest.raises(Refused, match=r"session\.is_closed"):
        place_on_agenda(house.session, COORDINATOR, session_id=meeting.id, application_id=application.id)


@pytest.mark.parametrize(
    ("look", "code"),
    [
        (find.committee, "committee.unknown"),
        (find.committee_session, "session.unknown"),
        (find.loan, "loan.unknown"),
        (find.repayment, "repayment.unknown"),
    ],
)
def test_what_there_is_not_is_not_known(house: House, look: Any, code: str):
    with pytest.raises(NotFound) as found:
        look(house.session, COORDINATOR, uuid4())
    assert found.value.code == code


# Loans and payments


def test_a_loan_gets_its_schedule_once_and_a_new_plan_is_of_what_is_owed(house: House):
    loan = house.disbursed()
    with pytest.raises(Refused, match=r"loan\.scheduled_already"):
        loan.schedule([])
    with pytest.raises(Refused, match=r"loan\.plan_differs"):
        loan.replan([], clock.today())


def test_a_file_and_a_line_of_payments_are_of_their_fund(house: House):
    where = {"fund_id": house.fund.id}
    with pytest.raises(NotFound, match=r"payments\.unknown"):
        post_payments(Within(house.session), CASHIER, file_id=uuid4(), **where)
    with pytest.raises(NotFound, match=r"payments\.line_unknown"):
        dismiss_line(house.session, CASHIER, line_id=uuid4(), reason="No es nuestra", **where)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("06/03/2026;TX-1;9876;Ana;80.00;", "payments.future_day"),
        ("04/03/2026;TX-1;9876;Ana;80.00;", "payments.before_loan"),
        ("05/03/2026;TX-1;9876;Ana;-80.00;", "payments.not_a_payment"),
        ("05/03/2026;TX-1;9876;Ana;80.00;80.01", "payments.charge_too_high"),
    ],
)
def test_a_line_that_pays_no_loan_is_not_assigned_to_one(house: House, row: str, code: str):
    loan = house.disbursed("1000.00")
    [line] = brought(house, row).lines
    with pytest.raises(Refused) as found:
        assign_line(house.session, CASHIER, fund_id=house.fund.id, line_id=line.id, loan_id=loan.id)
    assert found.value.code == code


def test_a_line_pays_a_loan_of_its_own_fund_only(house: House):
    loan, other = house.disbursed("1000.00"), another_fund(house)
    row = receive_payments(
        house.session, CASHIER, fund_id=other.id, source="bank", name="pagos.csv",
        content=csv("05/03/2026;TX-1;9876;Ana;80.00;"), media_type="text/csv",
    )  # fmt: skip
    read_payments(house.session, CASHIER, fund_id=other.id, file_id=row.id, layout=columns(row))
    [line] = row.lines
    with pytest.raises(Refused, match=r"payments\.loan_of_another_fund"):
        assign_line(house.session, CASHIER, fund_id=other.id, line_id=line.id, loan_id=loan.id)


def test_a_file_whose_payments_another_repeats_is_not_taken_back(house: House):
    first = brought(house, "05/03/2026;TX-1;9876;Ana;80.00;")
    brought(house, "05/03/2026;TX-1;9876;Ana;80.00;", "05/03/2026;TX-2;9877;Ana;80.00;")
    with pytest.raises(Refused, match=r"payments\.told_again"):
        take_payments_back(house.session, CASHIER, fund_id=house.fund.id, file_id=first.id)
