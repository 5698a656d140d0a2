"""Registries whose records are out of the ordinary, and what comes of exporting one and bringing it back."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.registry.exchange.formats import FORMATS
from services.registry.queries.canonical import digest
from services.registry.use_cases.export_inventory import stream
from shared.identity import Caller
from shared.testing import database_of, keyrings
from tests.registry.house import COORDINATOR, House, enterprise, open_house
from tests.registry.own_form import document

KINDS = tuple(FORMATS)
OWN_FORM = json.dumps([document()]).encode()
ODD = (
    '=HYPERLINK("http://x")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "'ya con apóstrofo",
    '\'json:"no"',
    "n/a",
    "coma, punto; y «comillas» \"dobles\" 'simples'",
    "línea uno\nlínea dos\r\ny \rtres\tcon tabulador",
    "  con espacios  ",
    "🧀 quesillo ñandú 漢字 \ue000",
    "_x0041_ y _x005F_x0041_",
    "007",
    "1e5",
    "true",
    "<b>&amp;</b>",
)


def furnish(house: House) -> list[str]:
    """Records by hand that hold everything a record can, and one from our own form; the ids of those by hand."""
    house.territory.snapped_m = 312.4
    house.report(OWN_FORM, caller=COORDINATOR)
    house.territory.snapped_m = None
    ids = []
    for number, text in enumerate(ODD):
        made = house.register(caller=COORDINATOR, **_odd(number, text))
        ids.append(made["id"])
    whole(house, ids[0], ids[1])
    return ids


def _odd(number: int, text: str) -> dict[str, Any]:
    body = enterprise(name=text, products=[{"name": text, "unit": text[:80]}])
    owner = body["owner"] | {"given_names": text, "surnames": text, "id_number": f"1709-1980-{number:05}"}
    body["owner"] = owner
    if number % 3 == 0:
        body["point"] = None
    if number % 4 == 1:
        body["point"] = {"lon": -87.447000000000003, "lat": 13.1 + number / 7, "accuracy_m": 0.1 + 0.2, "source": "map"}
    return body


def whole(house: House, enterprise_id: str, other: str) -> None:
    """Everything that the team can say of one record."""
    path = f"/enterprises/{enterprise_id}"
    version = house.call("GET", path).json["version"]
    changes = {
        "ownership": "group",
        "address": "Barrio «El Centro», casa 3;\nfrente a la pila",
        "jobs": {"women_paid": 2, "women_unpaid": 3, "men_paid": 1, "men_unpaid": 0},
        "sales": {"amount": "12500.07", "currency": "HNL"},
        "sales_band": "low",
        "markets": ["municipality", "export"],
        "chain": "honey",
        "activity": "1050",
        "assets": [{"kind": "tools", "text": '=2 ollas, "grandes"'}, {"kind": "animals", "text": "4 vacas 🐄"}],
        "products": [
            {
                "name": "Queso",
                "unit": "libra",
                "price": {"amount": "60.05", "currency": "HNL"},
                "volume": 0.30000000000000004,
                "period": "month",
                "months": [1, 2, 12],
            },
            {"name": "Crema", "volume": 3, "period": "year"},
        ],
        "partners": [
            {"side": "supplier", "kind": "enterprise", "enterprise_id": other, "share": 40, "product": "Leche"},
            {"side": "buyer", "kind": "shop", "name": "-Pulpería, «La 8»", "share": 100},
        ],
    }
    changed = house.call("PATCH", path, version=version, json=changes)
    assert changed.status_code == 200, changed.json
    for step, body in (
        ("tax_id", {"state": "done", "on": "2025-02-03", "number": "0801-1990/1234"}),
        ("municipal_licence", {"state": "under_way"}),
    ):
        version = house.call("GET", path).json["version"]
        done = house.call("PUT", f"{path}/formalization/{step}", version=version, json=body)
        assert done.status_code == 200, done.json
    version = house.call("GET", path).json["version"]
    seen = {"state": "validated", "evidence": "visit", "on": "2026-11-02"}
    checked = house.call("POST", f"{path}/validation", version=version, json=seen)
    assert checked.status_code == 200, checked.json
    second = enterprise()["owner"] | {
        "given_names": "Segunda",
        "id_number": "1709-1980-99999",
        "languages": ["spa", "quc"],
        "other_phone": "+504 2222-3333",
        "schooling": "technical",
        "dependants": 4,
        "children_under_6": 0,
        "others_in_care": 1,
        "care_hours": 30,
        "head_of_household": False,
        "people": "tolupan",
        "difficulties": dict.fromkeys(
            ("seeing", "hearing", "walking", "remembering", "self_care", "communicating"), "some"
        )
        | {"walking": "cannot"},
    }
    joined = house.call("POST", f"{path}/owners", json={"owner": second})
    assert joined.status_code == 201, joined.json
    _answer(house, joined.json["owners"][0]["id"])
    # Of the second, one more enterprise, and a document that is right although it looks wrong.
    woman = joined.json["owners"][1]["id"]
    again = house.call("POST", "/enterprises", json=_of_known(woman))
    assert again.status_code == 201, again.json
    _confirm(house, again.json["owners"][0]["id"])


def _answer(house: House, woman: str) -> None:
    for purpose, granted, day in (
        ("map", True, "2026-03-05"),
        ("map", False, "2026-03-06"),
        ("photos", True, "2026-04-01"),
    ):
        body = {"purpose": purpose, "granted": granted, "given_on": day, "channel": "phone"}
        assert house.call("POST", f"/entrepreneurs/{woman}/consents", json=body).status_code < 300


def _of_known(woman: str) -> dict[str, Any]:
    body = enterprise(name="La otra", municipality="HN1701", owner_id=woman)
    del body["owner"]
    return body


def _confirm(house: House, woman: str) -> None:
    version = house.call("GET", f"/entrepreneurs/{woman}").json["version"]
    wrong = house.call(
        "PATCH", f"/entrepreneurs/{woman}", version=version, json={"id_kind": "dni", "id_number": "0000-1980-00123"}
    )
    assert wrong.status_code == 200, wrong.json
    body = {"because": "Se vio el original,\ncon sello."}
    confirmed = house.call(
        "PUT", f"/entrepreneurs/{woman}/document-confirmation", version=wrong.json["version"], json=body
    )
    assert confirmed.status_code == 200, confirmed.json


def digest_of(house: House) -> str:
    """What the registry says, whatever its keys."""
    with house.database.transaction() as session:
        return digest(session, house.context.sealer)


def exported(house: House, kind: str, caller: Caller = COORDINATOR, **filters: Any) -> bytes:
    """The file of an export, written in this process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{kind}"
        with house.database.reading() as session:
            stream(session, caller, house.context.sealer, filters, kind, path)
        return path.read_bytes()


@contextmanager
def empty_house(folder: Path) -> Iterator[House]:
    """Another registry, of other keys, without a record."""
    with tempfile.TemporaryDirectory(dir=folder) as home:
        keys = keyrings(Path(home) / "keys")
        with database_of("registry", Path(home), "sqlite") as database:
            opened = open_house(database, keys, Path(home))
            yield opened
            opened.database.dispose()
