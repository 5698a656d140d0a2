"""What the others hear of an enterprise: levels, sales of a year, markets and trade, and never a name."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.registry.codes import sales_of_year
from services.registry.use_cases.announce import announce_inventory
from services.registry.work import Directly
from shared.bus.tables import event_log
from shared.events.registry import SalesOfYear
from shared.identity import Caller
from shared.kernel import Money
from tests.registry.house import House, enterprise
from tests.registry.test_profiles import STRONG, profiled
from tests.registry.test_whole_enterprise import TRADE, changed, step
from tests.registry.test_withdrawal import withdraw

LATER = ("profile", "sales", "markets", "trade", "formalization")


def heard(house: House, enterprise_id: str) -> list[dict[str, Any]]:
    every = [data["facts"] for _, data in house.events() if "facts" in data]
    return [facts for facts in every if facts["enterprise_id"] == enterprise_id]


def announce(house: House) -> tuple[int, int]:
    database = house.database
    return announce_inventory(Directly(Caller.operator("prueba"), database.transaction, database.reading))


def lempiras(text: str) -> Money:
    return Money.parse(text, "HNL")


@pytest.mark.parametrize(
    ("sales", "band", "expected"),
    [
        (None, None, None),
        ("0.00", None, ("0.00", "0.00")),
        ("9600.00", None, ("38400.00", "115200.00")),
        ("9600.01", "very_low", ("115200.00", "300000.00")),
        (None, "low", ("38400.00", "115200.00")),
        ("64000.01", None, ("768000.00", None)),
        (None, "no such band", None),
    ],
)
def test_sales_are_told_as_the_limits_of_a_year(sales: str | None, band: str | None, expected: Any) -> None:
    told = sales_of_year(None if sales is None else lempiras(sales), band, "HNL")
    if expected is None:
        assert told is None
    else:
        low, high = expected
        assert told == SalesOfYear(low=lempiras(low), high=None if high is None else lempiras(high))


def test_what_an_enterprise_sells_where_and_to_whom_is_told_without_a_name_or_a_word(house: House) -> None:
    mill = house.register(name="Molino", owner=enterprise()["owner"] | {"id_kind": None, "id_number": None})
    shown = house.register(sales={"amount": "12500.00", "currency": "HNL"})
    bought = {"side": "supplier", "kind": "enterprise", "enterprise_id": mill["id"], "share": 30, "product": "Harina"}
    partners = [bought, TRADE["partners"][1], TRADE["partners"][2]]
    assert changed(house, shown["id"], {**TRADE, "partners": partners}).status_code == 200
    assert step(house, shown["id"], "municipal_licence", state="under_way").status_code == 200
    profiled(house, shown["id"], STRONG | {"scaling": 1})

    told = heard(house, shown["id"])[-1]

    assert told["sales"]["low"] == {"amount": "115200.00", "currency": "HNL"}, "the band of 12,500 in a month"
    assert told["sales"]["high"] == {"amount": "300000.00", "currency": "HNL"}
    assert told["markets"] == ["export", "municipality"]
    assert told["trade"] == [
        {"side": "supplier", "kind": "enterprise", "enterprise_id": mill["id"], "share": 30},
        {"side": "supplier", "kind": "shop", "enterprise_id": None, "share": 40},
        {"side": "buyer", "kind": "consumers", "enterprise_id": None, "share": 100},
    ]
    assert told["formalization"] == {"municipal_licence": "under_way"}
    assert (told["profile"]["quality"], told["profile"]["scaling"]) == (3, 1)
    assert all(word not in str(house.events()) for word in ("Agroservicio", "Vecinas", "Harina", "12500"))


def test_who_withdraws_leaves_no_level_no_sales_and_no_trade_in_the_log(house: House) -> None:
    shown = house.register()
    changed(house, shown["id"], TRADE)
    profiled(house, shown["id"])
    assert heard(house, shown["id"])[-1]["profile"]["credit"] == 3
    withdraw(house, shown["owners"][0]["id"])

    events = heard(house, shown["id"])

    assert len(events) >= 4
    assert not any(facts[name] for facts in events for name in ("profile", "sales", "trade"))


def test_what_was_captured_before_is_told_once_and_only_where_it_is_news(house: House) -> None:
    old, new = house.register(), house.register(name="Otra", owner=enterprise()["owner"] | {"id_number": None})
    profiled(house, old["id"])
    _forget_what_came_later(house, old["id"])

    assert announce(house) == (2, 1)

    told = heard(house, old["id"])
    assert all(name not in told[0] for name in LATER)
    assert told[-1]["profile"]["market"] == 3
    assert told[-1]["sales"] is not None
    assert len(heard(house, new["id"])) == 1
    assert announce(house) == (2, 0), "once more it tells nothing"
    assert heard(house, old["id"]) == told


def test_nothing_is_told_anew_of_who_withdrew_and_of_an_empty_inventory(house: House) -> None:
    assert announce(house) == (0, 0)
    shown = house.register()
    withdraw(house, shown["owners"][0]["id"])
    before = house.events()
    assert announce(house) == (1, 0)
    assert house.events() == before


def _forget_what_came_later(house: House, enterprise_id: str) -> None:
    """Have the log say of this enterprise what an older release would have said."""
    with house.database.transaction() as session:
        mine = event_log.c.subject == UUID(enterprise_id)
        for row in session.execute(select(event_log.c.seq, event_log.c.data).where(mine)).all():
            facts = {name: value for name, value in row.data["facts"].items() if name not in LATER}
            session.execute(update(event_log).where(event_log.c.seq == row.seq).values(data={"facts": facts}))
