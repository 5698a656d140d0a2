"""Administration of accounts: through the pages and through the API, and who is who for other services."""

from typing import Any
from uuid import UUID

import pytest

from services.portal import queries
from shared import history
from shared.identity import Caller, Scope
from shared.testing import person
from tests.portal.conftest import Portal, text_of

NEW = {
    "username": "rosa.lopez",
    "name": "Rosa López",
    "centre": "CSEM Golfo de Fonseca",
    "roles": ["technician", "trainer"],
    "units": "HN17, hn06",
    "language": "es",
}


def first_password_in(page: str) -> str:
    return page.split("<strong>", 1)[1].split("</strong>", 1)[0]


def test_an_administrator_opens_an_account_and_tells_its_first_password(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    answer = browser.post("/accounts/new", NEW, page="/accounts/new")
    assert answer.status_code == 200
    password = first_password_in(answer.text)
    hers = portal.browser()
    assert hers.sign_in("rosa.lopez", password).status_code == 303
    assert hers.get("/").location == "/account/password"
    assert "Choluteca, Valle" in text_of(browser.get("/accounts"))


def test_a_territory_is_given_by_name_or_by_code(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    browser.post("/accounts/new", NEW | {"units": "valle; HN06 hn01"}, page="/accounts/new")
    with portal.database.reading() as session:
        page = queries.list_accounts(session, filters={"q": "rosa"}, limit=5, after=None)
    assert set(page.rows[0]["units"]) == {"HN17", "HN06", "HN01"}


def test_the_list_of_what_is_wrong_names_every_field(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    page = browser.post("/accounts/new", NEW | {"name": "", "username": ""}, page="/accounts/new").text
    summary = page.split('class="errors"', 1)[1].split("</ul>", 1)[0]
    assert "Nombre completo: complete este dato." in summary
    assert "Nombre de usuaria: complete este dato." in summary
    assert "<!--errors-->" not in page


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"username": ""}, "username", "Complete este dato"),
        ({"username": "ñandú"}, "username", "de 3 a 60 letras minúsculas"),
        ({"username": "maria"}, "username", "Ya hay una cuenta"),
        ({"name": "  "}, "name", "Complete este dato"),
        ({"roles": []}, "roles", "Marque al menos una función"),
        ({"roles": ["service"]}, "roles", "La función service no existe"),
        ({"roles": ["queen"]}, "roles", "La función queen no existe"),
        ({"roles": ["committee_member"]}, "seat", "a quién representa"),
        ({"roles": ["committee_member"], "seat": "moon"}, "seat", "moon no existe"),
        ({"units": ""}, "units", "al menos un territorio"),
        ({"units": "HN99"}, "units", "HN99 no es un código oficial"),
        ({"units": "17"}, "units", "17 no es un código oficial"),
    ],
)
def test_a_form_that_is_not_right_says_so_beside_the_field_and_keeps_everything(
    portal: Portal, changed: dict[str, Any], field: str, said: str
) -> None:
    browser = portal.signed_in("admin")
    form = NEW | changed
    answer = browser.post("/accounts/new", form, page="/accounts/new")
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert f'href="#field-{field}"' in answer.text
    assert f'id="field-{field}"' in answer.text
    assert "<title>Error: " in answer.text
    for kept in (form["username"], form["name"].strip(), form["centre"], form["units"]):
        assert kept in answer.text
    for role in set(form["roles"]) & {"technician", "trainer"}:
        assert f'value="{role}" checked' in answer.text
    with portal.database.reading() as session:
        assert queries.count_accounts(session) == 1


def test_units_inside_others_are_left_out(portal: Portal) -> None:
    account_id = portal.open("ana", "technician", units=("HN17", "HN1709", "HN0601", "HN17"))
    with portal.database.reading() as session:
        assert queries.find_account(session, account_id)["units"] == ["HN0601", "HN17"]
    account_id = portal.open("eva", "technician", units=("HN17", "*"))
    with portal.database.reading() as session:
        assert queries.find_account(session, account_id)["units"] == ["*"]


def _change(portal: Portal, account_id: UUID, **changed: Any) -> dict[str, Any]:
    with portal.database.reading() as session:
        account = queries.find_account(session, account_id)
    form = {
        "name": account["name"],
        "centre": account["centre"],
        "roles": account["roles"],
        "units": " ".join(account["units"]),
        "active": "yes" if account["active"] else "",
        "version": str(account["version"]),
    }
    return form | changed


