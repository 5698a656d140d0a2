"""What a worker process shows to who watches it: whether it is alive, and its metrics."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from shared import metrics


class Probe:
    """`/livez` and `/metrics` on `address`, in a thread of their own, until closed."""

    def __init__(self, address: tuple[str, int], alive: Callable[[], bool]) -> None:
        self._server = ThreadingHTTPServer(address, _handler(alive))
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="probe", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(alive: Callable[[], bool]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/livez":
                well = alive()
                self._answer(
                    200 if well else 503,
                    b"ok\n" if well else b"a loop has ended or fails again and again\n",
                    "text/plain",
                )
            elif self.path == "/metrics":
                self._answer(200, *metrics.exposition())
            else:
                self._answer(404, b"not found\n", "text/plain")

        def _answer(self, status: int, body: bytes, media_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            """Probes are not worth a line."""

    return Handler


def address(text: str) -> tuple[str, int]:
    """`0.0.0.0:9100` as host and port."""
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", int(port)
