"""The commands for report packs, for reports of larger places and for what was printed."""

import io
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from shared.kernel import Invalid, NotFound, Refused
from shared.testing import person
from tests.territory.commands.conftest import Run
from tests.territory.conftest import register
from tests.territory.test_report_packs import PACK, work

NOBODY = "0190a0a0-0000-7000-8000-000000000000"


@pytest.fixture
def gulf(service: SimpleNamespace) -> SimpleNamespace:
    with service.database.transaction() as session:
        register(session, 12)
    return service


def test_a_pack_is_ordered_made_and_taken_home(gulf: SimpleNamespace, run: Run, tmp_path: Path) -> None:
    pack = run("report-packs", "order", "Informes ficticios", "--unit", "HN17", "--kind", "departmental").strip()
    assert "queued 0/" in run("report-packs", "list")
    with pytest.raises(NotFound, match=r"report_pack\.no_file"):
        run("report-packs", "download", pack, "-o", tmp_path / "nada.zip")

    work(gulf)

    assert "done 1/1" in run("report-packs", "list")
    shown = run("report-packs", "show", pack)
    assert "Informes ficticios: departmental; HN17" in shown
    assert ".pdf, es, once" in shown
    out = tmp_path / "informes.zip"
    run("report-packs", "download", pack, "-o", out)
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as archive:
        assert [name.split("-")[1] for name in archive.namelist()] == ["HN17"]
    run("report-packs", "remove", pack)
    assert run("report-packs", "list") == ""


def test_a_pack_under_way_is_stopped_and_made_again(gulf: SimpleNamespace, run: Run) -> None:
    pack = run("report-packs", "order", "Otros informes", "--unit", "HN17", "--monthly").strip()
    for verb in ("make", "remove"):
        with pytest.raises(Refused, match=r"report_pack\.under_way"):
            run("report-packs", verb, pack)

    run("report-packs", "cancel", pack)
    with pytest.raises(Refused, match=r"report_pack\.not_under_way"):
        run("report-packs", "cancel", pack)
    run("report-packs", "make", pack)
    work(gulf)

    assert "done 9/9" in run("report-packs", "show", pack)
    assert "every month" in run("report-packs", "show", pack)


def test_what_is_wrong_with_an_order_is_refused(gulf: SimpleNamespace, run: Run) -> None:
    with pytest.raises(Invalid, match=r"unit\.unknown"):
        run("report-packs", "order", "Informes", "--unit", "HN99")
    with pytest.raises(Invalid, match=r"body\.invalid_fields"):
        run("report-packs", "order", "a/b", "--unit", "HN17")
    assert "--kind" in run("report-packs", "order", "Informes", "--unit", "HN17", "--kind", "planets", code=2)
    for verb in ("show", "make", "cancel", "remove"):
        with pytest.raises(NotFound, match=r"report_pack\.unknown"):
            run("report-packs", verb, NOBODY)


def test_the_pack_of_somebody_else_is_hers(gulf: SimpleNamespace, run: Run, tmp_path: Path) -> None:
    pack = gulf.call(person("coordinator", scope="HN17"), "POST", "/report-packs", json=PACK).json["id"]

    assert run("report-packs", "list") == ""
    with pytest.raises(NotFound, match=r"report_pack\.unknown"):
        run("report-packs", "download", pack, "-o", tmp_path / "informes.zip")


def test_a_department_and_a_territory_are_reported_and_verified(
    gulf: SimpleNamespace, run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "informe.xlsx"
    run("report", "HN17", "-o", out, "--format", "xlsx")
    planner = person("planner", scope="HN17")
    assert out.read_bytes() == gulf.get(planner, "/reports/departmental/HN17/document?format=xlsx").get_data()
    run("report", "HN1709", "HN1701", "-o", out, "--format", "xlsx")
    asked = "/reports/territorial/document?unit=HN1709,HN1701&format=xlsx"
    assert out.read_bytes() == gulf.get(planner, asked).get_data()
    with pytest.raises(NotFound, match=r"unit\.unknown"):
        run("report", "HN99", "-o", out)
    with pytest.raises(Invalid, match=r"unit\.unknown"):
        run("report", "XX", "-o", out)


def test_a_printed_report_is_known_by_its_hash(gulf: SimpleNamespace, run: Run, tmp_path: Path) -> None:
    from sqlalchemy import select

    from services.territory.models import IssuedReport

    run("report", "HN1709", "-o", tmp_path / "informe.html", "--format", "html")
    with gulf.database.reading() as session:
        issued = session.scalars(select(IssuedReport)).one()

    assert f"{issued.number}, " in run("verify", issued.hash[:16])
    assert run("verify", issued.hash, "--language", "en") != run("verify", issued.hash)
    for wrong in ("0" * 16, issued.hash[:8]):
        with pytest.raises(NotFound, match=r"verification\.unknown"):
            run("verify", wrong)