def test_a_change_counts_from_her_next_click(portal: Portal) -> None:
    hers = portal.signed_in("technician", username="rosa")
    with portal.database.reading() as session:
        rosa = UUID(str(queries.list_accounts(session, filters={"q": "rosa"}, limit=5, after=None).rows[0]["id"]))
    browser = portal.signed_in("admin")
    assert hers.get("/accounts").status_code == 403
    answer = browser.post(f"/accounts/{rosa}/change", _change(portal, rosa, roles=["technician", "admin"]), page="/")
    assert answer.status_code == 303
    assert hers.get("/accounts").status_code == 200
    page = text_of(browser.get(f"/accounts/{rosa}"))
    assert "Cambió la cuenta" in page
    assert "Funciones: Técnica de campo → Técnica de campo, Administradora" in page


def test_a_deactivated_account_is_out_at_once(portal: Portal) -> None:
    hers = portal.signed_in("technician", username="rosa")
    browser = portal.signed_in("admin")
    with portal.database.reading() as session:
        rosa = queries.list_accounts(session, filters={"q": "rosa"}, limit=5, after=None).rows[0]["id"]
    browser.post(f"/accounts/{rosa}/change", _change(portal, rosa, active=""), page="/")
    assert hers.get("/").status_code == 303
    assert hers.sign_in("rosa").status_code == 401


def test_a_change_on_an_old_version_is_refused_and_nothing_typed_is_lost(portal: Portal) -> None:
    rosa = portal.open("rosa", "technician")
    browser = portal.signed_in("admin")
    stale = _change(portal, rosa, name="Rosa Nueva")
    browser.post(f"/accounts/{rosa}/change", _change(portal, rosa, centre="ADEL Valle"), page="/")
    answer = browser.post(f"/accounts/{rosa}/change", stale, page="/")
    assert answer.status_code == 422
    assert "Otra persona lo cambió" in text_of(answer)
    assert "Rosa Nueva" in answer.text
    with portal.database.reading() as session:
        kept = queries.find_account(session, rosa)
    assert (kept["name"], kept["centre"]) == ("Rosa", "ADEL Valle")


@pytest.mark.parametrize("changed", [{"active": ""}, {"roles": ["auditor"]}])
def test_the_last_administrator_stays(portal: Portal, changed: dict[str, Any]) -> None:
    admin = portal.open("ana", "admin")
    browser = portal.browser()
    browser.sign_in("ana")
    answer = browser.post(f"/accounts/{admin}/change", _change(portal, admin, **changed), page="/")
    assert answer.status_code == 422
    assert "última cuenta activa de administración" in text_of(answer)
    assert browser.get("/accounts").status_code == 200


def test_a_new_temporary_password_ends_her_sessions_and_the_old_one(portal: Portal) -> None:
    hers = portal.signed_in("technician", username="rosa")
    with portal.database.reading() as session:
        rosa = queries.list_accounts(session, filters={"q": "rosa"}, limit=5, after=None).rows[0]["id"]
    browser = portal.signed_in("admin")
    answer = browser.post(f"/accounts/{rosa}/password", page=f"/accounts/{rosa}")
    assert hers.get("/").status_code == 303
    assert hers.sign_in("rosa").status_code == 401
    assert hers.sign_in("rosa", first_password_in(answer.text)).status_code == 303


def test_every_change_is_in_the_history_and_no_password_is(portal: Portal) -> None:
    rosa = portal.open("rosa", "technician")
    browser = portal.signed_in("admin")
    browser.post(f"/accounts/{rosa}/change", _change(portal, rosa, centre="ADEL"), page="/")
    browser.post(f"/accounts/{rosa}/password", page=f"/accounts/{rosa}")
    with portal.database.reading() as session:
        entries = history.of(session, rosa)
        assert history.broken_at(session, rosa) is None
    assert [entry["action"] for entry in entries] == ["open", "change", "reset_password"]
    assert "argon2" not in str(entries)


@pytest.mark.parametrize(
    "query", ["q=rosa", "role=technician", "active=no", "q=100%25", "q=_", "role=nonsense", "active=maybe"]
)
def test_the_list_filters(portal: Portal, query: str) -> None:
    portal.open("rosa", "technician")
    answer = portal.signed_in("admin", username="maria").get(f"/accounts?{query}")
    assert answer.status_code == 200
    shown = [name for name in ("Rosa", "Maria") if f">{name}</a>" in answer.text]
    expected = {"q=rosa": ["Rosa"], "role=technician": ["Rosa"], "active=no": [], "q=100%25": [], "q=_": []}
    assert shown == expected.get(query, ["Rosa", "Maria"])


def test_a_long_list_has_pages(portal: Portal) -> None:
    browser = portal.signed_in("admin")
    with portal.database.transaction() as session:
        from services.portal.models import Account
        from shared.kernel import clock

        for number in range(60):
            account = Account(
                username=f"u{number:03}",
                password_hash="",
                must_change_password=True,
                opened_at=clock.now(),
                language="es",
            )
            account.change(name=f"N{number}", roles=["trainer"], units=["HN"], centre="", seat=None, active=True)
            session.add(account)
    page = browser.get("/accounts?role=trainer").text
    following = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "role=trainer" in following
    last = browser.get(following).text
    assert last.count("/accounts/0") == 10
    assert 'rel="next"' not in last


