"""What segregation refuses is remembered: whoever tried, however she tried, and for the Trust Fund Committee to see."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

import services.credit
from services.credit.models import NotApart, Of, RefusedAttempt
from services.credit.queries.compliance import report
from services.credit.use_cases.carry_out_change import carry_out_change
from services.credit.use_cases.print_paper import print_compliance
from services.credit.use_cases.reverse_repayment import reverse_repayment
from services.portal.pages.credit.bodies import ATTEMPTS
from shared.database import Database
from shared.kernel import clock, uuid7
from shared.testing import person
from tests.credit.changing import approved
from tests.credit.house import CASHIER, CHAIR, MEMBERS, TODAY, URL, House
from tests.credit.test_printed import text_of

CREDIT = Path(services.credit.__file__).parent
MARCH = date(2026, 3, 1)
TRUST = person("trust_fund_member", scope="HN17", subject="trust", name="Fidelia Fiduciaria")


def remembered(database: Database) -> list[RefusedAttempt]:
    with database.reading() as session:
        return list(session.scalars(select(RefusedAttempt).order_by(RefusedAttempt.id)))


def paying_member() -> Any:
    """A member of the committee who is an officer too."""
    return person("committee_member", "credit_officer", scope="HN17", subject=CHAIR.subject, name=CHAIR.name)


def test_an_attempt_through_the_api_is_kept_though_its_transaction_is_not(build_house, client, database):
    house, application = build_house(lambda house: house.approved())
    with capture_logs() as lines:
        refused = client.post(
            paying_member(),
            f"/applications/{application.id}/disbursement",
            {"disbursed_on": clock.today().isoformat()},
        )
    assert refused.code == "segregation.voter_disburses"
    [kept] = remembered(database)
    assert (kept.subject, kept.code, kept.record) == (CHAIR.subject, refused.code, application.number)
    assert (kept.record_id, kept.fund_id, kept.day, kept.times) == (application.id, house.fund.id, TODAY.date(), 1)
    told = next(line for line in lines if line["event"] == "attempt_refused")
    assert (told["account"], told["code"], told["record"]) == (CHAIR.subject, refused.code, str(application.id))
    assert CHAIR.name not in str(told)


def test_the_same_attempt_again_is_counted_and_not_written_anew(build_house, client, database):
    _, application = build_house(lambda house: house.approved())
    path, body = f"/applications/{application.id}/disbursement", {"disbursed_on": clock.today().isoformat()}
    for _ in range(3):
        assert client.post(paying_member(), path, body, key="the-same-key").status == 409
    assert [(kept.times, kept.first_at, kept.last_at) for kept in remembered(database)] == [(3, TODAY, TODAY)]


def test_who_appraised_and_votes_is_remembered_and_who_merely_errs_is_not(build_house, client, database):
    chair = person("committee_member", "credit_officer", scope="HN17", subject=CHAIR.subject, name=CHAIR.name)

    def step(house: House) -> Any:
        return house.opened(house.appraised(by=chair))

    _, meeting = build_house(step)
    path = f"/sessions/{meeting.id}/items/{meeting.agenda[0].id}/votes"
    assert client.post(MEMBERS[1], path, {"choice": "refuse"}).code == "committee.reason_needed"
    assert client.post(CHAIR, path, {"choice": "approve"}).code == "segregation.appraiser_votes"
    assert [kept.code for kept in remembered(database)] == ["segregation.appraiser_votes"]


def test_a_change_by_who_collected_is_remembered_too(build_house, database):
    def step(house: House) -> Any:
        loan = house.disbursed()
        house.repay(loan, "500.00")
        return loan, approved(house, loan, "write_off")

    _, (loan, application) = build_house(step)
    with pytest.raises(NotApart, match="collector_changes"), database.transaction() as session:
        carry_out_change(session, CASHIER, application_id=application.id)
    assert [(kept.subject, kept.code, kept.record) for kept in remembered(database)] == [
        (CASHIER.subject, "segregation.collector_changes", loan.number)
    ]


def test_every_refusal_of_segregation_has_its_words_in_the_report_and_on_its_page():
    catalogue = "".join(file.read_text() for file in (CREDIT / "locale").glob("*es.po"))
    codes = set(re.findall(r'^msgid "(segregation\.\w+)"', catalogue, re.MULTILINE))
    words = (CREDIT / "documents" / "words.typ").read_text().split("#let attempt(code) = (")[1].split(").at(")[0]
    assert {f"segregation.{name}" for name in re.findall(r"^  (\w+): tr\(", words, re.MULTILINE)} == codes
    assert set(ATTEMPTS) == codes


def test_an_attempt_outside_of_the_api_is_remembered_too(build_house, database):
    """The command line and the jobs go through the same transactions."""
    _, repayment = build_house(lambda house: house.repay(house.disbursed(), "500.00"))
    with pytest.raises(NotApart, match=r"segregation\.collector_reverses"), database.transaction() as session:
        reverse_repayment(session, CASHIER, repayment_id=repayment.id, reason="Error")
    assert [(kept.subject, kept.code) for kept in remembered(database)] == [
        (CASHIER.subject, "segregation.collector_reverses")
    ]


def test_an_attempt_while_only_reading_is_remembered_too(build_house, database):
    house, _ = build_house()
    with pytest.raises(NotApart), database.reading():
        raise NotApart("segregation.voter_disburses", "somebody", Of(uuid7(), house.fund.id, "FON-S-1"))
    assert [kept.subject for kept in remembered(database)] == ["somebody"]


def test_what_cannot_be_written_down_is_refused_all_the_same(build_house, database):
    build_house()
    nowhere = Of(uuid7(), uuid7(), "FON-S-1")
    with capture_logs() as lines, pytest.raises(NotApart), database.transaction():
        raise NotApart("segregation.voter_disburses", "somebody", nowhere)
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["refusal_not_kept"]
    assert remembered(database) == []


def test_the_trust_fund_committee_sees_the_attempts_of_the_month(build_house, client, database):
    house, application = build_house(lambda house: house.approved())
    path = f"/applications/{application.id}/disbursement"
    client.post(paying_member(), path, {"disbursed_on": clock.today().isoformat()})
    told = client.get(TRUST, f"/funds/{house.fund.id}/compliance?month=2026-03-01").body["attempts"]
    assert [(one["code"], one["subject"], one["record"], one["times"]) for one in told] == [
        ("segregation.voter_disburses", CHAIR.subject, application.number, 1)
    ]
    assert client.get(TRUST, f"/funds/{house.fund.id}/compliance?month=2026-02-01").body["attempts"] == []
    with database.transaction() as session:
        for language, words in (("es", "Desembolsar lo que ella misma votó"), ("en", "Pay out what she had voted on")):
            pdf = print_compliance(
                session, TRUST, fund_id=house.fund.id, month=MARCH, language=language, public_url=URL
            )
            said = " ".join(text_of(pdf).split())
            assert words in said
            assert application.number in said
    with database.reading() as session:
        assert report(session, house.fund, MARCH)["attempts"][0]["last_at"] == TODAY
