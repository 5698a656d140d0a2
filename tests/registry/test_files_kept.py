"""An uploaded file is full of names: however its import ends, it is erased."""

from typing import Any

import pytest
from sqlalchemy import func, select

from services.registry import jobs, upkeep
from services.registry.models import ImportRun
from services.registry.use_cases.import_inventory import forget_old_files
from shared.files import file_table
from shared.job_runner import Runner
from shared.kernel import Refused
from tests.registry.house import COORDINATOR, TECHNICIAN, House
from tests.registry.workbooks import submission, workbook

FOUR = workbook([submission(n) for n in range(1, 5)])


def files_kept(house: House) -> int:
    with house.database.reading() as session:
        kept = select(func.count()).select_from(file_table).where(file_table.c.erased_at.is_(None))
        return int(session.scalar(kept) or 0)


def run_of(house: House, import_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = house.call("GET", f"/imports/{import_id}", TECHNICIAN).json
    return shown


def work(house: House) -> None:
    """One worker does what is due, without going by the clock."""
    Runner(house.database, house.context.work.handlers(), service="registry", attempts=1).run_due()


def sweep(house: House) -> int:
    with house.database.transaction() as session:
        return forget_old_files(session)


def stored_states(house: House) -> list[str]:
    with house.database.reading() as session:
        return list(session.scalars(select(ImportRun.state)))


def test_the_file_of_an_import_that_is_stopped_before_it_begins_is_erased_at_once(house: House) -> None:
    begun = house.upload(FOUR).json
    assert house.call("POST", f"/imports/{begun['id']}/cancel", TECHNICIAN).json["state"] == "cancelled"
    assert (stored_states(house), files_kept(house)) == (["cancelled"], 0)


def broken_after(monkeypatch: pytest.MonkeyPatch, fault: Exception | None, batches: int = 1) -> None:
    """Batches of two; after some of them the work ends with `fault`."""
    take, taken = jobs.import_batch, []

    def taking(*args: Any, **options: Any) -> None:
        if len(taken) == batches and fault is not None:
            raise fault
        taken.append(1)
        take(*args, **options)

    monkeypatch.setattr(jobs, "_BATCH", 2)
    monkeypatch.setattr(jobs, "import_batch", taking)


@pytest.mark.parametrize("fault", [RuntimeError("a defect"), Refused("territory.away")])
def test_an_import_that_is_given_up_is_ended_and_its_file_erased_and_what_it_took_in_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    broken_after(monkeypatch, fault)
    begun = house.upload(FOUR).json
    work(house)
    shown = run_of(house, begun["id"])
    assert (shown["state"], shown["created"], files_kept(house)) == ("failed", 2, 1)
    assert sweep(house) == 1
    assert (stored_states(house), files_kept(house), sweep(house)) == (["failed"], 0, 0)
    shown = run_of(house, begun["id"])
    code = fault.code if isinstance(fault, Refused) else "job.gave_up"
    assert (shown["refusal"]["code"], shown["created"], shown["updated"]) == (code, 2, 0)


def test_an_import_that_is_stopped_on_the_way_is_ended_and_its_file_erased(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = house.upload(FOUR).json
    locate = house.context.work.territory.locate

    def stopped(asked: Any) -> Any:
        house.call("POST", f"/imports/{begun['id']}/cancel", TECHNICIAN)
        return locate(asked)

    monkeypatch.setattr(type(house.context.work.territory), "locate", lambda _self, asked: stopped(asked))
    work(house)
    assert run_of(house, begun["id"])["state"] == "cancelled"
    sweep(house)
    assert (stored_states(house), files_kept(house)) == (["cancelled"], 0)


def test_the_sweep_leaves_an_import_under_way_alone(house: House) -> None:
    house.upload(FOUR)
    assert (sweep(house), files_kept(house)) == (0, 1)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_withdrawal_erases_the_file_of_an_import_that_waits_for_its_turn(house: House, *, dry_run: bool) -> None:
    woman = house.register()["owners"][0]
    begun = house.upload(FOUR, dry_run=dry_run).json
    answer = house.call("DELETE", f"/entrepreneurs/{woman['id']}", COORDINATOR, version=woman["version"])
    assert (answer.json["erased"]["import_files"], files_kept(house)) == (1, 0)
    work(house)
    shown = run_of(house, begun["id"])
    assert (shown["state"], shown["refusal"]["code"]) == ("failed", "import.file_erased")


def test_a_withdrawal_erases_the_file_of_an_import_that_was_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_after(monkeypatch, RuntimeError("a defect"))
    house.upload(FOUR)
    work(house)
    woman = house.call("GET", "/enterprises").json["items"][0]["owners"][0]["id"]
    assert house.call("DELETE", f"/entrepreneurs/{woman}", COORDINATOR, version=1).status_code == 200
    assert (stored_states(house), files_kept(house)) == (["failed"], 0)


def test_the_sweep_is_planned_for_every_few_minutes() -> None:
    planned = next(schedule for schedule in upkeep.SCHEDULES if schedule.kind == upkeep.FORGET_FILES)
    assert planned.every is not None
