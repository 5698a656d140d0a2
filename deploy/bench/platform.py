"""`make bench-platform`: the platform beside others, on this machine, in one run; prints Markdown tables.

python -m deploy.bench.platform [http] [events] [processes] [--rounds 3] [--seconds 8] [--only red --only fastapi]
"""

import argparse
import os
import platform
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, create_engine, text

POSTGRESQL = os.environ.get("CSEM_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")
_TOLD = {"one": "GET one", "list": "GET a list of 50 x 25 fields", "post": "POST"}


@contextmanager
def databases() -> Iterator[Callable[[], str]]:
    """A function that makes a new database and comes back with its address; all are dropped afterwards."""
    server = create_engine(POSTGRESQL.replace("://", "+psycopg://") + "/postgres", isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def new() -> str:
        name = f"bench_{uuid4().hex[:8]}"
        _run(server, f"CREATE DATABASE {name} TEMPLATE template0")
        made.append(name)
        return f"{POSTGRESQL}/{name}"

    try:
        yield new
    finally:
        for name in made:
            _run(server, f"DROP DATABASE {name} WITH (FORCE)")
        server.dispose()


def _run(server: Engine, statement: str) -> None:
    with server.connect() as connection:
        connection.execute(text(statement))


def http(rounds: int, seconds: int, only: set[str]) -> None:
    from deploy.bench import http_bench
    from deploy.bench.servers import SERVERS

    with databases() as new:
        results = http_bench.compare(new(), rounds=rounds, seconds=seconds, only=only)
    for kind in http_bench.KINDS:
        medians = {name: http_bench.median(runs) for name, runs in results[kind].items()}
        mine = medians[SERVERS[0].name]
        print(f"\n**{_TOLD[kind]}**\n")
        print("| | CPU ms per request | requests/s | p99 ms | Red CSEM, by CPU | Red CSEM, by requests/s |")
        print("|---|---:|---:|---:|---:|---:|")
        for name, one in medians.items():
            ratios = f"{one.cpu_ms / mine.cpu_ms:.2f} x | {mine.per_second / one.per_second:.2f} x"
            print(f"| {name} | {one.cpu_ms:.2f} | {one.per_second:,.0f} | {one.p99_ms:.0f} | {ratios} |")


def events(rounds: int, seconds: int) -> None:
    from deploy.bench import events_bench as bench

    for name in ("PostgreSQL + RabbitMQ, three processes", "SQLite + memory, one process"):
        speeds, halves, worst = [], [], []
        for _ in range(rounds):
            with databases() as new, tempfile.TemporaryDirectory() as folder:
                apart = name.startswith("Postgre")
                with bench.apart(new, Path(folder)) if apart else bench.embedded(Path(folder)) as ends:
                    speed, used = bench.drain(ends)
                    late = bench.lateness(ends, seconds, bench.DRAINED)
            p50, p99 = bench.quantiles(late)
            speeds.append(speed)
            halves.append(p50)
            worst.append(p99)
            told = ", ".join(f"{who} {ms:.3f} ms" for who, ms in used.items())
            print(
                f"{name}: drain {speed:,.0f}/s (CPU per event: {told}); late p50 {p50:.1f} ms, p99 {p99:.1f} ms",
                flush=True,
            )
        middle = [statistics.median(values) for values in (speeds, halves, worst)]
        print(f"\n| {name} | {middle[0]:,.0f}/s | {middle[1]:.1f} ms | {middle[2]:.1f} ms |\n")
    raw = statistics.median(bench.raw_kombu() for _ in range(rounds))
    dispatched = statistics.median(bench.nameko() for _ in range(rounds))
    print(f"raw kombu {raw:,.0f}/s, nameko's dispatch {dispatched:,.0f}/s")


def processes() -> None:
    from deploy.bench import processes_bench

    with databases() as new:
        found = processes_bench.weigh(new)
    print("\n| service | web MB | web start s | worker MB | worker start s |\n|---|---:|---:|---:|---:|")
    for service, weighed in found.items():
        web, worker = weighed["web"], weighed["worker"]
        print(
            f"| {service} | {web.megabytes:.0f} | {web.seconds:.2f} | {worker.megabytes:.0f} | {worker.seconds:.2f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=["http", "events", "processes"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--only", action="append", default=[], help="red, bare, fastapi, django")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}\n")
    if "http" in given.parts:
        http(given.rounds, given.seconds, set(given.only))
    if "events" in given.parts:
        events(given.rounds, given.seconds)
    if "processes" in given.parts:
        processes()


if __name__ == "__main__":
    main()
