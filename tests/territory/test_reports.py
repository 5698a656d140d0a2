"""Reports: their first page by stated rules, the way of proposals, the same numbers in every form."""

import io
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from services.territory import reference
from services.territory.cli import group
from services.territory.models import ReportPack
from services.territory.queries import report_proposals
from services.territory.queries.issued import verification
from services.territory.queries.publications import publications_of
from services.territory.use_cases.print_report import Issue, issue_report
from services.territory.use_cases.publish_figures import publish_figures
from shared.database import Database
from shared.identity import Caller
from shared.kernel import Invalid, clock
from shared.testing import person
from tests.territory.conftest import form_group, lend, register
from tests.territory.test_proposals import COORDINATOR, on_the_way, propose, step

pytestmark = pytest.mark.both_databases

PLANNER = person("planner", scope="HN17")
ONE = "/reports/municipal/HN1709"


@pytest.fixture
def gulf(service: SimpleNamespace) -> SimpleNamespace:
    """San Lorenzo with twelve enterprises, a month ago seven, and Nacaome with ten."""
    with service.database.transaction() as session:
        first = register(session, 7, links=["production"]) + register(
            session, 6, "HN1701", links=["production"], formal=True
        )
        for enterprise in first[:6]:
            lend(session, enterprise)
        form_group(session, first[:5])
        register(session, 4, "HN1701", links=["marketing"], chain="cashew", formal=True)
    with clock.frozen(clock.now() - timedelta(days=40)), service.database.transaction() as session:
        publish_figures(session, Caller.operator("prueba"), "HN17")
    with service.database.transaction() as session:
        register(session, 5, links=["production"])
    return service


