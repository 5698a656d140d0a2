"""Studies made with universities: what they found, what they cover, and how they are found."""

import io
from typing import Any

import pytest

from shared.testing import person
from tests.registry.house import TECHNICIAN, House
from tests.registry.test_institutions import ELSEWHERE, FONSECA, PDF, institution, made, refusal
from tests.registry.test_withdrawal import withdraw


def university(house: House, **changes: Any) -> str:
    told = institution(kind="university", name="Universidad de Prueba", unit="HN17") | changes
    found: str = made(house, "/institutions", told)["id"]
    return found


def study(institution_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "title": "Comercialización del marañón",
        "subject": "Por qué se vende sin procesar",
        "method": "Entrevistas y talleres",
        "findings": "Falta un centro de acopio",
        "institution_id": institution_id,
        "team": [{"name": "Dra. Supuesta Modelo", "task": "Dirección"}],
        "begins_on": "2025-02-01",
        "ends_on": "2026-06-30",
        "municipalities": ["HN1709"],
    } | changes


def send(house: House, study_id: str, content: bytes) -> Any:
    form = {"file": (io.BytesIO(content), "informe.pdf")}
    path = f"/studies/{study_id}/files"
    return house.call("POST", path, TECHNICIAN, data=form, content_type="multipart/form-data")


def test_a_study_is_found_by_words_without_accents_by_place_year_and_institution(house: House) -> None:
    one, other = university(house), university(house, name="Otra universidad")
    found = made(house, "/studies", study(one), TECHNICIAN)
    made(
        house,
        "/studies",
        study(other, title="Turismo", team=[], findings=None, begins_on="2020-01-01", ends_on="2020-12-31"),
    )

    def ids(query: str) -> list[str]:
        return [row["id"] for row in house.call("GET", f"/studies?{query}").json["items"]]

    for query in ("q=comercializacion maranon", "q=acopio", "q=dra supuesta", "year=2026", f"institution_id={one}"):
        assert ids(query) == [found["id"]], query
    assert len(ids("q=universidad&place=HN17")) == 2
    assert ids("place=HN06") == ids("year=2021") == ids("q=café") == []
    assert refusal(house.call("GET", "/studies?place=HN9999")) == (422, "municipality.unknown")


def test_a_study_covers_records_once_each(house: House) -> None:
    found, enterprise = made(house, "/studies", study(university(house))), house.register()
    path = f"/studies/{found['id']}/records"
    body = {"enterprise_id": enterprise["id"]}
    assert house.call("POST", path, TECHNICIAN, json=body).json["records"] == 1
    assert refusal(house.call("POST", path, TECHNICIAN, json=body)) == (409, "study.covers_already")
    assert [row["enterprise_id"] for row in house.call("GET", path).json["items"]] == [enterprise["id"]]
    of_her = house.call("GET", f"/studies?enterprise_id={enterprise['id']}").json["items"]
    assert [row["id"] for row in of_her] == [found["id"]]
    withdraw(house, enterprise["owners"][0]["id"])
    [row] = house.call("GET", path).json["items"]
    assert (row["enterprise_name"], row["active"]) == ("", False)
    version = house.call("GET", f"/studies/{found['id']}").json["version"]
    gone = house.call("DELETE", f"{path}/{enterprise['id']}", version=version).json
    assert gone["records"] == 0
    again = house.call("DELETE", f"{path}/{enterprise['id']}", version=gone["version"])
    assert refusal(again) == (404, "study.does_not_cover")


def test_a_study_is_put_right_and_keeps_its_files(house: House) -> None:
    where = university(house)
    found = made(house, "/studies", study(where))
    path = f"/studies/{found['id']}"
    body = study(where, team=[], municipalities=["HN1706", "HN1709"], ends_on=None)
    changed = house.call("PUT", path, TECHNICIAN, version=found["version"], json=body).json
    assert (changed["team"], changed["ends_on"], len(changed["municipality_names"])) == ([], None, 2)
    assert refusal(house.call("PUT", path, version=found["version"], json=body)) == (412, "changed_meanwhile")
    assert refusal(send(house, found["id"], b"MZ")) == (422, "material.unknown_kind")
    kept = send(house, found["id"], PDF).json
    file = f"{path}/files/{kept['files'][0]['id']}"
    assert house.call("GET", file, person("auditor")).data == PDF
    assert house.call("DELETE", file, version=kept["version"]).json["files"] == []
    assert refusal(house.call("GET", file)) == (404, "file.unknown")
    assert refusal(house.call("DELETE", file, version=kept["version"] + 1)) == (404, "file.unknown")


def test_a_study_keeps_so_many_files_and_no_more(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.registry.models.undertaking.MOST_FILES", 0)
    found = made(sqlite_house, "/studies", study(university(sqlite_house)))
    assert refusal(send(sqlite_house, found["id"], PDF)) == (409, "study.files_full")


def test_what_cannot_be_is_refused_and_a_study_is_of_who_works_there(sqlite_house: House) -> None:
    where = university(sqlite_house)
    for changes, code in (
        ({"ends_on": "2025-01-01"}, "study.ends_before"),
        ({"municipalities": ["HN9999"]}, "municipality.unknown"),
    ):
        assert refusal(sqlite_house.call("POST", "/studies", json=study(where, **changes))) == (422, code)
    missing = "0191e8f0-de30-7000-8000-000000000000"
    unknown = sqlite_house.call("POST", "/studies", json=study(missing))
    assert refusal(unknown) == (404, "institution.unknown")
    found = made(sqlite_house, "/studies", study(where))
    assert refusal(sqlite_house.call("GET", f"/studies/{found['id']}", ELSEWHERE)) == (403, "permission.outside_scope")
    assert sqlite_house.call("GET", "/studies", ELSEWHERE).json["items"] == []
    outside = sqlite_house.call("POST", "/studies", FONSECA, json=study(where, municipalities=["HN0607"]))
    assert refusal(outside) == (403, "permission.outside_scope")
    assert refusal(sqlite_house.call("GET", f"/studies/{missing}")) == (404, "study.unknown")
    assert sqlite_house.call("GET", "/studies", person("leda_viewer")).status_code == 403
