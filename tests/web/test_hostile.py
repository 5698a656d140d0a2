"""The hostile corpus against the sample service: refused clearly, nothing changed, nobody called."""

import json
import re
import time
from collections.abc import Iterator
from io import BytesIO
from uuid import uuid4

import pytest
from werkzeug.wrappers import Response

from services.portal.models import SignInAttempts
from shared.identity import ROLES
from shared.web import Operation
from tests.portal.conftest import Portal, built
from tests.web.attack import Attack, path_of, send, wrong_with
from tests.web.conftest import Fair
from tests.web.corpus import Hostile, cases_of, cursor, raw_bodies, tokens
from tests.web.sample import ROOT, new_stall, places, stalls

OPERATIONS = [*stalls.operations, *places.operations]


@pytest.fixture(scope="module")
def fair(standing_fair: Fair) -> Fair:
    standing_fair.register()
    standing_fair.register(name="Café de altura", municipality="SV0521")
    return standing_fair


@pytest.fixture
def attack(fair: Fair) -> Attack:
    return Attack(fair.app, fair.database, ROOT, fair.headers(*ROLES))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_hostile_request_is_refused_clearly_and_changes_nothing(attack: Attack, operation: Operation):
    attack.try_all(operation, cases_of(operation))
    assert not attack.fallen, "\n".join(attack.fallen)


def test_the_corpus_is_large_enough_and_names_each_case_once():
    for operation in OPERATIONS:
        names = [case.name for case in cases_of(operation) if case.pointer is None]
        assert sorted(names) == sorted(set(names))
    assert len({case.name for operation in OPERATIONS for case in cases_of(operation)}) >= 60


def test_no_hostile_body_takes_long(attack: Attack):
    register = next(operation for operation in OPERATIONS if operation.name == "stalls.register_stall")
    slow = []
    for case in raw_bodies():
        begun = time.process_time()
        send(attack.app, "POST", ROOT + path_of(register), case, attack.headers)
        if (spent := time.process_time() - begun) > 5:
            slow.append((case.name, spent))
    assert slow == []


@pytest.mark.parametrize(("what", "value"), tokens(), ids=[what for what, _ in tokens()])
def test_a_token_of_nobody_is_refused_with_401(attack: Attack, what: str, value: str):
    case = Hostile(what, body=b"{}", headers={"Authorization": value}, statuses=(401,))
    response = send(attack.app, "POST", f"{ROOT}/stalls", case, {})
    assert wrong_with(response, case) is None
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/nothing/here", (404,)),
        ("/stalls/", (404,)),
        ("//stalls", (404,)),
        ("/stalls//by-size", (404,)),
        ("/stalls/not-an-id", (404,)),
        ("/stalls/0191e8f0-0000-7000-8000-00000000000g", (404,)),
        ("/stalls/../../../etc/passwd", (404,)),
        ("/stalls/%2e%2e%2f", (404,)),
        ("/places/a\0b", (422,)),
        ("/places/a\u202eb", (422,)),
        ("/places/\udcff\udcfe", (400,)),
        ("/places/" + "a" * 100_000, (404, 414, 422)),
        ("/places/' OR 1=1 --", (404,)),
        ("/places/%s%n", (404,)),
        ("/places/{0.__class__}", (404,)),
    ],
)
def test_a_hostile_path_is_refused(attack: Attack, path: str, statuses: tuple[int, ...]):
    case = Hostile(path, statuses=statuses)
    assert wrong_with(send(attack.app, "GET", ROOT + path, case, attack.headers), case) is None


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "GET\r\nX: y", "get", ""])
def test_a_method_that_is_not_declared_is_405(attack: Attack, method: str):
    response = send(attack.app, method, f"{ROOT}/stalls/count", Hostile("method"), attack.headers)
    assert response.status_code in {400, 405}
    assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-HTTP-Method": "DELETE"},
        {"X-Original-URL": "/internal/events"},
        {"X-Rewrite-URL": "/internal/events"},
        {"Range": "bytes=0-1,2-3,4-5"},
        {"If-Match": '"7"'},
        {"If-Match": "garbage"},
        {"If-Modified-Since": "not a day"},
        {"If-None-Match": 'W/"' + "9" * 50_000},
        {"Accept-Language": "es;q=" + "9" * 50_000},
        {"Accept-Language": ",;,;" * 20_000},
        {"Accept-Language": "\x00\x01"},
        {"Accept": "text/html;q=nan"},
        {"traceparent": "00-" + "0" * 32 + "-" + "0" * 16 + "-01"},
        {"traceparent": "\u0085" * 500},
        {"Cookie": "session=" + "A" * 50_000},
        {"Expect": "100-continue"},
    ],
    ids=lambda headers: f"{next(iter(headers.items()))}"[:50],
)
def test_a_strange_header_changes_nothing_about_reading(attack: Attack, fair: Fair, headers: dict[str, str]):
    stall = fair.client().get(f"{ROOT}/stalls?limit=1", headers=attack.headers).json["items"][0]
    stalls_before = fair.stalls()
    response = send(
        attack.app, "GET", f"{ROOT}/stalls/{stall['id']}", Hostile("header", headers=headers), attack.headers
    )
    assert response.status_code == 200
    assert response.get_json() == stall
    assert "evil" not in str(response.headers)
    assert fair.stalls() == stalls_before