def told(service: Any, path: str = ONE, who: Caller = PLANNER) -> Any:
    answer = service.get(who, path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_the_first_page_has_six_figures_with_their_change(gulf: SimpleNamespace) -> None:
    rows = {row["code"]: row for row in told(gulf)["summary"]["headlines"]}

    assert list(rows) == ["enterprises", "women", "formal", "validated", "in_training", "loans"]
    assert (rows["enterprises"]["value"], rows["enterprises"]["around"], rows["enterprises"]["change"]) == (12, 22, 5)
    assert rows["loans"]["change"] == 0


def test_findings_and_asks_are_three_sentences_each(gulf: SimpleNamespace) -> None:
    summary = told(gulf)["summary"]

    assert [row["code"] for row in summary["findings"]] == [
        "finding.grew",
        "finding.below.formal",
        "finding.above.in_training",
    ]
    assert summary["findings"][0]["text"] == "Los emprendimientos aumentaron de 7 a 12 desde el último mes publicado."
    assert [row["code"] for row in summary["asks"]] == ["ask.fill_link", "ask.credit", "ask.formalise"]
    assert all("…" not in row["text"] for row in (*summary["findings"], *summary["asks"]))


def test_a_proposal_shows_once_it_is_submitted_and_a_draft_does_not(gulf: SimpleNamespace) -> None:
    propose(gulf)
    assert told(gulf)["tracker"]["submitted"] == 0

    on_the_way(gulf, "submitted")
    tracker = told(gulf)["tracker"]

    assert [row["state"] for row in tracker["proposals"]] == ["submitted"]
    assert [one["state"] for one in tracker["proposals"][0]["steps"]] == ["proposed", "submitted"]
    assert tracker["proposals"][0]["asked"] == {"amount": "340001.00", "currency": "HNL"}
    assert told(gulf)["summary"]["asks"][0]["code"] == "ask.decide"


def test_no_person_is_named_in_a_report(gulf: SimpleNamespace) -> None:
    on_the_way(gulf, "submitted")

    assert "Delegada Ficticia" not in gulf.get(PLANNER, ONE).get_data(as_text=True)


def test_the_pdf_tells_the_same_summary_proposals_costs_and_glossary(gulf: SimpleNamespace) -> None:
    row = on_the_way(gulf, "submitted")
    row = step(gulf, COORDINATOR, row, "debated", act="Acta 12-2026").json
    report = told(gulf)
    pdf = text_of(gulf.get(PLANNER, f"{ONE}/document").get_data())

    for said in (*report["summary"]["findings"], *report["summary"]["asks"]):
        assert said["text"].split(",")[0].split("(")[0].strip() in pdf
    for words in (
        "Centro de acopio de camarón",
        "Acta 12-2026",
        "Cuarto frío",
        "L 340,001.00",
        "Glosario",
        "Eslabón que falta",
    ):
        assert words in pdf.replace("\xa0", " ")


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_empty_municipality_has_a_first_page_that_says_what_to_do(service: SimpleNamespace, language: str) -> None:
    summary = told(service, f"{ONE}?language={language}")["summary"]

    assert [row["code"] for row in summary["findings"]] == ["finding.nothing"]
    assert [row["code"] for row in summary["asks"]] == ["ask.register"]
    assert service.get(PLANNER, f"{ONE}/document?language={language}").get_data().startswith(b"%PDF")


def test_reports_before_the_second_month_say_that_there_is_no_change(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 12)

    report = told(service)

    assert report["previous"] is None
    assert all(row["change"] is None for row in report["summary"]["headlines"])
    assert "No hay un mes anterior publicado con el que medir el cambio." in report["method"]


def test_a_change_is_not_told_where_either_month_is_withheld(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 3)
    with clock.frozen(clock.now() - timedelta(days=40)), service.database.transaction() as session:
        publish_figures(session, Caller.operator("prueba"), "HN17")
    with service.database.transaction() as session:
        register(session, 9)

    row = told(service)["summary"]["headlines"][0]

    assert (row["value"], row["change"]) == (12, None)


@pytest.mark.parametrize("came", [1, 4, 5])
def test_no_file_of_a_month_tells_that_few_came(service: SimpleNamespace, came: int) -> None:
    """Whoever keeps the files of several months still subtracts them: that is not covered."""
    with service.database.transaction() as session:
        register(session, 20)
    with clock.frozen(clock.now() - timedelta(days=40)), service.database.transaction() as session:
        publish_figures(session, Caller.operator("prueba"), "HN17")
    with service.database.transaction() as session:
        register(session, came)

    for path in (ONE, "/reports/departmental/HN17"):
        summary = told(service, path)["summary"]
        book = service.get(PLANNER, f"{path}/document?format=xlsx").get_data()
        sheets = CalamineWorkbook.from_filelike(io.BytesIO(book))
        rows = [row for name in sheets.sheet_names for row in sheets.get_sheet_by_name(name).to_python()]
        row = next(row for row in rows if row[0] == summary["headlines"][0]["label"])

        assert summary["headlines"][0]["value"] == 20 + came
        assert summary["headlines"][0]["change"] == (5 if came == 5 else None)
        assert row[-1] == (5 if came == 5 else "")
        assert any(one["code"] == "finding.grew" for one in summary["findings"]) == (came == 5)


@pytest.mark.parametrize("form", ["pdf", "xlsx", "html", "gpkg"])
def test_every_form_is_the_same_bytes_twice(gulf: SimpleNamespace, form: str) -> None:
    on_the_way(gulf, "submitted")
    first = gulf.get(PLANNER, f"{ONE}/document?format={form}")
    with clock.frozen(clock.now() + timedelta(seconds=61)):
        second = gulf.get(PLANNER, f"{ONE}/document?format={form}")

    assert first.status_code == 200
    assert f"informe-HN1709.{form}" in first.headers["Content-Disposition"]
    assert first.get_data() == second.get_data()


def test_workbook_page_and_geopackage_tell_the_numbers_of_the_report(gulf: SimpleNamespace) -> None:
    on_the_way(gulf, "submitted")
    with gulf.database.transaction() as session:
        register(session, 2, "HN1703")
    gulf.call(COORDINATOR, "POST", "/publications", json={"department": "HN17"})
    report = told(gulf)
    book = CalamineWorkbook.from_filelike(io.BytesIO(gulf.get(PLANNER, f"{ONE}/document?format=xlsx").get_data()))
    page = gulf.get(PLANNER, f"{ONE}/document?format=html").get_data(as_text=True)
    package = gulf.get(PLANNER, f"{ONE}/document?format=gpkg").get_data()

    rows = {row[0]: row[1:] for row in book.get_sheet_by_name("El inventario").to_python()}
    counts = [report[which]["enterprises"] for which in ("inventory", "department_inventory")]
    assert rows["Emprendimientos"] == ["reservado" if count is None else count for count in counts]
    assert book.get_sheet_by_name("Costos de las propuestas").to_python()[1][:3] == [
        "Centro de acopio de camarón",
        2027,
        "Cuarto frío",
    ]
    assert "Centro de acopio de camarón" in page
    assert all(one["text"].replace('"', "&#34;") in page for one in report["summary"]["findings"])
    assert not re.search(r"<script|src=|@import|url\((?!#)", page)
    layer = {row["name"]: row for row in features_of(package)}
    assert {name: row["enterprises"] for name, row in layer.items()} == {
        row["name"]: row["enterprises"] for row in report["map"]["units"]
    }
    assert "enterprises" in layer["Amapala"]["withheld"]
    assert book.get_sheet_by_name("Acerca de").to_python()[5][0].split("/verify/")[1] in page


def features_of(package: bytes) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.deserialize(package)
        opened.row_factory = sqlite3.Row
        assert (
            opened.execute("SELECT last_change FROM gpkg_contents").fetchone()[0]
            < f"{clock.now():%Y-%m-%dT%H:%M:%S.999Z}"
        )
        return [dict(row) for row in opened.execute("SELECT name, enterprises, withheld FROM report")]


def test_what_somebody_wrote_is_text_in_the_page_and_no_formula_in_the_workbook(gulf: SimpleNamespace) -> None:
    title = "=HYPERLINK('x')<script>alert(1)</script>"
    with clock.frozen(clock.now() - timedelta(days=100)):
        row = propose(gulf, title=title).json
    step(gulf, COORDINATOR, row, "submitted", 60)

    page = gulf.get(PLANNER, f"{ONE}/document?format=html").get_data(as_text=True)
    book = CalamineWorkbook.from_filelike(io.BytesIO(gulf.get(PLANNER, f"{ONE}/document?format=xlsx").get_data()))

    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert book.get_sheet_by_name("Propuestas").to_python()[1][0].startswith("'=")


def test_a_form_that_there_is_not_is_refused(gulf: SimpleNamespace) -> None:
    assert gulf.get(PLANNER, f"{ONE}/document?format=exe").status_code == 422


LEDA = person("leda_viewer", scope=("HN17", "HN0601"))


def test_a_department_is_reported_by_its_municipalities(gulf: SimpleNamespace) -> None:
    report = told(gulf, "/reports/departmental/HN17")

    assert (report["kind"], report["name"], report["around"]) == ("departmental", "Valle", None)
    assert report["inventory"]["enterprises"] == 22
    assert report["summary"]["headlines"][0]["change"] == 5
    assert report["department_inventory"] is None
    assert len(report["map"]["units"]) == 9
    assert report["summary"]["shares"] == []


def test_a_territory_is_the_sum_of_its_places_and_withheld_where_one_of_them_is(gulf: SimpleNamespace) -> None:
    with gulf.database.transaction() as session:
        register(session, 11, "HN0601", links=["production"], formal=True)
        register(session, 3, "HN0601", chain="cashew", links=["marketing"])
    report = told(gulf, "/reports/territorial", LEDA)

    assert report["units"] == ["HN0601", "HN17"]
    parts = [told(gulf, "/reports/departmental/HN17"), told(gulf, "/reports/municipal/HN0601", LEDA)]
    for name in ("enterprises", "formal", "informal"):
        counts = [part["inventory"][name] for part in parts]
        assert report["inventory"][name] == (None if None in counts else sum(counts))
    assert None in [part["inventory"][name] for part in parts for name in ("formal", "informal", "enterprises")]


@pytest.mark.parametrize("path", ["/reports/departmental/HN17", "/reports/territorial?unit=HN17,HN0601"])
@pytest.mark.parametrize("form", ["pdf", "xlsx", "html", "gpkg"])
def test_every_report_comes_in_every_form(gulf: SimpleNamespace, path: str, form: str) -> None:
    on_the_way(gulf, "submitted")
    address, _, query = path.partition("?")
    answer = gulf.get(LEDA, f"{address}/document?format={form}&{query}")

    assert answer.status_code == 200
    assert answer.get_data()
    assert gulf.get(LEDA, f"{address}/document?format={form}&{query}").get_data() == answer.get_data()


def test_a_departmental_report_can_be_verified(gulf: SimpleNamespace) -> None:
    page = gulf.get(PLANNER, "/reports/departmental/HN17/document?format=html").get_data(as_text=True)
    (code,) = set(re.findall(r"/verify/([0-9a-f]{64})", page))

    verified = gulf.get(Caller.service("portal"), f"/documents/{code}/verification").json

    assert (verified["kind"], verified["title"]) == ("departmental_report", "Informe departamental: Valle")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/reports/departmental/HN06", 403), ("/reports/departmental/HN99", 404), ("/reports/territorial?unit=HN06", 403),
     ("/reports/territorial?unit=XX", 422), ("/reports/departmental/HN06/document", 403)],
)  # fmt: skip
def test_what_lies_outside_her_scope_is_not_reported(gulf: SimpleNamespace, path: str, status: int) -> None:
    assert gulf.get(PLANNER, path).status_code == status


