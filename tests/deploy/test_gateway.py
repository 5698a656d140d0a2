"""The gateway as it is configured, in front of five stand-ins that say who was asked."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from shared.settings import SERVICES
from shared.testing import ROOT


class StandIn(BaseHTTPRequestHandler):
    """Says its service's name, what it was asked, and how much it was sent."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, sent: bytes = b"") -> None:
        body = f"{self.server.service} {self.path} {len(sent)} {self.headers.get('X-Forwarded-Proto')}".encode()  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    program = shutil.which("caddy")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("caddy is not installed")
        pytest.skip("caddy is not installed (Debian: caddy)")
    home = tmp_path_factory.mktemp("gateway")
    port = free_port()
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "CSEM_SITE": f"http://127.0.0.1:{port}"}
    servers = []
    for service in SERVICES:
        server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
        server.service = service  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        environ[f"CSEM_{service.upper()}"] = f"127.0.0.1:{server.server_address[1]}"
    command = [program, "run", "--adapter", "caddyfile", "--config", str(configuration(program, home, port))]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            wait_for(client, home / "log")
            yield client
    finally:
        process.terminate()
        process.wait(20)
        for server in servers:
            server.shutdown()
            server.server_close()


def configuration(program: str, home: Path, port: int) -> Path:
    """The Caddyfile; Debian's Caddy 2.6 calls the buffers otherwise than the image's 2.10."""
    text = (ROOT / "deploy" / "gateway" / "Caddyfile").read_text()
    version = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
    major, minor = map(int, re.findall(r"\d+", version)[:2])
    if (major, minor) < (2, 7):
        text = text.replace("request_buffers 2MB", "buffer_requests")
        text = text.replace("response_buffers 4MB", "buffer_responses\nmax_buffer_size 2MB")
    text = text.replace("http_port 8080", f"http_port {port}").replace("https_port 8443", f"https_port {free_port()}")
    path = home / "Caddyfile"
    path.write_text(text)
    return path


def wait_for(client: httpx.Client, log: Path) -> None:
    for _ in range(100):
        try:
            client.get("/")
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(log.read_text())


@pytest.mark.parametrize("service", SERVICES)
def test_each_api_reaches_its_service(gateway: httpx.Client, service: str) -> None:
    assert gateway.get(f"/api/{service}/v1/things?limit=3").text.startswith(
        f"{service} /api/{service}/v1/things?limit=3 "
    )


@pytest.mark.parametrize(
    "path", ["/", "/credit/applications", "/.well-known/jwks.json", "/static/csem.css", "/api/unknown/v1"]
)
def test_everything_else_is_the_portals(gateway: httpx.Client, path: str) -> None:
    assert gateway.get(path).text.startswith(f"portal {path} ")


@pytest.mark.parametrize(
    "path",
    [
        "/internal",
        "/internal/events?after=0",
        "/INTERNAL/events",
        "//internal/events",
        "/x/../internal/events",
        "/%69nternal/events",
        "/internal%2Fevents",
        "/metrics",
        "/metrics/",
        "/./metrics",
        "/readyz",
        "/livez",
    ],
)
def test_what_services_show_each_other_is_not_served(gateway: httpx.Client, path: str) -> None:
    """The path goes out as it is written here: a client library would tidy it first."""
    host, port = str(gateway.base_url).removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while more := connection.recv(4096):
            answer += more
    assert answer.startswith(b"HTTP/1.1 404 "), answer


def test_an_upload_of_20_megabytes_passes_and_more_does_not(gateway: httpx.Client) -> None:
    assert " 20000000 " in gateway.post("/api/registry/v1/imports", content=b"x" * 20_000_000, timeout=60).text
    with contextlib.suppress(httpx.WriteError):  # it hangs up while the body is still coming: refused as well
        assert gateway.post("/api/registry/v1/imports", content=b"x" * 25_000_000, timeout=60).status_code in {413, 502}


def test_the_scheme_is_told_by_the_gateway_and_not_by_the_caller(gateway: httpx.Client) -> None:
    assert gateway.get("/", headers={"X-Forwarded-Proto": "https"}).text.endswith(" http")


def test_answers_do_not_say_what_serves_them(gateway: httpx.Client) -> None:
    assert "Caddy" not in str(gateway.get("/").headers)
