"""Items and tiles of a million enterprises over HTTP, beside tipg and pygeoapi where `make bench-peers` installed them.

Each server is one process on loopback with the same PostgreSQL; one request at a time, the same boxes and tiles for
each. CPU is the server's own processes and PostgreSQL's together.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from deploy.bench.servers import PRODUCT_VENV, ROOT, Server, cpu_seconds, family, megabytes, running, wait_for
from deploy.bench.territory_data import filled
from services.territory.reference import Municipality, municipalities
from services.territory.rules.tiling import BITS, column_row
from shared.identity import Caller, Scope
from shared.settings import Settings
from shared.tokens import Keyring, create_keys

PEERS = ROOT / "var" / "bench-peers" / "bin"
OURS, TIPG, PYGEOAPI = "Red CSEM", "tipg", "pygeoapi"
GUNICORN = "--worker-class gthread --workers 1 --threads 4 --log-level warning --keep-alive 75"
ITEMS = {
    OURS: "/api/territory/v1/ogc/collections/enterprises/items?{query}",
    TIPG: "/collections/public.bench_point/items?{query}",
    PYGEOAPI: "/collections/enterprises/items?f=json&{query}",
}
TILES = {
    OURS: "/api/territory/v1/ogc/collections/enterprises/tiles/WebMercatorQuad/{z}/{y}/{x}",
    TIPG: "/collections/public.bench_point/tiles/WebMercatorQuad/{z}/{x}/{y}",
}


Kind = tuple[str, int, Sequence[str]]
"""What is asked for, how often at least, and the addresses."""
LEAST_SECONDS = 1.5
"""So long each kind is asked for, so that what takes a millisecond is measured too; beyond it the first `requests`."""
MORE = 20
"""So many times as many addresses are there for those who have answered the first ones by then."""


@dataclass(frozen=True)
class Took:
    """Milliseconds of each request, CPU milliseconds per request, and the bytes of all answers."""

    each: Sequence[float]
    cpu: float
    size: int

    @property
    def p50(self) -> float:
        return statistics.median(self.each)

    def row(self) -> str:
        ordered = sorted(self.each)
        p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        size = self.size / len(ordered) / 1e3
        return f"{self.p50:.1f} | {p95:.1f} | {self.cpu:.2f} | {size:.0f} | {len(ordered)}"


def measure(parts: Sequence[str], given: argparse.Namespace) -> None:
    """Fill a database, start the servers one after the other, and print what each took."""
    begun = time.perf_counter()
    with filled(given.postgresql, given.points) as address:
        add_plain_table(address)
        print(f"{given.points:,} enterprises; filled in {time.perf_counter() - begun:.0f} s\n")
        for part, rows in (("items", items), ("tiles", tiles)):
            if part in parts:
                compare(address, part, rows, given.requests)
        if "moving" in parts:
            moving(address)


def compare(address: str, part: str, rows: Callable[[str, int], Iterator[Kind]], requests: int) -> None:
    """Ask each server for the same, and print what each took and how many times ours the others took."""
    print(f"\n| {part} | server | p50 ms | p95 ms | CPU ms per request | kB per answer | requests |")
    print("|---|---|---:|---:|---:|---:|---:|")
    took: dict[str, dict[str, Took]] = {}
    for name, start in ((OURS, ours), (TIPG, tipg), (PYGEOAPI, pygeoapi)):
        if (name != OURS and not (PEERS / "python").exists()) or (part == "tiles" and name not in TILES):
            continue
        with start(address) as (server, pid, headers):
            for what, least, paths in rows(name, requests):
                asked = took.setdefault(what, {})[name] = ask(server, pid, headers, paths, least, address)
                print(f"| {what} | {name} | {asked.row()} |", flush=True)
            print(f"| memory | {name} | {sum(map(megabytes, family(pid))):.0f} MB | | | | |", flush=True)
    print(f"\n| {part} | server | times ours by p50 | times ours by CPU |\n|---|---|---:|---:|")
    for what, of in took.items():
        for name in list(of)[1:]:
            print(f"| {what} | {name} | {of[name].p50 / of[OURS].p50:.1f} x | {of[name].cpu / of[OURS].cpu:.1f} x |")


def add_plain_table(address: str) -> None:
    """The same points as an ordinary PostGIS table with a GiST index: what the others serve."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.execute(
            "CREATE TABLE bench_point AS SELECT row_number() OVER (ORDER BY id)::int AS gid, id::text AS enterprise,"
            " municipality, place_state, chain, validation, jobs_women, recorded_on, accuracy_m, activity, jobs_men,"
            " home_based, formal, started_year, consent_map, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom"
            " FROM copy_enterprise"
        )
        connection.execute("ALTER TABLE bench_point ADD PRIMARY KEY (gid)")
        connection.execute("CREATE INDEX ON bench_point USING gist (geom)")
        connection.execute("VACUUM ANALYZE bench_point")