@pytest.mark.parametrize("length", ["5", "0", "", "-5", "1_3", "9" * 30, "5, 5"])
def test_a_length_that_is_not_the_bodys_changes_nothing_about_reading(attack: Attack, fair: Fair, length: str):
    """WSGI tells the length apart from the headers."""
    stall = fair.client().get(f"{ROOT}/stalls?limit=1", headers=attack.headers).json["items"][0]
    case = Hostile("length", body=b"", environ={"CONTENT_LENGTH": length})
    response = send(attack.app, "GET", f"{ROOT}/stalls/{stall['id']}", case, attack.headers)
    assert response.status_code == 200
    assert response.get_json() == stall


@pytest.fixture(scope="module")
def portal_behind_a_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Whose portal believes what the gateway forwards: here the gateway itself is hostile, or is not there."""
    with built("sqlite", tmp_path_factory.mktemp("portal"), CSEM_TRUSTED_PROXIES="1") as portal:
        yield portal


FORWARDED = [
    *({"X-Forwarded-For": told} for told in (
        "' OR 1=1 --", "", ", ,", "unknown", "9" * 50_000, "192.0.2.1, evil.example", "\x00\x01", "\u0085", "[::1]:80",
        "::ffff:192.0.2.1", "fe80::1%evil", "2001:db8::1", "999.1.1.1",
    )),
    *({"X-Forwarded-Proto": told} for told in ("javascript", "", "https, javascript", "evil.example://", "\x00")),
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Port": "99999"},
    {"X-Forwarded-Prefix": "/evil"},
    {"Forwarded": "for=192.0.2.1;host=evil.example;proto=javascript"},
]  # fmt: skip


@pytest.mark.parametrize("forwarded", FORWARDED, ids=lambda headers: f"{next(iter(headers.items()))}"[:50])
def test_what_a_gateway_forwards_reaches_no_page_and_opens_no_door(
    portal_behind_a_gateway: Portal, forwarded: dict[str, str]
):
    web = portal_behind_a_gateway.web
    calm = send(web, "GET", "/sign-in", Hostile("calm"), {})
    page = send(web, "GET", "/sign-in", Hostile("forwarded", headers=forwarded), {})
    assert page.status_code == calm.status_code == 200
    assert without_token(page) == without_token(calm)
    assert "evil" not in str(page.headers)
    home = send(web, "GET", "/", Hostile("forwarded", headers=forwarded), {})
    assert (home.status_code, home.location) == (303, "/sign-in")
    wrong = Hostile("token", body=credentials(f"n{uuid4().hex}"), headers=forwarded)
    refused = send(web, "POST", "/api/portal/v1/tokens", wrong, {})
    assert (refused.status_code, refused.mimetype) == (401, "application/problem+json")


def test_attempts_are_counted_for_the_address_that_the_gateway_names(portal_behind_a_gateway: Portal):
    """Whatever else the caller writes before it: she cannot choose an address for each attempt."""

    def attempt(forwarded: str) -> int:
        case = Hostile("token", body=credentials("rosa"), headers={"X-Forwarded-For": forwarded})
        return send(portal_behind_a_gateway.web, "POST", "/api/portal/v1/tokens", case, {}).status_code

    assert [attempt(f"203.0.113.{n}, 192.0.2.9") for n in range(SignInAttempts.limits["pair"])] == [
        401
    ] * SignInAttempts.limits["pair"]
    assert attempt("203.0.113.99, 192.0.2.9") == 429
    assert attempt("192.0.2.10") == 401


def credentials(username: str) -> bytes:
    return json.dumps({"username": username, "password": "guess-guess"}).encode()


def without_token(page: Response) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page.get_data(as_text=True))


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:99999", "a b", "[::1", "", "x" * 10_000, "a\u0000b", "@"]
)
def test_the_host_header_reaches_no_answer(attack: Attack, host: str):
    for path in (f"{ROOT}/stalls", f"{ROOT}//stalls", "/", f"{ROOT}/stalls?limit=1"):
        case = Hostile("host", environ={"HTTP_HOST": host})
        response = send(attack.app, "GET", path, case, attack.headers)
        assert response.status_code < 500
        assert "evil" not in str(response.headers) + response.get_data(as_text=True)
        assert response.status_code == 200 or response.mimetype == "application/problem+json"


def test_a_cursor_of_another_list_is_refused_or_a_place_in_this_one(attack: Attack, fair: Fair):
    listed = fair.client().get(f"{ROOT}/stalls/by-size?limit=1", headers=attack.headers)
    foreign = listed.headers["Link"].partition("after=")[2].partition(">")[0]
    answer = fair.client().get(f"{ROOT}/stalls?after={foreign}", headers=attack.headers)
    assert (answer.status_code, answer.json["code"]) == (422, "query.cursor")


@pytest.mark.parametrize("seats", [0, 2**31 - 1, -(2**31)])
def test_a_cursor_at_the_edge_of_the_column_is_a_place_in_the_list(fair: Fair, seats: int):
    forged = cursor([seats, "x", "2026-11-07", "0191e8f0000070008000000000000000"])
    answer = fair.client().get(f"{ROOT}/stalls/by-size?after={forged}", headers=fair.headers())
    assert answer.status_code == 200


# A body that is refused while it is read leaves its temporary file to the garbage collector, which closes it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_chunked_upload_ends_at_the_limit(attack: Attack):
    path = f"{ROOT}/stalls/0191e8f0-0000-7000-8000-000000000000/photos"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    chunked = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    for size, status in [(100_000, 201), (100_001, 413), (400_000, 413)]:
        body = part + b"x" * size + b"\r\n--b--\r\n"
        case = Hostile("upload", body=body, media_type="multipart/form-data; boundary=b", environ=chunked)
        assert send(attack.app, "POST", path, case, attack.headers).status_code == status


def test_a_file_name_is_only_its_last_part(fair: Fair):
    for given, kept in [("../../etc/passwd", "passwd"), (r"C:\\Users\\x\\a.csv", "a.csv"), ("ñandú.csv", "ñandú.csv")]:
        answer = fair.client().post(
            f"{ROOT}/stalls/0191e8f0-0000-7000-8000-000000000000/photos",
            data={"file": (BytesIO(b"x"), given)},
            headers=fair.headers("technician"),
        )
        assert (answer.status_code, answer.json["name"]) == (201, kept)


def test_a_file_name_cannot_break_out_of_its_header(fair: Fair):
    stall = fair.register()
    answer = fair.client().get(f"{ROOT}/stalls/{stall['id']}/sign", headers=fair.headers())
    assert "X-Evil" not in answer.headers
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''r%C3%B3tulo")


def test_an_answer_names_at_most_100_mistakes(fair: Fair):
    body = json.dumps({f"f{n}": n for n in range(5_000)})
    answer = fair.client().post(f"{ROOT}/stalls", data=body, content_type="application/json", headers=fair.headers())
    assert len(answer.json["errors"]) == 100


def test_a_json_pointer_escapes_what_the_client_called_its_field(fair: Fair):
    answer = fair.client().post(f"{ROOT}/stalls", json=new_stall(**{"a/b~c": 1}), headers=fair.headers())
    assert [error["pointer"] for error in answer.json["errors"]] == ["/a~1b~0c"]
