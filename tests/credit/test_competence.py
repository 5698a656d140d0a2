"""Who may decide how much: the level of a motion, its own quorum, and the assent that a large approval waits for."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.credit.models import Assent, Resolution
from services.credit.queries.applications import listed
from services.credit.queries.compliance import report
from services.credit.queries.room import room
from services.credit.rules import regulations
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.give_assent import give_assent
from services.credit.use_cases.keep_enterprises import forget_entrepreneur
from shared import files
from shared.bus.tables import event_log
from shared.events.registry import EntrepreneurWithdrawn
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7
from shared.testing import person
from tests.credit.house import CHAIR, COORDINATOR, MEMBERS, OFFICER, PARAMETERS, SECRETARY, TODAY, URL, House, names
from tests.credit.test_printed import text_of
from tests.credit.test_withdrawal import envelope

LEVELS = {
    "competence": {
        "levels": [
            {
                "name": "Montos pequeños",
                "up_to": 2_000_00,
                "quorum": {"seats": 2, "constituencies": ["csem"], "majority": "simple"},
            },
            {"name": "Comité de crédito", "up_to": 8_000_00},
            {"name": "Comité con visto bueno", "assent": True},
        ],
        "source": "art. 12",
    }
}


def trust(number: int, *roles: str) -> Any:
    return person("trust_fund_member", *roles, scope="HN17", subject=f"trust-{number}", name=f"Fidelia {number}")


ONE, TWO, THREE = trust(1), trust(2), trust(3)


@pytest.fixture
def house(session: Any) -> House:
    return House.build(session, **LEVELS)


def says(house: House, application: Any, by: Any = ONE, *, gives: bool = True, reason: str = "") -> Any:
    return give_assent(
        house.session, by, fund_id=house.fund.id, application_id=application.id, gives=gives, reason=reason
    )


def resolution_of(house: House, application: Any) -> Resolution:
    query = select(Resolution).where(Resolution.application_id == application.id)
    return house.session.scalars(query.order_by(Resolution.id.desc())).first()  # type: ignore[return-value]


@given(st.integers(1, 20_000_00))
def test_every_amount_has_one_level_and_a_larger_one_never_a_lower(amount: int):
    competence = regulations.read(PARAMETERS | LEVELS).competence
    names_ = [level.name for level in competence.levels]
    place = names_.index(competence.level("working-capital", amount).name)
    assert names_.index(competence.level("working-capital", amount + 1).name) >= place
    assert (competence.assents_for("working-capital", amount) > 0) == (amount > 8_000_00)


def test_a_level_may_be_for_some_products_only():
    levels = [{"name": "Otros", "products": ["working-capital"], "assent": True}, {"name": "Comité"}]
    competence = regulations.read(PARAMETERS | {"competence": {"levels": levels, "source": "art. 1"}}).competence
    assert competence.level("working-capital", 1).name == "Otros"
    assert competence.level("equipment", 1).name == "Comité"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"levels": []}, "/parameters/competence/levels"),
        ({"levels": [{"name": "A", "up_to": 5}]}, "/parameters/competence/levels"),
        ({"levels": [{"name": "A", "products": ["working-capital"]}]}, "/parameters/competence/levels"),
        ({"levels": [{"name": "A", "up_to": 1}, {"name": "A"}]}, "/parameters/competence/levels"),
        ({"levels": [{"name": ""}]}, "/parameters/competence/levels/0/name"),
        ({"levels": [{"name": "A", "up_to": 0}, {"name": "B"}]}, "/parameters/competence/levels/0/up_to"),
        ({"levels": [{"name": "A", "assent": "yes"}]}, "/parameters/competence/levels/0/assent"),
        ({"levels": [{"name": "A", "quorum": {"seats": 0}}]}, "/parameters/competence/levels/0/quorum"),
        ({"levels": [{"name": "A", "products": ["none"]}, {"name": "B"}]}, "/parameters/competence/levels/0/products"),
        ({"assents": 0}, "/parameters/competence/assents"),
        ({"source": " "}, "/parameters/competence/source"),
    ],
)
def test_levels_that_leave_something_open_are_refused(changes: dict[str, Any], pointer: str):
    with pytest.raises(Invalid) as refused:
        regulations.read(PARAMETERS | {"competence": LEVELS["competence"] | changes})
    assert refused.value.pointer == pointer


def test_a_small_amount_is_decided_with_the_quorum_of_its_own_level(house: House):
    present = (SECRETARY, CHAIR)
    small, large = house.appraised("1500.00"), house.appraised("5000.00")
    meeting = house.opened(small, large, present=present)
    house.vote(meeting, by=present)
    resolution = close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    assert (resolution.outcome, resolution.level, resolution.assents_needed) == ("approved", "Montos pequeños", 0)
    with pytest.raises(Refused, match=r"committee\.without_leda"):
        house.vote(meeting, item=1, by=present)
    told = report(house.session, house.fund, clock.today())
    broken = [one["rule"] for one in told["checks"] if one["state"] == "broken"]
    assert broken == [], "the report counts by the same level"


def test_the_room_says_who_is_competent_before_anybody_votes(house: House):
    meeting = house.convened(house.appraised("1500.00"), house.appraised("9000.00"))
    shown = room(house.session, COORDINATOR, meeting, reads_minutes=True)["agenda"]
    assert (shown[0]["level"]["name"], shown[0]["level"]["seats"], shown[0]["level"]["assents"]) == (
        "Montos pequeños",
        2,
        0,
    )
    assert (shown[1]["level"]["name"], shown[1]["level"]["assents"]) == ("Comité con visto bueno", 2)


def test_without_levels_nothing_is_said_of_them(session: Any):
    plain = House.build(session)
    meeting = plain.convened(plain.appraised())
    assert room(session, COORDINATOR, meeting, reads_minutes=True)["agenda"][0]["level"] is None
    assert resolution_of(plain, plain.approved("1000.00")).level == ""


def test_a_large_approval_is_paid_out_only_once_two_members_said_yes(house: House):
    application = house.approved("9000.00")
    with pytest.raises(Refused, match=r"assent\.missing"):
        house.disburse(application)
    says(house, application, ONE)
    with pytest.raises(Refused, match=r"assent\.missing"):
        house.disburse(application)
    says(house, application, TWO)
    assert house.disburse(application).principal == 9_000_00
    assert [one.name for one in house.session.scalars(select(Assent).order_by(Assent.id))] == ["Fidelia 1", "Fidelia 2"]


def test_what_waits_for_an_assent_is_found_until_it_is_given(house: House):
    waiting, free = house.approved("9000.00"), house.approved("1000.00")

    def waits() -> list[Any]:
        house.session.flush()
        rows = listed(house.session, ONE, {"conditions": "assent"}, limit=10, after=None).rows
        return [row["id"] for row in rows]

    assert waits() == [waiting.id]
    for who in (ONE, TWO):
        says(house, waiting, who)
    assert waits() == []
    assert free.state == "approved"


def test_what_the_committee_may_give_alone_needs_no_assent(house: House):
    application = house.approved("8000.00")
    with pytest.raises(Refused, match=r"assent\.not_needed"):
        says(house, application)
    assert house.disburse(application)


def test_each_member_says_it_once_and_nothing_after_it_is_given(house: House):
    application = house.approved("9000.00")
    says(house, application, ONE)
    with pytest.raises(Refused, match=r"assent\.said_already"):
        says(house, application, ONE)
    says(house, application, TWO)
    with pytest.raises(Refused, match=r"assent\.given"):
        says(house, application, THREE)


def test_a_no_has_its_reason_and_enough_of_them_end_the_approval(house: House):
    application = house.approved("9000.00")
    free = house.fund.available(house.session)
    with pytest.raises(Invalid, match=r"assent\.reason_needed"):
        says(house, application, ONE, gives=False)
    says(house, application, ONE, gives=False, reason="Demasiado para un solo rubro")
    says(house, application, TWO)
    assert application.state == "approved"
    says(house, application, THREE, gives=False, reason="Lo mismo")
    assert application.state == "lapsed"
    assert house.fund.available(house.session) == free + 9_000_00
    types = house.session.scalars(select(event_log.c.type).order_by(event_log.c.seq)).all()
    assert types[-1] == "org.csem.credit.approval-lapsed.v1"
    with pytest.raises(Refused, match=r"application\.is_lapsed"):
        says(house, application, trust(4))


def test_a_new_approval_needs_a_new_assent(house: House):
    application = house.approved("9000.00")
    for who in (ONE, TWO):
        says(house, application, who, gives=False, reason="No")
    meeting = house.opened(application)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    with pytest.raises(Refused, match=r"assent\.missing"):
        house.disburse(application)
    for who in (ONE, TWO):
        says(house, application, who)
    assert house.disburse(application)


def test_who_appraised_or_voted_does_not_say_it_and_who_said_it_does_not_pay_out(house: House):
    appraiser = trust(7, "credit_officer")
    application = house.appraise(house.submitted("9000.00"), "9000.00", appraiser)
    meeting = house.opened(application)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    with pytest.raises(Refused, match=r"segregation\.appraiser_assents"):
        says(house, application, appraiser)
    voter = person("trust_fund_member", "committee_member", scope="HN17", subject=CHAIR.subject, name=CHAIR.name)
    with pytest.raises(Refused, match=r"segregation\.voter_assents"):
        says(house, application, voter)
    both = trust(8, "credit_officer")
    says(house, application, both)
    says(house, application, TWO)
    with pytest.raises(Refused, match=r"segregation\.assenter_disburses"):
        house.disburse(application, both)
    assert house.disburse(application, OFFICER)


def test_an_approval_that_expired_gets_no_assent(session: Any):
    hasty = House.build(session, **LEVELS, approvals={"days": 30, "source": "art. 16"})
    application = hasty.approved("9000.00")
    with clock.frozen(TODAY + timedelta(days=31)), pytest.raises(Refused, match=r"application\.approval_expired"):
        says(hasty, application)


def test_an_application_of_another_fund_is_not_known(house: House):
    from services.credit.use_cases.keep_fund import open_fund
    from tests.credit.house import lempiras

    other = open_fund(
        house.session,
        COORDINATOR,
        code="OTR",
        name="Otro",
        centre="CSEM",
        host="ADEL",
        trustee="Banco",
        trustee_account="1",
        currency="HNL",
        units=["HN17"],
        reserve=lempiras("0.00"),
    )
    with pytest.raises(NotFound, match=r"application\.unknown"):
        give_assent(house.session, ONE, fund_id=other.id, application_id=house.approved("9000.00").id, gives=True)


def test_the_minutes_say_that_an_assent_is_needed(house: House):
    meeting = house.opened(house.appraised("9000.00"))
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    acta = close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    minutes = text_of(files.read(house.session, acta.file_id))
    assert "Comité con visto bueno" in minutes
    assert "visto bueno de 2 integrantes" in minutes


def test_the_report_finds_what_was_paid_out_without_the_assent(house: House):
    application = house.approved("9000.00")
    for who in (ONE, TWO):
        says(house, application, who)
    house.disburse(application)
    house.session.query(Assent).filter(Assent.subject == TWO.subject).update(
        {"subject": OFFICER.subject, "gives": False}
    )
    told = {one["rule"]: one for one in report(house.session, house.fund, clock.today())["checks"]}["competence"]
    assert [finding["what"] for finding in told["findings"]] == ["no_assent", "assenter_paid_out"]
    assert "art. 12" in told["source"]


def test_a_withdrawal_empties_why_members_said_no(house: House):
    application = house.approved("9000.00")
    says(house, application, ONE, gives=False, reason="Su esposo debe en otra parte")
    enterprise = application.enterprise_id
    event = EntrepreneurWithdrawn(entrepreneur_id=house.owners[enterprise], enterprise_ids=[enterprise])
    forget_entrepreneur(house.session, event, envelope(event, uuid7()))
    assert house.session.scalars(select(Assent.reason)).all() == [""]


def test_it_goes_through_the_api(build_house, client):
    house, application = build_house(lambda house: house.approved("9000.00"), **LEVELS)
    path = f"/funds/{house.fund.id}/assents"
    [row] = client.get(ONE, path).body["items"]
    assert (row["state"], row["needed"], row["may_say"], row["level"]) == ("waiting", 2, True, "Comité con visto bueno")
    assert not client.get(COORDINATOR, path).body["items"][0]["may_say"]
    assert client.post(COORDINATOR, f"{path}/{application.id}", {"gives": True}).status == 403
    assert client.post(ONE, f"{path}/{application.id}", {"gives": False}).code == "assent.reason_needed"
    said = client.post(ONE, f"{path}/{application.id}", {"gives": True})
    assert (said.status, said.body["may_say"], said.body["said"][0]["name"]) == (201, False, "Fidelia 1")
    assert client.post(TWO, f"{path}/{application.id}", {"gives": True}).body["state"] == "given"
    assert client.get(OFFICER, f"/applications/{application.id}").body["assent"]["state"] == "given"
    assert client.get(OFFICER, f"/applications/{application.id}/approval").body["assent"]["state"] == "given"
    outside = person("trust_fund_member", scope="HN06", subject="far", name="Lejana")
    assert client.get(outside, path).status == 403


def test_the_members_votes_still_need_everybody_in_the_room(house: House):
    meeting = house.opened(house.appraised("9000.00"))
    house.vote(meeting, by=MEMBERS[:3])
    with pytest.raises(Refused, match=r"session\.votes_missing"):
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