def items(name: str, requests: int) -> Iterator[Kind]:
    """Kinds of pages with their addresses."""
    dice = random.Random(5)
    known = [one for _, one in sorted(municipalities().items())]
    few = max(requests // 4, 5)

    def pages(query: str, number: int) -> list[str]:
        return [ITEMS[name].format(query=query.format(box=box(dice.choice(known)))) for _ in range(number * MORE)]

    yield "limit 10", requests, pages("limit=10", requests)
    yield "limit 1,000", few, pages("limit=1000", few)
    yield "box of 0.2 degrees, limit 10", requests, pages("limit=10&bbox={box}", requests)
    yield "box of 0.2 degrees, limit 1,000", few, pages("limit=1000&bbox={box}", few)


def box(of: Municipality) -> str:
    """A box of 0.2 degrees around a municipality's centre."""
    return f"{of.lon - 0.1:.4f},{of.lat - 0.1:.4f},{of.lon + 0.1:.4f},{of.lat + 0.1:.4f}"


def tiles(name: str, requests: int) -> Iterator[Kind]:
    """The tiles in which municipalities' centres lie, by zoom."""
    dice = random.Random(6)
    known = [one for _, one in sorted(municipalities().items())]
    few = max(requests // 2, 10)
    for zoom in range(6, 13):
        paths = []
        for one in (dice.choice(known) for _ in range(few * MORE)):
            column, row = (part >> (BITS - zoom) for part in column_row(one.lon, one.lat))
            paths.append(TILES[name].format(z=zoom, y=row, x=column))
        yield f"z{zoom}", few, paths


def ask(server: Server, pid: int, headers: Mapping[str, str], paths: Sequence[str], least: int, address: str) -> Took:
    """Ask for one address after the other, for the first `least` at any rate."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
    each: list[float] = []
    size = 0
    before, until = cpu_seconds(pid) + postgresql_cpu(address), time.perf_counter() + LEAST_SECONDS
    for path in paths:
        if len(each) >= least and time.perf_counter() > until:
            break
        begun = time.perf_counter()
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        size += len(response.read())
        each.append((time.perf_counter() - begun) * 1000)
        if response.status not in {200, 204}:
            raise RuntimeError(f"{server.name} {path}: {response.status}")
    used = cpu_seconds(pid) + postgresql_cpu(address) - before
    connection.close()
    return Took(each, used * 1000 / len(each), size)


def postgresql_cpu(address: str) -> float:
    """Processor time so far, in seconds, of PostgreSQL's processes for this database; what others do on the same server
    is not counted, nor what parallel workers did that have ended.
    """
    with psycopg.connect(address, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type IN ('client backend', 'parallel worker')"
        ).fetchall()
    total = 0
    for (pid,) in rows:
        try:
            total += int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
        except OSError:
            continue  # it ended meanwhile
    return total / 1e9


Started = tuple[Server, int, Mapping[str, str]]


@contextmanager
def started(server: Server, environ: Mapping[str, str], path: str, headers: Mapping[str, str]) -> Iterator[Started]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running(server.command, environ, Path(folder) / "log") as pid,
    ):
        wait_for(server, path, headers)
        yield server, pid, headers


@contextmanager
def ours(address: str) -> Iterator[Started]:
    """The territory service as it is deployed, one process, asked by a coordinator of the network."""
    with tempfile.TemporaryDirectory() as home:
        environ = {"CSEM_HOME": home, "CSEM_TERRITORY_DATABASE_URL": address, "CSEM_BENCH_DATABASE": address}
        settings = Settings.read("territory", {"CSEM_HOME": home})
        for service in ("portal", "territory"):
            create_keys(settings.keys, service)
        ring = Keyring(settings.keys, "portal")
        caller = Caller("bench", "Medida", frozenset({"network_coordinator"}), Scope.of("*"))
        headers = {"Authorization": f"Bearer {ring.sign(caller, seconds=3600)}"}
        options = f"{GUNICORN} --no-control-socket --bind 127.0.0.1:8174"
        command = (f"{PRODUCT_VENV}/gunicorn", *options.split(), "deploy.bench.territory_serving:create()")
        server = Server(OURS, 8174, command, "gunicorn gthread 1 x 4; authorisation, scope, metrics, log line on")
        with started(server, environ, ITEMS[OURS].format(query="limit=1"), headers) as one:
            yield one


@contextmanager
def tipg(address: str) -> Iterator[Started]:
    environ = {"DATABASE_URL": address, "TIPG_MAX_FEATURES_PER_TILE": "20000", "TIPG_DB_SCHEMAS": '["public"]'}
    options = "--port 8175 --log-level warning --no-access-log"
    command = (f"{PEERS}/uvicorn", "tipg.main:app", *options.split())
    with started(Server(TIPG, 8175, command, "uvicorn 1"), environ, ITEMS[TIPG].format(query="limit=1"), {}) as one:
        yield one


@contextmanager
def pygeoapi(address: str) -> Iterator[Started]:
    with tempfile.TemporaryDirectory() as folder:
        config, described = Path(folder) / "config.yml", Path(folder) / "openapi.yml"
        config.write_text(json.dumps(configuration(address)))
        environ = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(described)}
        os.system(f"PYGEOAPI_CONFIG={config} {PEERS}/pygeoapi openapi generate {config} --output-file {described}")
        options = f"{GUNICORN} --bind 127.0.0.1:8176"
        command = (f"{PEERS}/gunicorn", *options.split(), "pygeoapi.flask_app:APP")
        server = Server(PYGEOAPI, 8176, command, "gunicorn gthread 1 x 4")
        with started(server, environ, ITEMS[PYGEOAPI].format(query="limit=1"), {}) as one:
            yield one


def configuration(address: str) -> dict[str, object]:
    """What pygeoapi needs to serve the plain table."""
    rest, _, name = address.rpartition("/")
    user, _, host = rest.partition("//")[2].partition("@")
    words = {
        "title": "b",
        "description": "b",
        "keywords": ["b"],
        "keywords_type": "theme",
        "terms_of_service": "",
        "url": "",
    }
    provider = {
        "type": "feature", "name": "PostgreSQL", "id_field": "gid", "table": "bench_point", "geom_field": "geom",
        "data": {"host": host.partition(":")[0], "port": host.partition(":")[2] or "5432", "dbname": name, "user": user,
                 "password": "x", "search_path": ["public"]},
    }  # fmt: skip
    limits = {"default_items": 10, "max_items": 10_000, "on_exceed": "throttle"}
    return {
        "server": {"bind": {"host": "127.0.0.1", "port": 8176}, "url": "http://127.0.0.1:8176",
                   "mimetype": "application/json", "encoding": "utf-8",
                   "languages": ["en-US"], "limits": limits, "admin": False, "gzip": False,
                   "pretty_print": False, "map": {"url": "x", "attribution": "x"}},
        "logging": {"level": "ERROR"},
        "metadata": {"identification": words, "license": {"name": "x", "url": ""}, "provider": {"name": "x", "url": ""},
                     "contact": {"name": "x"}},
        "resources": {"enterprises": {
            "type": "collection", "title": "e", "description": "e", "keywords": ["e"], "links": [],
            "extents": {"spatial": {"bbox": [-93, 12, -82, 18], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
            "providers": [provider]}},
    }  # fmt: skip


def moving(address: str, tries: int = 20) -> None:
    """How long after its event is handled a moved point stands in its new tile, over HTTP."""
    from deploy.bench.territory_serving import mover

    took = []
    with ours(address) as (server, _, headers):
        move: Callable[[int], tuple[str, str]] = mover(address)
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        for number in range(tries):
            begun = time.perf_counter()
            tile, enterprise = move(number)
            connection.request("GET", TILES[OURS].split("{z}")[0] + tile, headers=dict(headers))
            content = connection.getresponse().read()
            if enterprise.encode() not in content:
                raise RuntimeError("the moved point is not in its new tile")
            took.append((time.perf_counter() - begun) * 1000)
    print("\nA moved point, from the handling of its event to the tile that shows it:", end=" ")
    print(f"median {statistics.median(took):.0f} ms, most {max(took):.0f} ms ({tries} moves)")
