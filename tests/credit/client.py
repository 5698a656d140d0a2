"""Calls of the API in somebody's name."""

import json
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient

from shared.identity import Caller
from shared.testing import headers
from shared.tokens import Keyring


class Answered:
    """What came back: status, body, headers."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.content: bytes = response.data
        self.headers = response.headers

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """The code of a refusal; where one field is wrong, the code of that field's mistake."""
        errors = self.body.get("errors") or []
        return errors[0]["code"] if len(errors) == 1 else self.body["code"]

    @property
    def detail(self) -> str:
        return str(self.body["detail"])


class Client:
    """A client of the API under test."""

    def __init__(self, http: FlaskClient, keys: dict[str, Keyring]) -> None:
        self._http, self._keys = http, keys

    def get(self, caller: Caller, path: str, language: str = "es") -> Answered:
        return self.send("GET", caller, path, language=language)

    def post(self, caller: Caller, path: str, body: Any = None, *, key: str | None = "", **extra: str) -> Answered:
        """`key` is the Idempotency-Key: a new one unless given, none where it is None."""
        if key is not None:
            extra["Idempotency-Key"] = key or uuid4().hex
        return self.send("POST", caller, path, body if body is not None else {}, **extra)

    def patch(self, caller: Caller, path: str, body: Any, version: int) -> Answered:
        return self.send("PATCH", caller, path, body, **{"If-Match": f'"{version}"'})

    def send(
        self, method: str, caller: Caller | None, path: str, body: Any = None, language: str = "es", **extra: str
    ) -> Answered:
        sent = headers(self._keys, caller, **extra) if caller else dict(extra)
        sent["Accept-Language"] = language
        given: dict[str, Any] = {"headers": sent}
        if body is not None:
            given |= {"data": json.dumps(body), "content_type": "application/json"}
        return Answered(self._http.open(f"/api/credit/v1{path}", method=method, **given))
