"""The Trust Fund Committee as a body: who sits on it acts for it, a seat speaks once, nobody both suspends and resumes."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.credit.models import Committee, RefusedAttempt
from services.credit.queries.assents import waiting
from services.credit.queries.compliance import report
from services.credit.rules import regulations
from services.credit.use_cases import find
from services.credit.use_cases.convene_session import convene_session
from services.credit.use_cases.form_committee import (
    declare_interest,
    end_mandate,
    form_committee,
    keep_mandate,
    take_seat,
)
from services.credit.use_cases.govern_lending import observe, resume_lending, suspend_lending
from services.credit.use_cases.hold_session import open_session, record_attendance
from services.credit.use_cases.keep_fund import change_reserve
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, Refused, clock
from shared.testing import person
from tests.credit.house import ADMIN, CHAIR, COORDINATOR, LEDA, MEMBERS, PARAMETERS, SECRETARY, House
from tests.credit.test_competence import LEVELS, ONE, THREE, TWO, says, trust
from tests.credit.test_conditions import PDF

PAPERS = {"mandates": {"paper": True, "source": "art. 7"}}
MARCH = date(2026, 3, 1)


@pytest.fixture
def house(session: Any) -> House:
    return House.build(session, **LEVELS)


@pytest.fixture
def body(house: House) -> Committee:
    """The Trust Fund Committee: one seat with its alternate, and one that another holds."""
    formed = form_committee(
        house.session, ADMIN, fund_id=house.fund.id, name="Comité del Fideicomiso", kind="trust_fund"
    )
    first = sit(house, formed, ONE, constituency="trustee")
    sit(house, formed, TWO, constituency="trustee", alternate_for=first)
    sit(house, formed, THREE)
    return formed


def sit(house: House, body: Committee, who: Caller, by: Caller = ADMIN, **facts: Any) -> UUID:
    facts = {"constituency": "leda", "position": "member", "since": date(2025, 1, 1)} | facts
    return take_seat(
        house.session,
        by,
        committee_id=body.id,
        subject=who.subject,
        name=who.name,
        organization="Banco Fiduciario",
        **facts,
    ).id


def suspend(house: House, by: Caller) -> Any:
    return suspend_lending(house.session, by, fund_id=house.fund.id, reason="Se revisa")


def reserve(house: House, by: Caller) -> Any:
    version = house.fund.version
    return change_reserve(
        house.session, by, fund_id=house.fund.id, if_match=version, reserve=house.fund.money(5_000_00)
    )


def test_a_fund_has_one_trust_fund_committee_which_decides_on_no_credit(house: House, body: Committee):
    with pytest.raises(Refused, match=r"committee\.formed_already"):
        form_committee(house.session, ADMIN, fund_id=house.fund.id, name="Otro", kind="trust_fund")
    with pytest.raises(Refused, match=r"session\.not_credit_committee"):
        convene_session(
            house.session, COORDINATOR, committee_id=body.id, scheduled_for=clock.now(), place="San Lorenzo"
        )


def test_the_coordinator_who_is_watched_chooses_no_watcher(house: House, body: Committee):
    """She forms no Trust Fund Committee and gives, ends and papers no mandate in it; of the credit committee she does."""
    seat = {"committee_id": body.id, "seat_id": body.seats[0].id}
    for act in (
        lambda: form_committee(house.session, COORDINATOR, fund_id=house.fund.id, name="Otro", kind="trust_fund"),
        lambda: sit(house, body, trust(9), by=COORDINATOR),
        lambda: end_mandate(house.session, COORDINATOR, **seat),
        lambda: keep_mandate(house.session, COORDINATOR, **seat, name="mandato.pdf", content=PDF),
    ):
        with pytest.raises(Forbidden, match=r"committee\.only_administrator"):
            act()
    lending = house.session.get_one(Committee, house.committee_id)
    assert sit(house, lending, trust(9), by=COORDINATOR) in {one.id for one in lending.seats}


def test_who_keeps_or_gives_the_money_sits_where_it_is_watched_and_not_where_it_is_lent(house: House, body: Committee):
    lending = house.session.get_one(Committee, house.committee_id)
    with pytest.raises(Invalid, match=r"committee\.constituency_sends_nobody"):
        sit(house, lending, ONE, constituency="funder")
    assert {seat.constituency for seat in body.sitting(clock.today())} == {"trustee", "leda"}


def test_where_it_is_formed_only_its_members_act_for_it(house: House, body: Committee):
    end_mandate(house.session, ADMIN, committee_id=body.id, seat_id=body.seats[2].id)
    application = house.approved("9000.00")
    for act in (
        lambda: suspend(house, THREE),
        lambda: observe(house.session, THREE, fund_id=house.fund.id, month=MARCH, text="¿?"),
        lambda: says(house, application, THREE),
        lambda: resume_lending(house.session, THREE, fund_id=house.fund.id, reason="Ya"),
        lambda: reserve(house, THREE),
    ):
        with pytest.raises(Forbidden, match=r"committee\.not_on_it"):
            act()
    assert not waiting(house.session, house.fund, THREE)[0]["may_say"]
    assert waiting(house.session, house.fund, ONE)[0]["may_say"]
    assert reserve(house, ONE).reserve == reserve(house, COORDINATOR).reserve == 5_000_00


def test_a_seat_gives_one_assent_by_its_principal_or_its_alternate(house: House, body: Committee):
    application = house.approved("9000.00")
    says(house, application, TWO)
    with pytest.raises(Refused, match=r"assent\.seat_said"):
        says(house, application, ONE)
    says(house, application, THREE)
    assert waiting(house.session, house.fund, ONE)[0]["state"] == "given"


def test_who_cannot_say_a_word_is_not_offered_to(house: House, body: Committee):
    """Her seat has spoken, or the paper is missing that the regulations ask for."""
    application = house.approved("9000.00")
    says(house, application, TWO)
    offered = {who.name: waiting(house.session, house.fund, who)[0]["may_say"] for who in (ONE, TWO, THREE)}
    assert offered == {ONE.name: False, TWO.name: False, THREE.name: True}
    house.adopt(**LEVELS, **PAPERS)
    assert not waiting(house.session, house.fund, THREE)[0]["may_say"]
    paper(house, body.id, body.seats[2].id)
    assert waiting(house.session, house.fund, THREE)[0]["may_say"]


def test_what_she_declared_there_bars_her_assent(house: House, body: Committee):
    application = house.approved("9000.00")
    declare_interest(
        house.session,
        ONE,
        committee_id=body.id,
        seat_id=body.seats[0].id,
        entrepreneur_id=house.owners[application.enterprise_id],
        relation="relative",
    )
    with pytest.raises(Refused, match=r"segregation\.interested_assents"):
        says(house, application, ONE)


@pytest.mark.parametrize("formed", [True, False])
def test_nobody_resumes_what_she_suspended_herself(house: House, formed: bool, request: pytest.FixtureRequest):
    if formed:
        request.getfixturevalue("body")
    suspend(house, ONE)
    with pytest.raises(Refused, match=r"segregation\.suspender_resumes") as refused:
        resume_lending(house.session, ONE, fund_id=house.fund.id, reason="Ya")
    assert refused.value.afterwards is not None
    refused.value.afterwards(house.session)
    assert [one["code"] for one in report(house.session, house.fund, MARCH)["attempts"]] == [refused.value.code]
    assert house.session.query(RefusedAttempt).one().record == house.fund.code
    assert resume_lending(house.session, THREE, fund_id=house.fund.id, reason="Ya").resumed_by == THREE.subject


def paper(house: House, body_id: UUID, seat_id: UUID) -> None:
    keep_mandate(house.session, ADMIN, committee_id=body_id, seat_id=seat_id, name="mandato.pdf", content=PDF)


def test_where_the_regulations_ask_who_sits_has_shown_her_paper(house: House):
    house.adopt(**LEVELS, **PAPERS)
    for who in (CHAIR, SECRETARY, MEMBERS[2]):
        paper(house, house.committee_id, house.seats[who.subject])
    meeting = house.convened(house.appraised())
    present = [house.seats[who.subject] for who in MEMBERS]
    with pytest.raises(Refused, match=r"committee\.mandate_missing \(names=Leda Local\)"):
        open_session(house.session, CHAIR, session_id=meeting.id, present=present)
    open_session(house.session, CHAIR, session_id=meeting.id, present=present[:3])
    late = next(seat.id for seat in meeting.roll if seat.subject == LEDA.subject)
    with pytest.raises(Refused, match=r"committee\.mandate_missing"):
        record_attendance(house.session, CHAIR, session_id=meeting.id, roll_seat_id=late, present=True)
    paper(house, house.committee_id, house.seats[LEDA.subject])
    record_attendance(house.session, CHAIR, session_id=meeting.id, roll_seat_id=late, present=True)
    checked = {check["rule"]: check for check in report(house.session, house.fund, MARCH)["checks"]}
    assert (checked["mandates"]["state"], checked["mandates"]["examined"]) == ("kept", 4)
    assert checked["mandates"]["source"].endswith("art. 7")


def test_who_sat_without_her_paper_is_found(house: House):
    house.adopt(**LEVELS, **PAPERS)
    for who in MEMBERS:
        paper(house, house.committee_id, house.seats[who.subject])
    meeting = house.opened(house.appraised())
    house.session.get_one(Committee, house.committee_id).seat(house.seats[LEDA.subject]).mandate_file_id = None
    checked = {check["rule"]: check for check in report(house.session, house.fund, MARCH)["checks"]}
    assert checked["mandates"]["findings"] == [{"record": meeting.number, "what": "no_mandate"}]


def test_the_trust_fund_committee_shows_its_papers_too(house: House, body: Committee):
    house.adopt(**LEVELS, **PAPERS)
    with pytest.raises(Refused, match=r"committee\.mandate_missing"):
        suspend(house, ONE)
    paper(house, body.id, body.seats[0].id)
    assert suspend(house, ONE).suspended_by == ONE.subject


@pytest.mark.parametrize("section", [{"paper": "yes", "source": "art. 7"}, {"paper": True, "source": " "}])
def test_a_section_of_mandates_that_says_nothing_clear_is_refused(section: dict[str, Any]):
    with pytest.raises(Invalid, match=r"regulations\.contradictory") as refused:
        regulations.read(PARAMETERS | {"mandates": section})
    assert str(refused.value.facts["field"]).startswith("/mandates/")


def test_the_paper_of_the_trust_fund_committee_is_for_who_sits_there_or_oversees(house: House, body: Committee):
    seat = body.seats[0]
    paper(house, body.id, seat.id)
    credit = person("credit_officer", "committee_member", scope="HN17", subject="another")
    for who in (CHAIR, credit, trust(9)):
        with pytest.raises(Forbidden, match=r"committee\.not_on_it"):
            find.mandate_to_read(house.session, who, body.id, seat.id)
    for who in (ONE, THREE, COORDINATOR, person("auditor", scope="HN17")):
        assert find.mandate_to_read(house.session, who, body.id, seat.id) is seat
    own = house.seats[LEDA.subject]
    assert find.mandate_to_read(house.session, credit, house.committee_id, own).id == own
