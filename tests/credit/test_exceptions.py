"""What was met when she asked is asked again on the agenda, at the vote and when money is paid out; what is not met any
more is approved only with a reason, and a hard rule stops it.
"""

from datetime import timedelta
from typing import Any

import pytest

from services.credit.models import CopyEnterprise, Resolution
from services.credit.queries.assents import waiting
from services.credit.queries.room import room
from services.credit.rules import regulations
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.disburse_loan import disburse_loan
from services.credit.use_cases.make_exceptions import make_exception
from services.credit.use_cases.pay_tranche import pay_tranche
from shared import files
from shared.kernel import Invalid, Refused
from tests.credit.closing import on
from tests.credit.house import (
    CHAIR,
    LEDA,
    MEMBERS,
    OFFICER,
    PARAMETERS,
    TODAY,
    URL,
    House,
    lempiras,
    names,
    product,
)
from tests.credit.test_competence import LEVELS, ONE
from tests.credit.test_printed import text_of

CAPACITY = {"capacity": {"share": 50, "source": "art. 11"}}
REASON = "Vende por adelantado a la cooperativa"


def becomes(house: House, application: Any, **facts: Any) -> None:
    """The registry tells something new of the enterprise."""
    house.session.get_one(CopyEnterprise, application.enterprise_id).replace(facts)
    house.session.flush()


def refusal(step: Any, *given: Any, **facts: Any) -> Refused:
    with pytest.raises(Refused) as found:
        step(*given, **facts)
    return found.value


def excepted(house: House, meeting: Any, reason: str = REASON) -> Any:
    item = meeting.agenda[0]
    return make_exception(house.session, CHAIR, session_id=meeting.id, item_id=item.id, reason=reason)


def closed(house: House, meeting: Any) -> Resolution:
    return close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)


def told(house: House, meeting: Any) -> dict[str, Any]:
    [item] = room(house.session, LEDA, meeting, reads_minutes=True)["agenda"]
    return dict(item)


def test_an_exception_has_a_reason(house: House):
    application = house.appraised()
    meeting = house.opened(application)
    becomes(house, application, validation="captured")
    assert refusal(excepted, house, meeting, " ").code == "exception.reason_missing"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"consent_credit": False}, "eligibility.consent_credit"),
        ({"active": False}, "eligibility.active"),
        ({"owner_ids": []}, "eligibility.has_owner"),
        ({"municipality": "HN0801"}, "eligibility.territory"),
    ],
)
def test_what_no_committee_can_except_keeps_it_off_the_agenda(house: House, facts: Any, code: str):
    application = house.appraised()
    becomes(house, application, **facts)
    assert refusal(house.convened, application).code == code


def test_regulations_can_make_a_rule_hard(session: Any):
    house = House.build(session, eligibility=["consent_credit", {"rule": "validated", "hard": True}])
    application = house.appraised()
    becomes(house, application, validation="pending")
    assert refusal(house.convened, application).code == "eligibility.validated"


def test_whether_a_rule_is_hard_is_said_with_yes_or_no():
    with pytest.raises(Invalid) as found:
        regulations.read(PARAMETERS | {"eligibility": [{"rule": "validated", "hard": "yes"}]})
    assert found.value.pointer == "/parameters/eligibility/0/hard"


def test_a_rule_not_met_any_more_is_shown_and_approved_only_with_a_reason(house: House):
    application = house.appraised()
    becomes(house, application, validation="pending")
    meeting = house.opened(application)
    [shown] = told(house, meeting)["exceptions"]
    assert (shown["rule"], shown["hard"], shown["excepted"], shown["known"]) == (
        "validated", False, False, {"validation": "pending"}
    )  # fmt: skip
    refused = refusal(house.vote, meeting)
    assert (refused.code, refused.facts["rules"]) == ("exception.reason_needed", "validated")
    excepted(house, meeting)
    house.vote(meeting)
    assert refusal(excepted, house, meeting).code == "session.voting_began"
    resolution = closed(house, meeting)
    assert (resolution.outcome, resolution.exception_reason) == ("approved", REASON)
    assert resolution.exceptions == {"validated": {"needed": {}, "known": {"validation": "pending"}}}
    loan = house.disburse(application)
    assert loan.resolution_id == resolution.id, "the resolution itself decided the exception"


def test_without_a_reason_it_can_still_be_refused_and_the_resolution_excepts_nothing(house: House):
    application = house.appraised()
    becomes(house, application, validation="pending")
    meeting = house.opened(application)
    house.vote(meeting, choice="refuse")
    assert (closed(house, meeting).outcome, application.state) == ("refused", "refused")