def test_a_planner_of_one_municipality_gets_no_report_of_its_department(gulf: SimpleNamespace) -> None:
    assert gulf.get(person("planner", scope="HN1709"), "/reports/departmental/HN17").status_code == 403


def command(service: SimpleNamespace, *words: str) -> Any:
    house = SimpleNamespace(service=lambda _: service.built)
    return CliRunner().invoke(group, words, obj=house, catch_exceptions=False)


@pytest.mark.parametrize("processes", ["1", "2"])
def test_all_reports_of_a_department_are_written_and_only_new_ones_again(
    gulf: SimpleNamespace, tmp_path: Path, processes: str
) -> None:
    words = ("reports", "--all", "HN17", "-o", str(tmp_path / "informes"), "--processes", processes,
             "--kind", "municipal", "--kind", "departmental")  # fmt: skip
    first = command(gulf, *words)
    files = sorted((tmp_path / "informes").glob("*.pdf"))

    assert "10 new of 10" in first.output
    assert len(files) == 10
    assert all(file.read_bytes().startswith(b"%PDF") for file in files)
    single = gulf.get(PLANNER, f"{ONE}/document").get_data()
    month = told(gulf)["published"]
    assert (tmp_path / "informes" / f"informe-HN1709-{month}.pdf").read_bytes() == single

    files[1].unlink()
    on_the_way(gulf, "submitted")
    again = command(gulf, *words)
    assert "3 new of 10" in again.output, "the one that was gone, San Lorenzo with its new proposal, and the department"


