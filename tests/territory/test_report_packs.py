"""Packs of reports: ordered, made by the worker, gone on with, stopped, taken home; each its maker's own."""

import io
import zipfile
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.territory.models import ReportPack
from services.territory.use_cases import pack_reports
from shared.files import file_table
from shared.jobs import job_table
from shared.kernel import clock
from shared.testing import person
from tests.territory.conftest import register

pytestmark = pytest.mark.both_databases

COORDINATOR = person("coordinator", scope=("HN17", "HN06"), subject="coordinadora")
OTHER = person("coordinator", scope="HN17", subject="otra")
PACK = {"title": "Informes de Valle", "units": ["HN17"], "kinds": ["municipal", "departmental"], "monthly": True}


@pytest.fixture
def gulf(service: SimpleNamespace) -> SimpleNamespace:
    with service.database.transaction() as session:
        register(session, 12)
    return service


def order(service: Any, **more: Any) -> Any:
    return service.call(COORDINATOR, "POST", "/report-packs", json=PACK | more)


def work(service: Any) -> None:
    next(loop for loop in service.built.worker.loops if loop.name == "territory-jobs").run_due()


def show(service: Any, row: dict[str, Any]) -> Any:
    return service.get(COORDINATOR, f"/report-packs/{row['id']}").json


def zipped(service: Any, row: dict[str, Any]) -> bytes:
    return bytes(service.get(COORDINATOR, f"/report-packs/{row['id']}/file").get_data())


def test_a_pack_holds_every_report_and_is_the_same_bytes_again(gulf: SimpleNamespace) -> None:
    row = order(gulf).json
    work(gulf)
    found = show(gulf, row)
    first = zipped(gulf, row)

    assert (found["job"]["state"], found["job"]["done"], found["job"]["total"]) == ("done", 10, 10)
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert len(archive.namelist()) == 10
        month = found["file_month"]
        single = gulf.get(COORDINATOR, "/reports/municipal/HN1709/document").get_data()
        assert archive.read(f"informe-HN1709-{month}.pdf") == single

    version = {"If-Match": f'"{found["version"]}"'}
    assert gulf.call(COORDINATOR, "POST", f"/report-packs/{row['id']}/making", headers=version).status_code == 200
    work(gulf)
    assert zipped(gulf, row) == first
    with gulf.database.reading() as session:
        kept = session.scalars(select(file_table.c.id).where(file_table.c.erased_at.is_(None))).all()
    assert len(kept) == 1, "the parts and the file before are gone"


def test_a_pack_of_chains_holds_a_report_of_each_that_is_there(gulf: SimpleNamespace) -> None:
    with gulf.database.transaction() as session:
        register(session, 7, "HN1701", chain="cashew")
    row = order(gulf, kinds=["chain"]).json
    work(gulf)
    month = show(gulf, row)["file_month"]

    with zipfile.ZipFile(io.BytesIO(zipped(gulf, row))) as archive:
        assert sorted(archive.namelist()) == [f"informe-{chain}-HN17-{month}.pdf" for chain in ("cashew", "fishing")]


