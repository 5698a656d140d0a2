"""Whatever is wrong gets a clear answer in Spanish and in English, and changes nothing."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from services.credit.directory import NOBODY, Borrower, Directory
from services.credit.models import Base, RefusedAttempt
from services.credit.use_cases.cast_vote import declare_conflict
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.form_committee import declare_interest
from services.credit.use_cases.hold_session import record_attendance
from shared.bus.tables import event_log
from shared.database import Database
from shared.testing import person
from tests.credit.client import Answered, Client
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    LEDA,
    MEMBERS,
    MUNICIPALITY,
    OFFICER,
    SECRETARY,
    TECHNICIAN,
    URL,
    WOMAN,
    House,
    names,
    product,
)

STRANGER = person("committee_member", scope="HN17", subject="stranger", name="Extraña")
ELSEWHERE = person("coordinator", "technician", "credit_officer", "cashier", scope="GT", subject="elsewhere")


def money(amount: str, currency: str = "HNL") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def snapshot(database: Database) -> dict[str, int]:
    """How many rows each table has, but for the one that remembers refusals, and the state of every application and
    loan.
    """
    with database.reading() as session:
        names = Base.metadata.tables.keys() - {RefusedAttempt.__tablename__}
        rows = ", ".join(f"(SELECT count(*) FROM {name}) AS {name}" for name in sorted(names))
        counts: dict[str, Any] = dict(session.execute(text(f"SELECT {rows}")).mappings().one())
        counts["log"] = len(session.execute(select(event_log.c.seq)).all())
        for table in ("application", "loan", "committee_session", "agenda_item"):
            counts[f"{table} states"] = sorted(session.scalars(text(f"SELECT state FROM {table}")).all())
    return counts


@pytest.fixture
def refused(client: Client, database: Database) -> Callable[..., Answered]:
    """Asks in both languages; the answer has this status and code, a sentence in each, and nothing has changed."""

    def ask(status: int, code: str, method: str, caller, path: str, body: Any = None, **headers: str) -> Answered:
        if method == "POST":
            headers.setdefault("Idempotency-Key", uuid4().hex)
        before = snapshot(database)
        answers = {
            language: client.send(method, caller, path, body, language=language, **headers) for language in ("es", "en")
        }
        for answer in answers.values():
            assert (answer.status, answer.code) == (status, code), answer.content
            told = " ".join([answer.detail, *(str(error["detail"]) for error in answer.body.get("errors", []))])
            assert code not in told, "the catalogue lacks a sentence"
            assert "…" not in told, "a fact of the sentence is missing"
        assert answers["es"].content != answers["en"].content
        assert snapshot(database) == before, "a refusal must change nothing"
        return answers["es"]

    return ask


APPRAISAL = {
    "visited_on": "2026-03-04",
    "monthly_income": money("9000.00"),
    "monthly_expense": money("6000.00"),
    "monthly_debts": money("0.00"),
    "recommendation": "approve",
    "amount": money("8000.00"),
    "instalments": 12,
}


def request_of(house: House, enterprise: UUID, **changes: Any) -> dict[str, Any]:
    return {
        "fund_id": str(house.fund.id),
        "enterprise_id": str(enterprise),
        "product": "working-capital",
        "amount": money("10000.00"),
        "instalments": 12,
        "purpose": "equipment",
        "project": "Un horno nuevo",
    } | changes


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": money("20000.01")}, 422, "application.amount_over_maximum"),
        ({"amount": money("499.99")}, 422, "application.amount_under_minimum"),
        ({"amount": {"amount": 10000.5, "currency": "HNL"}}, 422, "money.not_text"),
        ({"amount": 10000.5}, 422, "money.malformed"),
        ({"amount": money("1.005")}, 422, "money.malformed"),
        ({"amount": money("10000.00", "USD")}, 422, "fund.other_currency"),
        ({"amount": money("10000.00", "EUR")}, 422, "money.unknown_currency"),
        ({"instalments": 25}, 422, "application.instalments_out_of_range"),
        ({"instalments": 12.0}, 422, "field.not_integer"),
        ({"grace": 3}, 422, "application.grace_too_long"),
        ({"product": "casino"}, 422, "application.unknown_product"),
        ({"purpose": "casino"}, 422, "field.not_a_choice"),
        ({"project": ""}, 422, "field.required"),
        ({"colour": "green"}, 422, "field.unknown"),
        ({"fund_id": str(uuid4())}, 404, "fund.unknown"),
        ({"enterprise_id": str(uuid4())}, 404, "enterprise.unknown"),
    ],
)
def test_a_request_the_regulations_do_not_lend_is_refused(build_house, refused, changes, status, code):
    house, enterprise = build_house(lambda house: house.enterprise())
    refused(status, code, "POST", TECHNICIAN, "/applications", request_of(house, enterprise, **changes))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"consent_credit": False}, "eligibility.consent_credit"),
        ({"active": False}, "eligibility.active"),
        ({"validation": "captured"}, "eligibility.validated"),
        ({"owner_ids": []}, "eligibility.has_owner"),
        ({"municipality": "HN0801"}, "permission.outside_scope"),
    ],
)
def test_an_enterprise_that_may_not_be_lent_to_is_refused(build_house, refused, facts, code):
    house, enterprise = build_house(lambda house: house.enterprise(**facts))
    status = 403 if code.startswith("permission") else 409
    refused(status, code, "POST", TECHNICIAN, "/applications", request_of(house, enterprise))


def test_an_enterprise_outside_the_funds_territory_is_refused(build_house, refused):
    house, enterprise = build_house(lambda house: house.enterprise("HN0801"))
    wide = person("technician", scope="HN", subject="wide")
    refused(409, "fund.other_territory", "POST", wide, "/applications", request_of(house, enterprise))


def test_a_second_application_at_the_same_time_is_refused(build_house, refused):
    house, first = build_house(lambda house: house.submitted())
    refused(
        409, "application.one_open_already", "POST", TECHNICIAN, "/applications", request_of(house, first.enterprise_id)
    )


def test_a_second_loan_at_the_same_time_is_refused(build_house, refused):
    house, loan = build_house(lambda house: house.disbursed())
    refused(
        409, "eligibility.no_loan_in_force", "POST", TECHNICIAN, "/applications", request_of(house, loan.enterprise_id)
    )


def test_the_file_of_another_territory_is_closed(build_house, refused):
    _, application = build_house(lambda house: house.submitted())
    refused(403, "permission.outside_scope", "GET", ELSEWHERE, f"/applications/{application.id}")


def test_without_a_token_nothing_is_told(build_house, refused):
    _, application = build_house(lambda house: house.submitted())
    refused(401, "token.missing", "GET", None, f"/applications/{application.id}")


def test_a_cashier_may_not_open_an_application(build_house, refused):
    _, application = build_house(lambda house: house.submitted())
    refused(403, "permission.role_missing", "GET", CASHIER, f"/applications/{application.id}")


def test_a_stale_version_of_an_application_is_refused(build_house, refused, client):
    _, application = build_house(lambda house: house.submitted())
    change = {"amount": money("900.00"), "instalments": 6, "purpose": "inputs", "project": "Semilla"}
    path = f"/applications/{application.id}"
    assert client.patch(TECHNICIAN, path, change, application.version).status == 200
    refused(412, "changed_meanwhile", "PATCH", TECHNICIAN, path, change, **{"If-Match": f'"{application.version}"'})
    refused(428, "precondition.missing", "PATCH", TECHNICIAN, path, change)


def test_an_appraised_application_is_no_longer_corrected(build_house, refused):
    _, application = build_house(lambda house: house.appraised())
    change = {"amount": money("900.00"), "instalments": 6, "purpose": "inputs", "project": "Semilla"}
    path, version = f"/applications/{application.id}", application.version
    refused(409, "application.is_appraised", "PATCH", TECHNICIAN, path, change, **{"If-Match": f'"{version}"'})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"visited_on": "2026-03-06"}, "appraisal.visit_in_future"),
        ({"visited_on": "2026-02-30"}, "field.not_day"),
        ({"amount": money("20000.01")}, "application.amount_over_maximum"),
        ({"monthly_income": money("1.00", "GTQ")}, "fund.other_currency"),
        ({"assistance_needs": ["luck"]}, "field.not_a_choice"),
        ({"recommendation": "perhaps"}, "field.not_a_choice"),
    ],
)
def test_an_appraisal_that_cannot_be_is_refused(build_house, refused, changes, code):
    _, application = build_house(lambda house: house.submitted())
    refused(422, code, "POST", OFFICER, f"/applications/{application.id}/appraisals", APPRAISAL | changes)


def test_what_lies_before_the_committee_is_not_appraised_again(build_house, refused):
    def step(house: House) -> Any:
        application = house.appraised()
        house.convened(application)
        return application

    _, application = build_house(step)
    path = f"/applications/{application.id}/appraisals"
    refused(409, "application.is_on_agenda", "POST", OFFICER, path, APPRAISAL)


def test_an_appraisal_of_what_is_no_longer_lent_is_refused(build_house, refused):
    def step(house: House) -> Any:
        application = house.submitted()
        house.adopt(products=product(code="other"))
        return application

    _, application = build_house(step)
    path = f"/applications/{application.id}/appraisals"
    refused(409, "application.no_longer_lent", "POST", OFFICER, path, APPRAISAL)


def test_what_a_session_has_deferred_waits_for_another_session(build_house, refused, client):
    def step(house: House) -> Any:
        application = house.appraised()
        meeting = house.opened(application)
        house.vote(meeting, choice="defer")
        return meeting, application, house.convened()

    _, (meeting, application, another) = build_house(step)
    assert client.post(CHAIR, close_path(meeting)).body["outcome"] == "deferred"
    body = {"application_id": str(application.id)}
    refused(409, "session.dealt_with_already", "POST", COORDINATOR, f"/sessions/{meeting.id}/agenda", body)
    assert client.post(COORDINATOR, f"/sessions/{another.id}/agenda", body).status == 201


def test_an_application_without_an_appraisal_does_not_reach_the_agenda(build_house, refused):
    _, (meeting, application) = build_house(lambda house: (house.convened(), house.submitted()))
    body = {"application_id": str(application.id)}
    refused(409, "application.not_appraised", "POST", COORDINATOR, f"/sessions/{meeting.id}/agenda", body)


def test_an_empty_agenda_opens_no_session(build_house, refused):
    _, meeting = build_house(lambda house: house.convened())
    refused(409, "session.agenda_empty", "POST", CHAIR, f"/sessions/{meeting.id}/opening", {"present": []})


def test_only_who_conducts_opens_a_session(build_house, refused):
    _, meeting = build_house(lambda house: house.convened(house.appraised()))
    path = f"/sessions/{meeting.id}/opening"
    refused(409, "session.only_chair_or_secretary", "POST", WOMAN, path, {"present": []})
    refused(404, "session.seat_not_on_roll", "POST", CHAIR, path, {"present": [str(uuid4())]})


def vote_path(meeting: Any) -> str:
    return f"/sessions/{meeting.id}/items/{meeting.agenda[0].id}/votes"


def close_path(meeting: Any) -> str:
    return f"/sessions/{meeting.id}/items/{meeting.agenda[0].id}/closing"


APPROVE = {"choice": "approve"}


def test_a_vote_by_a_stranger_is_refused(build_house, refused):
    _, meeting = build_house(lambda house: house.opened(house.appraised()))
    refused(403, "committee.not_a_member", "POST", STRANGER, vote_path(meeting), APPROVE)


def test_a_vote_by_who_is_no_committee_member_at_all_is_refused(build_house, refused):
    _, meeting = build_house(lambda house: house.opened(house.appraised()))
    refused(403, "permission.role_missing", "POST", COORDINATOR, vote_path(meeting), APPROVE)


def test_a_second_vote_is_refused(build_house, refused):
    def step(house: House) -> Any:
        meeting = house.opened(house.appraised())
        house.vote(meeting, by=(CHAIR,))
        return meeting

    _, meeting = build_house(step)
    refused(409, "committee.voted_already", "POST", CHAIR, vote_path(meeting), {"choice": "refuse", "reason": "No"})


def test_a_vote_without_quorum_is_refused(build_house, refused):
    _, meeting = build_house(lambda house: house.opened(house.appraised(), present=(CHAIR, SECRETARY)))
    refused(409, "committee.without_leda", "POST", CHAIR, vote_path(meeting), APPROVE)


def test_a_vote_with_every_constituency_but_too_few_seats_is_refused(build_house, refused):
    rule = {"seats": 4, "constituencies": ["women_organizations", "csem", "leda"], "majority": "simple"}
    _, meeting = build_house(
        lambda house: house.opened(house.appraised(), present=(CHAIR, SECRETARY, LEDA)), quorum=rule
    )
    refused(409, "committee.no_quorum", "POST", CHAIR, vote_path(meeting), APPROVE)


def test_a_vote_before_the_session_opens_is_refused(build_house, refused):
    _, meeting = build_house(lambda house: house.convened(house.appraised()))
    refused(409, "session.is_convened", "POST", CHAIR, vote_path(meeting), APPROVE)


def test_a_vote_of_an_absent_member_is_refused(build_house, refused):
    _, meeting = build_house(lambda house: house.opened(house.appraised(), present=(CHAIR, SECRETARY, LEDA)))
    refused(409, "committee.not_present", "POST", WOMAN, vote_path(meeting), APPROVE)


def test_a_vote_on_a_closed_item_is_refused(build_house, refused, client):
    def step(house: House) -> Any:
        meeting = house.opened(house.appraised())
        house.vote(meeting)
        return meeting

    _, meeting = build_house(step)
    assert client.post(CHAIR, close_path(meeting)).status == 201
    refused(409, "session.item_closed", "POST", CHAIR, vote_path(meeting), APPROVE)
    refused(409, "session.item_closed", "POST", CHAIR, close_path(meeting))


def test_a_vote_against_needs_its_reason(build_house, refused):
    _, meeting = build_house(lambda house: house.opened(house.appraised()))
    refused(422, "committee.reason_needed", "POST", CHAIR, vote_path(meeting), {"choice": "refuse"})
    refused(422, "field.not_a_choice", "POST", CHAIR, vote_path(meeting), {"choice": "maybe"})


def test_the_vote_of_the_appraiser_is_refused(build_house, refused):
    appraiser = person("committee_member", "credit_officer", scope="HN17", subject=SECRETARY.subject)
    _, meeting = build_house(lambda house: house.opened(house.appraised(by=appraiser)))
    refused(409, "segregation.appraiser_votes", "POST", SECRETARY, vote_path(meeting), APPROVE)


def test_the_vote_on_a_relative_is_refused(build_house, refused):
    def step(house: House) -> Any:
        application = house.appraised()
        declare_interest(
            house.session,
            WOMAN,
            committee_id=house.committee_id,
            seat_id=house.seats[WOMAN.subject],
            entrepreneur_id=house.owners[application.enterprise_id],
            relation="relative",
        )
        return house.opened(application)

    _, meeting = build_house(step)
    refused(409, "segregation.interested_votes", "POST", WOMAN, vote_path(meeting), APPROVE)


def test_who_was_recused_does_not_vote(build_house, refused):
    def step(house: House) -> Any:
        meeting = house.opened(house.appraised())
        item = meeting.agenda[0].id
        declare_conflict(house.session, WOMAN, session_id=meeting.id, item_id=item, reason="Es mi prima")
        return meeting

    _, meeting = build_house(step)
    refused(409, "committee.recused", "POST", WOMAN, vote_path(meeting), APPROVE)


def test_only_who_conducts_recuses_somebody_else(build_house, refused):
    _, meeting = build_house(lambda house: house.opened(house.appraised()))
    path = f"/sessions/{meeting.id}/items/{meeting.agenda[0].id}/recusals"
    chair = str(meeting.roll[0].id)
    refused(409, "session.only_chair_or_secretary", "POST", WOMAN, path, {"reason": "Prima", "seat": chair})
    refused(422, "committee.reason_needed", "POST", WOMAN, path, {"reason": " "})


def test_an_item_is_not_closed_while_somebody_in_the_room_has_not_voted(build_house, refused):
    def step(house: House) -> Any:
        meeting = house.opened(house.appraised())
        house.vote(meeting, by=(CHAIR, SECRETARY, WOMAN))
        return meeting

    _, meeting = build_house(step)
    answer = refused(409, "session.votes_missing", "POST", CHAIR, close_path(meeting))
    assert LEDA.name in answer.detail


def test_an_item_is_not_closed_when_its_constituency_has_left(build_house, refused):
    def step(house: House) -> Any:
        meeting = house.opened(house.appraised())
        house.vote(meeting)
        seat = next(seat.id for seat in meeting.roll if seat.subject == LEDA.subject)
        record_attendance(house.session, CHAIR, session_id=meeting.id, roll_seat_id=seat, present=False)
        assert meeting.agenda
        return meeting

    _, meeting = build_house(step)
    refused(409, "committee.without_leda", "POST", CHAIR, close_path(meeting))


def test_an_approval_beyond_what_is_available_is_refused(build_house, refused):
    def step(house: House) -> Any:
        meeting = house.opened(house.appraised("9000.00"))
        house.vote(meeting)
        return meeting

    _, meeting = build_house(step, cash="10000.00", reserve="1000.01")
    answer = refused(409, "fund.not_enough_available", "POST", CHAIR, close_path(meeting))
    assert "L8,999.99" in answer.detail


def test_what_is_refused_is_not_paid_out(build_house, refused):
    _, application = build_house(lambda house: house.appraised())
    path, body = f"/applications/{application.id}/disbursement", {"disbursed_on": "2026-03-05"}
    refused(409, "application.is_appraised", "POST", OFFICER, path, body)


def test_what_was_paid_out_is_not_paid_out_again(build_house, refused):
    _, loan = build_house(lambda house: house.disbursed())
    path, body = f"/applications/{loan.application_id}/disbursement", {"disbursed_on": "2026-03-05"}
    refused(409, "application.is_disbursed", "POST", OFFICER, path, body)


@pytest.mark.parametrize("day", ["2026-03-04", "2026-03-06"])
def test_a_disbursement_before_its_resolution_or_tomorrow_is_refused(build_house, refused, day):
    _, application = build_house(lambda house: house.approved())
    path = f"/applications/{application.id}/disbursement"
    refused(422, "loan.day_out_of_range", "POST", OFFICER, path, {"disbursed_on": day})


def test_who_voted_does_not_pay_out(build_house, refused):
    voter = person("committee_member", "credit_officer", scope="HN17", subject=LEDA.subject)
    _, application = build_house(lambda house: house.approved())
    path = f"/applications/{application.id}/disbursement"
    refused(409, "segregation.voter_disburses", "POST", voter, path, {"disbursed_on": "2026-03-05"})


def test_a_consent_taken_back_stops_the_disbursement(build_house, refused, database):
    _, application = build_house(lambda house: house.approved())
    with database.transaction() as session:
        session.execute(text("UPDATE copy_enterprise SET consent_credit = false"))
    path = f"/applications/{application.id}/disbursement"
    refused(409, "eligibility.consent_credit", "POST", OFFICER, path, {"disbursed_on": "2026-03-05"})


@pytest.mark.parametrize("answer", [NOBODY, Borrower("Panadería La Espiga", ())])
def test_nothing_is_paid_out_to_nobody(build_house, refused, service, monkeypatch, answer):
    monkeypatch.setattr(Directory, "borrower", lambda _self, _enterprise_id: answer)
    _, application = build_house(lambda house: house.approved())
    path = f"/applications/{application.id}/disbursement"
    refused(409, "enterprise.withdrawn", "POST", OFFICER, path, {"disbursed_on": "2026-03-05"})


def repayment(amount: Any = None, **changes: Any) -> dict[str, Any]:
    return {"amount": amount or money("916.80"), "paid_on": "2026-03-05", "channel": "cash"} | changes


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (repayment(money("11001.62")), 409, "repayment.above_outstanding"),
        (repayment(money("0.00")), 422, "money.out_of_range"),
        (repayment(money("-1.00")), 422, "money.out_of_range"),
        (repayment(money("10.00", "GTQ")), 422, "fund.other_currency"),
        (repayment({"amount": 10.5, "currency": "HNL"}), 422, "money.not_text"),
        (repayment(paid_on="2026-03-06"), 422, "repayment.day_out_of_range"),
        (repayment(paid_on="2026-03-04"), 422, "repayment.day_out_of_range"),
        (repayment(channel="pigeon"), 422, "field.not_a_choice"),
    ],
)
def test_a_repayment_that_cannot_be_is_refused(build_house, refused, body, status, code):
    _, loan = build_house(lambda house: house.disbursed())
    refused(status, code, "POST", CASHIER, f"/loans/{loan.id}/repayments", body)


def test_paying_in_advance_is_refused_where_the_regulations_say_so(build_house, refused):
    _, loan = build_house(lambda house: house.disbursed(), payment_in_advance=False)
    refused(409, "repayment.not_yet_due", "POST", CASHIER, f"/loans/{loan.id}/repayments", repayment())


def test_who_paid_out_does_not_take_the_repayments(build_house, refused):
    _, loan = build_house(lambda house: house.disbursed(by=CASHIER))
    refused(409, "segregation.disburser_collects", "POST", CASHIER, f"/loans/{loan.id}/repayments", repayment())


def test_a_settled_loan_takes_no_more_money(build_house, refused):
    def step(house: House) -> Any:
        loan = house.disbursed()
        house.repay(loan, "11001.61")
        return loan

    _, loan = build_house(step)
    refused(409, "loan.settled_already", "POST", CASHIER, f"/loans/{loan.id}/repayments", repayment())


def test_the_same_key_with_the_same_body_pays_once(build_house, client, database):
    _, loan = build_house(lambda house: house.disbursed())
    path, key = f"/loans/{loan.id}/repayments", uuid4().hex
    first = client.post(CASHIER, path, repayment(), key=key)
    before = snapshot(database)
    again = client.post(CASHIER, path, repayment(), key=key)
    assert (again.status, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replay"] == "true"
    assert snapshot(database) == before


def test_the_same_key_with_another_body_is_refused(build_house, client, refused):
    _, loan = build_house(lambda house: house.disbursed())
    path, key = f"/loans/{loan.id}/repayments", uuid4().hex
    client.post(CASHIER, path, repayment(), key=key)
    headers = {"Idempotency-Key": key}
    refused(422, "idempotency.key_reused", "POST", CASHIER, path, repayment(money("1.00")), **headers)


def test_money_without_a_key_is_refused(build_house, client):
    _, loan = build_house(lambda house: house.disbursed())
    answer = client.post(CASHIER, f"/loans/{loan.id}/repayments", repayment(), key=None)
    assert (answer.status, answer.code) == (400, "idempotency.key_missing")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("contributions", {"amount": money("1.00", "USD")}, "fund.other_currency"),
        ("contributions", {"received_on": "2027-01-01"}, "fund.day_in_future"),
        ("deposits", {"amount": money("0.01"), "deposited_on": "2026-03-05"}, "fund.drawer_too_small"),
    ],
)
def test_movements_that_cannot_be_are_refused(build_house, refused, path, body, code):
    house, _ = build_house()
    contribution = {
        "funder": "Banco",
        "source": "bank",
        "repayable": True,
        "amount": money("10.00"),
        "received_on": "2026-03-01",
    }
    status = 409 if code == "fund.drawer_too_small" else 422
    sent = body if path == "deposits" else contribution | body
    refused(status, code, "POST", OFFICER, f"/funds/{house.fund.id}/{path}", sent)


def test_an_older_edition_of_the_regulations_is_refused(build_house, refused):
    house, _ = build_house()
    body = {
        "title": "Reglamento",
        "source": "Acuerdo",
        "valid_from": "2024-01-01",
        "signatories": [{"name": "Ana", "office": "ADEL"}],
        "parameters": {"products": "many"},
    }
    path = f"/funds/{house.fund.id}/regulations"
    refused(422, "regulations.section_missing", "POST", COORDINATOR, path, body)
    from tests.credit.house import PARAMETERS

    refused(422, "regulations.not_newer", "POST", COORDINATOR, path, body | {"parameters": PARAMETERS})
    wild = json.loads(json.dumps(PARAMETERS))
    wild["quorum"]["seats"] = "3"
    refused(422, "regulations.contradictory", "POST", COORDINATOR, path, body | {"parameters": wild})


def test_a_second_seat_and_a_second_chair_are_refused(build_house, refused):
    house, _ = build_house()
    seat = {
        "constituency": "leda",
        "position": "chair",
        "subject": "new-account",
        "name": "Nueva",
        "organization": "ADEL",
        "since": "2026-01-01",
    }
    path = f"/committees/{house.committee_id}/seats"
    refused(409, "committee.has_chair_already", "POST", COORDINATOR, path, seat)
    refused(409, "committee.has_seat_already", "POST", COORDINATOR, path, seat | {"subject": LEDA.subject})


def test_a_mandate_that_would_overlap_another_of_hers_is_refused_whenever_it_begins(build_house, refused):
    house, _ = build_house()
    seat = {
        "constituency": "leda",
        "position": "member",
        "subject": LEDA.subject,
        "name": "Leda",
        "organization": "ADEL",
        "since": "2020-01-01",
    }
    path = f"/committees/{house.committee_id}/seats"
    refused(409, "committee.has_seat_already", "POST", COORDINATOR, path, seat)
    chair = seat | {"subject": "new-account", "position": "chair"}
    refused(409, "committee.has_chair_already", "POST", COORDINATOR, path, chair)


def test_who_answers_for_one_municipality_does_not_rule_a_fund_of_many(build_house, refused):
    house, _ = build_house()
    local = person("coordinator", scope=MUNICIPALITY, subject="local")
    seat = {
        "constituency": "csem",
        "position": "member",
        "subject": "new-account",
        "name": "Nueva",
        "organization": "CSEM",
        "since": "2026-01-01",
    }
    outside = "permission.outside_scope"
    refused(403, outside, "POST", local, f"/committees/{house.committee_id}/seats", seat)
    refused(403, outside, "POST", local, f"/committees/{house.committee_id}/seats/{house.seats[LEDA.subject]}/end")


def test_the_acta_is_for_who_sat_there_and_for_whose_territory_holds_all_of_it(build_house, client):
    def held(house):
        application = house.appraised()
        meeting = house.opened(application)
        house.vote(meeting)
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
        close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
        return meeting

    _, meeting = build_house(held)
    path = f"/sessions/{meeting.id}/acta"
    elsewhere = person("committee_member", scope="HN1701", subject="elsewhere")
    assert client.get(elsewhere, path).status == 403
    assert client.get(person("auditor", scope="HN17", subject="auditor"), path).content.startswith(b"%PDF")
    sat_there = person("committee_member", scope="HN1701", subject=CHAIR.subject)
    assert client.get(sat_there, path).content.startswith(b"%PDF")


def test_the_whole_number_of_her_document_is_not_for_who_only_decides(build_house, client):
    _, loan = build_house(lambda house: house.disbursed())
    for reader in (CHAIR, person("auditor", scope="HN17", subject="auditor")):
        assert client.get(reader, f"/loans/{loan.id}/note").status == 403
        assert client.get(reader, f"/loans/{loan.id}").status == 200


def test_only_a_service_asks_whether_a_document_is_ours(client, build_house):
    build_house()
    service = person("service", subject="portal")
    assert client.get(CHAIR, f"/documents/{'0' * 64}/verification").status == 403
    assert client.get(service, f"/documents/{'0' * 64}/verification").status in {401, 404}


def test_every_refusal_of_the_service_has_a_sentence_in_both_languages(service):
    import re
    from pathlib import Path

    catalogue = service.web.extensions["catalogue"]
    source = "\n".join(path.read_text() for path in Path("services/credit").rglob("*.py"))
    codes = set(re.findall(r'(?:Refused|Invalid|NotFound|Forbidden|Stale)\(\s*"([a-z_]+\.[a-z_]+)"', source))
    codes |= {f"application.is_{state}" for state in ("submitted", "approved", "refused", "deferred", "withdrawn")}
    codes |= {f"session.is_{state}" for state in ("convened", "open", "closed")}
    assert len(codes) > 60
    assert [code for code in codes if not catalogue.knows(code, "es") or not catalogue.knows(code, "en")] == []


def test_a_late_vote_after_the_chair_noted_her_arrival_counts(build_house, client):
    _, meeting = build_house(lambda house: house.opened(house.appraised(), present=(CHAIR, SECRETARY, LEDA)))
    woman = next(str(seat.id) for seat in meeting.roll if seat.subject == WOMAN.subject)
    came = client.post(CHAIR, f"/sessions/{meeting.id}/attendance", {"seat": woman, "present": True})
    assert came.status == 201
    for who in MEMBERS:
        assert client.post(who, vote_path(meeting), APPROVE).status == 201
    assert client.post(CHAIR, close_path(meeting)).body["tally"]["approve"] == 4
