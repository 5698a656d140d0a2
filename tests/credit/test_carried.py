"""What goes on from one session to the next: conditions of what was deferred, and the word that an approval is over."""

from datetime import timedelta
from typing import Any

import pytest

from services.credit.jobs import lapse_in_all
from services.credit.models import Application
from services.credit.queries.room import room
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.meet_conditions import ask_condition, carry_conditions
from shared.kernel import Refused, clock
from tests.credit.closing import CLOSER, Within
from tests.credit.house import CHAIR, COORDINATOR, MEMBERS, TECHNICIAN, TODAY, House
from tests.credit.test_withdrawal import announced

APPROVALS = {"approvals": {"days": 30, "source": "art. 16"}}


def deferred(house: House, **asked: Any) -> Application:
    """An application that was deferred with a condition in its motion."""
    application = house.appraised()
    meeting = house.opened(application)
    for text in ("Presentar la factura proforma", "Traer el contrato del local"):
        ask_condition(
            house.session,
            CHAIR,
            session_id=meeting.id,
            item_id=meeting.agenda[0].id,
            text=text,
            verifier="technician",
            **asked,
        )
    house.vote(meeting, choice="defer")
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    return application


def test_the_conditions_of_what_was_deferred_are_offered_and_put_into_the_motion_again(house: House):
    application = deferred(house, due_on=clock.today())
    with clock.frozen(TODAY + timedelta(days=7)):
        meeting = house.convened(application)
        item = meeting.agenda[0]
        [shown] = room(house.session, COORDINATOR, meeting, reads_minutes=True)["agenda"]
        assert [one["text"] for one in shown["earlier_terms"]] == [
            "Presentar la factura proforma",
            "Traer el contrato del local",
        ]
        assert shown["terms"] == []
        carry_conditions(house.session, COORDINATOR, session_id=meeting.id, item_id=item.id)
        assert [(one.text, one.verifier, one.due_on, one.state) for one in item.terms] == [
            ("Presentar la factura proforma", "technician", None, "open"),
            ("Traer el contrato del local", "technician", None, "open"),
        ], "a day that is over is not carried"
        [shown] = room(house.session, COORDINATOR, meeting, reads_minutes=True)["agenda"]
        assert shown["earlier_terms"] == []
        with pytest.raises(Refused, match=r"condition\.none_to_carry"):
            carry_conditions(house.session, COORDINATOR, session_id=meeting.id, item_id=item.id)


def test_only_what_the_motion_lacks_is_carried(house: House):
    application = deferred(house)
    meeting = house.convened(application)
    item = meeting.agenda[0]
    ask_condition(
        house.session,
        COORDINATOR,
        session_id=meeting.id,
        item_id=item.id,
        text="Traer el contrato del local",
        verifier="coordinator",
    )
    carry_conditions(house.session, COORDINATOR, session_id=meeting.id, item_id=item.id)
    assert [one.text for one in item.terms] == ["Traer el contrato del local", "Presentar la factura proforma"]


def test_what_was_never_deferred_has_nothing_to_carry(house: House):
    meeting = house.convened(house.appraised())
    [shown] = room(house.session, COORDINATOR, meeting, reads_minutes=True)["agenda"]
    assert shown["earlier_terms"] == []
    with pytest.raises(Refused, match=r"condition\.none_to_carry"):
        carry_conditions(house.session, COORDINATOR, session_id=meeting.id, item_id=meeting.agenda[0].id)


def test_nothing_is_carried_once_somebody_has_voted(house: House):
    meeting = house.opened(deferred(house))
    house.vote(meeting, by=MEMBERS[:1])
    with pytest.raises(Refused, match=r"session\.voting_began"):
        carry_conditions(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)


def test_they_are_carried_through_the_api_by_who_calls_sessions(build_house, client):
    _, meeting = build_house(lambda house: house.convened(deferred(house)))
    path = f"/sessions/{meeting.id}/items/{meeting.agenda[0].id}/conditions/carried"
    assert client.post(TECHNICIAN, path).status == 403
    told = client.post(COORDINATOR, path)
    assert told.status == 201
    assert len(told.body["agenda"][0]["terms"]) == 2


def test_an_approval_that_is_over_is_announced_once(session: Any):
    house = House.build(session, **APPROVALS)
    application = house.approved()
    with clock.frozen(TODAY + timedelta(days=31)):
        assert lapse_in_all(Within(session), CLOSER) == 1
        assert lapse_in_all(Within(session), CLOSER) == 0
    assert application.state == "lapsed"
    assert announced(house, "approval-lapsed") == [
        {
            "application_id": str(application.id),
            "enterprise_id": str(application.enterprise_id),
            "municipality": "HN1709",
            "lapsed_on": "2026-04-05",
        }
    ]


def test_an_approval_that_holds_is_not_announced_as_over(session: Any):
    house = House.build(session, **APPROVALS)
    house.approved()
    with clock.frozen(TODAY + timedelta(days=30)):
        assert lapse_in_all(Within(session), CLOSER) == 0
    assert announced(house, "approval-lapsed") == []
