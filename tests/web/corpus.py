"""Hostile requests: each must be refused with a clear 4xx problem document and change nothing.

The cases know nothing of one service: they are made from an operation's own declaration, so that every operation of
every service can be tried with them.
"""

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from uuid import uuid4

from marshmallow import Schema

from shared.web import Operation, fields

RLO, ZERO_WIDTH, BOM, TAG = "\u202e", "\u200b", "\ufeff", "\U000e0041"
JSON = "application/json"


@dataclass(frozen=True)
class Hostile:
    """One request and the statuses that refuse it rightly."""

    name: str
    query: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    media_type: str | None = JSON
    path: str | None = None
    statuses: tuple[int, ...] = (422,)
    environ: dict[str, Any] = field(default_factory=dict)
    pointer: str | None = None
    """The field that the answer must name."""


def _body(name: str, body: bytes, *statuses: int, media_type: str = JSON, **headers: str) -> Hostile:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Hostile(name, headers=named, body=body, media_type=media_type, statuses=statuses or (422,))


@cache
def raw_bodies() -> list[Hostile]:
    """Bodies that no operation takes, whatever its schema."""
    plain = b'{"name": "x"}'
    return [
        _body("an empty body", b""),
        _body("half an object", b'{"name": "x'),
        _body("undecodable bytes", b'{"name": "\xff\xfe"}'),
        _body("an overlong UTF-8 form", b'{"name": "\xc0\xaf"}'),
        _body("a surrogate in UTF-8 bytes", b'{"name": "\xed\xa0\x80"}'),
        _body("a lone surrogate", rb'{"name": "\ud800"}'),
        _body("a lone surrogate as a key", rb'{"\udfff": 1}'),
        _body("a lone surrogate as a repeated key", rb'{"\ud800": 1, "\ud800": 2}'),
        _body("an escaped NUL", rb'{"name": "a\u0000b"}'),
        _body("a raw NUL", b'{"name": "a\x00b"}'),
        _body("a NUL as a key", rb'{"\u0000": 1}'),
        _body("an escape sequence of a terminal", rb'{"name": "\u001b[2Jx"}'),
        _body("a zero-width space", f'{{"name": "a{ZERO_WIDTH}b"}}'.encode()),
        _body("a right-to-left override", f'{{"name": "a{RLO}b"}}'.encode()),
        _body("an Arabic letter mark", '{"name": "a\u061cb"}'.encode()),
        _body("a soft hyphen", '{"name": "a\u00adb"}'.encode()),
        _body("a Hangul filler", '{"name": "\u3164"}'.encode()),
        _body("invisible tag characters", f'{{"name": "a{TAG}b"}}'.encode()),
        _body("a replacement character left by a broken import", '{"name": "Intibuc\ufffd"}'.encode()),
        _body("a noncharacter", '{"name": "a\uffffb"}'.encode()),
        _body("a byte order mark", BOM.encode() + plain),
        _body("UTF-16", plain.decode().encode("utf-16")),
        _body("UTF-32", plain.decode().encode("utf-32")),
        _body("UTF-16 that says so", plain.decode().encode("utf-16"), 415, 422, media_type=f"{JSON}; charset=utf-16"),
        _body("UTF-7 that says so", plain, 415, media_type=f"{JSON}; charset=utf-7"),
        _body("a repeated key", b'{"name": "x", "name": "y"}'),
        _body("a repeated key, once escaped", rb'{"name": "x", "n\u0061me": "y"}'),
        _body("a repeated key far inside", b'{"a": [{"b": {"c": 1, "c": 1}}]}'),
        _body("33 levels of lists", b"[" * 33 + b"]" * 33),
        _body("100,000 levels of lists", b"[" * 100_000 + b"]" * 100_000),
        _body("100,000 levels of objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        _body("100,000 levels never closed", b"[" * 100_000),
        _body("brackets behind an open quotation mark", b'"' + b"[" * 900_000),
        _body("a quotation mark that is escaped for ever", b'"' + b'\\"' * 450_000),
        _body("900,000 quotation marks", b'"' * 900_000),
        _body("a text of 10,001 characters", json.dumps({"name": "x" * 10_001}).encode()),
        _body("a key of 10,001 characters", json.dumps({"k" * 10_001: 1}).encode()),
        _body("a number of 5,000 digits", b'{"name": ' + b"9" * 5_000 + b"}"),
        _body("a number of 1,000 digits", b'{"name": ' + b"9" * 1_000 + b"}"),
        _body("1e400", b'{"name": 1e400}'),
        _body("-1e400", b'{"name": -1e400}'),
        _body("NaN", b'{"name": NaN}'),
        _body("Infinity", b'{"name": -Infinity}'),
        _body("a number with a plus", b'{"name": +1}'),
        _body("a number with leading zeros", b'{"name": 007}'),
        _body("single quotation marks", b"{'name': 'x'}"),
        _body("a comment", b'{"name": "x"} // a comment'),
        _body("a trailing comma", b'{"name": "x",}'),
        _body("two values", b"{}{}"),
        _body("a list for an object", b"[]"),
        _body("a text for an object", b'"x"'),
        _body("a number for an object", b"1"),
        _body("null for an object", b"null"),
        _body("true for an object", b"true"),
        _body("an unknown field", b'{"__proto__": {"admin": true}}'),
        _body("a field of the inside of the program", b'{"__class__": "x", "version": 99, "id": "x"}'),
        _body("50,000 unknown fields", json.dumps({f"f{n}": n for n in range(50_000)}).encode()),
        _body("a body of 2 MB", b'{"name": "' + b"x" * 2_000_000 + b'"}', 413),
        _body("no content type", plain, 415, media_type=""),
        _body("a form", b"name=x", 415, media_type="application/x-www-form-urlencoded"),
        _body("a text", plain, 415, media_type="text/plain"),
        _body("two content types", plain, 415, media_type=f"{JSON}, text/plain"),
        _body("XML with an outside entity", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 415,
              media_type="application/xml"),
        _body("a pickle", base64.b64decode("gASVDAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOULg=="), 415,
              media_type="application/octet-stream"),
        _body("a compressed body", gzip.compress(plain), 415, Content_Encoding="gzip"),
        _body("a plain body that says it is compressed", plain, 415, Content_Encoding="gzip"),
        _body("a compression bomb", gzip.compress(b"[" * 50_000_000, 1), 415, Content_Encoding="gzip"),
        Hostile("a chunked body of 2 MB", body=b'{"name": "' + b"x" * 2_000_000 + b'"}', statuses=(413,),
                environ={"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}),
        Hostile("a body shorter than it says", body=plain, statuses=(400, 422), environ={"CONTENT_LENGTH": "900"}),
        Hostile("a length that is no number", body=plain, statuses=(400, 415, 422), environ={"CONTENT_LENGTH": "1_3"}),
        Hostile("a negative length", body=plain, statuses=(400, 415, 422), environ={"CONTENT_LENGTH": "-5"}),
    ]  # fmt: skip


def queries() -> list[Hostile]:
    """Query strings that no operation takes."""
    return [
        Hostile("undecodable bytes in a parameter", query=b"q=%ff%fe", statuses=(400, 422)),
        Hostile("raw bytes in the query string", query=b"q=\xff\xfe", statuses=(400, 422)),
        Hostile("a NUL in a parameter", query=b"q=a%00b"),
        Hostile("a NUL in a name", query=b"q%00=a"),
        Hostile("a right-to-left override in a parameter", query=b"q=%e2%80%ae"),
        Hostile("an unknown parameter", query=b"no_such_parameter=1"),
        Hostile("a filter on the inside", query=b"password_hash__startswith=a"),
        Hostile("a sort with SQL in it", query=b"sort=id;DROP%20TABLE%20stall--"),
        Hostile("a method override", query=b"_method=DELETE"),
        Hostile("a query of 300,000 characters", query=b"q=" + b"a" * 300_000, statuses=(414, 422)),
        Hostile("50,000 parameters", query=b"&".join(b"p%d=1" % n for n in range(50_000)), statuses=(414, 422)),
    ]


PAGED = [
    ("a limit of zero", "limit=0"),
    ("a limit of 201", "limit=201"),
    ("a negative limit", "limit=-1"),
    ("a limit with an underscore", "limit=1_0"),
    ("a limit in full-width digits", "limit=%EF%BC%91"),
    ("a limit in Arabic digits", "limit=%D9%A1"),
    ("a limit with a space", "limit=%2010"),
    ("an endless limit", "limit=" + "9" * 4_000),
    ("two limits", "limit=1&limit=200"),
    ("an empty limit", "limit="),
    ("two cursors", "after=W10&after=W10"),
    ("a cursor that is no base64", "after=%21%21%21"),
    ("a cursor that is not ASCII", "after=%C3%B1"),
    ("a cursor with a NUL", "after=%00"),
    ("a cursor of 1,001 characters", "after=" + "W" * 1_001),
    ("a cursor 1,000 levels deep", "after=" + "W1tb" * 240),
]

FORGED = [
    [],
    [1],
    [None, None],
    [None] * 4,
    [True, False],
    [{}, []],
    [[1], [2]],
    [5, 5],
    ["", ""],
    ["2026-11-07", str(uuid4())],
    ["2026-11-07T00:00:00", uuid4().hex],
    ["0001-01-01T00:00:00+23:59", uuid4().hex],
    ["9999-12-31T23:59:59-23:59", uuid4().hex],
    ["2026-11-07T00:00:00+00:00", 5],
    ["2026-11-07T00:00:00+00:00", "not an id"],
    [1e308, 1e308],
    [2**31, "x", "2026-11-07", uuid4().hex],
    [2**70, "x", "2026-11-07", uuid4().hex],
    [-(2**70), "x", "2026-11-07", uuid4().hex],
    [1, "\ud800", "2026-11-07", uuid4().hex],
    [1, "a\0b", "2026-11-07", uuid4().hex],
    [1, "x", "2026-13-40", uuid4().hex],
    [1, "x", 20261107, uuid4().hex],
    [1.0, "x", "2026-11-07", uuid4().hex],
]


def cursor(value: Any) -> str:
    """A cursor as the server would write it."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def paged_queries() -> list[Hostile]:
    """What a list refuses in its paging. A forged cursor may happen to be a place in the list: it shows what may be seen."""
    told = [Hostile(name, query=query.encode()) for name, query in PAGED]
    told += [
        Hostile(f"a forged cursor ({n})", query=f"after={cursor(value)}".encode(), statuses=(422, 200))
        for n, value in enumerate(FORGED)
    ]
    wrong_json = base64.urlsafe_b64encode(b"[1, NaN, Infinity, 1e999]").rstrip(b"=")
    return [*told, Hostile("a cursor of no numbers", query=b"after=" + wrong_json)]


def headers_if_match() -> list[Hostile]:
    """Conditions that are no version of a record; none at all is 428."""
    named = [
        ("any version", "*"),
        ("a weak version", 'W/"1"'),
        ("two versions", '"1", "2"'),
        ("a bare version", "1"),
        ("an empty version", '""'),
        ("a text", '"abc"'),
        ("a negative version", '"-1"'),
        ("a version with an underscore", '"1_0"'),
        ("a version in superscript", '"\u00b9"'),
        ("a version of 400 digits", f'"{"9" * 400}"'),
        ("a version beyond the column", f'"{2**31}"'),
        ("SQL", '"1\' OR 1=1 --"'),
    ]
    told = [Hostile(f"If-Match: {name}", headers={"If-Match": value}, statuses=(412,)) for name, value in named]
    return [*told, Hostile("no If-Match", headers={"If-Match": ""}, statuses=(412, 428))]


def headers_idempotency() -> list[Hostile]:
    """Keys that are no keys."""
    named = [("short", "abc"), ("spaced", "a b c d e f g h"), ("endless", "k" * 101), ("not ASCII", "llaveñññññññ")]
    told = [
        Hostile(f"a key that is {name}", headers={"Idempotency-Key": value}, statuses=(400,)) for name, value in named
    ]
    return [*told, Hostile("an empty key", headers={"Idempotency-Key": ""}, statuses=(400,))]


MULTIPART = "multipart/form-data; boundary=b"


def _part(name: str, content: bytes, filename: str | None = None, *, extra: str = "") -> bytes:
    told = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    return f"--b\r\nContent-Disposition: {told}{extra}\r\n\r\n".encode() + content + b"\r\n"


def uploads() -> list[Hostile]:
    """Multipart bodies that carry no file that could be taken."""
    file = _part("file", b"content", "a.csv")

    def upload(name: str, body: bytes, *statuses: int, media_type: str = MULTIPART) -> Hostile:
        return Hostile(name, body=body, media_type=media_type, statuses=statuses or (422,))

    return [
        upload("no parts", b"--b--\r\n"),
        upload("an empty body", b""),
        upload("no boundary", file + b"--b--\r\n", 400, 415, 422, media_type="multipart/form-data"),
        upload("an endless boundary", file + b"--b--\r\n", 400, 413, 415, 422,
               media_type="multipart/form-data; boundary=" + "b" * 5_000),
        upload("an unfinished part", b'--b\r\nContent-Disposition: form-data; name="file"; filename="a', 400, 413, 422),
        upload("a part without headers", b"--b\r\n\r\ncontent\r\n--b--\r\n", 400, 422),
        upload("10,000 parts", b"".join(_part(f"p{n}", b"x") for n in range(10_000)) + b"--b--\r\n", 413),
        upload("a text of 2 MB", _part("kind", b"x" * 2_000_000) + file + b"--b--\r\n", 413, 422),
        upload("a part with 1 MB of headers", _part("file", b"x", "a.csv", extra="\r\nX: " + "y" * 1_000_000) + b"--b--",
               400, 413, 422),
        upload("a file as a text field", _part("file", b"content") + b"--b--\r\n"),
        upload("a file without a name", _part("file", b"content", "") + b"--b--\r\n"),
        upload("a file in another field", _part("other", b"content", "a.csv") + b"--b--\r\n"),
        upload("two files", file + _part("file", b"other", "b.csv") + b"--b--\r\n"),
        upload("a second file in another field", file + _part("other", b"x", "b.csv") + b"--b--\r\n"),
        upload("an unknown field", file + _part("no_such_field", b"x") + b"--b--\r\n"),
        upload("a repeated field", file + _part("kind", b"front") * 2 + b"--b--\r\n"),
        upload("an undecodable field", file + _part("kind", b"\xff\xfe") + b"--b--\r\n"),
        upload("a NUL in a field", file + _part("kind", b"a\x00b") + b"--b--\r\n"),
        upload("a NUL in the file name", _part("file", b"content", "a\x00.csv") + b"--b--\r\n"),
        upload("a right-to-left override in the file name", _part("file", b"c", f"a{RLO}vsc.exe") + b"--b--\r\n"),
        upload("a file called ..", _part("file", b"content", "../../..") + b"--b--\r\n"),
        upload("a file called /", _part("file", b"content", "etc/") + b"--b--\r\n"),
        upload("a file name of 11,000 characters", _part("file", b"c", "a" * 11_000) + b"--b--\r\n", 400, 413, 422),
        upload("the file as JSON", b'{"file": "x"}', 415, media_type=JSON),
        upload("the bare file", b"content", 415, media_type="text/csv"),
    ]  # fmt: skip


def tokens() -> list[tuple[str, str]]:
    """Authorization headers of nobody, by what is wrong with them."""

    def jwt(header: Any, claims: Any, signature: str = "") -> str:
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)]
        return "Bearer " + ".".join([*parts, signature])

    claims = {"iss": "portal", "aud": "csem", "sub": "x", "roles": ["admin"], "scope": ["*"], "exp": 9_999_999_999}
    deep = base64.urlsafe_b64encode(b"[" * 20_000).decode()
    return [
        ("nothing", ""),
        ("an empty bearer", "Bearer "),
        ("basic sign-in", "Basic YWRtaW46YWRtaW4="),
        ("no dots", "Bearer abc"),
        ("four dots", "Bearer a.b.c.d.e"),
        ("algorithm none", jwt({"alg": "none"}, claims)),
        ("algorithm none with a key's name", jwt({"alg": "none", "kid": "portal"}, claims)),
        ("a key's address", jwt({"alg": "Ed25519", "jku": "http://127.0.0.1:1/keys"}, claims, "AAAA")),
        ("a key inside", jwt({"alg": "Ed25519", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}}, claims, "AAAA")),
        ("a key's name that is a path", jwt({"alg": "Ed25519", "kid": "../../etc/passwd"}, claims, "AAAA")),
        ("a key's name that is a list", jwt({"alg": "Ed25519", "kid": []}, claims, "AAAA")),
        ("a key's name that is an object", jwt({"alg": "Ed25519", "kid": {}}, claims, "AAAA")),
        ("a header that is a list", jwt([], claims, "AAAA")),
        ("a header that is a text", jwt("x", claims, "AAAA")),
        ("a header that is null", jwt(None, claims, "AAAA")),
        ("a critical header", jwt({"alg": "Ed25519", "crit": ["exp"], "b64": False}, claims, "AAAA")),
        ("a header without end", f"Bearer {deep}.e30.AAAA"),
        ("100,000 characters", "Bearer " + "a" * 100_000),
        ("characters beyond ASCII", "Bearer ñandú.ñ.ñ"),
        ("a token with a line end inside", "Bearer a.b\u0085.c"),
    ]


HOSTILE_TEXTS = ["a\0b", f"a{ZERO_WIDTH}b", f"a{RLO}b", "a\ufffdb", "", " \t ", "x" * 10_001, 5, True, None, ["x"], {}]
_NOT_MONEY: list[Any] = [
    12.5,
    1250,
    "1250.00",
    None,
    [],
    {},
    {"amount": "1.00"},
    {"amount": 1, "currency": "GTQ"},
    {"amount": 1.005, "currency": "GTQ"},
    {"amount": "1.005", "currency": "GTQ"},
    {"amount": "1_000", "currency": "GTQ"},
    {"amount": "1,000.00", "currency": "GTQ"},
    {"amount": "\uff11\uff12", "currency": "GTQ"},
    {"amount": "\u0661", "currency": "GTQ"},
    {"amount": "1e3", "currency": "GTQ"},
    {"amount": "+1", "currency": "GTQ"},
    {"amount": "--1", "currency": "GTQ"},
    {"amount": " 1", "currency": "GTQ"},
    {"amount": "1.", "currency": "GTQ"},
    {"amount": ".5", "currency": "GTQ"},
    {"amount": "NaN", "currency": "GTQ"},
    {"amount": "Infinity", "currency": "GTQ"},
    {"amount": "9" * 400, "currency": "GTQ"},
    {"amount": "999999999999999.99", "currency": "GTQ"},
    {"amount": "1.00", "currency": "gtq"},
    {"amount": "1.00", "currency": "EUR"},
    {"amount": "1.00", "currency": None},
    {"amount": "1.00", "currency": "GTQ", "more": 1},
    {"amount": {"amount": "1"}, "currency": "GTQ"},
]
_HOSTILE_VALUES: list[tuple[type, list[Any]]] = [
    (fields.MoneyField, _NOT_MONEY),
    (fields.Boolean, ["yes", "true", 1, 0, 1.0, None, [], {}]),
    (fields.Integer, [3.7, 3.0, True, "3", "1_000", "\uff13", 2**31, -(2**31) - 1, 10**30, -(10**30), None, [], {}]),
    (fields.Number, ["3.5", True, 1e308, -1e308, 10**400, None, [], {}]),
    (fields.Day, ["7/11/2026", "2026-13-01", "2026-02-30", "2026-1-1", "0001-01-01", "9999-12-31", "20261107", "today",
                  "\uff12026-11-07", "2026-11-07T00:00:00Z", 20261107, None, [], {}]),
    (fields.Id, ["", "1", "x" * 36, "{0191e8f0-0000-7000-8000-000000000000}", "0191E8F0-0000-7000-8000-000000000000",
                 "0191e8f0000070008000000000000000", 5, None, [], {}]),
    (fields.Code, ["", "no such code", "\0", 5, True, None, [], {}]),
    (fields.List, ["x", {}, None, 5, [None] * 5_000, [[[]]]]),
    (fields.Nested, ["x", 5, None, True, {"no_such_field": 1}]),
    (fields.String, HOSTILE_TEXTS),
]  # fmt: skip


def hostile_fields(schema: type[Schema]) -> Iterator[tuple[str, Any]]:
    """(field, value) pairs that the schema must refuse, whatever else stands in the body."""
    for name, item in schema().fields.items():
        for kind, values in _HOSTILE_VALUES:
            if isinstance(item, kind):
                yield from ((name, value) for value in values if not _taken(item, value))
                break


def _taken(item: Any, value: Any) -> bool:
    """Whether this field says itself that it takes the value."""
    if value is None:
        return bool(item.allow_none)
    metadata = item.metadata
    if isinstance(value, str) and "minLength" in metadata and not value.strip():
        return bool(metadata["minLength"] == 0)
    if isinstance(item, fields.Number | fields.Integer) and type(value) in {int, float}:
        whole = isinstance(item, fields.Number) or type(value) is int
        return whole and bool(metadata["minimum"] <= value <= metadata["maximum"])
    return False


def valid_value(item: Any) -> Any:
    """Some value that the field reads; whether it means anything is for the use case to say."""
    metadata = item.metadata
    match item:
        case fields.MoneyField():
            return {"amount": "1.00", "currency": "GTQ"}
        case fields.Boolean():
            return True
        case fields.Integer() | fields.Number():
            return metadata["minimum"]
        case fields.Day():
            return "2026-11-07"
        case fields.Id():
            return str(uuid4())
        case fields.Code():
            return metadata["enum"][0]
        case fields.List():
            return [valid_value(item.inner) for _ in range(metadata["minItems"])]
        case fields.Nested():
            return {name: valid_value(inner) for name, inner in item.schema.fields.items() if inner.required}
    return "x" * max(1, metadata.get("minLength", 1))


def valid_body(schema: type[Schema]) -> dict[str, Any]:
    """A body with everything that is required."""
    return {name: valid_value(item) for name, item in schema().fields.items() if item.required}


def cases_of(operation: Operation) -> Iterator[Hostile]:
    """Everything hostile that can be sent to an operation."""
    refused = operation.query.status if operation.query else 422
    yield from (replace(case, statuses=(*case.statuses, refused)) for case in queries())
    if operation.paged:
        beside = (404,) if "<" in operation.path else ()
        yield from (replace(case, statuses=case.statuses + beside) for case in paged_queries())
    if operation.upload:
        yield from uploads()
    elif operation.body:
        yield from raw_bodies()
        body = valid_body(operation.body)
        for name, value in hostile_fields(operation.body):
            content = json.dumps(body | {name: value}).encode()
            yield Hostile(f"{name} = {ascii(value)[:60]}", body=content, pointer=f"/{name}")
    body = json.dumps(valid_body(operation.body)).encode() if operation.body else b""
    yield from (replace(case, body=body) for case in headers_if_match() if operation.if_match)
    yield from (replace(case, body=body) for case in headers_idempotency() if operation.idempotent)
