"""GET one, a list of 50, POST: requests per second and processor time per request, server beside server."""

import json
import os
import re
import statistics
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from deploy.bench import table
from deploy.bench.servers import SERVERS, Server, cpu_seconds, running, wait_for
from shared.database import Database, migrate
from shared.identity import Caller, Scope
from shared.tokens import Keyring, create_keys

PATH = "/api/bench/v1/enterprises"
KINDS = ("one", "list", "post")
CONNECTIONS = 16


@dataclass(frozen=True)
class Measured:
    """One run: answers per second, and milliseconds of processor time of the server per answer."""

    per_second: float
    cpu_ms: float
    p99_ms: float


@dataclass
class Bench:
    """Everything a run needs: the table is filled, a person's token is signed."""

    url: str
    folder: Path
    one: UUID
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def environ(self) -> dict[str, str]:
        return {
            "BENCH_DATABASE": self.url,
            "BENCH_KEYS": str(self.folder / "keys"),
            "CSEM_BIND": f"127.0.0.1:{SERVERS[0].port}",
        }


def prepare(url: str, folder: Path) -> Bench:
    database = Database(url)
    migrate(database, "bench")
    ids = table.fill(database)
    with database.reading() as session:
        one = session.scalar(
            table.enterprises.select()
            .with_only_columns(table.enterprises.c.id)
            .where(table.enterprises.c.municipality == "HN1709")
            .limit(1)
        )
    database.dispose()
    assert one in ids
    for service in ("portal", "registry"):
        create_keys(folder / "keys", service)
    person = Caller("bench", "Persona de prueba", frozenset({"technician"}), Scope.of("HN17"))
    (folder / "body.json").write_bytes(table.new_enterprise())
    return Bench(url, folder, one, Keyring(folder / "keys", "portal").sign(person, seconds=36_000))


def compare(url: str, *, rounds: int, seconds: int, only: set[str]) -> dict[str, dict[str, list[Measured]]]:
    """`rounds` runs of `seconds` of each kind against each server, in turn; one server works at a time."""
    results: dict[str, dict[str, list[Measured]]] = {}
    servers = [server for server in SERVERS if not only or server.name.split()[0].lower() in only]
    with ExitStack() as stack:
        bench = prepare(url, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        pids = {}
        log = bench.folder / "servers.log"
        for server in servers:
            pids[server.name] = stack.enter_context(running(server.command, bench.environ, log))
        _same_answers(bench, servers)
        for kind in KINDS:
            for turn in range(rounds):
                for server in servers:
                    if turn == 0:
                        _load(bench, server, kind, 2, "warm")
                    measured = _measure(bench, server, pids[server.name], kind, seconds, turn)
                    results.setdefault(kind, {}).setdefault(server.name, []).append(measured)
                    print(
                        f"{kind:5} {turn} {server.name:24} {measured.per_second:8.0f}/s {measured.cpu_ms:6.3f} ms cpu"
                        f" p99 {measured.p99_ms:6.1f} ms",
                        flush=True,
                    )
    return results


def _same_answers(bench: Bench, servers: list[Server]) -> None:
    """The comparison is one of equals: the same 50 rows with the same fields from everybody."""
    lists = {}
    for server in servers:
        answer = json.loads(wait_for(server, PATH, bench.headers))
        lists[server.name] = answer.get("items") or answer["results"]
    first = next(iter(lists.values()))
    for name, rows in lists.items():
        if [sorted(row) for row in rows] != [sorted(row) for row in first] or len(rows) != 50:
            raise RuntimeError(f"{name} answers something else: {rows[0]}")
        if [(row["id"], row["income"], row["needs"]) for row in rows] != [
            (row["id"], row["income"], row["needs"]) for row in first
        ]:
            raise RuntimeError(f"{name} answers other rows")


def _measure(bench: Bench, server: Server, pid: int, kind: str, seconds: int, turn: int) -> Measured:
    before = cpu_seconds(pid)
    told = _load(bench, server, kind, seconds, f"{turn}")
    used = cpu_seconds(pid) - before
    requests = int(_find(r"(\d+) requests in", told))
    if "Non-2xx" in told:
        log = (bench.folder / "servers.log").read_text()[-3000:]
        raise RuntimeError(f"{server.name}: {told}\n{log}")
    amount, unit = re.search(r"99%\s+([0-9.]+)(us|ms|s)", told).groups()  # type: ignore[union-attr]
    p99 = float(amount) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return Measured(float(_find(r"Requests/sec:\s+([0-9.]+)", told)), used / requests * 1000, p99)


def _load(bench: Bench, server: Server, kind: str, seconds: int, key: str) -> str:
    path = f"{PATH}/{bench.one}" if kind == "one" else PATH
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    if kind == "post":
        command += ["-s", str(Path(__file__).parent / "post.lua")]
    environ = {
        "BENCH_BODY": str(bench.folder / "body.json"),
        "BENCH_AUTHORIZATION": bench.headers["Authorization"],
        "BENCH_KEY_PREFIX": f"bench-{urlsplit(server.url).port}-{key}-",
    }
    command += ["-H", f"Authorization: {bench.headers['Authorization']}", server.url + path]
    return subprocess.run(command, env={**os.environ, **environ}, check=True, capture_output=True, text=True).stdout


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise RuntimeError(text)
    return found.group(1)


def median(runs: list[Measured]) -> Measured:
    return Measured(
        *(statistics.median(values) for values in zip(*((r.per_second, r.cpu_ms, r.p99_ms) for r in runs), strict=True))
    )
