"""Two hands at the same moment: on the same trial, and on a record that an import is just changing."""

import threading
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import func, select

from services.registry import jobs
from services.registry.api import imports as api
from services.registry.models import ImportRun
from services.registry.use_cases import import_inventory
from shared.kernel import Stale
from shared.testing import person
from tests.registry.house import API, COORDINATOR, TECHNICIAN, House
from tests.registry.test_files_kept import FOUR, work
from tests.registry.workbooks import submission, workbook


def test_two_clicks_on_take_it_in_now_begin_one_import(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = house.upload(FOUR, dry_run=True).json
    work(house)
    both, seen, answers, held = threading.Barrier(2), api.queries.visible_import, [], []

    def seen_by_both(*args: Any) -> Any:
        run = seen(*args)
        held.append(run)  # as long as somebody holds the row as it was read, a session gives it back unread
        with suppress(threading.BrokenBarrierError):
            both.wait(1)
        return run

    monkeypatch.setattr(api.queries, "visible_import", seen_by_both)

    def click() -> None:
        answers.append(house.call("POST", f"/imports/{tried['id']}/commit", TECHNICIAN).status_code)

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join(30)
    assert sorted(answers) == [202, 409]
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ImportRun).where(~ImportRun.dry_run)) == 1


def test_a_change_by_hand_waits_for_the_import_that_is_at_the_same_record(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.report(workbook([submission(1)]))
    shown = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    carry_out, answers = import_inventory._carry_out, []

    def by_hand() -> None:
        path, change = f"/enterprises/{shown['id']}", {"jobs_women": 7}
        answers.append(house.call("PATCH", path, version=shown["version"], json=change).status_code)

    hand = threading.Thread(target=by_hand)

    def meanwhile(*args: Any) -> None:
        hand.start()
        hand.join(1)
        carry_out(*args)

    monkeypatch.setattr(import_inventory, "_carry_out", meanwhile)
    assert house.report(workbook([submission(1, nombre_neg="Nueva")]))["updated"] == 1
    hand.join(30)
    assert answers == [412]
    assert house.call("GET", f"/enterprises/{shown['id']}").json["name"] == "Nueva"


def test_a_batch_that_somebody_was_faster_than_is_decided_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    take, faults = jobs.import_batch, [Stale("changed_meanwhile")]

    def overtaken_once(*args: Any, **options: Any) -> None:
        take(*args, **options)
        if faults:
            raise faults.pop()

    monkeypatch.setattr(jobs, "import_batch", overtaken_once)
    assert house.report(FOUR)["created"] == 4


def test_a_coordinator_stops_the_import_of_another(house: House) -> None:
    begun = house.upload(FOUR).json
    stopped = house.call("POST", f"/imports/{begun['id']}/cancel", COORDINATOR)
    assert (stopped.status_code, stopped.json["state"]) == (200, "cancelled")
    assert house.call("GET", f"/imports/{begun['id']}", TECHNICIAN).json["state"] == "cancelled"


def test_the_list_of_imports_is_full_to_the_last_page_whoever_reads_it(sqlite_house: House) -> None:
    fonseca, valle = person("technician", scope="SV", subject="sv"), person("technician", scope="HN17", subject="hn17")
    for number in range(6):
        sqlite_house.upload(FOUR, caller=valle if number % 2 else fonseca)
    mine = person("coordinator", scope="HN", subject="hn")
    first = sqlite_house.call("GET", "/imports?limit=2", mine)
    assert len(first.json["items"]) == 2
    following = first.headers["Link"].partition("<")[2].partition(">")[0].removeprefix(API)
    second = sqlite_house.call("GET", following, mine)
    assert (len(second.json["items"]), "Link" in second.headers) == (1, False)
    assert len(sqlite_house.call("GET", "/imports", valle).json["items"]) == 3
    assert len(sqlite_house.call("GET", "/imports", COORDINATOR).json["items"]) == 6


def test_the_imports_of_her_territory_are_found_in_either_database(house: House) -> None:
    house.upload(FOUR, caller=person("technician", scope="HN17", subject="hn17"))
    assert len(house.call("GET", "/imports", person("coordinator", scope="HN")).json["items"]) == 1
    assert house.call("GET", "/imports", person("coordinator", scope="SV")).json["items"] == []
