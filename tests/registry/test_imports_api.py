"""An import as people do it: uploaded, worked on by the worker, watched, tried first, stopped, read as a report."""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select

from services.registry.models import Enterprise, ImportRun, Submission
from services.registry.upkeep import SCHEDULES
from services.registry.use_cases.import_inventory import forget_old_files
from shared.files import file_table
from shared.job_runner import Runner
from shared.kernel import clock
from shared.testing import person
from tests.registry.house import COORDINATOR, TECHNICIAN, House, enterprise
from tests.registry.workbooks import submission, workbook

TWO = workbook([submission(1), submission(2)])


@contextmanager
def worker(house: House) -> Iterator[Runner]:
    """The registry's worker in a thread."""
    runner = Runner(house.database, house.context.work.handlers(), service="registry", poll=0.05)
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield runner
    finally:
        stop.set()
        thread.join(20)


def finished(house: House, import_id: str, caller: Any = TECHNICIAN) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        shown: dict[str, Any] = house.call("GET", f"/imports/{import_id}", caller).json
        if shown["state"] in {"done", "failed", "cancelled"}:
            return shown
        time.sleep(0.05)
    raise AssertionError("the import does not end")


def test_an_upload_is_taken_in_by_the_worker(house: House) -> None:
    answer = house.upload(TWO, name="../../etc/inventario «marzo».xlsx")
    assert (answer.status_code, answer.json["state"]) == (202, "queued")
    assert answer.json["file_name"] == "inventario «marzo».xlsx"
    with worker(house):
        shown = finished(house, answer.json["id"])
    assert shown["state"] == "done"
    assert (shown["report"]["created"], shown["report"]["problems"]) == (2, [])
    assert shown["file_kept"] is False
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(file_table).where(file_table.c.erased_at.is_(None))) == 0


def test_a_trial_may_be_taken_in_without_uploading_again(house: House) -> None:
    tried = house.upload(TWO, dry_run=True).json
    with worker(house):
        over = finished(house, tried["id"])
        assert (over["dry_run"], over["file_kept"], over["report"]["created"]) == (True, True, 2)
        assert house.call("GET", "/enterprises").json["items"] == []
        begun = house.call("POST", f"/imports/{tried['id']}/commit", TECHNICIAN)
        assert begun.status_code == 202
        real = finished(house, begun.json["id"])
    assert real["report"] == over["report"]
    assert len(house.call("GET", "/enterprises").json["items"]) == 2
    again = house.call("POST", f"/imports/{tried['id']}/commit", TECHNICIAN)
    assert (again.status_code, again.json["code"]) == (409, "import.file_gone")


def test_an_import_that_is_no_finished_trial_is_not_taken_in_again(sqlite_house: House) -> None:
    waiting = sqlite_house.upload(TWO, dry_run=True).json
    answer = sqlite_house.call("POST", f"/imports/{waiting['id']}/commit", TECHNICIAN)
    assert (answer.status_code, answer.json["code"]) == (409, "import.not_a_finished_dry_run")


def test_a_broken_file_fails_with_a_sentence(house: House) -> None:
    begun = house.upload(b"PK\x03\x04 not really").json
    with worker(house):
        shown = finished(house, begun["id"])
    assert (shown["state"], shown["refusal"]["code"], shown["report"]) == ("failed", "file.damaged", None)
    assert "dañado" in shown["refusal"]["detail"]


def test_a_queued_import_is_cancelled(house: House) -> None:
    begun = house.upload(TWO).json
    answer = house.call("POST", f"/imports/{begun['id']}/cancel", TECHNICIAN)
    assert (answer.status_code, answer.json["state"]) == (200, "cancelled")
    again = house.call("POST", f"/imports/{begun['id']}/cancel", TECHNICIAN)
    assert (again.status_code, again.json["code"]) == (409, "job.already_over")
    assert house.call("GET", "/enterprises").json["items"] == []


def test_two_imports_of_the_same_file_at_once_double_nothing(house: House) -> None:
    content = workbook([submission(n) for n in range(1, 31)])
    barrier, reports = threading.Barrier(2), []

    def take() -> None:
        barrier.wait()
        reports.append(house.report(content))

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted((r["created"], r["unchanged"]) for r in reports) == [(0, 30), (30, 0)]
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Enterprise)) == 30
        assert session.scalar(select(func.count()).select_from(Submission)) == 30


