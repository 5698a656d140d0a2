"""Women who borrow side by side: together before the committee, each with her own loan, each answering for the others."""

from datetime import timedelta
from typing import Any

import pytest

from services.credit.models import CopyMerged, CreditGroup, Guarantee
from services.credit.queries import groups as queries
from services.credit.queries.guarantees import of_application, of_loan
from services.credit.rules import regulations
from services.credit.use_cases.change_application import change_application
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.convene_session import place_on_agenda, take_off_agenda
from services.credit.use_cases.form_group import form_group, group_of, join_group, leave_group
from services.credit.use_cases.hold_session import open_session
from services.credit.use_cases.place_group import place_group
from services.credit.use_cases.withdraw_application import withdraw_application
from shared import files, merged
from shared.kernel import Forbidden, Invalid, NotFound, Refused, clock
from shared.testing import person
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    MEMBERS,
    OFFICER,
    PARAMETERS,
    TECHNICIAN,
    TODAY,
    House,
    lempiras,
    product,
)
from tests.credit.test_guarantees import SECTION
from tests.credit.test_printed import text_of
from tests.credit.test_withdrawal import reported, withdraw

GROUPS: dict[str, Any] = {"source": "art. 18", "minimum": 2, "maximum": 3, "products": ["working-capital"]}


@pytest.fixture
def house(session) -> House:
    return House.build(session, groups=GROUPS)


def formed(house: House, *applications: Any, name: str = "Las Madrugadoras") -> CreditGroup:
    ids = [one.id for one in applications]
    return form_group(house.session, OFFICER, fund_id=house.fund.id, name=name, applications=ids)


def called(house: House, group: CreditGroup) -> Any:
    meeting = house.convened()
    place_group(house.session, COORDINATOR, session_id=meeting.id, group_id=group.id)
    return meeting


def decided(house: House, group: CreditGroup, *choices: str) -> Any:
    """The group before the committee, which votes `choices` in the order of the agenda, "approve" where none is given."""
    meeting = called(house, group)
    open_session(house.session, CHAIR, session_id=meeting.id, present=[house.seats[who.subject] for who in MEMBERS])
    for number, item in enumerate(list(meeting.agenda)):
        house.vote(meeting, number, choices[number] if number < len(choices) else "approve")
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=item.id)
    return meeting


def pair(house: House) -> tuple[Any, Any, CreditGroup]:
    one, other = house.appraised("1000.00"), house.appraised("2000.00")
    return one, other, formed(house, one, other)


def leave(house: House, group: CreditGroup, application: Any) -> None:
    leave_group(house.session, OFFICER, group_id=group.id, application_id=application.id)


# Forming


def test_a_group_has_its_number_and_its_members(house: House):
    one, other, group = pair(house)
    assert (group.number, group.name) == ("FON-G-2026-0001", "Las Madrugadoras")
    assert {member.application_id for member in group.members} == {one.id, other.id}
    assert CreditGroup.of(house.session, one.id) is group


def test_a_fund_whose_regulations_know_no_groups_lends_to_none(session):
    house = House.build(session)
    with pytest.raises(Refused, match=r"group\.not_lent_to"):
        formed(house, house.submitted(), house.submitted())


def test_a_group_has_neither_too_few_members_nor_too_many(house: House):
    asked = [house.submitted("1000.00") for _ in range(4)]
    with pytest.raises(Invalid, match=r"group\.too_few"):
        formed(house, asked[0])
    with pytest.raises(Invalid, match=r"group\.too_few"):
        formed(house, asked[0], asked[0])
    with pytest.raises(Invalid, match=r"group\.too_large"):
        formed(house, *asked)
    group = formed(house, *asked[:3])
    with pytest.raises(Invalid, match=r"group\.too_large"):
        join_group(house.session, OFFICER, group_id=group.id, application_id=asked[3].id)


