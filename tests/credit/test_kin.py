"""Nobody decides on a credit of her own, of a relative, or behind which she or a relative stands."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.credit.models import Application, CopyMerged, GroupMember, Resolution, Vote
from services.credit.queries.assents import waiting
from services.credit.queries.compliance import report
from services.credit.queries.room import room
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.disburse_loan import disburse_loan
from services.credit.use_cases.form_committee import declare_interest, end_mandate, take_seat
from services.credit.use_cases.form_group import join_group
from services.credit.use_cases.hold_session import open_session
from shared import merged
from shared.kernel import Invalid, Refused, clock, uuid7
from tests.credit.changing import appraised, asked
from tests.credit.house import CHAIR, COORDINATOR, LEDA, MEMBERS, OFFICER, TECHNICIAN, URL, House, names
from tests.credit.test_competence import LEVELS, ONE, TWO, says
from tests.credit.test_groups import GROUPS, called, decided, formed
from tests.credit.test_guarantees import SECTION, offer, people

RULES: dict[str, Any] = {
    "conflicts": {"degree": 4, "source": "art. 9"},
    "guarantees": SECTION | {"times": 3, "products": [SECTION["products"][0] | {"coverage": []}]},
    "groups": GROUPS,
    **LEVELS,
}
INTERESTED = r"segregation\.interested_votes"


@pytest.fixture
def house(session: Any) -> House:
    return House.build(session, **RULES)


def close_to(house: House, person: UUID, who: Any = LEDA, relation: str = "relative", degree: int | None = 2) -> None:
    declare_interest(
        house.session,
        COORDINATOR,
        committee_id=house.committee_id,
        seat_id=house.seats[who.subject],
        entrepreneur_id=person,
        relation=relation,
        degree=degree,
    )


def guaranteed(house: House, guarantor: UUID) -> Application:
    application = house.appraised("3000.00")
    offer(house, application, "guarantor", "3000.00", guarantor_id=guarantor)
    return application


@pytest.mark.parametrize(
    ("relation", "degree"), [("relative", 4), ("relative", None), ("partner", None), ("self", None)]
)
def test_who_is_or_is_close_to_a_guarantor_does_not_vote(house: House, relation, degree):
    guarantor = uuid7()
    close_to(house, guarantor, relation=relation, degree=degree)
    meeting = house.opened(guaranteed(house, guarantor))
    with pytest.raises(Refused, match=INTERESTED):
        house.vote(meeting, by=(LEDA,))
    shown = room(house.session, LEDA, meeting, reads_minutes=True)
    assert shown["agenda"][0]["why_not"] == "segregation.interested_votes"


def test_a_distant_relative_of_a_guarantor_votes(house: House):
    guarantor = uuid7()
    close_to(house, guarantor, degree=5)
    house.vote(house.opened(guaranteed(house, guarantor)))


def test_a_guarantor_whose_record_became_part_of_another_is_still_her_relative(house: House):
    gone, stands = uuid7(), uuid7()
    merged.merge(house.session, CopyMerged, stands, gone)
    close_to(house, stands)
    meeting = house.opened(guaranteed(house, gone))
    with pytest.raises(Refused, match=INTERESTED):
        house.vote(meeting, by=(LEDA,))


def test_what_was_declared_in_a_mandate_that_ended_holds_for_a_guarantor_too(house: House):
    guarantor = uuid7()
    close_to(house, guarantor)
    end_mandate(house.session, COORDINATOR, committee_id=house.committee_id, seat_id=house.seats[LEDA.subject])
    house.seats[LEDA.subject] = seat(house, LEDA)
    meeting = house.opened(guaranteed(house, guarantor))
    with pytest.raises(Refused, match=INTERESTED):
        house.vote(meeting, by=(LEDA,))


def seat(house: House, who: Any, **facts: Any) -> UUID:
    facts = {"constituency": "leda", "position": "member", "since": clock.today()} | facts
    given = take_seat(
        house.session,
        COORDINATOR,
        committee_id=house.committee_id,
        subject=who.subject,
        name=who.name,
        organization="ADEL Valle",
        **facts,
    )
    return given.id


def test_who_is_close_to_one_woman_of_a_group_votes_on_none_of_them(house: House):
    one, other = house.appraised("3000.00"), house.appraised("3000.00")
    close_to(house, house.owners[other.enterprise_id])
    meeting = called(house, formed(house, one, other))
    open_session(house.session, CHAIR, session_id=meeting.id, present=[house.seats[who.subject] for who in MEMBERS])
    for number in (0, 1):
        with pytest.raises(Refused, match=INTERESTED):
            house.vote(meeting, number, by=(LEDA,))


def test_who_is_close_to_the_guarantor_of_a_loan_does_not_vote_on_changing_it(house: House):
    guarantor = uuid7()
    application = guaranteed(house, guarantor)
    meeting = house.opened(application)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    close_to(house, guarantor)
    loan = disburse_loan(
        house.session,
        OFFICER,
        application_id=application.id,
        disbursed_on=clock.today(),
        first_due=None,
        names=names,
        people=people,
        public_url=URL,
    )
    change = appraised(house, asked(house, loan))
    meeting = house.opened(change)
    with pytest.raises(Refused, match=INTERESTED):
        house.vote(meeting, by=(LEDA,))


@pytest.mark.parametrize("behind", ["borrower", "guarantor"])
def test_who_is_close_to_somebody_behind_a_credit_gives_no_assent_to_it(house: House, behind):
    guarantor = uuid7()
    house.seats[ONE.subject] = seat(house, ONE)
    end_mandate(house.session, COORDINATOR, committee_id=house.committee_id, seat_id=house.seats[ONE.subject])
    application = house.appraised("9000.00")
    offer(house, application, "guarantor", "9000.00", guarantor_id=guarantor)
    close_to(house, guarantor if behind == "guarantor" else house.owners[application.enterprise_id], who=ONE)
    meeting = house.opened(application)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    with pytest.raises(Refused, match=r"segregation\.interested_assents"):
        says(house, application, ONE)
    assert [waiting(house.session, house.fund, who)[0]["may_say"] for who in (ONE, TWO)] == [False, True]


def test_the_report_finds_a_vote_of_who_was_close_to_a_guarantor_and_none_where_she_came_later(house: House):
    early, late = uuid7(), uuid7()
    application = guaranteed(house, early)
    meeting = house.opened(application)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    offer(house, application, "guarantor", "3000.00", guarantor_id=late)
    close_to(house, late)
    assert conflicts(house)["state"] == "kept"
    close_to(house, early)
    vote = house.session.scalars(select(Vote).where(Vote.subject == LEDA.subject)).one()
    vote.id = uuid7()
    number = house.session.scalars(select(Resolution.number)).one()
    assert {"record": number, "what": "interested_voted"} in conflicts(house)["findings"]


def voted(house: House, *applications: Application) -> None:
    meeting = house.opened(*applications)
    for number, item in enumerate(meeting.agenda):
        house.vote(meeting, number)
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=item.id)


@pytest.mark.parametrize(("relation", "degree"), [("relative", 4), ("relative", None), ("self", None)])
def test_nobody_comes_to_guarantee_a_credit_on_which_who_is_close_to_her_voted(house: House, relation, degree):
    """She is offered before the vote, where who is close to her does not vote; or the credit goes there again."""
    close, distant, known_later = uuid7(), uuid7(), uuid7()
    application = guaranteed(house, uuid7())
    close_to(house, close, relation=relation, degree=degree)
    close_to(house, distant, degree=5)
    voted(house, application)
    with pytest.raises(Invalid, match=r"guarantee\.close_to_voter") as refused:
        offer(house, application, "guarantor", "3000.00", guarantor_id=close)
    assert refused.value.pointer == "/guarantor_id"
    for guarantor in (distant, known_later):
        offer(house, application, "guarantor", "3000.00", guarantor_id=guarantor)
    close_to(house, known_later)
    assert conflicts(house)["state"] == "kept"


def test_an_approval_that_expired_binds_nobody_who_comes_before_the_next_vote(house: House):
    guarantor = uuid7()
    close_to(house, guarantor)
    application = guaranteed(house, uuid7())
    voted(house, application)
    application.lapse()
    offer(house, application, "guarantor", "3000.00", guarantor_id=guarantor)
    with pytest.raises(Refused, match=INTERESTED):
        house.vote(house.opened(application), by=(LEDA,))


def test_nobody_joins_the_group_of_a_credit_on_which_who_is_close_to_her_voted(house: House):
    one, other, late = (house.appraised("3000.00") for _ in range(3))
    close_to(house, house.owners[late.enterprise_id])
    group = formed(house, one, other)
    decided(house, group)
    with pytest.raises(Refused, match=r"group\.close_to_voter"):
        join_group(house.session, TECHNICIAN, group_id=group.id, application_id=late.id)


def test_the_report_finds_who_came_to_guarantee_after_the_vote_of_who_was_close_to_her(house: House):
    """As if the guard had not been there: the guarantee is of a stranger, and the record says another name."""
    close = uuid7()
    application = guaranteed(house, uuid7())
    close_to(house, close)
    voted(house, application)
    later = offer(house, application, "guarantor", "3000.00", guarantor_id=uuid7())
    assert conflicts(house)["state"] == "kept"
    later.guarantor_id = close
    number = house.session.scalars(select(Resolution.number)).one()
    assert {"record": number, "what": "kin_came_later"} in conflicts(house)["findings"]
    house.session.scalars(select(Resolution)).one().expires_on = date(2026, 3, 4)
    assert "kin_came_later" not in {one["what"] for one in conflicts(house)["findings"]}


def test_nobody_comes_to_guarantee_a_credit_to_which_who_is_close_to_her_gave_her_assent(house: House):
    """Who assents is bound as who votes; the report finds it where the guard had not been there."""
    close = uuid7()
    house.seats[ONE.subject] = seat(house, ONE)
    close_to(house, close, who=ONE)
    end_mandate(house.session, COORDINATOR, committee_id=house.committee_id, seat_id=house.seats[ONE.subject])
    application = house.appraised("9000.00")
    voted(house, application)
    says(house, application, ONE)
    with pytest.raises(Invalid, match=r"guarantee\.close_to_voter"):
        offer(house, application, "guarantor", "9000.00", guarantor_id=close)
    later = offer(house, application, "guarantor", "9000.00", guarantor_id=uuid7())
    assert conflicts(house)["state"] == "kept"
    later.guarantor_id = close
    assert "kin_came_later" in {one["what"] for one in conflicts(house)["findings"]}


def test_the_report_finds_who_came_into_a_group_after_the_vote_of_who_was_close_to_her(house: House):
    one, other = house.appraised("3000.00"), house.appraised("3000.00")
    group = formed(house, one, other)
    decided(house, group)
    close_to(house, house.owners[other.enterprise_id])
    house.disburse(one)
    assert conflicts(house)["state"] == "kept"
    house.session.get_one(GroupMember, other.id).joined_on = date(2026, 3, 6)
    assert "kin_came_later" in {one["what"] for one in conflicts(house)["findings"]}


def conflicts(house: House) -> dict[str, Any]:
    house.session.flush()
    house.session.expire_all()
    told = report(house.session, house.fund, date(2026, 3, 1))
    return next(check for check in told["checks"] if check["rule"] == "conflicts")
