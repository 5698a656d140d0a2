"""Many reports at once: in a few processes, each with fonts, templates and boundaries at hand already."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries import views
from services.territory.queries.figures import latest_publication
from services.territory.queries.report_subjects import (
    CHAIN,
    DEPARTMENTAL,
    MUNICIPAL,
    Subject,
    departmental,
    municipal,
    of_chain,
)
from services.territory.queries.reports import report_of, shapes_of
from services.territory.queries.views import Selection, View
from services.territory.rules.figures import Figures
from services.territory.use_cases.print_report import Issue, PrintedReport
from shared.database import Database
from shared.i18n import Catalogue

PACKED = (MUNICIPAL, DEPARTMENTAL, CHAIN)
"""The kinds of reports that are made for every place of a territory."""
_A_TASK = 12
"""Reports that a process makes at a time: progress shows, and a stop is heard, between them."""


@dataclass(frozen=True)
class Press:
    """What printing takes. Figures have to be published before."""

    database_url: str
    locale: Path
    public_url: str
    language: str = "es"
    form: str = "pdf"


@dataclass(frozen=True)
class Paper:
    """A report that was printed; `content` is None where the same one was there already."""

    name: str
    issue: Issue
    content: bytes | None


def subjects(
    units: Sequence[str], kinds: Sequence[str], chains: Mapping[str, Sequence[str]] | None = None
) -> list[Subject]:
    """The reports of these kinds of all places in some units, department by department; those of chains for the
    `chains` of each whole department.
    """
    municipalities = [code for code in reference.municipalities() if code.startswith(tuple(units))]
    found: list[Subject] = []
    for department in sorted({code[:4] for code in municipalities}):
        if DEPARTMENTAL in kinds and department.startswith(tuple(units)):
            found.append(departmental(department))
        if CHAIN in kinds and department.startswith(tuple(units)):
            found += [of_chain(chain, (department,)) for chain in (chains or {}).get(department, ())]
        if MUNICIPAL in kinds:
            found += [municipal(code) for code in municipalities if code.startswith(department)]
    return found


def chains_in(session: Session, departments: Sequence[str]) -> dict[str, list[str]]:
    """The chains of each department of which anything was published."""
    found = {}
    for department in departments:
        row = latest_publication(session, department)
        figures = Figures.from_stored(row["figures"] if row else {})
        found[department] = figures.entries(department, "chain")
    return found


def print_many(
    press: Press, wanted: Sequence[Subject], *, processes: int, have: Mapping[str, str] | None = None
) -> Iterator[list[Paper]]:
    """The reports, some at a time, in their order. `have`: hashes by name of those that are not printed again while
    they would say the same.
    """
    tasks = [wanted[start : start + _A_TASK] for start in range(0, len(wanted), _A_TASK)]
    make = partial(_make, press, have or {})
    if processes == 1:
        yield from map(make, tasks)
        return
    pool = ProcessPoolExecutor(min(processes, len(tasks) or 1), mp_context=get_context("spawn"))
    try:
        yield from _in_order(pool, make, tasks, ahead=2 * processes)
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, make: Any, tasks: Sequence[Any], *, ahead: int) -> Iterator[list[Paper]]:
    """The answers in the order of their tasks; few are under way, so that little is done in vain when it is stopped."""
    waiting: deque[Future[list[Paper]]] = deque()
    for task in tasks:
        waiting.append(pool.submit(make, task))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _make(press: Press, have: Mapping[str, str], wanted: Sequence[Subject]) -> list[Paper]:
    catalogue = Catalogue([press.locale])

    def speak(code: str, **facts: Any) -> str:
        return catalogue.sentence(code, facts, press.language)

    database, seen = Database(press.database_url), dict[Selection, View]()
    try:
        return [_paper(database, press, have, speak, subject, seen) for subject in wanted]
    finally:
        database.dispose()


def _paper(
    database: Database,
    press: Press,
    have: Mapping[str, str],
    speak: Any,
    subject: Subject,
    seen: dict[Selection, View],
) -> Paper:
    """One report; what is published of its place is read once for all that are `seen` beside it."""
    with database.reading() as session:
        if subject.selection not in seen:
            seen[subject.selection] = views.published(session, subject.selection)
        view = seen[subject.selection]
        printed = PrintedReport(report_of(session, view, subject, speak, language=press.language), press.language)
        name = f"{speak('report.file')}-{printed.report['number']}.{press.form}"
        if have.get(name) == printed.hash:
            return Paper(name, printed.issue, None)
        shapes = shapes_of(session, printed.report) if press.form == "gpkg" else {}
    return Paper(name, printed.issue, printed.written(press.form, speak, shapes, press.public_url))
