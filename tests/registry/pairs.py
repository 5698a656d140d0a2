"""One invented woman written into the inventory twice, and what people do about it."""

from typing import Any

from services.registry import duplicates
from services.registry.queries import canonical
from shared.identity import Caller
from shared.kernel import clock
from tests.registry.house import COORDINATOR, TECHNICIAN, House, enterprise

SECOND = {
    "given_names": "Maria Ficticia",
    "surnames": "Imbentada Prueba",
    "id_kind": "dni",
    "id_number": "1709-1980-00123",
    "born_on": "1980-05-17",
    "phone": "98765432",
    "other_phone": "22334455",
    "consents": {"registry": True, "credit": False, "map": False, "given_on": "2026-02-01", "channel": "phone"},
}


def search(house: House, **options: Any) -> dict[str, Any]:
    return duplicates.search(house.directly(), house.context.sealer, **options)


def twice(house: House, **second: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Her two records, as the API shows the enterprise of each; the first is validated."""
    one = house.register(caller=COORDINATOR)
    step = {"state": "validated", "evidence": "visit", "on": clock.today().isoformat()}
    answer = house.call("POST", f"/enterprises/{one['id']}/validation", version=one["version"], json=step)
    assert answer.status_code == 200, answer.json
    validated = house.call("GET", f"/enterprises/{one['id']}")
    body = {"name": "Quesillos Esperanza", "address": "Barrio El Centro", "owner": SECOND, "needs": ["market"]}
    other = house.register(**(body | second))
    search(house)
    return validated.json, other


def pair_of(house: House, caller: Caller = COORDINATOR) -> dict[str, Any]:
    """The first pair of the queue."""
    rows = house.call("GET", "/duplicates", caller).json["items"]
    shown: dict[str, Any] = house.call("GET", f"/duplicates/{rows[0]['id']}", caller).json
    return shown


def merge(house: House, pair: dict[str, Any], *, together: bool = True, **changes: Any) -> Any:
    """The answer to a merge into the preferred record; the enterprises become one too."""
    compared = pair["comparisons"] if together else []
    body = {
        "survivor_id": pair[pair["preferred"] or "one"]["id"],
        "enterprises": [{"one_id": one["one_id"], "other_id": one["other_id"]} for one in compared],
        "one_version": pair["one"]["version"],
        "other_version": pair["other"]["version"],
    }
    caller = changes.pop("caller", COORDINATOR)
    version = changes.pop("version", pair["version"])
    return house.call("POST", f"/duplicates/{pair['id']}/merge", caller, version=version, json=body | changes)


def undo(house: House, made: dict[str, Any], caller: Caller = COORDINATOR) -> Any:
    return house.call("POST", f"/duplicates/merges/{made['id']}/undo", caller, version=made["version"])


def digest(house: House) -> str:
    with house.database.transaction() as session:
        return canonical.digest(session)


__all__ = ["COORDINATOR", "SECOND", "TECHNICIAN", "digest", "enterprise", "merge", "pair_of", "search", "twice", "undo"]
