"""Long work: it begins on commit, shows how far it is, survives its worker, can be cancelled, gives up in the end."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from shared import jobs
from shared.database import Database
from shared.identity import Caller, Scope
from shared.job_runner import Runner, Schedule, schedule_table
from shared.jobs import Job, job_table
from shared.kernel import Invalid, NotFound, Refused, Stale

ANA = Caller("ana", "Ana", frozenset({"technician"}), Scope.of("HN17"))


@pytest.fixture
def database(open_database: Callable[[str], Database]) -> Database:
    return open_database("training")


def asked(database: Database, kind: str = "count", caller: Caller = ANA, **payload: Any) -> UUID:
    with database.transaction() as session:
        return jobs.enqueue(session, kind, payload, caller)


def state(database: Database, job_id: UUID) -> dict[str, Any]:
    with database.reading() as session:
        return jobs.status(session, ANA, job_id)


def change(database: Database, job_id: UUID, **values: Any) -> None:
    with database.transaction() as session:
        session.execute(update(job_table).where(job_table.c.id == job_id).values(**values))


def due_now(database: Database, job_id: UUID) -> None:
    change(database, job_id, due_at=jobs.now() - timedelta(seconds=1))


@contextmanager
def working(runner: Runner) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def test_a_job_runs_as_who_asked_for_it_and_its_result_is_kept(database: Database) -> None:
    seen: list[Job] = []

    def handler(job: Job) -> dict[str, Any]:
        seen.append(job)
        return {"id": uuid4(), "created": 3, "problems": [{"row": 7}]}

    job_id = asked(database, file=uuid4())
    assert Runner(database, {"count": handler}).run_due() == 1
    found = state(database, job_id)
    assert (found["state"], found["result"]["created"], found["error"]) == ("done", 3, None)
    assert seen[0].caller == ANA
    assert UUID(seen[0].payload["file"])


def test_a_job_of_a_transaction_that_was_rolled_back_never_runs(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:  # noqa: PT012
        jobs.enqueue(session, "count", {}, ANA)
        raise ZeroDivisionError
    assert Runner(database, {"count": lambda _job: {}}).run_due() == 0


def test_it_begins_as_soon_as_it_is_asked_for(database: Database) -> None:
    runner = Runner(database, {"count": lambda _job: {}}, poll=30)
    with working(runner):
        time.sleep(0.2)
        begun = time.monotonic()
        job_id = asked(database)
        wait_for(lambda: state(database, job_id)["state"] == "done")
        assert time.monotonic() - begun < 5
        jobs.wake(database.engine).set()
        asked_later = asked(database)
        wait_for(lambda: state(database, asked_later)["state"] == "done")
        threading.Timer(0.3, jobs.wake(database.engine).set).start()


def test_a_job_asked_for_by_another_process_is_found_by_the_poll(database: Database) -> None:
    with working(Runner(database, {"count": lambda _job: {}}, poll=0.1)):
        program = (
            "import sys; from shared import jobs; from shared.database import Database; from shared.identity import Caller\n"
            "database = Database(sys.argv[1])\n"
            "with database.transaction() as session:\n"
            "    print(jobs.enqueue(session, 'count', {}, Caller('ana', 'Ana', frozenset())))\n"
        )
        told = subprocess.run(
            [sys.executable, "-c", program, database_url(database)], capture_output=True, text=True, check=True
        )
        job_id = UUID(told.stdout.strip())
        wait_for(lambda: state(database, job_id)["state"] == "done")


def test_a_job_of_a_kind_nobody_here_does_is_left_to_others(database: Database) -> None:
    job_id = asked(database, "other")
    assert Runner(database, {"count": lambda _job: {}}).run_due() == 0
    assert state(database, job_id)["state"] == "queued"


def test_progress_is_visible_at_once_outside_a_transaction_and_on_commit_inside_one(database: Database) -> None:
    seen: list[tuple[int, int | None]] = []

    def look(job: Job) -> None:
        found = state(database, job.id)
        seen.append((found["done"], found["total"]))

    def handler(job: Job) -> None:
        job.progress(1, 10)
        look(job)
        with job.transaction():
            job.progress(5)
        look(job)
        job.progress(10, 10)
        look(job)

    asked(database)
    Runner(database, {"count": handler}).run_due()
    assert seen == [(1, 10), (5, 10), (10, 10)]


def test_the_last_report_is_shown_even_when_reports_come_quickly(database: Database) -> None:
    def handler(job: Job) -> None:
        for number in range(1, 1001):
            job.progress(number, 2000)

    job_id = asked(database)
    Runner(database, {"count": handler}).run_due()
    assert state(database, job_id)["done"] == 1000


def test_only_who_asked_and_administrators_see_a_job(database: Database) -> None:
    job_id = asked(database)
    stranger = Caller("eva", "Eva", frozenset({"technician"}), Scope.of("HN17"))
    admin = Caller("root", "Root", frozenset({"admin"}))
    with database.transaction() as session:
        for refused in (jobs.status, jobs.cancel):
            with pytest.raises(NotFound, match=r"job\.unknown"):
                refused(session, stranger, job_id)
            with pytest.raises(NotFound, match=r"job\.unknown"):
                refused(session, ANA, uuid4())
        assert jobs.status(session, admin, job_id)["state"] == "queued"


def test_a_queued_job_is_cancelled_at_once(database: Database) -> None:
    job_id = asked(database)
    with database.transaction() as session:
        assert jobs.cancel(session, ANA, job_id)["state"] == "cancelled"
    assert Runner(database, {"count": lambda _job: {}}).run_due() == 0


def test_a_running_job_ends_at_its_next_report_and_keeps_what_it_committed(database: Database) -> None:
    reached: list[int] = []

    def handler(job: Job) -> None:
        for number in range(1, 1000):
            with job.transaction():
                job.progress(number, 1000)
            reached.append(number)
            if number == 3:
                with database.transaction() as session:
                    jobs.cancel(session, ANA, job.id)
                time.sleep(0.25)

    job_id = asked(database)
    Runner(database, {"count": handler}).run_due()
    found = state(database, job_id)
    assert (found["state"], found["done"], reached) == ("cancelled", 3, [1, 2, 3])


def test_a_job_that_is_over_cannot_be_cancelled(database: Database) -> None:
    job_id = asked(database)
    Runner(database, {"count": lambda _job: {}}).run_due()
    with database.transaction() as session, pytest.raises(Refused, match=r"job\.already_over"):
        jobs.cancel(session, ANA, job_id)


def test_a_refusal_is_final_and_tells_its_code_and_facts(database: Database) -> None:
    def handler(_job: Job) -> None:
        raise Invalid("file.cannot_be_read", pointer="/file", reason="damaged", id=uuid4())

    job_id = asked(database)
    Runner(database, {"count": handler}).run_due()
    found = state(database, job_id)
    assert (found["state"], found["attempts"]) == ("failed", 1)
    assert (found["error"]["code"], found["error"]["facts"]["reason"]) == ("file.cannot_be_read", "damaged")


def test_a_failure_is_tried_again_later_and_given_up_after_the_last_attempt(database: Database) -> None:
    attempts: list[int] = []

    def handler(job: Job) -> None:
        attempts.append(job.attempt)
        raise KeyError("secret detail")

    job_id = asked(database)
    runner = Runner(database, {"count": handler}, attempts=3)
    for _ in range(5):
        runner.run_due()
        due_now(database, job_id)
    found = state(database, job_id)
    assert attempts == [1, 2, 3]
    assert (found["state"], found["error"]) == ("failed", {"code": "job.gave_up", "facts": {"attempts": 3}})
    with database.reading() as session:
        trace = session.execute(select(job_table.c.trace)).scalar_one()
    assert "KeyError" in trace
    assert "handler" in trace, "the trace tells where"
    assert "secret detail" not in trace, "what an error says may be somebody's name"


def test_a_job_that_met_a_change_of_somebody_else_is_tried_again(database: Database) -> None:
    def handler(job: Job) -> dict[str, Any]:
        if job.attempt == 1:
            raise Stale("changed_meanwhile")
        return {}

    job_id = asked(database)
    runner = Runner(database, {"count": handler})
    runner.run_due()
    due_now(database, job_id)
    runner.run_due()
    assert state(database, job_id)["state"] == "done"


def test_a_failed_attempt_waits_before_the_next_and_may_then_succeed(database: Database) -> None:
    def handler(job: Job) -> dict[str, Any]:
        if job.attempt == 1:
            raise OSError
        return {"attempt": job.attempt}

    job_id = asked(database)
    runner = Runner(database, {"count": handler})
    assert runner.run_due() == 1, "the second attempt is not due yet"
    due_now(database, job_id)
    runner.run_due()
    found = state(database, job_id)
    assert (found["state"], found["result"], found["error"]) == ("done", {"attempt": 2}, None)


def test_a_new_attempt_goes_on_from_the_last_committed_checkpoint(database: Database) -> None:
    begun_at: list[int] = []

    def handler(job: Job) -> None:
        first = job.checkpoint.get("next", 0)
        begun_at.append(first)
        for number in range(first, 6):
            with job.transaction():
                job.progress(number + 1, 6, checkpoint={"next": number + 1})
                if number == 3 and job.attempt == 1:
                    raise OSError("after the report, before the commit")

    job_id = asked(database)
    runner = Runner(database, {"count": handler})
    runner.run_due()
    due_now(database, job_id)
    runner.run_due()
    assert begun_at == [0, 3]
    assert state(database, job_id)["done"] == 6


def test_a_worker_that_lost_its_lease_changes_nothing(database: Database) -> None:
    def handler(job: Job) -> dict[str, Any]:
        change(database, job.id, worker=uuid4())
        with job.transaction() as session:
            session.execute(update(job_table).where(job_table.c.id == job.id).values(kind="spoilt"))
        return {"never": "reached"}

    job_id = asked(database)
    Runner(database, {"count": handler}).run_due()
    found = state(database, job_id)
    assert (found["kind"], found["result"]) == ("count", None)


def test_a_worker_whose_job_was_taken_over_does_not_mark_it_as_done(database: Database) -> None:
    other = uuid4()

    def handler(job: Job) -> dict[str, Any]:
        change(database, job.id, worker=other)
        return {"late": True}

    job_id = asked(database)
    Runner(database, {"count": handler}).run_due()
    assert (state(database, job_id)["state"], state(database, job_id)["result"]) == ("running", None)


def test_the_lease_of_a_long_silent_job_is_renewed(database: Database) -> None:
    taken: list[int] = []

    def handler(job: Job) -> None:
        taken.append(job.attempt)
        time.sleep(1.5)

    job_id = asked(database)
    first, second = (Runner(database, {"count": handler}, lease=0.6, poll=0.05) for _ in range(2))
    with working(first), working(second):
        wait_for(lambda: state(database, job_id)["state"] == "done")
    assert taken == [1]


def test_two_workers_never_do_the_same_job(database: Database) -> None:
    done: list[UUID] = []

    def handler(job: Job) -> None:
        done.append(job.id)

    ids = {asked(database) for _ in range(30)}
    runners = [Runner(database, {"count": handler}, poll=0.05) for _ in range(3)]
    with working(runners[0]), working(runners[1]), working(runners[2]):
        wait_for(lambda: len(done) >= 30)
    assert set(done) == ids
    assert len(done) == 30


def test_a_worker_that_stops_hands_its_job_on_without_counting_the_attempt(database: Database) -> None:
    begun = threading.Event()

    def slow(job: Job) -> None:
        begun.set()
        for number in range(1000):
            job.progress(number, 1000)
            time.sleep(0.02)

    job_id = asked(database)
    with working(Runner(database, {"count": slow})):
        assert begun.wait(5)
    found = state(database, job_id)
    assert (found["state"], found["attempts"]) == ("queued", 0)
    Runner(database, {"count": lambda _job: {}}).run_due()
    assert state(database, job_id)["attempts"] == 1


WORKER = """
import os, signal, sys, threading
from shared.database import Database
from shared.job_runner import Runner

