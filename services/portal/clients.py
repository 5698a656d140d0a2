"""Calls of the APIs in the name of the person who is signed in, and what comes back when they say no."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
from flask import current_app, g

from shared.identity import Caller
from shared.tokens import Keyring
from shared.web import Peers
from shared.web.schemas import to_json

TOKEN_SECONDS = 300
_PIECE = 1 << 16


class Problem(Exception):  # noqa: N818 - a refusal of an API, not an error of the portal
    """What an API refused: `status`, a stable `code`, and sentences in the reader's language."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        title: str = "",
        detail: str = "",
        errors: list[Mapping[str, Any]] | None = None,
        facts: Mapping[str, Any] | None = None,
        trace: str = "",
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors or []
        self.facts = facts or {}
        self.trace = trace


class Away(Problem):
    """The service does not answer now."""

    def __init__(self, service: str) -> None:
        super().__init__(503, "service.away", detail=service)
        self.service = service


class Answer(dict[str, Any]):
    """An API's JSON object; of a list, `rows` are its items and `next` is the cursor of the page after it."""

    next: str | None = None

    @property
    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("items", [])
        return found


@dataclass(frozen=True)
class Taken:
    """A file that an API gave; a large one comes in pieces."""

    content: bytes | Iterable[bytes]
    media_type: str
    name: str


@dataclass(frozen=True)
class Kept:
    """Something that a browser keeps; `status` 304: what it has is still the same."""

    content: bytes
    media_type: str
    etag: str
    status: int


class Client:
    """The API of one service. Every method raises `Problem` for what is refused and `Away` when nobody answers."""

    def __init__(self, http: httpx.Client, service: str, language: str) -> None:
        self._http, self._service = http, service
        self._headers = {"Accept-Language": language}

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, patience: float | None = None) -> Answer:
        """`patience` is how many seconds to wait, where a page can do without the answer."""
        return self._json(self._send("GET", path, params=_given(params), patience=patience))

    def post(self, path: str, json: Any = None, *, key: str | None = None, version: int | str | None = None) -> Answer:
        """`key` is the Idempotency-Key of a money call: a random value that the form carried. `version` is the row
        version that the person looked at, where what is posted changes the record.
        """
        headers = {"Idempotency-Key": key} if key else {}
        return self._json(self._send("POST", path, json=json, headers=headers | _matching(version)))

    def put(self, path: str, json: Any = None, *, version: int | str) -> Answer:
        """`version` is the row version that the person looked at."""
        return self._json(self._send("PUT", path, json=json, headers=_matching(version)))

    def patch(self, path: str, json: Any = None, *, version: int | str) -> Answer:
        return self._json(self._send("PATCH", path, json=json, headers=_matching(version)))

    def delete(self, path: str, params: Mapping[str, Any] | None = None, *, version: int | str) -> Answer:
        return self._json(self._send("DELETE", path, params=_given(params), headers=_matching(version)))

    def remove(self, path: str) -> Answer:
        """Delete a part of a record that has no version of its own."""
        return self._json(self._send("DELETE", path))

    def upload(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        name: str,
        content: bytes | IO[bytes],
        media_type: str,
        fields: Mapping[str, str] | None = None,
        version: int | str | None = None,
    ) -> Answer:
        """Send a file with the other fields of its form; `version` as in `post`."""
        sent = {"file": (name, content, media_type)}
        told = {"params": _given(params), "files": sent, "data": _given(fields), "headers": _matching(version)}
        return self._json(self._send("POST", path, patience=120, **told))

    def file(self, path: str, params: Mapping[str, Any] | None = None) -> Taken:
        """A document or an export."""
        response = self._send("GET", path, params=_given(params), patience=60)
        name = response.headers.get("Content-Disposition", "").partition("UTF-8''")[2]
        return Taken(response.content, response.headers.get("Content-Type", ""), unquote(name) or "file")

    def kept(self, path: str, params: Mapping[str, Any] | None = None, *, etag: str = "") -> Kept:
        """A file, unless it is still the one that the browser has under `etag`."""
        headers = {"If-None-Match": etag} if etag else {}
        response = self._send("GET", path, params=_given(params), headers=headers)
        told = response.headers
        return Kept(response.content, told.get("Content-Type", ""), told.get("ETag", ""), response.status_code)

    def streamed(self, path: str) -> Taken:
        """A large file, handed on piece by piece as it comes."""
        asked = self._http.build_request(
            "GET", _address(path), headers=self._headers, timeout=httpx.Timeout(60, connect=2.0)
        )
        try:
            response = self._http.send(asked, stream=True)
        except httpx.TransportError as error:
            raise Away(self._service) from error
        if response.status_code >= 400:
            response.read()
            raise _problem(response, self._service)
        name = response.headers.get("Content-Disposition", "").partition("UTF-8''")[2]
        return Taken(_pieces(response), response.headers.get("Content-Type", ""), unquote(name) or "file")

    def _send(self, method: str, path: str, *, patience: float | None = None, **what: Any) -> httpx.Response:
        headers = {**self._headers, **what.pop("headers", {})}
        if "json" in what:
            body = what.pop("json")
            what["content"] = to_json({} if body is None else body)
            headers["Content-Type"] = "application/json"
        timeout = httpx.USE_CLIENT_DEFAULT if patience is None else httpx.Timeout(patience, connect=min(patience, 2.0))
        try:
            response = self._http.request(method, _address(path), headers=headers, timeout=timeout, **what)
        except httpx.TransportError as error:
            raise Away(self._service) from error
        if response.status_code >= 400:
            raise _problem(response, self._service)
        return response

    def _json(self, response: httpx.Response) -> Answer:
        answer = Answer(response.json() if response.content else {})
        link = response.links.get("next", {}).get("url")
        if link:
            answer.next = parse_qs(urlsplit(link).query)["after"][0]
        return answer


