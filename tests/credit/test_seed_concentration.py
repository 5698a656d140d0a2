"""Seed capital counts in the limits of concentration of its own fund: what is promised, what is paid and not back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.credit.queries.concentration import concentrations
from services.credit.use_cases.follow_award import lapse_award, post_return
from shared.kernel import Refused, clock
from tests.credit.house import COORDINATOR, OFFICER, TODAY, House, lempiras
from tests.credit.seeding import approved, awarded, pay, seed_house


def limited(session: Any, **limits: Any) -> House:
    """A fund of 100,000 of seed capital with limits of concentration."""
    return seed_house(session, concentration={"source": "art. 9"} | limits)


def refused_for(house: House, **facts: Any) -> str:
    """Why an award of 10,000 was not approved."""
    with pytest.raises(Refused) as found:
        approved(house, **facts)
    return found.value.code


def test_seed_capital_that_was_promised_or_paid_counts_for_its_borrower(session: Session):
    house = limited(session, borrower="15")
    first = awarded(house)
    hers = {"enterprise_id": house.enterprise(owner_ids=[str(house.owners[first.enterprise_id])])}
    assert refused_for(house, **hers) == "concentration.borrower"
    pay(house, first)
    hers = {"enterprise_id": house.enterprise(owner_ids=[str(house.owners[first.enterprise_id])])}
    assert refused_for(house, **hers) == "concentration.borrower", "what was granted is hers for good"
    assert approved(house).state == "approved", "another woman has a limit of her own"


@pytest.mark.parametrize(
    ("kind", "elsewhere"), [("chain", {"chain": "textiles"}), ("municipality", {"municipality": "HN1701"})]
)
def test_seed_capital_counts_for_its_activity_and_its_municipality(session: Session, kind: str, elsewhere: Any):
    house = limited(session, **{kind: "15"})
    awarded(house)
    assert refused_for(house) == f"concentration.{kind}"
    assert approved(house, enterprise_id=house.enterprise(**elsewhere))


def test_a_contribution_that_came_back_and_a_part_that_lapsed_count_no_more(session: Session):
    house = limited(session, borrower="100")
    found = awarded(house, "aporte", "6000.00", "4000.00")
    assert held(house) == ["10000.00", "10000.00", "10000.00"]
    pay(house, found)
    post_return(session, OFFICER, award_id=found.id, amount=lempiras("1500.00"), paid_on=clock.today(), channel="cash")
    assert held(house) == ["8500.00", "8500.00", "8500.00"]
    with clock.frozen(TODAY + timedelta(days=40)):
        lapse_award(session, COORDINATOR, award_id=found.id, if_match=found.version, reason="No siguió")
        session.flush()
        assert held(house) == ["4500.00", "4500.00", "4500.00"]


def held(house: House) -> list[str]:
    house.session.flush()
    return [str(row["held"]) for row in concentrations(house.session, house.fund)]


def test_the_table_names_an_award_and_grants_stay_part_of_the_capital(session: Session):
    house = limited(session, borrower="15")
    found = awarded(house)
    pay(house, found)
    session.flush()
    [row] = [row for row in concentrations(session, house.fund) if row["kind"] == "borrower"]
    assert (row["of"], row["held"], row["percent"]) == (found.number, lempiras("10000.00"), "10.0")
    assert row["ceiling"] == lempiras("15000.00")
