"""Tokens for scripts and the keys to verify them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from services.portal.use_cases.change_account import reset_password
from shared.kernel import clock
from tests.portal.conftest import PASSWORD, SETUP, Portal


def _ask(portal: Portal, username: Any = "maria", password: Any = PASSWORD, **more: Any) -> Any:
    client = portal.web.test_client()
    return client.post("/api/portal/v1/tokens", json={"username": username, "password": password, **more})


def test_a_script_gets_a_token_that_speaks_for_the_person(portal: Portal) -> None:
    account_id = portal.open("maria", "coordinator", "trainer", units=("HN17",), name="María Zelaya")
    answer = _ask(portal)
    assert answer.status_code == 201
    assert answer.json["token_type"] == "Bearer"
    assert answer.headers["Cache-Control"] == "no-store"
    caller = portal.keys["credit"].verify(answer.json["access_token"])
    assert (caller.subject, caller.name) == (str(account_id), "María Zelaya")
    assert caller.roles == {"coordinator", "trainer"}
    assert caller.scope.covers("HN1709")
    assert not caller.scope.covers("HN06")


def test_the_published_keys_verify_the_token(portal: Portal) -> None:
    portal.open("maria", "coordinator")
    answer = portal.web.test_client().get("/.well-known/jwks.json")
    assert answer.content_type == "application/jwk-set+json"
    assert {key["kty"] for key in answer.json["keys"]} == {"OKP"}
    assert not [key for key in answer.json["keys"] if "d" in key], "a private key is published"
    claims = jwt.decode(
        _ask(portal).json["access_token"], KeySet.import_key_set(answer.json), algorithms=["Ed25519"]
    ).claims
    assert claims["roles"] == ["coordinator"]
    assert claims["exp"] - claims["iat"] == 900


@pytest.mark.parametrize(("username", "password"), [("maria", "wrong-wrong-wrong"), ("nobody", PASSWORD)])
def test_every_wrong_sign_in_is_refused_alike(portal: Portal, username: str, password: str) -> None:
    portal.open("maria", "coordinator")
    answer = _ask(portal, username, password)
    assert answer.status_code == 401
    assert answer.json["code"] == "sign_in.refused"


def test_after_five_wrong_ones_one_waits_and_is_told_how_long(portal: Portal) -> None:
    portal.open("maria", "coordinator")
    for _ in range(5):
        _ask(portal, password="wrong-wrong-wrong")
    answer = _ask(portal)
    assert (answer.status_code, answer.json["code"]) == (429, "sign_in.throttled")
    assert answer.headers["Retry-After"] == "900"
    with clock.frozen(clock.now() + timedelta(minutes=15, seconds=1)):
        assert _ask(portal).status_code == 201


def test_a_temporary_password_gives_no_token(portal: Portal) -> None:
    account_id = portal.open("maria", "coordinator")
    with portal.database.transaction() as session:
        _, first = reset_password(session, SETUP, account_id=account_id)
    assert _ask(portal, password=first).json["code"] == "sign_in.change_password_first"


@pytest.mark.parametrize(
    "body",
    [
        {"username": 1},
        {"password": None},
        {"username": ["maria"]},
        {"username": "maria\u0000"},
        {"username": "m" * 61},
        {"password": "p" * 201},
        {"extra": 1},
    ],
)
def test_a_malformed_question_is_refused_before_anything_is_counted(portal: Portal, body: dict[str, Any]) -> None:
    portal.open("maria", "coordinator")
    for _ in range(7):
        assert _ask(portal, **body).status_code == 422
    assert _ask(portal).status_code == 201


def test_every_operation_of_the_portal_says_who_may_call_it(portal: Portal) -> None:
    public = [operation.name for operation in portal.web.extensions["operations"] if operation.public]
    assert public == ["tokens.issue_token"]


def test_the_openapi_document_is_complete(make_portal: Callable[..., Portal]) -> None:
    document = make_portal().web.test_client().get("/api/portal/v1/openapi.json").json
    assert {"/api/portal/v1/tokens", "/api/portal/v1/accounts", "/api/portal/v1/people"} <= set(document["paths"])
