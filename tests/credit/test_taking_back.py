"""An edition that was adopted for a day to come can be taken back before it begins; it is kept, and decides nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.credit.models import TakenBackEdition, regulations_in_force
from services.credit.queries import instruments
from services.credit.use_cases.keep_instruments import take_back_regulations
from shared import history
from shared.kernel import NotFound, Refused, clock
from tests.credit.house import COORDINATOR, OFFICER, TODAY, House, adopt, product
from tests.credit.test_instruments_cli import run  # noqa: F401 - a fixture

NEXT = date(2026, 4, 1)


@pytest.fixture
def house(session: Session) -> House:
    return House.build(session)


def take_back(house: House, regulations_id: Any) -> TakenBackEdition:
    return take_back_regulations(
        house.session, COORDINATOR, fund_id=house.fund.id, regulations_id=regulations_id, reason="Un error en la tasa"
    )


def test_what_was_taken_back_never_begins_and_is_kept_with_its_reason(house: House):
    wrong = adopt(house.session, house.fund, NEXT, products=product(annual_rate="81"))
    kept = take_back(house, wrong.id)
    assert (kept.edition, kept.valid_from, kept.reason) == (2, NEXT, "Un error en la tasa")
    assert kept.parameters["products"][0]["annual_rate"] == "81"
    right = adopt(house.session, house.fund, NEXT, products=product(annual_rate="12"))
    assert right.edition == 3, "its number is not given again"
    with clock.frozen(TODAY + timedelta(days=40)):
        assert regulations_in_force(house.session, house.fund.id, clock.today()).edition == 3
    assert [one.edition for one in instruments.taken_back(house.session, house.fund)] == [2]
    told = history.of(house.session, house.fund.id)
    assert [row["action"] for row in told][-2:] == ["take_back_regulations", "adopt_regulations"]
    with pytest.raises(NotFound):
        take_back(house, wrong.id)


def test_an_edition_that_has_begun_is_not_taken_back(house: House):
    edition = adopt(house.session, house.fund, NEXT)
    with clock.frozen(TODAY + timedelta(days=27)):
        assert clock.today() == NEXT
        with pytest.raises(Refused) as found:
            take_back(house, edition.id)
    assert found.value.code == "regulations.begun"
    assert found.value.facts == {"edition": 2, "since": NEXT}


def test_the_api_takes_it_back_and_lists_it(build_house, client):
    house, edition = build_house(lambda house: adopt(house.session, house.fund, NEXT).id)
    path = f"/funds/{house.fund.id}/regulations/{edition}/taking-back"
    assert client.post(OFFICER, path, {"reason": "x"}).status == 403
    done = client.post(COORDINATOR, path, {"reason": "Un error"})
    assert (done.status, done.body["edition"], done.body["reason"]) == (201, 2, "Un error")
    [row] = client.get(OFFICER, f"/funds/{house.fund.id}/taken-back-editions").body["items"]
    assert (row["valid_from"], row["taken_back_by_name"]) == ("2026-04-01", COORDINATOR.name)
    assert client.post(COORDINATOR, path, {"reason": "Un error"}).status == 404


def test_an_operator_takes_it_back(build_house, run):  # noqa: F811
    build_house(lambda house: adopt(house.session, house.fund, NEXT).id)
    said = run("regulations", "take-back", "FON", "2", "--reason", "Un error")
    assert "edition 2 is taken back" in said.output
