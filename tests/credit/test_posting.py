"""What a repayment that is posted asks of the database, and what it answers."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from shared.kernel import clock
from tests.credit.client import Client
from tests.credit.house import CASHIER, TODAY

_FEW = 22
"""With the claim on its key and the answer that is kept; later ones of a day write one position less."""


@pytest.fixture
def sent(service) -> Iterator[list[str]]:
    """The statements that the service sends to its database."""
    noted: list[str] = []

    def note(*given: Any) -> None:
        if not given[2].startswith("BEGIN"):
            noted.append(given[2])

    event.listen(service.database.engine, "before_cursor_execute", note)
    yield noted
    event.remove(service.database.engine, "before_cursor_execute", note)


def posted(client: Client, loan: Any, amount: str = "1.00") -> Any:
    told = {"amount": amount, "currency": "HNL"}
    body = {"amount": told, "paid_on": clock.today().isoformat(), "channel": "cash"}
    answer = client.post(CASHIER, f"/loans/{loan.id}/repayments", body)
    assert answer.status == 201, answer.content
    return answer.body


def test_a_repayment_asks_no_more_of_the_database_after_many_payments(build_house, client, sent):
    _, loan = build_house(lambda house: house.disbursed("1000.00"))
    counted = []
    for days in range(1, 5):
        with clock.frozen(TODAY + timedelta(days=days)):
            sent.clear()
            posted(client, loan)
            counted.append(len(sent))
            assert not [one for one in sent if "FROM repayment" in one], "no earlier payment is read"
    begins_the_receipts, *others = counted
    assert 10 < begins_the_receipts <= _FEW + 1
    assert others == [others[0]] * 3
    assert others[0] <= _FEW


def test_nothing_is_changed_before_everything_is_read_that_could_refuse_it(build_house, client, sent):
    _, loan = build_house(lambda house: house.disbursed("1000.00"))
    sent.clear()
    posted(client, loan)
    changes = [place for place, one in enumerate(sent) if not one.startswith("SELECT") and "idempotency" not in one]
    read = [place for place, one in enumerate(sent) if one.startswith("SELECT") and "history" not in one]
    assert max(read) < min(changes)
    assert len([one for one in sent if one.startswith("UPDATE loan SET")]) == 1


def test_a_repayment_is_answered_as_it_is_shown(build_house, client):
    _, loan = build_house(lambda house: house.disbursed("1000.00"))
    first, second = posted(client, loan), posted(client, loan, "250.00")
    assert client.get(CASHIER, f"/repayments/{second['id']}").body == second
    assert first["reversible"], "nothing came after it then"
    assert client.get(CASHIER, f"/repayments/{first['id']}").body == first | {"reversible": False}