def test_an_application_is_in_one_group_and_an_enterprise_once(house: House):
    one, _, group = pair(house)
    with pytest.raises(Refused, match=r"group\.in_one_already"):
        join_group(house.session, OFFICER, group_id=group.id, application_id=one.id)
    twin = house.submitted("1000.00")
    merged.merge(house.session, CopyMerged, one.enterprise_id, twin.enterprise_id)
    with pytest.raises(Refused, match=r"group\.same_enterprise"):
        join_group(house.session, OFFICER, group_id=group.id, application_id=twin.id)


def test_who_lies_before_the_committee_or_was_decided_joins_no_group(house: House):
    _, _, group = pair(house)
    third = house.appraised("1000.00")
    house.convened(third)
    with pytest.raises(Refused, match=r"application\.is_on_agenda"):
        join_group(house.session, OFFICER, group_id=group.id, application_id=third.id)


def test_only_products_lent_to_groups_are_taken(session):
    kinds = [*product(), PARAMETERS["products"][0] | {"code": "equipment", "name": "Equipo"}]
    house = House.build(session, products=kinds, groups=GROUPS)
    with pytest.raises(Invalid, match=r"group\.product_not_lent"):
        formed(house, house.submitted(), house.submitted(product="equipment"))


def test_who_changes_to_another_product_does_not_come_before_the_committee_with_the_group(session):
    kinds = [*product(), PARAMETERS["products"][0] | {"code": "equipment", "name": "Equipo"}]
    house = House.build(session, products=kinds, groups=GROUPS)
    one, other = house.submitted(), house.appraised()
    group = formed(house, one, other)
    asked = {"amount": lempiras("9000.00"), "instalments": 12, "grace": 0, "purpose": "equipment", "project": "x"}
    change_application(
        house.session, OFFICER, application_id=one.id, if_match=one.version, product="equipment", **asked
    )
    house.appraise(one, "9000.00")
    with pytest.raises(Invalid, match=r"group\.product_not_lent"):
        called(house, group)


@pytest.mark.parametrize(
    "wrong",
    [
        {"minimum": 1},
        {"maximum": 1},
        {"maximum": 51},
        {"source": " "},
        {"products": [""]},
        {"all_or_none": "yes"},
        {"minimum": "2"},
        {"other": 1},
    ],
)
def test_contradicting_rules_on_groups_are_refused(wrong):
    with pytest.raises(Invalid, match=r"regulations\.(contradictory|unreadable|field_unknown|field_missing)"):
        regulations.read(PARAMETERS | {"groups": GROUPS | wrong})


# Before the committee


def test_a_group_goes_on_an_agenda_together_and_comes_off_it_together(house: House):
    one, other, group = pair(house)
    meeting = house.convened()
    with pytest.raises(Refused, match=r"group\.goes_together"):
        place_on_agenda(house.session, COORDINATOR, session_id=meeting.id, application_id=one.id)
    items = place_group(house.session, COORDINATOR, session_id=meeting.id, group_id=group.id)
    assert {item.application_id for item in items} == {one.id, other.id}
    take_off_agenda(house.session, COORDINATOR, session_id=meeting.id, item_id=items[1].id)
    assert (meeting.agenda, one.state, other.state) == ([], "appraised", "appraised")


def test_nobody_of_a_group_goes_alone_when_another_is_not_appraised(house: House):
    group = formed(house, house.appraised("1000.00"), house.submitted("1000.00"))
    with pytest.raises(Refused, match=r"application\.not_appraised"):
        called(house, group)


def test_a_group_that_waits_for_nothing_is_not_put_on_an_agenda(house: House):
    _, _, group = pair(house)
    decided(house, group)
    with pytest.raises(Refused, match=r"group\.nobody_waits"):
        called(house, group)


def test_the_joint_guarantee_covers_what_each_borrows(session):
    house = House.build(session, groups=GROUPS, guarantees=SECTION)
    alone = house.appraised("9000.00")
    with pytest.raises(Refused, match=r"guarantee\.not_covered"):
        house.convened(alone)
    group = formed(house, alone, house.appraised("9500.00"), house.appraised("9000.00"))
    decided(house, group)
    loan = house.disburse(alone)
    assert len(of_loan(house.session, loan)) == 2
    assert of_application(house.session, alone)["coverage"]["percent"] == 100, "the others answer together, once"


