"""The people of the demonstration speak to the APIs as anybody would: over HTTP, with their own token."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

_BUSY_ANSWERS = 8


class Speaker:
    """One person who is signed in; `open_client(service)` gives a client of a service's API with her token.

    A service that is busy is asked again when it says so, with the same Idempotency-Key.
    """

    def __init__(self, username: str, open_client: Callable[[str], httpx.Client]) -> None:
        self.username = username
        self._open_client = open_client
        self._clients: dict[str, httpx.Client] = {}

    def get(self, service: str, path: str, **params: Any) -> Any:
        return self._call(service, "GET", path, params=params)

    def sees(self, service: str, path: str, **params: Any) -> bool:
        """Whether there is something at `path`."""
        return self._send(service, "GET", path, params=params).status_code != httpx.codes.NOT_FOUND

    def post(self, service: str, path: str, body: Any = None, **more: Any) -> Any:
        """Posts `body`; every call carries a new Idempotency-Key."""
        return self._call(service, "POST", path, json=body, headers={"Idempotency-Key": str(uuid4())}, **more)

    def change(self, service: str, method: str, path: str, version: int, body: Any) -> Any:
        """Puts or patches what she saw as `version`."""
        return self._call(service, method, path, json=body, headers={"If-Match": f'"{version}"'})

    def upload(
        self, service: str, path: str, file: tuple[str, bytes], fields: dict[str, str], version: int | None = None
    ) -> Any:
        """Sends a file (name, content) with the other fields of its form, to what she saw as `version`."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self._call(service, "POST", path, files={"file": file}, data=fields, headers=headers)

    def close(self) -> None:
        """Let go of the connections."""
        for client in self._clients.values():
            client.close()

    def _send(self, service: str, method: str, path: str, **options: Any) -> httpx.Response:
        if service not in self._clients:
            self._clients[service] = self._open_client(service)
        for _ in range(_BUSY_ANSWERS):
            response = self._clients[service].request(method, path, **options)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return response
            time.sleep(float(response.headers.get("Retry-After", 2)))
        return response

    def _call(self, service: str, method: str, path: str, **options: Any) -> Any:
        response = self._send(service, method, path, **options)
        if response.is_error:
            told = f"{response.status_code} {response.text[:600]}"
            raise RuntimeError(f"{self.username}: {method} {service}{path}: {told}")
        if response.headers.get("Content-Type", "").startswith("application/json"):
            return response.json()
        return response.content
