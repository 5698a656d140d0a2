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
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from werkzeug.test import TestResponse

from deploy.house import House
from shared.settings import SERVICES
from shared.testing import ROOT
from shared.web.app import operations_of
from shared.web.call import FORM_AROUND, MAX_UPLOAD
from shared.workbooks import Limits
from tests.portal.conftest import built, token_in

GATEWAY_LIMIT = 65_000_000
_FIELD = 'Content-Disposition: form-data; name="'


class StandIn(BaseHTTPRequestHandler):
    """Says its service's name, what it was asked, how much it was sent, by which scheme, and who called."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if not self.path.endswith("/hangs-up"):
            self._answer()
        self.close_connection = True

    def do_POST(self) -> None:
        self._answer(b"".join(self._sent()))

    def _sent(self) -> Iterator[bytes]:
        if "Content-Length" in self.headers:
            yield self.rfile.read(int(self.headers["Content-Length"]))
            return
        while size := int(self.rfile.readline() or b"0", 16):
            yield self.rfile.read(size)
            self.rfile.readline()

    def _answer(self, sent: bytes = b"") -> None:
        told = [self.server.service, self.path, str(len(sent))]  # type: ignore[attr-defined]
        body = " ".join(
            [*told, *self.headers.get_all("X-Forwarded-Proto"), *self.headers.get_all("X-Forwarded-For")]
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextmanager
def running_gateway(home: Path, **given: str) -> Iterator[httpx.Client]:
    """The gateway before five stand-ins, with what the installation says of it in `given`."""
    program = shutil.which("caddy")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("caddy is not installed")
        pytest.skip("caddy is not installed (Debian: caddy)")
    port = free_port()
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "CSEM_SITE": f"http://127.0.0.1:{port}", **given}
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


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running_gateway(tmp_path_factory.mktemp("gateway")) as client:
        yield client


@pytest.fixture(scope="module")
def gateway_behind_https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The gateway of an installation whose HTTPS somebody else serves, on this machine."""
    with running_gateway(tmp_path_factory.mktemp("gateway"), CSEM_FRONT_PROXIES="127.0.0.0/8") as client:
        yield client


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


def spoken(gateway: httpx.Client, *lines: str) -> str:
    """The whole answer to a request of these lines and no body."""
    host, port = str(gateway.base_url).removeprefix("http://").rstrip("/").split(":")
    request = "\r\n".join([*lines, f"Host: {host}:{port}", "Connection: close", "", ""])
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request.encode())
        answer = b""
        while more := connection.recv(4096):
            answer += more
    return answer.decode()


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
    assert spoken(gateway, f"GET {path} HTTP/1.1").startswith("HTTP/1.1 404 ")


def test_the_largest_upload_passes_in_its_form(gateway: httpx.Client) -> None:
    size = MAX_UPLOAD + FORM_AROUND
    sent = gateway.post("/api/territory/v1/boundary-files", content=b"x" * size, timeout=60)
    assert f" {size} " in sent.text


@pytest.mark.parametrize("path", ["/api/territory/v1/boundary-files", "/territory/boundaries"])
def test_a_longer_upload_is_refused_before_it_is_sent_and_told_how_large_it_may_be(
    gateway: httpx.Client, path: str
) -> None:
    answer = spoken(gateway, f"POST {path} HTTP/1.1", f"Content-Length: {GATEWAY_LIMIT + 1}")
    assert answer.startswith("HTTP/1.1 413 ")
    assert f"El archivo pesa más de {MAX_UPLOAD // 1_000_000} MB." in answer
    assert f"The file is larger than {MAX_UPLOAD // 1_000_000} MB." in answer
    assert "Retry-After" not in answer


def test_a_longer_upload_that_does_not_say_how_long_it_is_does_not_pass(gateway: httpx.Client) -> None:
    few, many = ((b"x" * 1_000_000 for _ in range(count)) for count in (4, 70))
    assert " 4000000 " in gateway.post("/api/territory/v1/boundary-files", content=few, timeout=60).text
    with contextlib.suppress(httpx.WriteError):  # it hangs up while the body is still coming: refused as well
        assert gateway.post("/api/territory/v1/boundary-files", content=many, timeout=60).status_code in {413, 502}


def test_behind_the_gateway_the_limit_is_the_same_wherever_a_file_comes_in(tmp_path: Path) -> None:
    house = House({"CSEM_HOME": str(tmp_path)})
    house.create_keys()
    limits = {o.name: o.upload for name in SERVICES for o in operations_of(house.service(name).web) if o.upload}
    assert limits["imports.receive"] == limits["boundary-files.receive"] == max(limits.values()) == MAX_UPLOAD
    assert Limits().file_bytes == MAX_UPLOAD
    assert MAX_UPLOAD + FORM_AROUND < GATEWAY_LIMIT
    pages = "".join(page.read_text() for page in (ROOT / "services" / "portal" / "templates").rglob("*.html"))
    told = set(re.findall(r"(?:up to|at most) (\d+) MB", pages))
    assert told == {str(limit // 1_000_000) for limit in limits.values()}


def test_a_page_takes_the_largest_file_and_tells_of_a_larger_one_how_large_it_may_be(tmp_path: Path) -> None:
    with built("sqlite", tmp_path) as portal:
        browser = portal.signed_in("leda_viewer")

        def send(size: int) -> TestResponse:
            token = token_in(browser.get("/help").text)
            fields = f'--b\r\n{_FIELD}csrf_token"\r\n\r\n{token}\r\n--b\r\n{_FIELD}language"\r\n\r\nes\r\n'
            file = f'--b\r\n{_FIELD}file"; filename="a.gpkg"\r\n\r\n'
            body = fields.encode() + file.encode() + bytes(size) + b"\r\n--b--\r\n"
            return browser.client.post("/language", data=body, content_type="multipart/form-data; boundary=b")

        assert send(MAX_UPLOAD).status_code == 303
        refused = send(MAX_UPLOAD + FORM_AROUND)
        assert (refused.status_code, "hasta 64 MB" in refused.text) == (413, True)


def test_a_service_that_is_away_is_no_reason_to_divide_the_file(gateway: httpx.Client) -> None:
    answer = gateway.get("/api/credit/v1/hangs-up", timeout=30)
    assert answer.status_code == 502
    assert answer.headers["Retry-After"] == "5"
    assert "inténtelo de nuevo" in answer.text


def test_the_services_are_told_the_address_of_who_called(gateway: httpx.Client) -> None:
    """What a caller says of her own address is not believed."""
    assert gateway.get("/", headers={"X-Forwarded-For": "192.0.2.7"}).text.split()[3:] == ["http", "127.0.0.1"]


@pytest.mark.parametrize("said", ["192.0.2.7", "203.0.113.9, 192.0.2.7", "2001:db8::7"])
def test_behind_somebody_elses_https_the_address_is_the_one_that_its_proxy_saw(
    gateway_behind_https: httpx.Client, said: str
) -> None:
    told = gateway_behind_https.get("/", headers={"X-Forwarded-For": said, "X-Forwarded-Proto": "https"}).text
    assert told.split()[3:] == ["https", said.rpartition(" ")[2]]


def test_the_scheme_is_told_by_the_gateway_and_not_by_the_caller(gateway: httpx.Client) -> None:
    assert gateway.get("/", headers={"X-Forwarded-Proto": "https"}).text.split()[3:] == ["http", "127.0.0.1"]


def test_answers_do_not_say_what_serves_them(gateway: httpx.Client) -> None:
    assert "Caddy" not in str(gateway.get("/").headers)