def test_what_fails_between_vote_and_count_was_not_decided(house: House):
    application = house.appraised()
    meeting = house.opened(application)
    house.vote(meeting)
    becomes(house, application, validation="pending")
    assert refusal(closed, house, meeting).code == "exception.reason_needed"
    close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    assert application.state == "appraised", "it waits for another session"


def test_where_everything_is_met_there_is_nothing_to_except(house: House):
    assert refusal(excepted, house, house.opened(house.appraised())).code == "exception.nothing_to_except"


def test_a_reason_covers_the_rules_it_was_noted_for(house: House):
    application = house.appraised()
    becomes(house, application, validation="pending")
    meeting = house.opened(application)
    excepted(house, meeting)
    house.vote(meeting, by=MEMBERS[:2])
    becomes(house, application, active=False)
    assert refusal(house.vote, meeting, by=MEMBERS[2:]).code == "eligibility.active"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"validation": "pending"}, "eligibility.validated"),
        ({"owner_ids": []}, "eligibility.has_owner"),
        ({"municipality": "HN0801"}, "eligibility.territory"),
        ({"consent_credit": False}, "eligibility.consent_credit"),
    ],
)
def test_what_fails_after_the_resolution_is_not_paid_out(house: House, facts: Any, code: str):
    application = house.approved()
    becomes(house, application, **facts)
    assert refusal(house.disburse, application).code == code


def test_every_rule_that_fails_is_named(house: House):
    application = house.approved()
    becomes(house, application, validation="pending", active=False, owner_ids=[])
    assert refusal(house.disburse, application).facts["rules"] == "active, validated, has_owner"


def test_another_loan_that_is_late_by_now_stops_the_payment(session: Any):
    house = House.build(session, eligibility=["consent_credit", "no_arrears"])
    late = house.disbursed("5000.00")
    application = house.approved("1000.00", enterprise_id=late.enterprise_id)
    with on(TODAY.date() + timedelta(days=40)):
        refused = refusal(house.disburse, application)
        assert (refused.code, refused.facts["loans"]) == ("eligibility.no_arrears", 1)
        house.repay(late, "458.40")
        assert house.disburse(application).state == "active"


def test_a_further_part_is_paid_only_while_the_rules_about_her_record_are_met(session: Any):
    rules = ["consent_credit", "validated", {"rule": "tier", "one_of": ["emerging"]}]
    house = House.build(session, products=product(tranches=3), eligibility=rules)
    application = house.approved("10000.00", enterprise_id=house.enterprise(tier="emerging"))
    loan = disburse_loan(
        session,
        OFFICER,
        application_id=application.id,
        disbursed_on=application.submitted_on,
        amount=lempiras("4000.00"),
        names=names,
        public_url=URL,
    )
    more = {"loan_id": loan.id, "amount": lempiras("3000.00"), "disbursed_on": application.submitted_on}
    becomes(house, application, validation="pending")
    assert refusal(pay_tranche, session, OFFICER, **more).code == "eligibility.validated"
    becomes(house, application, validation="validated", tier="strategic")  # who may begin, she has begun
    assert pay_tranche(session, OFFICER, **more).principal == 7000_00


def test_an_instalment_beyond_the_payment_capacity_takes_a_reason_that_the_minutes_print(session: Any):
    """2,500 a month are left; 12 instalments of 1,833.60 take 74 % of it, the regulations let 50 %."""
    house = House.build(session, **CAPACITY)
    application = house.appraised("20000.00")
    meeting = house.opened(application)
    item = told(house, meeting)
    assert (item["share_of_surplus"], item["largest_share"]) == (74, 50)
    assert [one["rule"] for one in item["exceptions"]] == ["payment_capacity"]
    assert refusal(house.vote, meeting).code == "exception.reason_needed"
    excepted(house, meeting)
    house.vote(meeting)
    resolution = closed(house, meeting)
    assert resolution.exceptions == {"payment_capacity": {"needed": {"share": 50}, "known": {"share": 74}}}
    acta = close_session(session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    said = text_of(files.read(session, acta.file_id))
    assert "la cuota toma 74 % de lo que queda en el mes (el reglamento permite hasta 50 %)" in said
    assert REASON in said
    assert house.disburse(application).principal == 20000_00


def test_who_gives_the_assent_is_told_of_the_exception(session: Any):
    house = House.build(session, **LEVELS, **CAPACITY)
    meeting = house.opened(house.appraised("20000.00"))
    excepted(house, meeting)
    house.vote(meeting)
    closed(house, meeting)
    [waits] = waiting(session, house.fund, ONE)
    assert [one["rule"] for one in waits["exceptions"]] == ["payment_capacity"]
    assert waits["exception_reason"] == REASON
