"""Principals and alternates, the papers that send them, and what they declare."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.credit.models import Acta, Committee, Movement, Resolution
from services.credit.rules.governance import Conflicts
from services.credit.use_cases.cast_vote import cast_vote, declare_conflict
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.form_committee import declare_interest, end_mandate, keep_mandate, take_seat
from services.credit.use_cases.hold_session import open_session, record_attendance
from shared import files
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock
from tests.credit.house import CHAIR, COORDINATOR, LEDA, SECRETARY, TODAY, URL, WOMAN, House, member, names
from tests.credit.test_printed import text_of

ALTERNATE = member(5, "Susana Suplente")
PDF = b"%PDF-1.7\n%%EOF"


def seat_alternate(house: House, who: Caller = ALTERNATE, principal: Caller = LEDA, **facts: Any) -> None:
    facts = {"constituency": "leda", "position": "member", "since": date(2025, 1, 1)} | facts
    seat = take_seat(
        house.session,
        COORDINATOR,
        committee_id=house.committee_id,
        subject=who.subject,
        name=who.name,
        organization="ADEL Valle",
        alternate_for=house.seats[principal.subject],
        **facts,
    )
    house.seats[who.subject] = seat.id


def attend(house: House, meeting: Any, who: Caller, *, present: bool) -> None:
    seat = next(seat.id for seat in meeting.roll if seat.subject == who.subject)
    record_attendance(house.session, CHAIR, session_id=meeting.id, roll_seat_id=seat, present=present)


def test_an_alternate_makes_the_constituency_present_where_her_principal_is_not(house: House):
    seat_alternate(house)
    meeting = house.opened(house.appraised(), present=(CHAIR, SECRETARY, ALTERNATE))
    house.vote(meeting, by=(CHAIR, SECRETARY, ALTERNATE))
    item = meeting.agenda[0]
    assert close_item(house.session, CHAIR, session_id=meeting.id, item_id=item.id).outcome == "approved"


def test_an_alternate_whose_principal_has_a_new_mandate_is_no_seat_of_her_own(house: House):
    seat_alternate(house)
    end_mandate(house.session, COORDINATOR, committee_id=house.committee_id, seat_id=house.seats[LEDA.subject])
    sitting = house.session.get_one(Committee, house.committee_id).sitting(clock.today())
    assert {seat.subject for seat in sitting} == {CHAIR.subject, SECRETARY.subject, WOMAN.subject}


def test_an_alternate_is_no_seat_more(house: House):
    """More than half of all seats: with four seats that is three votes, however many alternates there are."""
    house.adopt(quorum={"seats": 3, "majority": "absolute"})
    for number, principal in enumerate((LEDA, WOMAN), start=5):
        constituency = "leda" if principal is LEDA else "women_organizations"
        seat_alternate(house, member(number, f"Suplente {number}"), principal, constituency=constituency)
    meeting = house.opened(house.appraised(), present=(CHAIR, SECRETARY, LEDA))
    house.vote(meeting, by=(CHAIR, SECRETARY, LEDA))
    item = meeting.agenda[0]
    assert len(meeting.members(item)) == 4
    assert close_item(house.session, CHAIR, session_id=meeting.id, item_id=item.id).outcome == "approved"


def test_principal_and_alternate_do_not_both_answer_the_roll(house: House):
    seat_alternate(house)
    meeting = house.convened(house.appraised())
    both = [house.seats[who.subject] for who in (CHAIR, LEDA, ALTERNATE)]
    with pytest.raises(Refused, match=r"committee\.principal_answers"):
        open_session(house.session, CHAIR, session_id=meeting.id, present=both)


def test_an_alternate_gives_the_place_back_when_her_principal_comes(house: House):
    seat_alternate(house)
    meeting = house.opened(house.appraised(), present=(CHAIR, SECRETARY, ALTERNATE))
    attend(house, meeting, LEDA, present=True)
    there = {seat.name for seat in meeting.roll if seat.present}
    assert LEDA.name in there
    assert ALTERNATE.name not in there
    with pytest.raises(Refused, match=r"committee\.principal_answers"):
        attend(house, meeting, ALTERNATE, present=True)


def test_a_seat_that_voted_by_its_alternate_does_not_vote_again_by_its_principal(house: House):
    seat_alternate(house)
    meeting = house.opened(house.appraised(), present=(CHAIR, SECRETARY, ALTERNATE))
    house.vote(meeting, by=(ALTERNATE,))
    attend(house, meeting, LEDA, present=True)
    with pytest.raises(Refused, match=r"committee\.seat_voted"):
        cast_vote(house.session, LEDA, session_id=meeting.id, item_id=meeting.agenda[0].id, choice="approve")
    house.vote(meeting, by=(CHAIR, SECRETARY))
    done = close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    assert done.tally["approve"] == 3


def test_an_alternate_votes_where_her_principal_is_recused_and_left(house: House):
    seat_alternate(house)
    meeting = house.opened(house.appraised(), present=(CHAIR, SECRETARY, LEDA))
    item = meeting.agenda[0].id
    declare_conflict(house.session, LEDA, session_id=meeting.id, item_id=item, reason="Es mi hermana")
    attend(house, meeting, LEDA, present=False)
    attend(house, meeting, ALTERNATE, present=True)
    house.vote(meeting, by=(CHAIR, SECRETARY, ALTERNATE))
    assert close_item(house.session, CHAIR, session_id=meeting.id, item_id=item).outcome == "approved"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"position": "chair"}, "committee.alternate_in_chair"),
        ({"constituency": "csem"}, "committee.other_constituency"),
        ({"until": date(2025, 1, 1)}, "committee.term_empty"),
    ],
)
def test_an_alternate_that_cannot_be_is_refused(house: House, facts, code):
    with pytest.raises(Refused, match=code.replace(".", r"\.")):
        seat_alternate(house, **facts)


def test_a_seat_has_one_alternate_and_an_alternate_none(house: House):
    seat_alternate(house)
    with pytest.raises(Refused, match=r"committee\.has_alternate_already"):
        seat_alternate(house, member(6, "Otra Suplente"))
    with pytest.raises(Refused, match=r"committee\.no_principal"):
        seat_alternate(house, member(6, "Otra Suplente"), ALTERNATE)
    with pytest.raises(Refused, match=r"committee\.has_seat_already"):
        seat_alternate(house, WOMAN, SECRETARY, constituency="csem")
    end_mandate(house.session, COORDINATOR, committee_id=house.committee_id, seat_id=house.seats[ALTERNATE.subject])
    seat_alternate(house, member(6, "Otra Suplente"), since=clock.today())


def test_the_paper_that_sends_her_is_kept_and_the_one_before_it_erased(house: House):
    seat_id = house.seats[LEDA.subject]
    papers = []
    for content in (PDF, PDF + b"\n%%EOF"):
        seat = keep_mandate(
            house.session,
            COORDINATOR,
            committee_id=house.committee_id,
            seat_id=seat_id,
            name="mandato.pdf",
            content=content,
        )
        papers.append(seat.mandate_file_id)
    assert files.read(house.session, papers[1]) == PDF + b"\n%%EOF"
    with pytest.raises(Refused, match=r"file\.erased"):
        files.find(house.session, papers[0])
    with pytest.raises(Invalid, match=r"file\.neither_pdf_nor_picture"):
        keep_mandate(
            house.session,
            COORDINATOR,
            committee_id=house.committee_id,
            seat_id=seat_id,
            name="mandato.exe",
            content=b"MZ",
        )


@pytest.mark.parametrize(
    ("relation", "degree", "within", "barred"),
    [
        ("relative", 2, 4, True),
        ("relative", 4, 4, True),
        ("relative", 5, 4, False),
        ("relative", None, 4, True),
        ("relative", 6, None, True),
        ("partner", None, 1, True),
        ("self", None, 1, True),
    ],
)
def test_the_regulations_say_up_to_which_degree_a_relative_may_not_decide(relation, degree, within, barred):
    assert Conflicts(within, "art. 9").bars(relation, degree) is barred


def interest(house: House, owner: Any, degree: int | None, relation: str = "relative") -> None:
    declare_interest(
        house.session,
        LEDA,
        committee_id=house.committee_id,
        seat_id=house.seats[LEDA.subject],
        entrepreneur_id=owner,
        relation=relation,
        degree=degree,
    )


def test_a_distant_relative_votes_and_a_near_one_does_not(house: House):
    house.adopt(conflicts={"degree": 4, "source": "art. 9"})
    far, near = house.appraised(), house.appraised()
    interest(house, house.owners[far.enterprise_id], 5)
    interest(house, house.owners[near.enterprise_id], 3)
    meeting = house.opened(far, near)
    house.vote(meeting, 0, by=(LEDA,))
    with pytest.raises(Refused, match=r"segregation\.interested_votes"):
        house.vote(meeting, 1, by=(LEDA,))


def test_what_was_declared_is_never_made_less_of(house: House):
    house.adopt(conflicts={"degree": 4, "source": "art. 9"})
    application = house.appraised()
    owner = house.owners[application.enterprise_id]
    for degree in (2, 6):
        interest(house, owner, degree)
    meeting = house.opened(application)
    with pytest.raises(Refused, match=r"segregation\.interested_votes"):
        house.vote(meeting, by=(LEDA,))
    with pytest.raises(Invalid, match=r"committee\.degree_of_relatives"):
        interest(house, owner, 1, relation="partner")


def test_what_she_declared_holds_in_her_next_mandate_too(house: House):
    application = house.appraised()
    interest(house, house.owners[application.enterprise_id], 1)
    end_mandate(house.session, COORDINATOR, committee_id=house.committee_id, seat_id=house.seats[LEDA.subject])
    anew = take_seat(
        house.session,
        COORDINATOR,
        committee_id=house.committee_id,
        constituency="leda",
        position="member",
        subject=LEDA.subject,
        name=LEDA.name,
        organization="ADEL Valle",
        since=clock.today(),
    )
    house.seats[LEDA.subject] = anew.id
    meeting = house.opened(application)
    with pytest.raises(Refused, match=r"segregation\.interested_votes"):
        house.vote(meeting, by=(LEDA,))


def test_the_minutes_tell_when_each_came_in_and_went_out(house: House):
    seat_alternate(house)
    meeting = house.opened(house.appraised(), present=(CHAIR, SECRETARY, LEDA))
    for minutes, present in ((10, False), (30, True), (45, False)):
        with clock.frozen(TODAY + timedelta(minutes=minutes)):
            attend(house, meeting, LEDA, present=present)
            attend(house, meeting, LEDA, present=present)
    log = house.session.scalars(select(Movement).where(Movement.noted_by == CHAIR.subject)).all()
    leda = next(seat for seat in meeting.roll if seat.subject == LEDA.subject)
    assert [(one.present, one.at.minute) for one in leda.movements] == [(True, 0), (False, 10), (True, 30), (False, 45)]
    assert len(log) == 6
    acta = close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    assert isinstance(acta, Acta)
    said = text_of(files.read(house.session, acta.file_id))
    assert "09:00 a 09:10, 09:30 a 09:45" in said
    assert "suplente de Leda Local" in said
    assert house.session.scalars(select(Resolution)).all() == []
