"""How much of a fund may lie with one borrower, activity or municipality, and that no approval goes beyond it."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.models import CopyEnterprise, CopyMerged
from services.credit.queries.applications import detail
from services.credit.queries.compliance import report
from services.credit.queries.concentration import concentrations
from services.credit.queries.room import room
from services.credit.rules.concentration import BASES, Concentration, Share, read_concentration
from services.credit.use_cases.close_item import close_item
from shared import merged
from shared.kernel import Invalid, Refused, clock
from tests.credit.house import CASHIER, CHAIR, COORDINATOR, OFFICER, TECHNICIAN, House, lempiras


def limits(**changes: Any) -> dict[str, Any]:
    return {"concentration": {"borrower": "10", "source": "art. 20"} | changes}


@pytest.fixture
def house(session: Any) -> House:
    """A fund of 100,000 of which one borrower may hold 10,000."""
    return House.build(session, **limits())


def refused(house: House, amount: str, **facts: Any) -> Refused:
    """Why the approval of this amount was refused."""
    application = house.appraised(amount, **facts)
    meeting = house.opened(application)
    house.vote(meeting)
    with pytest.raises(Refused) as found:
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    return found.value


_CENTS = st.integers(0, 10**12)


@given(_CENTS, _CENTS, _CENTS, _CENTS, st.sampled_from(BASES), st.integers(1, 100), _CENTS)
def test_a_share_exceeds_exactly_where_it_is_more_than_its_part_of_the_base(
    held, amount, rest, capital, of, limit, floor
):
    rule = Concentration(chain=Decimal(limit), of=of, floor=floor)
    share = rule.share("chain", held, amount, portfolio=held + rest, capital=capital)
    base = capital if of == "capital" else held + rest + amount
    assert share.exceeds == (held + rest + amount >= floor and (held + amount) * 100 > limit * base)
    assert share.ceiling * 100 <= limit * base
    if not share.exceeds and share.binds:
        assert held + amount <= limit * base / 100


@given(_CENTS, _CENTS, st.integers(1, 100))
def test_less_never_exceeds_where_more_does_not(held, amount, limit):
    rule = Concentration(borrower=Decimal(limit))
    more = rule.share("borrower", held, amount, portfolio=held, capital=10**11)
    less = rule.share("borrower", held, amount // 2, portfolio=held, capital=10**11)
    assert more.exceeds or not less.exceeds


def test_of_nothing_everything_is_too_much():
    assert Share("chain", 0, 1, 0, Decimal(50), binds=True).exceeds
    assert Share("chain", 0, 1, -5, Decimal(50), binds=True).ceiling == 0
    assert Share("chain", 1, 1, 0, Decimal(50), binds=True).percent == 100


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"borrower": "0"}, "/parameters/concentration/borrower"),
        ({"chain": "100.1"}, "/parameters/concentration/chain"),
        ({"municipality": 12.5}, "/parameters/concentration/municipality"),
        ({"of": "wishes"}, "/parameters/concentration/of"),
        ({"floor": -1}, "/parameters/concentration/floor"),
        ({"source": ""}, "/parameters/concentration/source"),
        ({"borrower": None}, "/parameters/concentration"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_at_its_field(changes: dict[str, Any], pointer: str):
    with pytest.raises(Invalid) as found:
        read_concentration(limits(**changes)["concentration"])
    assert found.value.pointer == pointer


def test_an_approval_beyond_the_limit_of_a_borrower_is_refused_and_says_why(house: House):
    problem = refused(house, "10000.01")
    assert problem.code == "concentration.borrower"
    facts = problem.facts
    assert (facts["limit"], facts["held"], facts["after"]) == (10, lempiras("0.00"), lempiras("10000.01"))
    assert facts["ceiling"] == lempiras("10000.00")
    assert house.approved("10000.00").state == "approved"


def test_all_enterprises_of_one_owner_are_one_borrower(house: House):
    first = house.disbursed("6000.00")
    owner = [str(house.owners[first.enterprise_id])]
    assert refused(house, "4000.01", enterprise_id=house.enterprise(owner_ids=owner)).code == "concentration.borrower"
    assert house.approved("4000.00", enterprise_id=house.enterprise(owner_ids=owner))
    assert house.approved("9000.00"), "another woman has a limit of her own"


def test_an_owner_who_was_registered_twice_is_one_borrower(house: House):
    first = house.disbursed("6000.00")
    second = house.enterprise()
    merged.merge(house.session, CopyMerged, house.owners[first.enterprise_id], house.owners[second])
    assert refused(house, "4000.01", enterprise_id=second).code == "concentration.borrower"


def test_an_enterprise_that_was_registered_twice_is_one_borrower(session: Any):
    house = House.build(session, **limits(), eligibility=["active"])
    first = house.disbursed("6000.00")
    second = house.enterprise()
    merged.merge(house.session, CopyMerged, second, first.enterprise_id)
    assert refused(house, "4000.01", enterprise_id=second).code == "concentration.borrower"


def test_what_is_paid_back_is_free_again_and_what_is_promised_counts(house: House):
    loan = house.disbursed("6000.00")
    owner = [str(house.owners[loan.enterprise_id])]
    assert refused(house, "5000.00", enterprise_id=house.enterprise(owner_ids=owner)).code == "concentration.borrower"
    house.repay(loan, "2000.00")
    assert house.approved("5000.00", enterprise_id=house.enterprise(owner_ids=owner))
    assert refused(house, "2000.00", enterprise_id=house.enterprise(owner_ids=owner)).code == "concentration.borrower"


@pytest.mark.parametrize(
    ("kind", "elsewhere"), [("chain", {"chain": "textiles"}), ("municipality", {"municipality": "HN1701"})]
)
def test_an_activity_and_a_municipality_have_their_limit(session: Any, kind: str, elsewhere: dict[str, Any]):
    house = House.build(session, concentration={kind: "15", "source": "art. 20"})
    house.disbursed("9000.00")
    assert refused(house, "6000.01").code == f"concentration.{kind}"
    assert house.approved("6000.01", enterprise_id=house.enterprise(**elsewhere))
    assert house.approved("6000.00")


def test_while_the_portfolio_is_small_the_limits_do_not_bind(session: Any):
    house = House.build(session, **limits(of="portfolio", borrower="60", floor=12_000_00))
    assert house.approved("8000.00"), "the first one is always all of the portfolio"
    assert refused(house, "18000.00").code == "concentration.borrower"
    assert house.approved("9000.00")


def test_the_capital_is_what_is_left_after_losses(house: House):
    from tests.credit.test_funding import bank

    bank(house, "bank_charge", "50000.00", clock.today())
    assert refused(house, "5000.01").code == "concentration.borrower"


def test_it_is_warned_of_in_the_file_and_in_the_room_before_anybody_votes(house: House):
    application = house.appraised("12000.00")
    meeting = house.convened(application)
    [warning] = detail(house.session, application)["concentration"]
    assert (warning["kind"], warning["limit"], warning["percent_after"]) == ("borrower", "10", "12.0")
    [item] = room(house.session, COORDINATOR, meeting, reads_minutes=True)["agenda"]
    assert item["concentration"] == [warning]
    assert detail(house.session, house.approved("9000.00"))["concentration"] == []


def test_an_application_is_warned_of_as_soon_as_it_is_handed_in(house: House):
    assert detail(house.session, house.submitted("12000.00"))["concentration"]
    assert detail(house.session, house.submitted("9000.00"))["concentration"] == []


def test_the_table_tells_the_largest_and_their_limits(house: House):
    loan = house.disbursed("6000.00")
    waiting = house.approved(
        "2000.00", enterprise_id=house.enterprise(owner_ids=[str(house.owners[loan.enterprise_id])])
    )
    house.disbursed("1000.00")
    rows = concentrations(house.session, house.fund)
    first = rows[0]
    assert (first["kind"], first["of"], first["held"]) == (
        "borrower",
        f"{loan.number}, {waiting.number}",
        lempiras("8000.00"),
    )
    assert (first["percent"], first["limit"], first["ceiling"]) == ("8.0", "10", lempiras("10000.00"))
    chain = next(row for row in rows if row["kind"] == "chain")
    assert (chain["percent"], chain["limit"], chain["exceeds"]) == ("100.0", None, False)


def test_the_report_names_the_resolution_whose_borrower_is_beyond_the_limit(house: House):
    loan = house.disbursed("9000.00")
    told = {one["rule"]: one for one in report(house.session, house.fund, clock.today())["checks"]}["concentration"]
    assert (told["state"], told["examined"]) == ("kept", 1)
    assert "art. 20" in told["source"]
    loan.outstanding_principal = 20_000_00
    house.session.flush()
    told = {one["rule"]: one for one in report(house.session, house.fund, clock.today())["checks"]}["concentration"]
    assert [one["what"] for one in told["findings"]] == ["beyond_borrower"]


def test_an_enterprise_that_is_no_longer_known_counts_by_itself(house: House):
    loan = house.disbursed("6000.00")
    house.session.delete(house.session.get_one(CopyEnterprise, loan.enterprise_id))
    house.session.flush()
    assert concentrations(house.session, house.fund)[0]["held"] == lempiras("6000.00")


def test_the_table_is_for_who_reads_the_books_of_the_whole_fund(build_house, client):
    house, _ = build_house(lambda house: house.disbursed("6000.00"), **limits())
    path = f"/funds/{house.fund.id}/concentration"
    assert client.get(CASHIER, path).body["items"][0]["percent"] == "6.0"
    assert client.get(TECHNICIAN, path).status == 403
    from shared.testing import person

    part = person("cashier", scope="HN1709", subject="part", name="Parte")
    assert client.get(part, path).status == 403
    assert client.get(OFFICER, path).status == 200


def test_where_the_regulations_set_no_limit_nothing_is_refused(session: Any):
    plain = House.build(session)
    assert plain.approved("20000.00").state == "approved"
    assert detail(plain.session, plain.submitted("20000.00"))["concentration"] == []