def test_a_pack_that_was_interrupted_goes_on_where_it_stopped(
    gulf: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.territory.use_cases.print_many._A_TASK", 4)
    row = order(gulf).json
    printed, real = [], pack_reports.print_many

    def breaking(press: Any, wanted: Any, **how: Any) -> Any:
        printed.append(len(wanted))
        for number, papers in enumerate(real(press, wanted, **how)):
            if number == 1 and len(printed) == 1:
                raise RuntimeError("the power went out")
            yield papers

    monkeypatch.setattr(pack_reports, "print_many", breaking)
    work(gulf)
    with clock.frozen(clock.now() + timedelta(hours=1)):
        with gulf.database.transaction() as session:
            session.execute(update(job_table).values(due_at=clock.now() - timedelta(hours=2)))
        work(gulf)

    assert printed == [10, 6]
    with zipfile.ZipFile(io.BytesIO(zipped(gulf, row))) as archive:
        assert len(set(archive.namelist())) == 10


def test_a_pack_can_be_stopped_and_leaves_nothing(gulf: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.territory.use_cases.print_many._A_TASK", 4)
    monkeypatch.setattr("shared.jobs._SHOW_EVERY", 0.0)
    row = order(gulf).json
    real = pack_reports.print_many

    def stopping(press: Any, wanted: Any, **how: Any) -> Any:
        for number, papers in enumerate(real(press, wanted, **how)):
            if number == 1:
                assert gulf.call(COORDINATOR, "POST", f"/report-packs/{row['id']}/cancel").status_code == 200
            yield papers

    monkeypatch.setattr(pack_reports, "print_many", stopping)
    work(gulf)

    found = show(gulf, row)
    assert (found["job"]["state"], found["has_file"]) == ("cancelled", False)
    with gulf.database.reading() as session:
        assert session.scalars(select(file_table.c.id).where(file_table.c.erased_at.is_(None))).all() == []
    again = gulf.call(COORDINATOR, "POST", f"/report-packs/{row['id']}/cancel")
    assert (again.status_code, again.json["code"]) == (409, "report_pack.not_under_way")


def test_a_monthly_pack_is_asked_for_once_a_month(gulf: SimpleNamespace) -> None:
    row = order(gulf).json
    order(gulf, title="Una vez", monthly=False)
    work(gulf)
    with gulf.database.transaction() as session:
        pack_reports.ask_what_is_due(_job(session))
        assert session.scalars(select(job_table.c.id).where(job_table.c.state == "queued")).all() == []
        session.execute(update(ReportPack).values(asked_month="2020-01"))
        pack_reports.ask_what_is_due(_job(session))
        pack_reports.ask_what_is_due(_job(session))
        waiting = session.execute(select(job_table.c.payload).where(job_table.c.state == "queued")).all()
    assert [UUID(job.payload["id"]) for job in waiting] == [UUID(row["id"])]


def _job(session: Any) -> Any:
    from contextlib import nullcontext

    return SimpleNamespace(transaction=lambda: nullcontext(session))


def test_a_pack_is_its_makers_own(gulf: SimpleNamespace) -> None:
    row = order(gulf).json

    for path in ("", "/file"):
        assert gulf.get(OTHER, f"/report-packs/{row['id']}{path}").status_code == 404
    assert gulf.call(OTHER, "POST", f"/report-packs/{row['id']}/cancel").status_code == 404
    assert gulf.get(OTHER, "/report-packs").json["items"] == []
    assert [one["title"] for one in gulf.get(COORDINATOR, "/report-packs").json["items"]] == ["Informes de Valle"]


@pytest.mark.parametrize(
    ("more", "status"),
    [({"units": ["GT01"]}, 403), ({"units": []}, 422), ({"units": ["HN99"]}, 422), ({"kinds": ["territorial"]}, 422),
     ({"form": "exe"}, 422), ({"title": "../x"}, 422)],
)  # fmt: skip
def test_what_cannot_be_packed_is_refused(gulf: SimpleNamespace, more: dict[str, Any], status: int) -> None:
    assert order(gulf, **more).status_code == status


def test_a_pack_under_way_is_not_begun_again_nor_removed(gulf: SimpleNamespace) -> None:
    row = order(gulf).json
    version = {"If-Match": f'"{row["version"]}"'}

    assert gulf.call(COORDINATOR, "POST", f"/report-packs/{row['id']}/making", headers=version).status_code == 409
    assert gulf.call(COORDINATOR, "DELETE", f"/report-packs/{row['id']}", headers=version).status_code == 409
    assert gulf.get(COORDINATOR, f"/report-packs/{row['id']}/file").status_code == 404

    work(gulf)
    version = {"If-Match": f'"{show(gulf, row)["version"]}"'}
    assert gulf.call(COORDINATOR, "DELETE", f"/report-packs/{row['id']}", headers=version).status_code == 204
    assert gulf.get(COORDINATOR, f"/report-packs/{row['id']}").status_code == 404
