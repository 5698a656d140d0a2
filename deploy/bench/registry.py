"""`make bench-registry`: the registry at the size of a country, on this machine, in one run; prints Markdown tables.

python -m deploy.bench.registry [import] [search] [export] [--rows 100000 --rows 1000000] [--data ../shared/data]
"""

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from deploy.bench import registry_data as data
from deploy.bench.weighing import Run, weighed
from shared.database import Database, migrate
from shared.identity import Caller, Scope

ROWS = (100_000, 1_000_000)
ODK_CENTRAL = "ODK Central's own headline, quoted and not measured here: 41 submissions/s"
_STAGES = ("read", "locate", "write")
_BATCH = 500


def imports(folder: Path, rows: int) -> None:
    """Import `rows` invented women into an empty registry, and write the same rows with nothing but the driver."""
    stages = " | ".join(f"{stage} s" for stage in _STAGES)
    print(f"\n| rows | s | rows/s | {stages} | CPU µs per row | peak MB | file MB | database MB | executemany |")
    print("|---:" * (6 + len(_STAGES)) + "|---:|---:|")
    file, home = folder / f"{rows}.csv", folder / f"home-{rows}"
    data.write_inventory(file, rows)
    environ = {"CSEM_HOME": str(home)}
    command = [sys.executable, "-m", "deploy.bench.registry_import"]
    run = weighed([*command, "take", str(file)], environ)
    told = json.loads(run.output)
    if (told["state"], told["created"]) != ("done", rows):
        raise RuntimeError(f"the import ended otherwise: {told}")
    seconds = told["seconds"]
    size = (home / "registry.sqlite").stat().st_size / 1e6
    took = seconds["read"] + seconds["write"]
    stages = " | ".join(f"{seconds[stage]:,.0f}" for stage in _STAGES)
    print(
        f"| {rows:,} | {took:,.0f} | {rows / took:,.0f} | {stages} | {told['cpu'] / rows * 1e6:,.0f} |"
        f" {run.peak_mb:,.0f} | {file.stat().st_size / 1e6:,.0f} | {size:,.0f} | {floor(folder, home, rows)} |",
        flush=True,
    )
    found = weighed([*command, "search"], environ)
    looked = json.loads(found.output)
    print(
        f"\nDuplicates among them: {looked['compared']:,} pairs compared, {looked['seconds']:,.0f} s,"
        f" peak {found.peak_mb:,.0f} MB\n",
        flush=True,
    )


def floor(folder: Path, home: Path, rows: int) -> str:
    """Records per second when the rows that an import left are written into an empty file by `sqlite3.executemany`, in
    batches of as many, every batch one synced transaction; only for the smaller number of them.
    """
    if rows > ROWS[0]:
        return "—"
    copy = folder / f"floor-{rows}.sqlite"
    with closing(sqlite3.connect(home / "registry.sqlite")) as source, closing(sqlite3.connect(copy)) as target:
        target.isolation_level = None
        target.execute("PRAGMA journal_mode=WAL")
        target.execute("PRAGMA synchronous=FULL")
        tables = [name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for (sql,) in source.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        ):
            target.execute(sql)
        cursors = {
            name: source.execute(f'SELECT * FROM "{name}"')
            for name in tables
            if not name.startswith(("sqlite_", "alembic"))
        }
        counts = {name: source.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in cursors}
        spent = 0.0
        for _ in range(-(-rows // _BATCH)):
            parts = {name: cursor.fetchmany(-(-counts[name] * _BATCH // rows)) for name, cursor in cursors.items()}
            begun = time.perf_counter()
            target.execute("BEGIN IMMEDIATE")
            for name, part in parts.items():
                if part:
                    target.executemany(f'INSERT INTO "{name}" VALUES ({",".join("?" * len(part[0]))})', part)
            target.execute("COMMIT")
            spent += time.perf_counter() - begun
    copy.unlink()
    return f"{rows / spent:,.0f}/s"


def search(folder: Path) -> None:
    """Lists, searches and records of 300,000."""
    if find_spec("deploy.bench.registry_search") is None:
        print("\nSearch: nothing to measure it with in this tree.")
        return
    bench: Any = import_module("deploy.bench.registry_search")
    url = f"sqlite:///{folder / 'search.sqlite'}"
    database = Database(url)
    migrate(database, "registry")
    bench.fill(database)
    database.dispose()
    print(f"\n**Lists, searches and records, {bench.RECORDS:,} records**\n")
    print("| | p50 ms | p95 ms | worst ms |\n|---|---:|---:|---:|")
    technician = Caller("bench", "Bench", frozenset({"technician"}), Scope.of("GT", "SV", "HN"))
    for row in bench.measure(url, technician):
        print(f"| {row.asked} | {row.p50:.1f} | {row.p95:.1f} | {row.worst:.1f} |", flush=True)


def exports(folder: Path, source: Path) -> None:
    """Honduras' directory of establishments as records, and the registry of them in each kind of file."""
    if find_spec("services.registry.exchange") is None:
        print("\nExport: nothing to measure in this tree.")
        return
    formats: Any = import_module("services.registry.exchange.formats")
    home = folder / "home-export"
    command = [sys.executable, "-m", "deploy.bench.registry_export"]
    environ = {"CSEM_HOME": str(home)}
    filled = weighed([*command, "fill", str(source)], environ)
    records = int(filled.output)
    print(f"\n**Export of {records:,} records**\n\n| | s | peak MB | file MB |\n|---|---:|---:|---:|")
    for kind, one in formats.FORMATS.items():
        path = folder / f"export{one.ending}"
        run: Run = weighed([*command, kind, str(path)], environ)
        print(
            f"| {kind} | {float(run.output):,.1f} | {run.peak_mb:,.0f} | {path.stat().st_size / 1e6:,.0f} |", flush=True
        )
        path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=["import", "search", "export"])
    parser.add_argument("--rows", type=int, action="append", default=[])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--folder", type=Path, help="where the databases are made and removed again")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        if "import" in given.parts:
            print(f"**Import, SQLite, territory in the same process** ({ODK_CENTRAL})")
            for rows in given.rows or ROWS:
                imports(folder, rows)
        if "search" in given.parts:
            search(folder)
        if "export" in given.parts:
            exports(folder, given.data)


if __name__ == "__main__":
    main()