def test_an_import_that_was_interrupted_goes_on_where_it_stopped(house: House) -> None:
    from services.registry import jobs
    from services.registry.use_cases.import_inventory import begin_import

    rows = [submission(n, **({"_gps_precision": 90} if n == 1 else {})) for n in range(1, 6)]
    content, work = workbook(rows), house.directly()
    with work.transaction() as session:
        run_id = begin_import(session, work.caller, name="x.xlsx", sha256="0" * 64, dry_run=False).id
    committed, batch = 0, jobs._BATCH

    def dying(done: int, _total: int | None = None) -> None:
        if done == 2:
            raise KeyboardInterrupt

    jobs._BATCH = 2
    try:
        work.show = dying
        try:
            house.context.work.take_in(work, run_id, content)
        except KeyboardInterrupt:
            committed = len(house.call("GET", "/enterprises").json["items"])
        work.show = lambda _done, _total: None
        house.context.work.take_in(work, run_id, content)
    finally:
        jobs._BATCH = batch
    assert committed == 2
    report = house.call("GET", f"/imports/{run_id}", TECHNICIAN).json["report"]
    assert (report["records"], report["created"], len(report["problems"])) == (5, 5, 1)


def test_an_import_is_shown_to_who_started_it_and_to_who_coordinates_its_territory(house: House) -> None:
    fonseca = person("technician", scope="HN17", subject="fonseca")
    begun = house.upload(TWO, caller=fonseca).json
    path = f"/imports/{begun['id']}"
    assert house.call("GET", path, fonseca).status_code == 200
    assert house.call("GET", path, person("coordinator", scope="HN", subject="hn")).status_code == 200
    assert house.call("GET", path, TECHNICIAN).status_code == 404
    assert house.call("GET", path, person("coordinator", scope="SV", subject="sv")).status_code == 404
    for method, suffix in (("GET", "/problems.csv"), ("POST", "/commit"), ("POST", "/cancel")):
        assert house.call(method, path + suffix, TECHNICIAN).status_code == 404
    assert [row["id"] for row in house.call("GET", "/imports", fonseca).json["items"]] == [begun["id"]]
    assert house.call("GET", "/imports", TECHNICIAN).json["items"] == []
    assert len(house.call("GET", "/imports", person("coordinator", scope="HN", subject="hn")).json["items"]) == 1
    assert house.call("GET", "/imports", person("coordinator", scope="SV", subject="sv")).json["items"] == []


def test_only_the_technical_team_brings_files_in(sqlite_house: House) -> None:
    for role in ("credit_officer", "planner", "leda_viewer", "auditor", "admin", "trainer"):
        answer = sqlite_house.upload(TWO, caller=person(role))
        assert (answer.status_code, answer.json["code"]) == (403, "permission.role_missing")


def test_an_upload_that_is_none_is_refused(sqlite_house: House) -> None:
    def send(data: Any, **more: Any) -> tuple[int, str]:
        answer = sqlite_house.call("POST", "/imports", TECHNICIAN, data=data, **more)
        return answer.status_code, answer.json["code"]

    form = "multipart/form-data"
    assert send({"dry_run": "true"}, content_type=form) == (422, "upload.missing")
    assert send({"file": (io.BytesIO(TWO), "x.xlsx"), "dry_run": "yes"}, content_type=form) == (
        422,
        "body.invalid_fields",
    )
    assert send({"file": (io.BytesIO(TWO), "x.xlsx"), "other": "1"}, content_type=form) == (422, "body.invalid_fields")
    assert send("{}", content_type="application/json") == (415, "body.not_multipart")
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.xlsx"\r\n\r\n'
    large = head + b"x" * (65 * 2**20) + b"\r\n--b--\r\n"
    assert send(large, content_type=f"{form}; boundary=b")[0] == 413


def test_the_files_of_trials_that_nobody_followed_up_are_erased_after_a_week(house: House) -> None:
    from datetime import timedelta

    tried = house.upload(TWO, dry_run=True).json
    with worker(house):
        finished(house, tried["id"])
    with house.database.transaction() as session:
        assert forget_old_files(session) == 0
    with clock.frozen(clock.now() + timedelta(days=8)), house.database.transaction() as session:
        assert forget_old_files(session) == 1
    with house.database.reading() as session:
        assert session.scalars(select(ImportRun.file_id)).all() == [None]
    assert {schedule.kind for schedule in SCHEDULES} <= set(house.context.work.handlers())


def test_what_was_registered_while_territory_was_away_is_settled_by_the_worker(house: House) -> None:
    house.territory.away = True
    shown = house.call("POST", "/enterprises", COORDINATOR, json=enterprise()).json
    with worker(house):
        time.sleep(0.5)
        assert house.call("GET", f"/enterprises/{shown['id']}").json["place_state"] == "pending"
        house.territory.away = False
        house.register(name="Otro negocio")
        until = time.monotonic() + 30
        while time.monotonic() < until:
            rows = house.call("GET", "/enterprises?place_state=consistent").json["items"]
            if len(rows) == 2:
                return
            time.sleep(0.1)
    raise AssertionError("the places are not settled")
