"""Which edition of the regulations rules what: the money is lent as it was measured, the session decides as it sits."""

from typing import Any

import pytest

from services.credit.models import Application, Loan, Resolution
from services.credit.use_cases.change_application import change_application
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.disburse_loan import approval_of, preview
from shared import files
from shared.kernel import Refused, clock
from tests.credit.house import CHAIR, MEMBERS, OFFICER, TECHNICIAN, URL, House, lempiras, names, product
from tests.credit.test_printed import text_of

RENAMED = product(code="new-capital", annual_rate="12")
SMALLER = product(maximum=5_000_00, annual_rate="12")


def decided(house: House, application: Application) -> tuple[Resolution, str]:
    """The application's resolution by a session of today, and what the minutes say."""
    meeting = house.opened(application)
    house.vote(meeting)
    resolution = close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    acta = close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    return resolution, text_of(files.read(house.session, acta.file_id))


def corrected(house: House, application: Application, amount: str, **changes: Any) -> Application:
    asked = {"instalments": 12, "grace": 0, "purpose": "equipment", "project": "Un horno"} | changes
    return change_application(
        house.session,
        TECHNICIAN,
        application_id=application.id,
        if_match=application.version,
        amount=lempiras(amount),
        **asked,
    )


def test_what_was_appraised_before_a_product_was_renamed_is_decided_and_lent_as_it_was_measured(house: House):
    application = house.appraised()
    house.adopt(products=RENAMED)
    resolution, minutes = decided(house, application)
    assert (resolution.decided_under.edition, resolution.lent_under.edition) == (2, 1)
    assert "edición 2, vigente desde el 5 de marzo de 2026" in minutes
    assert "18 % anual" in minutes
    assert "Se presta según Reglamento de Crédito, edición 1" in minutes
    expected = preview(house.session, OFFICER, application_id=application.id, disbursed_on=clock.today())
    loan = house.disburse(application)
    assert loan.terms["annual_rate"] == "18"
    assert loan.regulations_id == application.edition.id == resolution.lent_under.id
    assert [item.interest for item in loan.instalments] == [row.interest for row in expected]
    assert "Reglamento de Crédito, edición 1" in text_of(files.read(house.session, loan.note_file_id))


def test_the_rules_of_repayment_come_from_the_edition_the_money_is_lent_under(house: House):
    application = house.appraised()
    house.adopt(payment_in_advance=False, allocation_order=["principal", "interest", "fee", "penalty"])
    decided(house, application)
    loan = house.disburse(application)
    assert loan.payment_in_advance
    assert loan.order == ("penalty", "fee", "interest", "principal")


def test_where_both_editions_are_one_the_minutes_cite_it_once(house: House):
    house.adopt(products=SMALLER)
    resolution, minutes = decided(house, house.appraised("4000.00"))
    assert resolution.decided_under is resolution.lent_under
    assert "12 % anual" in minutes
    assert "Se presta según" not in minutes


def test_quorum_and_majority_come_from_the_edition_of_the_session(house: House):
    application = house.appraised()
    house.adopt(quorum={"seats": 3, "constituencies": ["csem"], "majority": "unanimous"})
    meeting = house.opened(application)
    house.vote(meeting, by=MEMBERS[:3])
    house.vote(meeting, choice="refuse", by=MEMBERS[3:])
    item = meeting.agenda[0].id
    assert close_item(house.session, CHAIR, session_id=meeting.id, item_id=item).outcome == "deferred"


def test_an_edition_adopted_during_a_session_does_not_touch_it(house: House):
    meeting = house.opened(house.appraised())
    house.adopt(products=RENAMED, quorum={"seats": 4, "constituencies": ["csem"], "majority": "simple"})
    house.vote(meeting, by=MEMBERS)
    resolution = close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    assert (resolution.decided_under.edition, resolution.lent_under.edition) == (1, 1)


@pytest.mark.parametrize("amount", ["5000.01", "10000.00"])
def test_a_correction_is_measured_against_the_edition_of_its_day(house: House, amount):
    application = house.submitted()
    house.adopt(products=SMALLER)
    with pytest.raises(Refused) as refused:
        corrected(house, application, amount)
    assert refused.value.code == "application.amount_over_maximum"


def test_a_correction_binds_the_application_to_the_edition_of_its_day(house: House):
    application = house.submitted()
    house.adopt(products=SMALLER)
    corrected(house, application, "5000.00")
    assert (application.edition.edition, application.edition.product(application.product).annual_rate) == (2, 12)


def test_an_appraisal_is_measured_against_the_edition_of_its_day_and_binds_the_application_to_it(house: House):
    application = house.submitted()
    house.adopt(products=SMALLER)
    with pytest.raises(Refused) as refused:
        house.appraise(application, "5000.01")
    assert refused.value.code == "application.amount_over_maximum"
    house.appraise(application, "5000.00")
    resolution, _ = decided(house, application)
    loan: Loan = house.disburse(application)
    assert (loan.principal, loan.terms["annual_rate"], resolution.lent_under.edition) == (5_000_00, "12", 2)


def test_what_is_no_longer_lent_is_corrected_to_what_is(house: House):
    application = house.submitted()
    house.adopt(products=RENAMED)
    with pytest.raises(Refused) as refused:
        house.appraise(application)
    assert refused.value.code == "application.no_longer_lent"
    with pytest.raises(Refused) as unknown:
        corrected(house, application, "10000.00")
    assert unknown.value.code == "application.unknown_product"
    corrected(house, application, "10000.00", product="new-capital")
    assert house.appraise(application).state == "appraised"
    assert decided(house, application)[0].lent_under.edition == 2


def test_the_minutes_tell_the_motion_that_was_voted_on_though_a_new_appraisal_followed(house: House):
    application = house.appraised()
    meeting = house.opened(application)
    house.vote(meeting, choice="defer")
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    house.adopt(products=SMALLER)
    house.appraise(application, "3000.00")
    acta = close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    minutes = text_of(files.read(house.session, acta.file_id))
    assert "18 % anual" in minutes
    assert "12 % anual" not in minutes
    assert approved(house, application).lent_under.edition == 2


def approved(house: House, application: Application) -> Resolution:
    decided(house, application)
    return approval_of(house.session, application)


def test_the_file_counts_each_appraisal_on_the_terms_it_was_measured_against(build_house, client):
    def step(house: House) -> Application:
        application = house.appraised()
        house.adopt(products=SMALLER)
        house.appraise(application, "5000.00")
        house.adopt(clock.today().replace(day=6), products=RENAMED)
        return application

    _, application = build_house(step)
    file = client.get(OFFICER, f"/applications/{application.id}").body
    assert (file["edition"], file["annual_rate"]) == (2, "12")
    assert [row["instalment"]["amount"] for row in file["appraisals"]] == ["916.81", "444.29"]


def test_a_resolution_in_the_file_names_the_editions_it_cites(build_house, client):
    def step(house: House) -> Application:
        application = house.appraised()
        house.adopt(products=RENAMED)
        meeting = house.opened(application)
        house.vote(meeting)
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
        return application

    _, application = build_house(step)
    resolution = client.get(OFFICER, f"/applications/{application.id}").body["resolutions"][0]
    assert (resolution["decided_under"], resolution["lent_under"]) == (2, 1)
    assert client.get(OFFICER, f"/applications/{application.id}/approval").body["annual_rate"] == "18"
