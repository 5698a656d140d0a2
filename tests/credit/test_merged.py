"""Two records that turned out to be one borrower are one here: one application, one loan, one conflict of interest."""

from uuid import UUID

import pytest
from sqlalchemy import select

from services.credit.models import CopyEnterprise, CopyMerged, Seat
from services.credit.queries import applications, loans
from services.credit.subscriptions import SUBSCRIPTIONS
from services.credit.use_cases.form_committee import declare_interest
from shared.bus.replay import canonical
from shared.events import Event
from shared.events.registry import (
    EnterpriseMerged,
    EnterpriseUnmerged,
    EntrepreneurMerged,
    EntrepreneurUnmerged,
    EntrepreneurWithdrawn,
)
from shared.kernel import Refused
from tests.credit.house import CHAIR, COORDINATOR, OFFICER, House
from tests.credit.test_withdrawal import envelope, reported


def tell(house: House, event: Event, subject: UUID) -> None:
    SUBSCRIPTIONS.handle(house.session, envelope(event, subject))


def merge(house: House, survivor: UUID, absorbed: UUID) -> None:
    """The registry merged two women and their enterprises; the absorbed one is not active any more."""
    row = house.session.get_one(CopyEnterprise, absorbed)
    row.replace({"active": False, "consent_credit": False, "owner_ids": []})
    tell(house, EnterpriseMerged(survivor_id=survivor, absorbed_id=absorbed), absorbed)
    women = {"survivor_id": house.owners[survivor], "absorbed_id": house.owners[absorbed]}
    tell(house, EntrepreneurMerged(**women), women["absorbed_id"])


def unmerge(house: House, survivor: UUID, absorbed: UUID) -> None:
    tell(house, EnterpriseUnmerged(survivor_id=survivor, absorbed_id=absorbed), absorbed)
    women = {"survivor_id": house.owners[survivor], "absorbed_id": house.owners[absorbed]}
    tell(house, EntrepreneurUnmerged(**women), women["absorbed_id"])


def test_a_loan_of_the_absorbed_record_stands_against_another_of_the_survivor(house: House) -> None:
    one, other = house.enterprise(), house.enterprise()
    loan = house.disbursed(enterprise_id=other)
    merge(house, one, other)
    for enterprise_id in (one, other):
        with pytest.raises(Refused, match=r"eligibility\.no_loan_in_force"):
            house.submitted(enterprise_id=enterprise_id)
        found = loans.listed(house.session, OFFICER, {"enterprise": enterprise_id}, limit=10, after=None).rows
        assert [row["id"] for row in found] == [loan.id]
    unmerge(house, one, other)
    assert house.submitted(enterprise_id=one).enterprise_id == one


def test_an_application_of_the_absorbed_record_is_the_survivors_one_and_is_paid_out(house: House) -> None:
    one, other = house.enterprise(), house.enterprise()
    application = house.approved(enterprise_id=other)
    merge(house, one, other)
    with pytest.raises(Refused, match=r"application\.one_open_already"):
        house.submitted(enterprise_id=one)
    found = applications.listed(house.session, OFFICER, {"enterprise": one}, limit=10, after=None).rows
    assert [row["id"] for row in found] == [application.id]
    assert applications.detail(house.session, application)["failed_rules"] == []
    assert house.disburse(application).owner_ids == [str(house.owners[one])]


def test_of_two_loans_approved_before_they_were_one_only_the_first_is_paid_out(house: House) -> None:
    one, other = house.enterprise(), house.enterprise()
    first, second = house.approved("1000.00", enterprise_id=one), house.approved("1000.00", enterprise_id=other)
    merge(house, one, other)
    house.disburse(first)
    with pytest.raises(Refused, match=r"eligibility\.no_loan_in_force"):
        house.disburse(second)


def test_who_asks_under_the_absorbed_id_asks_for_the_survivor(house: House) -> None:
    one, other, last = house.enterprise(), house.enterprise(), house.enterprise()
    merge(house, other, one)
    merge(house, last, other)
    assert house.submitted(enterprise_id=one).enterprise_id == last
    unmerge(house, last, other)
    standing = {row.absorbed_id: row.root_id for row in house.session.scalars(select(CopyMerged))}
    assert standing == {one: other, house.owners[one]: house.owners[other]}


def test_an_interest_declared_in_the_absorbed_woman_forbids_a_vote_on_the_survivor(house: House) -> None:
    one, other = house.enterprise(), house.enterprise()
    application = house.appraised(enterprise_id=one)
    seat = house.session.get_one(Seat, house.seats[CHAIR.subject])
    declare_interest(
        house.session, COORDINATOR, committee_id=house.committee_id, seat_id=seat.id,
        entrepreneur_id=house.owners[other], relation="family",
    )  # fmt: skip
    merge(house, one, other)
    meeting = house.opened(application)
    with pytest.raises(Refused, match=r"segregation\.interested_votes"):
        house.vote(meeting, by=[CHAIR])


def test_a_withdrawal_reaches_what_was_applied_for_under_either_id(house: House) -> None:
    one, other = house.enterprise(), house.enterprise()
    application = house.appraised(enterprise_id=other)
    merge(house, one, other)
    woman = house.owners[one]
    tell(house, EntrepreneurWithdrawn(entrepreneur_id=woman, enterprise_ids=[one, other]), woman)
    assert (application.state, reported(house)["erased"]["applications_withdrawn"]) == ("withdrawn", 1)
    assert house.session.scalars(select(CopyMerged)).all() == []


def test_the_same_events_again_make_the_same_copies(house: House) -> None:
    one, other, last = house.enterprise(), house.enterprise(), house.enterprise()

    def told() -> str:
        merge(house, other, one)
        merge(house, last, other)
        unmerge(house, last, other)
        merge(house, last, other)
        return canonical(house.session, [CopyMerged.__table__])

    first = told()
    house.session.execute(CopyMerged.__table__.delete())
    assert told() == first != ""
