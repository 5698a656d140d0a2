"""One import in a process of its own, timed by its stages, or the search for duplicates after it:
`python -m deploy.bench.registry_import take FILE` or `… search`, in a house that `CSEM_HOME` names; prints JSON.

The embedded default: the registry on SQLite, territory in the same process, the file read by a child process, rows made
in another one. No relay runs: events wait in the log, as they do for any command of the operator.
"""

import hashlib
import io
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deploy.house import House
from services.registry import duplicates
from services.registry.jobs import LongWork
from services.registry.models import ImportRun
from services.registry.territory import Answer, Asked, Territory
from services.registry.use_cases.import_inventory import begin_import
from services.registry.work import Directly
from shared import logs
from shared.garbage import collect_rarely
from shared.identity import Caller
from shared.workbooks import AT_HAND


class Stopwatch:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, stage: str, work: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        try:
            return work()
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0) + time.perf_counter() - begun


class _TimedTerritory(Territory):
    def __init__(self, territory: Territory, watch: Stopwatch) -> None:
        self._territory, self._watch = territory, watch

    def locate(self, asked: Sequence[Asked]) -> list[Answer]:
        answers: list[Answer] = self._watch.timed("locate", lambda: self._territory.locate(asked))
        return answers


def take_in(file: Path) -> dict[str, Any]:
    """Import `file` into the house's empty registry."""
    logs.configure("json", io.StringIO())
    collect_rarely()
    house = House(os.environ)
    house.create_keys()
    house.migrate("registry", "territory")
    service = house.service("registry")
    house.service("territory")
    composed: LongWork = service.web.extensions["context"].work
    watch, caller = Stopwatch(), Caller.operator("bench")
    long_work = LongWork(composed.sealer, _TimedTerritory(composed.territory, watch))
    work = Directly(caller, service.database.transaction, service.database.reading)
    read = [0.0]

    def shown(done: int, _total: int | None) -> None:
        read[0] = read[0] or time.perf_counter() * (done == 0)

    work.show = shown
    begun = time.perf_counter()
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        with work.transaction() as session:
            run_id = begin_import(session, caller, name=file.name, sha256=sha256, dry_run=False).id
        long_work.take_in(work, run_id, content, AT_HAND)
    over = time.perf_counter()
    watch.seconds |= {"read": read[0] - begun, "write": over - read[0]}
    with work.reading() as session:
        run = session.get_one(ImportRun, run_id)
        told = {"state": run.state, "records": run.records, "created": run.created}
    house.dispose()
    return told | {"seconds": watch.seconds, "cpu": _cpu()}


def search_all() -> dict[str, Any]:
    """Look for duplicates in the house's registry."""
    logs.configure("json", io.StringIO())
    collect_rarely()
    house = House(os.environ)
    service = house.service("registry")
    work = Directly(Caller.operator("bench"), service.database.transaction, service.database.reading)
    begun = time.perf_counter()
    told = duplicates.search(work, service.web.extensions["context"].sealer)
    house.dispose()
    return {name: told[name] for name in ("records", "compared")} | {"seconds": time.perf_counter() - begun}


def _cpu() -> float:
    """Seconds of user and system time of this process and of those it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(take_in(Path(sys.argv[2])) if sys.argv[1] == "take" else search_all()))
