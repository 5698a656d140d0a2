"""What the others hear of a fair, and the sums that leave the registry: never of few, never a row."""

from typing import Any

from sqlalchemy import select

from shared.bus.tables import event_log
from shared.identity import Caller
from shared.kernel import clock
from tests.registry.house import House
from tests.registry.test_fairs import AFTER, BEFORE, came, change, fair, invited
from tests.registry.test_institutions import made

SERVICE = Caller.service("training")


def told(house: House, kind: str) -> list[dict[str, Any]]:
    with house.database.reading() as session:
        wanted = select(event_log.c.data).where(event_log.c.type == f"org.csem.registry.{kind}.v1")
        return list(session.scalars(wanted.order_by(event_log.c.seq)))


def sums(house: House, fair_id: str, *named: str) -> list[dict[str, Any]]:
    answer = house.call("POST", f"/fairs/{fair_id}/sums", SERVICE, json={"enterprise_ids": list(named)})
    assert answer.status_code == 200, answer.json
    rows: list[dict[str, Any]] = answer.json["items"]
    return rows


def test_a_fair_is_told_when_it_is_announced_and_when_it_moves(house: House) -> None:
    with clock.frozen(BEFORE):
        found = made(house, "/fairs", fair())
        path = f"/fairs/{found['id']}"
        assert house.call("PUT", path, version=1, json=fair(venue="Otro parque")).status_code == 200
        version = house.call("GET", path).json["version"]
        moved = fair(begins_on="2026-03-12", ends_on="2026-03-12")
        assert house.call("PUT", path, version=version, json=moved).status_code == 200
    days = [(one["name"], one["begins_on"]) for one in told(house, "fair-planned")]
    assert days == [("Feria de la mujer de prueba", "2026-03-10"), ("Feria de la mujer de prueba", "2026-03-12")]


def test_each_step_of_a_stand_is_told_and_nothing_that_was_sold(house: House) -> None:
    with clock.frozen(BEFORE):
        found = made(house, "/fairs", fair())
        mistake = invited(house, found["id"])
        version = house.call("GET", f"/fair-stands/{mistake['id']}").json["version"]
        gone = house.call("DELETE", f"/fair-stands/{mistake['id']}", version=version)
        assert gone.status_code in {200, 204}
    stand = came(house, found["id"])
    news = told(house, "fair-stand-moved")
    assert [one["state"] for one in news] == ["invited", None, "invited", "confirmed", "took_part"]
    assert {tuple(sorted(one)) for one in news} == {("enterprise_id", "fair_id", "state")}
    assert news[-1]["enterprise_id"] == stand["enterprise_id"]
    change(house, stand, {"place": "B-2"})
    assert len(told(house, "fair-stand-moved")) == 5, "where a stand is concerns nobody else"


def test_sums_of_two_sides_are_told_where_each_has_five(house: House) -> None:
    with clock.frozen(BEFORE):
        found = made(house, "/fairs", fair())
    stands = [came(house, found["id"], f"{100 * number}.00") for number in range(1, 10)]
    ids = [stand["enterprise_id"] for stand in stands]
    with clock.frozen(AFTER):
        few = sums(house, found["id"], *ids[:5])
        assert [row["took_part"] for row in few] == [5, 4]
        assert {row[name] for row in few for name in ("sales", "sales_told", "orders", "contacts")} == {None}
    stands.append(came(house, found["id"], "1000.00"))
    with clock.frozen(AFTER):
        named, others = sums(house, found["id"], *ids[:5])
    assert (named["named"], named["sales"], named["orders"]) == (True, {"amount": "1500.00", "currency": "HNL"}, 15)
    assert (others["named"], others["sales"]["amount"], others["sales_told"]) == (False, "4000.00", 5)


def test_only_services_ask_for_sums(house: House) -> None:
    with clock.frozen(BEFORE):
        found = made(house, "/fairs", fair())
    answer = house.call("POST", f"/fairs/{found['id']}/sums", json={"enterprise_ids": []})
    assert answer.status_code == 403