# The API


def _body(**changed: Any) -> dict[str, Any]:
    return {"name": "Eva", "roles": ["trainer"], "units": ["HN17"], "centre": "", "seat": None} | changed


def test_the_api_opens_changes_and_shows_accounts(portal: Portal) -> None:
    portal.open("ana", "admin")
    client = portal.web.test_client()
    admin = portal.token(person("admin"))
    made = client.post("/api/portal/v1/accounts", json=_body(username="eva"), headers=admin)
    assert made.status_code == 201
    account = made.json
    assert account["must_change_password"] is True
    assert len(account["temporary_password"]) == 19
    put = client.put(
        f"/api/portal/v1/accounts/{account['id']}",
        json=_body(name="Eva María", active=True),
        headers=admin | {"If-Match": made.headers["ETag"]},
    )
    assert (put.status_code, put.json["name"], put.json["version"]) == (200, "Eva María", 2)
    stale = client.put(
        f"/api/portal/v1/accounts/{account['id']}",
        json=_body(active=True),
        headers=admin | {"If-Match": made.headers["ETag"]},
    )
    assert stale.status_code == 412
    listed = client.get("/api/portal/v1/accounts?q=eva", headers=admin).json
    assert [item["username"] for item in listed["items"]] == ["eva"]
    assert "password" not in str(listed).replace("must_change_password", "")
    shown = client.get(f"/api/portal/v1/accounts/{account['id']}", headers=admin)
    assert shown.headers["ETag"] == '"2"'
    reset = client.post(f"/api/portal/v1/accounts/{account['id']}/password", headers=admin)
    assert reset.status_code == 201
    assert reset.json["temporary_password"] != account["temporary_password"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"username": "Eva"}, "/username"),
        ({"username": "eva", "roles": ["service"]}, "/roles/0"),
        ({"username": "eva", "units": ["ZZ"]}, "/units"),
        ({"username": "eva", "admin": True}, "/admin"),
        ({"username": "eva", "name": 7}, "/name"),
    ],
)
def test_the_api_points_at_what_is_wrong(portal: Portal, changed: dict[str, Any], pointer: str) -> None:
    answer = portal.web.test_client().post(
        "/api/portal/v1/accounts", json=_body(**changed), headers=portal.token(person("admin"))
    )
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_only_administrators_change_accounts_and_auditors_read_them(portal: Portal) -> None:
    client = portal.web.test_client()
    for role in ("technician", "coordinator", "network_coordinator", "planner"):
        assert client.get("/api/portal/v1/accounts", headers=portal.token(person(role))).status_code == 403
    auditor = portal.token(person("auditor"))
    assert client.get("/api/portal/v1/accounts", headers=auditor).status_code == 200
    assert client.post("/api/portal/v1/accounts", json=_body(username="eva"), headers=auditor).status_code == 403


def test_people_are_found_by_those_who_work_in_the_same_territory(portal: Portal) -> None:
    portal.open("valle", "committee_member", units=("HN17",))
    portal.open("san.lorenzo", "committee_member", units=("HN1709",))
    portal.open("choluteca", "committee_member", units=("HN06",))
    portal.open("todo", "committee_member", units=("*",))
    portal.open("tecnica", "technician", units=("HN17",))
    client = portal.web.test_client()

    def found(scope: str) -> list[str]:
        caller = person("coordinator", scope=scope)
        answer = client.get("/api/portal/v1/people?role=committee_member", headers=portal.token(caller))
        return [item["name"] for item in answer.json["items"]]

    assert found("HN17") == ["San.Lorenzo", "Todo", "Valle"]
    assert found("HN1709") == ["San.Lorenzo", "Todo", "Valle"]
    assert found("HN") == ["Choluteca", "San.Lorenzo", "Todo", "Valle"]
    assert found("GT") == ["Todo"]


def test_a_service_learns_the_name_behind_an_id_and_where_she_works(portal: Portal) -> None:
    rosa = portal.open("rosa", "technician", name="Rosa López")
    client = portal.web.test_client()
    token = portal.keys["credit"].sign(Caller.service("credit"), seconds=60)
    answer = client.get(f"/api/portal/v1/people/{rosa}", headers={"Authorization": f"Bearer {token}"})
    assert answer.json == {
        "id": str(rosa),
        "name": "Rosa López",
        "roles": ["technician"],
        "units": ["*"],
        "centre": "",
        "seat": None,
        "active": True,
    }
    technician = Caller("x", "X", frozenset({"technician"}), Scope.of("*"))
    assert client.get(f"/api/portal/v1/people/{rosa}", headers=portal.token(technician)).status_code == 403
