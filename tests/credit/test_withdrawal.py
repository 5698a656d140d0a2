"""A woman withdraws: what is about her is erased, what the law keeps is named."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.credit.models import Application, Appraisal, CopyEnterprise, Loan
from services.credit.subscriptions import SUBSCRIPTIONS
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.withdraw_application import withdraw_application
from shared import files, history
from shared.bus.envelope import Envelope
from shared.bus.tables import event_log
from shared.events import Event
from shared.events.registry import EnterpriseChanged, EnterpriseFacts, EnterpriseRegistered, EntrepreneurWithdrawn
from shared.kernel import uuid7
from tests.credit.house import CHAIR, OFFICER, URL, House, names


def envelope(event: Event, subject: UUID) -> Envelope:
    return Envelope(
        source="registry",
        log_id=uuid7(),
        position=1,
        id=uuid7(),
        type=event.type,
        subject=subject,
        time=datetime.now(UTC),
        data=event.payload(),
    )


def withdraw(house: House, enterprise_id: UUID) -> UUID:
    owner = house.owners[enterprise_id]
    event = EntrepreneurWithdrawn(entrepreneur_id=owner, enterprise_ids=[enterprise_id])
    SUBSCRIPTIONS.handle(house.session, envelope(event, owner))
    return owner


def announced(house: House, name: str) -> list[dict[str, Any]]:
    rows = house.session.execute(select(event_log.c.type, event_log.c.data).order_by(event_log.c.seq)).all()
    return [row.data for row in rows if row.type == f"org.csem.credit.{name}.v1"]


def reported(house: House) -> dict[str, Any]:
    told = announced(house, "erasure-completed")
    assert len(told) == 1
    return told[0]


def test_an_application_that_is_not_decided_is_taken_back_and_its_words_are_erased(house: House):
    application = house.appraised()
    owner = withdraw(house, application.enterprise_id)
    told = reported(house)
    assert told["entrepreneur_id"] == str(owner)
    assert told["kept"] == []
    assert told["erased"]["texts"] == 3
    assert told["erased"]["applications_withdrawn"] == 1
    assert application.state == "withdrawn"
    assert (application.project, application.amount, application.instalments) == ("", 0, 0)
    assert house.session.scalars(select(Appraisal)).all() == []
    assert house.session.get(CopyEnterprise, application.enterprise_id) is None
    assert all(entry["after"] is None for entry in history.of(house.session, application.id))
    assert history.broken_at(house.session, application.id) is None


def test_what_a_committee_has_seen_keeps_its_figures_and_says_so(house: House):
    application = house.appraised()
    house.convened(application)
    withdraw(house, application.enterprise_id)
    told = reported(house)
    assert told["kept"] == ["committee_minutes", "appraisal_figures"]
    assert (told["erased"]["texts"], told["erased"]["appraisals"]) == (3, 0)
    appraisal = application.appraisal
    assert (application.project, appraisal.guarantees, appraisal.remarks) == ("", "", "")
    assert (application.amount, appraisal.monthly_income) == (10_000_00, 9_000_00)
    assert appraisal.conditions == "Presentar cotización del horno"


def test_the_file_of_an_erased_application_is_still_read(build_house, client, database):
    house, application = build_house(lambda house: house.appraised())
    with database.transaction() as session:
        withdraw(House(session, house.fund, house.committee_id, house.seats, house.owners), application.enterprise_id)
    file = client.get(OFFICER, f"/applications/{application.id}").body
    assert (file["state"], file["project"], file["appraisals"]) == ("withdrawn", "", [])


def test_what_was_promised_to_her_is_free_again_and_the_others_hear_of_it(house: House):
    before = house.fund.available(house.session)
    application = house.approved()
    withdraw(house, application.enterprise_id)
    assert house.fund.available(house.session) == before
    assert [told["application_id"] for told in announced(house, "application-withdrawn")] == [str(application.id)]


def test_an_application_taken_back_is_announced(house: House):
    application = house.submitted()
    withdraw_application(house.session, OFFICER, application_id=application.id)
    told = announced(house, "application-withdrawn")
    assert told == [
        {
            "application_id": str(application.id),
            "enterprise_id": str(application.enterprise_id),
            "municipality": "HN1709",
            "withdrawn_on": "2026-03-05",
            "kind": None,
        }
    ]


def test_a_loan_is_not_announced_as_taken_back(house: House):
    loan = house.disbursed()
    withdraw(house, loan.enterprise_id)
    assert announced(house, "application-withdrawn") == []


def test_the_contract_of_her_loan_and_the_minutes_are_kept_and_named(house: House):
    application = house.appraised()
    meeting = house.opened(application)
    house.vote(meeting)
    from services.credit.use_cases.close_item import close_item

    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    acta = close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    loan = house.disburse(application)
    withdraw(house, application.enterprise_id)
    assert reported(house)["kept"] == ["loan_contracts", "committee_minutes", "appraisal_figures"]
    assert files.read(house.session, acta.file_id)
    assert files.read(house.session, loan.note_file_id)
    house.repay(loan, "916.80")
    assert house.session.scalars(select(Loan.state)).all() == ["active"]


def test_a_session_goes_on_and_closes_when_an_applicant_has_withdrawn(house: House):
    first, second = house.appraised(), house.appraised()
    meeting = house.opened(first, second)
    withdraw(house, first.enterprise_id)
    close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    assert (first.state, second.state) == ("withdrawn", "appraised")


def facts(enterprise_id: UUID, **changes: Any) -> EnterpriseFacts:
    known: dict[str, Any] = {
        "enterprise_id": enterprise_id,
        "municipality": "HN1709",
        "place_state": "consistent",
        "chain": "honey",
        "links": ["production"],
        "activity": "A",
        "needs": ["credit"],
        "owner_ids": [uuid7()],
        "jobs_women": 1,
        "jobs_men": 0,
        "home_based": True,
        "formal": False,
        "validation": "validated",
        "consent_credit": True,
        "consent_map": True,
        "recorded_on": date(2026, 1, 1),
    }
    return EnterpriseFacts(**(known | changes))


@pytest.mark.parametrize("event", [EnterpriseRegistered, EnterpriseChanged])
def test_the_newest_facts_of_an_enterprise_replace_what_was_known(session, event):
    enterprise_id = uuid7()
    for consent in (True, False):
        told = event(facts=facts(enterprise_id, consent_credit=consent))
        SUBSCRIPTIONS.handle(session, envelope(told, enterprise_id))
    known = session.get_one(CopyEnterprise, enterprise_id)
    assert (known.consent_credit, known.chain) == (False, "honey")


def test_taking_the_facts_again_when_replaying_changes_nothing(session):
    told = EnterpriseRegistered(facts=facts(uuid7()))
    for _ in range(2):
        SUBSCRIPTIONS.handle(session, envelope(told, told.facts.enterprise_id), replaying=True)
    assert len(session.scalars(select(CopyEnterprise)).all()) == 1
    assert session.scalars(select(Application)).all() == []