def count(job):
    for number in range(job.checkpoint.get("next", 0), 10):
        with job.transaction():
            job.progress(number + 1, 10, checkpoint={"next": number + 1})
        print(number, flush=True)
        if number == job.payload.get("die_at") and job.attempt <= job.payload.get("deaths", 1):
            os.kill(os.getpid(), signal.SIGKILL)
    return {"attempt": job.attempt}

Runner(Database(sys.argv[1]), {"count": count}, lease=1.0, poll=0.1, attempts=3).run(threading.Event())
"""


def database_url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


@contextmanager
def worker_process(database: Database) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": "."}
    command = [sys.executable, "-c", WORKER, database_url(database)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_job_of_a_killed_worker_is_taken_up_where_it_was(database: Database) -> None:
    job_id = asked(database, die_at=4)
    with worker_process(database) as first:
        assert first.wait(20) == -signal.SIGKILL
    assert state(database, job_id)["state"] == "running", "nobody has noticed yet"
    with worker_process(database) as second:
        wait_for(lambda: state(database, job_id)["state"] == "done", 20)
        assert second.stdout is not None
        assert second.stdout.readline() == "5\n"
    assert state(database, job_id)["result"] == {"attempt": 2}


def test_a_job_that_kills_every_worker_is_given_up(database: Database) -> None:
    job_id = asked(database, die_at=0, deaths=99)
    change(database, job_id, checkpoint={})
    for _ in range(3):
        change(database, job_id, checkpoint={})
        with worker_process(database) as doomed:
            assert doomed.wait(20) == -signal.SIGKILL
    with worker_process(database):
        wait_for(lambda: state(database, job_id)["state"] == "failed", 20)
    found = state(database, job_id)
    assert found["error"] == {"code": "job.gave_up", "facts": {"attempts": 3}}


def test_a_cancel_asked_while_nobody_works_is_heard_when_the_lease_ends(database: Database) -> None:
    job_id = asked(database)
    change(database, job_id, state="running", worker=uuid4())
    with database.transaction() as session:
        assert jobs.cancel(session, ANA, job_id)["state"] == "running"
    Runner(database, {"count": lambda _job: {}}).run_due()
    assert state(database, job_id)["state"] == "cancelled"


def test_a_daily_schedule_names_its_next_local_time() -> None:
    nightly = Schedule("ageing", "age", daily_at=time_of_day(2, 30))
    evening = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)  # 21:00 on the 4th in Central America
    assert nightly.next_after(evening) == datetime(2026, 3, 5, 8, 30, tzinfo=UTC)
    assert nightly.next_after(datetime(2026, 3, 5, 8, 30, tzinfo=UTC)) == datetime(2026, 3, 6, 8, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="either every or daily_at"):
        Schedule("never", "age")


def test_the_clock_asks_for_a_job_when_it_is_due_and_makes_up_once_for_what_was_missed(database: Database) -> None:
    runs: list[dict[str, Any]] = []
    schedules = [Schedule("ageing", "age", every=timedelta(hours=1), payload={"of": "loans"})]
    runner = Runner(database, {"age": lambda job: runs.append(job.payload)}, schedules=schedules)
    assert runner.run_due() == 0, "the first is due in an hour"
    set_next(database, jobs.now() - timedelta(hours=5))
    assert runner.run_due() == 1
    assert runner.run_due() == 0
    assert runs == [{"of": "loans"}]


def test_while_a_scheduled_job_is_open_no_second_one_is_asked_for(database: Database) -> None:
    schedules = [Schedule("ageing", "age", every=timedelta(hours=1))]
    asker = Runner(database, {}, schedules=schedules)
    asker.run_due()
    for _ in range(3):
        set_next(database, jobs.now() - timedelta(seconds=1))
        asker.run_due()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(job_table)) == 1


def test_several_workers_ask_for_a_scheduled_job_once(database: Database) -> None:
    runs: list[UUID] = []
    schedules = [Schedule("ageing", "age", every=timedelta(hours=1))]
    runners = [
        Runner(database, {"age": lambda job: runs.append(job.id)}, schedules=schedules, poll=0.05) for _ in range(3)
    ]
    runners[0].run_due()
    set_next(database, jobs.now() - timedelta(seconds=1))
    with working(runners[0]), working(runners[1]), working(runners[2]):
        wait_for(lambda: len(runs) == 1)
        time.sleep(0.3)
    assert len(runs) == 1


def set_next(database: Database, moment: datetime) -> None:
    with database.transaction() as session:
        session.execute(update(schedule_table).values(next_at=moment))
