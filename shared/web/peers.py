"""HTTP calls from one service to another, and from the portal to all: the same code in one process or in ten."""

from collections.abc import Callable, Generator, Mapping
from typing import Any

import httpx

from shared import logs
from shared.settings import Settings
from shared.tokens import Keyring

TIMEOUT = httpx.Timeout(10.0, connect=2.0)


class _Token(httpx.Auth):
    """A fresh token for each request, and the correlation id."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token()}"
        request.headers["traceparent"] = logs.traceparent()
        yield request


class Peers:
    """Clients for the other services. `apps` are WSGI applications of this process, for `inprocess://` addresses;
    they may be filled in later, after every service is built.
    """

    def __init__(self, settings: Settings, keyring: Keyring, apps: Mapping[str, Any] | None = None) -> None:
        self._settings = settings
        self._keyring = keyring
        self._apps = apps if apps is not None else {}
        self._transports: dict[str, httpx.BaseTransport] = {}

    def client(self, service: str, *, token: Callable[[], str] | None = None) -> httpx.Client:
        """A client of the API of `service`; speaks with a service token unless `token` gives a person's."""
        return self._client(service, f"/api/{service}/v1", token)

    def internal(self, service: str) -> httpx.Client:
        """A client of what `service` shows to services only."""
        return self._client(service, "/internal", None)

    def _client(self, service: str, path: str, token: Callable[[], str] | None) -> httpx.Client:
        url = self._settings.peer_urls[service]
        root = f"http://{service}" if url.startswith("inprocess://") else url
        return httpx.Client(
            base_url=root + path,
            transport=self._transport(service, url),
            auth=_Token(token or self._keyring.service_token),
            timeout=TIMEOUT,
            follow_redirects=False,
        )

    def _transport(self, service: str, url: str) -> httpx.BaseTransport:
        if service not in self._transports:
            self._transports[service] = (
                _InProcess(self._apps, service)
                if url.startswith("inprocess://")
                else _Shared(httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=10)))
            )
        return self._transports[service]


class _InProcess(httpx.BaseTransport):
    """Calls a service's WSGI application directly; a service that is not in this process counts as unreachable."""

    def __init__(self, apps: Mapping[str, Any], service: str) -> None:
        self._apps, self._service = apps, service

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        app = self._apps.get(self._service)
        if app is None:
            raise httpx.ConnectError(f"{self._service} does not run in this process", request=request)
        return httpx.WSGITransport(app=app, raise_app_exceptions=False).handle_request(request)


class _Shared(httpx.BaseTransport):
    """One connection pool for all clients of a service; closing a client leaves it open."""

    def __init__(self, pool: httpx.HTTPTransport) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._pool.handle_request(request)
