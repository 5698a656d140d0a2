"""A month is published once, however many ask for it at the same moment."""

import multiprocessing
import time
from multiprocessing.synchronize import Barrier

from sqlalchemy import func, select

from services.territory.models import Publication
from services.territory.use_cases.publish_figures import ensure_published, figures_of_today, publish_the_month
from shared.database import Database
from shared.identity import Caller
from tests.territory.conftest import register

PLANNER = Caller.operator("planner")
FASTER, SLOWER = 3, 4


def publish(url: str, both: Barrier) -> None:
    """A process of its own: its figures are worked out before either of the two has published."""
    database = Database(url)
    with database.reading() as session:
        figures = figures_of_today(session, PLANNER, "HN17")
    both.wait(120)
    with database.transaction() as session:
        made = publish_the_month(session, figures)
        time.sleep(0.5)  # the other one comes meanwhile
    database.dispose()
    raise SystemExit(FASTER if made else SLOWER)


def test_of_two_processes_that_publish_a_month_at_once_one_does(database: Database) -> None:
    with database.transaction() as session:
        register(session, 8)
    spawn = multiprocessing.get_context("spawn")
    both = spawn.Barrier(2)
    processes = [spawn.Process(target=publish, args=(database.url, both)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert sorted(process.exitcode or 0 for process in processes) == [FASTER, SLOWER]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Publication)) == 1


def test_what_is_published_already_counts_for_nobody(database: Database) -> None:
    with database.transaction() as session:
        register(session, 8)

    assert ensure_published(database, PLANNER, ["HN17", "HN17"]) == 1
    assert ensure_published(database, PLANNER, ["HN17"]) == 0