def test_reports_of_an_unknown_place_are_refused(gulf: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        command(gulf, "reports", "--all", "HN99", "-o", str(tmp_path))


def test_what_is_printed_is_remembered_once_on_both_databases(database: Database) -> None:
    issue = Issue("ab" * 32, "territorial", "HN06, HN17", "HN06-HN17-2026-11", "es")
    for _ in range(2):
        with database.transaction() as session:
            issue_report(session, issue)

    with database.reading() as session:
        assert verification(session, "ab" * 16) is not None
        assert report_proposals.submitted(session, ["HN17"], inside=True) == []
        assert publications_of(session, "HN17").before("2026-11") is None
        assert session.scalars(select(ReportPack)).all() == []


def test_withheld_links_are_drawn_small_even_where_all_are(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 3, links=["production"])

    drawing = told(service)["links_drawing"]["drawing"]

    assert [float(radius) for radius in re.findall(r'r="([\d.]+)" fill="#0b5563"', drawing)] == [pytest.approx(4.5)]


def test_forty_municipalities_together_are_printed(service: SimpleNamespace) -> None:
    codes = sorted(code for code in reference.municipalities() if code.startswith("HN"))[:40]

    asked = f"/reports/territorial/document?unit={','.join(codes)}&format=xlsx"
    answer = service.get(person("planner", scope="HN"), asked)

    assert answer.status_code == 200, answer.get_data(as_text=True)
