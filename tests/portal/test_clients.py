"""The thin clients: a person's token, the reader's language, refusals, and nobody at home."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask, Response, g, jsonify, request

from services.portal.clients import Away, Client, Problem, api, form_errors
from services.portal.frame import Form
from services.portal.frame.person import Person
from services.portal.models import Account
from tests.portal.conftest import Portal

PROBLEM = {
    "type": "urn:csem:problem:body.invalid_fields",
    "status": 422,
    "code": "body.invalid_fields",
    "title": "Hay que corregir",
    "detail": "Algunos campos necesitan corrección",
    "errors": [
        {"pointer": "/amount/amount", "code": "money.malformed", "detail": "Escriba un monto"},
        {"pointer": "/owners/0/phone", "code": "field.malformed", "detail": "Revise el teléfono"},
        {"pointer": "", "code": "application.too_late", "detail": "La sesión ya cerró"},
    ],
}


def _credit() -> Flask:
    app = Flask("toy")

    @app.route("/api/credit/v1/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def anything(rest: str) -> Any:
        if rest == "refused":
            return Response(jsonify(PROBLEM).data, 422, content_type="application/problem+json")
        if rest == "garbled":
            return Response("<h1>boom</h1>", 500)
        if rest == "gateway":
            return Response("bad gateway", 502)
        if rest == "nothing":
            return Response(status=204)
        if rest == "file":
            headers = {"Content-Disposition": "attachment; filename*=UTF-8''acta%20n%C2%BA1.pdf"}
            return Response(b"%PDF", headers=headers, content_type="application/pdf")
        told = {"rest": rest, "args": request.args.to_dict(), "headers": dict(request.headers), "items": [1]}
        response = jsonify(
            told | {"body": request.get_json(silent=True), "files": list(request.files), "form": request.form.to_dict()}
        )
        if rest == "list":
            response.headers["Link"] = '</api/credit/v1/list?limit=1&after=a%2Bb%3D>; rel="next"'
        return response

    return app


@pytest.fixture
def credit(portal: Portal) -> Iterator[Client]:
    """The client of a toy credit service, in the name of María, who reads English."""
    account_id = portal.open("maria", "coordinator", units=("HN17",))
    portal.apps["credit"] = _credit()
    with portal.web.test_request_context("/"):
        with portal.database.reading() as session:
            g.me = Person.of(session.get_one(Account, account_id))
        g.language = "en"
        yield api("credit")


def test_a_call_speaks_for_the_person_in_her_language_with_the_trace(credit: Client, portal: Portal) -> None:
    told = credit.get("/loans")["headers"]
    caller = portal.keys["credit"].verify(told["Authorization"].removeprefix("Bearer "))
    assert (caller.name, caller.roles) == ("Maria", {"coordinator"})
    assert told["Accept-Language"] == "en"
    assert told["Traceparent"].startswith("00-")


def test_the_portal_speaks_for_itself_on_public_pages(portal: Portal, credit: Client) -> None:
    del credit
    told = api("credit", as_portal=True).get("/loans")["headers"]
    assert portal.keys["credit"].verify(told["Authorization"].removeprefix("Bearer ")).roles == {"service"}


@pytest.mark.parametrize("path", ["/map-links/../map", "/..", "/./map"])
def test_no_part_of_an_address_leads_out_of_where_it_stands(credit: Client, path: str) -> None:
    for call in (credit.get, credit.file, credit.streamed):
        with pytest.raises(Problem) as refused:
            call(path)
        assert refused.value.status == 404


@pytest.mark.parametrize("part", ["a?unit=HN17", "a#b", "%2e%2e", "a b"])
def test_a_part_of_an_address_is_never_read_as_anything_else(credit: Client, part: str) -> None:
    told = credit.get(f"/loans/{part}")

    assert told["args"] == {}
    assert told["rest"] == f"loans/{part}"


def test_parameters_left_empty_are_left_out(credit: Client) -> None:
    told = credit.get(
        "/loans", {"q": "", "state": None, "late": True, "chain": ["honey", "dairy"], "none": [], "zero": 0}
    )
    assert told["args"] == {"late": "true", "chain": "honey,dairy", "zero": "0"}


def test_a_list_tells_its_rows_and_the_next_cursor(credit: Client) -> None:
    answer = credit.get("/list")
    assert (answer.rows, answer.next) == ([1], "a+b=")
    assert credit.get("/loans").next is None


def test_changes_carry_their_version_and_money_its_key(credit: Client) -> None:
    assert credit.put("/loans/1", {"a": 1}, version=3)["headers"]["If-Match"] == '"3"'
    assert credit.patch("/loans/1", {"a": 1}, version="4")["headers"]["If-Match"] == '"4"'
    assert credit.delete("/loans/1", version=5)["headers"]["If-Match"] == '"5"'
    told = credit.post("/repayments", {"a": 1}, key="k" * 20)
    assert (told["headers"]["Idempotency-Key"], told["body"]) == ("k" * 20, {"a": 1})
    assert "Idempotency-Key" not in credit.post("/votes", {})["headers"]


def test_files_go_and_come(credit: Client) -> None:
    told = credit.upload(
        "/imports", name="campo.xlsx", content=b"PK", media_type="application/zip", fields={"dry_run": "yes"}
    )
    assert (told["files"], told["form"]) == (["file"], {"dry_run": "yes"})
    taken = credit.file("/file")
    assert (taken.content, taken.media_type, taken.name) == (b"%PDF", "application/pdf", "acta nº1.pdf")


def test_an_answer_without_content_is_empty(credit: Client) -> None:
    assert credit.post("/nothing") == {}


def said(_code: str, detail: str, _facts: Mapping[str, Any]) -> str:
    return detail


def test_a_refusal_comes_as_a_problem_with_its_sentences(credit: Client) -> None:
    with pytest.raises(Problem) as refused:
        credit.post("/refused", {})
    problem = refused.value
    assert (problem.status, problem.code, problem.title) == (422, "body.invalid_fields", "Hay que corregir")
    assert form_errors(problem, said) == {
        "amount": "Escriba un monto",
        "owners-0-phone": "Revise el teléfono",
        "": "La sesión ya cerró",
    }


def test_a_refusal_without_fields_belongs_to_the_form(credit: Client) -> None:
    del credit
    assert form_errors(Problem(409, "committee.no_quorum", title="No", detail="Faltan tres"), said) == {
        "": "Faltan tres"
    }


def test_people_read_no_codes_where_programs_do(portal: Portal) -> None:
    told = [
        {"pointer": "/purpose", "code": "field.not_a_choice", "detail": "Elija uno de: working_capital, equipment."},
        {"pointer": "/paid_on", "code": "field.not_day", "detail": "Se espera un día, como AAAA-MM-DD."},
        {"pointer": "/visits", "code": "field.list_size", "detail": "…", "facts": {"minimum": 1, "maximum": 3}},
        {"pointer": "/name", "code": "enterprise.unheard", "detail": "Solo la API sabe decir esto."},
    ]
    form = Form()
    with portal.web.test_request_context():
        g.language = "es"
        form.refused(Problem(422, "body.invalid_fields", errors=told))
    assert form.errors == {
        "purpose": "Elija una opción de la lista.",
        "paid_on": "Elija un día que exista en el calendario.",
        "visits": "Elija de 1 a 3.",
        "name": "Solo la API sabe decir esto.",
    }


def test_what_is_no_problem_document_is_a_problem_all_the_same(credit: Client) -> None:
    with pytest.raises(Problem) as refused:
        credit.get("/garbled")
    assert (refused.value.status, refused.value.code) == (500, "http.500")


@pytest.mark.parametrize("path", ["/gateway"])
def test_a_gateway_without_its_service_is_away(credit: Client, path: str) -> None:
    with pytest.raises(Away):
        credit.get(path)


def test_a_service_that_nobody_runs_is_away(credit: Client) -> None:
    del credit
    with pytest.raises(Away) as away:
        api("training").get("/groups")
    assert (away.value.status, away.value.service) == (503, "training")


def test_a_form_takes_a_refusal_over_and_renames_its_fields(credit: Client) -> None:
    form = Form({"amount": "12"})
    with pytest.raises(Problem) as refused:
        credit.post("/refused", {})
    form.refused(refused.value, amount="how_much")
    assert form.errors["how_much"] == "Write the amount in figures only, for example 1,250.00."
    assert form.text("amount") == "12"


@pytest.mark.parametrize("status", [401, 500, 503])
def test_a_form_lets_pass_what_is_not_about_it(status: int) -> None:
    with pytest.raises(Problem):
        Form().refused(Problem(status, "x.y"))