def api(service: str, *, as_portal: bool = False) -> Client:
    """The API of `service` for the person signed in; `as_portal` speaks as the portal itself (public pages)."""
    peers: Peers = current_app.extensions["peers"]
    me = g.get("me")
    token = None if as_portal or me is None else person_token
    return Client(peers.client(service, token=token), service, g.language)


def person_token() -> str:
    """A short-lived token of the person signed in, one for the whole request."""
    if "api_token" not in g:
        keyring: Keyring = current_app.extensions["keyring"]
        caller: Caller = g.me.caller
        g.api_token = keyring.sign(caller, seconds=TOKEN_SECONDS)
    token: str = g.api_token
    return token


def form_errors(problem: Problem, say: Callable[[str, str, Mapping[str, Any]], str]) -> dict[str, str]:
    """The sentences of a problem by the name of the form's field: `/amount` is `amount`, `/owners/0/phone` is
    `owners-0-phone`, `/amount/amount` (a money field) is `amount`; "" is what belongs to no field. `say` makes the
    sentence of a code, what the API says of it, and its facts.
    """
    found: dict[str, str] = {}
    for error in problem.errors:
        pointer = str(error.get("pointer", "")).removeprefix("#").strip("/")
        parts = pointer.split("/")
        if len(parts) == 2 and parts[1] in {"amount", "currency"}:
            parts = parts[:1]
        sentence = say(str(error.get("code", "")), str(error.get("detail") or problem.detail), error.get("facts", {}))
        found.setdefault("-".join(parts), sentence)
    return found or {"": say(problem.code, problem.detail or problem.title, problem.facts)}


def _address(path: str) -> str:
    """The path with its parts quoted; one that would lead out of where it stands is found nowhere."""
    parts = path.split("/")
    if {".", ".."} & {*parts}:
        raise Problem(404, "http.404")
    return "/".join(quote(part, safe="") for part in parts)


def _matching(version: int | str | None) -> dict[str, str]:
    """The header that asks for the version the person looked at, where there is one."""
    return {} if version is None else {"If-Match": f'"{version}"'}


def _pieces(response: httpx.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes(_PIECE)
    finally:
        response.close()


def _problem(response: httpx.Response, service: str) -> Problem:
    if response.status_code in {502, 503, 504}:
        return Away(service)
    try:
        body = response.json()
        return Problem(
            response.status_code,
            str(body["code"]),
            title=str(body.get("title", "")),
            detail=str(body.get("detail", "")),
            errors=body.get("errors"),
            facts=body.get("facts"),
            trace=str(body.get("trace", "")),
        )
    except (ValueError, KeyError, TypeError):
        return Problem(response.status_code, f"http.{response.status_code}")


def _given(params: Mapping[str, Any] | None) -> dict[str, Any]:
    """Without what was left empty; booleans and lists as the APIs read them."""
    told: dict[str, Any] = {}
    for name, value in (params or {}).items():
        if value is None or value in ("", []):
            continue
        if isinstance(value, bool):
            told[name] = "true" if value else "false"
        else:
            told[name] = ",".join(map(str, value)) if isinstance(value, list | tuple) else value
    return told