# Paying out


def test_nobody_is_paid_before_all_are_approved(house: House):
    one, other, group = pair(house)
    decided(house, group, "approve", "defer")
    approved, waiting = sorted((one, other), key=lambda row: row.state != "approved")
    with pytest.raises(Refused, match=r"group\.not_all_approved") as refused:
        house.disburse(approved)
    assert refused.value.facts == {"number": approved.number, "waiting": waiting.number}
    meeting = called(house, group)
    assert [item.application_id for item in meeting.agenda] == [waiting.id]


def test_each_has_her_own_loan_and_her_note_names_the_others_as_joint_guarantors(house: House):
    one, other, group = pair(house)
    decided(house, group)
    loans = [house.disburse(one), house.disburse(other)]
    assert [loan.principal for loan in loans] == [1_000_00, 2_000_00]
    said = text_of(files.read(house.session, loans[0].note_file_id))
    assert "Fianza solidaria del grupo: María Inventada López" in said
    bound = Guarantee.of(house.session, one.id)
    assert [(row.kind, row.enterprise_id, row.value) for row in bound] == [
        ("joint_group", other.enterprise_id, 1_000_00)
    ]


@pytest.mark.parametrize("fate", ["refused", "withdrawn"])
def test_who_was_refused_or_withdrew_leaves_before_the_others_are_paid(house: House, fate):
    asked = [house.appraised("1000.00") for _ in range(3)]
    group = formed(house, *asked)
    meeting = decided(house, group, *(["approve", "approve", "refuse"] if fate == "refused" else []))
    out = next(one for one in asked if one.id == meeting.agenda[2].application_id)
    stays = [one for one in asked if one is not out]
    if fate == "withdrawn":
        withdraw_application(house.session, OFFICER, application_id=out.id)
    with pytest.raises(Refused, match=r"group\.member_out") as refused:
        house.disburse(stays[0])
    assert refused.value.facts["numbers"] == out.number
    leave(house, group, out)
    assert house.disburse(stays[0]).state == "active"


def test_too_few_who_are_left_are_not_paid(house: House):
    one, other, group = pair(house)
    decided(house, group, "refuse")
    approved, refused_ = sorted((one, other), key=lambda row: row.state != "approved")
    leave(house, group, refused_)
    with pytest.raises(Refused, match=r"credit_group\.too_small"):
        house.disburse(approved)
    leave(house, group, approved)
    assert house.disburse(approved).state == "active", "on her own she goes on"


def test_who_leaves_after_another_was_paid_goes_on_guaranteeing_her(house: House):
    asked = [house.appraised("1000.00") for _ in range(3)]
    group = formed(house, *asked)
    decided(house, group)
    house.disburse(asked[0])
    leave(house, group, asked[1])
    assert len(Guarantee.of(house.session, asked[0].id)) == 2
    house.disburse(asked[2])
    assert [row.enterprise_id for row in Guarantee.of(house.session, asked[2].id)] == [asked[0].enterprise_id]


def test_who_was_paid_or_lies_before_the_committee_does_not_leave(house: House):
    one, other, group = pair(house)
    called(house, group)
    with pytest.raises(Refused, match=r"application\.is_on_agenda"):
        leave(house, group, one)
    third = house.appraised("1000.00")
    with pytest.raises(NotFound, match=r"group\.member_unknown"):
        leave(house, group, third)
    assert other.state == "on_agenda"


def test_where_all_borrow_or_none_nobody_leaves_once_the_committee_has_decided(session):
    house = House.build(session, groups=GROUPS | {"all_or_none": True})
    one, other, group = pair(house)
    decided(house, group, "approve", "refuse")
    with pytest.raises(Refused, match=r"group\.all_or_none"):
        leave(house, group, other if other.state == "refused" else one)


