"""Centres, institutions and agreements: who writes them, who reads them, what expires, the signed paper."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.registry.rules.institutions import around, is_pdf, standing
from shared.kernel import clock
from shared.testing import person
from tests.registry.house import COORDINATOR, TECHNICIAN, House

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
FONSECA = person("coordinator", scope="HN17", subject="coordinadora-fonseca")
ELSEWHERE = person("coordinator", scope="GT01", subject="otra")


def institution(**changes: Any) -> dict[str, Any]:
    contact = {"office": "Unidad de la Mujer", "role": "Ventanilla", "phone": "+504 2780-0000"}
    return {
        "name": "Municipalidad de prueba",
        "kind": "municipality",
        "unit": "HN1709",
        "address": None,
        "contacts": [contact],
    } | changes


def centre(**changes: Any) -> dict[str, Any]:
    member = {"subject": "tecnica", "name": "Técnica de prueba", "task": "Inventario"}
    return {
        "name": "CSEM de prueba",
        "country": "HN",
        "host_id": None,
        "municipalities": ["HN1709", "HN1706"],
        "team": [member],
    } | changes


def agreement(**changes: Any) -> dict[str, Any]:
    return {
        "purpose": "Local y visitas conjuntas",
        "signed_on": "2026-01-15",
        "valid_from": "2026-02-01",
        "valid_until": "2026-12-31",
        "centre_id": None,
    } | changes


def made(house: House, path: str, body: dict[str, Any], caller: Any = COORDINATOR) -> dict[str, Any]:
    answer = house.call("POST", path, caller, json=body)
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def send(house: House, agreement_id: str, content: bytes, caller: Any = COORDINATOR) -> Any:
    form = {"file": (io.BytesIO(content), "convenio.pdf")}
    path = f"/agreements/{agreement_id}/file"
    return house.call("POST", path, caller, data=form, content_type="multipart/form-data")


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


@pytest.mark.parametrize(
    ("until", "told"),
    [(None, "in_force"), (61, "in_force"), (60, "expiring"), (0, "expiring"), (-1, "over")],
)
def test_an_agreement_that_ends_within_sixty_days_is_expiring(until: int | None, told: str) -> None:
    today = date(2026, 3, 2)
    end = None if until is None else today + timedelta(days=until)
    assert standing(today - timedelta(days=100), end, today) == told
    assert standing(today + timedelta(days=1), end, today) == "future"


def test_what_holds_a_municipality_is_around_it() -> None:
    assert around({"HN1709", "SV"}) == {"HN", "HN17"}
    assert around({"*"}) == set()


def test_a_centre_has_its_host_its_coverage_its_team_and_its_agreements(house: House) -> None:
    host = made(house, "/institutions", institution(kind="leda", unit="HN17", name="ADEL de prueba"))
    opened = made(house, "/centres", centre(host_id=host["id"]))
    assert (opened["currency"], opened["host_name"]) == ("HNL", "ADEL de prueba")
    assert (
        opened["municipality_names"] == ["Goascorán, Valle", "San Lorenzo, Valle"]
        or len(opened["municipality_names"]) == 2
    )
    made(house, f"/institutions/{host['id']}/agreements", agreement(centre_id=opened["id"]))
    with clock.frozen(datetime(2026, 11, 30, 18, tzinfo=UTC)):
        shown = house.call("GET", f"/centres/{opened['id']}", person("technician", scope="HN17")).json
    assert [(a["institution_name"], a["standing"]) for a in shown["agreements"]] == [("ADEL de prueba", "expiring")]
    assert shown["team"] == [{"subject": "tecnica", "name": "Técnica de prueba", "task": "Inventario"}]
    body = centre(municipalities=["HN1709"], team=[])
    changed = house.call("PUT", f"/centres/{opened['id']}", version=opened["version"], json=body).json
    assert (changed["municipalities"], changed["team"], changed["host_id"]) == (["HN1709"], [], None)
    stale = house.call("PUT", f"/centres/{opened['id']}", version=opened["version"], json=body)
    assert refusal(stale) == (412, "changed_meanwhile")


def test_coordinators_write_and_the_team_reads(sqlite_house: House) -> None:
    made(sqlite_house, "/institutions", institution())
    for path, body in (("/institutions", institution()), ("/centres", centre())):
        refused = sqlite_house.call("POST", path, TECHNICIAN, json=body)
        assert refusal(refused) == (403, "permission.role_missing")
        assert sqlite_house.call("GET", path, TECHNICIAN).status_code == 200


def test_an_institution_is_of_who_works_in_its_place_or_in_a_part_of_it(house: House) -> None:
    town = made(house, "/institutions", institution())
    ministry = made(house, "/institutions", institution(kind="ministry", unit="HN", name="Ministerio"))
    names = [row["name"] for row in house.call("GET", "/institutions", FONSECA).json["items"]]
    assert names == ["Ministerio", "Municipalidad de prueba"]
    assert house.call("GET", "/institutions", ELSEWHERE).json["items"] == []
    for found in (town, ministry):
        path = f"/institutions/{found['id']}"
        assert refusal(house.call("GET", path, ELSEWHERE)) == (403, "permission.outside_scope")
        refused = house.call("PUT", path, ELSEWHERE, version=found["version"], json=institution())
        assert refusal(refused) == (403, "permission.outside_scope")
    moved = house.call(
        "PUT", f"/institutions/{town['id']}", FONSECA, version=town["version"], json=institution(unit="GT0101")
    )
    assert refusal(moved) == (403, "permission.outside_scope")
    kinds = house.call("GET", "/institutions?kind=ministry").json["items"]
    assert [row["id"] for row in kinds] == [ministry["id"]]


def test_a_centre_grows_only_within_the_territory_of_who_says_so(house: House) -> None:
    opened = made(house, "/centres", centre(municipalities=["HN1709", "HN0607"]))
    path, version = f"/centres/{opened['id']}", opened["version"]
    kept = centre(municipalities=["HN0607", "HN1706", "HN1709"], name="Otro nombre")
    assert house.call("PUT", path, FONSECA, version=version, json=kept).status_code == 200
    version = house.call("GET", path).json["version"]
    for codes in (["HN1709"], ["HN0607", "HN0608", "HN1709"]):
        refused = house.call("PUT", path, FONSECA, version=version, json=centre(municipalities=codes))
        assert refusal(refused) == (403, "permission.outside_scope")
    assert refusal(house.call("GET", path, ELSEWHERE)) == (403, "permission.outside_scope")
    assert house.call("GET", "/centres", ELSEWHERE).json["items"] == []


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/institutions", institution(unit="HN9999"), "municipality.unknown"),
        ("/institutions", institution(kind="church"), "body.invalid_fields"),
        ("/centres", centre(municipalities=["HN9999"]), "municipality.unknown"),
        ("/centres", centre(municipalities=["SV1423"]), "centre.of_another_country"),
        ("/centres", centre(municipalities=[]), "body.invalid_fields"),
    ],
)
def test_what_cannot_be_is_refused(sqlite_house: House, path: str, body: dict[str, Any], code: str) -> None:
    assert refusal(sqlite_house.call("POST", path, json=body)) == (422, code)


def test_an_agreement_ends_after_it_begins(sqlite_house: House) -> None:
    found = made(sqlite_house, "/institutions", institution())
    path = f"/institutions/{found['id']}/agreements"
    refused = sqlite_house.call("POST", path, json=agreement(valid_until="2026-01-31"))
    assert refusal(refused) == (422, "agreement.ends_before")
    signed = made(sqlite_house, path, agreement())
    longer = sqlite_house.call(
        "PUT", f"/agreements/{signed['id']}", version=signed["version"], json=agreement(valid_until=None)
    ).json
    assert longer["valid_until"] is None
    assert sqlite_house.call("GET", f"/institutions/{found['id']}").json["agreements"] == [longer]


def test_the_signed_paper_is_a_pdf_that_the_team_reads(house: House) -> None:
    found = made(house, "/institutions", institution())
    signed = made(house, f"/institutions/{found['id']}/agreements", agreement())
    path = f"/agreements/{signed['id']}/file"
    assert refusal(house.call("GET", path)) == (404, "agreement.without_file")
    for content in (b"<html></html>", PDF[:20], b"PK\x03\x04"):
        assert refusal(send(house, signed["id"], content)) == (422, "agreement.not_a_pdf")
    assert send(house, signed["id"], PDF).json["has_file"]
    assert refusal(send(house, signed["id"], PDF, TECHNICIAN)) == (403, "permission.role_missing")
    assert refusal(send(house, signed["id"], PDF, ELSEWHERE)) == (403, "permission.outside_scope")
    answer = house.call("GET", path, TECHNICIAN)
    assert (answer.data, answer.content_type) == (PDF, "application/pdf")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert house.call("GET", path, person("leda_viewer")).status_code == 403
    assert refusal(house.call("GET", path, ELSEWHERE)) == (403, "permission.outside_scope")
    again = PDF.replace(b"1.7", b"1.6")
    send(house, signed["id"], again)
    assert house.call("GET", path).data == again
    assert is_pdf(again)
