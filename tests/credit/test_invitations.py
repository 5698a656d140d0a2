"""Who was told of a session finds it when she signs in and says whether she comes; who watches over the fund observes."""

from datetime import date
from typing import Any

import pytest

from services.credit.queries.room import room
from services.credit.queries.sessions import invitations
from services.credit.use_cases.attend_session import answer_invitation, observe_session
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.convene_session import notify_members
from services.credit.use_cases.form_committee import end_mandate, form_committee, take_seat
from services.credit.use_cases.hold_session import open_session
from shared import files
from shared.kernel import Forbidden, Refused
from shared.testing import person
from tests.credit.house import ADMIN, CHAIR, COORDINATOR, LEDA, MEMBERS, SECRETARY, TECHNICIAN, URL, WOMAN, House, names
from tests.credit.test_printed import text_of

TRUST = person("trust_fund_member", scope="HN17", subject="trust", name="Fidelia Fiduciaria")
OTHER = person("trust_fund_member", scope="HN17", subject="other-trust", name="Felisa Fiduciaria")


def told(house: House, *who: Any, channel: str = "portal") -> Any:
    meeting = house.convened(house.appraised())
    seats = [house.seats[one.subject] for one in who]
    notify_members(house.session, COORDINATOR, session_id=meeting.id, seats=seats, channel=channel)
    return meeting


def answers(house: House, meeting: Any, who: Any, answer: str = "coming", excuse: str = "") -> Any:
    return answer_invitation(house.session, who, session_id=meeting.id, answer=answer, excuse=excuse)


def test_an_invitation_waits_until_it_is_answered(house: House):
    meeting = told(house, LEDA, WOMAN)
    [waits] = invitations(house.session, LEDA)
    assert (waits["number"], waits["channel"], waits["answer"]) == (meeting.number, "portal", None)
    answers(house, meeting, LEDA)
    assert invitations(house.session, LEDA) == []
    assert len(invitations(house.session, WOMAN)) == 1
    assert invitations(house.session, CHAIR) == []


def test_an_excuse_is_seen_by_who_convenes_and_may_be_taken_back_until_the_session_opens(house: House):
    meeting = told(house, *MEMBERS, channel="phone")
    answers(house, meeting, LEDA, "excused", "Estoy de viaje")
    shown = room(house.session, COORDINATOR, meeting, reads_minutes=True)["notice"]["notified"]
    assert [(one["answer"], one["excuse"]) for one in shown if one["name"] == LEDA.name] == [
        ("excused", "Estoy de viaje")
    ]
    outside = room(house.session, TECHNICIAN, meeting, reads_minutes=False)["notice"]["notified"]
    assert {one["excuse"] for one in outside} == {None}
    answers(house, meeting, LEDA, "coming", "ya no")
    assert room(house.session, LEDA, meeting, reads_minutes=True)["my_invitation"] == {
        "channel": "phone",
        "answer": "coming",
        "excuse": "",
    }
    open_session(house.session, CHAIR, session_id=meeting.id, present=[house.seats[CHAIR.subject]])
    with pytest.raises(Refused, match=r"session\.is_open"):
        answers(house, meeting, LEDA)


def test_who_was_not_told_has_nothing_to_answer(house: House):
    meeting = told(house, LEDA)
    for who in (CHAIR, person("committee_member", scope="HN17", subject="stranger")):
        with pytest.raises(Forbidden, match=r"session\.not_invited"):
            answers(house, meeting, who)


def test_whose_mandate_ends_before_the_session_is_invited_no_more(house: House):
    meeting = told(house, LEDA, WOMAN)
    end_mandate(house.session, COORDINATOR, committee_id=house.committee_id, seat_id=house.seats[LEDA.subject])
    assert invitations(house.session, LEDA) == []
    assert room(house.session, LEDA, meeting, reads_minutes=True)["my_invitation"] is None
    with pytest.raises(Forbidden, match=r"session\.not_invited"):
        answers(house, meeting, LEDA)
    assert len(invitations(house.session, WOMAN)) == 1


def test_the_minutes_tell_an_excuse_and_who_observed(house: House):
    meeting = told(house, *MEMBERS)
    answers(house, meeting, LEDA, "excused", "Estoy de viaje")
    with pytest.raises(Refused, match=r"session\.is_convened"):
        observe_session(house.session, TRUST, session_id=meeting.id)
    there = [house.seats[who.subject] for who in (CHAIR, SECRETARY, WOMAN)]
    open_session(house.session, CHAIR, session_id=meeting.id, present=there)
    for _ in range(2):
        observe_session(house.session, TRUST, session_id=meeting.id)
    assert [one["name"] for one in room(house.session, CHAIR, meeting, reads_minutes=True)["observers"]] == [TRUST.name]
    acta = close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    said = " ".join(text_of(files.read(house.session, acta.file_id)).split())
    for part in ("ausente con excusa", "Observó la sesión por el Comité del Fideicomiso", "Fidelia Fiduciaria (desde"):
        assert part in said, part
    assert "Estoy de viaje" not in said


def test_who_sits_in_the_session_does_not_observe_it_nor_who_has_no_mandate(house: House):
    meeting = house.opened(house.appraised())
    both = person("committee_member", "trust_fund_member", scope="HN17", subject=LEDA.subject, name=LEDA.name)
    with pytest.raises(Refused, match=r"session\.sits_in_it"):
        observe_session(house.session, both, session_id=meeting.id)
    body = form_committee(house.session, ADMIN, fund_id=house.fund.id, name="Comité del Fideicomiso", kind="trust_fund")
    take_seat(
        house.session,
        ADMIN,
        committee_id=body.id,
        constituency="funder",
        position="member",
        subject=TRUST.subject,
        name=TRUST.name,
        organization="Cooperación",
        since=date(2025, 1, 1),
    )
    with pytest.raises(Forbidden, match=r"committee\.not_on_it"):
        observe_session(house.session, OTHER, session_id=meeting.id)
    assert len(observe_session(house.session, TRUST, session_id=meeting.id).observers) == 1


def test_it_goes_through_the_api(build_house, client):
    _, meeting = build_house(lambda house: told(house, LEDA))
    [waits] = client.get(LEDA, "/sessions/invitations").body["items"]
    assert waits["session_id"] == str(meeting.id)
    path = f"/sessions/{meeting.id}"
    assert client.post(LEDA, f"{path}/answer", {"answer": "perhaps"}).status == 422
    room_ = client.post(LEDA, f"{path}/answer", {"answer": "excused", "excuse": "Salud"})
    assert (room_.status, room_.body["my_invitation"]["answer"]) == (200, "excused")
    assert client.get(LEDA, "/sessions/invitations").body["items"] == []
    assert client.post(WOMAN, f"{path}/answer", {"answer": "coming"}).code == "session.not_invited"
    assert client.post(TRUST, f"{path}/observers").code == "session.is_convened"
