"""The reports of all municipalities printed anew from this month's publications, with the processes of the command."""

import argparse
import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from deploy.bench.territory_analysis import fill
from deploy.house import House
from services.territory import reference
from services.territory.queries.report_subjects import MUNICIPAL
from services.territory.use_cases.print_many import Press, print_many, subjects
from services.territory.use_cases.publish_figures import ensure_published
from shared import logs
from shared.identity import Caller

COUNTRIES = ("GT", "HN", "SV")
ENTERPRISES = 14_400
"""About as many as sixteen to a municipality."""
_PROCESSES = 2


def measure(_parts: Sequence[str], given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        _measure(Path(folder))


def _measure(folder: Path) -> None:
    logs.configure("json", io.StringIO())
    house = House({"CSEM_HOME": str(folder), "CSEM_LOG_FORMAT": "console"})
    house.create_keys()
    house.migrate("registry", "territory")
    service = house.service("territory")
    for country in COUNTRIES:
        share = sum(code.startswith(country) for code in reference.municipalities()) / len(reference.municipalities())
        fill(service.database, round(ENTERPRISES * share), country=country)
    departments = sorted({code[:4] for code in reference.municipalities()})
    published = _took(lambda: ensure_published(service.database, Caller.operator("bench"), departments))
    context: Any = service.web.extensions["context"]
    press = Press(service.settings.database_url, context.locale, context.public_url)
    wanted = subjects(COUNTRIES, [MUNICIPAL])
    sizes: list[int] = []

    def printed() -> Iterator[int]:
        for papers in print_many(press, wanted, processes=_PROCESSES):
            yield from (len(paper.content or b"") for paper in papers)

    made = _took(lambda: sizes.extend(printed()))
    house.dispose()
    print(
        f"**{len(wanted)} municipal reports** of {ENTERPRISES:,} enterprises as PDF, {_PROCESSES} processes, SQLite\n"
    )
    print("| step | s | CPU s |\n|---|---:|---:|")
    print(f"| this month's publication of {len(departments)} departments | {published[0]:.0f} | {published[1]:.0f} |")
    print(
        f"| {len(sizes)} reports, {sum(sizes) / len(sizes) / 1024:.0f} KB each | {made[0]:.0f} | {made[1]:.0f} |\n",
        flush=True,
    )


def _took(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time with that of the processes that ended."""
    begun, before = time.perf_counter(), os.times()
    work()
    after = os.times()
    return time.perf_counter() - begun, sum(after[:4]) - sum(before[:4])