def test_an_approval_that_expired_counts_as_none(session):
    house = House.build(session, groups=GROUPS, approvals={"days": 5, "source": "art. 16"})
    one, other, group = pair(house)
    decided(house, group, "approve", "defer")
    early, late = (one, other) if one.state == "approved" else (other, one)
    with clock.frozen(TODAY + timedelta(days=4)):
        decided(house, group)
    with clock.frozen(TODAY + timedelta(days=6)), pytest.raises(Refused, match=r"group\.not_all_approved") as refused:
        house.disburse(late)
    assert refused.value.facts["waiting"] == early.number


def test_a_woman_who_withdraws_her_consent_is_out_of_the_group_at_once(house: House):
    asked = [house.appraised("1000.00") for _ in range(3)]
    group = formed(house, *asked)
    withdraw(house, asked[0].enterprise_id)
    house.session.expire(group)
    assert [member.application_id for member in group.members] == [asked[1].id, asked[2].id]
    assert reported(house)["erased"]["memberships"] == 1


# Looking at it


def test_the_group_shows_who_is_late_and_hides_who_is_from_elsewhere(house: House):
    near, far = house.appraised("1000.00"), house.appraised("1000.00", enterprise_id=house.enterprise("HN1701"))
    group = formed(house, near, far)
    decided(house, group)
    house.disburse(near)
    house.disburse(far)
    local = person("credit_officer", scope="HN1709", subject="near")
    with clock.frozen(TODAY + timedelta(days=60)):
        told = queries.detail(house.session, local, group)
    assert (told["late"], told["size"], told["ready"]) == (2, 2, True)
    shown = {one["number"]: one for one in told["members"]}
    assert shown[near.number]["application_id"] == near.id
    assert shown[near.number]["overdue"].minor > 0
    hidden = shown[far.number]
    assert (hidden["application_id"], hidden["enterprise_id"], hidden["loan_id"]) == (None, None, None)
    assert hidden["days_overdue"] > 0


def test_a_group_without_anybody_of_her_territory_is_not_hers(house: House):
    _, _, group = pair(house)
    stranger = person("credit_officer", scope="GT01", subject="stranger")
    assert queries.listed(house.session, stranger, {}, limit=5, after=None).rows == []
    with pytest.raises(Forbidden):
        group_of(house.session, stranger, group.id)


def test_a_group_walks_through_the_api(build_house, client):
    def step(house: House) -> Any:
        return house.appraised("1000.00"), house.appraised("2000.00"), house.appraised("1500.00"), house.convened()

    house, (one, other, third, meeting) = build_house(step, groups=GROUPS)
    body = {"fund_id": str(house.fund.id), "name": "Las Madrugadoras", "applications": [str(one.id), str(other.id)]}
    assert client.post(CASHIER, "/groups", body).status == 403
    group = client.post(TECHNICIAN, "/groups", body).body
    assert (group["size"], group["ready"], group["minimum"]) == (2, False, 2)
    path = f"/groups/{group['id']}"
    member = {"application_id": str(third.id)}
    assert client.post(TECHNICIAN, f"{path}/members", member).body["size"] == 3
    assert client.post(TECHNICIAN, f"{path}/departures", member).body["size"] == 2
    found = client.get(COORDINATOR, f"/groups?application={one.id}").body["items"]
    assert [row["number"] for row in found] == [group["number"]]
    assert client.get(COORDINATOR, f"/groups?application={third.id}").body["items"] == []
    assert client.get(COORDINATOR, f"/groups?fund={house.fund.id}").body["items"][0]["size"] == 2
    alone = client.post(COORDINATOR, f"/sessions/{meeting.id}/agenda", {"application_id": str(one.id)})
    assert (alone.status, alone.code) == (409, "group.goes_together")
    room = client.post(COORDINATOR, f"/sessions/{meeting.id}/agenda/groups", {"group_id": group["id"]})
    assert (room.status, len(room.body["agenda"])) == (201, 2)
    assert {row["state"] for row in client.get(CASHIER, path).body["members"]} == {"on_agenda"}
    unknown = client.get(COORDINATOR, "/groups/01890000-0000-7000-8000-000000000000")
    assert (unknown.status, unknown.code) == (404, "credit_group.unknown")
