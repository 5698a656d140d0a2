"""Where the time of a request goes, in one process: `python -m deploy.bench.profile one|list|post [--calls]`.

The least of many short batches is told, which a busy machine disturbs little; with `--calls` what was called, too.
"""

import cProfile
import io
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.bench import table
from deploy.bench.http_bench import PATH, Bench, prepare
from deploy.bench.platform import databases

BATCH = 10


def caller(app: Any, bench: Bench, kind: str) -> Callable[[], None]:
    """Calls `app` as a server would, with one request of `kind`."""
    body = table.new_enterprise() if kind == "post" else b""
    numbers = iter(range(10**9))

    def once() -> None:
        environ = {
            "REQUEST_METHOD": "POST" if kind == "post" else "GET",
            "PATH_INFO": f"{PATH}/{bench.one}" if kind == "one" else PATH,
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": bench.headers["Authorization"],
            "HTTP_IDEMPOTENCY_KEY": f"profile-{next(numbers)}",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8170",
            "HTTP_HOST": "127.0.0.1:8170",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.input_terminated": True,
        }
        status: list[str] = []
        answer = app(environ, lambda told, _headers: status.append(told))
        text = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        assert status[0][0] == "2", text

    return once


def least(once: Callable[[], None], batches: int = 60) -> float:
    """Milliseconds of processor time of one call, in the best of `batches`."""
    best = float("inf")
    for _ in range(batches):
        began = time.process_time()
        for _ in range(BATCH):
            once()
        best = min(best, time.process_time() - began)
    return best / BATCH * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, databases() as new:
        bench = prepare(new(), Path(folder))
        os.environ.update(bench.environ)
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
        from deploy.bench.ours import create
        from deploy.bench.peers import bare

        app = create()
        for kind in [kind for kind in ("one", "list", "post") if kind in sys.argv] or ("one", "list", "post"):
            once = caller(app, bench, kind)
            least(once, 5)
            ours, least_possible = [], []
            for _ in range(10):
                ours.append(least(once, 20))
                least_possible.append(least(caller(bare.app, bench, kind), 20))
            print(f"{kind}: {min(ours):.3f} ms, bare WSGI + psycopg {min(least_possible):.3f} ms")
            if "--calls" in sys.argv:
                profiler = cProfile.Profile(time.process_time)
                profiler.runcall(least, once, 30)
                stats = pstats.Stats(profiler)
                stats.sort_stats("cumulative").print_stats(60)
                stats.sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    main()
